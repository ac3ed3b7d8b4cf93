//! The protocol as the endpoint drives it: its settings, and who writes and reads.

use url::Url;

use super::decode;
use super::pointer::Pointer;
use super::presets::{self, Preset};
use super::suggest::suggest;
use super::template::{Known, Template};
use crate::setup::below;
use crate::survey::routes;
use crate::{Answer, Description, Failure, HttpProtocol, RequestHead, ResponseHead, Row, SetupError, Survey};

/// The settings of a JSON service.
#[derive(Debug, Clone)]
pub struct JsonOptions {
    /// Where to send requests, without credentials; where it has no path, that of the preset is added.
    pub url: Url,
    /// What is known of such services; where `None`, what the URL tells, else `{"instances": [..]}` and
    /// `/predictions`.
    pub preset: Option<&'static Preset>,
    /// The model, for presets and templates that name it.
    pub model: Option<String>,
    /// The names of the elements of a row, where the data have names; for templates.
    pub columns: Vec<String>,
    /// The body as a template of JSON in which `{{ rows }}` stands for the list of rows, or `{{ row }}` for a single
    /// one; that of the preset when `None`.
    pub body: Option<String>,
    /// The JSON Pointer to the list of answers, or to the single answer for `{{ row }}`; that of the preset when
    /// `None`, the whole response when empty.
    pub answer: Option<String>,
}

impl JsonOptions {
    /// The settings of a service of which only the place is known.
    pub fn new(url: Url) -> Self {
        Self { url, preset: None, model: None, columns: Vec::new(), body: None, answer: None }
    }
}

/// A JSON service.
#[derive(Debug)]
pub struct JsonProtocol {
    url: Url,
    pub(super) preset: &'static Preset,
    pub(super) template: Template,
    pub(super) answer: Pointer,
}

impl JsonProtocol {
    /// The name as it is typed in a target.
    pub const NAME: &'static str = "json";

    /// A service with these settings.
    ///
    /// # Errors
    /// When the body template or the pointer cannot be used, or a model is needed and not named, or the other way
    /// round. The URL is judged by [`HttpEndpoint::new`](crate::HttpEndpoint::new).
    pub fn new(options: JsonOptions) -> Result<Self, SetupError> {
        let JsonOptions { url, preset, model, columns, body, answer } = options;
        let preset = preset.or_else(|| presets::recognise(&url)).unwrap_or_else(presets::default);
        let known = Known { model: model.as_deref(), columns: &columns };
        let template = Template::parse(body.as_deref().unwrap_or(preset.body), &known, preset.opaque)?;
        let answer = Pointer::parse(answer.as_deref().unwrap_or(preset.answer))?;
        let whole = url.path() != "/" || options_path(preset).is_none();
        let named = template.names_model() || (!whole && preset.path.contains("{model}"));
        if model.is_some() != named {
            return Err(SetupError::Model { preset: preset.name, needed: named });
        }
        let url = if whole { url } else { at_path(&url, preset.path, model.as_deref().unwrap_or_default()) };
        Ok(Self { url, preset, template, answer })
    }
}

/// The path of a preset that adds something to a URL.
fn options_path(preset: &Preset) -> Option<&'static str> {
    Some(preset.path).filter(|path| path.len() > 1)
}

/// The URL with the preset's path, the model in its place.
fn at_path(url: &Url, path: &str, model: &str) -> Url {
    let segments: Vec<String> =
        path.trim_start_matches('/').split('/').map(|step| step.replace("{model}", model)).collect();
    below(url, segments.iter().map(String::as_str))
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

    fn places(&self) -> Vec<RequestHead> {
        let at = |path: &str| {
            let mut url = self.url.clone();
            url.set_path(path);
            url.set_query(None);
            RequestHead::get(url)
        };
        ["/openapi.json", "/docs.json", "/schema.json"].map(at).into()
    }

    fn survey(&self, _: &RequestHead, _: &ResponseHead, body: &[u8]) -> Option<Survey> {
        routes(body)
    }

    fn description(&self) -> Description {
        let max_batch = (self.template.asked(1) == super::layout::Asked::One).then_some(1);
        Description { max_batch, ..Description::default() }
    }

    fn encode(&self, rows: &[Row], body: &mut Vec<u8>) -> Result<RequestHead, Failure> {
        self.template.fill(rows, body)?;
        let mut head = RequestHead::post_json(self.url.clone());
        head.headers.extend(self.preset.headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Ok(head)
    }

    fn decode(&self, rows: usize, head: &ResponseHead, body: &[u8]) -> Result<Answer, Failure> {
        decode::decode(self, rows, head, body)
    }

    fn tried(&self) -> Option<&str> {
        Some(&self.answer.whole)
    }

    fn would_fit(&self, rows: usize, body: &[u8]) -> Vec<String> {
        suggest(body, self.template.asked(rows))
    }
}
