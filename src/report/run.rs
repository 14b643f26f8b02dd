//! What was run, and how to run it again.

use maud::{Markup, html};

use super::sheet::{Sheet, status};
use crate::model::Model;
use crate::quantity::show as quantity;
use crate::record::{Status, checkpoint};
use crate::render::annotation::number;

/// Names with what they have; what is none is left out.
fn list(items: Vec<(&str, Option<Markup>)>) -> Markup {
    html! {
        dl {
            @for (name, value) in items {
                @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
            }
        }
    }
}

fn text(value: impl maud::Render) -> Option<Markup> {
    Some(html! { (value) })
}

/// How a record came about.
pub(super) fn what(sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let engine = format!("{} on {}", record.engine, record.engine_description);
    let took = format!("{:.1} s of wall time", record.wall_time_s);
    let wells = record.wells.len();
    let steps = match wells {
        0 => format!("{:.3} h in {} steps", record.time_h, record.steps),
        n => format!(
            "{:.3} h, {} steps in {n} wells",
            record.time_h, record.steps
        ),
    };
    html! {
        (list(vec![
            ("Scenario", text(&record.scenario)),
            ("Seed", text(record.seed)),
            ("Status", text(status(record.status).1)),
            ("Simulated", text(steps)),
            ("Engine", text(engine)),
            ("Why this engine", text(&record.engine_reason)),
            ("Platform", text(&record.platform)),
            ("Program", text(format!("invado {}", record.version))),
            ("Took", text(took)),
            ("Record written", sheet.written.as_ref().and_then(text)),
        ]))
        @if let Ok(model) = &sheet.model { (settings(model)) }
    }
}

fn settings(model: &Model) -> Markup {
    let grid = model.grid();
    let axes = grid.dimensions as usize;
    let size: Vec<String> = grid.size_um()[..axes]
        .iter()
        .map(|um| number(*um))
        .collect();
    let n: Vec<String> = grid.n[..axes].iter().map(u32::to_string).collect();
    let mut counts: Vec<(usize, u64)> = Vec::new();
    for placement in model.placements() {
        let n = u64::from(placement.count);
        match counts.iter_mut().find(|(ix, _)| *ix == placement.type_ix) {
            Some((_, sum)) => *sum += n,
            None => counts.push((placement.type_ix, n)),
        }
    }
    let labels = model.type_labels();
    let cells: Vec<String> = (counts.iter())
        .map(|(ix, n)| {
            let cell_type = &model.cell_types()[*ix];
            format!(
                "{n} × {} (speed {}, persistence {}, division {})",
                labels.get(*ix).unwrap_or(&cell_type.name),
                quantity(cell_type.speed, "um/h").replace("um", "µm"),
                quantity(cell_type.persistence, "h"),
                quantity(cell_type.division, "/h")
            )
        })
        .collect();
    let fields: Vec<&str> = model.fields().iter().map(|f| f.kind.name()).collect();
    let dose = match model.series() {
        None => model.dose().to_string(),
        Some(series) => {
            let doses: Vec<String> = series.doses_nm.iter().map(|nm| number(*nm)).collect();
            format!(
                "series of baths of {}: {} nM, {} replicates",
                series.compound,
                doses.join(", "),
                model.replicates()
            )
        }
    };
    let or_none = |list: Vec<String>| {
        if list.is_empty() {
            "none".to_string()
        } else {
            list.join("; ")
        }
    };
    list(vec![
        (
            "Box",
            text(format!(
                "{} µm, {} voxels of {} µm",
                size.join(" × "),
                n.join(" × "),
                number(grid.voxel_um)
            )),
        ),
        (
            "Time",
            text(format!(
                "{} in steps of {}, a report every {}",
                quantity(model.dt_min() * model.n_steps() as f64, "h"),
                quantity(model.dt_min(), "s"),
                quantity(model.dt_min() * model.report_steps() as f64, "min")
            )),
        ),
        ("Cells at the start", text(or_none(cells))),
        (
            "Fields",
            text(or_none(fields.into_iter().map(str::to_string).collect())),
        ),
        ("Dose", text(dose)),
    ])
}

/// Commands, state and text that make the same run again.
pub(super) fn again(sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let folder = sheet.folder.to_string_lossy();
    let quoted = shlex::try_quote(&folder).map_or(folder.to_string(), |quoted| quoted.into_owned());
    let replay = format!("invado replay {quoted}");
    let engine = match record.engine.as_str() {
        engine @ ("cpu" | "gpu") => format!(" --engine {engine}"),
        _ => String::new(),
    };
    let anew = format!("invado run scenario.toml{engine} --out again");
    html! {
        @if let Some(arm) = &sheet.arm { h3 { (arm) } }
        @if record.state_hash.is_some() {
            p { "Runs what the folder records on the same engine, live changes of the dose included, and compares the state:" }
            pre.command { code { (replay) } }
        }
        @if record.status != Status::Finished && checkpoint::folder(&sheet.folder).is_dir() {
            p { "Goes on from the last checkpoint to the end:" }
            pre.command { code { (format!("invado run --resume {quoted}")) } }
        }
        @if record.parent.is_none() {
            p {
                "Without the folder: save the scenario below as " code { "scenario.toml" }
                ". Files that it names are looked for beside it; they were in " code { (record.scenario_folder) } "."
                @if !record.events.is_empty() { " Live changes of the dose are not in it." }
            }
            pre.command { code { (anew) } }
        } @else {
            p { "A fork begins in the state that its folder keeps; only a replay begins there." }
        }
        p {
            "State hash (SHA-256) after " (record.steps) " steps: "
            @match &record.state_hash {
                Some(hash) => code.hash { (hash) },
                None => "none was recorded",
            }
        }
        details {
            summary { "Scenario with every override" }
            pre.scenario { code { (record.scenario_toml) } }
        }
    }
}
