//! Quantities with units: `"166 um^2/s"` → a number in internal units (µm, min, nM, mmHg, mg).
//!
//! The number is read here; what the unit means, and whether its dimension fits, is fend-core's business.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// Internal units, one for each dimension that the model knows.
pub const INTERNAL: [&str; 20] = [
    "1", "um", "min", "1/min", "um^2/min", "um/min", "nM", "nM/min", "1/nM/min", "1/um^2",
    "1/um^3", "mmHg", "mmHg/min", "mg", "L/min", "L", "g/mol", "um^2", "ng/mL", "mg/min",
];

/// The internal unit of a unit's dimension, if the model knows it.
pub fn internal_unit(unit: &str) -> Option<&'static str> {
    INTERNAL
        .into_iter()
        .find(|internal| factor(unit, internal).is_ok())
}

/// Parses text such as `36 um/h` into a number of `internal` units; `internal` is one of [`INTERNAL`].
///
/// # Errors
/// A sentence without place: no number, no unit, a unit nobody knows, the wrong dimension, not finite.
pub fn parse(text: &str, internal: &'static str) -> Result<f64, String> {
    let text = text.trim();
    let (number, unit) = split(text);
    let value: f64 = number.parse().map_err(|_| {
        format!(
            "'{text}' does not begin with a number; write for instance {}",
            example(internal)
        )
    })?;
    if !value.is_finite() {
        return Err(format!("'{text}' is not finite"));
    }
    if unit.is_empty() {
        if internal == "1" {
            return Ok(value);
        }
        return Err(format!(
            "'{text}' has no unit; write for instance {}",
            example(internal)
        ));
    }
    let converted = value * factor(unit, internal).map_err(|why| format!("'{text}': {why}"))?;
    if converted.is_finite() {
        Ok(converted)
    } else {
        Err(format!("'{text}' is not finite"))
    }
}

/// A number in internal units as text in another unit, e.g. `36 um/h`.
pub fn show(value: f64, unit: &str) -> String {
    let unit_text = if unit == "1" { "" } else { unit };
    let in_unit = internal_unit(unit)
        .and_then(|internal| factor(unit, internal).ok())
        .map_or(value, |f| value / f);
    // Twelve digits hide the rounding of the conversion and nothing else.
    let rounded: f64 = format!("{in_unit:.11e}").parse().unwrap_or(in_unit);
    let number = if rounded != 0.0 && !(1e-3..1e6).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        format!("{rounded}")
    };
    format!("{number} {unit_text}").trim_end().to_string()
}

/// A spelling to offer.
fn example(internal: &str) -> &'static str {
    match internal {
        "um" => "\"10 um\"",
        "min" => "\"6 s\" or \"48 h\"",
        "1/min" => "\"0.05 /h\"",
        "um^2/min" => "\"166 um^2/s\"",
        "um/min" => "\"36 um/h\"",
        "nM" => "\"100 nM\"",
        "nM/min" => "\"1 nM/s\"",
        "1/um^2" => "\"1.1e-3 /um^2\"",
        "1/um^3" => "\"1e-4 /um^3\"",
        "um^2" => "\"7 um^2\"",
        "mmHg" => "\"38 mmHg\"",
        "mg" => "\"200 mg\"",
        "mg/min" => "\"10 mg/h\"",
        "ng/mL" => "\"30 ng/mL\"",
        _ => "0.5",
    }
}

/// Splits at the end of the leading number.
fn split(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'e' | b'E')
            && end > 0
            && bytes
                .get(end + 1)
                .is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+'));
        let sign = matches!(bytes[end], b'+' | b'-')
            && (end == 0 || matches!(bytes[end - 1], b'e' | b'E'));
        if bytes[end].is_ascii_digit() || bytes[end] == b'.' || exponent || sign {
            end += 1;
        } else {
            break;
        }
    }
    (&text[..end], text[end..].trim())
}

/// A unit and the internal unit that it is converted to.
type Conversion = (String, &'static str);

thread_local! {
    /// fend takes about a millisecond for a conversion, and a scenario repeats its units.
    static FACTORS: RefCell<HashMap<Conversion, Result<f64, String>>> = RefCell::new(HashMap::new());
}

/// How many `internal` units one `unit` is.
fn factor(unit: &str, internal: &'static str) -> Result<f64, String> {
    let key = (unit.to_string(), internal);
    FACTORS.with(|cache| {
        cache
            .borrow_mut()
            .entry(key)
            .or_insert_with(|| convert(unit, internal))
            .clone()
    })
}

/// Lets fend give up after this many of its questions: it has no business asking more. A clock would make the answer
/// depend on how busy the machine is.
const MOST_QUESTIONS: u32 = 1_000_000;

struct Patience(AtomicU32);

impl fend_core::Interrupt for Patience {
    fn should_interrupt(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= MOST_QUESTIONS
    }
}

fn convert(unit: &str, internal: &str) -> Result<f64, String> {
    if unit == internal {
        return Ok(1.0);
    }
    let (from, to) = (for_fend(unit)?, for_fend(internal)?);
    let mut context = fend_core::Context::new();
    let question = format!("1 {from} to {to} to fraction");
    let answer =
        fend_core::evaluate_with_interrupt(&question, &mut context, &Patience(AtomicU32::new(0)))
            .map_err(|_| {
            let wanted = if internal == "1" {
                "a plain number"
            } else {
                internal
            };
            format!(
                "unit '{unit}' is unknown or of another dimension; expected something like {wanted}"
            )
        })?;
    let text = answer
        .get_main_result()
        .trim_start_matches("approx. ")
        .to_string();
    let ratio = text.split_whitespace().next().unwrap_or_default();
    let (numerator, denominator) = ratio.split_once('/').unwrap_or((ratio, "1"));
    match (numerator.parse::<f64>(), denominator.parse::<f64>()) {
        (Ok(n), Ok(d)) if d != 0.0 => Ok(n / d),
        _ => Err(format!("unit '{unit}' is not a plain unit")),
    }
}

/// Rewrites a unit so that fend reads what a biologist means, and nothing that could keep it busy.
///
/// fend takes `nM` for nautical miles and does not know `uM` or `²`; `10^10^10` keeps it busy for ever.
fn for_fend(unit: &str) -> Result<String, String> {
    let plain = unit
        .replace(['µ', 'μ'], "u")
        .replace('²', "^2")
        .replace('³', "^3")
        .replace('·', "*");
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '^' | '*' | '%' | ' ' | '-');
    if plain.len() > 24 || !plain.chars().all(allowed) {
        return Err(format!("'{unit}' is not a unit"));
    }
    let mut out = String::new();
    let mut word = String::new();
    let mut after_power = false;
    for c in plain.chars().chain([' ']) {
        if c.is_ascii_alphabetic() {
            word.push(c);
            after_power = false;
            continue;
        }
        if !word.is_empty() {
            match word.as_str() {
                "pM" | "nM" | "uM" | "mM" => out.push_str(&format!("({}mol/L)", &word[..1])),
                "M" => out.push_str("(mol/L)"),
                "l" => out.push('L'),
                _ => out.push_str(&word),
            }
            word.clear();
        }
        match c {
            '^' => after_power = true,
            '-' if after_power => {}
            // A number is an exponent of one digit, or the 1 of `1/h`.
            '0'..='9' if after_power => after_power = false,
            '1' if out.trim().is_empty() => {}
            ' ' | '/' | '*' | '%' => after_power = false,
            _ => return Err(format!("'{unit}' is not a unit")),
        }
        out.push(c);
    }
    Ok(out.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_converted() {
        for (text, internal, expected) in [
            ("166 um^2/s", "um^2/min", 9960.0),
            ("166 µm²/s", "um^2/min", 9960.0),
            ("36 um/h", "um/min", 0.6),
            ("100 nM", "nM", 100.0),
            ("1 uM", "nM", 1000.0),
            ("1 µM", "nM", 1000.0),
            ("2 nM/s", "nM/min", 120.0),
            ("1.1e-3 /um^2", "1/um^2", 1.1e-3),
            ("0.03 /h", "1/min", 0.0005),
            ("0 /s", "1/min", 0.0),
            ("48 h", "min", 2880.0),
            ("6 s", "min", 0.1),
            ("3 d", "min", 4320.0),
            ("38 mmHg", "mmHg", 38.0),
            ("200 mg", "mg", 200.0),
            ("5 %", "1", 0.05),
            ("0.5", "1", 0.5),
            ("1 mm", "um", 1000.0),
            ("510.49 g/mol", "g/mol", 510.49),
            ("96.6 L/h", "L/min", 1.61),
            ("1 ug/mL", "ng/mL", 1000.0),
            ("2 µg/L", "ng/mL", 2.0),
            ("30 mg/h", "mg/min", 0.5),
        ] {
            let got = parse(text, internal).unwrap();
            assert!(
                (got - expected).abs() <= 1e-12 * expected.abs(),
                "{text}: {got} against {expected}"
            );
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, internal, part) in [
            ("10", "um", "has no unit"),
            ("10 s", "um", "another dimension"),
            ("ten um", "um", "does not begin with a number"),
            ("1 parsnip", "um", "unknown"),
            ("1 um^10^10", "um", "not a unit"),
            ("1 10^10^10 h", "min", "not a unit"),
            ("1e999 um", "um", "not finite"),
            ("nan um", "um", "number"),
            ("", "um", "number"),
        ] {
            let error = parse(text, internal).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn shown_numbers_read_back() {
        assert_eq!(show(0.6, "um/h"), "36 um/h");
        assert_eq!(show(9960.0, "um^2/s"), "166 um^2/s");
        assert_eq!(show(1.1e-3, "/um^2"), "0.0011 /um^2");
        assert_eq!(show(0.25, "1"), "0.25");
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(text in "\\PC{0,40}") {
            for internal in INTERNAL {
                let _ = parse(&text, internal);
            }
        }
    }
}
