//! The signalling network's steady state in closed form, f64: what “relative to control” means.

use crate::parameters::Parameters;

/// Rates of the network per minute; fractions without unit; concentrations nM.
#[derive(Clone, Debug, PartialEq)]
pub struct Signalling {
    rates: Rates,
}

/// The parameters of the network by their names in the model, looked up once: a million cells ask for them.
#[derive(Clone, Debug, PartialEq)]
struct Rates {
    rho_star: f64,
    f_min: f64,
    k_rho: f64,
    k_app: f64,
    k_app_pyk2: f64,
    r0: f64,
    k_auto: f64,
    k_pyk: f64,
    k_rtk: f64,
    k_dp: f64,
    k_s: f64,
    k_sm: f64,
    k_x: f64,
    k_x0: f64,
    k_xm: f64,
    k_af: f64,
    k_ar: f64,
    k_a0: f64,
    k_am: f64,
    k_ex: f64,
    k_er: f64,
    k_e0: f64,
    m_mek: f64,
    k_em: f64,
    k_n: f64,
    w: f64,
    f0: f64,
    k_mat: f64,
    k_d0: f64,
    k_d1: f64,
    k_noff: f64,
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
    /// Factor on k_auto: level of FAK.
    pub fak: f64,
}

impl Line {
    /// No bypass, wild-type, coupled to AKT.
    pub const PLAIN: Line = Line {
        bypass_fast: 0.0,
        bypass_slow: 0.0,
        erk_basal: 1.0,
        akt_coupling: 1.0,
        fak: 1.0,
    };
}

impl Line {
    /// The same line in a cell with other levels of FAK and of receptors.
    pub fn with(self, fak: f64, receptors: f64) -> Self {
        Self {
            bypass_fast: self.bypass_fast * receptors,
            bypass_slow: self.bypass_slow * receptors,
            fak: self.fak * fak,
            ..self
        }
    }
}

impl From<&super::CellType> for Line {
    fn from(cell_type: &super::CellType) -> Self {
        Self {
            bypass_fast: cell_type.bypass_fast,
            bypass_slow: cell_type.bypass_slow,
            erk_basal: cell_type.erk_basal,
            akt_coupling: cell_type.akt_coupling,
            fak: 1.0,
        }
    }
}

impl Signalling {
    /// The network under these parameters.
    pub fn new(parameters: &Parameters) -> Self {
        let p = |name: &str| parameters.value(name);
        Self {
            rates: Rates {
                rho_star: p("rho_star"),
                f_min: p("f_min"),
                k_rho: p("K_rho"),
                k_app: p("K_app"),
                k_app_pyk2: p("K_app_pyk2"),
                r0: p("R0"),
                k_auto: p("k_auto"),
                k_pyk: p("k_pyk"),
                k_rtk: p("k_rtk"),
                k_dp: p("k_dp"),
                k_s: p("k_S"),
                k_sm: p("k_Sm"),
                k_x: p("k_X"),
                k_x0: p("k_X0"),
                k_xm: p("k_Xm"),
                k_af: p("k_AF"),
                k_ar: p("k_AR"),
                k_a0: p("k_A0"),
                k_am: p("k_Am"),
                k_ex: p("k_EX"),
                k_er: p("k_ER"),
                k_e0: p("k_E0"),
                m_mek: p("m_MEK"),
                k_em: p("k_Em"),
                k_n: p("k_N"),
                w: p("w"),
                f0: p("F0"),
                k_mat: p("k_mat"),
                k_d0: p("k_d0"),
                k_d1: p("k_d1"),
                k_noff: p("k_Noff"),
            },
        }
    }

    /// No drug, no bypass, matrix at rho*: what relative read-outs divide by.
    pub fn control(&self) -> SteadyState {
        self.steady(self.rates.rho_star, 0.0, Line::PLAIN)
    }

    /// Speed relative to S: biphasic in adhesion strength σ (Palecek 1997, V) and rising with p-p130Cas.
    pub fn relative_speed(&self, rho: f64, state: &SteadyState, integrin: f64) -> f64 {
        let control = self.control();
        let p = &self.rates;
        let sigma = rho / p.rho_star * state.adhesion() / control.adhesion() * integrin;
        let f_min = p.f_min;
        4.0 * sigma / (1.0 + sigma).powi(2) * (f_min + (1.0 - f_min) * state.pcas / control.pcas)
    }

    /// Steady state at matrix density `rho` and free drug `c_nm`.
    pub fn steady(&self, rho: f64, c_nm: f64, line: Line) -> SteadyState {
        let p = &self.rates;
        let engaged = rho / (rho + p.k_rho);
        let occupied = c_nm / (p.k_app + c_nm);
        let occupied_pyk2 = c_nm / (p.k_app_pyk2 + c_nm);
        let kinases = p.k_auto * line.fak * (1.0 - occupied) + p.k_pyk * (1.0 - occupied_pyk2);
        let bypass_fast = line.bypass_fast * (0.25 + 0.75 * occupied);
        let bypass_slow = line.bypass_slow * occupied;
        let receptor = p.r0 + bypass_fast + bypass_slow;
        let rest = |gain: f64, loss: f64| gain / (gain + loss);
        let pfak = rest(kinases * engaged + p.k_rtk * receptor, p.k_dp);
        let src = rest(p.k_s * pfak, p.k_sm);
        let pcas = rest(p.k_x * pfak * src + p.k_x0, p.k_xm);
        let pakt = rest(
            p.k_af * line.akt_coupling * pfak + p.k_ar * receptor + p.k_a0,
            p.k_am,
        );
        let perk = rest(
            (p.k_ex * pcas + p.k_er * receptor + p.k_e0 * line.erk_basal) / (1.0 + p.m_mek),
            p.k_em,
        );
        // N and M: k_mat N = (k_d0 + k_d1 X) M, and gain (1 − N − M) = (k_Noff + k_mat) N.
        let gain = p.k_n * engaged * ((1.0 - p.w) + p.w * pfak / p.f0);
        let mature_per_nascent = p.k_mat / (p.k_d0 + p.k_d1 * pcas);
        let fa_nascent = gain / (gain * (1.0 + mature_per_nascent) + p.k_noff + p.k_mat);
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
