//! What a report claims, in plain sentences: the probability, what it is about, and what it assumes.
//!
//! The invariant: a sentence speaks of limits only where limits are printed, and of verdicts only where
//! one was reached. Where the methods come from is told in `docs/guarantees.md`.

use super::numbers::typed;
use super::text::{list, shorten};
use crate::config::question::{NoiseSpec, Scale, Scope};
use crate::results::{CleanAnswers, Report, Results, Stopped, Verdict};

/// The guarantee, one paragraph each: what holds and how surely, what it is about, what it assumes, and
/// what is special in this report.
pub fn guarantee(report: &Report) -> Vec<String> {
    let results = &report.results;
    let mut all = Vec::new();
    if let Some(stated) = stated(results) {
        all.push(format!(
            "With probability at least {} over the choice of the seed, {stated}, however often the audit looked \
             and whenever it stopped.",
            typed(results.confidence),
        ));
        all.extend(estimates(&report.results));
        all.push(about(report));
        all.extend(clean(report));
        all.push(assumptions(report));
    } else {
        all.push("Nothing is claimed: no limit and no verdict was reached.".to_owned());
    }
    all.extend(unanswered(results));
    all.extend(cut(report));
    all.extend(inconsistent(results));
    all
}

/// The guarantee in one line, for a caption.
pub fn short(report: &Report) -> String {
    match stated(&report.results) {
        Some(stated) => format!(
            "With probability at least {} over the seed, {}, for these {} rows and this noise.",
            typed(report.results.confidence),
            stated.replace(" above", ""),
            report.data.rows,
        ),
        None => "Nothing is claimed: no limit and no verdict was reached.".to_owned(),
    }
}

/// What holds, or nothing.
fn stated(results: &Results) -> Option<&'static str> {
    let risks = || {
        let levels =
            results.levels.iter().flat_map(|l| std::iter::once(&l.risk).chain(l.degradation.as_ref()));
        levels.chain(std::iter::once(&results.clean.risk).filter(|_| !results.clean.exact))
    };
    let lower = risks().any(|b| b.lower.is_some());
    let upper = risks().any(|b| b.upper.is_some());
    let decided = results.gates.iter().any(|g| g.verdict != Verdict::Undecided);
    match (lower, upper, decided) {
        (false, true, true) => Some("all upper limits and verdicts above hold together"),
        (false, true, false) => Some("all upper limits above hold together"),
        (true, _, true) => Some("all limits and verdicts above hold together"),
        (true, _, false) => Some("all limits above hold together"),
        (false, false, true) => Some("all verdicts above are right together"),
        (false, false, false) => None,
    }
}

/// That numbers without limits are no claims, where there are such.
fn estimates(results: &Results) -> Option<String> {
    let bare = |b: &crate::results::Bounded| b.estimate.is_some() && b.lower.or(b.upper).is_none();
    let clean = bare(&results.clean.risk) && !results.clean.exact;
    let bare = clean || results.levels.iter().any(|l| bare(&l.risk));
    bare.then(|| "A risk without limits is an estimate, about which nothing is claimed.".to_owned())
}

/// What the claims are about.
fn about(report: &Report) -> String {
    let rows = report.data.rows;
    let over = match report.question.scope {
        Scope::DataSet => format!("the {rows} rows of this data set, drawn uniformly with replacement,"),
        Scope::Population => format!("the population from which the {rows} rows are independent draws,"),
    };
    let noise = noise(&report.question.noise);
    let mean = mean_of_loss(&report.results);
    format!("The risk is {mean}, over {over} and over {noise}. It says nothing about other data.")
}

/// The risk in words.
fn mean_of_loss(results: &Results) -> String {
    match (results.loss.as_str(), results.clean_answers) {
        ("error", _) => "the share of wrong predictions".to_owned(),
        ("flip", CleanAnswers::Recorded) => {
            "the share of predictions that differ from the clean answers recorded in this run".to_owned()
        }
        ("flip", CleanAnswers::Fresh) => {
            "the share of predictions that differ from the answer to the same row \
             without noise, asked anew for each draw"
                .to_owned()
        }
        (loss, _) => format!("the {}", risk_name(loss)),
    }
}

/// The short name of a loss's mean: `error rate`, `mean squared error`.
pub fn risk_name(loss: &str) -> String {
    match loss {
        "error" | "flip" => format!("{loss} rate"),
        "squared-error" => "mean squared error".to_owned(),
        "absolute-error" => "mean absolute error".to_owned(),
        other => format!("mean {}", shorten(other, 40)),
    }
}

/// What a level measures: `standard deviation, in units of the data`.
pub fn level_unit(noise: &NoiseSpec) -> String {
    let measure = match noise.family.as_str() {
        "gaussian" => "standard deviation, ",
        "uniform" => "half-width, ",
        _ => "",
    };
    let unit = match noise.scale {
        Scale::Absolute => "in units of the data",
        Scale::Std => "in standard deviations of each column",
    };
    format!("{measure}{unit}")
}

/// The noise in words.
fn noise(noise: &NoiseSpec) -> String {
    let mut parts =
        vec![format!("{} noise of the level (its {})", shorten(&noise.family, 40), level_unit(noise))];
    let columns = |names: &[String]| {
        let shown: Vec<String> = names.iter().take(5).map(|n| format!("`{}`", shorten(n, 30))).collect();
        match names.len() - shown.len() {
            0 => list(&shown),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    };
    if let Some(names) = noise.perturb.as_deref().filter(|n| !n.is_empty()) {
        parts.push(format!("added to {} alone", columns(names)));
    }
    if let Some(names) = noise.fix.as_deref().filter(|n| !n.is_empty()) {
        parts.push(format!("added to all columns but {}", columns(names)));
    }
    if let Some((low, high)) = noise.clip {
        parts.push(format!("the sum held inside [{}, {}]", typed(low), typed(high)));
    }
    parts.join(", ")
}

/// Whether the clean risk is 0 because predictions are compared with the clean answers themselves.
pub(super) fn by_definition(results: &Results) -> bool {
    results.loss == "flip" && results.clean.exact
}

/// Where the clean risk comes from.
fn clean(report: &Report) -> Option<String> {
    let results = &report.results;
    if by_definition(results) {
        return None;
    }
    if results.clean.exact {
        let degraded = results.levels.iter().any(|l| l.degradation.is_some());
        let known = "The clean risk is that of the clean answers recorded in this run, one for each row, so it is \
                     known exactly";
        return Some(if degraded {
            format!(
                "{known}; a degradation is the risk minus this number and holds whenever the risk's limits do."
            )
        } else {
            format!("{known}.")
        });
    }
    let limited = results.clean.risk.upper.is_some() || results.clean.risk.lower.is_some();
    limited.then(|| "The clean risk is bounded from draws of its own, like a level.".to_owned())
}

/// What has to be true for the claims to hold.
fn assumptions(report: &Report) -> String {
    let mut all = vec![
        "that the endpoint answers a row with the same distribution throughout (it does not drift)"
            .to_owned(),
    ];
    if let Some((low, high)) = report.question.loss.range {
        all.push(format!(
            "that every {} lies within [{}, {}], as was promised",
            report.results.loss,
            typed(low),
            typed(high)
        ));
    }
    all.push("and that the seed has not been used on this model and data to choose the plan".to_owned());
    format!("This assumes {}.", all.join("; "))
}

fn unanswered(results: &Results) -> Option<String> {
    let any = results.clean.unanswered > 0 || results.levels.iter().any(|l| l.unanswered > 0);
    any.then(|| {
        "A draw that stayed unanswered is neither dropped nor replaced: it counts with the worst loss for upper \
         limits, with the best loss for lower limits, and against whichever verdict is tested."
            .to_owned()
    })
}

fn cut(report: &Report) -> Option<String> {
    let stopped = |l: &&crate::results::LevelResult| l.stopped == Stopped::Cut;
    let levels: Vec<String> = report.results.levels.iter().filter(stopped).map(|l| typed(l.level)).collect();
    let why = report.run.cut.as_deref().map_or_else(String::new, |why| format!(" ({})", shorten(why, 200)));
    if levels.is_empty() {
        return report.run.cut.as_ref().map(|_| format!("The run was cut{why}."));
    }
    let limits = report
        .results
        .levels
        .iter()
        .filter(stopped)
        .any(|l| l.risk.upper.is_some() || l.risk.lower.is_some());
    let still =
        if limits { " Limits read there hold as the others do, but are wider than asked." } else { "" };
    Some(format!("The run was cut{why} before it was done at {}.{still}", at(&levels)))
}

fn inconsistent(results: &Results) -> Option<String> {
    let levels: Vec<String> = results
        .levels
        .iter()
        .filter(|l| l.stopped == Stopped::Inconsistent)
        .map(|l| typed(l.level))
        .chain((results.clean.stopped == Some(Stopped::Inconsistent)).then(|| "0 (clean)".to_owned()))
        .collect();
    (!levels.is_empty()).then(|| {
        format!(
            "The limits contradict each other at {}, so none is stated there: either the endpoint does not answer \
             in the same way throughout, or an event happened whose probability is at most {}.",
            at(&levels),
            typed(1.0 - results.confidence),
        )
    })
}

/// `level 0.1`, `levels 0.1 and 0.2`.
pub(super) fn at(levels: &[String]) -> String {
    format!("level{} {}", if levels.len() == 1 { "" } else { "s" }, list(levels))
}

#[cfg(test)]
mod tests;
