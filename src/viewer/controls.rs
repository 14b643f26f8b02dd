//! Where the controls are, for tests that use a real mouse: logged at debug level whenever the layout changes.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Names and places of the controls of one frame, physical px.
#[derive(Debug, Default)]
pub struct Controls {
    now: BTreeMap<Cow<'static, str>, [i32; 4]>,
    logged: BTreeMap<Cow<'static, str>, [i32; 4]>,
}

impl Controls {
    /// Notes where a control is.
    pub fn note(&mut self, name: impl Into<Cow<'static, str>>, response: &egui::Response) {
        let scale = response.ctx.pixels_per_point();
        let rect = response.rect * scale;
        self.now.insert(
            name.into(),
            [rect.min.x, rect.min.y, rect.max.x, rect.max.y].map(|v| v.round() as i32),
        );
    }

    /// The middle of a control when the layout was last logged, physical px.
    pub fn middle(&self, name: &str) -> Option<[f32; 2]> {
        let [x0, y0, x1, y1] = self.logged.get(name)?.map(|v| v as f32);
        Some([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
    }

    /// Logs `control <name> <x0> <y0> <x1> <y1>` for each control if any has moved since it was last logged.
    pub fn log(&mut self) {
        let now = std::mem::take(&mut self.now);
        if now != self.logged {
            for (name, [x0, y0, x1, y1]) in &now {
                log::debug!("control {name} {x0} {y0} {x1} {y1}");
            }
            self.logged = now;
        }
    }
}
