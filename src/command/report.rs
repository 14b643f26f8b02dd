//! `invado report`: a run folder as one page.

use std::process::ExitCode;

use crate::cli::ReportArgs;
use crate::error::UsageError;
use crate::export::write_atomically;

/// Writes the page.
pub(super) fn report(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let path = (args.out.clone()).unwrap_or_else(|| args.folder.join("report.html"));
    if path.exists() && !args.force {
        let why = format!(
            "'{}' exists; choose another --out, or replace it with --force",
            path.display()
        );
        return Err(UsageError(why).into());
    }
    let page = crate::report::page(&args.folder)?;
    write_atomically(&path, |out| Ok(out.write_all(page.as_bytes())?))
        .map_err(|why| UsageError(format!("{why:#}; choose another --out")))?;
    super::print(&format!("{}\n", path.display()))?;
    Ok(ExitCode::SUCCESS)
}
