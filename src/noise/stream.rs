//! From the seed and the index of a draw to its random stream, and from the stream to the row.
//!
//! Draw number k can be made again alone, in any order and on any machine: nothing but the seed and the
//! index enters, not even the level.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use super::Seed;

/// Keeps these streams apart from any other use of the same seed. Changing it changes every audit.
const CONTEXT: &str = "noisebound 2026 stream of a draw, version 1";

/// The random stream of draw number `index`: ChaCha with 8 rounds, whose key is derived from the seed
/// (BLAKE3 in key derivation mode, of the seed's 8 bytes, little-endian) and whose stream number is the
/// index. Two streams of one seed never overlap.
///
/// First [`row_of`] is taken from it, then the noise, element by element.
pub fn stream(seed: Seed, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::from_seed(blake3::derive_key(CONTEXT, &seed.0.to_le_bytes()));
    rng.set_stream(index);
    rng
}

/// Picks one of `rows` rows, each with the same probability: exactly so, by Lemire's method (ACM
/// TOMACS 29(1), 2019, algorithm 5). The upper half of the product of a 64-bit word and `rows` is the row;
/// the few words that would favour some rows are passed over, each word with a probability below
/// `rows / 2^64`. For `rows` 0 or 1 the row is 0.
pub fn row_of(rng: &mut ChaCha8Rng, rows: usize) -> usize {
    let rows = (rows as u64).max(1);
    let surplus = rows.wrapping_neg() % rows;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(rows);
        if product as u64 >= surplus {
            return (product >> 64) as usize;
        }
    }
}

/// All of `rows` rows in one random order, fixed by the seed (Fisher and Yates).
pub fn permutation(seed: Seed, rows: usize) -> Vec<u64> {
    // No draw has this index.
    let mut rng = stream(seed, u64::MAX);
    let mut order: Vec<u64> = (0..rows as u64).collect();
    for last in (1..rows).rev() {
        order.swap(last, row_of(&mut rng, last + 1));
    }
    order
}
