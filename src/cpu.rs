//! The CPU engine: the passes in plain Rust, f32, in the shaders' order of operations.
//!
//! It is the oracle of every shader, the engine where there is no GPU, and the honest baseline. One file a pass.
//! Every element is computed by one thread from inputs that the pass does not change, so results do not depend on the
//! number of threads.

mod bin;
mod bind;
mod book;
mod deposit;
mod diffuse;
mod exp;
mod fate;
mod forces;
mod hunt;
mod r#move;
mod react;
mod recruit;
mod relax;
mod sample;
mod scan;
mod signal;
mod sort;
mod terms;

pub(crate) use relax::relax;

use crate::coefficients::Coefficients;
use crate::ledger::{Amounts, Ledger};
use crate::model::Model;
use crate::pass::Pass;
use crate::simulation::{Engine, EngineError, StepInput};
use crate::state::{Bodies, HostState, Kill, Workings};

/// Cells or voxels below which a pass is not worth splitting between threads.
const SPLIT: usize = 4096;
/// The same where an element takes a nanosecond or so: waking a thread takes tens of microseconds.
const CHEAP: usize = 1 << 15;

/// The passes on the CPU.
pub struct CpuEngine {
    coefficients: Coefficients,
    state: HostState,
    workings: Workings,
    scratch: diffuse::Scratch,
    search: sort::Scratch,
    /// Of the fields with a ledger, in slot order.
    books: Vec<Option<Amounts>>,
    /// Since the last look.
    kills: Vec<Kill>,
}

/// What a pass works on.
struct Scene<'a> {
    coefficients: &'a Coefficients,
    state: &'a mut HostState,
    workings: &'a mut Workings,
    scratch: &'a mut diffuse::Scratch,
    search: &'a mut sort::Scratch,
    books: &'a mut [Option<Amounts>],
    kills: &'a mut Vec<Kill>,
    input: StepInput,
}

impl Scene<'_> {
    fn time_h(&self) -> f64 {
        self.input.time_h(self.coefficients.globals.dt_min)
    }
}

impl CpuEngine {
    /// An engine for a model, without a state yet.
    pub fn new(model: &Model) -> Self {
        Self {
            coefficients: Coefficients::new(model),
            state: HostState {
                step: 0,
                next_id: 0,
                tally: crate::state::Tally::default(),
                fields: Vec::new(),
                cells: crate::state::Cells::default(),
            },
            workings: Workings::default(),
            scratch: diffuse::Scratch::default(),
            search: sort::Scratch::default(),
            books: Vec::new(),
            kills: Vec::new(),
        }
    }

    /// What the passes of the present step have handed to each other.
    pub fn workings(&self) -> &Workings {
        &self.workings
    }
}

impl Engine for CpuEngine {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn description(&self) -> String {
        match rayon::current_num_threads() {
            1 => "1 thread".to_string(),
            n => format!("{n} threads"),
        }
    }

    fn load(&mut self, state: &HostState) -> Result<(), EngineError> {
        let globals = &self.coefficients.globals;
        self.workings = Workings {
            bin_counts: vec![0; globals.n_bins as usize + 1],
            bin_starts: vec![0; globals.n_bins as usize + 1],
            cell_bins: vec![0; state.cells.len()],
            sorted_ix: vec![0; state.cells.len()],
            sorted_bodies: vec![glam::Vec4::ZERO; state.cells.len()],
            deposits: vec![0; globals.n_sums as usize * globals.n_voxels as usize],
        };
        self.scratch = diffuse::Scratch::new(&self.coefficients);
        self.books = (self.coefficients.ledgers.iter())
            .map(|kept| kept.then(Amounts::default))
            .collect();
        self.kills.clear();
        self.state = state.clone();
        Ok(())
    }

    fn run(&mut self, inputs: &[StepInput]) -> Result<(), EngineError> {
        for &input in inputs {
            for pass in Pass::STEP {
                if pass.runs_in(input.step) && pass.is_needed(&self.coefficients) {
                    self.run_pass(pass, input)?;
                }
            }
            self.state.step = input.step + 1;
        }
        Ok(())
    }

    fn run_pass(&mut self, pass: Pass, input: StepInput) -> Result<(), EngineError> {
        let mut scene = Scene {
            coefficients: &self.coefficients,
            state: &mut self.state,
            workings: &mut self.workings,
            scratch: &mut self.scratch,
            search: &mut self.search,
            books: &mut self.books,
            kills: &mut self.kills,
            input,
        };
        match pass {
            Pass::Bin => bin::bin(&mut scene),
            Pass::Scan => scan::scan(&mut scene),
            Pass::Sort => sort::sort(&mut scene),
            Pass::Deposit => return deposit::deposit(&mut scene),
            Pass::Bind => bind::bind(&mut scene),
            Pass::Diffuse => return diffuse::diffuse(&mut scene),
            Pass::React => return react::react(&mut scene),
            Pass::Signal => signal::signal(&mut scene),
            Pass::Forces => forces::forces(&mut scene),
            Pass::Move => return r#move::r#move(&mut scene),
            Pass::Fate => return fate::fate(&mut scene),
        }
        Ok(())
    }

    fn download(&mut self) -> Result<HostState, EngineError> {
        Ok(self.state.clone())
    }

    fn bodies(&mut self) -> Result<Bodies, EngineError> {
        Ok(Bodies::from(&self.state))
    }

    fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError> {
        let fields = self.state.fields.iter().zip(&self.books);
        Ok(fields
            .filter_map(|((kind, _), book)| {
                book.map(|amounts| Ledger {
                    kind: *kind,
                    amounts,
                })
            })
            .collect())
    }

    fn kills(&mut self) -> Result<Vec<Kill>, EngineError> {
        Ok(std::mem::take(&mut self.kills))
    }

    fn download_workings(&mut self) -> Result<Workings, EngineError> {
        Ok(self.workings.clone())
    }

    fn load_workings(&mut self, workings: &Workings) -> Result<(), EngineError> {
        self.workings = workings.clone();
        Ok(())
    }
}
