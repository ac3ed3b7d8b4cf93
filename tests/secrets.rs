//! A server that repeats the token that it was sent, in every form and on every failure: nothing of it is printed or
//! written, whatever is said and however much is asked to be told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bench::{Bench, NO_VALUE, Ran};
use crate::fuzz::harness::base64;
use crate::http2::{Http2, Reply, Said, fields, forward};
use crate::stub::{Stub, answer};
use crate::whole_runs::{TOKEN, leaked, leaks};

/// The token as a server could repeat it.
fn repeated() -> String {
    let encoded: String = TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let escaped: String = TOKEN.bytes().map(|byte| format!("\\u{byte:04x}")).collect::<Vec<_>>().concat();
    // The last is what `Basic` makes of anne and the token.
    format!(
        "{TOKEN} Bearer {TOKEN} czNjcjN0K3Qwa2VuL3dpdGg9c2lnbnM= {encoded} s3cr3t%2Bt0ken%2Fwith%3Dsigns \
         s3cr3t+t0ken\\/with=signs s3cr3t\\u002bt0ken\\/with\\u003dsigns {escaped} \
         s3cr3t&#43;t0ken&#x2F;with&#x3D;signs s3cr3t&plus;t0ken&sol;with&equals;signs \
         YW5uZTpzM2NyM3QrdDBrZW4vd2l0aD1zaWducw=="
    )
}

/// A server that answers so many requests and then says this.
fn after(well: usize, head: impl Into<String>, body: impl Into<String>) -> Stub {
    let (asked, head, body) = (AtomicUsize::new(0), head.into(), body.into());
    Stub::new(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        nth if nth < well => answer("200 OK", r#"{"predictions": [[0.9, 0.1]]}"#),
        _ => answer(&head, &body),
    })
}

const QUICK: [(&str, &str); 8] = [
    ("--token-env", "OUR_TOKEN"),
    ("-b", "1"),
    ("-c", "1"),
    ("-vvv", NO_VALUE),
    ("--retries", "0"),
    ("--timeout", "500ms"),
    ("--max-time", "2s"),
    ("--max-requests", "60"),
];

fn run(bench: &Bench, target: &str) -> Ran {
    drop(std::fs::remove_dir_all(bench.path("run")));
    let ran = bench.audit_with(target, &QUICK, &[("OUR_TOKEN", TOKEN)]);
    assert!(!leaked(bench, &ran), "{target}: {ran:?}");
    ran
}

#[test]
fn a_token_that_the_server_repeats_is_masked_on_every_failure() {
    let bench = Bench::new();
    let said = repeated();
    let bodies = [
        format!(r#"{{"error": "{said}"}}"#),
        format!(r#"{{"detail": [{{"msg": "{said}"}}]}}"#),
        format!("<html>{said}</html>"),
        format!(r#"{{"predictions": "{said}"}}"#),
    ];
    let statuses = [
        "200 OK",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
        "418 Whatever",
    ];
    for (nth, status) in statuses.iter().enumerate() {
        for well in [0, 50] {
            let head = format!("{status}\r\nx-echo: {TOKEN}\r\nwww-authenticate: Bearer realm=\"{TOKEN}\"");
            let stub = after(well, head, &bodies[nth % bodies.len()]);
            let ran = run(&bench, &format!("json://{}/predict", stub.address()));
            assert_ne!(ran.code, 1, "{status}: {ran:?}");
            assert!(stub.heard()[0].contains(TOKEN), "the token was sent");
        }
    }
    let place = format!("307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/?token={TOKEN}");
    let stub = after(3, place, "");
    let ran = run(&bench, &format!("json://{}/predict", stub.address()));
    assert!(ran.code == 3 && ran.err.contains("307"), "{ran:?}");
    // Nobody listens, nobody speaks TLS, and what comes is no HTTP.
    run(&bench, "json://127.0.0.1:1/predict");
    run(&bench, &format!("json+https://{}/predict", after(0, "200 OK", "").address()));
    let stub = Stub::new(|_| format!("{}\r\n\r\n", repeated()));
    run(&bench, &format!("json://{}/predict", stub.address()));
}

#[test]
fn a_token_that_stands_in_predictions_and_metadata_is_masked() {
    let bench = Bench::new();
    let said = repeated();
    let labels = format!(r#"{{"predictions": [{{"{said}": 0.9, "b": 0.1}}]}}"#);
    let stub = Stub::new(move |_| answer("200 OK", &labels));
    run(&bench, &format!("json://{}/predict", stub.address()));
    let said = repeated();
    let server = format!(r#"{{"name": "{said}", "version": "{said}", "extensions": []}}"#);
    let stub = Stub::new(move |_| answer("200 OK", &server));
    run(&bench, &format!("triton://{}/m", stub.address()));
}

/// The other commands that send or read what was sent.
#[test]
fn what_comes_after_an_audit_tells_nothing_of_its_token() {
    let bench = Bench::new();
    let stub = after(120, "500 Internal Server Error", format!(r#"{{"error": "{}"}}"#, repeated()));
    let ran = run(&bench, &format!("json://{}/predict", stub.address()));
    assert!(bench.path("run/journal.jsonl").exists(), "{ran:?}");
    let with = [("OUR_TOKEN", TOKEN)];
    for words in [
        &["audit", "--resume", "run", "--max-requests", "90", "-vvv"][..],
        &["replay", "run", "clean:1"],
        &["replay", "run", "clean:1", "--curl"],
        &["verify", "run"],
        &["plan", "run/plan.toml", "--paths", "20"],
    ] {
        let ran = bench.command(words, &with);
        assert!(!leaked(&bench, &ran) && ran.code != 1, "{words:?}: {ran:?}");
    }
    let ran = bench.command(["replay", "run", "clean:1", "--curl"], &with);
    assert!(ran.out.contains("authorization") || ran.out.contains("Authorization"), "{ran:?}");
    assert!(!leaks(&ran.out) && ran.out.contains("***"), "{ran:?}");
}

/// What the server there answers to a request without bytes that are no text.
fn passed_on(to: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).unwrap();
    let closing = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(closing.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// A server in front of the mock one that passes on so many requests and then repeats the token.
fn repeating(bench: &Bench, well: usize, status: &'static str) -> Stub {
    let (to, asked) = (bench.mock().address(), AtomicUsize::new(0));
    Stub::new(move |request| match asked.fetch_add(1, Ordering::SeqCst) {
        nth if nth < well => passed_on(to, request),
        nth => {
            let said = repeated();
            let body = match nth % 3 {
                0 => format!(r#"{{"error": "{said}", "code": 1, "type": "{said}", "message": "{said}"}}"#),
                1 => format!("<html><title>{said}</title></html>"),
                _ => format!(
                    r#"{{"model_name": "{said}", "model_version": "{said}", "outputs": [{{"name": "{said}"}}]}}"#
                ),
            };
            answer(&format!("{status}\r\nx-echo: {TOKEN}"), &body).into_bytes()
        }
    })
}

/// The same over gRPC, in the message and the details of a status, or in an answer over plain HTTP.
fn repeating_grpc(bench: &Bench, well: usize, status: &'static str) -> Http2 {
    let to = bench.mock().grpc_address();
    Http2::thinking(move |asked| {
        Box::pin(async move {
            if asked.number < well {
                return forward(to, asked).await;
            }
            let details = base64(&[b"\x08\x03\x12\x80\x02", repeated().as_bytes()].concat());
            let message = repeated().replace('\\', "%5C");
            let trailers = [
                ("grpc-status", status),
                ("grpc-message", &*message),
                ("grpc-status-details-bin", &*details),
            ];
            let reply = match asked.number % 3 {
                0 => Reply::grpc(Vec::new(), &trailers),
                1 => Reply {
                    status: 502,
                    headers: fields(&[("content-type", "text/html"), ("x-echo", TOKEN)]),
                    body: repeated().into_bytes(),
                    trailers: None,
                },
                // A message that is no protobuf, and one that is cut.
                _ => {
                    let said = repeated();
                    let length = (said.len() as u32).to_be_bytes();
                    Reply::grpc([&[0], &length[..], said.as_bytes()].concat(), &[("grpc-status", "0")])
                }
            };
            Said::Answer(Box::new(reply))
        })
    })
}

/// Whatever sends, to whatever server: audits, comparisons and inspections, which the server lets begin or not.
#[test]
fn no_command_tells_a_token_that_the_server_repeats_over_any_protocol() {
    let quick: Vec<&str> =
        QUICK.iter().flat_map(|(flag, value)| [*flag, *value]).filter(|word| *word != NO_VALUE).collect();
    let question = ["--data", "x.npy", "--targets", "y.npy"];
    let load =
        ["--levels", "0.4", "--precision", "0.15", "--rate", "none", "--seed", "7", "--run-dir", "run"];
    let look = ["--token-env", "OUR_TOKEN", "-vvv", "--retries", "0", "--timeout", "500ms"];
    let bench = Bench::new();
    let tell = |targets: [String; 2], name: &str| {
        let [one, other] = targets.each_ref().map(String::as_str);
        let commands = [
            [&["inspect", one][..], &question, &look].concat(),
            [&["inspect", one][..], &look].concat(),
            [&["inspect", one, "--json"][..], &question, &look].concat(),
            [&["audit", one][..], &question, &load, &quick].concat(),
            [&["compare", one, other][..], &question, &load, &quick].concat(),
        ];
        commands.map(|words| {
            drop(std::fs::remove_dir_all(bench.path("run")));
            let ran = bench.command(&words, &[("OUR_TOKEN", TOKEN)]);
            assert!(!leaked(&bench, &ran) && ran.code != 1, "{name}: {words:?}: {ran:?}");
            ran
        })
    };
    for well in [0, 2, 30] {
        for status in ["200 OK", "401 Unauthorized", "500 Internal Server Error"] {
            for scheme in ["json", "triton", "torchserve"] {
                let stubs = [(); 2].map(|()| repeating(&bench, well, status));
                let url = bench.mock().url(scheme, "linear-classifier");
                let to = bench.mock().address().to_string();
                let targets = stubs.each_ref().map(|stub| url.replace(&to, &stub.address().to_string()));
                let ran = tell(targets, &format!("{scheme} {well} {status}"));
                assert!(stubs[0].heard()[0].contains(TOKEN), "the token was sent");
                assert!(well > 2 || ran[3].code != 0, "{scheme} {well}: {:?}", ran[3]);
            }
        }
        for status in ["3", "14", "16", "0"] {
            let stubs = [(); 2].map(|()| repeating_grpc(&bench, well, status));
            let targets =
                stubs.each_ref().map(|stub| format!("triton+grpc://{}/linear-classifier", stub.address()));
            tell(targets, &format!("gRPC {well} {status}"));
            let heard = stubs[0].heard();
            assert!(
                heard[0].headers["authorization"].to_str().unwrap().contains(TOKEN),
                "the token was sent"
            );
        }
    }
}

/// A run folder keeps what is typed: a secret that is typed is refused wherever it may stand, and not repeated.
#[test]
fn a_literal_secret_is_refused_in_every_place() {
    let bench = Bench::new();
    let json = bench.json();
    let body = format!(r#"{{"instances": {{{{ rows }}}}, "api_key": "{TOKEN}"}}"#);
    for (target, flag, value) in [
        (&*json, "-H", &*format!("x-api-key: {TOKEN}")),
        (&*json, "-H", &*format!("Authorization: Bearer {TOKEN}")),
        (&*json, "--body", &*body),
        (&*bench.triton(), "--parameter", &*format!("api_key={TOKEN}")),
        (&*bench.mock().url("triton+grpc", "linear-classifier"), "--parameter", &*format!("token={TOKEN}")),
        (&*format!("{json}?token={}", "s3cr3t%2Bt0ken"), "-b", "1"),
        (&*json.replace("://", "://anne:s3cr3t@"), "-b", "1"),
    ] {
        let ran = bench.audit(target, &[(flag, value), ("-vvv", NO_VALUE)]);
        assert_eq!(ran.code, 2, "{target} {flag}: {ran:?}");
        assert!(!leaked(&bench, &ran) && !bench.path("run").exists(), "{target} {flag}: {ran:?}");
    }
    // What says by itself that it is one, whatever stands before it.
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghij";
    let body = format!(r#"{{"instances": {{{{ rows }}}}, "access": ["{token}"]}}"#);
    for (target, flag, value) in [
        (&*json, "-H", &*format!("x-access: {token}")),
        (&*json, "--body", &*body),
        (&*bench.triton(), "--parameter", &*format!("access={token}")),
        (&*format!("{json}?access={token}"), "-b", "1"),
    ] {
        let ran = bench.audit(target, &[(flag, value), ("-vvv", NO_VALUE)]);
        assert_eq!(ran.code, 2, "{target} {flag}: {ran:?}");
        assert!(ran.err.contains("${"), "{target} {flag}: it says what to write: {ran:?}");
        assert!(!ran.err.contains("abcdefghij") && !bench.path("run").exists(), "{target} {flag}: {ran:?}");
    }
    assert_eq!(bench.mock().counts().requests, 0);
}
