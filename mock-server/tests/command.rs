//! The command: its first line, its log, and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

fn start(flags: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noisebound-mock-server"));
    command.args(flags).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn it_says_where_it_listens_and_ends_well_on_sigterm() {
    let log = std::env::temp_dir().join(format!("noisebound-mock-{}.jsonl", std::process::id()));
    let mut child = start(&["--log", log.to_str().unwrap(), "--reject", "429:after=0:3s"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.strip_prefix("ready triton://").unwrap().split('/').next().unwrap().to_owned();
    let expected = format!(
        "ready triton://{address}/digits torchserve://{address}/digits json://{address}/v1/models/digits:predict\n"
    );
    assert_eq!(line, expected);

    let mut stream = TcpStream::connect(&address).unwrap();
    let request =
        "POST /predictions/digits HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("retry-after: 3\r\n"), "{answer}");

    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "more than one line on standard output");

    let logged = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(&log).unwrap();
    let arrival: serde_json::Value = serde_json::from_str(&logged).unwrap();
    assert_eq!((&arrival["path"], &arrival["status"]), (&"/predictions/digits".into(), &429.into()));
    assert_eq!((&arrival["method"], &arrival["rows"]), (&"POST".into(), &0.into()));
    assert!(arrival["at"].is_f64());
}

#[test]
fn what_it_cannot_do_is_one_line_and_status_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (flags, message) in [
        (
            &["--token-env", "NOISEBOUND_NO_SUCH_TOKEN"][..],
            "error: environment variable NOISEBOUND_NO_SUCH_TOKEN: ",
        ),
        (&["--log", "/nonexistent/folder/log"], "error: cannot write the log /nonexistent/folder/log; "),
        (&["--listen", &taken], "error: cannot listen on 127.0.0.1:"),
        (&["--drop", "2"], "error: invalid value '2' for '--drop <WHEN>': expected a probability"),
    ] {
        let output = start(flags).wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.starts_with(message), "{told}");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]));
    }
}
