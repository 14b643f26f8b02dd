//! `invado check`: what a scenario means, before it is run.

use std::process::ExitCode;

use anyhow::Context;

use crate::cli::CheckArgs;
use crate::coefficients::{Coefficients, MOST_CYCLES};
use crate::gpu::shader;
use crate::hierarchy::Hierarchy;
use crate::model::{Face, Field, Level, Model, Rate, Scheme};
use crate::pass::Pass;
use crate::quantity::show;

/// Explains every scenario; fails on the first that is wrong.
pub(super) fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    for name in &args.scenarios {
        let (scenario, model) = super::load(name, &args.sets)?;
        super::print(&format!(
            "{}: {}\n{}",
            scenario.name,
            model.title(),
            explain(&model)
        ))?;
        for expectation in crate::lesson::expectations(&scenario)? {
            super::print(&format!("  lesson    {expectation}\n"))?;
        }
        for (name, arm) in scenario.arms()? {
            let dose = Model::try_from(&arm)?.dose().to_string();
            super::print(&format!("  arm       {name}: dose {dose}\n"))?;
        }
    }
    if let Some(folder) = &args.dump_shaders {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make '{}'", folder.display()))?;
        for pass in Pass::ALL {
            let path = folder.join(format!("{}.wgsl", pass.name()));
            std::fs::write(&path, shader::join(shader::parts(pass)))
                .with_context(|| format!("cannot write '{}'", path.display()))?;
        }
        super::print(&format!("shaders written to {}\n", folder.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn explain(model: &Model) -> String {
    let grid = model.grid();
    let [x, y, z] = grid.n;
    let bins = Coefficients::new(model).globals.bins;
    let mut lines = vec![
        format!(
            "grid      {x} × {y} × {z} voxels of {} um ({}-D)",
            grid.voxel_um, grid.dimensions
        ),
        format!(
            "time      {} of {} steps of {}, a report every {} steps",
            show(model.dt_min() * model.n_steps() as f64, "h"),
            model.n_steps(),
            show(model.dt_min(), "s"),
            model.report_steps()
        ),
        format!(
            "memory    {:.1} MiB",
            model.memory_bytes() as f64 / f64::from(1 << 20)
        ),
        format!(
            "cells     {} of at most {} in {} × {} × {} neighbour bins",
            model.n_cells(),
            model.most_cells(),
            bins[0],
            bins[1],
            bins[2]
        ),
    ];
    for cell_type in model.cell_types() {
        lines.push(format!(
            "          {:<12} speed {}, persistence {}, division {}",
            cell_type.name,
            show(cell_type.speed, "um/h"),
            show(cell_type.persistence, "h"),
            show(cell_type.division, "/h")
        ));
    }
    for recruit in model.recruits() {
        let rate = recruit.doors.iter().map(|door| door.rate).sum::<f64>();
        lines.push(format!(
            "recruits  {:<12} {} through {} voxels{}",
            model.type_labels()[recruit.type_ix],
            show(rate, "/h"),
            recruit.doors.len(),
            if recruit.by_vessels {
                " with vessels, which matrix squeezes"
            } else {
                " of the border"
            }
        ));
    }
    for field in model.fields() {
        lines.push(format!(
            "field     {:<10} {}",
            field.kind.name(),
            scheme(model, field)
        ));
    }
    lines.extend(space(model));
    lines.extend(observed(model));
    lines.extend(dose(model));
    let unverified = crate::record::unverified(model);
    lines.push(format!(
        "unverified parameters in use: {}",
        unverified.len()
    ));
    for p in unverified {
        lines.push(format!(
            "          {:<24} {:<14} {} ({})",
            p.name, p.value, p.evidence, p.source
        ));
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

/// What is given, and how many wells it takes.
fn dose(model: &Model) -> Vec<String> {
    let Some(series) = model.series() else {
        let dose = vec![format!("dose      {}", model.dose())];
        let n = model.wells().len();
        if n == 0 {
            return dose;
        }
        let wells = format!("{n} replicates with seeds {} and up", model.seed());
        return [dose, plate(model, &wells)].concat();
    };
    let doses: Vec<String> = (series.doses_nm.iter())
        .map(|dose| show(*dose, "nM"))
        .collect();
    let times: Vec<String> = (series.times_steps.iter())
        .map(|&steps| show(model.dt_min() * steps as f64, "h"))
        .collect();
    let wells = format!(
        "{} doses × {} replicates = {} wells",
        series.doses_nm.len(),
        model.replicates(),
        model.wells().len()
    );
    let dose = vec![
        format!("dose      series of baths: {}", doses.join(", ")),
        format!("          compared after {}", times.join(", ")),
    ];
    [dose, plate(model, &wells)].concat()
}

/// How wells are run.
fn plate(model: &Model, wells: &str) -> Vec<String> {
    let at_once = super::plate::at_once(model, rayon::current_num_threads());
    let steps = model.wells().len() as u64 * model.n_steps();
    vec![
        format!("wells     {wells} with {steps} steps in all"),
        format!(
            "          {at_once} side by side on the CPU, {:.1} MiB together; one after another on a GPU",
            at_once as f64 * model.memory_bytes() as f64 / f64::from(1 << 20)
        ),
    ]
}

/// What is measured of the cells beyond the columns of every run.
fn observed(model: &Model) -> Vec<String> {
    let plan = model.observe();
    let every = |steps: u64| show(model.dt_min() * steps as f64, "min");
    let tracks = plan.tracks.map(|plan| {
        format!(
            "tracks of {} cells every {}",
            plan.cells.min(model.n_cells()),
            every(plan.every_steps)
        )
    });
    let motility =
        (plan.motility).map(|plan| format!("motility every {}", every(plan.every_steps)));
    let pairs = (plan.pair_correlation).map(|plan| {
        format!(
            "pair correlation to {} um in {} bins",
            plan.to_um, plan.bins
        )
    });
    let profile = plan.profile.map(|plan| {
        let axis = ["x", "y", "z"][plan.axis];
        format!("profile along {axis} in {} bins", plan.bins)
    });
    [tracks, motility, pairs, profile]
        .into_iter()
        .flatten()
        .map(|what| format!("observe   {what}"))
        .collect()
}

/// Vessels, obstacles and sources that differ from place to place.
fn space(model: &Model) -> Vec<String> {
    let n = model.grid().n_voxels() as f64;
    let mut lines = Vec::new();
    if let Some(shares) = model.vessels() {
        let voxels = shares.iter().filter(|share| **share > 0.0).count();
        let total: f64 = shares.iter().map(|share| f64::from(*share)).sum();
        lines.push(format!(
            "vessels   in {voxels} voxels, {:.3} % of the domain",
            100.0 * total / n
        ));
    }
    if let Some(closed) = model.obstacles() {
        let voxels = closed.iter().filter(|closed| **closed).count();
        lines.push(format!(
            "obstacles {voxels} closed voxels, {:.3} % of the domain",
            100.0 * voxels as f64 / n
        ));
    }
    if let Some(mean) = model.mean_alignment() {
        lines.push(format!(
            "fibres    alignment {mean:.2} on average (0: any direction, 1: all parallel)"
        ));
    }
    for field in model.fields() {
        let (name, unit) = (field.kind.name(), field.kind.unit());
        if let Rate::PerVoxel(rates) = &field.source {
            let voxels = rates.iter().filter(|rate| **rate > 0.0).count();
            let total: f64 = rates.iter().map(|rate| f64::from(*rate)).sum();
            let unit = if unit.is_empty() { "1" } else { unit };
            lines.push(format!(
                "source    {name:<10} in {voxels} voxels, {:.3e} {unit}/min averaged over the domain",
                total / n
            ));
        }
        if let Some(perfusion) = field.perfusion {
            let level = match perfusion.level {
                Level::Plasma => "the dose".to_string(),
                Level::Constant(level) => format!("{level} {unit}").trim_end().to_string(),
            };
            lines.push(format!(
                "perfusion {name:<10} {} with vessels that carry {level}",
                show(perfusion.rate, "/s")
            ));
        }
    }
    lines
}

fn scheme(model: &Model, field: &Field) -> String {
    let h = model.grid().voxel_um;
    let courant = field.diffusivity * model.dt_min() / (h * h) / (1.0 + field.retardation);
    let held = field
        .boundary
        .iter()
        .flatten()
        .filter(|f| !matches!(f, Face::NoFlux | Face::Periodic))
        .count();
    let solver = match field.scheme {
        Scheme::Still => return "does not diffuse; local terms by backward Euler".to_string(),
        Scheme::Explicit { substeps } => {
            format!("explicit diffusion in {substeps} substeps a step")
        }
        Scheme::Implicit { steady } => {
            let levels = Hierarchy::new(model.grid().n).levels().len();
            format!(
                "{} by multigrid on {levels} levels, at most {MOST_CYCLES} cycles a step, residual {} of the largest value",
                if steady {
                    "steady state"
                } else {
                    "backward Euler"
                },
                field.tolerance,
            )
        }
    };
    let varies = match (field.solute_radius_nm, model.obstacles().is_some()) {
        (None, false) => String::new(),
        (Some(nm), _) => format!(", hindered by matrix as a solute of {nm:.2} nm"),
        (None, true) => ", blocked by obstacles".to_string(),
    };
    format!("{solver} (D dt/h² = {courant:.3}), {held} held faces{varies}")
}
