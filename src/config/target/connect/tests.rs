use noisebound_adapters::{Row, Tensor, Values};

use crate::config::{Settings, settings::tests::flags};

fn settings(line: &[&str]) -> Settings {
    Settings::new(flags(line)).unwrap_or_else(|problems| panic!("{problems}"))
}

fn rows() -> Vec<Row> {
    let tensor = Tensor { name: "x".into(), shape: vec![2].into(), values: Values::F32(vec![1.0, 2.0]) };
    vec![Row { tensors: vec![tensor] }]
}

/// The URL of a prediction request.
fn url(line: &[&str]) -> String {
    let endpoint = settings(line).connect("run-1", &[]).unwrap_or_else(|problems| panic!("{problems}"));
    // Triton tells about its inputs first; until then the failure says where it would have asked.
    endpoint.preview(&rows()).map_or_else(|failure| failure.at.to_string(), |request| request.url)
}

#[test]
fn each_protocol_asks_where_its_target_says() {
    for (line, expected) in [
        (&["triton://h:8000/m"][..], "http://h:8000/v2/models/m/infer"),
        (&["triton+https://h/pre/m", "-x", "2"], "https://h/pre/v2/models/m/versions/2/infer"),
        (&["http://h/v2/models/m/infer", "-m", "n"], "http://h/v2/models/n/infer"),
        (&["triton+grpc://h/m"], "http://h:8001/inference.GRPCInferenceService/ModelInfer"),
        (&["triton+grpcs://h/pre/m"], "https://h/pre/inference.GRPCInferenceService/ModelInfer"),
        (&["torchserve://h/m"], "http://h:8080/predictions/m"),
        (&["https://h/predictions/m/3"], "https://h/predictions/m/3"),
        (&["json://h/score?v=1"], "http://h/score?v=1"),
        (&["https://h/v1/models/m:predict"], "https://h/v1/models/m:predict"),
    ] {
        assert_eq!(url(line), expected, "{line:?}");
    }
}

#[test]
fn an_envelope_is_part_of_what_is_asked() {
    let asked = |flags: &[&str]| settings(&[&["torchserve://h/m"], flags].concat());
    let bytes = asked(&["--envelope", "bytes"]);
    let request = bytes.connect("run-1", &[]).unwrap().preview(&rows()).unwrap();
    assert_eq!(request.body, [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
    let kind =
        |(name, value): &(String, String)| name == "content-type" && value == "application/octet-stream";
    assert!(request.headers.iter().any(kind), "{:?}", request.headers);
    assert_eq!(bytes.place.id().envelope.as_deref(), Some("bytes"));
    assert_eq!(asked(&["--envelope", "json"]).place.id(), asked(&[]).place.id(), "the default in words");
    let managed = asked(&["--management-url", "http://h:8081", "--management-token-env", "PATH"]);
    assert_eq!(managed.place.id(), asked(&[]).place.id(), "who describes the model does not change it");
    let request = managed.connect("run-1", &[]).unwrap().preview(&rows()).unwrap();
    assert!(request.headers.iter().all(|(name, _)| name != "authorization"), "{:?}", request.headers);
}

#[test]
fn a_secret_that_is_not_there_is_named_with_its_flag() {
    let error = |line: &[&str]| match settings(line).connect("run-1", &[]) {
        Ok(_) => panic!("{line:?}"),
        Err(problems) => problems.to_string(),
    };
    let found = error(&["--token-env", "NOISEBOUND_TEST_NO_SUCH_VARIABLE"]);
    assert!(found.starts_with("--token-env: ") && found.contains("NO_SUCH_VARIABLE"), "{found}");
    let found = error(&["--token-file", "no/such/token"]);
    assert!(found.starts_with("--token-file: ") && found.contains("no/such/token"), "{found}");
    let found = error(&["-H", "x-api-key: ${NOISEBOUND_TEST_NO_SUCH_VARIABLE}"]);
    assert!(found.starts_with("--header: ") && found.contains("NO_SUCH_VARIABLE"), "{found}");
    let management = ["torchserve://h/m", "--management-url", "http://h:8081"];
    let found = error(&[&management[..], &["--management-token-file", "no/such/keys"]].concat());
    assert!(found.starts_with("--management-token-file: ") && found.contains("no/such/keys"), "{found}");
    let found = error(&[&management[..], &["--management-token-env", "NOISEBOUND_TEST_NO_SUCH"]].concat());
    assert!(found.starts_with("--management-token-env: ") && found.contains("NO_SUCH"), "{found}");
    let found = error(&["json://h/p", "--body", "{"]);
    assert!(found.starts_with("--body: "), "{found}");
}
