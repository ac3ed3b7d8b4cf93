//! The Open Inference Protocol over gRPC, from the command line to a server and back.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use noisebound::client::{Client, Limits, Tolerance};
use noisebound::report::json::results_bytes;
use noisebound_adapters::{
    Described, Endpoint, FailureKind, HttpEndpoint, HttpOptions, Prediction, Row, Tensor, TritonGrpcProtocol,
    TritonOptions, Values,
};
use noisebound_mock_server::faults::{Faults, Latency, Reject, When};
use noisebound_mock_server::models::{Constant, Model};
use noisebound_mock_server::{Mock, Options};

use crate::bench::{Bench, TAKEN_OUT};
use crate::http2::{Asked, Http2, Reason, Reply, Said, forward};
use crate::model_inputs::{DIGITS, array, ask_at, audited_at, clean, filled};
use crate::transport::Authority;

const GRPC: &str = "triton+grpc";

fn of(bench: &Bench) -> String {
    bench.mock().url(GRPC, "linear-classifier")
}

#[test]
fn an_audit_over_grpc_is_draw_for_draw_that_over_http() {
    let losses = |target: &dyn Fn(&Bench) -> String, batch: &str| {
        let bench = Bench::new();
        let ran = bench.audit(&target(&bench), &[("-b", batch), ("-c", "1"), ("--loss", "error")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        bench.assert_verified("run");
        let report = bench.report("run");
        bench.assert_counts_agree(&report);
        (results_bytes(&report.results), report.run.queries)
    };
    let http = losses(&Bench::triton, "8");
    assert_eq!(losses(&of, "8"), http);
    assert_eq!(losses(&of, "1").0, http.0, "the batch has no effect");
}

/// Ids that no float holds, and a text, beside the digits.
fn digits(options: Options) -> Bench {
    let ids: Vec<u8> =
        (0_i64..).take(DIGITS).flat_map(|row| ((1 << 53) + 1 + 2 * row).to_le_bytes()).collect();
    let more = [
        ("id", array("<i8", &[DIGITS], &ids)),
        ("word", array("|S5", &[DIGITS, 1], &b"plain".repeat(DIGITS))),
        ("bad", array("|S5", &[DIGITS, 1], &b"other".repeat(DIGITS))),
    ];
    filled(Bench::with(options), &more)
}

/// What is asked of a model over HTTP is asked over gRPC, and means the same; whether its answers are then wrong.
#[test]
fn models_of_all_kinds_mean_the_same_over_grpc() {
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], bool);
    let flips = [("--targets", TAKEN_OUT), ("--output", "probabilities"), ("--classes", "2")];
    let cases: [Case; 12] = [
        ("gated", "d.npz:x", &[("--input", "gate=0")], false),
        ("gated", "d.npz:x", &[("--input", "gate=1"), ("--input", "bias=0.5")], true),
        ("ids", "d.npz:x,id", &[("-b", "4")], true),
        ("half", "d.npz:x", &[("-b", "4")], false),
        ("image", "d.npz:image", &[], false),
        ("words", "d.npz:x,word", &[("-b", "4")], false),
        ("words", "d.npz:x,bad", &[], true),
        ("several", "d.npz:x", &[("--output", "class")], false),
        ("digits", "d.npz:x", &[("--classes", "3")], false),
        ("several", "d.npz:x", &flips, false),
        ("asked", "d.npz:x", &[("--parameter", "turned=true")], true),
        ("lone", "d.npz:x", &[], false),
    ];
    let raw = digits(Options::default());
    let typed = digits(Options { typed_answers: true, ..Options::default() });
    for (model, data, flags, turned) in cases {
        let over = |bench: &Bench, scheme: &str, more: &[(&str, &str)]| {
            audited_at(bench, &bench.mock().url(scheme, model), data, &[flags, more].concat())
        };
        let http = over(&raw, "triton", &[]);
        assert_eq!(clean(&http) > 0.9, turned, "{model} {flags:?}: {}", clean(&http));
        assert_eq!(over(&raw, GRPC, &[]).results, http.results, "{model} {flags:?}");
        // Sixteen bits have no typed form.
        if model != "half" {
            let found = over(&typed, GRPC, &[("--tensors", "typed")]);
            assert_eq!(found.results, http.results, "{model} {flags:?}, typed both ways");
        }
        assert_eq!(over(&typed, GRPC, &[]).results, http.results, "{model} {flags:?}, typed answers");
    }
    let ran = ask_at(&raw, &raw.mock().url(GRPC, "half"), "d.npz:x", &[("--tensors", "typed")]);
    let said = "--tensors: input `x` takes FP16, and FP16 tensors have no typed form";
    assert!(ran.code == 2 && ran.err.contains(said), "{ran:?}");
    let ran = ask_at(&raw, &raw.mock().url(GRPC, "lone"), "d.npz:x", &[("--classes", "2")]);
    assert!(ran.code == 2 && ran.err.contains("--classes: the model has no batch dimension"), "{ran:?}");
    let ran = ask_at(&raw, &raw.mock().url(GRPC, "gated"), "d.npz:x", &[("--input", "gate=1.5")]);
    assert!(ran.code == 2 && ran.err.contains("--input gate: "), "{ran:?}");
}

fn is_prediction(asked: &Asked) -> bool {
    asked.path.ends_with("/ModelInfer")
}

/// Messages are compressed both ways, and mean the same.
#[test]
fn messages_are_compressed_where_that_is_asked_for() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&of(&bench), &[("-b", "8")]).code, 0);
    let plain = results_bytes(&bench.report("run").results);
    for how in ["gzip", "deflate"] {
        let (inside, answered) = (bench.mock().grpc_address(), Arc::<Mutex<Vec<_>>>::default());
        let answers = Arc::clone(&answered);
        let server = Http2::thinking(move |asked| {
            let (answers, counts) = (Arc::clone(&answers), is_prediction(&asked));
            Box::pin(async move {
                let said = forward(inside, asked).await;
                if let (Said::Answer(reply), true) = (&said, counts) {
                    let told = reply.headers.get("grpc-encoding").cloned();
                    answers.lock().unwrap().push((told, reply.body.first().copied()));
                }
                said
            })
        });
        let target = format!("{GRPC}://{}/linear-classifier", server.address());
        let ran = bench.audit(&target, &[("-b", "8"), ("--compress", how), ("--run-dir", how)]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(results_bytes(&bench.report(how).results), plain, "{how}");
        let asked: Vec<_> = server.heard().into_iter().filter(is_prediction).collect();
        assert!(asked.len() > 5);
        for asked in asked {
            assert_eq!((asked.headers["grpc-encoding"].to_str().unwrap(), asked.body[0]), (how, 1));
        }
        for (told, flag) in answered.lock().unwrap().iter() {
            assert!(told.is_some() && *flag == Some(1), "{told:?} {flag:?}");
        }
    }
}

/// As Triton does with `--grpc-restricted-protocol=model-config:...`, and a gateway with all that is not the model's.
#[test]
fn a_model_is_audited_though_the_server_and_its_configuration_are_closed() {
    let restricted = "This%20protocol%20is%20restricted,%20expecting%20header%20'triton-grpc-protocol-k'";
    for (status, words) in [("7", "no"), ("16", "no"), ("14", restricted)] {
        let bench = Bench::new();
        let inside = bench.mock().grpc_address();
        let server = Http2::thinking(move |asked| {
            let closed = asked.path.ends_with("/ServerMetadata") || asked.path.ends_with("/ModelConfig");
            Box::pin(async move {
                if closed {
                    let told = [("grpc-status", status), ("grpc-message", words)];
                    return Said::Answer(Box::new(Reply::grpc(Vec::new(), &told)));
                }
                forward(inside, asked).await
            })
        });
        let target = format!("{GRPC}://{}/linear-classifier", server.address());
        let ran = bench.audit(&target, &[("-b", "8")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let report = bench.report("run");
        assert_eq!(report.run.failures, 0, "{:?}", report.run);
        let asked = server.heard().into_iter().filter(|asked| !is_prediction(asked)).count();
        assert_eq!(asked, 3, "nothing is asked twice");
    }
}

/// Connections that end in mid-run, with and without what is under way, and streams that are reset.
#[test]
fn connections_that_end_in_mid_run_lose_no_draw() {
    let bench = Bench::new();
    let flags = [("-c", "4"), ("--precision", "0.1"), ("--retries", "20"), ("--breaker-failures", "none")];
    assert_eq!(bench.audit(&of(&bench), &flags).code, 0);
    let inside = bench.mock().grpc_address();
    let server = Http2::thinking(move |asked| {
        let ends = match asked.number % 40 {
            _ if !is_prediction(&asked) => None,
            9 => Some(Said::Reset(Reason::REFUSED_STREAM)),
            19 => Some(Said::GoAway(Reason::NO_ERROR)),
            29 => Some(Said::Reset(Reason::INTERNAL_ERROR)),
            39 => Some(Said::GoAway(Reason::ENHANCE_YOUR_CALM)),
            _ => None,
        };
        Box::pin(async move {
            match ends {
                Some(end) => end,
                None => forward(inside, asked).await,
            }
        })
    });
    let target = format!("{GRPC}://{}/linear-classifier", server.address());
    let ran = bench.audit(&target, &[&flags[..], &[("--run-dir", "ends")]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let (plain, report) = (bench.report("run"), bench.report("ends"));
    assert_eq!(results_bytes(&report.results), results_bytes(&plain.results));
    assert_eq!(plain.run.failures, 0);
    assert!(report.run.failure_kinds["unreachable"] > 4, "{:?}", report.run);
    assert!(server.connections() > 3, "{}", server.connections());
    bench.assert_verified("ends");
}

/// The server is told how long an answer is waited for, and gives up by then.
#[tokio::test]
async fn a_deadline_is_told_and_obeyed() {
    let slow = Faults { latency: Latency::Fixed(Duration::from_secs(60)), ..Faults::default() };
    let mock = Mock::start(Options { faults: slow, ..Options::default() }).await.unwrap();
    let endpoint = described(&mock, "linear-classifier", None).await;
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let failure = endpoint.ask(&[row(vec![0.0; 4])]).await.unwrap_err();
    assert_eq!(
        (failure.kind, &*failure.said),
        (FailureKind::TimedOut, "gRPC DEADLINE_EXCEEDED: Deadline Exceeded")
    );
    let took = start.elapsed();
    assert!((10..12).contains(&took.as_secs()), "{took:?}");
}

/// One that never answers, and obeys no deadline, is given up all the same.
#[tokio::test]
async fn a_server_that_never_answers_is_timed_out() {
    let mock = Mock::start(Options::default()).await.unwrap();
    let inside = mock.grpc_address();
    let server = Http2::thinking(move |asked| {
        Box::pin(
            async move { if is_prediction(&asked) { Said::Nothing } else { forward(inside, asked).await } },
        )
    });
    let options =
        TritonOptions::new(format!("http://{}", server.address()).parse().unwrap(), "linear-classifier");
    let timeout = Duration::from_secs(7);
    let protocol = TritonGrpcProtocol::new(options, Some(timeout));
    let endpoint = Arc::new(HttpEndpoint::new(protocol, HttpOptions::default()).unwrap());
    let limits = Limits {
        rate: None,
        concurrency: 1,
        max_requests: None,
        max_rows: None,
        retries: 1,
        timeout,
        tolerance: Tolerance::default(),
    };
    let client = Client::new(endpoint, limits, 1);
    client.describe().await.unwrap();
    tokio::time::pause();
    let asked = client.ask(vec![row(vec![0.0; 4])]).await;
    let settled = &asked.exchanges[0];
    assert_eq!(settled.outcome.as_ref().unwrap_err().kind, FailureKind::TimedOut, "{asked:?}");
    assert_eq!((settled.attempts, settled.took.as_secs()), (2, timeout.as_secs()));
    let told: Vec<_> = server.heard().into_iter().filter(is_prediction).collect();
    assert!(told.iter().all(|asked| asked.headers["grpc-timeout"] == "7000m"));
}

#[test]
fn a_draw_is_made_again_over_grpc_or_as_a_curl_command() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&of(&bench), &[("-b", "4")]).code, 0);
    let ran = bench.command(["replay", "run", "clean:1"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = bench.command(["replay", "run", "clean:1", "--curl"], &[]);
    for words in [
        "printf '\\000\\000",
        "--http2-prior-knowledge",
        "content-type: application/grpc",
        "--data-binary @-",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
}

/// A private authority, and a server that asks for a certificate: TLS ends before the mock server.
#[test]
fn certificates_are_checked_and_shown_over_grpc() {
    let bench = Bench::new();
    let authority = Authority::new(&bench);
    let mut config = authority.config(true);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let (address, inside) = (listener.local_addr().unwrap(), bench.mock().grpc_address());
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    runtime.spawn(async move {
        while let Ok((outside, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut outside) = acceptor.accept(outside).await else { return };
                let mut inside = tokio::net::TcpStream::connect(inside).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    let target = format!("triton+grpcs://{address}/linear-classifier");
    let shown = [("--ca", "ca.pem"), ("--client-cert", "client.pem"), ("--client-key", "client.key")];
    let ran = bench.audit(&target, &shown);
    assert_eq!(ran.code, 0, "{ran:?}");
    let retries = ("--retries", "0");
    let ran = bench.audit(&target, &[("--ca", "ca.pem"), ("--run-dir", "b"), retries]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let ran = bench.audit(&target, &[shown[1], shown[2], ("--run-dir", "c"), retries]);
    assert!(ran.code == 3 && ran.err.contains("certificate"), "{ran:?}");
}

#[test]
fn faults_over_grpc_pass_like_those_over_http() {
    let patient = [
        ("--retries", "20"),
        ("-c", "32"),
        ("--timeout", "500ms"),
        ("--breaker-failures", "none"),
        ("--precision", "0.2"),
    ];
    let run = |faults: Faults| {
        let bench = Bench::failing(faults);
        let ran = bench.audit(&of(&bench), &patient);
        (bench, ran)
    };
    let (bench, ran) = run(Faults::default());
    assert_eq!(ran.code, 0, "{ran:?}");
    let plain = results_bytes(&bench.report("run").results);
    let when = When::Chance(0.15);
    let reject = |status| vec![Reject { status, when, retry_after: Some(Duration::from_millis(20)) }];
    for (name, faults, kind) in [
        ("drop", Faults { drop: when, ..Faults::default() }, "unreachable"),
        ("cut in mid-body", Faults { cut: when, ..Faults::default() }, "unreachable"),
        ("truncated", Faults { truncate: when, ..Faults::default() }, "malformed"),
        ("stall", Faults { stall: when, ..Faults::default() }, "timed-out"),
        ("wrong shape", Faults { misshape: when, ..Faults::default() }, "malformed"),
        ("no outputs", Faults { complain: when, ..Faults::default() }, "malformed"),
        ("503 of a gateway", Faults { rejects: reject(503), ..Faults::default() }, "overloaded"),
    ] {
        let (bench, ran) = run(faults);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        let report = bench.report("run");
        assert_eq!(results_bytes(&report.results), plain, "{name}");
        assert!(report.run.failures > 3, "{name}: {:?}", report.run);
        assert!(report.run.failure_kinds.contains_key(kind), "{name}: {:?}", report.run);
        bench.assert_verified("run");
    }
}

#[test]
fn rows_that_are_refused_or_answered_with_nan_stay_unanswered() {
    for (faults, kind) in [
        (Faults { refuse_rows: 0.2, ..Faults::default() }, "model-failed"),
        (Faults { nan_rows: 0.2, ..Faults::default() }, "non-finite"),
    ] {
        let bench = Bench::failing(faults);
        let ran = bench.audit(&of(&bench), &[("--retries", "1"), ("--precision", "0.3")]);
        assert!(ran.code == 0 || ran.code == 98, "{ran:?}");
        let report = bench.report("run");
        assert!(report.run.failure_kinds.contains_key(kind), "{:?}", report.run);
        bench.assert_verified("run");
    }
}

#[test]
fn a_port_that_speaks_http_1_is_said_to_do_so() {
    let bench = Bench::new();
    let wrong = format!("triton+grpc://{}/digits", bench.mock().address());
    let ran = bench.audit(&wrong, &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    for words in ["HTTP/1 is spoken there, gRPC was expected", "8001 for Triton", "HTTP 200"] {
        assert!(ran.err.contains(words) || ran.out.contains(words), "{words}: {ran:?}");
    }
}

#[test]
fn a_port_that_speaks_something_else_is_named() {
    let bench = Bench::new();
    let grpc = of(&bench).replace("triton+grpc://", "triton://");
    let plain = bench.triton().replace("triton://", "triton+https://");
    // What a gRPC server says first, in answer to a request and not before it.
    let stub = crate::stub::Stub::new(|_| b"\x00\x00\x00\x04\x00\x00\x00\x00\x00".to_vec());
    let late = format!("triton://{}/m", stub.address());
    for (target, words) in
        [(grpc, "is this a gRPC port?"), (late, "is this a gRPC port?"), (plain, "no TLS is spoken there")]
    {
        let ran = bench.audit(&target, &[("--retries", "0")]);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains(words) || ran.out.contains(words), "{words}: {ran:?}");
    }
}

#[test]
fn what_cannot_be_asked_ends_the_audit_with_the_reason() {
    let bench = Bench::with(Options { token: Some("s3cr3t".into()), ..Options::default() });
    let ran = bench.audit(&of(&bench), &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("gRPC UNAUTHENTICATED: Jwt is missing"), "{ran:?}");
    let token = [("--token-env", "OUR_TOKEN")];
    let ran = bench.audit_with(
        &of(&bench),
        &[&token[..], &[("--run-dir", "b")]].concat(),
        &[("OUR_TOKEN", "s3cr3t")],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    // The server repeats the name of the model, which is the secret here.
    let ran = bench.audit_with(
        &bench.mock().url(GRPC, "m"),
        &[token[0], ("-m", "s3cr3t"), ("--run-dir", "c")],
        &[("OUR_TOKEN", "s3cr3t")],
    );
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("Request for unknown model: '***'"), "{ran:?}");
    let ran = bench.audit(&of(&bench), &[("--proxy", "http://127.0.0.1:1"), ("--run-dir", "d")]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("--proxy") && ran.err.contains("gRPC without TLS goes through no proxy"),
        "{ran:?}"
    );
}

async fn described(mock: &Mock, model: &str, binary: Option<bool>) -> HttpEndpoint<TritonGrpcProtocol> {
    let base = format!("http://{}", mock.grpc_address()).parse().unwrap();
    let options = TritonOptions { binary, ..TritonOptions::new(base, model) };
    let protocol = TritonGrpcProtocol::new(options, Some(Duration::from_secs(10)));
    let endpoint = HttpEndpoint::new(protocol, HttpOptions::default()).unwrap();
    while matches!(endpoint.describe().await.unwrap(), Described::More { .. }) {}
    endpoint
}

fn row(values: Vec<f64>) -> Row {
    let shape = vec![values.len()].into();
    Row { tensors: vec![Tensor { name: "x".into(), shape, values: Values::F64(values) }] }
}

fn tensor(prediction: &Prediction) -> &Tensor {
    match prediction {
        Prediction::Tensors(tensors) => &tensors[0],
        Prediction::Labels(_) => panic!("tensors were expected"),
    }
}

/// gRPC takes no more than 4 MiB unless it is told to.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_many_megabytes_arrives_whole() {
    let wide: Arc<dyn Model> = Arc::new(Constant::class("wide", 200_000, 400_000, 7));
    let mock = Mock::start(Options { models: vec![wide], ..Options::default() }).await.unwrap();
    let endpoint = described(&mock, "wide", None).await;
    let rows = [row(vec![0.5; 200_000]), row(vec![0.25; 200_000]), row(vec![0.0; 200_000])];
    let answer = endpoint.ask(&rows).await.unwrap();
    assert_eq!(answer.predictions.len(), 3);
    for prediction in &answer.predictions {
        let values = &tensor(prediction).values;
        assert_eq!((values.len(), values.number(7), values.number(399_999)), (400_000, Some(1.0), Some(0.0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_elements_give_the_answer_that_raw_ones_give() {
    let mock = Mock::start(Options::default()).await.unwrap();
    let rows = [row(vec![0.1, -2.0, 3.0, 0.4]), row(vec![1.0, 2.0, 3.0, 4.0])];
    let raw = described(&mock, "linear-classifier", None).await.ask(&rows).await.unwrap();
    let typed = described(&mock, "linear-classifier", Some(false)).await.ask(&rows).await.unwrap();
    assert_eq!(raw, typed);
    assert_eq!(raw.version.as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_attempt_is_shown_as_people_read_it() {
    let mock = Mock::start(Options::default()).await.unwrap();
    let endpoint = described(&mock, "linear-classifier", None).await;
    let shown = endpoint.exchange(&[row(vec![0.1, -2.0, 3.0, 0.4])]).await;
    assert!(shown.request.url.ends_with("/inference.GRPCInferenceService/ModelInfer"), "{shown:?}");
    let request = String::from_utf8(shown.request.body).unwrap();
    assert!(
        request.contains(
            r#""raw_input_contents":["32 bytes: 9a 99 99 99 99 99 b9 3f 00 00 00 00 00 00 00 c0 …"]"#
        ),
        "{request}"
    );
    let response = shown.response.unwrap();
    assert!(response.headers.contains(&("grpc-status".to_owned(), "0".to_owned())), "{response:?}");
    let text = String::from_utf8(response.body).unwrap();
    assert!(text.contains(r#""name":"probabilities","datatype":"FP64","shape":[1,2]"#), "{text}");
    assert!(response.size < text.len(), "it is the size on the wire: {}", response.size);
    assert!(shown.answer.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_does_not_take_is_refused_in_its_words() {
    let mock = Mock::start(Options::default()).await.unwrap();
    let endpoint = described(&mock, "linear-classifier", None).await;
    let failure = endpoint.ask(&[row(vec![1.0, 2.0, 3.0])]).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
    assert_eq!(
        &*failure.said,
        "gRPC INVALID_ARGUMENT: [request id: noisebound] unexpected shape for input 'x' for model 'linear-classifier'. Expected [-1,4], got [1,3]"
    );
    assert!(failure.at.ends_with("/ModelInfer"), "{}", failure.at);
}

/// What gives several answers to one request, or remembers earlier ones, is refused with the reason, over either wire.
#[test]
fn decoupled_and_stateful_models_are_refused_with_the_reason() {
    use crate::stub::{Stub, answer};
    for (config, reason) in [
        (r#"{"max_batch_size":8,"model_transaction_policy":{"decoupled":true}}"#, "decoupled"),
        (r#"{"max_batch_size":8,"sequence_batching":{"direct":{}}}"#, "sequence_batching"),
    ] {
        let stub = Stub::new(move |request| match request.split(' ').nth(1) {
            Some("/v2") => answer("200 OK", r#"{"name":"triton","version":"2.51.0","extensions":[]}"#),
            Some("/v2/models/m") => answer(
                "200 OK",
                r#"{"name":"m","versions":["1"],"inputs":[{"name":"x","datatype":"FP64","shape":[-1,4]}],"outputs":[{"name":"y","datatype":"FP64","shape":[-1,2]}]}"#,
            ),
            Some("/v2/models/m/config") => answer("200 OK", config),
            _ => answer("404 Not Found", r#"{"error":"no"}"#),
        });
        let bench = Bench::new();
        let target = format!("triton://{}/m", stub.address());
        for command in ["audit", "inspect"] {
            let words = [command, &target, "--data", "x.npy", "--targets", "y.npy", "--retries", "0"];
            let ran = bench.command(words, &[]);
            assert!(ran.code == 3 && ran.err.contains(reason), "{command}: {ran:?}");
        }
        assert!(stub.heard().iter().all(|request| !request.contains("/infer")), "nothing was asked");
    }
    // The last field of the message that describes the configuration, and the one of its transaction policy (field 19):
    // { decoupled: true }; and an empty sequence batching (field 13).
    for (field, reason) in
        [(&[0x9a, 0x01, 0x02, 0x08, 0x01][..], "decoupled"), (&[0x6a, 0x00], "sequence_batching")]
    {
        let bench = Bench::new();
        let (inside, field) = (bench.mock().grpc_address(), field.to_vec());
        let server = Http2::thinking(move |asked| {
            let (config, field) = (asked.path.ends_with("/ModelConfig"), field.clone());
            Box::pin(async move {
                let mut said = forward(inside, asked).await;
                if let (Said::Answer(reply), true) = (&mut said, config) {
                    // The message holds the configuration as its field 1, which may come in pieces that are merged.
                    reply.body.extend([0x0a, field.len() as u8]);
                    reply.body.extend(field);
                    let length = (reply.body.len() as u32 - 5).to_be_bytes();
                    reply.body[1..5].copy_from_slice(&length);
                    reply.headers.remove("content-length");
                }
                said
            })
        });
        let target = format!("{GRPC}://{}/linear-classifier", server.address());
        let ran = bench.audit(&target, &[("--retries", "0")]);
        assert!(ran.code == 3 && ran.err.contains(reason), "{ran:?}");
        assert!(server.heard().iter().all(|asked| !is_prediction(asked)), "nothing was asked");
    }
}
