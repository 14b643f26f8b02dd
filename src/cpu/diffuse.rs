//! Diffusion of every field that diffuses: slow ones by forward Euler in substeps ([`explicit`]), fast ones by backward
//! Euler, unsplit, with multigrid ([`implicit`]). Both are in flux form: what leaves a voxel enters the next. Twin of
//! `shaders/passes/diffuse.wgsl`.

mod explicit;
mod fill;
mod implicit;
mod multigrid;

use rayon::prelude::*;

use super::Scene;
use super::exp::exp_minus;
use crate::coefficients::{Coefficients, NONE, scheme};
use crate::model::FieldKind;
use crate::simulation::EngineError;
use multigrid::Multigrid;

/// What diffusion needs besides the state, shared by all fields.
#[derive(Default)]
pub(super) struct Scratch {
    /// The other half of the ping-pong of substeps.
    work: Vec<f32>,
    /// Relative diffusivity 0…1 per voxel, where it varies.
    mobility: Vec<f32>,
    /// Mass of the implicit system per voxel, where it varies.
    mass: Vec<f32>,
    multigrid: Option<Multigrid>,
}

impl Scratch {
    /// The arrays that the fields of a model need.
    pub(super) fn new(coefficients: &Coefficients) -> Self {
        let g = &coefficients.globals;
        let n = g.n_voxels as usize;
        let any = |is: &dyn Fn(&crate::coefficients::FieldCoefficients) -> bool| {
            coefficients.fields.iter().any(is)
        };
        let sized = |needed: bool| vec![0.0; if needed { n } else { 0 }];
        let implicit = |scheme: u32| scheme == scheme::IMPLICIT || scheme == scheme::STEADY;
        Self {
            work: sized(any(&|f| f.scheme == scheme::EXPLICIT)),
            mobility: sized(any(&|f| f.mobility_varies == 1)),
            mass: sized(any(&|f| implicit(f.scheme) && f.mass_varies == 1)),
            multigrid: any(&|f| implicit(f.scheme)).then(|| Multigrid::new(g.n)),
        }
    }
}

pub(super) fn diffuse(scene: &mut Scene) -> Result<(), EngineError> {
    for slot in 0..scene.coefficients.fields.len() {
        let field = &scene.coefficients.fields[slot];
        if field.scheme == scheme::STILL {
            continue;
        }
        if field.mobility_varies == 1 {
            mobility(scene, slot);
        }
        if field.scheme == scheme::EXPLICIT {
            explicit::substeps(scene, slot);
        } else {
            implicit::solve(scene, slot)?;
        }
    }
    Ok(())
}

/// Diffusivity of each voxel relative to free solution: 0 in obstacles, e^(−hindrance·√ρ) in matrix.
fn mobility(scene: &mut Scene, slot: usize) {
    let c = scene.coefficients;
    let field = &c.fields[slot];
    let obstacles = (field.obstacles_at != NONE)
        .then(|| &c.maps[field.obstacles_at as usize..][..c.globals.n_voxels as usize]);
    let ecm = scene
        .state
        .field(FieldKind::Ecm)
        .filter(|_| field.hindrance > 0.0);
    scene
        .scratch
        .mobility
        .par_iter_mut()
        .with_min_len(super::SPLIT)
        .enumerate()
        .for_each(|(i, mobility)| {
            *mobility = ecm.map_or(1.0, |rho| exp_minus(field.hindrance * rho[i].sqrt()));
            if obstacles.is_some_and(|closed| closed[i] > 0.0) {
                *mobility = 0.0;
            }
        });
}
