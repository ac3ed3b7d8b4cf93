//! What the end-to-end tests share: mock servers, questions, and whole audits through HTTP.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use noisebound::audit::{Audit, AuditError, Silent};
use noisebound::config::conduct::Conduct;
use noisebound::config::question::{
    DataId, EndpointId, LossSpec, NoiseSpec, Question, Route, Scale, Scope, SideSpec,
};
use noisebound::data::{Dataset, Field};
use noisebound::loss::Target;
use noisebound::results::Report;
use noisebound_adapters::Values;
use noisebound_adapters::http::{HttpEndpoint, HttpOptions};
use noisebound_adapters::json::{JsonOptions, JsonProtocol};
use noisebound_mock_server::{Mock, Options};

/// A data set from rows and targets.
pub fn dataset(rows: &[Vec<f64>], targets: &[f64]) -> Dataset {
    let width = rows[0].len();
    Dataset {
        fields: vec![Field {
            name: "x".into(),
            shape: [width].into(),
            values: Values::F64(rows.concat()),
            columns: None,
        }],
        rows: rows.len(),
        targets: Some(targets.iter().map(|target| Target::Number(*target)).collect()),
        blake3: "0".repeat(64),
    }
}

/// A question about a loss under gaussian noise, with one decimal of precision.
pub fn question(dataset: &Dataset, loss: &str, levels: &[f64]) -> Question {
    Question {
        seed: 1,
        endpoint: EndpointId {
            protocol: "json".to_owned(),
            url: "json://127.0.0.1/model".to_owned(),
            ..EndpointId::default()
        },
        data: DataId { rows: dataset.rows as u64, blake3: dataset.blake3.clone() },
        form: None,
        noise: NoiseSpec {
            family: "gaussian".to_owned(),
            scale: Scale::Absolute,
            clip: None,
            perturb: None,
            fix: None,
        },
        loss: LossSpec { name: loss.to_owned(), range: None, cap: None, threshold: 0.5 },
        levels: levels.to_vec(),
        precision: Some(0.1),
        side: SideSpec::Both,
        confidence: 0.95,
        gates: Vec::new(),
        gate_resolution: None,
        scope: Scope::DataSet,
        clean_pass: 5000,
        same_tolerance: 1e-6,
        quantiles: Vec::new(),
        critical: None,
        route: Route::Direct,
        slice: None,
        replicates: None,
        noise_floor: false,
        asymptotic: false,
    }
}

/// As fast as the mock server can.
pub fn conduct() -> Conduct {
    Conduct {
        rate: None,
        concurrency: 4,
        batch: 8,
        queries: 1_000_000,
        max_requests: None,
        max_cost: None,
        breaker_failures: None,
        breaker_latency: None,
        cost_per_query: None,
        max_time: None,
        retries: 3,
        timeout: Duration::from_secs(10),
        ahead: 0,
        privacy: false,
    }
}

/// The JSON endpoint of a model of the mock server.
pub fn endpoint(mock: &Mock, model: &str) -> Arc<HttpEndpoint<JsonProtocol>> {
    let url = format!("http://{}/v1/models/{model}:predict", mock.address());
    let options = JsonOptions::new(url.parse().unwrap());
    let http = HttpOptions { max_idle: 64, ..HttpOptions::default() };
    Arc::new(HttpEndpoint::new(JsonProtocol::new(options).unwrap(), http).unwrap())
}

/// A mock server with the built-in models.
pub async fn mock() -> Mock {
    Mock::start(Options::default()).await.unwrap()
}

/// A whole audit, in a folder of its own.
pub async fn audit(
    folder: &Path,
    mock: &Mock,
    model: &str,
    dataset: &Dataset,
    question: Question,
    conduct: Conduct,
) -> Result<Report, AuditError> {
    let endpoint = endpoint(mock, model);
    let audit = Audit::new(question, conduct, dataset.clone(), endpoint)?;
    audit.run(folder, "", &mut Silent, std::future::pending()).await
}
