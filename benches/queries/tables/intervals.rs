//! Limits on a risk from losses that are 0 or 1: how many draws until they are as tight as was asked?

use noisebound::bound::choose::choose;
use noisebound::bound::{Bound, Engine, IntervalSpec};

use super::{ALPHA, HEDGED_RUNS, LEVELS, runs};
use crate::format::{Table, count, known};
use crate::losses::Losses;
use crate::measure::{Job, Measured, all};
use crate::ours;
use crate::rivals::bernstein::Bernstein;
use crate::rivals::betting::Hedged;
use crate::rivals::mixture::Mixture;
use crate::rivals::{self, fixed};

/// One question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Whether a lower limit is claimed besides the upper one.
    pub two_sided: bool,
    /// How many levels have such limits; all limits hold together.
    pub levels: u64,
    /// How tight they are to be.
    pub precision: f64,
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
    /// The engine that noisebound takes when it knows nothing of the risk.
    pub chosen: Engine,
    /// See [`COLUMNS`].
    pub found: Vec<Measured>,
}

/// What is measured, in this order.
pub const COLUMNS: [&str; 5] = ["AIM", "AIM-D", "Beta mixture", "PrPl-EB", "hedged betting"];

impl Cell {
    /// The share of one limit at one level.
    pub fn share(&self) -> f64 {
        ALPHA / self.levels as f64 / if self.two_sided { 2.0 } else { 1.0 }
    }

    /// What the limits are built from.
    pub fn spec(&self, engine: Engine) -> IntervalSpec {
        let share = self.share();
        let lower = self.two_sided.then_some(share);
        IntervalSpec { engine, precision: self.precision, lower, upper: Some(share) }
    }

    fn losses(&self) -> Losses {
        Losses::Coin(self.risk)
    }

    fn oracle(&self) -> u64 {
        fixed::clopper_pearson(self.precision, self.share(), self.two_sided, self.risk)
    }

    fn hoeffding(&self) -> u64 {
        fixed::hoeffding(self.precision, self.share())
    }

    fn ours(&self, engine: Engine, quick: bool) -> Measured {
        ours::interval(&self.spec(engine), self.losses(), runs(quick, self.oracle()))
    }

    fn jobs(self, quick: bool) -> [Job<'static, Measured>; 5] {
        let (share, far) = (self.share(), 8 * self.hoeffding());
        let runs = runs(quick, self.oracle());
        let both = if self.two_sided { 2.0 * share } else { share };
        let rival = move |runs, cap, make: fn(f64, f64) -> Box<dyn Bound>, share| {
            let make = move || make(self.precision, share);
            rivals::interval(&self.spec(Engine::Aim), self.losses(), runs, cap, make)
        };
        [
            Box::new(move || self.ours(Engine::Aim, quick)),
            Box::new(move || self.ours(Engine::AimD, quick)),
            Box::new(move || rival(runs, far, |_, share| Box::new(Mixture::new(share)), both)),
            Box::new(move || rival(runs, far, |_, share| Box::new(Bernstein::new(share)), share)),
            Box::new(move || {
                let make = |precision, share| -> Box<dyn Bound> { Box::new(Hedged::new(precision, share)) };
                rival(runs.min(HEDGED_RUNS), far / 4, make, share)
            }),
        ]
    }
}

/// The cells of one of the two tables. The coarsest precision is the default of the command.
pub fn cells(two_sided: bool, quick: bool) -> Vec<Cell> {
    let precisions: &[f64] = if quick { &[0.02] } else { &[0.05, 0.02, 0.005] };
    let risks: &[f64] = if quick { &[0.0, 0.05, 0.2] } else { &[0.0, 0.001, 0.01, 0.05, 0.2, 0.5] };
    let levels = if quick { &LEVELS[..1] } else { &LEVELS[..] };
    let cell = |levels, precision, risk| Cell { two_sided, levels, precision, risk };
    let of_levels = |levels: u64| {
        precisions.iter().flat_map(move |p| risks.iter().map(move |risk| cell(levels, *p, *risk)))
    };
    levels.iter().flat_map(|levels| of_levels(*levels)).collect()
}

/// Measures the cells.
pub fn rows(cells: &[Cell], quick: bool) -> Vec<Row> {
    let jobs: Vec<Job<'_, Measured>> = cells.iter().flat_map(|cell| cell.jobs(quick)).collect();
    let found = all(&jobs);
    let row = |(cell, found): (&Cell, &[Measured])| {
        let spec = cell.spec(Engine::Aim);
        Row {
            cell: *cell,
            runs: runs(quick, cell.oracle()),
            chosen: choose(true, cell.precision, spec.lower, spec.upper, None),
            found: found.to_vec(),
        }
    };
    cells.iter().zip(found.chunks(COLUMNS.len())).map(row).collect()
}

impl Row {
    /// What noisebound needs.
    pub fn chosen(&self) -> Measured {
        self.found[usize::from(self.chosen == Engine::AimD)]
    }

    /// What Hoeffding's inequality needs.
    pub fn hoeffding(&self) -> u64 {
        self.cell.hoeffding()
    }
}

/// The table of these rows.
pub fn table(rows: &[Row]) -> Table {
    let mut head = vec!["levels", "precision", "risk"];
    head.extend(COLUMNS);
    head.extend(["Hoeffding, fixed n", "Clopper-Pearson oracle", "CLT", "runs"]);
    let mut table = Table::new(&head);
    for Row { cell, runs, chosen, found } in rows {
        let mut line = vec![cell.levels.to_string(), cell.precision.to_string(), cell.risk.to_string()];
        let cap = 8 * cell.hoeffding();
        let own = usize::from(*chosen == Engine::AimD);
        for (place, measured) in found.iter().enumerate() {
            let text = count(measured, if place == 4 { cap / 4 } else { cap });
            line.push(if place == own { format!("**{text}**") } else { text });
        }
        line.push(known(cell.hoeffding()));
        line.push(known(cell.oracle()));
        let variance = cell.losses().variance();
        line.push(known(fixed::central_limit(cell.precision, cell.share(), variance)));
        line.push(known(*runs));
        table.push(line);
    }
    table
}
