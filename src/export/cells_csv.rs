//! `cells/<time_h>.csv`: one line per cell. Numbers are the shortest that read back to the same bits.

use std::path::{Path, PathBuf};

use super::{CellTable, Export, Moment, write_atomically};
use crate::error::UsageError;
use crate::model::Model;
use crate::state::Phase;

/// Cells as CSV.
#[derive(Debug)]
pub struct CellsCsv {
    /// Where to.
    pub folder: PathBuf,
}

impl Export for CellsCsv {
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let path = self.folder.join(format!("{}.csv", moment.hours()));
        let cells = moment.cells()?;
        let labels = moment.model().type_labels();
        write_atomically(&path, |out| {
            let mut csv = csv::Writer::from_writer(out);
            csv.write_record(CellTable::header())?;
            for ix in 0..cells.len() {
                csv.write_field(cells.ids[ix].to_string())?;
                csv.write_field(&labels[cells.types[ix] as usize])?;
                for column in &cells.numbers {
                    csv.write_field(column[ix].to_string())?;
                }
                csv.write_field(cells.phases[ix].name())?;
                csv.write_record(None::<&[u8]>)?;
            }
            csv.flush()?;
            Ok(())
        })
    }
}

/// Reads a table of cells that a run of a model wrote.
///
/// # Errors
/// It cannot be read, has other columns, or a value that no run writes; with file and line.
pub(super) fn read(path: &Path, model: &Model) -> Result<CellTable, UsageError> {
    let wrong = |why: String| {
        UsageError::new(format!(
            "'{}' {why}; restore it, or run the scenario again",
            path.display()
        ))
    };
    let unread = |why: csv::Error| wrong(format!("cannot be read: {why}"));
    let mut csv = csv::Reader::from_path(path).map_err(unread)?;
    let header = csv.headers().map_err(unread)?;
    if !header.iter().eq(CellTable::header()) {
        let expected: Vec<&str> = CellTable::header().collect();
        let found: Vec<&str> = header.iter().collect();
        return Err(wrong(format!(
            "has the columns {}, not {}",
            found.join(","),
            expected.join(",")
        )));
    }
    let labels = model.type_labels();
    let mut cells = CellTable::default();
    let mut record = csv::StringRecord::new();
    while csv.read_record(&mut record).map_err(unread)? {
        let line = record.position().map_or(0, csv::Position::line);
        row(&record, &labels, &mut cells)
            .map_err(|why| wrong(format!("has {why} in line {line}")))?;
    }
    Ok(cells)
}

/// Adds a row; the reader has seen to it that it has every column.
fn row(record: &csv::StringRecord, labels: &[String], cells: &mut CellTable) -> Result<(), String> {
    let wrong = |name: &str, text: &str, allowed: &str| format!("{name} '{text}' ({allowed})");
    let mut texts = record.iter();
    let mut next = || texts.next().unwrap_or_default();
    let id = next();
    let id_allowed = "a whole number";
    cells
        .ids
        .push(id.parse().map_err(|_| wrong("id", id, id_allowed))?);
    let label = next();
    let type_ix = labels.iter().position(|known| known == label);
    cells.types.push(
        type_ix.ok_or_else(|| wrong("type", label, &format!("one of {}", labels.join(", "))))?
            as u32,
    );
    for (column, name) in cells.numbers.iter_mut().zip(super::NUMBERS) {
        let text = next();
        match text.parse() {
            Ok(value) if f32::is_finite(value) => column.push(value),
            _ => return Err(wrong(name, text, "a finite number")),
        }
    }
    let phase = next();
    let known = Phase::ALL.iter().find(|known| known.name() == phase);
    let names = || Phase::ALL.map(Phase::name).join(", ");
    cells
        .phases
        .push(*known.ok_or_else(|| wrong("phase", phase, &format!("one of {}", names())))?);
    Ok(())
}
