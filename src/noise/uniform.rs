//! Uniform noise: the level is the half-width.

use noisebound_adapters::Row;
use rand::Rng;
use rand::rngs::ChaCha8Rng;

use super::add::add;
use super::{Level, Mask, Noise};

/// Independent noise, uniform between minus and plus the level; the level is in the unit of the data
/// (`--scale absolute`) or of each column's standard deviation (`--scale std`). Its standard deviation is
/// the level divided by the root of 3.
#[derive(Debug, Clone, Copy, Default)]
pub struct Uniform;

impl Noise for Uniform {
    fn perturb(&self, level: Level, mask: &Mask, row: &mut Row, rng: &mut ChaCha8Rng) {
        add(level, mask, row, rng, standard);
    }
}

/// One of 2^52 values spaced evenly in (-1, 1), symmetric about 0; each is exact. Takes one 64-bit word.
fn standard(rng: &mut ChaCha8Rng) -> f64 {
    const STEP: f64 = 1.0 / (1_u64 << 51) as f64;
    ((rng.next_u64() >> 12) as f64 + 0.5) * STEP - 1.0
}
