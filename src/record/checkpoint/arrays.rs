//! The arrays of a state: what each is called and how it is shaped, and the way there and back.

use std::io::Read;

use glam::Vec4;
use serde::{Deserialize, Serialize};

use super::Header;
use crate::model::Model;
use crate::state::{Cells, HostState, N_SIGNALS, N_TRAITS};

/// An array in the file: little-endian numbers in C order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Array {
    /// Its name.
    pub name: String,
    /// `f32`, `u32` or `u8`.
    pub r#type: String,
    /// Lengths, slowest axis first.
    pub shape: Vec<u64>,
    /// Unit, by column where they differ.
    pub unit: String,
}

impl Array {
    fn new(name: &str, r#type: &str, shape: &[u64], unit: &str) -> Self {
        Self {
            name: name.to_string(),
            r#type: r#type.to_string(),
            shape: shape.to_vec(),
            unit: unit.to_string(),
        }
    }

    /// Bytes, or `None` if there are more than memory can have.
    pub(super) fn bytes(&self) -> Option<u64> {
        let each = if self.r#type == "u8" { 1 } else { 4 };
        let all = (self.shape.iter()).try_fold(each, |product: u64, n| product.checked_mul(*n))?;
        (all < 1 << 48).then_some(all)
    }
}

const BODIES: &str = "cells/position_radius";
const POLARITIES: &str = "cells/polarity_speed";
const PUSHES: &str = "cells/push_crowding";
const IDENTITIES: &str = "cells/identity";
const SIGNALS: &str = "cells/signals";
const TRAITS: &str = "cells/traits";
/// What is measured between reports, as JSON.
const MEASURES: &str = "measures";

/// The arrays of a model with `n` cells and as many bytes of measures, in their order.
fn named(model: &Model, n: u64, measures: u64) -> Vec<Array> {
    let grid = model.grid();
    let shape = grid.shape();
    let field = |kind: crate::model::FieldKind| {
        Array::new(
            &format!("fields/{}", kind.name()),
            "f32",
            &shape,
            kind.unit(),
        )
    };
    let mut arrays: Vec<Array> = model.fields().iter().map(|f| field(f.kind)).collect();
    let density = if grid.dimensions == 3 {
        "/um^3"
    } else {
        "/um^2"
    };
    arrays.extend([
        Array::new(BODIES, "f32", &[n, 4], "um um um um"),
        Array::new(POLARITIES, "f32", &[n, 4], "1 1 1 um/min"),
        Array::new(
            PUSHES,
            "f32",
            &[n, 4],
            &format!("um/min um/min um/min {density}"),
        ),
        Array::new(
            IDENTITIES,
            "u32",
            &[n, 4],
            "id type parent phase<<24|generation",
        ),
        Array::new(SIGNALS, "f32", &[N_SIGNALS as u64, n], "1"),
        Array::new(TRAITS, "f32", &[N_TRAITS as u64, n], "1"),
        Array::new(MEASURES, "u8", &[measures], "JSON"),
    ]);
    arrays
}

/// Every array of a state with its bytes, row by row.
pub(super) fn of<'a>(
    model: &Model,
    state: &'a HostState,
    measures: &'a [u8],
) -> Vec<(Array, Vec<&'a [u8]>)> {
    let cells = &state.cells;
    let mut bytes: Vec<Vec<&[u8]>> = (state.fields.iter())
        .map(|(_, values)| vec![bytemuck::cast_slice(values)])
        .collect();
    bytes.extend([
        vec![bytemuck::cast_slice(&cells.position_radius)],
        vec![bytemuck::cast_slice(&cells.polarity_speed)],
        vec![bytemuck::cast_slice(&cells.push_crowding)],
        vec![bytemuck::cast_slice(&cells.identity)],
        cells
            .signals
            .iter()
            .map(|row| bytemuck::cast_slice(row))
            .collect(),
        cells
            .traits
            .iter()
            .map(|row| bytemuck::cast_slice(row))
            .collect(),
        vec![measures],
    ]);
    named(model, cells.len() as u64, measures.len() as u64)
        .into_iter()
        .zip(bytes)
        .collect()
}

/// The next `n` bytes; memory grows with what is really there.
pub(super) fn bytes(stream: &mut impl Read, n: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(n).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != n {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// The state and the measures that a header describes, if they are of the model.
pub(super) fn read(
    model: &Model,
    header: &Header,
    stream: &mut impl Read,
) -> Result<(HostState, Vec<u8>), String> {
    let length = |name: &str| {
        let array = header.arrays.iter().find(|array| array.name == name);
        let length = array.and_then(|array| array.shape.first()).copied();
        length.ok_or_else(|| format!("{name} is missing"))
    };
    let n = length(IDENTITIES)?;
    if n > u64::from(model.most_cells()) {
        return Err(format!(
            "has {n} cells, more than the {} that the scenario or memory allows",
            model.most_cells()
        ));
    }
    let expected = named(model, n, length(MEASURES)?);
    if header.arrays != expected {
        let names = |arrays: &[Array]| {
            let shown = |a: &Array| format!("{} {} {:?}", a.name, a.r#type, a.shape);
            arrays.iter().map(shown).collect::<Vec<_>>().join(", ")
        };
        return Err(format!(
            "holds {}, but its scenario has {}",
            names(&header.arrays),
            names(&expected)
        ));
    }
    let mut next = |array: &Array| {
        bytes(stream, array.bytes().unwrap_or(0))
            .map_err(|why| format!("is damaged in {}: {why}", array.name))
    };
    let mut fields = Vec::new();
    for (field, array) in model.fields().iter().zip(&expected) {
        fields.push((field.kind, bytemuck::pod_collect_to_vec(&next(array)?)));
    }
    let mut cells = Cells::default();
    let mut measures = Vec::new();
    let n = n as usize;
    for array in &expected[fields.len()..] {
        let bytes = next(array)?;
        match array.name.as_str() {
            BODIES => cells.position_radius = vectors(&bytes),
            POLARITIES => cells.polarity_speed = vectors(&bytes),
            PUSHES => cells.push_crowding = vectors(&bytes),
            IDENTITIES => cells.identity = bytemuck::pod_collect_to_vec(&bytes),
            SIGNALS => rows(&bytes, n, &mut cells.signals),
            TRAITS => rows(&bytes, n, &mut cells.traits),
            _ => measures = bytes,
        }
    }
    let state = HostState {
        step: header.step,
        next_id: header.next_id,
        tally: header.tally,
        fields,
        cells,
    };
    Ok((state, measures))
}

fn vectors(bytes: &[u8]) -> Vec<Vec4> {
    let flat: Vec<[f32; 4]> = bytemuck::pod_collect_to_vec(bytes);
    flat.into_iter().map(Vec4::from_array).collect()
}

fn rows(bytes: &[u8], n: usize, into: &mut [Vec<f32>]) {
    for (nth, row) in into.iter_mut().enumerate() {
        *row = bytemuck::pod_collect_to_vec(&bytes[4 * n * nth..4 * n * (nth + 1)]);
    }
}
