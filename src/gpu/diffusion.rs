//! The launches of the diffusion pass: which kernels, over what, with which uniform entry. Made once for a model.

use bytemuck::{Pod, Zeroable};

use crate::coefficients::{Coefficients, FieldCoefficients, MOST_CYCLES, face, scheme};
use crate::gpu::KERNELS;
use crate::gpu::layout::{BOOK_GROUPS, Launch, THREADS};
use crate::hierarchy::{Hierarchy, Level};
use crate::pass::Pass;

/// Relaxation sweeps before and after the coarse correction, as in `shaders/passes/diffuse.wgsl`.
const SWEEPS: [usize; 2] = [2, 1];

/// The first level with at most this many cells and all coarser ones are solved by one workgroup in one launch: smaller
/// grids do not fill a GPU, and a launch costs more than they do.
const ONE_WORKGROUP: usize = 2048;

/// Mirrors `struct Level`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[allow(missing_docs, reason = "explained at crate::hierarchy::Level")]
pub struct LevelEntry {
    pub n: [u32; 3],
    pub width: u32,
    pub at: u32,
    pub faces_at: u32,
    pub spare_0: u32,
    pub spare_1: u32,
}

/// Mirrors `struct Levels`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[allow(
    missing_docs,
    reason = "explained at the struct in shaders/lib/system.wgsl"
)]
pub struct LevelTable {
    pub n_levels: u32,
    pub n_coarse: u32,
    pub zero: u32,
    pub spare: u32,
    pub level: [LevelEntry; 32],
}

/// How many threads a launch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// This many.
    Direct(u64),
    /// What the device wrote into this entry of `arguments`: none after convergence.
    Indirect(u32),
}

/// One launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its kernel in [`crate::gpu::Pipelines::all`], which begins with [`KERNELS`].
    pub kernel_ix: usize,
    /// Its threads.
    pub threads: Threads,
    /// Its entry of the `launch` buffer.
    pub launch_ix: u32,
}

/// Every launch of one diffusion pass, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The launches.
    pub commands: Vec<Command>,
    /// Contents of the `launch` buffer.
    pub launches: Vec<Launch>,
    /// Contents of the `levels` buffer.
    pub levels: LevelTable,
    /// Values of the `coarse` buffer.
    pub n_coarse_values: u64,
    /// Whether any field's diffusivity varies.
    pub mobility_varies: bool,
    /// Whether any implicit field's mass varies.
    pub mass_varies: bool,
}

impl Plan {
    /// The launches that a model needs.
    pub fn new(coefficients: &Coefficients) -> Self {
        let hierarchy = Hierarchy::new(coefficients.globals.n);
        let implicit =
            |f: &&FieldCoefficients| f.scheme == scheme::IMPLICIT || f.scheme == scheme::STEADY;
        let solved: Vec<_> = coefficients.fields.iter().filter(implicit).collect();
        let faces = solved.iter().any(|f| f.mobility_varies == 1);
        let mut n_coarse_values = 0;
        if !solved.is_empty() {
            n_coarse_values += 3 * hierarchy.n_coarse();
            n_coarse_values += if faces { hierarchy.n_coarse_faces() } else { 0 };
        }
        let mut plan = Self {
            commands: Vec::new(),
            // Entry 0 is for every kernel that reads none.
            launches: vec![Launch::zeroed()],
            levels: level_table(&hierarchy),
            n_coarse_values: n_coarse_values as u64,
            mobility_varies: coefficients.fields.iter().any(|f| f.mobility_varies == 1),
            mass_varies: solved.iter().any(|f| f.mass_varies == 1),
        };
        for (slot, field) in coefficients.fields.iter().enumerate() {
            plan.field(slot as u32, field, coefficients.ledgers[slot], &hierarchy);
        }
        plan
    }

    fn push(&mut self, entry: &'static str, threads: Threads, launch: Launch) {
        let known = self.launches.iter().position(|known| *known == launch);
        let launch_ix = known.unwrap_or_else(|| {
            self.launches.push(launch);
            self.launches.len() - 1
        }) as u32;
        let kernel_ix = kernel_named(entry);
        self.commands.push(Command {
            kernel_ix,
            threads,
            launch_ix,
        });
    }

    fn field(&mut self, slot: u32, field: &FieldCoefficients, booked: bool, hierarchy: &Hierarchy) {
        if field.scheme == scheme::STILL {
            return;
        }
        let n_voxels = hierarchy.levels()[0].len() as u64;
        let voxels = Threads::Direct(n_voxels);
        let books = Threads::Direct(n_voxels.min(BOOK_GROUPS * u64::from(THREADS)));
        let launch = Launch {
            slot,
            ..Launch::zeroed()
        };
        if field.mobility_varies == 1 {
            self.push("diffuse_mobility", voxels, launch);
        }
        if field.scheme == scheme::EXPLICIT {
            for substep in 0..field.substeps {
                let launch = Launch {
                    from_work: substep % 2,
                    ..launch
                };
                if booked {
                    self.push("ledger_substep", books, launch);
                }
                self.push("diffuse", voxels, launch);
            }
            return;
        }
        self.push("solve_begin", Threads::Direct(1), launch);
        self.push("solve_prepare", voxels, launch);
        if booked {
            self.push("ledger_prepare", books, launch);
        }
        for (level, sizes) in hierarchy.levels().iter().enumerate().skip(1) {
            let level = level as u32;
            let launch = Launch { level, ..launch };
            if field.mass_varies == 1 {
                let cells = Threads::Direct(sizes.len() as u64);
                self.push("coarsen_mass", cells, launch);
            }
            if field.mobility_varies == 1 {
                let faces = Threads::Direct(sizes.faces_of(3) as u64);
                self.push("coarsen_faces", faces, launch);
            }
        }
        self.judgement(launch);
        for _ in 0..MOST_CYCLES {
            self.cycle(launch, field, hierarchy.levels());
        }
        if booked {
            self.push("ledger_finish", books, launch);
        }
        self.push("solve_finish", voxels, launch);
        if field.scheme == scheme::IMPLICIT {
            self.push("solve_fill", voxels, launch);
            self.push("solve_copy", voxels, launch);
        }
    }

    fn cycle(&mut self, launch: Launch, field: &FieldCoefficients, levels: &[Level]) {
        let small = |level: &Level| level.len() <= ONE_WORKGROUP;
        let first_small = 1 + levels[1..].iter().take_while(|level| !small(level)).count();
        let whole = |level: u32| Threads::Indirect(2 * level);
        let once = Threads::Indirect(2 * levels.len() as u32);
        for level in 0..first_small {
            self.sweeps(launch, field, &levels[level], level as u32, SWEEPS[0]);
            let level = level as u32 + 1;
            if (level as usize) < levels.len() {
                self.push("solve_restrict", whole(level), Launch { level, ..launch });
            }
        }
        if first_small < levels.len() {
            let kin = levels
                .iter()
                .fold(0, |seams, level| seams | seams_of(field, level));
            let level = first_small as u32;
            self.push(
                "solve_coarse",
                once,
                Launch {
                    level,
                    kin,
                    ..launch
                },
            );
            for level in (0..first_small).rev() {
                let at = level as u32;
                self.push(
                    "solve_prolong",
                    whole(at),
                    Launch {
                        level: at,
                        ..launch
                    },
                );
                self.sweeps(launch, field, &levels[level], at, SWEEPS[1]);
            }
        }
        self.judgement(launch);
    }

    /// Whether the present values are good enough.
    fn judgement(&mut self, launch: Launch) {
        self.push("solve_judge", Threads::Indirect(0), launch);
        self.push("solve_decide", Threads::Direct(1), launch);
    }

    fn sweeps(
        &mut self,
        launch: Launch,
        field: &FieldCoefficients,
        sizes: &Level,
        level: u32,
        n: usize,
    ) {
        let seams = seams_of(field, sizes);
        for _ in 0..n {
            for kin in (0..16).filter(|kin| kin & 14 & !seams == 0) {
                let half = Threads::Indirect(2 * level + 1);
                self.push(
                    "solve_relax",
                    half,
                    Launch {
                        level,
                        kin,
                        ..launch
                    },
                );
            }
        }
    }
}

/// Bits 1 to 3: periodic axes whose two ends have the same colour.
fn seams_of(field: &FieldCoefficients, level: &Level) -> u32 {
    (0..3)
        .filter(|axis| {
            let n = level.n[*axis];
            field.face[2 * axis] == face::PERIODIC && n > 1 && n % 2 == 1
        })
        .fold(0, |seams, axis| seams | 2 << axis)
}

fn level_table(hierarchy: &Hierarchy) -> LevelTable {
    let mut table = LevelTable::zeroed();
    table.n_levels = hierarchy.levels().len() as u32;
    table.n_coarse = hierarchy.n_coarse() as u32;
    for (entry, level) in table.level.iter_mut().zip(hierarchy.levels()) {
        *entry = LevelEntry {
            n: level.n,
            width: level.width,
            at: level.at,
            faces_at: level.faces_at,
            spare_0: 0,
            spare_1: 0,
        };
    }
    table
}

/// Where an entry point of the diffusion pass stands in [`KERNELS`].
fn kernel_named(entry: &'static str) -> usize {
    KERNELS
        .iter()
        .position(|kernel| kernel.pass == Pass::Diffuse && kernel.entry == entry)
        // The names are this file's own; a test makes a plan with every one of them.
        .unwrap_or_else(|| panic!("no kernel {entry}"))
}
