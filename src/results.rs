//! What an audit found: the model of `report.json`, and the only thing that reports see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bound::Claim;
use crate::config::question::Measured;
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
    /// What the model received of the noise of each level, measured before the first query: no claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub realised: Vec<RealisedNoise>,
    /// What was found; a function of the question and the answers alone.
    pub results: Results,
    /// How this run went.
    pub run: Run,
}

impl Report {
    /// The format of this version.
    pub const FORMAT: &str = "noisebound.report/1";

    /// The same with so many answers that do not count, because another model may have given them.
    #[must_use]
    pub fn with_unknown(mut self, answers: u64) -> Self {
        self.run.model_unknown = answers;
        self
    }

    /// The same with what clean rows showed of the model beside those that are charged.
    #[must_use]
    pub fn with_identity(mut self, identity: Option<Identity>) -> Self {
        self.run.identity = identity;
        self
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What the endpoint told about itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct EndpointFacts {
    /// The target, without credentials.
    pub url: String,
    /// `json`, `torchserve` or `triton`.
    pub protocol: String,
    /// The model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The server software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What can be done about how such a server answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
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
    /// Its dimensions for one row; 0 for those in which rows differ.
    pub shape: Vec<u64>,
    /// How many elements of a row are perturbed; of the largest, where rows differ.
    pub perturbed: u64,
}

/// What the model receives of a level's noise in one field, over the first draws: after clipping, and after rounding to
/// the type of the data and to that of the model's input. Sizes are root mean squares over the perturbed elements, in
/// units of the level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RealisedNoise {
    /// The level.
    pub level: f64,
    /// The field.
    pub field: String,
    /// The type in which the model takes it, where the server tells, else that of the data; both where that of the data is
    /// of whole numbers and the model's is not; several where columns are inputs of their own.
    pub dtype: String,
    /// How many draws were looked at.
    pub draws: u64,
    /// How many perturbed elements these have.
    pub elements: u64,
    /// The size of the noise as it was drawn.
    pub asked: f64,
    /// The size of the difference between what the model receives with the noise and without it; absent where that is not
    /// measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<f64>,
    /// The share of elements that arrive as they do without noise; at least so many where it is not measured.
    pub unchanged: f64,
    /// The share of elements that were held at an end of `clip` or of a type, or are beyond it.
    pub clipped: f64,
    /// The columns of a table of whose noise hardly anything arrives, while that of the others does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<RealisedColumn>,
    /// Why it is not measured what the model receives, where the request is made of the values in a way that cannot be
    /// followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmeasured: Option<String>,
}

/// A column of whose noise hardly anything arrives.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RealisedColumn {
    /// The column.
    pub column: String,
    /// The type in which the model takes it, where the server tells, else that of the data.
    pub dtype: String,
    /// The share of its values that arrive as they do without noise.
    pub unchanged: f64,
    /// The share of its values that were held at an end of `clip` or of a type, or are beyond it.
    pub clipped: f64,
}

impl RealisedNoise {
    /// From this share of unchanged elements on, rounding or clipping has swallowed the noise.
    pub const SWALLOWED: f64 = 0.95;

    /// Whether hardly anything of the noise arrives.
    pub fn swallowed(&self) -> bool {
        self.unchanged >= Self::SWALLOWED
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// The probability with which all statements hold together.
    pub confidence: f64,
    /// The loss.
    pub loss: String,
    /// The range of the loss; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// What larger losses count as; the risk is then that of the capped loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
    /// Whether the limits are asymptotic: not sure to hold, least of all for losses with heavy tails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asymptotic: bool,
    /// `data-set` or `population`.
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
    /// The critical level, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<CriticalResult>,
    /// The robustness index: the mean over the levels of `1 - risk` for losses that are 0 or 1, of `clean risk /
    /// risk` for others. Its limits follow from those of the risks; absent where it is not defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Bounded>,
    /// How often the endpoint contradicts itself without noise, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_floor: Option<NoiseFloor>,
    /// Clean rows that were asked again on the way, all answered as at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentinels: Option<Sentinels>,
}

/// Clean rows that were asked again on the way, to see whether the model is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sentinels {
    /// How many.
    pub asked: u64,
    /// How many of them were not answered.
    pub unanswered: u64,
}

/// Clean rows that were asked again, and are not charged, to see whether the model is still the same: one before anything
/// else whenever the run was resumed, and one after the last draw. Where one stays unanswered, another row is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// How many.
    pub asked: u64,
    /// How many of them were not answered.
    pub unanswered: u64,
    /// Answers that count, those of the check at the start aside, and had not arrived before the last clean row was sent,
    /// of these or of `results.sentinels`, that was answered as at the start: another model may have given them.
    pub unconfirmed: u64,
}

/// How often the endpoint, asked the same row twice without noise, contradicts itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoiseFloor {
    /// How many rows were asked twice.
    pub pairs: u64,
    /// How many of them lack an answer.
    pub unanswered: u64,
    /// The probability that the two answers differ: another class, or values further apart than the tolerance.
    pub differ: Bounded,
}

/// Up to which level a statement holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CriticalResult {
    /// The statement, as in `claims`.
    pub claim: String,
    /// The largest level of the grid up to which it holds at every level; absent where it was not shown to hold
    /// at the lowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// The level after that; absent where it holds at all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<f64>,
    /// What was found at that level: it fails, or it is undecided; `holds` where it holds at all levels.
    pub verdict: Verdict,
}

/// Where clean answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CleanAnswers {
    /// Asked once for each row, and kept.
    #[default]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// The same for each slice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceResult>,
}

/// One slice of the rows at one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SliceResult {
    /// The value in the column of the slices.
    pub value: String,
    /// How many draws were of its rows.
    pub draws: u64,
    /// How many of them stayed unanswered.
    pub unanswered: u64,
    /// The risk of its rows.
    pub risk: Bounded,
    /// Their risk minus their clean risk; absent unless that is known or claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degradation: Option<Bounded>,
    /// How often their losses are above the cap, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<Tail>,
}

/// How often losses are above the cap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tail {
    /// The cap.
    pub above: f64,
    /// The probability of a loss above it.
    pub probability: Bounded,
}

/// A quantile at a level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantileResult {
    /// Of what.
    pub of: Measured,
    /// Which, in per cent.
    pub percent: f64,
    /// Its value. A limit that is not known is absent, as is one that has no claim.
    pub value: Bounded,
}

/// What noise did to single rows, for losses that are 0 or 1. The four counts and those unanswered, among the
/// noisy or the clean answers, add up to the draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Split {
    /// Draws that are wrong, of rows that are wrong without noise already.
    pub was_wrong: u64,
    /// Draws that are wrong, of rows that are right without noise.
    pub became_wrong: u64,
    /// Draws that are right, of rows that are wrong without noise.
    pub became_right: u64,
    /// Draws that are right, of rows that are right without noise.
    pub stayed_right: u64,
    /// Draws that lack an answer, or whose row does without noise.
    pub unanswered: u64,
}

/// The mean loss of the whole data set under one fresh draw of all noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct DataSetLoss {
    /// How many complete passes there were.
    pub passes: u64,
    /// How many are planned; 0 where there is a gate alone.
    pub planned: u64,
    /// The share of passes that the limit is for.
    pub share: f64,
    /// The mean over the passes, and the upper limit for that share of them.
    pub mean: Bounded,
}

/// One level of the curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LevelResult {
    /// The noise level.
    pub level: f64,
    /// How many draws were charged.
    pub draws: u64,
    /// How many of them stayed unanswered.
    pub unanswered: u64,
    /// The risk at this level.
    pub risk: Bounded,
    /// The risk minus the clean risk; absent unless that is known exactly or the difference is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degradation: Option<Bounded>,
    /// The degradation as a multiple of the clean risk; absent unless that is surely above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative: Option<Bounded>,
    /// How often losses are above the cap, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<Tail>,
    /// The quantiles that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<QuantileResult>,
    /// What noise did to single rows, for losses that are 0 or 1 and clean answers that are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// The slices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<SliceResult>,
    /// The loss of the whole data set, where passes were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_set: Option<DataSetLoss>,
    /// The engine of the risk, as in `claims`.
    pub method: String,
    /// What stopped it.
    pub stopped: Stopped,
}

/// What stopped a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
    #[default]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The claim holds.
    Holds,
    /// The claim is false.
    Fails,
    /// Neither was shown.
    #[default]
    Undecided,
}

/// How an endpoint did at the start of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BaselineFacts {
    /// The median time of a request of so many rows, in seconds, those that timed out left out.
    pub latency: f64,
    /// The rows of those requests, the number that most requests have.
    #[serde(default)]
    pub rows: u64,
    /// The share of requests that failed.
    pub failures: f64,
}

/// How a run went. Nothing in here is a function of the question alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The version of noisebound.
    pub tool: String,
    /// Its id, which every request carries in the header `noisebound-run`; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it started, RFC 3339, UTC.
    pub started: String,
    /// When it was resumed, each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<String>,
    /// When it ended.
    pub finished: String,
    /// Charged queries: rows, clean ones included.
    pub queries: u64,
    /// Requests sent, of any kind.
    pub requests: u64,
    /// Requests that asked for predictions.
    pub predictions: u64,
    /// Rows in these, those that were sent again included.
    #[serde(default)]
    pub rows: u64,
    /// What all rows that were sent cost; absent where the cost of one was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Requests sent again after a failure.
    pub retries: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Failures by kind.
    pub failure_kinds: std::collections::BTreeMap<String, u64>,
    /// How often the endpoint was left alone because it failed, or did worse than at the start, in all runs.
    #[serde(default)]
    pub openings: u32,
    /// How the endpoint did at the start of the audit; absent where that was too short to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineFacts>,
    /// Draws that were sent ahead, answered and never charged.
    pub surplus: u64,
    /// Answers that do not count, because another model may have given them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub model_unknown: u64,
    /// Whether the model stayed the same, by clean rows beside those of `results.sentinels`; absent where clean answers
    /// do not repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Why the run was cut, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// The exit code of the command.
    pub exit_code: u8,
}
