//! The painters: one picture from both, furniture that fits into it, and a golden image.
#![allow(clippy::unwrap_used)] // A test stops at the first thing that is not as it should be.

mod common;
#[path = "render/overlays.rs"]
mod overlays;
#[path = "render/space.rs"]
mod space;
#[path = "render/spheroid.rs"]
mod spheroid;
#[path = "render/synthetic.rs"]
mod synthetic;

use std::path::Path;

use image::RgbaImage;
use invado::gpu::GpuContext;
use invado::model::{FieldKind, Grid};
use invado::render::annotation::{Labels, Mark, annotate};
use invado::render::gpu::{DrawBuffers, Drawables, GpuPainter, read_back};
use invado::render::{Colouring, Framing, Slots, View, cpu, lettering};
use invado::state::HostState;
use synthetic::{GRID, scratch_assay};

/// Channels may differ by this much: the blend unit of a GPU rounds its weights, and a colour is the nearest of 256.
const CHANNEL_TOLERANCE: u8 = 4;
/// Share of pixels that may differ by more: pixels at the very edge of a disc, whose coverage is a difference of
/// nearly equal numbers.
const PIXEL_SHARE: f64 = 1e-4;

/// How many pixels differ by more than the tolerance, and the largest difference of a channel.
fn difference(a: &RgbaImage, b: &RgbaImage) -> (usize, u8) {
    assert_eq!(a.dimensions(), b.dimensions());
    let worst = |(a, b): (&image::Rgba<u8>, &image::Rgba<u8>)| {
        (0..4).map(|c| a.0[c].abs_diff(b.0[c])).max().unwrap_or(0)
    };
    a.pixels()
        .zip(b.pixels())
        .map(worst)
        .fold((0, 0), |(count, most), d| {
            (count + usize::from(d > CHANNEL_TOLERANCE), most.max(d))
        })
}

fn allowed(picture: &RgbaImage) -> usize {
    (f64::from(picture.width() * picture.height()) * PIXEL_SHARE) as usize
}

fn paint_on_gpu(gpu: &GpuContext, grid: &Grid, state: &HostState, view: &View) -> RgbaImage {
    let drawn = Drawables::upload(&gpu.device, state);
    paint_buffers(gpu, grid, &drawn.buffers(), state, view)
}

fn paint_buffers(
    gpu: &GpuContext,
    grid: &Grid,
    buffers: &DrawBuffers<'_>,
    state: &HostState,
    view: &View,
) -> RgbaImage {
    let painter = GpuPainter::new(&gpu.device, wgpu::TextureFormat::Rgba8Unorm);
    let view = view.settled(state);
    let slot = |wanted| {
        let mut kinds = state.fields.iter().map(|(kind, _)| Some(*kind));
        kinds.position(|kind| kind == wanted)
    };
    let slots = Slots {
        field: slot(view.field),
        matrix: slot(Some(FieldKind::Ecm)),
    };
    let target = painter.target(view.size_px);
    let mut encoder = gpu
        .device
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let texture_view = target.create_view(&wgpu::TextureViewDescriptor::default());
    painter.paint(&mut encoder, buffers, grid, slots, &view, &texture_view);
    gpu.queue.submit([encoder.finish()]);
    read_back(&gpu.device, &gpu.queue, &target).unwrap()
}

fn views() -> Vec<View> {
    let fields = [
        None,
        Some(FieldKind::Drug),
        Some(FieldKind::Ecm),
        Some(FieldKind::Fak),
        Some(FieldKind::Drug),
        None,
        Some(FieldKind::Ecm),
    ];
    let close = Framing::At {
        centre_um: [500.0, 700.0],
        um_per_px: 0.5,
    };
    Colouring::ALL
        .into_iter()
        .zip(fields)
        .flat_map(|(colouring, field)| {
            [Framing::Fit, close].map(|framing| View {
                field,
                colouring,
                framing,
                ..View::new([640, 480])
            })
        })
        .collect()
}

#[test]
fn both_painters_give_the_same_picture() {
    let Some(gpu) = common::gpu("the GPU painter") else {
        return;
    };
    let state = scratch_assay(2000);
    for view in views() {
        let (on_cpu, on_gpu) = (
            cpu::paint(&GRID, &state, &view),
            paint_on_gpu(&gpu, &GRID, &state, &view),
        );
        let (count, most) = difference(&on_cpu, &on_gpu);
        eprintln!(
            "{:?} {:?}: {count} pixels differ, worst channel {most}",
            view.colouring, view.framing
        );
        assert!(
            count <= allowed(&on_cpu),
            "{count} pixels differ by more than {CHANNEL_TOLERANCE}, the worst by {most}, in {view:?}"
        );
    }
}

#[test]
fn a_state_without_cells_is_painted_alike() {
    let Some(gpu) = common::gpu("the GPU painter") else {
        return;
    };
    let view = View::new([200, 150]);
    let (on_cpu, on_gpu) = (
        cpu::paint(&GRID, &scratch_assay(0), &view),
        paint_on_gpu(&gpu, &GRID, &scratch_assay(0), &view),
    );
    assert_eq!(difference(&on_cpu, &on_gpu).0, 0);
}

/// The engine's buffers have room for more cells than there are: what lies beyond the count is not drawn.
#[test]
fn room_for_more_cells_is_not_drawn() {
    let Some(gpu) = common::gpu("the GPU painter") else {
        return;
    };
    let state = scratch_assay(300);
    let mut roomy = scratch_assay(900);
    // Rows of 900 in which the first 300 are the state's cells.
    for (row, values) in roomy.cells.signals.iter_mut().enumerate() {
        values[..300].copy_from_slice(&state.cells.signals[row]);
    }
    let drawn = Drawables::upload(&gpu.device, &roomy);
    let counted = Drawables::upload(&gpu.device, &state);
    let buffers = DrawBuffers {
        counters: counted.buffers().counters,
        ..drawn.buffers()
    };
    let view = View {
        colouring: Colouring::Perk,
        ..View::new([640, 480])
    };
    let on_cpu = cpu::paint(&GRID, &state, &view);
    let on_gpu = paint_buffers(&gpu, &GRID, &buffers, &state, &view);
    assert_eq!(difference(&on_cpu, &on_gpu).0, 0);
    assert_ne!(difference(&cpu::paint(&GRID, &roomy, &view), &on_gpu).0, 0);
}

/// In 3-D one layer of voxels is seen, and cells where the plane cuts them.
#[test]
fn a_slice_of_a_box_is_painted_alike() {
    let Some(gpu) = common::gpu("the GPU painter") else {
        return;
    };
    let grid = Grid {
        n: [40, 30, 10],
        voxel_um: 10.0,
        dimensions: 3,
        ..GRID
    };
    let mut state = scratch_assay(200);
    for (i, at) in state.cells.position_radius.iter_mut().enumerate() {
        *at = glam::Vec4::new(at.x * 0.2, at.y * 0.2, (i % 100) as f32, 9.0);
    }
    let ecm = (0..12_000)
        .map(|i| (i / 1200) as f32 + (i % 40) as f32 / 40.0)
        .collect();
    state.fields = vec![(FieldKind::Ecm, ecm)];
    let pictures = [12.0, 47.0].map(|slice_um| {
        let view = View {
            field: Some(FieldKind::Ecm),
            slice_um: Some(slice_um),
            ..View::new([640, 480])
        };
        let on_cpu = cpu::paint(&grid, &state, &view);
        let (count, most) = difference(&on_cpu, &paint_on_gpu(&gpu, &grid, &state, &view));
        assert!(
            count <= allowed(&on_cpu),
            "{count} pixels differ, the worst by {most}"
        );
        on_cpu
    });
    assert_ne!(pictures[0], pictures[1]);
}

/// The partner that must fail: one cell moved by its radius is seen by the comparison.
#[test]
fn a_shifted_cell_is_reported() {
    let view = View::new([640, 480]);
    let state = scratch_assay(300);
    let mut shifted = state.clone();
    shifted.cells.position_radius[17].x += 8.0;
    let picture = cpu::paint(&GRID, &state, &view);
    let (count, _) = difference(&picture, &cpu::paint(&GRID, &shifted, &view));
    assert!(count > allowed(&picture), "only {count} pixels differ");
}

#[test]
fn painting_twice_gives_the_same_bytes() {
    let view = View::new([320, 240]);
    let state = scratch_assay(300);
    assert_eq!(
        cpu::paint(&GRID, &state, &view),
        cpu::paint(&GRID, &state, &view)
    );
}

/// Compares a picture with the golden image of a name. `INVADO_BLESS=1` writes it anew: look at it before committing it.
fn golden(name: &str, picture: &RgbaImage) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"));
    if std::env::var("INVADO_BLESS").is_ok_and(|bless| bless == "1") {
        picture.save(&path).unwrap();
    }
    let golden = image::open(&path).unwrap().into_rgba8();
    let (count, most) = difference(picture, &golden);
    assert_eq!(
        count,
        0,
        "worst channel differs by {most} from {}",
        path.display()
    );
}

#[test]
fn the_golden_image_is_unchanged() {
    let view = View {
        field: Some(FieldKind::Drug),
        framing: Framing::At {
            centre_um: [1260.0, 700.0],
            um_per_px: 1.2,
        },
        margins: false,
        ..View::new([128, 96])
    };
    golden("painter", &cpu::paint(&GRID, &scratch_assay(2000), &view));
}

fn labels() -> Labels {
    Labels {
        time_h: 24.0,
        dose: "Defactinib in bath: 100 nM free".into(),
        cell_types: vec!["pc-3".into(), "fibroblast".into(), "a type with a very long name".into()],
        caption: "Prediction: no published dose–response of migration under defactinib exists; illustrative.".into(),
    }
}

fn bounds(mark: &Mark) -> [[f32; 2]; 2] {
    match mark {
        Mark::Rect { min, max, .. } | Mark::Gradient { min, max, .. } => [*min, *max],
        Mark::Line {
            from, to, width, ..
        } => {
            // A line along an axis is as wide as it is; any other lies in the box around it.
            let wide = [0, 1].map(|axis| {
                let across = from[axis] == to[axis] || from[1 - axis] != to[1 - axis];
                if across { 0.5 * width } else { 0.0 }
            });
            [0, 1].map(|end: usize| {
                [0, 1].map(|axis| {
                    let (low, high) = (from[axis].min(to[axis]), from[axis].max(to[axis]));
                    if end == 0 {
                        low - wide[axis]
                    } else {
                        high + wide[axis]
                    }
                })
            })
        }
        Mark::Disc { centre, radius, .. } => {
            [centre.map(|v| v - radius), centre.map(|v| v + radius)]
        }
        Mark::Text {
            at,
            anchor,
            size,
            text,
            ..
        } => lettering::text_box(text, *at, *anchor, *size),
    }
}

fn overlap(a: [[f32; 2]; 2], b: [[f32; 2]; 2]) -> bool {
    (0..2).all(|axis| a[0][axis] < b[1][axis] && b[0][axis] < a[1][axis])
}

/// Every annotated view at every size, with what it is called.
fn annotated() -> Vec<(String, View, Vec<Mark>)> {
    let state = scratch_assay(10);
    let boxes = [[200, 150, 1], [200, 20, 1], [20, 200, 1]];
    let mut all = Vec::new();
    for size_px in [
        [480, 360],
        [800, 600],
        [1280, 800],
        [1280, 960],
        [1920, 1080],
    ] {
        for view in views() {
            for n in boxes {
                let view = View {
                    size_px,
                    ..view.settled(&state)
                };
                let grid = Grid { n, ..GRID };
                let marks = annotate(&view, &grid, &labels());
                all.push((
                    format!(
                        "{size_px:?}, voxels {n:?}, {:?}, {:?}",
                        view.colouring, view.field
                    ),
                    view,
                    marks,
                ));
            }
        }
    }
    all
}

#[test]
fn marks_lie_inside_the_picture() {
    for (name, view, marks) in annotated() {
        let picture = [[0.0; 2], view.size_px.map(|n| n as f32)];
        for mark in &marks {
            let [min, max] = bounds(mark);
            let inside =
                (0..2).all(|axis| min[axis] >= picture[0][axis] && max[axis] <= picture[1][axis]);
            assert!(inside, "{name}: {mark:?} sticks out at {min:?}…{max:?}");
        }
    }
}

#[test]
fn no_text_overlaps_another_or_the_box() {
    for (name, view, marks) in annotated() {
        let texts: Vec<_> = marks
            .iter()
            .filter(|mark| matches!(mark, Mark::Text { .. }))
            .collect();
        let solids: Vec<_> = marks
            .iter()
            .filter(|mark| {
                matches!(
                    mark,
                    Mark::Gradient { .. } | Mark::Disc { .. } | Mark::Line { .. }
                )
            })
            .collect();
        for (i, a) in texts.iter().enumerate() {
            for b in texts[i + 1..].iter().chain(&solids) {
                assert!(
                    !overlap(bounds(a), bounds(b)),
                    "{name}: {a:?} overlaps {b:?} in {:?}",
                    view.size_px
                );
            }
        }
    }
}
/// The partner that must fail: the comparison sees two texts on the same place.
#[test]
fn overlapping_boxes_are_reported() {
    assert!(overlap(
        [[0.0, 0.0], [10.0, 10.0]],
        [[9.0, 9.0], [20.0, 20.0]]
    ));
    assert!(!overlap(
        [[0.0, 0.0], [10.0, 10.0]],
        [[10.5, 0.0], [20.0, 10.0]]
    ));
}
