use super::*;
use crate::report::samples;

fn said(report: &Report) -> String {
    guarantee(report).join("\n")
}

#[test]
fn upper_limits_alone_are_called_that() {
    assert!(said(&samples::upper_alone()).contains("all upper limits above hold together"));
    assert!(!said(&samples::precise()).contains("upper limits above"));
}

#[test]
fn limits_and_verdicts_are_claimed_only_where_there_are_some() {
    assert!(said(&samples::precise()).contains("all limits and verdicts above hold"));
    assert!(said(&samples::gates_alone()).contains("all verdicts above are right"));
    // Its only gate is undecided, which claims nothing.
    assert!(said(&samples::flips()).contains("all limits above hold"));
    assert!(said(&samples::nothing()).starts_with("Nothing is claimed"));
    let mut open = samples::gates_alone();
    open.results.gates.iter_mut().for_each(|g| g.verdict = Verdict::Undecided);
    assert!(said(&open).starts_with("Nothing is claimed"));
    assert!(short(&open).starts_with("Nothing is claimed"));
}

#[test]
fn limits_of_the_exact_clean_risk_alone_claim_nothing() {
    let mut report = samples::precise();
    report.results.gates.clear();
    for level in &mut report.results.levels {
        level.degradation = None;
        level.risk = crate::results::Bounded::default();
    }
    assert!(said(&report).starts_with("Nothing is claimed"));
    report.results.clean.exact = false;
    assert!(said(&report).contains("all limits above hold"));
}

#[test]
fn every_claim_comes_with_its_probability_rows_and_assumptions() {
    for (name, report) in samples::all() {
        if name == "nothing" {
            continue;
        }
        let text = said(&report);
        for part in [
            "at least 0.95 over the choice of the seed",
            "drawn uniformly with replacement",
            "nothing about other data",
            "does not drift",
            "the seed has not been used on this model and data to choose the plan",
        ] {
            assert!(text.contains(part), "{name}: {part}");
        }
        assert!(text.contains(&format!("the {} rows of this data set", report.data.rows)), "{name}");
    }
}

#[test]
fn a_promised_range_is_an_assumption_and_only_then() {
    assert!(
        said(&samples::promised_range()).contains("every squared-error lies within [0, 60], as was promised")
    );
    assert!(!said(&samples::precise()).contains("promised"));
}

#[test]
fn flips_say_what_they_differ_from() {
    assert!(said(&samples::flips()).contains("differ from the clean answers recorded in this run"));
    let fresh = said(&samples::fresh_clean());
    assert!(fresh.contains("asked anew for each draw") && !fresh.contains("recorded"));
    assert!(fresh.contains("bounded from draws of its own"));
}

#[test]
fn the_noise_is_named_with_its_unit_columns_and_clip() {
    assert!(
        said(&samples::precise())
            .contains("gaussian noise of the level (its standard deviation, in units of the data)")
    );
    assert!(
        said(&samples::flips()).contains("uniform noise of the level (its half-width, in units of the data)")
    );
    let text = said(&samples::promised_range());
    assert!(text.contains("in standard deviations of each column"));
    assert!(text.contains("added to `bmi` and `blood pressure` alone"));
    assert!(text.contains("the sum held inside [0, 16]"));
    let mut report = samples::precise();
    report.question.noise.fix = Some((0..9).map(|i| format!("c{i}")).collect());
    assert!(said(&report).contains("all columns but `c0`, `c1`, `c2`, `c3`, `c4` and 4 more"));
}

#[test]
fn an_exact_clean_risk_is_told_and_degradation_only_where_there_is_one() {
    assert!(said(&samples::precise()).contains("a degradation is the risk minus this number"));
    let gates = said(&samples::gates_alone());
    assert!(gates.contains("known exactly") && !gates.contains("degradation"));
    assert!(!said(&samples::promised_range()).contains("known exactly"));
}

#[test]
fn what_went_wrong_is_told() {
    assert!(said(&samples::unanswered()).contains("neither dropped nor replaced"));
    let cut = said(&samples::cut_short());
    assert!(
        cut.contains(
            "was cut (interrupted) before it was done at levels 0.2 and 0.4. Limits read there hold"
        )
    );
    let odd = said(&samples::inconsistent());
    assert!(odd.contains("contradict each other at level 0.2") && odd.contains("at most 0.05."), "{odd}");
    for part in ["neither dropped", "was cut", "contradict"] {
        assert!(!said(&samples::precise()).contains(part));
    }
}

#[test]
fn estimates_without_limits_are_called_that() {
    for report in [samples::gates_alone(), samples::inconsistent()] {
        assert!(said(&report).contains("about which nothing is claimed"));
    }
    assert!(!said(&samples::precise()).contains("nothing is claimed"));
}
