//! Two states or workings, value by value, within the tolerance of a pass.

use glam::Vec4;

use crate::pass::Pass;
use crate::state::{HostState, Workings};

/// How far two engines may be apart after one pass from the same state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// Not at all.
    Bits,
    /// By a share of the larger of the value and the quantity's scale.
    Share(f32),
}

/// The tolerance table. A software adapter rounds + − × ÷ and √ as the CPU does and fuses nothing, and every pass is
/// made of those and integers only: equal bits. A hardware adapter may fuse a·b + c, which saves one rounding of
/// 6e-8 in each of some ten to fifty operations a pass; integer passes stay exact.
pub fn tolerance(pass: Pass, software: bool) -> Tolerance {
    if software {
        return Tolerance::Bits;
    }
    match pass {
        // Integers and copies. (A cell on a bin's edge may round to the other side: none does in these states.)
        Pass::Bin | Pass::Scan | Pass::Sort => Tolerance::Bits,
        // A share that rounds differently moves one unit of 1/64 of a cell.
        Pass::Deposit => Tolerance::Share(1.0 / 32.0),
        // Sums of some ten products a sweep; sweeps contract what differs, and the update multiplies it by up to
        // 1 + 6 D dt/h² = 19 here. Engines that stop a cycle apart, at the edge of the solver's tolerance, would differ by more.
        Pass::Diffuse => Tolerance::Share(2e-5),
        // One division of two sums of a few terms, one of them an exponential.
        Pass::React => Tolerance::Share(2e-6),
        // The root of a quadratic and a difference.
        Pass::Bind => Tolerance::Share(2e-6),
        // Nine coupled updates, one after another.
        Pass::Signal => Tolerance::Share(4e-6),
        // Sums of up to some hundred neighbours, with cancellation.
        Pass::Forces => Tolerance::Share(1e-4),
        // Normalisation and sampling.
        Pass::Move => Tolerance::Share(4e-6),
        // Copies; a hazard on the edge of its draw would show as another population.
        Pass::Fate => Tolerance::Share(1e-6),
    }
}

/// Where two states are farthest apart beyond tolerance.
#[derive(Debug, PartialEq)]
pub struct Mismatch {
    /// The quantity.
    pub what: String,
    /// Its index.
    pub index: usize,
    /// One value.
    pub left: f32,
    /// The other.
    pub right: f32,
    /// Floats between them.
    pub ulps: u64,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            what,
            index,
            left,
            right,
            ulps,
        } = self;
        write!(
            f,
            "{what}[{index}]: {left:e} against {right:e}, {ulps} ulps"
        )
    }
}

fn ulps(a: f32, b: f32) -> u64 {
    let order = |x: f32| {
        let bits = i64::from(x.to_bits() as i32);
        if bits < 0 {
            i64::from(i32::MIN) - bits
        } else {
            bits
        }
    };
    order(a).abs_diff(order(b))
}

fn worst(what: &str, left: &[f32], right: &[f32], tolerance: Tolerance) -> Result<(), Mismatch> {
    if left.len() != right.len() {
        return Err(Mismatch {
            what: format!("{what}: number of values"),
            index: 0,
            left: left.len() as f32,
            right: right.len() as f32,
            ulps: 0,
        });
    }
    let scale = left
        .iter()
        .filter(|v| v.is_finite())
        .fold(0.0f32, |m, v| m.max(v.abs()));
    let excess = |a: f32, b: f32| -> f32 {
        if a.to_bits() == b.to_bits() {
            return 0.0;
        }
        match tolerance {
            Tolerance::Bits => 1.0 + ulps(a, b) as f32,
            Tolerance::Share(share) => {
                let apart = (a - b).abs();
                if apart.is_nan() {
                    f32::INFINITY
                } else {
                    apart / (share * scale.max(a.abs()))
                }
            }
        }
    };
    let limit = match tolerance {
        Tolerance::Bits => 0.0,
        Tolerance::Share(_) => 1.0,
    };
    let (index, value) = left
        .iter()
        .zip(right)
        .map(|(a, b)| excess(*a, *b))
        .enumerate()
        .fold(
            (0, 0.0),
            |best, next| if next.1 > best.1 { next } else { best },
        );
    if value > limit {
        return Err(Mismatch {
            what: what.to_string(),
            index,
            left: left[index],
            right: right[index],
            ulps: ulps(left[index], right[index]),
        });
    }
    Ok(())
}

fn whole(what: &str, left: &[u32], right: &[u32], tolerance: Tolerance) -> Result<(), Mismatch> {
    let float = |v: &[u32]| v.iter().map(|&x| x as f32).collect::<Vec<_>>();
    if tolerance == Tolerance::Bits {
        let index = left.iter().zip(right).position(|(a, b)| a != b);
        if left.len() == right.len() && index.is_none() {
            return Ok(());
        }
        let index = index.unwrap_or(0);
        return Err(Mismatch {
            what: what.to_string(),
            index,
            left: left.get(index).map_or(f32::NAN, |v| *v as f32),
            right: right.get(index).map_or(f32::NAN, |v| *v as f32),
            ulps: 0,
        });
    }
    worst(what, &float(left), &float(right), tolerance)
}

/// Compares two states.
///
/// # Errors
/// The worst value of the first quantity that differs beyond tolerance.
pub fn compare(a: &HostState, b: &HostState, tolerance: Tolerance) -> Result<(), Mismatch> {
    let exact = Tolerance::Bits;
    let books = |s: &HostState| {
        vec![
            s.cells.len() as u32,
            s.next_id,
            s.tally.births as u32,
            s.tally.deaths[0] as u32,
            s.tally.deaths[1] as u32,
            s.tally.deaths[2] as u32,
            s.tally.deaths[3] as u32,
            s.tally.deaths[4] as u32,
            s.tally.arrivals as u32,
            s.tally.removals as u32,
            s.tally.limited as u32,
        ]
    };
    whole("cells, next id, tally", &books(a), &books(b), exact)?;
    for ((kind, x), (_, y)) in a.fields.iter().zip(&b.fields) {
        worst(kind.name(), x, y, tolerance)?;
    }
    let vectors = |name: &str, x: &[Vec4], y: &[Vec4]| {
        for (i, axis) in ["x", "y", "z", "w"].iter().enumerate() {
            let pick = |v: &[Vec4]| v.iter().map(|v| v[i]).collect::<Vec<_>>();
            worst(&format!("{name}.{axis}"), &pick(x), &pick(y), tolerance)?;
        }
        Ok(())
    };
    vectors(
        "position",
        &a.cells.position_radius,
        &b.cells.position_radius,
    )?;
    vectors("polarity", &a.cells.polarity_speed, &b.cells.polarity_speed)?;
    vectors("push", &a.cells.push_crowding, &b.cells.push_crowding)?;
    let flat = |s: &HostState| s.cells.identity.concat();
    whole("identity", &flat(a), &flat(b), exact)?;
    for (row, name) in crate::state::signal::NAMES.iter().enumerate() {
        worst(
            name,
            &a.cells.signals[row],
            &b.cells.signals[row],
            tolerance,
        )?;
    }
    for (row, name) in ["fak", "receptor", "speed"].iter().enumerate() {
        let (a, b) = (&a.cells.traits[row], &b.cells.traits[row]);
        worst(&format!("trait {name}"), a, b, tolerance)?;
    }
    Ok(())
}

/// Compares what passes hand to each other.
///
/// # Errors
/// See [`compare`].
pub fn compare_workings(a: &Workings, b: &Workings, tolerance: Tolerance) -> Result<(), Mismatch> {
    let exact = Tolerance::Bits;
    whole("bin_counts", &a.bin_counts, &b.bin_counts, exact)?;
    whole("cell_bins", &a.cell_bins, &b.cell_bins, exact)?;
    whole("bin_starts", &a.bin_starts, &b.bin_starts, exact)?;
    whole("sorted_ix", &a.sorted_ix, &b.sorted_ix, exact)?;
    let flat = |v: &[Vec4]| v.iter().flat_map(|v| v.to_array()).collect::<Vec<f32>>();
    worst(
        "sorted_bodies",
        &flat(&a.sorted_bodies),
        &flat(&b.sorted_bodies),
        exact,
    )?;
    whole("deposits", &a.deposits, &b.deposits, tolerance)?;
    Ok(())
}

/// The largest distance between two states or workings over all real quantities, as a share of the largest value of
/// the quantity; infinite where they have another number of values.
pub fn distance(a: (&HostState, &Workings), b: (&HostState, &Workings)) -> f64 {
    let share = |a: &[f32], b: &[f32]| -> f64 {
        if a.len() != b.len() {
            return f64::INFINITY;
        }
        let scale = a.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        let far = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        match far.fold(
            0.0f32,
            |m, v| if v.is_nan() { f32::INFINITY } else { m.max(v) },
        ) {
            0.0 => 0.0,
            far => f64::from(far) / f64::from(scale).max(f64::MIN_POSITIVE),
        }
    };
    let fields = a.0.fields.iter().zip(&b.0.fields);
    let fields = fields.map(|((_, a), (_, b))| share(a, b));
    let (x, y) = (&a.0.cells, &b.0.cells);
    let vectors = [
        (&x.position_radius, &y.position_radius),
        (&x.polarity_speed, &y.polarity_speed),
        (&x.push_crowding, &y.push_crowding),
    ];
    let vectors = vectors.map(|(a, b)| share(bytemuck::cast_slice(a), bytemuck::cast_slice(b)));
    let signals = x.signals.iter().zip(&y.signals).map(|(a, b)| share(a, b));
    let sums = |w: &Workings| w.deposits.iter().map(|v| *v as f32).collect::<Vec<_>>();
    let deposits = share(&sums(a.1), &sums(b.1));
    fields
        .chain(vectors)
        .chain(signals)
        .chain([deposits])
        .fold(0.0, f64::max)
}
