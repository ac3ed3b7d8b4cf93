//! Finished reports side by side on the terminal: what each states alone.
//!
//! The invariant: every limit is that of its own report, and nothing is said about differences.

use super::super::numbers::{Digits, typed};
use super::super::table::grid::{Column, tables};
use super::super::text::{shorten, wrap};
use crate::results::{Bounded, Report};

/// The table, with a newline at the end; each report has the name given.
pub fn render(sets: &[(&str, &Report)]) -> String {
    let mut levels: Vec<f64> =
        sets.iter().flat_map(|(_, report)| report.results.levels.iter().map(|level| level.level)).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels.insert(0, 0.0);
    let all: Vec<Bounded> =
        sets.iter().flat_map(|(_, report)| levels.iter().map(|at| risk(report, *at))).collect();
    let digits = Digits::among(&all.iter().collect::<Vec<_>>(), 0.01);
    let group = |(name, report): &(&str, &Report)| {
        let limits = |of: &Bounded| {
            if of.lower.or(of.upper).is_some() { digits.limits(of) } else { String::new() }
        };
        vec![
            Column::some(&shorten(name, 24), &levels, |at| digits.estimate(&risk(report, *at))),
            Column::some("[lower, upper]", &levels, |at| limits(&risk(report, *at))),
        ]
    };
    let place = |at: &f64| if *at == 0.0 { "clean".to_owned() } else { typed(*at) };
    let table = tables(Column::some("level", &levels, place), sets.iter().map(group).collect(), None);
    let confidences: Vec<String> = sets
        .iter()
        .map(|(name, report)| {
            format!("{} with probability {}", shorten(name, 40), typed(report.results.confidence))
        })
        .collect();
    let said = format!(
        "Each report holds by itself: {}. They were drawn apart, and nothing is claimed about their differences; \
         noisebound compare bounds these.",
        confidences.join("; ")
    );
    format!("{table}\n\n{}\n", wrap(&said, 0))
}

fn risk(report: &Report, level: f64) -> Bounded {
    if level == 0.0 {
        return report.results.clean.risk;
    }
    report
        .results
        .levels
        .iter()
        .find(|found| found.level == level)
        .map(|found| found.risk)
        .unwrap_or_default()
}
