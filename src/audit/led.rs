//! A fold that is led: at the end of each round it waits until somebody else says whether its level goes on.
//!
//! A comparison leads several folds through the same rounds. The invariant: every committed loss is handed over
//! once, in draw order.

use std::collections::VecDeque;

use super::core::{Breach, Core};
use crate::results::Stopped;

/// What a fold that is led keeps for the one that leads it.
#[derive(Debug, Clone)]
pub struct Led {
    held: bool,
    /// For each level, the committed losses that were not taken.
    losses: Vec<VecDeque<Option<f64>>>,
}

impl Led {
    /// Keeps the loss of a committed draw; none when it is unanswered.
    pub fn note(&mut self, level: usize, loss: Option<f64>) {
        if let Some(losses) = self.losses.get_mut(level) {
            losses.push_back(loss);
        }
    }
}

impl Core {
    /// The same fold, to be led.
    #[must_use]
    pub fn led(mut self) -> Self {
        let losses = self.levels.iter().map(|_| VecDeque::new()).collect();
        self.led = Some(Led { held: false, losses });
        self
    }

    /// Whether it waits at the end of a round.
    pub fn held(&self) -> bool {
        self.led.as_ref().is_some_and(|led| led.held)
    }

    /// The place of the level whose round it is.
    pub fn turn(&self) -> usize {
        self.turn
    }

    /// What stopped a level.
    pub fn stopped(&self, level: usize) -> Option<Stopped> {
        self.levels.get(level)?.stopped
    }

    /// How many committed losses of a level were not taken.
    pub fn untaken(&self, level: usize) -> usize {
        self.led.as_ref().and_then(|led| led.losses.get(level)).map_or(0, VecDeque::len)
    }

    /// Takes the next committed losses of a level, `count` of them at most.
    pub fn take(&mut self, level: usize, count: usize) -> Vec<Option<f64>> {
        let losses = self.led.as_mut().and_then(|led| led.losses.get_mut(level));
        losses.map_or_else(Vec::new, |losses| losses.drain(..count.min(losses.len())).collect())
    }

    /// Reads the bounds of the level whose round is complete; whether they contradict each other.
    pub fn read_round(&mut self) -> bool {
        let level = &mut self.levels[self.turn];
        level.read();
        level.decide(true) == Some(Stopped::Inconsistent)
    }

    /// Goes on after a round, which was read; `stop` says what stops its level.
    pub fn lead(&mut self, stop: Option<Stopped>) -> Result<(), Breach> {
        let at = self.turn;
        self.levels[at].checkpoint += 1;
        self.levels[at].stopped = stop;
        self.turn = (at + 1) % self.levels.len();
        if let Some(led) = &mut self.led {
            led.held = false;
        }
        self.advance()
    }

    /// Ends it, unless it has ended.
    pub fn end(&mut self, why: Stopped) {
        if !self.done() {
            self.close(why);
        }
    }

    /// The breach that ended it.
    pub fn breach(&self) -> Option<&Breach> {
        self.breach.as_ref()
    }

    /// Waits at the end of a round, if it is led.
    pub(super) fn hold(&mut self) -> bool {
        self.led.as_mut().is_some_and(|led| {
            led.held = true;
            true
        })
    }
}
