//! What follows from the wells once all are done: means and spreads, and of a dose series fits, curves and blots.

use super::super::figures::{self, save};
use super::super::run::{PREDICTION, line};
use super::Plate;
use crate::dose_response::blot::{self, blots};
use crate::dose_response::{self, FitRecord, Response, responses};
use crate::export::{ObservablesCsv, TableCsv};
use crate::lesson::Ending;
use crate::model::Well;
use crate::observe::Row;
use crate::observe::profile::Profile;
use crate::record::RunJson;
use crate::render::figure::{self, Notes};
use crate::spread::{self, Replicates};

impl Plate<'_> {
    /// Tables, fits and figures of finished wells, and what to tell of them; the last row is the last mean over the
    /// replicates of the scenario's own dose, or of the lowest.
    pub(super) fn conclude(
        &self,
        wells: &[(Well, Vec<Row>)],
        profiles: &[(Option<f64>, Profile)],
        json: &mut RunJson,
    ) -> anyhow::Result<(String, Ending)> {
        let all = Replicates::by_dose(wells);
        let given = is_drugged(wells);
        self.spreads(&all, given)?;
        let last = Ending::from(all.as_slice());
        figures::profiles(self.model, profiles, given, self.folder)?;
        if self.model.series().is_none() {
            let label = if given { PREDICTION } else { "" };
            let mean = line(&last.row);
            let n = wells.len();
            let told = format!("mean of {n} replicates: {}{label}", mean.trim_start());
            return Ok((told, last));
        }
        let responses = responses(self.model, wells);
        json.fits = responses.iter().map(Response::record).collect();
        self.responses(&responses)?;
        Ok((told(&json.fits), last))
    }

    /// `observables.csv`, the means of the first dose; `replicates.csv`; and a figure of each observable that is not the
    /// same throughout.
    fn spreads(&self, all: &[Replicates], given: bool) -> anyhow::Result<()> {
        let mut table = ObservablesCsv::new(self.folder.join("observables.csv"));
        let Some(first) = all.first() else {
            return Ok(());
        };
        table.add_all(first.means())?;
        let dose = first.dose_nm.map(|_| "dose_nm");
        let header = dose.into_iter().chain(spread::HEADER);
        let mut table = TableCsv::new(self.folder.join("replicates.csv"), header)?;
        table.add(all.iter().flat_map(Replicates::rows))?;
        table.save()?;
        if self.model.replicates() < 2 {
            return Ok(());
        }
        let folder = self.folder.join("replicates");
        std::fs::create_dir_all(&folder)?;
        let notes = Notes::new(self.model);
        for (column, name) in first.names.iter().enumerate() {
            if let Some(figure) = figure::course::draw(all, column, given, &notes) {
                save(&figure, &folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Tables and figures of a dose series.
    fn responses(&self, responses: &[Response]) -> anyhow::Result<()> {
        let at = |name: &str| self.folder.join(name);
        let mut table = TableCsv::new(at("dose_response.csv"), dose_response::HEADER)?;
        table.add(responses.iter().flat_map(dose_response::rows))?;
        table.save()?;
        let blots = blots(self.model, responses);
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
        Ok(())
    }
}

/// Whether any well ever has a drug.
fn is_drugged(wells: &[(Well, Vec<Row>)]) -> bool {
    wells
        .iter()
        .any(|(_, rows)| rows.iter().any(Row::is_drugged))
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
