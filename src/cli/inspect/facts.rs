//! What was seen of an endpoint, as `--json` prints it and [`told`](super::told) tells it.
//!
//! Texts of the server stand here as they came, secrets masked; whoever prints them makes them harmless.

use noisebound_adapters::{Description, Dtype, Exchange, Port, Route, WireRequest, WireResponse};
use schemars::JsonSchema;
use serde::Serialize;

use super::advice::Advice;
use super::body::{begins, shown};
use super::look::{Look, ROW, form};
use super::spread::Spread;
use super::understood::Understood;
use crate::config::Question;
use crate::config::question::Scale;
use crate::config::settings::Settings;
use crate::data::Dataset;
use crate::noise::Mask;

/// What was seen of an endpoint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Inspection {
    /// `noisebound.inspection/1`.
    pub format: &'static str,
    /// The target, as it would be typed.
    pub target: String,
    /// How it is spoken to.
    pub protocol: &'static str,
    /// The server software and its version, where it tells.
    pub server: Option<String>,
    /// The models that the server lists.
    pub models: Vec<ModelFacts>,
    /// What the server tells of the model that was named; absent where none was.
    pub model: Option<ModelFacts>,
    /// The most rows in one request, where the server tells.
    pub max_batch: Option<usize>,
    /// The inputs, where the server tells.
    pub inputs: Vec<PortFacts>,
    /// The outputs, where the server tells.
    pub outputs: Vec<PortFacts>,
    /// What else the server tells that matters to who asks it.
    pub notes: Vec<String>,
    /// The paths that take a POST, as its OpenAPI description names them.
    pub routes: Vec<RouteFacts>,
    /// Where it was looked for more, and the status that came back.
    pub looked: Vec<(String, String)>,
    /// The rows.
    pub data: Option<DataFacts>,
    /// What noise an audit would add.
    pub noise: Option<String>,
    /// What is to be doubted of it, for the types that the model takes.
    pub doubts: Vec<String>,
    /// The row that was sent, counted from 0.
    pub row: Option<u64>,
    /// The request as it went over the wire.
    pub request: Option<Message>,
    /// The answer as it came over the wire.
    pub answer: Option<Message>,
    /// How long each answer took, in milliseconds.
    pub took_ms: Vec<f64>,
    /// What was understood of the answers.
    pub understood: Option<Understood>,
    /// What did not fit in the answer.
    pub misfit: Option<Misfit>,
    /// A ready audit file.
    pub audit_file: Option<String>,
    /// Why it went no further.
    pub problem: Option<Problem>,
    /// How to say what the service takes and gives, where nothing says it.
    #[serde(skip)]
    pub form: Option<String>,
}

/// A model.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ModelFacts {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whether it is ready, in the server's own words.
    pub state: Option<String>,
}

/// An input or output.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PortFacts {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub dtype: Option<&'static str>,
    /// The dimensions of one row, -1 where any size fits.
    pub shape: Option<Vec<i64>>,
}

/// A path that takes a POST.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouteFacts {
    /// The path.
    pub path: String,
    /// The fields of the request: name, type, whether required.
    pub fields: Vec<(String, String, bool)>,
}

/// A request or an answer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Message {
    /// `POST http://host/path`, or `200 OK`.
    pub head: String,
    /// Names and values, secrets masked.
    pub headers: Vec<(String, String)>,
    /// The size of the body.
    pub bytes: usize,
    /// The body for people: JSON laid out and cut, what is no text as its size and first bytes.
    pub body: String,
}

/// An answer that does not fit.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Misfit {
    /// The kind of the failure.
    pub kind: &'static str,
    /// What was expected and found.
    pub said: String,
    /// The first 200 bytes of the answer, in hexadecimal where they are no text.
    pub begins: String,
    /// The JSON Pointer that was tried, where one was.
    pub tried: Option<String>,
    /// The pointers that would read it.
    pub would_fit: Vec<String>,
}

/// The rows.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DataFacts {
    /// The files.
    pub source: String,
    /// How many rows.
    pub rows: usize,
    /// The fields.
    pub fields: Vec<PortFacts>,
    /// The columns, where they are a table.
    pub columns: Vec<String>,
    /// Where the numbers lie that noise can be added to; absent for tables, whose columns have units of their own.
    pub spread: Option<Spread>,
    /// The smallest and the largest target, where they are numbers.
    pub targets: Option<(f64, f64)>,
    /// Whether each target is 0 or 1.
    #[serde(skip)]
    pub binary: bool,
}

/// Why it went no further.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// In words.
    pub said: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The exit code.
    pub exit_code: u8,
}

impl Problem {
    /// A problem.
    pub fn new(exit_code: u8, said: impl Into<String>, hint: Option<impl Into<String>>) -> Self {
        Self { said: said.into(), hint: hint.map(Into::into), exit_code }
    }
}

impl Inspection {
    /// The format and its version.
    pub const FORMAT: &'static str = "noisebound.inspection/1";

    /// What was seen, before anything is made of it.
    pub fn new(settings: &Settings, seen: &Look) -> Self {
        let place = &settings.place;
        let surveys = || seen.sights.iter().filter_map(|sight| sight.told.as_ref());
        let told = seen.description.as_ref().or(seen.learned.as_ref());
        let of_survey = surveys().find_map(|told| told.server.clone());
        // Of a model that is not there nothing was told.
        let there = seen.description.is_some() || told.is_some_and(|told| !told.inputs.is_empty());
        let named = told.filter(|_| there).map(|told| ModelFacts {
            name: told.model.clone().or_else(|| place.target.model().map(str::to_owned)),
            version: told.version.clone().or_else(|| place.target.version().map(str::to_owned)),
            state: None,
        });
        let ports = |ports: fn(&Description) -> &[Port]| {
            told.map_or_else(Vec::new, |told| ports(told).iter().map(PortFacts::new).collect())
        };
        let last = seen.shown.last();
        // Where the row could not be encoded nothing was sent, and there is no header.
        let sent = |exchange: &&Exchange| !exchange.request.headers.is_empty();
        let exchange = last.and_then(|shown| shown.wire.as_ref()).filter(sent);
        let response = exchange.and_then(|exchange| exchange.response.as_ref());
        let models = surveys().flat_map(|told| &told.models).map(|model| ModelFacts {
            name: Some(model.name.clone()),
            version: model.version.clone(),
            state: model.state.clone(),
        });
        Self {
            format: Self::FORMAT,
            target: place.target.url(),
            protocol: place.target.protocol(),
            server: told.and_then(|told| told.server.clone()).or(of_survey),
            models: models.collect(),
            model: named.filter(|named| named.name.is_some()),
            max_batch: told.and_then(|told| told.max_batch),
            inputs: ports(|told| &told.inputs),
            outputs: ports(|told| &told.outputs),
            notes: told.map_or_else(Vec::new, |told| told.notes.iter().chain(&told.hint).cloned().collect()),
            routes: surveys().flat_map(|told| &told.routes).map(RouteFacts::new).collect(),
            looked: seen.sights.iter().map(|sight| (sight.at.clone(), sight.said.clone())).collect(),
            data: None,
            noise: None,
            doubts: Vec::new(),
            row: exchange.map(|_| ROW),
            request: exchange.map(|exchange| Message::of_request(&exchange.request)),
            answer: response.map(Message::of_response),
            took_ms: seen.shown.iter().map(|shown| shown.took.as_secs_f64() * 1e3).collect(),
            understood: None,
            misfit: misfit(seen),
            audit_file: None,
            problem: seen.problem.clone(),
            form: form(settings),
        }
    }
}

/// What did not fit in an answer that came whole.
fn misfit(seen: &Look) -> Option<Misfit> {
    let shown = seen.shown.last()?;
    let failure = shown.answer.as_ref().err()?;
    let exchange = shown.wire.as_ref()?;
    let response = exchange.response.as_ref()?;
    Some(Misfit {
        kind: failure.kind.name(),
        said: failure.reason().to_owned(),
        begins: begins(&response.body, response.size),
        tried: exchange.tried.clone(),
        would_fit: exchange.would_fit.clone(),
    })
}

impl PortFacts {
    fn new(port: &Port) -> Self {
        Self { name: port.name.clone(), dtype: port.dtype.map(Dtype::name), shape: port.shape.clone() }
    }
}

impl RouteFacts {
    fn new(route: &Route) -> Self {
        let field = |it: &noisebound_adapters::Taken| (it.name.clone(), it.kind.clone(), it.required);
        Self { path: route.path.clone(), fields: route.fields.iter().map(field).collect() }
    }
}

impl Message {
    fn of_request(sent: &WireRequest) -> Self {
        Self {
            head: format!("{} {}", sent.method, sent.url),
            headers: sent.headers.clone(),
            bytes: sent.body.len(),
            body: shown(&sent.body, sent.body.len()),
        }
    }

    fn of_response(came: &WireResponse) -> Self {
        Self {
            head: came.status.clone(),
            headers: came.headers.clone(),
            bytes: came.size,
            body: shown(&came.body, came.size),
        }
    }
}

impl DataFacts {
    /// What of the data is told; the mask says which values noise is added to.
    pub fn new(settings: &Settings, dataset: &Dataset, mask: Option<&Mask>) -> Self {
        let field = |field: &crate::data::Field| PortFacts {
            name: field.name.to_string(),
            dtype: Some(field.dtype().name()),
            shape: field
                .shape
                .same()
                .map(|shape| shape.iter().map(|size| i64::try_from(*size).unwrap_or(i64::MAX)).collect()),
        };
        let targets = settings.facts(dataset).targets_range;
        let numbers = dataset.targets.iter().flatten().map(|target| match target {
            crate::loss::Target::Number(v) => Some(*v),
            _ => None,
        });
        Self {
            source: settings.data.data.to_string(),
            rows: dataset.rows,
            fields: dataset.fields.iter().map(field).collect(),
            columns: dataset.fields.iter().filter_map(|field| field.columns.clone()).flatten().collect(),
            spread: mask.filter(|_| !dataset.is_table()).and_then(|mask| Spread::of(dataset, mask)),
            targets,
            binary: targets.is_some() && numbers.into_iter().all(|v| v == Some(0.0) || v == Some(1.0)),
        }
    }
}

/// What noise would be added: what was typed, else what is advised, as the audit file says it.
pub fn noise(question: &Question, advice: &Advice, (perturbed, all): (usize, usize)) -> String {
    let noise = &question.noise;
    let advised = |key| {
        let idea = advice.ideas.iter().find(|idea| idea.key == key && idea.holds)?;
        Some(idea.value.as_array()?.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let levels = advised("levels");
    let levels = levels.unwrap_or_else(|| question.levels.iter().map(ToString::to_string).collect());
    let unit = match noise.scale {
        Scale::Absolute => "in the unit of the data",
        Scale::Std => "in standard deviations of each column",
    };
    let typed = noise.clip.map(|(low, high)| vec![low.to_string(), high.to_string()]);
    let clip = typed.or_else(|| advised("clip"));
    let clip = clip.map_or_else(String::new, |ends| format!(", held inside {}", ends.join(" to ")));
    let family = &noise.family;
    format!("{family}, levels {} {unit}, on {perturbed} of {all} values of a row{clip}", levels.join(", "))
}
