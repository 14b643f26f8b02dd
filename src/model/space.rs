//! Sources, vessels and obstacles of a scenario: what lies in which voxel.

use toml::Spanned;

use super::read::{Reader, axis_of, holds_no_voxel, other_dimension};
use super::shape::{Membrane, Pores, Shape, add_vessel};
use super::{Grid, Rate, npy};
use crate::coefficients::OPEN;
use crate::error::UsageError;
use crate::scenario::{
    BallFile, BoxFile, MembraneFile, ObstacleFile, PoresFile, SourceFile, TubeFile,
};

/// Share 0…1 of each voxel that is vessel; `None` without vessels.
pub(super) fn vessels(read: &Reader, grid: &Grid) -> Result<Option<Vec<f32>>, UsageError> {
    let files = &read.scenario.file.vessel;
    if files.is_empty() {
        return Ok(None);
    }
    let mut shares = vec![0.0; grid.n_voxels()];
    for (i, entry) in files.iter().enumerate() {
        let key = format!("vessel.{i}");
        let file = entry.get_ref();
        let given = [
            ("disc", file.disc.is_some()),
            ("ball", file.ball.is_some()),
            ("tube", file.tube.is_some()),
        ];
        exactly_one(read, &key, entry.span(), given)?;
        let shape = match (&file.disc, &file.ball, &file.tube) {
            (Some(disc), ..) => ball(read, &format!("{key}.disc"), disc, 2, grid)?,
            (_, Some(file), _) => ball(read, &format!("{key}.ball"), file, 3, grid)?,
            (.., Some(file)) => tube(read, &format!("{key}.tube"), file, grid)?,
            // Exactly one is given.
            (None, None, None) => continue,
        };
        add_vessel(&mut shares, &shape, grid);
    }
    Ok(Some(shares))
}

/// What stands in the way of fields and cells.
#[derive(Clone, Debug)]
pub(super) struct Obstacles {
    /// Voxels `[z][y][x]` that nothing diffuses through.
    pub closed: Vec<bool>,
    /// Pore area of each voxel for cells, µm²: 0 in a closed one, [`OPEN`] where nothing is.
    pub passage: Vec<f32>,
}

impl Obstacles {
    /// Voxels that a cell with this pore limit, µm², cannot be in: closed ones and pores too narrow for it.
    pub(super) fn closed_to(&self, pore_limit: f64) -> Vec<bool> {
        let limit = pore_limit as f32;
        self.passage.iter().map(|area| *area <= limit).collect()
    }
}

/// Obstacles of a scenario; `None` without any.
pub(super) fn obstacles(read: &Reader, grid: &Grid) -> Result<Option<Obstacles>, UsageError> {
    let files = &read.scenario.file.obstacle;
    if files.is_empty() {
        return Ok(None);
    }
    let mut closed = vec![false; grid.n_voxels()];
    let mut passage = vec![OPEN; grid.n_voxels()];
    for (i, entry) in files.iter().enumerate() {
        let closes = obstacle(
            read,
            &format!("obstacle.{i}"),
            entry,
            grid,
            &mut closed,
            &mut passage,
        )?;
        if !closes {
            let why = format!(
                "closes no voxel: none has its centre in it; a voxel is {} um wide",
                grid.voxel_um
            );
            let key = format!("obstacle.{i}");
            return Err(read.scenario.error(&key, Some(entry.span()), &why));
        }
        if closed.iter().all(|closed| *closed) {
            let why = "closes every voxel that is left; something must stay open";
            let key = format!("obstacle.{i}");
            return Err(read.scenario.error(&key, Some(entry.span()), why));
        }
    }
    for (area, closed) in passage.iter_mut().zip(&closed) {
        if *closed {
            *area = 0.0;
        }
    }
    Ok(Some(Obstacles { closed, passage }))
}

/// Closes the voxels of one obstacle and says whether there are any.
fn obstacle(
    read: &Reader,
    key: &str,
    entry: &Spanned<ObstacleFile>,
    grid: &Grid,
    closed: &mut [bool],
    passage: &mut [f32],
) -> Result<bool, UsageError> {
    let file = entry.get_ref();
    let given = [
        ("rectangle", file.rectangle.is_some()),
        ("disc", file.disc.is_some()),
        ("ball", file.ball.is_some()),
        ("outside", file.outside.is_some()),
        ("membrane", file.membrane.is_some()),
        ("file", file.file.is_some()),
    ];
    exactly_one(read, key, entry.span(), given)?;
    let mut any = false;
    let mut close = |ix: usize| {
        closed[ix] = true;
        any = true;
    };
    if let Some(file) = &file.rectangle {
        rectangle(read, &format!("{key}.rectangle"), file, grid)?
            .voxels(grid)
            .for_each(&mut close);
    }
    if let Some(file) = &file.disc {
        ball(read, &format!("{key}.disc"), file, 2, grid)?
            .voxels(grid)
            .for_each(&mut close);
    }
    if let Some(file) = &file.ball {
        ball(read, &format!("{key}.ball"), file, 3, grid)?
            .voxels(grid)
            .for_each(&mut close);
    }
    if let Some(file) = &file.outside {
        let open = open_core(read, &format!("{key}.outside"), file, grid)?;
        let mut open = open.voxels(grid).peekable();
        // Both run in storage order.
        for ix in 0..grid.n_voxels() {
            if open.next_if_eq(&ix).is_none() {
                close(ix);
            }
        }
    }
    if let Some(file) = &file.membrane {
        let membrane = membrane(read, &format!("{key}.membrane"), file, grid)?;
        membrane.voxels(grid).for_each(&mut close);
        if let Some(area) = membrane.pore_area_um2() {
            for ix in membrane.pore_voxels(grid) {
                passage[ix] = passage[ix].min(area as f32);
            }
        }
    }
    if let Some(name) = &file.file {
        let values =
            npy::read(&read.scenario.folder.join(name.get_ref()), grid).map_err(|why| {
                read.scenario
                    .error(&format!("{key}.file"), Some(name.span()), &why)
            })?;
        (0..values.len())
            .filter(|ix| values[*ix] != 0.0)
            .for_each(&mut close);
    }
    Ok(any)
}

/// A field's source with the sources of its list added.
pub(super) fn add_sources(
    read: &Reader,
    key: &str,
    files: &[Spanned<SourceFile>],
    unit: &'static str,
    grid: &Grid,
    source: Rate,
) -> Result<Rate, UsageError> {
    if files.is_empty() {
        return Ok(source);
    }
    let mut rates = match source {
        Rate::Uniform(rate) => vec![rate as f32; grid.n_voxels()],
        Rate::PerVoxel(rates) => rates,
    };
    for (i, entry) in files.iter().enumerate() {
        let key = format!("{key}.{i}");
        let file = entry.get_ref();
        let given = [
            ("point", file.point.is_some()),
            ("disc", file.disc.is_some()),
            ("ball", file.ball.is_some()),
        ];
        exactly_one(read, &key, entry.span(), given)?;
        let shape = match (&file.point, &file.disc, &file.ball) {
            (Some(at), ..) => Shape::Point(read.position(&format!("{key}.point"), at, grid)?),
            (_, Some(file), _) => ball(read, &format!("{key}.disc"), file, 2, grid)?,
            (.., Some(file)) => ball(read, &format!("{key}.ball"), file, 3, grid)?,
            // Exactly one is given.
            (None, None, None) => continue,
        };
        let rate = read.positive_or_zero(&format!("{key}.rate"), &file.rate, unit)?;
        let mut voxels = shape.voxels(grid).peekable();
        if voxels.peek().is_none() {
            let why = format!("{}, and so does a point", holds_no_voxel(grid));
            return Err(read.scenario.error(&key, Some(entry.span()), &why));
        }
        for ix in voxels {
            rates[ix] = (f64::from(rates[ix]) + rate) as f32;
            if !rates[ix].is_finite() {
                let why = "the sources of a voxel add up to more than can be computed with, 3.4e38";
                let key = format!("{key}.rate");
                return Err(read.scenario.error(&key, Some(file.rate.span()), why));
            }
        }
    }
    Ok(Rate::PerVoxel(rates))
}

pub(super) fn exactly_one<const N: usize>(
    read: &Reader,
    key: &str,
    span: std::ops::Range<usize>,
    given: [(&str, bool); N],
) -> Result<(), UsageError> {
    let n = given.iter().filter(|(_, given)| *given).count();
    if n == 1 {
        return Ok(());
    }
    let names = given.map(|(name, _)| name).join(", ");
    let why = format!("give exactly one of {names}; {n} are given");
    Err(read.scenario.error(key, Some(span), &why))
}

/// A disc (2) or a ball (3) whose centre lies in the box.
fn ball(
    read: &Reader,
    key: &str,
    file: &BallFile,
    dimensions: u32,
    grid: &Grid,
) -> Result<Shape, UsageError> {
    if grid.dimensions != dimensions {
        let why = other_dimension(grid);
        return Err(read.scenario.error(key, Some(file.center.span()), &why));
    }
    Ok(Shape::ball(
        read.position(&format!("{key}.center"), &file.center, grid)?,
        read.positive(&format!("{key}.radius"), &file.radius, "um")?,
        grid,
    ))
}

/// What an `outside` leaves open: a disc; in 3-D a ball, or a cylinder along z where the centre has two lengths.
fn open_core(read: &Reader, key: &str, file: &BallFile, grid: &Grid) -> Result<Shape, UsageError> {
    let cylinder = grid.dimensions == 3 && file.center.get_ref().len() == 2;
    let flat = Grid {
        dimensions: 2,
        ..*grid
    };
    let centre_grid = if cylinder { &flat } else { grid };
    Ok(Shape::ball(
        read.position(&format!("{key}.center"), &file.center, centre_grid)?,
        read.positive(&format!("{key}.radius"), &file.radius, "um")?,
        centre_grid,
    ))
}

fn rectangle(read: &Reader, key: &str, file: &BoxFile, grid: &Grid) -> Result<Shape, UsageError> {
    let from_um = read.position(&format!("{key}.from"), &file.from, grid)?;
    let to_um = read.position(&format!("{key}.to"), &file.to, grid)?;
    if (0..grid.dimensions as usize).any(|a| to_um[a] <= from_um[a]) {
        let why = "each length must be greater than the one in 'from'";
        return Err(read
            .scenario
            .error(&format!("{key}.to"), Some(file.to.span()), why));
    }
    Ok(Shape::Rectangle { from_um, to_um })
}

fn tube(read: &Reader, key: &str, file: &TubeFile, grid: &Grid) -> Result<Shape, UsageError> {
    if grid.dimensions != 3 {
        let why = "a tube is 3-D and the domain is 2-D; write disc, its cross-section";
        return Err(read.scenario.error(key, Some(file.from.span()), why));
    }
    let from_um = read.position(&format!("{key}.from"), &file.from, grid)?;
    let to_um = read.position(&format!("{key}.to"), &file.to, grid)?;
    if from_um == to_um {
        let why = "a tube must end elsewhere than it begins; write ball for a place";
        return Err(read
            .scenario
            .error(&format!("{key}.to"), Some(file.to.span()), why));
    }
    Ok(Shape::Tube {
        from_um,
        to_um,
        radius_um: read.positive(&format!("{key}.radius"), &file.radius, "um")?,
    })
}

fn membrane(
    read: &Reader,
    key: &str,
    file: &MembraneFile,
    grid: &Grid,
) -> Result<Membrane, UsageError> {
    let axis = axis_of(file.axis.get_ref(), grid).map_err(|why| {
        read.scenario
            .error(&format!("{key}.axis"), Some(file.axis.span()), &why)
    })?;
    let at_um = read.positive_or_zero(&format!("{key}.at"), &file.at, "um")?;
    let size = grid.size_um()[axis];
    if at_um > size * (1.0 + 1e-12) {
        let why = format!(
            "{} lies outside the domain, allowed: 0 um to {size} um",
            file.at.get_ref()
        );
        return Err(read
            .scenario
            .error(&format!("{key}.at"), Some(file.at.span()), &why));
    }
    let mut membrane = Membrane {
        axis,
        at_um,
        thickness_um: read.positive(&format!("{key}.thickness"), &file.thickness, "um")?,
        pores: None,
    };
    if let Some(file) = &file.pores {
        membrane.pores = Some(pores(read, &format!("{key}.pores"), file, membrane, grid)?);
    }
    Ok(membrane)
}

/// The axis of every membrane of the scenario, and from where to where it reaches on that axis, µm.
pub(super) fn membranes(read: &Reader, grid: &Grid) -> Result<Vec<(usize, [f64; 2])>, UsageError> {
    let mut found = Vec::new();
    for (i, entry) in read.scenario.file.obstacle.iter().enumerate() {
        if let Some(file) = &entry.get_ref().membrane {
            let membrane = membrane(read, &format!("obstacle.{i}.membrane"), file, grid)?;
            let layers = membrane.layers(grid);
            let wall_um = [layers.start, layers.end].map(|n| f64::from(n) * grid.voxel_um);
            found.push((membrane.axis, wall_um));
        }
    }
    Ok(found)
}

fn pores(
    read: &Reader,
    key: &str,
    file: &PoresFile,
    membrane: Membrane,
    grid: &Grid,
) -> Result<Pores, UsageError> {
    let (diameter_key, pitch_key) = (format!("{key}.diameter"), format!("{key}.pitch"));
    let pores = Pores {
        diameter_um: read.positive(&diameter_key, &file.diameter, "um")?,
        pitch_um: read.positive(&pitch_key, &file.pitch, "um")?,
    };
    let least = grid.voxel_um.max(pores.diameter_um);
    if pores.pitch_um < least {
        let why = format!(
            "{} is too narrow; allowed: at least {least} um, the greater of a voxel and the diameter",
            file.pitch.get_ref()
        );
        return Err(read
            .scenario
            .error(&pitch_key, Some(file.pitch.span()), &why));
    }
    let membrane = Membrane {
        pores: Some(pores),
        ..membrane
    };
    if let Some(at) = membrane.empty_pore(grid) {
        let place: Vec<String> = (0..grid.dimensions as usize)
            .map(|axis| format!("{:.4}", at[axis]))
            .collect();
        let plane = f64::from(grid.dimensions - 1);
        let why = format!(
            "the pore at ({}) um holds no voxel of the domain; a voxel is {} um wide, a diameter of {:.4} um always holds one",
            place.join(", "),
            grid.voxel_um,
            grid.voxel_um * plane.sqrt()
        );
        return Err(read
            .scenario
            .error(&diameter_key, Some(file.diameter.span()), &why));
    }
    Ok(pores)
}
