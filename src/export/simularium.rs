//! Simularium's JSON for its web viewer: the cells over time and the observables as plots.
//!
//! Frames are written as they come and what is only known at the end behind them: the order of a JSON object is free.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::ensure;
use serde_json::{Map, Value, json};

use super::{CellTable, Export, Moment};
use crate::model::{Grid, Model};
use crate::observe::Row;
use crate::render::palette::{CELL_TYPES, DYING};
use crate::state::Phase;

/// Marks a body that is drawn as it is, and no fibre.
const WHOLE_BODY: u32 = 1000;
/// The viewer's ids are signed.
const LARGEST_ID: u32 = i32::MAX as u32;
/// Opening of the viewer's camera, degrees.
const FIELD_OF_VIEW_DEG: f64 = 75.0;

/// A trajectory for Simularium.
#[derive(Debug)]
pub struct Simularium {
    out: BufWriter<File>,
    model: Model,
    times_h: Vec<f64>,
    /// What is plotted beside the cells.
    rows: Vec<Row>,
}

impl Simularium {
    /// A new file, with the reports of the run, which become plots.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(path: &Path, model: &Model, rows: Vec<Row>) -> anyhow::Result<Self> {
        let mut out = BufWriter::new(File::create(path)?);
        let head = r#"{"spatialData":{"version":1,"msgType":1,"bundleStart":0,"bundleData":["#;
        out.write_all(head.as_bytes())?;
        Ok(Self {
            out,
            model: model.clone(),
            times_h: Vec::new(),
            rows,
        })
    }
}

impl Export for Simularium {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let (cells, time_h, nth) = (moment.cells()?, moment.time_h(), self.times_h.len());
        ensure!(
            cells.ids.iter().all(|id| *id <= LARGEST_ID),
            "a cell has an id above {LARGEST_ID}, which Simularium cannot show"
        );
        let comma = if nth > 0 { ",\n" } else { "\n" };
        write!(
            self.out,
            "{comma}{{\"frameNumber\":{nth},\"time\":{time_h},\"data\":["
        )?;
        // The viewer has the origin in the middle of the box.
        let middle_um = self.model.grid().size_um().map(|size| 0.5 * size);
        for ix in 0..cells.len() {
            let at = cells.position_um(ix);
            let [x, y, z] = [0, 1, 2].map(|axis| f64::from(at[axis]) - middle_um[axis]);
            let kind = kind(&cells, ix);
            let (id, radius, comma) = (
                cells.ids[ix],
                cells.radius_um(ix),
                if ix > 0 { "," } else { "" },
            );
            write!(
                self.out,
                "{comma}{WHOLE_BODY},{id},{kind},{x},{y},{z},0,0,0,{radius},0"
            )?;
        }
        self.out.write_all(b"]}")?;
        self.times_h.push(time_h);
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        let n = self.times_h.len();
        write!(self.out, "],\"bundleSize\":{n}}},\n\"trajectoryInfo\":")?;
        serde_json::to_writer(&mut self.out, &info(&self.model, &self.times_h))?;
        self.out.write_all(b",\n\"plotData\":")?;
        let plots = json!({ "version": 1, "data": plots(&self.rows) });
        serde_json::to_writer(&mut self.out, &plots)?;
        self.out.write_all(b"}\n")?;
        self.out.flush()?;
        Ok(())
    }
}

/// Number of a cell's type and phase together.
fn kind(cells: &CellTable, ix: usize) -> usize {
    cells.types[ix] as usize * Phase::ALL.len() + cells.phases[ix] as usize
}

/// What the numbers of [`kind`] mean: `type#phase` lets the viewer show and hide phases.
fn type_mapping(model: &Model) -> Value {
    let mut mapping = Map::new();
    for (type_ix, label) in model.type_labels().iter().enumerate() {
        for (phase_ix, phase) in Phase::ALL.iter().enumerate() {
            let [r, g, b] = match phase.is_dying() {
                true => DYING,
                false => CELL_TYPES[type_ix % CELL_TYPES.len()],
            };
            let entry = json!({
                "name": format!("{label}#{}", phase.name()),
                "geometry": { "displayType": "SPHERE", "color": format!("#{r:02x}{g:02x}{b:02x}") },
            });
            mapping.insert((type_ix * Phase::ALL.len() + phase_ix).to_string(), entry);
        }
    }
    Value::Object(mapping)
}

fn info(model: &Model, times_h: &[f64]) -> Value {
    let point = |[x, y, z]: [f64; 3]| json!({ "x": x, "y": y, "z": z });
    let step_h = match times_h {
        [first, second, ..] => second - first,
        _ => 0.0,
    };
    json!({
        "version": 3,
        "timeUnits": { "magnitude": 1.0, "name": "h" },
        "timeStepSize": step_h,
        "totalSteps": times_h.len(),
        "spatialUnits": { "magnitude": 1.0, "name": "um" },
        "size": point(model.grid().size_um()),
        "cameraDefault": {
            "position": point([0.0, 0.0, distance_um(model.grid())]),
            "lookAtPosition": point([0.0; 3]),
            "upVector": point([0.0, 1.0, 0.0]),
            "fovDegrees": FIELD_OF_VIEW_DEG,
        },
        "typeMapping": type_mapping(model),
        "trajectoryTitle": model.title(),
    })
}

/// How far above the middle the whole box is seen, with a tenth to spare.
fn distance_um(grid: &Grid) -> f64 {
    let [x, y, z] = grid.size_um();
    let half_angle = (0.5 * FIELD_OF_VIEW_DEG).to_radians();
    0.5 * z + 1.1 * 0.5 * x.max(y) / half_angle.tan()
}

/// A plot over time of every observable.
fn plots(rows: &[Row]) -> Vec<Value> {
    let names = rows.first().map_or(&[][..], |row| row.0.as_slice());
    let column = |name: &str| -> Vec<Value> {
        // What is not a number, such as the mean over no cell, is a gap.
        rows.iter().map(|row| json!(row.get(name))).collect()
    };
    let hours = column("time_h");
    let others = names.iter().filter(|(name, _)| name != "time_h");
    others
        .map(|(name, _)| {
            json!({
                "layout": {
                    "title": name,
                    "xaxis": { "title": "time_h" },
                    "yaxis": { "title": name },
                },
                "data": [{
                    "name": name, "type": "scatter", "mode": "lines",
                    "x": hours, "y": column(name),
                }],
            })
        })
        .collect()
}
