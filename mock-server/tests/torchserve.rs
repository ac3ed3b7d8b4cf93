//! What TorchServe answers.

use noisebound_mock_server::faults::Faults;
use noisebound_mock_server::{KeyFile, Options};
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

fn le(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[tokio::test]
async fn raw_values_are_read_by_how_many_they_are() {
    let bench = Bench::new(small()).await;
    let octets = [("content-type", "application/octet-stream")];
    let doubles: Vec<u8> = [1.5f64, 2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    for (body, answer) in [(le(&[1.5, 2.0]), "3.5"), (doubles, "3.5"), (vec![1, 2], "3.0")] {
        let reply = bench.send(Method::POST, "/predictions/sum", &octets, body).await.unwrap();
        assert_eq!((reply.status, reply.text()), (200, answer));
    }
    for body in [vec![], vec![1], vec![0; 6]] {
        let reply = bench.send(Method::POST, "/predictions/sum", &octets, body).await.unwrap();
        assert_failure(&reply, 503, "InternalServerException");
    }
}

#[tokio::test]
async fn envelopes_are_unwrapped_and_answered_in_kind() {
    let bench = Bench::new(small()).await;
    let b64 = "AADAPwAAAEA=";
    for (body, answer) in [
        (format!(r#"{{"instances":[{{"b64":"{b64}"}},[1,2]]}}"#), r#"{"predictions":[3.5,3.0]}"#),
        (r#"{"instances":[{"data":[1,2]}]}"#.to_owned(), r#"{"predictions":[3.0]}"#),
        (format!(r#"{{"instances":[{{"data":"{b64}"}}]}}"#), r#"{"predictions":[3.5]}"#),
        (format!(r#"{{"instances":[{{"data":{{"b64":"{b64}"}}}}]}}"#), r#"{"predictions":[3.5]}"#),
        (format!("\"{b64}\""), "3.5"),
    ] {
        assert_eq!(bench.post("/predictions/sum", &body).await.text(), answer, "{body}");
    }
    let body = r#"{"inputs":[{"name":"a","shape":[2],"datatype":"FP32","data":[1,2]},
        {"name":"b","shape":[1],"datatype":"BYTES","data":["AADAPwAAAEA="]}]}"#;
    let outputs = bench.post("/predictions/sum", body).await.json()["outputs"].clone();
    let output =
        |name: &str, value: f64| json!({ "name": name, "datatype": "FP64", "data": [value], "shape": [1] });
    assert_eq!(
        outputs,
        json!([output("a", 3.0), output("b", 3.5)]),
        "an output for each input, named like it"
    );
}

#[tokio::test]
async fn a_picture_is_answered_by_the_five_best_classes() {
    let bench = Bench::new(Options::default()).await;
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 8, 8);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[128; 64]).unwrap();
    let kind = [("content-type", "image/png")];
    let reply = bench.send(Method::POST, "/predictions/digits-image", &kind, png.clone()).await.unwrap();
    let best = reply.json();
    let scores: Vec<f64> = best.as_object().unwrap().values().map(|score| score.as_f64().unwrap()).collect();
    assert_eq!(scores.len(), 5);
    assert!(scores.is_sorted_by(|a, b| a >= b), "{best}");
    assert_eq!(reply.header("content-type"), None);
    let all = bench.send(Method::POST, "/predictions/digits", &kind, png.clone()).await.unwrap().json();
    for (class, score) in best.as_object().unwrap() {
        assert_eq!(all[class.parse::<usize>().unwrap()], *score, "the same model");
    }
    // Bytes that are no picture, and a list of rows, which has no column to look into.
    for (kind, body) in
        [("image/png", &png[..40]), ("application/json", br#"{"instances":[{"b64":"AAAA"}]}"#)]
    {
        let reply =
            bench.send(Method::POST, "/predictions/digits-image", &[("content-type", kind)], body).await;
        assert_failure(&reply.unwrap(), 503, "InternalServerException");
    }
    assert_failure(&bench.post("/predictions/diabetes-image", "[1]").await, 404, "ModelNotFoundException");
    assert_eq!(bench.get("/models/digits-image").await.json()[0]["modelName"], "digits-image");
}

#[tokio::test]
async fn each_key_opens_its_own_port_and_dies_when_it_is_renewed() {
    let folder = std::env::temp_dir().join(format!("noisebound-mock-keys-{}", std::process::id()));
    let file = KeyFile { path: folder.clone(), lasts: Some(2) };
    let bench = Bench::new(Options { keys: Some(file), ..small() }).await;
    let key = |purpose: &str| {
        let keys: serde_json::Value = serde_json::from_slice(&std::fs::read(&folder).unwrap()).unwrap();
        format!("Bearer {}", keys[purpose]["key"].as_str().unwrap())
    };
    let get = async |path: &str, key: &str| {
        bench.send(Method::GET, path, &[("authorization", key)], "").await.unwrap()
    };
    let (management, inference, api) = (key("management"), key("inference"), key("API"));
    assert_eq!(inference.len(), "Bearer ".len() + 8);
    assert_eq!(get("/models/sum", &management).await.status, 200);
    assert_eq!(get("/ping", &inference).await.status, 200);
    for (path, key) in
        [("/models/sum", &inference), ("/ping", &management), ("/token?type=inference", &inference)]
    {
        assert_failure(&get(path, key).await, 400, "InvalidKeyException");
    }
    let ask = async |key: &str| {
        let headers = [("authorization", key), ("content-type", "application/json")];
        bench.send(Method::POST, "/predictions/sum", &headers, "[1,2]").await.unwrap()
    };
    assert_eq!((ask(&inference).await.status, ask(&inference).await.status), (200, 200));
    assert_failure(&ask(&inference).await, 400, "InvalidKeyException");
    let second = key("inference");
    assert_eq!(ask(&second).await.status, 200);
    let renewed = get("/token?type=inference", &api).await;
    assert_eq!((renewed.status, renewed.text()), (200, ""));
    assert_failure(&ask(&second).await, 400, "InvalidKeyException");
    assert_eq!(ask(&key("inference")).await.status, 200);
    assert_eq!(management, key("management"));
    std::fs::remove_file(&folder).unwrap();
}

#[tokio::test]
async fn a_handler_may_choose_its_status() {
    let faults = Faults { refuse_rows: 1.0, refuse_status: Some(513), ..Faults::default() };
    let bench = Bench::new(Options { faults, ..small() }).await;
    assert_failure(&bench.post("/predictions/sum", "[1,2]").await, 513, "InternalServerException");
}
