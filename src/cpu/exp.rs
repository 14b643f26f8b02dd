//! e^(−x) from + × ÷ alone, because engines and drivers have different `exp`. Twin of `shaders/lib/exp.wgsl`.

/// e^(−1), e^(−2), e^(−4), … e^(−64).
const POWERS: [f32; 7] = [
    0.36787944,
    0.13533528,
    0.01831564,
    0.00033546263,
    1.12535175e-07,
    1.2664166e-14,
    1.6038109e-28,
];

/// 1/n! for n = 10, 9, … 1.
const TAYLOR: [f32; 10] = [
    2.755732e-07,
    2.7557319e-06,
    2.4801587e-05,
    0.0001984127,
    0.0013888889,
    0.008333334,
    0.041666667,
    0.16666667,
    0.5,
    1.0,
];

/// e^(−x) for x ≥ 0, relative error below 1e-6; 0 from 80 on, before numbers become too small for every GPU.
///
/// The fraction of x by the series of e^f, its whole part by the constants of its bits.
pub(super) fn exp_minus(x: f32) -> f32 {
    if x >= 80.0 {
        return 0.0;
    }
    let whole = x.floor();
    let f = x - whole;
    let mut series = 0.0;
    for term in TAYLOR {
        series = (series + term) * f;
    }
    let mut e = 1.0 / (1.0 + series);
    for (bit, power) in POWERS.iter().enumerate() {
        if (whole as u32 >> bit) & 1 == 1 {
            e *= power;
        }
    }
    e
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_exponential() {
        let mut worst = 0.0f64;
        for i in 0..=100_000 {
            let x = i as f32 * 1e-4;
            let exact = (-f64::from(x)).exp();
            worst = worst.max((f64::from(exp_minus(x)) / exact - 1.0).abs());
        }
        assert!(worst < 1e-6, "{worst:e}");
        assert_eq!(exp_minus(0.0), 1.0);
        assert_eq!(exp_minus(1e4), 0.0);
    }
}
