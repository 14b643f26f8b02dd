// Pure functions of the signalling model. Twin of src/cpu/signal.rs. Needs `globals`.

// y' = gain (1 - y) - loss y, stable at any step.
fn relax(y: f32, gain: f32, loss: f32) -> f32 {
    return (y + globals.dt_min * gain) / (1.0 + globals.dt_min * (gain + loss));
}

// Adhesion strength relative to the control cell at rho*.
fn adhesion_strength(rho: f32, nascent: f32, mature: f32, integrin: f32) -> f32 {
    return ((rho / globals.rho_star) * ((0.5 * nascent + mature) * globals.per_adhesion_control)) * integrin;
}
