//! An endpoint beside the reference at one level: the difference of their losses, draw by draw.

use super::super::plan::Plan;
use super::super::subject::{Settled, Subject};
use super::super::track::{Kind, Track};
use super::plan::PairPlan;
use crate::bound::engine::Engines;
use crate::bound::gate::{Gate, GateReading};
use crate::bound::sign::{self, SignGate};
use crate::comparison::{Difference, Pairs, Sign};
use crate::results::Verdict;

/// The state of one pair.
pub struct Pair {
    range: (f64, f64),
    precision: f64,
    track: Track,
    sign: Option<(SignGate, sign::Comparison)>,
    margin: Option<(Gate, GateReading)>,
    pairs: Option<Pairs>,
}

impl Pair {
    /// A pair before its first draw; `audit` is the plan of either fold.
    pub fn new(pair: &PairPlan, audit: &Plan, engines: &dyn Engines) -> Self {
        let precision = match pair.track.kind {
            Kind::Mean(_, Some(spec)) => spec.precision,
            _ => 0.5,
        };
        Self {
            range: audit.range,
            precision,
            track: Track::new(pair.track.clone(), audit.range, engines),
            sign: pair.sign.map(|share| (SignGate::new(share), sign::Comparison::Open)),
            margin: pair.margin.map(|test| (Gate::new(&test), GateReading::Open)),
            pairs: audit.binary.then(Pairs::default),
        }
    }

    /// Takes the losses of the next draw; none where unanswered.
    pub fn commit(&mut self, reference: Option<f64>, this: Option<f64>) {
        // The loss of the reference stands where a fold has the loss of the row without noise.
        let draw = Settled { loss: this, whole: this, measured: &[], clean: reference, slice: None };
        self.track.commit(&draw, self.range);
        if let Some((sign, _)) = &mut self.sign {
            sign.observe(reference, this);
        }
        if let Some((gate, _)) = &mut self.margin {
            let known = Subject::Difference.of(&draw, self.range);
            gate.observe(known.scaled(Subject::Difference.range(self.range)));
        }
        if let (Some(pairs), Some(reference), Some(this)) = (&mut self.pairs, reference, this) {
            *match (reference > 0.0, this > 0.0) {
                (true, true) => &mut pairs.both,
                (true, false) => &mut pairs.reference_alone,
                (false, true) => &mut pairs.this_alone,
                (false, false) => &mut pairs.neither,
            } += 1;
        }
    }

    /// Reads the limits and the tests.
    pub fn read(&mut self) {
        self.track.read();
        if let Some((gate, reading)) = &mut self.sign {
            *reading = gate.read();
        }
        if let Some((gate, reading)) = &mut self.margin {
            *reading = gate.read();
        }
    }

    /// Whether no difference satisfies both limits.
    pub fn contradicts(&self) -> bool {
        self.track.contradicts()
    }

    /// Whether the difference is as tight as was asked, and the margin is decided or given up. The sign never
    /// holds a level open: of two equal endpoints it would never be decided.
    pub fn settled(&self) -> bool {
        let open = self.margin.as_ref().is_some_and(|(_, reading)| *reading == GateReading::Open);
        self.track.precise() == Some(true) && !open
    }

    /// Whether the missing answers leave the difference less certain than was asked, however many draws come.
    pub fn apart(&self) -> bool {
        self.track.apart() > 2.0 * self.precision * self.track.draws() as f64
    }

    /// What is reported; without `limits` nothing is claimed.
    pub fn result(&self, limits: bool) -> Difference {
        let limits = limits && !self.contradicts();
        let sign = |reading: sign::Comparison| match reading {
            sign::Comparison::Better if limits => Sign::Better,
            sign::Comparison::Worse if limits => Sign::Worse,
            _ => Sign::Undecided,
        };
        let margin = |reading: GateReading| match reading {
            GateReading::Holds if limits => Verdict::Holds,
            GateReading::Fails if limits => Verdict::Fails,
            _ => Verdict::Undecided,
        };
        Difference {
            endpoint: self.track.plan.name.clone(),
            unanswered: self.track.unanswered(),
            difference: self.track.bounded(limits),
            pairs: self.pairs,
            sign: self.sign.as_ref().map(|(_, reading)| sign(*reading)),
            margin: self.margin.as_ref().map(|(_, reading)| margin(*reading)),
        }
    }
}
