//! The same seed twice: A16.

use crate::state::HostState;
use crate::verify::{Axis, Bench, Case, Check, Kind, Outcome, Plot, Point, Series, scene_toml};

pub(super) const CASES: &[Case] = &[Case {
    id: "A16",
    title: "The same seed gives the same bits",
    text: "A flat scene with every field, five cell types, vessels, obstacles, births and deaths, run twice with one seed on the chosen engine: values of any field or cell that differ, and the state hash; another seed must give other bits.",
    source: "counter-based randomness, order-free sums",
    evidence: "exact",
    kind: Kind::Gate,
    tolerance: "0",
    note: "",
    perturbation: &["seed=12"],
    full_only: false,
    slow_on_software: false,
    run: repeats,
}];

/// Values that differ between two states, in fields and cells.
fn differing(a: &HostState, b: &HostState) -> f64 {
    let count = |a: &[f32], b: &[f32]| {
        let pairs = a.iter().zip(b).filter(|(a, b)| a.to_bits() != b.to_bits());
        pairs.count() + a.len().abs_diff(b.len())
    };
    let fields = a.fields.iter().zip(&b.fields);
    let fields: usize = fields.map(|((_, a), (_, b))| count(a, b)).sum();
    let (x, y) = (&a.cells, &b.cells);
    let places = count(
        bytemuck::cast_slice(&x.position_radius),
        bytemuck::cast_slice(&y.position_radius),
    );
    let signals = x.signals.iter().zip(&y.signals);
    let signals: usize = signals.map(|(a, b)| count(a, b)).sum();
    (fields + places + signals) as f64
}

fn repeats(bench: &Bench) -> anyhow::Result<Outcome> {
    let text = scene_toml(false, false);
    let mut once = bench.start(bench.plain_model(&text)?)?;
    let mut again = bench.simulation(&text)?;
    let mut points = Vec::new();
    let mut equal = true;
    for step in (0..=bench.pick(120, 600)).step_by(60) {
        bench.run_to(&mut once, step)?;
        bench.run_to(&mut again, step)?;
        let (a, b) = (once.snapshot()?, again.snapshot()?);
        equal &= a.hash() == b.hash();
        points.push(Point {
            x: step as f64,
            expected: 0.0,
            got: differing(&a, &b),
            allowed: 0.5,
        });
    }
    let last = once.snapshot()?;
    let mut other = bench.start(bench.plain_model(&text)?.with_seed(13))?;
    bench.run_to(&mut other, last.step)?;
    let plot = Plot {
        title: "Values that differ between two runs".into(),
        x: Axis::linear("step"),
        y: Axis::linear("values"),
        series: vec![Series::new("", points)],
    };
    let mut outcome = Outcome::of(plot, "values");
    outcome.check(Check::most(
        "state hashes that differ",
        f64::from(!equal),
        0.0,
        "",
    ));
    let same = last.hash() == other.snapshot()?.hash();
    outcome.check(Check::most(
        "other seeds that give the same bits",
        f64::from(same),
        0.0,
        "",
    ));
    Ok(outcome)
}
