//! How many draws are sent, and how many of those are charged? Played through the fold that runs real audits
//! ([`Core`]), with a window of queries under way that end in any order.

use noisebound::audit::{Core, Ending, Plan, Query, Record, Seen};
use noisebound::bound::engine::Standard;
use noisebound::config::Question;
use noisebound::config::question::{DataId, EndpointId, LossSpec, NoiseSpec, Route, Scale, Scope, SideSpec};
use noisebound::loss::{Needs, Range};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::intervals;
use super::runs;
use crate::format::{Table, count, known};
use crate::losses::Losses;
use crate::measure::{Job, Measured, Run, all, measure};

/// Rows under way, and rows ahead of the round, as `--rate` and `--ahead` have them by default.
#[derive(Debug, Clone, Copy)]
struct Way {
    concurrency: u64,
    batch: u64,
    limited: bool,
}

const WAYS: [Way; 5] = [
    Way { concurrency: 1, batch: 1, limited: true },
    Way { concurrency: 16, batch: 1, limited: true },
    Way { concurrency: 1, batch: 1, limited: false },
    Way { concurrency: 16, batch: 1, limited: false },
    Way { concurrency: 16, batch: 8, limited: false },
];

impl Way {
    fn window(self) -> u64 {
        self.concurrency * self.batch
    }

    fn ahead(self) -> u64 {
        if self.limited { 0 } else { 2 * self.batch * self.concurrency }
    }

    fn name(self) -> String {
        let rate = if self.limited { "rate limit" } else { "no limit" };
        format!("{rate}, -c {} -b {}", self.concurrency, self.batch)
    }
}

/// Finer ones take long, and what is sent ahead does not depend on how many draws there are.
const FINEST: f64 = 0.02;

/// Sets how many runs there are.
const ABOUT: u64 = 13_000;

/// What one question charges, and sends in each of the ways.
#[derive(Debug, Clone)]
pub struct Row {
    /// The question.
    pub cell: intervals::Cell,
    /// What is charged.
    pub charged: Measured,
    /// What is sent, in each of the ways.
    sent: Vec<Measured>,
    runs: u64,
}

/// A question about one level, with one row, so that hardly a clean row is asked.
fn question(precision: f64) -> Question {
    Question {
        seed: 1,
        endpoint: EndpointId::default(),
        data: DataId { rows: 1, blake3: String::new() },
        noise: NoiseSpec {
            family: "gaussian".to_owned(),
            scale: Scale::Absolute,
            clip: None,
            perturb: None,
            fix: None,
        },
        loss: LossSpec { name: "error".to_owned(), range: None, cap: None, threshold: 0.5 },
        levels: vec![1.0],
        precision: Some(precision),
        side: SideSpec::Both,
        confidence: 0.95,
        gates: Vec::new(),
        gate_resolution: None,
        scope: Scope::DataSet,
        clean_pass: 1,
        same_tolerance: 1e-6,
        quantiles: Vec::new(),
        critical: None,
        route: Route::Direct,
        slice: None,
        replicates: None,
        noise_floor: false,
        asymptotic: false,
    }
}

/// The draws that an audit charges and sends.
fn play(plan: &Plan, risk: f64, run: u64, way: Way) -> (u64, u64) {
    let mut core = Core::new(plan.clone(), u64::MAX, way.ahead(), &Standard);
    let (mut draw, mut losses) = (Losses::Coin(risk).stream(run), Vec::new());
    let mut order = ChaCha8Rng::seed_from_u64(run);
    let (mut under_way, mut sent) = (Vec::new(), 0);
    loop {
        while (under_way.len() as u64) < way.window()
            && let Some(query) = core.next()
        {
            sent += u64::from(matches!(query, Query::Draw(_)));
            under_way.push(query);
        }
        if under_way.is_empty() {
            break;
        }
        let query = under_way.swap_remove(order.random_range(0..under_way.len()));
        let loss = match query {
            Query::Draw(id) => {
                losses.resize_with(losses.len().max(id.index as usize + 1), &mut draw);
                losses[id.index as usize]
            }
            _ => 0.0,
        };
        let ending = Ending::Answered { loss: Some(loss), measured: Box::default(), seen: Seen::Nothing };
        core.commit(&Record { query, ending }).expect("the losses are 0 or 1");
    }
    assert!(core.done(), "nothing is left to ask, and the audit is not done");
    (core.results().levels[0].draws, sent)
}

/// Measures the cells of one level.
pub fn rows(found: &[intervals::Row], quick: bool) -> Vec<Row> {
    let asked: Vec<_> =
        found.iter().filter(|row| row.cell.levels == 1 && row.cell.precision >= FINEST).collect();
    let runs = runs(quick, ABOUT);
    let measure_row = |row: &intervals::Row| {
        let needs = Needs { target: true, clean: false };
        let plan = Plan::new(question(row.cell.precision), Range::ZeroOne, needs, &Standard);
        let plays = |way, pick: fn((u64, u64)) -> u64| {
            let one = |run| Run { draws: Some(pick(play(&plan, row.cell.risk, run, way))), right: true };
            measure(runs, one)
        };
        let sent = WAYS.iter().map(|way| plays(*way, |(_, sent)| sent)).collect();
        Row { cell: row.cell, charged: plays(WAYS[0], |(charged, _)| charged), sent, runs }
    };
    let jobs: Vec<Job<'_, Row>> =
        asked.iter().map(|row| -> Job<'_, Row> { Box::new(move || measure_row(row)) }).collect();
    all(&jobs)
}

impl Row {
    /// Whether a rate limit keeps everything from being sent that is not charged.
    pub fn nothing_wasted(&self) -> bool {
        let limited = WAYS.iter().zip(&self.sent).filter(|(way, _)| way.limited);
        limited.into_iter().all(|(_, sent)| sent == &self.charged)
    }
}

/// The table.
pub fn table(rows: &[Row]) -> Table {
    let mut head = vec!["precision".to_owned(), "risk".to_owned(), "charged".to_owned()];
    head.extend(WAYS.iter().map(|way| way.name()));
    head.push("runs".to_owned());
    let mut table = Table::new(&head);
    for row in rows {
        let mut line = vec![row.cell.precision.to_string(), row.cell.risk.to_string()];
        line.push(count(&row.charged, u64::MAX));
        line.extend(row.sent.iter().map(|sent| count(sent, u64::MAX)));
        line.push(known(row.runs));
        table.push(line);
    }
    table
}
