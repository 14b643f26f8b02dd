//! How well each number that a run stands on is known.

use maud::{Markup, html};

use super::sheet::Sheet;
use crate::parameters::{Entry, Evidence};

/// In the order in which they are counted.
const TAGS: [Evidence; 5] = [
    Evidence::V,
    Evidence::V2,
    Evidence::C,
    Evidence::M,
    Evidence::D,
];

/// Every parameter in use, those that nobody has verified marked.
pub(super) fn show(sheets: &[Sheet]) -> Markup {
    let mut entries: Vec<&Entry> = Vec::new();
    for entry in sheets.iter().flat_map(|sheet| sheet.model.iter()) {
        for entry in entry.parameters_in_use() {
            let same = |other: &&Entry| {
                (&other.name, other.value, other.evidence)
                    == (&entry.name, entry.value, entry.evidence)
            };
            if !entries.iter().any(same) {
                entries.push(entry);
            }
        }
    }
    let unread = sheets.iter().find_map(|sheet| sheet.model.as_ref().err());
    html! {
        section {
            h2 { "Evidence" }
            @if let Some(why) = unread {
                p.missing {
                    "The scenario cannot be given its meaning here (" (why) "), so that only what the record lists as "
                    "unverified is shown."
                }
                (listed(sheets))
            } @else {
                (counted(&entries))
                details {
                    summary { "All " (entries.len()) " parameters in use, with source" }
                    table {
                        thead { tr { th { "Parameter" } th { "Value" } th { "Evidence" } th { "Meaning" } th { "Source" } } }
                        tbody {
                            @for entry in &entries {
                                tr class=[entry.evidence.is_unverified().then_some("unverified")] {
                                    td { code { (entry.name) } }
                                    td.value { (entry.shown()) }
                                    td { (tag(&format!("{:?}", entry.evidence), entry.evidence.is_unverified())) }
                                    td { (entry.meaning) }
                                    td { (entry.source) }
                                }
                            }
                        }
                    }
                    @if sheets.len() > 1 {
                        p.note { "A parameter that differs between arms has a row for each of its values." }
                    }
                }
            }
        }
    }
}

fn counted(entries: &[&Entry]) -> Markup {
    let count = |tag: Evidence| entries.iter().filter(|e| e.evidence == tag).count();
    let unverified = entries
        .iter()
        .filter(|e| e.evidence.is_unverified())
        .count();
    html! {
        p {
            b { (unverified) " of " (entries.len()) " parameters in use are unverified" }
            ": remembered (M), or chosen by design or by the scenario (D)."
        }
        ul.counts {
            @for evidence in TAGS {
                li {
                    (tag(&format!("{evidence:?}"), evidence.is_unverified())) " "
                    b { (count(evidence)) } " " (evidence.meaning())
                }
            }
        }
    }
}

/// What the records themselves list.
fn listed(sheets: &[Sheet]) -> Markup {
    html! {
        @for sheet in sheets {
            @let list = &sheet.record.unverified_parameters;
            @if let Some(arm) = &sheet.arm { h3 { (arm) } }
            details {
                summary { (list.len()) " unverified parameters" }
                table {
                    thead { tr { th { "Parameter" } th { "Value" } th { "Evidence" } th { "Source" } } }
                    tbody {
                        @for entry in list {
                            tr.unverified {
                                td { code { (entry.name) } }
                                td.value { (entry.value) }
                                td { (tag(&entry.evidence, true)) }
                                td { (entry.source) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tag(name: &str, unverified: bool) -> Markup {
    html! {
        span class=(if unverified { "tag doubt" } else { "tag" }) { (name) }
        @if unverified { span.doubt-word { " unverified" } }
    }
}
