//! temporary
use std::collections::BTreeMap;
/// Resolved parameter values.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters(pub BTreeMap<&'static str, f64>);
impl Parameters {
    /// value
    pub fn value(&self, name: &str) -> f64 {
        self.0[name]
    }
    /// temp
    pub fn temporary() -> Self {
        let h = 1.0 / 60.0;
        let mut m = BTreeMap::new();
        for (n, v) in [
            ("k_auto", 6.0),
            ("k_pyk", 0.3),
            ("k_rtk", 6.0),
            ("k_dp", 6.0),
            ("k_S", 20.0),
            ("k_Sm", 10.0),
            ("k_X", 12.0),
            ("k_X0", 0.3),
            ("k_Xm", 6.0),
            ("k_AF", 3.0),
            ("k_AR", 3.0),
            ("k_A0", 0.3),
            ("k_Am", 3.0),
            ("k_EX", 6.0),
            ("k_ER", 6.0),
            ("k_E0", 0.6),
            ("k_Em", 6.0),
            ("k_N", 60.0),
            ("k_Noff", 40.0),
            ("k_mat", 10.0),
            ("k_d0", 0.3),
            ("k_d1", 9.3),
            ("k_F", 6.0),
            ("k_an", 0.03),
        ] {
            m.insert(n, v * h);
        }
        for (n, v) in [
            ("w", 0.4),
            ("K_rho", 0.3),
            ("R0", 0.02),
            ("K_app", 7.0),
            ("F0", 0.405),
            ("tau_f", 120.0),
            ("tau_s", 168.0 * 60.0),
            ("m_MEK", 0.0),
            ("rho_star", 0.5),
            ("f_min", 0.25),
            ("c_r", 10.0),
            ("c_a", 0.4),
            ("s0", 50.0),
            ("w_dim_2d", 0.05),
            ("w_dim_3d", 0.7),
            ("K_2d", 1.7e-3),
            ("K_3d", 1.7e-4),
            ("C_div", 10000.0),
            ("P_bath", 0.6),
            ("G1", 6e-3),
        ] {
            m.insert(n, v);
        }
        Self(m)
    }
}
