//! `invado list`

use std::process::ExitCode;

use crate::cli::Listed;
use crate::parameters::DEFAULTS;
use crate::scenario::{BUILT_IN, Scenario};

/// Lists what is asked for.
pub(super) fn list(what: Option<Listed>) -> anyhow::Result<ExitCode> {
    let text = match what {
        Some(Listed::Scenarios) => scenarios()?,
        Some(Listed::Adapters) => adapters(),
        Some(Listed::Parameters) => parameters(),
        None => format!(
            "Scenarios\n{}\nAdapters\n{}\nParameters: invado list parameters ({} of them)\n",
            scenarios()?,
            adapters(),
            DEFAULTS.parameters.len()
        ),
    };
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn scenarios() -> anyhow::Result<String> {
    let mut text = String::new();
    for (name, _) in BUILT_IN {
        let scenario = Scenario::load(name, &[])?;
        text += &format!(
            "{name:<12} {}\n{:<12} {}\n",
            scenario.file.title, "", scenario.file.question
        );
    }
    Ok(text)
}

fn adapters() -> String {
    let list = crate::gpu::adapters();
    if list.is_empty() {
        return format!("{}\n", crate::gpu::context::NO_ADAPTER);
    }
    list.iter()
        .map(|adapter| format!("{:<3} {adapter}\n", adapter.index))
        .collect()
}

fn parameters() -> String {
    let rows = DEFAULTS
        .parameters
        .iter()
        .chain(DEFAULTS.cell_types.values().flatten());
    let mut text = format!(
        "{:<26} {:<16} {:<26} {:<3} meaning [source]\n",
        "name", "value", "range", "ev."
    );
    for entry in rows {
        text += &format!(
            "{:<26} {:<16} {:<26} {:<3} {} [{}]\n",
            entry.name,
            entry.shown(),
            entry.shown_range(),
            format!("{:?}", entry.evidence),
            entry.meaning,
            entry.source
        );
    }
    text + "\nEvidence: V read in the source, V2 in a secondary source, C computed or fitted from such data, \
         M remembered and not checked, D design choice. M and D are unverified.\n"
}
