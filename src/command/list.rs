//! `invado list`

use std::process::ExitCode;

use crate::cli::Listed;
use crate::compounds::COMPOUNDS;
use crate::parameters::{DEFAULTS, Entry, Parameters};
use crate::scenario::{BUILT_IN, Scenario};

/// Lists what is asked for.
pub(super) fn list(what: Option<Listed>) -> anyhow::Result<ExitCode> {
    let names: Vec<&str> = COMPOUNDS.all().iter().map(|c| c.name.as_str()).collect();
    let text = match what {
        Some(Listed::Scenarios) => scenarios()?,
        Some(Listed::Adapters) => adapters(),
        Some(Listed::Compounds) => compounds(),
        Some(Listed::Parameters) => parameters(),
        None => format!(
            "Scenarios\n{}\nAdapters\n{}\nCompounds: {} (invado list compounds)\nParameters: invado list parameters ({} of them)\n",
            scenarios()?,
            adapters(),
            names.join(", "),
            Parameters::default().entries().len()
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

const EVIDENCE: &str = "\nEvidence: V read in the source, V2 in a secondary source, C computed or fitted from such data, \
     M remembered and not checked, D design choice. M and D are unverified.\n";

/// A head and a line for each entry.
fn table<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let mut text = format!(
        "{:<26} {:<16} {:<26} {:<3} meaning [source]\n",
        "name", "value", "range", "ev."
    );
    for entry in entries {
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
    text
}

fn compounds() -> String {
    let mut text = String::new();
    for compound in COMPOUNDS.all() {
        text += &format!(
            "{} against {}: {}\n{}\n",
            compound.name,
            compound.target.name(),
            compound.about,
            table(compound.entries.iter())
        );
    }
    text.trim_end().to_string() + "\n" + EVIDENCE
}

fn parameters() -> String {
    let parameters = Parameters::default();
    let of_types = DEFAULTS.cell_types.values().flatten();
    table(parameters.entries().iter().chain(of_types)) + EVIDENCE
}
