//! temporary model for engine bring-up
use super::*;
use crate::dosing::Dose;
impl Model {
    /// temp
    pub fn temporary_scratch() -> Model {
        let grid = Grid {
            n: [200, 150, 1],
            voxel_um: 9.5,
            periodic: [false; 3],
            dimensions: 2,
        };
        let f = |kind, d: f64, init: f64, sub| Field {
            kind,
            diffusivity: d,
            decay: 0.0,
            uptake: Rate::Uniform(0.0),
            source: Rate::Uniform(0.0),
            initial: Initial::Uniform(init),
            boundary: [[Face::NoFlux; 2]; 3],
            substeps: sub,
        };
        Model {
            title: "t".into(),
            question: "q".into(),
            seed: 7,
            grid,
            dt_min: 0.1,
            n_steps: 28800,
            report_steps: 600,
            fields: vec![
                f(FieldKind::Drug, 9960.0, 0.0, 47),
                f(FieldKind::Ecm, 0.0, 0.5, 0),
                f(FieldKind::Fak, 60.0, 0.0, 1),
            ],
            cell_types: vec![CellType {
                name: "pc-3".into(),
                speed: 47.9 / 60.0,
                persistence: 30.0,
                radius: 8.4,
                division: 0.0492 / 60.0,
                death: 1e-3 / 60.0,
                adhesion: 1.0,
                integrin: 1.0,
                chemotaxis: 1.0,
                haptotaxis: 1.0,
                bypass_fast: 0.0,
                bypass_slow: 0.0,
                erk_basal: 1.0,
                akt_coupling: 1.0,
            }],
            placements: vec![
                Placement {
                    type_ix: 0,
                    from_um: [0.0; 3],
                    to_um: [650.0, 1425.0, 9.5],
                    count: 1019,
                },
                Placement {
                    type_ix: 0,
                    from_um: [1300.0, 0.0, 0.0],
                    to_um: [1900.0, 1425.0, 9.5],
                    count: 941,
                },
            ],
            parameters: crate::parameters::Parameters::temporary(),
            dose: Dose::Bath(100.0),
            sliders: vec![],
            scratch: None,
        }
    }
}
