//! The nine signalling states: against a stiff high-order solver, as the program writes them, and what follows from them.
//! Time courses and published anchors are in the verification book.

mod common;

use std::fmt::Write as _;

use common::{close, engines};
use differential_equations::prelude::*;
use invado::cpu::CpuEngine;
use invado::model::Model;
use invado::parameters::Parameters;
use invado::rng::{self, Stream};
use invado::simulation::{Engine, Simulation, StepInput};
use invado::state::{HostState, N_SIGNALS, Phase, signal, traits};

/// A few cells far apart that neither move, push, divide nor die, in uniform matrix and bath.
fn dish(cells: &str, parameters: &str, rho: f64, bath_nm: f64) -> Model {
    Model::from_toml(&dish_toml(cells, parameters, rho, bath_nm)).unwrap()
}

fn dish_toml(cells: &str, parameters: &str, rho: f64, bath_nm: f64) -> String {
    format!(
        r#"
title = "dish"
question = "What do the cells signal?"
[domain]
size = ["100 um", "100 um"]
voxel = "50 um"
[time]
step = "6 s"
duration = "672 h"
[fields.ecm]
initial = {rho}
[[cells]]
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["100 um", "100 um"], count = 2 }} }}
division = "0 /h"
death = "0 /h"
{cells}
[parameters]
k_an = "0 /h"
c_r = "0 um/min"
c_a = "0 um/min"
G1 = "0 /s"
{parameters}
[dose]
bath = "{bath_nm} nM"
"#
    )
}

fn on_cpu(model: Model) -> Simulation {
    let engine = Box::new(CpuEngine::new(&model));
    Simulation::new(model, engine).unwrap()
}

fn states(state: &HostState) -> [f64; N_SIGNALS] {
    std::array::from_fn(|row| f64::from(state.cells.signals[row][0]))
}

/// The network as the model states it, in hours; rows as in [`signal`].
struct Network {
    parameters: Parameters,
    rho: f64,
    /// The dose of the present hour, nM. A solver must not meet its step within an hour, nor at the end of one.
    dose: f64,
    bypass: [f64; 2],
}

impl ODE<f64, [f64; N_SIGNALS]> for Network {
    fn diff(&self, _: f64, y: &[f64; N_SIGNALS], dydt: &mut [f64; N_SIGNALS]) {
        let value = |name: &str| self.parameters.value(name);
        // The table is per minute.
        let rate = |name: &str| 60.0 * value(name);
        let [f, s, x, a, e, rf, rs, n, m] = *y;
        let c = self.dose;
        let engaged = self.rho / (self.rho + value("K_rho"));
        let fak = c / (value("K_app") + c);
        let pyk2 = c / (value("K_app_pyk2") + c);
        let r = value("R0") + rf + rs;
        let kinases =
            rate("k_auto") * engaged * (1.0 - fak) + rate("k_pyk") * engaged * (1.0 - pyk2);
        *dydt = [
            (kinases + rate("k_rtk") * r) * (1.0 - f) - rate("k_dp") * f,
            rate("k_S") * f * (1.0 - s) - rate("k_Sm") * s,
            (rate("k_X") * f * s + rate("k_X0")) * (1.0 - x) - rate("k_Xm") * x,
            (rate("k_AF") * f + rate("k_AR") * r + rate("k_A0")) * (1.0 - a) - rate("k_Am") * a,
            (rate("k_EX") * x + rate("k_ER") * r + rate("k_E0")) * (1.0 - e)
                / (1.0 + value("m_MEK"))
                - rate("k_Em") * e,
            (self.bypass[0] * (0.25 + 0.75 * fak) - rf) * 60.0 / value("tau_f"),
            (self.bypass[1] * fak - rs) * 60.0 / value("tau_s"),
            rate("k_N")
                * engaged
                * ((1.0 - value("w")) + value("w") * f / value("F0"))
                * (1.0 - n - m)
                - (rate("k_Noff") + rate("k_mat")) * n,
            rate("k_mat") * n - (rate("k_d0") + rate("k_d1") * x) * m,
        ];
    }
}

/// Parameters of the network that are drawn, with the unit that the table gives them.
const DRAWN: [(&str, &str); 31] = [
    ("k_auto", "/h"),
    ("k_pyk", "/h"),
    ("k_rtk", "/h"),
    ("k_dp", "/h"),
    ("k_S", "/h"),
    ("k_Sm", "/h"),
    ("k_X", "/h"),
    ("k_X0", "/h"),
    ("k_Xm", "/h"),
    ("k_AF", "/h"),
    ("k_AR", "/h"),
    ("k_A0", "/h"),
    ("k_Am", "/h"),
    ("k_EX", "/h"),
    ("k_ER", "/h"),
    ("k_E0", "/h"),
    ("k_Em", "/h"),
    ("k_N", "/h"),
    ("k_Noff", "/h"),
    ("k_mat", "/h"),
    ("k_d0", "/h"),
    ("k_d1", "/h"),
    ("w", ""),
    ("K_rho", ""),
    ("R0", ""),
    ("K_app", "nM"),
    ("K_app_pyk2", "nM"),
    ("F0", ""),
    ("tau_f", "h"),
    ("tau_s", "h"),
    ("m_MEK", ""),
];

/// How parameters are drawn from the ranges that the table allows.
#[derive(Clone, Copy, Debug)]
enum Draw {
    /// Up to threefold to either side of the default; m_MEK from 0 to 5.
    AroundDefault,
    /// Uniformly: most rates are fast then.
    Uniform,
    /// Uniformly in the logarithm, from a hundred-thousandth of the upper end where the lower end is 0: every time scale
    /// meets every other.
    Logarithmic,
}

impl Draw {
    /// A value from a range (in the unit of the default) at a share 0…1.
    fn value(self, default: f64, [low, high]: [f64; 2], share: f64) -> f64 {
        match self {
            Draw::AroundDefault if default == 0.0 => 5.0 * share,
            Draw::AroundDefault => (default * 9f64.powf(share - 0.5)).clamp(low, high),
            Draw::Uniform => low + (high - low) * share,
            Draw::Logarithmic => {
                let low = low.max(1e-5 * high);
                low * (high / low).powf(share)
            }
        }
    }
}

/// Largest distance of the cells from the reference over 24 h, hour by hour; the bath is washed out after 9 h.
fn distance_from_reference(draw: Draw, set: u32, spoil: &str) -> f64 {
    let mut drawn = 0;
    let mut uniform = || {
        drawn += 1;
        f64::from(rng::unit_f32(
            rng::draw([3, 1], Stream::Traits, set, drawn, 0)[0],
        ))
    };
    let defaults = Parameters::default();
    let mut lines = String::new();
    for (name, unit) in DRAWN {
        let entry = defaults.entries().iter().find(|e| e.name == name).unwrap();
        let shown: f64 = entry.shown().split(' ').next().unwrap().parse().unwrap();
        // What is 0 by default has no unit.
        let per = if shown == 0.0 {
            1.0
        } else {
            entry.value / shown
        };
        let value = draw.value(shown, entry.range.map(|bound| bound / per), uniform());
        let value = if unit.is_empty() {
            format!("{value:e}")
        } else {
            format!("\"{value:e} {unit}\"")
        };
        writeln!(lines, "{name} = {value}").unwrap();
    }
    let rho = 0.1 * 30f64.powf(uniform());
    let dose = 10f64.powf(3.0 * uniform());
    let bypass = [0.8 * uniform(), 0.5 * uniform()];
    let cells = format!(
        "type = \"pc-3\"\nbypass_fast = {}\nbypass_slow = {}",
        bypass[0], bypass[1]
    );
    let model = dish(&cells, &lines, rho, dose);
    let mut network = Network {
        parameters: model.parameters().clone(),
        rho,
        dose,
        bypass,
    };
    if !spoil.is_empty() {
        let doubled = 2.0 * network.parameters.value(spoil) * 60.0;
        network
            .parameters
            .set(spoil, &toml::Value::String(format!("{doubled} /h")))
            .unwrap();
    }
    let mut simulation = on_cpu(model);
    let mut reference = states(&simulation.snapshot().unwrap());
    let mut worst: f64 = 0.0;
    for hour in 0..24 {
        if hour == 9 {
            simulation.set_bath_nm(0.0);
            network.dose = 0.0;
        }
        simulation.run(600).unwrap();
        let (from, to) = (f64::from(hour), f64::from(hour + 1));
        let solution = IVP::ode(&network, from, to, reference)
            .method(ImplicitRungeKutta::radau5().rtol(1e-8).atol(1e-10))
            .solve()
            .unwrap();
        reference = *solution.iter().next_back().unwrap().1;
        let got = states(&simulation.snapshot().unwrap());
        for (got, expected) in got.iter().zip(reference) {
            worst = worst.max((got - expected).abs());
        }
    }
    worst
}

/// 50 sets of parameters drawn at random from their ranges in each of three ways, and a bath that is washed out: within
/// 1 % of full scale at every hour.
#[test]
fn states_follow_a_stiff_reference() {
    use rayon::prelude::*;
    for draw in [Draw::AroundDefault, Draw::Uniform, Draw::Logarithmic] {
        let worst: Vec<f64> = (0..50)
            .into_par_iter()
            .map(|set| distance_from_reference(draw, set, ""))
            .collect();
        for (set, worst) in worst.iter().enumerate() {
            assert!(*worst <= 0.01, "{draw:?}, set {set}: {worst}");
        }
    }
}

/// The must-fail partner: a reference with one rate doubled is far away.
#[test]
fn a_wrong_rate_is_seen() {
    for rate in ["k_auto", "k_Sm", "k_X", "k_AF", "k_EX", "k_mat", "k_d1"] {
        let worst = (0..4)
            .map(|set| distance_from_reference(Draw::AroundDefault, set, rate))
            .fold(0.0, f64::max);
        assert!(worst > 0.02, "{rate}: {worst}");
    }
}

/// A14: the steady dose table from the program itself, on both engines: rho 0.5, no bypass, relative to control, ± 1 %.
#[test]
fn the_dose_table_is_reproduced() {
    // dose nM, pFAK, p-Cas, pAKT, pERK, adhesions N + M, turnover /h, sigma, speed
    let table = [
        (3.0, 0.803, 0.803, 0.895, 0.897, 1.017, 2.47, 1.04, 0.852),
        (10.0, 0.558, 0.548, 0.746, 0.750, 1.051, 1.78, 1.10, 0.659),
        (30.0, 0.312, 0.315, 0.575, 0.599, 1.100, 1.15, 1.18, 0.483),
        (100.0, 0.147, 0.202, 0.442, 0.521, 1.130, 0.85, 1.23, 0.398),
        (1000.0, 0.059, 0.171, 0.366, 0.498, 1.137, 0.76, 1.24, 0.374),
    ];
    for engine in programs("the_dose_table") {
        let steady = |dose: f64| settled_cell(engine, dose);
        let control = steady(0.0);
        close("control pFAK", control[0], 0.403, 0.005);
        close("control p-Cas", control[1], 0.291, 0.005);
        close("control turnover", control[5], 3.01, 0.01);
        for (dose, pfak, pcas, pakt, perk, adhesions, turnover, sigma, speed) in table {
            let got = steady(dose);
            let expected = [pfak, pcas, pakt, perk, adhesions, turnover, sigma, speed];
            for (i, expected) in expected.into_iter().enumerate() {
                let got = if i == 5 { got[5] } else { got[i] / control[i] };
                // The table has three figures: half of its last one is allowed on top of 1 %.
                let digit = if i == 5 || i == 6 { 0.005 } else { 0.0005 };
                let what = format!("{engine}, {dose} nM, column {i}");
                close(&what, got, expected, 0.01 + digit / expected);
            }
        }
    }
}

/// The engines that the program can run on here, as the command line calls them.
fn programs(test: &str) -> Vec<&'static str> {
    let gpu = common::gpu(test).map(|_| "gpu");
    ["cpu"].into_iter().chain(gpu).collect()
}

/// The first cell of `cells/24.000.csv` after a day in a bath: pFAK, p-Cas, pAKT, pERK, N + M, turnover, ½N + M, speed.
fn settled_cell(engine: &str, dose: f64) -> Vec<f64> {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let scenario = at("dish.toml");
    let text = dish_toml("type = \"pc-3\"", "", 0.5, dose).replace("672 h", "24 h");
    // What is at rest does not depend on the step.
    std::fs::write(&scenario, text.replace("6 s", "1 min")).unwrap();
    assert_cmd::Command::cargo_bin("invado")
        .unwrap()
        .arg("run")
        .arg(&scenario)
        .args(["--engine", engine, "--cells", "24 h", "--quiet", "--out"])
        .arg(at("run"))
        // A software adapter must be named.
        .args(
            (engine == "gpu")
                .then_some(["--adapter", "0"])
                .iter()
                .flatten(),
        )
        .assert()
        .success();
    let mut csv = csv::Reader::from_path(at("run").join("cells/24.000.csv")).unwrap();
    let header = csv.headers().unwrap().clone();
    let record = csv.records().next().unwrap().unwrap();
    let column = |name: &str| -> f64 {
        let ix = header.iter().position(|n| n == name).unwrap();
        record[ix].parse().unwrap()
    };
    let (n, m) = (column("fa_nascent"), column("fa_mature"));
    vec![
        column("pfak"),
        column("pcas"),
        column("pakt"),
        column("perk"),
        n + m,
        0.3 + 9.3 * column("pcas"),
        0.5 * n + m,
        column("speed_um_per_h"),
    ]
}

/// KRAS-mutant lines keep ERK, AKT-uncoupled ones AKT, and Pyk2 keeps Y397 where the inhibitor spares it.
#[test]
fn lines_differ_where_they_should() {
    let fall = |cells: &str, parameters: &str, row: usize| {
        let mut simulation = on_cpu(dish(cells, parameters, 0.5, 1000.0));
        let before = states(&simulation.snapshot().unwrap())[row];
        simulation.run(6000).unwrap();
        1.0 - states(&simulation.snapshot().unwrap())[row] / before
    };
    let plain = "type = \"mda-mb-231\"";
    assert!(fall(plain, "", signal::PERK) > 0.4);
    assert!(fall("type = \"kras-mutant\"", "", signal::PERK) < 0.15);
    assert!(fall(plain, "", signal::PAKT) > 0.5);
    assert!(fall("type = \"akt-uncoupled\"", "", signal::PAKT).abs() < 1e-4);
    let selective = fall(plain, "K_app_pyk2 = \"100000 nM\"", signal::PFAK);
    let both = fall(plain, "", signal::PFAK);
    assert!(selective < both - 0.02, "{selective} {both}");
}

/// A MEK inhibitor stops ERK alone, from the step on that gives it, and the same on both engines.
#[test]
fn a_mek_inhibitor_lowers_erk_alone() {
    let model = dish("type = \"pc-3\"", "", 0.5, 0.0);
    let start = invado::model::initial_state(&model);
    for mut engine in engines("a_mek_inhibitor", &model) {
        engine.load(&start).unwrap();
        let inputs: Vec<StepInput> = (0..1200)
            .map(|step| StepInput {
                mek: 4.0,
                ..StepInput::bathed(step, 0.0)
            })
            .collect();
        for batch in inputs.chunks(60) {
            engine.run(batch).unwrap();
        }
        let (before, after) = (states(&start), states(&engine.download().unwrap()));
        // E/(1 − E) = gain/loss, so a fifth of it is left.
        let odds = before[signal::PERK] / (1.0 - before[signal::PERK]) / 5.0;
        close("pERK", after[signal::PERK], odds / (1.0 + odds), 0.01);
        for row in [signal::PFAK, signal::PCAS, signal::PAKT] {
            close("other states", after[row], before[row], 1e-3);
        }
    }
}

/// Founders differ by log-normal factors of mean 1, daughters do as their mothers.
#[test]
fn traits_are_log_normal_and_inherited() {
    let model = Model::from_toml(
        r#"
title = "spread"
question = "How much do cells differ?"
[domain]
size = ["2000 um", "2000 um"]
voxel = "50 um"
[time]
step = "6 s"
duration = "8 h"
[[cells]]
type = "receptor-high"
spread_fak = 0.3
spread_receptor = 0.6
division = "0.2 /h"
place = { rectangle = { from = ["0 um", "0 um"], to = ["2000 um", "2000 um"], count = 4000 } }
[dose]
bath = "100 nM"
"#,
    )
    .unwrap();
    let start = invado::model::initial_state(&model);
    let n = start.cells.len() as f64;
    for (row, sigma) in [(traits::FAK, 0.3), (traits::RECEPTOR, 0.6)] {
        let values = &start.cells.traits[row];
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let logs: Vec<f64> = values.iter().map(|v| f64::from(*v).ln()).collect();
        let log_mean = logs.iter().sum::<f64>() / n;
        let log_sd = (logs.iter().map(|l| (l - log_mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        // Four standard errors.
        close("mean", mean, 1.0, 4.0 * sigma / n.sqrt() * 1.2);
        close("spread", log_sd, sigma, 4.0 / (2.0 * n).sqrt());
        assert!((log_mean + 0.5 * sigma * sigma).abs() < 4.0 * sigma / n.sqrt());
    }
    assert!(start.cells.traits[traits::SPEED].iter().all(|v| *v == 1.0));
    for mut engine in engines("traits", &model) {
        engine.load(&start).unwrap();
        let inputs: Vec<StepInput> = (0..1200)
            .map(|step| StepInput::bathed(step, 100.0))
            .collect();
        engine.run(&inputs).unwrap();
        let state = engine.download().unwrap();
        assert!(state.tally.births > 500);
        let cells = &state.cells;
        let by_id = |id: u32| {
            cells
                .identity
                .binary_search_by_key(&id, |identity| identity[0])
        };
        let mut pairs = 0;
        for (ix, identity) in cells.identity.iter().enumerate() {
            if let Ok(mother) = by_id(identity[2]) {
                pairs += 1;
                for row in &cells.traits {
                    assert_eq!(row[ix], row[mother]);
                }
            }
        }
        assert!(pairs > 300, "{pairs}");
        // A cell with many receptors keeps more pFAK under the drug.
        let split = |many: bool| {
            let of = (0..cells.len())
                .filter(|ix| (cells.traits[traits::RECEPTOR][*ix] > 1.0) == many)
                .map(|ix| f64::from(cells.signals[signal::PFAK][ix]));
            let (sum, count) = of.fold((0.0, 0.0), |(s, c), v| (s + v, c + 1.0));
            sum / count
        };
        assert!(split(true) > 1.1 * split(false));
    }
}

/// Share of a culture that 72 h of docetaxel leave; nothing else kills.
fn survivors(
    bath_nm: f32,
    docetaxel_ng_ml: f32,
    engine: &mut dyn Engine,
    start: &HostState,
) -> f64 {
    engine.load(start).unwrap();
    // Minutes: the hazard does not depend on the step.
    let inputs: Vec<StepInput> = (0..72 * 60)
        .map(|step| StepInput {
            docetaxel_ng_ml,
            ..StepInput::bathed(step, bath_nm)
        })
        .collect();
    for batch in inputs.chunks(60) {
        engine.run(batch).unwrap();
    }
    let state = engine.download().unwrap();
    let by_docetaxel = state.tally.deaths[Phase::Cytotoxic as usize - Phase::Apoptosis as usize];
    assert_eq!(by_docetaxel, state.tally.all_deaths());
    1.0 - by_docetaxel as f64 / start.cells.len() as f64
}

/// At its IC50 docetaxel leaves half after 72 h; a resistant line needs more, and less where FAK is inhibited.
#[test]
fn docetaxel_kills_and_fak_shields() {
    let culture = |line: &str| {
        Model::from_toml(&format!(
            r#"
title = "docetaxel"
question = "Who is left?"
[domain]
size = ["3000 um", "3000 um"]
voxel = "100 um"
[time]
step = "1 min"
duration = "72 h"
[[cells]]
type = "akt-uncoupled"
division = "0 /h"
death = "0 /h"
{line}
place = {{ rectangle = {{ from = ["0 um", "0 um"], to = ["3000 um", "3000 um"], count = 2000 }} }}
[parameters]
k_an = "0 /h"
[dose]
bath = "0 nM"
"#
        ))
        .unwrap()
    };
    let left = |line: &str, bath: f32, docetaxel: f32| {
        let model = culture(line);
        let start = invado::model::initial_state(&model);
        survivors(bath, docetaxel, &mut CpuEngine::new(&model), &start)
    };
    let resistant = "docetaxel_ic50 = \"1167.6 ng/mL\"";
    // Four standard errors of 2 000 cells that live or die are 0.045.
    for (line, ic50) in [("", 28.7), (resistant, 1167.6)] {
        let share = left(line, 0.0, ic50);
        assert!((share - 0.5).abs() < 0.045, "{line}: {share}");
    }
    let (alone, together) = (left(resistant, 0.0, 100.0), left(resistant, 1000.0, 100.0));
    assert!(alone > 0.85, "{alone}");
    assert!(together < alone - 0.2, "{alone} {together}");
    assert_eq!(left(resistant, 1000.0, 0.0), 1.0);
}
