//! The slow obvious solver that the fast one is checked with.

/// Solves `(loss − k ∇²) u = source` on n × n voxels by banded Cholesky in f64, with a value held at the outer faces or
/// none. `k` is D/h² per minute, `loss` per minute and `source` per minute have a value a voxel, x fastest.
pub fn solve_2d(n: usize, k: f64, loss: &[f64], source: &[f64], rim: Option<f64>) -> Vec<f64> {
    let len = n * n;
    // Row i holds A[i][i − n ..= i].
    let mut band = vec![vec![0.0f64; n + 1]; len];
    let mut u = source.to_vec();
    for i in 0..len {
        let (x, y) = (i % n, i / n);
        let mut diagonal = loss[i];
        for (inside, there) in [
            (x > 0, i.wrapping_sub(1)),
            (x + 1 < n, i + 1),
            (y > 0, i.wrapping_sub(n)),
            (y + 1 < n, i + n),
        ] {
            if inside {
                diagonal += k;
                if there < i {
                    band[i][n - (i - there)] = -k;
                }
            } else if let Some(rim) = rim {
                diagonal += 2.0 * k;
                u[i] += 2.0 * k * rim;
            }
        }
        band[i][n] = diagonal;
    }
    for i in 0..len {
        for j in i.saturating_sub(n)..=i {
            let first = i.saturating_sub(n).max(j.saturating_sub(n));
            let mut sum = band[i][n + j - i];
            for m in first..j {
                sum -= band[i][n + m - i] * band[j][n + m - j];
            }
            band[i][n + j - i] = if i == j { sum.sqrt() } else { sum / band[j][n] };
        }
    }
    for i in 0..len {
        for j in i.saturating_sub(n)..i {
            u[i] -= band[i][n + j - i] * u[j];
        }
        u[i] /= band[i][n];
    }
    for i in (0..len).rev() {
        u[i] /= band[i][n];
        for j in i.saturating_sub(n)..i {
            u[j] -= band[i][n + j - i] * u[i];
        }
    }
    u
}
