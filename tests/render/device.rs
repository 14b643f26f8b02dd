//! An adapter for the tests, or a loud word that there is none.

/// A device and its queue.
pub struct Gpu {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}

/// The first Vulkan adapter. Without one, panics where `INVADO_REQUIRE_GPU=1` and otherwise says that the test did not
/// run.
pub fn open() -> Option<Gpu> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let Some(adapter) = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::VULKAN))
        .into_iter()
        .next()
    else {
        let required = std::env::var("INVADO_REQUIRE_GPU").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "no Vulkan adapter, and INVADO_REQUIRE_GPU=1 asks for one"
        );
        eprintln!("NOT RUN: no Vulkan adapter found, so this test compared nothing");
        return None;
    };
    let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
        required_limits: wgpu::Limits::default(),
        ..Default::default()
    }))
    .unwrap();
    Some(Gpu { device, queue })
}
