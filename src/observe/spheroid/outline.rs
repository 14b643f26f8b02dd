//! The outline of the largest piece of a flat lattice.

use std::f64::consts::PI;

use super::lattice::Lattice;

/// Share of a ring around the middle that is covered as far as the core reaches: tissue is denser, strands are not.
const CORE: f64 = 0.75;
/// How far a strand reaches beyond the core at least, in cover radii: about two cells.
const STRAND: f64 = 2.0;

/// What is measured of it.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    /// With holes, µm².
    pub area_um2: f64,
    /// 4π·area over the square of the perimeter: 1 for a disc.
    pub circularity: f64,
    /// Pieces that reach beyond the core.
    pub strands: usize,
    /// How far the farthest reaches beyond the core, µm.
    pub reach_um: f64,
    piece: Vec<bool>,
}

impl Outline {
    /// The outline of the largest piece, holes filled; all 0 and NaN where nothing is covered.
    pub(super) fn new(lattice: &Lattice) -> Self {
        let mut piece = vec![false; lattice.covered.len()];
        for ix in lattice.largest(|ix| lattice.covered[ix]) {
            piece[ix] = true;
        }
        let outside = lattice.outside(&piece);
        let piece: Vec<bool> = outside.iter().map(|outside| !outside).collect();
        let count = piece.iter().filter(|in_it| **in_it).count() as f64;
        let area_um2 = count * lattice.spacing_um.powi(2);
        let perimeter = perimeter_um(lattice, &piece);
        let (strands, reach_um) = strands(lattice, &piece);
        Self {
            area_um2,
            circularity: 4.0 * PI * area_um2 / perimeter.powi(2),
            strands,
            reach_um,
            piece,
        }
    }

    /// Whether a place lies in the piece.
    pub(super) fn holds(&self, lattice: &Lattice, at: [f64; 3]) -> bool {
        self.piece[lattice.index(lattice.point(at))]
    }
}

/// Length of the border by Cauchy and Crofton: how often lines in four directions cross it, each direction standing for
/// an eighth of a turn. Exact to a percent for smooth outlines, 5 % too short for squares.
fn perimeter_um(lattice: &Lattice, piece: &[bool]) -> f64 {
    let [nx, ny, _] = lattice.n;
    // Beyond the box there is nothing.
    let at = |x: isize, y: isize| {
        let inside = x >= 0 && y >= 0 && (x as usize) < nx && (y as usize) < ny;
        inside && piece[y as usize * nx + x as usize]
    };
    let (mut straight, mut diagonal) = (0u64, 0u64);
    for y in -1..ny as isize {
        for x in -1..nx as isize {
            let here = at(x, y);
            straight += u64::from(here != at(x + 1, y)) + u64::from(here != at(x, y + 1));
            diagonal +=
                u64::from(here != at(x + 1, y + 1)) + u64::from(at(x + 1, y) != at(x, y + 1));
        }
    }
    let crossings = straight as f64 + diagonal as f64 / 2f64.sqrt();
    PI / 8.0 * lattice.spacing_um * crossings
}

/// Number of strands, and how far the farthest point reaches beyond the core, µm.
fn strands(lattice: &Lattice, piece: &[bool]) -> (usize, f64) {
    let members: Vec<usize> = (0..piece.len()).filter(|ix| piece[*ix]).collect();
    let place = |ix: usize| lattice.centre_um([ix % lattice.n[0], ix / lattice.n[0], 0]);
    let mut middle = [0.0; 2];
    for ix in &members {
        let at = place(*ix);
        middle[0] += at[0] / members.len() as f64;
        middle[1] += at[1] / members.len() as f64;
    }
    let distance = |ix: usize| {
        let at = place(ix);
        (at[0] - middle[0]).hypot(at[1] - middle[1])
    };
    let farthest = members.iter().map(|ix| distance(*ix)).fold(0.0, f64::max);
    // Rings of one spacing.
    let ring = |ix: usize| (distance(ix) / lattice.spacing_um) as usize;
    let n_rings = (farthest / lattice.spacing_um) as usize + 1;
    let (mut covered, mut all) = (vec![0u32; n_rings], vec![0u32; n_rings]);
    for (ix, in_it) in piece.iter().enumerate() {
        if let Some(all) = all.get_mut(ring(ix)) {
            *all += 1;
            covered[ring(ix)] += u32::from(*in_it);
        }
    }
    let is_core = |ring: &usize| f64::from(covered[*ring]) >= CORE * f64::from(all[*ring]);
    let core_um = (0..n_rings).take_while(is_core).count() as f64 * lattice.spacing_um;
    let reach_um = (farthest - core_um).max(0.0);
    let far_um = core_um + STRAND * lattice.reach_um();
    let beyond = |ix: usize| piece[ix] && distance(ix) > core_um;
    let mut seen = vec![false; piece.len()];
    let mut strands = 0;
    for ix in members.iter().copied() {
        if distance(ix) > far_um && !lattice.flood(ix, beyond, &mut seen).is_empty() {
            strands += 1;
        }
    }
    (strands, reach_um)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points every 8 µm in a disc.
    fn disc(radius: f64) -> Vec<[f64; 3]> {
        let mut points = Vec::new();
        for y in -50..=50 {
            for x in -50..=50 {
                let at = [8.0 * f64::from(x), 8.0 * f64::from(y)];
                if at[0].hypot(at[1]) <= radius {
                    points.push([500.0 + at[0], 500.0 + at[1], 0.0]);
                }
            }
        }
        points
    }

    fn outline(points: &[[f64; 3]]) -> Outline {
        Outline::new(&Lattice::covered(&[1000.0, 1000.0], 16.0, points))
    }

    #[test]
    fn a_disc_is_round_and_has_no_strands() {
        let outline = outline(&disc(200.0));
        // Its cells end at 200 µm, what they cover 16 µm farther out.
        let radius = (outline.area_um2 / PI).sqrt();
        assert!((radius - 214.0).abs() < 3.0, "{radius}");
        assert!(
            (0.95..1.05).contains(&outline.circularity),
            "{}",
            outline.circularity
        );
        assert_eq!(outline.strands, 0);
        assert!(outline.reach_um < 10.0);
    }

    #[test]
    fn strands_are_counted_and_cost_circularity() {
        let mut points = disc(150.0);
        for turn in [0.3f64, 2.0, 4.5] {
            points.extend((0..20).map(|i| {
                let r = 150.0 + 8.0 * f64::from(i);
                [500.0 + r * turn.cos(), 500.0 + r * turn.sin(), 0.0]
            }));
        }
        // And a cell apart, which is no strand.
        points.push([900.0, 900.0, 0.0]);
        let lattice = Lattice::covered(&[1000.0, 1000.0], 16.0, &points);
        let outline = Outline::new(&lattice);
        assert_eq!(outline.strands, 3);
        assert!(
            (outline.reach_um - 152.0).abs() < 20.0,
            "{}",
            outline.reach_um
        );
        assert!(outline.circularity < 0.6, "{}", outline.circularity);
        assert!(!outline.holds(&lattice, [900.0, 900.0, 0.0]));
        assert!(outline.holds(&lattice, [500.0, 500.0, 0.0]));
    }

    #[test]
    fn holes_belong_to_the_spheroid_and_are_its_dead_core() {
        let mut points = disc(200.0);
        points.retain(|at| (at[0] - 500.0).hypot(at[1] - 500.0) > 100.0);
        let lattice = Lattice::covered(&[1000.0, 1000.0], 16.0, &points);
        let outline = Outline::new(&lattice);
        assert!(((outline.area_um2 / PI).sqrt() - 214.0).abs() < 3.0);
        // What living cells leave free begins 16 µm inside of them.
        let core = (lattice.enclosed_measure() / PI).sqrt();
        assert!((core - 86.0).abs() < 4.0, "{core}");
    }

    #[test]
    fn a_hollow_ball_has_its_volume() {
        let mut points = Vec::new();
        for i in 0..4000 {
            // Evenly over a sphere of 100 µm.
            let z = 1.0 - (2.0 * f64::from(i) + 1.0) / 4000.0;
            let (r, turn) = ((1.0 - z * z).sqrt(), f64::from(i) * 2.399_963);
            points.push([r * turn.cos(), r * turn.sin(), z].map(|x| 150.0 + 100.0 * x));
        }
        let lattice = Lattice::covered(&[300.0; 3], 16.0, &points);
        let core = (0.75 * lattice.enclosed_measure() / PI).cbrt();
        assert!((core - 84.0).abs() < 2.0, "{core}");
        // With a hole in the shell there is no core.
        points.retain(|at| at[2] < 230.0);
        let open = Lattice::covered(&[300.0; 3], 16.0, &points);
        assert_eq!(open.enclosed_measure(), 0.0);
    }

    #[test]
    fn nothing_has_no_outline() {
        let nothing = outline(&[]);
        assert_eq!((nothing.area_um2, nothing.strands), (0.0, 0));
        assert!(nothing.circularity.is_nan());
    }
}
