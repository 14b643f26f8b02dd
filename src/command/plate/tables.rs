//! What is known of the wells while they run: `wells.csv`.

use std::path::Path;

use super::super::print;
use super::super::run::line;
use super::Done;
use crate::export::TableCsv;

/// What is known of the wells so far, in the order of the plate whatever the order of their ends.
pub(super) struct Tables<'a> {
    folder: &'a Path,
    lines: bool,
    begun: Vec<Option<Done>>,
    /// Wells at the front that are in the table.
    written: usize,
    table: Option<TableCsv>,
    /// The first error of writing.
    failed: Option<anyhow::Error>,
}

impl<'a> Tables<'a> {
    /// Tables of a number of wells, none of which is begun.
    pub(super) fn new(folder: &'a Path, lines: bool, n_wells: usize) -> Self {
        Self {
            folder,
            lines,
            begun: (0..n_wells).map(|_| None).collect(),
            written: 0,
            table: None,
            failed: None,
        }
    }

    /// Takes in a well, and writes those that now have no gap before them.
    pub(super) fn add(&mut self, ix: usize, done: Done) {
        self.begun[ix] = Some(done);
        while let Some(Some(_)) = self.begun.get(self.written) {
            self.write(self.written);
            self.written += 1;
        }
    }

    /// Writes the rest, and hands back every well that was begun.
    pub(super) fn finish(mut self) -> anyhow::Result<Vec<Done>> {
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
                let dose = done.well.dose_nm.map(|_| "dose_nm");
                let head = ["well"].into_iter().chain(dose).chain(["replicate"]);
                let header = head.chain(columns);
                empty.insert(TableCsv::new(self.folder.join("wells.csv"), header)?)
            }
        };
        let well = &done.well;
        table.add(done.rows.iter().map(|row| {
            let mut record = vec![well.name.clone()];
            record.extend(well.dose_nm.map(|nm| nm.to_string()));
            record.push(well.replicate.to_string());
            record.extend(row.0.iter().map(|(_, value)| value.to_string()));
            record
        }))?;
        if self.lines {
            print(&format!("well {:<12} {}\n", well.name, line(last)))?;
        }
        Ok(())
    }
}
