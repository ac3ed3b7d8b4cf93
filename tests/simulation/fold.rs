//! Whole audits through the real fold, with answers that come back in an order, or not at all, that depends on
//! the loss.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use noisebound::audit::{Core, DrawId, Ending, Plan, Query, Record, Seen};
use noisebound::bound::engine::{Engines, Standard};
use noisebound::config::Question;
use noisebound::config::question::{GateQuantity, GateSpec, Relation};
use noisebound::loss::{Needs, Range};
use noisebound::results::{Results, Verdict};
use noisebound_adapters::{Prediction, Tensor, Values};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::cell::{Cell, Count, Misses, Size};
use crate::support;

/// The rows, of which each has a risk of its own.
const ROWS: u64 = 40;

/// The noise levels; the risk of every row is proportional to the level.
const LEVELS: [f64; 3] = [1.0, 2.0, 3.0];

/// The gates, each close to the truth: level, relation, threshold.
const GATES: [(f64, Relation, f64); 4] = [
    (1.0, Relation::AtMost, 0.1),
    (2.0, Relation::AtMost, 0.19),
    (3.0, Relation::AtLeast, 0.3),
    (3.0, Relation::AtLeast, 0.29),
];

/// One minus the confidence.
const ALPHA: f64 = 0.05;

/// Queries under way at most.
const WINDOW: usize = 128;

/// Draws sent beyond a round.
const AHEAD: u64 = 256;

/// The results are looked at after so many answers; a false limit or verdict stays once it is there.
const LOOK: u64 = 64;

/// The risk of a row at a level.
fn risk_of(row: u64, level: f64) -> f64 {
    0.2 * level * row as f64 / ROWS as f64
}

/// The risk at a level: the mean over the rows.
fn risk(level: f64) -> f64 {
    (0..ROWS).map(|row| risk_of(row, level)).sum::<f64>() / ROWS as f64
}

/// How the endpoint treats draws.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// How many times as long a draw with loss 1 takes.
    pub slower: f64,
    /// The share of draws that stay unanswered: of those with loss 0, and of those with loss 1.
    pub silent: [f64; 2],
}

/// By which number a draw counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Numbers {
    /// Its own.
    Draw,
    /// That of its arrival.
    Arrival,
}

/// What chance brings to one index, at every level.
#[derive(Clone, Copy)]
struct Chance {
    loss: f64,
    silence: f64,
    time: f64,
}

/// One audit, while it runs.
struct Run {
    world: World,
    core: Core,
    chances: Vec<Chance>,
    rng: ChaCha8Rng,
    arrived: HashMap<u32, u64>,
}

/// Plays an audit to its end and tells what was stated falsely at any time.
pub fn audit(
    budget: u64,
    world: World,
    numbers: Numbers,
    engines: &dyn Engines,
    rng: &mut ChaCha8Rng,
) -> Misses {
    let data = support::dataset(&vec![vec![0.0]; ROWS as usize], &[0.0; ROWS as usize]);
    let question = support::question(&data, "error", &LEVELS);
    let gates = GATES.iter().enumerate().map(|(place, &(level, relation, threshold))| GateSpec {
        text: format!("gate {place}"),
        quantity: GateQuantity::Risk,
        level: Some(level),
        relation,
        threshold,
    });
    let question = Question {
        seed: rng.random(),
        confidence: 1.0 - ALPHA,
        precision: Some(0.05),
        gates: gates.collect(),
        gate_resolution: Some(0.05),
        ..question
    };
    let plan = Plan::new(question, Range::ZeroOne, Needs { target: true, clean: false }, engines);
    let core = Core::new(plan, budget, AHEAD, engines);
    let rng = ChaCha8Rng::from_rng(rng);
    Run { world, core, chances: Vec::new(), rng, arrived: HashMap::new() }.play(numbers)
}

impl Run {
    fn play(mut self, numbers: Numbers) -> Misses {
        // When it ends, what was sent, and whether its loss is 1.
        let mut under_way = BinaryHeap::new();
        let (mut now, mut misses, mut ended) = (0, Misses::default(), 0_u64);
        loop {
            while under_way.len() < WINDOW
                && let Some(query) = self.core.next()
            {
                let (time, lost) = self.send(query);
                under_way.push(Reverse((now + time, query, lost)));
            }
            let Some(Reverse((time, query, lost))) = under_way.pop() else {
                break;
            };
            now = time;
            let record = self.record(query, lost, numbers);
            self.core.commit(&record).expect("every loss is 0 or 1");
            ended += 1;
            if ended.is_multiple_of(LOOK) {
                misses = misses.or(stated(&self.core.results(), self.core.done()));
            }
        }
        misses.or(stated(&self.core.results(), true))
    }

    fn chance(&mut self, index: u64) -> Chance {
        while self.chances.len() as u64 <= index {
            let [loss, silence, time] = self.rng.random();
            self.chances.push(Chance { loss, silence, time });
        }
        self.chances[index as usize]
    }

    /// How long the answer takes, in thousandths of the time of a quick one, and whether the loss is 1.
    fn send(&mut self, query: Query) -> (u64, bool) {
        let Query::Draw(id) = query else {
            return (1_000, false);
        };
        let level = LEVELS[id.level as usize - 1];
        let row = self.core.row(query);
        let chance = self.chance(id.index);
        let lost = chance.loss < risk_of(row, level);
        let times = if lost { self.world.slower } else { 1.0 };
        ((1_000.0 * times * (0.5 + chance.time)) as u64, lost)
    }

    fn record(&mut self, query: Query, lost: bool, numbers: Numbers) -> Record {
        let loss = Some(f64::from(u8::from(lost)));
        let Query::Draw(id) = query else {
            let class = Tensor::new("class", [], Values::I64(vec![0])).expect("one value has no shape");
            let seen = Seen::Whole(Prediction::Tensors(vec![class]));
            return Record { query, ending: Ending::Answered { loss, measured: Box::default(), seen } };
        };
        let silent = self.chance(id.index).silence < self.world.silent[usize::from(lost)];
        let ending = if silent {
            Ending::Unanswered
        } else {
            Ending::Answered { loss, measured: Box::default(), seen: Seen::Nothing }
        };
        let arrived = self.arrived.entry(id.level).or_default();
        let index = if numbers == Numbers::Arrival { *arrived } else { id.index };
        *arrived += 1;
        Record { query: Query::Draw(DrawId { index, ..id }), ending }
    }
}

/// What the results state falsely.
fn stated(results: &Results, done: bool) -> Misses {
    let mut misses = Misses::default();
    for level in &results.levels {
        let truth = risk(level.level);
        misses.lower |= level.risk.lower.is_some_and(|lower| lower > truth);
        misses.upper |= level.risk.upper.is_some_and(|upper| upper < truth);
        // Limits that contradict each other are not shown; one of them was wrong.
        misses.lower |= done && level.risk.lower.is_none();
    }
    for (gate, (level, relation, threshold)) in results.gates.iter().zip(GATES) {
        let (high, holds) = (risk(level) > threshold, gate.verdict == Verdict::Holds);
        let said_high = holds == (relation == Relation::AtLeast);
        if gate.verdict != Verdict::Undecided && said_high != high {
            misses = misses.or(Misses { lower: said_high, upper: !said_high });
        }
    }
    misses
}

/// A cell of whole audits, in which anything that is false counts.
pub fn cell(size: Size, name: &str, world: World, numbers: Numbers, engines: impl Engines + 'static) -> Cell {
    let counts = vec![Count::either(ALPHA)];
    let budget = if size == Size::Short { 2_000 } else { 8_000 };
    Cell::new(name, counts, move |mut rng| audit(budget, world, numbers, &engines, &mut rng))
}

/// The cells.
pub fn cells(size: Size) -> Vec<Cell> {
    let world = World { slower: 1.0, silent: [0.0; 2] };
    let cell = |name, world| cell(size, name, world, Numbers::Draw, Standard);
    let mut cells = vec![
        cell("audits, losses are slow", World { slower: 8.0, ..world }),
        cell("audits, losses are slow and 0.2 of them unanswered", World { slower: 8.0, silent: [0.0, 0.2] }),
    ];
    if size == Size::Full {
        cells.extend([
            cell("audits, answers in any order", world),
            cell("audits, losses are fast", World { slower: 0.125, ..world }),
            cell("audits, 0.05 unanswered", World { silent: [0.05; 2], ..world }),
            cell(
                "audits, losses are fast and 0.1 of the zeros unanswered",
                World { slower: 0.125, silent: [0.1, 0.0] },
            ),
        ]);
    }
    cells
}
