//! What `[observe]` asks for, carried through a run and written into its folder.

use std::path::{Path, PathBuf};

use crate::error::UsageError;
use crate::export::TableCsv;
use crate::model::Model;
use crate::observe::motility::{Motility, MotilityFit};
use crate::observe::profile::{self, Profile};
use crate::observe::tracks::Followed;
use crate::observe::{Row, pairs, tracks};
use crate::simulation::Simulation;
use crate::state::{Bodies, HostState, Kill};

/// The table of the state hashes of all reports, which a replay is held against.
const HASHES: &str = "hashes.csv";
const HASH_HEADER: [&str; 3] = ["time_h", "step", "state_hash"];

/// Steps and hashes of the reports of a folder up to a step; none where it has no table.
///
/// # Errors
/// The table is damaged; with its path.
pub(super) fn hashes(folder: &Path, until: u64) -> Result<Vec<(u64, String)>, UsageError> {
    let path = folder.join(HASHES);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let wrong = |why: &dyn std::fmt::Display| {
        UsageError::new(format!(
            "'{}' cannot be read: {why}. Restore it, or move it away: the replay then compares the end alone",
            path.display()
        ))
    };
    let mut csv = csv::Reader::from_path(&path).map_err(|why| wrong(&why))?;
    let mut hashes: Vec<(u64, String)> = Vec::new();
    for record in csv.records() {
        let record = record.map_err(|why| wrong(&why))?;
        let step = record
            .get(1)
            .unwrap_or("")
            .parse()
            .map_err(|why| wrong(&why))?;
        if hashes.last().is_some_and(|(before, _)| *before >= step) {
            return Err(wrong(&"its steps do not rise"));
        }
        hashes.push((step, record.get(2).unwrap_or("").to_string()));
    }
    hashes.retain(|(step, _)| *step <= until);
    Ok(hashes)
}

const KILLS: [&str; 3] = ["time_h", "killer", "victim"];

/// Tables and samples of a run.
pub(super) struct Measures {
    folder: PathBuf,
    labels: Vec<String>,
    /// Steps between samples, and who takes them.
    tracks: Option<(u64, Followed, TableCsv)>,
    motility: Option<(u64, Motility)>,
    pairs: Option<TableCsv>,
    profiles: Option<TableCsv>,
    /// Of the last report.
    profile: Option<Profile>,
    /// Of a model with killers.
    kills: Option<TableCsv>,
    /// Of every report.
    hashes: TableCsv,
    /// Step of the last sample.
    sampled: u64,
}

/// What a checkpoint keeps of them.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    tracks: Option<Followed>,
}

impl Measures {
    /// Begins at the first state of a run, which is the first sample.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn new(model: &Model, start: &HostState, folder: &Path) -> anyhow::Result<Self> {
        let plan = model.observe();
        let labels = model.type_labels();
        let bodies = Bodies::from(start);
        let at = |name: &str| folder.join(name);
        let tracks = plan.tracks.map(|plan| -> anyhow::Result<_> {
            let followed = Followed::new(model.grid(), &bodies, plan.cells as usize);
            let mut table = TableCsv::new(at("tracks.csv"), tracks::header(model))?;
            table.add(tracks::rows(model, &labels, &followed, start.step))?;
            Ok((plan.every_steps, followed, table))
        });
        let pairs = (plan.pair_correlation)
            .map(|_| TableCsv::new(at("pair_correlation.csv"), pairs::HEADER));
        let profiles =
            (plan.profile).map(|p| TableCsv::new(at("profiles.csv"), profile::header(model, p)));
        let killers = model.has_killers();
        let kills = killers.then(|| TableCsv::new(at("kills.csv"), KILLS));
        Ok(Self {
            folder: folder.to_path_buf(),
            kills: kills.transpose()?,
            hashes: TableCsv::new(at(HASHES), HASH_HEADER)?,
            tracks: tracks.transpose()?,
            motility: (plan.motility).map(|plan| {
                (
                    plan.every_steps,
                    Motility::new(model, &bodies, plan.every_steps),
                )
            }),
            pairs: pairs.transpose()?,
            profiles: profiles.transpose()?,
            profile: None,
            sampled: start.step,
            labels,
        })
    }

    /// Goes on from a checkpoint: what was followed, and the tables of the folder `from` up to there. Lags are sampled
    /// anew from here on.
    ///
    /// # Errors
    /// A table of the folder cannot be read, or a file cannot be written.
    pub(super) fn resume(
        model: &Model,
        state: &HostState,
        folder: &Path,
        from: &Path,
        saved: &[u8],
    ) -> anyhow::Result<Self> {
        let plan = model.observe();
        let (now_h, bodies) = (model.time_h(state.step), Bodies::from(state));
        let table = |name: &str, header: Vec<String>| {
            let path = folder.join(name);
            match from.join(name) {
                // A fork may ask for a table that its parent did not have.
                other if other.exists() => TableCsv::resume(path, header, &other, now_h),
                _ => TableCsv::new(path, header),
            }
        };
        let saved: Saved = serde_json::from_slice(saved).unwrap_or_default();
        let followed = (saved.tracks)
            .filter(|followed| followed.is_of(model.grid(), model.cell_types().len()));
        let tracks = plan.tracks.map(|plan| -> anyhow::Result<_> {
            let followed = followed
                .unwrap_or_else(|| Followed::new(model.grid(), &bodies, plan.cells as usize));
            let table = table("tracks.csv", tracks::header(model))?;
            Ok((plan.every_steps, followed, table))
        });
        let pairs = plan.pair_correlation.map(|_| {
            let header = pairs::HEADER.map(str::to_string).to_vec();
            table("pair_correlation.csv", header)
        });
        let profiles = (plan.profile).map(|p| {
            let header = profile::header(model, p)
                .into_iter()
                .map(|name| name.to_string());
            table("profiles.csv", header.collect())
        });
        let killers = model.has_killers();
        let kills = killers.then(|| table("kills.csv", KILLS.map(str::to_string).to_vec()));
        Ok(Self {
            folder: folder.to_path_buf(),
            kills: kills.transpose()?,
            hashes: table(HASHES, HASH_HEADER.map(str::to_string).to_vec())?,
            tracks: tracks.transpose()?,
            // Lags begin anew; where no step is left there will be none, and what the folder has stays.
            motility: (plan.motility)
                .filter(|_| state.step < model.n_steps())
                .map(|plan| {
                    let motility = Motility::new(model, &bodies, plan.every_steps);
                    (plan.every_steps, motility)
                }),
            pairs: pairs.transpose()?,
            profiles: profiles.transpose()?,
            // A run that has no step left makes no report any more.
            profile: (plan.profile).map(|plan| Profile::new(model, &state.cells, plan)),
            sampled: state.step,
            labels: model.type_labels(),
        })
    }

    /// Writes the tables, and hands over what a checkpoint must keep beside them.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn save(&mut self) -> anyhow::Result<Vec<u8>> {
        let tracks = self.tracks.as_mut().map(|(.., table)| table);
        let (pairs, profiles) = (self.pairs.as_mut(), self.profiles.as_mut());
        let hashes = Some(&mut self.hashes);
        for table in [tracks, pairs, profiles, self.kills.as_mut(), hashes] {
            table.map_or(Ok(()), TableCsv::save)?;
        }
        let saved = Saved {
            tracks: self
                .tracks
                .as_ref()
                .map(|(_, followed, _)| followed.clone()),
        };
        Ok(serde_json::to_vec(&saved)?)
    }

    /// Steps between samples, for each thing that is sampled.
    pub(super) fn cadences(&self) -> impl Iterator<Item = u64> {
        let tracks = self.tracks.as_ref().map(|(every, ..)| *every);
        let motility = self.motility.as_ref().map(|(every, _)| *every);
        tracks.into_iter().chain(motility)
    }

    /// Takes the samples that are due at the present step, if any: from `state` where there is one, or else from the
    /// bodies alone. With a state, kills are written too.
    ///
    /// # Errors
    /// The engine failed, or a file cannot be written.
    pub(super) fn sample(
        &mut self,
        simulation: &mut Simulation,
        state: Option<&HostState>,
    ) -> anyhow::Result<()> {
        let now = simulation.step();
        if let (Some(table), Some(_)) = (&mut self.kills, state) {
            let kills = simulation.kills()?;
            let time_h = |kill: &Kill| simulation.model().time_h(kill.step + 1).to_string();
            table.add(kills.iter().map(|kill| {
                let ids = [kill.killer, kill.victim].map(|id| id.to_string());
                [vec![time_h(kill)], ids.to_vec()].concat()
            }))?;
        }
        if now <= self.sampled || !self.cadences().any(|every| now.is_multiple_of(every)) {
            return Ok(());
        }
        self.sampled = now;
        let bodies = match state {
            Some(state) => Bodies::from(state),
            None => simulation.bodies()?,
        };
        let model = simulation.model();
        if let Some((every, followed, table)) = &mut self.tracks
            && now.is_multiple_of(*every)
        {
            followed.advance(&bodies);
            table.add(tracks::rows(model, &self.labels, followed, now))?;
        }
        if let Some((every, motility)) = &mut self.motility
            && now.is_multiple_of(*every)
        {
            motility.sample(&bodies);
        }
        Ok(())
    }

    /// Measures what a report is due to have, and what its state's hash is.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn report(
        &mut self,
        model: &Model,
        state: &HostState,
        row: &mut Row,
    ) -> anyhow::Result<()> {
        let (time_h, step) = (model.time_h(state.step), state.step);
        self.hashes
            .add([vec![time_h.to_string(), step.to_string(), state.hash()]])?;
        if let Some((_, motility)) = &self.motility {
            let followed = motility.followed();
            row.put_with_cells("directionality_index", followed.directionality());
            for (axis, name) in ["x", "y", "z"]
                .iter()
                .enumerate()
                .take(model.grid().dimensions as usize)
            {
                let index = followed.forward_index(axis);
                row.put_with_cells(format!("forward_migration_index_{name}"), index);
            }
        }
        if let (Some(table), Some(plan)) = (&mut self.pairs, model.observe().pair_correlation) {
            table.add(pairs::rows(model, &state.cells, state.step, plan))?;
        }
        if let (Some(table), Some(plan)) = (&mut self.profiles, model.observe().profile) {
            let profile = Profile::new(model, &state.cells, plan);
            table.add(profile::rows(
                model,
                &self.labels,
                &profile,
                state.step,
                plan,
            ))?;
            self.profile = Some(profile);
        }
        Ok(())
    }

    /// The profile of the last report, if there are profiles.
    pub(super) fn profile(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }

    /// Writes what is left, and `motility.csv`; hands back the walks fitted to it.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn finish(&mut self) -> anyhow::Result<Option<Vec<MotilityFit>>> {
        self.save()?;
        let Some((_, motility)) = &self.motility else {
            return Ok(None);
        };
        let rows = motility.lags();
        let mut table = TableCsv::new(
            self.folder.join("motility.csv"),
            [
                "type",
                "lag_h",
                "n_tracks",
                "msd_um2",
                "msd_sem_um2",
                "directionality",
            ],
        )?;
        table.add(rows.iter().map(|row| {
            let mut record = vec![
                row.group.clone(),
                row.lag_h.to_string(),
                row.n_tracks.to_string(),
            ];
            let numbers = [row.msd_um2, row.msd_sem_um2, row.directionality];
            record.extend(numbers.iter().map(f64::to_string));
            record
        }))?;
        table.save()?;
        Ok(Some(motility.fits(&rows)))
    }
}
