//! Shader sources: parts joined by one table, and naga's lines mapped back to the file they stand in.

use crate::pass::Pass;

/// A WGSL file of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Path below `shaders/`.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! part {
    ($file:literal) => {
        Part {
            file: $file,
            text: include_str!(concat!("../../shaders/", $file)),
        }
    };
}

const TYPES: Part = part!("types.wgsl");
const RNG: Part = part!("lib/rng.wgsl");
const GRID: Part = part!("lib/grid.wgsl");
const SAMPLE: Part = part!("lib/sample.wgsl");
const BOX: Part = part!("lib/box.wgsl");
const EXP: Part = part!("lib/exp.wgsl");
const TERMS: Part = part!("lib/terms.wgsl");
const SYSTEM: Part = part!("lib/system.wgsl");
const LEDGER: Part = part!("lib/ledger.wgsl");
const LEDGER_DIFFUSE: Part = part!("lib/ledger_diffuse.wgsl");
const KINETICS: Part = part!("lib/kinetics.wgsl");
const PASSAGE: Part = part!("lib/passage.wgsl");

const FRAME: Part = part!("render/frame.wgsl");
const CONTOUR: Part = part!("render/contour.wgsl");
const CELL_COLOUR: Part = part!("render/cell_colour.wgsl");
const SPACE: Part = part!("render/space.wgsl");

/// The painter's module for a field from above.
pub const PAINT_FIELD: &[Part] = &[FRAME, CONTOUR, part!("render/field.wgsl")];
/// The painter's module for cells from above.
pub const PAINT_CELLS: &[Part] = &[FRAME, CELL_COLOUR, part!("render/cells.wgsl")];
/// The painter's module for cells as balls.
pub const PAINT_SPHERES: &[Part] = &[FRAME, SPACE, CELL_COLOUR, part!("render/spheres.wgsl")];
/// The painter's module for planes through a 3-D box.
pub const PAINT_SLICES: &[Part] = &[FRAME, SPACE, CONTOUR, part!("render/slices.wgsl")];
/// The painter's module for the edges of a 3-D box.
pub const PAINT_EDGES: &[Part] = &[SPACE, part!("render/edges.wgsl")];
/// The painter's module from the raster of a 3-D view to the picture.
pub const PAINT_RESOLVE: &[Part] = &[SPACE, part!("render/resolve.wgsl")];
/// Every module of the painter.
pub const PAINT: [&[Part]; 6] = [
    PAINT_FIELD,
    PAINT_CELLS,
    PAINT_SPHERES,
    PAINT_SLICES,
    PAINT_EDGES,
    PAINT_RESOLVE,
];

/// The files of a pass's module, in the order in which they are joined.
pub fn parts(pass: Pass) -> &'static [Part] {
    match pass {
        Pass::Bin => const { &[TYPES, BOX, part!("passes/bin.wgsl")] },
        Pass::Scan => const { &[TYPES, part!("passes/scan.wgsl")] },
        Pass::Sort => const { &[TYPES, part!("passes/sort.wgsl")] },
        Pass::Deposit => const { &[TYPES, GRID, part!("passes/deposit.wgsl")] },
        Pass::Diffuse => {
            const {
                &[
                    TYPES,
                    EXP,
                    TERMS,
                    SYSTEM,
                    LEDGER,
                    part!("passes/diffuse.wgsl"),
                    part!("passes/diffuse_coarsen.wgsl"),
                    LEDGER_DIFFUSE,
                ]
            }
        }
        Pass::Bind => const { &[TYPES, LEDGER, part!("passes/bind.wgsl")] },
        Pass::React => const { &[TYPES, EXP, TERMS, LEDGER, part!("passes/react.wgsl")] },
        Pass::Signal => {
            const {
                &[
                    TYPES,
                    GRID,
                    SAMPLE,
                    KINETICS,
                    PASSAGE,
                    part!("passes/signal.wgsl"),
                ]
            }
        }
        Pass::Forces => const { &[TYPES, BOX, part!("passes/forces.wgsl")] },
        Pass::Move => {
            const {
                &[
                    TYPES,
                    GRID,
                    SAMPLE,
                    BOX,
                    RNG,
                    PASSAGE,
                    part!("passes/move.wgsl"),
                ]
            }
        }
        Pass::Fate => {
            const {
                &[
                    TYPES,
                    GRID,
                    SAMPLE,
                    BOX,
                    RNG,
                    KINETICS,
                    PASSAGE,
                    EXP,
                    part!("passes/fate.wgsl"),
                    part!("passes/fate_hunt.wgsl"),
                    part!("passes/fate_recruit.wgsl"),
                ]
            }
        }
    }
}

/// The joined text of some parts.
pub fn join(parts: &[Part]) -> String {
    parts.iter().flat_map(|part| [part.text, "\n"]).collect()
}

/// File and line (from 1) of a line (from 1) of the joined text.
pub fn locate(parts: &[Part], line: usize) -> Option<(&'static str, usize)> {
    let mut first = 1;
    for part in parts {
        let lines = part.text.split('\n').count();
        if line < first + lines {
            return Some((part.file, line - first + 1));
        }
        first += lines;
    }
    None
}

/// A parsed and validated module.
#[derive(Debug)]
pub struct Checked {
    /// naga's module.
    pub module: naga::Module,
    /// What its entry points use.
    pub info: naga::valid::ModuleInfo,
}

/// Parses and validates joined parts; an error names file and line.
///
/// # Errors
/// naga's message, with the place in the repository.
pub fn check(parts: &[Part]) -> Result<Checked, String> {
    let source = join(parts);
    let place = |line: u32| {
        locate(parts, line as usize).map_or_else(String::new, |(file, line)| {
            format!("shaders/{file}:{line}: ")
        })
    };
    let module = naga::front::wgsl::parse_str(&source).map_err(|error| {
        let line = error.location(&source).map_or(0, |l| l.line_number);
        format!("{}{}", place(line), error.emit_to_string(&source))
    })?;
    let info = naga::valid::Validator::new(
        naga::valid::ValidationFlags::all(),
        naga::valid::Capabilities::empty(),
    )
    .validate(&module)
    .map_err(|error| {
        let line = error.location(&source).map_or(0, |l| l.line_number);
        format!("{}{}", place(line), error.emit_to_string(&source))
    })?;
    Ok(Checked { module, info })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_mapped_back_to_their_file() {
        let parts = [
            Part {
                file: "a.wgsl",
                text: "const A = 1;\n",
            },
            Part {
                file: "b.wgsl",
                text: "\nconst B = nothing;\n",
            },
        ];
        let error = check(&parts).unwrap_err();
        assert!(error.starts_with("shaders/b.wgsl:2: "), "{error}");
    }
}
