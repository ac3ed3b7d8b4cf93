use half::{bf16, f16};
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::text::{Json, parse};
use crate::{
    Answer, Dtype, Failure, FailureKind, HttpProtocol, Prediction, RequestHead, ResponseHead, Row, Tensor,
    Values,
};

const SERVER: &str = r#"{"name":"triton","version":"2.51.0","extensions":["classification","sequence","model_configuration","binary_tensor_data","statistics"]}"#;
const IRIS: &str = r#"{"name":"iris","versions":["1"],"platform":"python","inputs":[{"name":"X","datatype":"FP32","shape":[-1,4]}],"outputs":[{"name":"P","datatype":"FP32","shape":[-1,3]}]}"#;
const BATCHED: &str = r#"{"name":"iris","platform":"","backend":"python","max_batch_size":8,"input":[{"name":"X","data_type":"TYPE_FP32","dims":[4],"optional":false}],"dynamic_batching":{}}"#;
const LONE: &str =
    r#"{"name":"iris","max_batch_size":0,"input":[{"name":"X","data_type":"TYPE_FP32","dims":[-1,4]}]}"#;
const NO_CONFIG: (u16, &str) = (404, r#"{"detail":"Not Found"}"#);

fn options() -> TritonOptions {
    let base = Url::parse("http://h:8000/pre").unwrap();
    TritonOptions::new(base, "iris")
}

/// Goes through the three steps; the failure is that of the last step.
fn learn(
    options: TritonOptions,
    server: (u16, &str),
    model: &str,
    config: (u16, &str),
) -> Result<TritonProtocol, Failure> {
    let protocol = TritonProtocol::new(options);
    for (status, body) in [server, (200, model), config] {
        assert!(protocol.discover().is_some());
        protocol.discovered(&ResponseHead::new(status, []), body.as_bytes())?;
    }
    assert_eq!(protocol.discover(), None);
    Ok(protocol)
}

fn iris(config: &str) -> TritonProtocol {
    learn(options(), (200, SERVER), IRIS, (200, config)).unwrap()
}

/// A server whose model has these inputs, of which the batch is the first dimension, and one output.
fn takes(inputs: &[(&str, &str, &[i64])], binary: bool) -> TritonProtocol {
    taking(inputs, binary).unwrap()
}

fn taking(inputs: &[(&str, &str, &[i64])], binary: bool) -> Result<TritonProtocol, Failure> {
    let port = |(name, dtype, shape): &(&str, &str, &[i64])| {
        format!(r#"{{"name":"{name}","datatype":"{dtype}","shape":{shape:?}}}"#)
    };
    let inputs: Vec<_> = inputs.iter().map(port).collect();
    let model = format!(
        r#"{{"inputs":[{}],"outputs":[{{"name":"P","datatype":"FP32","shape":[-1]}}]}}"#,
        inputs.join(",")
    );
    let options = TritonOptions { binary: Some(binary), ..options() };
    learn(options, (200, SERVER), &model, (200, r#"{"max_batch_size":8}"#))
}

fn tensor(name: &str, shape: &[usize], values: Values) -> Tensor {
    Tensor::new(name, shape, values).unwrap()
}

fn row(values: [f32; 4]) -> Row {
    Row { tensors: vec![tensor("anything", &[4], Values::F32(values.into()))] }
}

fn sent(protocol: &TritonProtocol, rows: &[Row]) -> Result<(RequestHead, Vec<u8>), Failure> {
    let mut body = Vec::new();
    protocol.encode(rows, &mut body).map(|head| (head, body))
}

/// The JSON and the raw bytes of a request.
fn parts(protocol: &TritonProtocol, rows: &[Row]) -> (Json, Vec<u8>) {
    let (head, mut body) = sent(protocol, rows).unwrap();
    let length = head.headers.iter().find(|(name, _)| *name == HEAD_LENGTH);
    let raw = body.split_off(length.map_or(body.len(), |(_, length)| length.parse().unwrap()));
    (parse(&body).unwrap(), raw)
}

fn read(protocol: &TritonProtocol, rows: usize, json: &str, raw: Option<&[u8]>) -> Result<Answer, Failure> {
    let length = json.len().to_string();
    let head = ResponseHead::new(200, raw.map(|_| (HEAD_LENGTH, length.as_str())));
    protocol.decode(rows, &head, &[json.as_bytes(), raw.unwrap_or_default()].concat())
}

fn values(answer: &Answer) -> Vec<(Vec<usize>, Values)> {
    let one = |prediction: &Prediction| match prediction {
        Prediction::Tensors(tensors) => (tensors[0].shape.to_vec(), tensors[0].values.clone()),
        Prediction::Labels(labels) => panic!("{labels:?}"),
    };
    answer.predictions.iter().map(one).collect()
}

mod describing {
    use super::*;

    #[test]
    fn three_requests_tell_all() {
        let protocol = TritonProtocol::new(TritonOptions { version: Some("1".into()), ..options() });
        let next = || protocol.discover().map(|request| request.url.to_string());
        assert_eq!(next().unwrap(), "http://h:8000/pre/v2");
        let broken = protocol.discovered(&ResponseHead::new(503, []), b"").unwrap_err();
        assert_eq!(
            (broken.kind, next().unwrap().as_str()),
            (FailureKind::Overloaded, "http://h:8000/pre/v2")
        );
        protocol.discovered(&ResponseHead::new(200, []), SERVER.as_bytes()).unwrap();
        assert_eq!(next().unwrap(), "http://h:8000/pre/v2/models/iris/versions/1");
        protocol.discovered(&ResponseHead::new(200, []), IRIS.as_bytes()).unwrap();
        assert_eq!(next().unwrap(), "http://h:8000/pre/v2/models/iris/versions/1/config");
        protocol.discovered(&ResponseHead::new(200, []), BATCHED.as_bytes()).unwrap();
        assert_eq!(next(), None);
        let told = protocol.description();
        assert_eq!((told.server.as_deref(), told.version.as_deref()), (Some("triton 2.51.0"), Some("1")));
        assert_eq!((told.max_batch, told.model.as_deref()), (Some(8), Some("iris")));
        let port = |name: &str, size| crate::Port {
            name: name.into(),
            dtype: Some(Dtype::F32),
            shape: Some(vec![size]),
            optional: false,
        };
        assert_eq!((told.inputs, told.outputs), (vec![port("X", 4)], vec![port("P", 3)]));
    }

    #[test]
    fn without_a_batch_dimension_one_row_is_one_request() {
        let told = iris(LONE).description();
        assert_eq!(told.max_batch, Some(1));
        // [-1, 4] may be a batch of rows of 4, or one row of any length.
        assert_eq!(told.inputs[0].shape, None);
        let fixed = IRIS.replace("-1,", "2,");
        let told = learn(options(), (200, SERVER), &fixed, (200, LONE)).unwrap().description();
        assert_eq!(told.inputs[0].shape.as_deref(), Some(&[2, 4][..]));
    }

    #[test]
    fn servers_that_tell_little_are_understood() {
        let mlserver = r#"{"name":"mlserver","version":"1.7.1","extensions":[]}"#;
        let told = learn(options(), (200, mlserver), IRIS, NO_CONFIG).unwrap().description();
        assert_eq!((told.max_batch, told.inputs[0].shape.as_deref()), (None, Some(&[4][..])));
        let bare = r#"{"name":"iris","versions":null,"platform":"","inputs":[],"outputs":[]}"#;
        let told = learn(options(), (404, "default backend"), bare, NO_CONFIG).unwrap().description();
        assert_eq!((told.max_batch, told.version, told.server, told.inputs.len()), (None, None, None, 0));
        let fixed = IRIS.replace("-1,", "1,");
        let told = learn(options(), (200, mlserver), &fixed, NO_CONFIG).unwrap().description();
        assert_eq!(told.max_batch, Some(1));
    }

    const RESTRICTED: &str = r#"{"error":"This API is restricted, expecting header 'k'"}"#;

    #[test]
    fn a_model_whose_own_paths_are_open_is_described_where_the_others_are_not() {
        for closed in [(401, "<html>"), (403, RESTRICTED)] {
            let protocol = learn(options(), closed, IRIS, closed).unwrap();
            let told = protocol.description();
            assert_eq!((told.max_batch, told.server), (None, None));
            assert_eq!(told.inputs[0].shape.as_deref(), Some(&[4][..]));
            assert!(sent(&protocol, &[row([0.0; 4]), row([1.0; 4])]).is_ok());
            // What the server told is kept where only the configuration is closed.
            let told = learn(options(), (200, SERVER), IRIS, closed).unwrap().description();
            assert_eq!(told.server.as_deref(), Some("triton 2.51.0"));
        }
    }

    #[test]
    fn credentials_that_are_wrong_fail_at_the_model() {
        for (status, body) in [(401, "<html>"), (403, RESTRICTED)] {
            let protocol = TritonProtocol::new(options());
            let closed = ResponseHead::new(status, []);
            protocol.discovered(&closed, body.as_bytes()).unwrap();
            assert_eq!(protocol.discover().unwrap().url.path(), "/pre/v2/models/iris");
            let failure = protocol.discovered(&closed, body.as_bytes()).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
            let failure = iris(BATCHED).decode(1, &closed, body.as_bytes()).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
        }
        // A proxy on the way that wants some is told of at once.
        let failure = learn(options(), (407, ""), IRIS, NO_CONFIG).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Auth);
        let failure = learn(options(), (200, SERVER), IRIS, (407, "")).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Auth);
    }

    #[test]
    fn models_that_cannot_be_audited_are_refused_by_their_key() {
        for (config, key) in [
            (
                r#"{"max_batch_size":8,"model_transaction_policy":{"decoupled":true}}"#,
                "model_transaction_policy.decoupled",
            ),
            (r#"{"max_batch_size":8,"sequence_batching":{"direct":{}}}"#, "sequence_batching"),
        ] {
            let failure = learn(options(), (200, SERVER), IRIS, (200, config)).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Unsupported);
            assert!(failure.said.contains(key), "{failure}");
        }
        let fine = r#"{"max_batch_size":8,"model_transaction_policy":{"decoupled":false}}"#;
        assert!(learn(options(), (200, SERVER), IRIS, (200, fine)).is_ok());
    }

    #[test]
    fn one_of_several_outputs_must_be_chosen() {
        let two =
            IRIS.replace(r#""outputs":["#, r#""outputs":[{"name":"L","datatype":"INT64","shape":[-1]},"#);
        let choose = |output: Option<&str>| {
            let options = TritonOptions { output: output.map(Into::into), ..options() };
            learn(options, (200, SERVER), &two, (200, BATCHED)).map(|_| ())
        };
        let failure = choose(None).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage);
        assert_eq!(
            &*failure.said,
            "the model has several outputs: choose one with --output NAME; it has `L`, `P`"
        );
        assert_eq!(choose(Some("Q")).unwrap_err().kind, FailureKind::Usage);
        assert!(choose(Some("P")).is_ok());
    }

    #[test]
    fn what_is_no_metadata_is_malformed_and_a_missing_model_not_found() {
        let protocol = TritonProtocol::new(options());
        let heard = |status, body: &str| {
            protocol.discovered(&ResponseHead::new(status, []), body.as_bytes()).unwrap_err()
        };
        assert_eq!(heard(200, "<html>").kind, FailureKind::Malformed);
        assert_eq!(heard(200, "[]").kind, FailureKind::Malformed);
        protocol.discovered(&ResponseHead::new(200, []), SERVER.as_bytes()).unwrap();
        let failure = heard(404, r#"{"error":"Request for unknown model: 'iris' is not found"}"#);
        assert_eq!(failure.kind, FailureKind::NotFound);
        assert!(failure.said.contains("unknown model"), "{failure}");
    }
}

mod encoding {
    use super::*;

    #[test]
    fn rows_are_raw_tensors_where_the_server_takes_them() {
        let (head, body) =
            sent(&iris(BATCHED), &[row([1.0, 2.0, 3.0, 4.0]), row([5.0, 6.0, 7.0, 8.0])]).unwrap();
        assert_eq!(head.url.as_str(), "http://h:8000/pre/v2/models/iris/infer");
        let json = br#"{"id":"noisebound","inputs":[{"name":"X","shape":[2,4],"datatype":"FP32","parameters":{"binary_data_size":32}}],"outputs":[{"name":"P","parameters":{"binary_data":true}}]}"#;
        assert!(head.headers.contains(&(HEAD_LENGTH, json.len().to_string())));
        assert!(head.headers.contains(&("content-type", "application/octet-stream".into())));
        assert_eq!(&body[..json.len()], json);
        let raw: Vec<u8> = (1..=8_u8).flat_map(|v| f32::from(v).to_le_bytes()).collect();
        assert_eq!(&body[json.len()..], raw);
    }

    #[test]
    fn rows_are_json_where_it_does_not() {
        let protocol = learn(options(), (404, ""), IRIS, NO_CONFIG).unwrap();
        let (head, body) = sent(&protocol, &[row([0.1, 2.0, 3.0, 4.0]), row([5.0, 6.0, 7.0, 8.0])]).unwrap();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"id":"noisebound","inputs":[{"name":"X","shape":[2,4],"datatype":"FP32","data":[0.10000000149011612,2.0,3.0,4.0,5.0,6.0,7.0,8.0]}],"outputs":[{"name":"P"}]}"#
        );
        assert!(!head.headers.iter().any(|(name, _)| *name == HEAD_LENGTH));
    }

    #[test]
    fn nothing_can_be_sent_before_the_model_is_described() {
        let protocol = TritonProtocol::new(options());
        assert_eq!(sent(&protocol, &[row([0.0; 4])]).unwrap_err().kind, FailureKind::Unsupported);
    }

    #[test]
    fn a_lone_row_keeps_its_shape_or_becomes_a_batch_of_one() {
        let lone = iris(LONE);
        let shape = |row: Row| parts(&lone, &[row]).0.pointer("/inputs/0/shape").cloned().unwrap();
        assert_eq!(shape(row([0.0; 4])), parse(b"[1,4]").unwrap());
        let deep = Row { tensors: vec![tensor("X", &[3, 4], Values::F32(vec![0.0; 12]))] };
        assert_eq!(shape(deep), parse(b"[3,4]").unwrap());
        assert_eq!(sent(&lone, &[row([0.0; 4]), row([0.0; 4])]).unwrap_err().kind, FailureKind::Unsupported);
    }

    #[test]
    fn a_file_is_one_element_in_the_dimensions_that_the_model_gives_it() {
        let file = |byte: u8| Row { tensors: vec![tensor("image", &[], Values::Bytes(vec![vec![byte; 2]]))] };
        for (takes_shape, sent_shape) in [(&[-1][..], "[2]"), (&[-1, 1], "[2,1]"), (&[-1, -1, 1], "[2,1,1]")]
        {
            let protocol = takes(&[("IMAGE", "BYTES", takes_shape)], true);
            let (json, raw) = parts(&protocol, &[file(0xff), file(0x89)]);
            assert_eq!(json.pointer("/inputs/0/shape"), Some(&parse(sent_shape.as_bytes()).unwrap()));
            assert_eq!(raw, b"\x02\0\0\0\xff\xff\x02\0\0\0\x89\x89");
        }
    }

    #[test]
    fn several_fields_go_to_the_inputs_of_their_names() {
        let protocol = takes(&[("a", "INT64", &[-1]), ("b", "BYTES", &[-1, 2])], true);
        let text = |words: [&str; 2]| Values::Bytes(words.map(|word| word.as_bytes().to_vec()).into());
        let one = |a: f64, b| Row {
            tensors: vec![tensor("b", &[2], text(b)), tensor("a", &[], Values::F64(vec![a]))],
        };
        let (json, raw) = parts(&protocol, &[one(2.5, ["x", ""]), one(-1.0, ["yy", "z"])]);
        assert_eq!(json.pointer("/inputs/0/name").and_then(Json::text).unwrap(), "b");
        assert_eq!(json.pointer("/inputs/0/shape"), Some(&parse(b"[2,2]").unwrap()));
        assert_eq!(json.pointer("/inputs/0/parameters/binary_data_size"), Some(&Json::Int(20)));
        assert_eq!(json.pointer("/inputs/1/shape"), Some(&parse(b"[2]").unwrap()));
        assert_eq!(raw[..20], *b"\x01\0\0\0x\0\0\0\0\x02\0\0\0yy\x01\0\0\0z");
        assert_eq!(raw[20..], [2_i64.to_le_bytes(), (-1_i64).to_le_bytes()].concat());

        let refused = |tensors| sent(&protocol, &[Row { tensors }]).unwrap_err();
        let failure = refused(vec![tensor("c", &[], Values::F64(vec![0.0]))]);
        assert_eq!(&*failure.said, "the model has no input `c`: it takes `a`, `b`");
        let failure = refused(vec![tensor("a", &[], Values::F64(vec![0.0]))]);
        assert_eq!(&*failure.said, "the data has no field for input `b` of the model");
        assert_eq!(failure.kind, FailureKind::Unsupported);
    }

    #[test]
    fn optional_inputs_may_be_left_out() {
        let model =
            IRIS.replace(r#""inputs":["#, r#""inputs":[{"name":"W","datatype":"FP32","shape":[-1,1]},"#);
        let config = r#"{"max_batch_size":8,"input":[{"name":"W","optional":true},{"name":"X"}]}"#;
        let protocol = learn(options(), (200, SERVER), &model, (200, config)).unwrap();
        let (json, _) = parts(&protocol, &[row([0.0; 4])]);
        assert_eq!(json.pointer("/inputs/0/name").and_then(Json::text).unwrap(), "X");
        assert_eq!(json.pointer("/inputs/1"), None);
    }

    #[test]
    fn integers_are_exact_and_text_is_no_number() {
        for binary in [true, false] {
            let protocol = takes(&[("a", "INT64", &[-1])], binary);
            let big = 9_007_199_254_740_993_i64;
            let field = |values| Row { tensors: vec![tensor("a", &[], values)] };
            let (json, raw) = parts(&protocol, &[field(Values::I64(vec![big]))]);
            if binary {
                assert_eq!(raw, big.to_le_bytes());
            } else {
                assert_eq!(json.pointer("/inputs/0/data"), Some(&Json::Array(vec![Json::Int(big)])));
            }
            let failure = sent(&protocol, &[field(Values::Bytes(vec![b"1".to_vec()]))]).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Rejected);
            let failure = sent(&protocol, &[field(Values::F64(vec![f64::NAN]))]).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Rejected);
        }
    }

    #[test]
    fn rows_of_one_request_are_alike() {
        let long = Row { tensors: vec![tensor("anything", &[5], Values::F32(vec![0.0; 5]))] };
        assert_eq!(sent(&iris(BATCHED), &[row([0.0; 4]), long]).unwrap_err().kind, FailureKind::Rejected);
        assert_eq!(sent(&iris(BATCHED), &[]).unwrap_err().kind, FailureKind::Unsupported);
    }

    #[test]
    fn half_floats_need_raw_bytes() {
        let half = Row { tensors: vec![tensor("a", &[2], Values::F64(vec![0.1, 2.0]))] };
        let failure = taking(&[("a", "FP16", &[-1, 2])], false).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage, "found before a row is sent");
        let (_, raw) = parts(&takes(&[("a", "FP16", &[-1, 2])], true), std::slice::from_ref(&half));
        assert_eq!(raw, [f16::from_f64(0.1).to_le_bytes(), f16::from_f64(2.0).to_le_bytes()].concat());
        let (_, raw) = parts(&takes(&[("a", "BF16", &[-1, 2])], true), &[half]);
        assert_eq!(raw, [bf16::from_f64(0.1).to_le_bytes(), bf16::from_f64(2.0).to_le_bytes()].concat());
    }

    #[test]
    fn all_outputs_are_asked_for_where_none_is_known() {
        let bare = r#"{"inputs":[],"outputs":[]}"#;
        let protocol = learn(options(), (200, SERVER), bare, NO_CONFIG).unwrap();
        let (json, _) = parts(&protocol, &[row([0.0; 4])]);
        assert_eq!(json.pointer("/parameters/binary_data_output"), Some(&Json::Bool(true)));
        assert_eq!(json.get("outputs"), None);
        assert_eq!(json.pointer("/inputs/0/name").and_then(Json::text).unwrap(), "anything");
        assert_eq!(json.pointer("/inputs/0/shape"), Some(&parse(b"[1,4]").unwrap()));
    }

    proptest! {
        /// What goes out, read by the rules of the wire, is the row as its type realises it.
        #[test]
        fn every_type_survives_the_wire(v in -6e4..6e4_f64, w in -6e4..6e4_f64) {
            for dtype in Dtype::ALL.into_iter().filter(|dtype| *dtype != Dtype::Bytes) {
                for binary in [true, false] {
                    if !binary && matches!(dtype, Dtype::F16 | Dtype::Bf16) { continue }
                    let protocol = takes(&[("a", dtype.name(), &[-1, 1])], binary);
                    let row = |v| Row { tensors: vec![tensor("a", &[1], Values::F64(vec![v]))] };
                    let (json, raw) = parts(&protocol, &[row(v), row(w)]);
                    let expected = [dtype.realise(v), dtype.realise(w)];
                    for (i, expected) in expected.into_iter().enumerate() {
                        let found = if binary {
                            crate::oip::raw::read(dtype, &raw).unwrap().number(i)
                        } else {
                            match json.pointer(&format!("/inputs/0/data/{i}")).unwrap() {
                                Json::Bool(v) => Some(f64::from(u8::from(*v))),
                                value => value.number(),
                            }
                        };
                        prop_assert_eq!(found, Some(expected), "{} binary {}", dtype.name(), binary);
                    }
                }
            }
        }
    }
}

mod decoding {
    use super::*;

    const JSON: &str = r#"{"id":"noisebound","model_name":"iris","model_version":"2","outputs":[{"name":"P","datatype":"FP32","shape":[2,3],"data":[0.9,0.10000000149011612,0.0,0.1,0.8,0.1]}]}"#;

    #[test]
    fn json_is_split_into_rows() {
        let answer = read(&iris(BATCHED), 2, JSON, None).unwrap();
        assert_eq!(answer.version.as_deref(), Some("2"));
        assert_eq!(
            values(&answer),
            [(vec![3], Values::F32(vec![0.9, 0.1, 0.0])), (vec![3], Values::F32(vec![0.1, 0.8, 0.1]))]
        );
        let nested = r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,2],"data":[[0.5,1]]}]}"#;
        assert_eq!(
            values(&read(&iris(BATCHED), 1, nested, None).unwrap()),
            [(vec![2], Values::F32(vec![0.5, 1.0]))]
        );
    }

    #[test]
    fn raw_outputs_are_found_by_name_in_the_order_of_the_answer() {
        let json = r#"{"model_version":"1","outputs":[{"name":"A","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":10}},{"name":"J","datatype":"INT64","shape":[1],"data":[7]},{"name":"P","datatype":"FP32","shape":[2,1],"parameters":{"binary_data_size":8}}]}"#;
        let raw = [&b"\x01\0\0\0x\x01\0\0\0y"[..], &0.25_f32.to_le_bytes(), &0.75_f32.to_le_bytes()].concat();
        let answer = read(&iris(BATCHED), 2, json, Some(&raw)).unwrap();
        assert_eq!(values(&answer), [(vec![1], Values::F32(vec![0.25])), (vec![1], Values::F32(vec![0.75]))]);
        let short = read(&iris(BATCHED), 2, json, Some(&raw[..12])).unwrap_err();
        assert_eq!(short.kind, FailureKind::Malformed);
        assert!(short.said.contains("`P` has 2 raw bytes left, 8 were expected"), "{short}");
    }

    #[test]
    fn every_type_is_read_exactly() {
        let one = |dtype: &str, data: &[u8]| {
            let start = format!(r#"{{"outputs":[{{"name":"P","datatype":"{dtype}","shape":[1,2],"data":["#);
            let body = [start.as_bytes(), data, b"]}]}"].concat();
            let answer = iris(BATCHED).decode(1, &ResponseHead::new(200, []), &body)?;
            Ok::<_, Failure>(values(&answer).remove(0).1)
        };
        assert_eq!(one("INT64", b"9223372036854775807,-1").unwrap(), Values::I64(vec![i64::MAX, -1]));
        assert_eq!(one("UINT64", b"18446744073709551615,0").unwrap(), Values::U64(vec![u64::MAX, 0]));
        assert_eq!(one("BOOL", b"true,false").unwrap(), Values::Bool(vec![true, false]));
        assert_eq!(one("FP64", b"0.1,3").unwrap(), Values::F64(vec![0.1, 3.0]));
        assert_eq!(one("UINT8", b"0,255").unwrap(), Values::U8(vec![0, 255]));
        assert_eq!(one("BYTES", b"\"a\xff\",\"\"").unwrap(), Values::Bytes(vec![b"a\xff".to_vec(), vec![]]));
        for (dtype, data) in [
            ("UINT8", &b"0,256"[..]),
            ("INT32", b"1,2.5"),
            ("FP32", b"1,\"x\""),
            ("BYTES", b"1,2"),
            ("BOOL", b"2,0"),
            ("FP32", b"1,[2]"),
            ("FP31", b"1,2"),
            ("INT8", b"1"),
        ] {
            assert_eq!(one(dtype, data).unwrap_err().kind, FailureKind::Malformed, "{dtype}");
        }
        for data in [&b"NaN,1.0"[..], b"1.0,-Infinity", b"null,1.0", b"1e39,0.0"] {
            assert_eq!(one("FP32", data).unwrap_err().kind, FailureKind::NonFinite);
        }
    }

    #[test]
    fn raw_nan_is_non_finite() {
        let json = r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}"#;
        let raw = [1.0_f32.to_le_bytes(), f32::NAN.to_le_bytes()].concat();
        let failure = read(&iris(BATCHED), 1, json, Some(&raw)).unwrap_err();
        assert_eq!(
            (failure.kind, &*failure.said),
            (FailureKind::NonFinite, "value 1 of output `P` is NaN, a finite number was expected")
        );
    }

    #[test]
    fn a_lone_answer_loses_only_the_dimension_that_was_added() {
        let answer = |shape: &str| {
            let json =
                format!(r#"{{"outputs":[{{"name":"P","datatype":"FP32","shape":{shape},"data":[1,2,3]}}]}}"#);
            values(&read(&iris(LONE), 1, &json, None).unwrap()).remove(0).0
        };
        assert_eq!(answer("[1,3]"), [3]);
        assert_eq!(answer("[3,1]"), [3, 1]);
        assert_eq!(answer("[3]"), [3]);
    }

    #[test]
    fn what_does_not_fit_is_malformed() {
        let batched = iris(BATCHED);
        for json in [
            "",
            "[]",
            "{}",
            r#"{"error":"x"}"#,
            r#"{"outputs":[]}"#,
            r#"{"outputs":[{"name":"Q","datatype":"FP32","shape":[1,1],"data":[1]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[2,1],"data":[1,2]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[],"data":[1]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,-1],"data":[1]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,2],"data":[1]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,1]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[4611686018427387904,4],"data":[]}]}"#,
            r#"{"outputs":[{"datatype":"FP32","shape":[1,1],"data":[1]}]}"#,
            r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,1],"parameters":{"binary_data_size":-1}}]}"#,
        ] {
            assert_eq!(read(&batched, 1, json, None).unwrap_err().kind, FailureKind::Malformed, "{json}");
        }
        for length in ["x", "-1", "1000"] {
            let head = ResponseHead::new(200, [(HEAD_LENGTH, length)]);
            assert_eq!(batched.decode(2, &head, JSON.as_bytes()).unwrap_err().kind, FailureKind::Malformed);
        }
    }

    #[test]
    fn several_outputs_where_none_was_known_must_be_chosen_from() {
        let bare = r#"{"inputs":[],"outputs":[]}"#;
        let protocol = learn(options(), (200, SERVER), bare, NO_CONFIG).unwrap();
        let one = r#"{"outputs":[{"name":"predict","datatype":"INT64","shape":[1,1],"data":[2]}]}"#;
        assert_eq!(values(&read(&protocol, 1, one, None).unwrap()), [(vec![1], Values::I64(vec![2]))]);
        let two = r#"{"outputs":[{"name":"a"},{"name":"b"}]}"#;
        let failure = read(&protocol, 1, two, None).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.said.contains("`a`, `b`: choose one with --output NAME"), "{failure}");
    }

    #[test]
    fn a_refusal_is_no_answer() {
        let failure = iris(BATCHED).decode(2, &ResponseHead::new(503, []), JSON.as_bytes()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Overloaded);
    }

    proptest! {
        #[test]
        fn decoding_never_panics(
            shape in proptest::collection::vec(prop_oneof![0..4_i64, any::<i64>()], 0..4),
            dtype in 0..14_usize,
            size in -2..20_i64,
            raw in proptest::collection::vec(any::<u8>(), 0..24),
            rows in 0..3_usize,
        ) {
            let dtype = Dtype::ALL[dtype].name();
            let json = format!(r#"{{"outputs":[{{"name":"P","datatype":"{dtype}","shape":{shape:?},"parameters":{{"binary_data_size":{size}}}}}]}}"#);
            for config in [BATCHED, LONE] {
                if let Ok(answer) = read(&iris(config), rows, &json, Some(&raw)) {
                    prop_assert_eq!(answer.predictions.len(), rows);
                }
            }
        }

        #[test]
        fn nothing_that_comes_panics(body in proptest::collection::vec(any::<u8>(), 0..80), length in 0..90_usize, status in 100..600_u16) {
            let length = length.to_string();
            let head = ResponseHead::new(status, [(HEAD_LENGTH, length.as_str())]);
            let _ = iris(BATCHED).decode(1, &head, &body);
            let _ = TritonProtocol::new(options()).discovered(&head, &body);
        }
    }
}

mod settings {
    use super::*;

    /// The model of these outputs, batched, with the options changed.
    fn with(
        change: impl FnOnce(&mut TritonOptions),
        model: &str,
        config: (u16, &str),
    ) -> Result<TritonProtocol, Failure> {
        let mut options = options();
        change(&mut options);
        learn(options, (200, SERVER), model, config)
    }

    const GATED: &str = r#"{"inputs":[{"name":"X","datatype":"FP32","shape":[-1,4]},{"name":"gate","datatype":"INT64","shape":[-1,2]},{"name":"word","datatype":"BYTES","shape":[-1,1]}],"outputs":[{"name":"P","datatype":"FP32","shape":[-1,3]}]}"#;
    const OPTIONAL: &str = r#"{"max_batch_size":8,"input":[{"name":"word","optional":true}]}"#;

    fn fixed(texts: &[&str]) -> Result<TritonProtocol, Failure> {
        let inputs = texts.iter().map(|text| FixedInput::parse(text).unwrap()).collect();
        with(|options| options.inputs = inputs, GATED, (200, OPTIONAL))
    }

    #[test]
    fn fixed_inputs_are_in_every_row_and_typed_by_the_model() {
        let protocol = fixed(&["gate=9007199254740993", "word=7"]).unwrap();
        assert_eq!(protocol.description().inputs.len(), 1);
        let options = TritonOptions { binary: Some(false), ..protocol.options.clone() };
        let protocol = learn(options, (200, SERVER), GATED, (200, OPTIONAL)).unwrap();
        let (json, _) = parts(&protocol, &[row([0.0; 4]), row([1.0; 4])]);
        let id = Json::Int(9_007_199_254_740_993);
        assert_eq!(json.pointer("/inputs/1/data"), Some(&Json::Array(vec![id; 4])));
        assert_eq!(json.pointer("/inputs/1/shape"), Some(&parse(b"[2,2]").unwrap()));
        assert_eq!(json.pointer("/inputs/2/data"), Some(&parse(br#"["7","7"]"#).unwrap()));
    }

    #[test]
    fn fixed_inputs_that_do_not_fit_are_refused_by_name() {
        for (text, said) in [
            (
                "gat=1",
                "--input gat: the model has no such input; did you mean `gate`? it has `X`, `gate`, `word`",
            ),
            (
                "gate=0.5",
                "--input gate: takes a whole number from -9223372036854775808 to 9223372036854775807 (INT64), found 0.5",
            ),
            (
                "gate=[1,2,3]",
                "--input gate: the list has the dimensions [3], the model takes [2] for one row",
            ),
            (
                "gate=hello",
                "--input gate: takes a whole number from -9223372036854775808 to 9223372036854775807 (INT64), found a string",
            ),
        ] {
            let failure = fixed(&[text]).unwrap_err();
            assert_eq!((failure.kind, &*failure.said), (FailureKind::Usage, said));
        }
        assert!(fixed(&["gate=[1,2]"]).is_ok());
        // An optional input needs no value, a required one does.
        let failure = sent(&fixed(&[]).unwrap(), &[row([0.0; 4])]).unwrap_err();
        assert_eq!(&*failure.said, "the model has no input `anything`: it takes `X`, `gate`, `word`");
    }

    #[test]
    fn parameters_and_classes_are_in_the_request() {
        let parameters = ["a=true", "b=1", "c=1.0", "d=x\"y"].map(|text| Parameter::parse(text).unwrap());
        let change = |options: &mut TritonOptions| {
            options.parameters = parameters.to_vec();
            options.classes = Some(2);
        };
        let protocol = with(change, IRIS, (200, BATCHED)).unwrap();
        let (json, _) = parts(&protocol, &[row([0.0; 4])]);
        assert_eq!(
            json.pointer("/parameters"),
            Some(&parse(br#"{"a":true,"b":1,"c":1.0,"d":"x\"y"}"#).unwrap())
        );
        assert_eq!(
            json.pointer("/outputs/0/parameters"),
            Some(&parse(br#"{"classification":2,"binary_data":true}"#).unwrap())
        );
        let failure = with(|options| options.classes = Some(2), IRIS, (200, LONE)).unwrap_err();
        assert!(failure.said.starts_with("--classes: the model has no batch dimension"), "{failure}");
    }

    #[test]
    fn classes_become_labels() {
        let protocol = with(|options| options.classes = Some(2), IRIS, (200, BATCHED)).unwrap();
        let answer = |data: &str| {
            let shape = "[2,2]";
            let json =
                format!(r#"{{"outputs":[{{"name":"P","datatype":"BYTES","shape":{shape},"data":{data}}}]}}"#);
            read(&protocol, 2, &json, None)
        };
        let told = answer(r#"["0.665241:2:two","0.244728:1:a:b","0.5:0","0.25:1"]"#).unwrap();
        let label = |label: &str, score| (Box::<str>::from(label), score);
        assert_eq!(
            told.predictions,
            [
                Prediction::Labels(vec![label("two", 0.665_241), label("a:b", 0.244_728)]),
                Prediction::Labels(vec![label("0", 0.5), label("1", 0.25)]),
            ]
        );
        assert_eq!(answer(r#"["x","0:1","0:1","0:1"]"#).unwrap_err().kind, FailureKind::Malformed);
        assert_eq!(answer(r#"["nan:1","0:1","0:1","0:1"]"#).unwrap_err().kind, FailureKind::NonFinite);
        // A server that does not know the extension sends the values.
        let values = r#"{"outputs":[{"name":"P","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}"#;
        let failure = read(&protocol, 1, values, None).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported);
        assert!(failure.said.contains("came as FP32 and not as classes"), "{failure}");
    }

    #[test]
    fn a_compressed_body_counts_the_json_before_it_was_compressed() {
        let plain = iris(BATCHED);
        let (head, body) = sent(&plain, &[row([1.0, 2.0, 3.0, 4.0])]).unwrap();
        let change = |options: &mut TritonOptions| options.compression = Some(Compression::Gzip);
        let (packed, bytes) =
            sent(&with(change, IRIS, (200, BATCHED)).unwrap(), &[row([1.0, 2.0, 3.0, 4.0])]).unwrap();
        let length = |head: &RequestHead| {
            head.headers.iter().find(|(name, _)| *name == HEAD_LENGTH).map(|(_, length)| length.clone())
        };
        assert_eq!(length(&packed), length(&head));
        assert!(packed.headers.contains(&("content-encoding", "gzip".into())));
        let mut unpacked = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*bytes), &mut unpacked).unwrap();
        assert_eq!(unpacked, body);
    }

    #[test]
    fn a_scikit_learn_model_on_mlserver_is_noted() {
        let mlserver = r#"{"name":"mlserver","version":"1.7.1","extensions":[]}"#;
        let bare = r#"{"name":"iris","versions":[],"platform":"","inputs":[],"outputs":[]}"#;
        let note = |output: Option<&str>, model: &str| {
            let options = TritonOptions { output: output.map(Into::into), ..options() };
            learn(options, (200, mlserver), model, NO_CONFIG).unwrap().description().hint
        };
        assert!(note(None, bare).unwrap().contains("--output predict_proba"));
        assert_eq!(note(Some("predict_proba"), bare), None);
        assert_eq!(note(None, IRIS), None);
    }

    #[test]
    fn servers_that_tell_no_inputs_fail_with_a_word_about_shapes() {
        let bare = r#"{"name":"iris","versions":null,"inputs":[],"outputs":[]}"#;
        let protocol = learn(options(), (404, ""), bare, NO_CONFIG).unwrap();
        let head = ResponseHead::new(500, [("content-type", "text/plain")]);
        let failure = protocol.decode(1, &head, b"Internal Server Error").unwrap_err();
        assert_eq!(failure.kind, FailureKind::ModelFailed);
        assert!(failure.said.contains("are shape and type of the data right?"), "{failure}");
        let failure = iris(BATCHED).decode(1, &head, b"Internal Server Error").unwrap_err();
        assert_eq!(&*failure.said, "HTTP 500: Internal Server Error");
        let refused = r#"{"detail":[{"loc":["body","inputs",0],"msg":"field required"}]}"#;
        let failure = protocol.decode(1, &ResponseHead::new(422, []), refused.as_bytes()).unwrap_err();
        assert_eq!((failure.kind, &*failure.said), (FailureKind::Rejected, "HTTP 422: field required"));
        let versioned = TritonProtocol::new(TritonOptions { version: Some("1".into()), ..options() });
        versioned.discovered(&ResponseHead::new(404, []), b"").unwrap();
        let none = ResponseHead::new(501, []);
        let failure =
            versioned.discovered(&none, br#"{"error":"Model versioning not supported yet."}"#).unwrap_err();
        assert_eq!(&*failure.said, "HTTP 501: Model versioning not supported yet.; leave -x out");
    }
}
