//! What is done with bytes from outside: every function must end, whatever they are.
//!
//! The fuzz targets call these with bytes that a fuzzer makes up, and the test command calls them with the seeds
//! and with damaged copies of them.

use std::path::Path;

use noisebound::config::{Settings, gate, quantity, target};
use noisebound::data::{DataSource, TargetSource, load_bytes};
use noisebound::journal::{Line, Reader};
use noisebound_adapters::{
    Envelope, Header, HttpProtocol, JsonOptions, JsonProtocol, ResponseHead, TorchServeOptions,
    TorchServeProtocol, TritonOptions, TritonProtocol,
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
    ("torchserve-answer", torchserve_answer),
    ("json-answer", json_answer),
    ("npy", npy),
    ("npz", npz),
    ("csv", csv),
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
}

/// The first byte chooses the status and the rows; the next two are the length of the head of a binary answer.
pub fn triton_answer(bytes: &[u8]) {
    let Some((chosen, length, body)) = chosen(bytes) else { return };
    let options = TritonOptions {
        base: url(),
        model: "iris".into(),
        version: None,
        output: (chosen & 8 > 0).then(|| "P".to_owned()),
        binary: Some(chosen & 16 > 0),
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
    let options =
        TritonOptions { base: url(), model: "iris".into(), version: None, output: None, binary: None };
    let protocol = TritonProtocol::new(options);
    for body in bytes.split(|byte| *byte == 0xff) {
        if protocol.discover().is_none() || protocol.discovered(&ResponseHead::new(200, []), body).is_err() {
            break;
        }
    }
    drop(protocol.description());
    drop(protocol.decode(1, &ResponseHead::new(200, []), br#"{"outputs":[]}"#));
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

/// See [`triton_answer`]; the length chooses where predictions are looked for.
pub fn json_answer(bytes: &[u8]) {
    let Some((chosen, pointer, body)) = chosen(bytes) else { return };
    let pointers = ["/predictions", "", "/0", "/data/ndarray", "/a~1b/-1"];
    let body_of = ["{\"instances\": \"${rows}\"}", "{\"x\": \"${row}\"}"][usize::from(chosen >> 7)];
    let options = JsonOptions {
        url: url(),
        body: Some(body_of.to_owned()),
        answer: Some(pointers[usize::from(pointer) % pointers.len()].to_owned()),
    };
    if let Ok(protocol) = JsonProtocol::new(options) {
        decode(&protocol, chosen, &[], body);
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
pub fn csv(bytes: &[u8]) {
    data("t.csv", bytes);
    if let Ok(source) = DataSource::parse("t.csv") {
        drop(load_bytes(&source, bytes, None, Some("y")));
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
