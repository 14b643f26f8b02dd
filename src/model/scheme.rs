//! Which solver steps a field: chosen from D dt/h², or named in the scenario.

use super::fields::Surroundings;
use super::{Face, Field, Scheme};
use crate::error::UsageError;
use crate::scenario::{FieldFile, unknown};

/// Up to this many substeps an explicit step moves fewer bytes than one multigrid cycle (8 a voxel and substep against
/// about 110 a voxel and cycle on a GPU), and it launches fewer kernels.
const MOST_EXPLICIT: f64 = 8.0;

/// More substeps than this in one step are refused.
const MOST_SUBSTEPS: f64 = 2000.0;

/// D dt/h² above which f32 no longer carries the fluxes of a time step: rounding of a value times this is the error.
const MOST_COURANT: f64 = 4000.0;

/// The scheme of a field whose other properties are read.
///
/// # Errors
/// An unknown name, or a scheme that cannot step this field.
pub(super) fn scheme(
    around: &Surroundings,
    field: &Field,
    file: &FieldFile,
) -> Result<Scheme, UsageError> {
    let read = around.read;
    let key = |name: &str| format!("fields.{}.{name}", field.kind.name());
    let wanted = file.solver.as_ref().map(|name| name.get_ref().as_str());
    let wrong = |why: &str| {
        let span = file.solver.as_ref().map(toml::Spanned::span);
        Err(read.scenario.error(&key("solver"), span, why))
    };
    if field.diffusivity == 0.0 {
        return match wanted {
            None | Some("auto") => Ok(Scheme::Still),
            Some(_) => wrong("the field does not diffuse and needs no solver; remove the key"),
        };
    }
    let substeps = substeps(around, field);
    let courant = courant(around, field);
    let too_fast = |what: String| {
        let why = format!(
            "{what}; use a larger domain.voxel, a smaller time.step or solver = \"steady\" (the field is at rest after every step)"
        );
        Err(read.scenario.error(&key("diffusivity"), None, &why))
    };
    let implicit = || {
        if courant > MOST_COURANT {
            return too_fast(format!(
                "D dt/h² is {courant:.0}, more than f32 carries in a time step (at most {MOST_COURANT})"
            ));
        }
        Ok(Scheme::Implicit { steady: false })
    };
    match wanted {
        None | Some("auto") if substeps > MOST_EXPLICIT => implicit(),
        None | Some("auto" | "explicit") if substeps <= MOST_SUBSTEPS => Ok(Scheme::Explicit {
            substeps: substeps as u32,
        }),
        Some("explicit") => too_fast(format!(
            "explicit diffusion would need {substeps} substeps in each step (at most {MOST_SUBSTEPS})"
        )),
        Some("implicit") => implicit(),
        Some("steady") => {
            let held = field
                .boundary
                .iter()
                .flatten()
                .any(|face| matches!(face, Face::Fixed(_) | Face::Bath));
            if field.decay == 0.0 && !held {
                return wrong(
                    "a steady field needs something that holds its level everywhere: a decay above 0 or a held face",
                );
            }
            Ok(Scheme::Implicit { steady: true })
        }
        other => wrong(&unknown(
            "solver",
            other.unwrap_or_default(),
            ["auto", "explicit", "implicit", "steady"].into_iter(),
        )),
    }
}

fn courant(around: &Surroundings, field: &Field) -> f64 {
    let h2 = around.grid.voxel_um * around.grid.voxel_um;
    field.diffusivity * around.dt_min / h2 / (1.0 + field.retardation)
}

/// Substeps of forward Euler that keep every weight of the stencil non-negative: D dt/h² of one substep times the
/// number of neighbours, a held face counting once more, stays at or below 0.95. An even number, so that the result
/// ends where it began and no field needs a work array of its own.
fn substeps(around: &Surroundings, field: &Field) -> f64 {
    let axes = around.grid.dimensions;
    let held = field
        .boundary
        .iter()
        .take(axes as usize)
        .filter(|sides| {
            sides
                .iter()
                .any(|side| matches!(side, Face::Fixed(_) | Face::Bath))
        })
        .count();
    2.0 * (courant(around, field) * f64::from(2 * axes + held as u32) / 1.9).ceil()
}
