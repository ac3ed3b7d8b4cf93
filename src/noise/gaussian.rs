//! Gaussian noise: the level is its standard deviation.

use noisebound_adapters::Row;
use rand::distr::Distribution;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::add::add;
use super::{Level, Mask, Noise};

/// Independent normal noise with mean 0. The level is the standard deviation, in the unit of the data
/// (`--scale absolute`) or of each column's standard deviation (`--scale std`).
///
/// Standard normals are made by the ziggurat method, which takes a varying number of words for each; they
/// can be had again only in order, from the start of the draw's stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gaussian;

impl Noise for Gaussian {
    fn perturb(&self, level: Level, mask: &Mask, row: &mut Row, rng: &mut ChaCha8Rng) {
        add(level, mask, row, rng, |rng| StandardNormal.sample(rng));
    }
}
