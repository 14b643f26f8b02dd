//! Reading the nested values of a scenario: vectors, initial conditions, rates.

use toml::{Spanned, Value};

use super::shape::Shape;
use super::{FieldKind, Grid, Initial, Rate, image, npy};
use crate::error::UsageError;
use crate::scenario::{InitialFile, MapFile, Scenario, quantity_of};

/// A scenario with the key that is being read, for errors.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub scenario: &'a Scenario,
}

impl Reader<'_> {
    pub(super) fn number(
        &self,
        key: &str,
        raw: &Spanned<Value>,
        internal: &'static str,
    ) -> Result<f64, UsageError> {
        let value = self.scenario.quantity(key, raw, internal)?;
        computable(value).map_err(|why| self.scenario.error(key, Some(raw.span()), &why))
    }

    /// A quantity that may not be negative.
    pub(super) fn positive_or_zero(
        &self,
        key: &str,
        raw: &Spanned<Value>,
        internal: &'static str,
    ) -> Result<f64, UsageError> {
        let value = self.number(key, raw, internal)?;
        if value < 0.0 {
            let why = format!("{} is negative; allowed: 0 or more", raw.get_ref());
            return Err(self.scenario.error(key, Some(raw.span()), &why));
        }
        Ok(value)
    }

    /// A quantity that must be positive.
    pub(super) fn positive(
        &self,
        key: &str,
        raw: &Spanned<Value>,
        internal: &'static str,
    ) -> Result<f64, UsageError> {
        let value = self.number(key, raw, internal)?;
        if value <= 0.0 {
            let why = format!("{} must be greater than 0", raw.get_ref());
            return Err(self.scenario.error(key, Some(raw.span()), &why));
        }
        Ok(value)
    }

    /// A position in the box, one length for each dimension; the third of a 2-D box is 0.
    pub(super) fn position(
        &self,
        key: &str,
        raw: &Spanned<Vec<Spanned<Value>>>,
        grid: &Grid,
    ) -> Result<[f64; 3], UsageError> {
        let values = raw.get_ref();
        if values.len() != grid.dimensions as usize {
            let why = format!(
                "{} lengths given, the domain has {}",
                values.len(),
                grid.dimensions
            );
            return Err(self.scenario.error(key, Some(raw.span()), &why));
        }
        let mut position = [0.0; 3];
        for (axis, value) in values.iter().enumerate() {
            position[axis] = self.number(key, value, "um")?;
            let size = grid.size_um()[axis];
            // A hair's width for lengths that are not exact in binary.
            if position[axis] < 0.0 || position[axis] > size * (1.0 + 1e-12) {
                let why = format!(
                    "{} lies outside the domain, allowed: 0 um to {size} um",
                    value.get_ref()
                );
                return Err(self.scenario.error(key, Some(value.span()), &why));
            }
        }
        Ok(position)
    }

    /// A field's initial condition.
    pub(super) fn initial(
        &self,
        kind: FieldKind,
        raw: &Spanned<Value>,
        grid: &Grid,
    ) -> Result<Initial, UsageError> {
        let key = format!("fields.{}.initial", kind.name());
        let wrong = |why: String| self.scenario.error(&key, Some(raw.span()), &why);
        let unit = unit_of(kind);
        let level = |value: &Value| {
            let number = quantity_of(value, unit)
                .and_then(computable)
                .map_err(wrong)?;
            if number < 0.0 {
                return Err(wrong(format!("{value} is negative; allowed: 0 or more")));
            }
            Ok(number)
        };
        let lengths = |values: &[Value]| {
            if values.len() != grid.dimensions as usize {
                return Err(wrong(format!(
                    "{} lengths given, the domain has {}",
                    values.len(),
                    grid.dimensions
                )));
            }
            let mut out = [0.0; 3];
            for (slot, value) in out.iter_mut().zip(values) {
                *slot = quantity_of(value, "um")
                    .and_then(computable)
                    .map_err(wrong)?;
            }
            Ok(out)
        };
        let length = |name: &str, value: &Value| {
            let number = quantity_of(value, "um")
                .and_then(computable)
                .map_err(wrong)?;
            if number <= 0.0 {
                return Err(wrong(format!("{name} {value} must be greater than 0")));
            }
            Ok(number)
        };
        let ball = |dimensions: u32, center: &[Value], radius: &Value| {
            if grid.dimensions != dimensions {
                return Err(wrong(other_dimension(grid)));
            }
            let (centre_um, radius_um) = (lengths(center)?, length("radius", radius)?);
            let ball = Shape::ball(centre_um, radius_um, grid);
            if ball.voxels(grid).next().is_none() {
                return Err(wrong(holds_no_voxel(grid)));
            }
            Ok((centre_um, radius_um))
        };
        if !raw.get_ref().is_table() {
            return level(raw.get_ref()).map(Initial::Uniform);
        }
        let file: InitialFile = raw
            .get_ref()
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| wrong(e.message().to_string()))?;
        Ok(match file {
            InitialFile::Gaussian {
                center,
                sigma,
                amplitude,
            } => Initial::Gaussian {
                centre_um: lengths(&center)?,
                sigma_um: length("sigma", &sigma)?,
                amplitude: level(&amplitude)?,
            },
            InitialFile::Rectangle {
                from,
                to,
                inside,
                outside,
            } => Initial::Rectangle {
                from_um: lengths(&from)?,
                to_um: lengths(&to)?,
                inside: level(&inside)?,
                outside: outside.as_ref().map_or(Ok(0.0), level)?,
            },
            InitialFile::Linear { axis, from, to } => Initial::Linear {
                axis: axis_of(&axis, grid).map_err(wrong)?,
                from: level(&from)?,
                to: level(&to)?,
            },
            InitialFile::Disc {
                center,
                radius,
                inside,
                outside,
            } => {
                let (centre_um, radius_um) = ball(2, &center, &radius)?;
                Initial::Ball {
                    centre_um,
                    radius_um,
                    inside: level(&inside)?,
                    outside: outside.as_ref().map_or(Ok(0.0), level)?,
                }
            }
            InitialFile::Ball {
                center,
                radius,
                inside,
                outside,
            } => {
                let (centre_um, radius_um) = ball(3, &center, &radius)?;
                Initial::Ball {
                    centre_um,
                    radius_um,
                    inside: level(&inside)?,
                    outside: outside.as_ref().map_or(Ok(0.0), level)?,
                }
            }
            InitialFile::Image { file, black, white } => {
                let (black, white) = (level(&black)?, level(&white)?);
                let path = self.scenario.folder.join(file);
                let mut values = image::brightness(&path, grid).map_err(wrong)?;
                for value in &mut values {
                    let share = f64::from(*value);
                    *value = (black * (1.0 - share) + white * share) as f32;
                }
                Initial::Values(values)
            }
            InitialFile::File(name) => Initial::Values(self.npy(&name, 1.0, grid).map_err(wrong)?),
        })
    }

    /// A rate that is a quantity or a file per voxel, in `internal` units.
    pub(super) fn rate(
        &self,
        key: &str,
        raw: Option<&Spanned<Value>>,
        internal: &'static str,
        grid: &Grid,
    ) -> Result<Rate, UsageError> {
        let Some(raw) = raw else {
            return Ok(Rate::Uniform(0.0));
        };
        if !raw.get_ref().is_table() {
            return self.positive_or_zero(key, raw, internal).map(Rate::Uniform);
        }
        let wrong = |why: String| self.scenario.error(key, Some(raw.span()), &why);
        let map: MapFile = raw
            .get_ref()
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| wrong(e.message().to_string()))?;
        let factor =
            quantity_of(&Value::String(format!("1 {}", map.unit)), internal).map_err(wrong)?;
        self.npy(&map.file, factor, grid)
            .map(Rate::PerVoxel)
            .map_err(wrong)
    }

    /// One value per voxel from a NumPy file, times a factor.
    fn npy(&self, name: &str, factor: f64, grid: &Grid) -> Result<Vec<f32>, String> {
        let mut values = npy::read(&self.scenario.folder.join(name), grid)?;
        for value in &mut values {
            *value = computable(f64::from(*value) * factor)? as f32;
        }
        Ok(values)
    }
}

/// Refuses what the engines' f32 would turn into infinity.
fn computable(value: f64) -> Result<f64, String> {
    if value.abs() > f64::from(f32::MAX) {
        return Err(format!(
            "{value:.1e} is too large to compute with; allowed: up to 3.4e38"
        ));
    }
    Ok(value)
}

/// The sentence for a disc in 3-D or a ball in 2-D.
pub(super) fn other_dimension(grid: &Grid) -> String {
    match grid.dimensions {
        2 => "a ball is 3-D and the domain is 2-D; write disc",
        _ => "a disc is 2-D and the domain is 3-D; write ball",
    }
    .to_string()
}

/// The sentence for a shape that slips between the voxels.
pub(super) fn holds_no_voxel(grid: &Grid) -> String {
    format!(
        "this shape holds no voxel centre of the domain; a voxel is {} um wide, a radius of {:.4} um always holds one",
        grid.voxel_um,
        // Half the diagonal of a voxel.
        0.5 * grid.voxel_um * f64::from(grid.dimensions).sqrt()
    )
}

/// Internal unit of a field's values.
pub(super) fn unit_of(kind: FieldKind) -> &'static str {
    if kind.unit().is_empty() {
        "1"
    } else {
        kind.unit()
    }
}

/// Number of an axis of the grid.
pub(super) fn axis_of(name: &str, grid: &Grid) -> Result<usize, String> {
    let axes = &["x", "y", "z"][..grid.dimensions as usize];
    axes.iter().position(|axis| *axis == name).ok_or_else(|| {
        format!(
            "there is no axis '{name}'; the domain is {}-D and has {}",
            grid.dimensions,
            axes.join(", ")
        )
    })
}
