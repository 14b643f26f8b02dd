//! Numbers as a legend shows them.

/// A number with at most four significant digits, without trailing zeros; powers of ten only for very large and very
/// small ones; a true minus sign.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let text = if (-3..6).contains(&magnitude) {
        let decimals = (3 - magnitude).max(0) as usize;
        let fixed = format!("{value:.decimals$}");
        if fixed.contains('.') {
            fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            fixed
        }
    } else {
        let mantissa = number(value / 10.0_f64.powi(magnitude));
        let power: String = magnitude.to_string().chars().map(superscript).collect();
        format!("{mantissa}×10{power}")
    };
    text.replace('-', "−")
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' => '⁰',
        '4'..='9' => char::from_u32('⁴' as u32 + digit as u32 - '4' as u32).unwrap_or(digit),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let shown: Vec<_> = [0.0, 0.6000000000000001, 100.0, 2.5, -0.05, 1e-5, 3e7]
            .map(number)
            .into();
        assert_eq!(
            shown,
            ["0", "0.6", "100", "2.5", "−0.05", "1×10⁻⁵", "3×10⁷"]
        );
    }
}
