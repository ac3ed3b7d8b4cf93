//! The protocol as the endpoint drives it: its settings, and who writes and reads.

use url::Url;

use super::decode;
use super::template::{Body, Template};
use crate::{Answer, Description, Failure, HttpProtocol, RequestHead, ResponseHead, Row, SetupError};

/// The settings of a JSON service.
#[derive(Debug, Clone)]
pub struct JsonOptions {
    /// Where to send requests, without credentials.
    pub url: Url,
    /// The body as JSON text in which the string `"${rows}"` stands for the list of rows, or `"${row}"`
    /// for a single one; `{"instances": "${rows}"}` when `None`.
    pub body: Option<String>,
    /// The JSON Pointer to the list of answers, or to the single answer for `"${row}"`; `/predictions` when
    /// `None`, the whole response when empty.
    pub answer: Option<String>,
}

/// A JSON service.
#[derive(Debug, Clone)]
pub struct JsonProtocol {
    url: Url,
    pub(super) template: Template,
    pub(super) answer: String,
}

impl JsonProtocol {
    /// The name as it is typed in a target.
    pub const NAME: &'static str = "json";

    /// A service with these settings.
    ///
    /// # Errors
    /// When the body template or the pointer cannot be used. The URL is judged by
    /// [`HttpEndpoint::new`](crate::HttpEndpoint::new).
    pub fn new(options: JsonOptions) -> Result<Self, SetupError> {
        let template = Template::parse(options.body.as_deref().unwrap_or(r#"{"instances":"${rows}"}"#))?;
        let answer = options.answer.unwrap_or_else(|| "/predictions".to_owned());
        if !answer.is_empty() && !answer.starts_with('/') {
            return Err(SetupError::Pointer(answer));
        }
        Ok(Self { url: options.url, template, answer })
    }
}

impl HttpProtocol for JsonProtocol {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn url(&self) -> &Url {
        &self.url
    }

    fn discover(&self) -> Option<RequestHead> {
        None
    }

    fn discovered(&self, _: &ResponseHead, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn description(&self) -> Description {
        let max_batch = (self.template.body == Body::Row).then_some(1);
        Description { max_batch, ..Description::default() }
    }

    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure> {
        self.template.fill(rows, body)?;
        Ok(RequestHead::post_json(self.url.clone()))
    }

    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
        decode::decode(self, rows, head, body)
    }
}
