//! Whether a state is one that a model can have: engines take indices and places from it without asking again.

use crate::model::Model;
use crate::state::{HostState, Phase};

/// What an index or a length from a file may not do to an engine.
pub(super) fn state(model: &Model, state: &HostState) -> Result<(), String> {
    if state.step > u64::from(u32::MAX) {
        return Err(format!(
            "step {} is beyond the last that can be counted",
            state.step
        ));
    }
    for (kind, values) in &state.fields {
        if let Some(value) = values.iter().find(|v| !(v.is_finite() && **v >= 0.0)) {
            return Err(format!(
                "field {} holds {value}; allowed: finite, 0 or more",
                kind.name()
            ));
        }
    }
    let cells = &state.cells;
    let size = model.grid().size_um();
    let mut last = None;
    for (ix, identity) in cells.identity.iter().enumerate() {
        let [id, type_ix, _, life] = *identity;
        let wrong = |what: &str| Err(format!("cell {ix} (id {id}): {what}"));
        if last.is_some_and(|last| id <= last) || id >= state.next_id {
            return wrong("ids must ascend, below the next one");
        }
        last = Some(id);
        let Some(cell_type) = model.cell_types().get(type_ix as usize) else {
            return wrong("its type is none of the scenario's");
        };
        if (life >> 24) as usize >= Phase::ALL.len() {
            return wrong("its phase is none that there is");
        }
        let body = cells.position_radius[ix];
        // A hair for what a position on the far wall is rounded to.
        if !(0..3).all(|axis| (0.0..=size[axis] * (1.0 + 1e-6)).contains(&f64::from(body[axis]))) {
            return wrong("it lies outside the box");
        }
        if !(body.w > 0.0 && f64::from(body.w) <= 1.001 * cell_type.radius) {
            return wrong("its radius is not that of its type");
        }
        let others = [cells.polarity_speed[ix], cells.push_crowding[ix]];
        if !others.iter().all(|v| v.is_finite()) || others[0].w < 0.0 {
            return wrong("its polarity, speed or push is not finite");
        }
        let rows = cells.signals.iter().chain(&cells.traits);
        if let Some(value) = rows
            .map(|row| row[ix])
            .find(|v| !(v.is_finite() && *v >= 0.0))
        {
            return wrong(&format!("a state is {value}; allowed: finite, 0 or more"));
        }
    }
    Ok(())
}
