//! What the management address tells, and how it is asked.

use super::*;
use crate::{Realm, RequestHead};

/// As a real TorchServe 0.12 writes it, but for what is not read.
const TOLD: &str = r#"[
  {
    "modelName": "m",
    "modelVersion": "1.0",
    "minWorkers": 1,
    "maxWorkers": 2,
    "batchSize": 8,
    "maxBatchDelay": 50,
    "responseTimeout": 120,
    "workers": [
      { "id": "9000", "status": "READY", "gpu": false },
      { "id": "9001", "status": "UNLOADING", "gpu": false }
    ],
    "jobQueueStatus": { "remainingCapacity": 100, "pendingRequests": 0 }
  }
]"#;

fn asked(version: Option<&str>) -> (TorchServeProtocol, RequestHead) {
    let management = Url::parse("http://h:8081/manage/").unwrap();
    let options =
        TorchServeOptions { management: Some(management), version: version.map(Into::into), ..options() };
    let protocol = TorchServeProtocol::new(options);
    assert_eq!(protocol.discover().unwrap().realm, Realm::Predictions, "the health check comes first");
    protocol.discovered(&ResponseHead::new(200, []), br#"{"status": "Healthy"}"#).unwrap();
    let request = protocol.discover().unwrap();
    (protocol, request)
}

fn told(body: &str, status: u16) -> Result<TorchServeProtocol, Failure> {
    let (protocol, _) = asked(None);
    protocol.discovered(&ResponseHead::new(status, []), body.as_bytes()).map(|()| protocol)
}

#[test]
fn the_model_is_asked_for_once_with_other_credentials() {
    let (protocol, request) = asked(None);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("GET", "http://h:8081/manage/models/m"));
    assert_eq!(request.realm, Realm::Management);
    assert_eq!(asked(Some("2.0")).1.url.as_str(), "http://h:8081/manage/models/m/2.0");
    protocol.discovered(&ResponseHead::new(200, []), TOLD.as_bytes()).unwrap();
    assert_eq!(protocol.discover(), None);
    let mut body = Vec::new();
    let predict = protocol.encode(&[row(&[("x", &[1], Values::F64(vec![1.0]))])], &mut body).unwrap();
    assert_eq!(predict.realm, Realm::Predictions);
}

#[test]
fn what_is_told_is_in_the_description() {
    let description = told(TOLD, 200).unwrap().description();
    assert_eq!((description.version.as_deref(), description.max_batch), (Some("1.0"), Some(1)));
    let notes = description.notes.join("\n");
    for part in ["1 of 2 workers ready", "120 s", "up to 8 requests", "50 ms"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    let alone = TOLD.replace("\"batchSize\": 8", "\"batchSize\": 1");
    assert!(!told(&alone, 200).unwrap().description().notes.join("\n").contains("gathers"));
}

#[test]
fn a_model_without_a_ready_worker_is_waited_for() {
    let starting = TOLD.replace("READY", "LOADING");
    let failure = told(&starting, 200).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transient);
    assert!(failure.said.contains("2 workers"), "{failure}");
    let (protocol, request) = asked(None);
    assert!(protocol.discovered(&ResponseHead::new(200, []), starting.as_bytes()).is_err());
    assert_eq!(protocol.discover(), Some(request), "the step is made again");
    let none = r#"[{"modelVersion": "1.0", "workers": []}]"#;
    assert_eq!(told(none, 200).unwrap_err().kind, FailureKind::Transient);
}

#[test]
fn refusals_and_strangers_are_told_apart() {
    let refused = body(400, "InvalidKeyException", "Token Authorization failed.");
    let failure = told(&refused, 400).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth);
    assert!(failure.said.contains("a key of its own"), "{failure}");
    let unknown = body(404, "ModelVersionNotFoundException", "Model version: 7 does not exist for model: m");
    assert_eq!(told(&unknown, 404).unwrap_err().kind, FailureKind::NotFound);
    // The inference port has no such path, and other servers answer otherwise.
    for stranger in ["", "[]", "{}", r#"{"status": "Healthy"}"#, r#"[{"modelName": "m"}]"#, "<html>"] {
        let failure = told(stranger, 200).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{stranger}");
    }
}
