//! `observables.csv`: one row per report.

use std::path::{Path, PathBuf};

use super::write_atomically;
use crate::error::UsageError;
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

    /// A table that goes on; rows of later times stay until they are measured again.
    pub fn with_rows(path: PathBuf, rows: Vec<Row>) -> Self {
        Self { path, rows }
    }

    /// The rows of a table that is there.
    ///
    /// # Errors
    /// It cannot be read, or holds what is no number.
    pub fn read(path: &Path) -> Result<Vec<Row>, UsageError> {
        let wrong = |why: &dyn std::fmt::Display| {
            UsageError::new(format!(
                "'{}' cannot be read: {why}. Restore it, or move it away and run the scenario again",
                path.display()
            ))
        };
        let mut csv = csv::Reader::from_path(path).map_err(|why| wrong(&why))?;
        let names = csv.headers().map_err(|why| wrong(&why))?.clone();
        let mut rows = Vec::new();
        for record in csv.records() {
            let record = record.map_err(|why| wrong(&why))?;
            let mut row = Row::default();
            for (name, text) in names.iter().zip(&record) {
                let value = text.parse().map_err(|why| wrong(&why))?;
                row.0.push((name.to_string(), value));
            }
            rows.push(row);
        }
        Ok(rows)
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
        for row in rows {
            // A row of the same time is measured again; one of a later time is still to come.
            let time = row.get("time_h").unwrap_or(f64::INFINITY);
            let hour = |row: &Row| row.get("time_h").unwrap_or(f64::INFINITY);
            let at = self.rows.partition_point(|row| hour(row) < time - 1e-9);
            if self
                .rows
                .get(at)
                .is_some_and(|row| hour(row) <= time + 1e-9)
            {
                self.rows[at] = row;
            } else {
                self.rows.insert(at, row);
            }
        }
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
