//! Everything that can be claimed, against models whose truth is known in closed form.
//!
//! Where a test runs 20 seeds, it does so at confidence 0.999: all of them miss nothing with probability 0.98, and
//! the seeds are fixed, so that what passes once passes always.

mod classes;
mod compare;
mod missing;
mod numbers;

use noisebound::config::Conduct;
use noisebound::config::question::{GateQuantity, GateSpec, Question, Relation};
use noisebound::data::Dataset;
use noisebound::results::{Bounded, Report};
use noisebound_mock_server::Mock;
use noisebound_mock_server::truth::{Family, Noise};

use crate::support::{audit, conduct};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;

const ALL: [usize; 4] = [0, 1, 2, 3];

fn gaussian(level: f64) -> Noise<'static> {
    Noise { family: Family::Gaussian, level, columns: &ALL }
}

/// Large requests: none of these tests is about the wire.
fn fast() -> Conduct {
    Conduct { batch: 64, ..conduct() }
}

async fn run(mock: &Mock, model: &str, data: &Dataset, question: Question, conduct: Conduct) -> Report {
    let folder = tempfile::tempdir().unwrap();
    audit(&folder.path().join("run"), mock, model, data, question, conduct).await.unwrap()
}

/// An audit for each seed, at confidence 0.999.
async fn surely(mock: &Mock, model: &str, data: &Dataset, question: &Question) -> Vec<Report> {
    let mut reports = Vec::new();
    for seed in SEEDS {
        let question = Question { seed, confidence: 0.999, ..question.clone() };
        reports.push(Box::pin(run(mock, model, data, question, fast())).await);
    }
    reports
}

/// Both limits are there, and the truth is between them.
#[track_caller]
fn contains(bounded: &Bounded, truth: f64, what: &str) {
    let (lower, upper) = (bounded.lower.unwrap(), bounded.upper.unwrap());
    assert!(lower <= truth && truth <= upper, "{what}: {truth} is not in [{lower}, {upper}]");
}

fn gate(quantity: GateQuantity, relation: Relation, threshold: f64) -> GateSpec {
    GateSpec {
        text: format!("{quantity:?} {relation:?} {threshold}"),
        quantity,
        level: None,
        relation,
        threshold,
    }
}
