//! What is done with bytes from outside: every function must end, whatever they are.
//!
//! The fuzz targets call these with bytes that a fuzzer makes up, and the test command calls them with the seeds
//! and with damaged copies of them.

use std::path::Path;

use noisebound::config::{Settings, gate, quantity, target};
use noisebound::data::{DataSource, TargetSource, decode as pixels, image_labels, load_bytes};
use noisebound::journal::{Line, Reader};
use noisebound_adapters::{
    Envelope, FixedInput, Header, HttpProtocol, JsonOptions, JsonProtocol, PRESETS, Parameter, RequestHead,
    ResponseHead, Row, Tensor, TorchServeOptions, TorchServeProtocol, TritonGrpcProtocol, TritonOptions,
    TritonProtocol, Values,
};
use url::Url;

/// What is done with bytes.
pub type Harness = fn(&[u8]);

/// Every harness, by the name of its target and of its folder of seeds.
pub const ALL: &[(&str, Harness)] = &[
    ("journal-line", journal_line),
    ("journal", journal),
    ("plan-file", plan_file),
    ("typed", typed),
    ("triton-answer", triton_answer),
    ("triton-metadata", triton_metadata),
    ("triton-grpc-answer", triton_grpc_answer),
    ("triton-grpc-metadata", triton_grpc_metadata),
    ("torchserve-answer", torchserve_answer),
    ("json-answer", json_answer),
    ("body-template", body_template),
    ("survey", survey),
    ("npy", npy),
    ("npz", npz),
    ("csv", csv),
    ("input-data", input_data),
    ("image", image),
    ("labels", labels),
];

/// A line that can be read is the one that would be written.
pub fn journal_line(bytes: &[u8]) {
    let Ok(line) = Line::from_json(bytes) else { return };
    let written = line.to_json();
    match Line::from_json(&written) {
        // Numbers that are no numbers are not equal to themselves; the bytes are.
        Ok(again) => assert_eq!(String::from_utf8_lossy(&again.to_json()), String::from_utf8_lossy(&written)),
        Err(why) => panic!("{}: {why}", String::from_utf8_lossy(&written)),
    }
}

/// A whole journal, with its chain.
pub fn journal(bytes: &[u8]) {
    if let Ok(reader) = Reader::new(bytes, Path::new("journal.jsonl")) {
        reader.take_while(Result::is_ok).for_each(drop);
    }
}

/// An audit file, and what is told of the problems in it.
pub fn plan_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(problems) = Settings::from_text(&text, Path::new("folder/plan.toml")) {
        assert!(!problems.to_string().is_empty());
    }
}

/// Everything that is typed in a grammar of its own.
pub fn typed(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    drop(gate::parse(&text));
    drop(quantity::parse(&text));
    drop(target::Target::parse(&text));
    drop(Header::parse(&text));
    drop(DataSource::parse(&text));
    drop(FixedInput::parse(&text));
    drop(Parameter::parse(&text));
}

/// The first byte chooses the status and the rows; the next two are the length of the head of a binary answer.
pub fn triton_answer(bytes: &[u8]) {
    let Some((chosen, length, body)) = chosen(bytes) else { return };
    let options = TritonOptions {
        output: (chosen & 8 > 0).then(|| "P".to_owned()),
        binary: Some(chosen & 16 > 0),
        classes: (chosen & 64 > 0).then_some(2),
        ..TritonOptions::new(url(), "iris")
    };
    let protocol = TritonProtocol::new(options);
    let told = [
        r#"{"name":"triton","version":"2.51.0","extensions":["model_configuration","binary_tensor_data"]}"#,
        r#"{"name":"iris","inputs":[{"name":"X","datatype":"FP32","shape":[-1,4]}],"outputs":[{"name":"P","datatype":"FP32","shape":[-1,3]}]}"#,
        r#"{"name":"iris","max_batch_size":8,"input":[{"name":"X","data_type":"TYPE_FP32","dims":[4]}]}"#,
    ];
    for told in told {
        let taken = protocol.discovered(&ResponseHead::new(200, []), told.as_bytes());
        assert!(taken.is_ok(), "{taken:?}");
    }
    let length = length.to_string();
    let binary = [("inference-header-content-length", length.as_str())];
    let headers = if chosen & 32 > 0 { &binary[..] } else { &[] };
    decode(&protocol, chosen, headers, body);
}

/// The answers to the three questions about a model, apart at bytes 0xff.
pub fn triton_metadata(bytes: &[u8]) {
    let protocol = TritonProtocol::new(TritonOptions::new(url(), "iris"));
    for body in bytes.split(|byte| *byte == 0xff) {
        if protocol.discover().is_none() || protocol.discovered(&ResponseHead::new(200, []), body).is_err() {
            break;
        }
    }
    drop(protocol.description());
    drop(protocol.decode(1, &ResponseHead::new(200, []), br#"{"outputs":[]}"#));
}

/// The first byte chooses the rows, the status, and whether the message is framed here.
pub fn triton_grpc_answer(bytes: &[u8]) {
    let Some((chosen, _, message)) = chosen(bytes) else { return };
    let options = TritonOptions {
        output: (chosen & 8 > 0).then(|| "P".to_owned()),
        ..TritonOptions::new(url(), "iris")
    };
    let protocol = TritonGrpcProtocol::new(options, None);
    // A server that tells nothing about itself, and of the model that it is there.
    for (status, body) in [("12", &b""[..]), ("0", &[0; 5]), ("12", b"")] {
        assert!(protocol.discovered(&grpc_head(status), body).is_ok());
    }
    let framed = framed(message);
    let body = if chosen & 16 > 0 { message } else { &framed[..] };
    let status = ["0", "0", "0", "3", "8", "13", "14", "x"][usize::from(chosen & 7)];
    if let Ok(answer) = protocol.decode(1 + usize::from(chosen >> 6), &grpc_head(status), body) {
        assert_eq!(status, "0", "only OK is an answer");
        for prediction in &answer.predictions {
            drop(noisebound::loss::class_of(prediction, 0.5));
            drop(noisebound::audit::Seen::small(prediction));
        }
    }
    drop(protocol.readable_request(body));
    drop(protocol.readable_response(&grpc_head(status), body));
    grpc_details(&protocol, status, message);
}

/// The same bytes as the details and the words of a status, as they are and in base64.
fn grpc_details(protocol: &TritonGrpcProtocol, status: &str, bytes: &[u8]) {
    let plain: String =
        bytes.iter().filter(|byte| (b' '..=b'~').contains(*byte)).map(|byte| char::from(*byte)).collect();
    for details in [base64(bytes), plain.clone()] {
        let mut head = grpc_head(status);
        let told = [
            ("grpc-status", status),
            ("grpc-message", &*plain),
            ("grpc-status-details-bin", &*details),
            ("grpc-retry-pushback-ms", &*plain),
        ];
        head.trailers = ResponseHead::new(200, told).headers;
        drop(protocol.decode(1, &head, &[0; 5]));
    }
}

/// Base64 (RFC 4648) without padding.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        text.extend(
            (0..=chunk.len()).map(|digit| char::from(ALPHABET[(bits >> (18 - 6 * digit)) as usize & 63])),
        );
    }
    text
}

/// The messages that answer the three questions about a model, apart at bytes 0xff.
pub fn triton_grpc_metadata(bytes: &[u8]) {
    let options = TritonOptions::new(url(), "iris");
    let protocol = TritonGrpcProtocol::new(options, None);
    for message in bytes.split(|byte| *byte == 0xff) {
        if protocol.discover().is_none() || protocol.discovered(&grpc_head("0"), &framed(message)).is_err() {
            break;
        }
    }
    drop(protocol.description());
}

fn grpc_head(status: &str) -> ResponseHead {
    let mut head = ResponseHead::new(200, [("content-type", "application/grpc")]);
    head.trailers = ResponseHead::new(200, [("grpc-status", status), ("grpc-message", "a%20b")]).headers;
    head
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or_default().to_be_bytes();
    [&[0], &length[..], message].concat()
}

/// See [`triton_answer`]; the length chooses the envelope, whether a part of the answer is pointed to, and whether it is
/// streamed. The same bytes are what the management address says.
pub fn torchserve_answer(bytes: &[u8]) {
    let Some((chosen, how, body)) = chosen(bytes) else { return };
    let envelope = Envelope::ALL[usize::from(how) % Envelope::ALL.len()];
    let pointer = ["/scores", "/outputs/0/data", ""][usize::from(how >> 8) % 3];
    let protocol = TorchServeProtocol::new(TorchServeOptions {
        envelope,
        answer: (how & 0x80 > 0).then(|| pointer.to_owned()),
        management: Some(url()),
        ..TorchServeOptions::new(url(), "m")
    });
    let headers = if how & 0x40 > 0 { &[("ts_stream_next", "true")][..] } else { &[] };
    for _ in 0..2 {
        // The health check, and then the description.
        drop(protocol.discovered(&ResponseHead::new(200, []), body));
    }
    drop(protocol.description());
    decode(&protocol, chosen, headers, body);
}

/// See [`triton_answer`]; the length chooses where predictions are looked for and the preset.
pub fn json_answer(bytes: &[u8]) {
    let Some((chosen, pointer, body)) = chosen(bytes) else { return };
    let pointers = ["/predictions", "", "/0", "/data/ndarray", "/a~1b/-1", "/*/a", "/data/tensor/values"];
    let body_of = ["{\"instances\": {{ rows }}}", "{\"x\": {{ row }}}"][usize::from(chosen >> 7)];
    let options = JsonOptions {
        preset: Some(&PRESETS[usize::from(pointer >> 8) % PRESETS.len()]),
        body: Some(body_of.to_owned()),
        answer: Some(pointers[usize::from(pointer & 0xff) % pointers.len()].to_owned()),
        ..JsonOptions::new(url().join("/p").expect("it is a path"))
    };
    if let Ok(protocol) = JsonProtocol::new(options) {
        decode(&protocol, chosen, &[], body);
    }
}

/// A template of a body, filled twice with rows of two kinds.
pub fn body_template(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes).into_owned();
    let preset = Some(&PRESETS[bytes.len() % PRESETS.len()]);
    let columns = vec!["a".to_owned(), "b".to_owned()];
    let options = JsonOptions {
        preset,
        columns,
        body: Some(source),
        ..JsonOptions::new(url().join("/p").expect("it is a path"))
    };
    let Ok(protocol) = JsonProtocol::new(options) else { return };
    let row = |values: Values| Tensor::new("x", [values.len()], values).map(|x| Row { tensors: vec![x] });
    let rows = [Values::F32(vec![0.1, -2.0]), Values::Bytes(vec![vec![0xff, 0], b"a".to_vec()])].map(row);
    for row in rows.into_iter().flatten() {
        let mut body = Vec::new();
        if protocol.encode(std::slice::from_ref(&row), &mut body).is_ok() {
            let read = serde_json::from_slice::<serde_json::Value>(&body);
            assert!(read.is_ok(), "{}", String::from_utf8_lossy(&body));
        }
    }
}

/// What a server tells of its models and routes, to each protocol that looks for that.
pub fn survey(bytes: &[u8]) {
    let torchserve = TorchServeProtocol::new(TorchServeOptions::new(url(), "m"));
    let json = JsonProtocol::new(JsonOptions::new(url()));
    let (place, head) = (RequestHead::get(url()), ResponseHead::new(200, []));
    let mut told = vec![torchserve.survey(&place, &head, bytes)];
    told.extend(json.ok().map(|it| it.survey(&place, &head, bytes)));
    told.push(TritonProtocol::new(TritonOptions::new(url(), "")).survey(&place, &head, bytes));
    let grpc = TritonGrpcProtocol::new(TritonOptions::new(url(), ""), None);
    let (head, message) = (grpc_head("0"), framed(bytes));
    told.extend(grpc.places().iter().map(|place| grpc.survey(place, &head, &message)));
    for told in told.into_iter().flatten() {
        assert!(told.models.len() <= 64 && told.routes.len() <= 64);
    }
}

/// An npy, and one of targets beside it.
pub fn npy(bytes: &[u8]) {
    data("x.npy", bytes);
    if let (Ok(data), Ok(targets)) = (DataSource::parse("x.npy"), TargetSource::parse("y.npy")) {
        drop(load_bytes(&data, bytes, Some((&targets, bytes)), None));
    }
}

/// An npz with members of the usual names.
pub fn npz(bytes: &[u8]) {
    data("x.npz:x", bytes);
    if let (Ok(data), Ok(targets)) = (DataSource::parse("x.npz:x"), TargetSource::parse("x.npz:y")) {
        drop(load_bytes(&data, bytes, Some((&targets, bytes)), None));
    }
}

/// A table, with and without a column of targets.
pub fn input_data(bytes: &[u8]) {
    data("d.json", bytes);
    if let (Ok(source), Ok(targets)) = (DataSource::parse("d.json:x"), DataSource::parse("d.json:y")) {
        drop(load_bytes(&source, bytes, Some((&targets, bytes)), None));
    }
}

/// See [`npy`].
pub fn csv(bytes: &[u8]) {
    data("t.csv", bytes);
    if let Ok(source) = DataSource::parse("t.csv") {
        drop(load_bytes(&source, bytes, None, Some("y")));
    }
}

/// A png or a jpeg.
pub fn image(bytes: &[u8]) {
    if let Ok(pixels) = pixels(bytes) {
        assert_eq!(pixels.values.len(), pixels.height * pixels.width * pixels.channels);
    }
}

/// A table of the labels of images; what is read is a label for each.
pub fn labels(bytes: &[u8]) {
    let files = ["a.png", "b/c.jpeg", "1"];
    if let Ok(targets) = image_labels(bytes, &files, "labels.csv") {
        assert_eq!(targets.len(), files.len());
    }
}

fn data(source: &str, bytes: &[u8]) {
    if let Ok(source) = DataSource::parse(source)
        && let Ok(dataset) = load_bytes(&source, bytes, None, None)
    {
        let mut row = noisebound_adapters::Row::default();
        for index in 0..dataset.rows.min(3) {
            dataset.fill(index, &mut row);
        }
    }
}

fn url() -> Url {
    Url::parse("http://127.0.0.1:8000").expect("it is a URL")
}

fn chosen(bytes: &[u8]) -> Option<(u8, u16, &[u8])> {
    let ([chosen, one, two], body) = bytes.split_first_chunk::<3>()?;
    Some((*chosen, u16::from_le_bytes([*one, *two]), body))
}

fn decode(protocol: &impl HttpProtocol, chosen: u8, headers: &[(&str, &str)], body: &[u8]) {
    let status = [200, 200, 200, 400, 429, 500, 503, 507][usize::from(chosen & 7)];
    let head = ResponseHead::new(status, headers.iter().copied());
    let rows = 1 + usize::from(chosen >> 6);
    if let Ok(answer) = protocol.decode(rows, &head, body) {
        assert!((200..300).contains(&status), "only 2xx is an answer");
        for prediction in &answer.predictions {
            drop(noisebound::loss::class_of(prediction, 0.5));
            drop(noisebound::audit::Seen::small(prediction));
        }
    }
}
