//! How cells move by lag: mean squared displacement, directionality, and the persistent random walk fitted to them.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::tracks::Followed;
use crate::model::Model;
use crate::state::Bodies;

/// Cells that are followed at most.
const MOST_TRACKS: usize = 20_000;
/// Positions that are kept at most, 12 bytes each.
const MOST_POSITIONS: usize = 10_000_000;
/// Lags that are evaluated at most: all up to there, evenly spread in their logarithm beyond.
const MOST_LAGS: usize = 500;
/// Lags that a fit of two numbers needs at least.
const FEWEST_LAGS: usize = 3;

/// Displacements of followed founders, sample by sample.
#[derive(Clone, Debug)]
pub struct Motility {
    followed: Followed,
    /// Hours between two samples.
    every_h: f64,
    labels: Vec<String>,
    /// Displacement since the first sample, µm, `[track][sample]`.
    moved_um: Vec<[f32; 3]>,
    /// Samples that there is room for, and those taken.
    room: usize,
    taken: usize,
}

/// One lag of one group of tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct LagRow {
    /// Time between the two ends, h.
    pub lag_h: f64,
    /// `all`, or a type's label.
    pub group: String,
    /// Tracks.
    pub n_tracks: usize,
    /// Mean over tracks of the squared displacement, itself a mean over all windows of that length in the track, µm².
    pub msd_um2: f64,
    /// Its standard error over tracks, µm²; NaN for less than two.
    pub msd_sem_um2: f64,
    /// Mean over tracks of displacement over way walked in the window, 0…1; NaN if nothing moves.
    pub directionality: f64,
}

/// A persistent random walk, ⟨r²⟩ = 2 S² P² (t/P − 1 + e^(−t/P)) in any dimension, fitted to ln ⟨r²⟩ at the lags up to a
/// third of the time sampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MotilityFit {
    /// `all`, or a type's label.
    #[serde(rename = "type")]
    pub group: String,
    /// Tracks.
    pub n_tracks: usize,
    /// Speed S, µm/h; none where cells do not move, or persist for less than a tenth of the shortest lag.
    pub speed_um_per_h: Option<f64>,
    /// Persistence time P, h; none where S is none, or beyond ten times the longest lag of the fit.
    pub persistence_h: Option<f64>,
    /// Root mean square of the difference of logarithms; none without a fit.
    pub rms_log_error: Option<f64>,
}

impl Motility {
    /// Begins at the first sample of a run that takes one every `every_steps` steps.
    pub fn new(model: &Model, start: &Bodies, every_steps: u64) -> Self {
        let room = (model.n_steps() / every_steps + 1) as usize;
        let most = MOST_TRACKS.min(MOST_POSITIONS / room);
        let followed = Followed::new(model.grid(), start, most);
        let mut this = Self {
            every_h: model.time_h(every_steps),
            labels: model.type_labels(),
            // Zeroed memory, which the system hands out only as it is written.
            moved_um: vec![[0.0; 3]; followed.paths().len() * room],
            followed,
            room,
            taken: 0,
        };
        this.keep();
        this
    }

    /// Takes the next sample.
    pub fn sample(&mut self, now: &Bodies) {
        self.followed.advance(now);
        self.keep();
    }

    fn keep(&mut self) {
        if self.taken == self.room {
            return;
        }
        for (track, path) in self.followed.paths().iter().enumerate() {
            self.moved_um[track * self.room + self.taken] =
                [0, 1, 2].map(|axis| (path.at_um[axis] - path.start_um[axis]) as f32);
        }
        self.taken += 1;
    }

    /// The cells that are followed.
    pub fn followed(&self) -> &Followed {
        &self.followed
    }

    /// Every group of founders that have lived so far, `all` first, then the types if there are more than one; lags
    /// ascending in each. Empty after less than two samples.
    pub fn lags(&self) -> Vec<LagRow> {
        let survivors: Vec<usize> = (0..self.followed.paths().len())
            .filter(|track| self.followed.paths()[*track].lives)
            .collect();
        // Way walked since the first sample.
        let walked: Vec<Vec<f64>> = survivors
            .par_iter()
            .map(|track| {
                let mut sum = 0.0;
                let mut way = vec![0.0];
                for pair in self.track(*track).windows(2) {
                    sum += square(pair[0], pair[1]).sqrt();
                    way.push(sum);
                }
                way
            })
            .collect();
        let by_lag: Vec<Vec<(f64, f64)>> = chosen_lags(self.taken)
            .into_par_iter()
            .map(|lag| {
                let tracks = survivors.iter().zip(&walked);
                tracks
                    .map(|(track, way)| window_means(self.track(*track), way, lag))
                    .collect()
            })
            .collect();
        let mut groups = vec![("all", None)];
        if self.labels.len() > 1 {
            let types = self.labels.iter().enumerate();
            groups.extend(types.map(|(ix, label)| (label.as_str(), Some(ix))));
        }
        let mut rows = Vec::new();
        for (group, type_ix) in groups {
            let of_group: Vec<usize> = (0..survivors.len())
                .filter(|i| {
                    type_ix.is_none_or(|ix| self.followed.paths()[survivors[*i]].type_ix == ix)
                })
                .collect();
            for (lag, values) in chosen_lags(self.taken).iter().zip(&by_lag) {
                let (msd_um2, msd_sem_um2) = mean_and_error(of_group.iter().map(|i| values[*i].0));
                let straight = of_group.iter().map(|i| values[*i].1);
                rows.push(LagRow {
                    lag_h: *lag as f64 * self.every_h,
                    group: group.to_string(),
                    n_tracks: of_group.len(),
                    msd_um2,
                    msd_sem_um2,
                    directionality: mean_and_error(straight.filter(|share| share.is_finite())).0,
                });
            }
        }
        rows
    }

    /// The walk of each group in rows of [`Self::lags`].
    pub fn fits(&self, rows: &[LagRow]) -> Vec<MotilityFit> {
        let longest_h = self.taken.saturating_sub(1) as f64 * self.every_h / 3.0;
        let groups = rows.chunk_by(|a, b| a.group == b.group);
        groups
            .map(|rows| {
                let points: Vec<(f64, f64)> = rows
                    .iter()
                    .filter(|row| row.lag_h <= longest_h * (1.0 + 1e-9))
                    .map(|row| (row.lag_h, row.msd_um2))
                    .collect();
                let walk = fit(&points);
                MotilityFit {
                    group: rows[0].group.clone(),
                    n_tracks: rows[0].n_tracks,
                    speed_um_per_h: walk.and_then(|walk| walk.speed_um_per_h),
                    persistence_h: walk.and_then(|walk| walk.persistence_h),
                    rms_log_error: walk.map(|walk| walk.rms_log_error),
                }
            })
            .collect()
    }

    fn track(&self, track: usize) -> &[[f32; 3]] {
        &self.moved_um[track * self.room..][..self.taken]
    }
}

/// Lags in samples, ascending.
fn chosen_lags(taken: usize) -> Vec<usize> {
    let longest = taken.saturating_sub(1);
    if longest <= MOST_LAGS {
        return (1..=longest).collect();
    }
    let mut lags: Vec<usize> = (0..MOST_LAGS)
        .map(|i| {
            let share = i as f64 / (MOST_LAGS - 1) as f64;
            (longest as f64).powf(share).round() as usize
        })
        .collect();
    lags.dedup();
    lags
}

fn square(a: [f32; 3], b: [f32; 3]) -> f64 {
    (0..3)
        .map(|axis| (f64::from(b[axis]) - f64::from(a[axis])).powi(2))
        .sum()
}

/// Mean over all windows of a length of the squared displacement, and of displacement over way walked; the latter NaN
/// if the cell stands still in all.
fn window_means(track: &[[f32; 3]], way: &[f64], lag: usize) -> (f64, f64) {
    let (mut squares, mut shares, mut moving) = (0.0, 0.0, 0u64);
    for from in 0..track.len() - lag {
        let net = square(track[from], track[from + lag]);
        let walked = way[from + lag] - way[from];
        squares += net;
        if walked > 0.0 {
            shares += (net.sqrt() / walked).min(1.0);
            moving += 1;
        }
    }
    (squares / (track.len() - lag) as f64, shares / moving as f64)
}

/// Mean and its standard error; NaN where there are too few values.
fn mean_and_error(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[derive(Clone, Copy, Debug)]
struct Walk {
    speed_um_per_h: Option<f64>,
    persistence_h: Option<f64>,
    rms_log_error: f64,
}

/// Least squares of ln MSD over points (lag in h, MSD in µm²): S follows from P, and P is sought on a grid of its
/// logarithm and then by golden section.
fn fit(points: &[(f64, f64)]) -> Option<Walk> {
    if points.len() < FEWEST_LAGS || !points.iter().all(|(_, msd)| *msd > 0.0) {
        return None;
    }
    let n = points.len() as f64;
    // ln S² and the mean square of what is left, for a P.
    let rest = |ln_p: f64| -> (f64, f64) {
        let p = ln_p.exp();
        let logs = points
            .iter()
            .map(|(t, msd)| msd.ln() - (2.0 * p * p * excess(t / p)).ln());
        let mean = logs.clone().sum::<f64>() / n;
        (mean, logs.map(|log| (log - mean).powi(2)).sum::<f64>() / n)
    };
    let low = (0.1 * points[0].0).ln();
    let high = (10.0 * points[points.len() - 1].0).ln();
    const COARSE: usize = 100;
    let at = |i: usize| low + (high - low) * i as f64 / COARSE as f64;
    let best = (0..=COARSE).min_by(|a, b| rest(at(*a)).1.total_cmp(&rest(at(*b)).1))?;
    let (mut a, mut b) = (at(best.saturating_sub(1)), at((best + 1).min(COARSE)));
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    for _ in 0..60 {
        let (c, d) = (b - golden * (b - a), a + golden * (b - a));
        if rest(c).1 < rest(d).1 {
            b = d;
        } else {
            a = c;
        }
    }
    let ln_p = 0.5 * (a + b);
    let (ln_s2, square) = rest(ln_p);
    let (below, beyond) = (best == 0, best == COARSE);
    Some(Walk {
        speed_um_per_h: (!below).then(|| (0.5 * ln_s2).exp()),
        persistence_h: (!below && !beyond).then(|| ln_p.exp()),
        rms_log_error: square.sqrt(),
    })
}

/// x − 1 + e^(−x), without cancellation near 0.
fn excess(x: f64) -> f64 {
    if x < 1e-3 {
        x * x * (0.5 - x / 6.0)
    } else {
        x + (-x).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::NO_PARENT;
    use glam::Vec4;

    /// A run of `hours` in a box of 100 µm that is periodic in x, a minute a step.
    fn model(hours: u32) -> Model {
        Model::from_toml(&format!(
            r#"
title = "walk"
question = "?"
[domain]
size = ["100 um", "100 um"]
voxel = "10 um"
periodic = ["x"]
[time]
step = "1 min"
duration = "{hours} h"
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["100 um", "100 um"], count = 4 }} }}
[[cells]]
type = "fibroblast"
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["100 um", "100 um"], count = 4 }} }}
"#
        ))
        .unwrap()
    }

    /// Cells 0, 1, … of types 0, 1, 0, … at places in x.
    fn at(step: u64, x: impl IntoIterator<Item = f32>) -> Bodies {
        let position_radius: Vec<Vec4> = x
            .into_iter()
            .map(|x| Vec4::new(x.rem_euclid(100.0), 50.0, 5.0, 8.0))
            .collect();
        let n = position_radius.len();
        Bodies {
            step,
            position_radius,
            polarity_speed: vec![Vec4::X; n],
            identity: (0..n as u32).map(|id| [id, id % 2, NO_PARENT, 0]).collect(),
        }
    }

    /// Walkers of 30 and 12 µm/h along x, sampled every hour.
    fn straight() -> Motility {
        let model = model(12);
        let sample = |i: u64| at(60 * i, [10.0 + 30.0 * i as f32, 70.0 + 12.0 * i as f32]);
        let mut motility = Motility::new(&model, &sample(0), 60);
        for i in 1..=12 {
            motility.sample(&sample(i));
        }
        motility
    }

    #[test]
    fn straight_walkers_have_the_square_of_their_way() {
        let rows = straight().lags();
        assert_eq!(rows.len(), 3 * 12);
        for (group, speed) in [("pc-3", 30.0), ("fibroblast", 12.0)] {
            for row in rows.iter().filter(|row| row.group == group) {
                let expected = (speed * row.lag_h).powi(2);
                assert!((row.msd_um2 / expected - 1.0).abs() < 1e-6, "{row:?}");
                assert!((row.directionality - 1.0).abs() < 1e-6, "{row:?}");
                assert_eq!(row.n_tracks, 1);
                assert!(row.msd_sem_um2.is_nan(), "one track has no spread");
            }
        }
        let all = &rows[1];
        assert_eq!((all.group.as_str(), all.lag_h), ("all", 2.0));
        // Of 3600 and 576: mean, and half their difference.
        assert!((all.msd_um2 - 2088.0).abs() < 1e-3);
        assert!((all.msd_sem_um2 - 1512.0).abs() < 1e-3);
    }

    #[test]
    fn a_straight_way_has_a_speed_and_no_persistence_time() {
        let motility = straight();
        let fits = motility.fits(&motility.lags());
        assert_eq!(fits.len(), 3);
        assert_eq!(fits[1].group, "pc-3");
        assert_eq!(fits[1].persistence_h, None);
        assert!((fits[1].speed_um_per_h.unwrap() / 30.0 - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_cell_that_turns_back_has_half_the_directionality() {
        let model = model(3);
        let mut motility = Motility::new(&model, &at(0, [10.0]), 60);
        for (i, x) in [40.0, 30.0, 20.0].into_iter().enumerate() {
            motility.sample(&at(60 * (i as u64 + 1), [x]));
        }
        let rows = motility.lags();
        assert_eq!(rows[0].directionality, 1.0);
        // 20 of 40 and 20 of 20 µm.
        assert!((rows[1].directionality - 0.75).abs() < 1e-6);
        assert!((rows[2].directionality - 0.2).abs() < 1e-6);
        assert!((rows[1].msd_um2 - 400.0).abs() < 1e-4);
    }

    #[test]
    fn the_dead_do_not_count() {
        let model = model(2);
        let mut motility = Motility::new(&model, &at(0, [10.0, 20.0]), 60);
        motility.sample(&at(60, [20.0, 60.0]));
        let both = motility.lags();
        motility.sample(&at(120, [30.0]));
        let rows = motility.lags();
        assert_eq!((both[0].n_tracks, rows[0].n_tracks), (2, 1));
        assert_eq!(rows[0].msd_um2, 100.0);
        let fibroblasts = rows.iter().find(|row| row.group == "fibroblast").unwrap();
        assert_eq!(fibroblasts.n_tracks, 0);
        assert!(fibroblasts.msd_um2.is_nan());
    }

    #[test]
    fn who_stands_still_is_not_fitted() {
        let model = model(12);
        let mut motility = Motility::new(&model, &at(0, [10.0]), 60);
        for i in 1..=12 {
            motility.sample(&at(60 * i, [10.0]));
        }
        let rows = motility.lags();
        assert_eq!(rows[3].msd_um2, 0.0);
        assert!(rows[3].directionality.is_nan());
        let fits = motility.fits(&rows);
        assert_eq!(
            (fits[0].speed_um_per_h, fits[0].rms_log_error),
            (None, None)
        );
    }

    fn exact(t: f64, s: f64, p: f64) -> (f64, f64) {
        (t, 2.0 * s * s * p * p * (t / p - 1.0 + (-t / p).exp()))
    }

    #[test]
    fn the_fit_gets_back_what_made_the_curve() {
        for (s, p) in [(36.0, 0.52), (10.0, 3.0), (60.0, 0.1)] {
            let points: Vec<_> = (1..=24).map(|i| exact(i as f64 / 6.0, s, p)).collect();
            let walk = fit(&points).unwrap();
            assert!(
                (walk.speed_um_per_h.unwrap() / s - 1.0).abs() < 1e-5,
                "{walk:?}"
            );
            assert!(
                (walk.persistence_h.unwrap() / p - 1.0).abs() < 1e-5,
                "{walk:?}"
            );
            assert!(walk.rms_log_error < 1e-6);
        }
        // Plain diffusion says nothing about S and P apart.
        let diffusion: Vec<_> = (1..=24).map(|i| (i as f64, 100.0 * i as f64)).collect();
        let walk = fit(&diffusion).unwrap();
        assert_eq!((walk.speed_um_per_h, walk.persistence_h), (None, None));
    }

    #[test]
    fn long_runs_have_their_lags_thinned() {
        assert_eq!(chosen_lags(1), Vec::<usize>::new());
        assert_eq!(chosen_lags(501).len(), 500);
        let lags = chosen_lags(10_001);
        assert!(lags.len() <= 500 && lags.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((lags[0], lags[lags.len() - 1]), (1, 10_000));
    }
}
