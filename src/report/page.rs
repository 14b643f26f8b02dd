//! The page around it all.

use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::sheet::{Sheet, Sheets, status};
use super::{events, evidence, results, run};
use crate::record::Status;
use crate::render::figure::{GRID, hex};
use crate::render::palette::{CELL_TYPES, INK};

const STYLE: &str = include_str!("style.css");

/// Nothing runs, nothing is fetched; pictures are in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The page of a folder.
pub(super) fn whole(folder: &Path, sheets: &Sheets) -> Markup {
    let all = &sheets.all;
    // There is one at least.
    let first = &all[0];
    let question = first.model.as_ref().map_or("", |model| model.question());
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (first.title()) " – invado" }
                style { (PreEscaped(STYLE)) (PreEscaped(charts_style())) }
            }
            body {
                header {
                    p.kind { "invado " (kind(sheets)) }
                    h1 { (first.title()) }
                    @if !question.is_empty() { p.question { (question) } }
                }
                p.notice { (first.record.notice) }
                (standing(sheets))
                section {
                    h2 { "What was run" }
                    @if sheets.are_arms { (arms(sheets)) } @else { (run::what(first)) }
                }
                (lesson(first))
                (results::show(all))
                section {
                    h2 { "Events" }
                    @for sheet in all { (events::show(sheet)) }
                }
                (evidence::show(all))
                section {
                    h2 { "Run it again" }
                    @for sheet in all { (run::again(sheet)) }
                }
                footer {
                    p { "Folder " code { (folder.display().to_string()) } ". Page made by invado " (env!("CARGO_PKG_VERSION")) "." }
                }
            }
        }
    }
}

/// What the scenario teaches, and whether it came as expected.
fn lesson(sheet: &Sheet) -> Markup {
    let Some(lesson) = &sheet.lesson else {
        return html! {};
    };
    html! {
        section {
            h2 { "Lesson" }
            p { (lesson.explanation) }
            p { b { "Look for: " } (lesson.look_for) }
            @if !lesson.settled.is_empty() { p { b { "Settled: " } (lesson.settled) } }
            @if !lesson.argued.is_empty() { p { b { "Argued about: " } (lesson.argued) } }
            @if !sheet.record.lesson.is_empty() {
                ul { @for judged in &sheet.record.lesson { li { (judged.to_string()) } } }
            }
        }
    }
}

fn kind(sheets: &Sheets) -> String {
    match (sheets.are_arms, sheets.all[0].record.wells.len()) {
        (true, _) => format!("run in {} arms", sheets.all.len() + sheets.unread.len()),
        (false, 0) => "run".to_string(),
        (false, n) if sheets.all[0].is_series() => format!("dose series in {n} wells"),
        (false, n) => format!("{n} replicates"),
    }
}

/// What did not come to its end, above all else.
fn standing(sheets: &Sheets) -> Markup {
    let unfinished = |sheet: &&Sheet| sheet.record.status != Status::Finished;
    html! {
        @for sheet in sheets.all.iter().filter(unfinished) {
            @let (class, words) = status(sheet.record.status);
            div class={ "standing " (class) } {
                p {
                    @if let Some(arm) = &sheet.arm { b { (arm) ": " } }
                    @match sheet.record.status {
                        Status::Running => {
                            b { "This run has no end yet: " } "it was " (words) " when its record was last written"
                            @if let Some(written) = &sheet.written { ", " (written) }
                            ". The page shows what was there."
                        }
                        _ => {
                            b { "This run was " (words) "." }
                            " Its last state is of " (format!("{:.3} h", sheet.record.time_h)) "; the page shows what it finished."
                        }
                    }
                }
                @if let Some(error) = &sheet.record.error { pre { (error) } }
            }
        }
        @for (arm, why) in &sheets.unread {
            div.standing.failed { p { b { (arm) ": " } (why) } }
        }
    }
}

/// A row an arm, and each arm's settings folded away.
fn arms(sheets: &Sheets) -> Markup {
    html! {
        table {
            thead { tr { th { "Arm" } th { "Dose" } th { "Status" } th { "Simulated (h)" } th { "Seed" } th { "Engine" } } }
            tbody {
                @for sheet in &sheets.all {
                    tr {
                        td { b { (sheet.label()) } }
                        td { @if let Ok(model) = &sheet.model { (model.dose().to_string()) } @else { "–" } }
                        td { (status(sheet.record.status).0) }
                        td.value { (format!("{:.3}", sheet.record.time_h)) }
                        td.value { (sheet.record.seed) }
                        td { (sheet.record.engine) " on " (sheet.record.engine_description) }
                    }
                }
            }
        }
        @for sheet in &sheets.all {
            details { summary { (sheet.label()) } (run::what(sheet)) }
        }
    }
}

/// Charts are drawn in ink for light paper; these rules give them the page's colours, dark ones too.
fn charts_style() -> String {
    let ink = ["fill", "stroke"].map(|what| {
        format!(
            ".chart svg [{what}='{}'] {{ {what}: var(--ink); }}\n",
            hex(INK)
        )
    });
    let grid = format!(
        ".chart svg [stroke='{}'] {{ stroke: var(--line); }}\n",
        hex(GRID)
    );
    // The two of the palette that are too dark for dark paper.
    let [blue, grey] = [CELL_TYPES[0], CELL_TYPES[7]].map(hex);
    let dark: String = [(blue, "#4ba3dc"), (grey, "#a5a5a5")]
        .iter()
        .flat_map(|(from, to)| {
            ["fill", "stroke"]
                .map(|what| format!(".chart svg [{what}='{from}'] {{ {what}: {to}; }} "))
        })
        .collect();
    format!(
        "{}{grid}@media screen and (prefers-color-scheme: dark) {{ {dark}}}\n",
        ink.concat()
    )
}
