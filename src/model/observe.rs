//! The `[observe]` section: what a run measures of its cells beyond the columns that every run has.

use toml::Spanned;

use super::read::{Reader, axis_of};
use super::{Grid, Model};
use crate::error::UsageError;
use crate::scenario::{MotilityFile, PairCorrelationFile, ProfileFile, Raw, TracksFile};

/// Rows of one table at most: some hundred bytes each, kept until the run ends.
const MOST_ROWS: u64 = 5_000_000;
/// Samples of motility at most: mean squared displacements take time with their square.
const MOST_SAMPLES: u64 = 10_000;
/// Bins of a histogram at most.
const MOST_BINS: i64 = 1000;
/// Bins of a histogram if the scenario does not say.
const DEFAULT_BINS: u32 = 50;
/// Cells that `tracks` follows if the scenario does not say.
const DEFAULT_TRACKS: u32 = 100;
/// Largest distance of the pair correlation as a share of a periodic axis: the minimal image is unique up to there.
const MOST_OF_PERIODIC: f64 = 0.5;
/// The same for an axis with walls: what is left in the middle holds the cells that are counted around.
const MOST_OF_WALLED: f64 = 0.4;

/// What a run measures of its cells beyond the columns of every run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observe {
    /// Positions of chosen cells.
    pub tracks: Option<TrackPlan>,
    /// Mean squared displacement and directionality by lag.
    pub motility: Option<MotilityPlan>,
    /// Pair correlation function at each report.
    pub pair_correlation: Option<PairPlan>,
    /// Density along an axis at each report.
    pub profile: Option<ProfilePlan>,
    /// Mean distance of fields and cells from the vessels at each report.
    pub depth: bool,
}

/// Which cells are followed, and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackPlan {
    /// Steps between two samples.
    pub every_steps: u64,
    /// How many founders at most.
    pub cells: u32,
}

/// How often motility is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotilityPlan {
    /// Steps between two samples.
    pub every_steps: u64,
}

/// Distances of the pair correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairPlan {
    /// Largest distance, µm.
    pub to_um: f64,
    /// Equal bins from 0 to there.
    pub bins: u32,
}

/// Places of the density profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfilePlan {
    /// 0, 1 or 2 for x, y or z.
    pub axis: usize,
    /// Equal bins from wall to wall.
    pub bins: u32,
}

impl Model {
    /// What is measured of the cells beyond the columns of every run.
    pub fn observe(&self) -> &Observe {
        &self.observe
    }

    /// A name for each cell type that no other has: the preset's, with `_2`, `_3`, … where it comes again with other
    /// parameters.
    pub fn type_labels(&self) -> Vec<String> {
        let types = self.cell_types();
        (0..types.len())
            .map(|ix| {
                let name = &types[ix].name;
                match types[..ix].iter().filter(|t| t.name == *name).count() {
                    0 => name.clone(),
                    before => format!("{name}_{}", before + 1),
                }
            })
            .collect()
    }
}

/// What the section is checked against.
pub(super) struct Frame<'a> {
    pub read: &'a Reader<'a>,
    pub grid: &'a Grid,
    pub dt_min: f64,
    pub n_steps: u64,
    pub report_steps: u64,
    pub n_types: u64,
    pub n_cells: u32,
    /// A time as a whole number of steps.
    pub whole_steps: &'a dyn Fn(&str, &Raw) -> Result<u64, UsageError>,
}

/// Checks `[observe]`.
pub(super) fn observe(frame: &Frame) -> Result<Observe, UsageError> {
    let file = &frame.read.scenario.file.observe;
    Ok(Observe {
        tracks: (file.tracks.as_ref())
            .map(|file| frame.tracks(file))
            .transpose()?,
        motility: (file.motility.as_ref())
            .map(|file| frame.motility(file))
            .transpose()?,
        pair_correlation: (file.pair_correlation.as_ref())
            .map(|file| frame.pair_correlation(file))
            .transpose()?,
        profile: (file.profile.as_ref())
            .map(|file| frame.profile(file))
            .transpose()?,
        depth: frame.depth(file.depth.as_ref())?,
    })
}

impl Frame<'_> {
    fn wrong<T>(&self, key: &str, place: &Spanned<T>, why: &str) -> UsageError {
        self.read.scenario.error(key, Some(place.span()), why)
    }

    fn populated<T>(&self, key: &str, place: &Spanned<T>) -> Result<(), UsageError> {
        if self.n_types == 0 {
            let why = "the scenario has no cells to measure; add [[cells]] or leave it out";
            return Err(self.wrong(key, place, why));
        }
        Ok(())
    }

    fn depth(&self, file: Option<&Spanned<bool>>) -> Result<bool, UsageError> {
        let Some(file) = file.filter(|file| *file.get_ref()) else {
            return Ok(false);
        };
        if self.read.scenario.file.vessel.is_empty() {
            let why = "depth is the distance from the vessels, and there are none; add [[vessel]] or leave it out";
            return Err(self.wrong("observe.depth", file, why));
        }
        Ok(true)
    }

    fn tracks(&self, file: &Spanned<TracksFile>) -> Result<TrackPlan, UsageError> {
        self.populated("observe.tracks", file)?;
        let file = file.get_ref();
        let every_steps = self.every("observe.tracks.every", &file.every)?;
        let cells = match &file.cells {
            None => DEFAULT_TRACKS,
            Some(raw) => {
                let key = "observe.tracks.cells";
                self.count(key, raw, i64::from(u32::MAX) / 4)?
            }
        };
        let followed = u64::from(cells.min(self.n_cells));
        let samples = self.n_steps / every_steps + 1;
        if followed * samples > MOST_ROWS {
            let why = format!(
                "{followed} cells in {samples} samples make {} rows; allowed: up to {MOST_ROWS}. Sample less often or follow at most {} cells",
                followed * samples,
                MOST_ROWS / samples
            );
            return Err(self.wrong("observe.tracks.every", &file.every, &why));
        }
        Ok(TrackPlan { every_steps, cells })
    }

    fn motility(&self, file: &Spanned<MotilityFile>) -> Result<MotilityPlan, UsageError> {
        self.populated("observe.motility", file)?;
        let (key, raw) = ("observe.motility.every", &file.get_ref().every);
        let every_steps = self.every(key, raw)?;
        if self.n_steps / every_steps > MOST_SAMPLES {
            let why = format!(
                "{} makes {} samples; allowed: up to {MOST_SAMPLES}, which is every {} min here",
                raw.get_ref(),
                self.n_steps / every_steps,
                self.n_steps.div_ceil(MOST_SAMPLES) as f64 * self.dt_min
            );
            return Err(self.wrong(key, raw, &why));
        }
        Ok(MotilityPlan { every_steps })
    }

    fn pair_correlation(
        &self,
        file: &Spanned<PairCorrelationFile>,
    ) -> Result<PairPlan, UsageError> {
        self.populated("observe.pair_correlation", file)?;
        let file = file.get_ref();
        let key = "observe.pair_correlation.to";
        let to_um = self.read.positive(key, &file.to, "um")?;
        let size = self.grid.size_um();
        let most = (0..self.grid.dimensions as usize)
            .map(|axis| match self.grid.periodic[axis] {
                true => MOST_OF_PERIODIC * size[axis],
                false => MOST_OF_WALLED * size[axis],
            })
            .fold(f64::INFINITY, f64::min);
        // A hair's width for lengths that are not exact in binary.
        if to_um > most * (1.0 + 1e-12) {
            let why = format!(
                "{} is too far for this domain; allowed: up to {most} um, which is {MOST_OF_WALLED} of each axis with walls, so that cells are left whose surroundings lie inside, and {MOST_OF_PERIODIC} of each periodic one",
                file.to.get_ref()
            );
            return Err(self.wrong(key, &file.to, &why));
        }
        let bins = self.bins("observe.pair_correlation.bins", file.bins.as_ref(), 1)?;
        Ok(PairPlan { to_um, bins })
    }

    fn profile(&self, file: &Spanned<ProfileFile>) -> Result<ProfilePlan, UsageError> {
        self.populated("observe.profile", file)?;
        let file = file.get_ref();
        let axis = axis_of(file.axis.get_ref(), self.grid)
            .map_err(|why| self.wrong("observe.profile.axis", &file.axis, &why))?;
        let bins = self.bins("observe.profile.bins", file.bins.as_ref(), self.n_types)?;
        Ok(ProfilePlan { axis, bins })
    }

    /// A time between samples: whole steps, and at least one of them in the run.
    fn every(&self, key: &str, raw: &Raw) -> Result<u64, UsageError> {
        let steps = (self.whole_steps)(key, raw)?;
        if steps > self.n_steps {
            let why = format!(
                "{} is longer than the run; allowed: up to time.duration, {} min",
                raw.get_ref(),
                self.n_steps as f64 * self.dt_min
            );
            return Err(self.wrong(key, raw, &why));
        }
        Ok(steps)
    }

    /// Bins of a table that has `rows_per_bin` rows for each at each report.
    fn bins(&self, key: &str, raw: Option<&Raw>, rows_per_bin: u64) -> Result<u32, UsageError> {
        let Some(raw) = raw else {
            return Ok(DEFAULT_BINS);
        };
        let bins = self.count(key, raw, MOST_BINS)?;
        let reports = self.n_steps / self.report_steps + 2;
        let rows = reports * rows_per_bin * u64::from(bins);
        if rows > MOST_ROWS {
            let why = format!(
                "{bins} bins make {rows} rows in {reports} reports; allowed: up to {MOST_ROWS}. Take fewer bins or a longer time.report"
            );
            return Err(self.wrong(key, raw, &why));
        }
        Ok(bins)
    }

    fn count(&self, key: &str, raw: &Raw, most: i64) -> Result<u32, UsageError> {
        raw.get_ref()
            .as_integer()
            .filter(|number| (1..=most).contains(number))
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| {
                let why = format!(
                    "{} is out of range; allowed: a whole number from 1 to {most}",
                    raw.get_ref()
                );
                self.wrong(key, raw, &why)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(observe: &str) -> Result<Model, UsageError> {
        Model::from_toml(&format!(
            r#"
title = "observed"
question = "?"
[domain]
size = ["200 um", "150 um"]
voxel = "10 um"
periodic = ["y"]
[time]
step = "6 s"
duration = "1 h"
report = "12 min"
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 10 }} }}
[[cells]]
type = "pc-3"
speed = "0 um/h"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 10 }} }}
[[cells]]
type = "fibroblast"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["200 um", "150 um"], count = 10 }} }}
[observe]
{observe}
"#
        ))
    }

    #[test]
    fn what_is_left_out_is_not_measured() {
        assert_eq!(*model("").unwrap().observe(), Observe::default());
    }

    #[test]
    fn types_of_one_preset_are_told_apart() {
        let labels = model("").unwrap().type_labels();
        assert_eq!(labels, ["pc-3", "pc-3_2", "fibroblast"]);
    }

    #[test]
    fn everything_is_read_in_steps_and_micrometres() {
        let all = "tracks = { every = \"1 min\" }\nmotility = { every = \"2 min\" }\n\
                   pair_correlation = { to = \"0.075 mm\" }\nprofile = { axis = \"y\", bins = 7 }";
        assert_eq!(
            *model(all).unwrap().observe(),
            Observe {
                tracks: Some(TrackPlan {
                    every_steps: 10,
                    cells: 100
                }),
                motility: Some(MotilityPlan { every_steps: 20 }),
                pair_correlation: Some(PairPlan {
                    to_um: 75.0,
                    bins: 50
                }),
                profile: Some(ProfilePlan { axis: 1, bins: 7 }),
                depth: false,
            }
        );
    }

    #[test]
    fn mistakes_are_named_with_their_range() {
        for (observe, parts) in [
            (
                "pair_correlation = { to = \"76 um\" }",
                &["text:23: observe.pair_correlation.to", "up to 75 um"][..],
            ),
            ("pair_correlation = { to = \"0 um\" }", &["greater than 0"]),
            (
                "pair_correlation = { to = \"9 um\", bins = 1001 }",
                &["observe.pair_correlation.bins", "from 1 to 1000"],
            ),
            (
                "profile = { axis = \"z\" }",
                &["observe.profile.axis", "there is no axis 'z'"],
            ),
            (
                "profile = { axis = \"x\", bins = 2.5 }",
                &["2.5", "whole number from 1 to 1000"],
            ),
            (
                "motility = { every = \"2 h\" }",
                &["observe.motility.every", "up to time.duration, 60 min"],
            ),
            (
                "motility = { every = \"7 s\" }",
                &["observe.motility.every", "whole number of steps"],
            ),
            (
                "tracks = { every = \"1 min\", cells = 0 }",
                &["observe.tracks.cells", "from 1"],
            ),
            ("tracks = { every = \"1 um\" }", &["another dimension"]),
        ] {
            let error = model(observe).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{observe}: {error}");
            }
        }
    }

    #[test]
    fn tables_without_end_are_refused() {
        let text = |observe: &str, step: &str| {
            format!(
                "title = \"long\"\n[domain]\nsize = [\"20 mm\", \"20 mm\"]\nvoxel = \"100 um\"\n[time]\nstep = \"{step}\"\n\
                 duration = \"1000 h\"\nreport = \"{step}\"\n[[cells]]\ntype = \"pc-3\"\nplace = {{ rectangle = {{ from = [\"0 um\", \
                 \"0 um\"], to = [\"20 mm\", \"20 mm\"], count = 10000 }} }}\n[observe]\n{observe}\n"
            )
        };
        for (observe, part) in [
            (
                "tracks = { every = \"1 h\", cells = 9000 }",
                "at most 4995 cells",
            ),
            ("motility = { every = \"1 min\" }", "every 6 min here"),
            (
                "profile = { axis = \"x\", bins = 100 }",
                "6000200 rows in 60002 reports",
            ),
        ] {
            let error = Model::from_toml(&text(observe, "1 min"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(part), "{observe}: {error}");
        }
    }

    #[test]
    fn without_cells_there_is_nothing_to_measure() {
        let text = "title = \"empty\"\n[domain]\nsize = [\"20 um\", \"20 um\"]\nvoxel = \"10 um\"\n[time]\nduration = \"1 h\"\n\
                    [observe]\nprofile = { axis = \"x\" }\n";
        let error = Model::from_toml(text).unwrap_err().to_string();
        assert!(
            error.contains("text:8: observe.profile") && error.contains("no cells"),
            "{error}"
        );
    }
}
