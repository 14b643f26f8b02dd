//! Exposure and compounds: regimens against closed forms, bad doses against their messages, sessions against replays.

use std::path::Path;

use assert_cmd::Command;
use invado::cpu::CpuEngine;
use invado::dosing::Levels;
use invado::event::Act;
use invado::model::{FieldKind, Model, Signalling};
use invado::observe::{Baseline, Row, observe};
use invado::record::{RunJson, Status, unverified};
use invado::scenario::Scenario;
use invado::simulation::Simulation;
use predicates::prelude::*;
use predicates::str::contains;

const H: f64 = 60.0;

/// A bit of medium over a few cells, two days, without a dose.
const SMALL: &str = r#"
title = "small"
question = "?"
seed = 3
[domain]
size = ["60 um", "60 um"]
voxel = "10 um"
[time]
step = "30 s"
duration = "48 h"
report = "1 h"
[fields.drug]
[[cells]]
type = "mda-mb-231"
place = { rectangle = { from = ["0 um", "0 um"], to = ["60 um", "60 um"], count = 3 } }
division = "0 /h"
death = "0 /h"
"#;

fn dosed(dose: &str) -> Model {
    Model::from_toml(&format!("{SMALL}{dose}")).unwrap_or_else(|why| panic!("{dose}: {why}"))
}

fn error(dose: &str) -> String {
    match Model::from_toml(&format!("{SMALL}{dose}")) {
        Ok(model) => panic!("{dose}: taken as {}", model.dose()),
        Err(why) => why.to_string(),
    }
}

fn close(got: f64, expected: f64, share: f64) {
    assert!(
        (got - expected).abs() <= share * expected.abs(),
        "{got} against {expected}"
    );
}

fn built_in(name: &str, sets: &[&str]) -> Scenario {
    let sets: Vec<String> = sets.iter().map(|s| (*s).to_string()).collect();
    Scenario::load(name, &sets).unwrap()
}

/// A row a report of a whole run on the CPU engine.
fn rows(model: &Model) -> Vec<Row> {
    let mut simulation = Simulation::new(model.clone(), Box::new(CpuEngine::new(model))).unwrap();
    let first = simulation.snapshot().unwrap();
    let baseline = Baseline::new(model, &first);
    let mut rows = vec![observe(model, &first, &[], &[], &baseline)];
    while simulation.step() < model.n_steps() {
        simulation.run(model.report_steps()).unwrap();
        let state = simulation.snapshot().unwrap();
        rows.push(observe(model, &state, &[], simulation.events(), &baseline));
    }
    rows
}

/// The table of `doses.csv`, a column by name.
fn doses(model: &Model) -> impl Fn(usize, &str) -> f64 + use<> {
    let folder = tempfile::tempdir().unwrap();
    invado::export::write_doses(folder.path(), model).unwrap();
    let mut table = csv::Reader::from_path(folder.path().join("doses.csv")).unwrap();
    let head = table.headers().unwrap().clone();
    let records: Vec<_> = table.records().map(Result::unwrap).collect();
    move |dose, name| {
        let column = head.iter().position(|h| h == name).unwrap();
        records[dose - 1][column].parse().unwrap()
    }
}

/// A13, from what the scenario `bid` leaves: its observables and its table of doses.
#[test]
fn bid_gives_the_published_table() {
    let model = Model::try_from(&built_in("bid", &[])).unwrap();
    let rows = rows(&model);
    let plasma = |hour: f64| {
        let at = |row: &&Row| (row.get("time_h").unwrap() - hour).abs() < 1e-6;
        rows.iter().find(at).unwrap().get("plasma_ng_ml").unwrap()
    };
    let late = rows.iter().filter(|row| row.get("time_h").unwrap() > 144.0);
    let levels = late.map(|row| row.get("plasma_ng_ml").unwrap());
    // A row every 15 min comes within 0.1 % of the peak, which is flat.
    close(levels.fold(0.0, f64::max), 222.7, 1e-3);
    close(plasma(156.0), 113.7, 1e-3);
    close(plasma(156.0) / plasma(12.0), 1.658, 1e-3);
    close(plasma(168.0), 45.1, 1e-3);

    let table = doses(&model);
    close(table(13, "cmax_ng_ml"), 222.7, 1e-3);
    close(table(13, "tmax_h"), 2.23, 1e-3);
    close(table(13, "trough_ng_ml"), 113.7, 1e-3);
    close(table(13, "accumulation"), 1.658, 1e-3);
    close(table(14, "trough_ng_ml"), 45.1, 1e-3);
    // At steady state a tablet's whole area falls into one interval: D/(CL/F).
    close(table(13, "auc_ng_h_per_ml"), 200e3 / 96.6, 1e-3);

    // Free level: 5 % of it, 510.49 g/mol; both axes beside each other.
    let end = rows.last().unwrap();
    close(end.get("bath_nm").unwrap(), 45.1 * 0.05 / 0.51049, 1e-3);
    close(end.get("bath_nominal_nm").unwrap(), 45.1 / 0.51049, 1e-3);
    // The vessel brings it to the cells: pFAK follows the missed tablet.
    let pfak = |hour: f64| {
        let at = |row: &&Row| (row.get("time_h").unwrap() - hour).abs() < 1e-6;
        let row = rows.iter().find(at).unwrap();
        row.get("mean_pfak_relative").unwrap()
    };
    assert!(pfak(146.25) < pfak(156.0) && pfak(156.0) < pfak(168.0) - 0.05);
    assert!(end.get("mean_drug_nm").unwrap() > 1.0);
}

/// The same formula written down again, for every report.
#[test]
fn an_infusion_follows_its_closed_form() {
    let model = dosed(
        "[dose]\ninfusion = { amount = \"150 mg\", start = \"2 h\", duration = \"90 min\", every = \"20 h\", skip = [2] }\n",
    );
    let (k_e, volume) = (96.6 / 1254.0, 1254.0);
    for row in rows(&model) {
        let hour = row.get("time_h").unwrap();
        let expected: f64 = [2.0, 42.0]
            .iter()
            .filter(|start| hour > **start)
            .map(|start| {
                let (during, since) = (1.5, hour - start);
                let rate = 150e3 / volume / during / k_e;
                if since <= during {
                    rate * (1.0 - f64::exp(-k_e * since))
                } else {
                    rate * (f64::exp(k_e * during) - 1.0) * f64::exp(-k_e * since)
                }
            })
            .sum();
        close(row.get("plasma_ng_ml").unwrap(), expected, 1e-9);
    }
    // A rate is the same thing.
    let rate = dosed(
        "[dose]\ninfusion = { rate = \"100 mg/h\", start = \"2 h\", duration = \"90 min\", every = \"20 h\", skip = [2] }\n",
    );
    let at = |model: &Model| model.dose().bath_nm(5.0 * H, 600, &[]);
    close(at(&model), at(&rate), 1e-12);
}

#[test]
fn a_schedule_has_its_days_and_doses() {
    let times = |dose: &str| -> Vec<f64> {
        let model = dosed(&format!(
            "[dose]\noral = {{ amount = \"100 mg\", {dose} }}\n"
        ));
        let regimen = model.dose().inhibitor().unwrap().regimen().unwrap().clone();
        regimen.intakes.iter().map(|i| i.at_min / H).collect()
    };
    assert_eq!(times("every = \"12 h\""), [0.0, 12.0, 24.0, 36.0]);
    assert_eq!(times("start = \"30 h\""), [30.0], "one without every");
    assert_eq!(
        times("every = \"8 h\", start = \"6 h\", doses = 3"),
        [6.0, 14.0, 22.0]
    );
    assert_eq!(
        times("every = \"6 h\", days_on = 1, days_off = 1, start = \"12 h\""),
        [12.0, 18.0, 24.0, 30.0]
    );
    let listed = dosed("[dose]\noral = { amount = [\"100 mg\", \"50 mg\"], every = \"12 h\" }\n");
    let regimen = listed.dose().inhibitor().unwrap().regimen().unwrap();
    let amounts: Vec<f64> = regimen.intakes.iter().map(|i| i.amount_mg).collect();
    assert_eq!(amounts, [100.0, 50.0]);
}

/// Food delays the peak and leaves the exposure (Jones 2015).
#[test]
fn food_delays_the_peak_alone() {
    let table = |more: &str| {
        doses(&dosed(&format!(
            "[dose]\noral = {{ amount = \"200 mg\"{more} }}\n"
        )))
    };
    let (fasted, fed) = (table(""), table(", food_delay = \"2 h\""));
    close(fed(1, "tmax_h") - fasted(1, "tmax_h"), 2.0, 1e-5);
    close(fed(1, "cmax_ng_ml"), fasted(1, "cmax_ng_ml"), 1e-9);
}

#[test]
fn a_pulse_is_washed_out_of_the_tissue() {
    let model = dosed(
        "[dose]\nbath = [{ at = \"1 h\", level = \"100 nM\" }, { at = \"4 h\", level = \"0 nM\" },\n\
         { at = \"6 h\", level = \"40 nM\", over = \"2 h\" }]\n",
    );
    let rows = rows(&model);
    let get = |hour: usize, name: &str| rows[hour].get(name).unwrap();
    let baths = [0, 1, 3, 4, 6, 7, 8, 48].map(|hour| get(hour, "bath_nm"));
    assert_eq!(baths, [0.0, 100.0, 100.0, 0.0, 0.0, 20.0, 40.0, 40.0]);
    close(get(4, "mean_drug_nm"), 100.0, 1e-3);
    assert!(get(6, "mean_drug_nm") < 1e-6);
    assert!(get(4, "mean_pfak_relative") < 0.2 && get(6, "mean_pfak_relative") > 0.9);
    close(get(48, "mean_drug_nm"), 40.0, 1e-3);
}

/// The nominal level of half pFAK is the free one over f_u: whatever binds in the medium, cells see what is free.
#[test]
fn a_nominal_ic50_shifts_by_what_the_medium_binds() {
    let network = Signalling::new(dosed("").parameters());
    let pfak = |nm: f64| network.steady(0.5, nm, invado::model::Line::PLAIN).pfak;
    let ic50 = |free: &dyn Fn(f64) -> f64| {
        let (mut low, mut high) = (1e-3f64, 1e5f64);
        for _ in 0..200 {
            let middle = (low * high).sqrt();
            if pfak(free(middle)) > 0.5 * pfak(0.0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    let free_of = |nominal_nm: f64, binding: &str| {
        let model = dosed(&format!(
            "[dose]\nbath = \"{nominal_nm:e} nM\"\naxis = \"nominal\"\n{binding}\n"
        ));
        model.dose().bath_nm(0.0, 0, &[])
    };
    let plain = ic50(&|nm| nm);
    for (binding, f_u) in [
        ("unbound = 0.25", 0.25),
        // A tenth of serum binds a tenth as much as plasma with f_u 0.05.
        ("serum = 0.1", 1.0 / (1.0 + 0.1 * 19.0)),
        ("serum = \"100 %\"", 0.05),
    ] {
        close(ic50(&|nm| free_of(nm, binding)), plain / f_u, 1e-9);
    }
    // And in the cells of a run: 4 × the level with a quarter of it free is the same to the bit.
    let hash = |dose: &str| {
        let model = dosed(dose);
        let mut simulation =
            Simulation::new(model.clone(), Box::new(CpuEngine::new(&model))).unwrap();
        simulation.run(60).unwrap();
        simulation.snapshot().unwrap().hash()
    };
    let nominal = "[dose]\nbath = \"40 nM\"\naxis = \"nominal\"\nunbound = 0.25\n";
    assert_eq!(hash(nominal), hash("[dose]\nbath = \"10 nM\"\n"));
    assert_ne!(hash(nominal), hash("[dose]\nbath = \"40 nM\"\n"));
}

#[test]
fn escalation_has_the_published_order_of_exposures() {
    let arms = built_in("escalation", &[]).arms().unwrap();
    let auc = |wanted: &str| {
        let (_, arm) = arms.iter().find(|(name, _)| name == wanted).unwrap();
        let model = Model::try_from(arm).unwrap();
        let regimen = model.dose().inhibitor().unwrap().regimen().unwrap().clone();
        regimen.auc_ng_h_per_ml(120.0 * H)
    };
    assert!(auc("500 mg") < auc("425 mg"));
    assert!(auc("750 mg") < auc("300 mg"));
    assert!(auc("100 mg") < auc("200 mg") && auc("200 mg") < auc("300 mg"));
}

#[test]
fn the_isotopologue_has_twice_the_exposure() {
    let auc = |name: &str| {
        let table = doses(&dosed(&format!(
            "[dose]\ncompound = \"{name}\"\noral = {{ amount = \"200 mg\" }}\n[parameters]\nCL_F = \"{}\"\n",
            if name == "defactinib" {
                "966 L/h"
            } else {
                "483 L/h"
            }
        )));
        table(1, "auc_ng_h_per_ml")
    };
    // Ten times the clearance, set in the scenario, so that two days hold the whole area.
    close(auc("defactinib-d6") / auc("defactinib"), 2.0, 1e-3);
    let clearance = |name: &str| {
        let dose = format!("[dose]\ncompound = \"{name}\"\noral = {{ amount = \"200 mg\" }}\n");
        dosed(&dose).parameters().value("CL_F")
    };
    close(
        clearance("defactinib-d6") / clearance("defactinib"),
        0.5,
        1e-12,
    );
}

#[test]
fn several_compounds_have_their_own_levels() {
    let model = dosed(
        "[dose]\nbath = \"10 nM\"\n\
         [[dose.with]]\ncompound = \"docetaxel\"\nbath = \"30 ng/mL\"\n\
         [[dose.with]]\ncompound = \"mek-inhibitor\"\nbath = [{ at = \"0 h\", level = \"3 nM\" }]\n\
         [[dose.with]]\ncompound = \"anti-pd-1\"\ninfusion = { amount = \"240 mg\", duration = \"30 min\" }\n",
    );
    let levels = model.dose().levels(0.0, 0, &[]);
    close(levels.docetaxel_ng_ml, 30.0, 1e-12);
    let expected = Levels {
        inhibitor_nm: 10.0,
        mek: 3.0,
        docetaxel_ng_ml: levels.docetaxel_ng_ml,
        anti_pd1: 0.0,
    };
    assert_eq!(levels, expected);
    // 240 mg in 6.6 L are 36 ug/mL, 249 nM: nearly every receptor is blocked.
    let later = model.dose().levels(H, 120, &[]);
    let nm = 240e6 / 6.6 / 146_000.0;
    close(later.anti_pd1, nm / (nm + 3.0), 1e-3);
    let columns = model.dose().columns(0.0, 0, &[]);
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "bath_nm",
            "bath_nominal_nm",
            "docetaxel_ng_ml",
            "docetaxel_nominal_ng_ml",
            "mek-inhibitor_nm",
            "mek-inhibitor_nominal_nm",
            "anti-pd-1_nm",
            "anti-pd-1_nominal_nm"
        ]
    );
    // Without a FAK inhibitor the field stays empty.
    let alone = dosed("[dose]\ncompound = \"docetaxel\"\nbath = \"30 ng/mL\"\n");
    assert!(!alone.is_bathed());
    assert_eq!(rows(&alone)[2].get("mean_drug_nm"), Some(0.0));
}

/// What a regimen does to the border of a tissue: the level falls inward, and never exceeds the plasma's.
#[test]
fn a_regimen_can_drive_the_border() {
    let border = "[fields.drug]\nuptake = \"0.5 /s\"\nboundary = { x_min = \"bath\" }\n";
    let dose = "[dose]\noral = { amount = \"200 mg\", every = \"12 h\" }\n[parameters]\nP_bath = \"0 /s\"\n";
    let text = format!("{}{dose}", SMALL.replace("[fields.drug]\n", border));
    let model = Model::from_toml(&text).unwrap();
    let mut simulation = Simulation::new(model.clone(), Box::new(CpuEngine::new(&model))).unwrap();
    simulation.run(240).unwrap();
    let state = simulation.snapshot().unwrap();
    let row = &state.fields[0].1[..6];
    assert!(f64::from(row[0]) < simulation.bath_nm(), "{row:?}");
    assert!(row[5] > 0.0 && row.is_sorted_by(|a, b| a > b), "{row:?}");
    let undosed = SMALL.replace("[fields.drug]\n", border);
    let error = Model::from_toml(&undosed).unwrap_err().to_string();
    assert!(
        error.contains("fields.drug.boundary.x_min") && error.contains("has a bath"),
        "{error}"
    );
}

/// Other compounds do what they are for, in cells of a run.
#[test]
fn other_compounds_reach_their_targets() {
    let end = |dose: &str| rows(&dosed(dose)).pop().unwrap();
    let with = |name: &str, level: &str| {
        let second = format!("[[dose.with]]\ncompound = \"{name}\"\nbath = \"{level}\"\n");
        end(&format!("[dose]\nbath = \"0 nM\"\n{second}"))
    };
    let plain = end("");
    let get = |row: &Row, name: &str| row.get(name).unwrap();
    let mek = with("mek-inhibitor", "3 nM");
    // m_MEK = 3: what activates ERK is a quarter.
    let e = get(&plain, "mean_perk");
    let gain = e / (1.0 - e) / 4.0;
    close(get(&mek, "mean_perk"), gain / (1.0 + gain), 1e-3);
    close(get(&mek, "mean_pfak"), get(&plain, "mean_pfak"), 1e-6);
    assert_eq!(get(&plain, "deaths"), 0.0);
    let docetaxel = with("docetaxel", "1 ug/mL");
    assert!(get(&docetaxel, "deaths") > 0.0);
    // Pyk2 sees its own potency.
    let pfak = |name: &str| {
        let own = format!("[compounds.own]\nlike = \"defactinib\"\nK_app_pyk2 = \"{name}\"\n");
        let row = end(&format!(
            "{own}[dose]\ncompound = \"own\"\nbath = \"1 uM\"\n"
        ));
        get(&row, "mean_pfak_relative")
    };
    assert!(pfak("1e5 nM") > pfak("7 nM") + 0.02);
    let names: Vec<String> = unverified(&dosed(
        "[dose]\ncompound = \"docetaxel\"\nbath = \"1 ng/mL\"\n",
    ))
    .into_iter()
    .map(|p| p.name)
    .collect();
    assert!(names.contains(&"k_docetaxel".to_string()), "{names:?}");
}

#[test]
fn a_compound_decides_the_potencies_unless_the_scenario_does() {
    let k_app = |text: &str| dosed(text).parameters().value("K_app");
    assert_eq!(k_app(""), 7.0);
    let other = "[dose]\ncompound = \"pf-562271\"\nbath = \"10 nM\"\n";
    assert_eq!(k_app(other), 5.0);
    close(
        dosed(other).parameters().value("K_app_pyk2"),
        5.0 * 14.0 / 1.5,
        1e-3,
    );
    assert_eq!(
        k_app(&format!("{other}[parameters]\nK_app = \"9 nM\"\n")),
        9.0
    );
    let own = "[compounds.my-drug]\nlike = \"defactinib\"\nK_app = \"2 nM\"\n\
               [dose]\ncompound = \"my-drug\"\nbath = \"10 nM\"\n";
    assert_eq!(k_app(own), 2.0);
    let adjusted = "[compounds.defactinib]\nK_app = \"4 nM\"\n[dose]\nbath = \"10 nM\"\n";
    assert_eq!(k_app(adjusted), 4.0);
    let drug = |text: &str| dosed(text).field(FieldKind::Drug).unwrap().diffusivity;
    assert!(drug("[compounds.defactinib]\nD_drug = \"50 um^2/s\"\n") < 0.5 * drug(""));
}

#[test]
fn unverified_values_of_compounds_in_use_are_listed() {
    let names = |dose: &str| -> Vec<String> {
        unverified(&dosed(dose))
            .into_iter()
            .map(|p| p.name)
            .collect()
    };
    let has = |names: &[String], name: &str| names.iter().any(|n| n == name);
    let bath = names("[dose]\nbath = \"1 nM\"\n");
    assert!(has(&bath, "K_app") && !has(&bath, "CL_F") && !has(&bath, "f_u"));
    let serum = names("[dose]\nbath = \"1 nM\"\nserum = 0.1\n");
    assert!(has(&serum, "f_u") && !has(&serum, "CL_F"));
    let oral = names("[dose]\noral = { amount = \"1 mg\" }\n");
    assert!(has(&oral, "k_a") && has(&oral, "CL_F") && !has(&oral, "D_sat"));
    let saturable = names("[dose]\noral = { amount = \"1 mg\", saturable = true }\n");
    assert!(has(&saturable, "D_sat"));
    let with = "[dose]\nbath = \"1 nM\"\n[[dose.with]]\ncompound = \"mek-inhibitor\"\n";
    let mek = names(&format!("{with}bath = \"1 nM\"\n"));
    assert!(has(&mek, "mek-inhibitor.IC50") && !has(&mek, "mek-inhibitor.f_u"));
    let vein = "infusion = { amount = \"1 mg\", duration = \"1 h\" }\n";
    assert!(!has(&names(&format!("{with}{vein}")), "mek-inhibitor.k_a"));
}

#[test]
fn bad_doses_are_refused() {
    let refused = |dose: &str, parts: &[&str]| {
        let error = error(dose);
        for part in parts {
            assert!(error.contains(part), "{dose}\n{error}\nlacks {part}");
        }
    };
    // SMALL has 17 lines before the dose.
    let line = format!("text:{}: ", SMALL.lines().count() + 2);
    let dose = |what: &str| format!("[dose]\n{what}\n");
    let oral = |what: &str| dose(&format!("oral = {{ amount = \"200 mg\", {what} }}"));
    refused(&dose("bath = \"-1 nM\""), &[&line, "dose.bath", "negative"]);
    refused(
        &dose("bath = [{ at = \"0 h\", level = \"-1 nM\" }]"),
        &[&line, "dose.bath.0.level", "negative"],
    );
    refused(
        &dose("oral = { amount = \"-200 mg\" }"),
        &["dose.oral.amount", "negative; allowed: 0 or more"],
    );
    refused(
        &dose("infusion = { amount = \"2e9 mg\", duration = \"1 h\" }"),
        &["dose.infusion.amount", "allowed: up to 1e6 mg"],
    );
    // Longer than the run.
    refused(
        &dose("bath = [{ at = \"0 h\", level = \"1 nM\" },\n{ at = \"48 h\", level = \"0 nM\" }]"),
        &[
            "text:20: dose.bath.1.at",
            "the run ends at 48 h",
            "time.duration",
        ],
    );
    refused(
        &dose("bath = [{ at = \"47 h\", level = \"1 nM\", over = \"2 h\" }]"),
        &["dose.bath.0.over", "the ramp ends at 49 h"],
    );
    refused(
        &oral("start = \"3 d\""),
        &["dose.oral.start", "begins at 72 h and the run ends at 48 h"],
    );
    refused(
        &oral("every = \"12 h\", doses = 5"),
        &["dose.oral.doses", "before dose 5 of 5 at 48 h"],
    );
    refused(
        &dose("oral = { amount = [\"1 mg\", \"2 mg\"], every = \"2 d\" }"),
        &["dose.oral.amount", "before dose 2 of 2 at 48 h"],
    );
    refused(
        &dose("infusion = { amount = \"1 mg\", duration = \"3 h\", start = \"46 h\" }"),
        &["dose.infusion.duration", "ends at 49 h and the run at 48 h"],
    );
    // Names.
    refused(
        &dose("compound = \"defactinb\"\nbath = \"1 nM\""),
        &[&line, "dose.compound", "Did you mean 'defactinib'?"],
    );
    refused(
        "[compounds.mine]\nK_app = \"1 nM\"\n",
        &["compounds.mine", "needs like", "docetaxel"],
    );
    refused(
        "[compounds.mine]\nlike = \"docetaxl\"\n",
        &["compounds.mine.like", "Did you mean 'docetaxel'?"],
    );
    refused(
        "[compounds.mine]\nlike = \"defactinib\"\nK_ap = \"1 nM\"\n",
        &["compounds.mine.K_ap", "Did you mean 'K_app'?"],
    );
    refused(&oral("evry = \"12 h\""), &[&line, "Did you mean 'every'?"]);
    refused(
        &dose("bath = [{ at = \"0 h\", levle = \"1 nM\" }]"),
        &[&line, "Did you mean 'level'?"],
    );
    refused(&dose("bath = true"), &[&line, "a level such as"]);
    // Potency zero.
    refused(
        "[compounds.mine]\nlike = \"defactinib\"\nK_app = \"0 nM\"\n",
        &[
            "compounds.mine.K_app",
            "outside its range 0.01 nM to 100000 nM",
        ],
    );
    refused(
        "[parameters]\nK_app = \"0 nM\"\n",
        &["parameters.K_app", "outside its range"],
    );
    refused(
        "[compounds.mek-inhibitor]\nIC50 = \"0 nM\"\n",
        &["compounds.mek-inhibitor.IC50", "outside its range"],
    );
    // Overlaps.
    let event = |at: &str, more: &str| format!("{{ at = \"{at}\", level = \"1 nM\"{more} }}");
    for (first, second) in [
        (event("2 h", ""), event("2 h", "")),
        (event("2 h", ""), event("1 h", "")),
        (event("2 h", ", over = \"2 h\""), event("3 h", "")),
    ] {
        refused(
            &dose(&format!("bath = [{first}, {second}]")),
            &["dose.bath.1.at", "events overlap", "the one before at 2 h"],
        );
    }
    refused(
        &dose("infusion = { amount = \"1 mg\", duration = \"3 h\", every = \"2 h\" }"),
        &["dose.infusion.every", "infusions overlap"],
    );
    refused(
        &dose("bath = \"1 nM\"\n[[dose.with]]\noral = { amount = \"1 mg\" }"),
        &[
            "dose.with.0.compound",
            "defactinib is given by dose already",
        ],
    );
    refused(
        &dose("bath = \"1 nM\"\n[[dose.with]]\ncompound = \"defactinib-d6\"\nbath = \"1 nM\""),
        &["dose.with.0.compound", "both act on FAK"],
    );
    refused(
        &dose("bath = \"1 nM\"\noral = { amount = \"1 mg\" }"),
        &[
            "text:20: dose",
            "exactly one of bath, oral, infusion and series",
        ],
    );
    refused(&dose("axis = \"free\""), &["exactly one of bath"]);
    // Missed doses.
    refused(
        &oral("every = \"12 h\", skip = [0]"),
        &[
            "dose.oral.skip",
            "there is no dose 0",
            "4 of them, counted from 1",
        ],
    );
    refused(
        &oral("every = \"12 h\", skip = [1, 5]"),
        &["there is no dose 5"],
    );
    refused(
        &oral("every = \"12 h\", skip = [2, 2]"),
        &["dose 2 is named twice"],
    );
    // Schedules.
    refused(&oral("doses = 2"), &["several doses need every"]);
    refused(&oral("every = \"1 s\""), &["more than 1000 doses"]);
    refused(
        &oral("every = \"0 h\""),
        &["dose.oral.every", "greater than 0"],
    );
    refused(
        &oral("every = \"12 h\", doses = 0"),
        &["0 doses; allowed: 1 to 1000"],
    );
    refused(
        &oral("every = \"12 h\", days_on = 3"),
        &["days_on and days_off belong together"],
    );
    refused(
        &oral("every = \"12 h\", days_on = 0, days_off = 1"),
        &["dose.oral.days_on", "allowed: 1 to 3650"],
    );
    refused(
        &dose("infusion = { duration = \"3 h\" }"),
        &["dose.infusion", "either amount or rate"],
    );
    refused(
        &dose("compound = \"docetaxel\"\noral = { amount = \"1 mg\" }"),
        &["docetaxel has no k_a", "use infusion"],
    );
    // Binding and axes.
    refused(
        &dose("bath = \"1 nM\"\nserum = 1.5"),
        &["dose.serum", "allowed: 0 to 1"],
    );
    refused(
        &dose("bath = \"1 nM\"\nunbound = 0"),
        &["dose.unbound", "greater than 0"],
    );
    refused(
        &dose("bath = \"1 nM\"\nserum = 0.1\nunbound = 0.5"),
        &["serum or unbound, not both"],
    );
    refused(
        &dose("bath = \"1 nM\"\naxis = \"nominal\""),
        &["dose.axis", "give serum"],
    );
    refused(
        &dose("bath = \"1 nM\"\naxis = \"nominl\"\nserum = 0.1"),
        &["dose.axis", "Did you mean 'nominal'?"],
    );
    refused(
        &dose("oral = { amount = \"1 mg\" }\nserum = 0.1"),
        &["dose.serum", "is for a bath"],
    );
    refused(
        &dose(
            "bath = \"1 nM\"\n[[dose.with]]\ncompound = \"docetaxel\"\nbath = \"1 nM\"\n[[dose.with.with]]\nbath = \"1 nM\"",
        ),
        &["dose.with.0.with", "not inside one of them"],
    );
}

/// A run that is cut short keeps the doses that it does not live to see.
#[test]
fn a_shorter_run_is_the_same_scenario() {
    let short = Model::try_from(&built_in("bid", &["time.until=1 h"])).unwrap();
    assert_eq!(short.n_steps(), 120);
    let regimen = short.dose().inhibitor().unwrap().regimen().unwrap();
    assert_eq!(regimen.intakes.len(), 14);
    let long = Model::try_from(&built_in("bid", &["time.until=200 h"])).unwrap();
    let regimen = long.dose().inhibitor().unwrap().regimen().unwrap();
    assert_eq!(regimen.intakes.len(), 17, "and a longer one goes on");
}

fn invado() -> Command {
    Command::new(env!("CARGO_BIN_EXE_invado"))
}

fn replay(folder: &Path) -> assert_cmd::assert::Assert {
    invado().arg("replay").arg(folder).assert()
}

/// A recorded session of SMALL with two live changes of the dose, made without a window.
fn session(folder: &Path) -> RunJson {
    let dose = "[dose]\noral = { amount = \"200 mg\", every = \"12 h\" }\n[[slider]]\nkey = \"dose.bath\"\nrange = [\"0 nM\", \"1 uM\"]\n";
    let text = format!("{SMALL}{dose}");
    let scenario = Scenario::parse("small", "small", Path::new("."), &text, &[]).unwrap();
    let model = Model::try_from(&scenario).unwrap();
    let engine = CpuEngine::new(&model);
    let mut simulation = Simulation::new(model.clone(), Box::new(engine)).unwrap();
    simulation.run(100).unwrap();
    simulation.set_bath_nm(250.0);
    simulation.run(37).unwrap();
    simulation.set_bath_nm(1.5);
    simulation.run(200).unwrap();
    let mut json = RunJson::begin(&scenario, &model, ("cpu", "test".to_string()), "test");
    json.status = Status::Interrupted;
    json.steps = simulation.step();
    json.events = simulation.events().to_vec();
    json.state_hash = Some(simulation.snapshot().unwrap().hash());
    json.write(folder).unwrap();
    json
}

#[test]
fn a_session_is_replayed_to_the_same_hash() {
    let folder = tempfile::tempdir().unwrap();
    let mut json = session(folder.path());
    assert_eq!(json.events.len(), 2);
    replay(folder.path())
        .success()
        .stdout(contains("the same state hash").and(contains(json.state_hash.clone().unwrap())));
    // What differs is seen: another level, one event less, one step less.
    let original = json.clone();
    json.events[1].act = Act::BathNm(1.6);
    json.write(folder.path()).unwrap();
    replay(folder.path())
        .code(1)
        .stderr(contains("is in another state at"));
    json.events.pop();
    json.write(folder.path()).unwrap();
    replay(folder.path()).code(1);
    json = original;
    json.steps -= 1;
    json.write(folder.path()).unwrap();
    replay(folder.path()).code(1);
}

#[test]
fn a_record_that_cannot_be_replayed_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |why: &str| {
        replay(folder.path())
            .code(2)
            .stderr(contains("run.json").and(contains(why)));
    };
    refused("cannot read");
    std::fs::write(folder.path().join("run.json"), "{ \"version\": ").unwrap();
    refused("is damaged");
    let good = session(folder.path());
    let change = |edit: &dyn Fn(&mut RunJson)| {
        let mut json = good.clone();
        edit(&mut json);
        json.write(folder.path()).unwrap();
    };
    change(&|json| json.version = "0.0.1".to_string());
    refused("written by invado 0.0.1");
    change(&|json| json.state_hash = None);
    refused("no state to compare with");
    change(&|json| json.steps = u64::MAX);
    refused("its scenario has 5760");
    change(&|json| json.events[0].act = Act::BathNm(-1.0));
    refused("its event 1: a bath of -1 nM is no level");
    change(&|json| json.events.reverse());
    refused("its events are damaged");
    change(&|json| json.engine = "gpx".to_string());
    refused("Did you mean 'gpu'?");
    change(&|json| json.scenario_toml = json.scenario_toml.replace("voxel", "voxle"));
    refused("Did you mean 'voxel'?");
}

/// Files that a scenario names are found from wherever the replay is started.
#[test]
fn a_run_with_files_is_replayed_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cells.csv"), "x_um,y_um\n10,10\n40,40\n").unwrap();
    let place = SMALL.find("place = ").unwrap();
    let end = place + SMALL[place..].find('\n').unwrap();
    let text = format!(
        "{}place = {{ file = \"cells.csv\" }}{}[dose]\nbath = \"5 nM\"\n",
        &SMALL[..place],
        &SMALL[end..]
    );
    let path = folder.path().join("s.toml");
    std::fs::write(&path, text).unwrap();
    let out = folder.path().join("out");
    invado()
        .args(["run", path.to_str().unwrap(), "--until", "30 min"])
        .args(["--engine", "cpu", "--out"])
        .arg(&out)
        .assert()
        .success();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = invado();
    command
        .current_dir(elsewhere.path())
        .arg("replay")
        .arg(&out);
    command.assert().success();
    std::fs::write(folder.path().join("cells.csv"), "x_um,y_um\n10,10\n40,41\n").unwrap();
    command
        .assert()
        .code(1)
        .stderr(contains("may have changed"));
    std::fs::remove_file(folder.path().join("cells.csv")).unwrap();
    command.assert().code(2).stderr(contains("cells.csv"));
}

#[test]
fn arms_are_run_one_after_another() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        invado()
            .args(["run", "escalation", "--until", "1 h", "--engine", "cpu"])
            .args(more)
            .arg("--out")
            .arg(&out)
            .assert()
    };
    run(&[]).success().stdout(contains("arm 6 of 6: 750 mg"));
    let mut table = csv::Reader::from_path(out.join("arms.csv")).unwrap();
    let head = table.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|h| h == name).unwrap();
    let records: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 6);
    let auc: Vec<f64> = records
        .iter()
        .map(|r| r[column("plasma_auc_ng_h_per_ml")].parse().unwrap())
        .collect();
    // 500 below 425 mg, 750 below 300 mg.
    assert!(auc[4] < auc[3] && auc[5] < auc[2]);
    assert_eq!(&records[0][column("time_h")], "1");
    let json = RunJson::read(&out.join("425 mg")).unwrap();
    assert!(!json.scenario_toml.contains("[[arm]]") && json.scenario_toml.contains("425 mg"));
    assert!(out.join("425 mg/doses.csv").is_file());
    // Reports at the start and after an hour; one that differs is named, and so is a table that is damaged.
    let one = out.join("425 mg");
    replay(&one)
        .success()
        .stdout(contains("compared at 2 moments"));
    let table = std::fs::read_to_string(one.join("hashes.csv")).unwrap();
    let mut lines: Vec<String> = table.lines().map(str::to_string).collect();
    assert_eq!(
        (lines[0].as_str(), lines.len()),
        ("time_h,step,state_hash", 3)
    );
    lines[1].pop();
    lines[1].push('x');
    std::fs::write(one.join("hashes.csv"), lines.join("\n")).unwrap();
    replay(&one)
        .code(1)
        .stderr(contains("is in another state at 0.000 h"));
    std::fs::write(one.join("hashes.csv"), "time_h,step,state_hash\n0,x,y\n").unwrap();
    replay(&one).code(2).stderr(contains("hashes.csv"));
    std::fs::remove_file(one.join("hashes.csv")).unwrap();
    replay(&one)
        .success()
        .stdout(contains("compared at the end"));
    replay(&out).code(2).stderr(contains("holds arms"));
    run(&[]).code(2).stderr(contains("--force"));
    run(&["--force", "--quiet"]).success().stdout("");
    // Nothing of other people's is touched.
    let alien = tempfile::tempdir().unwrap();
    std::fs::write(alien.path().join("thesis.txt"), "years of work").unwrap();
    let mut command = invado();
    command.args(["run", "escalation", "--until", "1 h", "--force", "--out"]);
    let refused = command.arg(alien.path()).assert().code(2);
    refused.stderr(contains("holds no arms of invado"));
}

#[test]
fn bad_arms_are_refused_before_any_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arms: &str, parts: &[&str]| {
        let path = folder.path().join("s.toml");
        std::fs::write(&path, format!("{SMALL}[dose]\nbath = \"1 nM\"\n{arms}")).unwrap();
        let out = folder.path().join("out");
        let mut command = invado();
        command.arg("run").arg(&path).arg("--out").arg(&out);
        let mut assert = command.assert().code(2);
        for part in parts {
            assert = assert.stderr(contains(*part));
        }
        assert!(!out.exists(), "{arms}");
    };
    let arm = |name: &str, set: &str| format!("[[arm]]\nname = \"{name}\"\nset = {{ {set} }}\n");
    refused(&arm("../up", ""), &["arm.0.name", "the name of a folder"]);
    refused(&arm("", ""), &["arm.0.name", "the name of a folder"]);
    refused(
        &(arm("a", "") + &arm("A", "")),
        &["arm.1.name", "there are two arms"],
    );
    refused(
        &arm("a", "\"dose.bth\" = \"1 nM\""),
        &["arm 'a'", "Did you mean 'bath'?"],
    );
    refused(
        &(arm("a", "") + &arm("b", "\"dose.bath\" = \"-1 nM\"")),
        &["arm 'b'", "dose.bath", "negative"],
    );
    refused(
        &arm("a", "\"cells.7.speed\" = \"1 um/h\""),
        &["arm.0.set.cells.7.speed", "no entry '7'"],
    );
}

#[test]
fn compounds_are_listed() {
    let listed = invado().args(["list", "compounds"]).assert().success();
    let mut parts = vec![
        "defactinib against FAK",
        "K_app_pyk2",
        "Jones 2015",
        "Evidence",
    ];
    parts.extend(["defactinib-d6", "pf-562271", "docetaxel", "anti-pd-1"]);
    let mut listed = listed;
    for part in parts {
        listed = listed.stdout(contains(part));
    }
}
