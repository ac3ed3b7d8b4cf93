//! Against models whose risk under noise is known exactly.

use noisebound::config::question::{LossSpec, Question};
use noisebound::data::Dataset;
use noisebound::results::Report;
use noisebound_mock_server::truth::{self, Family, Noise};
use noisebound_mock_server::{Mock, examples};

use crate::support::{audit, conduct, dataset, mock, question};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

/// Audits with each seed at confidence 0.999, and checks every limit against the exact risk at its level.
async fn never_misses(
    mock: &Mock,
    model: &str,
    dataset: &Dataset,
    question: &Question,
    exact: impl Fn(f64) -> f64,
) {
    for seed in SEEDS {
        let folder = tempfile::tempdir().unwrap();
        let question = Question { seed, confidence: 0.999, ..question.clone() };
        let report =
            audit(&folder.path().join("run"), mock, model, dataset, question, conduct()).await.unwrap();
        assert_eq!(report.run.exit_code, 0, "{report:?}");
        check(&report, &exact);
    }
}

fn check(report: &Report, exact: &impl Fn(f64) -> f64) {
    assert!(!report.results.levels.is_empty());
    for level in &report.results.levels {
        let truth = exact(level.level);
        let (lower, upper) = (level.risk.lower.unwrap(), level.risk.upper.unwrap());
        let told = format!("{} at {}, seed {}", report.results.loss, level.level, report.question.seed);
        assert!(lower <= truth && truth <= upper, "{told}: {truth} is not in [{lower}, {upper}]");
        if let Some(degradation) = level.degradation {
            let clean = exact(0.0);
            let found = &report.results.clean;
            assert!(!found.exact || (found.risk.estimate.unwrap() - clean).abs() < 1e-12);
            let (lower, upper) = (degradation.lower.unwrap(), degradation.upper.unwrap());
            assert!(lower <= truth - clean && truth - clean <= upper, "degradation of {told}");
        }
    }
}

const ALL: [usize; 4] = [0, 1, 2, 3];

fn gaussian(level: f64) -> Noise<'static> {
    Noise { family: Family::Gaussian, level, columns: &ALL }
}

fn uniform(level: f64, columns: &'static [usize]) -> Noise<'static> {
    Noise { family: Family::Uniform, level, columns }
}

#[tokio::test]
async fn error_of_a_linear_classifier() {
    let (mock, example) = (mock().await, examples::classification(120));
    let data = dataset(&example.rows, &example.targets);
    let asked = question(&data, "error", &[0.2, 0.8]);
    let exact =
        |level| truth::error(&example.model, &example.rows, &example.targets, gaussian(level)).unwrap();
    never_misses(&mock, "linear-classifier", &data, &asked, exact).await;
}

#[tokio::test]
async fn error_with_clean_as_a_level() {
    let (mock, example) = (mock().await, examples::classification(120));
    let data = dataset(&example.rows, &example.targets);
    let asked = Question { clean_pass: 0, ..question(&data, "error", &[0.4]) };
    let exact =
        |level| truth::error(&example.model, &example.rows, &example.targets, gaussian(level)).unwrap();
    for seed in SEEDS {
        let folder = tempfile::tempdir().unwrap();
        let question = Question { seed, confidence: 0.999, ..asked.clone() };
        let report =
            audit(&folder.path().join("run"), &mock, "linear-classifier", &data, question, conduct())
                .await
                .unwrap();
        check(&report, &exact);
        let clean = &report.results.clean;
        assert!(!clean.exact);
        assert!(clean.risk.lower.unwrap() <= exact(0.0) && exact(0.0) <= clean.risk.upper.unwrap());
    }
}

#[tokio::test]
async fn flip_of_a_linear_classifier_under_uniform_noise_on_one_column() {
    let (mock, example) = (mock().await, examples::classification(120));
    let data = dataset(&example.rows, &example.targets);
    let mut asked = question(&data, "flip", &[0.3, 1.0]);
    asked.noise.family = String::from("uniform");
    asked.noise.perturb = Some(vec!["1".to_owned()]);
    let exact = |level| truth::flip(&example.model, &example.rows, uniform(level, &[1])).unwrap();
    never_misses(&mock, "linear-classifier", &data, &asked, exact).await;
}

#[tokio::test]
async fn error_that_first_falls_and_then_rises() {
    let example = examples::near_boundary();
    let options = noisebound_mock_server::Options {
        models: vec![std::sync::Arc::new(example.model.clone())],
        ..noisebound_mock_server::Options::default()
    };
    let mock = Mock::start(options).await.unwrap();
    let data = dataset(&example.rows, &example.targets);
    let asked = question(&data, "error", &[0.1, 2.0]);
    let exact =
        |level| truth::error(&example.model, &example.rows, &example.targets, gaussian(level)).unwrap();
    assert!(exact(0.1) < exact(0.0) && exact(0.0) < exact(2.0));
    never_misses(&mock, "near-boundary", &data, &asked, exact).await;
}

/// With residuals in (-1, 1) and noise on one column, no loss leaves the promised range.
fn regression(loss: &str, range: (f64, f64), column: usize) -> (Dataset, Question) {
    let example = examples::regression(120);
    let data = dataset(&example.rows, &example.targets);
    let mut asked = question(&data, loss, &[0.5, 1.0]);
    asked.precision = Some(0.05 * (range.1 - range.0));
    asked.loss = LossSpec { range: Some(range), ..asked.loss };
    asked.noise.family = String::from("uniform");
    asked.noise.perturb = Some(vec![column.to_string()]);
    (data, asked)
}

#[tokio::test]
async fn squared_error_of_a_linear_regression() {
    let (mock, example) = (mock().await, examples::regression(120));
    let (data, asked) = regression("squared-error", (0.0, 4.0), 0);
    let exact = |level| {
        truth::squared_error(&example.model, &example.rows, &example.targets, uniform(level, &[0])).unwrap()
    };
    never_misses(&mock, "linear-regression", &data, &asked, exact).await;
}

#[tokio::test]
async fn absolute_error_of_a_linear_regression() {
    let (mock, example) = (mock().await, examples::regression(120));
    let (data, asked) = regression("absolute-error", (0.0, 3.0), 1);
    let exact = |level| {
        truth::absolute_error(&example.model, &example.rows, &example.targets, uniform(level, &[1])).unwrap()
    };
    never_misses(&mock, "linear-regression", &data, &asked, exact).await;
}

/// The harness above can fail: the exact risk of another level is found to be outside.
#[tokio::test]
#[should_panic(expected = "is not in")]
async fn the_wrong_truth_is_missed() {
    let (mock, example) = (mock().await, examples::classification(120));
    let data = dataset(&example.rows, &example.targets);
    let asked = question(&data, "error", &[0.2]);
    let exact = |_| truth::error(&example.model, &example.rows, &example.targets, gaussian(3.0)).unwrap();
    never_misses(&mock, "linear-classifier", &data, &asked, exact).await;
}
