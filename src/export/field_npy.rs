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
    fn write(&mut self, moment: &dyn Moment) -> anyhow::Result<()> {
        let model = moment.model();
        for kind in model.fields().iter().map(|field| field.kind) {
            let values = moment.field(kind)?;
            let name = format!("{}_{}.npy", kind.name(), moment.hours());
            write_atomically(&self.folder.join(name), |out| {
                let mut npy = npyz::WriteOptions::new()
                    .default_dtype()
                    .shape(&model.grid().shape())
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
