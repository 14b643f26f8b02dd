//! Every check of `[view]`.

use toml::Spanned;

use super::{CellShape, Clip, Colouring, Picture, Projection};
use crate::error::UsageError;
use crate::model::read::{Reader, axis_of};
use crate::model::{Field, FieldKind, Grid};
use crate::scenario::{ClipFile, Raw, SliceFile, quantity_of, unknown};

/// Nearest and farthest that a camera may be, as magnification of the fitted box.
const ZOOMS: [f64; 2] = [0.1, 100.0];

/// Reads `[view]`; empty where there is none.
pub(in crate::model) fn picture(
    read: &Reader,
    grid: &Grid,
    fields: &[Field],
    has_cells: bool,
) -> Result<Picture, UsageError> {
    let Some(entry) = &read.scenario.file.view else {
        return Ok(Picture::default());
    };
    let file = entry;
    let wrong = |key: &str, span, why: &str| {
        let key = format!("view.{key}");
        read.scenario.error(&key, Some(span), why)
    };
    let field = file
        .field
        .as_ref()
        .map(|name| shown(name.get_ref(), fields).map_err(|why| wrong("field", name.span(), &why)));
    let field = field.transpose()?;
    let colouring = (file.colour.as_ref())
        .map(|name| one_of(read, "colour", name, &Colouring::ALL.map(|c| (c.name(), c))))
        .transpose()?;
    for (key, span) in [
        ("colour", file.colour.as_ref().map(Spanned::span)),
        (
            "colour_range",
            file.colour_range.as_ref().map(Spanned::span),
        ),
        ("shape", file.shape.as_ref().map(Spanned::span)),
    ] {
        if let Some(span) = span.filter(|_| !has_cells) {
            let why = "the scenario has no cells to draw; add [[cells]] or leave it out";
            return Err(wrong(key, span, why));
        }
    }
    if grid.dimensions == 2 {
        for (key, span) in [
            ("projection", file.projection.as_ref().map(Spanned::span)),
            ("azimuth", file.azimuth.as_ref().map(Spanned::span)),
            ("elevation", file.elevation.as_ref().map(Spanned::span)),
            ("zoom", file.zoom.as_ref().map(Spanned::span)),
            ("slice", file.slice.as_ref().map(Spanned::span)),
            ("clip", file.clip.as_ref().map(Spanned::span)),
        ] {
            if let Some(span) = span {
                let why = "the domain is 2-D and always seen from above; leave it out";
                return Err(wrong(key, span, why));
            }
        }
    }
    let projection = (file.projection.as_ref())
        .map(|name| {
            let all = [
                ("perspective", Projection::Perspective),
                ("orthographic", Projection::Orthographic),
                ("flat", Projection::Flat),
            ];
            one_of(read, "projection", name, &all)
        })
        .transpose()?
        .unwrap_or_default();
    let shape = (file.shape.as_ref())
        .map(|name| {
            let all = [
                ("disc", CellShape::Disc),
                ("elongated", CellShape::Elongated),
            ];
            one_of(read, "shape", name, &all)
        })
        .transpose()?
        .unwrap_or_default();
    Ok(Picture {
        field_range: (file.range.as_ref())
            .map(|raw| match field.flatten() {
                Some(kind) => range(read, "view.range", raw, field_unit(kind)),
                None => Err(wrong(
                    "range",
                    raw.span(),
                    "say which field it is the range of: view.field",
                )),
            })
            .transpose()?,
        field,
        contours: file.contours,
        matrix: file.matrix,
        cells: file.cells,
        cell_range: (file.colour_range.as_ref())
            .map(|raw| cell_range(read, raw, colouring))
            .transpose()?,
        colouring,
        shape,
        projection,
        azimuth_deg: degrees(read, "azimuth", file.azimuth.as_ref(), 360.0)?,
        elevation_deg: degrees(read, "elevation", file.elevation.as_ref(), 90.0)?,
        zoom: (file.zoom.as_ref())
            .map(|zoom| {
                let [least, most] = ZOOMS;
                if (least..=most).contains(zoom.get_ref()) {
                    return Ok(*zoom.get_ref());
                }
                let why = format!("{} is not between {least} and {most}", zoom.get_ref());
                Err(wrong("zoom", zoom.span(), &why))
            })
            .transpose()?,
        slices: (file.slice.as_ref())
            .map(|raw| slices(read, raw, grid))
            .transpose()?,
        clip: (file.clip.as_ref())
            .map(|raw| clip(raw, grid).map_err(|why| wrong("clip", raw.span(), &why)))
            .transpose()?,
    })
}

/// The field of a name; none for `none`.
fn shown(name: &str, fields: &[Field]) -> Result<Option<FieldKind>, String> {
    if name == "none" {
        return Ok(None);
    }
    match fields.iter().find(|field| field.kind.name() == name) {
        Some(field) => Ok(Some(field.kind)),
        None => {
            let names = fields.iter().map(|field| field.kind.name());
            Err(unknown(
                "field of the scenario",
                name,
                names.chain(["none"]),
            ))
        }
    }
}

fn one_of<T: Copy>(
    read: &Reader,
    key: &str,
    name: &Spanned<String>,
    all: &[(&str, T)],
) -> Result<T, UsageError> {
    let found = all.iter().find(|(known, _)| known == name.get_ref());
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names = all.iter().map(|(known, _)| *known);
        let listed: Vec<&str> = names.clone().collect();
        let why = format!(
            "{}; allowed: {}",
            unknown(key, name.get_ref(), names),
            listed.join(", ")
        );
        read.scenario
            .error(&format!("view.{key}"), Some(name.span()), &why)
    })
}

fn field_unit(kind: FieldKind) -> &'static str {
    match kind.unit() {
        "" => "1",
        unit => unit,
    }
}

/// Lower and upper end of what colours span.
fn range(
    read: &Reader,
    key: &str,
    raw: &Spanned<Vec<Raw>>,
    unit: &'static str,
) -> Result<[f64; 2], UsageError> {
    let [low, high] = raw.get_ref().as_slice() else {
        let why = format!("{} values given; write [lower, upper]", raw.get_ref().len());
        return Err(read.scenario.error(key, Some(raw.span()), &why));
    };
    let ends = [read.number(key, low, unit)?, read.number(key, high, unit)?];
    if ends[0] >= ends[1] {
        let why = "the second value must be greater than the first";
        return Err(read.scenario.error(key, Some(high.span()), why));
    }
    Ok(ends)
}

fn cell_range(
    read: &Reader,
    raw: &Spanned<Vec<Raw>>,
    colouring: Option<Colouring>,
) -> Result<[f64; 2], UsageError> {
    let key = "view.colour_range";
    let Some(colouring) = colouring.filter(|c| !c.is_categorical()) else {
        let why = "belongs to colours that mean numbers; set view.colour to pfak, perk, speed or generation";
        return Err(read.scenario.error(key, Some(raw.span()), why));
    };
    let ends = range(read, key, raw, colouring.dimension())?;
    // The legend of speeds is in µm/h.
    let factor = if colouring == Colouring::Speed {
        60.0
    } else {
        1.0
    };
    Ok(ends.map(|end| end * factor))
}

fn degrees(
    read: &Reader,
    key: &str,
    raw: Option<&Spanned<f64>>,
    most: f64,
) -> Result<Option<f64>, UsageError> {
    let Some(raw) = raw else { return Ok(None) };
    if raw.get_ref().abs() <= most {
        return Ok(Some(*raw.get_ref()));
    }
    let why = format!(
        "{} is not between -{most} and {most} degrees",
        raw.get_ref()
    );
    let key = format!("view.{key}");
    Err(read.scenario.error(&key, Some(raw.span()), &why))
}

fn slices(
    read: &Reader,
    raw: &Spanned<SliceFile>,
    grid: &Grid,
) -> Result<[Option<f64>; 3], UsageError> {
    let file = raw.get_ref();
    let mut slices = [None; 3];
    for (axis, (name, raw)) in [("x", &file.x), ("y", &file.y), ("z", &file.z)]
        .into_iter()
        .enumerate()
    {
        let Some(raw) = raw else { continue };
        let key = format!("view.slice.{name}");
        let at = read.positive_or_zero(&key, raw, "um")?;
        slices[axis] = Some(
            inside(at, axis, grid)
                .map_err(|why| read.scenario.error(&key, Some(raw.span()), &why))?,
        );
    }
    Ok(slices)
}

fn inside(at_um: f64, axis: usize, grid: &Grid) -> Result<f64, String> {
    let size = grid.size_um()[axis];
    if (0.0..=size).contains(&at_um) {
        return Ok(at_um);
    }
    Err(format!(
        "{at_um} um lies outside the domain, allowed: 0 um to {size} um"
    ))
}

fn clip(raw: &Raw, grid: &Grid) -> Result<Option<Clip>, String> {
    if raw.get_ref().as_str() == Some("none") {
        return Ok(None);
    }
    let how = "write \"none\" or { axis = \"y\", at = \"100 um\", keep = \"above\" }";
    if !raw.get_ref().is_table() {
        return Err(format!("{} is no plane; {how}", raw.get_ref()));
    }
    let file: ClipFile = (raw.get_ref().clone())
        .try_into()
        .map_err(|e: toml::de::Error| format!("{}; {how}", e.message().trim()))?;
    let axis = axis_of(&file.axis, grid)?;
    let keeps_above = match file.keep.as_deref() {
        None | Some("above") => true,
        Some("below") => false,
        Some(other) => {
            let why = unknown("side", other, ["above", "below"].into_iter());
            return Err(format!("{why} (allowed: above, below)"));
        }
    };
    Ok(Some(Clip {
        axis,
        at_um: inside(quantity_of(&file.at, "um")?, axis, grid)?,
        keeps_above,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn model(view: &str, depth: &str) -> Result<Model, UsageError> {
        Model::from_toml(&format!(
            r#"
title = "seen"
[domain]
size = ["80 um", "60 um"{depth}]
voxel = "10 um"
[time]
duration = "1 h"
[fields.oxygen]
initial = "38 mmHg"
[[cells]]
type = "pc-3"
place = {{ rectangle = {{ from = ["0 um", "0 um"{}], to = ["80 um", "60 um"{depth}], count = 3 }} }}
[view]
{view}
"#,
            if depth.is_empty() { "" } else { ", \"0 um\"" }
        ))
    }

    #[test]
    fn a_view_is_read() {
        let text = r#"
field = "oxygen"
range = ["0 mmHg", "40 mmHg"]
colour = "speed"
colour_range = ["0 um/h", "30 um/h"]
projection = "orthographic"
azimuth = -30
slice = { y = "30 um" }
clip = { axis = "y", at = "30 um", keep = "below" }
"#;
        let model = model(text, ", \"50 um\"").unwrap();
        let picture = model.picture();
        assert_eq!(picture.field, Some(Some(FieldKind::Oxygen)));
        assert_eq!(picture.field_range, Some([0.0, 40.0]));
        let [low, high] = picture.cell_range.unwrap();
        assert!(low == 0.0 && (high - 30.0).abs() < 1e-9);
        assert_eq!(picture.slices, Some([None, Some(30.0), None]));
        assert_eq!(picture.azimuth_deg, Some(-30.0));
        use crate::state::Phase;
        let expected = [
            Phase::Cycling,
            Phase::Apoptosis,
            Phase::Anoikis,
            Phase::Necrosis,
        ];
        assert_eq!(model.phases(), expected);
        let clip = picture.clip.unwrap().unwrap();
        assert_eq!((clip.axis, clip.at_um, clip.keeps_above), (1, 30.0, false));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_remedy() {
        let depth = ", \"50 um\"";
        for (text, depth, expected) in [
            ("field = \"oxigen\"", depth, "Did you mean 'oxygen'?"),
            ("colour = \"fase\"", depth, "Did you mean 'phase'?"),
            ("range = [0, 1]", depth, "say which field"),
            (
                "field = \"oxygen\"\nrange = [\"0 nM\", \"1 nM\"]",
                depth,
                "another dimension",
            ),
            (
                "colour = \"type\"\ncolour_range = [0, 1]",
                depth,
                "mean numbers",
            ),
            ("elevation = 100", depth, "not between -90 and 90 degrees"),
            ("zoom = 0", depth, "not between 0.1 and 100"),
            ("slice = { z = \"60 um\" }", depth, "0 um to 50 um"),
            ("clip = { axis = \"w\", at = \"1 um\" }", depth, "no axis"),
            ("clip = 3", depth, "write \"none\" or"),
            ("azimuth = 30", "", "the domain is 2-D"),
            ("contour = true", depth, "unknown field `contour`"),
        ] {
            let why = model(text, depth).unwrap_err().to_string();
            assert!(why.contains(expected), "{text}: {why}");
        }
    }
}
