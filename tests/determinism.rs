//! Same seed, same answer: whatever the conduct, the `results` are the same bytes.

use std::time::Duration;

use noisebound::config::Conduct;
use noisebound::config::question::{GateQuantity, GateSpec, Question, Relation};
use noisebound::report::json::results_bytes;
use noisebound::results::Report;
use noisebound_mock_server::faults::{FailOnce, Faults, Latency, LatencyOf};
use noisebound_mock_server::{Mock, Options, examples};

use crate::support::{audit, conduct, dataset};

async fn run(faults: Faults, loss: &str, conduct: Conduct) -> Report {
    let mock = Mock::start(Options { faults, ..Options::default() }).await.unwrap();
    let example = examples::classification(300);
    let data = dataset(&example.rows, &example.targets);
    let mut asked = question(&data, loss);
    asked.seed = 7;
    let folder = tempfile::tempdir().unwrap();
    audit(&folder.path().join("run"), &mock, "linear-classifier", &data, asked, conduct).await.unwrap()
}

fn question(data: &noisebound::data::Dataset, loss: &str) -> Question {
    let mut asked = crate::support::question(data, loss, &[0.2, 0.4, 0.8]);
    asked.gates = vec![GateSpec {
        quantity: GateQuantity::Risk,
        text: format!("{loss}@0.4 <= 0.5"),
        level: Some(0.4),
        relation: Relation::AtMost,
        threshold: 0.5,
    }];
    asked
}

fn slow_when_wrong() -> Faults {
    let time =
        |_: &[f64], answer: &[f64]| Duration::from_micros(if answer[1] > answer[0] { 3000 } else { 0 });
    Faults { latency_of: Some(LatencyOf::new(time)), ..Faults::default() }
}

fn failing_once() -> Faults {
    let latency = Latency::Exponential(Duration::from_millis(1));
    Faults { fail_once: Some(FailOnce { share: 0.1, status: 503 }), latency, ..Faults::default() }
}

#[tokio::test]
async fn results_are_the_same_bytes_for_any_conduct() {
    for loss in ["error", "flip"] {
        let plain = run(Faults::default(), loss, Conduct { concurrency: 1, batch: 1, ..conduct() }).await;
        let bytes = results_bytes(&plain.results);
        assert_eq!(plain.run.exit_code, 0);
        assert_eq!(plain.run.surplus, 0);
        let others = [
            ("concurrency 32", Faults::default(), Conduct { concurrency: 32, batch: 1, ..conduct() }),
            ("batch 16", Faults::default(), Conduct { concurrency: 1, batch: 16, ..conduct() }),
            (
                "both, sent ahead",
                Faults::default(),
                Conduct { concurrency: 32, batch: 16, ahead: 500, ..conduct() },
            ),
            (
                "slow when wrong",
                slow_when_wrong(),
                Conduct { concurrency: 32, batch: 1, ahead: 64, ..conduct() },
            ),
        ];
        for (name, faults, conduct) in others {
            let other = run(faults, loss, conduct).await;
            assert_eq!(results_bytes(&other.results), bytes, "{loss}, {name}");
            assert_eq!(other.run.queries, plain.run.queries, "{loss}, {name}");
        }
    }
}

#[tokio::test]
async fn results_are_the_same_bytes_with_a_tenth_of_the_requests_failing_once() {
    let plain = run(Faults::default(), "error", conduct()).await;
    let failing = run(failing_once(), "error", Conduct { concurrency: 32, batch: 4, ..conduct() }).await;
    assert!(failing.run.failures > 5, "{:?}", failing.run);
    assert_eq!(failing.run.retries, failing.run.failures);
    assert_eq!(results_bytes(&failing.results), results_bytes(&plain.results));
}
