//! The table of quantiles.
//!
//! The invariant: a limit that is claimed and not known yet is told apart from one that is not claimed.

use super::grid::{Column, tables};
use crate::bound::{Quantity, Side};
use crate::config::question::QuantileSpec;
use crate::report::numbers::{Digits, typed};
use crate::report::walk::What;
use crate::results::{LevelResult, QuantileResult, Results, Stopped};

/// The quantiles, level by level.
pub fn quantiles(results: &Results) -> String {
    let digits = Digits::of_all(What::Quantile, results);
    let rows: Vec<(&LevelResult, &QuantileResult)> =
        results.levels.iter().flat_map(|l| l.quantiles.iter().map(move |q| (l, q))).collect();
    let spec = |q: &QuantileResult| QuantileSpec { of: q.of, percent: q.percent }.to_string();
    let groups = vec![vec![
        Column::some("quantity", &rows, |(_, q)| spec(q)).map(Column::left),
        Column::some("estimate", &rows, |(_, q)| digits.estimate(&q.value)),
        Column::some("limits", &rows, |(l, q)| {
            let claimed = |side| l.stopped != Stopped::Inconsistent && claims(results, l.level, side);
            match (q.value.lower, q.value.upper) {
                (None, None) if claimed(Side::Upper) => "not bounded yet".to_owned(),
                (Some(_), None) if claimed(Side::Upper) => {
                    format!("{}, above not bounded yet", digits.limits(&q.value))
                }
                _ => digits.limits(&q.value),
            }
        })
        .map(Column::left),
    ]];
    if rows.is_empty() {
        String::new()
    } else {
        tables(Column::some("level", &rows, |(l, _)| typed(l.level)), groups, None)
    }
}

/// Whether that side of the quantiles at a level is claimed.
fn claims(results: &Results, level: f64, side: Side) -> bool {
    results
        .claims
        .iter()
        .any(|c| c.quantity == Quantity::Quantile && c.level == Some(level) && c.side == side)
}
