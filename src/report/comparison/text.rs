//! A comparison on the terminal: who was compared, a table of the levels, the trade-off, and the guarantee in words.
//!
//! Plain text of at most 100 columns, no colour.

use super::super::numbers::{Digits, Toward, typed};
use super::super::sentence::level_unit;
use super::super::table::grid::{Column, tables};
use super::super::table::{verdict, word};
use super::super::text::{list, shorten, wrap};
use super::sentence;
use crate::comparison::{Compared, ComparedLevel, ComparedSummary, Comparison, Difference, Sign};
use crate::results::Bounded;

/// The whole text, with a newline at the end.
pub fn render(comparison: &Comparison) -> String {
    let digits = digits(&comparison.results);
    let parts = [
        header(comparison),
        levels(comparison, digits),
        trade_off(&comparison.results),
        realised(comparison),
        unanswered(&comparison.results),
        unconfirmed(comparison),
        sentence::guarantee(comparison).iter().map(|p| wrap(p, 0)).collect::<Vec<_>>().join("\n"),
    ];
    let shown: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    shown.join("\n\n") + "\n"
}

/// The digits for everything in units of the loss.
fn digits(results: &Compared) -> Digits {
    let risks = results.levels.iter().flat_map(|level| level.risks.iter().map(|of| &of.risk));
    let differences = results.levels.iter().flat_map(|level| level.differences.iter().map(|d| &d.difference));
    let all: Vec<&Bounded> = risks.chain(differences).collect();
    Digits::among(&all, (results.range.1 - results.range.0) / 100.0)
}

fn header(comparison: &Comparison) -> String {
    let question = &comparison.question;
    let first = format!(
        "compared {} endpoints: {} under {} noise ({}), {} rows, seed {}",
        comparison.endpoints.len(),
        shorten(&comparison.results.loss, 40),
        shorten(&question.noise.family, 40),
        level_unit(&question.noise),
        comparison.data.rows,
        question.seed,
    );
    let endpoints = comparison.endpoints.iter().zip(&comparison.run.endpoints).map(|(endpoint, run)| {
        let told = &endpoint.told;
        let model =
            told.model.as_deref().map_or_else(String::new, |model| format!("{}, ", shorten(model, 40)));
        let version =
            told.version.as_deref().map_or_else(String::new, |v| format!("version {}, ", shorten(v, 20)));
        let line = format!(
            "{}  {model}{version}at {}: {} queries, {} requests, {} failures",
            endpoint.name,
            shorten(&told.url, 80),
            run.queries,
            run.requests,
            run.failures
        );
        wrap(&line, 3)
    });
    std::iter::once(wrap(&first, 2)).chain(endpoints).collect::<Vec<_>>().join("\n")
}

/// What each endpoint received of the noise, where that is not what was asked for.
fn realised(comparison: &Comparison) -> String {
    let told = comparison.endpoints.iter().filter_map(|endpoint| {
        let text = super::super::realised::realised(&endpoint.realised);
        (!text.is_empty()).then(|| format!("{}:\n{text}", endpoint.name))
    });
    told.collect::<Vec<_>>().join("\n\n")
}

/// The limits, where there are any.
fn limits(digits: Digits, of: &Bounded) -> String {
    if of.lower.or(of.upper).is_some() { digits.limits(of) } else { String::new() }
}

fn levels(comparison: &Comparison, digits: Digits) -> String {
    let all = &comparison.results.levels;
    let place = |level: &ComparedLevel| if level.level == 0.0 { "clean".into() } else { typed(level.level) };
    let names: Vec<&str> = comparison.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    let risk = |at: usize| {
        let of = move |level: &ComparedLevel| level.risks.get(at).map(|of| of.risk).unwrap_or_default();
        vec![
            Column::some(&format!("risk {}", names[at]), all, |level| digits.estimate(&of(level))),
            Column::some("[lower, upper]", all, |level| limits(digits, &of(level))),
        ]
    };
    let pair = |at: usize| {
        let of = move |level: &ComparedLevel| level.differences.get(at - 1).cloned().unwrap_or_default();
        let less = format!("{} - {}", names[at], names[0]);
        let is = format!("{} is", names[at]);
        vec![
            Column::some(&less, all, |level| signed(digits, of(level).difference.estimate)),
            Column::some("[lower, upper]", all, |level| limits(digits, &of(level).difference)),
            Column::some(&is, all, |level| sign(&of(level)).to_owned()).map(Column::left),
            Column::some("margin", all, |l| of(l).margin.map_or_else(String::new, |m| verdict(m).into()))
                .map(Column::left),
        ]
    };
    let mut groups = vec![vec![Column::some("draws", all, |level| level.draws.to_string())]];
    groups.push(risk(0));
    for at in 1..names.len() {
        groups.push(risk(at));
        groups.push(pair(at));
    }
    let stopped = |level: &ComparedLevel| match level.stopped {
        Some(stopped) => word(stopped).to_owned(),
        None if level.exact => "known".to_owned(),
        None => String::new(),
    };
    let last = Column::some("stopped", all, stopped).map(Column::left);
    tables(Column::some("level", all, place), groups, last)
}

/// An estimate that may be on either side of 0.
fn signed(digits: Digits, estimate: Option<f64>) -> String {
    let Some(estimate) = estimate else { return "-".to_owned() };
    let shown = digits.show(estimate, Toward::Nearest);
    if estimate > 0.0 && shown.parse() != Ok(0.0) { format!("+{shown}") } else { shown }
}

fn sign(of: &Difference) -> &'static str {
    match of.sign {
        Some(Sign::Better) => "better",
        Some(Sign::Worse) => "worse",
        Some(Sign::Equal) => "equal",
        Some(Sign::Undecided) => "undecided",
        None => "",
    }
}

/// Accuracy beside robustness, where each endpoint has an index and a clean risk of its own.
fn trade_off(results: &Compared) -> String {
    let all = &results.endpoints;
    if results.loss == "flip" || all.iter().any(|of| of.index.is_none() || of.clean.risk.estimate.is_none()) {
        return String::new();
    }
    let index = |of: &ComparedSummary| of.index.unwrap_or_default();
    let risks: Vec<&Bounded> = all.iter().map(|of| &of.clean.risk).collect();
    let indices: Vec<&Bounded> = all.iter().filter_map(|of| of.index.as_ref()).collect();
    let for_index = Digits::among(&indices, 0.01);
    let for_risk = if risks.iter().all(|risk| risk.upper.is_none()) {
        digits(results)
    } else {
        Digits::among(&risks, 0.01)
    };
    let clean = |of: &ComparedSummary| {
        if of.clean.exact { "known".to_owned() } else { limits(for_risk, &of.clean.risk) }
    };
    let table = tables(
        Column::some("endpoint", all, |of| of.endpoint.clone()),
        vec![
            vec![
                Column::some("clean risk", all, |of| for_risk.estimate(&of.clean.risk)),
                Column::some("[lower, upper]", all, clean),
            ],
            vec![
                Column::some("robustness index", all, |of| for_index.estimate(&index(of))),
                Column::some("[lower, upper]", all, |of| limits(for_index, &index(of))),
            ],
        ],
        None,
    );
    let what = if results.loss == "error" { "1 - risk" } else { "clean risk / risk" };
    let told = format!(
        "robustness index: the mean over the levels of {what}; its limits follow from those of the risks"
    );
    format!("{table}\n{}", wrap(&told, 2))
}

/// One line for each level with missing pairs.
fn unanswered(results: &Compared) -> String {
    let lines = results.levels.iter().filter_map(|level| {
        let missing: Vec<String> = level
            .differences
            .iter()
            .filter(|of| of.unanswered > 0)
            .map(|of| format!("{} of {} pairs with {}", of.unanswered, level.draws, of.endpoint))
            .collect();
        let place =
            if level.level == 0.0 { "clean".to_owned() } else { format!("level {}", typed(level.level)) };
        (!missing.is_empty()).then(|| wrap(&format!("unanswered at {place}: {}", list(&missing)), 2))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One line for each endpoint of which answers count that no clean row speaks for.
fn unconfirmed(comparison: &Comparison) -> String {
    let lines = comparison.run.endpoints.iter().filter_map(|run| {
        let count = run.identity.filter(|identity| identity.unconfirmed > 0)?.unconfirmed;
        let which = if count == 1 { "1 answer that counts" } else { &format!("{count} answers that count") };
        let told = format!(
            "identity of the model of {}: {which} came after the last clean row that was answered as at the start, and may \
             be of another model",
            run.endpoint
        );
        Some(wrap(&told, 2))
    });
    lines.collect::<Vec<_>>().join("\n")
}
