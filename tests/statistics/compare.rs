//! Two endpoints on the same draws, whose difference is known.

use noisebound::audit::Silent;
use noisebound::audit::compare::Compare;
use noisebound::comparison::{Comparison, Sign};
use noisebound::config::question::{EndpointId, Question};
use noisebound::results::Verdict;
use noisebound_mock_server::{Mock, examples, truth};

use super::{SEEDS, contains, fast, gaussian};
use crate::support::{dataset, endpoint, mock, question};

const MODELS: [&str; 2] = ["linear-classifier", "linear-classifier-b"];

async fn compared(mock: &Mock, data: &noisebound::data::Dataset, asked: Question, margin: f64) -> Comparison {
    let of = |model: &str| {
        let url = mock.url("json", model);
        (EndpointId { protocol: "json".into(), url, ..EndpointId::default() }, endpoint(mock, model) as _)
    };
    let folder = tempfile::tempdir().unwrap();
    let compare = Compare::new(asked, fast(), data.clone(), MODELS.map(of).to_vec(), Some(margin)).unwrap();
    let folder = folder.path().join("run");
    compare.run(&folder, &[], &mut Silent, std::future::pending()).await.unwrap()
}

/// Differences, risks, signs and margins, in 20 comparisons, with the clean risks known and as a level.
#[tokio::test]
async fn the_difference_of_two_classifiers() {
    let mock = mock().await;
    let example = examples::classification(120);
    let other = examples::classifier_b();
    let data = dataset(&example.rows, &example.targets);
    let levels = [0.3, 0.8];
    let exact = |level: f64| {
        truth::difference(&example.model, &other, &example.rows, &example.targets, gaussian(level)).unwrap()
    };
    let risk =
        |level: f64| truth::error(&example.model, &example.rows, &example.targets, gaussian(level)).unwrap();
    let clean =
        truth::difference(&example.model, &other, &example.rows, &example.targets, gaussian(0.0)).unwrap();
    assert!(levels.iter().all(|level| exact(*level) > 0.02), "the second is the worse one");
    let margin = 0.5 * exact(0.8);
    let mut verdicts = 0;
    for seed in SEEDS {
        let clean_pass = if seed % 4 == 0 { 0 } else { 5000 };
        let asked = Question { seed, confidence: 0.999, clean_pass, ..question(&data, "error", &levels) };
        let found = compared(&mock, &data, asked, margin).await;
        let at = |level: f64| found.results.levels.iter().find(|found| found.level == level).unwrap();
        for level in levels {
            let of = &at(level).differences[0];
            contains(&of.difference, exact(level), "difference");
            contains(&at(level).risks[0].risk, risk(level), "risk of the reference");
            contains(&at(level).risks[1].risk, risk(level) + exact(level), "risk of the other");
            assert_ne!(of.sign, Some(Sign::Better));
            let wrong = if exact(level) > margin { Verdict::Holds } else { Verdict::Fails };
            assert_ne!(of.margin, Some(wrong), "level {level}");
            verdicts += u64::from(of.sign == Some(Sign::Worse));
        }
        let of = &at(0.0).differences[0].difference;
        if clean_pass > 0 {
            assert!((of.estimate.unwrap() - clean).abs() < 1e-12 && at(0.0).exact);
        } else {
            contains(of, clean, "clean difference");
        }
    }
    assert!(verdicts > 0, "a test that never decides shows nothing");
}
