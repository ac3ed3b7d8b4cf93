//! A server that repeats the token that it was sent, in every form and on every failure: nothing of it is printed or
//! written, whatever is said and however much is asked to be told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use noisebound_mock_server::examples;

use crate::bench::{Bench, NO_VALUE, ROWS, Ran, TAKEN_OUT};
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

/// A service that names the class of each row by its first number, and both names in its answer.
fn naming(names: [String; 2]) -> Stub {
    Stub::new(move |request| {
        let body = request.split_once("\r\n\r\n").unwrap().1;
        // A look for a description brings no body.
        let Ok(asked) = serde_json::from_str::<serde_json::Value>(body) else {
            return answer("404 Not Found", "{}");
        };
        let one = |row: &serde_json::Value| {
            let class = usize::from(row[0].as_f64().unwrap() > 0.0);
            format!(r#"{{"{}": 0.9, "{}": 0.1}}"#, names[class], names[1 - class])
        };
        let all: Vec<String> = asked["instances"].as_array().unwrap().iter().map(one).collect();
        answer("200 OK", &format!(r#"{{"predictions": [{}]}}"#, all.join(", ")))
    })
}

/// The names that it gives to the rows of the bench, as an npy.
fn named_rightly(names: [&str; 2]) -> Vec<u8> {
    let head = format!("{{'descr': '|S16', 'fortran_order': False, 'shape': ({ROWS},), }}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(118_u16.to_le_bytes());
    bytes.extend(format!("{head:<117}\n").as_bytes());
    for row in examples::classification(ROWS).rows {
        bytes.extend(format!("{:\0<16}", names[usize::from(row[0] > 0.0)]).as_bytes());
    }
    bytes
}

/// Whether a word stands in what was printed, or in a file of a run folder.
fn tells(bench: &Bench, ran: &Ran, run: &str, word: &str) -> bool {
    let holds = |entry: std::io::Result<std::fs::DirEntry>| {
        String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).contains(word)
    };
    ran.out.contains(word)
        || ran.err.contains(word)
        || bench.path(run).read_dir().is_ok_and(|mut entries| entries.any(holds))
}

/// What is sent beside the rows changes no result, also where a class is called what a header holds; and the journal, in
/// which it is masked, is as good to go on from.
#[test]
fn a_header_that_holds_the_name_of_a_class_changes_no_result() {
    const WORD: &str = "production";
    let bench = Bench::new();
    bench.write("names.npy", named_rightly([WORD, "staging"]));
    let stub = naming([WORD, "staging"].map(str::to_owned));
    let target = format!("json://{}/predict", stub.address());
    let with = [("STAGE", WORD)];
    let header = ("-H", "x-stage: ${STAGE}");
    for loss in ["error", "flip"] {
        let [plain, headed, cut] = ["plain", "headed", "cut"].map(|run| format!("{run}-{loss}"));
        let run = |run: &str, more: &[(&str, &str)]| {
            let asked = [
                ("--targets", "names.npy"),
                ("--loss", loss),
                ("--run-dir", run),
                ("--queries", "600"),
                ("-vvv", NO_VALUE),
            ];
            bench.audit_with(&target, &[&asked[..], more].concat(), &with)
        };
        let ran = run(&plain, &[]);
        assert!(ran.code == 0 && tells(&bench, &ran, &plain, WORD), "{ran:?}");
        let ran = run(&headed, &[header]);
        assert!(ran.code == 0 && !tells(&bench, &ran, &headed, WORD), "{ran:?}");
        assert!(stub.heard().iter().any(|request| request.contains("x-stage: production")), "it was sent");
        let results = bench.report(&plain).results;
        let risk = results.levels[0].risk.estimate.unwrap();
        assert!(0.0 < risk && risk < 0.9, "{loss}: {risk}");
        assert_eq!(bench.report(&headed).results, results, "{loss}");
        let ran = run(&cut, &[header, ("--max-requests", "110"), ("-b", "1"), ("-c", "1")]);
        assert!(ran.code == 98 && !tells(&bench, &ran, &cut, WORD), "{ran:?}");
        for words in [
            &["audit", "--resume", &cut, "--max-requests", "9000", "-vvv"][..],
            &["verify", &cut],
            &["verify", &headed],
            &["replay", &headed, "clean:0"],
            &["replay", &headed, "1:3"],
            &["replay", &cut, "1:3", "--curl"],
        ] {
            let ran = bench.command(words, &with);
            assert!(ran.code == 0 && !tells(&bench, &ran, &cut, WORD), "{words:?}: {ran:?}");
        }
        assert_eq!(bench.report(&cut).results, results, "{loss}, resumed");
        let look = [
            "inspect",
            &target,
            "--data",
            "x.npy",
            "--targets",
            "names.npy",
            "--loss",
            loss,
            header.0,
            header.1,
        ];
        let json = [&look[..], &["--json"]].concat();
        for words in [&look[..], &json[..]] {
            let ran = bench.command(words, &with);
            assert!(ran.code == 0 && !tells(&bench, &ran, &headed, WORD), "{words:?}: {ran:?}");
        }
        let ran = bench.command(look, &with);
        assert!(loss == "flip" || ran.out.contains("error: 0 for this row"), "{ran:?}");
    }
    // Targets that do not fit are told beside an answer.
    let ran = bench.audit_with(&target, &[header, ("-vvv", NO_VALUE)], &with);
    assert!(ran.code == 4 && ran.err.contains("answers names, here `"), "{ran:?}");
    assert!(!tells(&bench, &ran, "run", WORD), "{ran:?}");
}

/// Names of classes that hold the token stay apart by what else they hold.
#[test]
fn classes_that_repeat_the_token_are_told_apart() {
    let bench = Bench::new();
    let flip = |run: &str, word: &str| {
        let stub = naming([format!("a-{word}"), format!("{word}-b")]);
        let asked =
            [("--targets", TAKEN_OUT), ("--run-dir", run), ("--token-env", "OUR_TOKEN"), ("-vvv", NO_VALUE)];
        let ran =
            bench.audit_with(&format!("json://{}/predict", stub.address()), &asked, &[("OUR_TOKEN", TOKEN)]);
        assert!(ran.code == 0 && !leaked(&bench, &ran), "{ran:?}");
        bench.report(run).results
    };
    let results = flip("plain", "word");
    assert!(results.levels[0].risk.estimate.unwrap() > 0.0);
    assert_eq!(flip("secret", TOKEN), results);
    let ran = bench.command(["verify", "secret"], &[]);
    assert!(ran.code == 0 && !leaked(&bench, &ran), "{ran:?}");
}

/// A variable or a file is named; a secret that is pasted there instead is refused, and no more of it shown than its kind.
#[test]
fn a_secret_that_is_pasted_in_the_place_of_a_name_is_not_repeated() {
    const PASTED: &str = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    let bench = Bench::new();
    let (json, torchserve) = (bench.json(), bench.mock().url("torchserve", "linear-classifier"));
    let braced = |before: &str, after: &str| format!("{before}${{{PASTED}}}{after}");
    let management = ("--management-url", "http://127.0.0.1:1");
    for (target, flag, value, more) in [
        (&json, "--token-env", PASTED, None),
        (&json, "--token-file", PASTED, None),
        (&json, "--basic-env", PASTED, None),
        (&json, "--basic-file", PASTED, None),
        (&torchserve, "--management-token-env", PASTED, Some(management)),
        (&torchserve, "--management-token-file", PASTED, Some(management)),
        (&json, "-H", &*braced("x-api-key: ", ""), None),
        (&json, "-H", &*braced("Authorization: Bearer ", ""), None),
        (&json, "-H", &*braced("x-stage: a", "b"), None),
        (&json, "--proxy", &*braced("http://", "@h:1"), None),
    ] {
        let flags = [&[(flag, value), ("-vvv", NO_VALUE)][..], more.as_slice()].concat();
        let audit = Bench::words(target, &flags);
        let printed = [&audit[..], &["--print-plan".to_owned()]].concat();
        let [plan, inspect] = ["plan", "inspect"].map(|command| {
            let words = Bench::words(target, &[&flags[..], &[("--run-dir", TAKEN_OUT)]].concat());
            [&[command.to_owned()][..], &words[1..]].concat()
        });
        for words in [audit, printed, plan, inspect] {
            let ran = bench.command(&words, &[]);
            assert_eq!(ran.code, 2, "{words:?}: {ran:?}");
            assert!(!tells(&bench, &ran, "run", "ghp_a"), "{words:?}: {ran:?}");
            assert!(!bench.path("run").exists(), "{words:?}");
            assert!(ran.err.contains(if flag == "-H" { "--header" } else { flag }), "{words:?}: {ran:?}");
        }
    }
    assert_eq!(bench.mock().counts().requests, 0);
}

/// What stands everywhere by chance is not masked everywhere.
#[test]
fn a_header_that_holds_next_to_nothing_hides_nothing() {
    let bench = Bench::new();
    let target = bench.triton();
    let look = |value: &str| {
        let words = ["inspect", target.as_str(), "--data", "x.npy", "-H", "v: ${V}"];
        let ran = bench.command(words, &[("V", value)]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("v: ***"), "the header itself is masked: {ran:?}");
        ran.out.matches("***").count()
    };
    let usual = look("nowhere-to-be-seen");
    assert_eq!((look("1"), look("http")), (usual, usual));
}
