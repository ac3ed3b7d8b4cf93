//! Every fault that a server can have on the wire, rarely, often and always: the results are those of a run without
//! it where trying again helps, valid and wider where it does not, and there is an end to it in every case.

use std::time::Duration;

use noisebound::report::json::results_bytes;
use noisebound_mock_server::examples;
use noisebound_mock_server::faults::{Faults, Reject, When};
use noisebound_mock_server::truth::{self, Family, Noise};

use crate::bench::{Bench, ROWS, Ran};

/// Tried so often that hardly a draw stays unanswered; concurrent, so that waiting takes no time.
const PATIENT: [(&str, &str); 6] = [
    ("--retries", "20"),
    ("-c", "64"),
    ("--timeout", "300ms"),
    ("--breaker-failures", "none"),
    // The cells share a machine, and may keep each other waiting.
    ("--breaker-latency", "none"),
    ("--precision", "0.03"),
];

fn reject(status: u16, when: When) -> Faults {
    Faults { rejects: vec![Reject { status, when, retry_after: None }], ..Faults::default() }
}

/// Faults of which another try is rid.
fn passing(share: f64) -> Vec<(&'static str, Faults)> {
    let when = When::Chance(share);
    let told = Some(Duration::from_millis(20));
    vec![
        (
            "429",
            Faults { rejects: vec![Reject { status: 429, when, retry_after: told }], ..Faults::default() },
        ),
        ("503", reject(503, when)),
        ("502", reject(502, when)),
        ("drop", Faults { drop: when, ..Faults::default() }),
        ("cut in mid-body", Faults { cut: when, ..Faults::default() }),
        ("truncated", Faults { truncate: when, ..Faults::default() }),
        ("stall", Faults { stall: when, ..Faults::default() }),
        ("wrong shape", Faults { misshape: when, ..Faults::default() }),
        ("200 with a failure", Faults { complain: when, ..Faults::default() }),
    ]
}

fn run(faults: Faults) -> (Bench, Ran) {
    let bench = Bench::failing(faults);
    let ran = bench.audit(&bench.json(), &PATIENT);
    (bench, ran)
}

/// The cells side by side, as most of them only wait.
fn each<T: Send>(cells: Vec<(&'static str, T)>, check: impl Fn(&'static str, T) + Sync) {
    let check = &check;
    std::thread::scope(|scope| {
        for (name, cell) in cells {
            scope.spawn(move || check(name, cell));
        }
    });
}

/// Whether the limits of the one level hold what is true, and how far apart they are.
fn width_around_the_truth(bench: &Bench) -> f64 {
    let example = examples::classification(ROWS);
    let noise = Noise { family: Family::Gaussian, level: 0.4, columns: &[0, 1, 2, 3] };
    let exact = truth::error(&example.model, &example.rows, &example.targets, noise).unwrap();
    let risk = bench.report("run").results.levels[0].risk;
    let (lower, upper) = (risk.lower.unwrap(), risk.upper.unwrap());
    assert!((lower..=upper).contains(&exact), "{exact} is not in [{lower}, {upper}]");
    upper - lower
}

#[test]
fn where_trying_again_helps_the_results_are_those_of_a_run_without_faults() {
    let (plain, ran) = run(Faults::default());
    assert_eq!(ran.code, 0, "{ran:?}");
    width_around_the_truth(&plain);
    let plain = results_bytes(&plain.report("run").results);
    for share in [0.01, 0.2] {
        each(passing(share), |name, faults| {
            let (bench, ran) = run(faults);
            assert_eq!(ran.code, 0, "{name}, {share}: {ran:?}");
            let report = bench.report("run");
            assert_eq!(results_bytes(&report.results), plain, "{name}, {share}");
            let least = if share < 0.1 { 1 } else { 50 };
            assert!(report.run.failures >= least, "{name}, {share}: {:?}", report.run);
            bench.assert_verified("run");
        });
    }
}

/// The protocols tell wrong shapes and failures apart each in its own way.
#[test]
fn wrong_shapes_and_failures_with_status_200_are_no_answers_in_any_protocol() {
    for scheme in ["triton", "triton+grpc", "torchserve", "json"] {
        let bench = Bench::new();
        let batch = if scheme == "torchserve" { "1" } else { "8" };
        let flags = [&PATIENT[..], &[("-b", batch)]].concat();
        let target = bench.mock().url(scheme, "linear-classifier");
        assert_eq!(bench.audit(&target, &flags).code, 0);
        let plain = results_bytes(&bench.report("run").results);
        let (misshape, complain) = (When::Chance(0.1), When::Chance(0.1));
        let bench = Bench::failing(Faults { misshape, complain, ..Faults::default() });
        let ran = bench.audit(&bench.mock().url(scheme, "linear-classifier"), &flags);
        assert_eq!(ran.code, 0, "{scheme}: {ran:?}");
        let report = bench.report("run");
        assert_eq!(results_bytes(&report.results), plain, "{scheme}");
        assert!(report.run.failures > 5, "{scheme}: {:?}", report.run);
    }
}

#[test]
fn what_stays_refused_widens_the_limits_and_is_counted() {
    let (plain, _) = run(Faults::default());
    let plain_width = width_around_the_truth(&plain);
    let plain = plain.report("run").results.levels[0].clone();
    for share in [0.01, 0.2] {
        let cells = vec![
            ("refused", Faults { refuse_rows: share, ..Faults::default() }),
            ("NaN", Faults { nan_rows: share, ..Faults::default() }),
        ];
        each(cells, |name, faults| {
            let (bench, ran) = run(faults);
            assert!([0, 98].contains(&ran.code), "{name}, {share}: {ran:?}");
            let level = &bench.report("run").results.levels[0];
            let missing = level.unanswered as f64 / level.draws as f64;
            assert!(missing > share / 4.0 && missing < share * 2.0 + 0.01, "{name}, {share}: {level:?}");
            let width = width_around_the_truth(&bench);
            // No missing draw is taken for right or for wrong, so that the limits are as far apart as they are many.
            assert!(width > missing, "{name}, {share}: {level:?}");
            assert!(level.draws > plain.draws || width > plain_width, "{name}, {share}: {level:?}");
            bench.assert_verified("run");
        });
    }
}

/// Without any limit on time: what waits does so a few times, and then it ends.
#[test]
fn a_fault_that_never_passes_ends_it_soon_and_with_a_reason() {
    let mut all = passing(1.0);
    all.push(("refused", Faults { refuse_rows: 1.0, ..Faults::default() }));
    all.push(("NaN", Faults { nan_rows: 1.0, ..Faults::default() }));
    each(all, |name, faults| {
        let bench = Bench::failing(faults);
        let ran = bench.audit(&bench.json(), &[("--retries", "1"), ("--timeout", "300ms")]);
        assert_eq!(ran.code, 3, "{name}: {ran:?}");
        assert!(!ran.err.is_empty() && !ran.err.contains("panicked"), "{name}: {}", ran.err);
        let report = bench.report("run");
        assert!(report.run.cut.is_some() && report.results.levels[0].draws == 0, "{name}");
        bench.assert_verified("run");
    });
}

/// The endpoint dies in mid-run: what was paid for is reported, with limits that hold, and once it is back the audit
/// goes on to the results that it would have had.
#[test]
fn an_endpoint_that_dies_in_mid_run_ends_it_with_a_partial_report_that_can_be_resumed() {
    // The ten failures that open the breaker, its five probes, and one for the resumed run.
    let when = When::Between(300, 316);
    let flags =
        [("-b", "1"), ("-c", "1"), ("--precision", "0.03"), ("--retries", "20"), ("--timeout", "300ms")];
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.json(), &flags).code, 0);
    let plain = bench.report("run").results;
    let deaths = [
        ("503", reject(503, when)),
        ("drop", Faults { drop: when, ..Faults::default() }),
        ("stall", Faults { stall: when, ..Faults::default() }),
        ("truncated", Faults { truncate: when, ..Faults::default() }),
        ("cut in mid-body", Faults { cut: when, ..Faults::default() }),
        ("wrong shape", Faults { misshape: when, ..Faults::default() }),
        ("200 with a failure", Faults { complain: when, ..Faults::default() }),
    ];
    each(deaths.into(), |name, faults| {
        let bench = Bench::failing(faults);
        let ran = bench.audit(&bench.json(), &flags);
        assert_eq!(ran.code, 3, "{name}: {ran:?}");
        let report = bench.report("run");
        let level = &report.results.levels[0];
        let (lower, upper) = (level.risk.lower.unwrap(), level.risk.upper.unwrap());
        assert!(level.draws > 100 && level.unanswered == 0, "{name}: {level:?}");
        assert!(lower <= 0.5 && upper - lower < 0.5, "{name}: {level:?}");
        assert!(report.run.cut.is_some() && ran.out.contains("cut"), "{name}: {}", ran.out);
        bench.assert_verified("run");
        let ran = bench.command(["audit", "--resume", "run", "--timeout", "2s"], &[]);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        assert_eq!(results_bytes(&bench.report("run").results), results_bytes(&plain), "{name}");
        bench.assert_verified("run");
    });
}
