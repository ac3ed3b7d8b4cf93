//! The endpoint against a server that plays back bytes written by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::executor::block_on;
use url::Url;

use super::*;
use crate::{
    Answer, Described, Endpoint, Failure, FailureKind, Header, JsonOptions, JsonProtocol, Prediction, Row,
    SecretSource, Tensor, TorchServeOptions, TorchServeProtocol, TritonOptions, TritonProtocol, Values,
    WireResponse,
};

mod hostile;

/// Plays one response to each connection, in order, and tells what it was sent.
struct Playback {
    address: SocketAddr,
    requests: JoinHandle<Vec<String>>,
}

impl Playback {
    fn of(responses: &[&str]) -> Self {
        Self::start(responses.iter().map(|response| response.as_bytes().to_vec()).collect())
    }

    fn start(responses: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = std::thread::spawn(move || {
            let play = |response: Vec<u8>| {
                let (mut connection, _) = listener.accept().unwrap();
                let request = request(&mut connection);
                // A client may hang up in the middle of a long answer.
                let _ = connection.write_all(&response);
                request
            };
            responses.into_iter().map(play).collect()
        });
        Self { address, requests }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    fn requests(self) -> Vec<String> {
        self.requests.join().unwrap()
    }
}

/// One whole request.
fn request(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let count = connection.read(&mut chunk).unwrap();
        assert!(count > 0, "the request ends early: {text}");
        bytes.extend_from_slice(&chunk[..count]);
    }
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

fn json(url: Url, headers: Vec<Header>) -> HttpEndpoint<JsonProtocol> {
    let protocol = JsonProtocol::new(JsonOptions::new(url)).unwrap();
    HttpEndpoint::new(protocol, HttpOptions { headers, ..HttpOptions::default() }).unwrap()
}

fn rows(count: usize) -> Vec<Row> {
    let tensor = Tensor::new("x", [2], Values::F64(vec![1.0, 2.5])).unwrap();
    vec![Row { tensors: vec![tensor] }; count]
}

/// Runs a future on a runtime of its own, as the HTTP library needs one.
fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn ask(endpoint: &impl Endpoint) -> Result<Answer, Failure> {
    run(endpoint.ask(&rows(1)))
}

/// What one response makes of a request of one row.
fn asked(response: &str) -> Result<Answer, Failure> {
    let server = Playback::of(&[response]);
    ask(&json(server.url("/p"), vec![]))
}

fn token_file(name: &str, token: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("noisebound-http-{}-{name}", std::process::id()));
    std::fs::write(&path, token).unwrap();
    path
}

#[test]
fn one_call_is_one_request_and_its_answer() {
    let server = Playback::of(&[&response("200 OK", "", r#"{"predictions":[0.5]}"#)]);
    let endpoint = json(server.url("/p?version=2"), vec![Header::parse("X-Tenant: blue").unwrap()]);
    let answer = ask(&endpoint).unwrap();
    let tensor = Tensor::new("predictions", [], Values::F64(vec![0.5])).unwrap();
    assert_eq!(
        answer,
        Answer { predictions: vec![Prediction::Tensors(vec![tensor])], version: None, pushback: None }
    );
    let requests = server.requests();
    assert!(requests[0].starts_with("POST /p?version=2 HTTP/1.1\r\n"), "{}", requests[0]);
    for header in [
        "x-tenant: blue\r\n",
        "content-type: application/json\r\n",
        "accept-encoding: gzip\r\n",
        "user-agent: noisebound/",
    ] {
        assert!(requests[0].contains(header), "{header} is not in {}", requests[0]);
    }
    assert!(requests[0].ends_with("\r\n\r\n{\"instances\":[[1.0,2.5]]}"), "{}", requests[0]);
}

#[test]
fn headers_of_the_user_replace_those_of_the_protocol() {
    let server = Playback::of(&[&response("200 OK", "", r#"{"predictions":[0.5]}"#)]);
    let headers =
        ["Content-Type: application/x-own", "x-a: 1", "x-a: 2"].map(|text| Header::parse(text).unwrap());
    ask(&json(server.url("/p"), headers.into())).unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.matches("content-type").count(), 1, "{request}");
    assert!(
        request.contains("content-type: application/x-own\r\n") && request.contains("x-a: 1\r\nx-a: 2\r\n")
    );
}

#[test]
fn answers_need_no_content_type_and_no_reason() {
    assert!(
        asked("HTTP/1.1 200 \r\ncontent-length: 21\r\nconnection: close\r\n\r\n{\"predictions\":[0.5]}")
            .is_ok()
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"pre\r\n10\r\ndictions\":[0.5]}\r\n0\r\n\r\n";
    assert!(asked(chunked).is_ok());
}

#[test]
fn nan_is_non_finite() {
    let failure = asked(&response("200 OK", "", r#"{"predictions":[NaN]}"#)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::NonFinite);
    assert!(failure.at.starts_with("http://127.0.0.1:") && failure.at.ends_with("/p"), "{}", failure.at);
}

#[test]
fn a_body_cut_short_is_no_answer() {
    // What came is a whole answer, but more was announced.
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"predictions\":[0.5]}";
    let failure = asked(cut).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.said.starts_with("the answer broke off after"), "{failure}");
    let failure =
        asked("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n15\r\n{\"predictions\":[0.5]}\r\n")
            .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
}

#[test]
fn a_connection_closed_before_the_response_is_not_tried_again() {
    let server = Playback::of(&[""]);
    let failure = ask(&json(server.url("/p"), vec![])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.said.starts_with("no answer: "), "{failure}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn nobody_listening_is_unreachable_and_says_why() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{address}/p")).unwrap();
    let failure = ask(&json(url, vec![])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.said.to_lowercase().contains("refused"), "{failure}");
}

#[test]
fn redirects_are_named_and_not_followed() {
    let server = Playback::of(&[&response("307 Temporary Redirect", "location: http://other/p/\r\n", "")]);
    let failure = ask(&json(server.url("/p"), vec![])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Redirected);
    assert!(failure.said.contains("points to http://other/p/"), "{failure}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_wait_a_server_asks_for_is_passed_on() {
    let failure =
        asked(&response("429 Too Many Requests", "retry-after: 7\r\n", "{\"error\":\"slow down\"}"))
            .unwrap_err();
    assert_eq!(
        (failure.kind, failure.pushback.map(|wait| wait.as_secs())),
        (FailureKind::Overloaded, Some(7))
    );
    assert_eq!(&*failure.said, "HTTP 429: slow down");
    let dated = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:40 GMT\r\n";
    let failure = asked(&response("503 Service Unavailable", dated, "")).unwrap_err();
    assert_eq!(failure.pushback.map(|wait| wait.as_secs()), Some(3));
    let failure = asked(&response("500 Internal Server Error", "retry-after: 2\r\n", "")).unwrap_err();
    assert_eq!(failure.pushback.map(|wait| wait.as_secs()), Some(2));
    assert_eq!(asked(&response("503 Service Unavailable", "", "")).unwrap_err().pushback, None);
}

#[test]
fn too_many_requests_is_a_wish_to_wait_even_where_none_is_told() {
    let wait = |headers: &str, body: &str| {
        let failure = asked(&response("429 Too Many Requests", headers, body)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Overloaded);
        failure.pushback.map(|wait| wait.as_secs())
    };
    assert_eq!(wait("", ""), Some(1));
    assert_eq!(wait("retry-after: soon\r\n", ""), Some(1));
    // What is told goes first, be it shorter or longer.
    assert_eq!(wait("retry-after: 0\r\n", ""), Some(0));
    assert_eq!(wait("", r#"{"estimated_time":5}"#), Some(5));
}

#[test]
fn an_answer_without_end_is_given_up() {
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.resize((64 << 20) + 1_000_000, b' ');
    let mut long = b"HTTP/1.1 200 OK\r\n\r\n{\"predictions\":[0.5]}".to_vec();
    long.resize(60 << 20, b' ');
    let server = Playback::start(vec![endless, long]);
    let endpoint = json(server.url("/p"), vec![]);
    let failure = ask(&endpoint).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert!(failure.said.contains("larger than 64 MiB"), "{failure}");
    assert!(ask(&endpoint).is_ok());
}

#[test]
fn a_proxy_of_the_environment_is_left_alone_unless_asked_for() {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "http::tests::one_call_is_one_request_and_its_answer"]);
    again.env("http_proxy", "http://127.0.0.1:1").env_remove("no_proxy").env_remove("NO_PROXY");
    let output = again.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("running 1 test"), "{output:?}");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn secrets_that_come_back_are_masked() {
    let token = "s3same-0pen-t0ken";
    let path = token_file("echo", token);
    let echo = format!(r#"{{"error":"bad token {token} (Bearer {token}), c3NhbWU"}}"#);
    let long = format!("{}{token}", "x".repeat(130));
    let moved = format!("location: http://h/?key={token}\r\n");
    let replies = [
        response("401 Unauthorized", "", &echo),
        response("200 OK", "", &long),
        response("302 Found", &moved, ""),
    ];
    let server = Playback::of(&replies.each_ref().map(String::as_str));
    let endpoint = json(server.url("/p"), vec![Header::bearer(SecretSource::File(path.clone()))]);
    let failures: Vec<_> = (0..3).map(|_| ask(&endpoint).unwrap_err()).collect();
    assert_eq!(
        failures.iter().map(|f| f.kind).collect::<Vec<_>>(),
        [FailureKind::Auth, FailureKind::Malformed, FailureKind::Redirected]
    );
    for failure in failures {
        assert!(failure.said.contains("***"), "{failure}");
        assert!(!failure.to_string().contains("s3s"), "{failure}");
    }
    for request in server.requests() {
        assert!(request.contains(&format!("authorization: Bearer {token}\r\n")), "{request}");
    }
    let preview = endpoint.preview(&rows(1)).unwrap();
    assert!(preview.headers.contains(&("authorization".into(), "Bearer ***".into())), "{preview:?}");
    assert!(preview.headers.contains(&("content-type".into(), "application/json".into())));
    assert_eq!(
        (preview.method.as_str(), preview.body.as_slice()),
        ("POST", &b"{\"instances\":[[1.0,2.5]]}"[..])
    );
    std::fs::remove_file(path).unwrap();
}

#[test]
fn an_exchange_shows_both_sides_and_no_secret() {
    let token = "s3same-0pen-t0ken";
    let path = token_file("exchange", token);
    let echoed = format!("x-echo: {token}\r\nset-cookie: session=abc\r\n");
    let refused = format!(r#"{{"error":"bad token {token}"}}"#);
    let server = Playback::of(&[
        &response("200 OK", &echoed, r#"{"predictions":[0.5]}"#),
        &response("403 Forbidden", "", &refused),
        &response("302 Found", &format!("location: http://h/?key={token}\r\n"), ""),
        "",
    ]);
    let endpoint = json(server.url("/p"), vec![Header::bearer(SecretSource::File(path.clone()))]);
    let rows = rows(1);
    let shown: Vec<_> = (0..4).map(|_| run(endpoint.exchange(&rows))).collect();
    assert!(!format!("{shown:?}").contains("s3s"), "{shown:?}");
    for exchange in &shown {
        assert_eq!(exchange.request, endpoint.preview(&rows).unwrap());
    }
    let answered = shown[0].response.as_ref().unwrap();
    assert_eq!((answered.status.as_str(), answered.size), ("200 OK", 21));
    assert_eq!(answered.body, br#"{"predictions":[0.5]}"#);
    for header in [("x-echo", "***"), ("set-cookie", "***"), ("content-length", "21")] {
        assert!(answered.headers.contains(&(header.0.into(), header.1.into())), "{answered:?}");
    }
    assert!(shown[0].answer.is_ok());
    // What was refused is shown as well, beside what it was taken for.
    assert_eq!(shown[1].response.as_ref().unwrap().body, br#"{"error":"bad token ***"}"#);
    assert_eq!(shown[1].answer.as_ref().unwrap_err().kind, FailureKind::Auth);
    assert_eq!(shown[2].response.as_ref().unwrap().status, "302 Found");
    assert_eq!(shown[2].answer.as_ref().unwrap_err().kind, FailureKind::Redirected);
    assert_eq!(shown[3].response, None);
    assert_eq!(shown[3].answer.as_ref().unwrap_err().kind, FailureKind::Unreachable);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn of_a_long_response_the_beginning_is_shown_and_none_of_a_request_that_cannot_be_made() {
    let long = format!(r#"{{"predictions":[0.5],"rest":"{}"}}"#, "x".repeat(2 << 20));
    let server = Playback::of(&[&response("200 OK", "", &long)]);
    let endpoint = json(server.url("/p"), vec![]);
    let shown = run(endpoint.exchange(&rows(1)));
    let answered = shown.response.unwrap();
    assert_eq!((answered.body.len(), answered.size), (WireResponse::KEPT, long.len()));
    assert!(shown.answer.is_ok());
    let tensor = Tensor::new("x", [], Values::F64(vec![f64::NAN])).unwrap();
    let unsent = run(endpoint.exchange(&[Row { tensors: vec![tensor] }]));
    assert_eq!((unsent.response, unsent.request.body.len()), (None, 0));
    assert!(unsent.request.url.ends_with("/p"));
    assert_eq!(unsent.answer.unwrap_err().kind, FailureKind::Rejected);
}

/// The place where a long response is cut can be in the middle of a secret, of whatever is escaped in it.
#[test]
fn a_secret_that_is_cut_at_the_end_of_what_is_shown_is_masked() {
    let token = "s3same/0pen/t0ken";
    let path = token_file("cut", token);
    let head = r#"{"predictions":[0.5],"rest":""#;
    for (written, kept) in [(token, 9), (r"s3same\/0pen\/t0ken", 8), (r"\u00733same/0pen", 4)] {
        let before = "x".repeat(WireResponse::KEPT - head.len() - kept);
        let long = format!(r#"{head}{before}{written}{}"}}"#, "y".repeat(100));
        let server = Playback::of(&[&response("200 OK", "", &long)]);
        let auth = Header::bearer(SecretSource::File(path.clone()));
        let shown = run(json(server.url("/p"), vec![auth]).exchange(&rows(1)));
        let body = String::from_utf8(shown.response.unwrap().body).unwrap();
        let end = &body[body.len() - 8..];
        assert!(end == "xxxxx***" || kept == 4 && end.ends_with("x\\u00"), "{written}: {end}");
    }
    std::fs::remove_file(path).unwrap();
}

/// What follows from a prediction follows from what the server said; only what is shown of it is masked.
#[test]
fn secrets_that_come_back_in_predictions_are_masked_for_whoever_shows_them() {
    let token = "s3same-0pen-t0ken";
    let path = token_file("answers", token);
    let labels = format!(r#"{{"predictions":[{{"by {token}":0.75,"cat":0.25}}]}}"#);
    let texts = format!(r#"{{"predictions":[[["Bearer {token}","cat"]]]}}"#);
    let named = format!(r#"{{"predictions":[{{"{token}":[0.5]}}]}}"#);
    let replies = [labels, texts, named].map(|body| response("200 OK", "", &body));
    let server = Playback::of(&replies.each_ref().map(String::as_str));
    let endpoint = json(server.url("/p"), vec![Header::bearer(SecretSource::File(path.clone()))]);
    let came: Vec<_> = (0..3).map(|_| ask(&endpoint).unwrap().predictions.remove(0)).collect();
    let labels = vec![(format!("by {token}").into(), 0.75), ("cat".into(), 0.25)];
    assert_eq!(came[0], Prediction::Labels(labels));
    assert_eq!(endpoint.mask(&format!("class by {token}")), "class by ***");
    let mut predictions = came.iter().map(|told| endpoint.mask_prediction(told).into_owned());
    let labels = vec![("by ***".into(), 0.75), ("cat".into(), 0.25)];
    assert_eq!(predictions.next(), Some(Prediction::Labels(labels)));
    let texts = Values::Bytes(vec![b"Bearer ***".to_vec(), b"cat".to_vec()]);
    let texts = Tensor::new("predictions", [1, 2], texts).unwrap();
    assert_eq!(predictions.next(), Some(Prediction::Tensors(vec![texts])));
    let named = Tensor::new("***", [1], Values::F64(vec![0.5])).unwrap();
    assert_eq!(predictions.next(), Some(Prediction::Tensors(vec![named])));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn secrets_that_come_back_in_metadata_and_versions_are_masked() {
    let token = "s3same-0pen-t0ken";
    let path = token_file("metadata", token);
    let about = format!(r#"{{"name":"server {token}","version":"{token}","extensions":[]}}"#);
    let port = |name: &str| format!(r#"{{"name":"{name} {token}","datatype":"FP64","shape":[-1,2]}}"#);
    let model = format!(
        r#"{{"name":"m","versions":["{token}"],"inputs":[{}],"outputs":[{}]}}"#,
        port("in"),
        port("out")
    );
    let config = format!(r#"{{"error":"no {token}"}}"#);
    let tensor = format!(r#"{{"name":"out {token}","datatype":"FP64","shape":[1,2],"data":[0.5,0.5]}}"#);
    let answer = format!(r#"{{"model_version":"v {token}","outputs":[{tensor}]}}"#);
    let replies = [
        response("200 OK", "", &about),
        response("200 OK", "", &model),
        response("404 Not Found", "", &config),
        response("200 OK", "", &answer),
    ];
    let server = Playback::of(&replies.each_ref().map(String::as_str));
    let base = server.url("/");
    let options = TritonOptions::new(base, "m");
    let headers = vec![Header::bearer(SecretSource::File(path.clone()))];
    let http = HttpOptions { headers, ..HttpOptions::default() };
    let endpoint = HttpEndpoint::new(TritonProtocol::new(options), http).unwrap();
    let told = loop {
        if let Described::Done { description: told, .. } = run(endpoint.describe()).unwrap() {
            break told;
        }
    };
    assert_eq!(told.server.as_deref(), Some("server *** ***"));
    assert_eq!(told.version.as_deref(), Some("***"));
    assert_eq!((told.inputs[0].name.as_str(), told.outputs[0].name.as_str()), ("in ***", "out ***"));
    let answer = ask(&endpoint).unwrap();
    assert_eq!(answer.version.as_deref(), Some("v ***"));
    let shown = endpoint.mask_prediction(&answer.predictions[0]);
    assert!(!format!("{told:?} {:?} {shown:?}", answer.version).contains("s3s"), "{told:?} {shown:?}");
    // The server still finds its own names in what it is sent.
    assert!(server.requests()[3].contains(&format!(r#""name":"in {token}""#)));
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_renewed_token_is_sent_and_the_old_one_stays_hidden() {
    let path = token_file("renew", "first-token\n");
    let server = Playback::of(&[
        &response("401 Unauthorized", "", ""),
        &response("401 Unauthorized", "", r#"{"error":"not first-token nor second-token"}"#),
        &response("200 OK", "", r#"{"predictions":[0.5]}"#),
    ]);
    let endpoint = json(server.url("/p"), vec![Header::bearer(SecretSource::File(path.clone()))]);
    ask(&endpoint).unwrap_err();
    std::fs::write(&path, "second-token\n").unwrap();
    endpoint.renew();
    assert_eq!(&*ask(&endpoint).unwrap_err().said, "HTTP 401: not *** nor ***");
    std::fs::remove_file(&path).unwrap();
    endpoint.renew();
    ask(&endpoint).unwrap();
    let requests = server.requests();
    for (request, token) in requests.iter().zip(["first", "second", "second"]) {
        assert!(request.contains(&format!("authorization: Bearer {token}-token\r\n")), "{request}");
    }
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let url = Url::parse("http://127.0.0.1:1/p").unwrap();
    let protocol = JsonProtocol::new(JsonOptions::new(url)).unwrap();
    let headers = vec![Header::parse("x-api-key: ${NOISEBOUND_NO_SUCH_VARIABLE}").unwrap()];
    let error = HttpEndpoint::new(protocol, HttpOptions { headers, ..HttpOptions::default() }).err().unwrap();
    assert!(error.to_string().contains("NOISEBOUND_NO_SUCH_VARIABLE"), "{error}");
    for (url, expected) in
        [("http://ann:hunter2@h/p", "before the `@`"), ("http://h/p?api_key=hunter2", "`api_key`")]
    {
        let url = Url::parse(url).unwrap();
        let protocol = JsonProtocol::new(JsonOptions::new(url)).unwrap();
        let error = HttpEndpoint::new(protocol, HttpOptions::default()).err().unwrap().to_string();
        assert!(error.contains(expected) && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn rows_that_cannot_be_sent_are_not_sent() {
    let endpoint = json(Url::parse("http://127.0.0.1:1/p").unwrap(), vec![]);
    let tensor = Tensor::new("x", [], Values::F64(vec![f64::NAN])).unwrap();
    let failure = block_on(endpoint.ask(&[Row { tensors: vec![tensor] }])).unwrap_err();
    assert_eq!((failure.kind, &*failure.at), (FailureKind::Rejected, "http://127.0.0.1:1/p"));
}

#[test]
fn a_step_of_describing_is_one_request_and_may_be_repeated() {
    let server = Playback::of(&[
        &response("500 Internal Server Error", "", r#"{"status":"Unhealthy"}"#),
        &response("200 OK", "retry-after: 7\r\n", r#"{"status":"Healthy"}"#),
    ]);
    let options = TorchServeOptions::new(server.url("/"), "m");
    let endpoint = HttpEndpoint::new(TorchServeProtocol::new(options), HttpOptions::default()).unwrap();
    let failure = run(endpoint.describe()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Transient);
    assert!(failure.at.ends_with("/ping"), "{failure}");
    let Described::Done { description, pushback } = run(endpoint.describe()).unwrap() else {
        panic!("there is no more to learn")
    };
    assert_eq!(description.model.as_deref(), Some("m"));
    assert_eq!(pushback, Some(Duration::from_secs(7)));
    // What is known is told again without a request.
    assert!(run(endpoint.describe()).is_ok());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_is_known_without_asking_is_told_without_a_request() {
    let endpoint = json(Url::parse("http://127.0.0.1:1/p").unwrap(), vec![]);
    assert!(matches!(block_on(endpoint.describe()), Ok(Described::Done { .. })));
}

#[test]
fn a_request_lost_on_a_reused_connection_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/p", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        request(&mut connection);
        let kept = "HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n{\"predictions\":[0.5]}";
        connection.write_all(kept.as_bytes()).unwrap();
        request(&mut connection);
        drop(connection);
        listener
    });
    let endpoint = json(url, vec![]);
    let rows = rows(1);
    let kind = run(async {
        endpoint.ask(&rows).await.unwrap();
        endpoint.ask(&rows).await.unwrap_err().kind
    });
    assert_eq!(kind, FailureKind::Unreachable);
    let listener = server.join().unwrap();
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "the request was sent again");
}

#[test]
fn compressed_answers_are_opened_and_torn_ones_are_not_answers() {
    // `{"predictions":[0.5]}`
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x28\x4a\x4d\xc9\x4c\x2e\xc9\xcc\xcf\x2b\x56\xb2\x8a\x36\xd0\x33\x8d\xad\x05\x00\x90\x29\xf0\xc4\x15\x00\x00\x00";
    let head = |length: usize| {
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n")
    };
    let whole = [head(packed.len()).as_bytes(), packed].concat();
    let torn = [head(packed.len() - 9).as_bytes(), &packed[..packed.len() - 9]].concat();
    let server = Playback::start(vec![whole, torn]);
    let endpoint = json(server.url("/p"), vec![]);
    assert!(ask(&endpoint).is_ok());
    assert_eq!(ask(&endpoint).unwrap_err().kind, FailureKind::Unreachable);
}

/// TorchServe says 200 without a reason and without a content type, and closes after every failure.
#[test]
fn an_answer_without_a_reason_or_a_content_type_is_read() {
    let refusal = r#"{"code": 503, "type": "InternalServerException", "message": "Prediction failed"}"#;
    let server = Playback::of(&[
        "HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\n0.5",
        "HTTP/1.1 200\r\ncontent-length: 3\r\n\r\ncat",
        &response("503 Service Unavailable", "content-type: application/json\r\n", refusal),
        "HTTP/1.1 413 Request Entity Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nts_stream_next: true\r\n\r\n7\r\n{\"k\":0}\r\n3\r\nend\r\n0\r\n\r\n",
    ]);
    let protocol = TorchServeProtocol::new(TorchServeOptions::new(server.url("/"), "m"));
    let options = HttpOptions { max_idle: 0, ..HttpOptions::default() };
    let endpoint = HttpEndpoint::new(protocol, options).unwrap();
    let answer = Tensor::new("answer", [], Values::F64(vec![0.5])).unwrap();
    assert_eq!(ask(&endpoint).unwrap().predictions, [Prediction::Tensors(vec![answer])]);
    assert_eq!(ask(&endpoint).unwrap().predictions, [Prediction::Labels(vec![("cat".into(), 1.0)])]);
    for kind in [FailureKind::ModelFailed, FailureKind::Rejected, FailureKind::Unsupported] {
        assert_eq!(ask(&endpoint).unwrap_err().kind, kind);
    }
}

/// A control port with a key of its own: neither key is ever seen by the other, whatever is renewed.
#[test]
fn the_control_port_gets_its_own_credentials_and_no_others() {
    let keys =
        token_file("keys", r#"{"management": {"key": "manage-1"}, "inference": {"key": "predict-1"}}"#);
    let described = r#"[{"modelVersion": "1.0", "workers": [{"status": "READY"}]}]"#;
    let healthy = response("200 OK", "", r#"{"status": "Healthy"}"#);
    let refused = r#"{"code": 400, "type": "InvalidKeyException", "message": "no manage-1, no predict-1"}"#;
    let predictions = Playback::of(&[&healthy, &response("200 OK", "", "3")]);
    let control =
        Playback::of(&[&response("400 Bad Request", "", refused), &response("200 OK", "", described)]);
    let options = TorchServeOptions {
        management: Some(control.url("/")),
        ..TorchServeOptions::new(predictions.url("/"), "m")
    };
    let headers = vec![Header::bearer(SecretSource::File(keys.clone())), Header::parse("x-own: 1").unwrap()];
    let management_headers = vec![Header::bearer(SecretSource::ManagementFile(keys.clone()))];
    let http = HttpOptions { headers, management_headers, ..HttpOptions::default() };
    let endpoint = HttpEndpoint::new(TorchServeProtocol::new(options), http).unwrap();
    assert_eq!(run(endpoint.describe()).unwrap(), Described::More { pushback: None });
    let failure = run(endpoint.describe()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth);
    assert!(!failure.to_string().contains("-1"), "both keys are masked: {failure}");
    // An expired key dies and a new one is in the file.
    std::fs::write(&keys, r#"{"management": {"key": "manage-2"}, "inference": {"key": "predict-2"}}"#)
        .unwrap();
    endpoint.renew();
    let Described::Done { description, .. } = run(endpoint.describe()).unwrap() else {
        panic!("all is known")
    };
    assert_eq!(description.version.as_deref(), Some("1.0"));
    assert!(ask(&endpoint).is_ok());
    let (predictions, control) = (predictions.requests(), control.requests());
    assert!(predictions[0].contains("Bearer predict-1") && predictions[1].contains("Bearer predict-2"));
    assert!(control[0].contains("Bearer manage-1") && control[1].contains("Bearer manage-2"));
    assert!(control.iter().all(|request| !request.contains("predict-") && !request.contains("x-own")));
    assert!(predictions.iter().all(|request| !request.contains("manage-")));
    assert!(control[0].starts_with("GET /models/m HTTP/1.1\r\n"), "{}", control[0]);
}

/// Without a key of its own the control port gets none.
#[test]
fn the_token_for_predictions_is_not_sent_to_the_control_port() {
    let described = r#"[{"modelVersion": "1.0", "workers": [{"status": "READY"}]}]"#;
    let server = Playback::of(&[&response("200 OK", "", "{}"), &response("200 OK", "", described)]);
    // Behind one gateway both have the same host and port.
    let options = TorchServeOptions {
        management: Some(server.url("/manage")),
        ..TorchServeOptions::new(server.url("/"), "m")
    };
    let headers = vec![Header::bearer(SecretSource::File(token_file("lone", "predict-1")))];
    let http = HttpOptions { headers, ..HttpOptions::default() };
    let endpoint = HttpEndpoint::new(TorchServeProtocol::new(options), http).unwrap();
    assert_eq!(run(endpoint.describe()).unwrap(), Described::More { pushback: None });
    run(endpoint.describe()).unwrap();
    let requests = server.requests();
    assert!(requests[0].contains("Bearer predict-1"));
    assert!(
        requests[1].starts_with("GET /manage/models/m ") && !requests[1].contains("uthorization"),
        "{}",
        requests[1]
    );
    assert!(!requests[1].contains("predict-1"));
}
