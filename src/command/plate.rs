//! `invado run` of a plate: every well is a simulation of its own, with its seed, folder and, in a dose series, bath.

mod conclude;
mod tables;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use tables::Tables;

use super::engine::Device;
use super::run::{Cadence, Ran, Run};
use crate::error::UsageError;
use crate::lesson::Ending;
use crate::model::{Model, Well, room_for};
use crate::observe::Row;
use crate::observe::profile::Profile;
use crate::record::{RunJson, Status, WellJson};

/// The wells of a run and what they share.
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
    /// Of the last report.
    profile: Option<Profile>,
}

impl Plate<'_> {
    /// Runs all wells and what follows from them; fills in the record. The last row is that of the scenario's own dose, or of the control, mean over replicates.
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
        let (mut wells, mut profiles) = (Vec::new(), Vec::new());
        for done in begun {
            match done.outcome {
                Ok(finished) => ended &= finished,
                Err(error) => {
                    let error = error.context(format!("well {}", done.well.name));
                    return Ran::failed(error);
                }
            }
            profiles.extend(done.profile.map(|profile| (done.well.dose_nm, profile)));
            wells.push((done.well, done.rows));
        }
        if !ended {
            let finished = json.wells.iter().filter(|w| w.status == Status::Finished);
            let reached = format!("with {} of {n_wells} wells finished", finished.count());
            return Ran {
                outcome: Ok(false),
                told: reached,
                last: Ending::default(),
            };
        }
        match self.conclude(&wells, &profiles, json) {
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
        let tables = Mutex::new(Tables::new(self.folder, self.lines, wells.len()));
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
                    // No hours of work for a plate that cannot be finished.
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
        let tables = tables.into_inner();
        tables.unwrap_or_else(PoisonError::into_inner).finish()
    }

    /// Runs one well in its folder.
    fn well(&self, well: &Well) -> Done {
        let mut done = Done {
            well: well.clone(),
            rows: Vec::new(),
            outcome: Ok(false),
            steps: 0,
            hash: None,
            profile: None,
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
                done.profile = run.profile().cloned();
                if let Some(state) = run.last_good() {
                    done.steps = state.step;
                    done.hash = Some(state.hash());
                }
            }
        }
        done
    }
}

/// How many wells run side by side on the CPU.
pub(super) fn at_once(model: &Model, threads: usize) -> usize {
    let room = room_for(model.memory_bytes());
    threads.min(model.wells().len()).min(room).max(1)
}

fn lock<'a, 'b>(tables: &'a Mutex<Tables<'b>>) -> MutexGuard<'a, Tables<'b>> {
    // A thread that panics ends the program when the scope joins it.
    tables.lock().unwrap_or_else(PoisonError::into_inner)
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
