//! The tables that tell rows apart: what noise did to single ones, and the risk of each slice.
//!
//! The invariant: what is an estimate alone is called that.

use super::grid::{Column, tables};
use super::levels::{head, limits};
use super::share;
use crate::report::numbers::{Digits, typed};
use crate::report::text::shorten;
use crate::report::walk::What;
use crate::results::{LevelResult, Report, Results, SliceResult, Split};

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
    let (digits, tails) = (Digits::of(results), Digits::of_all(What::Tail, results));
    let name = if results.cap.is_some() { "capped risk" } else { "risk" };
    let above = results.cap.map_or_else(String::new, |cap| format!("P(L > {})", typed(cap)));
    let lost = |l: &Line| l.slice.degradation.unwrap_or_default();
    let tail = |l: &Line| l.slice.tail.as_ref().map(|t| t.probability).unwrap_or_default();
    let exact = |l: &Line| results.clean.exact && l.level == "clean";
    let missing =
        |l: &&Line| if l.slice.unanswered > 0 { l.slice.unanswered.to_string() } else { String::new() };
    let limit = |l: &&Line| if exact(l) { "exact".to_owned() } else { limits(digits, &l.slice.risk) };
    let groups = vec![
        vec![
            Column::some("draws", lines, |l| l.slice.draws.to_string()),
            Column::some("unanswered", lines, missing),
            Column::some(name, lines, |l| digits.estimate(&l.slice.risk)),
            Column::some(head(&lines.iter().map(|l| l.slice.risk)), lines, limit),
        ],
        vec![
            Column::some("degradation", lines, |l| {
                l.slice.degradation.map_or_else(String::new, |d| digits.estimate(&d))
            }),
            Column::some(head(&lines.iter().map(|l| lost(l))), lines, |l| limits(digits, &lost(l))),
        ],
        vec![
            Column::some(&above, lines, |l| {
                l.slice.tail.as_ref().map_or_else(String::new, |_| tails.estimate(&tail(l)))
            }),
            Column::some(head(&lines.iter().map(|l| tail(l))), lines, |l| limits(tails, &tail(l))),
        ],
    ];
    tables(Column::some("level", lines, |l| l.level.clone()), groups, None)
}
