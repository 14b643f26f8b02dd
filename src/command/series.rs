//! `invado run` of a dose series: every well is a simulation of its own, with its bath, seed and folder.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Context;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use super::engine::Device;
use super::run::{Cadence, PREDICTION, Ran, Run, line};
use crate::dose_response::blot::{self, blots};
use crate::dose_response::{self, FitRecord, responses};
use crate::error::UsageError;
use crate::export::{ObservablesCsv, TableCsv, write_atomically};
use crate::model::{Model, Well, room_for};
use crate::observe::Row;
use crate::record::{RunJson, Status, WellJson};
use crate::render::figure::{self, Figure, Notes};

/// The wells of a series and what they share.
pub(super) struct Plate<'a> {
    pub model: &'a Model,
    pub device: &'a Device,
    pub cadence: &'a Cadence,
    pub folder: &'a Path,
    pub stop: &'a AtomicBool,
    pub bar: &'a ProgressBar,
    pub lines: bool,
}

/// What a well that was begun has left.
struct Done {
    well: Well,
    rows: Vec<Row>,
    outcome: anyhow::Result<bool>,
    steps: u64,
    hash: Option<String>,
}

impl Plate<'_> {
    /// Runs all wells and what follows from them; fills in the record. The last row is the control's.
    pub(super) fn run(&self, json: &mut RunJson) -> Ran {
        let begun = self.wells();
        let begun = match begun {
            Ok(begun) => begun,
            Err(error) => return Ran::failed(error),
        };
        json.wells = begun.iter().map(record).collect();
        json.steps = begun.iter().map(|done| done.steps).sum();
        let n_wells = self.model.wells().len();
        let slowest = match begun.len() == n_wells {
            true => begun.iter().map(|done| done.steps).min(),
            false => None,
        };
        json.time_h = self.model.time_h(slowest.unwrap_or(0));
        json.state_hash = hash(&begun);
        let mut ended = begun.len() == n_wells;
        let mut wells = Vec::new();
        for done in begun {
            match done.outcome {
                Ok(finished) => ended &= finished,
                Err(error) => {
                    let error = error.context(format!("well {}", done.well.name));
                    return Ran::failed(error);
                }
            }
            wells.push((done.well, done.rows));
        }
        if !ended {
            let finished = json.wells.iter().filter(|w| w.status == Status::Finished);
            let reached = format!("with {} of {n_wells} wells finished", finished.count());
            return Ran {
                outcome: Ok(false),
                told: reached,
                last: Row::default(),
            };
        }
        match self.conclude(&wells, json) {
            Ok((told, last)) => Ran {
                outcome: Ok(true),
                told,
                last,
            },
            Err(error) => Ran::failed(error),
        }
    }

    /// Runs the wells: on the CPU as many side by side as there are threads and memory for, on a GPU one after another.
    /// Each has an engine and, on the CPU, threads of its own, so that neither their number nor their order matters.
    fn wells(&self) -> anyhow::Result<Vec<Done>> {
        let wells = self.model.wells();
        let threads = rayon::current_num_threads();
        let at_once = match self.device.context {
            Some(_) => 1,
            None => at_once(self.model, threads),
        };
        let tables = Mutex::new(Tables {
            folder: self.folder,
            lines: self.lines,
            begun: (0..wells.len()).map(|_| None).collect(),
            written: 0,
            table: None,
            failed: None,
        });
        let next = AtomicUsize::new(0);
        let lane = || {
            loop {
                let ix = next.fetch_add(1, Ordering::Relaxed);
                let Some(well) = wells.get(ix) else {
                    return;
                };
                if self.stop.load(Ordering::Relaxed) {
                    return;
                }
                let done = self.well(well);
                if done.outcome.is_err() {
                    // No hours of work for a series that cannot be finished.
                    self.stop.store(true, Ordering::Relaxed);
                }
                lock(&tables).add(ix, done);
            }
        };
        if at_once == 1 {
            lane();
        } else {
            let each = (threads / at_once).max(1);
            let pools = (0..at_once)
                .map(|_| rayon::ThreadPoolBuilder::new().num_threads(each).build())
                .collect::<Result<Vec<_>, _>>()
                .context("cannot start threads for the wells")?;
            std::thread::scope(|scope| {
                for pool in &pools {
                    scope.spawn(|| pool.install(lane));
                }
            });
        }
        let tables = tables
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        tables.finish()
    }

    /// Runs one well in its folder.
    fn well(&self, well: &Well) -> Done {
        let mut done = Done {
            well: well.clone(),
            rows: Vec::new(),
            outcome: Ok(false),
            steps: 0,
            hash: None,
        };
        let begin = || -> anyhow::Result<Run> {
            let folder = self.folder.join("wells").join(&well.name);
            std::fs::create_dir_all(&folder).map_err(|why| {
                UsageError::new(format!("cannot make folder '{}': {why}", folder.display()))
            })?;
            let model = self.model.in_well(well);
            let engine = self.device.engine(&model)?;
            Run::new(
                &model,
                engine,
                &folder,
                self.cadence,
                self.bar.clone(),
                false,
                None,
            )
        };
        match begin() {
            Err(error) => done.outcome = Err(error),
            Ok(mut run) => {
                if let Some(series) = self.model.series() {
                    run.report_at(&series.times_steps);
                }
                done.outcome = run.end(self.stop).outcome;
                done.rows = run.rows().to_vec();
                if let Some(state) = run.last_good() {
                    done.steps = state.step;
                    done.hash = Some(state.hash());
                }
            }
        }
        done
    }

    /// Tables, fits and figures of a finished series.
    fn conclude(
        &self,
        wells: &[(Well, Vec<Row>)],
        json: &mut RunJson,
    ) -> anyhow::Result<(String, Row)> {
        let last = self.control(wells)?;
        let responses = responses(self.model, wells);
        json.fits = responses.iter().map(|r| r.record()).collect();
        let at = |name: &str| self.folder.join(name);
        let mut table = TableCsv::new(at("dose_response.csv"), dose_response::HEADER)?;
        table.add(responses.iter().flat_map(dose_response::rows))?;
        table.save()?;
        let blots = blots(self.model, &responses);
        let mut table = TableCsv::new(at("blot.csv"), blot::HEADER)?;
        table.add(blots.iter().flat_map(blot::rows))?;
        table.save()?;

        let notes = Notes::new(self.model);
        let curves = at("curves");
        std::fs::create_dir_all(&curves)?;
        for time in responses.chunk_by(|a, b| a.time_h == b.time_h) {
            for readout in dose_response::Readout::ALL {
                let same: Vec<_> = time.iter().filter(|r| r.readout == readout).collect();
                let name = format!("{}_{:.3}", readout.name(), time[0].time_h);
                save(&figure::curve::draw(&same, &notes), &curves.join(name))?;
            }
        }
        let folder = at("blots");
        std::fs::create_dir_all(&folder)?;
        for blot in &blots {
            let name = format!("{}_{:.3}", blot.group, blot.time_h);
            let full = figure::blot::full_scale(&blots);
            save(&figure::blot::draw(blot, &full, &notes), &folder.join(name))?;
        }
        Ok((told(&json.fits), last))
    }

    /// `observables.csv` of the series: the control, mean over its replicates. Hands back its last row.
    fn control(&self, wells: &[(Well, Vec<Row>)]) -> anyhow::Result<Row> {
        let control: Vec<_> = wells
            .iter()
            .filter(|(well, _)| well.dose_nm == wells[0].0.dose_nm)
            .map(|(_, rows)| rows)
            .collect();
        let n = control.len() as f64;
        let mean = |i: usize, j: usize| control.iter().map(|rows| rows[i].0[j].1).sum::<f64>() / n;
        let rows = control[0].iter().enumerate().map(|(i, row)| {
            let columns = row.0.iter().enumerate();
            Row(columns
                .map(|(j, (name, _))| (name.clone(), mean(i, j)))
                .collect())
        });
        let mut table = ObservablesCsv::new(self.folder.join("observables.csv"));
        table.add_all(rows)?;
        Ok(table.rows().last().cloned().unwrap_or_default())
    }
}

/// How many wells run side by side on the CPU.
pub(super) fn at_once(model: &Model, threads: usize) -> usize {
    let room = room_for(model.memory_bytes());
    threads.min(model.wells().len()).min(room).max(1)
}

/// What is known of the wells so far, in the order of the plate whatever the order of their ends.
struct Tables<'a> {
    folder: &'a Path,
    lines: bool,
    begun: Vec<Option<Done>>,
    /// Wells at the front that are in the table.
    written: usize,
    table: Option<TableCsv>,
    /// The first error of writing.
    failed: Option<anyhow::Error>,
}

impl Tables<'_> {
    /// Takes in a well, and writes those that now have no gap before them.
    fn add(&mut self, ix: usize, done: Done) {
        self.begun[ix] = Some(done);
        while let Some(Some(_)) = self.begun.get(self.written) {
            self.write(self.written);
            self.written += 1;
        }
    }

    /// Writes the rest, and hands back every well that was begun.
    fn finish(mut self) -> anyhow::Result<Vec<Done>> {
        for ix in self.written..self.begun.len() {
            self.write(ix);
        }
        if let Some(table) = &mut self.table {
            table.save()?;
        }
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.begun.into_iter().flatten().collect()),
        }
    }

    fn write(&mut self, ix: usize) {
        if let Err(error) = self.try_write(ix) {
            self.failed.get_or_insert(error);
        }
    }

    fn try_write(&mut self, ix: usize) -> anyhow::Result<()> {
        let Some(done) = &self.begun[ix] else {
            return Ok(());
        };
        let (Some(first), Some(last)) = (done.rows.first(), done.rows.last()) else {
            return Ok(());
        };
        let table = match &mut self.table {
            Some(table) => table,
            empty => {
                let columns = first.0.iter().map(|(name, _)| name.as_str());
                let header = ["well", "dose_nm", "replicate"].into_iter().chain(columns);
                empty.insert(TableCsv::new(self.folder.join("wells.csv"), header)?)
            }
        };
        let well = &done.well;
        table.add(done.rows.iter().map(|row| {
            let mut record = vec![
                well.name.clone(),
                well.dose_nm.to_string(),
                well.replicate.to_string(),
            ];
            record.extend(row.0.iter().map(|(_, value)| value.to_string()));
            record
        }))?;
        if self.lines {
            super::print(&format!("well {:<12} {}\n", well.name, line(last)))?;
        }
        Ok(())
    }
}

fn lock<'a, 'b>(tables: &'a Mutex<Tables<'b>>) -> std::sync::MutexGuard<'a, Tables<'b>> {
    // A thread that panics ends the program when the scope joins it.
    tables
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn record(done: &Done) -> WellJson {
    WellJson {
        well: done.well.name.clone(),
        dose_nm: done.well.dose_nm,
        replicate: done.well.replicate,
        seed: done.well.seed,
        status: match &done.outcome {
            Ok(true) => Status::Finished,
            Ok(false) => Status::Interrupted,
            Err(_) => Status::Failed,
        },
        error: done.outcome.as_ref().err().map(|e| format!("{e:#}")),
        steps: done.steps,
        state_hash: done.hash.clone(),
    }
}

/// SHA-256 over the hashes of the wells; `None` if there is none, or one has none.
fn hash(begun: &[Done]) -> Option<String> {
    begun.first()?;
    let mut hasher = Sha256::new();
    for done in begun {
        hasher.update(done.hash.as_ref()?);
    }
    let bytes = hasher.finalize();
    Some(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// A figure as SVG and PNG.
fn save(figure: &Figure, path: &Path) -> anyhow::Result<()> {
    // `with_extension` would take the decimals of the hour for one.
    let named = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        std::path::PathBuf::from(name)
    };
    write_atomically(&named(".svg"), |out| {
        Ok(out.write_all(figure.svg().as_bytes())?)
    })?;
    write_atomically(&named(".png"), |out| figure.write_png(out))
}

/// The fitted doses as lines.
fn told(fits: &[FitRecord]) -> String {
    let lines = fits.iter().map(|fit| {
        let what = format!(
            "{:6.3} h  {:<16} {:<15}",
            fit.time_h, fit.group, fit.readout
        );
        match (&fit.not_determined, fit.ic50_nm, fit.midpoint_nm) {
            (None, Some(ic50), _) => format!(
                "{what} IC50 {:.4} nM (95 % CI {:.4} to {:.4})",
                ic50.value, ic50.ci95[0], ic50.ci95[1]
            ),
            (None, None, Some(middle)) => format!(
                "{what} half of control not reached; midpoint {:.4} nM (95 % CI {:.4} to {:.4})",
                middle.value, middle.ci95[0], middle.ci95[1]
            ),
            (why, ..) => format!(
                "{what} IC50 not determined: {}",
                why.as_deref().unwrap_or_default()
            ),
        }
    });
    let lines: Vec<String> = lines.collect();
    format!("{}{PREDICTION}", lines.join("\n"))
}
