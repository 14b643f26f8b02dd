//! Reading the nested values of a scenario: vectors, initial conditions, rates, NPY files.

use toml::{Spanned, Value};

use super::{Field, FieldKind, Grid, Initial, Rate};
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
        self.scenario.quantity(key, raw, internal)
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
            let number = quantity_of(value, unit).map_err(wrong)?;
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
                *slot = quantity_of(value, "um").map_err(wrong)?;
            }
            Ok(out)
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
            } => {
                let sigma_um = quantity_of(&sigma, "um").map_err(wrong)?;
                if sigma_um <= 0.0 {
                    return Err(wrong(format!("sigma {sigma} must be greater than 0")));
                }
                Initial::Gaussian {
                    centre_um: lengths(&center)?,
                    sigma_um,
                    amplitude: level(&amplitude)?,
                }
            }
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

    /// One value per voxel from a NumPy file, `[z,]y,x` in C order, f32 or f64.
    fn npy(&self, name: &str, factor: f64, grid: &Grid) -> Result<Vec<f32>, String> {
        let path = self.scenario.folder.join(name);
        let shown = path.display();
        let bytes = std::fs::read(&path).map_err(|why| format!("cannot read '{shown}': {why}"))?;
        let file = npyz::NpyFile::new(&bytes[..])
            .map_err(|why| format!("'{shown}' is not an NPY file: {why}"))?;
        let expected: Vec<u64> = grid.n[..grid.dimensions as usize]
            .iter()
            .rev()
            .map(|&n| n.into())
            .collect();
        if file.shape() != expected {
            return Err(format!(
                "'{shown}' has shape {:?}, the grid needs {expected:?} ([z,]y,x)",
                file.shape()
            ));
        }
        if file.order() != npyz::Order::C {
            return Err(format!(
                "'{shown}' is in Fortran order; save it with numpy.ascontiguousarray"
            ));
        }
        let values: Vec<f64> = match file.try_data::<f32>() {
            Ok(data) => data.map(|v| v.map(f64::from)).collect::<Result<_, _>>(),
            Err(file) => match file.try_data::<f64>() {
                Ok(data) => data.collect::<Result<_, _>>(),
                Err(_) => return Err(format!("'{shown}' holds neither f32 nor f64")),
            },
        }
        .map_err(|why| format!("'{shown}' ends early: {why}"))?;
        if let Some(ix) = values.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
            return Err(format!(
                "'{shown}' holds {} at index {ix}; allowed: finite, 0 or more",
                values[ix]
            ));
        }
        Ok(values.into_iter().map(|v| (v * factor) as f32).collect())
    }
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
            "there is no axis '{name}'; the domain has {}",
            axes.join(", ")
        )
    })
}

/// Substeps of forward Euler that keep every weight of the stencil non-negative: D dt/h² of one substep times the
/// number of neighbours, a held face counting once more, stays at or below 0.95.
pub(super) fn substeps(field: &Field, grid: &Grid, dt_min: f64) -> f64 {
    let courant = field.diffusivity * dt_min / (grid.voxel_um * grid.voxel_um);
    let held = field
        .boundary
        .iter()
        .take(grid.dimensions as usize)
        .filter(|sides| {
            sides
                .iter()
                .any(|s| matches!(s, super::Face::Fixed(_) | super::Face::Bath))
        })
        .count();
    (courant * f64::from(2 * grid.dimensions + held as u32) / 0.95).ceil()
}
