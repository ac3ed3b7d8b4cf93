use proptest::prelude::*;

use url::Url;

use super::*;
use crate::{Failure, FailureKind, HttpProtocol, Prediction, ResponseHead, Row, Tensor, Values};

mod encode;
mod management;
mod v2;

fn options() -> TorchServeOptions {
    TorchServeOptions::new(Url::parse("http://h:8080/prefix/").unwrap(), "m")
}

fn protocol(version: Option<&str>) -> TorchServeProtocol {
    TorchServeProtocol::new(TorchServeOptions { version: version.map(Into::into), ..options() })
}

fn of(envelope: Envelope, answer: Option<&str>) -> TorchServeProtocol {
    TorchServeProtocol::new(TorchServeOptions { envelope, answer: answer.map(Into::into), ..options() })
}

fn row(fields: &[(&str, &[usize], Values)]) -> Row {
    let tensor = |(name, shape, values): &(&str, &[usize], Values)| {
        Tensor::new(*name, *shape, values.clone()).unwrap()
    };
    Row { tensors: fields.iter().map(tensor).collect() }
}

/// What a status and a body of TorchServe's own are taken for.
fn failed(status: u16, body: &str) -> Failure {
    protocol(None).decode(1, &ResponseHead::new(status, []), body.as_bytes()).unwrap_err()
}

fn refused(status: u16, body: &str) -> FailureKind {
    failed(status, body).kind
}

fn body(code: u16, kind: &str, message: &str) -> String {
    format!("{{\n  \"code\": {code},\n  \"type\": \"{kind}\",\n  \"message\": \"{message}\"\n}}\n")
}

fn read(body: &str) -> Result<Prediction, Failure> {
    read_by(&protocol(None), body)
}

/// The prediction for one row in an answer with status 200 and no content type, as TorchServe sends it.
fn read_by(protocol: &TorchServeProtocol, body: &str) -> Result<Prediction, Failure> {
    let answer = protocol.decode(1, &ResponseHead::new(200, []), body.as_bytes())?;
    Ok(answer.predictions.into_iter().next().unwrap())
}

fn tensor(name: &str, shape: &[usize], values: Values) -> Prediction {
    Prediction::Tensors(vec![Tensor::new(name, shape, values).unwrap()])
}

fn labels(pairs: &[(&str, f64)]) -> Prediction {
    Prediction::Labels(pairs.iter().map(|(label, score)| ((*label).into(), *score)).collect())
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
    let one = |shape: &[usize], values| tensor("answer", shape, values);
    for (body, expected) in [
        ("0.5", one(&[], Values::F64(vec![0.5]))),
        ("3", one(&[], Values::I64(vec![3]))),
        ("[\n  0.1,\n  0.9\n]", one(&[2], Values::F64(vec![0.1, 0.9]))),
        ("[[0.1, 0.9]]", one(&[2], Values::F64(vec![0.1, 0.9]))),
        ("[0.9]", one(&[1], Values::F64(vec![0.9]))),
        (r#"[{"cat": 1.0}]"#, labels(&[("cat", 1.0)])),
        (r#""cat""#, labels(&[("cat", 1.0)])),
        ("{\n  \"probs\": [\n    0.1,\n    0.9\n  ]\n}", tensor("probs", &[2], Values::F64(vec![0.1, 0.9]))),
    ] {
        assert_eq!(read(body).unwrap(), expected, "{body}");
    }
    assert_eq!(read("[NaN, 1.0]").unwrap_err().kind, FailureKind::NonFinite);
    assert_eq!(read("").unwrap_err().kind, FailureKind::Malformed);
}

/// The handlers for images answer with the five best classes; a class that is absent is not one with score 0.
#[test]
fn a_class_map_is_ranked_and_its_names_are_taken_as_they_are() {
    let top = "{\n  \"tiger_cat\": 0.25,\n  \"tabby\": 0.46,\n  \"sliding/door\": 0.125,\n  \"a~b\": 0.1,\n  \"7\": 0.05\n}";
    let ranked =
        labels(&[("tabby", 0.46), ("tiger_cat", 0.25), ("sliding/door", 0.125), ("a~b", 0.1), ("7", 0.05)]);
    assert_eq!(read(top).unwrap(), ranked);
    let below = format!("{{\"result\": {top}}}");
    assert_eq!(read_by(&of(Envelope::Json, Some("/result")), &below).unwrap(), ranked);
    let score = read_by(&of(Envelope::Json, Some("/sliding~1door")), top).unwrap();
    assert_eq!(score, tensor("answer", &[], Values::F64(vec![0.125])));
    let score = read_by(&of(Envelope::Json, Some("/a~0b")), top).unwrap();
    assert_eq!(score, tensor("answer", &[], Values::F64(vec![0.1])));
    let failure = read_by(&of(Envelope::Json, Some("/scores")), top).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert!(failure.said.contains("`/scores`") && failure.said.contains("`tiger_cat`"), "{failure}");
}

/// With `topk` 1 the best class comes alone. What has the name of a part of an answer, or is no score, is no class.
#[test]
fn a_class_map_of_one_is_read_and_a_part_of_an_answer_is_not() {
    assert_eq!(read(r#"{"tabby": 0.46}"#).unwrap(), labels(&[("tabby", 0.46)]));
    for (body, pointer) in [
        (r#"{"prediction": 3}"#, "/prediction"),
        (r#"{"class": 3, "probability": 0.9}"#, "/class"),
        (r#"[{"probability": 0.9}]"#, "/0/probability"),
        (r#"{"digit": 3}"#, "/digit"),
    ] {
        let failure = read(body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{body}");
        assert!(failure.said.contains(&format!("what would fit: --answer {pointer}")), "{failure}");
        read_by(&of(Envelope::Json, Some(pointer)), body).unwrap();
    }
}

#[test]
fn labels_that_are_not_utf8_are_refused_and_quoted() {
    for body in [&b"{\"caf\xe0\": 0.75, \"caf\xe9\": 0.25}"[..], b"\"caf\xe0\"", b"caf\xe0s"] {
        let failure = protocol(None).decode(1, &ResponseHead::new(200, []), body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.said.contains("it begins: ") && failure.said.contains("e0"), "{failure}");
    }
}

/// A handler's text is sent without quotes, and nothing says what it is.
#[test]
fn a_bare_line_is_a_class_unless_it_could_be_anything_else() {
    let told = |kind: &[(&str, &str)], body: &[u8]| {
        let answer = protocol(None).decode(1, &ResponseHead::new(200, kind.iter().copied()), body);
        answer.map(|mut answer| answer.predictions.remove(0)).map_err(|failure| failure.kind)
    };
    let class = |name: &str| Ok(labels(&[(name, 1.0)]));
    assert_eq!(told(&[], b"cat"), class("cat"));
    assert_eq!(told(&[], "chaise longue, déjà vu\n".as_bytes()), class("chaise longue, déjà vu"));
    assert_eq!(told(&[("content-type", "text/plain; charset=utf-8")], b"cat"), class("cat"));
    for broken in [
        &b"<html>Bad Gateway</html>"[..],
        br#"{"cat": 0.4"#,
        b"[0.1, 0.",
        br#""ca"#,
        b"-1.5.2",
        b"two\nlines",
        b"\xff\xd8\xff\xe0",
        &[b'x'; 201],
        b"  ",
    ] {
        assert_eq!(told(&[], broken), Err(FailureKind::Malformed), "{}", String::from_utf8_lossy(broken));
    }
    // A gateway says what its pages are.
    for kind in ["text/html", "application/json", "application/octet-stream"] {
        assert_eq!(told(&[("content-type", kind)], b"cat"), Err(FailureKind::Malformed), "{kind}");
    }
    // In an envelope there is no bare text.
    assert_eq!(read_by(&of(Envelope::Instances, None), "cat").unwrap_err().kind, FailureKind::Malformed);
    assert_eq!(read_by(&of(Envelope::Json, Some("/a")), "cat").unwrap_err().kind, FailureKind::Malformed);
}

#[test]
fn a_stream_of_pieces_is_refused() {
    let failure = read(r#"{"k":0}{"k":1}end"#).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert!(
        failure.said.contains("one after the other") && failure.said.contains(r#"{"k":0}{"k":1}end"#),
        "{failure}"
    );
    let streamed = ResponseHead::new(200, [("ts_stream_next", "true")]);
    for body in [&br#"{"k":0}"#[..], br#"{"k":0}{"k":1}end"#, b""] {
        let failure = protocol(None).decode(1, &streamed, body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "asking again helps nobody");
        assert!(failure.said.starts_with("the handler streams"), "{failure}");
    }
    let last = ResponseHead::new(200, [("ts_stream_next", "false")]);
    assert!(protocol(None).decode(1, &last, b"3").is_ok());
}

#[test]
fn predictions_are_one_for_each_row() {
    let two =
        |envelope, body: &str| of(envelope, None).decode(2, &ResponseHead::new(200, []), body.as_bytes());
    for envelope in [Envelope::Base64, Envelope::Instances, Envelope::Kserve] {
        let answer = two(envelope, r#"{"predictions": [[0.25, 0.75], {"cat": 0.5}]}"#).unwrap();
        let expected = [tensor("answer", &[2], Values::F64(vec![0.25, 0.75])), labels(&[("cat", 0.5)])];
        assert_eq!(answer.predictions, expected, "{envelope:?}");
        for wrong in [
            r#"{"predictions": [1]}"#,
            r#"{"predictions": [1, 2, 3]}"#,
            r#"{"predictions": {"a": 1}}"#,
            r#"{"explanations": [1, 2]}"#,
            "[1, 2]",
        ] {
            let failure = two(envelope, wrong).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Malformed, "{envelope:?} {wrong}");
            let quoted = wrong.len() > 40 || failure.said.contains(&wrong[1..]);
            assert!(quoted && failure.said.contains("predictions"), "{failure}");
        }
    }
    for envelope in [Envelope::Json, Envelope::Bytes, Envelope::KserveV2] {
        assert_eq!(two(envelope, "[1, 2]").unwrap_err().kind, FailureKind::Malformed, "{envelope:?}");
    }
    let pointed = of(Envelope::Instances, Some("/p"));
    let answer = read_by(&pointed, r#"{"predictions": [{"p": [[0.25, 0.75]], "q": "x"}]}"#).unwrap();
    assert_eq!(answer, tensor("answer", &[2], Values::F64(vec![0.25, 0.75])));
}

#[test]
fn failures_are_told_apart_by_type_and_message() {
    let (worker, front) = ("InternalServerException", "ServiceUnavailableException");
    let token = "Token Authorization failed. Token either incorrect, expired, or not provided correctly";
    let queue = "Model \\\"m\\\" Version 1.0 has no worker to serve inference request.";
    for (status, kind, message, expected) in [
        (400, "InvalidKeyException", token, FailureKind::Auth),
        (400, "BadRequestException", "Parameter model_name is required.", FailureKind::Rejected),
        (404, "ModelNotFoundException", "Model not found: x", FailureKind::NotFound),
        (404, "ModelVersionNotFoundException", "Model version: 9 does not exist", FailureKind::NotFound),
        (404, "ResourceNotFoundException", "Requested resource is not found", FailureKind::NotFound),
        (405, "MethodNotAllowedException", "Requested method is not allowed", FailureKind::NotFound),
        (500, worker, "Worker died.", FailureKind::Transient),
        (503, front, queue, FailureKind::Overloaded),
        (503, worker, "Prediction failed", FailureKind::ModelFailed),
        (503, worker, "number of batch response mismatched", FailureKind::ModelFailed),
        (507, worker, "Out of resources", FailureKind::ModelFailed),
        // A status that the handler chose is about this row, not about the model, the key or the way.
        (400, worker, "not an image", FailureKind::Rejected),
        (401, worker, "no face", FailureKind::Rejected),
        (404, worker, "no face", FailureKind::Rejected),
        (429, worker, "too fast", FailureKind::Overloaded),
        (513, worker, "no face", FailureKind::ModelFailed),
    ] {
        assert_eq!(refused(status, &body(status, kind, message)), expected, "{status} {kind} {message}");
    }
    assert_eq!(refused(503, "<html>upstream"), FailureKind::Overloaded);
    assert_eq!(refused(500, "boom"), FailureKind::ModelFailed);
    assert_eq!(refused(401, ""), FailureKind::Auth);
    // `context.set_response_status` sends the handler's own body.
    assert_eq!(refused(513, "[0.1, 0.9]"), FailureKind::Transient);
    assert_eq!(refused(422, "no face"), FailureKind::Rejected);
}

#[test]
fn failures_say_what_helps() {
    let long = failed(413, "");
    assert_eq!(long.kind, FailureKind::Rejected);
    assert!(long.said.contains("6,553,500 bytes") && long.said.contains("max_request_size"), "{long}");
    let died = failed(500, &body(500, "InternalServerException", "Worker died."));
    assert!(died.said.contains("Worker died.") && died.said.contains("responseTimeout"), "{died}");
}

proptest! {
    #[test]
    fn decoding_never_panics(
        body in proptest::collection::vec(any::<u8>(), 0..80),
        status in prop_oneof![Just(200_u16), 100..600_u16],
        which in 0..6_usize,
        pointer in proptest::option::of("(/[a-z~01]{0,3}){0,2}"),
        rows in 0..3_usize,
    ) {
        let protocol = of(Envelope::ALL[which], pointer.as_deref());
        let _ = protocol.decode(rows, &ResponseHead::new(status, []), &body);
        let _ = protocol.discovered(&ResponseHead::new(status, []), &body);
    }

    #[test]
    fn what_nearly_is_an_answer_never_panics(
        body in r#"\{"(predictions|outputs)": ?\[(\{"(name|data|shape)": ?("a"|\[[0-9,.]{0,4}\]|-?[0-9]{1,3})[,}]){0,3}.{0,6}\]?\}?"#,
        which in 0..6_usize,
        rows in 1..3_usize,
    ) {
        if let Ok(answer) = of(Envelope::ALL[which], None).decode(rows, &ResponseHead::new(200, []), body.as_bytes()) {
            prop_assert_eq!(answer.predictions.len(), rows);
        }
    }
}
