//! The signalling network's steady state in closed form, f64: what “relative to control” means.

use crate::parameters::Parameters;

/// Rates of the network per minute; fractions without unit; concentrations nM.
#[derive(Clone, Debug, PartialEq)]
pub struct Signalling {
    parameters: Parameters,
}

/// The signalling states that other parts of the model are relative to, 0…1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteadyState {
    /// Phosphorylated FAK.
    pub pfak: f64,
    /// Active Src.
    pub src: f64,
    /// Phosphorylated p130Cas/paxillin.
    pub pcas: f64,
    /// Phosphorylated AKT.
    pub pakt: f64,
    /// Phosphorylated ERK.
    pub perk: f64,
    /// Nascent adhesions.
    pub fa_nascent: f64,
    /// Mature adhesions.
    pub fa_mature: f64,
    /// Fast receptor bypass.
    pub bypass_fast: f64,
    /// Slow receptor bypass.
    pub bypass_slow: f64,
}

impl SteadyState {
    /// Adhesion strength ½N + M before it is made relative.
    pub fn adhesion(&self) -> f64 {
        0.5 * self.fa_nascent + self.fa_mature
    }

    /// The states in the order of [`crate::state::signal`].
    pub fn rows(&self) -> [f64; crate::state::N_SIGNALS] {
        [
            self.pfak,
            self.src,
            self.pcas,
            self.pakt,
            self.perk,
            self.bypass_fast,
            self.bypass_slow,
            self.fa_nascent,
            self.fa_mature,
        ]
    }
}

/// What of a cell type the network sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Fast receptor bypass Rf_max.
    pub bypass_fast: f64,
    /// Slow receptor bypass Rs_max.
    pub bypass_slow: f64,
    /// Factor on k_E0.
    pub erk_basal: f64,
    /// Factor on k_AF.
    pub akt_coupling: f64,
}

impl Line {
    /// No bypass, wild-type, coupled to AKT.
    pub const PLAIN: Line = Line {
        bypass_fast: 0.0,
        bypass_slow: 0.0,
        erk_basal: 1.0,
        akt_coupling: 1.0,
    };
}

impl From<&super::CellType> for Line {
    fn from(cell_type: &super::CellType) -> Self {
        Self {
            bypass_fast: cell_type.bypass_fast,
            bypass_slow: cell_type.bypass_slow,
            erk_basal: cell_type.erk_basal,
            akt_coupling: cell_type.akt_coupling,
        }
    }
}

impl Signalling {
    /// The network under these parameters.
    pub fn new(parameters: &Parameters) -> Self {
        Self {
            parameters: parameters.clone(),
        }
    }

    /// No drug, no bypass, matrix at rho*: what relative read-outs divide by.
    pub fn control(&self) -> SteadyState {
        self.steady(self.parameters.value("rho_star"), 0.0, Line::PLAIN)
    }

    /// Steady state at matrix density `rho` and free drug `c_nm`.
    pub fn steady(&self, rho: f64, c_nm: f64, line: Line) -> SteadyState {
        let p = |name: &str| self.parameters.value(name);
        let engaged = rho / (rho + p("K_rho"));
        let occupied = c_nm / (p("K_app") + c_nm);
        let bypass_fast = line.bypass_fast * (0.25 + 0.75 * occupied);
        let bypass_slow = line.bypass_slow * occupied;
        let receptor = p("R0") + bypass_fast + bypass_slow;
        let rest = |gain: f64, loss: f64| gain / (gain + loss);
        let pfak = rest(
            (p("k_auto") + p("k_pyk")) * engaged * (1.0 - occupied) + p("k_rtk") * receptor,
            p("k_dp"),
        );
        let src = rest(p("k_S") * pfak, p("k_Sm"));
        let pcas = rest(p("k_X") * pfak * src + p("k_X0"), p("k_Xm"));
        let pakt = rest(
            p("k_AF") * line.akt_coupling * pfak + p("k_AR") * receptor + p("k_A0"),
            p("k_Am"),
        );
        let perk = rest(
            (p("k_EX") * pcas + p("k_ER") * receptor + p("k_E0") * line.erk_basal)
                / (1.0 + p("m_MEK")),
            p("k_Em"),
        );
        // N and M: k_mat N = (k_d0 + k_d1 X) M, and gain (1 − N − M) = (k_Noff + k_mat) N.
        let gain = p("k_N") * engaged * ((1.0 - p("w")) + p("w") * pfak / p("F0"));
        let mature_per_nascent = p("k_mat") / (p("k_d0") + p("k_d1") * pcas);
        let fa_nascent = gain / (gain * (1.0 + mature_per_nascent) + p("k_Noff") + p("k_mat"));
        SteadyState {
            pfak,
            src,
            pcas,
            pakt,
            perk,
            fa_nascent,
            fa_mature: mature_per_nascent * fa_nascent,
            bypass_fast,
            bypass_slow,
        }
    }
}
