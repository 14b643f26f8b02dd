//! What came of it: the last pictures, curves over time, dose–response, and the numbers behind them.

use maud::{Markup, PreEscaped, html};

use super::charts::{Chart, Charts, Course, compared, is_drugged, of_run};
use super::sheet::Sheet;
use super::{pictures, table};
use crate::dose_response::logistic::Estimate;
use crate::dose_response::{FitRecord, Readout};
use crate::observe::Row;
use crate::record::Status;
use crate::render::annotation::number;
use crate::render::figure::lines::Colours;

/// Everything that was measured.
pub(super) fn show(sheets: &[Sheet]) -> Markup {
    html! {
        (pictures::last(sheets))
        @for sheet in sheets.iter().filter(|sheet| sheet.is_series()) { (series(sheet)) }
        @for sheet in sheets.iter().filter(|sheet| sheet.is_replicated()) { (replicates(sheet)) }
        @match sheets {
            [only] => (run(only)),
            arms => (between_arms(arms)),
        }
        @for sheet in sheets { (walks(sheet)) }
    }
}

/// Curves of one run.
fn run(sheet: &Sheet) -> Markup {
    let course = Course {
        label: sheet.label().to_string(),
        rows: sheet.rows(),
    };
    let given = is_drugged(std::slice::from_ref(&course));
    html! {
        section {
            h2 { "Observables over time" @if sheet.is_series() { ": the control" } }
            @if sheet.is_series() {
                p.note { "The wells of the lowest dose, mean over replicates." }
            }
            @if sheet.is_replicated() {
                p.note { "Mean over replicates." }
            }
            @match &sheet.rows {
                Err(why) => p.missing { (why) },
                Ok(rows) if rows.is_empty() => p.missing { "No report was written yet." },
                Ok(rows) => {
                    (curves(&of_run(&course, given)))
                    (numbers(rows))
                }
            }
        }
    }
}

/// Curves of all arms, one chart a column.
fn between_arms(sheets: &[Sheet]) -> Markup {
    let courses: Vec<Course> = (sheets.iter())
        .map(|sheet| Course {
            label: sheet.label().to_string(),
            rows: sheet.rows(),
        })
        .collect();
    let given = is_drugged(&courses);
    html! {
        section {
            h2 { "Observables over time, all arms" }
            @if sheets.iter().any(Sheet::is_series) {
                p.note { "Of a dose series: the wells of the lowest dose, mean over replicates." }
            }
            @if sheets.iter().any(Sheet::is_replicated) {
                p.note { "Mean over replicates." }
            }
            @for sheet in sheets {
                @if let Err(why) = &sheet.rows { p.missing { (sheet.label()) ": " (why) } }
            }
            (curves(&compared(&courses, Colours::Groups, given)))
            @for sheet in sheets {
                @if !sheet.rows().is_empty() { h3 { (sheet.label()) } (numbers(sheet.rows())) }
            }
        }
    }
}

fn curves(charts: &Charts) -> Markup {
    html! {
        div.charts { @for chart in &charts.charts { (curve(chart)) } }
        @if !charts.constant.is_empty() {
            p.constant {
                "The same throughout: "
                @for (i, (name, value)) in charts.constant.iter().enumerate() {
                    @if i > 0 { ", " }
                    code { (name) } " " (shown(*value))
                }
                "."
            }
        }
    }
}

fn curve(chart: &Chart) -> Markup {
    html! {
        figure.chart {
            figcaption { (chart.title) @if !chart.tag.is_empty() { " " span.mark { (chart.tag) } } }
            // Built by `svg`, which escapes what it is given.
            (PreEscaped(chart.figure.svg()))
        }
    }
}

/// The columns at the start and the end.
fn numbers(rows: &[Row]) -> Markup {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return html! {};
    };
    let time = |row: &Row| shown(row.get("time_h").unwrap_or(f64::NAN));
    let extremes = |name: &str| {
        let values = rows
            .iter()
            .filter_map(|row| row.get(name))
            .filter(|v| v.is_finite());
        values.fold([f64::NAN; 2], |[low, high], v| [low.min(v), high.max(v)])
    };
    html! {
        details {
            summary { "Numbers of " (rows.len()) @if rows.len() == 1 { " report" } @else { " reports" } }
            table {
                thead {
                    tr {
                        th { "Column of observables.csv" } th { "at " (time(first)) " h" } th { "at " (time(last)) " h" }
                        th { "least" } th { "most" }
                    }
                }
                tbody {
                    @for (name, value) in first.0.iter().filter(|(name, _)| name != "time_h") {
                        @let [low, high] = extremes(name);
                        tr {
                            td { code { (name) } }
                            td.value { (shown(*value)) }
                            td.value { (shown(last.get(name).unwrap_or(f64::NAN))) }
                            td.value { (shown(low)) }
                            td.value { (shown(high)) }
                        }
                    }
                }
            }
        }
    }
}

/// Figures of replicates that have the scenario's own dose.
fn replicates(sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let finished = record.wells.iter().filter(|w| w.status == Status::Finished);
    html! {
        section {
            h2 { "Replicates" @if let Some(arm) = &sheet.arm { ", " (arm) } }
            p {
                (finished.count()) " of " (record.wells.len()) " replicates that were begun are finished. Mean, SD and 95 % confidence of \
                every observable at every report are in " code { "replicates.csv" } "."
            }
            (pictures::figures(&sheet.folder.join("replicates")))
        }
    }
}

/// Fits, figures and courses of a dose series.
fn series(sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let finished = record.wells.iter().filter(|w| w.status == Status::Finished);
    let doses = table::doses(&sheet.folder);
    html! {
        section {
            h2 { "Dose–response" @if let Some(arm) = &sheet.arm { ", " (arm) } }
            p { (finished.count()) " of " (record.wells.len()) " wells that were begun are finished." }
            @if record.fits.is_empty() {
                p.missing { "No curve was fitted: that takes all wells." }
            } @else {
                (fits(&record.fits))
            }
            (pictures::figures(&sheet.folder.join("curves")))
            (pictures::figures(&sheet.folder.join("blots")))
        }
        section {
            h2 { "Observables over time, by dose" @if let Some(arm) = &sheet.arm { ", " (arm) } }
            @match &doses {
                Err(why) => p.missing { (why) },
                Ok(doses) => {
                    @let courses: Vec<Course> = doses.iter().map(|(dose, rows)| Course {
                        label: format!("{} nM", number(*dose)),
                        rows,
                    }).collect();
                    p.note { "Mean over the replicates of each dose." }
                    (curves(&compared(&courses, Colours::Doses, is_drugged(&courses))))
                }
            }
        }
    }
}

fn fits(fits: &[FitRecord]) -> Markup {
    let readout = |name: &str| {
        let known = Readout::ALL
            .into_iter()
            .find(|readout| readout.name() == name);
        known.map_or(name.to_string(), |readout| readout.title().to_string())
    };
    let estimate = |estimate: &Option<Estimate>| {
        let Some(Estimate {
            value,
            ci95: [low, high],
        }) = estimate
        else {
            return "–".to_string();
        };
        format!("{} ({} to {})", shown(*value), shown(*low), shown(*high))
    };
    html! {
        table {
            thead {
                tr {
                    th { "Time (h)" } th { "Cells" } th { "Read-out" } th { "IC50 (nM)" } th { "Midpoint (nM)" } th { "Hill slope" }
                    th { "Standing" }
                }
            }
            tbody {
                @for fit in fits {
                    tr {
                        td.value { (shown(fit.time_h)) }
                        td { (fit.group) }
                        td { (readout(&fit.readout)) }
                        @if let Some(why) = &fit.not_determined {
                            td colspan="3" { "not determined: " (why) }
                        } @else {
                            td.value { (estimate(&fit.ic50_nm)) }
                            td.value { (estimate(&fit.midpoint_nm)) }
                            td.value { (estimate(&fit.hill)) }
                        }
                        td { @if fit.prediction { span.mark { "prediction" } } @else { "published curve exists" } }
                    }
                }
            }
        }
        p.note {
            "IC50: dose that halves the response without drug. Midpoint: dose half-way between the plateaus. In brackets 95 % "
            "confidence intervals, which speak of the scatter between wells and not of what is unknown about the model."
        }
    }
}

/// Persistent random walks, where the scenario asks for them.
fn walks(sheet: &Sheet) -> Markup {
    let number = |value: Option<f64>| value.map_or("–".to_string(), shown);
    html! {
        @if let Some(fits) = &sheet.record.motility_fit {
            section {
                h2 { "Persistent random walk" @if let Some(arm) = &sheet.arm { ", " (arm) } }
                table {
                    thead { tr { th { "Cells" } th { "Tracks" } th { "Speed (µm/h)" } th { "Persistence (h)" } th { "RMS log error" } } }
                    tbody {
                        @for fit in fits {
                            tr {
                                td { (fit.group) }
                                td.value { (fit.n_tracks) }
                                td.value { (number(fit.speed_um_per_h)) }
                                td.value { (number(fit.persistence_h)) }
                                td.value { (number(fit.rms_log_error)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A number of a table.
pub(super) fn shown(value: f64) -> String {
    if value.is_finite() {
        number(value)
    } else {
        "–".to_string()
    }
}
