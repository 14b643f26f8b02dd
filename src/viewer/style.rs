//! Colours, fonts and spacing of the window.

use std::sync::Arc;

use egui::{Color32, FontFamily, FontId, TextStyle};

/// Blue of the Okabe–Ito palette: the treated and the chosen.
pub(super) const ACCENT: Color32 = Color32::from_rgb(0, 114, 178);
/// Vermilion of the Okabe–Ito palette: dose changes and errors.
pub(super) const WARM: Color32 = Color32::from_rgb(213, 94, 0);
/// Secondary text.
pub(super) const QUIET: Color32 = Color32::from_rgb(95, 99, 104);

/// Sets a light, roomy style and the font that the pictures use, so that widths agree.
pub(super) fn apply(context: &egui::Context) {
    let mut fonts = egui::FontDefinitions::default();
    fonts.font_data.insert(
        "invado".to_string(),
        Arc::new(egui::FontData::from_static(crate::render::lettering::FONT)),
    );
    fonts
        .families
        .entry(FontFamily::Proportional)
        .or_default()
        .insert(0, "invado".to_string());
    context.set_fonts(fonts);
    context.set_theme(egui::Theme::Light);
    context.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Heading, FontId::proportional(18.0)),
            (TextStyle::Body, FontId::proportional(13.5)),
            (TextStyle::Button, FontId::proportional(13.5)),
            (TextStyle::Small, FontId::proportional(11.5)),
            (TextStyle::Monospace, FontId::monospace(13.0)),
        ]
        .into();
        style.spacing.item_spacing = egui::vec2(8.0, 6.0);
        style.spacing.button_padding = egui::vec2(10.0, 5.0);
        style.spacing.slider_width = 190.0;
        style.visuals.selection.bg_fill = ACCENT.gamma_multiply(0.35);
        style.visuals.panel_fill = Color32::from_rgb(250, 250, 249);
        style.visuals.extreme_bg_color = Color32::WHITE;
    });
}
