//! Noise families: what is added to a row, and the random stream that it comes from.
//!
//! The seed and the index of a draw alone fix the row and the standardized noise, the same at every
//! level. A family must take the same number of words from the stream whatever the level.
//!
//! What of a row is perturbed is decided elsewhere, in [`data::mask`](crate::data::mask()), and handed in
//! as a [`Mask`].

mod add;
mod gaussian;
mod registry;
mod stream;
mod uniform;

#[cfg(test)]
mod tests;

pub use gaussian::Gaussian;
pub use registry::{FAMILIES, Family, family};
pub use stream::{permutation, row_of, stream};
pub use uniform::Uniform;

use noisebound_adapters::Row;
use rand::rngs::ChaCha8Rng;

/// The strength of the noise, in the unit that the family states; 0 is clean.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(pub f64);

/// The seed of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// What of a row is perturbed, how strongly, and between which limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// For each tensor of the row, for each of its elements, the factor on the level: 0 leaves the
    /// element alone, 1 is `--scale absolute`, the column's standard deviation is `--scale std`. Where there
    /// are fewer factors than elements they begin anew: a single one is for all.
    pub factors: Vec<Vec<f64>>,
    /// The range that perturbed elements are held inside.
    pub clip: Option<(f64, f64)>,
}

/// A distribution of perturbations.
pub trait Noise: Send + Sync {
    /// Adds the noise to every element of the row whose factor in the mask is not 0, clips it, and stores
    /// it in the element's own type. Elements take from the stream in their order in the row.
    fn perturb(&self, level: Level, mask: &Mask, row: &mut Row, rng: &mut ChaCha8Rng);
}
