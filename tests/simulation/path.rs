//! Looks at limits along a path of draws.

use noisebound::bound::{Bound, Checkpoints, Observation};
use rand::rngs::ChaCha8Rng;

use super::cell::Misses;

/// The first checkpoint: earlier than that of any plan, so more is looked at than in an audit.
const FIRST: u64 = 10;

/// When limits are read.
#[derive(Debug, Clone, Copy)]
pub enum Reads {
    /// At the checkpoints of a level.
    Checkpoints,
    /// After every so many draws.
    Every(u64),
    /// Once, by someone who has seen enough draws and waits until the mean of the losses is off.
    Stop {
        /// Not before so many draws.
        after: u64,
        /// How far above the risk, or below it.
        off: f64,
    },
}

/// A path of draws, and when limits are read on it.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    /// The risk.
    pub truth: f64,
    /// How many draws there are.
    pub draws: u64,
    /// When limits are read.
    pub reads: Reads,
}

impl Path {
    /// Feeds a bound, reads it, and tells which of its limits were on the wrong side of the truth.
    pub fn watch(
        &self,
        bound: &mut dyn Bound,
        rng: &mut ChaCha8Rng,
        draw: impl Fn(&mut ChaCha8Rng) -> Observation,
    ) -> Misses {
        match self.reads {
            Reads::Checkpoints => {
                let checkpoints = Checkpoints::new(FIRST);
                let due = (1..).map(|j| checkpoints.at(j));
                self.at(due, bound, || draw(rng))
            }
            Reads::Every(step) => self.at((1..).map(|j| j * step), bound, || draw(rng)),
            Reads::Stop { after, off } => self.stop(after, off, bound, || draw(rng)),
        }
    }

    /// Reads at these counts of draws, ascending.
    fn at(
        &self,
        due: impl Iterator<Item = u64>,
        bound: &mut dyn Bound,
        mut draw: impl FnMut() -> Observation,
    ) -> Misses {
        let mut misses = Misses::default();
        let mut drawn = 0;
        for due in due.take_while(|&due| due <= self.draws) {
            (drawn..due).for_each(|_| bound.observe(draw()));
            drawn = due;
            misses = misses.or(self.read(bound));
        }
        misses
    }

    fn stop(
        &self,
        after: u64,
        off: f64,
        bound: &mut dyn Bound,
        mut draw: impl FnMut() -> Observation,
    ) -> Misses {
        let mut sum = 0.0;
        for drawn in 1..=self.draws {
            let observation = draw();
            bound.observe(observation);
            if let Observation::Loss(loss) = observation {
                sum += loss;
            }
            if drawn > after && (sum / drawn as f64 - self.truth).abs() > off {
                return self.read(bound);
            }
        }
        Misses::default()
    }

    fn read(&self, bound: &mut dyn Bound) -> Misses {
        let interval = bound.read();
        Misses { lower: interval.lower > self.truth, upper: interval.upper < self.truth }
    }
}
