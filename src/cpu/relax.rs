//! Overlaps of founders before time zero: cells that lie too deep in each other are pushed apart, as in a run, but
//! without adhesion and crawling. It runs on the host, once, for both engines.

use glam::Vec4;
use rayon::prelude::*;

use super::bin::{self, bin_of, row_of};
use super::forces::{bin_window, nearest_image, wrapped};
use super::r#move::{bounce, passes};
use super::{SPLIT, Scene, diffuse, scan, sort};
use crate::coefficients::{Coefficients, Globals};
use crate::model::Model;
use crate::rng::{self, Stream};
use crate::simulation::StepInput;
use crate::state::{Cells, HostState, Tally, Workings};

/// Distance in units of the sum of two radii below which two cells overlap too deeply.
const DEEP: f32 = 0.8;
/// Rounds at most.
const MOST_ROUNDS: u32 = 60;
/// Length of a round, min.
const ROUND_MIN: f32 = 1.0;
/// Farthest move in a round, in radii of the cell: many neighbours do not throw it past one of them.
const FARTHEST: f32 = 0.5;
/// What parts two cells at one point, in radii of the cell.
const APART: f32 = 1e-3;

/// Positions and radii of founders (µm) after relaxation: cells in a deep overlap move as its repulsion c_r pushes them,
/// until there is none, 60 rounds at most; the others stay where they are. Depends on the order of the founders and the
/// seed, not on threads. `types` are the types of the bodies.
pub(crate) fn relax(model: &Model, bodies: Vec<Vec4>, types: &[usize]) -> Vec<Vec4> {
    if bodies.is_empty() || model.parameters().value("c_r") == 0.0 {
        return bodies;
    }
    let coefficients = Coefficients::new(model);
    let g = &coefficients.globals;
    let mut workings = Workings {
        bin_counts: vec![0; g.n_bins as usize + 1],
        ..Workings::default()
    };
    let mut state = HostState {
        step: 0,
        next_id: 0,
        tally: Tally::default(),
        fields: Vec::new(),
        cells: Cells {
            position_radius: bodies,
            ..Cells::default()
        },
    };
    let mut pushes = Vec::new();
    let mut search = sort::Scratch::default();
    // Bins that a cell has moved in or beside: only there can a pair be newly too near.
    let mut awake = vec![true; g.n_bins as usize];
    for round in 0..MOST_ROUNDS {
        let mut scene = Scene {
            coefficients: &coefficients,
            state: &mut state,
            workings: &mut workings,
            scratch: &mut diffuse::Scratch::default(),
            search: &mut search,
            books: &mut [],
            kills: &mut Vec::new(),
            input: StepInput::bathed(0, 0.0),
        };
        bin::bin(&mut scene);
        scan::scan(&mut scene);
        sort::sort(&mut scene);
        let crowd = &workings;
        (0..crowd.sorted_bodies.len())
            .into_par_iter()
            .with_min_len(SPLIT)
            .map(|place| push(g, crowd, &awake, place, round))
            .collect_into_vec(&mut pushes);
        awake.fill(false);
        let mut rest = true;
        for (place, push) in pushes.iter().enumerate() {
            if let Some(push) = push {
                let ix = workings.sorted_ix[place] as usize;
                let body = &mut state.cells.position_radius[ix];
                let may_be = |at| {
                    passes(
                        g,
                        &coefficients.maps,
                        &coefficients.cell_types[types[ix]],
                        at,
                    )
                };
                *body = moved(g, *body, *push, may_be);
                each_near(g, *body, |bin| awake[bin] = true);
                rest = false;
            }
        }
        if rest {
            break;
        }
    }
    state.cells.position_radius
}

/// Calls for the bin of a body and those beside it.
fn each_near(g: &Globals, body: Vec4, mut call: impl FnMut(usize)) {
    let here = bin_of(g, [body.x, body.y, body.z]);
    let [(x0, x1), (y0, y1), (z0, z1)] = [0, 1, 2].map(|axis| bin_window(g, axis, here[axis]));
    for z in z0..=z1 {
        for y in y0..=y1 {
            let row = row_of(g, wrapped(y, g.bins[1]), wrapped(z, g.bins[2]));
            for x in x0..=x1 {
                call((row + wrapped(x, g.bins[0])) as usize);
            }
        }
    }
}

/// What neighbours that are too near push the cell at a place of the sorted order by in a round, µm, if there are any.
/// The others do not push: cells that stay where they are would hold it fast.
fn push(
    g: &Globals,
    crowd: &Workings,
    awake: &[bool],
    place: usize,
    round: u32,
) -> Option<[f32; 3]> {
    let number = crowd.sorted_ix[place];
    if !awake[crowd.cell_bins[number as usize] as usize] {
        return None;
    }
    let body = crowd.sorted_bodies[place];
    let half: [f32; 3] = std::array::from_fn(|axis| {
        if g.periodic[axis] == 1 {
            0.5 * g.size_um[axis]
        } else {
            f32::INFINITY
        }
    });
    let (mut push, mut near, mut same) = ([0.0f32; 3], false, false);
    each_near(g, body, |bin| {
        let others = crowd.bin_starts[bin] as usize..crowd.bin_starts[bin + 1] as usize;
        for other_place in others {
            let other = crowd.sorted_bodies[other_place];
            let away: [f32; 3] = std::array::from_fn(|axis| {
                nearest_image(half[axis], g.size_um[axis], body[axis] - other[axis])
            });
            let d2 = (away[0] * away[0] + away[1] * away[1]) + away[2] * away[2];
            let contact = body.w + other.w;
            let deep = DEEP * contact;
            if d2 >= deep * deep || other_place == place {
                continue;
            }
            near = true;
            if d2 == 0.0 {
                same = true;
                continue;
            }
            let d = d2.sqrt();
            let overlap = 1.0 - d / contact;
            let scale = g.c_r * (overlap * overlap) / d;
            for axis in 0..3 {
                push[axis] += scale * away[axis];
            }
        }
    });
    if !near {
        return None;
    }
    push = push.map(|v| ROUND_MIN * v);
    let length = ((push[0] * push[0] + push[1] * push[1]) + push[2] * push[2]).sqrt();
    let farthest = FARTHEST * body.w;
    if length > farthest {
        push = push.map(|v| v * (farthest / length));
    }
    if same {
        // Draws of later steps than 0 are free: the placement takes those.
        let away = rng::direction(g.seed, Stream::Placement, number, round + 1, g.dimensions);
        for axis in 0..3 {
            push[axis] += APART * body.w * away[axis];
        }
    }
    Some(push)
}

/// A cell after a push, in the box; where it was, if the way leads where it may not be.
fn moved(g: &Globals, body: Vec4, push: [f32; 3], may_be: impl Fn([f32; 3]) -> bool) -> Vec4 {
    let after = |share: f32| {
        let mut to = body;
        for axis in 0..3 {
            (to[axis], _) = bounce(g, axis, body[axis] + share * push[axis], 0.0);
        }
        to
    };
    // A thin wall is not jumped.
    let length = ((push[0] * push[0] + push[1] * push[1]) + push[2] * push[2]).sqrt();
    let looks = (2.0 * length / g.voxel_um).ceil().max(1.0);
    let is_open = |look: u32| {
        let at = after(look as f32 / looks);
        may_be([at.x, at.y, at.z])
    };
    if (1..=looks as u32).all(is_open) {
        after(1.0)
    } else {
        body
    }
}
