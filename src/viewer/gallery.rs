//! The gallery: every built-in scenario with its picture at time zero, its question and its evidence; and the way to open a
//! file.

mod card;

use std::sync::mpsc::{Receiver, channel};

use egui::{
    Align, Button, CornerRadius, Frame, Layout as Direction, Margin, RichText, ScrollArea, Sense,
    Stroke, TextEdit, TextureHandle, TextureOptions, Ui, vec2,
};

use crate::scenario::{BUILT_IN, Scenario};

use super::controls::Controls;
use super::panel::{alarm, note};
use super::style::{SMALL, Tones};
use super::worker::Wake;
use card::{Card, THUMB_PX};

/// Least width of a card, points.
const CARD: f32 = 272.0;
/// Between two cards, points.
const GAP: f32 = 14.0;

/// The gallery and what was typed into it.
pub(super) struct Gallery {
    cards: Vec<(Card, Option<TextureHandle>)>,
    coming: Receiver<Card>,
    path: String,
    error: Option<String>,
}

impl Gallery {
    /// Begins to prepare the cards in a thread of its own.
    pub(super) fn new(wake: Wake) -> Self {
        let (outbox, coming) = channel();
        let paint = move || {
            for (name, _) in BUILT_IN {
                // Nobody looks any more once the window has closed.
                if outbox.send(Card::of(name)).is_err() {
                    return;
                }
                wake();
            }
        };
        let thread = std::thread::Builder::new().name("invado gallery".to_string());
        if let Err(why) = thread.spawn(paint) {
            log::error!("no thread for the gallery: {why}");
        }
        Self {
            cards: Vec::new(),
            coming,
            path: String::new(),
            error: None,
        }
    }

    /// Shows why a scenario could not be opened.
    pub(super) fn fail(&mut self, why: String) {
        self.error = Some(why);
    }

    /// Forgets what is on a device that is gone.
    pub(super) fn forget_textures(&mut self) {
        for (_, texture) in &mut self.cards {
            *texture = None;
        }
    }

    /// Whether every card is there.
    pub(super) fn is_complete(&self) -> bool {
        self.cards.len() == BUILT_IN.len()
    }

    /// Lays it out; returns the scenario to open, if one was chosen.
    pub(super) fn show(&mut self, ui: &mut Ui, controls: &mut Controls) -> Option<Scenario> {
        self.cards
            .extend(self.coming.try_iter().map(|card| (card, None)));
        for (card, texture) in &mut self.cards {
            if let (None, Some(image)) = (&texture, &card.image) {
                let options = TextureOptions::LINEAR;
                *texture = Some(ui.ctx().load_texture(&card.name, image.clone(), options));
            }
        }
        let dropped = ui.ctx().input(|input| {
            let files = &input.raw.dropped_files;
            files
                .first()
                .map(|file| file.path().to_string_lossy().into_owned())
        });
        let mut wanted = dropped;
        let tones = Tones::of(ui.ctx());
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::new()
                .inner_margin(Margin::symmetric(24, 16))
                .show(ui, |ui| {
                    wanted = self.open_file(ui, controls).or(wanted.take());
                    ui.add_space(8.0);
                    let columns = ((ui.available_width() + GAP) / (CARD + GAP))
                        .floor()
                        .max(1.0);
                    let width = (ui.available_width() - GAP * (columns - 1.0)) / columns;
                    ui.spacing_mut().item_spacing = vec2(GAP, GAP);
                    for row in self.cards.chunks(columns as usize) {
                        ui.horizontal_top(|ui| {
                            for (card, texture) in row {
                                if show_card(ui, card, texture.as_ref(), width, tones, controls) {
                                    wanted = Some(card.name.clone());
                                }
                            }
                        });
                    }
                    if !self.is_complete() {
                        note(ui, "Preparing the scenarios …");
                    }
                });
        });
        let wanted = wanted?;
        match Scenario::load(&wanted, &[]) {
            Ok(scenario) => {
                self.error = None;
                Some(scenario)
            }
            Err(why) => {
                self.error = Some(why.to_string());
                None
            }
        }
    }

    /// What the program is for, and a field for a path.
    fn open_file(&mut self, ui: &mut Ui, controls: &mut Controls) -> Option<String> {
        let tones = Tones::of(ui.ctx());
        let mut wanted = None;
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                let heading = RichText::new("What does a FAK inhibitor do to a tumour's cells?");
                ui.label(heading.size(22.0).strong().color(tones.ink));
                note(
                    ui,
                    "Choose a scenario. Effects of drugs on migration are predictions; not for clinical use.",
                );
            });
            ui.with_layout(Direction::right_to_left(Align::Center), |ui| {
                let open = ui.add(Button::new("Open").min_size(vec2(64.0, 28.0)));
                controls.note("open", &open);
                let hint = "path of a scenario, or drop its file here";
                let field = TextEdit::singleline(&mut self.path)
                    .hint_text(hint)
                    .desired_width(260.0);
                let field = ui.add(field);
                field.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Path of a scenario")
                });
                controls.note("path", &field);
                let entered =
                    field.lost_focus() && ui.ctx().input(|input| input.key_pressed(egui::Key::Enter));
                let path = self.path.trim();
                if (open.clicked() || entered) && !path.is_empty() {
                    wanted = Some(path.to_string());
                }
            });
        });
        if let Some(why) = &self.error {
            ui.add_space(6.0);
            let told = ui.scope(|ui| alarm(ui, "This scenario cannot be opened", why));
            controls.note("scenario_error", &told.response);
        }
        wanted
    }
}

/// One card; whether it was chosen.
fn show_card(
    ui: &mut Ui,
    card: &Card,
    texture: Option<&TextureHandle>,
    width: f32,
    tones: Tones,
    controls: &mut Controls,
) -> bool {
    let image_size = vec2(width, width * THUMB_PX[1] as f32 / THUMB_PX[0] as f32);
    let size = vec2(width, image_size.y + 118.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Open {}", card.title))
    });
    controls.note(format!("card_{}", card.name), &response);
    let stroke = match (response.has_focus(), response.hovered()) {
        (true, _) => Stroke::new(2.5, tones.accent),
        (false, true) => Stroke::new(1.5, tones.accent),
        (false, false) => Stroke::new(1.0, tones.hairline),
    };
    ui.painter().rect(
        rect,
        CornerRadius::same(6),
        tones.raised,
        stroke,
        egui::StrokeKind::Inside,
    );
    let image = egui::Rect::from_min_size(rect.min, image_size).shrink(1.5);
    if let Some(texture) = texture {
        let whole = egui::Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
        let mut picture = egui::epaint::RectShape::filled(
            image,
            CornerRadius {
                nw: 5,
                ne: 5,
                ..CornerRadius::ZERO
            },
            egui::Color32::WHITE,
        );
        picture = picture.with_texture(texture.id(), whole);
        ui.painter().add(picture);
    }
    let text = rect.with_min_y(image.max.y).shrink2(vec2(12.0, 9.0));
    let mut inner = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(text)
            .layout(Direction::top_down(Align::Min)),
    );
    inner.set_clip_rect(rect);
    inner.spacing_mut().item_spacing.y = 4.0;
    let heading = RichText::new(&card.title)
        .size(14.5)
        .strong()
        .color(tones.ink);
    inner.add(egui::Label::new(heading).truncate());
    let question = RichText::new(&card.question).size(SMALL).color(tones.grey);
    // Two lines of it, the rest under the pointer.
    let mut job = egui::text::LayoutJob::single_section(
        question.text().to_string(),
        egui::TextFormat::simple(egui::FontId::proportional(SMALL), tones.grey),
    );
    job.wrap = egui::text::TextWrapping {
        max_width: text.width(),
        max_rows: 3,
        ..Default::default()
    };
    inner.label(job);
    let badge = inner.painter().layout_no_wrap(
        card.badge.clone(),
        egui::FontId::proportional(SMALL - 1.0),
        tones.ink,
    );
    let at = egui::pos2(text.min.x, rect.max.y - 9.0 - badge.size().y);
    let share = card.verified;
    let bar = egui::Rect::from_min_size(
        egui::pos2(at.x, at.y + 0.5 * badge.size().y - 3.5),
        vec2(44.0, 7.0),
    );
    let painter = ui.painter();
    painter.rect_filled(bar, 2.0, tones.button);
    painter.rect_filled(
        bar.with_max_x(bar.min.x + share * bar.width()),
        2.0,
        tones.good,
    );
    painter.galley(egui::pos2(bar.max.x + 7.0, at.y), badge, tones.ink);
    let hover = format!("{}\n\n{}", card.question, card.evidence);
    response.on_hover_text(hover).clicked()
}
