//! Gaussian noise: the level is its standard deviation.

use std::f64::consts::TAU;

use noisebound_adapters::Row;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, OpenClosed01, StandardUniform};

use super::add::add;
use super::{Level, Mask, Noise};

/// Independent normal noise with mean 0. The level is the standard deviation, in the unit of the data
/// (`--scale absolute`) or of each column's standard deviation (`--scale std`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Gaussian;

impl Noise for Gaussian {
    fn perturb(&self, level: Level, mask: &Mask, row: &mut Row, rng: &mut ChaCha8Rng) {
        add(level, mask, row, rng, standard);
    }
}

/// A standard normal from two uniforms (Box and Muller, Ann. Math. Stat. 29, 1958), at most 8.58 in size.
///
/// The ready-made ziggurat takes its logarithms and exponentials from the system as soon as any crate in
/// the build asks for that, and may then differ in the last bit between machines; these come from `libm`.
/// Takes two 64-bit words.
fn standard(rng: &mut ChaCha8Rng) -> f64 {
    let radius: f64 = OpenClosed01.sample(rng);
    let turn: f64 = StandardUniform.sample(rng);
    libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(TAU * turn)
}
