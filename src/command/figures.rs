//! Figures of results as files: each as SVG and as PNG.

use std::path::{Path, PathBuf};

use crate::export::write_atomically;
use crate::model::Model;
use crate::observe::profile::Profile;
use crate::render::figure::Figure;
use crate::render::figure::profile::{What, draw};

/// A figure as SVG and PNG.
pub(super) fn save(figure: &Figure, path: &Path) -> anyhow::Result<()> {
    // `with_extension` would take the decimals of the hour for one.
    let named = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    write_atomically(&named(".svg"), |out| {
        Ok(out.write_all(figure.svg().as_bytes())?)
    })?;
    write_atomically(&named(".png"), |out| figure.write_png(out))
}

/// `profiles/density` and `profiles/speed` of a finished run, or of its wells with their doses (nM); nothing where the
/// scenario asks for no profile. `given`: whether any drug was.
pub(super) fn profiles(
    model: &Model,
    wells: &[(Option<f64>, Profile)],
    given: bool,
    folder: &Path,
) -> anyhow::Result<()> {
    let Some(plan) = model.observe().profile.filter(|_| !wells.is_empty()) else {
        return Ok(());
    };
    let folder = folder.join("profiles");
    std::fs::create_dir_all(&folder)?;
    let end_h = model.time_h(model.n_steps());
    for (what, name) in What::ALL {
        save(
            &draw(model, plan, wells, what, end_h, given),
            &folder.join(name),
        )?;
    }
    Ok(())
}
