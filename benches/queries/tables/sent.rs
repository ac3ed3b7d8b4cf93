//! How many draws are sent, and how many of those are charged? Played through the fold that runs real audits
//! ([`Core`]), with a window of queries under way that end in any order.

use noisebound::audit::{Core, Ending, Plan, Query, Record, Seen};
use noisebound::bound::engine::Standard;
use noisebound::config::Question;
use noisebound::config::question::{
    DataId, EndpointId, GateQuantity, GateSpec, LossSpec, NoiseSpec, Relation, Route, Scale, Scope, SideSpec,
};
use noisebound::loss::{Needs, Range};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::{ALPHA, gates, intervals, ranges, runs};
use crate::contest;
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

/// Finer limits on error rates take long, and what is sent ahead does not depend on how many draws there are.
const FINEST: f64 = 0.02;

/// Sets how many runs there are.
const ABOUT: u64 = 13_000;

/// A question of one of the tables.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Limits(intervals::Cell),
    Gate(gates::Cell),
    Mean(ranges::Cell),
}

/// What one question charges, and sends in each of the ways.
#[derive(Debug, Clone)]
pub struct Row {
    asked: Asked,
    /// What is charged, with one row at a time.
    charged: Measured,
    /// Whether as much is charged in each of the ways, run by run.
    alike: bool,
    /// What is sent, in each of the ways.
    sent: Vec<Measured>,
    runs: u64,
}

impl Asked {
    /// The questions of all tables.
    fn all(quick: bool) -> Vec<Self> {
        let limits = [true, false].into_iter().flat_map(|two_sided| intervals::cells(two_sided, quick));
        let limits = limits.filter(|cell| cell.precision >= FINEST).map(Self::Limits);
        let gates = gates::cells(quick).into_iter().map(Self::Gate);
        limits.chain(gates).chain(ranges::cells(quick).into_iter().map(Self::Mean)).collect()
    }

    fn name(self) -> String {
        match self {
            Self::Limits(cell) => contest::about_interval(cell),
            Self::Gate(cell) => contest::about_gate(cell),
            Self::Mean(cell) => contest::about_range(cell),
        }
    }

    fn losses(self) -> Losses {
        match self {
            Self::Limits(intervals::Cell { risk, .. }) | Self::Gate(gates::Cell { risk, .. }) => {
                Losses::Coin(risk)
            }
            Self::Mean(cell) => cell.losses,
        }
    }

    fn levels(self) -> u64 {
        match self {
            Self::Limits(cell) => cell.levels,
            Self::Gate(cell) => cell.levels,
            Self::Mean(cell) => cell.levels,
        }
    }

    /// How many runs there are: fewer where each takes long.
    fn runs(self, quick: bool) -> u64 {
        match self {
            // Many draws next to the threshold, and losses that are kept one by one.
            Self::Gate(cell) if (cell.risk - gates::THRESHOLD).abs() < 0.01 => FEW,
            Self::Mean(ranges::Cell { losses: Losses::Mix, .. }) => FEW,
            _ => runs(quick, ABOUT),
        }
    }

    fn plan(self) -> Plan {
        // One level of several has its part of the budget.
        let mut asked = question(1.0 - ALPHA / self.levels() as f64);
        let range = match self {
            Self::Limits(cell) => {
                asked.precision = Some(cell.precision);
                asked.side = if cell.two_sided { SideSpec::Both } else { SideSpec::Upper };
                Range::ZeroOne
            }
            Self::Gate(_) => {
                asked.gates.push(GateSpec {
                    text: "error@1 <= 0.05".to_owned(),
                    quantity: GateQuantity::Risk,
                    level: Some(1.0),
                    relation: Relation::AtMost,
                    threshold: gates::THRESHOLD,
                });
                Range::ZeroOne
            }
            Self::Mean(cell) => {
                asked.precision = Some(cell.precision);
                Range::Between(0.0, 1.0)
            }
        };
        Plan::new(asked, range, Needs { target: true, clean: false }, &Standard)
    }
}

/// Runs of a question that takes long.
const FEW: u64 = 31;

/// A question about one level, with one row, so that hardly a clean row is asked; what is asked is to be filled in.
fn question(confidence: f64) -> Question {
    Question {
        seed: 1,
        endpoint: EndpointId::default(),
        data: DataId { rows: 1, blake3: String::new() },
        form: None,
        noise: NoiseSpec {
            family: "gaussian".to_owned(),
            scale: Scale::Absolute,
            clip: None,
            perturb: None,
            fix: None,
        },
        loss: LossSpec { name: "error".to_owned(), range: None, cap: None, threshold: 0.5 },
        levels: vec![1.0],
        precision: None,
        side: SideSpec::Both,
        confidence,
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
fn play(plan: &Plan, losses_of: Losses, run: u64, way: Way) -> (u64, u64) {
    let mut core = Core::new(plan.clone(), u64::MAX, way.ahead(), &Standard);
    let (mut draw, mut losses) = (losses_of.stream(run), Vec::new());
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
        core.commit(&Record { query, ending }).expect("the losses lie in their range");
    }
    assert!(core.done(), "nothing is left to ask, and the audit is not done");
    (core.results().levels[0].draws, sent)
}

/// Measures the questions of all tables.
pub fn rows(quick: bool) -> Vec<Row> {
    let asked = Asked::all(quick);
    let jobs: Vec<Job<'_, Row>> =
        asked.iter().map(|asked| -> Job<'_, Row> { Box::new(move || row(*asked, quick)) }).collect();
    all(&jobs)
}

fn row(asked: Asked, quick: bool) -> Row {
    let (plan, runs) = (asked.plan(), asked.runs(quick));
    let played = |way: Way| -> Vec<(u64, u64)> {
        (0..runs).map(|run| play(&plan, asked.losses(), run, way)).collect()
    };
    let ways = WAYS.map(played);
    let over = |draws: &dyn Fn(usize) -> u64| {
        measure(runs, |run| Run { draws: Some(draws(run as usize)), right: true })
    };
    let charged = |way: &Vec<(u64, u64)>| way.iter().map(|(charged, _)| *charged).collect::<Vec<_>>();
    Row {
        asked,
        charged: over(&|run| ways[0][run].0),
        alike: ways.iter().all(|way| charged(way) == charged(&ways[0])),
        sent: ways.iter().map(|way| over(&|run| way[run].1)).collect(),
        runs,
    }
}

impl Row {
    /// Whether as much is charged however it is sent, and a rate limit keeps everything from being sent that is not
    /// charged.
    pub fn nothing_wasted(&self) -> bool {
        let mut limited = WAYS.iter().zip(&self.sent).filter(|(way, _)| way.limited);
        self.alike && limited.all(|(_, sent)| sent == &self.charged)
    }
}

/// The table.
pub fn table(rows: &[Row]) -> Table {
    let mut head = vec!["question".to_owned(), "charged".to_owned()];
    head.extend(WAYS.iter().map(|way| way.name()));
    head.push("runs".to_owned());
    let mut table = Table::new(&head);
    for row in rows {
        let mut line = vec![row.asked.name(), count(&row.charged, u64::MAX)];
        line.extend(row.sent.iter().map(|sent| count(sent, u64::MAX)));
        line.push(known(row.runs));
        table.push(line);
    }
    table
}
