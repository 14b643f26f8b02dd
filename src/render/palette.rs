//! Colours: perceptually uniform, colour-blind safe tables for fields and cells, and the few colours of the furniture.

mod diverging;

use crate::model::FieldKind;

use super::Colouring;
pub use diverging::diverging_table;

/// An opaque sRGB colour.
pub type Colour = [u8; 3];

/// Paper outside the box.
pub const PAPER: Colour = [255, 255, 255];
/// The box where no field is shown.
pub const EMPTY: Colour = [246, 246, 244];
/// Text, frame and scale bar.
pub const INK: Colour = [32, 33, 36];
/// Secondary text: units and captions.
pub const GREY: Colour = [92, 94, 99];

/// Dying cells, whatever the others are coloured by.
pub const DYING: Colour = [150, 150, 150];

/// Share of white mixed into a field's lowest and highest colour, so that cells stand out on any field and an empty
/// field is nearly paper.
const MUTE: [f32; 2] = [0.8, 0.4];
/// Share of a map that cells use, from its light end: black tells nothing apart.
const CELL_SHARE: f32 = 0.88;

/// The qualitative palette of Okabe and Ito (2008, <https://jfly.uni-koeln.de/color/>), in an order whose first entries
/// contrast most with the fields.
pub const CELL_TYPES: [Colour; 8] = [
    [0, 114, 178],
    [213, 94, 0],
    [0, 158, 115],
    [204, 121, 167],
    [230, 159, 0],
    [86, 180, 233],
    [240, 228, 66],
    [90, 90, 90],
];

/// A sequential colour map. Tables and their sources: `assets/colour_maps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourMap {
    /// Dark blue over green to yellow.
    Viridis,
    /// Dark blue over grey to yellow.
    Cividis,
    /// Black over magenta to pale yellow.
    Magma,
}

/// Entries of a table.
pub const N_COLOURS: usize = 256;

impl ColourMap {
    /// The full-strength table, dark to light.
    pub fn table(self) -> [Colour; N_COLOURS] {
        let bytes: &[u8; 3 * N_COLOURS] = match self {
            ColourMap::Viridis => include_bytes!("../../assets/colour_maps/viridis.rgb"),
            ColourMap::Cividis => include_bytes!("../../assets/colour_maps/cividis.rgb"),
            ColourMap::Magma => include_bytes!("../../assets/colour_maps/magma.rgb"),
        };
        std::array::from_fn(|i| [bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]])
    }
}

/// Colours of a field, low to high: light to dark, so that nothing looks like paper, and muted toward white.
pub fn field_table(kind: FieldKind) -> [Colour; N_COLOURS] {
    // The share of the map that is used, from its light end: the darkest colours belong to the cells.
    let (map, share) = match kind {
        FieldKind::Drug | FieldKind::DrugBound => (ColourMap::Magma, 0.78),
        FieldKind::Ecm => (ColourMap::Cividis, 0.95),
        FieldKind::Mmp | FieldKind::Tgfb => (ColourMap::Viridis, 0.8),
        FieldKind::Oxygen => (ColourMap::Magma, 0.7),
        FieldKind::Fak => (ColourMap::Magma, 0.6),
        FieldKind::Attractant => (ColourMap::Viridis, 0.8),
    };
    let full = map.table();
    std::array::from_fn(|i| {
        let mute = MUTE[0] + (MUTE[1] - MUTE[0]) * i as f32 / (N_COLOURS - 1) as f32;
        full[N_COLOURS - 1 - (share * i as f32).round() as usize]
            .map(|c| (f32::from(c) + mute * (255.0 - f32::from(c))).round() as u8)
    })
}

/// Phases of cells, in the order of [`crate::state::Phase`]: what crawls and divides in strong colours, what dies in dull ones.
pub const PHASES: [Colour; 9] = [
    [0, 114, 178],
    [86, 180, 233],
    [0, 158, 115],
    [150, 150, 150],
    [204, 121, 167],
    [110, 76, 54],
    [230, 159, 0],
    [213, 94, 0],
    [240, 228, 66],
];

/// Colours that stand for families; grey is for the dying.
const N_FAMILIES: usize = 7;

/// Colours of cells: by type index modulo 8, by phase, seven for families, or a map from low to high.
pub fn cell_table(colouring: Colouring) -> [Colour; N_COLOURS] {
    match colouring {
        Colouring::Type => std::array::from_fn(|i| CELL_TYPES[i % CELL_TYPES.len()]),
        Colouring::Phase => std::array::from_fn(|i| PHASES[i % PHASES.len()]),
        Colouring::Lineage => std::array::from_fn(|i| CELL_TYPES[i % N_FAMILIES]),
        Colouring::Pfak | Colouring::Speed => lighter(ColourMap::Viridis),
        Colouring::Perk => lighter(ColourMap::Magma),
        Colouring::Generation => lighter(ColourMap::Cividis),
    }
}

fn lighter(map: ColourMap) -> [Colour; N_COLOURS] {
    let full = map.table();
    let last = N_COLOURS - 1;
    std::array::from_fn(|i| full[last - (CELL_SHARE * (last - i) as f32).round() as usize])
}
