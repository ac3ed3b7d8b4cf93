//! What TorchServe answers.

use noisebound_mock_server::Options;
use noisebound_mock_server::faults::Faults;
use reqwest::Method;
use serde_json::json;

use crate::client::{Bench, Reply, small};

/// The failure of TorchServe: its own code and type in the body, and a connection that closes.
fn assert_failure(reply: &Reply, code: u16, kind: &str) {
    let json = reply.json();
    assert_eq!((reply.status, &json["code"], &json["type"]), (code, &json!(code), &json!(kind)), "{json}");
    assert!(json["message"].is_string());
    assert_eq!(reply.header("connection"), Some("close"));
}

#[tokio::test]
async fn the_answer_has_the_form_of_the_question() {
    let bench = Bench::new(small()).await;
    for (model, body, answer) in [
        ("sum", "[1,2]", "3.0"),
        ("sum", "[[1,2],[3,4]]", "[3.0,7.0]"),
        ("sum", r#"{"instances":[[1,2]]}"#, r#"{"predictions":[3.0]}"#),
        ("side", "[1,1]", "[0.5,0.5]"),
        ("side", "[[1,1],[2,2]]", "[[0.5,0.5],[0.5,0.5]]"),
        ("sum", "[]", ""),
    ] {
        let reply = bench.post(&format!("/predictions/{model}"), body).await;
        if answer.is_empty() {
            assert_failure(&reply, 503, "InternalServerException");
        } else {
            assert_eq!((reply.status, reply.text()), (200, answer), "{body}");
        }
    }
    assert_eq!(bench.post("/predictions/sum/1", "[1,2]").await.text(), "3.0");
}

#[tokio::test]
async fn an_answer_has_an_id_and_no_type() {
    let bench = Bench::new(small()).await;
    let first = bench.post("/predictions/sum", "[1,2]").await;
    let second = bench.post("/predictions/sum", "[1,2]").await;
    assert_eq!(first.header("content-type"), None);
    assert_eq!(first.header("x-request-id").unwrap().len(), 36);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(first.header("connection"), None);
}

#[tokio::test]
async fn every_failure_of_the_handler_looks_the_same() {
    let faults = Faults { refuse_rows: 1.0, ..Faults::default() };
    let bench = Bench::new(small()).await;
    for body in ["[1]", "[1,2,3]", "{", "{}", "3", r#"["1",2]"#, "[[1,2],[3]]", "[[1,2],[3,4,5],[6]]"] {
        assert_failure(&bench.post("/predictions/sum", body).await, 503, "InternalServerException");
    }
    for kind in [&[][..], &[("content-type", "application/x-www-form-urlencoded")][..]] {
        let reply = bench.send(Method::POST, "/predictions/sum", kind, "[1,2]").await.unwrap();
        assert_failure(&reply, 503, "InternalServerException");
    }
    let refusing = Bench::new(Options { faults, ..small() }).await;
    let reply = refusing.post("/predictions/sum", "[1,2]").await;
    assert_failure(&reply, 503, "InternalServerException");
    assert_eq!(reply.json()["message"], "Prediction failed");
}

#[tokio::test]
async fn what_is_not_there() {
    let bench = Bench::new(small()).await;
    assert_failure(&bench.post("/predictions/nope", "[1,2]").await, 404, "ModelNotFoundException");
    assert_failure(&bench.post("/predictions/sum/7", "[1,2]").await, 404, "ModelVersionNotFoundException");
    assert_failure(&bench.get("/nothing").await, 404, "ResourceNotFoundException");
    assert_failure(&bench.post("/ping", "").await, 405, "MethodNotAllowedException");
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit() {
    let bench = Bench::new(small()).await;
    let body = |length: usize| format!("[1,2{}]", " ".repeat(length - 5));
    assert_eq!(bench.post("/predictions/sum", &body(6_553_500)).await.status, 200);
    let reply = bench.post("/predictions/sum", &body(6_553_501)).await;
    assert_eq!((reply.status, reply.text()), (413, ""));
}

#[tokio::test]
async fn health_and_descriptions() {
    let bench = Bench::new(small()).await;
    assert_eq!(bench.get("/ping").await.json(), json!({ "status": "Healthy" }));
    let models = bench.get("/models").await.json();
    assert_eq!(models["models"][0]["modelName"], "sum");
    let description = bench.get("/models/sum").await.json();
    assert_eq!(description[0]["modelVersion"], "1");
    assert_eq!(description[0]["workers"][0]["status"], "READY");
    assert_failure(&bench.get("/models/nope").await, 404, "ModelNotFoundException");
    for path in ["/", "/predictions/sum"] {
        let reply = bench.send(Method::OPTIONS, path, &[], "").await.unwrap();
        assert_eq!(reply.json()["openapi"], "3.0.1");
        assert!(reply.json()["paths"].get("/predictions/sum").is_some());
    }
    assert_eq!(bench.mock.counts().predictions, 0, "a description is no request for predictions");
}

#[tokio::test]
async fn a_wrong_token_is_400_even_for_health() {
    let bench = Bench::new(Options { token: Some("secret".into()), ..small() }).await;
    assert_failure(&bench.get("/ping").await, 400, "InvalidKeyException");
    for token in ["Bearer wrong", "bearer secret", "secret"] {
        let headers = [("authorization", token), ("content-type", "application/json")];
        let reply = bench.send(Method::POST, "/predictions/sum", &headers, "[1,2]").await.unwrap();
        assert_failure(&reply, 400, "InvalidKeyException");
    }
    let headers = [("authorization", "Bearer secret"), ("content-type", "application/json")];
    let reply = bench.send(Method::POST, "/predictions/sum", &headers, "[1,2]").await.unwrap();
    assert_eq!(reply.text(), "3.0");
}
