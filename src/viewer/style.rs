//! Fonts, sizes and colours, light and dark: a quiet ground on which the picture and the numbers stand out.

use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, Style, TextStyle, Theme, Vec2};

use crate::render::{lettering, palette};

/// Small text, points.
pub(super) const SMALL: f32 = 12.0;
/// Interface scales that are offered, least and most.
pub(super) const SCALES: [f32; 2] = [0.7, 2.5];

/// The colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tones {
    /// Text.
    pub(super) ink: Color32,
    /// Secondary text.
    pub(super) grey: Color32,
    /// What can be acted upon, and the arm that the dose acts on.
    pub(super) accent: Color32,
    /// Text on `accent`.
    pub(super) on_accent: Color32,
    /// Changes of the dose and other events.
    pub(super) event: Color32,
    /// Errors.
    pub(super) alarm: Color32,
    /// Behind errors.
    pub(super) alarm_ground: Color32,
    /// What went as expected.
    pub(super) good: Color32,
    /// Ground of the panels.
    pub(super) ground: Color32,
    /// Ground of what lies on the ground.
    pub(super) raised: Color32,
    /// Hairlines.
    pub(super) hairline: Color32,
    /// Buttons and rails.
    pub(super) button: Color32,
    /// Buttons under the pointer.
    pub(super) hovered: Color32,
}

const LIGHT: Tones = Tones {
    ink: colour(palette::INK),
    grey: colour(palette::GREY),
    accent: colour(palette::CELL_TYPES[0]),
    on_accent: Color32::WHITE,
    event: Color32::from_rgb(190, 80, 0),
    alarm: Color32::from_rgb(176, 32, 32),
    alarm_ground: Color32::from_rgb(253, 238, 236),
    good: Color32::from_rgb(0, 110, 80),
    ground: Color32::from_rgb(248, 248, 247),
    raised: Color32::WHITE,
    hairline: Color32::from_rgb(220, 221, 223),
    button: Color32::from_rgb(233, 234, 236),
    hovered: Color32::from_rgb(220, 228, 235),
};

const DARK: Tones = Tones {
    ink: Color32::from_rgb(232, 233, 236),
    grey: Color32::from_rgb(166, 170, 178),
    accent: Color32::from_rgb(86, 180, 233),
    on_accent: Color32::from_rgb(12, 20, 28),
    event: Color32::from_rgb(240, 150, 70),
    alarm: Color32::from_rgb(255, 128, 118),
    alarm_ground: Color32::from_rgb(62, 28, 28),
    good: Color32::from_rgb(80, 200, 160),
    ground: Color32::from_rgb(24, 26, 30),
    raised: Color32::from_rgb(34, 37, 42),
    hairline: Color32::from_rgb(58, 62, 69),
    button: Color32::from_rgb(50, 54, 61),
    hovered: Color32::from_rgb(64, 72, 82),
};

/// Colours of arms, those of the palette that are told apart best on either ground; the selected arm has the accent.
const ARMS: [(Color32, Color32); 4] = [
    (
        Color32::from_rgb(110, 112, 118),
        Color32::from_rgb(176, 180, 188),
    ),
    (
        colour(palette::CELL_TYPES[1]),
        Color32::from_rgb(240, 140, 60),
    ),
    (
        colour(palette::CELL_TYPES[2]),
        Color32::from_rgb(60, 200, 155),
    ),
    (
        Color32::from_rgb(170, 80, 130),
        colour(palette::CELL_TYPES[3]),
    ),
];

impl Tones {
    /// Those of the theme that is on.
    pub(super) fn of(ctx: &egui::Context) -> Self {
        match ctx.theme() {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
        }
    }

    /// Colour of an arm that is not selected.
    pub(super) fn arm(self, arm: usize) -> Color32 {
        let (light, dark) = ARMS[arm % ARMS.len()];
        if self == LIGHT { light } else { dark }
    }
}

/// A colour of the pictures as egui has it.
pub(super) const fn colour([r, g, b]: palette::Colour) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Gives a context the project's font and its looks, light first.
pub fn apply(ctx: &egui::Context) {
    let mut fonts = egui::FontDefinitions::default();
    fonts.font_data.insert(
        "invado".to_owned(),
        egui::FontData::from_static(lettering::FONT).into(),
    );
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        // First, so that numbers look as they do in exported pictures; egui's own fonts supply the symbols.
        fonts
            .families
            .entry(family)
            .or_default()
            .insert(0, "invado".to_owned());
    }
    ctx.set_fonts(fonts);
    // On a machine so slow that a frame takes a second, a click is a click all the same.
    ctx.options_mut(|options| options.input_options.max_click_duration = 10.0);
    ctx.set_theme(Theme::Light);
    ctx.style_mut_of(Theme::Light, |style| dress(style, LIGHT));
    ctx.style_mut_of(Theme::Dark, |style| dress(style, DARK));
}

fn dress(style: &mut Style, tones: Tones) {
    style.text_styles = [
        (TextStyle::Heading, 19.0),
        (TextStyle::Body, 13.5),
        (TextStyle::Button, 13.5),
        (TextStyle::Small, SMALL),
    ]
    .map(|(name, size)| (name, FontId::new(size, FontFamily::Proportional)))
    .into();
    style.text_styles.insert(
        TextStyle::Monospace,
        FontId::new(13.0, FontFamily::Monospace),
    );
    style.spacing.item_spacing = Vec2::new(8.0, 7.0);
    style.spacing.button_padding = Vec2::new(9.0, 5.0);
    style.spacing.interact_size = Vec2::new(36.0, 24.0);
    style.spacing.slider_rail_height = 5.0;
    style.interaction.selectable_labels = false;
    let visuals = &mut style.visuals;
    visuals.panel_fill = tones.ground;
    visuals.window_fill = tones.raised;
    visuals.window_stroke = Stroke::new(1.0, tones.hairline);
    visuals.extreme_bg_color = tones.raised;
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(tones.grey);
    visuals.hyperlink_color = tones.accent;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.selection.bg_fill = tones.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, tones.ink);
    visuals.error_fg_color = tones.alarm;
    let widgets = &mut visuals.widgets;
    widgets.noninteractive.fg_stroke = Stroke::new(1.0, tones.ink);
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, tones.hairline);
    widgets.noninteractive.bg_fill = tones.ground;
    widgets.inactive.fg_stroke = Stroke::new(1.0, tones.ink);
    widgets.inactive.bg_fill = tones.button;
    widgets.inactive.weak_bg_fill = tones.button;
    widgets.hovered.fg_stroke = Stroke::new(1.0, tones.ink);
    widgets.hovered.weak_bg_fill = tones.hovered;
    widgets.hovered.bg_fill = tones.hovered;
    widgets.active.fg_stroke = Stroke::new(1.0, tones.ink);
    widgets.active.weak_bg_fill = tones.hovered;
    widgets.active.bg_fill = tones.hovered;
    widgets.open.weak_bg_fill = tones.hovered;
    for widget in [
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = CornerRadius::same(5);
        widget.expansion = 0.0;
    }
}
