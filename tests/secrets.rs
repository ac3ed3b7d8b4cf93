//! A server that repeats the token that it was sent, in every form and on every failure: nothing of it is printed or
//! written, whatever is said and however much is asked to be told.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bench::{Bench, NO_VALUE, Ran};
use crate::stub::{Stub, answer};
use crate::whole_runs::{TOKEN, leaked, leaks};

/// The token as a server could repeat it.
fn repeated() -> String {
    let encoded: String = TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    // The last is what `Basic` makes of anne and the token.
    format!(
        "{TOKEN} Bearer {TOKEN} czNjcjN0K3Qwa2VuL3dpdGg9c2lnbnM= {encoded} s3cr3t%2Bt0ken%2Fwith%3Dsigns \
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
