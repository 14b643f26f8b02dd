//! The amplitude of a walker's noise.

use crate::rng;

/// The factor on [`rng::bell`] for which one step of `p ← normalise(p + a·noise⊥)` has ⟨p·p′⟩ = `correlation`.
///
/// The plain √(2dt/P) of the continuous equation is 7 % off at P = 0.1 h and dt = 0.1 min, so the amplitude is solved
/// for: ⟨p·p′⟩ = ⟨1/√(1 + a²χ²)⟩ over the exact distribution of the integer noise, by bisection.
pub(super) fn noise_amplitude(correlation: f64, dimensions: u32) -> f64 {
    // Distribution of the sum of four bytes.
    let mut weights = vec![1.0f64];
    for _ in 0..4 {
        let mut next = vec![0.0; weights.len() + 255];
        for (i, weight) in weights.iter().enumerate() {
            for slot in &mut next[i..i + 256] {
                *slot += weight / 256.0;
            }
        }
        weights = next;
    }
    let mean_cosine = |amplitude: f64| -> f64 {
        let squares: Vec<(f64, f64)> = weights
            .iter()
            .enumerate()
            .map(|(sum, weight)| ((amplitude * (sum as f64 - 510.0)).powi(2), *weight))
            .collect();
        match dimensions {
            2 => squares
                .iter()
                .map(|(q, weight)| weight / (1.0 + q).sqrt())
                .sum(),
            _ => {
                // Every fourth value of the smooth distribution is plenty, and sixteen times fewer pairs.
                let coarse: Vec<(f64, f64)> = squares.into_iter().step_by(4).collect();
                let (mut sum, mut total) = (0.0, 0.0);
                for (qa, wa) in &coarse {
                    for (qb, wb) in &coarse {
                        sum += wa * wb / (1.0 + qa + qb).sqrt();
                        total += wa * wb;
                    }
                }
                sum / total
            }
        }
    };
    let (mut low, mut high) = (0.0, 100.0 / rng::BELL_VARIANCE.sqrt());
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if mean_cosine(middle) > correlation {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_amplitude_gives_the_asked_correlation() {
        for correlation in [0.9, (-0.1f64 / 31.2).exp()] {
            let amplitude = noise_amplitude(correlation, 2);
            let n = 400_000u32;
            let mean: f64 = (0..n)
                .map(|id| {
                    let word = rng::draw([1, 2], rng::Stream::Move, id, 0, 0)[0];
                    let eta = amplitude * f64::from(rng::bell(word));
                    1.0 / (1.0 + eta * eta).sqrt()
                })
                .sum::<f64>()
                / f64::from(n);
            assert!(
                (mean - correlation).abs() < 0.01 * (1.0 - correlation),
                "{mean} against {correlation}"
            );
        }
    }
}
