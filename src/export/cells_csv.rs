//! `cells/<time_h>.csv`: one line per cell.

use std::path::PathBuf;

use super::{Export, Moment, write_atomically};
use crate::state::{Phase, signal};

/// Cells as CSV.
#[derive(Debug)]
pub struct CellsCsv {
    /// Where to.
    pub folder: PathBuf,
}

const HEADER: [&str; 15] = [
    "id",
    "type",
    "x_um",
    "y_um",
    "z_um",
    "radius_um",
    "pfak",
    "src",
    "pcas",
    "pakt",
    "perk",
    "fa_nascent",
    "fa_mature",
    "speed_um_per_h",
    "phase",
];

const SIGNALS: [usize; 7] = [
    signal::PFAK,
    signal::SRC,
    signal::PCAS,
    signal::PAKT,
    signal::PERK,
    signal::FA_NASCENT,
    signal::FA_MATURE,
];

impl Export for CellsCsv {
    fn name(&self) -> &'static str {
        "cells"
    }

    fn write(&self, moment: &Moment) -> anyhow::Result<()> {
        let path = self.folder.join(format!("{}.csv", moment.time_h()));
        let cells = &moment.state.cells;
        write_atomically(&path, |out| {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(HEADER)?;
            for ix in 0..cells.len() {
                let [id, type_ix, _, life] = cells.identity[ix];
                let body = cells.position_radius[ix];
                let mut record = vec![
                    id.to_string(),
                    moment.model.cell_types()[type_ix as usize].name.clone(),
                ];
                record.extend(body.to_array().iter().map(f32::to_string));
                record.extend(
                    SIGNALS
                        .iter()
                        .map(|row| cells.signals[*row][ix].to_string()),
                );
                record.push((60.0 * cells.polarity_speed[ix].w).to_string());
                record.push(Phase::of(life).name().to_string());
                csv.write_record(&record)?;
            }
            csv.flush()?;
            Ok(())
        })
    }
}
