//! Where a file or folder of several moments goes: it is made beside its name and takes its place when it is whole.

use std::path::{Path, PathBuf};

use super::TEMPORARY;
use crate::error::UsageError;

/// A file or folder that is being made.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    /// Removed with all that is in it, unless the target is [kept](Self::keep).
    workshop: tempfile::TempDir,
    replaces: bool,
}

impl Target {
    /// A place beside `path`. `own`: the names that an export of this kind has in its folder; none for a file.
    ///
    /// # Errors
    /// There is something at the path and `force` is not given, or it is none of our exports, or nothing can be made there.
    pub fn new(path: &Path, own: &[&str], force: bool) -> Result<Self, UsageError> {
        let shown = path.display();
        let (Some(parent), Some(_)) = (path.parent(), path.file_name()) else {
            return Err(UsageError::new(format!(
                "'{shown}' is no name for a file; choose another --out"
            )));
        };
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        let replaces = path.symlink_metadata().is_ok();
        if replaces && !force {
            return Err(UsageError::new(format!(
                "'{shown}' exists; choose another --out, or replace it with --force"
            )));
        }
        if replaces && !is_export(path, own) {
            return Err(UsageError::new(format!(
                "'{shown}' is no export of this format, so --force does not touch it; choose another --out"
            )));
        }
        let workshop = tempfile::Builder::new()
            .prefix(TEMPORARY.0)
            .suffix(TEMPORARY.1)
            .tempdir_in(parent)
            .map_err(|why| {
                UsageError::new(format!(
                    "cannot write to '{}': {why}; choose another --out",
                    parent.display()
                ))
            })?;
        Ok(Self {
            path: path.to_path_buf(),
            workshop,
            replaces,
        })
    }

    /// Where to write until it is kept.
    pub fn place(&self) -> PathBuf {
        // A path without a name was refused.
        self.workshop
            .path()
            .join(self.path.file_name().unwrap_or_default())
    }

    /// Puts what was made in its place.
    ///
    /// # Errors
    /// It cannot be moved there.
    pub fn keep(self) -> std::io::Result<()> {
        if self.replaces {
            // What it replaces goes away with the workshop.
            std::fs::rename(&self.path, self.workshop.path().join("replaced"))?;
        }
        std::fs::rename(self.place(), &self.path)
    }
}

/// Whether `--force` may replace it: a file by a file, a folder by a folder with nothing else in it than ours.
fn is_export(path: &Path, own: &[&str]) -> bool {
    if own.is_empty() {
        return path.is_file();
    }
    let names = std::fs::read_dir(path).map(|entries| {
        let mut names = entries.map(|entry| entry.map(|entry| entry.file_name()));
        names.all(|name| name.is_ok_and(|name| own.iter().any(|own| name == **own)))
    });
    names.unwrap_or(false)
}
