//! Many levels at once, with the same random numbers at each, as the draws of an audit have them.

use noisebound::bound::engine::{Engine, Engines, IntervalSpec, Standard};
use noisebound::bound::{Checkpoints, Observation};
use rand::RngExt;

use super::cell::{Cell, Count, Misses, Size};

/// One minus the confidence.
const ALPHA: f64 = 0.05;

/// The cells: ten levels, and what is counted is whether any limit at any of them is wrong.
pub fn cells(size: Size) -> Vec<Cell> {
    let risks = [0.001, 0.005, 0.01, 0.03, 0.05, 0.1, 0.15, 0.2, 0.35, 0.5];
    let share = ALPHA / (2.0 * risks.len() as f64);
    let draws = if size == Size::Short { 600 } else { 12_000 };
    let cell = |engine: Engine| {
        let spec = IntervalSpec { engine, precision: 0.02, lower: Some(share), upper: Some(share) };
        let name = format!("{}, 10 levels, the same random numbers", engine.name());
        Cell::new(name, Count::sides(ALPHA / 2.0), move |mut rng| {
            let checkpoints = Checkpoints::new(10);
            let mut bounds = risks.map(|risk| (risk, Standard.interval(&spec)));
            let (mut misses, mut drawn) = (Misses::default(), 0);
            for due in (1..).map(|j| checkpoints.at(j)).take_while(|&due| due <= draws) {
                for _ in drawn..due {
                    let u: f64 = rng.random();
                    for (risk, bound) in &mut bounds {
                        bound.observe(Observation::Loss(f64::from(u8::from(u < *risk))));
                    }
                }
                drawn = due;
                for (risk, bound) in &mut bounds {
                    let read = bound.read();
                    misses = misses.or(Misses { lower: read.lower > *risk, upper: read.upper < *risk });
                }
            }
            misses
        })
    };
    vec![cell(Engine::Aim), cell(Engine::AimD)]
}
