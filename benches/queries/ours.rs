//! noisebound's own bounds and gates, driven as an audit drives them: through the public interface, read at its
//! checkpoints, until it would stop.

use noisebound::bound::{
    Checkpoints, Engines, Gate, GateReading, GateSpec, IntervalSpec, Observation, Standard, first_checkpoint,
};
use noisebound::config::question::Relation;

use crate::losses::Losses;
use crate::measure::{Measured, Run, follow, measure};

/// What a level's interval needs until it is as tight as was asked.
pub fn interval(spec: &IntervalSpec, losses: Losses, runs: u64) -> Measured {
    let checkpoints = Checkpoints::new(first_checkpoint(&Standard, Some(spec), &[]));
    let stops = |interval, mean| spec.reached(interval, mean).then_some(interval);
    measure(runs, |run| {
        let readings = (1..).map(|j| checkpoints.at(j));
        let stopped = follow(Standard.interval(spec), losses, run, readings, stops);
        let right = stopped.is_none_or(|(_, found)| (found.lower..=found.upper).contains(&losses.mean()));
        Run { draws: stopped.map(|(draws, _)| draws), right }
    })
}

/// A gate "the risk is at most `threshold`", with the resolution that is the default.
pub fn gate_spec(threshold: f64, alpha: f64) -> GateSpec {
    GateSpec {
        binary: true,
        threshold,
        relation: Relation::AtMost,
        alpha_holds: alpha,
        alpha_fails: alpha,
        resolution: (threshold / 20.0).max(0.002),
    }
}

/// What a gate needs until it holds or fails, or is given up, which is never right.
pub fn gate(spec: &GateSpec, losses: Losses, runs: u64) -> Measured {
    let checkpoints = Checkpoints::new(first_checkpoint(&Standard, None, &[*spec]));
    let truth = if losses.mean() <= spec.threshold { GateReading::Holds } else { GateReading::Fails };
    measure(runs, |run| {
        let (mut gate, mut draw, mut draws) = (Gate::new(spec), losses.stream(run), 0);
        for j in 1.. {
            while draws < checkpoints.at(j) {
                gate.observe(Observation::Loss(draw()));
                draws += 1;
            }
            if gate.read() != GateReading::Open {
                break;
            }
        }
        Run { draws: Some(draws), right: gate.read() == truth }
    })
}
