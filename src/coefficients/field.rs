//! The numbers of one field: scheme, rates, faces, and what its implicit solver accepts.

use super::{FieldCoefficients, NONE, face, scheme};
use crate::model::{Face, Field, FieldKind, Level, Model, Rate, Scheme};

/// Coefficients of one field; its per-voxel rates are appended to `maps`. `shared` says where in them the obstacles and
/// the vessels lie.
pub(super) fn coefficients(
    model: &Model,
    field: &Field,
    maps: &mut Vec<f32>,
    shared: (u32, u32),
) -> FieldCoefficients {
    let grid = model.grid();
    let mut map = |rate: &Rate| match rate {
        Rate::Uniform(value) => (*value as f32, NONE),
        Rate::PerVoxel(values) => {
            let at = maps.len() as u32;
            maps.extend_from_slice(values);
            (0.0, at)
        }
    };
    let (uptake, uptake_at) = map(&field.uptake);
    let (source, source_at) = map(&field.source);
    let mut faces = [face::NO_FLUX; 6];
    let mut face_value = [0.0; 6];
    for (i, side) in field.boundary.iter().flatten().enumerate() {
        (faces[i], face_value[i]) = match side {
            Face::NoFlux => (face::NO_FLUX, 0.0),
            Face::Fixed(value) => (face::FIXED, *value as f32),
            Face::Periodic => (face::PERIODIC, 0.0),
            Face::Bath => (face::BATH, 0.0),
        };
    }
    let per_retention = 1.0 / (1.0 + field.retardation);
    let substeps = match field.scheme {
        Scheme::Explicit { substeps } => substeps,
        Scheme::Still | Scheme::Implicit { .. } => 0,
    };
    let steps = f64::from(substeps.max(1));
    let courant = field.diffusivity * model.dt_min() / (grid.voxel_um * grid.voxel_um) / steps
        * per_retention;
    // The medium above a 2-D culture is well mixed and exchanges everywhere; in 3-D the bath is at the faces.
    let exchange = if field.kind == FieldKind::Drug && grid.dimensions == 2 && model.is_bathed() {
        model.parameters().value("P_bath") as f32
    } else {
        0.0
    };
    let substep_min = model.dt_min() / steps * per_retention;
    let loss = field.decay as f32 + uptake;
    let steady = field.scheme == (Scheme::Implicit { steady: true });
    let diffuses = field.scheme != Scheme::Still;
    let hindrance = field.solute_radius_nm.map_or(0.0, |radius_nm| {
        // e^(−√φ (r_s + r_f)/r_f), φ in proportion to ρ.
        let fibre_nm = 1e3 * model.parameters().value("r_fibre");
        model.parameters().value("phi_fibre").sqrt() * (radius_nm + fibre_nm) / fibre_nm
    });
    let (obstacles_at, vessels_at) = shared;
    let obstacles_at = if diffuses { obstacles_at } else { NONE };
    // Around obstacles the solver's coarse levels mark cells by their mass.
    let mass_varies = uptake_at != NONE
        || obstacles_at != NONE
        || field.perfusion.is_some()
        || (field.kind == FieldKind::Oxygen && !model.cell_types().is_empty())
        || (field.kind == FieldKind::Fak && model.cell_types().is_empty());
    let relaxing = match field.kind {
        FieldKind::Fak => model.parameters().value("k_F") as f32,
        _ => 0.0,
    };
    let diagonal = 2.0 * f64::from(grid.dimensions) * courant;
    // What rounding leaves in the residual of a time step, and in a steady state by the weakest loss against which it is
    // balanced: decay, or else what leaves through a held face across the box.
    let eps = f64::from(f32::EPSILON);
    let longest = f64::from(grid.n.into_iter().max().unwrap_or(1));
    let weakest = (model.dt_min() * field.decay).max(courant * (1.57 / longest).powi(2));
    let rounding = if steady {
        0.5 * eps * courant / weakest
    } else {
        4.0 * eps * (1.0 + diagonal)
    };
    let (perfusion, level, plasma) = match field.perfusion {
        None => (0.0, 0.0, 0.0),
        Some(given) => match given.level {
            Level::Plasma => (given.rate, 0.0, model.parameters().value("K_p")),
            Level::Constant(level) => (given.rate, level, 0.0),
        },
    };
    FieldCoefficients {
        substep_min: substep_min as f32,
        relief: (1.0 / (1.0 + substep_min * f64::from(loss + exchange))) as f32,
        per_retention: per_retention as f32,
        scheme: match field.scheme {
            Scheme::Still => scheme::STILL,
            Scheme::Explicit { .. } => scheme::EXPLICIT,
            Scheme::Implicit { steady: false } => scheme::IMPLICIT,
            Scheme::Implicit { steady: true } => scheme::STEADY,
        },
        hindrance: hindrance as f32,
        obstacles_at,
        mobility_varies: u32::from(diffuses && (hindrance > 0.0 || obstacles_at != NONE)),
        mass_varies: u32::from(mass_varies),
        mass: f32::from(u8::from(!steady))
            + model.dt_min() as f32 * (((loss + exchange) + relaxing) * per_retention as f32),
        tolerance: field.tolerance.max(rounding) as f32,
        quiet: (1e-3 * field.tolerance).max(rounding) as f32,
        stiffness: if steady { diagonal as f32 } else { 1.0 },
        perfusion: perfusion as f32,
        level: level as f32,
        plasma: plasma as f32,
        vessels_at: if field.perfusion.is_some() {
            vessels_at
        } else {
            NONE
        },
        kind: field.kind as u32,
        substeps,
        courant: courant as f32,
        loss,
        source,
        exchange,
        uptake_at,
        source_at,
        face: faces,
        face_value,
    }
}
