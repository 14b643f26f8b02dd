//! Where cells are at time zero: shapes, files, obstacles, and the relaxation of overlaps.

use std::f64::consts::PI;
use std::path::Path;

use glam::Vec4;
use invado::model::{Model, Place, initial_state};
use invado::scenario::Scenario;

/// A box of 400 × 300 µm, or as deep as it is high, in voxels of 10 µm. `rest` comes after the header, on line 9.
fn text(deep: bool, rest: &str) -> String {
    let third = if deep { ", \"300 um\"" } else { "" };
    format!(
        "title = \"place\"\nquestion = \"Where?\"\n[domain]\nsize = [\"400 um\", \"300 um\"{third}]\nvoxel = \"10 um\"\n\
         [time]\nduration = \"1 h\"\n{rest}"
    )
}

/// PC-3 cells (radius 8.4 µm) in a place; the place stands on line 11.
fn cells(place: &str) -> String {
    format!("[[cells]]\ntype = \"pc-3\"\nplace = {{ {place} }}\n")
}

fn parse_in(folder: &Path, text: &str) -> Result<Model, String> {
    Scenario::parse("s", "s.toml", folder, text, &[])
        .and_then(|s| Model::try_from(&s))
        .map_err(|e| e.to_string())
}

/// [`flat`] or [`deep`].
type Parse = fn(&str) -> Result<Model, String>;

fn flat(rest: &str) -> Result<Model, String> {
    parse_in(Path::new("."), &text(false, rest))
}

fn deep(rest: &str) -> Result<Model, String> {
    parse_in(Path::new("."), &text(true, rest))
}

#[track_caller]
fn refused(model: Result<Model, String>, parts: &[&str]) {
    let Err(error) = model else {
        panic!("it is accepted, without: {parts:?}");
    };
    for part in parts {
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }
}

fn founders(model: &Model) -> Vec<Vec4> {
    initial_state(model).cells.position_radius
}

/// Nearest pair in units of contact, by brute force, without images.
fn nearest(bodies: &[Vec4]) -> f32 {
    let mut nearest = f32::INFINITY;
    for (i, a) in bodies.iter().enumerate() {
        for b in &bodies[i + 1..] {
            let d = (a.truncate() - b.truncate()).length();
            nearest = nearest.min(d / (a.w + b.w));
        }
    }
    nearest
}

/// Cells that do not touch each other stay where they are drawn.
const FREE: &str = "[parameters]\nc_r = \"0 um/min\"\n";

const DISC: &str = "disc = { center = [\"150 um\", \"150 um\"], radius = \"100 um\", count = 110 }";

#[test]
fn a_disc_and_a_ball_are_filled_evenly() {
    for is_deep in [false, true] {
        let (place, parse): (String, Parse) = if is_deep {
            let ball = DISC
                .replace("disc", "ball")
                .replace("count = 110", "count = 1200");
            let centre = "\"150 um\", \"150 um\", \"150 um\"]";
            (ball.replace("\"150 um\", \"150 um\"]", centre), deep)
        } else {
            (DISC.to_string(), flat)
        };
        // Many seeds make the sample.
        let (mut within_half, mut n) = (0, 0);
        for seed in 0..30 {
            let model = parse(&format!("{}{FREE}", cells(&place)))
                .unwrap()
                .with_seed(seed);
            for body in founders(&model) {
                let z = if is_deep { body.z - 150.0 } else { 0.0 };
                let r = ((body.x - 150.0).powi(2) + (body.y - 150.0).powi(2) + z * z).sqrt();
                assert!(r <= 100.001, "{body}");
                assert!(is_deep || body.z == 5.0);
                within_half += usize::from(r < 50.0);
                n += 1;
            }
        }
        assert_eq!(n, if is_deep { 36_000 } else { 3300 });
        let (share, expected) = (
            within_half as f64 / n as f64,
            [0.25, 0.125][usize::from(is_deep)],
        );
        let error = (expected * (1.0 - expected) / n as f64).sqrt();
        assert!(
            (share - expected).abs() < 4.0 * error,
            "{share} against {expected}"
        );
    }
}

#[test]
fn a_density_gives_its_count() {
    let disc = DISC.replace("count = 110", "density = \"1.1e-3 /um^2\"");
    assert_eq!(flat(&cells(&disc)).unwrap().n_cells(), 35);
    let layer = cells("monolayer = { density = \"1.1e-3 /um^2\" }");
    assert_eq!(flat(&layer).unwrap().n_cells(), 132);
    assert_eq!(deep(&layer).unwrap().n_cells(), 132);
    let ball = "ball = { center = [\"150 um\", \"150 um\", \"150 um\"], radius = \"100 um\", density = \"1e-4 /um^3\" }";
    assert_eq!(deep(&cells(ball)).unwrap().n_cells(), 419);
    let rectangle =
        "rectangle = { from = [\"0 um\", \"0 um\"], to = [\"100 um\", \"100 um\"], count = 7 }";
    assert_eq!(flat(&cells(rectangle)).unwrap().n_cells(), 7);
}

#[test]
fn a_monolayer_rests_on_the_lower_wall() {
    let place = "monolayer = { count = 130 }";
    let bodies = founders(&flat(&cells(place)).unwrap());
    assert!(bodies.iter().all(|b| b.z == 5.0));
    let bodies = founders(&deep(&cells(place)).unwrap());
    assert_eq!(bodies.len(), 130);
    assert!(bodies.iter().all(|b| b.z == 8.4), "they leave the wall");
    for quarter in 0..4 {
        let n = bodies
            .iter()
            .filter(|b| (b.x / 100.0) as i32 == quarter)
            .count();
        assert!((15..=50).contains(&n), "{n} in quarter {quarter}");
    }
    let on = text(true, &cells(place));
    let parse = |text: &str| parse_in(Path::new("."), text);
    let key = ["s.toml:10: cells.0.place.monolayer"];
    refused(
        parse(&on.replace("[time]", "periodic = [\"z\"]\n[time]")),
        &["s.toml:11: cells.0.place.monolayer", "no wall"],
    );
    let low = text(true, &format!("{}radius = \"20 um\"\n", cells(place)));
    let low = low.replace("\"300 um\", \"300 um\"", "\"300 um\", \"10 um\"");
    refused(parse(&low), &[key[0], "20 um", "up to 10 um"]);
}

#[test]
fn a_bad_place_is_refused() {
    let key = "s.toml:10: cells.0.place";
    let disc = |from: &str, to: &str| {
        assert!(DISC.contains(from));
        flat(&cells(&DISC.replacen(from, to, 1)))
    };
    // Outside the domain.
    refused(
        disc("\"100 um\"", "\"151 um\""),
        &[
            key,
            "disc.radius",
            "from -1 um to 301 um along x",
            "0 um to 400 um",
            "smaller radius",
        ],
    );
    refused(
        disc("\"150 um\"", "\"450 um\""),
        &[key, "disc.center", "450 um", "0 um to 400 um"],
    );
    let rectangle =
        "rectangle = { from = [\"0 um\", \"0 um\"], to = [\"401 um\", \"300 um\"], count = 1 }";
    refused(
        flat(&cells(rectangle)),
        &[key, "rectangle.to", "401 um", "0 um to 400 um"],
    );
    // Other dimensions.
    refused(disc("disc", "ball"), &[key, "a ball is 3-D", "write disc"]);
    refused(deep(&cells(DISC)), &[key, "a disc is 2-D", "write ball"]);
    // Numbers.
    refused(
        disc("\"100 um\"", "\"0 um\""),
        &[key, "disc.radius", "greater than 0"],
    );
    refused(disc("\"100 um\"", "\"nan um\""), &[key, "disc.radius"]);
    refused(disc(", count = 110", ""), &[key, "either density or count"]);
    refused(
        disc("count", "density = \"1e-3 /um^2\", count"),
        &[key, "either density or count"],
    );
    refused(disc("count = 110", "count = -1"), &["s.toml:10", "-1"]);
    refused(
        disc("count = 110", "density = \"1e-3 /um^3\""),
        &[key, "disc.density", "another dimension"],
    );
    // One place, of a known name.
    refused(
        flat(&cells("")),
        &[
            key,
            "exactly one of rectangle, disc, ball, monolayer, file, labels; 0",
        ],
    );
    refused(
        flat(&cells(&format!("{DISC}, monolayer = {{ count = 1 }}"))),
        &[key, "exactly one", "2 are given"],
    );
    refused(
        disc("disc", "disk"),
        &["s.toml:10", "unknown field `disk`", "Did you mean 'disc'?"],
    );
    // The type.
    refused(
        flat(&cells(DISC).replace("pc-3", "pc3")),
        &["s.toml:9: cells.0.type", "Did you mean 'pc-3'?"],
    );
    refused(
        flat(&format!("{}radius = \"0 um\"\n", cells(DISC))),
        &["s.toml:11: cells.0.radius", "1 um", "50 um"],
    );
}

#[test]
fn no_place_is_packed_closer_than_spheres_can_be() {
    let key = "s.toml:10: cells.0.place";
    for (parse, place, parts) in [
        (
            flat as Parse,
            "monolayer = { density = \"5e-3 /um^2\" }",
            [
                "monolayer.density",
                "closest packing is 0.91",
                "per um^2, 490 cells",
            ],
        ),
        (
            flat,
            "disc = { center = [\"150 um\", \"150 um\"], radius = \"50 um\", count = 33 }",
            ["disc.count", "closest packing is 0.91", "32 cells"],
        ),
        (
            deep,
            "ball = { center = [\"150 um\", \"150 um\", \"150 um\"], radius = \"50 um\", count = 157 }",
            [
                "ball.count",
                "closest packing is 0.74",
                "per um^3, 156 cells",
            ],
        ),
        (
            // A layer is packed as discs are.
            deep,
            "monolayer = { count = 491 }",
            [
                "monolayer.count",
                "closest packing is 0.91",
                "per um^2, 490 cells",
            ],
        ),
    ] {
        refused(parse(&cells(place)), &[key, parts[0], parts[1], parts[2]]);
    }
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..500)
        .map(|i| format!("{},{}\n", i % 400, i / 2))
        .collect();
    std::fs::write(
        folder.path().join("cells.csv"),
        format!("x_um,y_um\n{rows}"),
    )
    .unwrap();
    refused(
        parse_in(folder.path(), &text(false, &cells("file = \"cells.csv\""))),
        &[key, "place.file", "500 cells", "closest packing is 0.91"],
    );
}

#[test]
fn more_cells_than_memory_are_refused_before_they_are_placed() {
    let vast = |amount: &str| {
        let size = "\"1000000 um\", \"1000000 um\", \"1000000 um\"";
        let text = text(
            true,
            &cells(&format!(
                "rectangle = {{ from = [\"0 um\", \"0 um\", \"0 um\"], to = [{size}], {amount} }}"
            )),
        );
        parse_in(
            Path::new("."),
            &text
                .replace("\"400 um\", \"300 um\", \"300 um\"", size)
                .replace("\"10 um\"", "\"1000 um\""),
        )
    };
    for amount in [
        "count = 4000000000",
        "count = 400000000000",
        "density = \"1e-5 /um^3\"",
    ] {
        refused(
            vast(amount),
            &["cells", "MiB of memory", "MiB are free", "fewer cells"],
        );
    }
}

const CSV: &str = "id,type,y_um,x_um\n0,pc-3,20,10\n1,cd8,250.5,399\n2,pc-3,40,10\n";

#[test]
fn a_file_puts_cells_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = text(false, &cells("file = \"sub/cells.csv\""));
    let parse = || parse_in(folder.path(), &scenario);
    refused(
        parse(),
        &["s.toml:10: cells.0.place.file", "cannot read", "cells.csv"],
    );
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let path = folder.path().join("sub/cells.csv");
    std::fs::write(&path, CSV).unwrap();
    let model = parse().unwrap();
    let Place::Points(points) = &model.placements()[0].place else {
        panic!("{:?}", model.placements());
    };
    assert_eq!(
        points,
        &[[10.0, 20.0, 5.0], [399.0, 250.5, 5.0], [10.0, 40.0, 5.0]]
    );
    let mut got = founders(&model);
    got.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let places: Vec<[f32; 2]> = got.iter().map(|b| [b.x, b.y]).collect();
    assert_eq!(places, [[10.0, 20.0], [10.0, 40.0], [399.0, 250.5]]);

    for (from, to, parts) in [
        (
            "399",
            "401",
            [
                "line 3, column x_um",
                "'401' lies outside the domain",
                "0 to 400 (um)",
            ],
        ),
        (
            "250.5",
            "NaN",
            ["line 3, column y_um", "'NaN'", "0 to 300 (um)"],
        ),
        (
            "250.5",
            "high",
            [
                "line 3, column y_um",
                "'high' is not a number",
                "0 to 300 (um)",
            ],
        ),
        (
            "x_um",
            "x",
            ["cells.csv", "has no column x_um", "id,type,y_um,x"],
        ),
        (
            "1,cd8,",
            "1,",
            ["cells.csv", "line 3", "has 3 columns, the header has 4"],
        ),
        (CSV, "", ["cells.csv", "is empty", "x_um,y_um"]),
        (&CSV[18..], "", ["cells.csv", "holds no cell", "a line"]),
    ] {
        std::fs::write(&path, CSV.replacen(from, to, 1)).unwrap();
        refused(
            parse(),
            &[
                "s.toml:10: cells.0.place.file",
                parts[0],
                parts[1],
                parts[2],
            ],
        );
    }
    std::fs::write(&path, CSV).unwrap();
    let third = text(true, &cells("file = \"sub/cells.csv\""));
    refused(parse_in(folder.path(), &third), &["has no column z_um"]);
}

#[test]
fn founders_avoid_obstacles() {
    // Half of the box is closed, and a disc in the other half.
    let obstacles = "[[obstacle]]\nrectangle = { from = [\"200 um\", \"0 um\"], to = [\"400 um\", \"300 um\"] }\n\
                     [[obstacle]]\ndisc = { center = [\"100 um\", \"150 um\"], radius = \"60 um\" }\n";
    let place = "monolayer = { density = \"2.5e-3 /um^2\" }";
    let model = flat(&format!("{}{obstacles}", cells(place))).unwrap();
    let closed = model.obstacles().unwrap();
    let open = closed.iter().filter(|closed| !**closed).count() as f64 * 100.0;
    assert_eq!(f64::from(model.n_cells()), (2.5e-3 * open).round());
    for body in founders(&model) {
        assert!(
            !closed[model.grid().voxel_at([body.x, body.y, body.z])],
            "{body}"
        );
    }
    // A disc that is half open holds half.
    let disc = "disc = { center = [\"200 um\", \"150 um\"], radius = \"100 um\", density = \"2e-3 /um^2\" }";
    let half = format!(
        "{}{}",
        cells(disc),
        obstacles.split_at(obstacles.rfind("[[").unwrap()).0
    );
    let n = flat(&half).unwrap().n_cells();
    assert_eq!(f64::from(n), (2e-3 * 0.5 * PI * 1e4_f64).round());
    // A place without room.
    let inside =
        "rectangle = { from = [\"205 um\", \"0 um\"], to = [\"400 um\", \"300 um\"], count = 0 }";
    refused(
        flat(&format!("{}{obstacles}", cells(inside))),
        &[
            "s.toml:10: cells.0.place.rectangle",
            "obstacles close the whole place",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cells.csv"), CSV).unwrap();
    let scenario = text(
        false,
        &format!("{}{obstacles}", cells("file = \"cells.csv\"")),
    );
    refused(
        parse_in(folder.path(), &scenario),
        &[
            "s.toml:10: cells.0.place.file",
            "line 3",
            "(399, 250.5) um lies in an obstacle",
        ],
    );
}

/// A wall full of pores that T cells fit in and tumour cells do not.
#[test]
fn founders_avoid_pores_that_are_too_narrow() {
    let wall = "[[obstacle]]\nmembrane = { axis = \"x\", at = \"200 um\", thickness = \"200 um\", \
                pores = { diameter = \"2.6 um\", pitch = \"30 um\" } }\n";
    let inside = |kind: &str| {
        let text = format!("{}{wall}", cells("monolayer = { count = 100 }"));
        let model = flat(&text.replace("pc-3", kind)).unwrap();
        let bodies = founders(&model);
        let within = |body: &&Vec4| (100.0..300.0).contains(&body.x);
        bodies.iter().filter(within).count()
    };
    // π 2.6²/4 is 5.3 µm², between their limits of 7 and 4.
    assert_eq!(inside("pc-3"), 0);
    assert!(inside("cd8") > 10);
}

#[test]
fn no_founders_overlap_deeply() {
    for (seeds, parse, place) in [
        (
            20,
            flat as Parse,
            "monolayer = { density = \"1.1e-3 /um^2\" }",
        ),
        // As many as where division stops.
        (20, flat, "monolayer = { density = \"1.7e-3 /um^2\" }"),
        (
            1,
            deep,
            "rectangle = { from = [\"0 um\", \"0 um\", \"0 um\"], to = [\"400 um\", \"300 um\", \"300 um\"], density = \"1.7e-4 /um^3\" }",
        ),
    ] {
        for seed in 0..seeds {
            let free = parse(&format!("{}{FREE}", cells(place))).unwrap();
            let model = parse(&cells(place)).unwrap().with_seed(seed);
            let before = nearest(&founders(&free.with_seed(seed)));
            let after = nearest(&founders(&model));
            assert!(
                before < 0.5,
                "{place}, seed {seed}: {before} without relaxation"
            );
            assert!(after > 0.7999, "{place}, seed {seed}: {after}");
        }
    }
}

#[test]
fn two_cells_at_one_point_are_parted() {
    let folder = tempfile::tempdir().unwrap();
    for (rows, n) in [
        ("100,100\n100,100\n", 2),
        ("0,0\n0,0\n0,0\n400,300\n400,300\n", 5),
    ] {
        std::fs::write(
            folder.path().join("cells.csv"),
            format!("x_um,y_um\n{rows}"),
        )
        .unwrap();
        let scenario = text(false, &cells("file = \"cells.csv\""));
        let bodies = founders(&parse_in(folder.path(), &scenario).unwrap());
        assert_eq!(bodies.len(), n);
        assert!(nearest(&bodies) > 0.7999, "{bodies:?}");
        for body in bodies {
            assert!((0.0..=400.0).contains(&body.x) && (0.0..=300.0).contains(&body.y));
            assert_eq!(body.z, 5.0);
        }
    }
}

#[test]
fn cells_without_deep_overlaps_stay() {
    let folder = tempfile::tempdir().unwrap();
    // At 0.81 of contact.
    let rows: String = (0..20)
        .map(|i| format!("{},100\n", f64::from(i) * 13.61 + 1.0))
        .collect();
    std::fs::write(
        folder.path().join("cells.csv"),
        format!("x_um,y_um\n{rows}"),
    )
    .unwrap();
    let scenario = text(false, &cells("file = \"cells.csv\""));
    let model = parse_in(folder.path(), &scenario).unwrap();
    let mut bodies = founders(&model);
    bodies.sort_by(|a, b| a.x.total_cmp(&b.x));
    let Place::Points(points) = &model.placements()[0].place else {
        panic!();
    };
    let places: Vec<[f32; 3]> = bodies.iter().map(|b| b.truncate().to_array()).collect();
    assert_eq!(&places, points);
}

#[test]
fn relaxation_parts_across_a_periodic_face() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("cells.csv"),
        "x_um,y_um\n1,100\n399,100\n",
    )
    .unwrap();
    let scenario = text(false, &cells("file = \"cells.csv\""));
    let scenario = scenario.replace("[time]", "periodic = [\"x\"]\n[time]");
    let bodies = founders(&parse_in(folder.path(), &scenario).unwrap());
    let mut x: Vec<f32> = bodies.iter().map(|b| b.x).collect();
    x.sort_by(f32::total_cmp);
    assert!(x[0] + 400.0 - x[1] > 0.7999 * 16.8, "{x:?}");
}

#[test]
fn relaxation_does_not_depend_on_threads() {
    let size = "\"2000 um\"";
    let scenario = text(false, &cells("monolayer = { density = \"1.7e-3 /um^2\" }"))
        .replace("\"400 um\", \"300 um\"", &format!("{size}, {size}"));
    let model = parse_in(Path::new("."), &scenario).unwrap();
    let hash = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| initial_state(&model).hash())
    };
    assert_eq!(hash(1), hash(2));
}

#[test]
fn what_a_run_exports_reads_back_in() {
    let folder = tempfile::tempdir().unwrap();
    for is_deep in [false, true] {
        let parse = |place: &str| parse_in(folder.path(), &text(is_deep, &cells(place)));
        let model = parse("monolayer = { count = 100 }").unwrap();
        let state = initial_state(&model);
        let mut export = invado::export::CellsCsv {
            folder: folder.path().to_path_buf(),
        };
        let moment = invado::export::Live {
            model: &model,
            state: &state,
            bath_nm: 0.0,
            view: &invado::render::View::of(&model, [1280, 960]),
        };
        invado::export::Export::write(&mut export, &moment).unwrap();
        let again = parse("file = \"0.000.csv\"").unwrap();
        assert_eq!(founders(&again), state.cells.position_radius);
    }
}

/// Pixels of a picture by rows, the top one first.
struct Picture {
    width: u32,
    pixels: Vec<u32>,
}

impl Picture {
    /// 40 × 30 pixels of 0 but for rectangles: label, columns and rows (counted from the top), ends not included.
    fn new(labels: &[(u32, [u32; 2], [u32; 2])]) -> Self {
        let mut pixels = vec![0; 40 * 30];
        for (label, columns, rows) in labels {
            for row in rows[0]..rows[1] {
                for column in columns[0]..columns[1] {
                    pixels[(row * 40 + column) as usize] = *label;
                }
            }
        }
        Self { width: 40, pixels }
    }

    fn tiff<C: tiff::encoder::colortype::ColorType>(&self, path: &Path)
    where
        C::Inner: TryFrom<u32>,
        [C::Inner]: tiff::encoder::TiffValue,
    {
        let number = |pixel: &u32| C::Inner::try_from(*pixel).unwrap_or_else(|_| panic!("{pixel}"));
        let pixels: Vec<C::Inner> = self.pixels.iter().map(number).collect();
        let file = std::fs::File::create(path).unwrap();
        let mut encoder = tiff::encoder::TiffEncoder::new(file).unwrap();
        let height = self.pixels.len() as u32 / self.width;
        encoder
            .write_image::<C>(self.width, height, &pixels)
            .unwrap();
    }

    fn png(&self, path: &Path) {
        let height = self.pixels.len() as u32 / self.width;
        let pixels: Vec<u16> = self.pixels.iter().map(|pixel| *pixel as u16).collect();
        image::ImageBuffer::<image::Luma<u16>, _>::from_raw(self.width, height, pixels)
            .unwrap_or_else(|| panic!("too few pixels"))
            .save(path)
            .unwrap();
    }
}

/// A square near the upper left corner, a larger rectangle, and a pixel in the lower right corner.
const LABELS: [(u32, [u32; 2], [u32; 2]); 3] = [
    (70, [2, 4], [1, 3]),
    (7, [20, 24], [10, 13]),
    (300, [39, 40], [29, 30]),
];

#[test]
fn a_label_image_gives_a_cell_for_each_label() {
    use tiff::encoder::colortype::{Gray16, Gray32, GrayI32};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.tif");
    let place = "labels = { file = \"labels.tif\", pixel = \"10 um\" }";
    let scenario = text(false, &format!("{}{FREE}", cells(place)));
    let picture = Picture::new(&LABELS);
    // The row at the top is the largest y; 7 comes before 70.
    let expected = [[220.0, 185.0, 5.0], [30.0, 280.0, 5.0], [395.0, 5.0, 5.0]];
    for write in [
        Picture::tiff::<Gray16>,
        Picture::tiff::<Gray32>,
        Picture::tiff::<GrayI32>,
        Picture::png,
    ] {
        // A PNG by another name is still one.
        write(&picture, &path);
        let model = parse_in(folder.path(), &scenario).unwrap();
        let Place::Points(points) = &model.placements()[0].place else {
            panic!("{:?}", model.placements());
        };
        assert_eq!(points, &expected);
        assert_eq!(model.n_cells(), 3);
        assert!(founders(&model).iter().all(|body| body.w == 8.4));
    }
    // More than 16 bits.
    let many = [(70, 1_000_000), (7, 4_000_000_000), (300, 5)];
    let renamed = many.map(|(old, new)| {
        let label = LABELS.iter().find(|label| label.0 == old).unwrap();
        (new, label.1, label.2)
    });
    Picture::new(&renamed).tiff::<Gray32>(&path);
    let model = parse_in(folder.path(), &scenario).unwrap();
    let Place::Points(points) = &model.placements()[0].place else {
        panic!("{:?}", model.placements());
    };
    assert_eq!(points, &[expected[2], expected[1], expected[0]]);
    // A smaller pixel, from a corner of the box.
    let place = place.replace("10 um\"", "2 um\", from = [\"100 um\", \"50 um\"]");
    picture.tiff::<Gray16>(&path);
    let model = parse_in(folder.path(), &text(false, &cells(&place))).unwrap();
    let Place::Points(points) = &model.placements()[0].place else {
        panic!("{:?}", model.placements());
    };
    assert_eq!(points[0], [144.0, 87.0, 5.0]);
}

#[test]
fn labels_lie_where_the_same_picture_is_bright() {
    let folder = tempfile::tempdir().unwrap();
    Picture::new(&LABELS).png(&folder.path().join("labels.png"));
    let field = "[fields.attractant]\ninitial = { image = { file = \"labels.png\", black = \"0 nM\", white = \"65535 nM\" } }\n";
    let place = cells("labels = { file = \"labels.png\", pixel = \"10 um\" }");
    let scenario = text(false, &format!("{place}{field}{FREE}"));
    let state = initial_state(&parse_in(folder.path(), &scenario).unwrap());
    let (_, values) = &state.fields[0];
    let mut seen: Vec<f32> = (state.cells.position_radius.iter())
        .map(|body| values[(body.y / 10.0) as usize * 40 + (body.x / 10.0) as usize].round())
        .collect();
    seen.sort_by(f32::total_cmp);
    assert_eq!(seen, [7.0, 70.0, 300.0]);
}

#[test]
fn an_area_gives_a_radius() {
    use tiff::encoder::colortype::Gray16;
    let folder = tempfile::tempdir().unwrap();
    Picture::new(&LABELS[..2]).tiff::<Gray16>(&folder.path().join("l.tif"));
    let parse = |radius: &str, rest: &str| {
        let place =
            format!("labels = {{ file = \"l.tif\", pixel = \"4 um\", radius = \"{radius}\" }}");
        parse_in(folder.path(), &text(false, &(cells(&place) + rest)))
    };
    let model = parse("area", FREE).unwrap();
    let mut radii: Vec<f32> = founders(&model).iter().map(|body| body.w).collect();
    radii.sort_by(f32::total_cmp);
    let expected = [4.0, 12.0].map(|n: f64| (n * 16.0 / PI).sqrt() as f32);
    assert_eq!(radii, expected);
    // They grow up to their type's.
    let engine = Box::new(invado::cpu::CpuEngine::new(&model));
    let mut simulation = invado::simulation::Simulation::new(model, engine).unwrap();
    simulation.run(60 * 20).unwrap();
    let bodies = simulation.snapshot().unwrap().cells.position_radius;
    assert!(bodies.iter().all(|body| body.w > radii[0] && body.w < 8.4));
    assert!(
        founders(&parse("type", FREE).unwrap())
            .iter()
            .all(|body| body.w == 8.4)
    );
    refused(
        parse("aera", ""),
        &["place.labels.radius", "Did you mean 'area'?"],
    );
    // Larger than the type, and smaller than anything that lives.
    refused(
        parse("area", "radius = \"7 um\"\n"),
        &[
            "s.toml:10: cells.0.place.labels.file",
            "label 7 has 12 pixels, a radius of 7.82 um",
            "allowed: 2.10 um to 7 um",
        ],
    );
    refused(
        parse("area", "radius = \"20 um\"\n"),
        &[
            "label 70 has 4 pixels, a radius of 4.51 um",
            "allowed: 6.00 um",
        ],
    );
}

#[test]
fn what_is_no_label_image_is_refused() {
    use tiff::encoder::colortype::{Gray16, Gray32Float, GrayI32, RGB8};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.tif");
    let parse = |rest: &str| {
        let place = "labels = { file = \"l.tif\", pixel = \"10 um\" }";
        parse_in(folder.path(), &text(false, &(cells(place) + rest)))
    };
    let key = "s.toml:10: cells.0.place.labels.file";
    refused(parse(""), &[key, "cannot read", "l.tif"]);
    std::fs::write(&path, "x_um,y_um\n1,2\n").unwrap();
    refused(
        parse(""),
        &[key, "is not a picture", "a grey PNG of 8 or 16 bits"],
    );
    let write = |labels: &[(u32, [u32; 2], [u32; 2])]| {
        Picture::new(labels).tiff::<Gray16>(&path);
    };
    write(&[]);
    refused(parse(""), &[key, "l.tif' holds no label"]);
    // A mask: all cells have one number.
    write(&[(255, [2, 4], [1, 3]), (255, [20, 24], [10, 13])]);
    refused(
        parse(""),
        &[
            key,
            "label 255 in parts",
            "pixel (3.0, 28.0) and pixel (22.0, 18.5)",
        ],
    );
    write(&LABELS);
    refused(
        parse(
            "[[obstacle]]\nrectangle = { from = [\"0 um\", \"250 um\"], to = [\"100 um\", \"300 um\"] }\n",
        ),
        &[
            key,
            "label 70, a cell at (30.00, 280.00) um, lies in an obstacle",
        ],
    );
    let large = cells("labels = { file = \"l.tif\", pixel = \"10.2 um\" }");
    refused(
        parse_in(folder.path(), &text(false, &large)),
        &[
            key,
            "label 300, (402.90, 5.10) um, lies outside the domain",
            "check pixel and from",
        ],
    );
    for (pixel, part) in [
        ("0 um", "labels.pixel"),
        ("10 nM", "labels.pixel"),
        ("-1 um", "labels.pixel"),
    ] {
        let place = cells(&format!(
            "labels = {{ file = \"l.tif\", pixel = \"{pixel}\" }}"
        ));
        refused(parse_in(folder.path(), &text(false, &place)), &[part]);
    }
    let both = cells("labels = { file = \"l.tif\", pixel = \"10 um\" }, file = \"x.csv\"");
    refused(
        parse_in(folder.path(), &text(false, &both)),
        &["exactly one of", "2 are given"],
    );
    let place = cells("labels = { file = \"l.tif\", pixel = \"10 um\" }");
    refused(
        parse_in(folder.path(), &text(true, &place)),
        &[key, "the domain is 3-D"],
    );
    // As many cells as pixels.
    let pixels = (1..=1200).collect();
    Picture { width: 40, pixels }.tiff::<Gray16>(&path);
    refused(parse(""), &[key, "1200 cells", "closest packing is 0.91"]);

    let encode = |write: &dyn Fn(&mut tiff::encoder::TiffEncoder<std::fs::File>)| {
        let file = std::fs::File::create(&path).unwrap();
        write(&mut tiff::encoder::TiffEncoder::new(file).unwrap());
    };
    encode(&|tiff| tiff.write_image::<GrayI32>(2, 1, &[3, -1]).unwrap());
    refused(parse(""), &[key, "holds a pixel of -1"]);
    encode(&|tiff| tiff.write_image::<Gray32Float>(2, 1, &[3.0, 1.5]).unwrap());
    refused(parse(""), &[key, "floating-point"]);
    encode(&|tiff| tiff.write_image::<RGB8>(1, 1, &[3, 1, 5]).unwrap());
    refused(parse(""), &[key, "RGB(8)"]);
    encode(&|tiff| {
        for _ in 0..2 {
            tiff.write_image::<Gray16>(1, 1, &[3]).unwrap();
        }
    });
    refused(parse(""), &[key, "several pages"]);
    write(&LABELS);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&path, &bytes).unwrap();
    refused(parse(""), &[key, "cannot be read"]);
    image::RgbImage::new(4, 4)
        .save(folder.path().join("l.png"))
        .unwrap();
    std::fs::rename(folder.path().join("l.png"), &path).unwrap();
    refused(parse(""), &[key, "is in colour"]);
}
