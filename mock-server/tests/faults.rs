//! What goes wrong on demand.

use std::sync::Arc;
use std::time::Duration;

use noisebound_mock_server::Options;
use noisebound_mock_server::faults::{FailOnce, Faults, Latency, LatencyOf, Reject, Swap, When};
use noisebound_mock_server::models::{Constant, Model};
use tokio::time::Instant;

use crate::client::{Bench, small};

async fn bench(faults: Faults) -> Bench {
    Bench::new(Options { faults, ..small() }).await
}

/// The statuses of so many requests, each with another row; 0 where the connection broke.
async fn statuses(bench: &Bench, count: u32) -> Vec<u16> {
    let mut statuses = Vec::new();
    for x in 0..count {
        statuses.push(bench.ask(f64::from(x)).await.map_or(0, |reply| reply.status));
    }
    statuses
}

#[tokio::test]
async fn a_rejection_tells_how_long_to_wait() {
    let reject = |status, when, retry_after| Reject { status, when, retry_after };
    let rejects = vec![
        reject(429, When::First(1), Some(Duration::from_millis(1500))),
        reject(503, When::First(2), None),
    ];
    let bench = bench(Faults { rejects, ..Faults::default() }).await;
    let reply = bench.ask(0.0).await.unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("2")));
    let reply = bench.ask(0.0).await.unwrap();
    assert_eq!((reply.status, reply.header("retry-after")), (503, None));
    assert_eq!(bench.ask(0.0).await.unwrap().status, 200);
    assert_eq!(bench.get("/v2/models/sum").await.status, 200);
}

#[tokio::test]
async fn chances_follow_the_seed() {
    let options = |seed| {
        let rejects = vec![Reject { status: 429, when: When::Chance(0.5), retry_after: None }];
        Options { seed, faults: Faults { rejects, ..Faults::default() }, ..small() }
    };
    let once = statuses(&Bench::new(options(1)).await, 40).await;
    assert_eq!(once, statuses(&Bench::new(options(1)).await, 40).await);
    assert_ne!(once, statuses(&Bench::new(options(2)).await, 40).await);
    let rejected = once.iter().filter(|status| **status == 429).count();
    assert!((8..=32).contains(&rejected), "{rejected} of 40");
}

#[tokio::test]
async fn a_dropped_connection_gives_no_byte() {
    let bench = bench(Faults { drop: When::Every(2), ..Faults::default() }).await;
    assert_eq!(bench.ask(0.0).await.unwrap().status, 200);
    let error = bench.ask(0.0).await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(
        bench.mock.arrivals().iter().map(|arrival| arrival.status).collect::<Vec<_>>(),
        [Some(200), None]
    );
    assert_eq!(bench.mock.counts().unanswered, 1);
}

#[tokio::test]
async fn a_cut_answer_has_a_head_and_half_a_body() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let bench = bench(Faults { cut: When::Chance(1.0), ..Faults::default() }).await;
    let error = bench.ask(0.0).await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    let mut stream = tokio::net::TcpStream::connect(bench.mock.address()).await.unwrap();
    let request = "POST /v1/models/sum:predict HTTP/1.1\r\nhost: x\r\ncontent-length: 21\r\n\r\n{\"instances\":[[1,2]]}";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("content-length: 21\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\n{\"predicti"), "{text}");
}

#[tokio::test]
async fn a_truncated_answer_is_whole_by_its_length() {
    let bench = bench(Faults { truncate: When::Chance(1.0), ..Faults::default() }).await;
    let reply = bench.post("/v1/models/sum:predict", r#"{"instances":[[1,2]]}"#).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"predicti"#));
}

#[tokio::test]
async fn a_stalled_request_ends_when_the_client_hangs_up_or_the_server_ends() {
    let bench = bench(Faults { stall: When::First(2), ..Faults::default() }).await;
    let given_up = bench.ask_aside();
    bench.until(|counts| counts.predictions == 1).await;
    given_up.abort();
    bench.until(|counts| counts.unanswered == 1).await;
    let stalled = bench.ask_aside();
    bench.until(|counts| counts.predictions == 2).await;
    bench.mock.stop().await.unwrap();
    assert!(stalled.await.unwrap().is_err());
}

#[tokio::test]
async fn a_body_fails_once_whatever_its_place() {
    let options = || {
        let fail_once = Some(FailOnce { share: 0.5, status: 500 });
        Options { faults: Faults { fail_once, ..Faults::default() }, ..small() }
    };
    let forwards = Bench::new(options()).await;
    let first = statuses(&forwards, 40).await;
    let failed = first.iter().filter(|status| **status == 500).count();
    assert!((8..=32).contains(&failed), "{failed} of 40");
    assert_eq!(statuses(&forwards, 40).await, [200; 40]);
    let backwards = Bench::new(options()).await;
    for x in (0..40u8).rev() {
        let status = backwards.ask(f64::from(x)).await.unwrap().status;
        assert_eq!(status, first[usize::from(x)], "row {x}");
    }
}

#[tokio::test]
async fn refused_rows_are_refused_for_ever_and_in_every_batch() {
    let bench = bench(Faults { refuse_rows: 0.3, ..Faults::default() }).await;
    let first = statuses(&bench, 40).await;
    assert_eq!(statuses(&bench, 40).await, first);
    let refused: Vec<usize> = (0..40).filter(|row| first[*row] == 503).collect();
    assert!((3..=24).contains(&refused.len()), "{refused:?}");
    let good = (0..40).find(|row| first[*row] == 200).unwrap();
    let pair = |a: usize, b: usize| format!("[[{a},0],[{b},0]]");
    assert_eq!(bench.post("/predictions/sum", &pair(good, refused[0])).await.status, 503);
    assert_eq!(bench.post("/predictions/sum", &pair(good, good)).await.status, 200);
}

#[tokio::test]
async fn nan_is_a_bare_word_in_every_protocol() {
    let bench = bench(Faults { nan_rows: 1.0, ..Faults::default() }).await;
    assert_eq!(bench.post("/predictions/side", "[1,2]").await.text(), "[NaN,NaN]");
    let reply = bench.post("/v1/models/sum:predict", r#"{"instances":[[1,2]]}"#).await;
    assert_eq!(reply.text(), r#"{"predictions":[NaN]}"#);
    let body = r#"{"inputs":[{"name":"x","datatype":"FP64","shape":[1,2],"data":[1,2]}]}"#;
    assert!(bench.post("/v2/models/sum/infer", body).await.text().contains("\"data\":[NaN]"));
}

#[tokio::test]
async fn nan_falls_on_the_same_rows_again() {
    let bench = bench(Faults { nan_rows: 0.4, ..Faults::default() }).await;
    let mut answers: Vec<Vec<bool>> = Vec::new();
    for _ in 0..2 {
        let mut nan = Vec::new();
        for x in 0..30 {
            nan.push(bench.ask(f64::from(x)).await.unwrap().text() == "NaN");
        }
        answers.push(nan);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].contains(&true) && answers[0].contains(&false));
}

#[tokio::test]
async fn another_model_takes_over_where_its_shapes_fit() {
    let other: Arc<dyn Model> = Arc::new(Constant::new("other", 2, vec![9.0]));
    let swap = Some(Swap { after: 2, to: Some(other), version: None });
    let bench = bench(Faults { swap, ..Faults::default() }).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(bench.ask(1.0).await.unwrap().text().to_owned());
    }
    assert_eq!(answers, ["1.0", "1.0", "9.0"]);
    assert_eq!(bench.post("/predictions/side", "[1,1]").await.text(), "[0.5,0.5]");
}

/// How long one request for these rows takes, by the paused clock.
async fn took(bench: &Bench, body: &str) -> Duration {
    let start = Instant::now();
    assert_eq!(bench.post("/predictions/side", body).await.status, 200);
    start.elapsed()
}

#[tokio::test(start_paused = true)]
async fn latency_may_depend_on_the_answer() {
    let time = Duration::from_secs(3600);
    let by_class = bench(Faults { latency_if_class: Some((1, time)), ..Faults::default() }).await;
    assert!(took(&by_class, "[2,1]").await >= time);
    assert!(took(&by_class, "[[1,2],[2,1],[2,1]]").await >= time);
    assert!(took(&by_class, "[1,2]").await < time);
    let of = LatencyOf::new(
        move |row, answer| if row[0] == 7.0 && answer[1] > 0.5 { time } else { Duration::ZERO },
    );
    let by_row = bench(Faults { latency_of: Some(of), ..Faults::default() }).await;
    assert!(took(&by_row, "[7,1]").await >= time);
    assert!(took(&by_row, "[7,8]").await < time);
    let fixed = bench(Faults { latency: Latency::Fixed(time), ..Faults::default() }).await;
    assert!(took(&fixed, "[1,2]").await >= time);
}

#[tokio::test]
async fn a_misshapen_answer_is_about_one_row_less_and_a_complaint_comes_with_status_200() {
    let bench =
        bench(Faults { misshape: When::First(1), complain: When::After(1), ..Faults::default() }).await;
    let asked = r#"{"instances":[[1,2],[3,4]]}"#;
    let reply = bench.post("/v1/models/sum:predict", asked).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"predictions":[3.0]}"#));
    let reply = bench.post("/v1/models/sum:predict", asked).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"error": "the model failed on demand"}"#));
}
