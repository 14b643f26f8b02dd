//! Adapters and devices. Nothing else in the program creates one.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::UsageError;
use crate::simulation::EngineError;

/// GL is left out: its compute hangs on common drivers.
const BACKENDS: wgpu::Backends = wgpu::Backends::VULKAN
    .union(wgpu::Backends::METAL)
    .union(wgpu::Backends::DX12);

/// What to tell a user who has no adapter.
pub const NO_ADAPTER: &str = "no Vulkan, Metal or DX12 adapter was found. Install a GPU driver, or a software one \
     (Debian, Ubuntu: apt-get install mesa-vulkan-drivers libvulkan1), or run with --engine cpu";

/// One adapter as `invado list adapters` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterSummary {
    /// Place in the list, accepted by `--adapter`.
    pub index: usize,
    /// Name given by the driver.
    pub name: String,
    /// Vulkan, Metal or Dx12.
    pub backend: String,
    /// Driver name and version.
    pub driver: String,
    /// Whether it is a program that imitates a GPU.
    pub software: bool,
}

impl AdapterSummary {
    fn new(index: usize, info: &wgpu::AdapterInfo) -> Self {
        Self {
            index,
            name: info.name.clone(),
            backend: info.backend.to_string(),
            driver: format!("{} {}", info.driver, info.driver_info)
                .trim()
                .to_string(),
            software: info.device_type == wgpu::DeviceType::Cpu,
        }
    }
}

impl std::fmt::Display for AdapterSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.software {
            "software"
        } else {
            "hardware"
        };
        write!(
            f,
            "{} ({}, {}, {kind})",
            self.name, self.backend, self.driver
        )
    }
}

fn instance() -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = BACKENDS;
    if cfg!(not(debug_assertions)) {
        // Validation of indirect calls stays on in release unless it is switched off; there are none here.
        descriptor.flags = wgpu::InstanceFlags::empty();
    }
    wgpu::Instance::new(descriptor)
}

fn found(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    pollster::block_on(instance.enumerate_adapters(BACKENDS))
}

/// Every adapter of this machine.
pub fn adapters() -> Vec<AdapterSummary> {
    found(&instance())
        .iter()
        .enumerate()
        .map(|(index, adapter)| AdapterSummary::new(index, &adapter.get_info()))
        .collect()
}

/// The adapter that `--adapter` names, by index or by part of its name, else the most capable one.
///
/// # Errors
/// Nothing found, or nothing of that name: the message lists what there is.
fn choose(list: &[AdapterSummary], wanted: Option<&str>) -> Result<usize, UsageError> {
    if list.is_empty() {
        return Err(UsageError::new(NO_ADAPTER));
    }
    let Some(wanted) = wanted else {
        // Hardware first, in the order in which the drivers report.
        return Ok(list.iter().position(|a| !a.software).unwrap_or(0));
    };
    let by_index = wanted
        .parse()
        .ok()
        .filter(|&index: &usize| index < list.len());
    let by_name = || {
        let wanted = wanted.to_lowercase();
        list.iter()
            .position(|a| a.name.to_lowercase().contains(&wanted))
    };
    by_index.or_else(by_name).ok_or_else(|| {
        let known: Vec<String> = list.iter().map(|a| format!("  {}  {a}", a.index)).collect();
        UsageError::new(format!(
            "no adapter is called '{wanted}'; give an index or part of a name of one of these:\n{}",
            known.join("\n")
        ))
    })
}

/// A device with its queue and its adapter's description.
#[derive(Clone, Debug)]
pub struct GpuContext {
    /// The instance, for surfaces.
    pub instance: wgpu::Instance,
    /// The adapter, for surface capabilities.
    pub adapter: wgpu::Adapter,
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    summary: AdapterSummary,
    failure: Arc<Mutex<Option<String>>>,
    /// Held while work is submitted or a surface configured; see [`GpuContext::configure`].
    turn: Arc<Mutex<()>>,
}

impl GpuContext {
    /// Opens the adapter named by index or part of its name, or the most capable one.
    ///
    /// # Errors
    /// No such adapter, or the driver refuses a device.
    pub fn new(wanted: Option<&str>) -> Result<Self, UsageError> {
        let instance = instance();
        let mut found = found(&instance);
        let list: Vec<AdapterSummary> = found
            .iter()
            .enumerate()
            .map(|(index, adapter)| AdapterSummary::new(index, &adapter.get_info()))
            .collect();
        let index = choose(&list, wanted)?;
        Self::open(instance, found.swap_remove(index), list[index].clone())
    }

    /// A device that accepts every call and computes nothing: checks pipelines and bindings without a GPU.
    ///
    /// # Errors
    /// wgpu was built without its noop backend.
    pub fn noop() -> Result<Self, UsageError> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::NOOP;
        descriptor.backend_options.noop = wgpu::NoopBackendOptions::enabled();
        let instance = wgpu::Instance::new(descriptor);
        let adapter =
            pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
                .map_err(UsageError::new)?;
        let summary = AdapterSummary::new(0, &adapter.get_info());
        Self::open(instance, adapter, summary)
    }

    fn open(
        instance: wgpu::Instance,
        adapter: wgpu::Adapter,
        summary: AdapterSummary,
    ) -> Result<Self, UsageError> {
        let offered = adapter.limits();
        // Defaults keep to what a browser has (8 storage buffers a stage); only sizes follow the adapter.
        let limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("invado.device"),
            required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
            required_limits: limits,
            ..Default::default()
        }))
        .map_err(|error| UsageError::new(format!("{} gave no device: {error}", summary.name)))?;
        let failure = Arc::new(Mutex::new(None));
        let note = |failure: &Arc<Mutex<Option<String>>>, text: String| {
            // The first failure is the cause; a poisoned lock means that a panic is under way anyway.
            if let Ok(mut slot) = failure.lock() {
                slot.get_or_insert(text);
            }
        };
        let (for_error, for_loss) = (failure.clone(), failure.clone());
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            note(&for_error, error.to_string())
        }));
        device.set_device_lost_callback(move |reason, text| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                note(&for_loss, format!("the device was lost: {text}"));
            }
        });
        Ok(Self {
            instance,
            adapter,
            device,
            queue,
            summary,
            failure,
            turn: Arc::default(),
        })
    }

    /// Hands work to the device. Whatever shares a device with a window goes this way and not straight to the queue.
    pub fn submit(
        &self,
        commands: impl IntoIterator<Item = wgpu::CommandBuffer>,
    ) -> wgpu::SubmissionIndex {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.queue.submit(commands)
    }

    /// Configures a surface once the device is idle, while no other thread gives it work: wgpu 30 would refuse, and lose the
    /// callbacks of buffers that were mapped meanwhile, for which a simulating thread then waits for ever.
    pub fn configure(&self, surface: &wgpu::Surface<'_>, config: &wgpu::SurfaceConfiguration) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        surface.configure(&self.device, config);
    }

    /// What the device runs on.
    pub fn summary(&self) -> &AdapterSummary {
        &self.summary
    }

    /// Whether the device still takes what is written to it; a loss that nobody has reported is found and remembered.
    ///
    /// # Errors
    /// It was lost, or reported an error before.
    pub fn probe(&self) -> Result<(), EngineError> {
        let size = wgpu::COPY_BUFFER_ALIGNMENT;
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("invado.probe"),
            size,
            usage: wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let takes = std::num::NonZeroU64::new(size)
            .is_some_and(|size| self.queue.write_buffer_with(&buffer, 0, size).is_some());
        if !takes && let Ok(mut slot) = self.failure.lock() {
            slot.get_or_insert_with(|| "the device was lost".to_string());
        }
        self.check()
    }

    /// The first error that the device reported outside of a call's own result.
    ///
    /// # Errors
    /// That error.
    pub fn check(&self) -> Result<(), EngineError> {
        match self.failure.lock() {
            Ok(slot) => slot
                .clone()
                .map_or(Ok(()), |text| Err(EngineError::Device(text))),
            Err(_) => Err(EngineError::Device(
                "its error handler panicked".to_string(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fake(name: &str, software: bool) -> AdapterSummary {
        AdapterSummary {
            index: 0,
            name: name.to_string(),
            backend: "Vulkan".to_string(),
            driver: "d".to_string(),
            software,
        }
    }

    #[test]
    fn hardware_is_preferred_and_names_match_in_part() {
        let list = [fake("llvmpipe", true), fake("NVIDIA H100", false)];
        assert_eq!(choose(&list, None), Ok(1));
        assert_eq!(choose(&list, Some("0")), Ok(0));
        assert_eq!(choose(&list, Some("h100")), Ok(1));
        let error = choose(&list, Some("radeon")).unwrap_err().to_string();
        assert!(
            error.contains("'radeon'") && error.contains("llvmpipe"),
            "{error}"
        );
        assert!(
            choose(&[], None)
                .unwrap_err()
                .to_string()
                .contains("apt-get install")
        );
    }
}
