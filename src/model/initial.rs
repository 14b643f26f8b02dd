//! The state at time zero.

use glam::Vec4;

use super::shape::Shape;
use super::{CellType, FieldKind, Initial, Line, Model, Signalling};
use crate::rng::{self, Stream};
use crate::state::{Cells, HostState, NO_PARENT, Phase, Tally, life};

/// Fields as the scenario gives them; cells at random places and directions, their signalling at rest in the matrix
/// where they lie, without drug.
pub fn initial_state(model: &Model) -> HostState {
    let fields: Vec<(FieldKind, Vec<f32>)> = model
        .fields()
        .iter()
        .map(|field| (field.kind, field_values(model, &field.initial)))
        .collect();
    let ecm = fields
        .iter()
        .find(|(kind, _)| *kind == FieldKind::Ecm)
        .map(|(_, values)| values.as_slice());
    let cells = place_cells(model, ecm);
    HostState {
        step: 0,
        next_id: cells.len() as u32,
        tally: Tally::default(),
        fields,
        cells,
    }
}

fn field_values(model: &Model, initial: &Initial) -> Vec<f32> {
    let grid = model.grid();
    if let Initial::Values(values) = initial {
        return values.clone();
    }
    if let Initial::Ball {
        centre_um,
        radius_um,
        inside,
        outside,
    } = initial
    {
        let ball = Shape::ball(*centre_um, *radius_um, grid);
        let mut values = vec![*outside as f32; grid.n_voxels()];
        for ix in ball.voxels(grid) {
            values[ix] = *inside as f32;
        }
        return values;
    }
    let mut values = Vec::with_capacity(grid.n_voxels());
    for z in 0..grid.n[2] {
        for y in 0..grid.n[1] {
            for x in 0..grid.n[0] {
                values.push(value_at(model, initial, grid.centre_um([x, y, z])) as f32);
            }
        }
    }
    values
}

fn value_at(model: &Model, initial: &Initial, at: [f64; 3]) -> f64 {
    let axes = 0..model.grid().dimensions as usize;
    match initial {
        Initial::Uniform(value) => *value,
        Initial::Gaussian {
            centre_um,
            sigma_um,
            amplitude,
        } => {
            let r2: f64 = axes.map(|a| (at[a] - centre_um[a]).powi(2)).sum();
            amplitude * (-r2 / (2.0 * sigma_um * sigma_um)).exp()
        }
        Initial::Rectangle {
            from_um,
            to_um,
            inside,
            outside,
        } => {
            let within = axes
                .into_iter()
                .all(|a| from_um[a] <= at[a] && at[a] < to_um[a]);
            if within { *inside } else { *outside }
        }
        Initial::Linear { axis, from, to } => {
            from + (to - from) * at[*axis] / model.grid().size_um()[*axis]
        }
        // Handled by the caller.
        Initial::Ball { .. } | Initial::Values(_) => f64::NAN,
    }
}

/// A cell of the start before it has an id.
struct Founder {
    position: [f32; 3],
    direction: [f32; 3],
    type_ix: usize,
    phase: Phase,
}

/// Cells get their ids in the order of the neighbour bins that they lie in, so that cells which meet lie side by side in
/// memory, and read the same voxels, as long as they have not wandered far.
fn place_cells(model: &Model, ecm: Option<&[f32]>) -> Cells {
    let grid = model.grid();
    let signalling = Signalling::new(model.parameters());
    let mut founders = founders(model);
    let bins = grid.bins(crate::coefficients::interaction_range_um(model));
    let size = grid.size_um();
    let bin_of = |founder: &Founder| {
        [2, 1, 0].map(|axis| {
            let share = f64::from(founder.position[axis]) / size[axis];
            ((share * f64::from(bins[axis])) as u32).min(bins[axis] - 1)
        })
    };
    // Stable: cells of one bin keep the order of the scenario.
    founders.sort_by_key(bin_of);
    let mut cells = Cells::default();
    for (id, founder) in founders.into_iter().enumerate() {
        let cell_type = &model.cell_types()[founder.type_ix];
        let line = Line::from(cell_type);
        let [x, y, z] = founder.position;
        cells
            .position_radius
            .push(Vec4::new(x, y, z, cell_type.radius as f32));
        cells.push_crowding.push(Vec4::ZERO);
        cells.identity.push([
            id as u32,
            founder.type_ix as u32,
            NO_PARENT,
            life(founder.phase, 0),
        ]);
        let rho = ecm.map_or(model.parameters().value("rho_star"), |values| {
            f64::from(values[voxel_of(model, founder.position)])
        });
        let rest = signalling.steady(rho, 0.0, line);
        let speed = if founder.phase == Phase::Growing {
            0.0
        } else {
            cell_type.speed * signalling.relative_speed(rho, &rest, cell_type.integrin)
        };
        let [px, py, pz] = founder.direction;
        cells
            .polarity_speed
            .push(Vec4::new(px, py, pz, speed as f32));
        for (row, value) in cells.signals.iter_mut().zip(rest.rows()) {
            row.push(value as f32);
        }
    }
    cells
}

/// Every placement's cells at random in its box, numbered in the order of the scenario for the draws.
fn founders(model: &Model) -> Vec<Founder> {
    let grid = model.grid();
    let key = [model.seed() as u32, (model.seed() >> 32) as u32];
    let mut founders: Vec<Founder> = Vec::new();
    for placement in model.placements() {
        for _ in 0..placement.count {
            let number = founders.len() as u32;
            let words = rng::draw(key, Stream::Placement, number, 0, 0);
            let mut position = [0.5 * grid.voxel_um as f32; 3];
            for axis in 0..grid.dimensions as usize {
                let (from, to) = (placement.from_um[axis], placement.to_um[axis]);
                position[axis] =
                    (from + (to - from) * f64::from(rng::unit_f32(words[axis]))) as f32;
            }
            founders.push(Founder {
                position,
                direction: direction(key, number, grid.dimensions),
                type_ix: placement.type_ix,
                phase: phase(key, number, &model.cell_types()[placement.type_ix]),
            });
        }
    }
    founders
}

/// Going or growing in the shares at which the switches are in balance; both at once without go-or-grow.
fn phase(key: [u32; 2], number: u32, cell_type: &CellType) -> Phase {
    let both = cell_type.to_go + cell_type.to_grow;
    if both == 0.0 {
        return Phase::Cycling;
    }
    // A step of its own keeps this draw apart from those of places and directions.
    let words = rng::draw(key, Stream::Placement, number, 1, 0);
    if f64::from(rng::unit_f32(words[0])) < cell_type.to_go / both {
        Phase::Going
    } else {
        Phase::Growing
    }
}

fn voxel_of(model: &Model, position: [f32; 3]) -> usize {
    let grid = model.grid();
    let ix = [0, 1, 2].map(|axis| {
        let i = (f64::from(position[axis]) / grid.voxel_um) as usize;
        i.min(grid.n[axis] as usize - 1)
    });
    (ix[2] * grid.n[1] as usize + ix[1]) * grid.n[0] as usize + ix[0]
}

/// A direction uniform on the circle or sphere, by rejection from the square or cube.
fn direction(seed: [u32; 2], id: u32, dimensions: u32) -> [f32; 3] {
    for attempt in 1.. {
        let words = rng::draw(seed, Stream::Placement, id, 0, attempt);
        let mut v = [0.0f64; 3];
        for axis in 0..dimensions as usize {
            v[axis] = 2.0 * f64::from(rng::unit_f32(words[axis])) - 1.0;
        }
        let r2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
        if (1e-6..=1.0).contains(&r2) {
            let r = r2.sqrt();
            return v.map(|c| (c / r) as f32);
        }
    }
    [1.0, 0.0, 0.0]
}
