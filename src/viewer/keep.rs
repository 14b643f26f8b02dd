//! What is kept of a session while it goes on: a picture, a film of the kept states, the cells and fields of the moment.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::{Button, Ui, vec2};

use super::controls::Controls;
use super::panel::{alarm, note, title};
use super::player::Player;
use super::{Look, Wake};
use crate::export::{CellsCsv, Export, FieldNpy, Gif, ImagePng, Live, Mp4, PICTURE_PX, Pace};
use crate::model::Model;
use crate::render::View;
use crate::state::HostState;

/// Size of a GIF at most, px.
const GIF_PX: [u32; 2] = [480, 480];
/// Pictures a second of a film at most.
const MOST_FPS: [f64; 2] = [10.0, 25.0];

/// What can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Picture,
    Gif,
    Mp4,
    State,
}

impl What {
    const ALL: [(What, &'static str, &'static str); 4] = [
        (
            What::Picture,
            "PNG",
            "This moment as a picture with legends",
        ),
        (
            What::Gif,
            "GIF",
            "A film of the kept states up to this moment",
        ),
        (What::Mp4, "MP4", "The same as MP4, by the program ffmpeg"),
        (
            What::State,
            "Data",
            "Cells as CSV and fields as NPY at this moment",
        ),
    ];
}

/// Writes what is asked for in threads of their own, one at a time.
pub(super) struct Keeper {
    wake: Wake,
    /// Where to.
    folder: PathBuf,
    outcome: Option<Receiver<anyhow::Result<PathBuf>>>,
    told: Option<Result<String, String>>,
}

/// One moment of an arm.
struct Moment {
    state: Arc<HostState>,
    bath_nm: f64,
}

impl Keeper {
    pub(super) fn new(name: &str, wake: Wake) -> Self {
        Self {
            wake,
            folder: Path::new("invado-kept").join(name),
            outcome: None,
            told: None,
        }
    }

    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        player: &Player,
        look: &Look,
        controls: &mut Controls,
    ) {
        self.listen();
        title(ui, "Keep");
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let width = (ui.available_width() - 18.0) / 4.0;
            for (what, name, about) in What::ALL {
                let can = player.is_ready() && self.outcome.is_none();
                let button = ui.add_enabled(can, Button::new(name).min_size(vec2(width, 24.0)));
                controls.note(format!("keep_{}", name.to_lowercase()), &button);
                if button.on_hover_text(about).clicked() {
                    self.begin(what, player, look);
                }
            }
        });
        match (&self.outcome, &self.told) {
            (Some(_), _) => note(ui, "Writing …"),
            (None, Some(Ok(told))) => {
                note(ui, told.clone());
            }
            (None, Some(Err(why))) => alarm(ui, "Not kept", why),
            (None, None) => note(
                ui,
                format!("of the selected arm, in {}", self.folder.display()),
            ),
        }
    }

    fn listen(&mut self) {
        let Some(outcome) = &self.outcome else { return };
        let told = match outcome.try_recv() {
            Err(TryRecvError::Empty) => return,
            Ok(Ok(path)) => Ok(format!("Kept: {}", path.display())),
            Ok(Err(why)) => Err(format!("{why:#}")),
            Err(TryRecvError::Disconnected) => Err("the writing thread ended: a bug".to_string()),
        };
        (self.outcome, self.told) = (None, Some(told));
    }

    fn begin(&mut self, what: What, player: &Player, look: &Look) {
        let arm = player.selected();
        let model = player.model_of(arm).clone();
        let events = player.events(arm);
        let moment = |state: &Arc<HostState>| Moment {
            bath_nm: model
                .dose()
                .bath_nm(model.dt_min() * state.step as f64, state.step, events),
            state: state.clone(),
        };
        let shown = player.shown_step();
        let mut moments: Vec<Moment> = Vec::new();
        if matches!(what, What::Gif | What::Mp4) {
            let kept = player.snapshots().iter().filter(|s| s.step < shown);
            moments.extend(
                kept.filter_map(|s| s.arms.get(arm))
                    .map(|k| moment(&k.state)),
            );
        }
        moments.extend(player.state(arm).map(moment));
        let view = View {
            size_px: PICTURE_PX,
            margins: true,
            ..look.view.clone()
        };
        let (outbox, outcome) = channel();
        let (folder, wake) = (self.folder.clone(), self.wake.clone());
        let work = move || {
            let written = write(what, &folder, &model, &moments, &view);
            // The window may have closed meanwhile.
            let _ = outbox.send(written);
            wake();
        };
        let thread = std::thread::Builder::new().name("invado keep".to_string());
        match thread.spawn(work) {
            Ok(_) => self.outcome = Some(outcome),
            Err(why) => self.told = Some(Err(why.to_string())),
        }
    }
}

fn write(
    what: What,
    folder: &Path,
    model: &Model,
    moments: &[Moment],
    view: &View,
) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let hours = |m: &Moment| format!("{:.3}", model.time_h(m.state.step));
    let last = moments.last().map(hours).unwrap_or_default();
    let film = |most_fps| Pace::new(moments.len(), None, most_fps);
    let (path, mut formats): (PathBuf, Vec<Box<dyn Export>>) = match what {
        What::Picture => {
            let images = folder.to_path_buf();
            (
                folder.join(format!("{last}.png")),
                vec![Box::new(ImagePng { folder: images })],
            )
        }
        What::State => (
            folder.to_path_buf(),
            vec![
                Box::new(CellsCsv {
                    folder: folder.to_path_buf(),
                }),
                Box::new(FieldNpy {
                    folder: folder.to_path_buf(),
                }),
            ],
        ),
        What::Gif => {
            let path = folder.join(format!("{last}.gif"));
            let gif = Gif::new(&path, GIF_PX, film(MOST_FPS[0]))?;
            (path, vec![Box::new(gif)])
        }
        What::Mp4 => {
            let path = folder.join(format!("{last}.mp4"));
            let mp4 = Mp4::new(&path, PICTURE_PX, film(MOST_FPS[1]))?;
            (path, vec![Box::new(mp4)])
        }
    };
    for moment in moments {
        let live = Live {
            model,
            state: &moment.state,
            bath_nm: moment.bath_nm,
            view,
        };
        for format in &mut formats {
            format.write(&live)?;
        }
    }
    for format in &mut formats {
        format.finish()?;
    }
    Ok(path)
}
