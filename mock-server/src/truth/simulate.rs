//! Noise as the truth understands it, drawn from a seed: for what is compared with a closed form.

use std::f64::consts::PI;

use rand::Rng;
use rand::rngs::ChaCha8Rng;

use super::noise::{Family, Noise};

/// Adds the noise to each of its columns that the row has.
pub(super) fn perturb(row: &mut [f64], noise: Noise<'_>, rng: &mut ChaCha8Rng) {
    for &column in noise.columns {
        if let Some(value) = row.get_mut(column) {
            *value += noise.level * standard(noise.family, rng);
        }
    }
}

/// One column's noise at level 1; the normal by the transform of Box and Muller.
fn standard(family: Family, rng: &mut ChaCha8Rng) -> f64 {
    match family {
        Family::Gaussian => libm::sqrt(-2.0 * libm::log(uniform(rng))) * libm::cos(2.0 * PI * uniform(rng)),
        Family::Uniform => 2.0 * uniform(rng) - 1.0,
    }
}

/// Even on (0, 1), never an end.
fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    ((rng.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}
