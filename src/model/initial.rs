//! The state at time zero.

use glam::Vec4;

use super::shape::Shape;
use super::{CellType, FieldKind, Initial, Line, Model, Place, Signalling};
use crate::rng::{self, Stream};
use crate::state::{Cells, HostState, N_TRAITS, NO_PARENT, Phase, Tally, life};

/// Fields as the scenario gives them; cells where it places them, without deep overlaps, in random directions, their
/// signalling at rest in the matrix where they lie, without drug; plated ones without adhesions, at rest in the drug.
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

/// A cell that comes from nowhere, before it has an id.
pub(super) struct Founder {
    pub position: [f32; 3],
    /// µm.
    pub radius: f32,
    pub direction: [f32; 3],
    pub type_ix: usize,
    pub phase: Phase,
    /// Just set down: it has no adhesions yet, and has been with the drug.
    pub plated: bool,
}

/// Cells get their ids in the order of the neighbour bins that they lie in, so that cells which meet lie side by side in
/// memory, and read the same voxels, as long as they have not wandered far.
fn place_cells(model: &Model, ecm: Option<&[f32]>) -> Cells {
    let mut founders = founders(model);
    // In memory, too, neighbours lie side by side while they part.
    sort_by_bin(model, &mut founders);
    relax(model, &mut founders);
    sort_by_bin(model, &mut founders);
    let mut cells = Cells::default();
    let signalling = Signalling::new(model.parameters());
    for (id, founder) in founders.iter().enumerate() {
        settle(model, &signalling, &mut cells, founder, id as u32, ecm);
    }
    cells
}

/// Puts a cell behind the others: its signalling at rest in the matrix where it lies (`ecm`, `[z][y][x]`), without drug.
pub(super) fn settle(
    model: &Model,
    signalling: &Signalling,
    cells: &mut Cells,
    founder: &Founder,
    id: u32,
    ecm: Option<&[f32]>,
) {
    let cell_type = &model.cell_types()[founder.type_ix];
    let traits = traits(model, id, cell_type);
    let [fak, receptors, speed] = traits.map(f64::from);
    let line = Line::from(cell_type).with(fak, receptors);
    let [x, y, z] = founder.position;
    cells
        .position_radius
        .push(Vec4::new(x, y, z, founder.radius));
    cells.push_crowding.push(Vec4::ZERO);
    cells.identity.push([
        id,
        founder.type_ix as u32,
        NO_PARENT,
        life(founder.phase, 0),
    ]);
    let rho = ecm.map_or(model.parameters().value("rho_star"), |values| {
        f64::from(values[model.grid().voxel_at(founder.position)])
    });
    let rest = if founder.plated {
        let inhibitor = model.dose().inhibitor();
        let drug_nm = inhibitor.map_or(0.0, |treatment| treatment.free_nm(0.0));
        let mut rest = signalling.steady(rho, drug_nm, line);
        (rest.fa_nascent, rest.fa_mature) = (0.0, 0.0);
        rest
    } else {
        signalling.steady(rho, 0.0, line)
    };
    let crawling = if founder.phase == Phase::Growing {
        0.0
    } else {
        cell_type.speed * speed * signalling.relative_speed(rho, &rest, cell_type.integrin)
    };
    let [px, py, pz] = founder.direction;
    cells
        .polarity_speed
        .push(Vec4::new(px, py, pz, crawling as f32));
    for (row, value) in cells.signals.iter_mut().zip(rest.rows()) {
        row.push(value as f32);
    }
    for (row, value) in cells.traits.iter_mut().zip(traits) {
        row.push(value);
    }
}

/// What makes a founder differ from others of its type: log-normal factors of mean 1.
fn traits(model: &Model, id: u32, cell_type: &CellType) -> [f32; N_TRAITS] {
    let key = [model.seed() as u32, (model.seed() >> 32) as u32];
    let mut row = 0;
    cell_type.spread.map(|sigma| {
        let words = rng::draw(key, Stream::Traits, id, row, 0);
        row += 1;
        if sigma == 0.0 {
            return 1.0;
        }
        // Box and Muller; 1 − u is never 0.
        let [u, v] = [words[0], words[1]].map(|word| f64::from(rng::unit_f32(word)));
        let normal = (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        (sigma * normal - 0.5 * sigma * sigma).exp() as f32
    })
}

/// Sorts by neighbour bin; cells of one bin keep their order.
fn sort_by_bin(model: &Model, founders: &mut [Founder]) {
    let grid = model.grid();
    let bins = grid.bins(crate::coefficients::interaction_range_um(model));
    let size = grid.size_um();
    founders.sort_by_cached_key(|founder| {
        [2, 1, 0].map(|axis| {
            let share = f64::from(founder.position[axis]) / size[axis];
            ((share * f64::from(bins[axis])) as u32).min(bins[axis] - 1)
        })
    });
}

/// Parts founders that overlap too deeply.
fn relax(model: &Model, founders: &mut [Founder]) {
    let bodies = founders.iter().map(|founder| {
        let [x, y, z] = founder.position;
        Vec4::new(x, y, z, founder.radius)
    });
    let types: Vec<usize> = founders.iter().map(|founder| founder.type_ix).collect();
    let bodies = crate::cpu::relax(model, bodies.collect(), &types);
    for (founder, body) in founders.iter_mut().zip(bodies) {
        founder.position = [body.x, body.y, body.z];
    }
}

/// Every placement's cells, numbered in the order of the scenario for the draws.
fn founders(model: &Model) -> Vec<Founder> {
    let key = [model.seed() as u32, (model.seed() >> 32) as u32];
    let mut founders: Vec<Founder> = Vec::with_capacity(model.n_cells() as usize);
    for placement in model.placements() {
        let closed = model.closed_to(&model.cell_types()[placement.type_ix]);
        for i in 0..placement.count as usize {
            let number = founders.len() as u32;
            let radius = model.cell_types()[placement.type_ix].radius as f32;
            let (position, radius) = match &placement.place {
                Place::Points(points) => (points[i], radius),
                Place::Bodies(bodies) => (bodies[i].truncate().into(), bodies[i].w),
                place => (drawn(model, place, closed.as_deref(), key, number), radius),
            };
            let dimensions = model.grid().dimensions;
            founders.push(Founder {
                position,
                radius,
                direction: rng::direction(key, Stream::Placement, number, 0, dimensions),
                type_ix: placement.type_ix,
                phase: phase(key, number, &model.cell_types()[placement.type_ix]),
                plated: placement.plated,
            });
        }
    }
    founders
}

/// Going or growing in the shares at which the switches are in balance; both at once without go-or-grow.
pub(super) fn phase(key: [u32; 2], number: u32, cell_type: &CellType) -> Phase {
    let both = cell_type.to_go + cell_type.to_grow;
    if both == 0.0 {
        return Phase::Cycling;
    }
    // A step of its own keeps this draw apart from those of places and directions.
    let words = rng::draw(key, Stream::Placement, number, u32::MAX, 0);
    if f64::from(rng::unit_f32(words[0])) < cell_type.to_go / both {
        Phase::Going
    } else {
        Phase::Growing
    }
}

/// A position uniform in the open part of a place, by rejection. The model has checked that cells fit in there: all
/// founders together take about as many draws as cells would fill the whole place.
fn drawn(
    model: &Model,
    place: &Place,
    closed: Option<&[bool]>,
    key: [u32; 2],
    number: u32,
) -> [f32; 3] {
    for attempt in 0.. {
        let words = rng::draw(key, Stream::Placement, number, attempt, 0);
        let shares = [0, 1, 2].map(|axis| f64::from(rng::unit_f32(words[axis])));
        let Some(position) = place.at(shares, model.grid()) else {
            continue;
        };
        let position = position.map(|x| x as f32);
        if !closed.is_some_and(|closed| closed[model.grid().voxel_at(position)]) {
            return position;
        }
    }
    [0.0; 3]
}
