//! What the Open Inference Protocol answers of models with other types, several inputs and outputs, parameters, and
//! compressed bodies.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};
use noisebound_mock_server::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Bench;

fn zeros(datatype: &str) -> Value {
    json!({ "name": "x", "datatype": datatype, "shape": [1, 64], "data": vec![0; 64] })
}

async fn scores(bench: &Bench, model: &str, request: &Value) -> Vec<Value> {
    let reply = bench.post(&format!("/v2/models/{model}/infer"), &request.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["outputs"][0]["data"].as_array().unwrap().clone()
}

async fn refusal(bench: &Bench, model: &str, request: &Value) -> (u16, String) {
    let reply = bench.post(&format!("/v2/models/{model}/infer"), &request.to_string()).await;
    (reply.status, reply.text().to_owned())
}

/// What the scores become when the answer is turned over.
fn turned(mut scores: Vec<Value>) -> Vec<Value> {
    scores.rotate_right(1);
    scores
}

#[tokio::test]
async fn a_second_input_changes_the_answer_and_a_third_may_be_left_out() {
    let bench = Bench::new(Options::default()).await;
    let plain = scores(&bench, "digits", &json!({ "inputs": [zeros("FP32")] })).await;
    let ask = |gate: i64| {
        let gate = json!({ "name": "gate", "datatype": "INT32", "shape": [1, 1], "data": [gate] });
        json!({ "inputs": [gate, zeros("FP32")] })
    };
    assert_eq!(scores(&bench, "gated", &ask(0)).await, plain);
    assert_eq!(scores(&bench, "gated", &ask(3)).await, turned(plain));
    let (status, message) = refusal(&bench, "gated", &json!({ "inputs": [zeros("FP32")] })).await;
    assert_eq!(status, 400);
    assert!(message.contains("expected 2 inputs but got 1 inputs for model 'gated'"), "{message}");
    assert!(message.contains("missing required input(s) ['gate']"), "{message}");
    let two = json!({ "name": "gate", "datatype": "INT32", "shape": [2, 1], "data": [0, 0] });
    let (status, message) = refusal(&bench, "gated", &json!({ "inputs": [zeros("FP32"), two] })).await;
    assert!(status == 400 && message.contains("batch size does not match"), "{message}");
    let config = bench.get("/v2/models/gated/config").await.json();
    assert_eq!(
        (&config["input"][1]["optional"], &config["input"][2]["optional"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn ids_arrive_as_they_were_sent() {
    let bench = Bench::new(Options::default()).await;
    let plain = scores(&bench, "digits", &json!({ "inputs": [zeros("FP32")] })).await;
    // 2^53 and 2^24, each with the neighbour that a float would make of it.
    for (even, odd) in [(9_007_199_254_740_992_i64, 9_007_199_254_740_993), (16_777_216, 16_777_217)] {
        let ask = |id: i64| {
            let id = json!({ "name": "id", "datatype": "INT64", "shape": [1, 1], "data": [id] });
            json!({ "inputs": [zeros("FP32"), id] })
        };
        assert_eq!(scores(&bench, "ids", &ask(even)).await, plain);
        assert_eq!(scores(&bench, "ids", &ask(odd)).await, turned(plain.clone()));
    }
}

#[tokio::test]
async fn texts_images_halves_and_models_without_a_batch() {
    let bench = Bench::new(Options::default()).await;
    let plain = scores(&bench, "digits", &json!({ "inputs": [zeros("FP32")] })).await;
    let word = json!({ "name": "word", "datatype": "BYTES", "shape": [1, 1], "data": ["other"] });
    assert_eq!(
        scores(&bench, "words", &json!({ "inputs": [zeros("FP32"), word] })).await,
        turned(plain.clone())
    );
    let image = json!({ "name": "x", "datatype": "UINT8", "shape": [1, 8, 8], "data": vec![0; 64] });
    assert_eq!(scores(&bench, "image", &json!({ "inputs": [image] })).await, plain);
    let lone = json!({ "name": "x", "datatype": "FP32", "shape": [64], "data": vec![0; 64] });
    let reply = bench.post("/v2/models/lone/infer", &json!({ "inputs": [lone] }).to_string()).await.json();
    assert_eq!(reply["outputs"][0]["shape"], json!([10]));
    assert_eq!(bench.get("/v2/models/lone").await.json()["inputs"][0]["shape"], json!([64]));
    assert_eq!(bench.get("/v2/models/lone/config").await.json()["max_batch_size"], 0);
    let (status, message) = refusal(&bench, "lone", &json!({ "inputs": [zeros("FP32")] })).await;
    assert!(status == 400 && message.contains("Expected [64], got [1,64]"), "{message}");
    let (status, message) = refusal(&bench, "half", &json!({ "inputs": [zeros("FP16")] })).await;
    assert!(status == 400 && message.contains("sending FP16 data via JSON is not supported"), "{message}");
}

#[tokio::test]
async fn several_outputs_have_their_own_types_and_classes_their_names() {
    let bench = Bench::new(Options::default()).await;
    let ask = |outputs: Value| json!({ "inputs": [zeros("FP32")], "outputs": outputs }).to_string();
    let reply = bench.post("/v2/models/several/infer", &ask(json!([]))).await.json();
    let scores = reply["outputs"][0]["data"].as_array().unwrap();
    let best =
        (0..10).max_by(|a, b| scores[*a].as_f64().unwrap().total_cmp(&scores[*b].as_f64().unwrap())).unwrap();
    let class = json!({ "name": "class", "datatype": "INT64", "shape": [1, 1], "data": [best] });
    assert_eq!(reply["outputs"][1], class);
    assert_eq!(reply["outputs"][2]["datatype"], "BYTES");
    let name = reply["outputs"][2]["data"][0].as_str().unwrap();
    let one = json!([{ "name": "probabilities", "parameters": { "classification": 1 } }]);
    let reply = bench.post("/v2/models/several/infer", &ask(one)).await.json();
    let told = reply["outputs"][0]["data"][0].as_str().unwrap();
    assert!(told.ends_with(&format!(":{best}:{name}")), "{told}");
}

#[tokio::test]
async fn parameters_reach_the_model_but_for_those_of_the_server() {
    let bench = Bench::new(Options::default()).await;
    let ask = |parameters: Value| json!({ "inputs": [zeros("FP32")], "parameters": parameters });
    let plain = scores(&bench, "asked", &ask(json!({ "turned": false, "timeout": 5 }))).await;
    assert_eq!(scores(&bench, "asked", &ask(json!({ "turned": true }))).await, turned(plain));
    let (status, message) = refusal(&bench, "asked", &ask(json!({ "turned": {} }))).await;
    assert!(status == 400 && message.contains("parameter 'turned' has invalid type"), "{message}");
}

#[tokio::test]
async fn bodies_are_unpacked_and_answers_packed_on_request() {
    let bench = Bench::new(Options::default()).await;
    let path = "/v2/models/digits/infer";
    let request = json!({ "inputs": [zeros("FP32")] });
    let plain = scores(&bench, "digits", &request).await;
    let text = request.to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(text.as_bytes()).unwrap();
    let packed = [("gzip", gzip.finish().unwrap()), ("deflate", zlib.finish().unwrap())];
    for (encoding, body) in packed {
        let headers = [("content-encoding", encoding), ("accept-encoding", "deflate, gzip")];
        let reply = bench.send(Method::POST, path, &headers, body).await.unwrap();
        assert_eq!((reply.status, reply.header("content-encoding")), (200, Some("gzip")), "{encoding}");
        let mut unpacked = String::new();
        GzDecoder::new(&*reply.body).read_to_string(&mut unpacked).unwrap();
        let answer: Value = serde_json::from_str(&unpacked).unwrap();
        assert_eq!(answer["outputs"][0]["data"], json!(plain));
    }
    let torn = bench.send(Method::POST, path, &[("content-encoding", "gzip")], "no gzip").await.unwrap();
    assert_eq!(torn.status, 400);
    assert!(torn.text().contains("input 'raw_input'"), "{}", torn.text());
}
