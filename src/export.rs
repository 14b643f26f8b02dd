//! Files of a run, one format a file. Everything is written beside its name and then renamed, so that a reader never
//! sees half a file.
//!
//! A format gets one [`Moment`] after another, and nobody keeps them: [`Live`] moments of a run that is under way, or
//! those that a [`Saved`] run has in its files, when `invado export` converts it.

mod cell_table;
mod cells_csv;
mod doses_csv;
mod field_npy;
mod film;
pub mod image_png;
mod moment;
mod observables_csv;
mod ome_zarr;
#[cfg(feature = "parquet")]
mod parquet;
mod saved;
mod simularium;
mod table_csv;
mod target;
mod vtk;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::UsageError;

pub use cell_table::{CellTable, NUMBERS};
pub use cells_csv::CellsCsv;
pub use doses_csv::write_doses;
pub use field_npy::FieldNpy;
pub use film::{Gif, Mp4, Pace};
pub use image_png::{ImagePng, PICTURE_PX, labels};
pub use moment::{Live, Moment, Part};
pub use observables_csv::ObservablesCsv;
pub use ome_zarr::OmeZarr;
#[cfg(feature = "parquet")]
pub use parquet::Parquet;
pub use saved::{Saved, SavedMoment};
pub use simularium::Simularium;
pub use table_csv::TableCsv;
pub use target::Target;
pub use vtk::Vtk;

/// A format. It is opened before the run, so that a bad path fails early, and gets one moment after another.
pub trait Export {
    /// Writes one moment, later than those before.
    ///
    /// # Errors
    /// The moment cannot be read, or the file cannot be written.
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()>;

    /// Writes what follows the last moment. Formats with a file a moment have nothing left to do.
    ///
    /// # Errors
    /// The file cannot be written.
    fn finish(&mut self) -> anyhow::Result<()> {
        Ok(())
    }
}

/// The format in which a run leaves a part in its folder, opened (its subfolder made).
///
/// # Errors
/// The subfolder cannot be made.
pub fn open(part: Part, run: &Path) -> Result<Box<dyn Export>, UsageError> {
    let folder = run.join(part.name());
    std::fs::create_dir_all(&folder).map_err(|why| {
        UsageError::new(format!("cannot make folder '{}': {why}", folder.display()))
    })?;
    Ok(match part {
        Part::Cells => Box::new(CellsCsv { folder }),
        Part::Fields => Box::new(FieldNpy { folder }),
        Part::Images => Box::new(ImagePng { folder }),
    })
}

/// The time between moments, h, if they are evenly spaced.
fn even_step_h(times_h: &[f64]) -> Option<f64> {
    let [first, second, ..] = times_h else {
        return Some(1.0);
    };
    let step = second - first;
    let is_even = |pair: &[f64]| (pair[1] - pair[0] - step).abs() < 1e-6 * step;
    times_h.windows(2).all(is_even).then_some(step)
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
