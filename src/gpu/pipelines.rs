//! The kernels: which entry points a pass has, over what they run, and their pipelines. Never changes after creation.
//!
//! Bindings are read off the shaders themselves: naga says which variables an entry point uses, and a variable's name
//! is its buffer's name.

use crate::gpu::context::GpuContext;
use crate::gpu::shader;
use crate::pass::Pass;

/// What a kernel has one thread for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Each cell that fits.
    Cells,
    /// Each voxel.
    Voxels,
    /// Each voxel, where no field has a ledger.
    Unbooked,
    /// The voxels in a loop of few workgroups, where a field has one.
    Booked,
    /// Each bin count and the final zero.
    BinCounts,
    /// Each verdict.
    Verdicts,
    /// Each cell that fits, where there are killers.
    Hunted,
    /// Each voxel that cells come in by, if there are any.
    Doors,
    /// One workgroup.
    Once,
    /// What the [diffusion plan](crate::gpu::diffusion::Plan) says.
    Planned,
}

/// One entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Its pass.
    pub pass: Pass,
    /// Its name in the pass's module.
    pub entry: &'static str,
    /// What it runs over.
    pub over: Over,
    /// The pass whose module holds it, where that is another one.
    pub module: Pass,
}

const fn kernel(pass: Pass, entry: &'static str, over: Over) -> Kernel {
    Kernel {
        pass,
        entry,
        over,
        module: pass,
    }
}

const fn scan_for_fate(entry: &'static str, over: Over) -> Kernel {
    Kernel {
        pass: Pass::Fate,
        entry,
        over,
        module: Pass::Scan,
    }
}

/// Every kernel, in the order in which its pass launches it.
pub const KERNELS: [Kernel; 46] = [
    kernel(Pass::Bin, "bin", Over::Cells),
    kernel(Pass::Scan, "scan_blocks", Over::BinCounts),
    kernel(Pass::Scan, "scan_totals", Over::Once),
    kernel(Pass::Scan, "scan_add", Over::BinCounts),
    kernel(Pass::Sort, "sort_scatter", Over::Cells),
    kernel(Pass::Sort, "sort_rank", Over::Cells),
    kernel(Pass::Deposit, "deposit_clear", Over::Voxels),
    kernel(Pass::Deposit, "deposit", Over::Cells),
    kernel(Pass::Bind, "bind_drug", Over::Unbooked),
    kernel(Pass::Bind, "bind_booked", Over::Booked),
    kernel(Pass::Diffuse, "diffuse_mobility", Over::Planned),
    kernel(Pass::Diffuse, "diffuse", Over::Planned),
    kernel(Pass::Diffuse, "ledger_substep", Over::Planned),
    kernel(Pass::Diffuse, "solve_begin", Over::Planned),
    kernel(Pass::Diffuse, "solve_prepare", Over::Planned),
    kernel(Pass::Diffuse, "ledger_prepare", Over::Planned),
    kernel(Pass::Diffuse, "coarsen_mass", Over::Planned),
    kernel(Pass::Diffuse, "coarsen_faces", Over::Planned),
    kernel(Pass::Diffuse, "solve_relax", Over::Planned),
    kernel(Pass::Diffuse, "solve_restrict", Over::Planned),
    kernel(Pass::Diffuse, "solve_coarse", Over::Planned),
    kernel(Pass::Diffuse, "solve_prolong", Over::Planned),
    kernel(Pass::Diffuse, "solve_judge", Over::Planned),
    kernel(Pass::Diffuse, "solve_decide", Over::Planned),
    kernel(Pass::Diffuse, "ledger_finish", Over::Planned),
    kernel(Pass::Diffuse, "solve_finish", Over::Planned),
    kernel(Pass::Diffuse, "solve_fill", Over::Planned),
    kernel(Pass::Diffuse, "solve_copy", Over::Planned),
    kernel(Pass::React, "react", Over::Unbooked),
    kernel(Pass::React, "react_booked", Over::Booked),
    kernel(Pass::Signal, "signal", Over::Cells),
    kernel(Pass::Forces, "forces", Over::Cells),
    kernel(Pass::Move, "move_cells", Over::Cells),
    kernel(Pass::Fate, "fate_unhit", Over::Hunted),
    kernel(Pass::Fate, "fate_hunt", Over::Hunted),
    kernel(Pass::Fate, "fate_decide", Over::Cells),
    kernel(Pass::Fate, "fate_open", Over::Doors),
    scan_for_fate("scan_blocks", Over::Verdicts),
    scan_for_fate("scan_totals", Over::Once),
    scan_for_fate("scan_add", Over::Verdicts),
    kernel(Pass::Fate, "fate_bodies", Over::Cells),
    kernel(Pass::Fate, "fate_polarities", Over::Cells),
    kernel(Pass::Fate, "fate_names", Over::Cells),
    kernel(Pass::Fate, "fate_signals", Over::Cells),
    kernel(Pass::Fate, "fate_enter", Over::Doors),
    kernel(Pass::Fate, "fate_enter_signals", Over::Doors),
];

/// The last kernel of `fate`: the books, after every array has been read.
pub const FATE_COUNT: Kernel = kernel(Pass::Fate, "fate_count", Over::Once);

/// A pipeline and what it binds.
#[derive(Debug)]
pub struct Compiled {
    /// Which kernel.
    pub kernel: Kernel,
    /// The compute pipeline.
    pub pipeline: wgpu::ComputePipeline,
    /// Layout of its only bind group.
    pub layout: wgpu::BindGroupLayout,
    /// Binding number and buffer name of each variable.
    pub bindings: Vec<(u32, &'static str)>,
    /// Names of the bindings with a dynamic offset, in order of binding.
    pub dynamic: Vec<&'static str>,
}

/// Every pipeline of the step.
#[derive(Debug)]
pub struct Pipelines {
    kernels: Vec<Compiled>,
}

/// The buffer that a kernel's variable stands for.
fn buffer_name(kernel: &Kernel, variable: &str) -> Option<&'static str> {
    let scanned = match (kernel.module, kernel.pass, variable) {
        (Pass::Scan, Pass::Fate, "counts") => "verdicts",
        (Pass::Scan, Pass::Fate, "starts") => "places",
        (Pass::Scan, Pass::Fate, "totals") => "verdict_totals",
        (Pass::Scan, Pass::Fate, "size") => "verdict_scan",
        (Pass::Scan, _, "counts") => "bin_counts",
        (Pass::Scan, _, "starts") => "bin_starts",
        (Pass::Scan, _, "totals") => "bin_totals",
        (Pass::Scan, _, "size") => "bin_scan",
        (_, _, "counters_out" | "tallies") => "counters",
        (_, _, "hits") => "verdicts",
        _ => variable,
    };
    let none = crate::gpu::layout::Sizes {
        n_voxels: 0,
        n_fields: 0,
        n_types: 0,
        n_bins: 0,
        n_maps: 0,
        n_sums: 0,
        n_launches: 0,
        n_coarse_values: 0,
        n_mobility: 0,
        n_mass: 0,
        n_books: 0,
        n_doors: 0,
        n_kills: 0,
        capacity: 0,
    };
    crate::gpu::layout::buffers(&none)
        .into_iter()
        .map(|(name, _)| name)
        .find(|name| *name == scanned)
}

impl Pipelines {
    /// Compiles every kernel.
    ///
    /// # Errors
    /// A shader does not parse or names a buffer that does not exist; the message has file and line.
    pub fn new(context: &GpuContext) -> Result<Self, String> {
        let mut kernels = Vec::new();
        let mut modules = Vec::new();
        for pass in Pass::ALL {
            let parts = shader::parts(pass);
            let checked = shader::check(parts)?;
            modules.push((
                pass,
                checked,
                module(&context.device, pass, shader::join(parts)),
            ));
        }
        for kernel in KERNELS.iter().chain([&FATE_COUNT]) {
            let (_, checked, module) = modules
                .iter()
                .find(|(pass, ..)| *pass == kernel.module)
                .ok_or_else(|| format!("no module for {}", kernel.entry))?;
            kernels.push(compile(context, kernel, checked, module)?);
        }
        Ok(Self { kernels })
    }

    /// The kernels of a pass, in order.
    pub fn of(&self, pass: Pass) -> impl Iterator<Item = &Compiled> {
        self.kernels.iter().filter(move |k| k.kernel.pass == pass)
    }

    /// Every kernel.
    pub fn all(&self) -> &[Compiled] {
        &self.kernels
    }
}

fn module(device: &wgpu::Device, pass: Pass, source: String) -> wgpu::ShaderModule {
    let label = format!("invado.{}.module", pass.name());
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(&label),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    };
    if cfg!(debug_assertions) {
        return device.create_shader_module(descriptor);
    }
    let checks = wgpu::ShaderRuntimeChecks {
        force_loop_bounding: false,
        ..wgpu::ShaderRuntimeChecks::checked()
    };
    // SAFETY: the sources are this crate's own files; every loop in them counts up or down to a bound that the loop
    // does not change, so none is infinite. Bounds checks stay on. Loop bounding costs up to 100× in the inner loops.
    #[allow(unsafe_code, reason = "the only way to switch loop bounding off")]
    unsafe {
        device.create_shader_module_trusted(descriptor, checks)
    }
}

fn compile(
    context: &GpuContext,
    kernel: &Kernel,
    checked: &shader::Checked,
    module: &wgpu::ShaderModule,
) -> Result<Compiled, String> {
    let index = checked
        .module
        .entry_points
        .iter()
        .position(|e| e.name == kernel.entry)
        .ok_or_else(|| format!("no entry point {}", kernel.entry))?;
    let uses = checked.info.get_entry_point(index);
    let mut entries = Vec::new();
    let mut bindings = Vec::new();
    for (handle, variable) in checked.module.global_variables.iter() {
        let Some(binding) = variable.binding.filter(|_| !uses[handle].is_empty()) else {
            continue;
        };
        let name = variable.name.as_deref().unwrap_or_default();
        let buffer = buffer_name(kernel, name)
            .ok_or_else(|| format!("{}: no buffer is called {name}", kernel.entry))?;
        let ty = match variable.space {
            naga::AddressSpace::Uniform => wgpu::BufferBindingType::Uniform,
            naga::AddressSpace::Storage { access } => wgpu::BufferBindingType::Storage {
                read_only: !access.contains(naga::StorageAccess::STORE),
            },
            other => return Err(format!("{name}: address space {other:?} is not a buffer")),
        };
        entries.push(wgpu::BindGroupLayoutEntry {
            binding: binding.binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty,
                has_dynamic_offset: is_dynamic(buffer),
                min_binding_size: None,
            },
            count: None,
        });
        bindings.push((binding.binding, buffer));
    }
    entries.sort_by_key(|entry| entry.binding);
    bindings.sort_by_key(|binding| binding.0);
    let label = |kind: &str| format!("invado.{}.{}.{kind}", kernel.pass.name(), kernel.entry);
    let layout = context
        .device
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(&label("bindings")),
            entries: &entries,
        });
    let pipeline_layout = context
        .device
        .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(&label("layout")),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
    let pipeline = context
        .device
        .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label("pipeline")),
            layout: Some(&pipeline_layout),
            module,
            entry_point: Some(kernel.entry),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
    let dynamic = bindings
        .iter()
        .map(|b| b.1)
        .filter(|name| is_dynamic(name))
        .collect();
    Ok(Compiled {
        kernel: *kernel,
        pipeline,
        layout,
        bindings,
        dynamic,
    })
}

/// Buffers that hold an entry a step or a launch.
pub fn is_dynamic(buffer: &str) -> bool {
    matches!(buffer, "step" | "launch")
}
