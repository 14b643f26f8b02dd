//! Files of a run, one format a file. Everything is written beside its name and then renamed, so that a reader never
//! sees half a file.

mod cells_csv;
mod doses_csv;
mod field_npy;
pub mod image_png;
mod observables_csv;
mod table_csv;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::UsageError;
use crate::model::Model;
use crate::render::View;
use crate::state::HostState;

pub use cells_csv::CellsCsv;
pub use doses_csv::write_doses;
pub use field_npy::FieldNpy;
pub use image_png::{ImagePng, PICTURE_PX, labels};
pub use observables_csv::ObservablesCsv;
pub use table_csv::TableCsv;

/// What an exporter may need besides the state.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its state.
    pub state: &'a HostState,
    /// Free drug in the bath, nM.
    pub bath_nm: f64,
}

impl Moment<'_> {
    /// Hours with three decimals, as file names carry them.
    pub fn time_h(&self) -> String {
        format!("{:.3}", self.model.time_h(self.state.step))
    }
}

/// A format that writes a state into a folder.
pub trait Export {
    /// Name of the option and of the subfolder.
    fn name(&self) -> &'static str;
    /// Writes one moment.
    ///
    /// # Errors
    /// The file cannot be written.
    fn write(&self, moment: &Moment) -> anyhow::Result<()>;
}

/// The format called `name` in a run folder, opened (its subfolder made) before the run, so that a bad path fails
/// early.
///
/// # Errors
/// The subfolder cannot be made.
pub fn open(name: &str, folder: &Path, view: View) -> Result<Box<dyn Export>, UsageError> {
    let sub = folder.join(name);
    std::fs::create_dir_all(&sub)
        .map_err(|why| UsageError::new(format!("cannot make folder '{}': {why}", sub.display())))?;
    Ok(match name {
        "cells" => Box::new(CellsCsv { folder: sub }),
        "fields" => Box::new(FieldNpy { folder: sub }),
        _ => Box::new(ImagePng { folder: sub, view }),
    })
}

/// How names of files begin and end that are still being written.
pub const TEMPORARY: (&str, &str) = (".invado-", ".tmp");

/// Writes a file beside its name and renames it.
///
/// # Errors
/// The folder is gone or full, with the path.
pub fn write_atomically(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    use anyhow::Context;
    let folder: PathBuf = path.parent().unwrap_or(Path::new(".")).to_path_buf();
    let save = || -> anyhow::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY.0)
            .suffix(TEMPORARY.1)
            .tempfile_in(&folder)?;
        {
            let mut buffered = std::io::BufWriter::new(file.as_file_mut());
            fill(&mut buffered)?;
            buffered.flush()?;
        }
        // A temporary file is private; a result is for everyone whom the folder lets in.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file()
                .set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path)?;
        Ok(())
    };
    save().with_context(|| format!("cannot write '{}'", path.display()))
}
