//! The bad answers of a protocol over gRPC: frames, messages, trailers and statuses.
//!
//! The bytes are made here by hand, so that no misreading of the messages is shared with what reads them.

use std::net::SocketAddr;

use noisebound_adapters::{Answer, Failure, FailureKind};

use super::{ask, endpoint, rows};
use crate::http2::{Http2, Reply, Said, fields};

/// A protocol over gRPC, as a server of a few lines can play it.
pub struct Calls {
    /// The target on that server.
    pub target: fn(SocketAddr) -> String,
    /// What it says to a call that is none for a prediction, by the path.
    pub describes: fn(&str) -> Option<Reply>,
    /// A good answer for one row, with the scores 0.25 and 0.75.
    pub good: fn() -> Reply,
    /// What becomes of bad ones: each name, kind and the words of its failure.
    pub bad: fn() -> Vec<Bad>,
}

/// A name, an answer, and the failure that comes of it with all of these words.
pub type Bad = (&'static str, Reply, FailureKind, &'static [&'static str]);

/// The kinds of bad answers that every protocol over gRPC says something about.
pub const KINDS: [&str; 20] = [
    "more announced than came",
    "less announced than came",
    "cut in the frame",
    "cut in the message",
    "no message",
    "trailers without a status",
    "no trailers",
    "a status that is no number",
    "compressed without a word about it",
    "another datatype",
    "sizes of raw contents",
    "fewer raw contents than outputs",
    "another count",
    "another shape",
    "neither raw nor typed",
    "typed elements of another type",
    "NaN",
    "nothing where it is looked for",
    "a page",
    "refused with details",
];

/// A number of seven bits a byte.
fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7f {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A field that has a length.
pub fn field(number: u64, content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    varint(number << 3 | 2, &mut out);
    varint(content.as_ref().len() as u64, &mut out);
    out.extend_from_slice(content.as_ref());
    out
}

fn count(number: u64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    varint(number << 3, &mut out);
    varint(value, &mut out);
    out
}

/// Name, datatype and shape, which stand in the same fields for inputs, outputs and metadata.
pub fn tensor(name: &str, datatype: &str, shape: &[i64]) -> Vec<u8> {
    let mut sizes = Vec::new();
    for size in shape {
        varint(size.cast_unsigned(), &mut sizes);
    }
    [field(1, name), field(2, datatype), field(3, sizes)].concat()
}

/// A message in its frame.
pub fn framed(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    [&[0], &u32::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}

fn floats(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

const OK: &[(&str, &str)] = &[("grpc-status", "0")];

/// The answer of an output called `y`, with these raw elements.
fn raw(datatype: &str, shape: &[i64], elements: &[u8]) -> Reply {
    Reply::grpc(framed([field(5, tensor("y", datatype, shape)), field(6, elements)].concat()), OK)
}

/// The same with the contents of a field of typed elements.
fn typed(datatype: &str, place: u64, elements: &[u8]) -> Reply {
    let contents = field(5, field(place, elements));
    Reply::grpc(framed(field(5, [tensor("y", datatype, &[1, 2]), contents].concat())), OK)
}

fn good() -> Reply {
    raw("FP64", &[1, 2], &floats(&[0.25, 0.75]))
}

/// What a server of the Open Inference Protocol says of itself and a model `m`.
fn describes(path: &str) -> Option<Reply> {
    let model =
        || [field(1, "m"), field(4, tensor("x", "FP64", &[-1, 4])), field(5, tensor("y", "FP64", &[-1, 2]))];
    let message = match path.rsplit('/').next()? {
        "ServerMetadata" => field(1, "s"),
        "ModelMetadata" => model().concat(),
        "ModelConfig" => field(1, [field(1, "m"), count(4, 8)].concat()),
        _ => return None,
    };
    Some(Reply::grpc(framed(message), OK))
}

fn bad() -> Vec<Bad> {
    use FailureKind::{Malformed, NonFinite, Rejected, Unreachable};
    let whole = good().body;
    let with = |body: Vec<u8>| Reply::grpc(body, OK);
    let flagged = [&[1], &whole[1..]].concat();
    let html = "<html><body>Sign in</body></html>";
    let page = Reply {
        status: 200,
        headers: fields(&[("content-type", "text/html")]),
        body: html.into(),
        trailers: None,
    };
    // INVALID_ARGUMENT with a google.rpc.Status in base64, of code 3 and the message `bad shape`.
    let details = [("grpc-status", "3"), ("grpc-status-details-bin", "CAMSCWJhZCBzaGFwZQ")];
    let messages = [
        with(framed(&whole[5..]).into_iter().take(whole.len() - 4).collect()),
        with([&whole[..], b"more"].concat()),
        with(whole[..3].to_vec()),
        with(framed(&whole[5..whole.len() - 4])),
        with(Vec::new()),
        Reply::grpc(whole.clone(), &[("x-served-by", "a")]),
        Reply { trailers: None, ..good() },
        Reply::grpc(whole.clone(), &[("grpc-status", "fine")]),
        with(flagged),
        raw("FP99", &[1, 2], &floats(&[0.25, 0.75])),
        raw("FP64", &[1, 2], &[0; 15]),
        Reply::grpc(
            framed(
                [
                    field(5, tensor("z", "FP64", &[1, 1])),
                    field(5, tensor("y", "FP64", &[1, 2])),
                    field(6, floats(&[0.5])),
                ]
                .concat(),
            ),
            OK,
        ),
        raw("FP64", &[2, 2], &floats(&[0.25, 0.75, 0.5, 0.5])),
        raw("FP64", &[1, 3], &floats(&[0.25, 0.75])),
        Reply::grpc(framed(field(5, tensor("y", "FP64", &[1, 2]))), OK),
        // Integers of 32 bits, of which none fits 8.
        typed("INT8", 2, &[0xac, 0x02, 0xac, 0x02]),
        raw("FP64", &[1, 2], &floats(&[f64::NAN, 0.5])),
        Reply::grpc(
            framed([field(5, tensor("z", "FP64", &[1, 2])), field(6, floats(&[0.25, 0.75]))].concat()),
            OK,
        ),
        page,
        Reply::grpc(Vec::new(), &details),
    ];
    let becomes: [(FailureKind, &'static [&'static str]); KINDS.len()] = [
        (Malformed, &["was announced", "it begins: 00 00 00"]),
        (Malformed, &["was announced", "it begins: 00 00 00"]),
        (Malformed, &["one message was expected, found 3 bytes", "00 00 00"]),
        (Malformed, &["not the message expected", "it begins: 00 00 00"]),
        (Malformed, &["one message was expected, found 0 bytes"]),
        (Malformed, &["no `grpc-status` stands behind the answer", "`x-served-by`"]),
        (Unreachable, &["broke off", "before its status"]),
        (Malformed, &["`grpc-status` is \"fine\"", "a number from 0 to 16 was expected"]),
        (Malformed, &["compressed", "it begins: 01 00 00 00"]),
        (Malformed, &["`FP99`", "it begins: y FP99 [1, 2] in 16 raw bytes"]),
        (Malformed, &["output `y` has 15 raw bytes, expected 16 for FP64", "[1, 2]"]),
        (Malformed, &["raw elements of 1 outputs", "z FP64 [1, 1] in 8 raw bytes, y FP64"]),
        (Malformed, &["[2, 2], 1 rows were expected", "in 32 raw bytes"]),
        (Malformed, &["2 values", "[1, 3]", "in 16 raw bytes"]),
        (Malformed, &["neither typed nor raw elements", "without elements"]),
        (Malformed, &["no INT8", "in typed elements"]),
        (NonFinite, &["value 0 of output `y` is NaN"]),
        (Malformed, &["`y` was expected, found `z`", "z FP64 [1, 2]"]),
        (Malformed, &["an answer of gRPC was expected", "text/html", "Sign in"]),
        (Rejected, &["gRPC INVALID_ARGUMENT: bad shape"]),
    ];
    let all = KINDS.into_iter().zip(messages).zip(becomes);
    all.map(|((name, reply), (kind, words))| (name, reply, kind, words)).collect()
}

/// The Open Inference Protocol.
pub static OPEN_INFERENCE: Calls =
    Calls { target: |address| format!("triton+grpc://{address}/m"), describes, good, bad };

/// A server that describes as it should, and answers so.
fn playing(calls: &'static Calls, reply: Reply) -> Http2 {
    Http2::new(move |asked| {
        Said::Answer(Box::new((calls.describes)(&asked.path).unwrap_or_else(|| reply.clone())))
    })
}

async fn played(calls: &'static Calls, reply: Reply) -> Result<Answer, Failure> {
    let server = playing(calls, reply);
    ask(&*endpoint(&(calls.target)(server.address()), &[]), &rows(1)).await
}

/// What is wrong with how this protocol takes good and bad answers.
pub async fn wrong(protocol: &str, calls: &'static Calls) -> Vec<String> {
    let mut wrong = Vec::new();
    let good = played(calls, (calls.good)()).await;
    if super::class(&good).as_deref() != Some("1") {
        wrong.push(format!("{protocol}, a good answer: {good:?}"));
    }
    let bad = (calls.bad)();
    let named: Vec<_> = bad.iter().map(|(name, ..)| *name).collect();
    assert_eq!(named, KINDS, "{protocol}: another list of bad answers");
    for (name, reply, kind, words) in bad {
        match played(calls, reply).await {
            Err(failure) if failure.kind == kind && words.iter().all(|word| failure.said.contains(word)) => {
                super::assert_placed(&failure);
                let misfit = matches!(kind, FailureKind::Malformed | FailureKind::NonFinite);
                if misfit
                    && !failure.said.contains("; it begins: ")
                    && !failure.said.ends_with("; it is empty")
                {
                    wrong.push(format!("{protocol}, {name}, is not quoted: {failure}"));
                }
            }
            other => wrong.push(format!("{protocol}, {name}: {other:?}")),
        }
    }
    for (status, kind) in STATUSES {
        let refused = [("grpc-status", status), ("grpc-message", "queue%20full")];
        // In the trailers, and alone in the headers.
        let behind = Reply::grpc(Vec::new(), &refused);
        let mut alone = Reply { trailers: None, ..Reply::grpc(Vec::new(), &[]) };
        alone.headers.extend(fields(&refused));
        for reply in [behind, alone] {
            match played(calls, reply).await {
                Err(failure) if failure.kind == kind && failure.said.ends_with(": queue full") => {}
                other => wrong.push(format!("{protocol}, status {status}: {other:?}")),
            }
        }
    }
    wrong
}

/// Every status but OK, and what it stands for.
const STATUSES: [(&str, FailureKind); 17] = {
    use FailureKind::{Auth, ModelFailed, NotFound, Overloaded, Rejected, TimedOut, Transient, Unsupported};
    [
        ("1", Transient),
        ("2", ModelFailed),
        ("3", Rejected),
        ("4", TimedOut),
        ("5", NotFound),
        ("6", Rejected),
        ("7", Auth),
        ("8", Overloaded),
        ("9", Rejected),
        ("10", Transient),
        ("11", Rejected),
        ("12", Unsupported),
        ("13", ModelFailed),
        ("14", Overloaded),
        ("15", Transient),
        ("16", Auth),
        // One that is not known yet counts as UNKNOWN.
        ("17", ModelFailed),
    ]
};

/// A secret that comes back in trailers and words is hidden.
pub async fn hides(protocol: &str, calls: &'static Calls, token: &str, file: &str) {
    for status in ["3", "13", "16"] {
        let words = format!("no {token} (Bearer {token})").replace(' ', "%20");
        let reply =
            Reply::grpc(Vec::new(), &[("grpc-status", status), ("grpc-message", &words), ("x-echo", token)]);
        let server = playing(calls, reply);
        let endpoint = endpoint(&(calls.target)(server.address()), &[("token-file", file)]);
        let failure = ask(&*endpoint, &rows(1)).await.unwrap_err();
        assert!(!format!("{failure:?}").contains(token), "{protocol}: {failure:?}");
        let shown = endpoint.exchange(&rows(1)).await;
        assert!(!format!("{shown:?}").contains(token), "{protocol}: {shown:?}");
        assert!(shown.response.is_some(), "{protocol}: {shown:?}");
        let sent = server.heard()[0].headers["authorization"].clone();
        assert_eq!(sent, format!("Bearer {token}").as_str(), "{protocol}");
    }
}

/// Another place is named, and not gone to.
pub async fn names_another_place(protocol: &str, calls: &'static Calls) {
    let headers = fields(&[("location", "http://elsewhere.example/m")]);
    let reply = Reply { status: 307, headers, ..Reply::default() };
    let server = Http2::new(move |_| Said::Answer(Box::new(reply.clone())));
    let failure = ask(&*endpoint(&(calls.target)(server.address()), &[]), &rows(1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Redirected, "{protocol}: {failure}");
    assert!(failure.said.contains("http://elsewhere.example/m"), "{protocol}: {failure}");
    assert_eq!(server.heard().len(), 1, "{protocol}");
}
