//! Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405).
//!
//! A draw depends only on its key (seed) and counter (cell id, step, stream, draw), never on who asks first, so that
//! results do not depend on threads or on the order of a dispatch. `shaders/lib/rng.wgsl` is the same function.

/// What a random number is for; keeps the draws of different passes independent of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Initial positions and directions (host only).
    Placement = 1,
    /// Polarity noise in `move`.
    Move = 2,
    /// Hazards and division axes in `fate`.
    Fate = 3,
    /// Traits of founders (host only).
    Traits = 4,
    /// Noise of simulated assays (host only).
    Assay = 5,
    /// Cells from outside in `fate`.
    Recruit = 6,
    /// Killer cells in `fate`.
    Hunt = 7,
}

/// Four independent uniform 32-bit words for a counter under a key.
#[inline(always)]
pub fn philox4x32(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let mut c = counter;
    let mut k = key;
    for _ in 0..10 {
        let p0 = u64::from(c[0]) * 0xD251_1F53;
        let p1 = u64::from(c[2]) * 0xCD9E_8D57;
        c = [
            (p1 >> 32) as u32 ^ c[1] ^ k[0],
            p1 as u32,
            (p0 >> 32) as u32 ^ c[3] ^ k[1],
            p0 as u32,
        ];
        k = [
            k[0].wrapping_add(0x9E37_79B9),
            k[1].wrapping_add(0xBB67_AE85),
        ];
    }
    c
}

/// The four words of cell `id` in `step` for `stream`, draw number `draw`.
#[inline(always)]
pub fn draw(seed: [u32; 2], stream: Stream, id: u32, step: u32, draw: u32) -> [u32; 4] {
    philox4x32(seed, [id, step, stream as u32, draw])
}

/// A word as an f32 in [0, 1): its upper 24 bits, so that the conversion is exact.
pub fn unit_f32(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A direction uniform on the circle or sphere, by rejection from the square or cube: draws 1, 2, … of cell `id` in
/// `step` (host only).
pub fn direction(seed: [u32; 2], stream: Stream, id: u32, step: u32, dimensions: u32) -> [f32; 3] {
    for attempt in 1.. {
        let words = draw(seed, stream, id, step, attempt);
        let mut v = [0.0f64; 3];
        for axis in 0..dimensions as usize {
            v[axis] = 2.0 * f64::from(unit_f32(words[axis])) - 1.0;
        }
        let r2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
        if (1e-6..=1.0).contains(&r2) {
            let r = r2.sqrt();
            return v.map(|c| (c / r) as f32);
        }
    }
    [1.0, 0.0, 0.0]
}

/// Variance of [`bell`]: four bytes, each uniform on 0..=255.
pub const BELL_VARIANCE: f64 = 4.0 * (256.0 * 256.0 - 1.0) / 12.0;

/// A symmetric bell-shaped integer from the four bytes of a word, mean 0, variance [`BELL_VARIANCE`], |b| ≤ 510.
///
/// Sums of integers are exact on every GPU, which `log` and `cos` (Box–Muller) are not.
#[inline(always)]
pub fn bell(word: u32) -> f32 {
    let sum = (word & 255) + ((word >> 8) & 255) + ((word >> 16) & 255) + (word >> 24);
    (sum as i32 - 510) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with Random123 1.09 (`kat_vectors`, philox4x32-10).
    #[test]
    fn philox_matches_the_published_vectors() {
        assert_eq!(
            philox4x32([0, 0], [0; 4]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32([u32::MAX; 2], [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
    }

    #[test]
    fn bell_has_the_stated_mean_and_variance() {
        let n = 200_000u32;
        let (mut sum, mut square) = (0.0, 0.0);
        for id in 0..n {
            let b = f64::from(bell(draw([7, 0], Stream::Move, id, 3, 0)[1]));
            sum += b;
            square += b * b;
        }
        let mean = sum / f64::from(n);
        assert!(mean.abs() < 4.0 * (BELL_VARIANCE / f64::from(n)).sqrt());
        assert!((square / f64::from(n) / BELL_VARIANCE - 1.0).abs() < 0.01);
    }
}
