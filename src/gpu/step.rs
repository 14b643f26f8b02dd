//! [`GpuEngine`]: records steps, submits them in bounded pieces, and watches the population and the faults without
//! stalling.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::coefficients::{Coefficients, DEPOSIT_LIMIT, MOST_CYCLES, NONE};
use crate::gpu::context::GpuContext;
use crate::gpu::diffusion::{Plan, Threads};
use crate::gpu::layout::{BOOK_GROUPS, Counters, STEPS_PER_SUBMIT, Step, THREADS, UNIFORM_STRIDE};
use crate::gpu::pipelines::{Compiled, Over, Pipelines};
use crate::gpu::state::GpuState;
use crate::gpu::timing::Stopwatch;
use crate::ledger::{Amounts, Ledger};
use crate::model::{FieldKind, Model};
use crate::pass::{FATE_EVERY, Pass};
use crate::simulation::{Engine, EngineError, StepInput};
use crate::state::{Bodies, HostState, KILL_LOG, Kill, Workings};

/// Submissions under way at most: one runs while the next is recorded.
const IN_FLIGHT: usize = 2;

/// A submission should take about this long on the device: long enough to hide the host, far below the 2 s after
/// which Windows resets a device.
const SUBMIT_TARGET: Duration = Duration::from_millis(100);

/// The passes on a GPU.
pub struct GpuEngine {
    context: GpuContext,
    pipelines: Pipelines,
    coefficients: Coefficients,
    plan: Plan,
    state: Option<GpuState>,
    step: u64,
    /// Cells at the last look, and the population's upper bound for launches and capacity.
    n_cells: u64,
    /// Largest share of the cells that is expected to divide in one `fate`.
    most_births: f64,
    steps_per_submit: u64,
    watches: VecDeque<Watch>,
    spare: Vec<wgpu::Buffer>,
    stopwatch: Stopwatch,
    /// What was booked before the present buffers were made, in slot order.
    carried: Vec<Amounts>,
    /// Kills since the last look that are out of the device's log.
    kills: Vec<Kill>,
}

/// A look at the counters that is on its way back.
struct Watch {
    staging: wgpu::Buffer,
    done: Arc<AtomicBool>,
    submission: wgpu::SubmissionIndex,
    submitted: Instant,
    steps: u64,
}

impl GpuEngine {
    /// Compiles the kernels for a model; [`Engine::load`] makes the buffers.
    ///
    /// # Errors
    /// A shader is wrong: a bug, with file and line.
    pub fn new(context: &GpuContext, model: &Model) -> Result<Self, EngineError> {
        let pipelines = Pipelines::new(context).map_err(EngineError::Device)?;
        context.check()?;
        let coefficients = Coefficients::new(model);
        Ok(Self {
            context: context.clone(),
            pipelines,
            plan: Plan::new(&coefficients),
            coefficients,
            state: None,
            step: 0,
            n_cells: 0,
            most_births: most_births(model),
            steps_per_submit: 4,
            watches: VecDeque::new(),
            spare: Vec::new(),
            stopwatch: Stopwatch::new(context),
            carried: Vec::new(),
            kills: Vec::new(),
        })
    }

    fn state(&self) -> Result<&GpuState, EngineError> {
        self.state
            .as_ref()
            .ok_or_else(|| EngineError::Device("no state was loaded".to_string()))
    }

    /// Room that must be there before a `fate` when `n_cells` were counted at the last look: a quarter more births
    /// than are expected at most, for this `fate` and for those since the look. More is a fault, which `fate_count`
    /// reports.
    fn room_for(&self, n_cells: u64) -> u64 {
        let fates = IN_FLIGHT as i32 + 1;
        // No door lets more than one cell in at a time.
        let came = fates as u64 * self.coefficients.doors.len() as u64;
        let grown = (n_cells + came) as f64 * (1.0 + 1.25 * self.most_births).powi(fates);
        grown as u64 + 1024
    }

    fn time_h(&self, step: u64) -> f64 {
        (step + 1) as f64 * f64::from(self.coefficients.globals.dt_min) / 60.0
    }

    /// What was booked for each field since the state was loaded, in slot order.
    fn booked(&self) -> Result<Vec<Amounts>, EngineError> {
        let mut booked = self.state()?.booked(&self.context)?;
        for (sum, before) in booked.iter_mut().zip(&self.carried) {
            *sum += *before;
        }
        Ok(booked)
    }

    /// Turns recorded faults into an error, with the value and place as far as they can still be found.
    fn judge(&self, counters: &Counters) -> Result<(), EngineError> {
        let c = counters;
        let field = c.fault_field.iter().copied().min().unwrap_or(NONE);
        let first = field
            .min(c.fault_cell)
            .min(c.fault_crowding)
            .min(c.fault_capacity)
            .min(c.fault_kills)
            .min(c.fault_solve);
        if first == NONE {
            return Ok(());
        }
        let (step, time_h) = (u64::from(first), self.time_h(u64::from(first)));
        if c.fault_crowding == first {
            return Err(EngineError::Crowding {
                limit: DEPOSIT_LIMIT,
                time_h,
                step,
            });
        }
        if c.fault_capacity == first {
            return Err(EngineError::Capacity {
                capacity: (self.state()?.sizes().capacity)
                    .min(u64::from(self.coefficients.globals.most_cells)),
                time_h,
                step,
            });
        }
        if c.fault_kills == first {
            return Err(EngineError::Kills {
                most: KILL_LOG,
                time_h,
                step,
            });
        }
        let now = self.state()?.download(&self.context, self.step)?;
        if c.fault_solve == first {
            let slot = c.fault_solve_slot as usize;
            return Err(EngineError::Unsolved {
                field: now.fields.get(slot).map_or("?", |(kind, _)| kind.name()),
                cycles: MOST_CYCLES,
                residual: f64::from(f32::from_bits(c.fault_solve_residual)),
                time_h,
                step,
            });
        }
        for (kind, values) in &now.fields {
            if c.fault_field[*kind as usize] == first {
                let n = &self.coefficients.globals.n;
                return Err(crate::simulation::field_fault(
                    n, *kind, values, time_h, step,
                ));
            }
        }
        Err(crate::simulation::cell_fault(&now.cells, time_h, step))
    }

    /// Waits for the oldest look at the counters.
    fn settle_one(&mut self) -> Result<(), EngineError> {
        let Some(watch) = self.watches.pop_front() else {
            return Ok(());
        };
        let failed = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
        self.context
            .device
            .poll(wgpu::PollType::Wait {
                submission_index: Some(watch.submission),
                timeout: None,
            })
            .map_err(|error| failed(&error))?;
        while !watch.done.load(Ordering::Acquire) {
            self.context.check()?;
            self.context
                .device
                .poll(wgpu::PollType::Poll)
                .map_err(|error| failed(&error))?;
        }
        let counters: Counters = {
            let view = watch
                .staging
                .get_mapped_range(..)
                .map_err(|error| failed(&error))?;
            bytemuck::pod_read_unaligned(&view)
        };
        watch.staging.unmap();
        self.spare.push(watch.staging);
        self.n_cells = u64::from(counters.n_cells);
        let per_step = watch.submitted.elapsed() / (watch.steps.max(1) as u32 * IN_FLIGHT as u32);
        if per_step * 2 * (self.steps_per_submit as u32) < SUBMIT_TARGET {
            self.steps_per_submit = (self.steps_per_submit * 2).min(STEPS_PER_SUBMIT);
        } else if per_step * (self.steps_per_submit as u32) > SUBMIT_TARGET * 2 {
            self.steps_per_submit = (self.steps_per_submit / 2).max(1);
        }
        self.context.check()?;
        self.judge(&counters)
    }

    fn settle_all(&mut self) -> Result<(), EngineError> {
        while !self.watches.is_empty() {
            self.settle_one()?;
        }
        Ok(())
    }

    fn submit(&mut self, inputs: &[StepInput]) -> Result<(), EngineError> {
        while self.watches.len() >= IN_FLIGHT {
            self.settle_one()?;
        }
        let divides = inputs.iter().any(|input| Pass::Fate.runs_in(input.step));
        if divides && self.state()?.sizes().capacity < self.room_for(self.n_cells) {
            self.settle_all()?;
            let now = self.state()?.download(&self.context, self.step)?;
            // New buffers, not new books.
            let booked = self.booked()?;
            let kills = self.kills()?;
            self.load(&now)?;
            self.carried = booked;
            self.kills = kills;
        }
        let staging = self.spare.pop().unwrap_or_else(|| {
            self.context.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("invado.watch.buffer"),
                size: size_of::<Counters>() as u64,
                usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
                mapped_at_creation: false,
            })
        });
        let state = self.state()?;
        let mut encoder =
            self.context
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                    label: Some("invado.step.encoder"),
                });
        self.write_inputs(state, inputs);
        let mut pending = Some(begin(&mut encoder));
        for (entry, input) in inputs.iter().enumerate() {
            for pass in Pass::STEP {
                if !(pass.runs_in(input.step) && pass.is_needed(&self.coefficients)) {
                    continue;
                }
                let compute = pending.get_or_insert_with(|| begin(&mut encoder));
                self.record(state, compute, pass, entry as u32);
                if pass == Pass::Fate {
                    pending = None;
                    copy_next(state, &mut encoder);
                }
            }
        }
        drop(pending);
        encoder.copy_buffer_to_buffer(
            state.buffer("counters"),
            0,
            &staging,
            0,
            Some(staging.size()),
        );
        let submitted = Instant::now();
        let submission = self.context.submit([encoder.finish()]);
        let done = Arc::new(AtomicBool::new(false));
        let flag = done.clone();
        staging.map_async(wgpu::MapMode::Read, .., move |_| {
            flag.store(true, Ordering::Release)
        });
        self.watches.push_back(Watch {
            staging,
            done,
            submission,
            submitted,
            steps: inputs.len() as u64,
        });
        self.step = inputs.last().map_or(self.step, |input| input.step + 1);
        Ok(())
    }

    fn write_inputs(&self, state: &GpuState, inputs: &[StepInput]) {
        let mut bytes = vec![0u8; inputs.len() * UNIFORM_STRIDE as usize];
        for (entry, input) in bytes.chunks_exact_mut(UNIFORM_STRIDE as usize).zip(inputs) {
            let step = Step {
                step: input.step as u32,
                bath_nm: input.bath_nm,
                mek: input.mek,
                docetaxel_ng_ml: input.docetaxel_ng_ml,
                pd1_block: input.pd1_block,
            };
            entry[..size_of::<Step>()].copy_from_slice(bytemuck::bytes_of(&step));
        }
        self.context
            .queue
            .write_buffer(state.buffer("step"), 0, &bytes);
    }

    /// Records the launches of a pass that reads the step's input from `entry`.
    fn record(&self, state: &GpuState, compute: &mut wgpu::ComputePass, pass: Pass, entry: u32) {
        if !pass.is_needed(&self.coefficients) {
            return;
        }
        let without = if self.coefficients.ledgers.contains(&true) {
            Over::Unbooked
        } else {
            Over::Booked
        };
        for (ix, compiled) in self.pipelines.all().iter().enumerate() {
            if compiled.kernel.pass != pass || compiled.kernel.over == without {
                continue;
            }
            let g = &self.coefficients.globals;
            let idle = match compiled.kernel.over {
                Over::Hunted => g.hunted == 0,
                Over::Doors => g.n_doors == 0,
                over => over == Over::Planned,
            };
            if !idle {
                self.launch(
                    state,
                    compute,
                    compiled,
                    ix,
                    entry,
                    0,
                    self.threads(state, compiled),
                );
            }
        }
        if pass != Pass::Diffuse {
            return;
        }
        for command in &self.plan.commands {
            self.launch(
                state,
                compute,
                &self.pipelines.all()[command.kernel_ix],
                command.kernel_ix,
                entry,
                command.launch_ix,
                command.threads,
            );
        }
    }

    fn threads(&self, state: &GpuState, compiled: &Compiled) -> Threads {
        let sizes = state.sizes();
        Threads::Direct(match compiled.kernel.over {
            // Never more cells than this before the next look; threads beyond the population end at once.
            Over::Cells | Over::Hunted => sizes.capacity,
            Over::Voxels | Over::Unbooked => sizes.n_voxels,
            Over::Booked => sizes.n_voxels.min(BOOK_GROUPS * u64::from(THREADS)),
            Over::BinCounts => sizes.n_bins + 1,
            Over::Verdicts => sizes.n_verdicts(),
            Over::Doors => sizes.n_doors,
            Over::Once | Over::Planned => 1,
        })
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "a launch and where it is recorded"
    )]
    fn launch(
        &self,
        state: &GpuState,
        compute: &mut wgpu::ComputePass,
        compiled: &Compiled,
        ix: usize,
        entry: u32,
        launch_ix: u32,
        threads: Threads,
    ) {
        let offsets: Vec<u32> = compiled
            .dynamic
            .iter()
            .map(|name| match *name {
                "step" => entry * UNIFORM_STRIDE as u32,
                _ => launch_ix * UNIFORM_STRIDE as u32,
            })
            .collect();
        compute.set_pipeline(&compiled.pipeline);
        compute.set_bind_group(0, state.bind_group(ix), &offsets);
        match threads {
            Threads::Indirect(entry) => {
                let arguments = state.buffer("arguments");
                compute.dispatch_workgroups_indirect(arguments, 12 * u64::from(entry));
            }
            Threads::Direct(threads) => {
                let groups = threads.div_ceil(u64::from(THREADS)).max(1) as u32;
                let limits = self.context.device.limits();
                let rows = groups.div_ceil(limits.max_compute_workgroups_per_dimension);
                compute.dispatch_workgroups(groups.div_ceil(rows), rows, 1);
            }
        }
    }
}

fn most_births(model: &Model) -> f64 {
    let fastest = model
        .cell_types()
        .iter()
        .map(|t| t.division)
        .fold(0.0, f64::max);
    1.0 - (-fastest * model.dt_min() * FATE_EVERY as f64).exp()
}

fn begin(encoder: &mut wgpu::CommandEncoder) -> wgpu::ComputePass<'static> {
    encoder
        .begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("invado.step.pass"),
            timestamp_writes: None,
        })
        .forget_lifetime()
}

/// After `fate`: the new arrays become the present ones.
fn copy_next(state: &GpuState, encoder: &mut wgpu::CommandEncoder) {
    for (from, to) in [
        ("next_positions", "positions"),
        ("next_polarities", "polarities"),
        ("next_pushes", "pushes"),
        ("next_identities", "identities"),
        ("next_signals", "signals"),
    ] {
        let (from, to) = (state.buffer(from), state.buffer(to));
        encoder.copy_buffer_to_buffer(from, 0, to, 0, Some(from.size()));
    }
}

impl Engine for GpuEngine {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn description(&self) -> String {
        self.context.summary().to_string()
    }

    fn load(&mut self, state: &HostState) -> Result<(), EngineError> {
        self.watches.clear();
        self.carried.clear();
        self.kills.clear();
        // Half as much again, so that growth by doubling stays rare.
        let capacity = self.room_for(state.cells.len() as u64 + state.cells.len() as u64 / 2);
        // The old buffers go before the new ones come: both at once may not fit.
        self.state = None;
        self.state = Some(GpuState::new(
            &self.context,
            &self.pipelines,
            &self.coefficients,
            &self.plan,
            state,
            capacity,
        )?);
        self.n_cells = state.cells.len() as u64;
        self.step = state.step;
        self.context.check()
    }

    fn run(&mut self, inputs: &[StepInput]) -> Result<(), EngineError> {
        let mut rest = inputs;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.steps_per_submit as usize));
            self.submit(now)?;
            rest = later;
        }
        Ok(())
    }

    fn run_pass(&mut self, pass: Pass, input: StepInput) -> Result<(), EngineError> {
        self.timed(pass, input).map(drop)
    }

    fn timed(&mut self, pass: Pass, input: StepInput) -> Result<Duration, EngineError> {
        self.settle_all()?;
        let state = self.state()?;
        self.write_inputs(state, &[input]);
        let took = self.stopwatch.time(
            &self.context,
            |compute| self.record(state, compute, pass, 0),
            |encoder| {
                if pass == Pass::Fate {
                    copy_next(state, encoder);
                }
            },
        )?;
        let counters = state.counters(&self.context)?;
        self.judge(&counters)?;
        self.n_cells = u64::from(counters.n_cells);
        Ok(took)
    }

    fn download(&mut self) -> Result<HostState, EngineError> {
        self.settle_all()?;
        self.state()?.download(&self.context, self.step)
    }

    fn bodies(&mut self) -> Result<Bodies, EngineError> {
        // Every look at the counters has come back, so that the population is known without another.
        self.settle_all()?;
        self.state()?
            .bodies(&self.context, self.step, self.n_cells as usize)
    }

    fn ledgers(&mut self) -> Result<Vec<Ledger>, EngineError> {
        self.settle_all()?;
        let kinds = self.coefficients.fields.iter().map(|field| field.kind);
        let books = self.booked()?;
        Ok(kinds
            .zip(&self.coefficients.ledgers)
            .zip(books)
            .filter(|((_, kept), _)| **kept)
            .map(|((kind, _), amounts)| Ledger {
                kind: FieldKind::ALL[kind as usize],
                amounts,
            })
            .collect())
    }

    fn kills(&mut self) -> Result<Vec<Kill>, EngineError> {
        self.settle_all()?;
        let more = self.state()?.kills(&self.context)?;
        let mut kills = std::mem::take(&mut self.kills);
        kills.extend(more);
        Ok(kills)
    }

    fn download_workings(&mut self) -> Result<Workings, EngineError> {
        self.settle_all()?;
        self.state()?.download_workings(&self.context)
    }

    fn load_workings(&mut self, workings: &Workings) -> Result<(), EngineError> {
        self.state()?.load_workings(&self.context, workings);
        Ok(())
    }

    fn gpu_state(&self) -> Option<&GpuState> {
        self.state.as_ref()
    }
}
