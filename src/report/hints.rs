//! What to do next when something stayed open.
//!
//! Advice only: nothing here is a claim, and nothing here repeats a number of the results.

use super::numbers::typed;
use super::sentence::{at, risk_word};
use super::text::{list, shorten};
use crate::results::{LevelResult, Report, Stopped, Verdict};

/// One piece of advice for each kind of thing that stayed open; none when all was answered.
pub(super) fn hints(report: &Report) -> Vec<String> {
    [
        budget(report),
        rows(report),
        gates(report),
        quantiles(report),
        passes(report),
        cut(report),
        unanswered(report),
        inconsistent(report),
        strangers(report),
        report.endpoint.hint.clone(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The levels that ended for `stopped`, as they were typed; clean is 0.
fn levels(report: &Report, stopped: Stopped) -> Vec<String> {
    let clean = (report.results.clean.stopped == Some(stopped)).then(|| "0 (clean)".to_owned());
    let noisy = report.results.levels.iter().filter(|l| l.stopped == stopped).map(|l| typed(l.level));
    clean.into_iter().chain(noisy).collect()
}

fn budget(report: &Report) -> Option<String> {
    let open = levels(report, Stopped::Budget);
    if open.is_empty() {
        return None;
    }
    let queries = report.conduct.queries;
    Some(match report.question.precision {
        Some(precision) => format!(
            "The budget of {queries} queries ended before the precision of {} was reached at {}: go on with \
             `noisebound audit --resume DIR` and a larger -n, or ask for a looser --precision in a new audit.",
            typed(precision),
            at(&open),
        ),
        None => format!(
            "The budget of {queries} queries ended at {}: go on with `noisebound audit --resume DIR` and a larger -n.",
            at(&open)
        ),
    })
}

fn rows(report: &Report) -> Option<String> {
    let ended = levels(report, Stopped::Rows);
    (!ended.is_empty()).then(|| {
        format!(
            "All rows were used up at {}: ask for a new audit with more rows of the population, or with a looser \
             --precision.",
            at(&ended),
        )
    })
}

/// Quantiles that have a lower limit and no upper one yet, because too few draws can be above them.
fn quantiles(report: &Report) -> Option<String> {
    let open =
        |l: &&LevelResult| l.quantiles.iter().any(|q| q.value.lower.is_some() && q.value.upper.is_none());
    let open: Vec<String> = report.results.levels.iter().filter(open).map(|l| typed(l.level)).collect();
    (!open.is_empty()).then(|| {
        format!(
            "A quantile is not bounded above yet at {}: ask for a new audit with a finer --precision, or for a lower \
             quantile.",
            at(&open),
        )
    })
}

/// Levels whose passes over the whole data set are not complete, although the run was not cut.
fn passes(report: &Report) -> Option<String> {
    let short = |l: &&LevelResult| {
        l.stopped != Stopped::Cut && l.data_set.as_ref().is_some_and(|d| d.passes < d.planned)
    };
    let open: Vec<String> = report.results.levels.iter().filter(short).map(|l| typed(l.level)).collect();
    (!open.is_empty()).then(|| {
        format!(
            "The limit for the data set needs all planned passes at {}: go on with `noisebound audit --resume DIR` and \
             a larger -n.",
            at(&open)
        )
    })
}

/// Gates that stopped undecided although nothing ran out: the risk lies at the threshold.
fn gates(report: &Report) -> Option<String> {
    let ended = |level: Option<f64>, stopped: Stopped| {
        let concerned = |l: &&LevelResult| level.is_none_or(|level| level == l.level);
        report.results.levels.iter().filter(concerned).all(|l| l.stopped == stopped)
    };
    let close: Vec<String> = report
        .question
        .gates
        .iter()
        .zip(&report.results.gates)
        .filter(|(asked, got)| got.verdict == Verdict::Undecided && ended(asked.level, Stopped::Gate))
        .map(|(asked, _)| format!("`{}`", shorten(&asked.text, 60)))
        .collect();
    let met: bool = report
        .question
        .gates
        .iter()
        .zip(&report.results.gates)
        .any(|(asked, got)| got.verdict == Verdict::Undecided && ended(asked.level, Stopped::Precision));
    if !close.is_empty() {
        let risk = report.question.gates.iter().all(|g| g.quantity.is_risk());
        return Some(format!(
            "{} lies too close to the threshold of {} for a verdict: move the threshold, or lower \
             --gate-resolution and raise -n.",
            if risk { format!("The {}", risk_word(&report.results)) } else { "What was measured".to_owned() },
            list(&close),
        ));
    }
    met.then(|| {
        "A gate is still undecided where the precision was reached: ask for a finer --precision, or for the gate \
         without one."
            .to_owned()
    })
}

fn cut(report: &Report) -> Option<String> {
    report.run.cut.as_ref()?;
    if report.run.model_unknown > 0 {
        return Some(format!(
            "{} answers do not count, because another model may have given them: audit the model that serves now in a \
             new audit. Where it is the same, it does not repeat its answers, which --noise-floor measures.",
            report.run.model_unknown
        ));
    }
    let advice = match report.run.exit_code {
        // Answers that contradict the plan cannot be mended by asking on.
        4 => {
            "The answers contradict the plan: mend the plan or the endpoint, and start a new audit with a new seed."
        }
        3 if report.run.queries == 0 => {
            "Mend the endpoint, then go on with `noisebound audit --resume DIR`; or mend the flags (`noisebound inspect` \
             shows which fit) and start a new audit."
        }
        3 => {
            "Mend the endpoint, then go on with `noisebound audit --resume DIR`; what was answered is not asked again."
        }
        _ => "Go on with `noisebound audit --resume DIR`; what was answered is not asked again.",
    };
    Some(advice.to_owned())
}

fn unanswered(report: &Report) -> Option<String> {
    let ended = levels(report, Stopped::Unanswered);
    if ended.is_empty() {
        return None;
    }
    let kinds: Vec<String> = report
        .run
        .failure_kinds
        .iter()
        .take(5)
        .map(|(kind, n)| format!("{n} {}", shorten(kind, 30)))
        .collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" (failures: {})", list(&kinds)) };
    Some(format!(
        "Too many draws stayed unanswered at {}{kinds}: find out why the endpoint refuses such rows, or narrow the \
         noise with --clip.",
        at(&ended),
    ))
}

fn inconsistent(report: &Report) -> Option<String> {
    let ended = levels(report, Stopped::Inconsistent);
    (!ended.is_empty()).then(|| {
        format!(
            "Look for what changed at the endpoint while {} ran (a new version, several replicas that differ, load), \
             then start a new audit, with a new seed.",
            at(&ended),
        )
    })
}

/// Clean rows that are all answered wrongly: the model and the targets may speak of different classes.
fn strangers(report: &Report) -> Option<String> {
    let clean = &report.results.clean;
    let all = report.question.loss.name == "error" && clean.exact && clean.risk.estimate == Some(1.0);
    all.then(|| {
        "Every clean row is answered otherwise than its target says, so that noise can make nothing worse: see whether \
         the targets name the classes as the model does (`noisebound inspect` shows both), or ask for --loss flip."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn nothing_is_advised_when_all_was_answered() {
        for report in [samples::precise(), samples::upper_alone(), samples::promised_range()] {
            assert_eq!(hints(&report), Vec::<String>::new());
        }
    }

    #[test]
    fn each_open_end_gets_its_own_advice() {
        for (report, starts) in vec![
            (
                samples::gates_alone(),
                vec!["The budget of 10000 queries ended at level 0.3", "The risk lies too close"],
            ),
            (samples::flips(), vec!["The budget of 10000 queries ended before the precision of 0.05"]),
            (samples::cut_short(), vec!["Go on with `noisebound audit --resume DIR`"]),
            (
                samples::unanswered(),
                vec!["Too many draws stayed unanswered at level 0.2 (failures: 2 malformed and"],
            ),
            (samples::inconsistent(), vec!["Look for what changed at the endpoint while level 0.2 ran"]),
            (samples::nothing(), vec!["Mend the endpoint"]),
            (samples::population(), vec!["All rows were used up at levels 0 (clean), 0.1 and 0.2"]),
            (samples::capped(), vec!["A quantile is not bounded above yet at levels 0.5, 1 and 2"]),
            // The level that lacks passes was cut, for which there is advice already.
            (samples::passes(), vec!["Go on with"]),
        ] {
            let said = hints(&report);
            assert_eq!(said.len(), starts.len(), "{said:?}");
            for (said, start) in said.iter().zip(starts) {
                assert!(said.starts_with(start), "{said}");
            }
        }
    }

    /// Another flag is another question, so that going on with the folder would be refused.
    #[test]
    fn where_nothing_was_answered_the_flags_may_be_wrong() {
        let mut report = samples::nothing();
        report.run.queries = 0;
        let said = hints(&report);
        assert!(said[0].contains("`noisebound inspect` shows which fit) and start a new audit"), "{said:?}");
    }

    #[test]
    fn a_run_that_contradicts_the_plan_is_told_to_mend_it() {
        let mut report = samples::cut_short();
        report.run.exit_code = 4;
        assert!(hints(&report).iter().any(|h| h.starts_with("The answers contradict the plan")));
    }

    #[test]
    fn passes_that_the_budget_did_not_cover_are_told() {
        let mut report = samples::passes();
        report.run.cut = None;
        report.results.levels[1].stopped = Stopped::Budget;
        let said = hints(&report).join("\n");
        assert!(said.contains("needs all planned passes at level 1:"), "{said}");
    }

    #[test]
    fn what_lies_too_close_is_named() {
        let mut report = samples::capped();
        report.results.gates[0].verdict = Verdict::Undecided;
        report.results.levels[0].stopped = Stopped::Gate;
        assert!(hints(&report)[0].starts_with("What was measured lies too close to the threshold of `q90"));
        report
            .question
            .gates
            .iter_mut()
            .for_each(|g| g.quantity = crate::config::question::GateQuantity::Risk);
        assert!(hints(&report)[0].starts_with("The capped risk E[min(L, 25)] lies too close"));
    }

    #[test]
    fn a_gate_left_open_by_its_precision_is_told_apart_from_one_too_close() {
        let mut report = samples::precise();
        report.results.gates[1].verdict = Verdict::Undecided;
        assert!(hints(&report)[0].contains("finer --precision"));
        report.results.levels[2].stopped = Stopped::Gate;
        assert!(hints(&report)[0].contains("too close to the threshold of `error@0.2 <= 0.15`"));
    }
}
