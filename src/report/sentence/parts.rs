//! What each kind of number in a report means, and what it follows from: one sentence for each kind shown.
//!
//! The invariant: nothing is explained that is not in the report.

use super::about::risk_word;
use super::by_definition;
use crate::bound::Quantity;
use crate::config::question::{GateQuantity, Measured, QuantileSpec, Route};
use crate::report::numbers::typed;
use crate::report::text::{list, shorten};
use crate::report::walk::{Number, What, numbers};
use crate::results::{CleanAnswers, LevelResult, Report, Results};

/// The sentences for what is in `report`.
pub(super) fn parts(report: &Report) -> Vec<String> {
    [
        clean(report),
        differences(report),
        degradation(report),
        relative(&report.results),
        quantiles(report),
        data_set(report),
        slices(report),
        gates(report),
        critical(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn at_any_level(results: &Results, shown: impl Fn(&LevelResult) -> bool) -> bool {
    results.levels.iter().any(shown)
}

/// Where the clean risk comes from.
fn clean(report: &Report) -> Option<String> {
    let results = &report.results;
    if by_definition(results) {
        return None;
    }
    if results.clean.exact {
        let degraded = at_any_level(results, |l| l.degradation.is_some());
        let known = format!(
            "The clean {} is that of the clean answers recorded in this run, one for each row, so it is known exactly",
            risk_word(results)
        );
        return Some(if degraded {
            format!(
                "{known}; a degradation is the {} minus this number and holds whenever the risk's limits do.",
                risk_word(results)
            )
        } else {
            format!("{known}.")
        });
    }
    let limited = results.clean.risk.upper.is_some() || results.clean.risk.lower.is_some();
    limited
        .then(|| format!("The clean {} is bounded from draws of its own, like a level.", risk_word(results)))
}

fn differences(report: &Report) -> Option<String> {
    (report.question.route == Route::Differences).then(|| {
        format!(
            "Each {} is the known clean one plus the mean of the differences between the losses of the same row with \
             and without noise; these differences alone are what is bounded from draws.",
            risk_word(&report.results)
        )
    })
}

/// Degradations with claims of their own, where the clean risk is not known.
fn degradation(report: &Report) -> Option<String> {
    let results = &report.results;
    let claimed = results.claims.iter().any(|c| c.quantity == Quantity::Degradation);
    let shown = at_any_level(results, |l| l.degradation.is_some());
    (claimed && shown && !results.clean.exact).then(|| {
        let without = match results.clean_answers {
            CleanAnswers::Recorded => "the clean answer recorded for it",
            CleanAnswers::Fresh => "a clean answer asked anew for each draw",
        };
        format!(
            "A degradation is paired: the mean of the loss of a row with noise minus that of the same row by {without}, \
             with limits of its own; it is not the difference of the two estimates shown."
        )
    })
}

fn relative(results: &Results) -> Option<String> {
    at_any_level(results, |l| l.relative.is_some()).then(|| {
        "A relative degradation is the degradation in per cent of the clean risk; its limits follow from those of both, \
         and it is shown only where the clean risk is surely above 0."
            .to_owned()
    })
}

/// What a quantile is, with the first one as an example.
fn quantiles(report: &Report) -> Option<String> {
    let results = &report.results;
    let mut shown = results.levels.iter().flat_map(|l| &l.quantiles);
    let first = shown.next()?;
    let mut of: Vec<Measured> = std::iter::once(first).chain(shown).map(|q| q.of).collect();
    of.sort_unstable();
    of.dedup();
    let of: Vec<String> = of.into_iter().map(measured).collect();
    let spec = QuantileSpec { of: first.of, percent: first.percent };
    Some(format!(
        "A quantile such as {spec} is the value that {} % of all draws at its level stay at or below, over the same rows \
         and noise; {}.",
        typed(first.percent),
        list(&of),
    ))
}

fn measured(of: Measured) -> String {
    match of {
        Measured::AbsoluteError => {
            "absolute-error is the distance of a prediction from its target".to_owned()
        }
        Measured::Shift => "shift is its distance from the clean prediction of the same row".to_owned(),
    }
}

fn data_set(report: &Report) -> Option<String> {
    let limited = |l: &LevelResult| l.data_set.as_ref().is_some_and(|d| d.mean.upper.is_some());
    at_any_level(&report.results, limited).then(|| {
        "A limit for the data set is the mean loss of one of its passes; how many passes there are was fixed before the \
         first query, and it is stated only where all of them are complete."
            .to_owned()
    })
}

fn slices(report: &Report) -> Option<String> {
    let slice = report.question.slice.as_ref()?;
    at_any_level(&report.results, |l| !l.slices.is_empty()).then(|| {
        let tails = at_any_level(&report.results, |l| l.slices.iter().any(|slice| slice.tail.is_some()));
        let cap = report.results.cap.filter(|_| tails).map(typed);
        let tail = cap.map_or_else(String::new, |cap| {
            format!(", and its P(L > {cap}) is how often their losses are above the cap")
        });
        format!(
            "A slice is the rows with one value of `{}`; its {} is the mean over these rows alone{tail}.",
            shorten(&slice.column, 40),
            risk_word(&report.results),
        )
    })
}

/// What gates are about, where that is not the risk.
fn gates(report: &Report) -> Option<String> {
    let mut all: Vec<String> = Vec::new();
    for gate in &report.question.gates {
        let told = match gate.quantity {
            GateQuantity::Risk => continue,
            GateQuantity::Degradation => format!(
                "a gate on degradation is about the {} minus the clean one, row by row",
                risk_word(&report.results)
            ),
            GateQuantity::Quantile(q) => format!(
                "a gate on {q} is about the value that {} % of all draws at its level stay at or below",
                typed(q.percent)
            ),
            GateQuantity::DataSet(share) => format!(
                "a gate on the data set is about its mean loss under {} % of all fresh draws of the noise",
                percent_of(share)
            ),
        };
        if !all.contains(&told) {
            all.push(told);
        }
    }
    let mut text = format!("{}.", all.join("; "));
    (!all.is_empty()).then(|| {
        text.replace_range(..1, "A");
        text
    })
}

/// A share that somebody typed, in per cent.
pub fn percent_of(share: f64) -> String {
    // `0.07 * 100` is not 7.
    typed(format!("{:.10e}", share * 100.0).parse().unwrap_or(share * 100.0))
}

fn critical(report: &Report) -> Option<String> {
    report.results.critical.as_ref().map(|_| {
        format!(
            "What holds up to a level is stated of the {} at the levels of the list, not between them.",
            risk_word(&report.results)
        )
    })
}

/// That numbers without limits are no claims, where there are such.
pub(super) fn estimates(results: &Results) -> Option<String> {
    let numbers = numbers(results);
    let bare = |risk: bool| {
        let without =
            |n: &&Number| !n.exact && n.value.estimate.is_some() && n.value.lower.or(n.value.upper).is_none();
        numbers.iter().filter(without).any(|n| (n.what == What::Risk) == risk)
    };
    match (bare(true), bare(false)) {
        (_, true) => {
            Some("A number without limits is an estimate, about which nothing is claimed.".to_owned())
        }
        (true, false) => Some(format!(
            "A {} without limits is an estimate, about which nothing is claimed.",
            risk_word(results)
        )),
        (false, false) => None,
    }
}
