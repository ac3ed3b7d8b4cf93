//! Another model behind the same URL, of which no version tells: whenever it comes, no draw of it counts unnoticed.

use noisebound::audit::Query;
use noisebound::journal::{Line, read};
use noisebound::report::comparison::json;
use noisebound::report::json::results_bytes;
use noisebound_mock_server::faults::{Faults, Swap};

use crate::bench::{Bench, Ran};

/// One row after the other, so that a request is known by its number.
const ONE: [(&str, &str); 2] = [("-b", "1"), ("-c", "1")];

/// A server whose model is another one from this request for predictions on.
fn swapping(after: u64) -> Bench {
    Bench::failing(Faults { swap: Some(Swap { after, to: None, version: None }), ..Faults::default() })
}

/// What a journal tells was asked, request by request.
fn asked(bench: &Bench, journal: &str) -> Vec<Query> {
    let lines = read(bench.path(journal)).unwrap().1;
    let one = |line: Line| match line {
        Line::Settled(settled) => Some(settled.records[0].query),
        Line::Resumed(_) | Line::Counted(_) => None,
    };
    lines.into_iter().filter_map(one).collect()
}

fn flags<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&ONE, changes].concat()
}

fn said(ran: &Ran) -> String {
    ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn resume(bench: &Bench, changes: &[&str]) -> Ran {
    bench.command([&["audit", "--resume", "run"], changes].concat(), &[])
}

/// A precision, the place in what was asked from which another model answers, and whether there are sentinels.
type Place<'a> = (&'a str, &'a dyn Fn(&[Query]) -> usize, bool);

/// The whole noisy phase of a small audit may come before the first of the rows that are asked again on the way, and some
/// draws come after the last of these in any audit.
#[test]
fn another_model_after_the_last_sentinel_is_noticed() {
    let draw = |query: &Query| matches!(query, Query::Draw(_));
    let first = |asked: &[Query]| asked.iter().position(draw).unwrap();
    let last = |asked: &[Query]| asked.iter().rposition(draw).unwrap();
    let sentinel = |asked: &[Query]| {
        let place = asked.iter().rposition(|query| matches!(query, Query::Sentinel(_)));
        place.map_or(0, |place| place + 1)
    };
    let places: [Place<'_>; 4] =
        [("0.15", &first, false), ("0.15", &last, false), ("0.06", &sentinel, true), ("0.06", &last, true)];
    for (precision, place, some) in places {
        let flags = flags(&[("--precision", precision)]);
        let steady = Bench::new();
        let ran = steady.audit(&steady.json(), &flags);
        assert_eq!(ran.code, 0, "{ran:?}");
        let report = steady.report("run");
        assert_eq!(report.results.sentinels.is_some(), some, "{:?}", report.run);
        let asked = asked(&steady, "run/journal.jsonl");
        assert_eq!(asked.last(), Some(&Query::Guard(0)));
        steady.assert_counts_agree(&report);
        steady.assert_verified("run");

        let bench = swapping(place(&asked) as u64);
        let ran = bench.audit(&bench.json(), &flags);
        assert_eq!(ran.code, 4, "{ran:?}");
        assert!(ran.err.contains("is answered otherwise than at the start"), "{}", ran.err);
        let report = bench.report("run");
        let level = &report.results.levels[0];
        assert_eq!((level.draws > 0, level.risk.upper.is_some()), (some, some), "{level:?}");
        assert!(level.draws <= place(&asked) as u64 && report.run.model_unknown > 0, "{level:?}");
        assert_eq!(report.run.identity.map(|identity| identity.unconfirmed), Some(0));
        bench.assert_verified("run");
    }
}

/// A clean row is asked before anything else, so that the draws of the earlier run are all that counts.
#[test]
fn a_resumption_onto_another_model_sends_no_draw() {
    let flags = flags(&[("-n", "110"), ("--precision", "0.1")]);
    let steady = Bench::new();
    assert_eq!(steady.audit(&steady.json(), &flags).code, 98);
    let bench = swapping(steady.mock().counts().predictions);
    assert_eq!(bench.audit(&bench.json(), &flags).code, 98);
    let (before, sent) = (bench.report("run"), bench.mock().counts().predictions);
    let ran = resume(&bench, &["-n", "10000"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("is answered otherwise than at the start"), "{}", ran.err);
    assert_eq!(bench.mock().counts().predictions, sent + 1);
    let after = bench.report("run");
    let limits = |report: &noisebound::results::Report| {
        let levels = report.results.levels.iter();
        levels.map(|level| (level.draws, level.risk)).collect::<Vec<_>>()
    };
    assert!(before.results.levels[0].draws > 20 && limits(&before) == limits(&after), "{:?}", after.results);
    assert!(after.run.cut.is_some() && after.run.model_unknown > 0, "{:?}", after.run);
    bench.assert_verified("run");
    // There is nothing to go on with.
    assert_eq!(resume(&bench, &["-n", "10000"]).code, 4);
    assert_eq!(bench.mock().counts().predictions, sent + 1);
    bench.assert_verified("run");
}

/// The same where the earlier run was cut, with draws that no clean row had followed: another model may have given them.
#[test]
fn draws_that_no_clean_row_speaks_for_do_not_count_once_the_model_is_another() {
    let flags = flags(&[("--max-requests", "110"), ("--precision", "0.1")]);
    let bench = swapping(110);
    assert_eq!(bench.audit(&bench.json(), &flags).code, 98);
    let identity = bench.report("run").run.identity.unwrap();
    assert_eq!((identity.asked, identity.unconfirmed), (0, 30));
    bench.assert_verified("run");
    assert_eq!(resume(&bench, &["--max-requests", "none"]).code, 4);
    let report = bench.report("run");
    assert_eq!((report.results.levels[0].draws, report.run.model_unknown), (0, 31));
    bench.assert_verified("run");
}

/// Where no clean row can be asked at the end, all that was asked is answered nonetheless, and the report says how many
/// answers that leaves.
#[test]
fn what_no_clean_row_speaks_for_is_told() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.json(), &flags(&[("--run-dir", "whole")]));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        said(&ran).contains("1 clean row was asked again at the end, and answered as at the start"),
        "{ran:?}"
    );
    let whole = bench.report("whole");
    let less = (whole.run.requests - 1).to_string();
    let ran = bench.audit(&bench.json(), &flags(&[("--max-requests", &less)]));
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = bench.report("run");
    assert_eq!(report.run.cut, None);
    assert_eq!(results_bytes(&report.results), results_bytes(&whole.results));
    let identity = report.run.identity.unwrap();
    assert_eq!((identity.asked, identity.unconfirmed), (0, whole.results.levels[0].draws));
    let told =
        format!("no clean row was asked again, and {} answers that count may be of", identity.unconfirmed);
    assert!(said(&ran).contains(&told), "{ran:?}");
    bench.assert_verified("run");
    // What it tells of that is held against the journal.
    let text = std::fs::read_to_string(bench.path("run/report.json")).unwrap();
    let false_one = text.replace(&format!("\"unconfirmed\": {}", identity.unconfirmed), "\"unconfirmed\": 0");
    assert_ne!(text, false_one);
    bench.write("run/report.json", false_one);
    let ran = bench.command(["verify", "run"], &[]);
    assert!(ran.code == 4 && ran.out.contains("of the model's identity"), "{ran:?}");

    // An audit that has ended is not begun again: its reports are written once more.
    let sent = bench.mock().counts().requests;
    assert_eq!(resume(&bench, &["--max-requests", "none"]).code, 0);
    assert_eq!(bench.mock().counts().requests, sent);
    let again = bench.report("run");
    assert_eq!((again.run.identity, again.results), (report.run.identity, report.results));
    bench.assert_verified("run");
}

/// A comparison ends with a clean row for each endpoint.
#[test]
fn another_model_at_the_end_of_a_comparison_is_noticed() {
    let compare = |bench: &Bench, second: &str| {
        let mut words = Bench::words(&bench.json(), &ONE);
        "compare".clone_into(&mut words[0]);
        words.push(second.to_owned());
        bench.command(words, &[])
    };
    let report = |bench: &Bench| json::read(&bench.path("run/compare.json")).unwrap();
    let second = |bench: &Bench| bench.mock().url("json", "linear-classifier-b");
    let (bench, other) = (Bench::new(), Bench::new());
    let ran = compare(&bench, &second(&other));
    assert_eq!(ran.code, 0, "{ran:?}");
    for run in &report(&bench).run.endpoints {
        let identity = run.identity.unwrap();
        assert_eq!((identity.asked, identity.unanswered, identity.unconfirmed), (1, 0, 0));
    }
    bench.assert_verified("run");
    let asked = asked(&bench, "run/b/journal.jsonl");
    let last = asked.iter().rposition(|query| matches!(query, Query::Draw(_))).unwrap();

    let (bench, other) = (Bench::new(), swapping(last as u64));
    let ran = compare(&bench, &second(&other));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("B: row ") && ran.err.contains("otherwise than at the start"), "{}", ran.err);
    let found = report(&bench);
    assert!(found.run.endpoints[1].model_unknown > 0, "{:?}", found.run);
    bench.assert_verified("run");
}
