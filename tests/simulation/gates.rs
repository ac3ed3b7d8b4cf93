//! Gates at and near their thresholds, where a verdict is false, or holds by a hair.

use noisebound::bound::{Checkpoints, Gate, GateReading, GateSpec};
use noisebound::config::question::Relation;

use super::cell::{Cell, Count, Misses, Size};
use super::law::{Law, Silence};

/// The share of the claim: each verdict may use it in full.
const SHARE: f64 = 0.05;

/// Which verdicts are counted. At the threshold itself both are one false rejection.
#[derive(Clone, Copy, PartialEq)]
enum False {
    Holds,
    Fails,
    Both,
}

/// Paths on which a gate was said to hold.
const HOLDS: Count = Count { what: "holds", budget: SHARE, counts: |misses| misses.upper };

/// Paths on which a gate was said to fail.
const FAILS: Count = Count { what: "fails", budget: SHARE, counts: |misses| misses.lower };

fn gate(law: Law, threshold: f64, which: False, silence: Silence, draws: u64) -> Cell {
    let spec = GateSpec {
        binary: matches!(law, Law::Coin(_)),
        threshold,
        relation: Relation::AtMost,
        alpha_holds: SHARE,
        alpha_fails: SHARE,
        // So fine that the test never gives up.
        resolution: 1e-6,
    };
    let counts = match which {
        False::Holds => vec![HOLDS],
        False::Fails => vec![FAILS],
        False::Both => vec![HOLDS, FAILS],
    };
    let unanswered = if matches!(silence, Silence::None) { "" } else { ", 0.02 of the losses unanswered" };
    let told = match law {
        Law::Coin(p) => format!("gate <= {threshold}, risk {p}{unanswered}"),
        law => format!("gate <= {threshold}, losses in a range, risk {}{unanswered}", law.mean()),
    };
    Cell::new(told, counts, move |mut rng| {
        let checkpoints = Checkpoints::new(10);
        let mut gate = Gate::new(&spec);
        let mut drawn = 0;
        let mut misses = Misses::default();
        for due in (1..).map(|j| checkpoints.at(j)).take_while(|&due| due <= draws) {
            for _ in drawn..due {
                let loss = law.draw(&mut rng);
                gate.observe(silence.over(loss, &mut rng));
            }
            drawn = due;
            let reading = gate.read();
            misses = Misses { lower: reading == GateReading::Fails, upper: reading == GateReading::Holds };
            if misses.lower || misses.upper {
                // A verdict is final.
                break;
            }
        }
        misses
    })
}

/// The cells.
pub fn cells(size: Size) -> Vec<Cell> {
    let draws = size.draws(30_000);
    let spoken = Silence::None;
    let mut cells = vec![
        gate(Law::Coin(0.05), 0.05, False::Both, spoken, draws),
        gate(Law::Mixed, 0.058, False::Both, spoken, size.draws(8_000)),
        gate(Law::Coin(0.05), 0.05, False::Both, Silence::OfLosses(0.02), draws),
    ];
    if size == Size::Full {
        cells.extend([
            gate(Law::Coin(0.0499), 0.05, False::Fails, spoken, draws),
            gate(Law::Coin(0.0501), 0.05, False::Holds, spoken, draws),
            gate(Law::Coin(0.048), 0.05, False::Fails, spoken, draws),
            gate(Law::Coin(0.052), 0.05, False::Holds, spoken, draws),
            gate(Law::Coin(0.01), 0.01, False::Both, spoken, draws),
            gate(Law::Coin(0.2), 0.2, False::Both, spoken, draws),
        ]);
    }
    cells
}
