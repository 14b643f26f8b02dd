//! 3-D boxes from outside.

use invado::model::FieldKind;
use invado::render::annotation::{Mark, annotate};
use invado::render::{Camera, Clip, Colouring, Fineness, Range, Space, View, cpu, pick};

use crate::spheroid::{BOX, spheroid};
use crate::{common, difference, golden, labels, paint_on_gpu};

/// Share of pixels in which the two painters may differ: at the rim of a ball the one line of sight meets it and the other
/// just passes.
const RIM_SHARE: f64 = 5e-4;

fn cut() -> View {
    View {
        field: Some(FieldKind::Oxygen),
        field_range: Range::Fixed([0.0, 40.0]),
        colouring: Colouring::Phase,
        contours: true,
        space: Some(Space::home(&BOX)),
        ..View::new([320, 240])
    }
}

fn rough() -> View {
    let mut view = cut();
    view.space.as_mut().unwrap().fineness = Fineness::Rough;
    view
}

/// What is drawn, in every projection and with every kind of plane.
fn views() -> Vec<(&'static str, View)> {
    let space = |camera, slices_um, clip| {
        Some(Space {
            camera,
            slices_um,
            clip,
            fineness: Fineness::Smooth,
        })
    };
    let near = Camera {
        azimuth_deg: 130.0,
        elevation_deg: -20.0,
        zoom: 3.0,
        centre_um: Some([230.0, 140.0, 120.0]),
        perspective: true,
    };
    let parallel = Camera {
        azimuth_deg: 250.0,
        elevation_deg: 50.0,
        perspective: false,
        ..Camera::default()
    };
    let below = Clip {
        axis: 2,
        at_um: 130.0,
        keeps_above: false,
    };
    vec![
        ("cut", cut()),
        ("rough", rough()),
        (
            "near",
            View {
                colouring: Colouring::Lineage,
                space: space(near, [None; 3], None),
                ..cut()
            },
        ),
        (
            "parallel",
            View {
                colouring: Colouring::Pfak,
                space: space(parallel, [Some(30.0), None, Some(10.0)], Some(below)),
                ..cut()
            },
        ),
        (
            "inside",
            View {
                colouring: Colouring::Generation,
                space: space(
                    Camera { zoom: 30.0, ..near },
                    [None, Some(200.0), None],
                    None,
                ),
                ..cut()
            },
        ),
    ]
}

#[test]
fn both_painters_give_the_same_picture_of_a_box() {
    let Some(gpu) = common::gpu("the GPU painter") else {
        return;
    };
    let state = spheroid();
    for (name, view) in views() {
        let on_cpu = cpu::paint(&BOX, &state, &view);
        let on_gpu = paint_on_gpu(&gpu, &BOX, &state, &view);
        let (count, most) = difference(&on_cpu, &on_gpu);
        eprintln!("{name}: {count} pixels differ, worst channel {most}");
        let allowed = (f64::from(on_cpu.width() * on_cpu.height()) * RIM_SHARE) as usize;
        assert!(
            count <= allowed,
            "{name}: {count} of at most {allowed} pixels differ, the worst by {most}"
        );
    }
}

/// The partner that must fail: turning the camera by a degree is seen by the comparison.
#[test]
fn a_turned_camera_is_reported() {
    let state = spheroid();
    let mut turned = cut();
    turned.space.as_mut().unwrap().camera.azimuth_deg += 1.0;
    let picture = cpu::paint(&BOX, &state, &cut());
    let (count, _) = difference(&picture, &cpu::paint(&BOX, &state, &turned));
    let allowed = f64::from(picture.width() * picture.height()) * RIM_SHARE;
    assert!(count as f64 > 50.0 * allowed, "only {count} pixels differ");
}

#[test]
fn the_golden_image_of_a_box_is_unchanged() {
    let view = View {
        margins: false,
        ..View {
            size_px: [128, 96],
            ..cut()
        }
    };
    golden("space", &cpu::paint(&BOX, &spheroid(), &view));
}

/// A ball in the middle hides one behind it, from either side.
#[test]
fn what_is_nearer_hides_what_is_farther() {
    let mut state = spheroid();
    let cells = &mut state.cells;
    for (ix, at) in cells.position_radius.iter_mut().enumerate() {
        *at = glam::Vec4::new(-1e4, 0.0, 0.0, 1.0);
        if ix < 2 {
            *at = glam::Vec4::new(200.0, 100.0 + 100.0 * ix as f32, 125.0, 20.0);
        }
    }
    let seen = |azimuth_deg| {
        let view = View {
            colouring: Colouring::Type,
            margins: false,
            space: Some(Space {
                camera: Camera {
                    azimuth_deg,
                    elevation_deg: 0.0,
                    perspective: false,
                    ..Camera::default()
                },
                slices_um: [None; 3],
                clip: None,
                fineness: Fineness::Smooth,
            }),
            ..View::new([200, 150])
        };
        cpu::paint(&BOX, &state, &view).get_pixel(100, 75).0
    };
    let bluer = |pixel: [u8; 4]| pixel[2] > pixel[0];
    // Type 0 is blue and stands in front; type 1 is red and stands behind.
    assert!(bluer(seen(0.0)), "{:?}", seen(0.0));
    assert!(!bluer(seen(180.0)), "{:?}", seen(180.0));
}

#[test]
fn a_click_finds_what_is_seen() {
    let state = spheroid();
    let mut view = View {
        margins: false,
        ..cut()
    };
    view.space.as_mut().unwrap().camera = Camera {
        azimuth_deg: 0.0,
        elevation_deg: 0.0,
        ..Camera::default()
    };
    // The middle of the cut, on its plane or on a cell that it cuts.
    let [x, y, z] = pick(&BOX, &state.cells, &view, [160.0, 120.0]).unwrap();
    assert!(
        (x - 200.0).abs() < 10.0 && (z - 125.0).abs() < 10.0,
        "{x} {z}"
    );
    assert!((y - 156.0).abs() < 10.0, "{y}");
    view.cells = false;
    let [_, y, _] = pick(&BOX, &state.cells, &view, [160.0, 120.0]).unwrap();
    assert!((y - 162.0).abs() < 0.1, "{y}");
    assert_eq!(pick(&BOX, &state.cells, &view, [1.0, 1.0]), None);
}

#[test]
fn axes_and_scale_are_in_the_picture() {
    for size_px in [[480, 360], [1280, 800], [1920, 1080]] {
        for azimuth_deg in [0.0, 28.0, 90.0, 200.0, 301.0] {
            for elevation_deg in [-90.0, 0.0, 24.0, 90.0] {
                let mut view = View { size_px, ..cut() };
                let camera = &mut view.space.as_mut().unwrap().camera;
                (camera.azimuth_deg, camera.elevation_deg) = (azimuth_deg, elevation_deg);
                let marks = annotate(&view, &BOX, &labels());
                let text = |wanted: &str| {
                    marks.iter().any(
                        |mark| matches!(mark, Mark::Text { text, .. } if text.contains(wanted)),
                    )
                };
                assert!(["x", "y", "z"].into_iter().all(text) && text("µm in the middle"));
                for mark in &marks {
                    let [min, max] = crate::bounds(mark);
                    let inside =
                        (0..2).all(|axis| min[axis] >= 0.0 && max[axis] <= size_px[axis] as f32);
                    assert!(
                        inside,
                        "{size_px:?} {azimuth_deg} {elevation_deg}: {mark:?}"
                    );
                }
            }
        }
    }
}
