//! What a column of `observables.csv` is called, in which chart it goes, and what it must be marked as.

use crate::dose_response::Readout;
use crate::model::FieldKind;

/// What stands on a figure of cells under a drug.
pub const PREDICTION: &str = "prediction";
/// The levels of a drug, which are illustrative where they come from a plasma level.
pub const LEVELS: &str = "Drug levels";
/// Every type of cell together.
pub const ALL: &str = "all cells";

/// A column of `observables.csv`, read from its name.
pub struct Column {
    /// Columns of one heading and unit share a chart.
    pub heading: String,
    /// With unit, as the axis has it.
    pub axis: &'static str,
    /// In a legend with others of the heading.
    pub label: String,
    /// Under a drug.
    pub tag: &'static str,
}

/// Endings of names and what they mean, longer ones first.
const UNITS: [(&str, &str); 12] = [
    ("_nm_um2", "nM·µm²"),
    ("_nm_um3", "nM·µm³"),
    ("_mmhg_um2", "mmHg·µm²"),
    ("_mmhg_um3", "mmHg·µm³"),
    ("_um_per_h", "µm/h"),
    ("_percent", "%"),
    ("_ng_ml", "ng/mL"),
    ("_um2", "µm²"),
    ("_um3", "µm³"),
    ("_um", "µm"),
    ("_nm", "nM"),
    ("_h", "h"),
];

impl Column {
    /// `None` of what is not drawn: the time and standard errors.
    pub fn new(name: &str) -> Option<Self> {
        if name == "time_h" || name.ends_with("_se_um") {
            return None;
        }
        let (bare, unit) = (UNITS.iter())
            .find_map(|(end, unit)| Some((name.strip_suffix(end)?, *unit)))
            .unwrap_or((name, ""));
        let words = |text: &str| text.replace('_', " ");
        // What its heading says by itself.
        let alone = String::new;
        let make = |heading: &str, axis: &'static str, label: String, tag: &'static str| {
            let heading = heading.to_string();
            Some(Self {
                heading,
                axis,
                label,
                tag,
            })
        };
        let cells = |heading: &str| make(heading, "Cells", words(bare), PREDICTION);
        if let Some(column) = Self::signal(name) {
            return Some(column);
        }
        let ledger = ["mass", "sources", "sinks", "boundary", "rounding", "rest"];
        match (bare, unit) {
            ("limited_moves", _) => make("Moves cut to a radius a step", "Moves", alone(), ""),
            ("wound_closure", _) => make("Wound closure", "Closed (%)", alone(), PREDICTION),
            ("relative_wound_density", _) => make(
                "Wound density over density outside",
                "Ratio",
                alone(),
                PREDICTION,
            ),
            ("cells_below", _) if unit == "%" => make(
                "Cells below the membrane",
                "Share of living cells (%)",
                alone(),
                PREDICTION,
            ),
            ("cells_below" | "cells_in_pores", _) => make(
                "Cells that cross the membrane",
                "Cells",
                words(bare),
                PREDICTION,
            ),
            ("cells_below_per_field", _) => make(
                "Cells below the membrane",
                "Cells per field",
                alone(),
                PREDICTION,
            ),
            ("attached_fraction", _) => {
                make("Attached cells", "Share (0 to 1)", alone(), PREDICTION)
            }
            ("spheroid_radius" | "necrotic_radius" | "invasion_reach", _) => {
                make("Spheroid", "µm", words(bare), PREDICTION)
            }
            ("circularity", _) => make(
                "Circularity of the spheroid",
                "1 = disc",
                alone(),
                PREDICTION,
            ),
            ("invasive_strands", _) => make("Invasive strands", "Strands", alone(), PREDICTION),
            ("detached_cells", _) => make(
                "Cells apart from the spheroid",
                "Cells",
                alone(),
                PREDICTION,
            ),
            (
                "forward_migration_index_x"
                | "forward_migration_index_y"
                | "forward_migration_index_z",
                _,
            ) => make(
                "Forward migration index",
                "Displacement over way",
                format!("along {}", &bare[bare.len() - 1..]),
                PREDICTION,
            ),
            ("mean_squared_displacement", _) => {
                let axis = "Mean over founders (µm²)";
                make(
                    "Squared displacement since the start",
                    axis,
                    alone(),
                    PREDICTION,
                )
            }
            ("nearest_neighbour", _) => {
                let axis = "Mean over cells (µm)";
                make(
                    "Distance of the nearest neighbour",
                    axis,
                    alone(),
                    PREDICTION,
                )
            }
            ("directionality_index", _) => make(
                "Displacement over way since the start",
                "Ratio",
                alone(),
                PREDICTION,
            ),
            _ if bare.starts_with("mean_displacement_") => {
                let axis = bare.trim_start_matches("mean_displacement_");
                let heading = "Displacement since the start";
                make(
                    heading,
                    "Mean over founders (µm)",
                    format!("along {axis}"),
                    PREDICTION,
                )
            }
            _ if ["births", "removals"].contains(&bare) || bare.starts_with("deaths") => {
                cells("Births and deaths since the start")
            }
            _ if bare.ends_with("_count") => cells("Cells"),
            _ if bare.starts_with("count_") => make(
                "Cells",
                "Cells",
                bare["count_".len()..].to_string(),
                PREDICTION,
            ),
            _ if unit == "ng/mL" => make(LEVELS, "Level (ng/mL)", words(bare), ""),
            _ if bare.starts_with("mean_") => Self::field(&bare["mean_".len()..]),
            (_, "nM") => make(LEVELS, "Level (nM)", words(bare), ""),
            _ => {
                let books = ledger
                    .iter()
                    .find_map(|what| Some((bare.strip_suffix(what)?.strip_suffix('_')?, *what)));
                let Some((field, what)) = books else {
                    return make("Other", unit, words(bare), "");
                };
                let heading = format!("Mass of {}: the books", words(field));
                let axis = if unit.is_empty() { "Mass" } else { unit };
                make(&heading, axis, what.to_string(), "")
            }
        }
    }

    /// The heading of a figure of this column alone.
    pub fn title(&self) -> String {
        match self.label.as_str() {
            "" | ALL => self.heading.clone(),
            label => format!("{}: {label}", self.heading),
        }
    }

    /// A read-out of cells: signalling states and speed, of all or of a type.
    fn signal(name: &str) -> Option<Self> {
        if name == "mean_pfak_relative" {
            return Some(Self {
                heading: "pFAK relative to control".to_string(),
                axis: "pFAK (1 = control)",
                label: String::new(),
                tag: "",
            });
        }
        Readout::ALL.into_iter().find_map(|readout| {
            if readout == Readout::CellCount {
                return None;
            }
            // Where a type's label would stand.
            const PLACE: &str = "\u{0}";
            let whole = readout.column(Some(PLACE));
            let (before, after) = whole.split_once(&format!("_{PLACE}"))?;
            let rest = name.strip_prefix(before)?.strip_suffix(after)?;
            let of = match rest.strip_prefix('_') {
                Some(label) => format!(": {label}"),
                None if rest.is_empty() => String::new(),
                None => return None,
            };
            Some(match readout {
                Readout::Speed => Self {
                    heading: "Cell speed".to_string(),
                    axis: "Mean speed (µm/h)",
                    label: if of.is_empty() { ALL } else { &of[2..] }.to_string(),
                    tag: PREDICTION,
                },
                _ => Self {
                    heading: format!("Signalling{of}"),
                    axis: "Mean over cells (0 to 1)",
                    label: readout.title().to_string(),
                    tag: match readout {
                        Readout::Pfak => "",
                        _ => PREDICTION,
                    },
                },
            })
        })
    }

    fn field(name: &str) -> Option<Self> {
        let kind = FieldKind::ALL.into_iter().find(|kind| kind.name() == name);
        let (axis, tag) = match kind.map(|kind| (kind, kind.unit())) {
            Some((_, "nM")) => ("Mean over the box (nM)", ""),
            Some((_, "mmHg")) => ("Mean over the box (mmHg)", ""),
            Some((FieldKind::Fak, _)) => ("Mean over the box", PREDICTION),
            _ => ("Mean over the box", ""),
        };
        Some(Self {
            heading: "Fields".to_string(),
            axis,
            label: name.replace('_', " "),
            tag,
        })
    }
}
