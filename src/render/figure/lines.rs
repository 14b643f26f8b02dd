//! Lines over time, for a page that has a paper, a heading and a background of its own.

use svg::node::element::Circle;

use super::super::annotation::{Anchor, shortened};
use super::super::palette::{CELL_TYPES, Colour, INK};
use super::axes::{Axes, Frame, is_drawn};
use super::{Canvas, Figure, hex, path, px, width};

/// Width of the figure, height of the plot, and what is left around it, px.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 74.0;
const TOP: f64 = 12.0;
const RIGHT: f64 = 18.0;
const BOTTOM: f64 = 50.0;
/// Letters, a row of the legend, and its widest label, px.
const LETTER: f64 = 13.0;
const ROW: f64 = 18.0;
const MOST_LABEL: f64 = 170.0;
/// A line with more points is drawn through the least and the greatest of each of half as many stretches.
const MOST_POINTS: usize = 1000;
/// A line with no more points shows each of them.
const MARKED: usize = 13;
/// Colours that tell groups apart on light and on dark paper: all of the palette but its yellow.
const GROUPS: [usize; 7] = [0, 1, 2, 3, 4, 5, 7];
/// Ends of the colours of doses.
const DOSES: [Colour; 2] = [CELL_TYPES[0], CELL_TYPES[1]];

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What the legend calls it.
    pub label: String,
    /// Times (h) and values, by ascending time; a value that is not finite leaves a gap.
    pub points: Vec<[f64; 2]>,
}

/// How lines are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Each has a colour of its own.
    Groups,
    /// Their order is one: from blue to orange, the first, without drug, in ink.
    Doses,
}

/// Lines over time (h). `value` names what they show, with its unit. Without a line, an empty plot.
pub fn draw(lines: &[Line], value: &str, colours: Colours) -> Figure {
    let labels = lines.iter().map(|line| width(&line.label, LETTER));
    let widest = labels.fold(0.0, f64::max).min(MOST_LABEL);
    // A single line is what the axis says.
    let legend = if lines.len() > 1 { widest + 52.0 } else { 0.0 };
    let right = WIDTH - RIGHT - legend;
    let rows = if lines.len() > 1 { lines.len() } else { 0 };
    let height = (TOP + HEIGHT + BOTTOM).max(2.0 * TOP + ROW * rows as f64);
    let axes = axes(lines, right);
    let mut canvas = Canvas::bare([WIDTH as u32, height.ceil() as u32]);
    axes.draw(&mut canvas, "Time (h)", value);
    for (i, line) in lines.iter().enumerate() {
        let (colour, dashes) = style(i, lines.len(), colours);
        draw_line(&mut canvas, &axes, line, colour, dashes);
        if lines.len() > 1 {
            let y = TOP + 8.0 + ROW * i as f64;
            let from = [right + 16.0, y];
            let swatch = path(&[from, [from[0] + 24.0, y]]);
            canvas.add(stroked(swatch, colour, dashes));
            let label = shortened(&line.label, LETTER as f32, MOST_LABEL as f32);
            let at = [from[0] + 30.0, y + 4.5];
            canvas.text(at, Anchor::Left, LETTER, INK, &label);
        }
    }
    canvas.finish()
}

fn axes(lines: &[Line], right: f64) -> Axes {
    let frame = Frame {
        min: [LEFT, TOP],
        max: [right, TOP + HEIGHT],
        letter: LETTER,
    };
    Axes::new(
        lines.iter().flat_map(|line| line.points.iter().copied()),
        frame,
    )
}

/// Colour and dashes of the `i`th of `n` lines.
pub(super) fn style(i: usize, n: usize, colours: Colours) -> (Colour, &'static str) {
    match colours {
        Colours::Groups => {
            let dashes = ["", "7 3", "2 3"][i / GROUPS.len() % 3];
            (CELL_TYPES[GROUPS[i % GROUPS.len()]], dashes)
        }
        Colours::Doses if i == 0 => (INK, ""),
        Colours::Doses => {
            let share = (i - 1) as f64 / (n.saturating_sub(2)).max(1) as f64;
            let mix = |c: usize| {
                let [from, to] = DOSES.map(|colour| f64::from(colour[c]));
                (from + share * (to - from)).round() as u8
            };
            ([0, 1, 2].map(mix), "")
        }
    }
}

fn stroked(
    path: svg::node::element::Path,
    colour: Colour,
    dashes: &str,
) -> svg::node::element::Path {
    let path = path
        .set("stroke", hex(colour))
        .set("stroke-width", 1.8)
        .set("stroke-linejoin", "round");
    match dashes {
        "" => path,
        dashes => path.set("stroke-dasharray", dashes),
    }
}

fn draw_line(canvas: &mut Canvas, axes: &Axes, line: &Line, colour: Colour, dashes: &str) {
    let points = thinned(&line.points);
    let stretches = points.split(|point| !is_drawn(point));
    for stretch in stretches.filter(|stretch| !stretch.is_empty()) {
        let at: Vec<[f64; 2]> = stretch.iter().map(|point| axes.at(*point)).collect();
        if at.len() > 1 {
            canvas.add(stroked(path(&at), colour, dashes));
        }
        if points.len() <= MARKED || at.len() == 1 {
            for [x, y] in at {
                let disc = Circle::new()
                    .set("cx", px(x))
                    .set("cy", px(y))
                    .set("r", 2.6)
                    .set("fill", hex(colour));
                canvas.add(disc);
            }
        }
    }
}

/// The same line through fewer points, peaks and troughs kept.
fn thinned(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MOST_POINTS / 2);
    let by_value = |a: &&[f64; 2], b: &&[f64; 2]| a[1].total_cmp(&b[1]);
    let ends = points.chunks(stretch).flat_map(|chunk| {
        let finite = || chunk.iter().filter(|point| point[1].is_finite());
        let low = finite().min_by(by_value).or(chunk.first());
        let high = finite().max_by(by_value);
        let mut ends: Vec<[f64; 2]> = low.into_iter().chain(high).copied().collect();
        ends.sort_by(|a, b| a[0].total_cmp(&b[0]));
        ends.dedup();
        ends
    });
    ends.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: Vec<[f64; 2]>) -> Line {
        Line {
            label: "a <b>".to_string(),
            points,
        }
    }

    #[test]
    fn a_point_lies_where_its_axes_say() {
        let lines = [line(vec![[0.0, 20.0], [24.0, 100.0]])];
        let axes = axes(&lines, 600.0);
        assert_eq!((axes.y, axes.step), ([0.0, 100.0], 20.0));
        assert_eq!(axes.at([0.0, 0.0]), [LEFT, TOP + HEIGHT]);
        assert_eq!(axes.at([24.0, 100.0]), [600.0, TOP]);
        // Far from nothing, the axis is tight.
        let far = super::axes(&[line(vec![[0.0, 90.0], [1.0, 97.0]])], 600.0);
        assert_eq!(far.y, [90.0, 98.0]);
    }

    #[test]
    fn odd_values_make_a_figure() {
        for points in [
            vec![],
            vec![[0.0, f64::NAN]],
            vec![[0.0, 3.0]],
            vec![[0.0, 0.0], [1.0, 0.0]],
            vec![
                [0.0, -9e299],
                [1.0, f64::INFINITY],
                [2.0, 9e299],
                [3.0, 1e308],
            ],
            vec![[0.0, 1e-12], [1.0, f64::NAN], [2.0, 3e-12]],
        ] {
            let lines = [line(points.clone()), line(points)];
            let figure = draw(&lines, "x < y", Colours::Groups);
            let svg = figure.svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.contains("a &lt;b&gt;") && svg.contains("x &lt; y"));
            figure.paint().unwrap();
        }
    }

    #[test]
    fn a_long_line_keeps_its_peaks() {
        let mut points: Vec<[f64; 2]> = (0..5000).map(|i| [f64::from(i), 1.0]).collect();
        points[3217][1] = 9.0;
        points[4001][1] = -2.0;
        let few = thinned(&points);
        assert!(few.len() <= MOST_POINTS + 2, "{}", few.len());
        assert!(few.contains(&[3217.0, 9.0]) && few.contains(&[4001.0, -2.0]));
        assert!(few.is_sorted_by(|a, b| a[0] <= b[0]));
    }
}
