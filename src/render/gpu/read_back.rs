//! A texture back as an image.

use image::RgbaImage;

/// Why a picture did not come back from the GPU.
#[derive(Debug, thiserror::Error)]
pub enum ReadBackError {
    /// The device was lost while it was waited for.
    #[error("the GPU stopped while a picture was read back: {0}")]
    Poll(#[from] wgpu::PollError),
    /// The buffer could not be read.
    #[error("a picture could not be read back from the GPU: {0}")]
    Map(String),
}

/// Copies a texture of a 4-byte format with `COPY_SRC` usage to the host and waits for it.
///
/// # Errors
/// The device is lost or the copy cannot be mapped.
pub fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    texture: &wgpu::Texture,
) -> Result<RgbaImage, ReadBackError> {
    let (width, height) = (texture.width(), texture.height());
    let row_bytes = 4 * width;
    let padded = row_bytes.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("invado.render.read_back"),
        size: u64::from(padded) * u64::from(height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
        label: Some("invado.render.read_back"),
    });
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(padded),
                rows_per_image: None,
            },
        },
        texture.size(),
    );
    queue.submit([encoder.finish()]);
    let (sender, receiver) = std::sync::mpsc::channel();
    buffer.map_async(wgpu::MapMode::Read, .., move |result| {
        // The receiver is gone only if this function has already returned an error.
        let _ = sender.send(result);
    });
    device.poll(wgpu::PollType::wait_indefinitely())?;
    receiver
        .recv()
        .map_err(|error| ReadBackError::Map(error.to_string()))?
        .map_err(|error| ReadBackError::Map(error.to_string()))?;
    let mapped = buffer
        .get_mapped_range(..)
        .map_err(|error| ReadBackError::Map(error.to_string()))?;
    let pixels = mapped
        .chunks_exact(padded as usize)
        .flat_map(|row| row[..row_bytes as usize].iter().copied())
        .collect();
    RgbaImage::from_raw(width, height, pixels)
        .ok_or_else(|| ReadBackError::Map("its size is wrong".into()))
}
