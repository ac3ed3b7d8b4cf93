//! The record of arrivals, and the end of the server.

use std::sync::Arc;
use std::time::Duration;

use noisebound_mock_server::faults::{Faults, Latency, When};
use noisebound_mock_server::models::Coin;
use noisebound_mock_server::{Mock, Options};

use crate::client::{Bench, small};

#[tokio::test]
async fn arrivals_and_counts_tell_what_came() {
    let bench = Bench::new(small()).await;
    bench.get("/v2/models/sum?x=1").await;
    bench.post("/v1/models/sum:predict", r#"{"instances":[[1,2],[3,4],[5,6]]}"#).await;
    bench.post("/predictions/nope", "[1,2]").await;
    let arrivals = bench.mock.arrivals();
    let told: Vec<_> =
        arrivals.iter().map(|a| (a.method.as_str(), a.path.as_str(), a.rows, a.status)).collect();
    let expected = [
        ("GET", "/v2/models/sum", 0, Some(200)),
        ("POST", "/v1/models/sum:predict", 3, Some(200)),
        ("POST", "/predictions/nope", 0, Some(404)),
    ];
    assert_eq!(told, expected);
    assert!(arrivals.is_sorted_by_key(|arrival| arrival.at));
    let counts = bench.mock.counts();
    assert_eq!((counts.requests, counts.predictions, counts.rows, counts.unanswered), (3, 2, 3, 0));
    assert_eq!(counts.statuses.into_iter().collect::<Vec<_>>(), [(200, 2), (404, 1)]);
}

#[tokio::test]
async fn requests_under_way_are_answered_before_the_end() {
    let faults = Faults { latency: Latency::Fixed(Duration::from_secs(3600)), ..Faults::default() };
    let bench = Bench::new(Options { faults, ..small() }).await;
    let asked = bench.ask_aside();
    bench.until(|counts| counts.predictions == 1).await;
    let address = bench.mock.address();
    bench.mock.stop().await.unwrap();
    assert_eq!(asked.await.unwrap().unwrap().text().await.unwrap(), "3.0");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the server still listens");
}

#[tokio::test]
async fn the_most_open_requests_are_counted() {
    let faults = Faults { stall: When::First(3), ..Faults::default() };
    let bench = Bench::new(Options { faults, ..small() }).await;
    let asked = [bench.ask_aside(), bench.ask_aside(), bench.ask_aside()];
    bench.until(|counts| counts.predictions == 3).await;
    asked.iter().for_each(tokio::task::JoinHandle::abort);
    bench.until(|counts| counts.unanswered == 3).await;
    bench.ask(4.0).await.unwrap();
    assert_eq!(bench.mock.counts().most_open, 3);
}

#[tokio::test]
async fn two_models_of_one_name_are_refused() {
    let models = vec![Arc::new(Coin::new("a", 1, 0.5)) as _, Arc::new(Coin::new("a", 1, 0.5)) as _];
    let error = Mock::start(Options { models, ..Options::default() }).await.unwrap_err();
    assert_eq!(error.to_string(), "two models are called 'a'; expected different names");
}

#[tokio::test]
async fn targets_are_spelled_for_each_protocol() {
    let bench = Bench::new(small()).await;
    let address = bench.mock.address();
    assert_eq!(bench.mock.url("triton", "sum"), format!("triton://{address}/sum"));
    assert_eq!(bench.mock.url("torchserve", "sum"), format!("torchserve://{address}/sum"));
    assert_eq!(bench.mock.url("json", "sum"), format!("json://{address}/v1/models/sum:predict"));
}

#[tokio::test]
async fn a_coin_is_thrown_for_each_request_and_follows_the_seed() {
    async fn throws(seed: u64) -> Vec<String> {
        let models = vec![Arc::new(Coin::new("coin", 1, 0.5)) as _];
        let bench = Bench::new(Options { models, seed, ..Options::default() }).await;
        let mut throws = Vec::new();
        for _ in 0..40 {
            throws.push(bench.post("/predictions/coin", "[0]").await.text().to_owned());
        }
        throws
    }
    let first = throws(1).await;
    assert!(first.iter().any(|throw| throw != &first[0]));
    assert_eq!(first, throws(1).await);
    assert_ne!(first, throws(2).await);
}
