//! How long to wait before a request is sent again: growing delays with seeded jitter.
//!
//! The only file that names the `backoff` crate, which computes the growth; its own jitter cannot be
//! seeded and its limit on the whole time follows a clock of its own, so both are off. When to stop
//! waiting is left to the policy and the breaker. The one invariant: a delay lies between half of its step
//! and the whole step, and no step is longer than the longest.

use std::time::Duration;

use backoff::backoff::Backoff;
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// An endless sequence of delays.
pub(super) struct Delays {
    steps: ExponentialBackoff,
    jitter: ChaCha8Rng,
}

impl Delays {
    /// Steps that double from `first` up to `longest`.
    pub(super) fn new(first: Duration, longest: Duration, seed: u64) -> Self {
        let steps = ExponentialBackoffBuilder::new()
            .with_initial_interval(first)
            .with_max_interval(longest)
            .with_multiplier(2.0)
            .with_randomization_factor(0.0)
            .with_max_elapsed_time(None)
            .build();
        Self { steps, jitter: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The next delay.
    pub(super) fn next_delay(&mut self) -> Duration {
        // Without a limit on the whole time there is always a next step.
        let step = self.steps.next_backoff().unwrap_or(self.steps.max_interval).min(self.steps.max_interval);
        step.mul_f64(self.jitter.random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(1);

    #[test]
    fn delays_double_up_to_the_longest_and_jitter_takes_at_most_half() {
        let mut delays = Delays::new(FIRST, LONGEST, 7);
        for step in [100, 200, 400, 800, 1000, 1000, 1000] {
            let step = Duration::from_millis(step);
            let delay = delays.next_delay();
            assert!(delay >= step / 2 && delay <= step + Duration::from_nanos(2), "{delay:?} of {step:?}");
        }
    }

    #[test]
    fn the_seed_decides_the_jitter() {
        let of = |seed| {
            let mut delays = Delays::new(FIRST, LONGEST, seed);
            (0..8).map(|_| delays.next_delay().as_micros()).collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
