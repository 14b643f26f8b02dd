//! The painter in plain Rust: the same arithmetic in the same order as `shaders/render`.

mod colour;
mod contour;
mod edges;
mod flat;
mod raster;
mod resolve;
mod slices;
mod spheres;

use glam::Vec3;
use image::{Rgba, RgbaImage};

use crate::model::{FieldKind, Grid};
use crate::state::HostState;

use super::eye::Eye;
use super::frame::{Frame, Slots};
use super::palette::{self, Colour, N_COLOURS};
use super::{View, Viewport};
use colour::CellColours;
use raster::Raster;

/// A state with what it is drawn by.
struct Scene<'a> {
    state: &'a HostState,
    view: &'a View,
    frame: Frame,
    viewport: Viewport,
    field: Option<(&'a [f32], [Colour; N_COLOURS])>,
}

/// The picture of a state, without annotation. Equal inputs give equal bytes.
pub fn paint(grid: &Grid, state: &HostState, view: &View) -> RgbaImage {
    let view = view.settled(state);
    let slot = |wanted: Option<FieldKind>| {
        let mut kinds = state.fields.iter().map(|(kind, _)| Some(*kind));
        kinds.position(|kind| kind == wanted)
    };
    let slots = Slots {
        field: slot(view.field),
        matrix: slot(Some(FieldKind::Ecm)),
    };
    let scene = Scene {
        state,
        view: &view,
        frame: Frame::new(&view, grid, slots, state.cells.len() as u32),
        viewport: view.viewport(grid),
        field: (view.field.and_then(|kind| state.field(kind)))
            .map(|values| (values, view.field_table())),
    };
    let [width, height] = view.size_px;
    let [r, g, b] = palette::PAPER;
    let mut picture = RgbaImage::from_pixel(width, height, Rgba([r, g, b, 255]));
    match view.space(grid) {
        None => flat::paint(&mut picture, &scene),
        Some(space) => {
            let eye = Eye::new(space, grid, &scene.viewport);
            let mut raster = Raster::new(eye.raster_px());
            if view.cells {
                spheres::draw(&mut raster, &eye, &scene);
            }
            slices::draw(&mut raster, &eye, &scene);
            edges::draw(&mut raster, &eye);
            resolve::resolve(&mut picture, &raster, &eye);
        }
    }
    picture
}

impl Scene<'_> {
    fn colours(&self) -> CellColours<'_> {
        CellColours::new(&self.frame, &self.state.cells, self.view.colouring)
    }
}

/// Nearest of 256 colours; values beyond the ends take the end's colour.
fn colour_index(value: f32, lo: f32, scale: f32) -> usize {
    ((value - lo) * scale + 0.5).clamp(0.0, 255.0) as usize
}

/// A colour, 0…1.
fn unit(colour: Colour) -> Vec3 {
    Vec3::from(colour.map(|c| f32::from(c) / 255.0))
}

/// A colour 0…1 as bytes, as a GPU stores it.
fn bytes(colour: Vec3) -> Colour {
    colour
        .to_array()
        .map(|c| (c.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
}

/// Blends a colour (0…1) over a pixel, in the space of the bytes, as the GPU's blend unit does.
pub(super) fn blend(pixel: &mut Rgba<u8>, colour: Vec3, cover: f32) {
    for (under, over) in pixel.0.iter_mut().zip(colour.to_array()) {
        *under = (over * cover * 255.0 + f32::from(*under) * (1.0 - cover) + 0.5) as u8;
    }
}
