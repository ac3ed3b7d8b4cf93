//! What each envelope puts on the wire.

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\x00\x01";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF";

/// The content type and the body.
fn sent(envelope: Envelope, rows: &[Row]) -> Result<(String, Vec<u8>), Failure> {
    let mut body = Vec::new();
    let head = of(envelope, None).encode(rows, &mut body)?;
    assert_eq!((head.method.as_str(), head.url.path()), ("POST", "/prefix/predictions/m"));
    let kind = head.headers.iter().find(|(name, _)| *name == "content-type");
    Ok((kind.unwrap().1.clone(), body))
}

fn text(envelope: Envelope, rows: &[Row]) -> String {
    let (kind, body) = sent(envelope, rows).unwrap();
    assert_eq!(kind, "application/json", "{envelope:?}");
    String::from_utf8(body).unwrap()
}

fn pixels() -> Row {
    row(&[("image", &[2, 2], Values::U8(vec![1, 2, 3, 4]))])
}

fn file(bytes: &[u8]) -> Row {
    row(&[("image", &[], Values::Bytes(vec![bytes.to_vec()]))])
}

fn table() -> Row {
    row(&[("a", &[], Values::F64(vec![0.5])), ("b", &[], Values::I64(vec![(1 << 53) + 1]))])
}

#[test]
fn the_bare_values_are_sent() {
    let mut body = Vec::new();
    let head = protocol(Some("1.0")).encode(&[pixels()], &mut body).unwrap();
    assert_eq!(head.url.as_str(), "http://h:8080/prefix/predictions/m/1.0");
    assert_eq!(text(Envelope::Json, &[pixels()]), "[[1,2],[3,4]]");
    assert_eq!(text(Envelope::Json, &[table()]), r#"{"a":0.5,"b":9007199254740993}"#);
    assert_eq!(text(Envelope::Json, &[file(b"a text")]), r#""a text""#);
}

#[test]
fn a_file_travels_as_it_is_with_a_fitting_type() {
    for (bytes, kind) in [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"a text", "application/octet-stream"),
        (b"\x89PN", "application/octet-stream"),
        (b"\xff", "application/octet-stream"),
    ] {
        assert_eq!(sent(Envelope::Bytes, &[file(bytes)]).unwrap(), (kind.to_owned(), bytes.to_vec()));
    }
    // Nobody need say so for a picture; a text could be JSON as well.
    assert_eq!(sent(Envelope::Json, &[file(PNG)]).unwrap(), ("image/png".to_owned(), PNG.to_vec()));
}

#[test]
fn numbers_travel_as_their_little_endian_values() {
    let raw = |values: Values| sent(Envelope::Bytes, &[row(&[("x", &[values.len()], values)])]).unwrap();
    let octets = |bytes: &[u8]| ("application/octet-stream".to_owned(), bytes.to_vec());
    assert_eq!(raw(Values::U8(vec![1, 255])), octets(&[1, 255]));
    assert_eq!(raw(Values::I16(vec![-2])), octets(&[0xfe, 0xff]));
    assert_eq!(raw(Values::F32(vec![1.0, -2.0])), octets(&[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]));
    assert_eq!(raw(Values::F64(vec![1.0])), octets(&[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]));
    assert_eq!(raw(Values::Bool(vec![true, false])), octets(&[1, 0]));
}

#[test]
fn envelopes_carry_as_many_rows_as_their_handlers_read() {
    let two = [pixels(), pixels()];
    assert_eq!(text(Envelope::Instances, &two), r#"{"instances":[[[1,2],[3,4]],[[1,2],[3,4]]]}"#);
    assert_eq!(
        text(Envelope::Kserve, &two),
        r#"{"instances":[{"data":[[1,2],[3,4]]},{"data":[[1,2],[3,4]]}]}"#
    );
    assert_eq!(text(Envelope::Base64, &two), r#"{"instances":[{"b64":"AQIDBA=="},{"b64":"AQIDBA=="}]}"#);
    for envelope in Envelope::ALL {
        let most = of(envelope, None).description().max_batch;
        let one = matches!(envelope, Envelope::Json | Envelope::Bytes | Envelope::KserveV2);
        assert_eq!(most, one.then_some(1), "{envelope:?}");
        let failure = sent(envelope, &[]).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "no row is no request");
        if one {
            let failure = sent(envelope, &two).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Unsupported);
            assert!(failure.said.contains(envelope.name()), "{failure}");
        }
    }
}

#[test]
fn files_are_in_base64_where_the_body_is_json() {
    assert_eq!(text(Envelope::Base64, &[file(b"\xff\x00")]), r#"{"instances":[{"b64":"/wA="}]}"#);
    assert_eq!(text(Envelope::Base64, &[file(b"abc")]), r#"{"instances":[{"b64":"YWJj"}]}"#);
    assert_eq!(text(Envelope::Instances, &[file(b"\xff\x00")]), r#"{"instances":[{"b64":"/wA="}]}"#);
    assert_eq!(text(Envelope::Instances, &[file(b"abc")]), r#"{"instances":["abc"]}"#);
    // TorchServe's own handler for images reads a string under `data`.
    assert_eq!(text(Envelope::Kserve, &[file(b"\xff\x00")]), r#"{"instances":[{"data":"/wA="}]}"#);
    let mixed =
        row(&[("image", &[], Values::Bytes(vec![b"\xff\x00".to_vec()])), ("age", &[], Values::I64(vec![7]))]);
    let mixed = std::slice::from_ref(&mixed);
    assert_eq!(text(Envelope::Instances, mixed), r#"{"instances":[{"image":{"b64":"/wA="},"age":7}]}"#);
    assert_eq!(text(Envelope::Kserve, mixed), r#"{"instances":[{"image":"/wA=","age":7}]}"#);
}

#[test]
fn an_entry_for_each_field() {
    assert_eq!(
        text(Envelope::KserveV2, &[table()]),
        r#"{"inputs":[{"name":"a","shape":[1],"datatype":"FP64","data":[0.5]},{"name":"b","shape":[1],"datatype":"INT64","data":[9007199254740993]}]}"#
    );
    assert_eq!(
        text(Envelope::KserveV2, &[pixels()]),
        r#"{"inputs":[{"name":"image","shape":[2, 2],"datatype":"UINT8","data":[1,2,3,4]}]}"#
    );
    assert_eq!(
        text(Envelope::KserveV2, &[file(b"\xff\x00")]),
        r#"{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["/wA="]}]}"#
    );
    let texts = row(&[("t", &[2], Values::Bytes(vec![b"a".to_vec(), b"b".to_vec()]))]);
    assert_eq!(sent(Envelope::KserveV2, &[texts]).unwrap_err().kind, FailureKind::Unsupported);
}

#[test]
fn what_cannot_be_carried_is_refused_with_what_can() {
    let mut two = file(PNG);
    two.tensors.extend(table().tensors);
    let failure = sent(Envelope::Json, &[two]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.said.contains("--envelope instances"), "{failure}");
    for envelope in [Envelope::Bytes, Envelope::Base64] {
        let failure = sent(envelope, &[table()]).unwrap_err();
        assert!(failure.kind == FailureKind::Unsupported && failure.said.contains("`a`, `b`"), "{failure}");
        assert_eq!(sent(envelope, &[file(b"")]).unwrap_err().kind, FailureKind::Rejected);
        let texts = row(&[("t", &[2], Values::Bytes(vec![b"a".to_vec(), b"b".to_vec()]))]);
        assert_eq!(sent(envelope, &[texts]).unwrap_err().kind, FailureKind::Unsupported);
    }
    for envelope in [Envelope::Json, Envelope::Instances, Envelope::Kserve, Envelope::KserveV2] {
        let nan = row(&[("x", &[1], Values::F64(vec![f64::NAN]))]);
        assert_eq!(sent(envelope, &[nan]).unwrap_err().kind, FailureKind::Rejected, "{envelope:?}");
    }
}

#[test]
fn each_envelope_is_found_by_its_name() {
    for envelope in Envelope::ALL {
        assert_eq!(Envelope::from_name(envelope.name()), Some(envelope));
    }
    assert_eq!(Envelope::from_name("body"), None);
}

proptest! {
    /// What a JSON reader of another make finds in the bodies.
    #[test]
    fn every_json_body_is_json_and_base64_reads_back(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
        for envelope in [Envelope::Base64, Envelope::Instances, Envelope::Kserve, Envelope::KserveV2] {
            let (_, body) = sent(envelope, &[file(&bytes)]).unwrap();
            let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
            if envelope == Envelope::Base64 {
                prop_assert_eq!(unbase64(json["instances"][0]["b64"].as_str().unwrap()), bytes.clone());
            }
        }
        prop_assert_eq!(&sent(Envelope::Bytes, &[file(&bytes)]).unwrap().1, &bytes);
    }
}

fn unbase64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    assert_eq!(text.len() % 4, 0, "padded: {text}");
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(digit).collect();
    let bits: Vec<u8> = digits.iter().flat_map(|d| (0..6).rev().map(move |i| d >> i & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect()
}
