//! Killer cells, a part of `fate`: they attach to the nearest prey in reach, and hit it while they hold it. Twin of
//! `shaders/passes/fate_hunt.wgsl`.

use rayon::prelude::*;

use super::Scene;
use super::bin::{bin_of, row_of};
use super::exp::exp_minus;
use super::forces::{bin_window, nearest_image, wrapped};
use crate::coefficients::{CellTypeCoefficients, Globals};
use crate::rng::{self, Stream};
use crate::simulation::EngineError;
use crate::state::{KILL_LOG, Kill, Phase, generation, life};

/// Turns killers and gives for each cell the lowest id of those that hit it, in order of the cells hit.
///
/// # Errors
/// More kills since the last look than the log holds.
pub(super) fn hunt(scene: &mut Scene) -> Result<Vec<(usize, u32)>, EngineError> {
    if scene.coefficients.globals.hunted == 0 {
        return Ok(Vec::new());
    }
    let ground = Ground {
        g: &scene.coefficients.globals,
        types: &scene.coefficients.cell_types,
        scene,
    };
    let identities = &scene.state.cells.identity;
    let turns: Vec<(usize, Turn)> = (0..identities.len())
        .into_par_iter()
        .filter_map(|ix| ground.turn(ix).map(|turn| (ix, turn)))
        .collect();
    let mut hits = Vec::new();
    let cells = &mut scene.state.cells;
    for (ix, turn) in turns {
        let identity = cells.identity[ix];
        let killed = generation(identity[3]);
        let (phase, killed) = match turn {
            Turn::LetsGo => (Phase::Cycling, killed),
            Turn::Attaches => (Phase::Attached, killed),
            Turn::Hits(victim) => {
                hits.push((victim, identity[0]));
                (Phase::Cycling, killed + 1)
            }
        };
        cells.identity[ix][3] = life(phase, killed);
    }
    hits.sort_unstable();
    hits.dedup_by_key(|hit| hit.0);
    let step = scene.input.step;
    let kill = |&(victim, killer): &(usize, u32)| Kill {
        step,
        victim: cells.identity[victim][0],
        killer,
    };
    scene.kills.extend(hits.iter().map(kill));
    if scene.kills.len() > KILL_LOG as usize {
        return Err(EngineError::Kills {
            most: KILL_LOG,
            time_h: scene.time_h(),
            step,
        });
    }
    Ok(hits)
}

/// What a killer does; nothing is no turn.
enum Turn {
    LetsGo,
    Attaches,
    /// The cell with this index.
    Hits(usize),
}

struct Ground<'a> {
    g: &'a Globals,
    types: &'a [CellTypeCoefficients],
    scene: &'a Scene<'a>,
}

impl Ground<'_> {
    fn turn(&self, ix: usize) -> Option<Turn> {
        let g = self.g;
        let cells = &self.scene.state.cells;
        let identity = cells.identity[ix];
        let t = &self.types[identity[1] as usize];
        let phase = Phase::of(identity[3]);
        if t.attack == 0.0 || phase.is_dying() || generation(identity[3]) >= t.most_kills {
            return None;
        }
        let (prey, suppressors) = self.around(ix);
        let words = rng::draw(
            g.seed,
            Stream::Hunt,
            identity[0],
            self.scene.input.step as u32,
            0,
        );
        let luck = rng::unit_f32(words[0]);
        let Some(prey) = prey else {
            return (phase == Phase::Attached).then_some(Turn::LetsGo);
        };
        let theirs = &self.types[cells.identity[prey][1] as usize];
        if phase == Phase::Attached {
            let free = 1.0 - self.scene.input.pd1_block;
            let sheltered = 1.0 - theirs.shelter * free;
            let kill = (t.kill * sheltered) / (1.0 + suppressors * g.per_k_m);
            return (luck < 1.0 - exp_minus(kill)).then_some(Turn::Hits(prey));
        }
        (luck < 1.0 - exp_minus(t.attack * theirs.antigen)).then_some(Turn::Attaches)
    }

    /// The nearest living prey in reach, and the density of suppression in the bins around.
    fn around(&self, ix: usize) -> (Option<usize>, f32) {
        let g = self.g;
        let sorted = &*self.scene.workings;
        let cells = &self.scene.state.cells;
        let body = cells.position_radius[ix];
        let here = bin_of(g, [body.x, body.y, body.z]);
        let [(x0, x1), (y0, y1), (z0, z1)] = [0, 1, 2].map(|axis| bin_window(g, axis, here[axis]));
        let (mut nearest, mut least) = (None, g.attack_reach2);
        let mut suppression = 0.0f32;
        for z in z0..=z1 {
            for y in y0..=y1 {
                let row = row_of(g, wrapped(y, g.bins[1]), wrapped(z, g.bins[2]));
                for x in x0..=x1 {
                    let bin = (row + wrapped(x, g.bins[0])) as usize;
                    let run = sorted.bin_starts[bin] as usize..sorted.bin_starts[bin + 1] as usize;
                    for &other in &sorted.sorted_ix[run] {
                        let other = other as usize;
                        let identity = cells.identity[other];
                        let t = &self.types[identity[1] as usize];
                        if Phase::of(identity[3]).is_dying() {
                            continue;
                        }
                        suppression += t.suppression;
                        if t.antigen == 0.0 {
                            continue;
                        }
                        let there = cells.position_radius[other];
                        let mut d2 = 0.0f32;
                        for axis in 0..3 {
                            let mut d = body[axis] - there[axis];
                            if g.periodic[axis] == 1 {
                                d = nearest_image(0.5 * g.size_um[axis], g.size_um[axis], d);
                            }
                            d2 += d * d;
                        }
                        if d2 < least {
                            (nearest, least) = (Some(other), d2);
                        }
                    }
                }
            }
        }
        let bins = (((x1 - x0 + 1) * (y1 - y0 + 1)) * (z1 - z0 + 1)) as f32;
        (nearest, suppression / (bins * g.bin_measure))
    }
}
