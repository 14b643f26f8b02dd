//! From the file to its meaning: every check of a scenario is here.

use super::fields::{Surroundings, field};
use super::placement::placements;
use super::read::{Reader, axis_of};
use super::{
    CellType, Channel, Grid, Model, Slider, assay, dose, fibres, memory, observe, picture, recruit,
    series, space, wells,
};
use crate::compounds::Target;
use crate::error::UsageError;
use crate::parameters::{DEFAULTS, Entry, Parameters};
use crate::scenario::{CellsFile, Scenario, unknown};

/// Longest step, min. Overlapping cells part at up to c_r = 10 µm/min; a longer step throws them past each other.
const MOST_STEP_MIN: f64 = 1.0;

impl Model {
    /// A model from the text of a scenario, for tests and examples.
    ///
    /// # Errors
    /// See [`Model::try_from`].
    pub fn from_toml(text: &str) -> Result<Self, UsageError> {
        let scenario = Scenario::parse("text", "text", std::path::Path::new("."), text, &[])?;
        Self::try_from(&scenario)
    }
}

impl TryFrom<&Scenario> for Model {
    type Error = UsageError;

    /// Checks a scenario and gives it its meaning.
    ///
    /// # Errors
    /// What is wrong, where, what is allowed, and what to do.
    fn try_from(scenario: &Scenario) -> Result<Self, UsageError> {
        let file = &scenario.file;
        let read = Reader { scenario };
        let mut grid = grid(&read)?;
        let dt_min = match &file.time.step {
            Some(raw) => read.positive("time.step", raw, "min")?,
            None => 0.1,
        };
        if dt_min > MOST_STEP_MIN {
            let span = file.time.step.as_ref().map(toml::Spanned::span);
            let why = format!(
                "{dt_min} min is too long for cells that push each other; allowed: up to {MOST_STEP_MIN} min"
            );
            return Err(scenario.error("time.step", span, &why));
        }
        let library = dose::library(&read)?;
        let given = dose::given(&read, &library)?;
        let mut compounds = given.iter().map(|given| &given.compound);
        let inhibitor = compounds.find(|compound| compound.target == Target::Fak);
        let mut parameters =
            Parameters::of(inhibitor.unwrap_or_else(|| library.default_inhibitor()));
        for (name, raw) in &file.parameters {
            parameters.set(name, raw.get_ref()).map_err(|why| {
                scenario.error(&format!("parameters.{name}"), Some(raw.span()), &why)
            })?;
        }
        in_order(scenario, &parameters)?;
        periodic(&read, &mut grid)?;
        let (cell_types, cell_entries, type_ixs) = cell_types(&read)?;
        let named = file.fields.all();
        let kinds: Vec<_> = named
            .iter()
            .filter_map(|(kind, file)| file.map(|_| *kind))
            .collect();
        let n_sums = Channel::most(&kinds, !cell_types.is_empty());
        let n_voxels = grid.n.map(u64::from);
        let fits = |n_cells| memory::most_cells(n_voxels, kinds.len() as u64, n_sums, n_cells);
        fits(0)?;
        let obstacles = space::obstacles(&read, &grid)?;
        let types = type_ixs.iter().map(|ix| (*ix, &cell_types[*ix]));
        let placements = placements(&read, &grid, obstacles.as_ref(), types, |n_cells| {
            fits(n_cells).map(drop)
        })?;
        let n_cells = placements.iter().map(|p| u64::from(p.count)).sum();
        let most_cells = most_cells(scenario, n_cells, fits(n_cells)?)?;
        let whole_steps = |key: &str, raw: &crate::scenario::Raw| -> Result<u64, UsageError> {
            let steps = read.positive(key, raw, "min")? / dt_min;
            // Steps are numbered with 32 bits on the GPU.
            if (steps - steps.round()).abs() > 1e-6 * steps.max(1.0)
                || steps > f64::from(u32::MAX)
                || steps < 0.5
            {
                let why = format!(
                    "{} is {steps:.3} steps of {dt_min} min; it must be a whole number of steps below 4.29e9",
                    raw.get_ref()
                );
                return Err(scenario.error(key, Some(raw.span()), &why));
            }
            Ok(steps.round() as u64)
        };
        let all_steps = whole_steps("time.duration", &file.time.duration)?;
        let n_steps = match &file.time.until {
            Some(raw) => whole_steps("time.until", raw)?,
            None => all_steps,
        };
        // A run that is cut short stays the same scenario, with doses that it does not live to see.
        let end_min = dt_min * all_steps.max(n_steps) as f64;
        let dose = dose::dosing(&read, &given, &parameters, end_min)?;
        let vessels = space::vessels(&read, &grid)?;
        let ground = recruit::Ground {
            read: &read,
            grid: &grid,
            fate_min: dt_min * crate::pass::FATE_EVERY as f64,
            obstacles: obstacles.as_ref(),
            vessels: vessels.as_deref(),
        };
        let recruits = recruit::recruits(&ground, &cell_types, &type_ixs)?;
        let fibres = fibres::fibres(&read, &grid)?;
        let around = Surroundings {
            read: &read,
            grid: &grid,
            dt_min,
            parameters: &parameters,
            dosed: dose.is_given(),
            vessels: vessels.is_some(),
        };
        let mut fields = Vec::new();
        for (kind, file) in named {
            if let Some(file) = file {
                fields.push(field(&around, kind, file)?);
            }
        }
        let report_steps = match &file.time.report {
            Some(raw) => whole_steps("time.report", raw)?,
            None => ((60.0 / dt_min).round() as u64).clamp(1, n_steps),
        };
        let observe = observe::observe(&observe::Frame {
            read: &read,
            grid: &grid,
            dt_min,
            n_steps,
            report_steps,
            n_types: cell_types.len() as u64,
            // `placements` refuses more than a quarter of what 32 bits count.
            n_cells: n_cells as u32,
            whole_steps: &whole_steps,
        })?;
        let compound_entries = dose::entries_in_use(&given, &dose, !cell_types.is_empty());
        let series = series::Frame {
            read: &read,
            dose: &dose,
            n_types: cell_types.len(),
            n_steps,
            all_steps: all_steps.max(n_steps),
            whole_steps: &whole_steps,
        }
        .series()?;
        Ok(Model {
            picture: picture::picture(&read, &grid, &fields, !cell_types.is_empty())?,
            observe,
            replicates: wells::replicates(&read, series.is_some())?,
            series,
            title: file.title.clone(),
            question: file.question.clone(),
            seed: file.seed,
            dt_min,
            n_steps,
            report_steps,
            sliders: sliders(&read)?,
            assays: assay::assays(&read, &grid, &cell_types)?,
            grid,
            fields,
            obstacles,
            vessels,
            fibres,
            cell_types,
            placements,
            recruits,
            section: section(&read, &grid)?,
            most_cells,
            first_bin_layer: 0,
            cell_entries,
            compound_entries,
            parameters,
            dose,
        })
    }
}

fn grid(read: &Reader) -> Result<Grid, UsageError> {
    let domain = &read.scenario.file.domain;
    let lengths = domain.size.get_ref();
    if !(2..=3).contains(&lengths.len()) {
        let why = format!(
            "{} lengths given; two make a 2-D domain, three a 3-D one",
            lengths.len()
        );
        return Err(read
            .scenario
            .error("domain.size", Some(domain.size.span()), &why));
    }
    let voxel_um = read.positive("domain.voxel", &domain.voxel, "um")?;
    let mut n = [1u64; 3];
    for (axis, raw) in lengths.iter().enumerate() {
        let size = read.positive("domain.size", raw, "um")?;
        let voxels = size / voxel_um;
        let whole = voxels.round();
        if whole < 1.0 || (voxels - whole).abs() > 1e-6 * whole {
            let good = whole.max(1.0) * voxel_um;
            let why = format!(
                "{} is {voxels:.3} voxels of {voxel_um} um; the nearest size that fits is {good} um",
                raw.get_ref()
            );
            return Err(read.scenario.error("domain.size", Some(raw.span()), &why));
        }
        n[axis] = whole as u64;
    }
    // Before anything is counted in 32 bits.
    memory::most_cells(n, 0, 0, 0)?;
    Ok(Grid {
        n: n.map(|n| n as u32),
        voxel_um,
        periodic: [false; 3],
        dimensions: lengths.len() as u32,
    })
}

/// Whether a 2-D domain is a section of tissue.
fn section(read: &Reader, grid: &Grid) -> Result<bool, UsageError> {
    let section = read.scenario.file.domain.section;
    if section && grid.dimensions == 3 {
        let why = "a section is 2-D; leave it out, cells of a 3-D domain lie in matrix anyway";
        return Err(read.scenario.error("domain.section", None, why));
    }
    Ok(section)
}

/// Axes that the domain or a field declares periodic are so for the whole box.
fn periodic(read: &Reader, grid: &mut Grid) -> Result<(), UsageError> {
    let file = &read.scenario.file;
    for name in &file.domain.periodic {
        let axis = axis_of(name.get_ref(), grid).map_err(|why| {
            read.scenario
                .error("domain.periodic", Some(name.span()), &why)
        })?;
        grid.periodic[axis] = true;
    }
    for (kind, field) in file.fields.all() {
        let Some(field) = field else { continue };
        for (side, raw) in &field.boundary {
            if raw.get_ref().as_str() == Some("periodic") {
                let key = format!("fields.{}.boundary.{side}", kind.name());
                let axis = axis_of(side, grid)
                    .map_err(|why| read.scenario.error(&key, Some(raw.span()), &why))?;
                grid.periodic[axis] = true;
            }
        }
    }
    Ok(())
}

/// The scenario's own limit of the population, or what memory has room for.
fn most_cells(scenario: &Scenario, n_cells: u64, room: u64) -> Result<u32, UsageError> {
    let Some(given) = &scenario.file.most_cells else {
        return Ok(room as u32);
    };
    let most = *given.get_ref();
    if most < n_cells || most > room {
        let why = format!(
            "{most} is not between the {n_cells} cells of the start and the {room} that memory has room for"
        );
        return Err(scenario.error("most_cells", Some(given.span()), &why));
    }
    Ok(most as u32)
}

/// Refuses pairs of parameters of which the first must be below the second.
fn in_order(scenario: &Scenario, parameters: &Parameters) -> Result<(), UsageError> {
    for (low, high) in [("O_nec_full", "O_nec"), ("O_div", "O_full")] {
        let [low_value, high_value] = [low, high].map(|name| parameters.value(name));
        if low_value >= high_value {
            let given = |name: &str| scenario.file.parameters.get(name).map(|raw| raw.span());
            let why = format!(
                "{low} is {low_value} mmHg and {high} {high_value} mmHg; {low} must be below {high}"
            );
            let key = if given(low).is_some() { low } else { high };
            return Err(scenario.error(&format!("parameters.{key}"), given(key), &why));
        }
    }
    Ok(())
}

/// Cell types, their parameters, and the type of each entry of `[[cells]]`.
type Types = (Vec<CellType>, Vec<Entry>, Vec<usize>);

fn cell_types(read: &Reader) -> Result<Types, UsageError> {
    let mut types: Vec<CellType> = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut type_ixs = Vec::new();
    for (i, file) in read.scenario.file.cells.iter().enumerate() {
        let (cell_type, its_entries) = cell_type(read, i, file)?;
        // Two entries with the same parameters are one type in two places.
        let type_ix = types.iter().position(|t| *t == cell_type);
        type_ixs.push(type_ix.unwrap_or(types.len()));
        if type_ix.is_none() {
            types.push(cell_type);
            entries.extend(its_entries);
        }
    }
    Ok((types, entries, type_ixs))
}

fn cell_type(
    read: &Reader,
    i: usize,
    file: &CellsFile,
) -> Result<(CellType, Vec<Entry>), UsageError> {
    let name = file.preset.get_ref();
    let Some(defaults) = DEFAULTS.cell_types.get(name) else {
        let names = DEFAULTS.cell_types.keys().map(String::as_str);
        let why = unknown("cell type", name, names);
        return Err(read.scenario.error(
            &format!("cells.{i}.type"),
            Some(file.preset.span()),
            &why,
        ));
    };
    let mut entries = defaults.clone();
    for (short, raw) in file.overrides() {
        let entry = entries
            .iter_mut()
            .find(|e| e.name[name.len() + 1..] == *short);
        if let (Some(raw), Some(entry)) = (raw, entry) {
            entry.set(raw.get_ref()).map_err(|why| {
                read.scenario
                    .error(&format!("cells.{i}.{short}"), Some(raw.span()), &why)
            })?;
        }
    }
    let value = |short: &str| {
        // Every preset has every cell parameter: `parameters.rs` refuses a table without.
        entries
            .iter()
            .find(|e| e.name[name.len() + 1..] == *short)
            .map_or(f64::NAN, |e| e.value)
    };
    let cell_type = CellType {
        name: name.clone(),
        speed: value("speed"),
        persistence: value("persistence"),
        radius: value("radius"),
        division: value("division"),
        death: value("death"),
        adhesion: value("adhesion"),
        integrin: value("integrin"),
        chemotaxis: value("chemotaxis"),
        haptotaxis: value("haptotaxis"),
        guidance: value("guidance"),
        bypass_fast: value("bypass_fast"),
        bypass_slow: value("bypass_slow"),
        erk_basal: value("erk_basal"),
        akt_coupling: value("akt_coupling"),
        digestion: value("digestion"),
        mmp_secretion: value("mmp_secretion"),
        oxygen_uptake: value("oxygen_uptake"),
        deposition: value("deposition"),
        tgfb_secretion: value("tgfb_secretion"),
        attractant_secretion: value("attractant_secretion"),
        docetaxel_ic50: value("docetaxel_ic50"),
        spread: ["spread_fak", "spread_receptor", "spread_speed"].map(value),
        pore_limit: value("pore_limit"),
        to_go: value("to_go"),
        to_grow: value("to_grow"),
        amoeboid: value("amoeboid"),
        fak_recruitment: value("fak_recruitment"),
        attack: value("attack"),
        kill: value("kill"),
        antigen: value("antigen"),
        pd_l1: value("pd_l1"),
        suppression: value("suppression"),
        most_kills: value("most_kills"),
    };
    if cell_type.attack > 0.0 && (cell_type.division > 0.0 || cell_type.antigen > 0.0) {
        let why = "a killer (attack above 0) neither divides nor is prey; set division = \"0 /h\" and antigen = 0";
        return Err(read.scenario.error(
            &format!("cells.{i}.attack"),
            Some(file.preset.span()),
            why,
        ));
    }
    Ok((cell_type, entries))
}

fn sliders(read: &Reader) -> Result<Vec<Slider>, UsageError> {
    read.scenario
        .file
        .slider
        .iter()
        .map(|slider| {
            let key = slider.key.get_ref();
            if key != "dose.bath" {
                let why = unknown("live control", key, ["dose.bath"].into_iter());
                return Err(read
                    .scenario
                    .error("slider.key", Some(slider.key.span()), &why));
            }
            let low = read.positive_or_zero("slider.range", &slider.range[0], "nM")?;
            let high = read.positive_or_zero("slider.range", &slider.range[1], "nM")?;
            if high <= low {
                let why = "the second value must be greater than the first";
                return Err(read
                    .scenario
                    .error("slider.range", Some(slider.range[1].span()), why));
            }
            let log = match &slider.scale {
                None => false,
                Some(scale) => match scale.get_ref().as_str() {
                    "log" => true,
                    "linear" => false,
                    other => {
                        let why = unknown("scale", other, ["log", "linear"].into_iter());
                        return Err(read
                            .scenario
                            .error("slider.scale", Some(scale.span()), &why));
                    }
                },
            };
            Ok(Slider {
                key: key.clone(),
                range: [low, high],
                log,
            })
        })
        .collect()
}
