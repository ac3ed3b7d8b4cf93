//! `noisebound inspect`: what it shows, what it sends, and that the audit file it makes is one.

use std::fs;
use std::io::Write as _;

use noisebound::config::target::PROTOCOLS;
use noisebound_mock_server::faults::{Faults, Reject, When};
use noisebound_mock_server::{Options, examples};
use serde_json::Value;

use crate::bench::{Bench, Ran, write_npy};
use crate::model_inputs::array;
use crate::stub::{Stub, answer};

fn inspect(bench: &Bench, target: &str, flags: &[&str]) -> Ran {
    bench.command([&["inspect", target], flags].concat(), &[])
}

const DATA: [&str; 4] = ["--data", "x.npy", "--targets", "y.npy"];

fn assert_has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{text}");
    }
}

/// Over every protocol that there is: what it writes is an audit, which ends well.
#[test]
fn the_audit_file_audits_the_endpoint() {
    for protocol in &PROTOCOLS {
        let bench = Bench::new();
        let target = bench.mock().url(protocol.name, "linear-classifier");
        let ran = inspect(&bench, &target, &[&DATA[..], &["--write", "audit.toml"]].concat());
        assert_eq!(ran.code, 0, "{target}: {ran:?}");
        assert_has(&ran.out, &["UNDERSTOOD", "class ", "target ", "loss        error", "to the last bit"]);
        assert!(!ran.out.contains("AUDIT FILE"), "{}", ran.out);
        assert_eq!(bench.mock().counts().predictions, 2, "one row, twice");
        let audit = ["audit", "audit.toml", "--rate", "none", "--run-dir", "run", "--seed", "7"];
        let ran = bench.command(audit, &[]);
        assert_eq!(
            ran.code,
            0,
            "{target}: {ran:?}\n{}",
            fs::read_to_string(bench.path("audit.toml")).unwrap()
        );
        let report = bench.report("run");
        assert_eq!((report.question.loss.name.as_str(), report.question.levels.len()), ("error", 3));
        bench.assert_verified("run");
    }
}

/// Services that want the names of columns are told them as in an audit.
#[test]
fn the_columns_of_a_table_are_sent_as_an_audit_sends_them() {
    let bench = Bench::new();
    let names: Vec<String> = (0..64).map(|i| format!("pixel{i}")).collect();
    let row = |value: &str| vec![value; 64].join(",");
    bench.write("t.csv", format!("{}\n{}\n{}\n", names.join(","), row("1.5"), row("2.5")).into_bytes());
    let target = format!("http://{}/invocations", bench.mock().address());
    let ran = inspect(&bench, &target, &["--data", "t.csv", "--loss", "flip"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["\"dataframe_split\"", "\"columns\"", "\"pixel0\""]);
}

/// The targets are numbers that no class is near to.
#[test]
fn a_regression_is_audited_by_the_distance_from_its_targets() {
    let bench = Bench::new();
    let example = examples::regression(40);
    write_npy(&bench.path("x.npy"), &[40, 4], &example.rows.concat());
    write_npy(&bench.path("y.npy"), &[40], &example.targets);
    let target = bench.mock().url("json", "linear-regression");
    fs::create_dir(bench.path("a")).unwrap();
    let ran = inspect(&bench, &target, &[&DATA[..], &["--write", "a/audit.toml"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = fs::read_to_string(bench.path("a/audit.toml")).unwrap();
    assert_has(&text, &["loss = \"absolute-error\"", "loss-cap = ", "# batch = 8"]);
    // In another folder the paths still lead to the data.
    let ran =
        bench.command(["audit", "a/audit.toml", "--rate", "none", "--run-dir", "run", "--seed", "7"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}\n{text}");
}

/// The rows are not sent in vain.
#[test]
fn a_folder_that_is_not_there_is_told_of_before_anything_is_sent() {
    let bench = Bench::new();
    bench.write("file", "");
    for folder in ["nope", "nope/nor/this", "file"] {
        let to = format!("{folder}/audit.toml");
        let ran = inspect(&bench, &bench.triton(), &[&DATA[..], &["--write", &to]].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        assert_has(&ran.err, &[&format!("no folder {folder}\n")]);
    }
    assert_eq!(bench.mock().counts().requests, 0);
}

#[test]
fn an_audit_file_that_cannot_be_written_is_printed() {
    let bench = Bench::new();
    // Where the file is put together.
    fs::create_dir(bench.path("audit.toml.partial")).unwrap();
    let flags = [&DATA[..], &["--write", "audit.toml"]].concat();
    let ran = inspect(&bench, &bench.json(), &flags);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_has(&ran.err, &["audit.toml", "printed on stdout instead"]);
    assert_has(&ran.out, &["AUDIT FILE", "\nloss = \"error\""]);
    let ran = inspect(&bench, &bench.json(), &[&flags[..], &["--json"]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_has(told["audit_file"].as_str().unwrap(), &["loss = \"error\""]);
}

/// What was typed stands in the file as it was typed, and nothing else is advised for it.
#[test]
fn what_was_typed_is_kept() {
    let bench = Bench::new();
    let typed = [
        "--levels",
        "0.3,0.7",
        "--loss",
        "flip",
        "--clip",
        "-9,9",
        "-b",
        "3",
        "-x",
        "1",
        "--gate",
        "flip@all <= 0.9",
        "-H",
        "x-tenant: blue",
        "--confidence",
        "0.9",
    ];
    let ran = inspect(&bench, &bench.triton(), &[&DATA[..], &typed, &["--write", "audit.toml"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = fs::read_to_string(bench.path("audit.toml")).unwrap();
    for line in [
        "levels = [0.3, 0.7]",
        "loss = \"flip\"",
        "clip = [-9, 9]",
        "batch = 3",
        "model-version = 1",
        "gate = [\"flip@all <= 0.9\"]",
        "header = [\"x-tenant: blue\"]",
        "confidence = 0.9",
    ] {
        assert_eq!(text.lines().filter(|it| *it == line).count(), 1, "{line}\n{text}");
        let key = line.split(' ').next().unwrap();
        assert!(!text.contains(&format!("# {key} = ")), "{text}");
    }
    let ran = bench.command(["audit", "audit.toml", "--rate", "none", "--run-dir", "run"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn without_a_model_it_lists_the_models() {
    let bench = Bench::new();
    let target = format!("triton://{}", bench.mock().address());
    let ran = inspect(&bench, &target, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(
        &ran.out,
        &["digits 1, diabetes 1, linear-classifier 1", "name one: noisebound inspect triton://"],
    );
    assert_eq!(bench.mock().counts().predictions, 0);
    let grpc = bench.mock().url("triton+grpc", "");
    let ran = inspect(&bench, &grpc, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["server      triton 2.51.0", "digits 1, diabetes 1, linear-classifier 1"]);
    // One that is not there is not asked, and the list says what is.
    let ran = inspect(&bench, &bench.mock().url("triton", "dig"), &DATA);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(&ran.out, &["server      triton 2.51.0", "digits 1", "stopped     http://"]);
    assert!(!ran.out.contains("  model "), "what is not there was not told of: {}", ran.out);
    assert_has(&ran.err, &["unknown model", "404", "did you mean `digits`?"]);
    // The model is right and its version is not.
    let ran = inspect(&bench, &bench.mock().url("triton", "digits"), &[&DATA[..], &["-x", "7"]].concat());
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(&ran.err, &["the model is there; the server lists of it: version 1"]);
    assert!(!ran.err.contains("did you mean"), "{}", ran.err);
    let ran = inspect(&bench, &bench.mock().url("triton", "digits/1"), &DATA);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(&ran.err, &["for version 1 of `digits` write triton://", "/digits -x 1"]);
    // A path that was copied whole.
    for scheme in ["triton", "triton+grpc"] {
        let whole = bench.mock().url(scheme, "v2/models/linear-classifier/versions/1/infer");
        let ran = inspect(&bench, &whole, &DATA);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_has(&ran.out, &["/linear-classifier\n", "AUDIT FILE", "model-version = \"1\""]);
    }
    let ran = inspect(&bench, &format!("torchserve://{}", bench.mock().address()), &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_has(&ran.err, &["does not say which models it has", "last segment", "--management-url"]);
    // An audit still needs one.
    assert_eq!(bench.audit(&target, &[]).code, 2);
}

/// MLServer takes no index request without a JSON object for its body.
#[test]
fn the_models_of_a_server_that_wants_a_body_are_listed() {
    let bench = Bench::new();
    let stub = Stub::new(|request| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        match head.split("\r\n").next() {
            Some("GET /v2 HTTP/1.1") => {
                answer("200 OK", r#"{"name":"mlserver","version":"1.7.1","extensions":[]}"#)
            }
            Some("POST /v2/repository/index HTTP/1.1") if body == "{}" => {
                answer("200 OK", r#"[{"name":"sklearn","version":"v1","state":"READY"}]"#)
            }
            _ => answer("422 Unprocessable Entity", r#"{"detail":[{"type":"missing","loc":["body"]}]}"#),
        }
    });
    let ran = inspect(&bench, &format!("triton://{}", stub.address()), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["server      mlserver 1.7.1", "models      sklearn v1"]);
}

/// What the server told before something stood in the way is shown with what that was.
#[test]
fn what_was_learnt_is_shown_although_it_went_no_further() {
    let bench = Bench::new();
    for protocol in ["triton", "triton+grpc"] {
        let target = bench.mock().url(protocol, "linear-classifier");
        let ran = inspect(&bench, &target, &[&DATA[..], &["--output", "nope"]].concat());
        assert_eq!(ran.code, 2, "{ran:?}");
        assert_has(
            &ran.out,
            &["server      triton 2.51.0", "inputs      x", "FP64 [4]", "outputs     ", "64 rows"],
        );
        let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_has(&words, &["stopped http://", "--output nope: the model has no such output; it has `"]);
    }
    assert_eq!(bench.mock().counts().predictions, 0);
    // Nobody is there, so that there is nobody to say anything.
    let flags = [&DATA[..], &["--retries", "0", "--max-requests", "2"]].concat();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["triton", "torchserve"] {
        let ran = inspect(&bench, &format!("{scheme}://{gone}/m"), &flags);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert_has(&ran.out, &["server      not known", "stopped     "]);
        assert!(!ran.out.contains("REQUEST"), "{}", ran.out);
    }
}

/// What is told and what the audit file would do are one.
#[test]
fn the_noise_is_that_of_the_audit_file() {
    let bench = Bench::new();
    let values: Vec<f64> = (0..160).map(|i| f64::from(i % 17)).collect();
    write_npy(&bench.path("x.npy"), &[40, 4], &values);
    let ran = inspect(&bench, &bench.triton(), &DATA);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["levels 0.8, 1.6, 3.2 in the unit of the data", "held inside 0 to 16"]);
    assert_has(&ran.out, &["levels = [0.8, 1.6, 3.2]", "clip = [0, 16]"]);
}

/// Nothing says what such a service takes.
#[test]
fn a_service_of_unknown_form_is_told_with_the_flags_that_say_it() {
    let bench = Bench::new();
    let stub = Stub::new(|_| answer("404 Not Found", ""));
    // Of a host alone it is not even known where to send a row.
    let ran = inspect(&bench, &format!("json://{}", stub.address()), &[]);
    assert!(ran.code == 2 && ran.err.contains("--preset (") && ran.err.contains("--body"), "{ran:?}");
    let target = format!("json://{}/score", stub.address());
    let ran = inspect(&bench, &target, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(
        &ran.out,
        &["form        ", "--preset NAME (", "tf-serving", "--body '{\"rows\": {{ rows }}}'"],
    );
    let ran = inspect(&bench, &target, &DATA);
    assert!(ran.code == 3 && ran.err.contains("--preset NAME (") && ran.err.contains("--body"), "{ran:?}");
    let ran = inspect(&bench, &target, &["--preset", "fastapi"]);
    assert!(!ran.out.contains("--preset NAME"), "{ran:?}");
}

/// A row that cannot be put into a request was not sent.
#[test]
fn a_request_that_was_not_sent_is_not_shown() {
    let bench = Bench::new();
    let target = bench.mock().url("torchserve", "linear-classifier");
    let mut two = zip::ZipWriter::new(fs::File::create(bench.path("two.npz")).unwrap());
    for name in ["a", "b"] {
        two.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        two.write_all(&fs::read(bench.path("x.npy")).unwrap()).unwrap();
    }
    two.finish().unwrap();
    let ran = inspect(&bench, &target, &["--data", "two.npz:a,b", "--envelope", "bytes"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(!ran.out.contains("REQUEST") && !ran.out.contains("(no body)"), "{}", ran.out);
    assert_has(&ran.err, &["the row cannot be sent: "]);
}

#[test]
fn without_data_it_says_how_to_go_on() {
    let bench = Bench::new();
    let ran = inspect(&bench, &bench.triton(), &["--write", "audit.toml"]);
    assert!(ran.code == 2 && !bench.path("audit.toml").exists(), "{ran:?}");
    assert_eq!(bench.mock().counts().requests, 0);
    let ran = inspect(&bench, &bench.triton(), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["inputs      x", "FP64 [4]", "at most 64 rows", "NEXT", "--data", "--targets"]);
    assert_eq!(bench.mock().counts().predictions, 0);
}

#[test]
fn data_that_do_not_fit_are_not_sent_and_the_server_is_still_told() {
    let bench = Bench::new();
    write_npy(&bench.path("x.npy"), &[40, 3], &[0.5; 120]);
    let ran = inspect(&bench, &bench.triton(), &DATA);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_has(&ran.out, &["inputs      x", "FP64 [4]"]);
    assert!(ran.err.contains("has the shape [3], but the model's input 'x' takes [4]"), "{}", ran.err);
    assert!(!ran.out.contains("AUDIT FILE"), "{}", ran.out);
    assert_eq!(bench.mock().counts().predictions, 0);
}

#[test]
fn nothing_is_sent_where_that_was_not_agreed_to() {
    let bench = Bench::new();
    bench.write("audit.toml", "mine");
    for (target, flags, words) in [
        (bench.json(), &["--write", "audit.toml"][..], "exists already"),
        ("triton://model.example:8000/m".to_owned(), &[], "is not this machine"),
        (
            bench.mock().url("torchserve", "m"),
            &["--management-url", "http://control.example:8081"],
            "control.example:8081 is not this machine",
        ),
        (bench.json(), &["--resume", "run"], "--resume"),
        (bench.json(), &["--write", "new.toml"], "no --data is given"),
        (bench.json(), &["--data", "x.npy", "--loss", "eror"], "did you mean"),
    ] {
        let ran = inspect(&bench, &target, flags);
        assert_eq!(ran.code, 2, "{target}: {ran:?}");
        assert!(ran.err.contains(words), "{words}: {ran:?}");
    }
    assert_eq!(fs::read_to_string(bench.path("audit.toml")).unwrap(), "mine");
    assert_eq!(bench.mock().counts().requests, 0);
}

#[test]
fn secrets_are_shown_nowhere() {
    let token = "sesame-of-the-server";
    for protocol in &PROTOCOLS {
        let bench = Bench::with(Options { token: Some(token.to_owned()), ..Options::default() });
        let target = bench.mock().url(protocol.name, "linear-classifier");
        let words = [&["inspect", &target, "--token-env", "T"], &DATA[..]].concat();
        for json in [&[][..], &["--json"]] {
            let ran = bench.command([&words, json].concat(), &[("T", token)]);
            assert_eq!(ran.code, 0, "{ran:?}");
            assert_has(&ran.out, &["Bearer ***"]);
            assert!(!format!("{ran:?}").contains(token), "{ran:?}");
        }
        // Without it the endpoint cannot be used, and that is said.
        let ran = inspect(&bench, &target, &DATA);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains("--token-env"), "{ran:?}");
    }
}

#[test]
fn the_json_form_says_the_same() {
    let bench = Bench::new();
    let ran = inspect(&bench, &bench.triton(), &[&DATA[..], &["--json"]].concat());
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["format"], "noisebound.inspection/1");
    assert_eq!(told["inputs"][0]["shape"], serde_json::json!([4]));
    assert_eq!((&told["max_batch"], &told["understood"]["answers"]), (&64.into(), &2.into()));
    assert_eq!(told["request"]["head"].as_str().unwrap().split(' ').next(), Some("POST"));
    assert!(told["audit_file"].as_str().unwrap().contains("target = "), "{told}");
    assert_eq!(told["problem"], Value::Null);
}

/// The service answers under another key than the one that is read.
#[test]
fn an_answer_that_does_not_fit_is_shown_with_what_would() {
    let bench = Bench::new();
    let say = |request: &str| {
        let body = r#"{"took_ms": 3, "result": {"scores": [[0.25, 0.75]]}}"#;
        if request.starts_with("POST") { answer("200 OK", body) } else { answer("404 Not Found", "") }
    };
    let stub = Stub::new(say);
    let target = format!("json://{}/score", stub.address());
    let ran = inspect(&bench, &target, &[&DATA[..], &["--retries", "0"]].concat());
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(
        &ran.out,
        &["NOT UNDERSTOOD", "/predictions", "{\"took_ms\": 3, \"result\": {\"scores\": [[0.25, 0.75]]}}"],
    );
    assert_has(&ran.out, &["would fit   --answer /result/scores"]);
    for once in ["\"took_ms\"", "nothing stands at"] {
        assert_eq!(ran.out.matches(once).count(), 1, "{once} is repeated: {}", ran.out);
    }
    assert!(
        !ran.err.contains("\"took_ms\"") && ran.err.contains("what would fit: --answer /result/scores"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("AUDIT FILE"), "{}", ran.out);
    // With the pointer that was named it is understood.
    let ran = inspect(&bench, &target, &[&DATA[..], &["--answer", "/result/scores"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["class       1, score 0.75", "answer = \"/result/scores\""]);
}

/// Of several outputs a pointer chooses one, and those that do are told.
#[test]
fn several_outputs_are_told_with_the_pointers_to_each() {
    let bench = Bench::new();
    for (target, body, tried, pointers) in [
        (
            "json",
            r#"{"predictions": [{"key": 0, "scores": [0.25, 0.75]}]}"#,
            "key, scores",
            ["'/predictions/*/scores'", "'/predictions/*/key'"],
        ),
        ("torchserve", r#"{"key": 0, "scores": [0.25, 0.75]}"#, "key, scores", ["/scores", "/key"]),
    ] {
        let stub = Stub::new(move |request| {
            answer("200 OK", if request.starts_with("POST") { body } else { r#"{"status": "Healthy"}"# })
        });
        let target = format!("{target}://{}/m", stub.address());
        let ran = inspect(&bench, &target, &DATA);
        assert_eq!(ran.code, 4, "{ran:?}");
        let why = format!("several outputs ({tried}); choose one of them with --answer");
        let fits = format!("what would fit: --answer {} or --answer {}", pointers[0], pointers[1]);
        assert_has(&ran.err, &[&why, &fits]);
        assert!(!ran.err.contains("--output"), "{}", ran.err);
        let pointer = pointers[0].trim_matches('\'');
        let ran = inspect(&bench, &target, &[&DATA[..], &["--answer", pointer]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_has(&ran.out, &["class       1, score 0.75"]);
    }
}

/// A service that answers one row without a list around it reads one row a request.
#[test]
fn the_answer_to_one_row_alone_is_told_with_the_body_for_it() {
    let bench = Bench::new();
    let say = |request: &str| {
        let body = r#"{"predictions": [0.125, 0.25, 0.625]}"#;
        if request.starts_with("POST") { answer("200 OK", body) } else { answer("404 Not Found", "") }
    };
    let stub = Stub::new(say);
    let target = format!("json://{}/score", stub.address());
    let ran = inspect(&bench, &target, &[&DATA[..], &["--retries", "0"]].concat());
    assert_eq!(ran.code, 3, "{ran:?}");
    let body = r#"{"instances":[{{ row }}]}"#;
    assert_has(&ran.err, &[&format!("one row a request would be read: --body '{body}'")]);
    let ran = inspect(&bench, &target, &[&DATA[..], &["--body", body]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["class       2, score 0.625"]);
}

/// What is no text is shown in hexadecimal.
#[test]
fn an_answer_of_bytes_is_shown_as_bytes() {
    let bench = Bench::new();
    let stub = Stub::new(|request| {
        if !request.starts_with("POST") {
            return answer("404 Not Found", "").into_bytes();
        }
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 64\r\nconnection: close\r\n\r\n";
        [&head[..], &[0x89, 0xff].repeat(32)].concat()
    });
    let ran =
        inspect(&bench, &format!("json://{}/p", stub.address()), &[&DATA[..], &["--retries", "0"]].concat());
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(&ran.out, &["it begins   64 bytes: 89 ff 89 ff"]);
    assert!(!ran.out.contains('\u{fffd}'), "{}", ran.out);
}

/// A handler of TorchServe answers a single row without a list around it, and its envelopes with one.
#[test]
fn what_would_fit_is_told_of_torchserve_too() {
    let bench = Bench::new();
    for (envelope, body) in [
        ("json", r#"{"took_ms": 3, "result": {"scores": [0.25, 0.75]}}"#),
        ("kserve", r#"{"predictions": [{"result": {"scores": [0.25, 0.75]}}]}"#),
    ] {
        let stub = Stub::new(move |request| {
            answer("200 OK", if request.starts_with("POST") { body } else { r#"{"status": "Healthy"}"# })
        });
        let target = format!("torchserve://{}/m", stub.address());
        let flags = [&DATA[..], &["--retries", "0", "--envelope", envelope, "--answer"]].concat();
        let ran = inspect(&bench, &target, &[&flags[..], &["/nope"]].concat());
        assert_eq!(ran.code, 3, "{ran:?}");
        assert_has(&ran.out, &["tried       --answer /nope", "would fit   ", "--answer /result/scores"]);
        let ran = inspect(&bench, &target, &[&flags[..], &["/result/scores"]].concat());
        assert_eq!(ran.code, 0, "{envelope}: {ran:?}");
        assert_has(&ran.out, &["class       1, score 0.75"]);
    }
}

#[test]
fn the_routes_of_a_service_are_named() {
    let bench = Bench::new();
    let about = r##"{"info":{"title":"Scores","version":"3"},"paths":{"/score":{"post":{"requestBody":{"content":
        {"application/json":{"schema":{"$ref":"#/rows"}}}}}}},
        "rows":{"required":["rows"],"properties":{"rows":{"type":"array","items":{"type":"number"}}}}}"##;
    let stub = Stub::new(move |request| match request.split(' ').nth(1) {
        Some("/openapi.json") => answer("200 OK", about),
        _ => answer("404 Not Found", ""),
    });
    let ran = inspect(&bench, &format!("json://{}/score", stub.address()), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["server      Scores 3", "routes      POST /score takes rows: array of number"]);
    assert_eq!(stub.heard().len(), 1, "what tells ends the search");
}

/// A busy server is waited for as in an audit, and what it said last is shown where it stays busy.
#[test]
fn what_came_back_is_shown_whatever_it_is() {
    let reject = |status| {
        let reject = Reject { status, when: When::Chance(1.0), retry_after: None };
        Faults { rejects: vec![reject], ..Faults::default() }
    };
    let bench = Bench::failing(reject(400));
    let ran = inspect(&bench, &bench.json(), &DATA);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(&ran.out, &["REQUEST (row 0, clean)", "ANSWER", "400 Bad Request", "NOT UNDERSTOOD"]);
    let bench = Bench::failing(Faults { nan_rows: 1.0, ..Faults::default() });
    let ran = inspect(&bench, &bench.json(), &DATA);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_has(&ran.out, &["200 OK", "NaN", "non-finite"]);
}

/// Lines for a terminal: none is too wide, and none holds what steers it.
#[test]
fn lines_are_plain_and_not_wide() {
    let bench = Bench::new();
    for target in [bench.json(), bench.triton(), bench.mock().url("torchserve", "linear-classifier")] {
        let ran = inspect(&bench, &target, &DATA);
        for line in ran.out.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
}

/// What is not perturbed says nothing about how much noise there should be.
#[test]
fn levels_are_advised_for_what_is_perturbed() {
    let bench = Bench::new();
    let rows: Vec<f64> =
        (0..40).flat_map(|row| [f64::from(row), 100_000.0 * f64::from(row), 0.5, 0.5]).collect();
    write_npy(&bench.path("wide.npy"), &[40, 4], &rows);
    let advised = |flags: &[&str]| {
        let data = ["--data", "wide.npy", "--targets", "y.npy"];
        let ran = inspect(&bench, &bench.json(), &[&data[..], flags].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    assert_has(&advised(&[]), &["values      from 0 to 3900000", "levels = [200000.0, 390000.0, 780000.0]"]);
    for flags in [&["--perturb", "0"][..], &["--fix", "1,2,3"]] {
        assert_has(&advised(flags), &["values      from 0 to 39", "levels = [2.0, 3.9, 7.8]"]);
    }
}

/// A server that breaks off every answer is given up on soon, however often it could be tried.
#[test]
fn a_server_that_breaks_off_every_answer_is_given_up_on_soon() {
    for faults in [
        Faults { cut: When::Chance(1.0), ..Faults::default() },
        Faults { drop: When::Chance(1.0), ..Faults::default() },
    ] {
        let bench = Bench::failing(faults);
        let ran = inspect(&bench, &bench.json(), &[&DATA[..], &["--retries", "0"]].concat());
        assert!(ran.code == 3 && ran.took.as_secs() < 10, "{ran:?}");
        let ran = bench.audit(&bench.json(), &[("--retries", "0")]);
        assert!(ran.code == 3 && ran.took.as_secs() < 10, "{ran:?}");
    }
}

/// A model that names its classes otherwise than the targets do is wrong everywhere, and that is said: by a look, before
/// the first noisy query, and in the report.
#[test]
fn classes_that_no_target_names_are_told() {
    let bench = Bench::new();
    let say = |request: &str| {
        let body = r#"{"predictions": [{"cat": 0.75, "dog": 0.25}]}"#;
        if request.starts_with("POST") { answer("200 OK", body) } else { answer("404 Not Found", "") }
    };
    let stub = Stub::new(say);
    let target = format!("json://{}/score", stub.address());
    bench.write("y.npy", array("|S3", &[40], &b"CatDog".repeat(20)));
    let ran = inspect(&bench, &target, &DATA);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_has(&ran.out, &["warning     no target is a class that the model answers: it answers `cat`"]);
    let ran = bench.audit(&target, &[("-b", "1")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = "warning: no target is a class that the model answers: it answers `cat`, and the targets are `Cat`, `Dog`;";
    assert!(ran.err.find(told).is_some_and(|told| told < ran.err.find("forecast:").unwrap()), "{}", ran.err);
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_has(&words, &["Every clean row is answered otherwise than its target says"]);
    let fine = Bench::new();
    let ran = fine.audit(&fine.json(), &[]);
    assert!(!ran.err.contains("no target is") && !ran.out.contains("Every clean row"), "{ran:?}");
}

/// A service that describes what it takes is taken at its word, whatever it answers to another request; without a
/// description, what was typed is doubted.
#[test]
fn what_a_service_takes_is_told_where_it_was_asked_otherwise() {
    let bench = Bench::new();
    let schema = r#"{"openapi": "3.1.0", "paths": {"/score": {"post": {"requestBody": {"content": {"application/json":
        {"schema": {"type": "object", "required": ["features"], "properties": {"features": {"type": "array",
        "items": {"type": "number"}}, "top": {"type": "integer"}}}}}}}}}}"#;
    for status in ["422 Unprocessable Entity", "500 Internal Server Error"] {
        for described in [true, false] {
            let stub = Stub::new(move |request| match request.split(' ').nth(1) {
                _ if request.starts_with("POST") => answer(status, r#"{"detail": "no"}"#),
                Some("/openapi.json") if described => answer("200 OK", schema),
                _ => answer("404 Not Found", ""),
            });
            let target = format!("json://{}/score", stub.address());
            for (preset, hint) in [
                (&[][..], "say what the service takes"),
                (&["--preset", "mlflow"], "is --preset mlflow what"),
            ] {
                let ran = inspect(&bench, &target, &[&DATA[..], &["--retries", "0"], preset].concat());
                assert_eq!(ran.code, 3, "{ran:?}");
                let fields = "hint: the service describes /score as taking an object with `features`";
                assert!(ran.err.contains(if described { fields } else { hint }), "{status}: {}", ran.err);
            }
        }
    }
}
