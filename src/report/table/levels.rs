//! The table of the levels, and the two statements about capped losses.
//!
//! The invariant: a column stands only where it has something to say, and limits only where some are stated.

use super::grid::{Column, tables};
use super::word;
use crate::report::numbers::{Digits, typed};
use crate::report::walk::What;
use crate::results::{Bounded, LevelResult, Results};

/// The table of the levels; what does not fit beside the risks stands below them.
pub fn levels(results: &Results) -> String {
    let all = &results.levels;
    let digits = Digits::of(results);
    let relative = Digits::of_all(What::Relative, results);
    let tails = Digits::of_all(What::Tail, results);
    let lost = |l: &LevelResult| l.degradation.unwrap_or_default();
    let more = |l: &LevelResult| l.relative.unwrap_or_default();
    let tail = |l: &LevelResult| l.tail.as_ref().map(|t| t.probability).unwrap_or_default();
    let name = if results.cap.is_some() { "capped risk" } else { "risk" };
    let above = results.cap.map_or_else(String::new, |cap| format!("P(L > {})", typed(cap)));
    let groups = vec![
        vec![
            Column::some("draws", all, |l| l.draws.to_string()),
            Column::some(name, all, |l| digits.estimate(&l.risk)),
            Column::some(head(&all.iter().map(|l| l.risk)), all, |l| limits(digits, &l.risk)),
        ],
        vec![
            Column::some("degradation", all, |l| {
                l.degradation.map_or_else(String::new, |d| digits.estimate(&d))
            }),
            Column::some(head(&all.iter().map(lost)), all, |l| limits(digits, &lost(l))),
        ],
        vec![
            Column::some("relative", all, |l| {
                l.relative.map_or_else(String::new, |r| relative.estimate_percent(&r))
            }),
            Column::some(head(&all.iter().map(more)), all, |l| limits_percent(relative, &more(l))),
        ],
        vec![
            Column::some(&above, all, |l| {
                l.tail.as_ref().map_or_else(String::new, |_| tails.estimate(&tail(l)))
            }),
            Column::some(head(&all.iter().map(tail)), all, |l| limits(tails, &tail(l))),
        ],
    ];
    let stopped = Column::some("stopped", all, |l| word(l.stopped).to_owned()).map(Column::left);
    tables(Column::some("level", all, |l| typed(l.level)), groups, stopped)
}

fn some(b: &Bounded) -> bool {
    b.lower.or(b.upper).is_some()
}

pub(super) fn limits(digits: Digits, b: &Bounded) -> String {
    if some(b) { digits.limits(b) } else { String::new() }
}

fn limits_percent(digits: Digits, b: &Bounded) -> String {
    if some(b) { digits.limits_percent(b) } else { String::new() }
}

/// The head over limits: which of them there are.
pub(super) fn head(all: &(impl Iterator<Item = Bounded> + Clone)) -> &'static str {
    match (all.clone().any(|b| b.lower.is_some()), all.clone().any(|b| b.upper.is_some())) {
        (true, _) => "[lower, upper]",
        (false, true) => "upper limit",
        (false, false) => "limits",
    }
}

/// The two statements about a capped loss, which belong together, for each level that has both.
pub fn capped(results: &Results) -> String {
    let (digits, tails) = (Digits::of(results), Digits::of_all(What::Tail, results));
    let line = |l: &LevelResult| {
        let tail = l.tail.as_ref()?;
        let upper = |b: &Bounded| b.upper.map(|v| Bounded { upper: Some(v), ..Bounded::default() });
        let (risk, above) = (upper(&l.risk)?, upper(&tail.probability)?);
        let cap = typed(tail.above);
        Some(format!(
            "at level {}: E[min(L, {cap})] {} and P(L > {cap}) {}",
            typed(l.level),
            digits.limits(&risk),
            tails.limits(&above)
        ))
    };
    results.levels.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}
