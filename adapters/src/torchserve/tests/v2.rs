//! The answers of a model with the service_envelope kservev2, as a real TorchServe 0.12 gives them.

use super::*;

fn v2(body: &str) -> Result<Prediction, Failure> {
    read_by(&of(Envelope::KserveV2, None), body)
}

#[test]
fn the_one_output_is_named_like_the_input() {
    let body = r#"{"id": "5", "model_name": "m", "model_version": "1.0",
        "outputs": [{"name": "x", "datatype": "FP64", "data": [0.25, 0.75], "shape": [2]}]}"#;
    let answer =
        of(Envelope::KserveV2, None).decode(1, &ResponseHead::new(200, []), body.as_bytes()).unwrap();
    assert_eq!(answer.version.as_deref(), Some("1.0"));
    assert_eq!(answer.predictions, [tensor("x", &[2], Values::F64(vec![0.25, 0.75]))]);
}

#[test]
fn several_outputs_keep_their_names_and_types() {
    let body = r#"{"outputs": [{"name": "a", "datatype": "FP64", "data": [0.5], "shape": [1]},
        {"name": "b", "datatype": "INT64", "data": [9007199254740993], "shape": [1]}]}"#;
    let tensors = vec![
        Tensor::new("a", [1], Values::F64(vec![0.5])).unwrap(),
        Tensor::new("b", [1], Values::I64(vec![9_007_199_254_740_993])).unwrap(),
    ];
    assert_eq!(v2(body).unwrap(), Prediction::Tensors(tensors));
    let pointed = read_by(&of(Envelope::KserveV2, Some("/outputs/1/data")), body).unwrap();
    assert_eq!(pointed, tensor("answer", &[1], Values::I64(vec![9_007_199_254_740_993])));
}

/// numpy makes one object of a map, which the envelope calls BYTES.
#[test]
fn a_class_map_is_one_element() {
    let body = r#"{"outputs": [{"name": "image", "datatype": "BYTES", "data": [{"7": 0.9, "1": 0.1}], "shape": [1]}]}"#;
    assert_eq!(v2(body).unwrap(), labels(&[("7", 0.9), ("1", 0.1)]));
    let best = r#"{"outputs": [{"name": "image", "datatype": "BYTES", "data": [{"7": 0.9}], "shape": [1]}]}"#;
    assert_eq!(v2(best).unwrap(), labels(&[("7", 0.9)]));
    let part = r#"{"outputs": [{"name": "x", "data": [{"class": 7, "score": 0.9}]}]}"#;
    let failure = v2(part).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert!(failure.said.contains("what would fit: --answer /outputs/0/data/0/class,"), "{failure}");
}

#[test]
fn what_does_not_fit_is_malformed_and_quoted() {
    for (body, expected) in [
        (r#"{"predictions": [1]}"#, "`outputs`"),
        (r#"{"outputs": []}"#, "`outputs`"),
        (r#"{"outputs": [{"data": [1]}]}"#, "no name"),
        (r#"{"outputs": [{"name": "x"}]}"#, "`data`"),
        (r#"{"outputs": [{"name": "x", "data": 3}]}"#, "`data`"),
        (r#"{"outputs": [{"name": "x", "data": [1, 2], "shape": [3]}]}"#, "2 values"),
        (r#"{"outputs": [{"name": "x", "data": [1, 2], "shape": ["2"]}]}"#, "2 values"),
        (r#"{"outputs": [{"name": "x", "data": [{"a": 1.0}]}, {"name": "y", "data": [1]}]}"#, "--answer"),
    ] {
        let failure = v2(body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{body}");
        assert!(failure.said.contains(expected) && failure.said.contains(&body[..12]), "{failure}");
    }
    let nan = r#"{"outputs": [{"name": "x", "data": [NaN], "shape": [1]}]}"#;
    assert_eq!(v2(nan).unwrap_err().kind, FailureKind::NonFinite);
}
