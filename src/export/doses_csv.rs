//! `doses.csv`: what each dose of a regimen makes of the plasma level.

use std::path::Path;

use super::write_atomically;
use crate::model::Model;

const HEADER: [&str; 10] = [
    "compound",
    "dose",
    "time_h",
    "amount_mg",
    "taken",
    "cmax_ng_ml",
    "tmax_h",
    "trough_ng_ml",
    "auc_ng_h_per_ml",
    "accumulation",
];

/// Writes the table into a run folder, if the scenario has a regimen: one row a dose, in closed form, without live
/// changes of the dose. Cmax, trough and area are of the time until the next dose or the end of the run.
///
/// # Errors
/// The file cannot be written.
pub fn write_doses(folder: &Path, model: &Model) -> anyhow::Result<()> {
    if !model.dose().is_clinical() {
        return Ok(());
    }
    let end_min = model.dt_min() * model.n_steps() as f64;
    write_atomically(&folder.join("doses.csv"), |out| {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(HEADER)?;
        for treatment in model.dose().treatments() {
            let intervals = treatment.regimen().map(|r| r.intervals(end_min));
            for interval in intervals.into_iter().flatten() {
                let intake = interval.intake;
                let numbers = [
                    interval.cmax_ng_ml,
                    interval.tmax_h,
                    interval.trough_ng_ml,
                    interval.auc_ng_h_per_ml,
                    interval.accumulation,
                ];
                let head = [
                    treatment.compound.clone(),
                    interval.dose.to_string(),
                    (intake.at_min / 60.0).to_string(),
                    intake.amount_mg.to_string(),
                    intake.taken.to_string(),
                ];
                csv.write_record(head.into_iter().chain(numbers.map(|v| v.to_string())))?;
            }
        }
        csv.flush()?;
        Ok(())
    })
}
