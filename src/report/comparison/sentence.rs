//! What a comparison claims, in plain sentences.
//!
//! The invariant: a sentence speaks of limits only where limits are printed, and of verdicts only where one was
//! reached.

use super::super::numbers::typed;
use super::super::sentence::about::{mean_of_loss, noise, scale_of_sample};
use super::super::sentence::form::form;
use super::super::text::{list, shorten};
use crate::comparison::{Compared, ComparedLevel, Comparison, Sign};
use crate::config::question::Scope;
use crate::results::{Results, Stopped, Verdict};

/// The guarantee, one paragraph each.
pub fn guarantee(comparison: &Comparison) -> Vec<String> {
    let results = &comparison.results;
    let mut all = Vec::new();
    match stated(results) {
        Some(stated) => {
            all.push(format!(
                "With probability at least {} over the choice of {}, {stated}, however often the comparison looked and \
                 whenever it stopped.",
                typed(results.confidence),
                match comparison.question.scope {
                    Scope::DataSet => "the seed",
                    Scope::Population => "the seed and of the rows",
                },
            ));
            all.push(about(comparison));
            all.extend(form(&comparison.question));
            all.extend(capped(results));
            all.push(differences(comparison));
            all.extend(clean(results));
            all.push(
                "This assumes that each endpoint answers a row with the same distribution throughout (none drifts); \
                 and that the seed has not been used on these models and data to choose what is compared."
                    .to_owned(),
            );
        }
        None => all.push("Nothing is claimed: no limit and no verdict was reached.".to_owned()),
    }
    all.extend(ends(comparison));
    all
}

/// What holds, or nothing.
fn stated(results: &Compared) -> Option<&'static str> {
    let limits = results.levels.iter().any(|level| {
        let risks = level.risks.iter().map(|of| of.risk);
        risks.chain(level.differences.iter().map(|of| of.difference)).any(|b| b.upper.is_some())
    });
    let drawn = results.levels.iter().filter(|level| !level.exact).flat_map(|level| &level.differences);
    let verdicts = drawn.into_iter().any(|of| {
        matches!(of.sign, Some(Sign::Better | Sign::Worse))
            || matches!(of.margin, Some(Verdict::Holds | Verdict::Fails))
    });
    match (limits, verdicts) {
        (true, true) => Some("all limits and verdicts above hold together"),
        (true, false) => Some("all limits above hold together"),
        (false, true) => Some("all verdicts above are right together"),
        (false, false) => None,
    }
}

fn about(comparison: &Comparison) -> String {
    let results = &comparison.results;
    let answers = results.endpoints.first().map(|of| of.clean_answers).unwrap_or_default();
    let words = Results {
        loss: results.loss.clone(),
        cap: results.cap,
        clean_answers: answers,
        ..Results::default()
    };
    let (rows, noise) = (comparison.data.rows, noise(&comparison.question.noise));
    let over = match comparison.question.scope {
        Scope::DataSet => format!("the {rows} rows of this data set, drawn uniformly with replacement,"),
        Scope::Population => {
            format!("the population from which the {rows} rows are independent draws,")
        }
    };
    let elsewhere = match comparison.question.scope {
        Scope::DataSet => "It says nothing about other data.",
        Scope::Population => {
            "Each row is asked at most once at a level. A risk says something about other data where they are draws from \
             the same population, and nothing where they are not."
        }
    };
    let sample = scale_of_sample(&comparison.question, rows).unwrap_or_default();
    format!("A risk is {}, over {over} and over {noise}. {elsewhere}{sample}", mean_of_loss(&words))
}

/// What the cap does.
fn capped(results: &Compared) -> Option<String> {
    let cap = typed(results.cap?);
    Some(format!(
        "The losses are capped: one above {cap} counts as {cap}. How often losses are above it, and by how much, is not \
         compared."
    ))
}

fn differences(comparison: &Comparison) -> String {
    let reference = comparison.endpoints.first().map_or("A", |endpoint| endpoint.name.as_str());
    let mut told = format!(
        "Every endpoint was asked the same rows with the same noise. A difference is the risk of an endpoint minus that \
         of {reference}, from the losses of each draw side by side, with limits of its own: below 0 the endpoint \
         is better."
    );
    if comparison.results.levels.iter().flat_map(|level| &level.differences).any(|of| of.sign.is_some()) {
        told.push_str(
            " Better and worse are decided by the draws that one of the two lost alone; undecided says neither that \
             they are equal nor that they differ.",
        );
    }
    if let Some(margin) = comparison.margin {
        told = format!("{told} The margin holds where the difference is at most {}.", typed(margin));
    }
    told
}

fn clean(results: &Compared) -> Option<String> {
    let level = results.levels.first().filter(|level| level.level == 0.0 && level.stopped.is_none())?;
    Some(if level.exact {
        "The clean risks are those of the clean answers recorded in this run, one for each row, so they and their \
         differences are known exactly."
            .to_owned()
    } else {
        "The clean risks are estimates, about which nothing is claimed: some rows were not answered, or not twice in the \
         same way; --clean-pass 0 has them bounded."
            .to_owned()
    })
}

/// What was special in this run.
fn ends(comparison: &Comparison) -> Vec<String> {
    let results = &comparison.results;
    let mut all = Vec::new();
    if results.levels.iter().flat_map(|level| &level.differences).any(|of| of.unanswered > 0) {
        all.push(
            "A pair that lacks an answer is neither dropped nor replaced: the missing loss counts as the worst and as the \
             best, each where that widens the limits, and the pair counts against whichever verdict is tested."
                .to_owned(),
        );
    }
    let at = |stopped: Stopped| {
        let name = |level: &ComparedLevel| match level.level {
            0.0 => "clean".to_owned(),
            level => typed(level),
        };
        let levels: Vec<String> =
            results.levels.iter().filter(|level| level.stopped == Some(stopped)).map(name).collect();
        (!levels.is_empty()).then(|| list(&levels))
    };
    if let Some(levels) = at(Stopped::Budget) {
        all.push(format!(
            "The queries (-n, for each endpoint) were used up before the precision was reached at {levels}."
        ));
    }
    if let Some(levels) = at(Stopped::Inconsistent) {
        all.push(format!(
            "The limits contradict each other at {levels}, so no difference is stated there: either an endpoint does not \
             answer in the same way throughout, or an event happened whose probability is at most {}.",
            typed(1.0 - results.confidence)
        ));
    }
    if let Some(why) = &comparison.run.cut {
        all.push(format!("The run was cut ({}).", shorten(why, 200)));
    }
    all
}
