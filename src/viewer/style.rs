//! Fonts, sizes and colours: a light, quiet ground on which the picture and the numbers stand out.

use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Vec2};

use crate::render::{lettering, palette};

/// Text.
pub(super) const INK: Color32 = colour(palette::INK);
/// Secondary text.
pub(super) const GREY: Color32 = colour(palette::GREY);
/// What can be acted upon, and the first curve.
pub(super) const ACCENT: Color32 = colour(palette::CELL_TYPES[0]);
/// Dose changes.
pub(super) const DOSE: Color32 = colour(palette::CELL_TYPES[1]);
/// Errors.
pub(super) const ALARM: Color32 = Color32::from_rgb(176, 32, 32);
/// Ground of the panels.
pub(super) const GROUND: Color32 = Color32::from_rgb(250, 250, 249);
/// Hairlines.
pub(super) const HAIRLINE: Color32 = Color32::from_rgb(220, 221, 223);

/// Small text, points.
pub(super) const SMALL: f32 = 12.0;

/// A colour of the pictures as egui has it.
pub(super) const fn colour([r, g, b]: palette::Colour) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Gives a context the project's font and its light look.
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
    ctx.set_theme(egui::Theme::Light);
    ctx.all_styles_mut(|style| {
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
        visuals.panel_fill = GROUND;
        visuals.override_text_color = None;
        visuals.slider_trailing_fill = true;
        visuals.handle_shape = egui::style::HandleShape::Circle;
        visuals.selection.bg_fill = ACCENT.gamma_multiply(0.35);
        visuals.selection.stroke = Stroke::new(1.0, INK);
        visuals.error_fg_color = ALARM;
        let widgets = &mut visuals.widgets;
        widgets.noninteractive.fg_stroke = Stroke::new(1.0, INK);
        widgets.noninteractive.bg_stroke = Stroke::new(1.0, HAIRLINE);
        widgets.inactive.fg_stroke = Stroke::new(1.0, INK);
        widgets.inactive.bg_fill = Color32::from_rgb(222, 224, 227);
        widgets.inactive.weak_bg_fill = Color32::from_rgb(236, 237, 239);
        widgets.hovered.weak_bg_fill = Color32::from_rgb(224, 231, 237);
        for widget in [
            &mut widgets.inactive,
            &mut widgets.hovered,
            &mut widgets.active,
            &mut widgets.open,
        ] {
            widget.corner_radius = CornerRadius::same(5);
            widget.expansion = 0.0;
        }
    });
}
