//! `observables.csv`: one row per report.

use std::path::PathBuf;

use super::write_atomically;
use crate::observe::Row;

/// The table of a run so far.
///
/// A run has tens to thousands of rows of some hundred bytes, so that writing the whole table beside its name at every
/// report costs nothing against the steps in between, and a reader always finds a complete file.
#[derive(Debug)]
pub struct ObservablesCsv {
    path: PathBuf,
    rows: Vec<Row>,
}

impl ObservablesCsv {
    /// An empty table at a path.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            rows: Vec::new(),
        }
    }

    /// Adds a row and writes the table.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, row: Row) -> anyhow::Result<()> {
        self.add_all([row])
    }

    /// Adds rows and writes the table once.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_all(&mut self, rows: impl IntoIterator<Item = Row>) -> anyhow::Result<()> {
        self.rows.extend(rows);
        write_atomically(&self.path, |out| {
            let mut csv = csv::Writer::from_writer(out);
            for (i, row) in self.rows.iter().enumerate() {
                if i == 0 {
                    csv.write_record(row.0.iter().map(|(name, _)| name))?;
                }
                csv.write_record(row.0.iter().map(|(_, value)| value.to_string()))?;
            }
            csv.flush()?;
            Ok(())
        })
    }

    /// The rows so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}
