//! The choices of a seeded server: hashes of the seed with a request's number, its body, or a row.

/// Throws for each purpose apart, so that asking for one fault never moves another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice {
    seed: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number in `[0, 1)` for this purpose and key.
    pub(crate) fn roll(self, purpose: &str, key: u64) -> f64 {
        let mixed = mix(mix(self.seed ^ hash(purpose.as_bytes())) ^ key);
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A hash of bytes, eight at a time. Not safe against those who choose the bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut chunks = bytes.chunks_exact(8);
    let mut state = bytes.len() as u64;
    for chunk in &mut chunks {
        let word = chunk.iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        state = mix(state ^ word);
    }
    let word = chunks.remainder().iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    mix(state ^ word)
}

/// A hash of the values of a row, bit by bit.
pub(crate) fn hash_row(row: &[f64]) -> u64 {
    row.iter().fold(row.len() as u64, |state, value| mix(state ^ value.to_bits()))
}

/// The output function of the splitmix64 generator (Steele, Lea and Flood 2014) after one step.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_are_even_and_apart() {
        let dice = Dice::new(1);
        let count = 100_000;
        let below = |purpose: &str| (0..count).filter(|&key| dice.roll(purpose, key) < 0.3).count() as f64;
        // Five standard errors of a share of 0.3 in 100000 throws.
        assert!((below("drop") / count as f64 - 0.3).abs() < 0.0073);
        let both =
            (0..count).filter(|&key| dice.roll("drop", key) < 0.3 && dice.roll("cut", key) < 0.3).count();
        assert!((both as f64 / count as f64 - 0.09).abs() < 0.0046);
        assert_ne!(Dice::new(1).roll("drop", 5), Dice::new(2).roll("drop", 5));
    }

    #[test]
    fn every_byte_and_the_length_count() {
        let texts: [&[u8]; 6] = [b"", b"\0", b"\0\0", b"12345678", b"123456789", b"12345679"];
        for (i, a) in texts.iter().enumerate() {
            for b in &texts[i + 1..] {
                assert_ne!(hash(a), hash(b), "{a:?} {b:?}");
            }
        }
        assert_ne!(hash_row(&[1.0, 2.0]), hash_row(&[2.0, 1.0]));
    }
}
