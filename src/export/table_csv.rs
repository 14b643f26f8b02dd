//! A table that grows by many rows at once: tracks, profiles, pair correlations.

use std::path::{Path, PathBuf};

use super::write_atomically;

/// A CSV table that is kept as text and written whole, beside its name.
///
/// Written when it has grown by a twentieth since the last time, so that all writes together are some twenty times the
/// table, however many there are; [`Self::save`] writes what is left. A process that is killed outright loses a
/// twentieth at most.
#[derive(Debug)]
pub struct TableCsv {
    path: PathBuf,
    text: csv::Writer<Vec<u8>>,
    /// Bytes that are in the file.
    saved: usize,
}

impl TableCsv {
    /// A table without rows, written at once, so that a bad path fails early.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new<S: AsRef<[u8]>>(
        path: PathBuf,
        header: impl IntoIterator<Item = S>,
    ) -> anyhow::Result<Self> {
        let mut this = Self {
            path,
            text: csv::Writer::from_writer(Vec::new()),
            saved: 0,
        };
        this.text.write_record(header)?;
        this.save()?;
        Ok(this)
    }

    /// A table that goes on with the rows of another up to an hour, by its column `time_h`.
    ///
    /// # Errors
    /// The other cannot be read or has other columns, or the file cannot be written.
    pub fn resume<S: AsRef<[u8]>>(
        path: PathBuf,
        header: impl IntoIterator<Item = S>,
        from: &Path,
        until_h: f64,
    ) -> anyhow::Result<Self> {
        use anyhow::{Context, ensure};
        let mut this = Self {
            path,
            text: csv::Writer::from_writer(Vec::new()),
            saved: 0,
        };
        this.text.write_record(header)?;
        this.text.flush()?;
        let cannot = || format!("cannot go on with '{}'", from.display());
        let mut other = csv::Reader::from_path(from).with_context(cannot)?;
        let names = other.headers().with_context(cannot)?.clone();
        let mut own = csv::Reader::from_reader(this.text.get_ref().as_slice());
        ensure!(
            *own.headers()? == names,
            "{}: it has other columns",
            cannot()
        );
        let hour = names.iter().position(|name| name == "time_h");
        let mut rows = Vec::new();
        for record in other.records() {
            let record = record.with_context(cannot)?;
            let time = hour.and_then(|at| record.get(at)?.parse::<f64>().ok());
            if time.is_some_and(|time| time <= until_h + 1e-9) {
                rows.push(record);
            }
        }
        for row in rows {
            this.text.write_record(&row)?;
        }
        this.save()?;
        Ok(this)
    }

    /// Adds rows, and writes the table if it has grown enough.
    ///
    /// # Errors
    /// The file cannot be written, or a row has another number of columns than the header.
    pub fn add(&mut self, rows: impl IntoIterator<Item = Vec<String>>) -> anyhow::Result<()> {
        for row in rows {
            self.text.write_record(&row)?;
        }
        self.text.flush()?;
        if self.text.get_ref().len() > self.saved + self.saved / 20 {
            self.save()?;
        }
        Ok(())
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&mut self) -> anyhow::Result<()> {
        self.text.flush()?;
        let text = self.text.get_ref();
        if self.saved != text.len() {
            write_atomically(&self.path, |out| Ok(out.write_all(text)?))?;
            self.saved = text.len();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole_and_the_end_is_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let lines = || std::fs::read_to_string(&path).unwrap().lines().count();
        let mut table = TableCsv::new(path.clone(), ["a", "b"]).unwrap();
        assert_eq!(lines(), 1);
        let mut fewer = 0;
        for i in 0..1000 {
            table.add([vec![i.to_string(), "x".to_string()]]).unwrap();
            // Whole rows, and never short of more than a twentieth.
            assert!(lines() * 100 >= (i + 2) * 93, "{i}");
            fewer += usize::from(lines() < i + 2);
        }
        assert!(fewer > 500, "most rows wait for others");
        table.save().unwrap();
        assert_eq!(lines(), 1001);
        assert!(table.add([vec!["one column".to_string()]]).is_err());
    }
}
