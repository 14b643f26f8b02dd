//! Which engine computes, and why.

use crate::cli::{EngineArgs, EngineChoice};
use crate::cpu::CpuEngine;
use crate::error::UsageError;
use crate::gpu::{GpuContext, GpuEngine, adapters};
use crate::model::Model;
use crate::simulation::Engine;

/// An engine that was chosen.
pub struct Chosen {
    /// The engine.
    pub engine: Box<dyn Engine>,
    /// Why this one, in a sentence.
    pub reason: String,
    /// Its device, if it has one.
    pub context: Option<GpuContext>,
}

/// Where engines are made.
pub struct Device {
    /// The GPU, or `None` for the CPU.
    pub context: Option<GpuContext>,
    /// Why this one, in a sentence.
    pub reason: String,
}

impl Device {
    /// A new engine for a model.
    ///
    /// # Errors
    /// The GPU refuses.
    pub fn engine(&self, model: &Model) -> anyhow::Result<Box<dyn Engine>> {
        Ok(match &self.context {
            None => Box::new(CpuEngine::new(model)),
            Some(context) => Box::new(GpuEngine::new(context, model)?),
        })
    }
}

/// Picks the engine that the options ask for.
///
/// # Errors
/// No adapter, or none of the name asked for.
pub fn choose(args: &EngineArgs, model: &Model) -> anyhow::Result<Chosen> {
    let device = device(args)?;
    Ok(Chosen {
        engine: device.engine(model)?,
        reason: device.reason,
        context: device.context,
    })
}

/// Picks the device that the options ask for.
///
/// # Errors
/// See [`choose`].
pub fn device(args: &EngineArgs) -> anyhow::Result<Device> {
    let cpu = |reason: String| Device {
        context: None,
        reason,
    };
    if args.engine == EngineChoice::Cpu {
        if let Some(adapter) = &args.adapter {
            return Err(UsageError::new(format!(
                "--adapter {adapter} has no meaning with --engine cpu; leave one of the two out"
            ))
            .into());
        }
        return Ok(cpu("asked for".to_string()));
    }
    if args.engine == EngineChoice::Auto && args.adapter.is_none() {
        let list = adapters();
        if list.is_empty() {
            return Ok(cpu("no Vulkan, Metal or DX12 adapter was found".to_string()));
        }
        if list.iter().all(|a| a.software) {
            return Ok(cpu(format!(
                "there is no hardware GPU, and the CPU engine is faster than the software adapter {}",
                list[0].name
            )));
        }
    }
    let context = GpuContext::new(args.adapter.as_deref())?;
    let reason = match (args.engine, &args.adapter) {
        (_, Some(adapter)) => format!("adapter '{adapter}' was asked for"),
        (EngineChoice::Gpu, None) if context.summary().software => {
            "asked for; the only adapter is a software one, which is slow".to_string()
        }
        (EngineChoice::Gpu, None) => "asked for".to_string(),
        _ => "a hardware GPU was found".to_string(),
    };
    Ok(Device {
        context: Some(context),
        reason,
    })
}
