//! An audit that is stopped, in whatever way, and resumed: the same results, and nothing paid for twice.

use std::process::Stdio;
use std::time::{Duration, Instant};

use noisebound::journal::Line;
use noisebound::report::json::results_bytes;
use noisebound_mock_server::faults::{Faults, Latency, Reject, When};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::bench::{Bench, NO_VALUE, Ran, TAKEN_OUT};

/// What is asked in these tests.
const ASKED: [(&str, &str); 2] = [("--levels", "0.2,0.4,0.8"), ("--precision", "0.06")];

fn slow() -> Faults {
    Faults { latency: Latency::Exponential(Duration::from_millis(2)), ..Faults::default() }
}

fn asked(bench: &Bench, changes: &[(&str, &str)]) -> Vec<String> {
    Bench::words(&bench.triton(), &[&ASKED, changes].concat())
}

/// The words that go on with the run in `run`, with another conduct.
fn resume(changes: &[(&str, &str)]) -> Vec<String> {
    let words = changes.iter().flat_map(|(flag, value)| [*flag, *value]).filter(|word| *word != NO_VALUE);
    ["audit", "--resume", "run"].into_iter().chain(words).map(str::to_owned).collect()
}

/// How many queries have ended, by the journal.
fn ended(bench: &Bench) -> u64 {
    let settled = |line: &Line| match line {
        Line::Settled(settled) => settled.records.len() as u64,
        Line::Resumed(_) | Line::Counted(_) => 0,
    };
    bench.journal("run").iter().map(settled).sum()
}

/// Starts a command, and kills it once the server was asked for so many predictions more. Whether it was still
/// running.
fn killed(bench: &Bench, words: &[String], after: u64) -> bool {
    let wanted = bench.mock().counts().predictions + after;
    let mut child = bench.prepare(words, &[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while bench.mock().counts().predictions < wanted {
        if let Some(status) = child.try_wait().unwrap() {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(status.success(), "{said}");
            return false;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "the audit does not get going");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

/// Kills and resumes an audit at random moments, each time with another conduct; `spoil` may then harm the end
/// of the journal, and tells how many queries that loses. No more is asked twice than was in flight.
fn many_kills(seed: u64, spoil: impl Fn(&Bench, &mut ChaCha8Rng) -> u64) {
    let bench = Bench::failing(slow());
    let whole = bench.command(asked(&bench, &[("--run-dir", "whole")]), &[]);
    assert_eq!(whole.code, 0, "{whole:?}");
    let rows = bench.mock().counts().rows;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut kills, mut again) = (0, 0);
    let (mut concurrency, mut batch) = (4, 2);
    let first = [("-c", "4"), ("-b", "2")];
    let mut words = asked(&bench, &first);
    let mut open = true;
    for _ in 0..20 {
        // At least the first clean row is to be answered, before which there is nothing to go on with.
        let after = rng.random_range(if kills == 0 { 20 } else { 1 }..40);
        open = killed(&bench, &words, after);
        if !open {
            break;
        }
        kills += 1;
        again += concurrency * batch + spoil(&bench, &mut rng);
        (concurrency, batch) = (rng.random_range(1..=8), rng.random_range(1..=4));
        let rate = ["none", "2000/s", "700/s"][rng.random_range(0..3)];
        words = resume(&[("-c", &concurrency.to_string()), ("-b", &batch.to_string()), ("--rate", rate)]);
    }
    assert_eq!(kills, 20, "the audit was over too soon to be killed so often");
    if open {
        let ran = bench.command(resume(&[("--rate", "none")]), &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let (whole, report) = (bench.report("whole"), bench.report("run"));
    assert_eq!(results_bytes(&report.results), results_bytes(&whole.results));
    assert_eq!(report.run.queries, whole.run.queries);
    // Those whose line is in the journal.
    assert!((1..=20).contains(&report.run.resumed.len()));
    bench.assert_verified("run");
    let sent = bench.mock().counts().rows - rows;
    let ended = ended(&bench);
    assert!(
        ended >= report.run.queries && sent <= ended + again,
        "{sent} rows for {ended} answers, {again} lost"
    );
}

#[test]
fn twenty_kills_change_no_result_and_lose_no_answer() {
    many_kills(1, |_, _| 0);
}

/// What was not synced may be gone after the machine has stopped, in part or whole.
#[test]
fn a_journal_that_loses_its_end_changes_no_result() {
    many_kills(2, |bench, rng| {
        let path = bench.path("run/journal.jsonl");
        let bytes = std::fs::read(&path).unwrap();
        let before = ended(bench);
        // The header was synced before anything was sent.
        let header = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let most = (bytes.len() - header).min(2000);
        let kept = bytes.len() - rng.random_range(0..=most);
        std::fs::write(&path, &bytes[..kept]).unwrap();
        before - ended(bench)
    });
}

#[test]
fn a_budget_that_ran_out_is_raised_and_the_rest_asked() {
    let bench = Bench::new();
    let whole = bench.command(asked(&bench, &[("--run-dir", "whole")]), &[]);
    assert_eq!(whole.code, 0, "{whole:?}");
    let ran = bench.command(asked(&bench, &[("-n", "200")]), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    // Without more budget there is nothing left to ask, and nothing is sent.
    let before = bench.mock().counts().requests;
    let ran = bench.command(resume(&[]), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert_eq!(bench.mock().counts().requests, before);
    let ran = bench.command(resume(&[("-n", "10000")]), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (whole, report) = (bench.report("whole"), bench.report("run"));
    assert_eq!(results_bytes(&report.results), results_bytes(&whole.results));
    assert_eq!((report.conduct.queries, report.run.resumed.len()), (10_000, 1));
    assert_eq!(
        report.run.requests,
        bench.mock().counts().requests - whole.run.requests,
        "those of both runs"
    );
    bench.assert_verified("run");
    let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
    assert!(plan.contains("queries = 10000"), "{plan}");
}

#[test]
fn the_most_requests_are_those_of_all_runs() {
    let bench = Bench::new();
    let ran = bench.command(asked(&bench, &[("--max-requests", "150")]), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let ran = bench.command(resume(&[("--max-requests", "180")]), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert_eq!((bench.mock().counts().requests, bench.report("run").run.requests), (180, 180));
}

/// Money, too, is that of all runs, and what is sent again costs again.
#[test]
fn no_more_is_spent_than_allowed() {
    let bench = Bench::failing(Faults { drop: When::Chance(0.1), ..Faults::default() });
    let cost = |most| [("--max-cost", most), ("--cost-per-query", "0.01")];
    let ran = bench.command(asked(&bench, &[&cost("1.5")[..], &[("-b", "4")]].concat()), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let report = bench.report("run");
    assert_eq!(report.run.cut.as_deref(), Some("--max-cost is used up"));
    assert!(report.run.cost.is_some_and(|cost| cost > 1.4 && cost <= 1.5), "{:?}", report.run.cost);
    bench.assert_verified("run");
    let ran = bench.command(resume(&cost("2.5")), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let report = bench.report("run");
    assert!(report.run.rows > 240 && report.run.rows <= 250, "{}", report.run.rows);
    // A request that was dropped may never have been read.
    assert!(bench.mock().counts().rows <= report.run.rows);
    let ran = bench.command(asked(&bench, &[("--max-cost", "1"), ("--run-dir", "other")]), &[]);
    assert!(ran.code == 2 && ran.err.contains("add --cost-per-query"), "{ran:?}");
}

/// What was under way when a run was killed was paid for, though no journal tells of it.
#[test]
fn no_more_is_spent_than_allowed_by_runs_that_are_killed() {
    let bench = Bench::failing(slow());
    let limits = [
        ("--max-cost", "10"),
        ("--cost-per-query", "0.01"),
        ("--levels", "0.2,0.4,0.8"),
        ("--precision", "0.02"),
    ];
    let mut words = Bench::words(&bench.triton(), &limits);
    for _ in 0..4 {
        assert!(killed(&bench, &words, 20), "the audit was over too soon");
        words = resume(&[]);
    }
    let ran = bench.command(resume(&[]), &[]);
    assert_eq!((ran.code, bench.report("run").run.cut.as_deref()), (98, Some("--max-cost is used up")));
    let (rows, told) = (bench.mock().counts().rows, bench.report("run").run.rows);
    assert!(rows <= told && told <= 1000 && rows > 300, "{rows} rows were sent, {told} counted");
}

/// Requests that wait out a busy server use no retry and end no query, and are counted all the same.
#[test]
fn what_a_killed_run_sent_again_to_a_busy_server_is_counted() {
    let when = When::Between(5, 1000);
    let rejects = vec![Reject { status: 429, when, retry_after: Some(Duration::from_secs(1)) }];
    let bench = Bench::failing(Faults { rejects, ..Faults::default() });
    let words = Bench::words(&bench.json(), &[("-c", "8"), ("--retries", "0")]);
    // Eight twice and a probe: by then the breaker is open.
    assert!(killed(&bench, &words, 22), "the audit was over too soon");
    // Eight that may each have been sent four times, twice, are counted besides those that the journal tells: the five that
    // were answered, or all until the breaker opened.
    let ran = bench.command(resume(&[("--max-requests", "100")]), &[]);
    assert_eq!((ran.code, bench.report("run").run.cut.as_deref()), (98, Some("--max-requests is used up")));
    let (sent, told) = (bench.mock().counts().requests, bench.report("run").run.requests);
    assert!(sent <= told && told <= 100, "{sent} requests were sent, {told} counted");
}

/// A run that goes on knows how the endpoint did at the start, and how often it was left alone, however the run before
/// ended; and so does the report.
#[test]
fn how_the_endpoint_did_at_the_start_is_known_to_every_run() {
    // Fifteen of the fifty after the first fifty, never ten in a row.
    let when = |nth: u64| When::Between(60 + 6 * nth, 63 + 6 * nth);
    let reject = |nth| Reject { status: 502, when: when(nth), retry_after: None };
    let bench = Bench::failing(Faults { rejects: (0..5).map(reject).collect(), ..slow() });
    let conduct = [("-c", "8"), ("-b", "1"), ("--retries", "20"), ("--breaker-latency", "none")];
    let known = |killed: bool| {
        let run = bench.report("run").run;
        assert_eq!(run.openings, 1, "{run:?}");
        bench.assert_verified("run");
        assert_eq!(run.resumed.len() > 1, killed);
        run.baseline.unwrap()
    };
    let ran = bench.command(asked(&bench, &[&conduct[..], &[("-n", "150")]].concat()), &[]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let baseline = known(false);
    assert_eq!((baseline.rows, baseline.failures), (1, 0.0));
    // Nothing is left to be asked, and the report is written again.
    assert_eq!(bench.command(resume(&[]), &[]).code, 98);
    assert_eq!(known(false), baseline);
    // This one has no time to count at its end.
    assert!(killed(&bench, &resume(&[("-n", "10000")]), 20), "the audit was over too soon");
    let ran = bench.command(resume(&[("-n", "10000")]), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(known(true), baseline);
    let counted = |line: Line| if let Line::Counted(counted) = line { counted.health } else { None };
    let told: Vec<_> = bench.journal("run").into_iter().filter_map(counted).collect();
    assert_eq!((told[0].openings, told[0].baseline()), (0, None));
    // The failures and the latency of the first fifty, and the breaker, each when it was news.
    assert!(told.len() >= 4 && told[1].baseline().is_some() && told[1].openings == 0, "{told:?}");
}

/// A batch that is refused is asked row by row, and each answer is kept as it comes.
#[test]
fn a_kill_amid_rows_that_are_asked_one_by_one_loses_none_that_was_answered() {
    let faults = Faults { refuse_rows: 0.05, ..slow() };
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..6 {
        let bench = Bench::failing(faults.clone());
        let most = "400";
        let conduct = [("-c", "1"), ("-b", "64"), ("--retries", "0"), ("--max-requests", most)];
        assert!(killed(&bench, &asked(&bench, &conduct), rng.random_range(100..240)), "over too soon");
        let kept: u64 = bench
            .journal("run")
            .iter()
            .map(|line| match line {
                Line::Settled(settled) => u64::from(settled.attempts),
                Line::Resumed(_) | Line::Counted(_) => 0,
            })
            .sum();
        // Besides the one in flight there are the batches that were refused.
        let lost = bench.mock().counts().predictions - kept;
        assert!(lost <= 1 + kept.div_ceil(32), "{lost} lost, {kept} kept");
        let ran = bench.command(resume(&[("--max-requests", most)]), &[]);
        assert_eq!(ran.code, 98, "{ran:?}");
        let (sent, told) = (bench.mock().counts().requests, bench.report("run").run.requests);
        assert!(sent <= told && told <= 400 && sent > 300, "{sent} requests were sent, {told} counted");
    }
}

/// Asserts that it was refused, that nothing was sent and that the journal is as it was.
fn refused(bench: &Bench, words: Vec<String>, code: i32, said: &[&str]) -> Ran {
    let before = (bench.mock().counts().requests, std::fs::read(bench.path("run/journal.jsonl")).ok());
    let ran = bench.command(words, &[]);
    assert_eq!(ran.code, code, "{ran:?}");
    for said in said {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    assert_eq!(before, (bench.mock().counts().requests, std::fs::read(bench.path("run/journal.jsonl")).ok()));
    ran
}

#[test]
fn another_question_is_refused_with_what_differs() {
    let bench = Bench::new();
    bench.command(asked(&bench, &[("-n", "200")]), &[]);
    let other = [
        ("--seed", "8", "seed 7 against 8"),
        ("--levels", "0.2,0.4", "levels [0.2,0.4,0.8] against [0.2,0.4]"),
    ];
    for (flag, value, said) in other {
        refused(&bench, resume(&[(flag, value)]), 2, &[said, "start a new audit without --resume"]);
    }
    // The whole command typed again with --resume is the same question.
    let words = asked(&bench, &[("--run-dir", TAKEN_OUT), ("--resume", "run"), ("-n", "10000")]);
    assert_eq!(bench.command(words, &[]).code, 0);
}

#[test]
fn changed_data_are_another_question() {
    let bench = Bench::new();
    bench.command(asked(&bench, &[("-n", "200")]), &[]);
    let mut data = std::fs::read(bench.path("x.npy")).unwrap();
    *data.last_mut().unwrap() ^= 0x40;
    bench.write("x.npy", data);
    refused(&bench, resume(&[]), 2, &["data.blake3"]);
}

#[test]
fn what_cannot_be_resumed_is_said_plainly() {
    let bench = Bench::new();
    refused(&bench, resume(&[]), 2, &["run/plan.toml"]);
    bench.command(asked(&bench, &[("-n", "200")]), &[]);
    let words = asked(&bench, &[("--resume", "run")]);
    refused(&bench, words, 2, &["--run-dir"]);
    refused(
        &bench,
        vec!["audit".into(), "other.toml".into(), "--resume".into(), "run".into()],
        2,
        &["other.toml"],
    );
    let journal = std::fs::read_to_string(bench.path("run/journal.jsonl")).unwrap();
    bench.write("run/journal.jsonl", journal.replacen("\"losses\":[0]", "\"losses\":[1]", 1));
    refused(&bench, resume(&[("-n", "10000")]), 2, &["was changed or damaged"]);
    std::fs::remove_file(bench.path("run/journal.jsonl")).unwrap();
    refused(&bench, resume(&[("-n", "10000")]), 2, &["journal.jsonl: cannot open the journal"]);
}

/// The plan is replaced when an audit goes on; that it cannot be is known before anything is sent.
#[test]
fn a_folder_that_takes_no_new_file_is_not_gone_on_with() {
    let bench = Bench::new();
    bench.command(asked(&bench, &[("-n", "200")]), &[]);
    std::fs::create_dir(bench.path("run/plan.toml.partial")).unwrap();
    refused(&bench, resume(&[("-n", "10000")]), 1, &["cannot write run/plan.toml"]);
}

#[test]
fn a_journal_that_is_being_written_is_not_resumed() {
    let bench = Bench::new();
    bench.command(asked(&bench, &[("-n", "200")]), &[]);
    let _writer = noisebound::journal::Journal::reopen(bench.path("run/journal.jsonl")).unwrap();
    refused(&bench, resume(&[("-n", "10000")]), 2, &["another run of noisebound is writing it"]);
}
