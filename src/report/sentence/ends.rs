//! What is special about how a report ended: draws without an answer, a cut, limits that contradict each other.

use super::about::risk_word;
use super::at;
use crate::report::numbers::typed;
use crate::report::text::shorten;
use crate::results::{LevelResult, Report, Results, Stopped};

/// One sentence for each thing that happened.
pub(super) fn ends(report: &Report) -> Vec<String> {
    let results = &report.results;
    [unanswered(results), rows(results), cut(report), inconsistent(results)].into_iter().flatten().collect()
}

fn unanswered(results: &Results) -> Option<String> {
    let floor = results.noise_floor.as_ref().is_some_and(|f| f.unanswered > 0);
    let any = floor || results.clean.unanswered > 0 || results.levels.iter().any(|l| l.unanswered > 0);
    any.then(|| {
        "A draw that stayed unanswered is neither dropped nor replaced: it counts with the worst loss for upper \
         limits, with the best loss for lower limits, and against whichever verdict is tested."
            .to_owned()
    })
}

/// The levels that stopped for `stopped`, as they were typed; clean is 0.
fn levels(results: &Results, stopped: Stopped) -> Vec<String> {
    let noisy = results.levels.iter().filter(|l| l.stopped == stopped).map(|l| typed(l.level));
    noisy.chain((results.clean.stopped == Some(stopped)).then(|| "0 (clean)".to_owned())).collect()
}

fn rows(results: &Results) -> Option<String> {
    let levels = levels(results, Stopped::Rows);
    (!levels.is_empty()).then(|| {
        format!(
            "Each row was asked once at {}, and asking one again would tell nothing new about the population: the limits \
             on the {} there hold, but are wider than asked.",
            at(&levels),
            risk_word(results),
        )
    })
}

fn cut(report: &Report) -> Option<String> {
    let stopped = |l: &&LevelResult| l.stopped == Stopped::Cut;
    let levels: Vec<String> = report.results.levels.iter().filter(stopped).map(|l| typed(l.level)).collect();
    // How an answer begins stands in the error; what would fit, before it, is what helps.
    let told = |why: &str| shorten(why.split("; it begins").next().unwrap_or(why), 400);
    let why = report.run.cut.as_deref().map_or_else(String::new, |why| format!(" ({})", told(why)));
    if levels.is_empty() {
        return report.run.cut.as_ref().map(|_| format!("The run was cut{why}."));
    }
    let limited = |l: &LevelResult| l.risk.upper.is_some() || l.risk.lower.is_some();
    let limits = report.results.levels.iter().filter(stopped).any(limited);
    let still =
        if limits { " Limits read there hold as the others do, but are wider than asked." } else { "" };
    Some(format!("The run was cut{why} before it was done at {}.{still}", at(&levels)))
}

fn inconsistent(results: &Results) -> Option<String> {
    let levels = levels(results, Stopped::Inconsistent);
    (!levels.is_empty()).then(|| {
        format!(
            "The limits contradict each other at {}, so none is stated there: either the endpoint does not answer \
             in the same way throughout, or an event happened whose probability is at most {}.",
            at(&levels),
            typed(1.0 - results.confidence),
        )
    })
}
