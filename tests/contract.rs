//! The contract of every protocol, walked by the table of protocols: with a server that works, with one that does not,
//! and with answers that are none.
//!
//! A protocol without an entry in [`CONTRACTS`] fails, and so does one that says nothing about a kind of bad answer.

mod grpc;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use noisebound::cli::args::AuditArgs;
use noisebound::config::Settings;
use noisebound::config::target::PROTOCOLS;
use noisebound::loss::class_of;
use noisebound_adapters::{
    Answer, Described, Description, Endpoint, Failure, FailureKind, Row, Tensor, Values,
};
use noisebound_mock_server::faults::{Faults, Reject, When};
use noisebound_mock_server::{Mock, Options, examples};

use crate::stub::{Stub, answer};

/// The kinds of bad answers; every contract says what becomes of each.
const KINDS: [&str; 11] = [
    "cut short",
    "another count",
    "another shape",
    "a page",
    "an error with status 200",
    "empty",
    "no UTF-8",
    "NaN",
    "JSON in a string",
    "sizes of raw bytes",
    "nothing where it is looked for",
];

/// What becomes of an answer.
enum Becomes {
    /// One failure of this kind, which has all of these words.
    Failure(FailureKind, &'static [u8], &'static [&'static str]),
    /// The same, in a response with this further header.
    Raw(FailureKind, &'static str, &'static [u8], &'static [&'static str]),
    /// The same, asked with this flag.
    Asked((&'static str, &'static str), FailureKind, &'static [u8], &'static [&'static str]),
    /// An answer: this protocol means something by it.
    Answer(&'static [u8]),
    /// There is no such thing in this protocol.
    Nothing,
}

/// What a protocol keeps to.
struct Contract {
    protocol: &'static str,
    /// How its answers are played.
    played: Played,
}

/// What carries it.
enum Played {
    /// HTTP/1.1.
    Http(&'static Wire),
    /// gRPC.
    Grpc(&'static grpc::Calls),
}

/// A protocol over HTTP/1.1, as a server of a few lines can play it.
struct Wire {
    /// The target on a server that plays answers.
    target: fn(SocketAddr) -> String,
    /// What that server says to a request that is none for a prediction.
    describes: fn(&str, bool) -> Option<&'static str>,
    /// A good answer for one row, with the scores 0.25 and 0.75.
    good: &'static [u8],
    /// What becomes of bad ones, in the order of [`KINDS`].
    bad: [Becomes; KINDS.len()],
}

use Becomes::{Answer as Fits, Asked, Failure as Fails, Nothing, Raw};
use FailureKind::{Malformed, NonFinite};

static CONTRACTS: [Contract; 4] = [
    Contract { protocol: "triton+grpc", played: Played::Grpc(&grpc::OPEN_INFERENCE) },
    Contract {
        protocol: "triton",
        played: Played::Http(&Wire {
        target: |address| format!("triton://{address}/m"),
        describes: triton,
        good: br#"{"outputs":[{"name":"y","datatype":"FP64","shape":[1,2],"data":[0.25,0.75]}]}"#,
        bad: [
            Fails(Malformed, br#"{"outputs":[{"name":"y","datatype":"FP64","shape":[1,2],"data":[0.25,"#, &["JSON", "\"outputs\""]),
            Fails(
                Malformed,
                br#"{"outputs":[{"name":"y","datatype":"FP64","shape":[2,2],"data":[0.25,0.75,0.5,0.5]}]}"#,
                &["[2, 2]", "1"],
            ),
            Fails(
                Malformed,
                br#"{"outputs":[{"name":"y","datatype":"FP64","shape":[1,3],"data":[0.25,0.75]}]}"#,
                &["[1, 3]", "2"],
            ),
            Fails(Malformed, b"<html><body>Sign in</body></html>", &["Sign in"]),
            Fails(Malformed, br#"{"error":"out of memory"}"#, &["`outputs` was expected", "out of memory"]),
            Fails(Malformed, b"", &["not JSON"]),
            Fails(Malformed, b"{\"outputs\":[\xff\xfe", &["\"outputs\""]),
            Fails(NonFinite, br#"{"outputs":[{"name":"y","datatype":"FP64","shape":[1,2],"data":[NaN,0.5]}]}"#, &["y"]),
            Fails(Malformed, br#""{\"outputs\":[]}""#, &["outputs"]),
            Raw(
                Malformed,
                "inference-header-content-length: 101",
                b"{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP64\",\"shape\":[1,2],\"parameters\":{\"binary_data_size\":16}}]}      12345678",
                &["output `y`", "8 raw bytes left, 16 were expected"],
            ),
            Fails(
                Malformed,
                br#"{"outputs":[{"name":"z","datatype":"FP64","shape":[1,2],"data":[0.25,0.75]}]}"#,
                &["`y`", "z"],
            ),
        ],
        }),
    },
    Contract {
        protocol: "torchserve",
        played: Played::Http(&Wire {
        target: |address| format!("torchserve://{address}/m"),
        describes: |request, _| request.contains(" /ping ").then_some(r#"{"status":"Healthy"}"#),
        good: b"[0.25, 0.75]",
        bad: [
            Fails(Malformed, b"[0.25,", &["[0.25,"]),
            // Elsewhere one row is one request, and a list is the scores of its classes.
            Asked(("envelope", "instances"), Malformed, br#"{"predictions":[[0.25,0.75],[0.5,0.5]]}"#, &["1 predictions were expected, one for each row, found 2"]),
            Fails(Malformed, b"[[0.25], [0.5, 0.75]]", &["ragged", "[[0.25], [0.5, 0.75]]"]),
            Fails(Malformed, b"<html><body>Sign in</body></html>", &["Sign in"]),
            Fails(Malformed, br#"{"code": 503, "type": "InternalServerException", "message": "Prediction failed"}"#, &["Prediction failed"]),
            Fails(Malformed, b"", &["not JSON"]),
            Fails(Malformed, b"\xff\xfe\x00", &["not JSON"]),
            Fails(NonFinite, b"[NaN, 0.5]", &["NaN"]),
            // A text is a class by itself, and nothing where members are asked for.
            Asked(("answer", "/scores"), Malformed, br#""{\"scores\":[0.25,0.75]}""#, &["nothing stands at `/scores`", "a string"]),
            Nothing,
            Asked(("answer", "/scores"), Malformed, br#"{"outputs":[0.25,0.75]}"#, &["nothing stands at `/scores`", "`outputs`"]),
        ],
        }),
    },
    Contract {
        protocol: "json",
        played: Played::Http(&Wire {
        target: |address| format!("json://{address}/m"),
        describes: |_, _| None,
        good: br#"{"predictions":[[0.25,0.75]]}"#,
        bad: [
            Fails(Malformed, br#"{"predictions":[[0.25,"#, &["not JSON", "\"predictions\""]),
            Fails(Malformed, br#"{"predictions":[[0.25,0.75],[0.5,0.5]]}"#, &["/predictions", "list of 2"]),
            Fails(Malformed, br#"{"predictions":[[[0.25],[0.5,0.75]]]}"#, &["ragged", "expected"]),
            Fails(Malformed, b"<html><body>Sign in</body></html>", &["not JSON", "Sign in"]),
            Fails(Malformed, br#"{"error":"out of memory"}"#, &["/predictions", "out of memory"]),
            Fails(Malformed, b"", &["not JSON"]),
            Fails(Malformed, b"{\"predictions\":[\xff\xfe", &["not JSON", "\"predictions\""]),
            Fails(NonFinite, br#"{"predictions":[[NaN,0.5]]}"#, &["NaN"]),
            Fits(br#""{\"predictions\":[[0.25,0.75]]}""#),
            Nothing,
            Fails(Malformed, br#"{"outputs":[[0.25,0.75]]}"#, &["/predictions", "`outputs`"]),
        ],
        }),
    },
];

fn triton(request: &str, binary: bool) -> Option<&'static str> {
    let path = request.split(' ').nth(1).unwrap();
    let server = [r#"{"name":"s","extensions":[]}"#, r#"{"name":"s","extensions":["binary_tensor_data"]}"#];
    let model = r#"{"name":"m","versions":["1"],"inputs":[{"name":"x","datatype":"FP64","shape":[-1,4]}],"outputs":[{"name":"y","datatype":"FP64","shape":[-1,2]}]}"#;
    match path {
        "/v2" => Some(server[usize::from(binary)]),
        "/v2/models/m" => Some(model),
        "/v2/models/m/config" => Some(r#"{"max_batch_size":8}"#),
        _ => None,
    }
}

fn contracts() -> impl Iterator<Item = &'static Contract> {
    PROTOCOLS.iter().map(|protocol| {
        let contract = CONTRACTS.iter().find(|contract| contract.protocol == protocol.name);
        contract.unwrap_or_else(|| panic!("the protocol {} has no contract in here", protocol.name))
    })
}

/// Those over HTTP/1.1.
fn wires() -> impl Iterator<Item = (&'static str, &'static Wire)> {
    contracts().filter_map(|contract| match contract.played {
        Played::Http(wire) => Some((contract.protocol, wire)),
        Played::Grpc(_) => None,
    })
}

/// Those over gRPC.
fn calls() -> impl Iterator<Item = (&'static str, &'static grpc::Calls)> {
    contracts().filter_map(|contract| match contract.played {
        Played::Http(_) => None,
        Played::Grpc(calls) => Some((contract.protocol, calls)),
    })
}

/// The endpoint that an audit of this target with these flags asks.
fn endpoint(target: &str, flags: &[(&str, &str)]) -> Arc<dyn Endpoint> {
    let flag = |name| flags.iter().find(|(flag, _)| *flag == name).map(|(_, value)| (*value).to_owned());
    let args = AuditArgs {
        target: Some(target.to_owned()),
        data: Some("x.npy".to_owned()),
        token_file: flag("token-file"),
        answer: flag("answer"),
        envelope: flag("envelope"),
        ..AuditArgs::default()
    };
    Settings::from_args(&args, |_| None).unwrap().connect("contract", &[]).unwrap()
}

async fn describe(endpoint: &dyn Endpoint) -> Result<Description, Failure> {
    loop {
        if let Described::Done { description, .. } = endpoint.describe().await? {
            return Ok(description);
        }
    }
}

/// Describes first, as every client does.
async fn ask(endpoint: &dyn Endpoint, rows: &[Row]) -> Result<Answer, Failure> {
    describe(endpoint).await?;
    endpoint.ask(rows).await
}

fn row(values: &[f64]) -> Row {
    Row { tensors: vec![Tensor::new("x", [values.len()], Values::F64(values.to_vec())).unwrap()] }
}

fn rows(count: usize) -> Vec<Row> {
    examples::classification(count).rows.iter().map(|values| row(values)).collect()
}

async fn mock(faults: Faults) -> Mock {
    Mock::start(Options { faults, ..Options::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_answered_alone_and_in_full_batches() {
    let example = examples::classification(8);
    for contract in contracts() {
        let name = contract.protocol;
        let mock = mock(Faults::default()).await;
        let endpoint = endpoint(&mock.url(name, "linear-classifier"), &[]);
        let told = describe(&*endpoint).await.unwrap();
        let full = told.max_batch.unwrap_or(8);
        assert!(told.inputs.iter().all(|input| input.shape.as_deref() == Some(&[4])), "{name}: {told:?}");
        let mut alone = Vec::new();
        for (values, wanted) in example.rows.iter().zip(&example.rows) {
            let answer =
                endpoint.ask(&[row(values)]).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
            let class = class_of(&answer.predictions[0], 0.5).unwrap().to_string();
            assert_eq!(class, example.model.class(wanted).to_string(), "{name}");
            alone.push(answer.predictions[0].clone());
        }
        let many: Vec<Row> = rows(8).into_iter().cycle().take(full).collect();
        let answer = endpoint.ask(&many).await.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!(answer.predictions.len(), full, "{name}");
        for (i, prediction) in answer.predictions.iter().enumerate() {
            assert_eq!(*prediction, alone[i % 8], "{name}: row {i} of a full batch");
        }
        if told.max_batch.is_some() {
            let failure = endpoint.ask(&rows(full + 1)).await.unwrap_err();
            let kinds = [FailureKind::Rejected, FailureKind::Unsupported];
            assert!(kinds.contains(&failure.kind) && !failure.said.is_empty(), "{name}: {failure}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_with_the_reason() {
    for contract in contracts() {
        let name = contract.protocol;
        let mock = mock(Faults::default()).await;
        let target = |model| mock.url(name, model);
        let failure =
            ask(&*endpoint(&target("linear-classifier"), &[]), &[row(&[1.0, 2.0, 3.0])]).await.unwrap_err();
        let kinds = [FailureKind::Rejected, FailureKind::Unsupported, FailureKind::ModelFailed];
        assert!(kinds.contains(&failure.kind), "{name}, three numbers instead of four: {failure}");
        assert!(failure.said.len() > 10, "{name}: {failure}");
        let failure = ask(&*endpoint(&target("nobody"), &[]), &rows(1)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound, "{name}: {failure}");
        assert!(failure.to_string().contains("nobody"), "{name}: {failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_none_and_servers_that_are_busy_are_told_apart() {
    let busy = |status, wait: Option<u64>| Faults {
        rejects: vec![Reject { status, when: When::Chance(1.0), retry_after: wait.map(Duration::from_secs) }],
        ..Faults::default()
    };
    for contract in contracts() {
        let name = contract.protocol;
        for (faults, kind, wait) in [
            (Faults { nan_rows: 1.0, ..Faults::default() }, FailureKind::NonFinite, None),
            (busy(429, Some(7)), FailureKind::Overloaded, Some(7)),
            (busy(429, None), FailureKind::Overloaded, Some(1)),
            (busy(503, Some(3)), FailureKind::Overloaded, Some(3)),
        ] {
            let mock = mock(faults).await;
            let endpoint = endpoint(&mock.url(name, "linear-classifier"), &[]);
            let failure = ask(&*endpoint, &rows(1)).await.unwrap_err();
            assert_eq!(failure.kind, kind, "{name}: {failure}");
            assert_eq!(failure.pushback.map(|wait| wait.as_secs()), wait, "{name}: {failure}");
        }
    }
}

/// The class that an answer gives its first row.
fn class(answer: &Result<Answer, Failure>) -> Option<String> {
    let answer = answer.as_ref().ok()?;
    class_of(&answer.predictions[0], 0.5).ok().map(|class| class.to_string())
}

/// It is named where it came from, and fits on a line or two.
fn assert_placed(failure: &Failure) {
    assert!(failure.at.starts_with("http://127.0.0.1:"), "{failure:?}");
    assert!(failure.reason().len() <= Failure::SAID, "{failure:?}");
}

/// What came stands behind what was expected, its first bytes at least.
fn is_quoted(failure: &Failure, body: &[u8]) -> bool {
    let begins = String::from_utf8_lossy(&body[..body.len().min(8)]).into_owned();
    let bytes = body.iter().take(2).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let quoted = failure.said.split_once("; it begins: ");
    let shown = quoted.is_some_and(|(_, quoted)| quoted.starts_with(&begins) || quoted.contains(&bytes));
    failure.said.contains("expected")
        && if body.is_empty() { failure.said.ends_with("; it is empty") } else { shown }
}

/// A server that describes as it should, and answers with these bytes.
fn playing(wire: &'static Wire, header: &'static str, body: &'static [u8]) -> Stub {
    let binary = !header.is_empty();
    Stub::new(move |request| {
        if let Some(told) = (wire.describes)(request, binary) {
            return answer("200 OK", told).into_bytes();
        }
        let header = if binary { format!("\r\n{header}") } else { String::new() };
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK{header}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    })
}

async fn played(
    wire: &'static Wire,
    flags: &[(&str, &str)],
    header: &'static str,
    body: &'static [u8],
) -> Result<Answer, Failure> {
    let stub = playing(wire, header, body);
    let answer = ask(&*endpoint(&(wire.target)(stub.address()), flags), &rows(1)).await;
    tokio::task::spawn_blocking(move || drop(stub)).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_none_is_one_clear_failure() {
    let mut wrong = Vec::new();
    for (protocol, wire) in wires() {
        let good = played(wire, &[], "", wire.good).await;
        if class(&good).as_deref() != Some("1") {
            wrong.push(format!("{protocol}, a good answer: {good:?}"));
        }
        for (name, becomes) in KINDS.iter().zip(&wire.bad) {
            let (kind, flags, header, body, words): (_, &[_], _, &[u8], &[&str]) = match becomes {
                Nothing => continue,
                Fits(body) => {
                    let found = played(wire, &[], "", body).await;
                    if found.is_err() {
                        wrong.push(format!("{protocol}, {name}: {found:?}"));
                    }
                    continue;
                }
                Fails(kind, body, words) => (*kind, &[], "", body, words),
                Raw(kind, header, body, words) => (*kind, &[], *header, body, words),
                Asked(flag, kind, body, words) => (*kind, std::slice::from_ref(flag), "", body, words),
            };
            match played(wire, flags, header, body).await {
                Err(failure)
                    if failure.kind == kind && words.iter().all(|word| failure.said.contains(word)) =>
                {
                    assert_placed(&failure);
                    if !is_quoted(&failure, body) {
                        wrong.push(format!("{protocol}, {name}, is not quoted: {failure}"));
                    }
                }
                other => wrong.push(format!("{protocol}, {name}: {other:?}")),
            }
        }
    }
    for (protocol, calls) in calls() {
        wrong.extend(grpc::wrong(protocol, calls).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_comes_back_is_hidden() {
    let token = "sesame-that-opens";
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), token).unwrap();
    for (protocol, wire) in wires() {
        for status in ["200 OK", "401 Unauthorized", "500 Internal Server Error"] {
            let stub = Stub::new(move |_| {
                answer(
                    &format!("{status}\r\nx-echo: {token}"),
                    &format!(r#"{{"error":"no {token} (Bearer {token})"}}"#),
                )
            });
            let flags = [("token-file", file.path().to_str().unwrap())];
            let endpoint = endpoint(&(wire.target)(stub.address()), &flags);
            let failure = ask(&*endpoint, &rows(1)).await.unwrap_err();
            assert!(!format!("{failure:?}").contains("sesame"), "{protocol}: {failure:?}");
            let shown = endpoint.exchange(&rows(1)).await;
            assert!(!format!("{shown:?}").contains("sesame"), "{protocol}: {shown:?}");
            assert!(stub.heard()[0].contains(&format!("Bearer {token}")), "{protocol}");
            tokio::task::spawn_blocking(move || drop(stub)).await.unwrap();
        }
    }
    for (protocol, calls) in calls() {
        grpc::hides(protocol, calls, token, file.path().to_str().unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_place_is_named_and_not_gone_to() {
    for (protocol, wire) in wires() {
        let stub =
            Stub::new(|_| answer("307 Temporary Redirect\r\nlocation: http://elsewhere.example/m", ""));
        let failure = ask(&*endpoint(&(wire.target)(stub.address()), &[]), &rows(1)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Redirected, "{protocol}: {failure}");
        assert!(failure.said.contains("http://elsewhere.example/m"), "{protocol}: {failure}");
        assert_eq!(stub.heard().len(), 1, "{protocol}");
        tokio::task::spawn_blocking(move || drop(stub)).await.unwrap();
    }
    for (protocol, calls) in calls() {
        grpc::names_another_place(protocol, calls).await;
    }
}
