//! What a colour bar spans, and round numbers for it.

/// What colours span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// From the values, or the usual one.
    Auto,
    /// Lower and upper end, in the unit of what is shown.
    Fixed([f64; 2]),
}

impl Range {
    /// The range with [`Range::Auto`] replaced by one that holds every finite value and ends in round numbers.
    #[must_use]
    pub fn settled(self, values: &[f32]) -> Self {
        if let Range::Fixed(_) = self {
            return self;
        }
        let finite = values.iter().copied().filter(|value| value.is_finite());
        let (lo, hi) = finite.fold((0.0_f32, 0.0_f32), |(lo, hi), value| {
            (lo.min(value), hi.max(value))
        });
        let lo = if lo < 0.0 {
            -round_up(f64::from(-lo))
        } else {
            0.0
        };
        // Nothing there: any end will do, and 1 is the one that says so most plainly.
        let hi = if hi > 0.0 {
            round_up(f64::from(hi))
        } else {
            1.0
        };
        Range::Fixed([lo, hi])
    }

    /// The range with [`Range::Auto`] replaced by one that reaches as far below 0 as above, for differences.
    #[must_use]
    pub fn settled_around_0(self, values: &[f32]) -> Self {
        if let Range::Fixed(_) = self {
            return self;
        }
        let finite = values.iter().copied().filter(|value| value.is_finite());
        let most = finite.fold(0.0_f32, |most, value| most.max(value.abs()));
        let end = if most > 0.0 {
            round_up(f64::from(most))
        } else {
            1.0
        };
        Range::Fixed([-end, end])
    }

    /// The ends, or `usual` for [`Range::Auto`].
    pub fn bounds(self, usual: [f64; 2]) -> [f64; 2] {
        match self {
            Range::Auto => usual,
            Range::Fixed(ends) => ends,
        }
    }
}

/// The least of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is not below a positive value.
pub fn round_up(value: f64) -> f64 {
    let decade = 10.0_f64.powi(value.log10().floor() as i32);
    // A value that is a round number in f32 (0.1) must not be pushed to the next one by its last bit.
    let mantissa = value / decade * (1.0 - 1e-6);
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];
    decade
        * steps
            .into_iter()
            .find(|&step| step >= mantissa)
            .unwrap_or(10.0)
}

/// Distance of ticks, 1, 2 or 5 times a power of ten, that puts at most `most` intervals into a positive span.
pub fn tick_step(span: f64, most: u32) -> f64 {
    let rough = span / f64::from(most);
    let decade = 10.0_f64.powi(rough.log10().floor() as i32);
    let mantissa = rough / decade * (1.0 - 1e-9);
    decade
        * [1.0, 2.0, 5.0]
            .into_iter()
            .find(|&step| step >= mantissa)
            .unwrap_or(10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_ranges_end_in_round_numbers() {
        assert_eq!(
            Range::Auto.settled(&[0.0, 93.0]),
            Range::Fixed([0.0, 100.0])
        );
        assert_eq!(Range::Auto.settled(&[0.0; 4]), Range::Fixed([0.0, 1.0]));
        assert_eq!(
            Range::Auto.settled(&[f32::NAN, 1.1]),
            Range::Fixed([0.0, 1.2])
        );
        assert!((round_up(f64::from(0.1_f32)) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn ticks_are_one_two_or_five() {
        assert!((tick_step(100.0, 5) - 20.0).abs() < 1e-9);
        assert!((tick_step(0.6, 4) - 0.2).abs() < 1e-9);
        assert!((tick_step(1.2, 5) - 0.5).abs() < 1e-9);
    }
}
