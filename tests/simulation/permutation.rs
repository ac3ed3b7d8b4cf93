//! Rows drawn without replacement, pass by pass, each pass in a new random order.
//!
//! Half of the rows are almost always right and half almost always wrong, so the risk is 1/2. A bet against "the
//! risk is at least 1/2" multiplies its capital by `1 + lambda (1/2 - loss)` with each draw. Without replacement
//! the capital has mean 1 or less at every fixed count of draws (Maclaurin's inequality), but not at a time that
//! is chosen while looking: a run of right rows is always paid back before the pass ends, so whoever looks in the
//! middle of passes sees the capital higher than it may be. Looked at where passes end, it is sound.
//!
//! The excess is small: it shows at a share near 1, with a bet that is not among those that audits make. For the
//! mixtures of the engines at usual shares no rows were found that bring more misses than the budget.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use super::cell::{Cell, Count, Misses};

/// The rows of a pass.
const ROWS: usize = 32;

/// The risk of a row that is almost always right; one minus that of the others.
const SELDOM: f64 = 0.005;

/// What is staked.
const LAMBDA: f64 = 0.08;

/// The capital at which the null is rejected; its inverse is the share.
const ENOUGH: f64 = 1.035;

const PASSES: usize = 6;

/// How rows are drawn.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    WithReplacement,
    EachOnce,
}

/// When the capital is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Looks {
    AfterEveryDraw,
    AfterPasses,
}

fn play(rows: Rows, looks: Looks, rng: &mut ChaCha8Rng) -> Misses {
    let mut capital = 1.0;
    let mut pass: [usize; ROWS] = std::array::from_fn(|row| row);
    for _ in 0..PASSES {
        match rows {
            Rows::EachOnce => pass.shuffle(rng),
            Rows::WithReplacement => pass.fill_with(|| rng.random_range(0..ROWS)),
        }
        for (place, row) in pass.iter().enumerate() {
            let risk = if row % 2 == 0 { SELDOM } else { 1.0 - SELDOM };
            let loss = f64::from(u8::from(rng.random::<f64>() < risk));
            capital *= 1.0 + LAMBDA * (0.5 - loss);
            let looked = looks == Looks::AfterEveryDraw || place + 1 == ROWS;
            if looked && capital >= ENOUGH {
                return Misses { upper: true, lower: false };
            }
        }
    }
    Misses::default()
}

fn cell(name: &str, rows: Rows, looks: Looks) -> Cell {
    let counts = vec![Count::upper(1.0 / ENOUGH)];
    Cell::new(name, counts, move |mut rng| play(rows, looks, &mut rng)).at_least(20_000)
}

/// The cells: the same bet, sound twice and broken once.
pub fn cells() -> Vec<Cell> {
    vec![
        cell("one bet, rows with replacement, every draw read", Rows::WithReplacement, Looks::AfterEveryDraw),
        cell("one bet, rows each once, read after passes", Rows::EachOnce, Looks::AfterPasses),
        cell("one bet, rows each once, every draw read", Rows::EachOnce, Looks::AfterEveryDraw).broken(),
    ]
}
