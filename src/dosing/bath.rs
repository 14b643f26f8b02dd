//! A bath: the medium's level as steps and ramps.

/// From a time on the medium is at a level, or on its way there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BathEvent {
    /// When it begins, min.
    pub at_min: f64,
    /// How long the level takes to get there, linearly, min; 0: at once.
    pub over_min: f64,
    /// The level, nM.
    pub level_nm: f64,
}

/// Levels of a bath in order of time; 0 before the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Bath {
    events: Vec<BathEvent>,
}

/// Times that are a whole number of steps are not exact in binary; a step is never this short, min.
const HAIR_MIN: f64 = 1e-6;

impl Bath {
    /// A constant level, nM.
    pub fn constant(level_nm: f64) -> Self {
        Self::new(vec![BathEvent {
            at_min: 0.0,
            over_min: 0.0,
            level_nm,
        }])
    }

    /// Events in order of time, none beginning before the one before has ended.
    pub fn new(events: Vec<BathEvent>) -> Self {
        Self { events }
    }

    /// The events.
    pub fn events(&self) -> &[BathEvent] {
        &self.events
    }

    /// The level at a time, nM as the scenario gives it (free or nominal).
    pub fn level_nm(&self, time_min: f64) -> f64 {
        let begun = self
            .events
            .partition_point(|event| event.at_min <= time_min + HAIR_MIN);
        let Some((event, before)) = self.events[..begun].split_last() else {
            return 0.0;
        };
        let from = before.last().map_or(0.0, |event| event.level_nm);
        let since = (time_min - event.at_min).max(0.0);
        if since + HAIR_MIN >= event.over_min {
            return event.level_nm;
        }
        from + (event.level_nm - from) * since / event.over_min
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_a_ramp_and_a_wash_out() {
        let event = |at_min, over_min, level_nm| BathEvent {
            at_min,
            over_min,
            level_nm,
        };
        let bath = Bath::new(vec![
            event(10.0, 0.0, 100.0),
            event(20.0, 10.0, 300.0),
            event(40.0, 0.0, 0.0),
        ]);
        let levels = [0.0, 9.9, 10.0, 19.9, 20.0, 25.0, 30.0, 39.9, 40.0, 99.0];
        let expected = [0.0, 0.0, 100.0, 100.0, 100.0, 200.0, 300.0, 300.0, 0.0, 0.0];
        assert_eq!(levels.map(|time| bath.level_nm(time)), expected);
    }

    /// 24 h is 14 400 steps of 0.1 min, of which f64 makes a little more or less.
    #[test]
    fn an_event_begins_at_its_step() {
        for step in [1u32, 3, 6, 7, 14_400, 100_799] {
            let bath = Bath::new(vec![BathEvent {
                at_min: f64::from(step) / 10.0,
                over_min: 0.0,
                level_nm: 5.0,
            }]);
            assert_eq!(bath.level_nm(0.1 * f64::from(step)), 5.0, "{step}");
            assert_eq!(bath.level_nm(0.1 * f64::from(step - 1)), 0.0, "{step}");
        }
    }
}
