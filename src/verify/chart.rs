//! A plot as an SVG element of the page: expected and ours above, the residual below. Colours are the page's, by class.

use svg::node::element::{Circle, Group, Line, Path, Rectangle, Text};
use svg::{Document, Node};

use super::{Axis, Plot, Point, Series};
use crate::render::annotation::number;
use crate::render::tick_step;

const WIDTH: f64 = 740.0;
/// Left, right of the panels, px.
const X: [f64; 2] = [78.0, 530.0];
/// Top, bottom of the upper panel.
const TOP: [f64; 2] = [14.0, 236.0];
/// Top, bottom of the residual's panel.
const BELOW: [f64; 2] = [256.0, 332.0];
/// Largest residual that is drawn in its place, in tolerances.
const MOST: f64 = 3.0;
/// Series colours that the page has.
const COLOURS: usize = 7;

/// A scale from values to px.
struct Scale {
    log: bool,
    values: [f64; 2],
    px: [f64; 2],
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let share = |v: f64| if self.log { v.ln() } else { v };
        let [low, high] = self.values.map(share);
        let t = (share(value) - low) / (high - low);
        self.px[0] + t * (self.px[1] - self.px[0])
    }

    /// Around values, with a margin.
    fn around(axis: &Axis, values: impl Iterator<Item = f64>, px: [f64; 2]) -> Self {
        if !axis.names.is_empty() {
            let last = axis.names.len() as f64 - 0.5;
            return Self {
                log: false,
                values: [-0.5, last],
                px,
            };
        }
        let log = axis.log;
        let fits = |v: &f64| v.is_finite() && (!log || *v > 0.0);
        let (low, high) = values
            .filter(fits)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
                (l.min(v), h.max(v))
            });
        let values = match (low.is_finite(), log) {
            (false, _) => [if log { 0.1 } else { 0.0 }, 1.0],
            (true, true) => {
                let room = (high / low).powf(0.05).max(1.1);
                [low / room, high * room]
            }
            (true, false) => {
                let room = match high - low {
                    span if span > 1e-9 * high.abs() => 0.06 * span,
                    _ => 0.5 * high.abs().max(1e-9),
                };
                // What is never negative has its axis begin at 0 where that is near.
                let floor = if low >= 0.0 && low < 0.4 * high {
                    0.0
                } else {
                    low - room
                };
                [floor, high + room]
            }
        };
        Self { log, values, px }
    }

    fn ticks(&self, axis: &Axis, most: u32) -> Vec<(f64, String)> {
        if !axis.names.is_empty() {
            return (axis.names.iter().enumerate())
                .map(|(i, name)| (i as f64, name.clone()))
                .collect();
        }
        let [low, high] = self.values;
        if self.log {
            let decades = (high / low).log10();
            let leads: &[f64] = match decades {
                d if d > 2.5 => &[1.0],
                d if d > 1.3 => &[1.0, 3.0],
                d if d > 0.7 => &[1.0, 2.0, 5.0],
                _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
            };
            let first = low.log10().floor() as i32;
            let last = high.log10().ceil() as i32;
            // Every other decade where there are many.
            let step = (f64::from(last - first) / 8.0).ceil().max(1.0) as usize;
            return (first..=last)
                .step_by(step)
                .flat_map(|power| leads.iter().map(move |lead| lead * 10f64.powi(power)))
                .filter(|v| (low..=high).contains(v))
                .map(|v| (v, number(v)))
                .collect();
        }
        let step = tick_step(high - low, most);
        let first = (low / step).ceil();
        (0..)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|v| *v <= high + 1e-9 * step)
            // −0 and rounding.
            .map(|v| (v, number((v / step).round() * step)))
            .collect()
    }
}

/// How a residual is measured.
#[derive(Clone, Copy, PartialEq)]
enum Residual {
    /// In tolerances.
    Tolerances,
    /// Got over expected, less 1.
    Share,
    /// Got less expected.
    Difference,
}

impl Residual {
    fn of(plot: &Plot) -> Option<Self> {
        let points = || plot.series.iter().flat_map(|s| &s.points);
        if points().any(|p| p.allowed > 0.0) {
            return Some(Self::Tolerances);
        }
        // Where only bounds are expected, nothing of ours has a residual.
        if points().all(|p| p.expected.is_nan() || p.got.is_nan()) {
            return None;
        }
        Some(if plot.y.log {
            Self::Share
        } else {
            Self::Difference
        })
    }

    fn value(self, point: &Point) -> Option<f64> {
        let off = point.got - point.expected;
        let value = match self {
            Self::Tolerances if point.allowed > 0.0 => off / point.allowed,
            Self::Tolerances => return None,
            Self::Share => off / point.expected,
            Self::Difference => off,
        };
        value.is_finite().then_some(value)
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Tolerances => "off/tolerance",
            Self::Share => "ours/expected − 1",
            Self::Difference => "ours − expected",
        }
    }
}

fn px(value: f64) -> f64 {
    (10.0 * value).round() / 10.0
}

fn line(from: [f64; 2], to: [f64; 2], class: &str) -> Line {
    Line::new()
        .set("x1", px(from[0]))
        .set("y1", px(from[1]))
        .set("x2", px(to[0]))
        .set("y2", px(to[1]))
        .set("class", class)
}

fn text(at: [f64; 2], anchor: &str, content: &str) -> Text {
    Text::new(content)
        .set("x", px(at[0]))
        .set("y", px(at[1]))
        .set("text-anchor", anchor)
}

fn dot(at: [f64; 2], radius: f64, class: &str) -> Circle {
    Circle::new()
        .set("cx", px(at[0]))
        .set("cy", px(at[1]))
        .set("r", radius)
        .set("class", class)
}

/// Text that is read out instead of the picture.
fn spoken(plot: &Plot) -> String {
    let names: Vec<&str> = plot.series.iter().map(|s| s.label.as_str()).collect();
    format!(
        "{}: {} against {}. {}",
        plot.title,
        plot.y.label,
        plot.x.label,
        names.join(", ")
    )
}

/// The plot as an SVG element without script or outer files.
pub(super) fn svg(plot: &Plot) -> String {
    let points = || plot.series.iter().flat_map(|s| &s.points);
    let bounds = |p: &Point| {
        let measured = [p.got, p.expected];
        let bars = [p.expected - p.allowed, p.expected + p.allowed];
        measured.into_iter().chain(bars)
    };
    let x = Scale::around(&plot.x, points().map(|p| p.x), X);
    let y = Scale::around(&plot.y, points().flat_map(bounds), [TOP[1], TOP[0]]);
    let residual = Residual::of(plot);
    let bottom = if residual.is_some() { BELOW[1] } else { TOP[1] };
    let height = bottom + 48.0;
    let mut document = Document::new()
        .set("viewBox", (0, 0, WIDTH, height))
        .set("role", "img")
        .set("aria-label", spoken(plot));
    for (value, label) in y.ticks(&plot.y, 6) {
        let at = y.at(value);
        document.append(line([X[0], at], [X[1], at], "grid"));
        document.append(text([X[0] - 7.0, at + 4.0], "end", &label));
    }
    for (value, label) in x.ticks(&plot.x, 8) {
        let at = x.at(value);
        document.append(line([at, bottom], [at, bottom + 5.0], "axis"));
        document.append(text([at, bottom + 18.0], "middle", &label));
    }
    let middle = 0.5 * (X[0] + X[1]);
    document.append(text([middle, bottom + 38.0], "middle", &plot.x.label));
    document.append(upright(0.5 * (TOP[0] + TOP[1]), &plot.y.label));
    for (ix, series) in plot.series.iter().enumerate() {
        document.append(drawn(series, ix, &x, &y));
    }
    frame(&mut document, TOP);
    if let Some(residual) = residual {
        below(&mut document, plot, residual, &x);
    }
    legend(&mut document, plot);
    document.to_string()
}

fn upright(middle: f64, label: &str) -> Text {
    text([16.0, middle], "middle", label).set("transform", format!("rotate(-90 16 {middle})"))
}

fn frame(document: &mut Document, [top, bottom]: [f64; 2]) {
    document.append(line([X[0], top], [X[0], bottom], "axis"));
    document.append(line([X[0], bottom], [X[1], bottom], "axis"));
}

fn class(ix: usize) -> String {
    format!("s{}", ix % COLOURS)
}

/// Beside each other where the axis has names.
fn place(series_ix: usize, point: &Point, x: &Scale) -> f64 {
    x.at(point.x)
        + if x.values[0] == -0.5 {
            9.0 * series_ix as f64
        } else {
            0.0
        }
}

fn drawn(series: &Series, ix: usize, x: &Scale, y: &Scale) -> Group {
    let mut group = Group::new().set("class", class(ix));
    let fits = |v: f64| v.is_finite() && (!y.log || v > 0.0);
    if series.measured {
        for p in series.points.iter().filter(|p| fits(p.expected)) {
            let at = place(ix, p, x);
            if p.allowed > 0.0 {
                let [low, high] = [p.expected - p.allowed, p.expected + p.allowed];
                let low = if fits(low) { low } else { y.values[0] };
                group.append(line([at, y.at(low)], [at, y.at(high)], "bar"));
                for end in [low, high] {
                    group.append(line([at - 5.0, y.at(end)], [at + 5.0, y.at(end)], "bar"));
                }
            }
            group.append(line(
                [at - 7.0, y.at(p.expected)],
                [at + 7.0, y.at(p.expected)],
                "bar",
            ));
        }
    } else {
        let at: Vec<String> = (series.points.iter().filter(|p| fits(p.expected)))
            .enumerate()
            .map(|(i, p)| {
                let letter = if i == 0 { 'M' } else { 'L' };
                format!("{letter}{:.1} {:.1}", x.at(p.x), y.at(p.expected))
            })
            .collect();
        group.append(Path::new().set("d", at.join(" ")).set("class", "curve"));
    }
    let radius = if series.points.len() > 60 { 1.6 } else { 3.4 };
    for p in series.points.iter().filter(|p| fits(p.got)) {
        group.append(dot([place(ix, p, x), y.at(p.got)], radius, "ours"));
    }
    group
}

fn below(document: &mut Document, plot: &Plot, residual: Residual, x: &Scale) {
    let values = || {
        let points = plot.series.iter().flat_map(|s| &s.points);
        points.filter_map(|p| residual.value(p))
    };
    let far = values().fold(0.0f64, |m, v| m.max(v.abs()));
    let most = match residual {
        Residual::Tolerances => far.clamp(1.0, MOST) * 1.15,
        _ => 1.15 * if far > 0.0 { far } else { 1.0 },
    };
    let y = Scale {
        log: false,
        values: [-most, most],
        px: [BELOW[1], BELOW[0]],
    };
    if residual == Residual::Tolerances {
        let band = Rectangle::new()
            .set("x", X[0])
            .set("y", px(y.at(1.0)))
            .set("width", X[1] - X[0])
            .set("height", px(y.at(-1.0) - y.at(1.0)))
            .set("class", "band");
        document.append(band);
    }
    document.append(line([X[0], y.at(0.0)], [X[1], y.at(0.0)], "grid"));
    for value in match residual {
        Residual::Tolerances => vec![-1.0, 0.0, 1.0],
        _ => vec![-far, 0.0, far],
    } {
        document.append(text([X[0] - 7.0, y.at(value) + 4.0], "end", &short(value)));
    }
    for (ix, series) in plot.series.iter().enumerate() {
        let radius = if series.points.len() > 60 { 1.4 } else { 2.6 };
        let mut group = Group::new().set("class", class(ix));
        for p in &series.points {
            let Some(value) = residual.value(p) else {
                continue;
            };
            let at = place(ix, p, x);
            if value.abs() > most {
                // Beyond the panel: an arrow at its edge.
                let edge = y.at(most.copysign(value));
                let tip = if value > 0.0 { "▲" } else { "▼" };
                group.append(text([at, edge + 5.0], "middle", tip).set("class", "beyond"));
            } else {
                group.append(dot([at, y.at(value)], radius, "ours"));
            }
        }
        document.append(group);
    }
    frame(document, BELOW);
    document.append(upright(0.5 * (BELOW[0] + BELOW[1]), "residual"));
    document.append(text(
        [X[1] + 12.0, BELOW[0] + 10.0],
        "start",
        residual.label(),
    ));
}

/// A number of few characters, so that it fits beside its axis.
fn short(value: f64) -> String {
    if value == 0.0 || (0.01..1000.0).contains(&value.abs()) {
        return number((value * 1000.0).round() / 1000.0);
    }
    let power = value.abs().log10().floor();
    number((value / 10f64.powf(power)).round() * 10f64.powf(power))
}

fn legend(document: &mut Document, plot: &Plot) {
    let left = X[1] + 14.0;
    let mut y = TOP[0] + 8.0;
    let measured = plot.series.iter().any(|s| s.measured);
    let expects = plot
        .series
        .iter()
        .flat_map(|s| &s.points)
        .any(|p| !p.expected.is_nan());
    let mut row = |mark: Group, label: &str| {
        document.append(mark);
        document.append(text([left + 22.0, y + 4.0], "start", label));
        y += 19.0;
    };
    let group = || Group::new().set("class", "plain");
    if expects {
        let mark = if measured {
            group().add(line(
                [left, TOP[0] + 8.0],
                [left + 14.0, TOP[0] + 8.0],
                "bar",
            ))
        } else {
            group().add(line(
                [left, TOP[0] + 8.0],
                [left + 14.0, TOP[0] + 8.0],
                "curve",
            ))
        };
        row(
            mark,
            if measured {
                "expected, bound"
            } else {
                "expected"
            },
        );
    }
    let second = TOP[0] + 8.0 + if expects { 19.0 } else { 0.0 };
    row(group().add(dot([left + 7.0, second], 3.4, "ours")), "ours");
    let mut at = second + 24.0;
    for (ix, series) in plot
        .series
        .iter()
        .enumerate()
        .filter(|(_, s)| !s.label.is_empty())
    {
        let swatch = Rectangle::new()
            .set("x", left)
            .set("y", px(at - 5.0))
            .set("width", 14)
            .set("height", 10)
            .set("class", "swatch");
        document.append(Group::new().set("class", class(ix)).add(swatch));
        document.append(text([left + 22.0, at + 4.0], "start", &series.label));
        at += 18.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_not_drawn() {
        let points = [f64::NAN, 0.0, 3.0].map(|got| Point {
            x: 1.0,
            expected: 2.0,
            got,
            allowed: 0.1,
        });
        for y in [Axis::log("y"), Axis::linear("y")] {
            let plot = Plot {
                title: "t".into(),
                x: Axis::linear("x"),
                y,
                series: vec![Series::new("<a>", points.to_vec())],
            };
            let text = svg(&plot);
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(text.contains("&lt;a&gt;"));
            // Far beyond the tolerance.
            assert!(text.contains('▲'));
        }
    }
}
