use half::{bf16, f16};
use proptest::prelude::*;
use prost::Message;
use std::time::Duration;
use url::Url;

use super::generated::model_infer_request::InferInputTensor;
use super::generated::model_infer_response::InferOutputTensor;
use super::generated::model_metadata_response::TensorMetadata;
use super::generated::repository_index_response::ModelIndex;
use super::generated::{
    InferTensorContents, ModelConfig, ModelConfigResponse, ModelInferRequest, ModelInferResponse, ModelInput,
    ModelMetadataRequest, ModelMetadataResponse, ModelSequenceBatching, ModelTransactionPolicy,
    RepositoryIndexResponse, ServerMetadataResponse,
};
use super::{TritonGrpcProtocol, contents, frame};
use crate::oip::{Compression, compress, raw};
use crate::{
    Answer, Dtype, Failure, FailureKind, HttpProtocol, Prediction, RequestHead, ResponseHead, Row, Tensor,
    TritonOptions, Values,
};

fn options() -> TritonOptions {
    let base = Url::parse("http://h:8001/pre").unwrap();
    TritonOptions::new(base, "iris")
}

/// An answer of gRPC with this status.
fn head(status: &str, message: &str) -> ResponseHead {
    let mut head = ResponseHead::new(200, [("content-type", "application/grpc")]);
    head.trailers = ResponseHead::new(200, [("grpc-status", status), ("grpc-message", message)]).headers;
    head
}

fn framed(message: &impl Message) -> Vec<u8> {
    let mut body = Vec::new();
    frame::write(message, None, &mut body).unwrap();
    body
}

fn server() -> ServerMetadataResponse {
    ServerMetadataResponse { name: "triton".into(), version: "2.51.0".into(), ..Default::default() }
}

fn tensor(name: &str, datatype: &str, shape: &[i64]) -> TensorMetadata {
    TensorMetadata { name: name.into(), datatype: datatype.into(), shape: shape.into() }
}

fn iris(datatype: &str) -> ModelMetadataResponse {
    ModelMetadataResponse {
        name: "iris".into(),
        versions: vec!["1".into()],
        inputs: vec![tensor("X", datatype, &[-1, 4])],
        outputs: vec![tensor("P", "FP32", &[-1, 3])],
        ..Default::default()
    }
}

fn config(config: ModelConfig) -> ModelConfigResponse {
    ModelConfigResponse { config: Some(config) }
}

fn batched() -> ModelConfigResponse {
    let input = vec![ModelInput { name: "X".into(), optional: false }];
    config(ModelConfig { max_batch_size: 8, input, ..Default::default() })
}

/// Describes the model with these answers; `None` is UNIMPLEMENTED.
fn described(
    options: TritonOptions,
    model: &ModelMetadataResponse,
    config: Option<&ModelConfigResponse>,
) -> Result<TritonGrpcProtocol, Failure> {
    let protocol = TritonGrpcProtocol::new(options, Some(Duration::from_secs(10)));
    protocol.discovered(&head("0", ""), &framed(&server()))?;
    protocol.discovered(&head("0", ""), &framed(model))?;
    match config {
        Some(config) => protocol.discovered(&head("0", ""), &framed(config))?,
        None => protocol.discovered(&head("12", "unknown%20method"), b"")?,
    }
    assert_eq!(protocol.discover(), None);
    Ok(protocol)
}

fn triton() -> TritonGrpcProtocol {
    described(options(), &iris("FP32"), Some(&batched())).unwrap()
}

fn row(values: Values) -> Row {
    Row { tensors: vec![Tensor { name: "x".into(), shape: vec![values.len()].into(), values }] }
}

fn encode(protocol: &TritonGrpcProtocol, rows: &[Row]) -> Result<(RequestHead, ModelInferRequest), Failure> {
    let mut body = Vec::new();
    let request = protocol.encode(rows, &mut body)?;
    Ok((request, frame::read(None, &body).unwrap()))
}

fn output(datatype: &str, shape: &[i64]) -> InferOutputTensor {
    InferOutputTensor {
        name: "P".into(),
        datatype: datatype.into(),
        shape: shape.into(),
        ..Default::default()
    }
}

fn decode(
    protocol: &TritonGrpcProtocol,
    rows: usize,
    message: &ModelInferResponse,
) -> Result<Answer, Failure> {
    protocol.decode(rows, &head("0", ""), &framed(message))
}

fn numbers(answer: &Answer) -> Vec<Vec<f64>> {
    let row = |prediction: &Prediction| match prediction {
        Prediction::Tensors(tensors) => {
            (0..tensors[0].values.len()).map(|i| tensors[0].values.number(i).unwrap()).collect()
        }
        Prediction::Labels(_) => panic!("tensors were expected"),
    };
    answer.predictions.iter().map(row).collect()
}

#[test]
fn three_calls_describe_the_model() {
    let protocol = TritonGrpcProtocol::new(TritonOptions { version: Some("2".into()), ..options() }, None);
    let ask = || {
        let request = protocol.discover().unwrap();
        (request.url.to_string(), protocol.discover_body(&request))
    };
    let (url, body) = ask();
    assert_eq!(url, "http://h:8001/pre/inference.GRPCInferenceService/ServerMetadata");
    assert_eq!(body, [0; 5], "an empty message is framed all the same");
    protocol.discovered(&head("0", ""), &framed(&server())).unwrap();
    let (url, body) = ask();
    assert!(url.ends_with("/ModelMetadata"), "{url}");
    let asked: ModelMetadataRequest = frame::read(None, &body).unwrap();
    assert_eq!((asked.name.as_str(), asked.version.as_str()), ("iris", "2"));
    // A failure changes nothing: the same call comes again.
    let missing = protocol.discovered(&head("5", "Request for unknown model"), b"").unwrap_err();
    assert_eq!(
        (missing.kind, &*missing.said),
        (FailureKind::NotFound, "gRPC NOT_FOUND: Request for unknown model")
    );
    assert!(ask().0.ends_with("/ModelMetadata"));
    protocol.discovered(&head("0", ""), &framed(&iris("FP32"))).unwrap();
    assert!(ask().0.ends_with("/ModelConfig"));
    protocol.discovered(&head("0", ""), &framed(&batched())).unwrap();
    let told = protocol.description();
    assert_eq!((told.server.as_deref(), told.version.as_deref()), (Some("triton 2.51.0"), Some("2")));
    assert_eq!(told.inputs[0].shape.as_deref(), Some(&[4][..]));
    assert_eq!((told.inputs[0].dtype, told.max_batch), (Some(Dtype::F32), Some(8)));
}

#[test]
fn a_server_without_configuration_batches_where_the_metadata_says_so() {
    let told = described(options(), &iris("FP32"), None).unwrap().description();
    assert_eq!((told.max_batch, told.inputs[0].shape.as_deref()), (None, Some(&[4][..])));
}

/// What a procedure says that is not for these credentials: of gRPC, of Triton, and of a gateway before it.
fn closed() -> Vec<ResponseHead> {
    let restricted = "This%20protocol%20is%20restricted,%20expecting%20header%20'triton-grpc-protocol-k'";
    let html = |status| ResponseHead::new(status, [("content-type", "text/html")]);
    vec![head("7", "no"), head("16", "Jwt is missing"), head("14", restricted), html(401), html(403)]
}

#[test]
fn a_model_whose_own_calls_are_open_is_described_where_the_others_are_not() {
    for closed in closed() {
        let protocol = TritonGrpcProtocol::new(options(), None);
        protocol.discovered(&closed, b"").unwrap();
        protocol.discovered(&head("0", ""), &framed(&iris("FP32"))).unwrap();
        protocol.discovered(&closed, b"").unwrap();
        let told = protocol.description();
        assert_eq!((told.max_batch, told.server), (None, None), "{closed:?}");
        let (_, message) = encode(&protocol, &[row(Values::F32(vec![1.0; 4]))]).unwrap();
        assert_eq!(message.raw_input_contents.len(), 1, "{closed:?}");
    }
}

#[test]
fn credentials_that_are_wrong_fail_at_the_model() {
    for closed in closed() {
        let protocol = TritonGrpcProtocol::new(options(), None);
        protocol.discovered(&closed, b"").unwrap();
        let failure = protocol.discovered(&closed, b"").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
        let failure = triton().decode(1, &closed, b"").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
    }
    // Those for a proxy, and a server that is busy, are waited for and told as ever.
    for (busy, kind) in [
        (ResponseHead::new(407, []), FailureKind::Auth),
        (head("14", "queue full"), FailureKind::Overloaded),
        (head("13", "no"), FailureKind::ModelFailed),
    ] {
        let protocol = TritonGrpcProtocol::new(options(), None);
        assert_eq!(protocol.discovered(&busy, b"").unwrap_err().kind, kind);
        protocol.discovered(&head("0", ""), &framed(&server())).unwrap();
        protocol.discovered(&head("0", ""), &framed(&iris("FP32"))).unwrap();
        assert_eq!(protocol.discovered(&busy, b"").unwrap_err().kind, kind);
    }
}

#[test]
fn models_that_answer_more_than_once_or_remember_are_refused() {
    let policy = Some(ModelTransactionPolicy { decoupled: true });
    let decoupled = config(ModelConfig { model_transaction_policy: policy, ..Default::default() });
    let stateful =
        config(ModelConfig { sequence_batching: Some(ModelSequenceBatching {}), ..Default::default() });
    for (config, key) in [(decoupled, "decoupled"), (stateful, "sequence_batching")] {
        let failure = described(options(), &iris("FP32"), Some(&config)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported);
        assert!(failure.said.contains(key), "{}", failure.said);
    }
}

#[test]
fn elements_go_raw_unless_typed_ones_are_wanted() {
    let rows = [row(Values::F32(vec![1.0, 2.0, 3.0, 4.0])), row(Values::F32(vec![5.0, 6.0, 7.0, 8.0]))];
    let (request, message) = encode(&triton(), &rows).unwrap();
    assert_eq!(request.url.as_str(), "http://h:8001/pre/inference.GRPCInferenceService/ModelInfer");
    for header in [("content-type", "application/grpc"), ("te", "trailers"), ("grpc-timeout", "10000m")] {
        assert!(request.headers.contains(&(header.0, header.1.to_owned())), "{:?}", request.headers);
    }
    let InferInputTensor { name, datatype, shape, contents, .. } = &message.inputs[0];
    assert_eq!((name.as_str(), datatype.as_str(), shape.as_slice()), ("X", "FP32", &[2, 4][..]));
    assert_eq!(*contents, None, "both at once are refused by Triton");
    let raw: Vec<u8> = (1..=8).flat_map(|v| (v as f32).to_le_bytes()).collect();
    assert_eq!(message.raw_input_contents, [raw]);
    assert_eq!(message.outputs[0].name, "P");
    assert_eq!((message.model_name.as_str(), message.model_version.as_str()), ("iris", ""));

    let typed = TritonOptions { binary: Some(false), ..options() };
    let typed = described(typed, &iris("FP32"), Some(&batched())).unwrap();
    let (_, message) = encode(&typed, &rows).unwrap();
    assert!(message.raw_input_contents.is_empty());
    let contents = message.inputs[0].contents.as_ref().unwrap();
    assert_eq!(contents.fp32_contents, (1..=8).map(|v| v as f32).collect::<Vec<_>>());
}

#[test]
fn ids_above_2_to_the_24_arrive_as_they_are() {
    let protocol = described(options(), &iris("INT64"), Some(&batched())).unwrap();
    let ids = vec![(1 << 24) + 1, i64::MAX, i64::MIN, -1];
    let (_, message) = encode(&protocol, &[row(Values::I64(ids.clone()))]).unwrap();
    assert_eq!(raw::read(Dtype::I64, &message.raw_input_contents[0]), Some(Values::I64(ids)));
}

#[test]
fn sixteen_bit_floats_travel_raw_alone() {
    let values = || row(Values::F32(vec![0.1, 1.0, 2.0, 65504.0]));
    let protocol = described(options(), &iris("FP16"), Some(&batched())).unwrap();
    let (_, message) = encode(&protocol, &[values()]).unwrap();
    let sent = [0.1, 1.0, 2.0, 65504.0].map(f16::from_f32).to_vec();
    assert_eq!(raw::read(Dtype::F16, &message.raw_input_contents[0]), Some(Values::F16(sent)));
    let typed = TritonOptions { binary: Some(false), ..options() };
    let failure = described(typed, &iris("BF16"), Some(&batched())).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage, "found before a row is sent");
    assert_eq!(
        &*failure.said,
        "--tensors: input `X` takes BF16, and BF16 tensors have no typed form, they travel raw alone; leave --tensors \
         typed out"
    );
}

#[test]
fn raw_elements_are_found_by_the_place_of_their_output() {
    let other = InferOutputTensor { name: "Q".into(), ..output("INT8", &[2, 1]) };
    let floats: Vec<u8> = (0..6).flat_map(|v| (v as f32).to_le_bytes()).collect();
    let message = ModelInferResponse {
        model_version: "3".into(),
        // An empty `contents` stands beside raw elements, as MLServer leaves it.
        outputs: vec![
            other,
            InferOutputTensor { contents: Some(InferTensorContents::default()), ..output("FP32", &[2, 3]) },
        ],
        raw_output_contents: vec![vec![1, 2], floats],
        ..Default::default()
    };
    let answer = decode(&triton(), 2, &message).unwrap();
    assert_eq!(numbers(&answer), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]);
    assert_eq!(answer.version.as_deref(), Some("3"));
}

#[test]
fn typed_elements_are_read_where_none_are_raw() {
    let contents = InferTensorContents { fp32_contents: vec![0.5, 0.25, 0.25], ..Default::default() };
    let message = ModelInferResponse {
        outputs: vec![InferOutputTensor { contents: Some(contents), ..output("FP32", &[1, 3]) }],
        ..Default::default()
    };
    assert_eq!(numbers(&decode(&triton(), 1, &message).unwrap()), [[0.5, 0.25, 0.25]]);
}

#[test]
fn what_does_not_fit_is_said_to_be_so() {
    let raw = |datatype: &str, shape: &[i64], raw: &[u8]| ModelInferResponse {
        outputs: vec![output(datatype, shape)],
        raw_output_contents: vec![raw.to_vec()],
        ..Default::default()
    };
    let nan: Vec<u8> = [1.0, f32::NAN, 0.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let named = |name: &str| InferOutputTensor { name: name.into(), ..output("FP32", &[1, 3]) };
    let contents = InferTensorContents { int_contents: vec![300, 0, 0], ..Default::default() };
    for (message, kind, said) in [
        (ModelInferResponse::default(), FailureKind::Malformed, "output `P` was expected, found no output"),
        (
            ModelInferResponse { outputs: vec![named("Q")], ..Default::default() },
            FailureKind::Malformed,
            "output `P` was expected, found `Q`",
        ),
        (
            ModelInferResponse { outputs: vec![named("P")], ..Default::default() },
            FailureKind::Malformed,
            "output `P` has neither typed nor raw elements",
        ),
        (
            ModelInferResponse {
                outputs: vec![named("Q"), named("P")],
                raw_output_contents: vec![vec![]],
                ..Default::default()
            },
            FailureKind::Malformed,
            "output `P` is output 1, found raw elements of 1 outputs",
        ),
        (
            raw("FP32", &[1, 3], &[0; 11]),
            FailureKind::Malformed,
            "output `P` has 11 raw bytes, expected 12 for FP32 in the shape [1, 3]",
        ),
        (
            raw("FP99", &[1, 3], &[0; 12]),
            FailureKind::Malformed,
            "output `P` has no known datatype, found `FP99`",
        ),
        (
            raw("FP32", &[-1, 3], &[0; 12]),
            FailureKind::Malformed,
            "output `P` has the shape [-1, 3], sizes were expected",
        ),
        (
            raw("FP32", &[1, 4], &[0; 12]),
            FailureKind::Malformed,
            "output `P` has 3 values, as many were expected as its shape [1, 4] holds",
        ),
        (
            raw("FP32", &[3, 1], &[0; 12]),
            FailureKind::Malformed,
            "output `P` has shape [3, 1], 1 rows were expected",
        ),
        (
            raw("FP32", &[1, 3], &nan),
            FailureKind::NonFinite,
            "value 1 of output `P` is NaN, a finite number was expected",
        ),
        (
            ModelInferResponse {
                outputs: vec![InferOutputTensor { contents: Some(contents), ..output("INT8", &[1, 3]) }],
                ..Default::default()
            },
            FailureKind::Malformed,
            "output `P` has typed elements that are no INT8",
        ),
    ] {
        let failure = decode(&triton(), 1, &message).unwrap_err();
        let found = failure.said.split("; it begins: ").next().unwrap();
        assert_eq!((failure.kind, found), (kind, said));
        assert_eq!(found != &*failure.said, kind == FailureKind::Malformed, "{failure}");
    }
    let failure = decode(&triton(), 1, &raw("FP99", &[1, 3], &[0; 12])).unwrap_err();
    assert!(failure.said.ends_with("; it begins: P FP99 [1, 3] in 12 raw bytes"), "{failure}");
}

#[test]
fn frames_that_do_not_fit_are_said_to_be_so() {
    let whole = framed(&ModelInferResponse {
        outputs: vec![output("FP32", &[1, 3])],
        raw_output_contents: vec![vec![0; 12]],
        ..Default::default()
    });
    for (body, said) in [
        (&b""[..], "one message was expected, found 0 bytes; it is empty".to_owned()),
        (
            &whole[..10],
            format!(
                "one message of {0} bytes was announced, found 5 bytes; it begins: 00 00 00 00 {0:02x} {1}",
                whole.len() - 5,
                whole[5..10].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
            ),
        ),
        (
            b"<html>",
            "one message of 1752460652 bytes was announced, found 1 bytes; it begins: <html>".to_owned(),
        ),
        (
            &[1, 0, 0, 0, 0],
            "the message is compressed, and no `grpc-encoding` says how; it begins: 01 00 00 00 00"
                .to_owned(),
        ),
    ] {
        let failure = triton().decode(1, &head("0", ""), body).unwrap_err();
        assert_eq!((failure.kind, &*failure.said), (FailureKind::Malformed, said.as_str()));
    }
    let failure = triton().decode(1, &head("0", ""), &[0, 0, 0, 0, 1, 0xff]).unwrap_err();
    assert!(failure.said.starts_with("the answer is not the message expected: "), "{}", failure.said);
}

/// The head of an answer whose messages are compressed so.
fn packed(how: &str) -> ResponseHead {
    let told = [("content-type", "application/grpc"), ("grpc-encoding", how)];
    ResponseHead { headers: ResponseHead::new(200, told).headers, ..head("0", "") }
}

#[test]
fn messages_are_compressed_as_asked_for_and_unpacked_as_told() {
    let rows = [row(Values::F32(vec![1.0; 4]))];
    let answer = ModelInferResponse {
        outputs: vec![output("FP32", &[1, 3])],
        raw_output_contents: vec![[0.25_f32, 0.5, 0.25].iter().flat_map(|v| v.to_le_bytes()).collect()],
        ..Default::default()
    };
    for (name, how) in Compression::ALL {
        let asked = TritonOptions { compression: Some(how), ..options() };
        let protocol = described(asked, &iris("FP32"), Some(&batched())).unwrap();
        let mut body = Vec::new();
        let request = protocol.encode(&rows, &mut body).unwrap();
        assert!(request.headers.contains(&("grpc-encoding", name.to_owned())), "{:?}", request.headers);
        assert!(request.headers.iter().any(|(header, _)| *header == "grpc-accept-encoding"));
        assert_eq!(body[0], 1);
        let message: ModelInferRequest = frame::read(Some(name), &body).unwrap();
        assert_eq!(message, encode(&triton(), &rows).unwrap().1);
        assert!(protocol.readable_request(&body).unwrap().contains("16 bytes"));
        // Any protocol understands an answer that is compressed, whatever was asked for.
        let mut body = Vec::new();
        frame::write(&answer, Some(how), &mut body).unwrap();
        let read = triton().decode(1, &packed(name), &body).unwrap();
        assert_eq!(numbers(&read), [[0.25, 0.5, 0.25]]);
        assert!(triton().readable_response(&packed(name), &body).unwrap().contains("12 bytes"));
    }
    assert!(triton().discover().is_none());
    let mut plain = Vec::new();
    let request = triton().encode(&rows, &mut plain).unwrap();
    assert!(plain[0] == 0 && request.headers.iter().all(|(header, _)| *header != "grpc-encoding"));
}

#[test]
fn what_does_not_unpack_is_said_to_be_so() {
    let said = |how: &str, message: &[u8]| {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        let body = [&[1], &length[..], message].concat();
        let failure = triton().decode(1, &packed(how), &body).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        failure.said
    };
    assert!(said("gzip", b"no gzip").starts_with("the message does not unpack: "));
    let zstd = said("zstd", b"");
    let words =
        "the message is compressed by `zstd`, expected one of identity,deflate,gzip; it begins: 01 00";
    assert!(zstd.starts_with(words), "{zstd}");
    // Some kilobytes that unpack to more than is read of any answer.
    let mut bomb = vec![0; (64 << 20) + 1];
    compress(Compression::Gzip, &mut bomb).unwrap();
    assert!(bomb.len() < 100_000);
    let large = said("gzip", &bomb);
    assert!(
        large.starts_with("the message is larger than 64 MiB once it is unpacked, ask for fewer"),
        "{large}"
    );
}

#[test]
fn people_read_names_shapes_and_sizes() {
    let mut body = Vec::new();
    triton().encode(&[row(Values::F32(vec![1.0; 4]))], &mut body).unwrap();
    assert_eq!(
        triton().readable_request(&body).unwrap(),
        r#"{"model_name":"iris","model_version":"","id":"noisebound","inputs":[{"name":"X","datatype":"FP32","shape":[1,4]}],"outputs":[{"name":"P"}],"raw_input_contents":["16 bytes: 00 00 80 3f 00 00 80 3f 00 00 80 3f 00 00 80 3f"]}"#
    );
    let contents = InferTensorContents { fp32_contents: vec![0.5], ..Default::default() };
    let message = ModelInferResponse {
        outputs: vec![InferOutputTensor { contents: Some(contents), ..output("FP32", &[1, 1]) }],
        ..Default::default()
    };
    let shown = triton().readable_response(&head("0", ""), &framed(&message)).unwrap();
    assert!(shown.contains(r#""contents":{"fp32_contents":[0.5]}"#), "{shown}");
    assert_eq!(triton().readable_response(&head("0", ""), b"<html>"), None);
}

#[test]
fn deadlines_fit_their_header() {
    for (deadline, told) in [
        (Duration::ZERO, "1m"),
        (Duration::from_millis(1500), "1500m"),
        (Duration::from_secs(1 << 40), "99999999m"),
    ] {
        let request = TritonGrpcProtocol::new(options(), Some(deadline)).discover().unwrap();
        assert!(request.headers.contains(&("grpc-timeout", told.to_owned())), "{:?}", request.headers);
    }
    let request = TritonGrpcProtocol::new(options(), None).discover().unwrap();
    assert!(request.headers.iter().all(|(name, _)| *name != "grpc-timeout"));
}

#[test]
fn typed_elements_read_back() {
    for values in [
        Values::Bool(vec![true, false]),
        Values::I8(vec![i8::MIN, i8::MAX]),
        Values::I16(vec![i16::MIN, i16::MAX]),
        Values::I32(vec![i32::MIN, i32::MAX]),
        Values::I64(vec![i64::MIN, i64::MAX]),
        Values::U8(vec![0, u8::MAX]),
        Values::U16(vec![0, u16::MAX]),
        Values::U32(vec![0, u32::MAX]),
        Values::U64(vec![0, u64::MAX]),
        Values::F32(vec![0.1, f32::MAX]),
        Values::F64(vec![0.1, f64::MIN_POSITIVE]),
        Values::Bytes(vec![b"\xff".to_vec(), Vec::new()]),
    ] {
        let mut told = InferTensorContents::default();
        contents::write(&values, &mut told).unwrap();
        assert_eq!(contents::read(values.dtype(), &told).as_ref(), Some(&values));
    }
    for values in [Values::F16(vec![f16::ONE]), Values::Bf16(vec![bf16::ONE])] {
        assert_eq!(contents::write(&values, &mut InferTensorContents::default()), None);
        assert_eq!(contents::read(values.dtype(), &InferTensorContents::default()), None);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        status in prop::sample::select(vec!["0", "13", "x", ""]),
        rows in 1_usize..4,
        whole in any::<bool>(),
    ) {
        let mut body = bytes;
        if whole {
            let mut framed = vec![0];
            framed.extend_from_slice(&(body.len() as u32).to_be_bytes());
            framed.append(&mut body);
            body = framed;
        }
        let protocol = triton();
        let _ = protocol.decode(rows, &head(status, "a%ff%20b"), &body);
        let _ = protocol.readable_request(&body);
        let _ = protocol.readable_response(&head(status, ""), &body);
        let fresh = TritonGrpcProtocol::new(options(), None);
        for _ in 0..3 {
            let _ = fresh.discovered(&head(status, ""), &body);
        }
    }
}

#[test]
fn the_index_lists_the_models_in_the_words_of_each_server() {
    let named = |name: &str, version: &str, state: &str| ModelIndex {
        name: name.into(),
        version: version.into(),
        state: state.into(),
        reason: String::new(),
    };
    // Triton's words, MLServer's, and an entry that says nothing.
    let models =
        vec![named("iris", "1", "READY"), named("digits", "", "State.LOADING"), named("", "2", "READY")];
    let protocol = TritonGrpcProtocol::new(TritonOptions { model: String::new(), ..options() }, None);
    let places = protocol.places();
    let called: Vec<_> = places.iter().filter_map(|place| place.url.path().rsplit('/').next()).collect();
    assert_eq!(called, ["ServerMetadata", "RepositoryIndex"]);
    let index = framed(&RepositoryIndexResponse { models });
    let listed = protocol.survey(&places[1], &head("0", ""), &index).unwrap().models;
    let told: Vec<_> =
        listed.iter().map(|it| (it.name.as_str(), it.version.as_deref(), it.state.as_deref())).collect();
    assert_eq!(told, [("iris", Some("1"), Some("READY")), ("digits", None, Some("LOADING"))]);
    assert_eq!(protocol.survey(&places[1], &head("0", ""), b""), None);
    let refused = protocol.refused(&head("12", "unknown"), b"").unwrap();
    assert_eq!(&*refused.said, "gRPC UNIMPLEMENTED: unknown");
}
