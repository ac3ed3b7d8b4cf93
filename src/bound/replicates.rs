//! Passes.

/// Passes.
pub fn passes(theta: f64, alpha: f64) -> Option<u64> {
    (theta > 0.0 && theta < 1.0 && alpha > 0.0).then(|| (libm::log(alpha) / libm::log(theta)).ceil() as u64)
}
