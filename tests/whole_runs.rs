//! Whole runs of the real command: how they end, what they count, what they leave behind.

use std::process::Stdio;
use std::time::Duration;

use noisebound::audit::Query;
use noisebound::config::target::PROTOCOLS;
use noisebound::journal::Line;
use noisebound::results::{Stopped, Verdict};
use noisebound_mock_server::Options;
use noisebound_mock_server::faults::{FailOnce, Faults, Latency, Reject, Swap, When};

use crate::bench::{Bench, NO_VALUE, ROWS, Ran, TAKEN_OUT};

fn slow() -> Faults {
    Faults { latency: Latency::Fixed(Duration::from_millis(20)), ..Faults::default() }
}

/// Waits until so many predictions were asked for, without sleeping for a fixed time.
fn wait_for_predictions(bench: &Bench, count: u64) {
    let started = std::time::Instant::now();
    while bench.mock().counts().predictions < count {
        assert!(started.elapsed() < Duration::from_secs(30), "the audit does not get going");
        std::thread::yield_now();
    }
}

#[cfg(unix)]
fn ended_by(signal: &str) -> (Bench, std::process::Output) {
    let bench = Bench::failing(slow());
    let words = Bench::words(&bench.triton(), &[("--precision", "0.01"), ("-c", "2")]);
    let child = bench.prepare(words, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_predictions(&bench, 120);
    let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    (bench, output)
}

#[cfg(unix)]
#[test]
fn a_signal_ends_a_run_with_a_valid_report() {
    for signal in ["-TERM", "-INT"] {
        let (bench, output) = ended_by(signal);
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let report = bench.report("run");
        assert_eq!((report.run.exit_code, report.run.cut.as_deref()), (130, Some("interrupted")));
        assert_eq!(report.results.levels[0].stopped, Stopped::Cut);
        assert!(bench.path("run/curve.svg").exists());
        bench.assert_verified("run");
        bench.assert_counts_agree(&report);
    }
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_a_readable_journal() {
    let (bench, output) = ended_by("-KILL");
    assert_eq!(output.status.code(), None);
    assert!(bench.journal("run").len() > 50);
    assert!(!bench.path("run/report.json").exists());
}

#[test]
fn what_the_report_counts_is_what_the_server_counted() {
    let when = When::Chance(0.1);
    let second = Some(Duration::from_secs(1));
    for faults in [
        Faults::default(),
        Faults { fail_once: Some(FailOnce { share: 0.1, status: 500 }), ..Faults::default() },
        Faults {
            rejects: vec![Reject { status: 429, when: When::Every(50), retry_after: second }],
            ..Faults::default()
        },
        Faults { drop: when, ..Faults::default() },
    ] {
        let bench = Bench::failing(faults.clone());
        let ran = bench.audit(&bench.triton(), &[("-b", "2"), ("-c", "8")]);
        assert_eq!(ran.code, 0, "{faults:?}: {ran:?}");
        let report = bench.report("run");
        bench.assert_counts_agree(&report);
        assert!(bench.mock().counts().most_open <= 8);
        assert_eq!(report.run.retries, report.run.failures, "{faults:?}");
    }
}

#[test]
fn every_request_keeps_to_the_rate() {
    let bench = Bench::new();
    let flags = [("--rate", "100/s"), ("-b", "1"), ("-c", "16")];
    let ran = bench.audit(&bench.triton(), &flags);
    assert_eq!(ran.code, 0, "{ran:?}");
    let arrivals = bench.mock().arrivals();
    assert_eq!(arrivals.len() as u64, bench.report("run").run.requests);
    assert!(arrivals.len() > 100);
    // Burst 1: any 100 requests in a row take 0.99 s, less what a busy machine delays the first of them.
    for window in arrivals.windows(100) {
        let took = window[99].at.saturating_sub(window[0].at);
        assert!(took > Duration::from_millis(690), "{took:?}");
    }
}

#[test]
fn no_more_requests_are_sent_than_allowed() {
    let bench = Bench::failing(Faults { drop: When::Chance(0.2), ..Faults::default() });
    let ran =
        bench.audit(&bench.triton(), &[("--max-requests", "110"), ("-c", "16"), ("--precision", "0.01")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert!(bench.mock().counts().requests <= 110);
    let report = bench.report("run");
    assert_eq!(report.run.requests, 110);
    bench.assert_verified("run");
}

#[test]
fn a_budget_that_ends_first_is_told() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.triton(), &[("-n", "150"), ("--precision", "0.01")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let report = bench.report("run");
    assert_eq!((report.run.queries, report.results.levels[0].stopped), (150, Stopped::Budget));
    assert!(report.results.levels[0].risk.upper.is_some());
    bench.assert_verified("run");
}

#[test]
fn time_that_runs_out_ends_a_run_with_what_is_known() {
    let bench = Bench::failing(slow());
    let ran =
        bench.audit(&bench.triton(), &[("--max-time", "1500ms"), ("--precision", "0.005"), ("-c", "8")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert!(ran.took < Duration::from_secs(20));
    assert_eq!(bench.report("run").results.levels[0].stopped, Stopped::Cut);
    bench.assert_verified("run");
}

#[test]
fn gates_decide_the_exit_code() {
    for (gate, code, verdict) in [
        ("error@0.4 <= 0.6", 0, Verdict::Holds),
        ("error@0.4 <= 0.02", 99, Verdict::Fails),
        ("error@0.4 <= 0.2", 98, Verdict::Undecided),
    ] {
        let bench = Bench::new();
        let ran =
            bench.audit(&bench.triton(), &[("--gate", gate), ("--precision", TAKEN_OUT), ("-n", "160")]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert_eq!(bench.report("run").results.gates[0].verdict, verdict);
        assert!(ran.out.contains(gate), "{}", ran.out);
    }
}

/// What was paid for is shown, and what it found is told, though a further file cannot be written any more.
#[test]
fn a_further_file_that_cannot_be_written_at_the_end_hides_no_report() {
    let bench = Bench::failing(slow());
    std::fs::create_dir(bench.path("out")).unwrap();
    let gate = "error@0.4 <= 0.02";
    let changes = [("--gate", gate), ("--precision", TAKEN_OUT), ("-n", "160"), ("-o", "out/audit.json")];
    let words = Bench::words(&bench.triton(), &changes);
    let child = bench.prepare(words, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_predictions(&bench, 20);
    std::fs::remove_dir(bench.path("out")).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains(gate), "{out}");
    assert!(err.contains("error: cannot write out/audit.json"), "{err}");
    let kept = std::path::Path::new("run").join("report.json");
    assert!(err.contains(&format!("stands in {}", kept.display())) && err.contains("99"), "{err}");
    assert_eq!(bench.report("run").run.exit_code, 99);
}

#[test]
fn a_loss_outside_its_range_ends_it_without_limits() {
    let bench = Bench::new();
    let flags = [("--loss", "squared-error"), ("--loss-range", "0,0.001"), ("--precision", "0.0001")];
    let ran = bench.audit(&bench.mock().url("triton", "linear-regression"), &flags);
    assert_eq!(ran.code, 4, "{ran:?}");
    let report = bench.report("run");
    let cut = report.run.cut.clone().unwrap();
    assert!(cut.contains("draw clean (row ") && cut.contains("--loss-range"), "{cut}");
    assert!(report.results.levels.iter().all(|level| level.risk.upper.is_none()));
    assert!(ran.out.contains(&cut[..20]), "{}", ran.out);
}

#[test]
fn rows_that_are_refused_or_answer_nan_widen_the_limits() {
    let faults = Faults { refuse_rows: 0.04, nan_rows: 0.04, ..Faults::default() };
    let bench = Bench::failing(faults);
    let ran = bench.audit(&bench.triton(), &[("-b", "8"), ("--precision", "0.2"), ("--seed", "3")]);
    // When the first clean row happens to be one of them, the audit ends there.
    assert!([0, 98].contains(&ran.code), "{ran:?}");
    let level = bench.report("run").results.levels.remove(0);
    assert!(level.unanswered > 0);
    let (low, high) = level.risk.estimate_range.unwrap();
    assert!(level.risk.lower.unwrap() <= low && high <= level.risk.upper.unwrap());
    assert!(low < high);
    bench.assert_verified("run");
}

#[test]
fn another_version_in_mid_audit_ends_it() {
    let swap = Swap { after: 120, to: None, version: Some("2".to_owned()) };
    let bench = Bench::failing(Faults { swap: Some(swap), ..Faults::default() });
    let ran = bench.audit(&bench.triton(), &[("-b", "1"), ("--precision", "0.02")]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let cut = bench.report("run").run.cut.unwrap();
    assert!(cut.contains("another model") && cut.contains("version 2"), "{cut}");
}

#[test]
fn a_plan_runs_again_with_the_same_results() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.triton(), &[("--gate", "error@0.4 <= 0.6")]).code, 0);
    let words = ["audit", "run/plan.toml", "--run-dir", "again", "-c", "1"];
    let ran = bench.command(words, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (one, two) = (bench.report("run"), bench.report("again"));
    assert_eq!((one.question, one.results), (two.question, two.results));
    let compared = bench.command(["verify", "run", "--against", "again"], &[]);
    assert_eq!(compared.code, 0, "{compared:?}");
    assert!(compared.out.contains("equal draw for draw"), "{compared:?}");
}

#[test]
fn what_was_changed_afterwards_is_found() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.triton(), &[]).code, 0);
    let report = std::fs::read_to_string(bench.path("run/report.json")).unwrap();
    let changed = report.replacen("\"upper\": 0.", "\"upper\": 0.0", 1);
    assert_ne!(report, changed);
    bench.write("run/report.json", changed);
    assert_eq!(bench.command(["verify", "run"], &[]).code, 4);
    // What is told of the run itself follows from the journal, too.
    for (key, told) in [
        ("requests", "requests "),
        ("predictions", "predictions "),
        ("rows", "rows "),
        ("retries", "retries "),
        ("failures", "failures "),
        ("queries", "charged queries "),
        ("surplus", "draws sent ahead "),
        ("exit_code", "an exit code of "),
        ("openings", "openings "),
        ("latency", "a baseline of "),
    ] {
        let part = report.find("\"run\": {").unwrap();
        let at = part + report[part..].find(&format!("\"{key}\": ")).unwrap() + key.len() + 4;
        let changed = format!("{}1{}", &report[..at], &report[at..]);
        bench.write("run/report.json", changed.replacen("10,", "1,", usize::from(key == "surplus")));
        let ran = bench.command(["verify", "run"], &[]);
        assert!(ran.code == 4 && ran.out.contains(&format!("report.json states {told}")), "{key}: {ran:?}");
        assert!(!ran.out.contains("agrees"), "{ran:?}");
    }
    bench.write("run/report.json", &report);
    bench.assert_verified("run");
    let ran = bench.command(["verify", "run"], &[]);
    assert!(ran.out.contains("agrees: report.json follows from journal.jsonl"), "{ran:?}");
    assert!(ran.out.contains("not checked: when the run ended (run.finished)"), "{ran:?}");
    let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
    bench.write("run/plan.toml", plan.replacen("alpha = 0.0", "alpha = 0.00", 1));
    let ran = bench.command(["verify", "run"], &[]);
    assert!(ran.code == 4 && ran.out.contains("plan.toml lists other claims"), "{ran:?}");
    bench.write("run/plan.toml", plan);
    // Nothing is left to be asked, so that another conduct changes no result.
    let again = [
        "audit",
        "--resume",
        "run",
        "-n",
        "99999",
        "--rate",
        "5/s",
        "--cost-per-query",
        "2",
        "--max-cost",
        "1000",
    ];
    assert_eq!(bench.command(again, &[]).code, 0);
    bench.assert_verified("run");
    // A report that was not written can be.
    std::fs::remove_file(bench.path("run/report.json")).unwrap();
    let ran = bench.command(["verify", "run"], &[]);
    assert!(ran.code == 2 && ran.err.contains("noisebound audit --resume run"), "{ran:?}");
    assert_eq!(bench.command(["audit", "--resume", "run"], &[]).code, 0);
    bench.assert_verified("run");
    let journal = std::fs::read_to_string(bench.path("run/journal.jsonl")).unwrap();
    bench.write("run/journal.jsonl", journal.replacen("\"losses\":[0]", "\"losses\":[1]", 1));
    let ran = bench.command(["verify", "run"], &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("line"), "{ran:?}");
}

pub const TOKEN: &str = "s3cr3t+t0ken/with=signs";

/// The token in each of the forms in which it could leak: parts of it as they are, all of it percent-encoded, escaped as in
/// JSON and HTML and hexadecimal, and base64 with any number of characters before it, as in `Basic`.
pub fn forms() -> Vec<String> {
    let each = |form: fn(u8) -> String| TOKEN.bytes().map(form).collect::<Vec<_>>().concat();
    let whole = [
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("\\x{byte:02x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("&#x{byte:X};")),
        each(|byte| format!("{byte:02x}")),
    ];
    let base64 = [
        "czNjcjN0K3Qwa2VuL3dpdGg9c2lnbnM",
        "MzY3IzdCt0MGtlbi93aXRoPXNpZ25z",
        "zM2NyM3QrdDBrZW4vd2l0aD1zaWduc",
    ];
    // However the rest is escaped, a server leaves letters and digits alone.
    ["s3cr3t", "t0ken"].into_iter().chain(base64).map(str::to_owned).chain(whole).collect()
}

/// Whether any of these forms is in the text.
pub fn leaks(text: &str) -> bool {
    forms().iter().any(|form| text.contains(form))
}

/// Whether the token stands in anything that a run printed, or wrote anywhere below the folder it ran in.
pub fn leaked(bench: &Bench, ran: &Ran) -> bool {
    leaks(&ran.out) || leaks(&ran.err) || leaked_into(&bench.path(""))
}

fn leaked_into(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).any(|entry| {
        let is_folder = entry.file_type().unwrap().is_dir();
        // Those are where tests keep it.
        let ours = ["token", "basic"].iter().any(|name| entry.file_name() == *name);
        if is_folder {
            leaked_into(&entry.path())
        } else {
            !ours && leaks(&String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()))
        }
    })
}

#[test]
fn a_token_works_and_appears_nowhere() {
    for scheme in PROTOCOLS.iter().map(|protocol| protocol.name) {
        let bench = Bench::with(Options { token: Some(TOKEN.to_owned()), ..Options::default() });
        bench.write("token", format!("{TOKEN}\n"));
        let target = bench.mock().url(scheme, "linear-classifier");
        for (flag, value, works) in [
            ("--token-env", "OUR_TOKEN", true),
            ("--token-file", "token", true),
            ("-H", "Authorization: Bearer ${OUR_TOKEN}", true),
            ("-H", "X-Other: plain", false),
        ] {
            let flags = [(flag, value), ("-b", "1"), ("-vvv", NO_VALUE)];
            let ran = bench.audit_with(&target, &flags, &[("OUR_TOKEN", TOKEN)]);
            assert_eq!(ran.code, if works { 0 } else { 3 }, "{scheme} {flag}: {ran:?}");
            assert!(!leaked(&bench, &ran), "{scheme} {flag}: {ran:?}");
            let _ = std::fs::remove_dir_all(bench.path("run"));
        }
        // A wrong one, which the server says to be wrong.
        let wrong = bench.audit_with(
            &target,
            &[("--token-env", "OUR_TOKEN"), ("-b", "1")],
            &[("OUR_TOKEN", "0ther")],
        );
        assert_eq!(wrong.code, 3, "{wrong:?}");
        assert!(!format!("{wrong:?}").contains("0ther"), "{wrong:?}");
    }
}

#[test]
fn a_planted_leak_is_found() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.triton(), &[]);
    assert!(!leaked(&bench, &ran));
    for form in forms() {
        std::fs::create_dir_all(bench.path("run/a")).unwrap();
        bench.write("run/a/journal.jsonl", "");
        for file in ["run/plan.toml", "run/journal.jsonl", "run/report.json", "run/a/journal.jsonl", "x.npy"]
        {
            let kept = std::fs::read(bench.path(file)).unwrap();
            bench.write(file, format!("header = \"{form}\""));
            assert!(leaked(&bench, &ran), "{form} in {file}");
            bench.write(file, kept);
        }
        assert!(!leaked(&bench, &ran));
        assert!(leaks(&format!("error: {form}")), "{form}");
    }
    // `ann`, `anne` and nobody before the colon.
    for basic in [
        "OnMzY3IzdCt0MGtlbi93aXRoPXNpZ25z",
        "YW5uZTpzM2NyM3QrdDBrZW4vd2l0aD1zaWducw==",
        "YW5uOnMzY3IzdCt0MGtlbi93aXRoPXNpZ25z",
    ] {
        assert!(leaks(&format!("Basic {basic}")), "{basic}");
    }
    assert!(leaks("Basic czNjcjN0K3Qwa2VuL3dpdGg9c2lnbnM=") && leaks("?key=s3cr3t%2Bt0ken%2Fwith%3Dsigns"));
}

/// How a run that was cut asked is stated as it was.
#[test]
fn another_conduct_than_that_of_the_journal_is_found() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.triton(), &[("--max-requests", "60")]).code, 98);
    bench.assert_verified("run");
    let report = std::fs::read_to_string(bench.path("run/report.json")).unwrap();
    bench.write("run/report.json", report.replacen("\"batch\": 1", "\"batch\": 2", 1));
    let ran = bench.command(["verify", "run"], &[]);
    assert!(ran.code == 4 && ran.out.contains("report.json states another conduct"), "{ran:?}");
}

/// Rows that are asked twice go once alone and once in full batches, as later rows do, and with nothing else.
#[test]
fn the_check_asks_alone_and_in_full_batches() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.json(), &[("-b", "8")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (mut alone, mut together) = (0, 0);
    for line in bench.journal("run") {
        let Line::Settled(settled) = line else { continue };
        let queries: Vec<Query> = settled.records.iter().map(|record| record.query).collect();
        if queries.iter().any(|query| matches!(query, Query::Alone(_))) {
            assert_eq!(queries.len(), 1, "{queries:?}");
            alone += 1;
        } else if queries.iter().any(|query| matches!(query, Query::Together(_))) {
            assert!(queries.iter().all(|query| matches!(query, Query::Together(_))), "{queries:?}");
            assert_eq!(queries.len(), 8, "{queries:?}");
            together += 1;
        }
    }
    assert_eq!((alone, together), (ROWS, ROWS / 8));
}
