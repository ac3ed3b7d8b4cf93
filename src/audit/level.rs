//! One level of the audit: its draws in order, what they add up to, and when it stops.

use std::collections::BTreeMap;

use super::passes::Passes;
use super::plan::{About, GatePart, LevelPlan, Plan, Statement, interval};
use super::subject::Settled;
use super::track::Track;
use crate::bound::Quantity;
use crate::bound::engine::Engines;
use crate::bound::gate::{Gate, GateReading};
use crate::results::{Bounded, Split, Stopped};

/// How a draw ended: its loss and the numbers beside it, or none when unanswered.
pub type Ended = Option<(f64, Box<[f64]>)>;

/// The state of one level. Draws arrive in any order and are committed in theirs.
pub struct LevelState {
    /// What is planned for it.
    pub plan: LevelPlan,
    /// Draws that have ended and are not committed.
    pub pending: BTreeMap<u64, Ended>,
    /// How many draws are committed: those with an index below.
    pub committed: u64,
    /// The next draw to be sent.
    pub sent: u64,
    /// The place of the checkpoint that the round under way ends at, from 1.
    pub checkpoint: usize,
    /// What stopped it.
    pub stopped: Option<Stopped>,
    /// What each row's noise did, where the clean losses are known.
    pub split: Option<Split>,
    /// The passes over the whole data set, where it is drawn so.
    pub passes: Option<Passes>,
    tracks: Vec<Track>,
    gates: Vec<(GatePart, Gate, GateReading)>,
    unanswered: u64,
}

impl LevelState {
    /// A level before its first draw.
    pub fn new(level: LevelPlan, plan: &Plan, engines: &dyn Engines) -> Self {
        let track = |track: &super::track::TrackPlan| Track::new(track.clone(), plan.range, engines);
        Self {
            tracks: level.tracks.iter().map(track).collect(),
            gates: level.gates.iter().map(|part| (*part, Plan::gate(part), GateReading::Open)).collect(),
            passes: level.passes.map(Passes::new),
            plan: level,
            pending: BTreeMap::new(),
            committed: 0,
            sent: 0,
            checkpoint: 1,
            stopped: None,
            split: None,
            unanswered: 0,
        }
    }

    /// How many draws the round under way ends at.
    pub fn target(&self) -> u64 {
        let target = self.plan.checkpoints.at(self.checkpoint);
        self.plan.most.map_or(target, |most| target.min(most))
    }

    /// Commits the next draw.
    pub fn commit(&mut self, plan: &Plan, draw: &Settled<'_>) {
        for track in &mut self.tracks {
            track.commit(draw, plan.range);
        }
        let pass = self.passes.as_mut().and_then(|passes| passes.commit(draw.loss, plan.range));
        for (part, gate, _) in &mut self.gates {
            match (part.about, pass) {
                (About::Draws(subject), _) => {
                    gate.observe(subject.of(draw, plan.range).scaled(subject.range(plan.range)));
                }
                (About::PassAbove(threshold), Some(pass)) => gate.observe(pass.above(threshold)),
                (About::PassAbove(_), None) => {}
            }
        }
        if let Some(split) = &mut self.split {
            count(split, draw);
        }
        self.unanswered += u64::from(draw.loss.is_none());
        self.committed += 1;
    }

    /// Reads the bounds and tells the statements that this level has decided, or cannot.
    pub fn read(&mut self) -> Vec<(Statement, GateReading)> {
        self.tracks.iter_mut().for_each(Track::read);
        for (_, gate, reading) in &mut self.gates {
            *reading = gate.read();
        }
        self.readings().collect()
    }

    /// Where its statements stood when last read.
    pub fn readings(&self) -> impl Iterator<Item = (Statement, GateReading)> {
        self.gates.iter().map(|(part, _, reading)| (part.statement, *reading))
    }

    /// Whether the level is done at this checkpoint. `open` tells whether a statement is still to be decided
    /// here.
    pub fn decide(&self, open: bool) -> Option<Stopped> {
        if self.tracks.iter().any(Track::contradicts) {
            return Some(Stopped::Inconsistent);
        }
        let precise = self.precise();
        if precise != Some(false) && !open {
            return Some(if precise.is_some() { Stopped::Precision } else { Stopped::Gate });
        }
        if self.plan.most.is_some_and(|most| self.committed >= most) {
            return Some(if self.passes.is_some() { Stopped::Precision } else { Stopped::Rows });
        }
        // The two streams are further apart than the limits may be: no number of draws would help.
        let draws = self.committed as f64;
        let apart = match interval(&self.plan.tracks) {
            Some(spec) => self.tracks[0].apart() > 2.0 * spec.precision * draws,
            None => self.unanswered as f64 > 2.0 * self.resolution() * draws,
        };
        (apart && self.passes.is_none() && self.committed >= 4 * self.plan.checkpoints.at(1))
            .then_some(Stopped::Unanswered)
    }

    /// Whether the limits are as tight as was asked; `None` where none are claimed.
    pub fn precise(&self) -> Option<bool> {
        match &self.passes {
            Some(passes) => passes.complete(),
            // Where nothing is claimed of the risk, the quantiles hold the level open.
            None => self.tracks[0].precise().or_else(|| {
                let quantiles = self.tracks.iter().filter(|track| track.plan.quantity == Quantity::Quantile);
                quantiles.filter_map(Track::precise).reduce(|all, one| all && one)
            }),
        }
    }

    fn resolution(&self) -> f64 {
        self.gates.iter().map(|(part, ..)| part.test.resolution).fold(f64::INFINITY, f64::min)
    }

    /// The risk as it is reported.
    pub fn risk(&self, limits: bool) -> Bounded {
        self.tracks[0].bounded(limits)
    }

    /// Everything that is followed.
    pub fn tracks(&self, quantity: Quantity) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(move |track| track.plan.quantity == quantity)
    }

    /// How many committed draws stayed unanswered.
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }
}

/// Counts what noise did to the row of a draw; losses are 0 or 1.
fn count(split: &mut Split, draw: &Settled<'_>) {
    let place = match (draw.clean, draw.loss) {
        (Some(clean), Some(loss)) => match (clean > 0.0, loss > 0.0) {
            (true, true) => &mut split.was_wrong,
            (false, true) => &mut split.became_wrong,
            (true, false) => &mut split.became_right,
            (false, false) => &mut split.stayed_right,
        },
        _ => &mut split.unanswered,
    };
    *place += 1;
}
