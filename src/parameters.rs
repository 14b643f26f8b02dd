//! The parameter table. (Helper "input" writes this.)

/// Resolved parameter values.
#[derive(Clone, Debug)]
pub struct Parameters;

impl Parameters {
    /// The value of a parameter in internal units (µm, min, nM).
    pub fn value(&self, _name: &str) -> f64 {
        unimplemented!()
    }
}
