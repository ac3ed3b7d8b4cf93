//! The outcomes of draws in draw order, one bit each, and how many among the first so many are bad.
//!
//! Invariant: `before[i]` counts the bits set in the words before word `BLOCK * i`. So a draw takes one bit and an eighth,
//! and at most an eighth more is kept free.

use super::tight;

/// So many words are counted together.
const BLOCK: usize = 8;

/// A growing string of bits with fast counts of prefixes.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    words: Vec<u64>,
    before: Vec<u64>,
    draws: u64,
    bad: u64,
}

impl Outcomes {
    /// Takes the next draw.
    pub fn push(&mut self, bad: bool) {
        let place = self.draws % 64;
        if place == 0 {
            if self.words.len().is_multiple_of(BLOCK) {
                tight::push(&mut self.before, self.bad);
            }
            tight::push(&mut self.words, 0);
        }
        if let Some(word) = self.words.last_mut() {
            *word |= u64::from(bad) << place;
        }
        self.draws += 1;
        self.bad += u64::from(bad);
    }

    /// How many draws there were.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// How many of them were bad.
    pub fn bad(&self) -> u64 {
        self.bad
    }

    /// How many of the first `draws` were bad; of all, where there were fewer.
    pub fn bad_among_first(&self, draws: u64) -> u64 {
        if draws >= self.draws {
            return self.bad;
        }
        let word = (draws / 64) as usize;
        let mask = (1_u64 << (draws % 64)) - 1;
        let start = word / BLOCK * BLOCK;
        let whole: u32 = self.words[start..word].iter().map(|word| word.count_ones()).sum();
        self.before[word / BLOCK] + u64::from(whole + (self.words[word] & mask).count_ones())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_counted() {
        let mut outcomes = Outcomes::default();
        let mut counts = vec![0];
        for i in 0..1400_u64 {
            let bad = i * i % 7 < 3 || i % 64 == 63;
            outcomes.push(bad);
            counts.push(counts[i as usize] + u64::from(bad));
        }
        for (draws, &count) in counts.iter().enumerate() {
            assert_eq!(outcomes.bad_among_first(draws as u64), count, "{draws}");
        }
        assert_eq!((outcomes.draws(), outcomes.bad()), (1400, counts[1400]));
        assert_eq!(outcomes.bad_among_first(u64::MAX), counts[1400]);
    }

    #[test]
    fn without_draws_nothing_is_counted() {
        assert_eq!(Outcomes::default().bad_among_first(10), 0);
    }
}
