//! What to do next when something stayed open.
//!
//! Advice only: nothing here is a claim, and nothing here repeats a number of the results.

use super::numbers::typed;
use super::sentence::at;
use super::text::{list, shorten};
use crate::results::{Report, Stopped, Verdict};

/// One piece of advice for each kind of thing that stayed open; none when all was answered.
pub(super) fn hints(report: &Report) -> Vec<String> {
    [budget(report), gates(report), cut(report), unanswered(report), inconsistent(report)]
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
            "The budget of {queries} queries ended before the precision of {} was reached at {}: ask for a new \
             audit with a larger -n or a looser --precision.",
            typed(precision),
            at(&open),
        ),
        None => format!(
            "The budget of {queries} queries ended at {}: ask for a new audit with a larger -n.",
            at(&open)
        ),
    })
}

/// Gates that stopped undecided although nothing ran out: the risk lies at the threshold.
fn gates(report: &Report) -> Option<String> {
    let ended = |level: Option<f64>, stopped: Stopped| {
        let concerned = |l: &&crate::results::LevelResult| level.is_none_or(|level| level == l.level);
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
        return Some(format!(
            "The risk lies too close to the threshold of {} for a verdict: move the threshold, or lower \
             --gate-resolution and raise -n.",
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
    let advice = match report.run.exit_code {
        // Answers that contradict the plan cannot be mended by asking on.
        4 => {
            "The answers contradict the plan: mend the plan or the endpoint, and start a new audit with a new seed."
        }
        3 => "Mend the endpoint, then start a new audit; what was answered stays in the journal of this one.",
        _ => "Start a new audit; what was answered stays in the journal of this one.",
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
        for (report, starts) in [
            (
                samples::gates_alone(),
                vec!["The budget of 10000 queries ended at level 0.3", "The risk lies too close"],
            ),
            (samples::flips(), vec!["The budget of 10000 queries ended before the precision of 0.05"]),
            (samples::cut_short(), vec!["Start a new audit"]),
            (
                samples::unanswered(),
                vec!["Too many draws stayed unanswered at level 0.2 (failures: 2 malformed and"],
            ),
            (samples::inconsistent(), vec!["Look for what changed at the endpoint while level 0.2 ran"]),
            (samples::nothing(), vec!["Mend the endpoint"]),
        ] {
            let said = hints(&report);
            assert_eq!(said.len(), starts.len(), "{said:?}");
            for (said, start) in said.iter().zip(starts) {
                assert!(said.starts_with(start), "{said}");
            }
        }
    }

    #[test]
    fn a_run_that_contradicts_the_plan_is_told_to_mend_it() {
        let mut report = samples::cut_short();
        report.run.exit_code = 4;
        assert!(hints(&report).iter().any(|h| h.starts_with("The answers contradict the plan")));
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
