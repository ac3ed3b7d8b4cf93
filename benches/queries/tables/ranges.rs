//! Limits on the mean of losses anywhere in a range, scaled to `[0, 1]`: how many draws until they are as tight as
//! was asked?

use noisebound::bound::{Bound, Engine, IntervalSpec};

use super::{ALPHA, HEDGED_RUNS, LEVELS, runs};
use crate::format::{Table, count, known};
use crate::losses::Losses;
use crate::measure::{Job, Measured, all};
use crate::ours;
use crate::rivals::bernstein::Bernstein;
use crate::rivals::betting::Hedged;
use crate::rivals::{self, fixed};

/// One question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// How many levels have such limits; all limits hold together.
    pub levels: u64,
    /// How the losses are distributed.
    pub losses: Losses,
    /// How tight the limits are to be.
    pub precision: f64,
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
pub const COLUMNS: [&str; 3] = ["noisebound (AIM-bets)", "PrPl-EB", "hedged betting"];

impl Cell {
    /// The share of one limit at one level.
    pub fn share(&self) -> f64 {
        ALPHA / self.levels as f64 / 2.0
    }

    fn spec(&self) -> IntervalSpec {
        let share = Some(self.share());
        IntervalSpec { engine: Engine::AimBets, precision: self.precision, lower: share, upper: share }
    }

    /// What Hoeffding's inequality needs.
    pub fn hoeffding(&self) -> u64 {
        fixed::hoeffding(self.precision, self.share())
    }

    fn central_limit(&self) -> u64 {
        fixed::central_limit(self.precision, self.share(), self.losses.variance())
    }

    fn runs(&self, quick: bool) -> u64 {
        // A bound from all losses so far takes ten times as long as one from their counts.
        let heavier = if let Losses::Coin(_) = self.losses { 1 } else { 10 };
        runs(quick, heavier * self.central_limit().max(400))
    }

    fn jobs(self, quick: bool) -> [Job<'static, Measured>; 3] {
        let (share, far, runs) = (self.share(), 8 * self.hoeffding(), self.runs(quick));
        [
            Box::new(move || ours::interval(&self.spec(), self.losses, runs)),
            Box::new(move || {
                let make = move || -> Box<dyn Bound> { Box::new(Bernstein::new(share)) };
                rivals::interval(&self.spec(), self.losses, runs, far, make)
            }),
            Box::new(move || {
                let make = move || -> Box<dyn Bound> { Box::new(Hedged::new(self.precision, share)) };
                rivals::interval(&self.spec(), self.losses, runs.min(HEDGED_RUNS), far / 4, make)
            }),
        ]
    }
}

/// The cells of the table.
pub fn cells(quick: bool) -> Vec<Cell> {
    let smooth = [(Losses::Beta(0.5, 20.0), 0.005), (Losses::Beta(2.0, 40.0), 0.005)];
    let coins = [0.0, 0.01, 0.05, 0.2, 0.5].map(|p| (Losses::Coin(p), 0.02));
    let losses: Vec<_> = if quick {
        vec![smooth[1], coins[2]]
    } else {
        smooth.into_iter().chain([(Losses::Mix, 0.005)]).chain(coins).collect()
    };
    let levels = if quick { &LEVELS[..1] } else { &LEVELS[..] };
    let of_levels =
        |levels: u64| losses.iter().map(move |&(losses, precision)| Cell { levels, losses, precision });
    levels.iter().flat_map(|levels| of_levels(*levels)).collect()
}

/// Measures the cells.
pub fn rows(cells: &[Cell], quick: bool) -> Vec<Row> {
    let jobs: Vec<Job<'_, Measured>> = cells.iter().flat_map(|cell| cell.jobs(quick)).collect();
    let found = all(&jobs);
    let row = |(cell, found): (&Cell, &[Measured])| Row {
        cell: *cell,
        runs: cell.runs(quick),
        found: found.to_vec(),
    };
    cells.iter().zip(found.chunks(COLUMNS.len())).map(row).collect()
}

/// The table of these rows.
pub fn table(rows: &[Row]) -> Table {
    let mut head = vec!["levels", "losses", "precision"];
    head.extend(COLUMNS);
    head.extend(["Hoeffding, fixed n", "CLT", "runs"]);
    let mut table = Table::new(&head);
    for Row { cell, runs, found } in rows {
        let mut line = vec![cell.levels.to_string(), cell.losses.name(), cell.precision.to_string()];
        let cap = 8 * cell.hoeffding();
        line.push(format!("**{}**", count(&found[0], cap)));
        line.push(count(&found[1], cap));
        line.push(count(&found[2], cap / 4));
        line.push(known(cell.hoeffding()));
        line.push(known(cell.central_limit()));
        line.push(known(*runs));
        table.push(line);
    }
    table
}
