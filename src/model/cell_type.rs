//! Cell types.

/// A type of cell in internal units (µm, min). Presets live in `assets/parameters.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct CellType {
    /// Preset name, e.g. `pc-3`.
    pub name: String,
    /// Speed S at optimal adhesion and control signalling, µm/min.
    pub speed: f64,
    /// Persistence time P, min.
    pub persistence: f64,
    /// Radius, µm.
    pub radius: f64,
    /// Division hazard r0, /min.
    pub division: f64,
    /// Background death hazard k0, /min.
    pub death: f64,
    /// Cell–cell adhesion relative to the default c_a; pairs take the geometric mean.
    pub adhesion: f64,
    /// Integrin level times affinity, relative: multiplies σ.
    pub integrin: f64,
    /// Chemotactic turning rate k_c, /min.
    pub chemotaxis: f64,
    /// Haptotactic turning rate k_h, /min.
    pub haptotaxis: f64,
    /// Turning rate k_g toward fibres that are all parallel, /min: contact guidance.
    pub guidance: f64,
    /// Fast receptor bypass Rf_max.
    pub bypass_fast: f64,
    /// Slow receptor bypass Rs_max.
    pub bypass_slow: f64,
    /// Factor on k_E0 (10: KRAS-mutant).
    pub erk_basal: f64,
    /// Factor on k_AF (0: AKT uncoupled from FAK).
    pub akt_coupling: f64,
    /// Contact digestion of matrix relative to a tumour cell's.
    pub digestion: f64,
    /// Secretion of matrix protease relative to a tumour cell's.
    pub mmp_secretion: f64,
    /// First-order uptake of oxygen at reference density, /min.
    pub oxygen_uptake: f64,
    /// Deposition of collagen at reference density, F = F0 and full activation, /min.
    pub deposition: f64,
    /// Secretion of TGF-β at reference density, /min.
    pub tgfb_secretion: f64,
    /// Secretion of attractant at reference density, nM/min.
    pub attractant_secretion: f64,
    /// Docetaxel of half effect where FAK is as active as in control cells, ng/mL.
    pub docetaxel_ic50: f64,
    /// Standard deviation of ln(trait) between founders, rows as in [`crate::state::traits`].
    pub spread: [f64; crate::state::N_TRAITS],
    /// Pore area below which the cell does not pass, µm².
    pub pore_limit: f64,
    /// Hazard of going over from dividing to crawling, /min; both 0: the cell does both.
    pub to_go: f64,
    /// Hazard of going over from crawling to dividing, /min.
    pub to_grow: f64,
    /// Share of the speed above f_min that is there without FAK.
    pub amoeboid: f64,
    /// Share of recruitment that needs active FAK in the tissue around.
    pub fak_recruitment: f64,
    /// Hazard of attaching to prey in reach, /min; above 0 the cell is a killer.
    pub attack: f64,
    /// Hazard at which an attached killer hits its prey, /min.
    pub kill: f64,
    /// Share of a killer's attachment that the cell draws.
    pub antigen: f64,
    /// PD-L1 on the cell, relative.
    pub pd_l1: f64,
    /// Suppression of killers nearby, relative to a macrophage's.
    pub suppression: f64,
    /// Hits after which a killer is exhausted.
    pub most_kills: f64,
}

impl CellType {
    /// Whether cells either crawl or divide at a time.
    pub fn goes_or_grows(&self) -> bool {
        self.to_go + self.to_grow > 0.0
    }
}
