//! The tables: one of the levels, one of quantiles, one of what noise did to single rows, one for each slice.
//!
//! The invariant: a column stands only where it has something to say, and limits only where some are stated.

use super::grid::{Column, tables};
use super::{share, word};
use crate::bound::{Quantity, Side};
use crate::config::question::QuantileSpec;
use crate::report::numbers::{Digits, typed};
use crate::report::text::shorten;
use crate::report::walk::What;
use crate::results::{Bounded, LevelResult, QuantileResult, Report, Results, SliceResult, Split, Stopped};

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
            Column::some(head(all.iter().map(|l| l.risk)), all, |l| limits(digits, &l.risk)),
        ],
        vec![
            Column::some("degradation", all, |l| {
                l.degradation.map_or_else(String::new, |d| digits.estimate(&d))
            }),
            Column::some(head(all.iter().map(lost)), all, |l| limits(digits, &lost(l))),
        ],
        vec![
            Column::some("relative", all, |l| {
                l.relative.map_or_else(String::new, |r| relative.estimate_percent(&r))
            }),
            Column::some(head(all.iter().map(more)), all, |l| limits_percent(relative, &more(l))),
        ],
        vec![
            Column::some(&above, all, |l| {
                l.tail.as_ref().map_or_else(String::new, |_| tails.estimate(&tail(l)))
            }),
            Column::some(head(all.iter().map(tail)), all, |l| limits(tails, &tail(l))),
        ],
    ];
    let stopped = Column::some("stopped", all, |l| word(l.stopped).to_owned()).map(Column::left);
    tables(Column::some("level", all, |l| typed(l.level)), groups, stopped)
}

fn some(b: &Bounded) -> bool {
    b.lower.or(b.upper).is_some()
}

fn limits(digits: Digits, b: &Bounded) -> String {
    if some(b) { digits.limits(b) } else { String::new() }
}

fn limits_percent(digits: Digits, b: &Bounded) -> String {
    if some(b) { digits.limits_percent(b) } else { String::new() }
}

/// The head over limits: which of them there are.
fn head(all: impl Iterator<Item = Bounded> + Clone) -> &'static str {
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

/// What noise did to single rows: shares of draws, with their counts.
pub fn split(results: &Results) -> String {
    let rows: Vec<(&LevelResult, Split)> =
        results.levels.iter().filter_map(|l| Some((l, l.split?))).filter(|(l, _)| l.draws > 0).collect();
    if rows.is_empty() {
        return String::new();
    }
    let column = |head: &str, count: fn(&Split) -> u64| {
        Column::some(head, &rows, |(l, s)| format!("{} ({})", share(count(s), l.draws), count(s)))
    };
    let missing = rows.iter().any(|(_, s)| s.unanswered > 0);
    let groups = vec![vec![
        column("was wrong already", |s| s.was_wrong),
        column("became wrong", |s| s.became_wrong),
        column("became right", |s| s.became_right),
        column("stayed right", |s| s.stayed_right),
        column("unanswered", |s| s.unanswered).filter(|_| missing),
    ]];
    let table = tables(Column::some("level", &rows, |(l, _)| typed(l.level)), groups, None);
    format!(
        "what noise did to single rows: shares of draws (and counts), estimates, nothing is claimed of them\n{table}"
    )
}

/// One line of the table of a slice.
struct Line<'a> {
    level: String,
    slice: &'a SliceResult,
}

/// A table for each slice: clean, then the levels.
pub fn slices(report: &Report) -> String {
    let results = &report.results;
    let mut names: Vec<&str> = Vec::new();
    let clean = results.clean.slices.iter().map(|s| ("clean".to_owned(), s));
    let noisy = results.levels.iter().flat_map(|l| l.slices.iter().map(move |s| (typed(l.level), s)));
    let all: Vec<Line> = clean.chain(noisy).map(|(level, slice)| Line { level, slice }).collect();
    for line in &all {
        if !names.contains(&line.slice.value.as_str()) {
            names.push(&line.slice.value);
        }
    }
    let column = report.question.slice.as_ref().map_or("slice", |s| s.column.as_str());
    let one = |name: &&str| {
        let lines: Vec<&Line> = all.iter().filter(|line| line.slice.value == *name).collect();
        format!("{} = {}\n{}", shorten(column, 40), shorten(name, 50), slice(results, &lines))
    };
    names.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn slice(results: &Results, lines: &[&Line]) -> String {
    let digits = Digits::of(results);
    let name = if results.cap.is_some() { "capped risk" } else { "risk" };
    let lost = |l: &Line| l.slice.degradation.unwrap_or_default();
    let exact = |l: &Line| results.clean.exact && l.level == "clean";
    let missing =
        |l: &&Line| if l.slice.unanswered > 0 { l.slice.unanswered.to_string() } else { String::new() };
    let limit = |l: &&Line| if exact(l) { "exact".to_owned() } else { limits(digits, &l.slice.risk) };
    let groups = vec![
        vec![
            Column::some("draws", lines, |l| l.slice.draws.to_string()),
            Column::some("unanswered", lines, missing),
            Column::some(name, lines, |l| digits.estimate(&l.slice.risk)),
            Column::some(head(lines.iter().map(|l| l.slice.risk)), lines, limit),
        ],
        vec![
            Column::some("degradation", lines, |l| {
                l.slice.degradation.map_or_else(String::new, |d| digits.estimate(&d))
            }),
            Column::some(head(lines.iter().map(|l| lost(l))), lines, |l| limits(digits, &lost(l))),
        ],
    ];
    tables(Column::some("level", lines, |l| l.level.clone()), groups, None)
}
