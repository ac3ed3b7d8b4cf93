//! Whole audits through HTTP against a model whose risk is known exactly, in a server that is slower where
//! the model is wrong; counts the audits in which anything stated is false.
//!
//!     cargo run --example coverage -- --audits 1000
//!     cargo run --example coverage -- --audits 1000 --method clopper-pearson
//!
//! At confidence 0.80 at most a fifth of the audits may state something false. The alarm is four standard
//! errors above that: 250 of 1,000. The second command puts in a fixed-sample bound that is read at every
//! checkpoint, which does not hold; it must raise the alarm.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use futures::StreamExt;
use noisebound::audit::{Audit, Silent};
use noisebound::bound::engine::{Engines, IntervalSpec, Standard};
use noisebound::bound::{Bound, Interval, Observation};
use noisebound::config::{Conduct, Question};
use noisebound::data::Dataset;
use noisebound::results::Report;
use noisebound_mock_server::faults::{Faults, LatencyOf};
use noisebound_mock_server::truth::{self, Family, Noise};
use noisebound_mock_server::{Mock, Options, examples};
use statrs::distribution::{Beta, ContinuousCDF};

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "shared with the end-to-end tests")]
mod support;

const CONFIDENCE: f64 = 0.8;
const LEVELS: [f64; 2] = [0.3, 0.9];

#[derive(Parser)]
struct Args {
    /// How many audits.
    #[arg(long, default_value_t = 1000)]
    audits: u64,
    /// Which bound.
    #[arg(long, value_enum, default_value_t = Method::Standard)]
    method: Method,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Method {
    /// The bounds of every audit.
    Standard,
    /// A fixed-sample bound, read again and again.
    ClopperPearson,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let example = Example::new();
    let time =
        |_: &[f64], answer: &[f64]| Duration::from_micros(if answer[1] > answer[0] { 1500 } else { 0 });
    let faults = Faults { latency_of: Some(LatencyOf::new(time)), ..Faults::default() };
    let options = Options { faults, keep_arrivals: false, ..Options::default() };
    let mock = Mock::start(options).await.expect("a free port on loopback");
    let reports = futures::stream::iter(0..args.audits)
        .map(|seed| example.audit(&mock, seed, args.method))
        .buffer_unordered(8)
        .collect::<Vec<Report>>()
        .await;
    let misses = reports.iter().filter(|report| example.misses(report)).count() as u64;
    let queries: u64 = reports.iter().map(|report| report.run.queries).sum();
    let n = args.audits as f64;
    let alarm = ((1.0 - CONFIDENCE) * n + 4.0 * ((1.0 - CONFIDENCE) * CONFIDENCE * n).sqrt()).floor() as u64;
    let verdict = if misses >= alarm { "ALARM" } else { "passed" };
    let name = args.method.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let told = format!(
        "{name}: {misses} of {} audits state something false; alarm at {alarm}: {verdict} ({} queries an audit)",
        args.audits,
        queries / args.audits.max(1),
    );
    std::io::Write::write_all(&mut std::io::stdout(), format!("{told}\n").as_bytes())
        .expect("stdout is open");
    if misses >= alarm { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Rows of one class, so that the loss is 1 exactly where the answer is the other one, and the server slow.
struct Example {
    model: noisebound_mock_server::models::LinearClassifier,
    rows: Vec<Vec<f64>>,
    dataset: Dataset,
}

impl Example {
    fn new() -> Self {
        let examples::Example { model, mut rows, .. } = examples::classification(120);
        rows.retain(|row| model.class(row) == 0);
        let dataset = support::dataset(&rows, &vec![0.0; rows.len()]);
        Self { model, rows, dataset }
    }

    async fn audit(&self, mock: &Mock, seed: u64, method: Method) -> Report {
        let question = support::question(&self.dataset, "error", &LEVELS);
        let question = Question { seed, confidence: CONFIDENCE, precision: Some(0.04), ..question };
        let conduct = Conduct { concurrency: 8, batch: 4, ahead: 32, ..support::conduct() };
        let engines: Arc<dyn Engines> = match method {
            Method::Standard => Arc::new(Standard),
            Method::ClopperPearson => Arc::new(Peeking),
        };
        let endpoint = support::endpoint(mock, "linear-classifier");
        let audit = Audit::with_engines(question, conduct, self.dataset.clone(), endpoint, engines)
            .expect("the plan fits the data");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let done = audit.run(&folder.path().join("run"), "", &mut Silent, std::future::pending()).await;
        let report = done.expect("the mock server answers");
        assert!(report.run.cut.is_none(), "{report:?}");
        report
    }

    /// Whether any limit misses the exact risk at its level.
    fn misses(&self, report: &Report) -> bool {
        let targets = vec![0.0; self.rows.len()];
        report.results.levels.iter().any(|level| {
            let noise = Noise { family: Family::Gaussian, level: level.level, columns: &[0, 1, 2, 3] };
            let exact = truth::error(&self.model, &self.rows, &targets, noise).expect("closed form");
            match (level.risk.lower, level.risk.upper) {
                (Some(lower), Some(upper)) => exact < lower || upper < exact,
                // Limits that contradict each other are not shown; one of them was wrong.
                _ => true,
            }
        })
    }
}

/// Clopper-Pearson limits, each right for one sample size fixed before, read at every checkpoint.
struct Peeking;

impl Engines for Peeking {
    fn interval(&self, spec: &IntervalSpec) -> Box<dyn Bound> {
        Box::new(ClopperPearson {
            spec: *spec,
            ones: 0.0,
            zeros: 0.0,
            held: Interval { lower: 0.0, upper: 1.0 },
        })
    }
}

struct ClopperPearson {
    spec: IntervalSpec,
    ones: f64,
    zeros: f64,
    held: Interval,
}

impl Bound for ClopperPearson {
    fn observe(&mut self, observation: Observation) {
        match observation {
            Observation::Loss(loss) => {
                self.ones += loss;
                self.zeros += 1.0 - loss;
            }
            Observation::Unanswered | Observation::Between(..) => {
                unreachable!("the mock server answers every request")
            }
        }
    }

    fn read(&mut self) -> Interval {
        let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).expect("positive shapes").inverse_cdf(p);
        if let Some(alpha) = self.spec.lower.filter(|_| self.ones > 0.0) {
            self.held.lower = self.held.lower.max(quantile(self.ones, self.zeros + 1.0, alpha));
        }
        if let Some(alpha) = self.spec.upper.filter(|_| self.zeros > 0.0) {
            self.held.upper = self.held.upper.min(quantile(self.ones + 1.0, self.zeros, 1.0 - alpha));
        }
        self.held
    }
}
