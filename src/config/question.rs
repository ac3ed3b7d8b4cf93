//! What is asked. Two audits with the same question have the same results; nothing in here may change on
//! resume.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The question of an audit, validated. It is fingerprinted, and stands in the journal and the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Fixes the rows and the noise of every draw.
    pub seed: u64,
    /// The endpoint: protocol, URL without credentials, model and version.
    pub endpoint: EndpointId,
    /// BLAKE3 of the data and the targets, and the number of rows.
    pub data: DataId,
    /// The noise.
    pub noise: NoiseSpec,
    /// The loss.
    pub loss: LossSpec,
    /// The noise levels, ascending, above 0, no two alike.
    pub levels: Vec<f64>,
    /// The half-width at which a level stops, in units of the loss; absent when only gates are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// Which limits are claimed.
    pub side: SideSpec,
    /// The probability with which everything that is stated holds, together.
    pub confidence: f64,
    /// The gates, in the order given.
    #[serde(default)]
    pub gates: Vec<GateSpec>,
    /// Within what distance of its threshold a gate stops undecided, in units of the loss; absent for the
    /// default, `max(threshold / 20, 0.002 x range)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate_resolution: Option<f64>,
    /// What the risk is an average over.
    pub scope: Scope,
    /// Up to how many rows all of them are asked clean before the first noisy draw.
    pub clean_pass: u64,
    /// How far apart, relative to their size, two clean answers may lie and still count as the same.
    pub same_tolerance: f64,
}

/// Which endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointId {
    /// `json`, `torchserve` or `triton`.
    pub protocol: String,
    /// The target as it would be typed, `triton://host:8000/model`, without credentials.
    pub url: String,
    /// The model, where the protocol names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The version asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The output that the loss reads, for models with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The template of the request, for JSON services; absent for the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where the answer holds the predictions, for JSON services; absent for the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Which data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataId {
    /// The number of rows.
    pub rows: u64,
    /// BLAKE3 of the data and targets, 64 hexadecimal digits.
    pub blake3: String,
}

/// Which noise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoiseSpec {
    /// The family: `gaussian` or `uniform`.
    pub family: String,
    /// The unit of the levels.
    pub scale: Scale,
    /// The range that perturbed values are held inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<(f64, f64)>,
    /// The only columns that are perturbed; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub perturb: Option<Vec<String>>,
    /// The columns that are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Vec<String>>,
}

/// The unit of the levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// The unit of the data.
    Absolute,
    /// The standard deviation of each column of the data.
    Std,
}

/// Which loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossSpec {
    /// `error`, `flip`, `squared-error` or `absolute-error`.
    pub name: String,
    /// The range that the user promised, for losses that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// From what score on a single-score prediction is class 1.
    pub threshold: f64,
}

/// Which limits are claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SideSpec {
    /// A lower and an upper limit.
    Both,
    /// An upper limit alone.
    Upper,
}

/// What the risk is an average over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The rows of the data set, drawn with replacement.
    DataSet,
}

/// A claim that the user wants decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// As it was typed, white space made even: `error@0.1 <= 0.2`.
    pub text: String,
    /// The level; absent for all levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Whether the risk must be at most or at least the threshold.
    pub relation: Relation,
    /// The threshold, in units of the loss.
    pub threshold: f64,
}

/// How a gate compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Relation {
    /// The risk is at most the threshold.
    #[serde(rename = "<=")]
    AtMost,
    /// The risk is at least the threshold.
    #[serde(rename = ">=")]
    AtLeast,
}
