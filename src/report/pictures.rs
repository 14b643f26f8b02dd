//! Pictures of a folder as data: the last of `images`, one painted from the last checkpoint, figures of a series.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, html};

use super::sheet::Sheet;
use crate::export::image_png::{self, encode};
use crate::export::{Live, Moment, PICTURE_PX};
use crate::record::{WellJson, checkpoint};
use crate::render::View;

/// A larger file is not taken into a page, bytes.
const MOST_BYTES: u64 = 24 << 20;

/// A file as it stands in a page. What it holds is shown as a picture and never run.
struct Data {
    uri: String,
    caption: String,
}

impl Data {
    fn new(kind: &str, bytes: &[u8], caption: String) -> Self {
        Self {
            uri: format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes)),
            caption,
        }
    }

    fn show(&self, class: &str) -> Markup {
        html! {
            figure class=(class) {
                img src=(self.uri) alt=(self.caption);
                figcaption { (self.caption) }
            }
        }
    }
}

/// The last picture of each run; of a series, those of the first well of its lowest and highest dose, if there are any.
pub(super) fn last(sheets: &[Sheet]) -> Markup {
    let shown: Vec<Markup> = sheets.iter().flat_map(of_sheet).collect();
    html! {
        @if !shown.is_empty() {
            section {
                h2 { "Last picture" @if shown.len() > 1 { "s" } }
                div class=(if shown.len() == 1 { "alone" } else { "side-by-side" }) {
                    @for picture in shown { (picture) }
                }
            }
        }
    }
}

fn of_sheet(sheet: &Sheet) -> Vec<Markup> {
    if !sheet.record.wells.is_empty() {
        return of_wells(&sheet.folder, &sheet.record.wells);
    }
    let arm = sheet.arm.as_ref();
    let of = arm.map_or(String::new(), |arm| format!("{arm}, "));
    vec![match picture(sheet, &of) {
        Ok(data) => data.show("picture"),
        Err(why) => html! { p.missing { (of) "no picture: " (why) } },
    }]
}

/// The last file of `images`, or else the last checkpoint, painted.
fn picture(sheet: &Sheet, of: &str) -> Result<Data, String> {
    if let Some((hour, bytes)) = last_image(&sheet.folder.join("images")) {
        let caption = format!("{of}at {hour:.3} h (images/{hour:.3}.png)");
        return Ok(Data::new("image/png", &bytes, caption));
    }
    let none = |why: String| format!("images holds none that can be read, and {why}");
    let newest = checkpoint::newest(&sheet.folder, &mut |_| {});
    let last = newest.map_err(|why| none(why.to_string()))?;
    let (model, state) = (&last.model, &last.state);
    let time_min = model.dt_min() * state.step as f64;
    let bath_nm = (model.dose()).bath_nm(time_min, state.step, &last.header.events);
    let moment = Live {
        model,
        state,
        bath_nm,
        view: &View::of(model, PICTURE_PX),
    };
    let mut bytes = Vec::new();
    encode(&image_png::paint(&moment), &mut bytes).map_err(|why| none(why.to_string()))?;
    let caption = format!(
        "{of}at {} h, painted for this page from the last checkpoint",
        moment.hours()
    );
    Ok(Data::new("image/png", &bytes, caption))
}

fn of_wells(folder: &Path, wells: &[WellJson]) -> Vec<Markup> {
    let dose = |well: &&WellJson| well.dose_nm.unwrap_or(0.0);
    let first = |a: &&WellJson, b: &&WellJson| dose(a).total_cmp(&dose(b));
    let ends = [wells.iter().min_by(first), wells.iter().rev().max_by(first)];
    let images = ends.into_iter().flatten().filter_map(|well| {
        // A name is that of a folder, and not a way out of it.
        let name = Path::new(&well.well).file_name()?;
        let (hour, bytes) = last_image(&folder.join("wells").join(name).join("images"))?;
        let caption = format!("well {} at {hour:.3} h", well.well);
        Some(Data::new("image/png", &bytes, caption))
    });
    images.map(|image| image.show("picture")).collect()
}

/// The picture of the latest hour that is one, and the hour.
fn last_image(folder: &Path) -> Option<(f64, Vec<u8>)> {
    let mut hours: Vec<(f64, PathBuf)> = files(folder, "png")
        .into_iter()
        .filter_map(|path| Some((path.file_stem()?.to_str()?.parse::<f64>().ok()?, path)))
        .filter(|(hour, _)| hour.is_finite())
        .collect();
    hours.sort_by(|a, b| b.0.total_cmp(&a.0));
    hours.into_iter().find_map(|(hour, path)| {
        let bytes = bytes(&path)?;
        let is_png = image::guess_format(&bytes).is_ok_and(|f| f == image::ImageFormat::Png);
        is_png.then_some((hour, bytes))
    })
}

/// The files of a folder that end in an extension, by name.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == extension))
        .collect();
    files.sort();
    files
}

fn bytes(path: &Path) -> Option<Vec<u8>> {
    let size = std::fs::metadata(path).ok()?.len();
    (size <= MOST_BYTES).then(|| std::fs::read(path).ok())?
}

/// The figures in a folder: those of the latest hour, and folded away those of earlier ones.
pub(super) fn figures(folder: &Path) -> Markup {
    let hour = |path: &Path| -> f64 {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let hour = stem.and_then(|stem| stem.rsplit_once('_')?.1.parse().ok());
        hour.unwrap_or(f64::NEG_INFINITY)
    };
    let all = files(folder, "svg");
    let last = all
        .iter()
        .map(|p| hour(p))
        .fold(f64::NEG_INFINITY, f64::max);
    let (late, early): (Vec<_>, Vec<_>) = all.into_iter().partition(|p| hour(p) >= last);
    let show = |path: &PathBuf| {
        let bytes = bytes(path)?;
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some(Data::new("image/svg+xml", &bytes, name).show("paper"))
    };
    html! {
        div.figures { @for path in &late { @if let Some(figure) = show(path) { (figure) } } }
        @if !early.is_empty() {
            details {
                summary { (early.len()) " figures of earlier times" }
                div.figures { @for path in &early { @if let Some(figure) = show(path) { (figure) } } }
            }
        }
    }
}
