//! The lesson panel: predict first, run, reveal.

use egui::{Button, CollapsingHeader, RichText, Ui};

use crate::lesson::{Ending, Expectation, Judged, expectations, judge};
use crate::scenario::LessonFile;

use super::controls::Controls;
use super::course::Plan;
use super::panel::{note, title};
use super::player::Player;
use super::plots::three_digits;
use super::style::{SMALL, Tones};

/// Within this factor of what it is compared with, a value is about the same.
const SAME: f64 = 1.1;

/// What a student may predict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    Less,
    Same,
    More,
}

impl Guess {
    const ALL: [(Guess, &'static str); 3] = [
        (Guess::Less, "lower"),
        (Guess::Same, "about the same"),
        (Guess::More, "higher"),
    ];

    /// What a ratio amounts to.
    fn of(ratio: f64) -> Self {
        match ratio {
            r if r < 1.0 / SAME => Guess::Less,
            r if r > SAME => Guess::More,
            _ => Guess::Same,
        }
    }

    fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A scenario's lesson and what the student has said so far.
pub(super) struct Lesson {
    file: LessonFile,
    expectations: Vec<Expectation>,
    guesses: Vec<Option<Guess>>,
    revealed: bool,
}

impl Lesson {
    /// That of a plan, if its scenario has one that makes sense.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let file = plan.scenario.file.lesson.clone()?;
        let mut expectations = expectations(&plan.scenario).ok()?;
        // A dose series is not played here.
        expectations.retain(|expectation| expectation.dose_nm.is_none());
        Some(Self {
            file,
            guesses: vec![None; expectations.len()],
            expectations,
            revealed: false,
        })
    }

    /// Whether every prediction is made.
    fn is_predicted(&self) -> bool {
        self.guesses.iter().all(Option::is_some)
    }

    /// Lays it out.
    pub(super) fn show(&mut self, ui: &mut Ui, player: &Player, controls: &mut Controls) {
        title(ui, "Lesson");
        let has_begun = player.step_now() > 0;
        if !self.revealed {
            self.predict(ui, has_begun, controls);
            let is_over = player.is_finished();
            let words = match (self.is_predicted(), has_begun, is_over) {
                (false, false, _) => "Predict first, then play.",
                (false, true, _) => "Reset to predict before anything has happened.",
                (true, false, _) => "Now play: your predictions are fixed with the first step.",
                (true, true, false) => "The expected ranges are of the end of the run.",
                (true, true, true) => "The run is over.",
            };
            note(ui, words);
            let can = has_begun && (self.is_predicted() || is_over);
            let reveal = ui.add_enabled(can, Button::new("Reveal"));
            controls.note("reveal", &reveal);
            if reveal.clicked() {
                self.revealed = true;
            }
            return;
        }
        self.reveal(ui, player);
        let again = ui.button("Hide again");
        controls.note("hide_lesson", &again);
        if again.clicked() {
            self.revealed = false;
            self.guesses.fill(None);
        }
    }

    fn predict(&mut self, ui: &mut Ui, has_begun: bool, controls: &mut Controls) {
        let tones = Tones::of(ui.ctx());
        for (i, expectation) in self.expectations.iter().enumerate() {
            ui.label(RichText::new(asked(expectation)).color(tones.ink));
            ui.add_enabled_ui(!has_begun, |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 5.0;
                    for (guess, word) in Guess::ALL {
                        let chosen = self.guesses[i] == Some(guess);
                        let button = ui.add(Button::new(word).selected(chosen));
                        controls.note(format!("guess{i}_{}", guess as usize), &button);
                        if button.clicked() {
                            self.guesses[i] = Some(guess);
                        }
                    }
                });
            });
        }
    }

    fn reveal(&self, ui: &mut Ui, player: &Player) {
        let tones = Tones::of(ui.ctx());
        let last = last_rows(player);
        for (i, judged) in judge(&self.expectations, &last).iter().enumerate() {
            let [low, high] = judged.expectation.range;
            ui.label(RichText::new(asked(&judged.expectation)).color(tones.ink));
            let found = judged
                .found
                .map_or("no such number".to_string(), three_digits);
            let (mark, colour) = match (judged.holds(), player.is_finished()) {
                (true, _) => ("within", tones.good),
                (false, true) => ("OUTSIDE", tones.alarm),
                (false, false) => ("not yet within", tones.grey),
            };
            let text = format!("{found}: {mark} the expected {low} to {high}");
            ui.label(RichText::new(text).size(SMALL).color(colour));
            if let (Some(guess), Some(ratio)) = (self.guesses[i], ratio(judged, player)) {
                let came = Guess::of(ratio);
                let text = match came == guess {
                    true => format!("You said {}, and so it came.", guess.word()),
                    false => format!("You said {}; it came {}.", guess.word(), came.word()),
                };
                ui.label(RichText::new(text).size(SMALL).strong().color(tones.ink));
            }
        }
        ui.add_space(4.0);
        for (heading, text) in [
            ("Why", &self.file.explanation),
            ("Look for", &self.file.look_for),
            ("Settled", &self.file.settled),
            ("Argued about", &self.file.argued),
        ] {
            if !text.is_empty() {
                let head = RichText::new(heading).strong().color(tones.ink);
                CollapsingHeader::new(head)
                    .default_open(heading == "Why")
                    .show(ui, |ui| note(ui, text.trim()));
            }
        }
    }
}

/// The newest rows by name of arm; of the treated arm alone where the arms are not the scenario's.
fn last_rows(player: &Player) -> Vec<(String, Ending)> {
    let own_arms = !player.plan().scenario.file.arm.is_empty();
    let arms = (0..player.n_arms()).filter(|arm| own_arms || *arm + 1 == player.n_arms());
    let row = |arm| {
        let row = player.rows(arm).last()?;
        Some((player.arm_name(arm).to_string(), (**row).clone().into()))
    };
    arms.filter_map(row).collect()
}

/// What an expectation is about, as a question's subject.
fn asked(expectation: &Expectation) -> String {
    let column = expectation.column.replace('_', " ");
    match (&expectation.arm, &expectation.over) {
        (Some(arm), Some(over)) => format!("{column}: {arm}, compared with {over}"),
        (Some(arm), None) => format!("{column}: {arm}, compared with the start"),
        (None, _) => format!("{column}, compared with the start"),
    }
}

/// The value over what the student compared it with.
fn ratio(judged: &Judged, player: &Player) -> Option<f64> {
    let found = judged.found?;
    if judged.expectation.over.is_some() {
        return Some(found);
    }
    let arm = judged.expectation.arm.as_ref();
    let mut arms = (0..player.n_arms()).rev();
    let arm = arms.find(|ix| arm.is_none_or(|name| name == player.arm_name(*ix)))?;
    let start = player.rows(arm).first()?.get(&judged.expectation.column)?;
    // From nothing to something is more, from nothing to nothing the same.
    Some(match start {
        0.0 if found > 0.0 => f64::INFINITY,
        0.0 => 1.0,
        start => found / start,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_become_words() {
        let words = [0.5, 0.95, 1.0, 1.05, 1.2].map(|ratio| Guess::of(ratio).word());
        let same = "about the same";
        assert_eq!(words, ["lower", same, same, same, "higher"]);
    }
}
