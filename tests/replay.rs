//! A draw that is made again: the same request, and the answer beside the recorded one.

use std::process::Stdio;
use std::sync::Arc;

use noisebound::audit::{Ending, Query, Seen};
use noisebound::journal::Line;
use noisebound_mock_server::Options;
use noisebound_mock_server::faults::{Faults, Reject, Swap, When};
use noisebound_mock_server::models::{Coin, Model};

use crate::bench::{Bench, NO_VALUE, Ran};

fn replayed(bench: &Bench, words: &[&str]) -> Ran {
    bench.command([&["replay", "run"], words].concat(), &[])
}

#[test]
fn a_draw_made_again_has_the_recorded_answer() {
    for loss in ["error", "flip"] {
        let bench = Bench::new();
        let torchserve = bench.mock().url("torchserve", "linear-classifier");
        for (target, batch) in [(bench.triton(), "3"), (bench.json(), "3"), (torchserve, "1")] {
            drop(std::fs::remove_dir_all(bench.path("run")));
            let ran = bench.audit(&target, &[("--loss", loss), ("-b", batch)]);
            assert_eq!(ran.code, 0, "{ran:?}");
            for draw in ["1:0", "draw:1:17", "clean:5"] {
                let ran = replayed(&bench, &[draw]);
                assert_eq!(ran.code, 0, "{target} {draw}: {ran:?}");
                assert!(ran.out.contains("The answer is the recorded one."), "{}", ran.out);
                assert!(ran.out.contains("POST http://127.0.0.1"), "{}", ran.out);
                assert!(ran.out.contains("the answer now, as it is read\n  "), "{}", ran.out);
                // What is no text is shown as bytes.
                assert!(!ran.out.contains('\u{fffd}'), "{}", ran.out);
            }
        }
    }
}

/// What is only shown is confirmed too where the server has to be asked about the model first.
#[test]
fn a_host_that_is_not_this_machine_is_confirmed_before_it_is_asked_anything() {
    for (scheme, words, confirmed) in [
        ("triton", &["1:0", "--curl"][..], true),
        ("json", &["1:0"], true),
        ("json", &["1:0", "--curl"], false),
    ] {
        let bench = Bench::new();
        let target = bench.mock().url(scheme, "linear-classifier");
        assert_eq!(bench.audit(&target, &[]).code, 0);
        let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
        bench.write("run/plan.toml", plan.replace("127.0.0.1", "models.example.invalid"));
        let ran = replayed(&bench, words);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert_eq!(ran.err.contains("is not this machine"), confirmed, "{scheme} {words:?}: {}", ran.err);
    }
}

/// The curl command sends what the audit sent: the server answers it as it is recorded.
#[cfg(unix)]
#[test]
fn the_request_as_a_curl_command_is_the_request() {
    let bench = Bench::new();
    let seen = |target: &str| {
        drop(std::fs::remove_dir_all(bench.path("run")));
        assert_eq!(bench.audit(target, &[]).code, 0);
        let before = bench.mock().counts().predictions;
        let ran = replayed(&bench, &["1:3", "--curl"]);
        assert_eq!((ran.code, bench.mock().counts().predictions), (0, before), "nothing is sent: {ran:?}");
        assert!(ran.out.contains("curl -sS -X POST"), "{}", ran.out);
        ran.out
    };
    if std::process::Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        return;
    }
    for target in [bench.json(), bench.triton()] {
        let command = seen(&target);
        let told = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
        assert!(told.status.success(), "{command}: {told:?}");
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains("outputs") || told.contains("predictions"), "{command}: {told}");
        assert!(!told.contains("error"), "{told}");
    }
}

#[test]
fn another_answer_is_told_and_so_is_none() {
    let flags = [("-c", "1"), ("--levels", "0.9")];
    let plain = Bench::new();
    assert_eq!(plain.audit(&plain.json(), &flags).code, 0);
    let after = plain.mock().counts().predictions;
    // As many requests later another model answers, which says nothing of that.
    let bench =
        Bench::failing(Faults { swap: Some(Swap { after, to: None, version: None }), ..Faults::default() });
    assert_eq!(bench.audit(&bench.json(), &flags).code, 0);
    let ran = replayed(&bench, &["1:0"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("The answer is another than the recorded one."), "{}", ran.out);
    let refusing = When::Every(1);
    let reject = Reject { status: 400, when: refusing, retry_after: None };
    let bench = Bench::failing(Faults { rejects: vec![reject], ..Faults::default() });
    // The run is that of the other server, at this one's address.
    std::fs::create_dir(bench.path("run")).unwrap();
    let (there, here) = (plain.mock().address().to_string(), bench.mock().address().to_string());
    for file in ["plan.toml", "journal.jsonl"] {
        let text = std::fs::read_to_string(plain.path("run").join(file)).unwrap();
        std::fs::write(bench.path("run").join(file), text.replace(&there, &here)).unwrap();
    }
    let ran = replayed(&bench, &["1:0"]);
    assert!(ran.code == 2 && ran.err.contains("journal.jsonl:1: this line was changed"), "{ran:?}");
}

/// Whatever the journal names can be made again by that name.
#[test]
fn every_query_of_a_journal_is_made_again_by_its_name() {
    let coin: Vec<Arc<dyn Model>> = vec![Arc::new(Coin::new("coin", 4, 0.3))];
    let flags = [("--loss", "flip"), ("-b", "4"), ("--noise-floor", NO_VALUE), ("--precision", "0.05")];
    for (bench, model, kinds, codes) in [
        (
            Bench::new(),
            "linear-classifier",
            &["alone", "together", "draw", "floor", "sentinel", "guard"][..],
            &[0][..],
        ),
        // It does not repeat its answers.
        (
            Bench::with(Options { models: coin, ..Options::default() }),
            "coin",
            &["alone", "together", "twin", "draw"],
            &[0, 4],
        ),
    ] {
        let target = bench.mock().url("json", model);
        let ran = bench.audit(&target, &flags);
        assert!(bench.path("run/report.json").exists(), "{ran:?}");
        let mut queries = Vec::new();
        for line in bench.journal("run") {
            let Line::Settled(settled) = line else { continue };
            queries.extend(settled.records.iter().map(|record| record.query.to_string()));
        }
        for kind in kinds {
            let of = |query: &&String| query.starts_with(&format!("{kind}:"));
            let query = queries.iter().rfind(of).unwrap_or_else(|| panic!("no {kind} in {queries:?}"));
            let ran = replayed(&bench, &[query]);
            assert!(codes.contains(&ran.code), "{query}: {ran:?}");
            assert!(ran.out.starts_with(&format!("{query}, row ")), "{ran:?}");
            assert!(!ran.out.contains("The journal does not hold"), "{ran:?}");
        }
    }
}

#[test]
fn what_cannot_be_made_again_is_said_plainly() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.json(), &[]).code, 0);
    let before = bench.mock().counts().requests;
    for (draw, said) in [
        ("9:0", "there is no draw:9:0"),
        ("clean:4000", "there is no clean:4000"),
        ("x", "expected LEVEL:INDEX"),
        ("twin:9:0", "there is no twin:9:0"),
        ("alone:4000", "there is no alone:4000"),
        ("floor:0", "there is no floor:0"),
        ("sentinel:x", "floor:PLACE, sentinel:PLACE or guard:PLACE"),
    ] {
        let ran = replayed(&bench, &[draw]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(said), "{draw}: {}", ran.err);
    }
    let ran = bench.command(["replay", "nowhere", "1:0"], &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(bench.mock().counts().requests, before);
    let ran = replayed(&bench, &["1:900000"]);
    assert!(ran.code == 0 && ran.out.contains("The journal does not hold this draw"), "{ran:?}");
}

#[test]
fn with_privacy_the_journal_keeps_no_prediction_for_a_noisy_row() {
    let bench = Bench::with(Options::default());
    assert_eq!(bench.audit(&bench.json(), &[("--run-dir", "whole")]).code, 0);
    assert_eq!(bench.audit(&bench.json(), &[("--privacy", NO_VALUE)]).code, 0);
    let mut draws = 0;
    for line in bench.journal("run") {
        let Line::Settled(settled) = line else { continue };
        for record in settled.records {
            let Ending::Answered { loss, seen, .. } = record.ending else { continue };
            match record.query {
                Query::Draw(_) => {
                    draws += 1;
                    assert_eq!((seen, loss.is_some()), (Seen::Nothing, true));
                }
                _ => assert!(matches!(seen, Seen::Whole(_))),
            }
        }
    }
    assert!(draws > 10);
    assert_eq!(bench.report("run").results, bench.report("whole").results);
    assert!(bench.report("run").conduct.privacy);
    bench.assert_verified("run");
    let ran = replayed(&bench, &["1:0"]);
    assert!(ran.code == 0 && ran.out.contains("--privacy"), "{ran:?}");
}

/// An answer that does not fit is quoted where it is of a clean row, and is not where a noisy one is private.
#[test]
fn with_privacy_no_answer_to_a_noisy_row_is_quoted() {
    // Some seeds spoil the very first row, or so many in a row that the server is left alone.
    let (seed, quoted, _) = (0..20).find_map(|seed| misfits(seed, false)).unwrap();
    assert!(quoted > 5, "nothing was quoted that could have been left out");
    assert_eq!(misfits(seed, true), Some((seed, 0, false)));
}

/// An audit of a server that answers in wrong shapes and breaks answers off: how many answers to noisy rows are quoted
/// in the journal, and whether any answer is quoted elsewhere. `None` where the audit did not get far.
fn misfits(seed: u64, privacy: bool) -> Option<(u64, usize, bool)> {
    let (misshape, truncate) = (When::Chance(0.3), When::Chance(0.2));
    let faults = Faults { misshape, truncate, ..Faults::default() };
    let bench = Bench::with(Options { faults, seed, ..Options::default() });
    let mut flags =
        vec![("--retries", "0"), ("-b", "4"), ("-c", "1"), ("--breaker-failures", "none"), ("-n", "400")];
    if privacy {
        flags.push(("--privacy", NO_VALUE));
    }
    let ran = bench.audit(&bench.json(), &flags);
    if !matches!(ran.code, 0 | 98) || ran.err.contains("left alone") {
        return None;
    }
    let (mut quoted, mut reasons, mut clean) = (0, 0, 0);
    for line in bench.journal("run") {
        let Line::Settled(settled) = line else { continue };
        let Some(why) = settled.unanswered else { continue };
        let begins = usize::from(why.said.contains("it begins: {"));
        if settled.records.iter().any(|record| matches!(record.query, Query::Draw(_))) {
            quoted += begins;
            reasons += usize::from(!why.said.is_empty());
        } else {
            clean += begins;
        }
    }
    assert!(reasons > 5 && clean > 0, "{reasons} {clean}");
    let report = std::fs::read_to_string(bench.path("run/report.json")).unwrap();
    Some((seed, quoted, ran.err.contains("it begins") || report.contains("it begins")))
}
