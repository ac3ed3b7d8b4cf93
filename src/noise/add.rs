//! What all families share: noise is drawn, scaled, added, clipped and stored, element by element.

use noisebound_adapters::Row;
use rand::rngs::ChaCha8Rng;

use super::{Level, Mask};

/// Adds `level * factor * standard()` to every element whose factor is not 0. `standard` is called once
/// for each such element, whatever the level, the clip range and the value, so that the words taken from
/// the stream depend on nothing else than the mask.
pub(super) fn add(
    level: Level,
    mask: &Mask,
    row: &mut Row,
    rng: &mut ChaCha8Rng,
    standard: impl Fn(&mut ChaCha8Rng) -> f64,
) {
    for (tensor, factors) in row.tensors.iter_mut().zip(&mask.factors) {
        let factors = factors.iter().cycle().take(tensor.values.len());
        for (i, factor) in factors.enumerate().filter(|(_, factor)| **factor != 0.0) {
            let noise = level.0 * factor * standard(rng);
            if let Some(clean) = tensor.values.number(i) {
                let noisy = clean + noise;
                // max and min, as clamp panics on a range that is none.
                let held = mask.clip.map_or(noisy, |(low, high)| noisy.max(low).min(high));
                tensor.values.set_number(i, held);
            }
        }
    }
}

impl Mask {
    /// How many elements of a row's tensor number `tensor`, which has `width` of them, are perturbed.
    pub fn perturbed(&self, tensor: usize, width: usize) -> usize {
        let factors =
            self.factors.get(tensor).into_iter().flat_map(|factors| factors.iter().cycle().take(width));
        factors.filter(|factor| **factor != 0.0).count()
    }
}
