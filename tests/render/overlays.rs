//! Contours, texture of the matrix, long cells, differences.

use std::sync::Arc;

use invado::model::{FieldKind, Model};
use invado::render::difference::{Compared, DifferenceError, difference as differ};
use invado::render::{CellShape, Colouring, Framing, Grain, Range, View, cpu};

use crate::synthetic::{GRID, scratch_assay};
use crate::{allowed, common, difference, golden, paint_on_gpu};

fn part() -> View {
    View {
        framing: Framing::At {
            centre_um: [1260.0, 700.0],
            um_per_px: 1.2,
        },
        margins: false,
        ..View::new([128, 96])
    }
}

/// The matrix of a box like the synthetic one, with fibres.
fn grain() -> Arc<Grain> {
    let model = Model::from_toml(
        r#"
title = "matrix"
[domain]
size = ["1900 um", "1425 um"]
voxel = "9.5 um"
[time]
duration = "1 h"
[fields.ecm]
initial = 1
[fibres]
direction = [1, 0.6]
alignment = 0.8
"#,
    );
    Arc::new(Grain::of(&model.unwrap()))
}

fn views() -> Vec<(&'static str, View)> {
    vec![
        (
            "contours",
            View {
                field: Some(FieldKind::Drug),
                contours: true,
                cells: false,
                ..part()
            },
        ),
        (
            "matrix",
            View {
                field: Some(FieldKind::Ecm),
                field_range: Range::Fixed([0.0, 1.0]),
                matrix: Some(grain()),
                ..part()
            },
        ),
        (
            "elongated",
            View {
                shape: CellShape::Elongated,
                colouring: Colouring::Speed,
                framing: Framing::At {
                    centre_um: [1400.0, 700.0],
                    um_per_px: 0.6,
                },
                ..part()
            },
        ),
    ]
}

#[test]
fn both_painters_give_the_same_overlays() {
    let Some(gpu) = common::gpu("the GPU painter") else {
        return;
    };
    let state = scratch_assay(2000);
    for (name, view) in views() {
        let view = View {
            size_px: [640, 480],
            ..view
        };
        let on_cpu = cpu::paint(&GRID, &state, &view);
        let (count, most) = difference(&on_cpu, &paint_on_gpu(&gpu, &GRID, &state, &view));
        eprintln!("{name}: {count} pixels differ, worst channel {most}");
        assert!(
            count <= allowed(&on_cpu),
            "{name}: {count} pixels differ, the worst by {most}"
        );
    }
}

#[test]
fn the_golden_images_of_overlays_are_unchanged() {
    let state = scratch_assay(2000);
    for (name, view) in views() {
        golden(name, &cpu::paint(&GRID, &state, &view));
    }
}

/// Each overlay changes the picture, so that the comparisons above compare something.
#[test]
fn overlays_are_seen() {
    let state = scratch_assay(2000);
    for (name, view) in views() {
        let bare = View {
            contours: false,
            matrix: None,
            shape: CellShape::Disc,
            ..view.clone()
        };
        let (count, _) = difference(
            &cpu::paint(&GRID, &state, &view),
            &cpu::paint(&GRID, &state, &bare),
        );
        assert!(count > 150, "{name}: {count}");
    }
}

/// Along a line through a linear field, contours stand where the legend has its numbers.
#[test]
fn contours_lie_at_the_levels_of_the_legend() {
    let mut state = scratch_assay(0);
    let [x, y, _] = GRID.n;
    let ramp = (0..y).flat_map(|_| (0..x).map(|i| (f64::from(i) + 0.5) as f32 * 0.5));
    state.fields = vec![(FieldKind::Drug, ramp.collect())];
    let view = View {
        field: Some(FieldKind::Drug),
        contours: true,
        cells: false,
        margins: false,
        ..View::new([1000, 750])
    };
    assert_eq!(view.settled(&state).level_step(), Some(20.0));
    let with = cpu::paint(&GRID, &state, &view);
    let without = cpu::paint(
        &GRID,
        &state,
        &View {
            contours: false,
            ..view
        },
    );
    let inked: Vec<u32> = (0..1000)
        .filter(|&x| with.get_pixel(x, 400) != without.get_pixel(x, 400))
        .collect();
    // 0 to 100 nM over 1000 px: a line each 200 px, none at 0; the ramp ends half a voxel before 100.
    for level in [200, 400, 600, 800] {
        assert!(
            inked.iter().any(|&x| x.abs_diff(level) <= 2),
            "{level}: {inked:?}"
        );
    }
    let stray = |x: &&u32| **x < 990 && x.abs_diff((**x + 100) / 200 * 200) > 3;
    assert_eq!(inked.iter().find(stray), None, "{inked:?}");
}

fn treated() -> invado::state::HostState {
    let mut state = scratch_assay(2000);
    for (_, values) in &mut state.fields {
        for (ix, value) in values.iter_mut().enumerate() {
            *value *= 0.5 + ix as f32 / 30_000.0;
        }
    }
    for at in &mut state.cells.position_radius {
        at.x += if at.x < 950.0 { 30.0 } else { 0.0 };
    }
    state
}

#[test]
fn a_difference_is_symmetric_and_both_painters_draw_it() {
    let (treated, vehicle) = (treated(), scratch_assay(2000));
    for (name, compared) in [
        ("difference", Compared::Field(FieldKind::Drug)),
        ("difference-cells", Compared::Cells),
    ] {
        let (state, view) = differ(&GRID, &treated, &vehicle, compared, &part()).unwrap();
        let [low, high] = view.field_bounds();
        assert!(high > 0.0 && low == -high, "{name}: {low} {high}");
        let (mirror, same) = differ(&GRID, &vehicle, &treated, compared, &part()).unwrap();
        assert_eq!(view, same, "the legend does not depend on the order");
        let values = |s: &invado::state::HostState| s.fields[0].1.clone();
        assert!(
            values(&state)
                .iter()
                .zip(values(&mirror))
                .all(|(a, b)| *a == -b)
        );
        let whole = View {
            framing: Framing::Fit,
            ..view
        };
        let picture = cpu::paint(&GRID, &state, &whole);
        golden(name, &picture);
        if let Some(gpu) = common::gpu("the GPU painter") {
            let (count, most) = difference(&picture, &paint_on_gpu(&gpu, &GRID, &state, &whole));
            assert!(count <= allowed(&picture), "{count} pixels, worst {most}");
        }
    }
}

#[test]
fn states_that_do_not_compare_are_refused() {
    let (treated, mut vehicle) = (treated(), scratch_assay(10));
    let oxygen = Compared::Field(FieldKind::Oxygen);
    assert!(matches!(
        differ(&GRID, &treated, &vehicle, oxygen, &part()),
        Err(DifferenceError::NoField { of: "treated", .. })
    ));
    vehicle.fields[0].1.pop();
    let drug = Compared::Field(FieldKind::Drug);
    let error = differ(&GRID, &treated, &vehicle, drug, &part()).unwrap_err();
    assert!(error.to_string().contains("29999 values"), "{error}");
}
