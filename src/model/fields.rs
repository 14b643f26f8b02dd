//! One field of a scenario: its rates, its start and its faces.

use super::read::{Reader, unit_of};
use super::scheme::scheme;
use super::space::add_sources;
use super::{Face, Field, FieldKind, Grid, Level, Perfusion, Scheme, binding};
use crate::error::UsageError;
use crate::parameters::Parameters;
use crate::scenario::{FieldFile, unknown};

/// What a field is read in.
pub(super) struct Surroundings<'a> {
    pub read: &'a Reader<'a>,
    pub grid: &'a Grid,
    pub dt_min: f64,
    pub parameters: &'a Parameters,
    /// Whether the scenario gives a dose.
    pub dosed: bool,
    /// Whether it has vessels.
    pub vessels: bool,
}

pub(super) fn field(
    around: &Surroundings,
    kind: FieldKind,
    file: &FieldFile,
) -> Result<Field, UsageError> {
    let Surroundings {
        read,
        grid,
        dt_min,
        parameters,
        ..
    } = *around;
    let key = |name: &str| format!("fields.{}.{name}", kind.name());
    let default = |name: &str| parameters.value(name);
    let (diffusivity, decay) = match kind {
        FieldKind::Drug => (default("D_drug"), 0.0),
        FieldKind::Ecm => (0.0, 0.0),
        FieldKind::Fak => (default("D_fak"), 0.0),
        FieldKind::Attractant => (default("D_attractant"), default("lambda_attractant")),
        FieldKind::DrugBound => (0.0, 0.0),
        FieldKind::Mmp => (default("D_mmp"), default("lambda_mmp")),
        FieldKind::Oxygen => (default("D_oxygen"), default("lambda_oxygen")),
        FieldKind::Tgfb => (default("D_tgfb"), default("lambda_tgfb")),
    };
    let rate = |name: &str, raw: &Option<_>, default, internal| match raw {
        Some(raw) => read.positive_or_zero(&key(name), raw, internal),
        None => Ok(default),
    };
    let diffusivity = rate("diffusivity", &file.diffusivity, diffusivity, "um^2/min")?;
    if !kind.is_mobile() && diffusivity > 0.0 {
        let span = file.diffusivity.as_ref().map(toml::Spanned::span);
        let why = format!("{} does not diffuse; remove the key", kind.name());
        return Err(read.scenario.error(&key("diffusivity"), span, &why));
    }
    let initial = match &file.initial {
        Some(raw) => read.initial(kind, raw, grid)?,
        None if kind == FieldKind::Ecm => {
            return Err(read.scenario.error(
                "fields.ecm",
                None,
                "initial is missing; write for instance initial = 0.5 (1 is 2 mg/mL collagen I)",
            ));
        }
        None => super::Initial::Uniform(0.0),
    };
    let source_unit = match unit_of(kind) {
        "nM" => "nM/min",
        "mmHg" => "mmHg/min",
        _ => "1/min",
    };
    let source = read.rate(&key("source"), file.source.as_ref(), source_unit, grid)?;
    let source = add_sources(
        read,
        &key("sources"),
        &file.sources,
        source_unit,
        grid,
        source,
    )?;
    let perfusion = perfusion(around, kind, file)?;
    // What the vessels bring does not come from a bath too.
    let by_vessels = perfusion.is_some_and(|p| p.level == Level::Plasma);
    let mut field = Field {
        kind,
        diffusivity,
        decay: rate("decay", &file.decay, decay, "1/min")?,
        uptake: read.rate(&key("uptake"), file.uptake.as_ref(), "1/min", grid)?,
        source,
        initial,
        boundary: boundary(read, kind, file, grid, around.dosed && !by_vessels)?,
        scheme: Scheme::Still,
        tolerance: tolerance(around, kind, file)?,
        perfusion,
        solute_radius_nm: None,
        retardation: binding::retardation(read, kind, file)?,
        binding: binding::binding(read, kind, file)?,
        ledger: file.ledger.as_ref().is_some_and(|kept| *kept.get_ref()),
    };
    field.scheme = scheme(around, &field, file)?;
    if field.ledger && field.scheme == (Scheme::Implicit { steady: true }) {
        let why = "the field is at rest after every step, so that its mass has no balance in time; remove the key, or solver = \"steady\"";
        let span = file.ledger.as_ref().map(toml::Spanned::span);
        return Err(read.scenario.error(&key("ledger"), span, why));
    }
    field.solute_radius_nm = solute_radius(around, kind, file)?;
    let substep_min = match field.scheme {
        Scheme::Explicit { substeps } => dt_min / f64::from(substeps),
        Scheme::Still | Scheme::Implicit { .. } => dt_min,
    };
    // 1 + substep · decay must differ from 1 in f32, or the decay would silently be none.
    if field.decay > 0.0 && field.decay * substep_min < f64::from(f32::EPSILON) {
        let why = format!(
            "{:.1e} /min over a substep of {substep_min:.1e} min is below the precision of f32 and would be lost; use 0 or at least {:.1e} /min",
            field.decay,
            f64::from(f32::EPSILON) / substep_min
        );
        return Err(read.scenario.error(
            &key("decay"),
            file.decay.as_ref().map(toml::Spanned::span),
            &why,
        ));
    }
    Ok(field)
}

/// What the implicit solver accepts. The conservative update after it keeps mass to rounding whatever the residual.
fn tolerance(around: &Surroundings, kind: FieldKind, file: &FieldFile) -> Result<f64, UsageError> {
    let Some(raw) = &file.tolerance else {
        return Ok(1e-4);
    };
    let key = format!("fields.{}.tolerance", kind.name());
    let value = around.read.positive(&key, raw, "1")?;
    if (1e-6..=1e-2).contains(&value) {
        return Ok(value);
    }
    let why = format!("{value} is outside its range; allowed: 1e-6 to 1e-2");
    Err(around.read.scenario.error(&key, Some(raw.span()), &why))
}

/// Radius of the solute where matrix hinders it, nm.
fn solute_radius(
    around: &Surroundings,
    kind: FieldKind,
    file: &FieldFile,
) -> Result<Option<f64>, UsageError> {
    let read = around.read;
    let Some(raw) = &file.solute_radius else {
        return Ok(None);
    };
    let key = format!("fields.{}.solute_radius", kind.name());
    let wrong = |why: &str| Err(read.scenario.error(&key, Some(raw.span()), why));
    let radius_nm = 1e3 * read.positive(&key, raw, "um")?;
    if radius_nm > 100.0 {
        return wrong("the hindrance of larger solutes is not known; allowed: up to 100 nm");
    }
    if !kind.is_mobile() {
        return wrong("the field does not diffuse; remove the key");
    }
    if read.scenario.file.fields.ecm.is_none() {
        return wrong("matrix is what hinders; add [fields.ecm] or remove the key");
    }
    Ok(Some(radius_nm))
}

/// Exchange with the vessels. The drug comes by vessels wherever there are vessels and a dose, unless `perfusion` is 0.
fn perfusion(
    around: &Surroundings,
    kind: FieldKind,
    file: &FieldFile,
) -> Result<Option<Perfusion>, UsageError> {
    let read = around.read;
    let key = |name: &str| format!("fields.{}.{name}", kind.name());
    if !around.vessels
        && let Some((name, raw)) = [("perfusion", &file.perfusion), ("plasma", &file.plasma)]
            .into_iter()
            .find_map(|(name, raw)| raw.as_ref().map(|raw| (name, raw)))
    {
        let why = "the scenario has no vessels; add [[vessel]] or remove the key";
        return Err(read.scenario.error(&key(name), Some(raw.span()), why));
    }
    let Some(raw) = &file.perfusion else {
        if let Some(plasma) = &file.plasma {
            let why = "is the level in vessels and needs perfusion, the rate of exchange with them, for instance \"1e-2 /s\"";
            return Err(read
                .scenario
                .error(&key("plasma"), Some(plasma.span()), why));
        }
        let rate = around.parameters.value("P_v");
        let carried = kind == FieldKind::Drug && around.vessels && around.dosed && rate > 0.0;
        return Ok(carried.then_some(Perfusion {
            rate,
            level: Level::Plasma,
        }));
    };
    let rate = read.positive_or_zero(&key("perfusion"), raw, "1/min")?;
    let level = match &file.plasma {
        Some(plasma) => {
            Level::Constant(read.positive_or_zero(&key("plasma"), plasma, unit_of(kind))?)
        }
        None if rate == 0.0 || (kind == FieldKind::Drug && around.dosed) => Level::Plasma,
        None => {
            let why = if kind == FieldKind::Drug {
                "needs a level in the vessels; give plasma, for instance \"100 nM\", or a [dose]"
            } else {
                "needs a level in the vessels; give plasma, for instance plasma = \"38 mmHg\" for oxygen"
            };
            return Err(read
                .scenario
                .error(&key("perfusion"), Some(raw.span()), why));
        }
    };
    Ok((rate > 0.0).then_some(Perfusion { rate, level }))
}

fn boundary(
    read: &Reader,
    kind: FieldKind,
    file: &FieldFile,
    grid: &Grid,
    bathed: bool,
) -> Result<[[Face; 2]; 3], UsageError> {
    // In 3-D the medium bathes every face that is not said to be something else; in 2-D it lies above the culture.
    let dosed = kind == FieldKind::Drug && bathed;
    let closed = match dosed && grid.dimensions == 3 {
        true => Face::Bath,
        false => Face::NoFlux,
    };
    let mut faces = [[closed; 2]; 3];
    for axis in 0..3 {
        if grid.periodic[axis] {
            faces[axis] = [Face::Periodic; 2];
        }
    }
    for (side, raw) in &file.boundary {
        let key = format!("fields.{}.boundary.{side}", kind.name());
        let wrong = |why: &str| read.scenario.error(&key, Some(raw.span()), why);
        if raw.get_ref().as_str() == Some("periodic") {
            continue;
        }
        let known = ["x_min", "x_max", "y_min", "y_max", "z_min", "z_max"];
        if grid.dimensions == 2 && known[4..].contains(&side.as_str()) {
            return Err(wrong(
                "there is no axis 'z', the domain is 2-D; its faces are x_min, x_max, y_min, y_max",
            ));
        }
        let known = &known[..2 * grid.dimensions as usize];
        let Some(i) = known.iter().position(|name| name == side) else {
            return Err(wrong(&unknown("face", side, known.iter().copied())));
        };
        if grid.periodic[i / 2] {
            return Err(wrong(
                "this axis is periodic and has no faces; remove one of the two",
            ));
        }
        faces[i / 2][i % 2] = match raw.get_ref().as_str() {
            Some("no-flux") => Face::NoFlux,
            Some("bath") if dosed => Face::Bath,
            Some("bath") => {
                return Err(wrong(
                    "only the drug of a [dose] that does not come by vessels has a bath; give a level, or \"no-flux\"",
                ));
            }
            _ => Face::Fixed(read.positive_or_zero(&key, raw, unit_of(kind))?),
        };
    }
    Ok(faces)
}
