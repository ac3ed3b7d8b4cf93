//! Two endpoints on the same draws, whose difference is known.

use std::sync::Arc;

use noisebound::audit::Silent;
use noisebound::audit::compare::Compare;
use noisebound::bound::Side;
use noisebound::comparison::{Comparison, Sign};
use noisebound::config::question::{EndpointId, Question};
use noisebound::results::Verdict;
use noisebound_mock_server::{Mock, Options, examples, truth};

use super::{SEEDS, contains, fast, gaussian};
use crate::support::{dataset, endpoint, mock, question};

const MODELS: [&str; 2] = ["linear-classifier", "linear-classifier-b"];

async fn compared(
    mock: &Mock,
    models: [&str; 2],
    data: &noisebound::data::Dataset,
    asked: Question,
    margin: Option<f64>,
) -> Comparison {
    let of = |model: &str| {
        let url = mock.url("json", model);
        (EndpointId { protocol: "json".into(), url, ..EndpointId::default() }, endpoint(mock, model) as _)
    };
    let folder = tempfile::tempdir().unwrap();
    let compare = Compare::new(asked, fast(), data.clone(), models.map(of).to_vec(), margin).unwrap();
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
        let found = compared(&mock, MODELS, &data, asked, Some(margin)).await;
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

/// Of two models of equal risk neither is better. They disagree about many draws, so that the test has something to be
/// wrong about: at confidence 0.8 the sign at one level has half of the budget, 0.1, and each verdict a half of that.
#[tokio::test]
async fn equal_models_that_disagree_are_seldom_told_apart() {
    const RUNS: u64 = 100;
    let (example, other) = examples::twins(120);
    let noise = gaussian(0.4);
    let exact = truth::difference(&example.model, &other, &example.rows, &example.targets, noise).unwrap();
    assert!(exact.abs() < 1e-12, "the risks are equal: {exact}");
    let options =
        Options { models: vec![Arc::new(example.model.clone()), Arc::new(other)], ..Options::default() };
    let mock = Mock::start(options).await.unwrap();
    let data = dataset(&example.rows, &example.targets);
    let (mut better, mut worse, mut missed) = (0, 0, 0);
    for seed in 0..RUNS {
        let asked = Question { seed, confidence: 0.8, ..question(&data, "error", &[0.4]) };
        let found = compared(&mock, ["twin-a", "twin-b"], &data, asked, None).await;
        let share = found.results.claims.iter().find(|claim| claim.side == Side::Verdict).unwrap().alpha;
        assert!((share - 0.1).abs() < 1e-9, "{share}");
        let of = &found.results.levels.last().unwrap().differences[0];
        let pairs = of.pairs.unwrap();
        let apart = pairs.reference_alone + pairs.this_alone;
        assert!(apart >= 40, "they disagree: {pairs:?}");
        better += u64::from(of.sign == Some(Sign::Better));
        worse += u64::from(of.sign == Some(Sign::Worse));
        missed += u64::from(of.difference.lower.unwrap() > 0.0 || of.difference.upper.unwrap() < 0.0);
    }
    // The shares of 100 runs: 5 for each verdict, and 10 for the limits of everything else.
    assert!(better <= 5 && worse <= 5, "{better} better, {worse} worse");
    assert!(missed <= 10, "{missed} differences are shown that are none");
}
