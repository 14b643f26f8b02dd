//! `invado screenshots`: the window's pictures for the README and for slides, drawn without a display.

use std::process::ExitCode;

use crate::cli::ScreenshotsArgs;
use crate::error::UsageError;
use crate::export::{image_png, write_atomically};
use crate::gpu::GpuContext;
use crate::quantity;
use crate::render::Framing;
use crate::scenario::Scenario;
use crate::viewer::{Layout, Plan, Still};

/// The dose that is tried out in a fork, nM.
const FORK_NM: f64 = 1000.0;
/// Scale at which single cells are looked at, µm/px.
const CLOSE_UM_PER_PX: f64 = 0.55;

/// Plays the scratch assay and a lesson, and leaves six pictures.
pub(super) fn screenshots(args: &ScreenshotsArgs) -> anyhow::Result<ExitCode> {
    let until_h = hours(&args.until)?;
    let device = super::engine::device(&args.engine)?;
    let bound = device.context.is_some();
    let context = device.context.map_or_else(|| GpuContext::new(None), Ok)?;
    let source = super::view::device_source(context.clone(), args.engine.adapter.clone());
    let make_engine = super::view::engine_maker(bound.then_some(source));
    let mut still = Still::new(&context, make_engine, args.size);
    std::fs::create_dir_all(&args.out)?;
    let save = |still: &mut Still, name: &str| -> anyhow::Result<()> {
        let picture = still.shot()?;
        let path = args.out.join(format!("{name}.png"));
        write_atomically(&path, |out| image_png::encode(&picture, out))?;
        super::print(&format!("{}\n", path.display()))?;
        Ok(())
    };
    save(&mut still, "gallery")?;

    still.open(plan("scratch")?)?;
    play(&mut still, until_h)?;
    save(&mut still, "twin")?;
    if let Some(stage) = still.stage() {
        stage.look.layout = Layout::Difference;
    }
    save(&mut still, "difference")?;

    if let Some(stage) = still.stage() {
        stage.look.layout = Layout::Twin;
        stage.player.scrub(0.5 * until_h);
        stage.player.fork();
    }
    still.wait(|stage| stage.player.is_settled())?;
    if let Some(stage) = still.stage() {
        stage.player.set_bath_nm(FORK_NM);
    }
    play(&mut still, until_h)?;
    save(&mut still, "fork")?;

    if let Some(stage) = still.stage() {
        let size = stage.player.model().grid().size_um();
        stage.look.view.framing = Framing::At {
            centre_um: [0.3 * size[0], 0.5 * size[1]],
            um_per_px: CLOSE_UM_PER_PX,
        };
        let arm = stage.player.selected();
        stage.pick_near(arm, [0.3 * size[0], 0.5 * size[1]]);
    }
    save(&mut still, "cell")?;

    still.open(plan("priming")?)?;
    still.set_dark(true);
    // The inhibitor makes cells sensitive, so give it first: right as to one, wrong as to the other.
    still.press("guess0_0")?;
    still.press("guess1_1")?;
    play(&mut still, until_h)?;
    still.press("reveal")?;
    save(&mut still, "lesson-dark")?;
    Ok(ExitCode::SUCCESS)
}

fn plan(name: &str) -> anyhow::Result<Plan> {
    Ok(Plan::new(&Scenario::load(name, &[])?)?)
}

/// Plays to a time, h, as fast as it goes.
fn play(still: &mut Still, until_h: f64) -> anyhow::Result<()> {
    if let Some(stage) = still.stage() {
        let player = &mut stage.player;
        let step = (60.0 * until_h / player.model().dt_min()).round() as u64;
        player.step(step.saturating_sub(player.step_now()));
    }
    still.wait(|stage| stage.player.is_settled())?;
    Ok(())
}

/// A time as typed, h.
fn hours(text: &str) -> anyhow::Result<f64> {
    let min =
        quantity::parse(text, "min").map_err(|why| UsageError::new(format!("--until: {why}")))?;
    match min / 60.0 {
        h if h > 0.0 => Ok(h),
        _ => Err(UsageError::new("--until: give a time above 0, such as '12 h'").into()),
    }
}
