//! Gates: how many draws until "the risk is at most 0.05" is decided?

use noisebound::bound::Bound;

use super::{ALPHA, LEVELS, runs};
use crate::format::{Table, known, verdicts};
use crate::losses::Losses;
use crate::measure::{Job, Measured, Run, all, follow, measure};
use crate::ours;
use crate::rivals::bernstein::Bernstein;
use crate::rivals::betting::Hedged;
use crate::rivals::mixture::Mixture;
use crate::rivals::{fixed, provero, readings};

/// The threshold.
pub const THRESHOLD: f64 = 0.05;

/// No run goes further.
const CAP: u64 = 1_000_000;

/// Limits of one minus something are off by a rounding.
const SLACK: f64 = 1e-12;

/// One question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// How many such gates there are; all verdicts are right together.
    pub levels: u64,
    /// The risk.
    pub risk: f64,
}

/// A cell with what each method needs.
#[derive(Debug, Clone)]
pub struct Row {
    /// The question.
    pub cell: Cell,
    /// How often it was asked.
    pub runs: u64,
    /// See [`COLUMNS`].
    pub found: Vec<Measured>,
}

/// What is measured, in this order.
pub const COLUMNS: [&str; 7] = [
    "noisebound",
    "Beta mixture",
    "PrPl-EB",
    "hedged betting",
    "PROVERO 0.04 + 0.01",
    "PROVERO 0.045 + 0.005",
    "PROVERO 0.05 + 0.01",
];

impl Cell {
    /// The share of a gate.
    pub fn share(&self) -> f64 {
        ALPHA / self.levels as f64
    }

    fn oracle(&self) -> u64 {
        fixed::exact_test(self.risk, THRESHOLD, self.share())
    }

    /// Decides by limits: below the threshold it holds, above it fails.
    fn rival(&self, runs: u64, make: impl Fn() -> Box<dyn Bound>) -> Measured {
        measure(runs, |run| {
            let stopped = follow(make(), Losses::Coin(self.risk), run, readings(1, CAP), |interval, _| {
                let holds = interval.upper <= THRESHOLD + SLACK;
                (holds || interval.lower >= THRESHOLD - SLACK).then_some(holds)
            });
            let right = stopped.is_none_or(|(_, holds)| holds == (self.risk <= THRESHOLD));
            Run { draws: stopped.map(|(draws, _)| draws), right }
        })
    }

    fn provero(&self, runs: u64, theta: f64, eta: f64) -> Measured {
        measure(runs, |run| {
            let (draws, holds) = provero::run(theta, eta, self.share(), self.risk, run);
            Run { draws: Some(draws), right: holds == (self.risk <= THRESHOLD) }
        })
    }

    fn jobs(self, quick: bool) -> [Job<'static, Measured>; 7] {
        let (share, runs) = (self.share(), runs(quick, self.oracle()));
        let spec = ours::gate_spec(THRESHOLD, share);
        [
            Box::new(move || ours::gate(&spec, Losses::Coin(self.risk), runs)),
            Box::new(move || self.rival(runs, || Box::new(Mixture::new(share)))),
            Box::new(move || self.rival(runs, || Box::new(Bernstein::new(share)))),
            Box::new(move || self.rival(runs, || Box::new(Hedged::test(THRESHOLD, share)))),
            Box::new(move || self.provero(runs, 0.04, 0.01)),
            Box::new(move || self.provero(runs, 0.045, 0.005)),
            Box::new(move || self.provero(runs, 0.05, 0.01)),
        ]
    }
}

/// The cells of the table.
pub fn cells(quick: bool) -> Vec<Cell> {
    let risks: &[f64] =
        if quick { &[0.0, 0.01, 0.1] } else { &[0.0, 0.01, 0.03, 0.045, 0.055, 0.07, 0.1, 0.2] };
    let levels = if quick { &LEVELS[..1] } else { &LEVELS[..] };
    let of_levels = |levels: u64| risks.iter().map(move |risk| Cell { levels, risk: *risk });
    levels.iter().flat_map(|levels| of_levels(*levels)).collect()
}

/// Measures the cells.
pub fn rows(cells: &[Cell], quick: bool) -> Vec<Row> {
    let jobs: Vec<Job<'_, Measured>> = cells.iter().flat_map(|cell| cell.jobs(quick)).collect();
    let found = all(&jobs);
    let row = |(cell, found): (&Cell, &[Measured])| Row {
        cell: *cell,
        runs: runs(quick, cell.oracle()),
        found: found.to_vec(),
    };
    cells.iter().zip(found.chunks(COLUMNS.len())).map(row).collect()
}

/// The table of these rows.
pub fn table(rows: &[Row]) -> Table {
    let mut head = vec!["levels", "risk"];
    head.extend(COLUMNS);
    head.extend(["exact test oracle", "ln(1/a)/KL", "runs"]);
    let mut table = Table::new(&head);
    for Row { cell, runs, found } in rows {
        let mut line = vec![cell.levels.to_string(), cell.risk.to_string()];
        line.extend(found.iter().map(|measured| verdicts(measured, CAP)));
        line[2] = format!("**{}**", line[2]);
        line.push(known(cell.oracle()));
        line.push(known(fixed::information(cell.risk, THRESHOLD, cell.share())));
        line.push(known(*runs));
        table.push(line);
    }
    table
}
