//! What a report claims, in plain sentences: the probability, what it is about, and what it assumes.
//!
//! [`about`] says what is bounded, `parts` what each kind of number means, `ends` what was special in this run.
//! The invariant: a sentence speaks of limits only where limits are printed, and of verdicts only where
//! one was reached. Where the methods come from is told in `docs/guarantees.md`.

pub mod about;
mod ends;
pub mod form;
mod parts;

pub use about::{level_unit, risk_name, risk_word};
pub(super) use parts::percent_of;

use super::numbers::typed;
use super::text::{list, shorten};
use super::walk::numbers;
use crate::bound::Quantity;
use crate::config::question::Scope;
use crate::results::{Report, Results, Verdict};

/// The guarantee, one paragraph each: what holds and how surely, what it is about, what it assumes, and
/// what is special in this report.
pub fn guarantee(report: &Report) -> Vec<String> {
    let results = &report.results;
    let mut all = Vec::new();
    if let Some(stated) = stated(results) {
        all.push(if results.asymptotic { asymptotic(report, stated) } else { holds(report, stated) });
        all.extend(parts::estimates(results));
        all.push(about::about(report));
        all.extend(form::form(&report.question));
        all.extend(about::cap(results));
        all.extend(parts::parts(report));
        all.push(about::assumptions(report));
        all.extend(methods(results));
    } else {
        all.push("Nothing is claimed: no limit and no verdict was reached.".to_owned());
    }
    all.extend(ends::ends(report));
    all
}

fn holds(report: &Report, stated: Stated) -> String {
    format!(
        "With probability at least {} over the choice of {}, {}, however often the audit looked and whenever it \
         stopped.",
        typed(report.results.confidence),
        match report.question.scope {
            Scope::DataSet => "the seed",
            Scope::Population => "the seed and of the rows",
        },
        stated.words(" above"),
    )
}

fn asymptotic(report: &Report, stated: Stated) -> String {
    format!(
        "That {} is ASYMPTOTIC: the probability of it comes near {} as the draws of a level grow in number, and is not \
         known for any number of them. Losses with heavy tails break it.",
        stated.words(" above"),
        typed(report.results.confidence),
    )
}

/// A loud line where limits are asymptotic, or where more than noise changes the rows; for the head of every output.
pub fn warning(report: &Report) -> Option<String> {
    let asymptotic = report.results.asymptotic.then(|| {
        "ASYMPTOTIC LIMITS: not sure to hold for any number of draws; heavy tails break them.".to_owned()
    });
    let loud: Vec<String> = asymptotic.into_iter().chain(form::compressed(&report.question)).collect();
    (!loud.is_empty()).then(|| loud.join(" "))
}

/// The guarantee in one line, for a caption.
pub fn short(report: &Report) -> String {
    let (confidence, rows) = (typed(report.results.confidence), report.data.rows);
    let Some(stated) = stated(&report.results) else {
        return "Nothing is claimed: no limit and no verdict was reached.".to_owned();
    };
    if report.results.asymptotic {
        return format!("With many draws, probability near {confidence}: {}.", stated.words(""));
    }
    match report.question.scope {
        Scope::DataSet => format!(
            "With probability at least {confidence} over the seed, {}, for {rows} rows and this noise.",
            stated.words("")
        ),
        Scope::Population => format!(
            "With probability at least {confidence} over seed and rows, {}, for the population and this noise.",
            stated.words("")
        ),
    }
}

/// What a report states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stated {
    Limits,
    UpperLimits,
    Verdicts,
    LimitsAndVerdicts,
    UpperLimitsAndVerdicts,
}

impl Stated {
    /// `all limits above hold together`, with `place` for `above`.
    fn words(self, place: &str) -> String {
        match self {
            Stated::Limits => format!("all limits{place} hold together"),
            Stated::UpperLimits => format!("all upper limits{place} hold together"),
            Stated::Verdicts => format!("all verdicts{place} are right together"),
            Stated::LimitsAndVerdicts => format!("all limits and verdicts{place} hold together"),
            Stated::UpperLimitsAndVerdicts => format!("all upper limits and verdicts{place} hold together"),
        }
    }
}

/// What holds, or nothing.
fn stated(results: &Results) -> Option<Stated> {
    let all = numbers(results);
    let limits = || all.iter().filter(|n| !n.exact);
    let lower = limits().any(|n| n.value.lower.is_some());
    let upper = limits().any(|n| n.value.upper.is_some());
    let decided = results.gates.iter().any(|g| g.verdict != Verdict::Undecided);
    let critical =
        results.critical.as_ref().is_some_and(|c| c.level.is_some() || c.verdict != Verdict::Undecided);
    match (lower, upper, decided || critical) {
        (false, true, true) => Some(Stated::UpperLimitsAndVerdicts),
        (false, true, false) => Some(Stated::UpperLimits),
        (true, _, true) => Some(Stated::LimitsAndVerdicts),
        (true, _, false) => Some(Stated::Limits),
        (false, false, true) => Some(Stated::Verdicts),
        (false, false, false) => None,
    }
}

/// Which methods each kind of claim is by.
fn methods(results: &Results) -> Option<String> {
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for claim in &results.claims {
        let (name, method) = (quantity(claim.quantity), shorten(&claim.method, 30));
        match kinds.iter_mut().find(|(kind, _)| *kind == name) {
            Some((_, methods)) if methods.contains(&method) => (),
            Some((_, methods)) => methods.push(method),
            None => kinds.push((name, vec![method])),
        }
    }
    // A gate is decided by a gate, and a quantile bounded as one: that tells nobody anything.
    let telling = kinds.iter().filter(|(name, methods)| methods.iter().any(|method| method != name));
    let kinds: Vec<String> = telling.map(|(name, methods)| format!("{name} by {}", list(methods))).collect();
    (!kinds.is_empty())
        .then(|| format!("Methods: {}; docs/guarantees.md says what each rests on.", kinds.join(", ")))
}

/// What a claim is about, as `docs/guarantees.md` names it.
pub(super) fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Risk => "risk",
        Quantity::Degradation => "degradation",
        Quantity::Tail => "tail",
        Quantity::Quantile => "quantile",
        Quantity::DataSet => "data set",
        Quantity::NoiseFloor => "noise floor",
        Quantity::Critical => "critical level",
        Quantity::Gate => "gate",
    }
}

/// Whether the clean risk is 0 because predictions are compared with the clean answers themselves.
pub(super) fn by_definition(results: &Results) -> bool {
    results.loss == "flip" && results.clean.exact
}

/// `level 0.1`, `levels 0.1 and 0.2`.
pub(super) fn at(levels: &[String]) -> String {
    format!("level{} {}", if levels.len() == 1 { "" } else { "s" }, list(levels))
}

#[cfg(test)]
mod tests;
