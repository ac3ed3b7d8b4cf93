//! A mock with an HTTP client for it, and the bodies that the tests send.

use std::sync::Arc;

use noisebound_mock_server::models::{Constant, LinearClassifier, LinearRegression, Model};
use noisebound_mock_server::{Counts, Mock, Options};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::task::JoinHandle;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A server and a client for it.
pub struct Bench {
    pub mock: Mock,
    client: Client,
}

impl Bench {
    pub async fn new(options: Options) -> Self {
        let client = Client::builder().no_proxy().no_gzip().build().unwrap();
        Self { mock: Mock::start(options).await.unwrap(), client }
    }

    /// Sends a request; an error is a connection that broke.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<Reply, reqwest::Error> {
        let url = format!("http://{}{path}", self.mock.address());
        let name = |name: &str| HeaderName::try_from(name).unwrap();
        let headers = headers.iter().map(|(key, value)| (name(key), HeaderValue::from_str(value).unwrap()));
        let request = self.client.request(method, url).headers(headers.collect()).body(body.into());
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], "").await.unwrap()
    }

    /// Posts a body as JSON.
    pub async fn post(&self, path: &str, body: &str) -> Reply {
        self.try_post(path, body).await.unwrap()
    }

    pub async fn try_post(&self, path: &str, body: &str) -> Result<Reply, reqwest::Error> {
        self.send(Method::POST, path, &[("content-type", "application/json")], body).await
    }

    /// Asks the `sum` model for the row 1, 2 in a task of its own.
    pub fn ask_aside(&self) -> JoinHandle<Result<reqwest::Response, reqwest::Error>> {
        let url = format!("http://{}/predictions/sum", self.mock.address());
        let request = self.client.post(url).header("content-type", "application/json").body("[1,2]");
        tokio::spawn(request.send())
    }

    /// Waits until the counts are as they should become.
    pub async fn until(&self, become_so: impl Fn(&Counts) -> bool) {
        for _ in 0..10_000_000u32 {
            if become_so(&self.mock.counts()) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the counts stayed at {:?}", self.mock.counts());
    }

    /// Asks the `sum` model of [`small`] for one row over TorchServe; the row alone makes the body.
    pub async fn ask(&self, x: f64) -> Result<Reply, reqwest::Error> {
        self.try_post("/predictions/sum", &format!("[{x},0]")).await
    }
}

/// Small models of two columns: `sum` (x0 + x1), `side` (class 1 where x0 > x1), `third` (always 1/3).
pub fn small() -> Options {
    let models: Vec<Arc<dyn Model>> = vec![
        Arc::new(LinearRegression::new("sum", vec![1.0, 1.0], 0.0)),
        Arc::new(LinearClassifier::new("side", vec![1.0, -1.0], 0.0)),
        Arc::new(Constant::new("third", 2, vec![1.0 / 3.0])),
    ];
    Options { models, ..Options::default() }
}
