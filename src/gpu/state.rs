//! [`GpuState`]: every buffer of a run, its bind groups, and the way in and out.

use std::collections::BTreeMap;

use glam::Vec4;

use crate::coefficients::{Coefficients, NONE};
use crate::gpu::context::GpuContext;
use crate::gpu::diffusion::Plan;
use crate::gpu::layout::{self, BOOK_GROUPS, Book, Counters, ScanSize, Sizes, UNIFORM_STRIDE};
use crate::gpu::pipelines::{Pipelines, is_dynamic};
use crate::ledger::Amounts;
use crate::model::N_FIELD_KINDS;
use crate::simulation::EngineError;
use crate::state::{
    Bodies, Cells, HostState, KILL_LOG, Kill, N_SIGNALS, N_TRAITS, Tally, Workings,
};

/// The buffers of one run on one device.
#[derive(Debug)]
pub struct GpuState {
    buffers: BTreeMap<&'static str, wgpu::Buffer>,
    bind_groups: Vec<wgpu::BindGroup>,
    sizes: Sizes,
    kinds: Vec<crate::model::FieldKind>,
}

impl GpuState {
    /// Makes and fills every buffer for a state, with room for `capacity` cells.
    ///
    /// # Errors
    /// A buffer is larger than the adapter binds.
    pub fn new(
        context: &GpuContext,
        pipelines: &Pipelines,
        coefficients: &Coefficients,
        plan: &Plan,
        state: &HostState,
        capacity: u64,
    ) -> Result<Self, EngineError> {
        let g = &coefficients.globals;
        let sizes = Sizes {
            n_voxels: u64::from(g.n_voxels),
            n_fields: u64::from(g.n_fields),
            n_types: coefficients.cell_types.len() as u64,
            n_bins: u64::from(g.n_bins),
            n_maps: coefficients.maps.len() as u64,
            n_sums: u64::from(g.n_sums),
            n_launches: plan.launches.len() as u64,
            n_coarse_values: plan.n_coarse_values,
            n_mobility: if plan.mobility_varies {
                u64::from(g.n_voxels)
            } else {
                0
            },
            n_mass: if plan.mass_varies {
                u64::from(g.n_voxels)
            } else {
                0
            },
            n_books: if coefficients.ledgers.contains(&true) {
                u64::from(g.n_fields)
            } else {
                0
            },
            n_doors: coefficients.doors.len() as u64,
            n_kills: u64::from(g.hunted) * u64::from(KILL_LOG),
            capacity,
        };
        let limits = context.device.limits();
        let limit = limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size);
        let mut buffers = BTreeMap::new();
        for (name, bytes) in layout::buffers(&sizes) {
            if bytes > limit {
                return Err(EngineError::Device(format!(
                    "buffer '{name}' needs {} MiB, but {} binds at most {} MiB; use a larger voxel, fewer fields or fewer cells",
                    bytes >> 20,
                    context.summary().name,
                    limit >> 20
                )));
            }
            buffers.insert(name, create(&context.device, name, bytes));
        }
        let bind_groups = pipelines
            .all()
            .iter()
            .map(|compiled| {
                let entries: Vec<wgpu::BindGroupEntry> = compiled
                    .bindings
                    .iter()
                    .map(|(binding, name)| wgpu::BindGroupEntry {
                        binding: *binding,
                        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                            buffer: &buffers[name],
                            offset: 0,
                            size: is_dynamic(name)
                                .then_some(const { wgpu::BufferSize::new(32).unwrap() }),
                        }),
                    })
                    .collect();
                context
                    .device
                    .create_bind_group(&wgpu::BindGroupDescriptor {
                        label: Some(&format!("invado.{}.bind_group", compiled.kernel.entry)),
                        layout: &compiled.layout,
                        entries: &entries,
                    })
            })
            .collect();
        let mut this = Self {
            buffers,
            bind_groups,
            sizes,
            kinds: state.fields.iter().map(|(kind, _)| *kind).collect(),
        };
        this.write_constants(context, coefficients, plan);
        this.write_state(context, state);
        Ok(this)
    }

    /// A buffer by its name in the shaders.
    pub fn buffer(&self, name: &'static str) -> &wgpu::Buffer {
        &self.buffers[name]
    }

    /// What the buffers are sized for.
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// Bind group of the kernel with this index in [`Pipelines::all`].
    pub fn bind_group(&self, kernel_ix: usize) -> &wgpu::BindGroup {
        &self.bind_groups[kernel_ix]
    }

    fn write_constants(&self, context: &GpuContext, coefficients: &Coefficients, plan: &Plan) {
        let write = |name: &'static str, bytes: &[u8]| {
            if !bytes.is_empty() {
                context.queue.write_buffer(self.buffer(name), 0, bytes);
            }
        };
        write("globals", bytemuck::bytes_of(&coefficients.globals));
        write("field_table", bytemuck::cast_slice(&coefficients.fields));
        write("cell_types", bytemuck::cast_slice(&coefficients.cell_types));
        write("doors", bytemuck::cast_slice(&coefficients.doors));
        write("maps", bytemuck::cast_slice(&coefficients.maps));
        let scan = |n: u64| ScanSize {
            n: n as u32,
            n_blocks: Sizes::blocks(n) as u32,
        };
        write("bin_scan", bytemuck::bytes_of(&scan(self.sizes.n_bins + 1)));
        write(
            "verdict_scan",
            bytemuck::bytes_of(&scan(self.sizes.n_verdicts())),
        );
        write("levels", bytemuck::bytes_of(&plan.levels));
        for (ix, launch) in plan.launches.iter().enumerate() {
            context.queue.write_buffer(
                self.buffer("launch"),
                ix as u64 * UNIFORM_STRIDE,
                bytemuck::bytes_of(launch),
            );
        }
    }

    fn write_state(&mut self, context: &GpuContext, state: &HostState) {
        let write = |name: &'static str, offset: usize, bytes: &[u8]| {
            if !bytes.is_empty() {
                context
                    .queue
                    .write_buffer(self.buffer(name), offset as u64, bytes);
            }
        };
        let cells = &state.cells;
        for (slot, (_, values)) in state.fields.iter().enumerate() {
            write(
                "fields",
                slot * values.len() * 4,
                bytemuck::cast_slice(values),
            );
        }
        write("positions", 0, bytemuck::cast_slice(&cells.position_radius));
        write("polarities", 0, bytemuck::cast_slice(&cells.polarity_speed));
        write("pushes", 0, bytemuck::cast_slice(&cells.push_crowding));
        write("identities", 0, bytemuck::cast_slice(&cells.identity));
        for (row, values) in cells.signals.iter().chain(&cells.traits).enumerate() {
            write(
                "signals",
                row * self.sizes.capacity as usize * 4,
                bytemuck::cast_slice(values),
            );
        }
        let counters = Counters {
            n_cells: cells.len() as u32,
            next_id: state.next_id,
            births: state.tally.births as u32,
            removals: state.tally.removals as u32,
            fault_field: [NONE; N_FIELD_KINDS],
            fault_cell: NONE,
            fault_crowding: NONE,
            fault_capacity: NONE,
            fault_solve: NONE,
            fault_solve_slot: 0,
            fault_solve_residual: 0,
            limited: state.tally.limited as u32,
            deaths: state.tally.deaths.map(|count| count as u32),
            arrivals: state.tally.arrivals as u32,
            fault_kills: NONE,
            spare_1: 0,
            spare_2: 0,
        };
        write("counters", 0, bytemuck::bytes_of(&counters));
    }

    /// Copies the whole state out, waiting for the queue.
    ///
    /// # Errors
    /// The device failed.
    pub fn download(&self, context: &GpuContext, step: u64) -> Result<HostState, EngineError> {
        let counters = self.counters(context)?;
        let n = counters.n_cells as usize;
        let voxels = self.sizes.n_voxels as usize;
        let capacity = self.sizes.capacity as usize;
        let mut wanted: Vec<(&'static str, usize, usize)> = vec![
            ("fields", 0, voxels * self.kinds.len() * 4),
            ("positions", 0, n * 16),
            ("polarities", 0, n * 16),
            ("pushes", 0, n * 16),
            ("identities", 0, n * 16),
        ];
        wanted.extend((0..N_SIGNALS + N_TRAITS).map(|row| ("signals", row * capacity * 4, n * 4)));
        let read = self.read(context, &wanted)?;
        let fields: Vec<f32> = words(&read[0]);
        Ok(HostState {
            step,
            next_id: counters.next_id,
            tally: Tally {
                births: u64::from(counters.births),
                deaths: counters.deaths.map(u64::from),
                arrivals: u64::from(counters.arrivals),
                removals: u64::from(counters.removals),
                limited: u64::from(counters.limited),
            },
            fields: self
                .kinds
                .iter()
                .enumerate()
                .map(|(slot, kind)| (*kind, fields[slot * voxels..(slot + 1) * voxels].to_vec()))
                .collect(),
            cells: Cells {
                position_radius: words::<Vec4>(&read[1]),
                polarity_speed: words::<Vec4>(&read[2]),
                push_crowding: words::<Vec4>(&read[3]),
                identity: words::<[u32; 4]>(&read[4]),
                signals: std::array::from_fn(|row| words::<f32>(&read[5 + row])),
                traits: std::array::from_fn(|row| words::<f32>(&read[5 + N_SIGNALS + row])),
            },
        })
    }

    /// Copies out where the `n` cells are, waiting for the queue: one read of three buffers.
    ///
    /// # Errors
    /// The device failed.
    pub fn bodies(&self, context: &GpuContext, step: u64, n: usize) -> Result<Bodies, EngineError> {
        let wanted = ["positions", "polarities", "identities"].map(|name| (name, 0, n * 16));
        let read = self.read(context, &wanted)?;
        Ok(Bodies {
            step,
            position_radius: words(&read[0]),
            polarity_speed: words(&read[1]),
            identity: words(&read[2]),
        })
    }

    /// Copies the population and the faults out, waiting for the queue.
    ///
    /// # Errors
    /// The device failed.
    pub fn counters(&self, context: &GpuContext) -> Result<Counters, EngineError> {
        let bytes = self.read(context, &[("counters", 0, size_of::<Counters>())])?;
        Ok(bytemuck::pod_read_unaligned(&bytes[0]))
    }

    /// Who was hit by whom since the last call, by step and victim; of several killers the one with the lowest id.
    ///
    /// # Errors
    /// The device failed.
    pub fn kills(&self, context: &GpuContext) -> Result<Vec<Kill>, EngineError> {
        if self.sizes.n_kills == 0 {
            return Ok(Vec::new());
        }
        let count: Vec<u32> = words(&self.read(context, &[("kills", 0, 4)])?[0]);
        let n = u64::from(count[0]).min(self.sizes.n_kills) as usize;
        let read = self.read(context, &[("kills", 4, 12 * n)])?;
        context
            .queue
            .write_buffer(self.buffer("kills"), 0, bytemuck::bytes_of(&0u32));
        let mut kills: Vec<Kill> = words::<[u32; 3]>(&read[0])
            .into_iter()
            .map(|[step, victim, killer]| Kill {
                step: u64::from(step),
                victim,
                killer,
            })
            .collect();
        // Entries come in any order.
        kills.sort_unstable();
        kills.dedup_by_key(|kill| (kill.step, kill.victim));
        Ok(kills)
    }

    /// What was booked for each field since the buffers were made, in slot order; empty where no field has a ledger.
    ///
    /// # Errors
    /// The device failed.
    pub fn booked(&self, context: &GpuContext) -> Result<Vec<Amounts>, EngineError> {
        let n = self.sizes.n_books as usize;
        if n == 0 {
            return Ok(Vec::new());
        }
        let bytes = n * BOOK_GROUPS as usize * size_of::<Book>();
        let read = self.read(context, &[("ledger", 0, bytes)])?;
        let books: Vec<Book> = words(&read[0]);
        let whole = |pair: [f32; 2]| f64::from(pair[0]) + f64::from(pair[1]);
        let sum = |groups: &[Book]| {
            let mut sum = Amounts::default();
            for [sources, sinks, boundary, rounding] in groups {
                sum += Amounts {
                    sources: whole(*sources),
                    sinks: whole(*sinks),
                    boundary: whole(*boundary),
                    rounding: whole(*rounding),
                };
            }
            sum
        };
        Ok(books.chunks(BOOK_GROUPS as usize).map(sum).collect())
    }

    /// Copies out what passes hand to each other.
    ///
    /// # Errors
    /// The device failed.
    pub fn download_workings(&self, context: &GpuContext) -> Result<Workings, EngineError> {
        let n = self.counters(context)?.n_cells as usize;
        let voxels = self.sizes.n_voxels as usize;
        let bins = self.sizes.n_bins as usize + 1;
        let read = self.read(
            context,
            &[
                ("bin_counts", 0, bins * 4),
                ("cell_bins", 0, n * 4),
                ("bin_starts", 0, bins * 4),
                ("sorted_ix", 0, n * 4),
                ("sorted_bodies", 0, n * 16),
                ("deposits", 0, voxels * self.sizes.n_sums as usize * 4),
            ],
        )?;
        Ok(Workings {
            bin_counts: words(&read[0]),
            cell_bins: words(&read[1]),
            bin_starts: words(&read[2]),
            sorted_ix: words(&read[3]),
            sorted_bodies: words(&read[4]),
            deposits: words(&read[5]),
        })
    }

    /// Replaces what passes hand to each other.
    pub fn load_workings(&self, context: &GpuContext, workings: &Workings) {
        let write = |name: &'static str, bytes: &[u8]| {
            if !bytes.is_empty() {
                context.queue.write_buffer(self.buffer(name), 0, bytes);
            }
        };
        write("bin_counts", bytemuck::cast_slice(&workings.bin_counts));
        write("cell_bins", bytemuck::cast_slice(&workings.cell_bins));
        write("bin_starts", bytemuck::cast_slice(&workings.bin_starts));
        write("sorted_ix", bytemuck::cast_slice(&workings.sorted_ix));
        write(
            "sorted_bodies",
            bytemuck::cast_slice(&workings.sorted_bodies),
        );
        write("deposits", bytemuck::cast_slice(&workings.deposits));
    }

    /// Reads ranges (buffer, byte offset, bytes) through one staging buffer.
    fn read(
        &self,
        context: &GpuContext,
        ranges: &[(&'static str, usize, usize)],
    ) -> Result<Vec<Vec<u8>>, EngineError> {
        let total: usize = ranges.iter().map(|range| range.2).sum();
        if total == 0 {
            return Ok(vec![Vec::new(); ranges.len()]);
        }
        let staging = context.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("invado.staging.buffer"),
            size: total as u64,
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = context
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("invado.download.encoder"),
            });
        let mut at = 0;
        for (name, offset, bytes) in ranges {
            if *bytes > 0 {
                encoder.copy_buffer_to_buffer(
                    self.buffer(name),
                    *offset as u64,
                    &staging,
                    at,
                    Some(*bytes as u64),
                );
            }
            at += *bytes as u64;
        }
        context.submit([encoder.finish()]);
        staging.map_async(wgpu::MapMode::Read, .., |_| {});
        let device = |error: &dyn std::fmt::Display| EngineError::Device(error.to_string());
        context
            .device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|error| device(&error))?;
        context.check()?;
        let view = staging
            .get_mapped_range(..)
            .map_err(|error| device(&error))?;
        let mut at = 0;
        Ok(ranges
            .iter()
            .map(|(_, _, bytes)| {
                let slice = view[at..at + bytes].to_vec();
                at += bytes;
                slice
            })
            .collect())
    }
}

fn words<T: bytemuck::AnyBitPattern + bytemuck::NoUninit>(bytes: &[u8]) -> Vec<T> {
    bytemuck::pod_collect_to_vec(bytes)
}

fn create(device: &wgpu::Device, name: &str, bytes: u64) -> wgpu::Buffer {
    let usage = match name {
        "globals" | "step" | "launch" | "levels" | "bin_scan" | "verdict_scan" => {
            wgpu::BufferUsages::UNIFORM
        }
        "arguments" => wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::INDIRECT,
        _ => wgpu::BufferUsages::STORAGE,
    };
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(&format!("invado.{name}.buffer")),
        // Exact for arrays whose length the shaders ask for; a multiple of four for every copy.
        size: bytes.next_multiple_of(4),
        usage: usage | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    })
}
