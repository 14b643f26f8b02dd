//! Where cells are at time zero, and how many: from the file to its meaning.

use std::f64::consts::PI;
use std::ops::Range;

use glam::Vec4;
use toml::Spanned;

use super::memory::MOST_IDS;
use super::read::{Reader, other_dimension};
use super::space::{Obstacles, exactly_one};
use super::{CellType, Grid, labels, points};
use crate::coefficients::GONE;
use crate::error::UsageError;
use crate::scenario::{
    BallPlaceFile, BoxPlaceFile, LabelsFile, MonolayerFile, PlaceFile, PointFile, Raw, unknown,
};

/// Cells of one type that are put into a place before time zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// Index into the model's cell types.
    pub type_ix: usize,
    /// Where.
    pub place: Place,
    /// How many.
    pub count: u32,
    /// Whether they are put down at time zero, without adhesions, at rest in the drug that is there.
    pub plated: bool,
}

/// Where the cells of a placement are; lengths µm. In 2-D z is half a voxel.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// Uniformly at random in a box, outside obstacles. A layer has no extent along z.
    Rectangle {
        /// Lower corner.
        from_um: [f64; 3],
        /// Upper corner.
        to_um: [f64; 3],
    },
    /// Uniformly at random in a disc (2-D) or a ball (3-D), outside obstacles.
    Ball {
        /// Its middle.
        centre_um: [f64; 3],
        /// Its radius.
        radius_um: f64,
    },
    /// At these points.
    Points(Vec<[f32; 3]>),
    /// At these points, each with a radius of its own (w) that is its type's at most.
    Bodies(Vec<Vec4>),
}

impl Place {
    /// Lower and upper corner of the box around the place.
    fn bounds(&self, grid: &Grid) -> [[f64; 3]; 2] {
        match self {
            Place::Rectangle { from_um, to_um } => [*from_um, *to_um],
            Place::Ball {
                centre_um,
                radius_um,
            } => {
                let mut bounds = [*centre_um; 2];
                for axis in 0..grid.dimensions as usize {
                    bounds[0][axis] -= radius_um;
                    bounds[1][axis] += radius_um;
                }
                bounds
            }
            Place::Points(_) | Place::Bodies(_) => whole(grid),
        }
    }

    fn holds(&self, at: [f64; 3]) -> bool {
        match self {
            Place::Ball {
                centre_um,
                radius_um,
            } => {
                let square: f64 = (0..3).map(|a| (at[a] - centre_um[a]).powi(2)).sum();
                square <= radius_um * radius_um
            }
            Place::Rectangle { .. } | Place::Points(_) | Place::Bodies(_) => true,
        }
    }

    /// The position at these shares (0…1) of the box around the place, if the place holds it.
    pub(super) fn at(&self, shares: [f64; 3], grid: &Grid) -> Option<[f64; 3]> {
        let [from, to] = self.bounds(grid);
        let at = [0, 1, 2].map(|a| from[a] + (to[a] - from[a]) * shares[a]);
        self.holds(at).then_some(at)
    }

    /// Area, volume or, of a layer, area: the lengths that are not 0, µm² or µm³.
    fn measure(&self, grid: &Grid) -> f64 {
        match self {
            Place::Ball { radius_um, .. } if grid.dimensions == 2 => PI * radius_um.powi(2),
            Place::Ball { radius_um, .. } => 4.0 / 3.0 * PI * radius_um.powi(3),
            Place::Rectangle { .. } | Place::Points(_) | Place::Bodies(_) => {
                let [from, to] = self.bounds(grid);
                extent(from, to, [from, to])
            }
        }
    }

    /// Share of the place outside closed voxels: exact for a box, within some hundredths for a few voxels of a ball.
    fn open_share(&self, grid: &Grid, closed: &[bool]) -> f64 {
        let [from, to] = self.bounds(grid);
        let first = grid.voxel_at(from.map(|x| x as f32));
        let last = grid.voxel_at(to.map(|x| x as f32));
        let [nx, ny] = [grid.n[0] as usize, grid.n[1] as usize];
        let index = |ix: usize| [ix % nx, ix / nx % ny, ix / (nx * ny)];
        let ([x0, y0, z0], [x1, y1, z1]) = (index(first), index(last));
        let (mut open, mut all) = (0.0, 0.0);
        for z in z0..=z1 {
            for y in y0..=y1 {
                for x in x0..=x1 {
                    let low = [x, y, z].map(|i| i as f64 * grid.voxel_um);
                    let begin = [0, 1, 2].map(|a| from[a].max(low[a]));
                    let end = [0, 1, 2].map(|a| to[a].min(low[a] + grid.voxel_um));
                    let part = self.share_of(begin, end) * extent(begin, end, [from, to]);
                    all += part;
                    if !closed[(z * ny + y) * nx + x] {
                        open += part;
                    }
                }
            }
        }
        if all > 0.0 { open / all } else { 0.0 }
    }

    /// Share of a box that the place takes up, by a lattice of points in it.
    fn share_of(&self, begin: [f64; 3], end: [f64; 3]) -> f64 {
        const SIDE: usize = 4;
        let held = |side: usize, share: &dyn Fn(usize) -> f64| {
            let n = side.pow(3);
            let points = (0..n).map(|i| {
                let steps = [i % side, i / side % side, i / (side * side)];
                [0, 1, 2].map(|a| begin[a] + (end[a] - begin[a]) * share(steps[a]))
            });
            points.filter(|at| self.holds(*at)).count() as f64 / n as f64
        };
        // A convex place that holds the corners holds it all.
        if held(2, &|step| step as f64) == 1.0 {
            return 1.0;
        }
        held(SIDE, &|step| (step as f64 + 0.5) / SIDE as f64)
    }
}

/// Product of the lengths of a box along the axes on which the box `of` has any; 0 if one is negative.
fn extent(from: [f64; 3], to: [f64; 3], of: [[f64; 3]; 2]) -> f64 {
    let axes = (0..3).filter(|a| of[1][*a] > of[0][*a]);
    axes.map(|a| (to[a] - from[a]).max(0.0)).product()
}

/// The corners of the whole domain.
fn whole(grid: &Grid) -> [[f64; 3]; 2] {
    let [mut from, mut to] = [[0.0; 3], grid.size_um()];
    if grid.dimensions == 2 {
        from[2] = 0.5 * grid.voxel_um;
        to[2] = from[2];
    }
    [from, to]
}

/// The placements of all `[[cells]]`, whose types stand in `types`; `fits` refuses more cells than memory holds.
///
/// # Errors
/// A place that makes no sense in the domain, more cells than a place, ids or memory allow for.
pub(super) fn placements<'a>(
    read: &Reader,
    grid: &Grid,
    obstacles: Option<&Obstacles>,
    types: impl Iterator<Item = (usize, &'a CellType)>,
    fits: impl Fn(u64) -> Result<(), UsageError>,
) -> Result<Vec<Placement>, UsageError> {
    let mut counted = Vec::new();
    let mut total = 0u64;
    for (i, (file, (type_ix, cell_type))) in read.scenario.file.cells.iter().zip(types).enumerate()
    {
        let Some(place) = &file.place else {
            if file.recruit.is_none() {
                let why = "give place, recruit, or both: where cells are, or where they come in";
                let span = Some(file.preset.span());
                return Err(read.scenario.error(&format!("cells.{i}"), span, why));
            }
            continue;
        };
        let placing = Placing {
            read,
            key: format!("cells.{i}.place"),
            grid,
            closed: obstacles.map(|obstacles| obstacles.closed_to(cell_type.pore_limit)),
            radius: cell_type.radius,
        };
        let (place, count) = placing.place(place)?;
        total = total.saturating_add(count);
        counted.push((type_ix, place, count, file.plated));
    }
    fits(total)?;
    if total > MOST_IDS {
        return Err(UsageError::new(format!(
            "cells: {total} cells are more than ids allow for; allowed: up to {MOST_IDS} cells"
        )));
    }
    let placement = |(type_ix, place, count, plated)| Placement {
        type_ix,
        place,
        // No more than MOST_IDS.
        count: count as u32,
        plated,
    };
    Ok(counted.into_iter().map(placement).collect())
}

/// The reading of one `place`.
struct Placing<'a> {
    read: &'a Reader<'a>,
    key: String,
    grid: &'a Grid,
    /// Voxels that a cell cannot be in.
    closed: Option<Vec<bool>>,
    /// Of a cell, µm.
    radius: f64,
}

/// How many cells the file asks for.
#[derive(Clone, Copy)]
struct Amount<'a> {
    density: Option<&'a Raw>,
    count: Option<&'a Spanned<u64>>,
}

impl Placing<'_> {
    fn place(&self, file: &Spanned<PlaceFile>) -> Result<(Place, u64), UsageError> {
        let span = file.span();
        let file = file.get_ref();
        let given = [
            ("rectangle", file.rectangle.is_some()),
            ("disc", file.disc.is_some()),
            ("ball", file.ball.is_some()),
            ("monolayer", file.monolayer.is_some()),
            ("file", file.file.is_some()),
            ("labels", file.labels.is_some()),
        ];
        exactly_one(self.read, &self.key, span.clone(), given)?;
        if let Some(file) = &file.rectangle {
            return self.rectangle(file);
        }
        if let Some(file) = &file.disc {
            return self.ball("disc", 2, file);
        }
        if let Some(file) = &file.ball {
            return self.ball("ball", 3, file);
        }
        if let Some(file) = &file.monolayer {
            return self.monolayer(file);
        }
        if let Some(file) = &file.labels {
            return self.labels(file);
        }
        // Exactly one is given.
        let name = file.file.as_ref();
        self.points(name.map_or("", |name| name.get_ref()), span)
    }

    fn wrong(&self, name: &str, span: Range<usize>, why: &str) -> UsageError {
        let key = format!("{}.{name}", self.key);
        self.read.scenario.error(&key, Some(span), why)
    }

    /// A position in the domain; in 2-D its z is half a voxel.
    fn position(&self, name: &str, raw: &PointFile) -> Result<[f64; 3], UsageError> {
        let key = format!("{}.{name}", self.key);
        let mut position = self.read.position(&key, raw, self.grid)?;
        if self.grid.dimensions == 2 {
            position[2] = 0.5 * self.grid.voxel_um;
        }
        Ok(position)
    }

    fn rectangle(&self, file: &BoxPlaceFile) -> Result<(Place, u64), UsageError> {
        let from_um = self.position("rectangle.from", &file.from)?;
        let to_um = self.position("rectangle.to", &file.to)?;
        if (0..self.grid.dimensions as usize).any(|a| to_um[a] <= from_um[a]) {
            let why = "each length must be greater than the one in 'from'";
            return Err(self.wrong("rectangle.to", file.to.span(), why));
        }
        let amount = Amount {
            density: file.density.as_ref(),
            count: file.count.as_ref(),
        };
        let place = Place::Rectangle { from_um, to_um };
        self.filled("rectangle", place, amount, file.from.span())
    }

    fn ball(
        &self,
        name: &str,
        dimensions: u32,
        file: &BallPlaceFile,
    ) -> Result<(Place, u64), UsageError> {
        let (grid, at) = (self.grid, |key: &str| format!("{name}.{key}"));
        if grid.dimensions != dimensions {
            return Err(self.wrong(name, file.center.span(), &other_dimension(grid)));
        }
        let centre_um = self.position(&at("center"), &file.center)?;
        let key = format!("{}.{}", self.key, at("radius"));
        let radius_um = self.read.positive(&key, &file.radius, "um")?;
        let place = Place::Ball {
            centre_um,
            radius_um,
        };
        let [low, high] = place.bounds(grid);
        for axis in 0..dimensions as usize {
            let (low, high, size) = (low[axis], high[axis], grid.size_um()[axis]);
            // A hair's width for lengths that are not exact in binary.
            if low < -1e-9 * size || high > size * (1.0 + 1e-9) {
                let why = format!(
                    "the {name} reaches from {low} um to {high} um along {}, outside the domain; allowed: 0 um to {size} um; use a smaller radius or another center",
                    ["x", "y", "z"][axis]
                );
                return Err(self.wrong(&at("radius"), file.radius.span(), &why));
            }
        }
        let amount = Amount {
            density: file.density.as_ref(),
            count: file.count.as_ref(),
        };
        self.filled(name, place, amount, file.center.span())
    }

    /// The whole of a flat box; in a deep one, a layer that rests on the lower z wall.
    fn monolayer(&self, file: &Spanned<MonolayerFile>) -> Result<(Place, u64), UsageError> {
        let grid = self.grid;
        let [mut from_um, mut to_um] = whole(grid);
        if grid.dimensions == 3 {
            if grid.periodic[2] {
                let why = "z is periodic and has no wall that a monolayer could rest on";
                return Err(self.wrong("monolayer", file.span(), why));
            }
            let height = grid.size_um()[2];
            if self.radius > height {
                let why = format!(
                    "the centres of cells that rest on the lower z wall lie at their radius, {} um, outside the domain; allowed: up to {height} um",
                    self.radius
                );
                return Err(self.wrong("monolayer", file.span(), &why));
            }
            (from_um[2], to_um[2]) = (self.radius, self.radius);
        }
        let amount = Amount {
            density: file.get_ref().density.as_ref(),
            count: file.get_ref().count.as_ref(),
        };
        let place = Place::Rectangle { from_um, to_um };
        self.filled("monolayer", place, amount, file.span())
    }

    fn points(&self, name: &str, span: Range<usize>) -> Result<(Place, u64), UsageError> {
        let path = self.read.scenario.folder.join(name);
        let points = points::read(&path, self.grid, self.closed.as_deref(), MOST_IDS as usize)
            .map_err(|why| self.wrong("file", span.clone(), &why))?;
        let count = points.len() as u64;
        let place = Place::Points(points);
        self.fit(&place, count as f64, self.open_measure(&place))
            .map_err(|why| self.wrong("file", span, &why))?;
        Ok((place, count))
    }

    /// A cell at the centroid of every label, in the order of their numbers.
    fn labels(&self, file: &LabelsFile) -> Result<(Place, u64), UsageError> {
        let (grid, span) = (self.grid, file.file.span());
        let wrong = |why: &str| self.wrong("labels.file", span.clone(), why);
        if grid.dimensions != 2 {
            let why = "a label image is flat and the domain is 3-D; write file with x_um,y_um,z_um";
            return Err(wrong(why));
        }
        let key = format!("{}.labels.pixel", self.key);
        let pixel_um = self.read.positive(&key, &file.pixel, "um")?;
        let from_um = match &file.from {
            Some(raw) => self.position("labels.from", raw)?,
            None => [0.0; 3],
        };
        let by_area = self.is_by_area(file)?;
        let path = self.read.scenario.folder.join(file.file.get_ref());
        let labels = labels::read(&path, MOST_IDS as usize).map_err(|why| wrong(&why))?;
        let mut bodies = Vec::with_capacity(labels.len());
        let mut covered = 0.0;
        for label in &labels {
            let number = label.number;
            let [x, y] = [0, 1].map(|axis| from_um[axis] + pixel_um * label.centroid_px[axis]);
            let size = grid.size_um();
            if x > size[0] || y > size[1] {
                return Err(wrong(&format!(
                    "the centroid of label {number}, ({x:.2}, {y:.2}) um, lies outside the domain; allowed: (0, 0) um to ({}, {}) um; check pixel and from",
                    size[0], size[1]
                )));
            }
            let position = [x, y, 0.5 * grid.voxel_um].map(|x| x as f32);
            let closed = self.closed.as_deref();
            if closed.is_some_and(|closed| closed[grid.voxel_at(position)]) {
                return Err(wrong(&format!(
                    "label {number}, a cell at ({x:.2}, {y:.2}) um, lies in an obstacle, or a pore too narrow for it; remove it"
                )));
            }
            let radius = match by_area {
                true => (label.area_px as f64 * pixel_um * pixel_um / PI).sqrt(),
                false => self.radius,
            };
            // As everywhere, a cell is its type's size or grows up to it, and a smaller one would have died.
            let least = f64::from(GONE) * self.radius;
            if !(least..=self.radius).contains(&radius) {
                return Err(wrong(&format!(
                    "label {number} has {} pixels, a radius of {radius:.2} um; allowed: {least:.2} um to {} um, the radius of its type; set the type's radius to that of the largest cell, and remove what is none",
                    label.area_px, self.radius
                )));
            }
            covered += PI * radius * radius;
            bodies.push(Vec4::from((glam::Vec3::from(position), radius as f32)));
        }
        let count = bodies.len() as u64;
        let place = match by_area {
            true => Place::Bodies(bodies),
            false => Place::Points(bodies.iter().map(|body| body.truncate().into()).collect()),
        };
        // As many whole cells of the type's radius as cover what they do.
        let alike = (covered / (PI * self.radius * self.radius)).round();
        self.fit(&place, alike, self.open_measure(&place))
            .map_err(|why| wrong(&why))?;
        Ok((place, count))
    }

    /// Whether labels give their cells a radius.
    fn is_by_area(&self, file: &LabelsFile) -> Result<bool, UsageError> {
        let Some(radius) = &file.radius else {
            return Ok(false);
        };
        match radius.get_ref().as_str() {
            "type" => Ok(false),
            "area" => Ok(true),
            other => {
                let why = unknown("radius", other, ["type", "area"].into_iter());
                Err(self.wrong("labels.radius", radius.span(), &why))
            }
        }
    }

    /// Area or volume of a place outside obstacles, µm² or µm³.
    fn open_measure(&self, place: &Place) -> f64 {
        let open = |closed| place.open_share(self.grid, closed);
        place.measure(self.grid) * self.closed.as_deref().map_or(1.0, open)
    }

    /// A place with its number of cells: as given, or the density times what obstacles leave open.
    fn filled(
        &self,
        name: &str,
        place: Place,
        amount: Amount,
        span: Range<usize>,
    ) -> Result<(Place, u64), UsageError> {
        let open = self.open_measure(&place);
        if open <= 0.0 {
            let why = "obstacles close the whole place; no cell can be put there";
            return Err(self.wrong(name, span, why));
        }
        let key = format!("{name}.density");
        let (count, at, span) = match (amount.density, amount.count) {
            (Some(raw), None) => {
                let unit = ["1/um^2", "1/um^3"][usize::from(!self.is_flat(&place))];
                let key_of = format!("{}.{key}", self.key);
                let density = self.read.positive_or_zero(&key_of, raw, unit)?;
                ((density * open).round(), key, raw.span())
            }
            (None, Some(count)) => {
                let at = format!("{name}.count");
                (*count.get_ref() as f64, at, count.span())
            }
            _ => {
                let why = "give either density or count";
                return Err(self.wrong(&key, span, why));
            }
        };
        self.fit(&place, count, open)
            .map_err(|why| self.wrong(&at, span, &why))?;
        // A float becomes the nearest u64.
        Ok((place, count as u64))
    }

    /// Whether the cells of a place lie in a plane.
    fn is_flat(&self, place: &Place) -> bool {
        let [from, to] = place.bounds(self.grid);
        from[2] == to[2]
    }

    /// Refuses more cells than closest packing, with a sentence without place.
    fn fit(&self, place: &Place, count: f64, open: f64) -> Result<(), String> {
        let (unit, footprint, packing) = if self.is_flat(place) {
            ("um^2", PI * self.radius.powi(2), PI / 12f64.sqrt())
        } else {
            let volume = 4.0 / 3.0 * PI * self.radius.powi(3);
            ("um^3", volume, PI / 18f64.sqrt())
        };
        let share = count * footprint / open;
        if share > packing {
            return Err(format!(
                "{count} cells of radius {} um fill {share:.2} of the place, closest packing is {packing:.2}; at most {:.3e} per {unit}, {} cells",
                self.radius,
                packing / footprint,
                (packing / footprint * open).floor()
            ));
        }
        Ok(())
    }
}
