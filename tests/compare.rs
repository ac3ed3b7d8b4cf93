//! `noisebound compare` against the mock server: what it finds, what it refuses, how it ends, what it leaves behind.

use std::time::Duration;

use noisebound::comparison::{Comparison, Sign};
use noisebound::report::comparison::json::{read, results_bytes};
use noisebound::results::{Stopped, Verdict};
use noisebound_mock_server::faults::{FailOnce, Faults, Latency, Reject, Swap, When};
use noisebound_mock_server::truth::{self, Family, Noise};
use noisebound_mock_server::{Options, examples};

use crate::bench::{Bench, NO_VALUE, ROWS, Ran, TAKEN_OUT};

/// The words of a comparison: those of an audit of the first target, changed, and the other targets.
fn words(targets: &[&str], changes: &[(&str, &str)]) -> Vec<String> {
    let mut words = Bench::words(targets[0], changes);
    "compare".clone_into(&mut words[0]);
    words.extend(targets[1..].iter().map(ToString::to_string));
    words
}

fn compare(bench: &Bench, targets: &[&str], changes: &[(&str, &str)]) -> Ran {
    bench.command(words(targets, changes), &[])
}

/// The two linear classifiers, the first of which is better.
fn both(bench: &Bench) -> [String; 2] {
    [bench.json(), bench.mock().url("json", "linear-classifier-b")]
}

fn compare_both(bench: &Bench, changes: &[(&str, &str)]) -> Ran {
    let [a, b] = both(bench);
    compare(bench, &[&a, &b], changes)
}

fn report(bench: &Bench, run: &str) -> Comparison {
    read(&bench.path(run).join("compare.json")).unwrap()
}

/// The exact difference of the errors at a level.
fn difference(level: f64) -> f64 {
    let example = examples::classification(ROWS);
    let noise = Noise { family: Family::Gaussian, level, columns: &[0, 1, 2, 3] };
    let (a, b) = (examples::classifier(), examples::classifier_b());
    truth::difference(&a, &b, &example.rows, &example.targets, noise).unwrap()
}

#[test]
fn a_whole_comparison_finds_the_difference_and_leaves_a_whole_folder() {
    let bench = Bench::new();
    let ran = compare_both(&bench, &[("--levels", "0.4,0.8"), ("-o", "copy.json"), ("-b", "4")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for file in
        ["plan.toml", "compare.json", "trade-off.svg", "a/plan.toml", "a/journal.jsonl", "b/journal.jsonl"]
    {
        assert!(bench.path("run").join(file).exists(), "{file}");
    }
    let found = report(&bench, "run");
    assert_eq!(
        std::fs::read(bench.path("copy.json")).unwrap(),
        std::fs::read(bench.path("run/compare.json")).unwrap()
    );
    let [clean, noisy @ ..] = found.results.levels.as_slice() else { panic!("{found:?}") };
    assert!(
        clean.exact && (clean.differences[0].difference.estimate.unwrap() - difference(0.0)).abs() < 1e-12
    );
    assert_eq!(clean.differences[0].sign, Some(Sign::Worse));
    for level in noisy {
        let (of, truth) = (&level.differences[0], difference(level.level));
        let (lower, upper) = (of.difference.lower.unwrap(), of.difference.upper.unwrap());
        assert!(lower <= truth && truth <= upper, "{truth} is not in [{lower}, {upper}]");
        assert!((upper - lower) / 2.0 <= 0.15 && level.stopped == Some(Stopped::Precision), "{level:?}");
        let pairs = of.pairs.unwrap();
        assert_eq!(pairs.both + pairs.reference_alone + pairs.this_alone + pairs.neither, level.draws);
    }
    let counts = bench.mock().counts();
    let sum =
        |of: fn(&noisebound::comparison::EndpointRun) -> u64| found.run.endpoints.iter().map(of).sum::<u64>();
    assert_eq!((sum(|run| run.requests), sum(|run| run.predictions)), (counts.requests, counts.predictions));
    assert!(ran.err.contains("for each of 2 endpoints, "), "{}", ran.err);
    assert!(ran.out.contains("B - A") && ran.out.contains("robustness index"), "{}", ran.out);
    bench.assert_verified("run");
}

/// Both endpoints are asked the same rows with the same noise: where they serve the same model, nothing differs.
#[test]
fn one_model_behind_two_protocols_differs_in_nothing() {
    let bench = Bench::new();
    let torchserve = bench.mock().url("torchserve", "linear-classifier");
    let ran =
        compare(&bench, &[&bench.triton(), &bench.json(), &torchserve], &[("--margin", "0.2"), NO_BATCH]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let found = report(&bench, "run");
    for of in found.results.levels.iter().flat_map(|level| &level.differences) {
        assert_eq!((of.difference.estimate, of.margin), (Some(0.0), Some(Verdict::Holds)), "{of:?}");
        let pairs = of.pairs.unwrap_or_default();
        assert_eq!((pairs.this_alone, pairs.reference_alone), (0, 0));
        assert!(matches!(of.sign, Some(Sign::Undecided | Sign::Equal)), "{of:?}");
    }
    bench.assert_verified("run");
}

const NO_BATCH: (&str, &str) = ("-b", "1");

#[test]
fn the_same_seed_gives_the_same_results_whatever_the_load() {
    let once = FailOnce { share: 0.1, status: 503 };
    let failing = Faults {
        fail_once: Some(once),
        latency: Latency::Exponential(Duration::from_millis(1)),
        ..Faults::default()
    };
    let cases: [(Faults, &[(&str, &str)]); 4] = [
        (Faults::default(), &[("-c", "1")]),
        (Faults::default(), &[("-c", "32"), ("-b", "16")]),
        (Faults::default(), &[("--rate", "2000/s"), ("-b", "3")]),
        (failing, &[("-c", "8"), ("-b", "2")]),
    ];
    let mut seen: Option<Vec<u8>> = None;
    for (faults, changes) in cases {
        let bench = Bench::failing(faults);
        let ran = compare_both(&bench, &[changes, &[("--levels", "0.4,0.8"), ("--margin", "0.5")]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let bytes = results_bytes(&report(&bench, "run").results);
        assert_eq!(*seen.get_or_insert_with(|| bytes.clone()), bytes, "{changes:?}");
        bench.assert_verified("run");
    }
}

#[test]
fn margins_and_budgets_decide_about_the_exit_code() {
    let (wide, narrow) = (difference(0.4) + 0.3, difference(0.4) - 0.2);
    let cases = [
        (wide.to_string(), "10000", 0, Verdict::Holds),
        (narrow.to_string(), "10000", 99, Verdict::Fails),
        // Without noise it is known to hold.
        ((difference(0.0) + 0.01).to_string(), "150", 98, Verdict::Undecided),
        // Without noise it is known to fail.
        ((difference(0.0) - 0.01).to_string(), "150", 99, Verdict::Undecided),
    ];
    for (margin, queries, code, verdict) in cases {
        let bench = Bench::new();
        let ran = compare_both(&bench, &[(&format!("--margin={margin}"), NO_VALUE), ("-n", queries)]);
        assert_eq!(ran.code, code, "{ran:?}");
        let found = report(&bench, "run");
        assert_eq!((found.run.exit_code, found.margin), (code as u8, margin.parse().ok()));
        assert_eq!(found.results.levels[1].differences[0].margin, Some(verdict));
        bench.assert_verified("run");
    }
}

/// Asserts that nothing was sent to the server, and nothing was left behind.
fn assert_refused(bench: &Bench, ran: &Ran, word: &str) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(word), "`{word}` is not in {}", ran.err);
    assert_eq!(bench.mock().counts().requests, 0, "{ran:?}");
    assert!(!bench.path("run").exists());
}

/// Money is for all together, requests are for each endpoint.
#[test]
fn no_more_is_spent_or_sent_than_allowed() {
    for (flag, rows, requests) in [("--max-cost", 150, 1000), ("--max-requests", 1000, 150)] {
        let bench = Bench::new();
        let most = if flag == "--max-cost" { "300" } else { "75" };
        let ran = compare_both(&bench, &[(flag, most), ("--cost-per-query", "2"), ("--precision", "0.02")]);
        assert_eq!(ran.code, 98, "{ran:?}");
        assert!(ran.err.lines().last().unwrap().contains(flag), "{}", ran.err);
        let counts = bench.mock().counts();
        assert!(counts.rows <= rows && counts.requests <= requests && counts.rows > 100, "{counts:?}");
        let cost: f64 = report(&bench, "run").run.endpoints.iter().filter_map(|run| run.cost).sum();
        assert_eq!(cost, 2.0 * counts.rows as f64);
        bench.assert_verified("run");
    }
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_sent() {
    let bench = Bench::new();
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("--gate", "error@0.4 <= 0.5")], "--gate: expected nothing with a comparison"),
        (&[("--loss", "squared-error"), ("--precision", "1")], "--loss-range 0,"),
        (&[("--margin", "x")], "--margin: expected a number in units of the loss, found 'x'"),
        (&[("--margin", "nan")], "--margin: expected a number"),
        (&[("--margin", "1")], "--margin: expected a number between -1 and 1, found 1"),
        (&[("-m", "linear-classifier")], "name each model in its target"),
        (&[("-o", "x.npy")], "--save: expected a file that ends in"),
        (&[("-o", "x.npy"), ("-x", "1")], "--model-version"),
        (&[("--run-dir", ".")], "exists already"),
    ];
    for (changes, word) in cases {
        assert_refused(&bench, &compare_both(&bench, changes), word);
    }
    let [a, b] = both(&bench);
    assert_refused(&bench, &compare(&bench, &[&a], &[]), "expected 2 to 26 targets, found 1");
    assert_refused(&bench, &compare(&bench, &[&a, &b, &a], &[]), "one twice");
    let far = "triton://192.0.2.1:8000/x";
    let alone = compare(&bench, &[&a, far], &[]);
    assert_refused(&bench, &alone, "192.0.2.1:8000 is not this machine");
    assert!(
        alone.err.contains("each endpoint up to 10000 queries") && alone.err.contains("--yes"),
        "{}",
        alone.err
    );
}

#[test]
fn what_cannot_be_written_is_found_before_anything_is_sent() {
    let bench = Bench::new();
    bench.write("afile", "");
    let targets = [bench.triton(), bench.mock().url("triton", "linear-classifier-b")];
    let targets = targets.each_ref().map(String::as_str);
    for (flag, value, word) in [
        ("--run-dir", "afile/run", "is no folder"),
        ("-o", "gone/it.json", "-o: cannot write gone/it.json"),
        ("-o", "afile/it.svg", "-o: cannot write afile/it.svg"),
    ] {
        assert_refused(&bench, &compare(&bench, &targets, &[(flag, value)]), word);
    }
    for run in ["one", "two"] {
        assert_eq!(bench.audit(targets[0], &[("--run-dir", run)]).code, 0);
    }
    let ran = bench.command(["compare", "--reports", "one", "two", "-o", "gone/it.svg"], &[]);
    assert!(ran.code == 2 && ran.err.contains("-o: cannot write gone/it.svg"), "{ran:?}");
}

/// Nothing of a comparison is an audit, whose keys need not be listed to say so.
#[test]
fn a_comparison_is_not_taken_for_an_audit_to_go_on_with() {
    let bench = Bench::new();
    assert_eq!(compare_both(&bench, &[]).code, 0);
    let sent = bench.mock().counts().requests;
    for killed in [false, true] {
        if killed {
            std::fs::remove_file(bench.path("run/compare.json")).unwrap();
        }
        let ran = bench.command(["audit", "--resume", "run"], &[]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
        assert!(ran.err.contains("a comparison cannot be gone on with"), "{}", ran.err);
        assert!(ran.err.contains("start the comparison anew"), "{}", ran.err);
    }
    for words in [&["audit", "run/plan.toml"][..], &["plan", "--resume", "run"]] {
        let ran = bench.command(words, &[]);
        assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{ran:?}");
        assert!(ran.err.contains("the plan of a comparison"), "{}", ran.err);
    }
    assert_eq!(bench.mock().counts().requests, sent);
}

#[test]
fn data_that_do_not_fit_one_of_the_models_are_told_with_its_name() {
    let bench = Bench::new();
    let ran = compare(&bench, &[&bench.triton(), &bench.mock().url("triton", "digits")], &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("B: a row of field"), "{}", ran.err);
    assert_eq!(bench.mock().counts().predictions, 0);
    assert!(!bench.path("run").exists(), "a folder that was made in vain is removed");
}

fn guarded(token: &str) -> Bench {
    Bench::with(Options { token: Some(token.to_owned()), ..Options::default() })
}

/// The token of one server would be a leak at the other.
#[test]
fn each_server_gets_its_own_token_and_no_other() {
    let (one, two) = (guarded("sesame-of-one"), guarded("sesame-of-two"));
    let targets = [one.json(), two.mock().url("json", "linear-classifier-b")];
    let targets = [targets[0].as_str(), targets[1].as_str()];
    let tokens = [("ONE", "sesame-of-one"), ("TWO", "sesame-of-two")];
    for secret in [("--token-env", "ONE"), ("-H", "x-api-key: ${ONE}")] {
        let ran = one.command(words(&targets, &[secret]), &tokens);
        assert_refused(&one, &ran, "say --share-credentials");
        assert_eq!(two.mock().counts().requests, 0);
        assert!(!ran.err.contains("sesame"), "{}", ran.err);
    }
    let ran = one.command(words(&targets, &[("--token-env", "ONE,TWO")]), &tokens);
    assert_eq!(ran.code, 0, "{ran:?}");
    // A wrong token would have been turned away.
    let statuses = two.mock().counts().statuses;
    assert_eq!(statuses.keys().copied().collect::<Vec<_>>(), [200], "{statuses:?}");
    let plan = std::fs::read_to_string(one.path("run/b/plan.toml")).unwrap();
    assert!(plan.contains("token-env = \"TWO\"") && !plan.contains("sesame"), "{plan}");
    one.assert_verified("run");
    // Both get the same where that is said.
    let shared = [("--token-env", "ONE"), ("--share-credentials", NO_VALUE), ("--run-dir", "other")];
    let ran = one.command(words(&targets, &shared), &tokens);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("B: "), "{}", ran.err);
    assert!(two.mock().counts().statuses.contains_key(&401));
}

fn closed_after(count: u64) -> Faults {
    let reject = Reject { status: 401, when: When::After(count), retry_after: None };
    Faults { rejects: vec![reject], ..Faults::default() }
}

#[test]
fn an_endpoint_that_closes_in_mid_run_leaves_a_partial_report() {
    let (bench, closing) = (Bench::new(), Bench::failing(closed_after(300)));
    let ran = compare(&bench, &[&bench.json(), &both(&closing)[1]], &[("--precision", "0.02")]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("error: B: the endpoint is unusable"), "{}", ran.err);
    let found = report(&bench, "run");
    assert!(found.run.cut.as_ref().unwrap().starts_with("B: "), "{:?}", found.run);
    let level = &found.results.levels[1];
    assert!(level.draws > 50 && level.stopped == Some(Stopped::Cut), "{level:?}");
    assert!(level.differences[0].difference.upper.is_some(), "{level:?}");
    bench.assert_verified("run");
}

/// What the others answered meanwhile still counts, as far as it pairs with what the first model answered.
#[test]
fn a_model_that_is_exchanged_in_mid_run_ends_it_for_all() {
    let swap = Swap { after: 700, to: None, version: None };
    let swapping = Bench::failing(Faults { swap: Some(swap), ..Faults::default() });
    let bench = Bench::new();
    let targets = [&bench.json(), &both(&swapping)[1]];
    let ran = compare(&bench, &targets.map(String::as_str), &[("--precision", "0.02"), ("-b", "1")]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("B: row ") && ran.err.contains("otherwise than at the start"), "{}", ran.err);
    let found = report(&bench, "run");
    assert!(found.run.cut.as_ref().unwrap().starts_with("B: row "), "{:?}", found.run);
    let unknown: Vec<u64> = found.run.endpoints.iter().map(|run| run.model_unknown).collect();
    assert!(unknown[0] == 0 && (1..450).contains(&unknown[1]), "{unknown:?}");
    let level = &found.results.levels[1];
    assert!((1..700).contains(&level.draws) && level.differences[0].difference.upper.is_some(), "{level:?}");
    bench.assert_verified("run");
}

#[test]
fn an_endpoint_that_cannot_be_used_at_all_is_named() {
    let (bench, closed) = (Bench::new(), Bench::failing(closed_after(0)));
    let ran = compare(&bench, &[&bench.json(), &both(&closed)[1]], &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("error: B: ") && ran.err.contains("--token-env"), "{}", ran.err);
}

#[test]
fn rows_that_one_endpoint_refuses_widen_the_difference() {
    let (bench, refusing) = (Bench::new(), Bench::failing(Faults { refuse_rows: 0.05, ..Faults::default() }));
    let ran = compare(&bench, &[&bench.json(), &both(&refusing)[1]], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let found = report(&bench, "run");
    let of = &found.results.levels[1].differences[0];
    let (low, high) = of.difference.estimate_range.unwrap();
    assert!(of.unanswered > 0 && low < high, "{of:?}");
    assert!(of.difference.lower.unwrap() < low && high < of.difference.upper.unwrap(), "{of:?}");
    assert!(ran.out.contains("pairs with B"), "{}", ran.out);
    bench.assert_verified("run");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_a_valid_report() {
    let slow = Faults { latency: Latency::Fixed(Duration::from_millis(20)), ..Faults::default() };
    let bench = Bench::failing(slow);
    let [a, b] = both(&bench);
    let words = words(&[&a, &b], &[("--precision", "0.01"), ("-c", "2")]);
    let pipe = std::process::Stdio::piped;
    let child = bench.prepare(words, &[]).stdout(pipe()).stderr(pipe()).spawn().unwrap();
    let started = std::time::Instant::now();
    while bench.mock().counts().predictions < 300 {
        assert!(started.elapsed() < Duration::from_secs(30), "the comparison does not get going");
        std::thread::yield_now();
    }
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let found = report(&bench, "run");
    assert_eq!((found.run.exit_code, found.run.cut.as_deref()), (130, Some("interrupted")));
    bench.assert_verified("run");
}

#[test]
fn an_audit_file_names_the_reference_and_the_settings() {
    let bench = Bench::new();
    let [a, b] = both(&bench);
    let file = format!(
        "target = \"{a}\"\ndata = \"x.npy\"\ntargets = \"y.npy\"\nlevels = [0.4]\nprecision = 0.15\nrate = \"none\"\nseed = 7\n"
    );
    bench.write("it.toml", file);
    let ran = bench.command(["compare", "it.toml", &b, "--run-dir", "run", "--json"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out, std::fs::read_to_string(bench.path("run/compare.json")).unwrap());
    let other = compare_both(&bench, &[("--run-dir", "other")]);
    assert_eq!(other.code, 0, "{other:?}");
    assert_eq!(
        results_bytes(&report(&bench, "run").results),
        results_bytes(&report(&bench, "other").results)
    );
    // Each part is an audit file of its own.
    let again = bench.command(["audit", "run/b/plan.toml", "--run-dir", "again"], &[]);
    assert_eq!(again.code, 0, "{again:?}");
    let replayed = bench.command(["replay", "run/b", "1:3"], &[]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

#[test]
fn what_is_altered_does_not_verify_and_parts_are_not_taken_for_audits() {
    let bench = Bench::new();
    assert_eq!(compare_both(&bench, &[]).code, 0);
    for command in
        [&["verify", "run/a"][..], &["audit", "--resume", "run/b"], &["verify", "run", "--against", "run"]]
    {
        let ran = bench.command(command, &[]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("comparison"), "{}", ran.err);
    }
    let file = bench.path("run/compare.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    let mut found = report(&bench, "run");
    found.results.levels[1].differences[0].sign = Some(Sign::Better);
    let told = found.run.endpoints[1].queries;
    let changes = [
        (noisebound::report::comparison::json::render(&found), "results in compare.json"),
        (
            whole.replace(&format!("\"queries\": {told},"), "\"queries\": 7,"),
            "run, A: compare.json states charged queries 7",
        ),
        (whole.replacen("\"exit_code\": 0", "\"exit_code\": 99", 1), "states an exit code of 99"),
        (whole.replacen("\"requests\": ", "\"requests\": 1", 1), "compare.json states requests 1"),
        (whole.replacen("\"precision\": 0.15", "\"precision\": 0.25", 1), "of different questions"),
    ];
    for (text, word) in changes {
        assert_ne!(text, whole);
        std::fs::write(&file, text).unwrap();
        let ran = bench.command(["verify", "run"], &[]);
        assert_eq!(ran.code, 4, "{ran:?}");
        assert!(ran.out.contains(word), "{}", ran.out);
    }
    std::fs::write(&file, whole).unwrap();
    bench.assert_verified("run");
    let plan = std::fs::read_to_string(bench.path("run/plan.toml")).unwrap();
    bench.write("run/plan.toml", plan.replacen("alpha = 0.0", "alpha = 0.00", 1));
    let ran = bench.command(["verify", "run"], &[]);
    assert!(ran.code == 4 && ran.out.contains("plan.toml lists other claims"), "{ran:?}");
}

#[test]
fn finished_reports_are_shown_side_by_side_without_a_request() {
    let bench = Bench::new();
    let [a, b] = both(&bench);
    for (target, run, levels) in [(&a, "one", "0.4"), (&b, "two", "0.2,0.4"), (&a, "flips", "0.4")] {
        let loss = if run == "flips" { "flip" } else { "error" };
        let changes = [("--run-dir", run), ("--levels", levels), ("--loss", loss)];
        assert_eq!(bench.audit(target, &changes).code, 0);
    }
    let sent = bench.mock().counts().requests;
    let show = |words: &[&str]| bench.command([&["compare", "--reports"], words].concat(), &[]);
    let ran = show(&["one", "two/report.json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("nothing is claimed about their differences"), "{}", ran.out);
    assert!(ran.out.lines().next().unwrap().split_whitespace().any(|word| word == "two"), "{}", ran.out);
    let picture = std::fs::read_to_string(bench.path("curves.svg")).unwrap();
    assert!(picture.contains("one") && picture.contains("no difference is claimed"));
    let refused: [(&[&str], &str); 8] = [
        (&["one", "two"], "curves.svg exists already"),
        (&["one"], "expected 2 to 26 reports, found 1"),
        (&["one", "flips", "-o", "x.svg"], "is about error under gaussian noise"),
        (&["one", "none", "-o", "x.svg"], "none"),
        (&["one", "two", "-o", "x.json"], "ends in .svg"),
        (&["one", "two", "-o", "x.svg", "--rate", "1/s"], "--rate: expected nothing beside --reports"),
        (&["one", "two", "-o", "x.svg", "--margin", "0.1"], "--margin: expected nothing beside --reports"),
        (&["x.npy", "two", "-o", "x.svg"], "x.npy"),
    ];
    for (words, word) in refused {
        let ran = show(words);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(word), "`{word}` is not in {}", ran.err);
        assert!(!bench.path("x.svg").exists());
    }
    assert_eq!(show(&["one", "two", "-o", "x.svg"]).code, 0);
    assert_eq!(bench.mock().counts().requests, sent);
}

#[test]
fn no_flag_of_an_audit_is_lost_on_the_way() {
    let bench = Bench::new();
    let ran = bench.command(["compare", "--help"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for flag in ["--margin", "--share-credentials", "--reports", "--precision", "--token-env"] {
        assert!(ran.out.contains(flag), "{flag}");
    }
    let nothing = compare_both(&bench, &[("--data", TAKEN_OUT)]);
    assert_refused(&bench, &nothing, "--data");
}
