//! [`Moment`]: what a format may ask for, whether a run has it in memory or in its files.

use std::borrow::Cow;

use image::RgbaImage;

use super::{CellTable, image_png};
use crate::model::{FieldKind, Model};
use crate::render::View;
use crate::state::HostState;

/// What can be written of a moment; each has its option of `invado run` and its subfolder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The table of cells.
    Cells,
    /// Every field of the model.
    Fields,
    /// The picture.
    Images,
}

impl Part {
    /// Every part.
    pub const ALL: [Part; 3] = [Part::Cells, Part::Fields, Part::Images];

    /// Name of the option and of the subfolder.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Cells => "cells",
            Part::Fields => "fields",
            Part::Images => "images",
        }
    }

    /// How names of its files end.
    pub const fn extension(self) -> &'static str {
        match self {
            Part::Cells => "csv",
            Part::Fields => "npy",
            Part::Images => "png",
        }
    }
}

/// A moment of a run. Formats ask only for what they write, so that no more than that is read or painted.
pub trait Moment {
    /// The model.
    fn model(&self) -> &Model;

    /// Time since the start, h.
    fn time_h(&self) -> f64;

    /// Whether a part can be asked for.
    fn has(&self, part: Part) -> bool;

    /// A field of the model, `[z][y][x]`, in its unit.
    ///
    /// # Errors
    /// It cannot be read.
    fn field(&self, kind: FieldKind) -> anyhow::Result<Cow<'_, [f32]>>;

    /// The cells.
    ///
    /// # Errors
    /// They cannot be read.
    fn cells(&self) -> anyhow::Result<CellTable>;

    /// The picture, with scale bar, clock and legends.
    ///
    /// # Errors
    /// It cannot be read.
    fn picture(&self) -> anyhow::Result<RgbaImage>;

    /// Hours with three decimals, as file names carry them.
    fn hours(&self) -> String {
        format!("{:.3}", self.time_h())
    }
}

/// A moment of a run that is under way.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its state.
    pub state: &'a HostState,
    /// Free drug in the bath, nM.
    pub bath_nm: f64,
    /// What its picture shows and how.
    pub view: &'a View,
}

impl Moment for Live<'_> {
    fn model(&self) -> &Model {
        self.model
    }

    fn time_h(&self) -> f64 {
        self.model.time_h(self.state.step)
    }

    fn has(&self, _: Part) -> bool {
        true
    }

    fn field(&self, kind: FieldKind) -> anyhow::Result<Cow<'_, [f32]>> {
        match self.state.field(kind) {
            Some(values) => Ok(Cow::Borrowed(values)),
            None => anyhow::bail!("the state has no field {}", kind.name()),
        }
    }

    fn cells(&self) -> anyhow::Result<CellTable> {
        Ok(CellTable::of(&self.state.cells))
    }

    fn picture(&self) -> anyhow::Result<RgbaImage> {
        Ok(image_png::paint(self))
    }
}
