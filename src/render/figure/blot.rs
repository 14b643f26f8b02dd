//! The simulated western blot: one strip for each antibody, one lane for each dose, quantified below.

use svg::node::element::{ClipPath, Definitions, Filter, Group, Rectangle};

use super::super::annotation::{Anchor, number};
use super::super::palette::{GREY, INK};
use super::{Canvas, Figure, Notes, element, hex, px};
use crate::dose_response::blot::{Blot, PROTEINS};

/// Left and right end of a strip, px.
const STRIP: [f64; 2] = [190.0, 1160.0];
/// Top of the first strip, height of each, and from one to the next, px.
const TOP: f64 = 142.0;
const HEIGHT: f64 = 74.0;
const PITCH: f64 = 112.0;
/// The bare membrane on film.
const MEMBRANE: [u8; 3] = [222, 221, 217];
/// The darkest a band can be.
const DARKEST: f64 = 0.95;

/// The intensity of each antibody's darkest band among some blots that were exposed together.
pub fn full_scale(blots: &[Blot]) -> [f64; PROTEINS.len()] {
    std::array::from_fn(|j| {
        let bands = blots.iter().flat_map(|b| &b.lanes);
        bands
            .map(|lane| lane.bands[j].intensity)
            .filter(|intensity| intensity.is_finite())
            .fold(f64::MIN_POSITIVE, f64::max)
    })
}

/// A blot, exposed so that bands of an antibody's full scale are darkest.
pub fn draw(blot: &Blot, full: &[f64; PROTEINS.len()], notes: &Notes) -> Figure {
    let mut canvas = Canvas::new();
    let cells = match blot.group.as_str() {
        "all" => String::new(),
        label => format!(", {label} cells"),
    };
    let heading = format!(
        "Western blot after {} h of {}{cells}",
        number(blot.time_h),
        notes.compound
    );
    canvas.head(&heading, notes, "SIMULATED BLOT, not a photograph");
    canvas.add(filters());
    let n = blot.lanes.len();
    let lane_width = (STRIP[1] - STRIP[0]) / n as f64;
    let middle = |lane: usize| STRIP[0] + (lane as f64 + 0.5) * lane_width;
    // As large as the widest number allows.
    let size = (lane_width / 4.2).clamp(8.0, 14.0);
    let head = TOP - 14.0;
    canvas.text(
        [STRIP[0] - 14.0, head],
        Anchor::Right,
        14.0,
        INK,
        "Dose (nM)",
    );
    canvas.text([STRIP[1] + 14.0, head], Anchor::Left, 14.0, INK, "kDa");
    for (i, lane) in blot.lanes.iter().enumerate() {
        let dose = number(lane.dose_nm);
        canvas.text([middle(i), head], Anchor::Middle, size, INK, &dose);
    }
    for (j, protein) in PROTEINS.iter().enumerate() {
        let top = TOP + j as f64 * PITCH;
        draw_strip(&mut canvas, blot, j, full[j], top, lane_width);
        let label = [STRIP[0] - 14.0, top + 0.5 * HEIGHT + 6.0];
        canvas.text(label, Anchor::Right, 16.0, INK, protein.title);
        for (band, kda) in protein.kda.iter().enumerate() {
            let y = top + band_y(protein.kda.len(), band);
            let right = STRIP[1];
            canvas.line([right + 2.0, y], [right + 9.0, y], 1.2, INK);
            let at = [right + 14.0, y + 5.0];
            canvas.text(at, Anchor::Left, 14.0, INK, &kda.to_string());
        }
        let below = top + HEIGHT + 18.0;
        let what = match protein.readout {
            Some(_) => "/ FAK",
            None => "alone",
        };
        canvas.text([STRIP[0] - 14.0, below], Anchor::Right, 12.0, GREY, what);
        for i in 0..n {
            let text = format!("{:.2}", blot.quantified(i, j));
            canvas.text([middle(i), below], Anchor::Middle, size, GREY, &text);
        }
    }
    let bands = format!(
        "Bands follow the mean state of all wells of a dose, with an assay error of CV {} % (D) drawn from the run's seed; equal protein in each lane.",
        number(100.0 * blot.cv)
    );
    let below = "Below each band: band over total FAK, relative to the control lane. Each antibody has one exposure for all membranes. Nominal molecular weights (M).";
    canvas.foot(&[&bands, below], notes);
    canvas.finish()
}

/// Soft edges for bands and the grain of film.
fn filters() -> Definitions {
    let region = |id: &str| {
        Filter::new()
            .set("id", id)
            .set("filterUnits", "userSpaceOnUse")
            .set("x", STRIP[0])
            .set("y", 0)
            .set("width", STRIP[1] - STRIP[0])
            .set("height", super::SIZE[1])
            .set("color-interpolation-filters", "sRGB")
    };
    let soft = region("soft").add(element("feGaussianBlur", &[("stdDeviation", "4 2.2")]));
    let grain = region("grain")
        .add(element(
            "feTurbulence",
            &[
                ("type", "fractalNoise"),
                ("baseFrequency", "0.35 0.5"),
                ("numOctaves", "2"),
                ("seed", "7"),
            ],
        ))
        // Dark specks whose opacity is the noise.
        .add(element(
            "feColorMatrix",
            &[
                ("type", "matrix"),
                ("values", "0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0.5 0 0 0 -0.12"),
            ],
        ));
    Definitions::new().add(soft).add(grain)
}

/// Height of a band in its strip, px from the top.
fn band_y(n_bands: usize, band: usize) -> f64 {
    0.5 * HEIGHT + 22.0 * (band as f64 - 0.5 * (n_bands - 1) as f64)
}

fn draw_strip(canvas: &mut Canvas, blot: &Blot, j: usize, full: f64, top: f64, lane_width: f64) {
    let strip = |fill: &str| {
        Rectangle::new()
            .set("x", STRIP[0])
            .set("y", px(top))
            .set("width", STRIP[1] - STRIP[0])
            .set("height", HEIGHT)
            .set("fill", fill)
    };
    canvas.add(strip(&hex(MEMBRANE)));
    let clip = format!("strip{j}");
    canvas.add(
        ClipPath::new()
            .set("id", clip.as_str())
            .add(strip("#000000")),
    );
    let n_bands = PROTEINS[j].kda.len();
    let mut bands = Group::new().set("filter", "url(#soft)");
    for (i, lane) in blot.lanes.iter().enumerate() {
        let share = lane.bands[j].intensity / full;
        if !share.is_finite() {
            continue;
        }
        let middle = STRIP[0] + (i as f64 + 0.5) * lane_width;
        for band in 0..n_bands {
            let (width, height) = (0.7 * lane_width, if n_bands > 1 { 9.0 } else { 15.0 });
            let rect = Rectangle::new()
                .set("x", px(middle - 0.5 * width))
                .set("y", px(top + band_y(n_bands, band) - 0.5 * height))
                .set("width", px(width))
                .set("height", height)
                .set("rx", px(0.5 * height))
                .set("fill", "#000000")
                .set(
                    "fill-opacity",
                    format!("{:.4}", DARKEST * share.clamp(0.0, 1.0)),
                );
            bands = bands.add(rect);
        }
    }
    let grain = strip("#000000").set("filter", "url(#grain)");
    let inside = Group::new().set("clip-path", format!("url(#{clip})"));
    canvas.add(inside.add(bands).add(grain));
    let frame = strip("none")
        .set("stroke", hex(GREY))
        .set("stroke-width", 1);
    canvas.add(frame);
}
