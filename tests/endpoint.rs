//! Endpoints that cannot be used, that end in mid-run, and that answer what was not expected; budgets; verdicts.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use noisebound::audit::Query;
use noisebound::journal::Line;
use noisebound::results::{CleanAnswers, Stopped, Verdict};
use noisebound_mock_server::faults::{FailOnce, Faults, Latency, Reject, Swap, When};
use noisebound_mock_server::models::Coin;
use noisebound_mock_server::{Mock, Options, examples};

use crate::bench::{Bench, ROWS, Ran, TAKEN_OUT, write_npy};
use crate::stub::{Stub, answer};

/// A way in which an endpoint cannot be used.
pub struct Unusable {
    /// What it is called.
    pub name: &'static str,
    /// How the server is set up.
    pub options: Options,
    /// The target, given the server.
    pub target: fn(&Mock) -> String,
    /// Changes to the usual flags.
    pub changes: &'static [(&'static str, &'static str)],
    /// What must stand in the message.
    pub words: &'static [&'static str],
}

impl Unusable {
    fn new(name: &'static str, target: fn(&Mock) -> String, words: &'static [&'static str]) -> Self {
        Self { name, options: Options::default(), target, changes: &[], words }
    }

    fn failing(mut self, faults: Faults) -> Self {
        self.options.faults = faults;
        self
    }

    fn guarded(mut self) -> Self {
        self.options.token = Some("sesame-of-the-server".to_owned());
        self
    }

    fn changed(mut self, changes: &'static [(&'static str, &'static str)]) -> Self {
        self.changes = changes;
        self
    }
}

fn json(mock: &Mock) -> String {
    mock.url("json", "linear-classifier")
}

fn triton(mock: &Mock) -> String {
    mock.url("triton", "linear-classifier")
}

fn torchserve(mock: &Mock) -> String {
    mock.url("torchserve", "linear-classifier")
}

fn always(status: u16) -> Faults {
    let reject = Reject { status, when: When::Chance(1.0), retry_after: None };
    Faults { rejects: vec![reject], ..Faults::default() }
}

/// A port on which nobody listens.
const DOWN: &str = "127.0.0.1:9/";
const QUICK: &[(&str, &str)] = &[("--retries", "0"), ("--timeout", "300ms")];

/// Every way; the audit ends with exit code 3 and names the URL.
pub fn unusable() -> Vec<Unusable> {
    vec![
        Unusable::new("json down", |_| "json://127.0.0.1:9/p".into(), &[DOWN, "refused", "is the server up"]),
        Unusable::new(
            "triton down",
            |_| "triton://127.0.0.1:9/m".into(),
            &[DOWN, "refused", "is the server up"],
        ),
        Unusable::new("torchserve down", |_| "torchserve://127.0.0.1:9/m".into(), &[DOWN, "refused"]),
        Unusable::new(
            "json unknown",
            |mock| mock.url("json", "dig"),
            &["/v1/models/dig:predict", "404", "not-found"],
        ),
        Unusable::new(
            "triton unknown",
            |mock| mock.url("triton", "dig"),
            &["/v2/models/dig", "404", "unknown model"],
        ),
        Unusable::new(
            "torchserve unknown",
            |mock| mock.url("torchserve", "dig"),
            &["/dig", "404", "Model not found"],
        ),
        Unusable::new("json path", |mock| format!("json://{}/wrong", mock.address()), &["/wrong", "404"]),
        Unusable::new(
            "triton path",
            |mock| format!("triton://{}/a/b/digits", mock.address()),
            &["/a/b/v2", "404"],
        ),
        Unusable::new(
            "triton version",
            |mock| format!("triton://{}/digits/3", mock.address()),
            &["/digits/v2/models/3", "404", "for version 3 of `digits` write triton://", "/digits -x 3"],
        ),
        Unusable::new("json token", json, &["linear-classifier:predict", "401", "--token-env"]).guarded(),
        Unusable::new("triton token", triton, &["/v2/models/linear-classifier: ", "401", "--token-env"])
            .guarded(),
        Unusable::new("torchserve token", torchserve, &["/ping", "400", "--token-env"]).guarded(),
        Unusable::new("refused", json, &["linear-classifier:predict", "row refused"])
            .failing(Faults { refuse_rows: 1.0, ..Faults::default() }),
        Unusable::new("refused by triton", triton, &["/v2/models/linear-classifier/infer"])
            .failing(Faults { refuse_rows: 1.0, ..Faults::default() }),
        Unusable::new("nan", json, &["linear-classifier:predict", "non-finite"])
            .failing(Faults { nan_rows: 1.0, ..Faults::default() }),
        Unusable::new("overloaded", json, &["linear-classifier:predict", "503", "turned away"])
            .failing(always(503)),
        Unusable::new("redirects", json, &["linear-classifier:predict", "302"]).failing(always(302)),
        Unusable::new("malformed", triton, &["/v2/models/linear-classifier/infer", "malformed"])
            .failing(Faults { truncate: When::Chance(1.0), ..Faults::default() })
            .changed(QUICK),
        Unusable::new("silent", json, &["linear-classifier:predict", "no answer within 300ms"])
            .failing(Faults { stall: When::Chance(1.0), ..Faults::default() })
            .changed(QUICK),
    ]
}

#[test]
fn an_endpoint_that_cannot_be_used_ends_it_within_seconds() {
    for case in unusable() {
        let bench = Bench::with(case.options);
        let ran = bench.audit(&(case.target)(bench.mock()), case.changes);
        assert_eq!(ran.code, 3, "{}: {ran:?}", case.name);
        assert!(ran.took < Duration::from_secs(10), "{}: {ran:?}", case.name);
        let error =
            ran.err.lines().skip_while(|line| !line.starts_with("error: ")).collect::<Vec<_>>().join(" ");
        for word in case.words {
            assert!(error.contains(word), "{}: `{word}` is not in: {error}", case.name);
        }
        if bench.path("run").exists() {
            assert_eq!(bench.report("run").run.exit_code, 3);
            if !case.words.contains(&DOWN) {
                assert_eq!(bench.report("run").run.requests, bench.mock().counts().requests, "{}", case.name);
            }
            bench.assert_verified("run");
        }
    }
}

/// The server points to another place, which is told and not gone to.
#[test]
fn a_redirect_is_not_followed() {
    let place = Stub::new(|_| answer("200 OK", r#"{"predictions": [[0.9, 0.1]]}"#));
    let location = format!("http://{}/elsewhere", place.address());
    let head = format!("307 Temporary Redirect\r\nlocation: {location}");
    let stub = Stub::new(move |_| answer(&head, ""));
    let bench = Bench::new();
    let ran = bench.audit(&format!("json://{}/predict", stub.address()), &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("/predict: HTTP 307") && ran.err.contains(&location), "{}", ran.err);
    assert_eq!(place.heard(), Vec::<String>::new());
}

const METADATA: &str = r#"{"name":"m","versions":["1"],"inputs":[{"name":"x","datatype":"FP64","shape":[-1,4]}],"outputs":[{"name":"y","datatype":"FP64","shape":[-1,2]}]}"#;
const SCORES: &str =
    r#"{"model_name":"m","outputs":[{"name":"y","datatype":"FP64","shape":[1,2],"data":[0.9,0.1]}]}"#;

/// As Triton does with `--http-restricted-api=model-config:...`, and a gateway with all that is not the model's.
#[test]
fn a_model_is_audited_though_the_server_and_its_configuration_are_closed() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let closed = answer(status, r#"{"error":"This API is restricted, expecting header 'k'"}"#);
        let stub = Stub::new(move |request| match request.split(' ').nth(1) {
            Some("/v2/models/m") => answer("200 OK", METADATA),
            Some("/v2/models/m/infer") => answer("200 OK", SCORES),
            _ => closed.clone(),
        });
        let bench = Bench::new();
        let ran = bench.audit(&format!("triton://{}/m", stub.address()), &[("-b", "1")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let report = bench.report("run");
        assert_eq!(report.run.failures, 0, "{:?}", report.run);
        let heard = stub.heard();
        let asked = |path: &str| heard.iter().filter(|request| request.contains(path)).count();
        assert_eq!((asked(" /v2 "), asked("/config ")), (1, 1), "nothing is asked twice");
        bench.assert_verified("run");
    }
}

/// A tenth of the requests fails the first time.
fn stumbling() -> Faults {
    Faults { fail_once: Some(FailOnce { share: 0.1, status: 503 }), ..Faults::default() }
}

#[test]
fn no_more_requests_are_sent_than_allowed() {
    for (most, concurrency) in [("1", "4"), ("50", "1"), ("101", "16")] {
        let bench = Bench::failing(stumbling());
        let ran = bench.audit(&bench.triton(), &[("--max-requests", most), ("-c", concurrency)]);
        assert!(bench.mock().counts().requests <= most.parse().unwrap(), "{:?}", bench.mock().counts());
        if most == "1" {
            // Not even the description was had.
            assert_eq!(ran.code, 98, "{ran:?}");
            assert!(ran.err.contains("--max-requests"), "{ran:?}");
            continue;
        }
        assert_cut(&bench, &ran, "--max-requests");
    }
}

#[test]
fn no_more_time_is_taken_than_allowed() {
    let bench =
        Bench::failing(Faults { latency: Latency::Fixed(Duration::from_millis(20)), ..Faults::default() });
    let ran = bench.audit(&bench.json(), &[("--max-time", "1s"), ("--precision", "0.01")]);
    assert!(ran.took > Duration::from_secs(1) && ran.took < Duration::from_secs(5), "{ran:?}");
    assert_cut(&bench, &ran, "--max-time");
}

/// What a server says about its model is waited for no longer than the whole run may take, be it asked to.
#[test]
fn no_more_time_is_taken_than_allowed_before_the_first_row_either() {
    let stub = Stub::new(|_| answer("429 Too Many Requests\r\nretry-after: 3600", ""));
    let bench = Bench::new();
    let ran = bench.audit(&format!("triton://{}/m", stub.address()), &[("--max-time", "1s")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert!(ran.err.contains("--max-time was used up") && ran.took < Duration::from_secs(20), "{ran:?}");
    assert_eq!(stub.heard().len(), 1, "the wish to wait was not obeyed");
}

/// Asserts that a run was cut short with a valid report.
fn assert_cut(bench: &Bench, ran: &Ran, why: &str) {
    assert_eq!(ran.code, 98, "{ran:?}");
    assert!(ran.err.lines().last().unwrap().starts_with(&format!("cut short: {why}")), "{ran:?}");
    let report = bench.report("run");
    assert!(report.run.cut.as_ref().unwrap().contains(why), "{:?}", report.run);
    assert_eq!(report.results.levels[0].stopped, Stopped::Cut);
    bench.assert_counts_agree(&report);
    bench.assert_verified("run");
}

#[test]
fn a_budget_of_queries_is_spent_to_the_last_and_no_further() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.json(), &[("-n", "200"), ("--precision", "0.02")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let report = bench.report("run");
    assert_eq!(report.run.queries, 200);
    assert_eq!(report.run.cut, None);
    assert_eq!(report.results.levels[0].stopped, Stopped::Budget);
    bench.assert_verified("run");
}

#[test]
fn verdicts_decide_about_the_exit_code() {
    let cases: &[(&[&str], &str, i32, &[Verdict])] = &[
        (&["error@0.4 <= 0.6"], "10000", 0, &[Verdict::Holds]),
        (&["error@0.4 <= 0.05"], "10000", 99, &[Verdict::Fails]),
        (&["error@0.4 >= 0.05"], "10000", 0, &[Verdict::Holds]),
        (&["error@0.4 <= 0.6", "error@0.4 <= 0.05"], "10000", 99, &[Verdict::Holds, Verdict::Fails]),
        (&["error@0.4 <= 0.22"], "180", 98, &[Verdict::Undecided]),
        (&["error@0.4 <= 0.22", "error@0.8 <= 0.02"], "400", 99, &[Verdict::Undecided, Verdict::Fails]),
    ];
    for (gates, queries, code, verdicts) in cases {
        let bench = Bench::new();
        let mut changes = vec![("--precision", TAKEN_OUT), ("--levels", TAKEN_OUT), ("-n", queries)];
        changes.extend(gates.iter().map(|gate| ("--gate", *gate)));
        let ran = bench.audit(&bench.json(), &changes);
        let report = bench.report("run");
        let found: Vec<Verdict> = report.results.gates.iter().map(|gate| gate.verdict).collect();
        assert_eq!((ran.code, found.as_slice()), (*code, *verdicts), "{gates:?}: {ran:?}");
        assert!(
            report.results.levels.iter().all(|level| level.risk.upper.is_none()),
            "no interval was asked"
        );
        bench.assert_verified("run");
    }
}

/// The linear regression, whose clean squared errors are below 1.
fn regression(bench: &Bench) -> String {
    let example = examples::regression(40);
    write_npy(&bench.path("x.npy"), &[40, 4], &example.rows.concat());
    write_npy(&bench.path("y.npy"), &[40], &example.targets);
    bench.mock().url("json", "linear-regression")
}

/// Who waits is told for how long, and why, without asking for it.
#[test]
fn a_long_wait_is_told() {
    let when = When::Between(60, 1000);
    let after = Some(Duration::from_secs(3600));
    let rejects = vec![Reject { status: 429, when, retry_after: after }];
    let bench = Bench::failing(Faults { rejects, ..Faults::default() });
    let ran = bench.audit(&bench.json(), &[("--max-time", "2s"), ("-c", "8")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    let told = "warning: nothing is sent for 3600s, as the server asks: http://";
    assert!(ran.err.matches(told).count() == 1 && ran.err.contains("HTTP 429"), "{}", ran.err);
    // Short ones are not worth a line.
    let rejects =
        vec![Reject { status: 429, when: When::Chance(0.1), retry_after: Some(Duration::from_millis(10)) }];
    let bench = Bench::failing(Faults { rejects, ..Faults::default() });
    let ran = bench.audit(&bench.json(), &[]);
    assert!(ran.code == 0 && !ran.err.contains("nothing is sent"), "{ran:?}");
}

#[test]
fn an_endpoint_that_is_left_alone_is_told() {
    let bench = Bench::failing(Faults { drop: When::Between(60, 1000), ..Faults::default() });
    let ran = bench.audit(&bench.json(), &[("--max-time", "4s"), ("--retries", "0")]);
    assert!(ran.err.contains("warning: the endpoint is left alone for "), "{}", ran.err);
    assert!(ran.err.contains("10 failures in a row, the last one http://"), "{}", ran.err);
}

#[test]
fn a_loss_outside_its_range_ends_it_without_limits() {
    for (range, place) in [("0,1.2", "draw 1:"), ("0,0.2", "draw clean")] {
        let bench = Bench::new();
        let target = regression(&bench);
        let changes = [("--loss", "squared-error"), ("--loss-range", range), ("--levels", "0.8")];
        let ran = bench.audit(&target, &changes);
        assert_eq!(ran.code, 4, "{ran:?}");
        for word in [place, "(row ", &range.replace(',', " to "), "--loss-range"] {
            assert!(ran.err.contains(word), "`{word}` is not in {}", ran.err);
        }
        let report = bench.report("run");
        let risk = report.results.levels[0].risk;
        assert_eq!((risk.lower, risk.upper), (None, None), "{risk:?}");
        assert!(bench.journal("run").len() > 1);
        let verified = bench.command(["verify", "run"], &[]);
        assert_eq!(verified.code, 0, "{verified:?}");
    }
}

#[test]
fn unanswered_rows_widen_the_limits_and_are_counted() {
    let refusing = Faults { refuse_rows: 0.04, ..Faults::default() };
    let not_finite = Faults { nan_rows: 0.04, ..Faults::default() };
    for faults in [refusing, not_finite] {
        let bench = Bench::failing(faults);
        let ran = bench.audit(&bench.json(), &[("-b", "8"), ("--precision", "0.1")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let report = bench.report("run");
        let level = &report.results.levels[0];
        let (low, high) = level.risk.estimate_range.unwrap();
        let share = level.unanswered as f64 / level.draws as f64;
        assert!(level.unanswered > 0 && (high - low - share).abs() < 1e-9, "{level:?}");
        assert!(level.risk.lower.unwrap() < low && high < level.risk.upper.unwrap(), "{level:?}");
        assert!(ran.out.contains("unanswered"), "{}", ran.out);
        bench.assert_counts_agree(&report);
        bench.assert_verified("run");
    }
}

#[test]
fn too_many_unanswered_rows_stop_a_level() {
    let bench = Bench::failing(Faults { refuse_rows: 0.3, ..Faults::default() });
    let ran = bench.audit(&bench.json(), &[("--clean-pass", "0")]);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert_eq!(bench.report("run").results.levels[0].stopped, Stopped::Unanswered);
    bench.assert_verified("run");
}

/// Two scores do not fit a target that is a number.
#[test]
fn an_answer_that_does_not_fit_the_loss_ends_it() {
    let bench = Bench::new();
    let changes = [("--loss", "squared-error"), ("--loss-range", "0,4")];
    let ran = bench.audit(&bench.json(), &changes);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("does not fit the loss"), "{}", ran.err);
    bench.assert_verified("run");
}

#[test]
fn another_version_in_mid_run_ends_it() {
    let swap = Swap { after: 120, to: None, version: Some("2".to_owned()) };
    let bench = Bench::failing(Faults { swap: Some(swap), ..Faults::default() });
    let ran = bench.audit(&bench.triton(), &[]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("version 2, after version 1"), "{}", ran.err);
    bench.assert_verified("run");
    not_resumed(&bench);
}

/// An audit that met another model is over: its reports are written again, the same, and nothing is sent.
fn not_resumed(bench: &Bench) {
    let (before, sent) = (bench.report("run"), bench.mock().counts().requests);
    let ran = bench.command(["audit", "--resume", "run"], &[]);
    assert_eq!(ran.code, 4, "{ran:?}");
    let after = bench.report("run");
    assert_eq!((after.results, after.run.cut), (before.results, before.run.cut));
    assert_eq!(after.run.model_unknown, before.run.model_unknown);
    assert_eq!(bench.mock().counts().requests, sent);
    bench.assert_verified("run");
}

/// When a settled request was sent and answered, in a run that was never resumed, and what it asked.
fn settled(bench: &Bench) -> Vec<(f64, f64, Vec<Query>)> {
    let settled = |line: Line| match line {
        Line::Settled(settled) => {
            let (sent, took) = (settled.sent.as_secs_f64(), settled.took.as_secs_f64());
            let asked = settled.records.iter().map(|record| record.query).collect();
            Some((sent, sent + took, asked))
        }
        Line::Resumed(_) | Line::Counted(_) => None,
    };
    bench.journal("run").into_iter().filter_map(settled).collect()
}

/// A model that is exchanged without a word is noticed by the clean rows that are asked again, whenever it happens:
/// the bounds rest on what had arrived before the last good one of these was sent.
#[test]
fn another_model_in_mid_run_is_noticed_though_no_version_tells() {
    for (after, answered) in [(150, false), (700, true), (1500, true)] {
        let swap = Swap { after, to: None, version: None };
        let bench = Bench::failing(Faults { swap: Some(swap), ..Faults::default() });
        let flags = [("-b", "1"), ("-c", "4"), ("--levels", "0.4,0.8"), ("--precision", "0.02")];
        let ran = bench.audit(&bench.json(), &flags);
        assert_eq!(ran.code, 4, "{ran:?}");
        assert!(ran.err.contains("is answered otherwise than at the start"), "{}", ran.err);
        let report = bench.report("run");
        assert!(report.run.cut.as_ref().unwrap().contains("without noise is answered otherwise"));
        let draws: u64 = report.results.levels.iter().map(|level| level.draws).sum();
        assert_eq!(draws > 0, answered, "{draws} draws, {after} requests of the first model");
        // Draw by draw: what counts had arrived before some sentinel was sent that the first model answered.
        let settled = settled(&bench);
        let sentinels =
            settled.iter().filter(|(.., asked)| asked.iter().any(|q| matches!(q, Query::Sentinel(_))));
        let bad = sentinels.clone().map(|(sent, ..)| *sent).fold(0.0, f64::max);
        let good = sentinels.map(|(sent, ..)| *sent).filter(|sent| *sent < bad).fold(0.0, f64::max);
        for (place, level) in (1..).zip(&report.results.levels) {
            let arrived = |(_, end, asked): &(f64, f64, Vec<Query>)| {
                let counts = |query: &Query| matches!(query, Query::Draw(id) if id.level == place && id.index < level.draws);
                asked.iter().all(|query| !counts(query)) || *end < good
            };
            assert!(settled.iter().all(arrived), "a draw counts that arrived after {good}");
            assert_eq!(level.risk.upper.is_some(), level.draws > 0);
        }
        assert!(report.run.model_unknown > 0);
        assert!(after < 200 || report.run.model_unknown < 450, "{}", report.run.model_unknown);
        not_resumed(&bench);
    }
}

/// Clean rows that are asked again and answered as at the start are told, and change nothing.
#[test]
fn a_model_that_stays_is_told_to_have_stayed() {
    let bench = Bench::new();
    let ran = bench.audit(&bench.json(), &[("--precision", "0.04")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = bench.report("run");
    let sentinels = report.results.sentinels.unwrap();
    assert_eq!((sentinels.asked, sentinels.unanswered), ((report.run.queries - 1) / 201, 0));
    // One comes after the last draw, beside the count.
    let apart = report.run.identity.unwrap();
    assert_eq!((apart.asked, apart.unanswered, apart.unconfirmed), (1, 0, 0));
    let told = format!(
        "{} clean rows were asked again on the way and at the end, and answered as",
        sentinels.asked + 1
    );
    assert!(ran.out.contains(&told), "{}", ran.out);
}

/// An endpoint that changes its ways in mid-run, and does not repeat its answers, so that no clean row can tell: the
/// limits contradict each other. No limit is shown then, no gate decided, and the exit code says why.
#[test]
fn an_endpoint_that_is_not_stationary_is_told_to_be_so() {
    let coin = |probability| Arc::new(Coin::new("coin", 4, probability));
    let swap = Swap { after: 600, to: Some(coin(0.98)), version: None };
    let faults = Faults { swap: Some(swap), ..Faults::default() };
    let bench = Bench::with(Options { models: vec![coin(0.02)], faults, ..Options::default() });
    write_npy(&bench.path("zeros.npy"), &[ROWS], &[0.0; ROWS]);
    let target = bench.mock().url("json", "coin");
    let flags = [
        ("--targets", "zeros.npy"),
        ("-b", "1"),
        ("-c", "1"),
        ("--precision", "0.001"),
        ("--gate", "error@0.4 <= 0.5"),
    ];
    let ran = bench.audit(&target, &flags);
    assert_eq!(ran.code, 98, "{ran:?}");
    assert!(ran.out.contains("The limits contradict each other at level 0.4"), "{}", ran.out);
    let report = bench.report("run");
    let level = &report.results.levels[0];
    assert_eq!((report.results.clean_answers, level.stopped), (CleanAnswers::Fresh, Stopped::Inconsistent));
    assert_eq!((level.risk.lower, level.risk.upper), (None, None));
    assert_eq!(report.results.gates[0].verdict, Verdict::Undecided);
    bench.assert_verified("run");
}

/// Rows of different levels travel in one request, where none of them is under way alone.
#[test]
fn levels_share_requests() {
    let bench = Bench::new();
    let flags = [("--levels", "0.1,0.2,0.4,0.8"), ("-b", "64"), ("-c", "1")];
    let ran = bench.audit(&bench.json(), &flags);
    assert_eq!(ran.code, 0, "{ran:?}");
    let levels = |asked: &[Query]| -> HashSet<u32> {
        asked
            .iter()
            .filter_map(|query| if let Query::Draw(id) = query { Some(id.level) } else { None })
            .collect()
    };
    let most = settled(&bench).iter().map(|(.., asked)| levels(asked).len()).max();
    assert!(most > Some(1), "{most:?} levels in one request at most");
}

/// Quantiles of the error need no range of the loss: alone, or beside a gate, they are bounded.
#[test]
fn quantiles_are_bounded_where_the_loss_has_no_range() {
    for gate in [TAKEN_OUT, "q90(absolute-error)@0.4 <= 1000"] {
        let bench = Bench::new();
        let target = regression(&bench);
        let flags = [
            ("--data", "x.npy"),
            ("--loss", "squared-error"),
            ("--precision", TAKEN_OUT),
            ("--quantiles", "q50(absolute-error),q90(absolute-error)"),
            ("--gate", gate),
        ];
        let ran = bench.audit(&target, &flags);
        assert_eq!(ran.code, 0, "{ran:?}");
        let level = &bench.report("run").results.levels[0];
        assert_eq!((level.risk.lower, level.risk.upper), (None, None));
        for quantile in &level.quantiles {
            let (lower, upper) = (quantile.value.lower.unwrap(), quantile.value.upper.unwrap());
            assert!(lower > 0.0 && lower < upper, "{quantile:?}");
        }
        assert_eq!((level.quantiles.len(), level.stopped), (2, Stopped::Precision));
        bench.assert_verified("run");
    }
}
