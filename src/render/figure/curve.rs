//! The dose–response curve: wells as mean and SD, the fitted logistic with its confidence band, the IC50.

use svg::node::element::{Circle, ClipPath, Group, Rectangle};

use super::super::annotation::{Anchor, number};
use super::super::palette::{CELL_TYPES, Colour, GREY, INK};
use super::super::tick_step;
use super::{Canvas, Figure, GRID, Notes, hex, letters, path, px};
use crate::dose_response::Response;
use crate::dose_response::logistic::{Estimate, Fit};

/// Corners of the plot, px.
const MIN: [f64; 2] = [112.0, 112.0];
const MAX: [f64; 2] = [860.0, 632.0];
/// From the left end of the axis to the control, to the break, and to the first dose, px.
const CONTROL: f64 = 34.0;
const BREAK: f64 = 68.0;
const FIRST: f64 = 104.0;
/// Left end of the legend, px.
const LEGEND: f64 = 900.0;
/// Groups that the legend has room for.
const MOST_GROUPS: usize = 4;

/// Where doses and responses lie.
struct Axes {
    lowest_nm: f64,
    highest_nm: f64,
    /// Where the logarithmic axis begins, px.
    left: f64,
    has_control: bool,
    most: f64,
}

impl Axes {
    fn new(responses: &[&Response]) -> Self {
        let doses = || responses.iter().flat_map(|r| &r.points).map(|p| p.dose_nm);
        let given = || doses().filter(|dose| *dose > 0.0);
        let has_control = doses().any(|dose| dose == 0.0);
        let tops = responses.iter().flat_map(|r| {
            let control = r.control();
            let point =
                move |p: &crate::dose_response::Point| (p.mean() + p.sd().unwrap_or(0.0)) / control;
            r.points.iter().map(point)
        });
        let top = tops.filter(|v| v.is_finite()).fold(1.0, f64::max);
        Self {
            lowest_nm: given().fold(f64::INFINITY, f64::min),
            highest_nm: given().fold(0.0, f64::max),
            left: MIN[0] + if has_control { FIRST } else { 34.0 },
            has_control,
            most: 110.0 * top,
        }
    }

    fn x(&self, dose_nm: f64) -> f64 {
        if dose_nm <= 0.0 {
            return MIN[0] + CONTROL;
        }
        let span = (self.highest_nm / self.lowest_nm).ln();
        // A single dose stands in the middle.
        let share = if span > 0.0 {
            (dose_nm / self.lowest_nm).ln() / span
        } else {
            0.5
        };
        self.left + share * (MAX[0] - 34.0 - self.left)
    }

    fn y(&self, percent: f64) -> f64 {
        MAX[1] - percent / self.most * (MAX[1] - MIN[1])
    }
}

/// The curves of a read-out at a time, one for each group of cells.
pub fn draw(responses: &[&Response], notes: &Notes) -> Figure {
    let mut canvas = Canvas::new();
    let Some(first) = responses.first() else {
        return canvas.finish();
    };
    let tag = match first.readout.is_published(&notes.compound) {
        true => "SIMULATED",
        false => "SIMULATED: A PREDICTION, no published curve",
    };
    let heading = format!(
        "{} after {} h of {}",
        first.readout.title(),
        number(first.time_h),
        notes.compound
    );
    canvas.head(&heading, notes, tag);
    let axes = Axes::new(responses);
    draw_axes(&mut canvas, &axes, first, notes);
    let clip = Rectangle::new()
        .set("x", MIN[0])
        .set("y", MIN[1])
        .set("width", MAX[0] - MIN[0])
        .set("height", MAX[1] - MIN[1]);
    canvas.add(ClipPath::new().set("id", "plot").add(clip));
    for (i, response) in responses.iter().enumerate() {
        draw_response(&mut canvas, &axes, response, colour(i));
    }
    draw_legend(&mut canvas, responses);
    let n = first
        .points
        .iter()
        .map(|p| p.values.len())
        .max()
        .unwrap_or(0);
    let wells = format!(
        "Points: mean ± SD of {n} wells a dose. Shaded: 95 % confidence of the four-parameter logistic curve, fitted by least squares to all wells."
    );
    let meaning = "IC50: dose that halves the response without drug (bar on the axis: 95 % CI). Midpoint: dose half-way between the plateaus.";
    let scatter = "Intervals speak of the scatter between simulated wells, not of what is unknown about the model and its parameters.";
    canvas.foot(&[&wells, meaning, scatter], notes);
    canvas.finish()
}

fn colour(group: usize) -> Colour {
    CELL_TYPES[group % CELL_TYPES.len()]
}

fn draw_axes(canvas: &mut Canvas, axes: &Axes, response: &Response, notes: &Notes) {
    let step = tick_step(axes.most, 8);
    let mut percent = 0.0;
    while percent <= axes.most {
        let y = axes.y(percent);
        canvas.line([MIN[0], y], [MAX[0], y], 1.0, GRID);
        let label = number(percent);
        canvas.text([MIN[0] - 10.0, y + 5.0], Anchor::Right, 14.0, INK, &label);
        percent += step;
    }
    for (dose, label) in ticks(axes) {
        let x = axes.x(dose);
        let length = if label.is_some() { 8.0 } else { 4.0 };
        canvas.line([x, MAX[1]], [x, MAX[1] + length], 1.2, INK);
        if let Some(label) = label {
            let at = [x, MAX[1] + 26.0];
            canvas.text(at, Anchor::Middle, 14.0, INK, &label);
        }
    }
    canvas.line(MIN, [MIN[0], MAX[1]], 1.5, INK);
    let base = MAX[1];
    if axes.has_control {
        let gap = MIN[0] + BREAK;
        canvas.line([MIN[0], base], [gap - 4.0, base], 1.5, INK);
        canvas.line([gap + 4.0, base], [MAX[0], base], 1.5, INK);
        for x in [gap - 4.0, gap + 4.0] {
            canvas.line([x - 4.0, base + 8.0], [x + 4.0, base - 8.0], 1.5, INK);
        }
    } else {
        canvas.line([MIN[0], base], MAX, 1.5, INK);
    }
    let middle = 0.5 * (MIN[0] + MAX[0]);
    let axis = match notes.nominal_axis {
        true => "Nominal",
        false => "Free",
    };
    let label = format!("{axis} {} in the medium (nM)", notes.compound);
    canvas.text([middle, MAX[1] + 56.0], Anchor::Middle, 16.0, INK, &label);
    let reference = match response.points.first().map(|p| p.dose_nm) {
        Some(dose) if dose > 0.0 => format!("that at {} nM", number(dose)),
        _ => "control".to_string(),
    };
    let label = format!("{} (% of {reference})", response.readout.title());
    let [x, y] = [46.0, 0.5 * (MIN[1] + MAX[1])];
    canvas.add(
        letters([x, y], Anchor::Middle, 16.0, INK, &label)
            .set("transform", format!("rotate(-90 {x} {y})")),
    );
}

/// Ticks of the dose axis: powers of ten with their labels (1, 2 and 5 where there are few), what lies between them
/// without, and the control.
fn ticks(axes: &Axes) -> Vec<(f64, Option<String>)> {
    let mut ticks = Vec::new();
    if axes.has_control {
        ticks.push((0.0, Some("0".to_string())));
    }
    if !axes.highest_nm.is_normal() {
        return ticks;
    }
    let [low, high] = [axes.lowest_nm, axes.highest_nm].map(f64::log10);
    let few = high - low < 2.0;
    let hair = 1e-9;
    for power in low.floor() as i32..=high.ceil() as i32 {
        for digit in 1..10 {
            let dose = f64::from(digit) * 10f64.powi(power);
            if dose < axes.lowest_nm * (1.0 - hair) || dose > axes.highest_nm * (1.0 + hair) {
                continue;
            }
            let named = digit == 1 || (few && [2, 5].contains(&digit));
            ticks.push((dose, named.then(|| number(dose))));
        }
    }
    if ticks.iter().filter(|(_, label)| label.is_some()).count() < 2 + usize::from(axes.has_control)
    {
        ticks.push((axes.lowest_nm, Some(number(axes.lowest_nm))));
        if axes.highest_nm > axes.lowest_nm {
            ticks.push((axes.highest_nm, Some(number(axes.highest_nm))));
        }
    }
    ticks
}

fn draw_response(canvas: &mut Canvas, axes: &Axes, response: &Response, colour: Colour) {
    let percent = |value: f64| 100.0 * value / response.control();
    if !percent(1.0).is_finite() {
        return;
    }
    if let Ok(fit) = &response.fit {
        draw_fit(canvas, axes, fit, &percent, colour);
    }
    for point in &response.points {
        let (mean, sd) = (percent(point.mean()), point.sd().map(percent));
        if !mean.is_finite() {
            continue;
        }
        let [x, y] = [axes.x(point.dose_nm), axes.y(mean)];
        if let Some(sd) = sd.filter(|sd| sd.is_finite()) {
            let [low, high] = [axes.y((mean - sd).max(0.0)), axes.y(mean + sd)];
            canvas.line([x, low], [x, high], 1.5, colour);
            for end in [low, high] {
                canvas.line([x - 5.0, end], [x + 5.0, end], 1.5, colour);
            }
        }
        let disc = Circle::new()
            .set("cx", px(x))
            .set("cy", px(y))
            .set("r", 5)
            .set("fill", hex(colour))
            .set("stroke", "#ffffff")
            .set("stroke-width", 1);
        canvas.add(disc);
    }
}

fn draw_fit(
    canvas: &mut Canvas,
    axes: &Axes,
    fit: &Fit,
    percent: &dyn Fn(f64) -> f64,
    colour: Colour,
) {
    const STEPS: usize = 160;
    let ratio = axes.highest_nm / axes.lowest_nm;
    let dose = |i: usize| axes.lowest_nm * ratio.powf(i as f64 / STEPS as f64);
    let at = |c: f64, value: f64| [axes.x(c), axes.y(percent(value))];
    let doses: Vec<f64> = (0..=STEPS).map(dose).collect();
    let mut outline: Vec<[f64; 2]> = doses.iter().map(|&c| at(c, fit.band(c)[1])).collect();
    outline.extend(doses.iter().rev().map(|&c| at(c, fit.band(c)[0])));
    let band = path(&outline)
        .set("fill", hex(colour))
        .set("fill-opacity", 0.18);
    let line: Vec<[f64; 2]> = doses.iter().map(|&c| at(c, fit.curve.at(c))).collect();
    let stroke = |points: &[[f64; 2]]| {
        path(points)
            .set("stroke", hex(colour))
            .set("stroke-width", 2.2)
    };
    let mut group = Group::new().set("clip-path", "url(#plot)");
    group = group.add(band).add(stroke(&line));
    if axes.has_control {
        let [x, y] = at(0.0, fit.curve.top);
        group = group.add(stroke(&[[x - 16.0, y], [x + 16.0, y]]));
    }
    if let Some(Estimate { value, ci95 }) = fit.ic50_nm() {
        let [x, y] = at(value, fit.curve.at(value));
        let drop = stroke(&[[x, y], [x, MAX[1]]])
            .set("stroke-width", 1.2)
            .set("stroke-dasharray", "5 4");
        let [low, high] = ci95.map(|c| axes.x(c.max(axes.lowest_nm)));
        let bar = stroke(&[[low - 1.0, MAX[1] - 4.0], [high + 1.0, MAX[1] - 4.0]]);
        group = group.add(drop).add(bar.set("stroke-width", 6));
    }
    canvas.add(group);
}

fn draw_legend(canvas: &mut Canvas, responses: &[&Response]) {
    let mut y = MIN[1] + 14.0;
    for (i, response) in responses.iter().take(MOST_GROUPS).enumerate() {
        let group = match response.group.as_str() {
            "all" => "all cells",
            label => label,
        };
        let disc = Circle::new()
            .set("cx", LEGEND + 7.0)
            .set("cy", px(y - 5.5))
            .set("r", 6)
            .set("fill", hex(colour(i)));
        canvas.add(disc);
        canvas.text([LEGEND + 22.0, y], Anchor::Left, 17.0, INK, group);
        for line in lines(response) {
            y += 22.0;
            canvas.text([LEGEND + 22.0, y], Anchor::Left, 14.0, INK, &line);
        }
        y += 40.0;
    }
    if let Some(more) = responses.len().checked_sub(MOST_GROUPS + 1) {
        let text = format!("and {} more: see run.json", more + 1);
        canvas.text([LEGEND + 22.0, y], Anchor::Left, 14.0, GREY, &text);
    }
}

/// What the legend says of a fit.
fn lines(response: &Response) -> Vec<String> {
    let shown = |value: f64| number(format!("{value:.3e}").parse().unwrap_or(value));
    let interval = |e: &Estimate, unit: &str| {
        let [low, high] = e.ci95;
        // Four digits tell no such ends apart.
        if high / low < 1.001 {
            "narrower than 0.1 %".to_string()
        } else {
            format!("{} to {}{unit}", shown(low), shown(high))
        }
    };
    let fit = match &response.fit {
        Ok(fit) => fit,
        Err(why) => return vec!["IC50 not determined:".to_string(), why.to_string()],
    };
    let (middle, hill) = (fit.midpoint_nm(), fit.hill());
    let percent = |value: f64| number((1000.0 * value / response.control()).round() / 10.0);
    let mut lines = match fit.ic50_nm() {
        Some(ic50) => vec![
            format!("IC50 {} nM", shown(ic50.value)),
            format!("95 % CI {}", interval(&ic50, " nM")),
        ],
        None => vec!["IC50: half of control not reached".to_string()],
    };
    lines.push(format!("Midpoint {} nM", shown(middle.value)));
    lines.push(format!("95 % CI {}", interval(&middle, " nM")));
    lines.push(format!(
        "Hill slope {} ({})",
        shown(hill.value),
        interval(&hill, "")
    ));
    lines.push(format!(
        "Plateaus {} % and {} % of control",
        percent(fit.curve.top),
        percent(fit.curve.bottom)
    ));
    lines
}
