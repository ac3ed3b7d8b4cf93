//! What an audit found: the model of `report.json`, and the only thing that reports see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bound::Claim;
use crate::config::{Conduct, Question};

/// The whole report. Within `noisebound.report/1` fields may be added; the meaning of one never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// `noisebound.report/1`.
    pub format: String,
    /// What was asked.
    pub question: Question,
    /// How it was asked.
    pub conduct: Conduct,
    /// What the endpoint told about itself.
    pub endpoint: EndpointFacts,
    /// What was sent.
    pub data: DataFacts,
    /// What was found; a function of the question and the answers alone.
    pub results: Results,
    /// How this run went.
    pub run: Run,
}

impl Report {
    /// The format of this version.
    pub const FORMAT: &str = "noisebound.report/1";
}

/// What the endpoint told about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct EndpointFacts {
    /// The target, without credentials.
    pub url: String,
    /// `json`, `torchserve` or `triton`.
    pub protocol: String,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The server software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// What data was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataFacts {
    /// The number of rows.
    pub rows: u64,
    /// The fields of a row.
    pub fields: Vec<FieldFacts>,
    /// BLAKE3 of the data and targets.
    pub blake3: String,
}

/// One field of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldFacts {
    /// Its name.
    pub name: String,
    /// The type of its elements, `FP32` for example.
    pub dtype: String,
    /// Its dimensions for one row.
    pub shape: Vec<u64>,
    /// How many elements of a row are perturbed.
    pub perturbed: u64,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// The probability with which all statements hold together.
    pub confidence: f64,
    /// The loss.
    pub loss: String,
    /// The range of the loss.
    pub range: (f64, f64),
    /// `data-set`.
    pub scope: String,
    /// Whether a clean answer is asked once and kept (`recorded`) or asked anew for each draw (`fresh`).
    pub clean_answers: CleanAnswers,
    /// Every statement that the audit could make, with its share of the error budget.
    pub claims: Vec<Claim>,
    /// The risk without noise.
    pub clean: Clean,
    /// The levels, ascending.
    pub levels: Vec<LevelResult>,
    /// The gates, in the order given.
    pub gates: Vec<GateResult>,
}

/// Where clean answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CleanAnswers {
    /// Asked once for each row, and kept.
    Recorded,
    /// Asked anew for each draw, as the endpoint does not answer the same row the same way.
    Fresh,
}

/// An estimate and its limits. A limit that was not claimed is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Bounded {
    /// The mean of the losses; absent when nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<f64>,
    /// The lower limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The upper limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// With unanswered draws: the mean if each of them had the best, and the worst, loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate_range: Option<(f64, f64)>,
}

/// The risk without noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clean {
    /// How many clean draws or rows the estimate rests on.
    pub draws: u64,
    /// How many of them stayed unanswered.
    pub unanswered: u64,
    /// Whether the risk is known and not estimated: every row was asked and answered, or the loss is against
    /// the clean answer itself, whose risk is 0 by definition.
    pub exact: bool,
    /// The risk.
    pub risk: Bounded,
    /// What stopped it, where clean is a level with draws of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
}

/// One level of the curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LevelResult {
    /// The noise level.
    pub level: f64,
    /// How many draws were charged.
    pub draws: u64,
    /// How many of them stayed unanswered.
    pub unanswered: u64,
    /// The risk at this level.
    pub risk: Bounded,
    /// The risk minus the clean risk; absent unless the clean risk is known exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degradation: Option<Bounded>,
    /// The engine, `aim` or `aim-bets`.
    pub method: String,
    /// What stopped it.
    pub stopped: Stopped,
}

/// What stopped a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// Its limits are as tight as was asked.
    Precision,
    /// Its gates are decided, or too close to their thresholds to be.
    Gate,
    /// The queries were used up.
    Budget,
    /// Each row was drawn once.
    Rows,
    /// Too many draws stayed unanswered for the precision ever to be reached.
    Unanswered,
    /// Its limits contradict each other.
    Inconsistent,
    /// The run ended first.
    Cut,
}

/// One gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// The gate, as in `claims`.
    pub claim: String,
    /// What was decided.
    pub verdict: Verdict,
}

/// What was decided about a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The claim holds.
    Holds,
    /// The claim is false.
    Fails,
    /// Neither was shown.
    Undecided,
}

/// How a run went. Nothing in here is a function of the question alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of noisebound.
    pub tool: String,
    /// When it started, RFC 3339, UTC.
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// Charged queries: rows, clean ones included.
    pub queries: u64,
    /// Requests sent, of any kind.
    pub requests: u64,
    /// Requests that asked for predictions.
    pub predictions: u64,
    /// Requests sent again after a failure.
    pub retries: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Failures by kind.
    pub failure_kinds: std::collections::BTreeMap<String, u64>,
    /// Draws that were sent ahead, answered and never charged.
    pub surplus: u64,
    /// Why the run was cut, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// The exit code of the command.
    pub exit_code: u8,
}
