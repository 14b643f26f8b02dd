//! Where things are in space: pictures, shapes, sources, vessels and obstacles of a scenario.

mod common;

use std::f64::consts::PI;
use std::path::Path;

use common::write_npy;
use image::{ColorType, ImageFormat};
use invado::coefficients::{Coefficients, NONE};
use invado::model::{Face, FieldKind, Level, Model, Perfusion, Rate, initial_state};
use invado::scenario::Scenario;

/// A scenario of 200 × 150 µm, or as deep as it is high, in voxels of 10 µm. `fields` comes right after the header.
fn text(deep: bool, fields: &str) -> String {
    let third = if deep { ", \"150 um\"" } else { "" };
    format!(
        "title = \"space\"\nquestion = \"Where?\"\n[domain]\nsize = [\"200 um\", \"150 um\"{third}]\nvoxel = \"10 um\"\n\
         [time]\nduration = \"1 h\"\n{fields}"
    )
}

fn parse_in(folder: &Path, text: &str) -> Result<Model, String> {
    Scenario::parse("s", "s.toml", folder, text, &[])
        .and_then(|s| Model::try_from(&s))
        .map_err(|e| e.to_string())
}

fn flat(fields: &str) -> Result<Model, String> {
    parse_in(Path::new("."), &text(false, fields))
}

fn deep(fields: &str) -> Result<Model, String> {
    parse_in(Path::new("."), &text(true, fields))
}

/// The error names its place, its key and the reason.
#[track_caller]
fn refused(model: Result<Model, String>, parts: &[&str]) {
    let Err(error) = model else {
        panic!("it is accepted, without: {parts:?}");
    };
    assert!(error.starts_with("s.toml:"), "{error}");
    for part in parts {
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }
}

fn values(model: &Model, kind: FieldKind) -> Vec<f32> {
    let state = initial_state(model);
    state.fields.into_iter().find(|f| f.0 == kind).unwrap().1
}

fn rates(model: &Model, kind: FieldKind) -> Vec<f32> {
    match &model.field(kind).unwrap().source {
        Rate::PerVoxel(rates) => rates.clone(),
        Rate::Uniform(rate) => panic!("uniform {rate}"),
    }
}

#[test]
fn a_disc_and_a_ball_hold_their_mass() {
    let disc = "[fields.drug]\ninitial = { disc = { center = [\"100 um\", \"75 um\"], radius = \"60 um\", inside = \"3 nM\", outside = \"1 nM\" } }";
    let model = flat(disc).unwrap();
    let values_of = values(&model, FieldKind::Drug);
    let mass: f64 = values_of
        .iter()
        .map(|v| (f64::from(*v) - 1.0) * 100.0)
        .sum();
    let exact = 2.0 * PI * 60f64.powi(2);
    assert!((mass / exact - 1.0).abs() < 0.05, "{mass} against {exact}");
    let ball = disc
        .replace("disc", "ball")
        .replace("\"75 um\"", "\"75 um\", \"75 um\"");
    let model = deep(&ball).unwrap();
    let values_of = values(&model, FieldKind::Drug);
    let mass: f64 = values_of.iter().map(|v| (f64::from(*v) - 1.0) * 1e3).sum();
    let exact = 2.0 * 4.0 / 3.0 * PI * 60f64.powi(3);
    assert!((mass / exact - 1.0).abs() < 0.04, "{mass} against {exact}");

    let place = ["s.toml:9: fields.drug.initial"];
    refused(deep(disc), &[place[0], "a disc is 2-D", "write ball"]);
    refused(flat(&ball), &[place[0], "a ball is 3-D", "write disc"]);
    let other = |from: &str, to: &str| flat(&disc.replace(from, to));
    refused(
        other("60 um", "-60 um"),
        &[place[0], "radius", "greater than 0"],
    );
    refused(
        other("60 um", "1 um"),
        &[place[0], "no voxel centre", "10 um wide"],
    );
    refused(other("3 nM", "-3 nM"), &[place[0], "negative", "0 or more"]);
    refused(other("3 nM", "1e60 nM"), &[place[0], "too large"]);
    refused(other(", \"75 um\"", ""), &[place[0], "1 lengths given"]);
}

/// A picture whose top row is white, with a dark left half below.
fn picture(width: u32, height: u32) -> image::GrayImage {
    image::GrayImage::from_fn(width, height, |x, y| {
        let dark = y > 0 && x < width / 2;
        image::Luma([if y == 0 {
            255
        } else if dark {
            0
        } else {
            51
        }])
    })
}

const PICTURE: &str =
    "[fields.ecm]\ninitial = { image = { file = \"c.png\", black = 0.5, white = 2.5 } }";

#[test]
fn a_picture_lies_as_it_is_painted() {
    let folder = tempfile::tempdir().unwrap();
    picture(20, 15).save(folder.path().join("c.png")).unwrap();
    let model = parse_in(folder.path(), &text(false, PICTURE)).unwrap();
    let ecm = values(&model, FieldKind::Ecm);
    for y in 0..15 {
        for x in 0..20 {
            // The top row of the picture is the highest row of the field.
            let expected = match (x, y) {
                (_, 14) => 2.5,
                (0..10, _) => 0.5,
                _ => 0.9,
            };
            let got = ecm[y * 20 + x];
            assert!((got - expected).abs() < 1e-5, "({x}, {y}): {got}");
        }
    }
    // The painter agrees: the row that stands out is at the top.
    let state = initial_state(&model);
    let view = invado::render::View {
        field: Some(FieldKind::Ecm),
        margins: false,
        ..invado::render::View::new([200, 150])
    }
    .settled(&state);
    let painted = invado::render::cpu::paint(model.grid(), &state, &view);
    let light = |y: u32| -> u32 {
        (0..painted.width())
            .map(|x| {
                painted.get_pixel(x, y).0[..3]
                    .iter()
                    .map(|c| u32::from(*c))
                    .sum::<u32>()
            })
            .sum()
    };
    assert_ne!(light(1), light(75));
    assert_eq!(light(148), light(75), "upside down");
}

#[test]
fn a_picture_is_scaled_to_the_grid_and_repeated_over_z() {
    let folder = tempfile::tempdir().unwrap();
    let mean =
        |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>() / values.len() as f64;
    // Shrinking averages: the mean of the picture is the mean of the field.
    let large = picture(173, 94);
    let share = large.pixels().map(|p| f64::from(p.0[0])).sum::<f64>() / 255.0 / (173.0 * 94.0);
    large.save(folder.path().join("c.png")).unwrap();
    let model = parse_in(folder.path(), &text(true, PICTURE)).unwrap();
    let ecm = values(&model, FieldKind::Ecm);
    assert!((mean(&ecm) - (0.5 + 2.0 * share)).abs() < 1e-6);
    assert_eq!(ecm[..300], ecm[14 * 300..]);
    // Growing interpolates: two pixels become a ramp.
    let two = image::GrayImage::from_raw(2, 1, vec![0, 255]).unwrap();
    two.save(folder.path().join("c.png")).unwrap();
    let model = parse_in(folder.path(), &text(false, PICTURE)).unwrap();
    let ecm = values(&model, FieldKind::Ecm);
    assert_eq!([ecm[0], ecm[19]], [0.5, 2.5]);
    assert!((ecm[9] - (0.5 + 2.0 * 0.45)).abs() < 1e-6, "{}", ecm[9]);
    assert!(ecm[..20].is_sorted());
}

#[test]
fn pictures_have_8_or_16_bits_grey_or_colour() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8], colour: ColorType, format: ImageFormat| {
        let path = folder.path().join(name);
        image::save_buffer_with_format(path, bytes, 1, 1, colour, format).unwrap();
    };
    let level = |name: &str| {
        let fields = PICTURE.replace("c.png", name);
        let model = parse_in(folder.path(), &text(false, &fields)).unwrap();
        values(&model, FieldKind::Ecm)[0]
    };
    let sixteen = 13107u16.to_ne_bytes();
    write("a.tif", &sixteen, ColorType::L16, ImageFormat::Tiff);
    write("b.png", &sixteen, ColorType::L16, ImageFormat::Png);
    write("c.tiff", &[51], ColorType::L8, ImageFormat::Tiff);
    // Transparency does not count.
    write("d.png", &[51, 7], ColorType::La8, ImageFormat::Png);
    write("e.png", &[51; 3], ColorType::Rgb8, ImageFormat::Png);
    for name in ["a.tif", "b.png", "c.tiff", "d.png", "e.png"] {
        assert!((level(name) - 0.9).abs() < 1e-4, "{name}: {}", level(name));
    }
    // Green is brighter than blue.
    write("g.png", &[0, 255, 0], ColorType::Rgb8, ImageFormat::Png);
    write("b.png", &[0, 0, 255], ColorType::Rgb8, ImageFormat::Png);
    assert!(level("g.png") > 1.9 && level("b.png") < 0.7);
    let float = 0.5f32.to_ne_bytes().repeat(3);
    write("f.tif", &float, ColorType::Rgb32F, ImageFormat::Tiff);
    let fields = PICTURE.replace("c.png", "f.tif");
    refused(
        parse_in(folder.path(), &text(false, &fields)),
        &["s.toml:9: fields.ecm.initial", "8 or 16 bits"],
    );
}

#[test]
fn a_bad_picture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = "s.toml:9: fields.ecm.initial";
    let parse = |fields: &str| parse_in(folder.path(), &text(false, fields));
    refused(parse(PICTURE), &[key, "cannot read", "c.png"]);
    let path = folder.path().join("c.png");
    std::fs::write(&path, "not a picture").unwrap();
    refused(parse(PICTURE), &[key, "PNG or TIFF"]);
    picture(20, 15).save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..40]).unwrap();
    refused(parse(PICTURE), &[key, "cannot be read as a picture"]);
    picture(20, 15).save(&path).unwrap();
    for (from, to, why) in [
        ("0.5", "-0.5", "negative"),
        ("2.5", "nan", "does not begin with a number"),
        ("2.5", "\"2 nM\"", "another dimension"),
        (", white = 2.5", "", "missing field `white`"),
    ] {
        refused(parse(&PICTURE.replace(from, to)), &[key, why]);
    }
}

const SOURCES: &str = r#"[fields.attractant]
source = "0.5 nM/min"
[[fields.attractant.sources]]
disc = { center = ["100 um", "75 um"], radius = "40 um" }
rate = "1 nM/s"
[[fields.attractant.sources]]
point = ["15 um", "25 um"]
rate = "3 nM/min"
"#;

#[test]
fn sources_add_up_to_their_total_rate() {
    let model = flat(SOURCES).unwrap();
    let rates_of = rates(&model, FieldKind::Attractant);
    assert_eq!(rates_of[2 * 20 + 1], 3.5);
    assert_eq!(rates_of[0], 0.5);
    let total: f64 = rates_of.iter().map(|r| f64::from(*r) - 0.5).sum();
    let exact = 60.0 * PI * 40f64.powi(2) / 100.0 + 3.0;
    assert!(
        (total / exact - 1.0).abs() < 0.05,
        "{total} against {exact}"
    );
    // The engines see them.
    let coefficients = Coefficients::new(&model);
    assert_ne!(coefficients.fields[0].source_at, NONE);
    assert_eq!(coefficients.maps.len(), 300);
}

#[test]
fn a_bad_source_is_refused() {
    let other = |from: &str, to: &str| {
        assert!(SOURCES.contains(from));
        flat(&SOURCES.replacen(from, to, 1))
    };
    let key = "fields.attractant.sources";
    refused(
        other("\"100 um\"", "\"300 um\""),
        &["s.toml:11", key, "0.disc.center", "0 um to 200 um"],
    );
    refused(
        other("radius = \"40 um\"", "radius = \"0.1 um\""),
        &["s.toml:10", key, "holds no voxel centre", "10 um wide"],
    );
    refused(
        other("1 nM/s", "-1 nM/s"),
        &["s.toml:12", "sources.0.rate", "negative", "0 or more"],
    );
    refused(other("1 nM/s", "1 nM"), &["s.toml:12", "another dimension"]);
    refused(other("1 nM/s", "1e60 nM/s"), &["s.toml:12", "too large"]);
    refused(
        flat(
            &SOURCES
                .replace("0.5 nM/min", "3e38 nM/min")
                .replace("1 nM/s", "3e38 nM/min"),
        ),
        &["s.toml:12", "add up to more"],
    );
    refused(
        other("point = [\"15 um\", \"25 um\"]", ""),
        &[
            "s.toml:13",
            "sources.1",
            "exactly one of point, disc, ball; 0",
        ],
    );
    refused(
        other(
            "point =",
            "ball = { center = [], radius = \"1 um\" }\npoint =",
        ),
        &["sources.1", "exactly one", "2 are given"],
    );
    refused(other("disc =", "ball ="), &["sources.0.ball", "write disc"]);
    refused(
        other("disc =", "disk ="),
        &["unknown field `disk`", "Did you mean 'disc'?"],
    );
}

const VESSEL: &str =
    "[[vessel]]\ndisc = { center = [\"100 um\", \"75 um\"], radius = \"30 um\" }\n";

#[test]
fn vessels_take_their_share_of_the_voxels() {
    let model = flat(VESSEL).unwrap();
    let shares = model.vessels().unwrap();
    let area: f32 = shares.iter().sum::<f32>() * 100.0;
    assert!(
        (f64::from(area) / (PI * 900.0) - 1.0).abs() < 0.15,
        "{area}"
    );
    assert!(shares.iter().all(|s| *s == 0.0 || *s == 1.0));
    // A capillary is thinner than a voxel; an overlap counts once.
    let thin = VESSEL.replace("30 um", "3 um").replace("75 um", "77 um");
    let model = flat(&thin.repeat(2)).unwrap();
    let shares = model.vessels().unwrap();
    let share = (PI * 9.0 / 100.0) as f32;
    assert_eq!(shares[7 * 20 + 10], share);
    assert_eq!(shares.iter().filter(|s| **s > 0.0).count(), 1);
    let tube = "[[vessel]]\ntube = { from = [\"0 um\", \"77 um\", \"77 um\"], to = [\"200 um\", \"77 um\", \"77 um\"], radius = \"3 um\" }\n";
    let model = deep(tube).unwrap();
    let shares = model.vessels().unwrap();
    let line = &shares[(7 * 15 + 7) * 20..][..20];
    // The voxel centres at 75 µm lie 2.8 µm away, in the tube.
    assert!(line.iter().all(|s| *s == 1.0), "{line:?}");
    let model = deep(&tube.replace("3 um", "2 um")).unwrap();
    let line = &model.vessels().unwrap()[(7 * 15 + 7) * 20..][..20];
    let share = (PI * 4.0 / 100.0) as f32;
    assert!(line.iter().all(|s| (s - share).abs() < 1e-6), "{line:?}");
    assert!(flat("").unwrap().vessels().is_none());
}

#[test]
fn a_bad_vessel_is_refused() {
    refused(
        flat("[[vessel]]\n"),
        &["s.toml:8", "vessel.0", "exactly one of disc, ball, tube; 0"],
    );
    refused(
        flat(&VESSEL.replace("75 um", "175 um")),
        &["s.toml:9: vessel.0.disc.center", "0 um to 150 um"],
    );
    refused(
        flat(&VESSEL.replace("30 um", "0 um")),
        &["s.toml:9: vessel.0.disc.radius", "greater than 0"],
    );
    refused(deep(VESSEL), &["vessel.0.disc", "a disc is 2-D"]);
    let tube = |to: &str| {
        format!(
            "[[vessel]]\ntube = {{ from = [\"0 um\", \"0 um\", \"0 um\"], to = {to}, radius = \"3 um\" }}\n"
        )
    };
    refused(
        flat(&tube("[\"9 um\", \"9 um\", \"9 um\"]")),
        &["vessel.0.tube", "a tube is 3-D"],
    );
    refused(
        deep(&tube("[\"0 um\", \"0 um\", \"0 um\"]")),
        &["vessel.0.tube.to", "end elsewhere"],
    );
}

fn drug_perfusion(model: &Model) -> Option<Perfusion> {
    model.field(FieldKind::Drug).unwrap().perfusion
}

#[test]
fn the_dose_comes_by_vessels_or_by_the_bath() {
    let dose = "[dose]\nbath = \"100 nM\"\n";
    let exchange = |model: &Model| Coefficients::new(model).fields[0].exchange;
    let bathed = flat(&format!("[fields.drug]\n{dose}")).unwrap();
    assert!(bathed.is_bathed() && exchange(&bathed) > 0.0);
    assert_eq!(drug_perfusion(&bathed), None);
    let fed = flat(&format!("[fields.drug]\n{dose}{VESSEL}")).unwrap();
    assert!(!fed.is_bathed() && exchange(&fed) == 0.0);
    let default = Perfusion {
        rate: 3e-3 * 60.0,
        level: Level::Plasma,
    };
    assert_eq!(drug_perfusion(&fed), Some(default));
    let names = |model: &Model| -> Vec<String> {
        model.parameters_in_use().map(|p| p.name.clone()).collect()
    };
    assert!(names(&fed).contains(&"P_v".to_string()));
    assert!(!names(&fed).contains(&"P_bath".to_string()));
    assert!(names(&bathed).contains(&"P_bath".to_string()));
    // Perfusion of none leaves the bath; so does a constant level.
    let none = flat(&format!(
        "[fields.drug]\nperfusion = \"0 /s\"\n{dose}{VESSEL}"
    ))
    .unwrap();
    assert!(none.is_bathed() && drug_perfusion(&none).is_none());
    let constant =
        format!("[fields.drug]\nperfusion = \"1 /min\"\nplasma = \"5 nM\"\n{dose}{VESSEL}");
    let constant = flat(&constant).unwrap();
    assert!(constant.is_bathed());
    assert_eq!(
        drug_perfusion(&constant).unwrap().level,
        Level::Constant(5.0)
    );
    // In 3-D the faces are the bath.
    let faces = |model: &Model| model.field(FieldKind::Drug).unwrap().boundary;
    assert_eq!(
        faces(&deep(&format!("[fields.drug]\n{dose}")).unwrap()),
        [[Face::Bath; 2]; 3]
    );
    let ball =
        "[[vessel]]\nball = { center = [\"50 um\", \"50 um\", \"50 um\"], radius = \"20 um\" }\n";
    assert_eq!(
        faces(&deep(&format!("[fields.drug]\n{dose}{ball}")).unwrap()),
        [[Face::NoFlux; 2]; 3]
    );
    // Without a dose, vessels carry no drug; oxygen only where it is said.
    let empty = flat(&format!("[fields.drug]\n[fields.oxygen]\n{VESSEL}")).unwrap();
    assert!(empty.fields().iter().all(|f| f.perfusion.is_none()));
    let oxygen =
        format!("[fields.oxygen]\nperfusion = \"1e-2 /s\"\nplasma = \"38 mmHg\"\n{VESSEL}");
    let perfusion = flat(&oxygen)
        .unwrap()
        .field(FieldKind::Oxygen)
        .unwrap()
        .perfusion;
    assert_eq!(perfusion.unwrap().level, Level::Constant(38.0));
}

#[test]
fn perfusion_needs_vessels_and_a_level() {
    let oxygen = "[fields.oxygen]\nperfusion = \"1e-2 /s\"\nplasma = \"38 mmHg\"\n";
    let with = |fields: &str| flat(&format!("{fields}{VESSEL}"));
    refused(
        flat(oxygen),
        &["s.toml:9: fields.oxygen.perfusion", "add [[vessel]]"],
    );
    refused(
        with(&oxygen.replace("plasma = \"38 mmHg\"\n", "")),
        &[
            "s.toml:9: fields.oxygen.perfusion",
            "give plasma",
            "38 mmHg",
        ],
    );
    refused(
        with(&oxygen.replace("perfusion = \"1e-2 /s\"\n", "")),
        &["s.toml:9: fields.oxygen.plasma", "needs perfusion"],
    );
    refused(
        with(&oxygen.replace("38 mmHg", "-38 mmHg")),
        &["s.toml:10: fields.oxygen.plasma", "negative"],
    );
    refused(
        with("[fields.drug]\nperfusion = \"1 /h\"\n"),
        &["s.toml:9: fields.drug.perfusion", "[dose]"],
    );
}

fn closed(model: &Model) -> usize {
    model.obstacles().unwrap().iter().filter(|c| **c).count()
}

fn obstacle(what: &str) -> String {
    format!("[[obstacle]]\n{what}\n")
}

#[test]
fn obstacles_close_their_voxels() {
    assert!(flat("").unwrap().obstacles().is_none());
    let flat = |what: &str| flat(&obstacle(what)).unwrap();
    let deep = |what: &str| deep(&obstacle(what)).unwrap();
    let rectangle =
        flat("rectangle = { from = [\"20 um\", \"30 um\"], to = [\"50 um\", \"50 um\"] }");
    assert_eq!(closed(&rectangle), 6);
    assert!(rectangle.obstacles().unwrap()[3 * 20 + 2]);
    let near = |got: usize, exact: f64| {
        assert!(
            (got as f64 / exact - 1.0).abs() < 0.06,
            "{got} against {exact}"
        );
    };
    let disc = "{ center = [\"100 um\", \"75 um\"], radius = \"60 um\" }";
    let area = PI * 36.0;
    near(closed(&flat(&format!("disc = {disc}"))), area);
    near(300 - closed(&flat(&format!("outside = {disc}"))), area);
    // A cylinder along z, or a ball.
    near(
        4500 - closed(&deep(&format!("outside = {disc}"))),
        area * 15.0,
    );
    let ball = disc.replace("\"75 um\"", "\"75 um\", \"75 um\"");
    near(closed(&deep(&format!("ball = {ball}"))), area * 8.0);
    near(
        4500 - closed(&deep(&format!("outside = {ball}"))),
        area * 8.0,
    );
}

#[test]
fn a_membrane_is_open_at_its_pores() {
    let wall = "membrane = { axis = \"x\", at = \"100 um\", thickness = \"10 um\" }";
    let model = flat(&obstacle(wall)).unwrap();
    let layer: Vec<usize> = (0..300)
        .filter(|ix| model.obstacles().unwrap()[*ix])
        .collect();
    assert_eq!(layer, (0..15).map(|y| y * 20 + 9).collect::<Vec<_>>());
    let pores = wall.replace(
        "\"10 um\" }",
        "\"10 um\", pores = { diameter = \"8 um\", pitch = \"30 um\" } }",
    );
    // Slits at 15, 45, 75, 105 and 135 µm.
    assert_eq!(closed(&flat(&obstacle(&pores)).unwrap()), 10);
    assert_eq!(closed(&deep(&obstacle(&pores)).unwrap()), 225 - 25);
    let key = "obstacle.0.membrane";
    let other = |from: &str, to: &str| flat(&obstacle(&pores.replace(from, to)));
    refused(
        other("30 um", "20 um"),
        &[
            "s.toml:9",
            key,
            "pores.diameter",
            "holds no voxel",
            "10 um wide",
        ],
    );
    refused(
        other("30 um", "9 um"),
        &[key, "pores.pitch", "at least 10 um"],
    );
    refused(
        other("8 um", "40 um"),
        &[key, "pores.pitch", "at least 40 um"],
    );
    refused(other("30 um", "400 um"), &[key, "pores.diameter"]);
    refused(
        other("\"x\"", "\"z\""),
        &[key, "axis", "the domain is 2-D and has x, y"],
    );
    refused(other("100 um", "201 um"), &[key, "at", "0 um to 200 um"]);
    refused(
        other("thickness = \"10 um\"", "thickness = \"0 um\""),
        &[key, "thickness"],
    );
}

#[test]
fn a_bad_obstacle_is_refused() {
    let flat = |what: &str| flat(&obstacle(what));
    let all = "rectangle = { from = [\"0 um\", \"0 um\"], to = [\"200 um\", \"150 um\"] }";
    refused(flat(all), &["s.toml:8: obstacle.0", "every voxel"]);
    refused(
        flat(""),
        &["s.toml:8: obstacle.0", "exactly one of rectangle"],
    );
    refused(
        flat(&all.replace("\"200 um\"", "\"0 um\"")),
        &["s.toml:9: obstacle.0.rectangle.to", "greater"],
    );
    refused(
        flat(&all.replace("\"200 um\"", "\"3 um\"")),
        &["s.toml:8: obstacle.0", "closes no voxel", "10 um wide"],
    );
    refused(
        flat("outside = { center = [\"100 um\", \"75 um\"], radius = \"900 um\" }"),
        &["obstacle.0", "closes no voxel"],
    );
    refused(
        flat("file = \"no-such.npy\""),
        &["s.toml:9: obstacle.0.file", "cannot read"],
    );
}

#[test]
fn a_mask_is_read_from_numpy_files_of_any_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.npy");
    let read = || {
        parse_in(folder.path(), &text(false, &obstacle("file = \"m.npy\"")))
            .map(|m| m.obstacles().unwrap().to_vec())
    };
    let mask: Vec<bool> = (0..300).map(|i| i % 7 == 0).collect();
    let bytes: Vec<u8> = mask.iter().map(|m| u8::from(*m)).collect();
    write_npy(&path, &[15, 20], &mask);
    assert_eq!(read().unwrap(), mask);
    write_npy(&path, &[15, 20], &bytes);
    assert_eq!(read().unwrap(), mask);
    let floats: Vec<f64> = bytes.iter().map(|b| f64::from(*b)).collect();
    write_npy(&path, &[15, 20], &floats);
    assert_eq!(read().unwrap(), mask);
    write_npy(&path, &[15, 20], &[1i64; 300]);
    assert!(
        read()
            .unwrap_err()
            .contains("allowed: f32, f64, u8 or bool")
    );
    write_npy(&path, &[20, 15], &floats);
    assert!(
        read()
            .unwrap_err()
            .contains("shape [20, 15], the grid needs [15, 20]")
    );
}

/// A header may claim anything; nothing is allocated or multiplied for it.
#[test]
fn a_header_that_claims_too_much_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let head = |shape: &str| {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.into_bytes());
        bytes
    };
    let refused_by = |bytes: &[u8], key: &str, fields: &str, why: &str| {
        std::fs::write(folder.path().join("h.npy"), bytes).unwrap();
        refused(parse_in(folder.path(), &text(false, fields)), &[key, why]);
    };
    let long = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    for (key, fields) in [
        (
            "fields.drug.initial",
            "[fields.drug]\ninitial = { file = \"h.npy\" }",
        ),
        (
            "fields.drug.source",
            "[fields.drug]\nsource = { file = \"h.npy\", unit = \"nM/s\" }",
        ),
        (
            "fields.drug.uptake",
            "[fields.drug]\nuptake = { file = \"h.npy\", unit = \"/s\" }",
        ),
    ] {
        let huge = head("9223372036854775807, 9223372036854775807");
        refused_by(&huge, key, fields, "the grid needs [15, 20]");
        refused_by(
            &head("15, 99999999999999999999999"),
            key,
            fields,
            "names no shape",
        );
        refused_by(&head("15, 20"), key, fields, "ends early");
        refused_by(&long, key, fields, "longer than 64 KiB");
        refused_by(b"\x93NUMPY", key, fields, "is not an NPY file");
    }
}

#[test]
fn a_face_that_is_not_there_is_named() {
    let key = "s.toml:9: fields.drug.boundary.";
    let with = |faces: &str| flat(&format!("[fields.drug]\nboundary = {{ {faces} }}"));
    refused(
        with("z_min = \"1 nM\""),
        &[key, "z_min", "no axis 'z'", "the domain is 2-D"],
    );
    refused(
        with("z = \"periodic\""),
        &[key, "no axis 'z'", "the domain is 2-D and has x, y"],
    );
    refused(with("x_mim = \"1 nM\""), &[key, "Did you mean 'x_min'?"]);
}

proptest::proptest! {
    /// A slip of the pen in any of this is an error or a model, never a panic.
    #[test]
    fn a_mistyped_place_never_panics(at in 150usize..900, typed in "\\PC{0,4}", delete in 0usize..8) {
        let pores = "membrane = { axis = \"x\", at = \"100 um\", thickness = \"10 um\", pores = { diameter = \"8 um\", pitch = \"30 um\" } }";
        let disc = "[fields.drug]\ninitial = { disc = { center = [\"50 um\", \"75 um\"], radius = \"60 um\", inside = \"3 nM\" } }\nperfusion = \"1 /h\"\nplasma = \"2 nM\"";
        let text = text(false, &format!("{disc}\n{SOURCES}{VESSEL}{}", obstacle(pores)));
        let start = at.min(text.len());
        let end = (start + delete).min(text.len());
        let _ = Model::from_toml(&format!("{}{typed}{}", &text[..start], &text[end..]));
    }
}
