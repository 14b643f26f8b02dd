//! What happened on the way: doses as planned and as changed live, where a fork begins, and how the run ended.

use maud::{Markup, html};

use super::sheet::{Sheet, status};
use crate::dosing::{Exposure, Treatment};
use crate::record::Status;
use crate::render::annotation::number;

/// Doses of a regimen that a page lists.
const MOST_DOSES: usize = 40;

/// Something at an hour.
struct Event {
    hours: f64,
    what: Markup,
}

/// The events of a run in order of time.
pub(super) fn show(sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let mut events: Vec<Event> = Vec::new();
    if let Some(parent) = &record.parent {
        let what = html! {
            "left its parent " code { (parent.folder.display().to_string()) } " after step " (parent.step)
            ", in state " code.hash { (parent.state_hash) }
        };
        events.push(Event {
            hours: parent.time_h,
            what,
        });
    }
    if record.wells.is_empty() {
        let given = (sheet.model.iter()).flat_map(|model| model.dose().treatments());
        events.extend(given.flat_map(|treatment| planned(sheet, treatment)));
    }
    for event in &record.events {
        let what = format!("live change: {}", event.act.told());
        let hours = sheet.hours(event.step);
        events.push(Event {
            hours,
            what: html! { b { (what) } },
        });
    }
    let what = match record.status {
        Status::Finished => html! { "finished after " (record.steps) " steps" },
        _ => html! {
            b { (status(record.status).1) } " after " (record.steps) " steps"
            @if let Some(error) = &record.error { ": " (error) }
        },
    };
    events.push(Event {
        hours: record.time_h,
        what,
    });
    events.sort_by(|a, b| a.hours.total_cmp(&b.hours));
    let unfinished = || record.wells.iter().filter(|w| w.status != Status::Finished);
    html! {
        @if let Some(arm) = &sheet.arm { h3 { (arm) } }
        table.events {
            tbody {
                @for event in events {
                    tr { td.value { (format!("{:.3} h", event.hours)) } td { (event.what) } }
                }
                @for well in unfinished() {
                    tr {
                        td.value { (well.steps) " steps" }
                        td {
                            "well " (well.well) " " b { (status(well.status).1) }
                            @if let Some(error) = &well.error { ": " (error) }
                        }
                    }
                }
            }
        }
        (regimen(sheet))
    }
}

/// The bath of a plan. A fork has it from where it left its parent.
fn planned(sheet: &Sheet, treatment: &Treatment) -> Vec<Event> {
    let Exposure::Bath(bath) = &treatment.exposure else {
        return Vec::new();
    };
    let record = &sheet.record;
    let from_h = record.parent.as_ref().map_or(0.0, |parent| parent.time_h);
    let axis = match treatment.nominal_axis {
        true => "nominal",
        false => "free",
    };
    let ends = bath.events().iter().skip(1).map(|next| next.at_min / 60.0);
    let events = bath.events().iter().zip(ends.chain([f64::INFINITY]));
    events
        .filter(|(_, end_h)| *end_h > from_h)
        .map(|(event, _)| {
            let at_h = event.at_min / 60.0;
            let over = match event.over_min {
                0.0 => String::new(),
                over => format!(" over {} h", number(over / 60.0)),
            };
            // A hair for hours that are not exact in binary.
            let reached = match at_h > record.time_h + 1e-9 {
                true => ", not reached",
                false => "",
            };
            let what = format!(
                "bath planned at {} nM {} ({axis}){over}{reached}",
                number(event.level_nm),
                treatment.compound
            );
            Event {
                hours: at_h.max(from_h),
                what: html! { (what) },
            }
        })
        .collect()
}

/// The doses of a regimen, in closed form.
fn regimen(sheet: &Sheet) -> Markup {
    let Ok(model) = &sheet.model else {
        return html! {};
    };
    let end_min = model.dt_min() * model.n_steps() as f64;
    let doses: Vec<_> = (model.dose().treatments().iter())
        .filter_map(|treatment| Some((&treatment.compound, treatment.regimen()?)))
        .flat_map(|(compound, regimen)| {
            let intervals = regimen.intervals(end_min);
            intervals
                .into_iter()
                .map(move |interval| (compound, interval))
        })
        .collect();
    html! {
        @if !doses.is_empty() {
            details {
                summary { (doses.len()) " planned doses " span.mark { "illustrative" } }
                table {
                    thead {
                        tr {
                            th { "Compound" } th { "Dose" } th { "Time (h)" } th { "Amount (mg)" } th { "Cmax (ng/mL)" }
                            th { "Trough (ng/mL)" } th { "AUC (ng·h/mL)" }
                        }
                    }
                    tbody {
                        @for (compound, dose) in doses.iter().take(MOST_DOSES) {
                            tr {
                                td { (compound) }
                                td.value { (dose.dose) @if !dose.intake.taken { " missed" } }
                                td.value { (number(dose.intake.at_min / 60.0)) }
                                td.value { (number(dose.intake.amount_mg)) }
                                td.value { (number(dose.cmax_ng_ml)) }
                                td.value { (number(dose.trough_ng_ml)) }
                                td.value { (number(dose.auc_ng_h_per_ml)) }
                            }
                        }
                    }
                }
                @if doses.len() > MOST_DOSES {
                    p.note { "and " (doses.len() - MOST_DOSES) " more: doses.csv" }
                }
            }
        }
    }
}
