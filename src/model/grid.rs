//! The box and its voxels.

/// A box of cubic voxels; a 2-D model is one voxel deep, so that 2-D and 3-D are one code path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Voxels along x, y, z.
    pub n: [u32; 3],
    /// Edge of a voxel, µm.
    pub voxel_um: f64,
    /// Whether an axis is periodic, for every field and for the cells.
    pub periodic: [bool; 3],
    /// 2 or 3: the number of lengths that the scenario gave.
    pub dimensions: u32,
}

impl Grid {
    /// Number of voxels.
    pub fn n_voxels(&self) -> usize {
        self.n.iter().map(|&n| n as usize).product()
    }

    /// Lengths of an array of one value per voxel, `[z,]y,x`.
    pub fn shape(&self) -> Vec<u64> {
        let axes = &self.n[..self.dimensions as usize];
        axes.iter().rev().map(|&n| n.into()).collect()
    }

    /// Edge lengths of the box, µm.
    pub fn size_um(&self) -> [f64; 3] {
        self.n.map(|n| f64::from(n) * self.voxel_um)
    }

    /// Area (2-D, µm²) or volume (3-D, µm³) of the box: what a number density is per.
    pub fn measure(&self) -> f64 {
        let size = self.size_um();
        size.iter().take(self.dimensions as usize).product()
    }

    /// Area (2-D, µm²) or volume (3-D, µm³) of one voxel.
    pub fn voxel_measure(&self) -> f64 {
        self.voxel_um.powi(self.dimensions as i32)
    }

    /// Centre of a voxel, µm.
    pub fn centre_um(&self, ix: [u32; 3]) -> [f64; 3] {
        ix.map(|i| (f64::from(i) + 0.5) * self.voxel_um)
    }

    /// Storage index of the voxel that holds a position in µm; the nearest one for a position outside.
    pub fn voxel_at(&self, position: [f32; 3]) -> usize {
        let [x, y, z] = [0, 1, 2].map(|axis| {
            // A float becomes the nearest usize.
            let i = (f64::from(position[axis]) / self.voxel_um) as usize;
            i.min(self.n[axis] as usize - 1)
        });
        (z * self.n[1] as usize + y) * self.n[0] as usize + x
    }

    /// Neighbour bins along each axis for an interaction range in µm: as many equal bins as fit, none narrower than
    /// the range.
    pub fn bins(&self, range_um: f64) -> [u32; 3] {
        let mut bins = [1; 3];
        for axis in 0..self.dimensions as usize {
            bins[axis] = ((self.size_um()[axis] / range_um).floor() as u32).max(1);
        }
        bins
    }
}
