//! A run folder as one HTML page that needs nothing else: no file, no network, no script.
//!
//! Whatever a folder holds is taken for text that somebody else wrote: `maud` and `svg` escape it, pictures and figures
//! come in as data that cannot run, and the page forbids scripts and connections.

mod charts;
mod events;
mod evidence;
mod page;
mod pictures;
mod results;
mod run;
mod sheet;
mod table;

use std::path::Path;

use crate::error::UsageError;

/// The page of a run, of a dose series, or of the arms of a scenario.
///
/// # Errors
/// The folder holds no record that can be read. What else is missing or damaged, the page says.
pub fn page(folder: &Path) -> Result<String, UsageError> {
    let sheets = sheet::read(folder)?;
    Ok(page::whole(folder, &sheets).into_string())
}
