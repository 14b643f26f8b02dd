//! The book as one HTML page that needs nothing but itself: no script, no outer file, light and dark, printable.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Check, Kind, Report, Row, Size, Verdict, chart};
use crate::render::annotation::number;

const STYLE: &str = include_str!("page.css");

/// What the tags of evidence mean.
const EVIDENCE: [(&str, &str); 6] = [
    (
        "exact",
        "mathematics, or an independent solution of the same equations",
    ),
    ("V", "read in the source"),
    ("V2", "read in a secondary source"),
    ("C", "computed or fitted from published data"),
    ("M", "remembered, not checked"),
    ("D", "design choice: the model against its own table"),
];

/// The page of a report.
pub fn page(report: &Report) -> String {
    let title = format!("invado {}: verification", report.version);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                // Without an icon of its own a page asks its server for one.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (summary(report))
                (machine(report))
                h2 { "Cases" }
                (table(report))
                h2 { "How to read it" }
                (legend())
                h2 { "Case by case" }
                @for row in &report.cases { (case(row)) }
                h2 { "Not built" }
                p { "Claims of the model that no case stands for yet:" }
                dl {
                    @for claim in &report.not_built {
                        dt { (claim.id) }
                        dd { (claim.title) ": " (claim.why) "." }
                    }
                }
            }
        }
    };
    markup.into_string()
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "v passed",
        Verdict::Failed => "v failed",
        Verdict::Held => "v held",
        Verdict::Missed => "v missed",
        Verdict::NotRun => "v not-run",
    }
}

fn summary(report: &Report) -> Markup {
    html! {
        p.sum {
            span class=(class(Verdict::Passed)) { (report.count(Verdict::Passed)) " gates passed" } ", "
            span class=(if report.count(Verdict::Failed) > 0 { "v failed" } else { "" }) {
                (report.count(Verdict::Failed)) " failed"
            }
            "; comparisons that are only shown: " (report.count(Verdict::Held)) " held, "
            span class=(if report.count(Verdict::Missed) > 0 { "v missed" } else { "" }) {
                (report.count(Verdict::Missed)) " missed"
            }
            "; " (report.count(Verdict::NotRun)) " not run."
            @if report.interrupted { " " span.v.failed { "Interrupted: later cases are missing." } }
        }
        p.note {
            "Not for clinical use. Effects of the drug on migration are predictions: no published dose–response of "
            "migration under defactinib could be verified. Clinical times and exposures are illustrative."
        }
    }
}

fn machine(report: &Report) -> Markup {
    let size = match report.size {
        Size::Quick => "quick: fewer cells, shorter times",
        Size::Full => "full",
    };
    html! {
        dl {
            dt { "date" } dd { (report.date) }
            dt { "version" } dd { "invado " (report.version) }
            dt { "engine" } dd { (report.engine) " on " (report.engine_description) " (" (report.engine_reason) ")" }
            dt { "adapter" } dd { (report.adapter.as_deref().unwrap_or("none")) }
            dt { "platform" } dd { (report.platform) }
            dt { "size" } dd { (size) ", " (format!("{:.0} s", report.seconds)) }
        }
    }
}

fn legend() -> Markup {
    html! {
        p {
            "Each row shows the comparison of its case that is nearest to its bound, or farthest beyond. In the plots, "
            "lines and bars are what is expected, points are ours; below them the residual, where tolerances are known in "
            "tolerances, with the allowed band shaded. Each case names an override with which it must fail; a test of the "
            "program sees to it that it does."
        }
        dl {
            @for kind in [Kind::Gate, Kind::Shown, Kind::Prediction] {
                dt { (kind.name()) }
                dd { (kind.meaning()) }
            }
        }
        p { "Evidence of what is expected:" }
        dl {
            @for (tag, meaning) in EVIDENCE {
                dt { (tag) }
                dd { (meaning) }
            }
        }
    }
}

/// A number for a table, as fine as its tolerance needs: to a hundredth of it.
fn shown(value: f64, allowed: Option<f64>, unit: &str) -> String {
    let digits = |allowed: f64| 2 - allowed.log10().floor() as i32;
    let text = match allowed.map(digits) {
        _ if !value.is_finite() => "no number".to_string(),
        // Below that, four significant digits say as much.
        Some(digits) if (0..10).contains(&digits) && value.abs() >= 1e-3 => {
            let text = format!("{value:.*}", digits as usize);
            text.replace('-', "−")
        }
        _ => number(value),
    };
    match unit {
        "" => text,
        unit => format!("{text} {unit}"),
    }
}

/// A check in a table: expected, got, allowed.
pub fn cells(check: &Check) -> [String; 3] {
    let allowed = (check.expected.zip(check.high)).map(|(expected, high)| high - expected);
    let expected = match (check.expected, check.low, check.high) {
        (Some(value), _, _) => shown(value, allowed, check.unit),
        (None, Some(low), _) => format!("≥ {}", shown(low, None, check.unit)),
        (None, None, Some(high)) => format!("≤ {}", shown(high, None, check.unit)),
        (None, None, None) => "–".to_string(),
    };
    let bound = match allowed {
        // Differences of decimals carry rounding.
        Some(allowed) => format!("± {}", shown(rounded(allowed), None, check.unit)),
        None => "bound".to_string(),
    };
    [expected, shown(check.got, allowed, check.unit), bound]
}

/// To three significant digits.
fn rounded(value: f64) -> f64 {
    let scale = 10f64.powf(2.0 - value.abs().max(f64::MIN_POSITIVE).log10().floor());
    (value * scale).round() / scale
}

fn table(report: &Report) -> Markup {
    html! {
        div.tablebox {
            table {
                thead {
                    tr {
                        th { "case" } th { "" } th { "expected" } th { "got" } th { "tolerance" } th { "source" }
                        th { "evidence" } th { "claim" } th { "verdict" }
                    }
                }
                tbody {
                    @for row in &report.cases {
                        @let [expected, got, _] = row.worst().map(cells).unwrap_or_default();
                        tr {
                            td { a href=(format!("#{}", row.id)) { (row.id) } }
                            td { (row.title) }
                            td.n { (expected) }
                            td.n { (got) }
                            td { (row.tolerance) }
                            td { (row.source) }
                            td { (row.evidence) }
                            td { span class=(kind_class(row.kind)) { (row.kind.name()) } }
                            td { span class=(class(row.verdict)) { (row.verdict.name()) } }
                        }
                    }
                }
            }
        }
    }
}

fn kind_class(kind: Kind) -> &'static str {
    match kind {
        Kind::Prediction => "prediction",
        Kind::Gate | Kind::Shown => "",
    }
}

fn case(row: &Row) -> Markup {
    html! {
        article id=(row.id) {
            header {
                h3 { (row.id) " · " (row.title) }
                span.tag {
                    span class=(kind_class(row.kind)) { (row.kind.name()) } " · "
                    span class=(class(row.verdict)) { (row.verdict.name()) }
                    @if row.seconds > 0.0 { " · " (format!("{:.1} s", row.seconds)) }
                }
            }
            p { (row.text) }
            @if let Some(why) = &row.why { p class=(class(row.verdict)) { (why) } }
            @if !row.note.is_empty() { p.note { (row.note) } }
            dl {
                dt { "source" } dd { (row.source) " (" (row.evidence) ")" }
                dt { "tolerance" } dd { (row.tolerance) }
                dt { "must fail with" }
                dd { @for (i, set) in row.perturbation.iter().enumerate() { @if i > 0 { ", " } code { (set) } } }
            }
            @for plot in &row.outcome.plots {
                figure {
                    figcaption { (plot.title) }
                    (PreEscaped(chart::svg(plot)))
                }
            }
            @if !row.outcome.checks.is_empty() { (checks(row)) }
        }
    }
}

fn checks(row: &Row) -> Markup {
    html! {
        div.tablebox {
            table {
                thead { tr { th { "compared" } th { "expected" } th { "got" } th { "tolerance" } th { "used" } th { "" } } }
                tbody {
                    @for check in &row.outcome.checks {
                        @let [expected, got, allowed] = cells(check);
                        tr {
                            td { (check.what) }
                            td.n { (expected) }
                            td.n { (got) }
                            td.n { (allowed) }
                            td.n { @if check.used().is_finite() { (format!("{:.0} %", 100.0 * check.used())) } }
                            td {
                                @if check.holds() { span.held { "holds" } }
                                @else { span.v.failed { "beyond" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
