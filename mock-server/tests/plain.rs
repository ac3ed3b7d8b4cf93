//! What the JSON service answers.

use noisebound_mock_server::Options;
use noisebound_mock_server::faults::Faults;
use serde_json::json;

use crate::client::{Bench, small};

#[tokio::test]
async fn predictions_are_numbers_or_lists_of_scores() {
    let bench = Bench::new(small()).await;
    let body = r#"{"instances":[[1,2],[3,4]]}"#;
    let reply = bench.post("/v1/models/sum:predict", body).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!(reply.text(), r#"{"predictions":[3.0,7.0]}"#);
    let scores = bench.post("/v1/models/side:predict", r#"{"instances":[[1,1]]}"#).await.json();
    assert_eq!(scores, json!({ "predictions": [[0.5, 0.5]] }));
    assert_eq!(
        bench.post("/v1/models/sum:predict", r#"{"instances":[]}"#).await.json(),
        json!({ "predictions": [] })
    );
    let double = bench.post("/v1/models/third:predict", r#"{"instances":[[0,0]]}"#).await.json();
    assert_eq!(double["predictions"][0].as_f64(), Some(1.0 / 3.0));
}

#[tokio::test]
async fn models_are_told_by_name() {
    let bench = Bench::new(small()).await;
    assert_eq!(bench.get("/v1/models").await.json(), json!({ "models": ["sum", "side", "third"] }));
    assert_eq!(bench.get("/v1/models/sum").await.json(), json!({ "name": "sum", "ready": true }));
    assert_eq!(bench.get("/v1/models/nope").await.status, 404);
}

#[tokio::test]
async fn refusals_have_their_statuses() {
    let bench = Bench::new(small()).await;
    for (status, path, body) in [
        (400, "/v1/models/sum:predict", "{"),
        (400, "/v1/models/sum:predict", r#"{"instances":3}"#),
        (500, "/v1/models/sum:predict", r#"{"inputs":[[1,2]]}"#),
        (500, "/v1/models/sum:predict", r#"{"instances":[[1,2,3]]}"#),
        (500, "/v1/models/sum:predict", r#"{"instances":[["a",2]]}"#),
        (404, "/v1/models/nope:predict", r#"{"instances":[[1,2]]}"#),
        (404, "/v1/models/sum", r#"{"instances":[[1,2]]}"#),
        (404, "/v1/nothing", "{}"),
    ] {
        let reply = bench.post(path, body).await;
        assert_eq!(reply.status, status, "{path} {body}");
        assert!(reply.json()["error"].is_string());
    }
    let faults = Faults { refuse_rows: 1.0, ..Faults::default() };
    let refusing = Bench::new(Options { faults, ..small() }).await;
    assert_eq!(refusing.post("/v1/models/sum:predict", r#"{"instances":[[1,2]]}"#).await.status, 500);
}

#[tokio::test]
async fn a_missing_token_is_401() {
    let bench = Bench::new(Options { token: Some("secret".into()), ..small() }).await;
    assert_eq!(bench.get("/v1/models/sum").await.status, 401);
}
