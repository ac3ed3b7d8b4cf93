use super::*;
use crate::report::samples;

/// Each sample against its file in `snapshots/`; `INSTA_UPDATE=always` writes them anew.
#[test]
fn every_sample_reads_as_agreed() {
    for (name, report) in samples::all() {
        insta::assert_snapshot!(name, render(&report));
    }
}

#[test]
fn no_line_is_too_wide_and_no_text_steers_the_terminal() {
    for (name, report) in samples::all() {
        let text = render(&report);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{name}: {line}");
            assert_eq!(line.trim_end(), line, "{name}");
        }
        assert!(!text.contains('\u{1b}'), "{name}");
    }
}

/// Where clean answers do not repeat: what is only an estimate, and the flag that has it claimed for that loss.
#[test]
fn what_clean_answers_that_do_not_repeat_leave_unclaimed_is_told_with_the_mend() {
    let said = |report| render(&report).split_whitespace().collect::<Vec<_>>().join(" ");
    let pass = said(samples::fresh_pass());
    assert!(pass.contains("clean risk 0.094, an estimate from 64 rows"), "{pass}");
    assert!(pass.contains("it has no limits, and neither has the degradation"), "{pass}");
    assert!(pass.contains("with --clean-pass 0 both are claimed and bounded"), "{pass}");
    // Flips ask for clean answers as they go: the pass has no part in them.
    let flips = said(samples::fresh_clean());
    assert!(flips.contains("no limits are claimed for it; --noise-floor claims some"), "{flips}");
    assert!(!flips.contains("--clean-pass"), "{flips}");
}

#[test]
fn no_limit_is_shown_that_the_report_does_not_state() {
    let text = render(&samples::gates_alone());
    assert!(!text.contains("[lower") && !text.contains("upper limit"), "{text}");
}

#[test]
fn up_to_which_level_a_statement_holds_is_told_in_one_line() {
    let said = |level, next, verdict| {
        lines::critical(&crate::results::CriticalResult {
            claim: "error <= 0.05".into(),
            level,
            next,
            verdict,
        })
    };
    let fails = Verdict::Fails;
    let open = Verdict::Undecided;
    for (told, expected) in [
        (said(Some(0.1), Some(0.2), fails), "error <= 0.05 holds at every level up to 0.1; at 0.2 it fails"),
        (
            said(Some(0.1), Some(0.2), open),
            "error <= 0.05 holds at every level up to 0.1; at 0.2 it is undecided",
        ),
        (said(None, Some(0.05), open), "error <= 0.05 was not shown to hold even at 0.05"),
        (said(None, Some(0.05), fails), "error <= 0.05 was not shown to hold even at 0.05: it fails there"),
        (said(Some(0.2), None, Verdict::Holds), "error <= 0.05 holds at all levels"),
    ] {
        assert_eq!(told, expected);
    }
}

/// An upper limit that is not claimed, or that contradicts itself, will never be there.
#[test]
fn only_a_claimed_upper_limit_is_not_bounded_yet() {
    let mut report = samples::capped();
    let level = &mut report.results.levels[0];
    level.quantiles.iter_mut().for_each(|q| q.value = crate::results::Bounded::default());
    assert!(quantiles::quantiles(&report.results).lines().nth(1).unwrap().ends_with("-  not bounded yet"));
    report.results.levels[0].stopped = Stopped::Inconsistent;
    assert!(quantiles::quantiles(&report.results).lines().nth(1).unwrap().ends_with("-  -"));
    report.results.claims.clear();
    assert!(!quantiles::quantiles(&report.results).contains("yet"));
}

#[test]
fn asymptotic_limits_are_told_before_the_table() {
    let text = render(&samples::asymptotic());
    assert!(text.find("ASYMPTOTIC LIMITS").unwrap() < text.find("[lower, upper]").unwrap());
    assert!(!render(&samples::precise()).to_lowercase().contains("asymptotic"));
}

/// Where answers count that no clean row speaks for, it is told how many; and nothing is said to be as at the start that
/// was not asked.
#[test]
fn the_identity_of_the_model_is_told_as_far_as_clean_rows_showed_it() {
    use crate::results::{Identity, Sentinels};
    let told = |way: Option<(u64, u64)>, apart: (u64, u64, u64), cut: Option<&str>| {
        let mut report = samples::precise();
        report.results.sentinels = way.map(|(asked, unanswered)| Sentinels { asked, unanswered });
        let (asked, unanswered, unconfirmed) = apart;
        report.run.identity = Some(Identity { asked, unanswered, unconfirmed });
        report.run.cut = cut.map(str::to_owned);
        lines::identity(&report).map(|told| told.replace("identity of the model: ", ""))
    };
    let cut = Some("interrupted");
    for (told, expected) in [
        (
            told(Some((17, 0)), (1, 0, 0), None),
            Some("18 clean rows were asked again on the way and at the end, and answered as at the start"),
        ),
        (
            told(None, (1, 0, 0), None),
            Some("1 clean row was asked again at the end, and answered as at the start"),
        ),
        (
            told(Some((2, 0)), (0, 0, 61), cut),
            Some(
                "2 clean rows were asked again on the way, and answered as at the start; 61 answers that count came after \
                 the last one, and may be of another model",
            ),
        ),
        (
            told(Some((2, 1)), (3, 3, 61), None),
            Some(
                "5 clean rows were asked again on the way, and 1 of them answered as at the start, 4 not at all; 61 answers \
                 that count came after the last one that was, and may be of another model",
            ),
        ),
        (
            told(None, (3, 3, 7), None),
            Some(
                "3 clean rows were asked again on the way, and not answered; 7 answers that count may be of another model",
            ),
        ),
        (
            told(None, (0, 0, 1), cut),
            Some("no clean row was asked again, and 1 answer that counts may be of another one"),
        ),
        (told(None, (0, 0, 0), cut), None),
    ] {
        assert_eq!(told.as_deref(), expected);
    }
}
