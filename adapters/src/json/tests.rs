use half::f16;
use proptest::prelude::*;

use url::Url;

use super::*;
use crate::{Failure, FailureKind, HttpProtocol, Prediction, ResponseHead, Row, SetupError, Tensor, Values};

fn protocol(body: Option<&str>, answer: Option<&str>) -> Result<JsonProtocol, SetupError> {
    JsonProtocol::new(JsonOptions {
        url: Url::parse("http://h:1/v1/models/m:predict").unwrap(),
        body: body.map(Into::into),
        answer: answer.map(Into::into),
    })
}

fn row(tensors: &[(&str, &[usize], Values)]) -> Row {
    let tensor = |(name, shape, values): &(&str, &[usize], Values)| {
        Tensor::new(*name, *shape, values.clone()).unwrap()
    };
    Row { tensors: tensors.iter().map(tensor).collect() }
}

fn sent(protocol: &JsonProtocol, rows: &[Row]) -> Result<String, Failure> {
    let mut body = Vec::new();
    protocol.encode(rows, &mut body)?;
    Ok(String::from_utf8(body).unwrap())
}

fn read(protocol: &JsonProtocol, rows: usize, body: &[u8]) -> Result<Vec<Prediction>, Failure> {
    protocol.decode(rows, &ResponseHead::new(200, []), body).map(|answer| answer.predictions)
}

fn tensor(shape: &[usize], values: Values) -> Prediction {
    Prediction::Tensors(vec![Tensor::new("predictions", shape, values).unwrap()])
}

#[test]
fn rows_go_where_the_template_says() {
    let rows =
        [row(&[("x", &[2], Values::F32(vec![0.1, 2.0]))]), row(&[("x", &[2], Values::F32(vec![3.0, 4.0]))])];
    let json = protocol(None, None).unwrap();
    assert_eq!(sent(&json, &rows).unwrap(), r#"{"instances":[[0.10000000149011612,2.0],[3.0,4.0]]}"#);
    let json = protocol(Some(r#"{ "a": {"b": ["${rows}", 1]}, "n": "x${rows}" }"#), None).unwrap();
    assert_eq!(sent(&json, &rows[1..]).unwrap(), r#"{ "a": {"b": [[[3.0,4.0]], 1]}, "n": "x${rows}" }"#);
    let head = json.encode(&rows, &mut Vec::new()).unwrap();
    assert_eq!(head.url.as_str(), "http://h:1/v1/models/m:predict");
    assert!(head.headers.contains(&("content-type", "application/json".into())));
}

#[test]
fn one_row_may_stand_alone() {
    let json = protocol(Some(r#""${row}""#), Some("")).unwrap();
    assert_eq!(json.description().max_batch, Some(1));
    let rows = [row(&[
        ("age", &[], Values::I64(vec![9_007_199_254_740_993])),
        ("name", &[], Values::Bytes(vec!["zoë".into()])),
        ("half", &[1], Values::F16(vec![f16::from_f64(0.5)])),
    ])];
    assert_eq!(sent(&json, &rows).unwrap(), r#"{"age":9007199254740993,"name":"zoë","half":[0.5]}"#);
    let two = [rows[0].clone(), rows[0].clone()];
    assert_eq!(sent(&json, &two).unwrap_err().kind, FailureKind::Unsupported);
    assert_eq!(protocol(None, None).unwrap().description().max_batch, None);
}

#[test]
fn a_template_holds_one_gap() {
    for body in [
        "{",
        "{}",
        r#"{"a":"${rows}","b":"${rows}"}"#,
        r#"{"a":"${rows}","b":"${row}"}"#,
        r#"{"${rows}":1}"#,
        r#"{"${rows}":"${rows}"}"#,
        r#"{"a":"\"${rows}","b":"${rows}"}"#,
        r#"["$\u007brows}"]"#,
    ] {
        assert!(matches!(protocol(Some(body), None), Err(SetupError::Body(_))), "{body}");
    }
    assert!(matches!(protocol(None, Some("predictions")), Err(SetupError::Pointer(_))));
}

#[test]
fn what_json_cannot_carry_is_rejected_before_it_is_sent() {
    let json = protocol(None, None).unwrap();
    let failure = sent(&json, &[row(&[("x", &[1], Values::F32(vec![f32::NAN]))])]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
}

#[test]
fn answers_are_read_row_by_row() {
    let json = protocol(None, None).unwrap();
    let body = br#"{"predictions": [[0.9, 0.1], [0.25, 0.75]]}"#;
    let expected = [tensor(&[2], Values::F64(vec![0.9, 0.1])), tensor(&[2], Values::F64(vec![0.25, 0.75]))];
    assert_eq!(read(&json, 2, body).unwrap(), expected);
    assert_eq!(read(&json, 1, br#"{"predictions":[1]}"#).unwrap(), [tensor(&[], Values::I64(vec![1]))]);
    let labels =
        read(&json, 1, br#"{"predictions":[{"label":"POS","score":0.9},{"label":"NEG","score":0.1}]}"#);
    assert_eq!(labels.unwrap(), [Prediction::Labels(vec![("POS".into(), 0.9), ("NEG".into(), 0.1)])]);
}

#[test]
fn json_inside_a_json_string_is_opened() {
    let json = protocol(None, Some("")).unwrap();
    let body = br#""[[0.9, 0.1]]""#;
    let Prediction::Tensors(tensors) = &read(&json, 1, body).unwrap()[0] else { panic!("tensors") };
    assert_eq!(tensors[0].values, Values::F64(vec![0.9, 0.1]));
}

#[test]
fn a_wrapped_single_answer_is_opened() {
    let json = protocol(Some(r#"["${row}"]"#), None).unwrap();
    let expected = [tensor(&[2], Values::F64(vec![0.9, 0.1]))];
    assert_eq!(read(&json, 1, br#"{"predictions":[[0.9,0.1]]}"#).unwrap(), expected);
    assert_eq!(read(&json, 1, br#"{"predictions":[0.9,0.1]}"#).unwrap(), expected);
}

#[test]
fn what_does_not_fit_is_quoted() {
    let json = protocol(None, None).unwrap();
    let said = |body: &[u8]| {
        let failure = read(&json, 2, body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        failure.said.to_string()
    };
    let count = said(br#"{"predictions":[1,2,3]}"#);
    assert!(
        count.starts_with("a list of 2 answers was expected at `/predictions`, found a list of 3"),
        "{count}"
    );
    assert!(count.ends_with(r#"{"predictions":[1,2,3]}"#), "{count}");
    let absent = said(br#"{"outputs":[1,2],"error":"x"}"#);
    assert!(
        absent.contains("nothing stands at `/predictions`, the answer is an object with `outputs`, `error`")
    );
    assert!(said(b"<html>login").contains("<html>login"));
    assert!(said(b"").contains("a value was expected"));
    assert!(said(br#"{"predictions":[1,2]"#).contains("not JSON at byte 20"));
    said(br#"{"predictions":0.5}"#);
}

#[test]
fn nan_is_not_a_mistake_of_syntax() {
    let json = protocol(None, None).unwrap();
    for body in
        [&b"{\"predictions\":[[NaN,1.0]]}"[..], b"{\"predictions\":[-Infinity]}", b"{\"predictions\":[null]}"]
    {
        assert_eq!(read(&json, 1, body).unwrap_err().kind, FailureKind::NonFinite);
    }
}

#[test]
fn refusals_are_told_apart() {
    let json = protocol(None, None).unwrap();
    let refused =
        |status, body: &str| json.decode(1, &ResponseHead::new(status, []), body.as_bytes()).unwrap_err();
    assert_eq!(refused(429, r#"{"error":"Too many requests"}"#).kind, FailureKind::Overloaded);
    assert_eq!(&*refused(429, r#"{"error":"Too many requests"}"#).said, "HTTP 429: Too many requests");
    assert_eq!(refused(500, r#"{"error":"KeyError : 'instances'"}"#).kind, FailureKind::ModelFailed);
    assert_eq!(refused(401, "").kind, FailureKind::Auth);
    // A refusal is no answer, whatever its body looks like.
    assert_eq!(refused(503, r#"{"predictions":[1]}"#).kind, FailureKind::Overloaded);
    let loading = refused(503, r#"{"error":"Model is currently loading","estimated_time":20.5}"#);
    assert_eq!(loading.pushback, Some(std::time::Duration::from_millis(20_500)));
    assert_eq!(refused(503, r#"{"estimated_time":1e9}"#).pushback, Some(std::time::Duration::from_secs(60)));
    assert_eq!(refused(503, r#"{"estimated_time":NaN}"#).pushback, None);
}

#[test]
fn nothing_is_asked_before_the_first_row() {
    assert_eq!(protocol(None, None).unwrap().discover(), None);
}

proptest! {
    #[test]
    fn decoding_never_panics(body in proptest::collection::vec(any::<u8>(), 0..80), rows in 0..4_usize, status in 200..600_u16) {
        let _ = protocol(None, None).unwrap().decode(rows, &ResponseHead::new(status, []), &body);
    }

    #[test]
    fn decoding_never_panics_on_json(items in r#"[\[\]{}":,0-9a-c.eNnul]{0,30}"#) {
        let body = format!(r#"{{"predictions":[{items}]}}"#);
        let json = protocol(None, None).unwrap();
        for rows in 0..3 {
            if let Ok(found) = read(&json, rows, body.as_bytes()) {
                prop_assert_eq!(found.len(), rows);
            }
        }
    }
}
