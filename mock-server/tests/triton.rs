//! What the Open Inference Protocol answers.

use std::sync::Arc;

use noisebound_mock_server::Options;
use noisebound_mock_server::faults::{Faults, Swap};
use noisebound_mock_server::models::{Context, Element, Model, Output, Precision, Signature, Task};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Bench, Reply, small};

const LENGTH: &str = "inference-header-content-length";

fn ask(input: &Value) -> String {
    json!({ "id": "p-1", "inputs": [input] }).to_string()
}

/// One input of the small models.
fn input(shape: &[usize], data: &Value) -> Value {
    json!({ "name": "x", "datatype": "FP64", "shape": shape, "data": data })
}

/// JSON, the raw values behind it, and the header that tells where they begin.
async fn send_binary(bench: &Bench, path: &str, json: &Value, raw: &[u8]) -> Reply {
    let text = json.to_string();
    let length = text.len().to_string();
    let body = [text.as_bytes(), raw].concat();
    bench.send(Method::POST, path, &[(LENGTH, &length)], body).await.unwrap()
}

#[tokio::test]
async fn health_and_metadata() {
    let bench = Bench::new(Options::default()).await;
    for path in
        ["/v2/health/live", "/v2/health/ready", "/v2/models/digits/ready", "/v2/models/coin/versions/1/ready"]
    {
        let reply = bench.get(path).await;
        assert_eq!(
            (reply.status, reply.text(), reply.header("content-type")),
            (200, "", Some("text/plain")),
            "{path}"
        );
    }
    let server = bench.get("/v2").await.json();
    assert_eq!((&server["name"], &server["version"]), (&json!("triton"), &json!("2.51.0")));
    assert!(server["extensions"].as_array().unwrap().contains(&json!("binary_tensor_data")));
    let digits = json!({
        "name": "digits", "versions": ["1"], "platform": "python",
        "inputs": [{ "name": "x", "datatype": "FP32", "shape": [-1, 64] }],
        "outputs": [{ "name": "probabilities", "datatype": "FP32", "shape": [-1, 10] }],
    });
    assert_eq!(bench.get("/v2/models/digits").await.json(), digits);
    assert_eq!(bench.get("/v2/models/digits/versions/1").await.json(), digits);
    let config = bench.get("/v2/models/linear-regression/config").await.json();
    assert_eq!(config["max_batch_size"], 64);
    assert_eq!(config["input"][0]["data_type"], "TYPE_FP64");
    assert_eq!(config["input"][0]["dims"], json!([4]));
    assert_eq!(config["output"][0]["dims"], json!([1]));
    let index = bench.post("/v2/repository/index", "").await.json();
    assert_eq!(index[0], json!({ "name": "digits", "version": "1", "state": "READY" }));
}

#[tokio::test]
async fn what_is_not_there() {
    let bench = Bench::new(small()).await;
    let reply = bench.get("/v2/models/nope").await;
    assert_eq!((reply.status, reply.header("content-type")), (404, Some("text/plain")));
    assert_eq!(reply.json(), json!({ "error": "Request for unknown model: 'nope' is not found" }));
    assert_eq!(bench.get("/v2/models/sum/versions/7").await.status, 404);
    assert_eq!(bench.post("/v2/models/nope/infer", &ask(&input(&[1, 2], &json!([1, 2])))).await.status, 404);
    assert_eq!(bench.get("/v2/models/nope/ready").await.status, 400);
    assert_eq!(bench.get("/v2/models/nope/stats").await.status, 400);
    assert_eq!(bench.get("/v2/").await.status, 404);
    assert_eq!(bench.get("/v2/nothing").await.header("content-type"), Some("text/plain"));
    assert_eq!(bench.get("/v2/models/sum/infer").await.status, 405);
    assert_eq!(bench.get("/v2/repository/index").await.status, 405);
    assert_eq!(bench.mock.counts().predictions, 1, "a wrong verb is no request for predictions");
}

#[tokio::test]
async fn predictions_in_json() {
    let bench = Bench::new(small()).await;
    let expected = json!({
        "id": "p-1", "model_name": "sum", "model_version": "1",
        "outputs": [{ "name": "prediction", "datatype": "FP64", "shape": [2, 1], "data": [3.0, 7.5] }],
    });
    for data in [json!([1, 2, 3, 4.5]), json!([[1, 2], [3, 4.5]])] {
        let reply = bench.post("/v2/models/sum/infer", &ask(&input(&[2, 2], &data))).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
        assert_eq!(reply.json(), expected);
    }
    let reply = bench.post("/v2/models/sum/versions/1/infer", &ask(&input(&[1, 2], &json!([1, 2])))).await;
    assert_eq!(reply.json()["outputs"][0]["data"], json!([3.0]));
    let without_id = json!({ "inputs": [input(&[1, 2], &json!([1, 2]))] }).to_string();
    assert_eq!(bench.post("/v2/models/sum/infer", &without_id).await.json().get("id"), None);
    let stats = bench.get("/v2/models/sum/stats").await.json();
    assert_eq!(stats["model_stats"][0]["inference_count"], 6);
    assert_eq!(stats["model_stats"][0]["execution_count"], 4);
}

#[tokio::test]
async fn single_precision_prints_as_the_nearest_double() {
    let bench = Bench::new(Options::default()).await;
    let pixels = vec![0.1; 64];
    let input = json!({ "name": "x", "datatype": "FP32", "shape": [1, 64], "data": pixels });
    let reply = bench.post("/v2/models/digits/infer", &ask(&input)).await.json();
    let scores = reply["outputs"][0]["data"].as_array().unwrap();
    assert_eq!(scores.len(), 10);
    for score in scores.iter().map(|score| score.as_f64().unwrap()) {
        assert_eq!(f64::from(score as f32).to_bits(), score.to_bits());
    }
    // The model sees what 32 bits hold: the nearest double gives the same answer.
    let nearest =
        json!({ "name": "x", "datatype": "FP32", "shape": [1, 64], "data": vec![f64::from(0.1f32); 64] });
    assert_eq!(bench.post("/v2/models/digits/infer", &ask(&nearest)).await.json(), reply);
}

#[tokio::test]
async fn refusals_have_the_status_of_the_real_server() {
    let bench = Bench::new(small()).await;
    let with = |key: &str, value: Value| {
        let mut input = input(&[1, 2], &json!([1, 2]));
        input[key] = value;
        ask(&input)
    };
    let data = json!([1, 2]);
    let two = json!({ "inputs": [input(&[1, 2], &data), input(&[1, 2], &data)] }).to_string();
    let id = json!({ "id": 7, "inputs": [input(&[1, 2], &data)] }).to_string();
    let output = json!({ "inputs": [input(&[1, 2], &data)], "outputs": [{ "name": "nope" }] }).to_string();
    let cases = [
        (400, with("name", json!("y")), "[request id: p-1] unexpected inference input 'y' for model 'sum'"),
        (400, with("datatype", json!("FP32")), "data-type is 'FP32', but model 'sum' expects 'FP64'"),
        (400, with("datatype", json!("FP16")), "data-type is 'FP16'"),
        (400, with("datatype", json!("FLOAT")), "invalid datatype 'FLOAT'"),
        (400, with("shape", json!([2])), "Expected [-1,2], got [2]"),
        (400, with("shape", json!([1, 3])), "Expected [-1,2], got [1,3]"),
        (400, with("shape", json!([0, 2])), "batch-size must be >= 1"),
        (400, ask(&input(&[65, 2], &json!(vec![0; 130]))), "batch-size must be <= 64 for 'sum'"),
        (400, two, "[request id: <id_unknown>] expected 1 inputs but got 2 inputs"),
        (400, output, "unexpected inference output 'nope'"),
        (500, "{".to_owned(), "failed to parse the request JSON buffer"),
        (500, "{}".to_owned(), "Unable to parse 'inputs'"),
        (500, id, "Unable to parse 'id'"),
        (500, with("shape", json!([-1, 2])), "Unable to parse 'shape'"),
        (500, with("data", json!([1, 2, 3])), "Shape does not match true shape"),
        (500, with("data", json!([1, null])), "Unable to parse 'data'"),
        (500, with("data", json!(["1", 2])), "Unable to parse 'data'"),
    ];
    for (status, body, message) in cases {
        let reply = bench.post("/v2/models/sum/infer", &body).await;
        assert_eq!((reply.status, reply.header("content-type")), (status, Some("text/plain")), "{body}");
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(message), "{body}: {error}");
    }
    let gzip =
        bench.send(Method::POST, "/v2/models/sum/infer", &[("content-encoding", "br")], "x").await.unwrap();
    assert_eq!(gzip.status, 501);
    assert_eq!(bench.mock.counts().rows, 0);
}

#[tokio::test]
async fn raw_tensors_go_both_ways() {
    let bench = Bench::new(small()).await;
    let path = "/v2/models/sum/infer";
    let raw: Vec<u8> = [1.0f64, 2.0, 0.1, 0.2].iter().flat_map(|value| value.to_le_bytes()).collect();
    let input = json!({
        "name": "x", "datatype": "FP64", "shape": [2, 2], "parameters": { "binary_data_size": 32 },
    });
    // Without a request for it the answer is JSON.
    let reply = send_binary(&bench, path, &json!({ "inputs": [input] }), &raw).await;
    assert_eq!((reply.status, reply.header(LENGTH)), (200, None));
    assert_eq!(reply.json()["outputs"][0]["data"], json!([3.0, 0.1 + 0.2]));
    let named = json!({ "name": "prediction", "parameters": { "binary_data": true } });
    let every = json!({ "inputs": [input], "parameters": { "binary_data_output": true } });
    for request in [json!({ "inputs": [input], "outputs": [named] }), every] {
        let reply = send_binary(&bench, path, &request, &raw).await;
        assert_eq!(reply.header("content-type"), Some("application/octet-stream"));
        let length: usize = reply.header(LENGTH).unwrap().parse().unwrap();
        let head: Value = serde_json::from_slice(&reply.body[..length]).unwrap();
        assert_eq!(head["outputs"][0]["parameters"]["binary_data_size"], 16);
        assert_eq!(head["outputs"][0].get("data"), None);
        let expected: Vec<u8> = [3.0f64, 0.1 + 0.2].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(reply.body[length..], expected);
    }
    // What an output says of itself goes before what the request says of all.
    let request = json!({
        "inputs": [input], "parameters": { "binary_data_output": true },
        "outputs": [{ "name": "prediction", "parameters": { "binary_data": false } }],
    });
    assert_eq!(send_binary(&bench, path, &request, &raw).await.header(LENGTH), None);
}

#[tokio::test]
async fn raw_tensors_of_single_precision_have_four_bytes() {
    let bench = Bench::new(Options::default()).await;
    let raw = vec![0u8; 256];
    let request = json!({
        "inputs": [{
            "name": "x", "datatype": "FP32", "shape": [1, 64], "parameters": { "binary_data_size": 256 },
        }],
        "parameters": { "binary_data_output": true },
    });
    let reply = send_binary(&bench, "/v2/models/digits/infer", &request, &raw).await;
    let length: usize = reply.header(LENGTH).unwrap().parse().unwrap();
    let scores = reply.body[length..].as_chunks().0.iter().map(|four| f32::from_le_bytes(*four));
    let scores: Vec<f32> = scores.collect();
    assert_eq!(scores.len(), 10);
    assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{scores:?}");
}

#[tokio::test]
async fn wrong_sizes_of_raw_tensors_are_refused() {
    let bench = Bench::new(small()).await;
    let path = "/v2/models/sum/infer";
    let input = |size: usize| {
        let parameters = json!({ "binary_data_size": size });
        json!({ "inputs": [{ "name": "x", "datatype": "FP64", "shape": [1, 2], "parameters": parameters }] })
    };
    let mut both = input(16);
    both["inputs"][0]["data"] = json!([1, 2]);
    for (request, bytes, message) in [
        (input(16), 12, "expecting 4 additional bytes"),
        (input(16), 20, "unexpected additional input data"),
        (input(8), 8, "byte size mismatch"),
        (both, 16, "must not specify 'data'"),
    ] {
        let reply = send_binary(&bench, path, &request, &vec![0; bytes]).await;
        assert_eq!(reply.status, 400);
        assert!(reply.text().contains(message), "{}", reply.text());
    }
    let reply = bench.send(Method::POST, path, &[(LENGTH, "99")], "{}").await.unwrap();
    assert_eq!(reply.status, 400);
    assert!(reply.text().contains("should be in range"), "{}", reply.text());
}

#[tokio::test]
async fn a_header_of_zero_makes_the_body_one_raw_row() {
    let bench = Bench::new(small()).await;
    let path = "/v2/models/sum/infer";
    let raw: Vec<u8> = [1.0f64, 2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let reply = bench.send(Method::POST, path, &[(LENGTH, "0")], raw).await.unwrap();
    assert_eq!(reply.body[reply.body.len() - 8..], 3.0f64.to_le_bytes());
    for (headers, body) in [(&[][..], ""), (&[(LENGTH, "x")][..], "{}")] {
        let reply = bench.send(Method::POST, path, headers, body).await.unwrap();
        assert_eq!(reply.status, 400);
        assert!(reply.text().contains("input 'raw_input'"), "{}", reply.text());
    }
}

#[tokio::test]
async fn the_best_classes_are_texts() {
    let bench = Bench::new(small()).await;
    let ask = |count: usize| {
        let output = json!({ "name": "probabilities", "parameters": { "classification": count } });
        json!({ "inputs": [input(&[2, 2], &json!([1, 1, 0, 9]))], "outputs": [output] }).to_string()
    };
    let reply = bench.post("/v2/models/side/infer", &ask(5)).await.json();
    let expected = json!({
        "name": "probabilities", "datatype": "BYTES", "shape": [2, 2],
        "data": ["0.500000:0", "0.500000:1", "0.999877:0", "0.000123:1"],
    });
    assert_eq!(reply["outputs"][0], expected);
    assert_eq!(
        bench.post("/v2/models/side/infer", &ask(1)).await.json()["outputs"][0]["shape"],
        json!([2, 1])
    );
    assert_eq!(bench.post("/v2/models/side/infer", &ask(0)).await.json()["outputs"][0]["datatype"], "FP64");
}

/// Two outputs for one column: the value twice, and its negative.
struct Two(Signature);

impl Model for Two {
    fn signature(&self) -> &Signature {
        &self.0
    }

    fn predict(&self, x: &[f64], _: &mut Context) -> Vec<f64> {
        vec![x[0], x[0], -x[0]]
    }
}

#[tokio::test]
async fn several_outputs_come_in_the_order_of_the_model() {
    let mut signature = Signature::plain("two", Task::Regression, Precision::Double, 1, 1);
    let output = |name: &str, size| Output::new(name, Element::Fp64, size);
    signature.outputs = vec![output("twice", 2), output("negative", 1)];
    let bench = Bench::new(Options { models: vec![Arc::new(Two(signature))], ..Options::default() }).await;
    let twice = json!({ "name": "twice", "datatype": "FP64", "shape": [2, 2], "data": [3.0, 3.0, 4.0, 4.0] });
    let negative = json!({ "name": "negative", "datatype": "FP64", "shape": [2, 1], "data": [-3.0, -4.0] });
    let ask = |outputs: Value| {
        json!({ "inputs": [input(&[2, 1], &json!([3, 4]))], "outputs": outputs }).to_string()
    };
    for (outputs, expected) in [
        (json!([]), json!([twice, negative])),
        (json!([{ "name": "negative" }, { "name": "twice" }]), json!([twice, negative])),
        (json!([{ "name": "negative" }]), json!([negative])),
    ] {
        assert_eq!(bench.post("/v2/models/two/infer", &ask(outputs)).await.json()["outputs"], expected);
    }
    let reply = bench.post("/v1/models/two:predict", r#"{"instances":[[3]]}"#).await;
    assert_eq!(reply.text(), r#"{"predictions":[{"twice":[3.0,3.0],"negative":-3.0}]}"#);
}

#[tokio::test]
async fn a_swapped_model_shows_its_version() {
    let swap = Swap { after: 1, to: None, version: Some("2".into()) };
    let bench =
        Bench::new(Options { faults: Faults { swap: Some(swap), ..Faults::default() }, ..small() }).await;
    let body = ask(&input(&[1, 2], &json!([1, 2])));
    assert_eq!(bench.get("/v2/models/sum").await.json()["versions"], json!(["1"]));
    let first = bench.post("/v2/models/sum/infer", &body).await.json();
    let second = bench.post("/v2/models/sum/infer", &body).await.json();
    assert_eq!((&first["model_version"], &first["outputs"][0]["data"]), (&json!("1"), &json!([3.0])));
    assert_eq!((&second["model_version"], &second["outputs"][0]["data"]), (&json!("2"), &json!([-3.0])));
    assert_eq!(bench.get("/v2/models/sum").await.json()["versions"], json!(["2"]));
    assert_eq!(bench.post("/v2/models/sum/versions/1/infer", &body).await.status, 404);
}

#[tokio::test]
async fn a_missing_token_meets_the_page_of_a_proxy() {
    let bench = Bench::new(Options { token: Some("secret".into()), ..small() }).await;
    let reply = bench.get("/v2/models/sum").await;
    assert_eq!((reply.status, reply.header("content-type")), (401, Some("text/html")));
    let headers = [("authorization", "Bearer secret")];
    assert_eq!(bench.send(Method::GET, "/v2/models/sum", &headers, "").await.unwrap().status, 200);
}
