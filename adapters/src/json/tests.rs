use half::f16;
use proptest::prelude::*;

use url::Url;

use super::*;
use crate::{Failure, FailureKind, HttpProtocol, Prediction, ResponseHead, Row, SetupError, Tensor, Values};

fn protocol(body: Option<&str>, answer: Option<&str>) -> Result<JsonProtocol, SetupError> {
    let url = Url::parse("http://h:1/v1/models/m:predict").unwrap();
    let (body, answer) = (body.map(Into::into), answer.map(Into::into));
    JsonProtocol::new(JsonOptions { body, answer, ..JsonOptions::new(url) })
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
    let json = protocol(Some(r#"{ "a": {"b": [{{ rows }}, 1]}, "n": "x" }"#), None).unwrap();
    assert_eq!(sent(&json, &rows[1..]).unwrap(), r#"{ "a": {"b": [[[3.0,4.0]], 1]}, "n": "x" }"#);
    let head = json.encode(&rows, &mut Vec::new()).unwrap();
    assert_eq!(head.url.as_str(), "http://h:1/v1/models/m:predict");
    assert!(head.headers.contains(&("content-type", "application/json".into())));
}

#[test]
fn one_row_may_stand_alone() {
    let json = protocol(Some("{{ row }}"), Some("")).unwrap();
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
fn what_cannot_be_used_is_refused_at_once() {
    assert!(matches!(protocol(Some("{}"), None), Err(SetupError::Body(_))));
    assert!(matches!(protocol(None, Some("predictions")), Err(SetupError::Pointer(_))));
    let with = |url: &str, name: Option<&str>, model: Option<&str>| {
        let preset = name.map(|name| preset(name).unwrap());
        let options = JsonOptions {
            preset,
            model: model.map(Into::into),
            ..JsonOptions::new(Url::parse(url).unwrap())
        };
        JsonProtocol::new(options).map(|protocol| protocol.url().to_string())
    };
    let found = with("http://h:1", Some("kserve-v1"), Some("a b")).unwrap();
    assert_eq!(found, "http://h:1/v1/models/a%20b:predict");
    assert_eq!(with("http://h:1/x", Some("kserve-v1"), None).unwrap(), "http://h:1/x");
    assert_eq!(with("http://h:1/", Some("ray-serve"), None).unwrap(), "http://h:1/");
    let needed = with("http://h:1", Some("tf-serving"), None).unwrap_err().to_string();
    assert!(needed.contains("needed for the path of `tf-serving`"), "{needed}");
    let in_vain = with("http://h:1/x", Some("kserve-v1"), Some("m")).unwrap_err().to_string();
    assert!(in_vain.contains("leave it out"), "{in_vain}");
}

#[test]
fn urls_that_tell_are_recognised() {
    for (url, name) in [
        ("http://h:5000/invocations", Some("mlflow")),
        ("https://w.cloud.databricks.com/serving-endpoints/m/invocations", Some("databricks")),
        ("http://h/v1/models/m:predict", Some("kserve-v1")),
        ("https://europe-west1-aiplatform.googleapis.com/v1/projects/p/endpoints/7:predict", Some("vertex")),
        ("https://m.westeurope.inference.ml.azure.com/score", Some("azure-ml")),
        ("http://h/seldon/ns/d/api/v1.0/predictions", Some("seldon")),
        ("https://x.eu.endpoints.huggingface.cloud", Some("hf-inference")),
        ("http://h/predict", None),
        ("http://h/invocations/x", None),
    ] {
        let found = recognise(&Url::parse(url).unwrap()).map(|preset| preset.name);
        assert_eq!(found, name, "{url}");
    }
}

#[test]
fn every_preset_is_whole() {
    let names: std::collections::BTreeSet<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    assert_eq!(names.len(), PRESETS.len(), "no two are called alike");
    let rows = [row(&[("x", &[2], Values::F32(vec![0.5, 2.0]))])];
    for found in &PRESETS {
        assert!(
            !found.serves.is_empty() && !found.documented.is_empty() && !found.hint.is_empty(),
            "{}",
            found.name
        );
        for columns in [vec![], vec!["a".to_owned(), "b".to_owned()]] {
            let model = found.path.contains("{model}").then(|| "m".to_owned());
            let url = Url::parse("http://h:1/").unwrap();
            let options = JsonOptions { preset: Some(found), model, columns, ..JsonOptions::new(url) };
            let json = JsonProtocol::new(options).unwrap_or_else(|error| panic!("{}: {error}", found.name));
            let body = sent(&json, &rows).unwrap();
            assert!(body.contains("[0.5,2.0]"), "{}: {body}", found.name);
            assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{}: {body}", found.name);
            assert_eq!(preset(found.name), Some(found));
        }
    }
    let split = preset("mlflow").unwrap();
    let columns = vec!["a".to_owned(), "b".to_owned()];
    let options =
        JsonOptions { preset: Some(split), columns, ..JsonOptions::new(Url::parse("http://h").unwrap()) };
    let body = sent(&JsonProtocol::new(options).unwrap(), &rows).unwrap();
    assert_eq!(body, r#"{"dataframe_split": {"columns": ["a","b"], "data": [[0.5,2.0]]}}"#);
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
fn labels_that_are_not_utf8_are_refused_and_quoted() {
    let json = protocol(None, None).unwrap();
    for body in [
        &b"{\"predictions\":[\"caf\xe0\",\"caf\xe9\"]}"[..],
        b"{\"predictions\":[{\"caf\xe0\":0.75,\"caf\xe9\":0.25},{\"caf\xe0\":0.25,\"caf\xe9\":0.75}]}",
        b"{\"predictions\":{\"caf\xe0\":[0.75,0.25],\"caf\xe9\":[0.25,0.75]}}",
    ] {
        let failure = read(&json, 2, body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.said.starts_with("a label holds bytes that are not UTF-8 text"), "{failure}");
        assert!(
            failure.said.contains("it begins: {\"predictions\":") && failure.said.contains("e0"),
            "{failure}"
        );
    }
    // What is not read may be anything.
    let body = b"{\"predictions\":[\"a\",\"b\"],\"caf\xe0\":\"caf\xe9\"}";
    assert_eq!(read(&json, 2, body).unwrap().len(), 2);
}

/// Taken for classes, they would be the same class for every row.
#[test]
fn numbers_by_the_names_of_parts_are_refused_with_the_pointers_to_them() {
    let json = protocol(None, None).unwrap();
    for (row, pointer) in [
        (r#"{"prediction":3}"#, "/predictions/*/prediction"),
        (r#"{"class":3,"probability":0.9}"#, "/predictions/*/class"),
        (r#"{"class_id":3,"probability":0.93}"#, "/predictions/*/class_id"),
        (r#"{"value":12.3,"lower_bound":1,"upper_bound":20}"#, "/predictions/*/value"),
        (r#"{"fraud":0.93}"#, "/predictions/*/fraud"),
    ] {
        for rows in 1..3 {
            let body = format!(r#"{{"predictions":[{}]}}"#, vec![row; rows].join(","));
            let failure = read(&json, rows, body.as_bytes()).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Malformed, "{body}");
            assert!(failure.said.contains(&format!("what would fit: --answer '{pointer}'")), "{failure}");
            assert!(failure.said.contains("it begins: {\"predictions\":[{"), "{failure}");
            let pointed = protocol(None, Some(pointer)).unwrap();
            assert_eq!(read(&pointed, rows, body.as_bytes()).unwrap().len(), rows, "{body}");
        }
    }
    let columns = read(&json, 2, br#"{"predictions":{"prediction":[3,4]}}"#).unwrap_err();
    assert!(columns.said.contains("what would fit: --answer /predictions/prediction;"), "{columns}");
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
    let json = protocol(Some("[{{ row }}]"), None).unwrap();
    let expected = [tensor(&[2], Values::F64(vec![0.9, 0.1]))];
    assert_eq!(read(&json, 1, br#"{"predictions":[[0.9,0.1]]}"#).unwrap(), expected);
    assert_eq!(read(&json, 1, br#"{"predictions":[0.9,0.1]}"#).unwrap(), expected);
}

#[test]
fn the_answer_to_one_row_alone_is_told_with_the_body_for_it() {
    let said = |template: Option<&str>, rows, body: &[u8]| {
        read(&protocol(template, None).unwrap(), rows, body).unwrap_err().said.to_string()
    };
    let bare = br#"{"predictions":[0.1,0.7,0.2]}"#;
    assert_eq!(
        said(None, 1, bare),
        "a list of 1 answers was expected at `/predictions`, found a list of 3; one row a request would be read: \
         --body '{\"instances\":[{{ row }}]}'; it begins: {\"predictions\":[0.1,0.7,0.2]}"
    );
    let one = protocol(Some(r#"{"instances":[{{ row }}]}"#), None).unwrap();
    assert_eq!(read(&one, 1, bare).unwrap(), [tensor(&[3], Values::F64(vec![0.1, 0.7, 0.2]))]);
    assert!(said(Some(r#"{"x": {{rows}}}"#), 1, bare).contains(r#"--body '{"x": [{{ row }}]}'"#));
    let scores = br#"{"predictions":{"cat":0.9,"dog":0.1}}"#;
    let listed = r#"{"x": {% if rows %}{{ rows }}{% endif %}}"#;
    assert!(said(Some(listed), 1, scores).contains("[{{ row }}] in the place of {{ rows }} in --body"));
    // Several rows have several answers, and what would not be read is not told.
    for (rows, body) in [(2, &bare[..]), (1, br#"{"predictions":{"class":3,"probability":0.9}}"#), (1, b"{}")]
    {
        assert!(!said(None, rows, body).contains("{{ row }}"), "{}", body.escape_ascii());
    }
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
    assert!(count.ends_with(r#"; it begins: {"predictions":[1,2,3]}"#), "{count}");
    assert_eq!(
        said(br#"{"outputs":[1,2],"error":"x"}"#),
        "nothing stands at `/predictions`, where predictions were expected; the answer is an object with `outputs`, `error`; what would fit: \
         --answer /outputs; it begins: {\"outputs\":[1,2],\"error\":\"x\"}"
    );
    assert!(said(b"[1,2]").contains("what would fit: an empty --answer (all of it); it begins"));
    assert!(said(b"<html>login").contains("as from a login or a proxy: not JSON at byte 0"));
    assert!(said(b"").ends_with("a value was expected; it is empty"));
    let long = said(format!(r#"{{"predictions":{}}}"#, "[1,".repeat(300)).as_bytes());
    assert!(long.ends_with('…') && long.len() < 320, "{long}");
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
    assert_eq!(refused(500, r#"{"error":"KeyError : 'x'"}"#).kind, FailureKind::ModelFailed);
    assert_eq!(refused(401, "").kind, FailureKind::Auth);
    // A refusal is no answer, whatever its body looks like.
    assert_eq!(refused(503, r#"{"predictions":[1]}"#).kind, FailureKind::Overloaded);
    let loading = refused(503, r#"{"error":"Model is currently loading","estimated_time":20.5}"#);
    assert_eq!(loading.pushback, Some(std::time::Duration::from_millis(20_500)));
    assert_eq!(refused(503, r#"{"estimated_time":1e9}"#).pushback, Some(std::time::Duration::from_secs(60)));
    assert_eq!(refused(503, r#"{"estimated_time":NaN}"#).pushback, None);
}

#[test]
fn refusals_mean_what_the_preset_says() {
    let refused = |name: &str, status, headers: &[(&str, &str)], body: &str| {
        let url = Url::parse("http://h/p").unwrap();
        let json = JsonProtocol::new(JsonOptions { preset: preset(name), ..JsonOptions::new(url) }).unwrap();
        json.decode(1, &ResponseHead::new(status, headers.iter().copied()), body.as_bytes()).unwrap_err()
    };
    let raised = r#"{"error_code":"BAD_REQUEST","message":"model failed","stack_trace":"Traceback"}"#;
    assert_eq!(refused("mlflow", 400, &[], raised).kind, FailureKind::ModelFailed);
    assert_eq!(&*refused("mlflow", 400, &[], raised).said, "HTTP 400: model failed");
    let schema = r#"{"error_code":"BAD_REQUEST","message":"schema"}"#;
    assert_eq!(refused("mlflow", 400, &[], schema).kind, FailureKind::Rejected);
    let key = r#"{"error":"KeyError : 'instances'"}"#;
    assert_eq!(refused("kserve-v1", 500, &[], key).kind, FailureKind::Rejected);
    assert_eq!(refused("fastapi", 500, &[], key).kind, FailureKind::ModelFailed);
    assert_eq!(refused("hf-inference", 400, &[], r#"{"error":"boom"}"#).kind, FailureKind::ModelFailed);
    assert_eq!(
        refused("litserve", 500, &[], r#"{"detail":"Internal server error"}"#).kind,
        FailureKind::ModelFailed
    );
    assert_eq!(
        refused("bentoml", 429, &[], r#"{"error":"Too many requests"}"#).kind,
        FailureKind::Overloaded
    );
    let busy = "Request dropped due to backpressure (num_queued_requests=1)";
    assert_eq!(refused("ray-serve", 503, &[], busy).kind, FailureKind::Overloaded);
    let seldon = r#"{"status":{"status":1,"code":-1,"info":"bad","reason":"MICROSERVICE_BAD_DATA"}}"#;
    assert_eq!(&*refused("seldon", 400, &[], seldon).said, "HTTP 400: bad");
    let azure = |status| {
        let headers =
            [("ms-azureml-model-error-statuscode", status), ("ms-azureml-model-error-reason", "boom")];
        refused("azure-ml", 424, &headers, "x")
    };
    assert_eq!(azure("500").kind, FailureKind::ModelFailed);
    assert_eq!(azure("429").kind, FailureKind::Overloaded);
    assert_eq!(azure("401").kind, FailureKind::ModelFailed);
    assert_eq!(&*azure("500").said, "HTTP 424, the model answered 500 (boom): x");
    assert_eq!(refused("azure-ml", 424, &[], "x").kind, FailureKind::ModelFailed);
    let page = refused("fastapi", 403, &[], "<html>\n<title>Sign in</title>");
    assert_eq!((page.kind, &*page.said), (FailureKind::Auth, "HTTP 403: <html> <title>Sign in</title>"));
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
