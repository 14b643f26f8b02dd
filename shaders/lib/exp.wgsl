// e^(-x) for x >= 0 from + * / alone, because drivers have different exp. Twin of src/cpu/exp.rs.

// e^-1, e^-2, e^-4, ... e^-64.
const POWERS = array<f32, 7>(
    0.36787944,
    0.13533528,
    0.01831564,
    0.00033546263,
    1.12535175e-07,
    1.2664166e-14,
    1.6038109e-28,
);

// 1/n! for n = 10, 9, ... 1.
const TAYLOR = array<f32, 10>(
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
);

fn exp_minus(x: f32) -> f32 {
    if (x >= 80.0) {
        return 0.0;
    }
    let whole = floor(x);
    let f = x - whole;
    var taylor = TAYLOR;
    var series = 0.0;
    for (var term = 0u; term < 10u; term++) {
        series = (series + taylor[term]) * f;
    }
    var e = 1.0 / (1.0 + series);
    var powers = POWERS;
    for (var bit = 0u; bit < 7u; bit++) {
        if (((u32(whole) >> bit) & 1u) == 1u) {
            e = e * powers[bit];
        }
    }
    return e;
}
