//! The fold over folds: pairs the losses of a round, and says for every endpoint whether its level goes on.
//!
//! Invariant: every decision is a function of the plan and of the losses that all endpoints have committed.

use super::super::core::{Breach, Core};
use super::pair::Pair;
use super::plan::ComparisonPlan;
use crate::bound::engine::Engines;
use crate::comparison::Difference;
use crate::results::Stopped;

/// The state of a comparison, apart from the endpoints' own folds.
pub struct Leader {
    levels: Vec<State>,
    ended: bool,
}

/// One level.
struct State {
    pairs: Vec<Pair>,
    draws: u64,
    /// The draws at the first checkpoint.
    first: u64,
    most: Option<u64>,
    stopped: Option<Stopped>,
}

impl State {
    fn contradicts(&self) -> bool {
        self.pairs.iter().any(Pair::contradicts)
    }

    /// What stops the level at this checkpoint; `contradicts` tells whether the limits of a risk do.
    fn decide(&self, contradicts: bool) -> Option<Stopped> {
        if contradicts || self.contradicts() {
            return Some(Stopped::Inconsistent);
        }
        if self.pairs.iter().all(Pair::settled) {
            return Some(Stopped::Precision);
        }
        if self.most.is_some_and(|most| self.draws >= most) {
            return Some(Stopped::Rows);
        }
        let enough = self.draws >= self.first.saturating_mul(4);
        let done = |pair: &Pair| pair.settled() || pair.apart();
        (enough && self.pairs.iter().all(done)).then_some(Stopped::Unanswered)
    }
}

impl Leader {
    /// Before the first draw.
    pub fn new(plan: &ComparisonPlan, engines: &dyn Engines) -> Self {
        let reference = &plan.endpoints[0];
        let levels = plan.levels.iter().zip(&reference.levels).map(|(level, drawn)| State {
            pairs: level.pairs.iter().map(|pair| Pair::new(pair, reference, engines)).collect(),
            draws: 0,
            first: drawn.checkpoints.at(1),
            most: drawn.most,
            stopped: None,
        });
        Self { levels: levels.collect(), ended: false }
    }

    /// Leads the folds, each of which is led and of one endpoint in the order of the plan, as far as what they have
    /// committed allows. To be called whenever one of them may have got on.
    ///
    /// # Errors
    /// The place of the endpoint whose losses break their promised range, and the breach; there is nothing to lead
    /// then.
    pub fn step(&mut self, cores: &mut [&mut Core]) -> Result<(), (usize, Breach)> {
        while !self.ended && cores.iter().all(|core| core.breach().is_none()) {
            if cores.iter().any(|core| !core.held() && !core.done()) {
                break;
            }
            if cores.iter().any(|core| core.done()) {
                self.finish(cores, Stopped::Budget);
                break;
            }
            let at = cores[0].turn();
            self.pair_up(at, cores);
            let contradictions = cores.iter_mut().map(|core| core.read_round()).filter(|found| *found);
            let contradicts = contradictions.count() > 0;
            let level = &mut self.levels[at];
            level.pairs.iter_mut().for_each(Pair::read);
            level.stopped = level.decide(contradicts);
            for (place, core) in cores.iter_mut().enumerate() {
                core.lead(level.stopped).map_err(|breach| (place, breach))?;
            }
        }
        Ok(())
    }

    /// Ends a run that was cut: every fold keeps its longest prefix, and every level the longest that all of them
    /// have.
    ///
    /// # Errors
    /// As [`Leader::step`]; everything has ended all the same.
    pub fn cut(&mut self, cores: &mut [&mut Core]) -> Result<(), (usize, Breach)> {
        let mut breach = Ok(());
        for (place, core) in cores.iter_mut().enumerate().filter(|(_, core)| !core.done()) {
            breach = breach.and(core.cut().map_err(|breach| (place, breach)));
        }
        if !self.ended {
            self.finish(cores, Stopped::Cut);
        }
        breach
    }

    /// Whether nothing more is to be asked.
    pub fn done(&self) -> bool {
        self.ended
    }

    /// What stopped each level.
    pub fn stopped(&self) -> impl Iterator<Item = Option<Stopped>> {
        self.levels.iter().map(|level| level.stopped)
    }

    /// The draws of the levels and their differences; without `limits` nothing is claimed.
    pub(super) fn levels(
        &self,
        limits: bool,
    ) -> impl Iterator<Item = (u64, Option<Stopped>, Vec<Difference>)> {
        self.levels.iter().map(move |level| {
            let limits = limits && level.stopped != Some(Stopped::Inconsistent);
            let differences = level.pairs.iter().map(|pair| pair.result(limits)).collect();
            (level.draws, level.stopped, differences)
        })
    }

    /// Takes the losses of a level that all endpoints have committed.
    fn pair_up(&mut self, at: usize, cores: &mut [&mut Core]) {
        let common = cores.iter().map(|core| core.untaken(at)).min().unwrap_or(0);
        let losses: Vec<Vec<Option<f64>>> = cores.iter_mut().map(|core| core.take(at, common)).collect();
        let level = &mut self.levels[at];
        level.draws += common as u64;
        for draw in 0..common {
            for (pair, of) in level.pairs.iter_mut().zip(&losses[1..]) {
                pair.commit(losses[0][draw], of[draw]);
            }
        }
    }

    /// Ends the comparison: open levels are read once more.
    fn finish(&mut self, cores: &mut [&mut Core], why: Stopped) {
        for core in cores.iter_mut() {
            core.end(why);
        }
        for at in 0..self.levels.len() {
            self.pair_up(at, cores);
            let level = &mut self.levels[at];
            if level.stopped.is_none() {
                level.pairs.iter_mut().for_each(Pair::read);
                let of_a_risk = cores.iter().any(|core| core.stopped(at) == Some(Stopped::Inconsistent));
                let contradicts = of_a_risk || level.contradicts();
                level.stopped = Some(if contradicts { Stopped::Inconsistent } else { why });
            }
        }
        self.ended = true;
    }
}
