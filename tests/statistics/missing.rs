//! Draws that stay unanswered, at random and where the model is wrong: the limits hold, and a level whose precision
//! is out of reach stops.

use std::sync::Arc;

use noisebound::config::Conduct;
use noisebound::config::question::{Question, Route};
use noisebound::results::{Report, Stopped};
use noisebound_mock_server::models::{Context, LinearClassifier, Model, Signature};
use noisebound_mock_server::{Mock, Options, examples, truth};

use super::{contains, fast, gaussian, run};
use crate::support::{dataset, question};

/// Gives no number where a rule says so: the answer is then unusable.
struct Sulking {
    model: LinearClassifier,
    refuses: fn(margin: f64, dice: bool) -> bool,
}

impl Model for Sulking {
    fn signature(&self) -> &Signature {
        self.model.signature()
    }

    fn predict(&self, x: &[f64], request: &mut Context) -> Vec<f64> {
        let scores = self.model.predict(x, request);
        let dice = request.chance(0.05);
        if (self.refuses)(self.model.margin(x), dice) { vec![f64::NAN; scores.len()] } else { scores }
    }
}

async fn mock(refuses: fn(f64, bool) -> bool) -> Mock {
    let model = Sulking { model: examples::classifier(), refuses };
    Mock::start(Options { models: vec![Arc::new(model)], ..Options::default() }).await.unwrap()
}

/// At random, and where the noise has brought the row close to the plane, which is where most errors are.
const RULES: [fn(f64, bool) -> bool; 2] = [|_, dice| dice, |margin, _| margin.abs() < 0.08];

fn check(report: &Report, what: &str) {
    let example = examples::classification(120);
    let level = &report.results.levels[0];
    let exact = truth::error(&example.model, &example.rows, &example.targets, gaussian(0.4)).unwrap();
    contains(&level.risk, exact, what);
    let range = level.risk.estimate_range;
    assert_eq!(range.is_some_and(|(low, high)| low < high), level.unanswered > 0, "{what}");
}

#[tokio::test]
async fn limits_hold_with_one_draw_in_twenty_unanswered() {
    let example = examples::classification(120);
    let data = dataset(&example.rows, &example.targets);
    for rule in RULES {
        let mock = mock(rule).await;
        let asked = Question { precision: Some(0.1), ..question(&data, "error", &[0.4]) };
        let paired = Question { clean_pass: 0, ..asked.clone() };
        let differences = Question { route: Route::Differences, ..asked.clone() };
        for asked in [asked, paired, differences] {
            let mut unanswered = 0;
            for seed in 1..=10 {
                let asked = Question { seed, confidence: 0.999, ..asked.clone() };
                // A request with an answer that is no number is sent again row by row.
                let conduct = Conduct { batch: 4, ..fast() };
                let report = run(&mock, "linear-classifier", &data, asked.clone(), conduct).await;
                // The first clean row must succeed, or there is no audit.
                if report.run.exit_code == 3 && report.run.requests == 1 {
                    continue;
                }
                unanswered += report.results.levels[0].unanswered;
                // By differences there is no risk where a clean answer is missing.
                if asked.route == Route::Differences && !report.results.clean.exact {
                    continue;
                }
                check(&report, &format!("{:?}, clean pass {}", asked.route, asked.clean_pass));
            }
            assert!(unanswered > 0);
        }
    }
}

#[tokio::test]
async fn a_level_stops_where_the_precision_is_out_of_reach() {
    let example = examples::classification(120);
    let data = dataset(&example.rows, &example.targets);
    for rule in RULES {
        let mock = mock(rule).await;
        let asked = Question { precision: Some(0.01), ..question(&data, "error", &[0.4]) };
        let report = run(&mock, "linear-classifier", &data, asked, fast()).await;
        let level = &report.results.levels[0];
        assert_eq!((level.stopped, report.run.exit_code), (Stopped::Unanswered, 98));
        assert!(level.draws < 5000, "{} draws", level.draws);
        check(&report, "stopped early");
    }
}
