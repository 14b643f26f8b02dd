//! `fields/<name>_<time_h>.npy`: f32, C order, `[z,]y,x`.

use std::path::PathBuf;

use npyz::WriterBuilder;

use super::{Export, Moment, write_atomically};

/// Fields as NumPy files.
#[derive(Debug)]
pub struct FieldNpy {
    /// Where to.
    pub folder: PathBuf,
}

impl Export for FieldNpy {
    fn name(&self) -> &'static str {
        "fields"
    }

    fn write(&self, moment: &Moment) -> anyhow::Result<()> {
        let grid = moment.model.grid();
        let shape: Vec<u64> = grid.n[..grid.dimensions as usize]
            .iter()
            .rev()
            .map(|&n| n.into())
            .collect();
        for (kind, values) in &moment.state.fields {
            let path = self
                .folder
                .join(format!("{}_{}.npy", kind.name(), moment.time_h()));
            write_atomically(&path, |out| {
                let mut npy = npyz::WriteOptions::new()
                    .default_dtype()
                    .shape(&shape)
                    .writer(out)
                    .begin_nd()?;
                npy.extend(values.iter().copied())?;
                npy.finish()?;
                Ok(())
            })?;
        }
        Ok(())
    }
}
