//! `images/<time_h>.png`: field, cells, scale bar, time and legends, as the window shows them.

use std::path::PathBuf;

use image::{ImageEncoder, RgbaImage};

use super::{Export, Live, Moment, write_atomically};
use crate::render::annotation::{Labels, annotate};
use crate::render::{cpu, lettering};

/// Width and height of a run's pictures, px.
pub const PICTURE_PX: [u32; 2] = [1280, 960];

/// Pictures.
#[derive(Debug)]
pub struct ImagePng {
    /// Where to.
    pub folder: PathBuf,
}

/// Paints a moment with its scale bar, clock and legends.
pub fn paint(moment: &Live) -> RgbaImage {
    let view = moment.view.settled(moment.state);
    let grid = moment.model.grid();
    let mut picture = cpu::paint(grid, moment.state, &view);
    lettering::draw(&mut picture, &annotate(&view, grid, &labels(moment)));
    picture
}

/// Writes a picture as PNG.
///
/// # Errors
/// The file cannot be written.
pub fn encode(picture: &image::RgbaImage, out: &mut dyn std::io::Write) -> anyhow::Result<()> {
    image::codecs::png::PngEncoder::new(out).write_image(
        picture.as_raw(),
        picture.width(),
        picture.height(),
        image::ExtendedColorType::Rgba8,
    )?;
    Ok(())
}

/// What the annotations say about a moment.
pub fn labels(moment: &Live) -> Labels {
    let model = moment.model;
    Labels {
        time_h: model.time_h(moment.state.step),
        dose: model.dose().inhibitor().map_or(String::new(), |treatment| {
            let nm = crate::render::annotation::number(moment.bath_nm);
            match treatment.regimen() {
                None => format!("bath {nm} nM {}", treatment.compound),
                Some(_) => format!("plasma {nm} nM free {}, illustrative", treatment.compound),
            }
        }),
        cell_types: model.type_labels(),
        caption: if moment.bath_nm > 0.0 {
            "effect of the drug on migration: prediction".to_string()
        } else {
            String::new()
        },
    }
}

impl Export for ImagePng {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let picture = moment.picture()?;
        let path = self.folder.join(format!("{}.png", moment.hours()));
        write_atomically(&path, |out| encode(&picture, out))
    }
}
