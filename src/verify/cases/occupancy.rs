//! Occupancy by dose: A12.

use super::dish::{dish, first};
use crate::state::signal;
use crate::verify::{Axis, Bench, Case, Kind, Outcome, Plot, Point, Series};

pub(super) const CASES: &[Case] = &[Case {
    id: "A12",
    title: "Half of FAK is occupied at Kᵢ(1 + [ATP]/K_m)",
    text: "Occupancy θ read from cells of a receptor-low line, whose slow bypass at rest is its maximum times θ, in baths around K_app = Kᵢ(1 + [ATP]/K_m) with Kᵢ 0.6 nM and [ATP]/K_m 4, 10.67 and 82.3: the dose of half occupancy is C(1 − θ)/θ.",
    source: "Cheng & Prusoff 1973",
    evidence: "exact",
    kind: Kind::Gate,
    tolerance: "0.1 %",
    note: "The formula is exact; which [ATP]/K_m cells have is a design choice (K_app 7 nM).",
    perturbation: &["parameters.K_app=14 nM"],
    full_only: false,
    slow_on_software: false,
    run: occupancy,
}];

fn occupancy(bench: &Bench) -> anyhow::Result<Outcome> {
    let mut series = Vec::new();
    for ratio in [4.0, 10.667, 82.3] {
        let k_app = 0.6 * (1.0 + ratio);
        let parameters = format!("K_app = \"{k_app} nM\"\ntau_s = \"1 h\"");
        let mut simulation = bench.simulation(&dish("receptor-low", &parameters, "1 min", 0.0))?;
        let most = simulation.model().cell_types()[0].bypass_slow;
        let mut points = Vec::new();
        for (i, share) in [0.2, 0.5, 1.0, 2.0, 5.0].into_iter().enumerate() {
            // 20 time constants.
            simulation.set_bath_nm(share * k_app);
            bench.run_to(&mut simulation, 1200 * (i as u64 + 1))?;
            let theta = first(&simulation.snapshot()?.cells, signal::BYPASS_SLOW) / most;
            points.push(Point {
                x: share * k_app,
                expected: k_app,
                got: share * k_app * (1.0 - theta) / theta,
                allowed: 1e-3 * k_app,
            });
        }
        series.push(Series::new(format!("[ATP]/K_m {ratio}"), points));
    }
    let plot = Plot {
        title: "Dose of half occupancy".into(),
        x: Axis::log("defactinib (nM)"),
        y: Axis::log("IC50 of occupancy (nM)"),
        series,
    };
    Ok(Outcome::of(plot, "nM"))
}
