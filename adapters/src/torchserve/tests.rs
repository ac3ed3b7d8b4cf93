use proptest::prelude::*;

use url::Url;

use super::*;
use crate::{Failure, FailureKind, HttpProtocol, Prediction, ResponseHead, Row, Tensor, Values};

fn protocol(version: Option<&str>) -> TorchServeProtocol {
    let base = Url::parse("http://h:8080/prefix/").unwrap();
    TorchServeProtocol::new(TorchServeOptions { base, model: "m".into(), version: version.map(Into::into) })
}

fn refused(status: u16, body: &str) -> FailureKind {
    protocol(None).decode(1, &ResponseHead::new(status, []), body.as_bytes()).unwrap_err().kind
}

fn read(body: &str) -> Result<Prediction, Failure> {
    let answer = protocol(None).decode(1, &ResponseHead::new(200, []), body.as_bytes())?;
    Ok(answer.predictions.into_iter().next().unwrap())
}

#[test]
fn the_bare_values_are_sent() {
    let tensor = |name: &str, shape: &[usize], values| Tensor::new(name, shape, values).unwrap();
    let image = Row { tensors: vec![tensor("image", &[2, 2], Values::U8(vec![1, 2, 3, 4]))] };
    let mut body = Vec::new();
    let head = protocol(Some("1.0")).encode(std::slice::from_ref(&image), &mut body).unwrap();
    assert_eq!(head.url.as_str(), "http://h:8080/prefix/predictions/m/1.0");
    assert_eq!(head.method, reqwest::Method::POST);
    assert!(head.headers.contains(&("content-type", "application/json".into())));
    assert_eq!(body, b"[[1,2],[3,4]]");

    let table = Row {
        tensors: vec![tensor("a", &[], Values::F64(vec![0.5])), tensor("b", &[], Values::I64(vec![-1]))],
    };
    body.clear();
    protocol(None).encode(&[table], &mut body).unwrap();
    assert_eq!(body, br#"{"a":0.5,"b":-1}"#);
    let two = [image.clone(), image];
    assert_eq!(protocol(None).encode(&two, &mut Vec::new()).unwrap_err().kind, FailureKind::Unsupported);
}

#[test]
fn a_ping_is_enough() {
    let protocol = protocol(None);
    let ping = protocol.discover().unwrap();
    assert_eq!((ping.method, ping.url.as_str()), (reqwest::Method::GET, "http://h:8080/prefix/ping"));
    let no_key = br#"{"code": 400, "type": "InvalidKeyException", "message": "Token Authorization failed."}"#;
    let heard =
        |status, body: &[u8]| protocol.discovered(&ResponseHead::new(status, []), body).map_err(|f| f.kind);
    assert_eq!(heard(400, no_key), Err(FailureKind::Auth));
    assert_eq!(heard(500, br#"{"status": "Unhealthy"}"#), Err(FailureKind::Transient));
    assert_eq!(heard(404, b"nginx"), Err(FailureKind::NotFound));
    assert_eq!(heard(204, b""), Err(FailureKind::Malformed));
    assert!(protocol.discover().is_some(), "a failed step is made again");
    assert_eq!(heard(200, br#"{"status": "Healthy"}"#), Ok(()));
    assert_eq!(protocol.discover(), None);
    let description = protocol.description();
    assert_eq!((description.model.as_deref(), description.max_batch), (Some("m"), Some(1)));
}

#[test]
fn answers_of_handlers_are_read() {
    let tensor =
        |shape: &[usize], values| Prediction::Tensors(vec![Tensor::new("answer", shape, values).unwrap()]);
    assert_eq!(
        read("{\n  \"tiger_cat\": 0.25,\n  \"tabby\": 0.46\n}").unwrap(),
        Prediction::Labels(vec![("tabby".into(), 0.46), ("tiger_cat".into(), 0.25)])
    );
    assert_eq!(read("0.5").unwrap(), tensor(&[], Values::F64(vec![0.5])));
    assert_eq!(read("3").unwrap(), tensor(&[], Values::I64(vec![3])));
    assert_eq!(read("[\n  0.1,\n  0.9\n]").unwrap(), tensor(&[2], Values::F64(vec![0.1, 0.9])));
    assert_eq!(read("[[0.1, 0.9]]").unwrap(), tensor(&[2], Values::F64(vec![0.1, 0.9])));
    assert_eq!(read("[0.9]").unwrap(), tensor(&[1], Values::F64(vec![0.9])));
    assert_eq!(read(r#"[{"cat": 1.0}]"#).unwrap(), Prediction::Labels(vec![("cat".into(), 1.0)]));
    assert_eq!(read("[NaN, 1.0]").unwrap_err().kind, FailureKind::NonFinite);
    assert_eq!(read("cat").unwrap_err().kind, FailureKind::Malformed);
    assert_eq!(read("").unwrap_err().kind, FailureKind::Malformed);
    assert_eq!(read(r#"{"k":0}{"k":1}end"#).unwrap_err().kind, FailureKind::Malformed);
}

#[test]
fn failures_are_told_apart_by_type_and_message() {
    let body = |code: u16, kind: &str, message: &str| {
        format!("{{\n  \"code\": {code},\n  \"type\": \"{kind}\",\n  \"message\": \"{message}\"\n}}\n")
    };
    for (status, kind, message, expected) in [
        (
            400,
            "InvalidKeyException",
            "Token Authorization failed. Token either incorrect, expired, or not provided correctly",
            FailureKind::Auth,
        ),
        (400, "BadRequestException", "Parameter model_name is required.", FailureKind::Rejected),
        (404, "ModelNotFoundException", "Model not found: x", FailureKind::NotFound),
        (404, "ModelVersionNotFoundException", "Model version: 9 does not exist", FailureKind::NotFound),
        (405, "MethodNotAllowedException", "Requested method is not allowed", FailureKind::NotFound),
        (500, "InternalServerException", "Worker died.", FailureKind::Transient),
        (
            503,
            "ServiceUnavailableException",
            "Model \\\"m\\\" Version 1.0 has no worker to serve inference request.",
            FailureKind::Overloaded,
        ),
        (503, "InternalServerException", "Prediction failed", FailureKind::ModelFailed),
        (503, "InternalServerException", "number of batch response mismatched", FailureKind::ModelFailed),
        (507, "InternalServerException", "Out of resources", FailureKind::ModelFailed),
    ] {
        assert_eq!(refused(status, &body(status, kind, message)), expected, "{kind} {message}");
    }
    assert_eq!(refused(413, ""), FailureKind::Rejected);
    assert_eq!(refused(503, "<html>upstream"), FailureKind::Overloaded);
    assert_eq!(refused(500, "boom"), FailureKind::ModelFailed);
    assert_eq!(refused(401, ""), FailureKind::Auth);
}

proptest! {
    #[test]
    fn decoding_never_panics(body in proptest::collection::vec(any::<u8>(), 0..80), status in 100..600_u16) {
        let _ = protocol(None).decode(1, &ResponseHead::new(status, []), &body);
        let _ = protocol(None).discovered(&ResponseHead::new(status, []), &body);
    }
}
