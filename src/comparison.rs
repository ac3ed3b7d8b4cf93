//! What a comparison of endpoints found: the model of `compare.json`, and the only thing that its reports see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bound::Side;
use crate::config::{Conduct, Question};
use crate::results::{
    Bounded, Clean, CleanAnswers, DataFacts, EndpointFacts, RealisedNoise, Stopped, Verdict,
};

/// The whole comparison. Within `noisebound.comparison/1` fields may be added; the meaning of one never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// `noisebound.comparison/1`.
    pub format: String,
    /// What was asked of each endpoint; the endpoint in it is the reference.
    pub question: Question,
    /// By how much the risk of an endpoint may be above that of the reference, in units of the loss, where that
    /// was to be decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// How each endpoint was asked.
    pub conduct: Conduct,
    /// The endpoints; the first is the reference.
    pub endpoints: Vec<ComparedEndpoint>,
    /// What was sent.
    pub data: DataFacts,
    /// What was found; a function of what was asked and the answers alone.
    pub results: Compared,
    /// How this run went.
    pub run: ComparisonRun,
}

impl Comparison {
    /// The format of this version.
    pub const FORMAT: &str = "noisebound.comparison/1";
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedEndpoint {
    /// Its name within the comparison: `A` is the reference, then `B`, `C` and so on.
    pub name: String,
    /// What it told about itself.
    pub told: EndpointFacts,
    /// What its model received of the noise of each level, measured before the first query: no claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub realised: Vec<RealisedNoise>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The probability with which all statements hold together.
    pub confidence: f64,
    /// The loss.
    pub loss: String,
    /// The range of the loss.
    pub range: (f64, f64),
    /// What larger losses count as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
    /// `data-set` or `population`.
    pub scope: String,
    /// Every statement that the comparison could make, with its share of the error budget.
    pub claims: Vec<ComparedClaim>,
    /// The levels, ascending; clean is first where its risk is against targets.
    pub levels: Vec<ComparedLevel>,
    /// Accuracy and robustness of each endpoint.
    pub endpoints: Vec<ComparedSummary>,
}

/// One statement that the comparison will make; all of them are listed before the first query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedClaim {
    /// A name for it, unique within the comparison: `A risk@0.1:upper`, `B - A@0.1:upper`, `B - A@0.1 <= 0.02`.
    pub id: String,
    /// The endpoint.
    pub endpoint: String,
    /// What it is about.
    pub quantity: ComparedQuantity,
    /// The noise level; 0 is clean.
    pub level: f64,
    /// Which side it limits.
    pub side: Side,
    /// The probability with which it may be wrong.
    pub alpha: f64,
    /// The method, as in a report; `sign` for the sign test.
    pub method: String,
}

/// What a claim of a comparison is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ComparedQuantity {
    /// The risk of an endpoint.
    Risk,
    /// The risk of an endpoint minus that of the reference, over the same draws.
    Difference,
    /// Whether the risk is lower or higher than that of the reference.
    Sign,
    /// Whether the difference is at most the margin.
    Margin,
}

/// One level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ComparedLevel {
    /// The noise level; 0 is clean.
    pub level: f64,
    /// How many draws both answers of a pair were compared for; rows where clean risks are known.
    pub draws: u64,
    /// Whether the risks and differences are known and not estimated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// What stopped it; absent where it has no draws of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    /// The risk of each endpoint.
    pub risks: Vec<RiskOf>,
    /// The difference of each endpoint but the first from the first.
    pub differences: Vec<Difference>,
}

/// The risk of one endpoint at a level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RiskOf {
    /// The endpoint.
    pub endpoint: String,
    /// How many draws of it were charged.
    pub draws: u64,
    /// How many of them stayed unanswered.
    pub unanswered: u64,
    /// The risk.
    pub risk: Bounded,
}

/// How an endpoint compares with the reference at a level.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The endpoint.
    pub endpoint: String,
    /// How many pairs lack an answer.
    pub unanswered: u64,
    /// Its risk minus that of the reference.
    pub difference: Bounded,
    /// How the losses of pairs go together, where they are 0 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
    /// Whether its risk is lower or higher, where losses are 0 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<Sign>,
    /// Whether the difference is at most the margin, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<Verdict>,
}

/// Pairs by who lost; with those that lack an answer they add up to the draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Pairs {
    /// Loss 1 for both.
    pub both: u64,
    /// Loss 1 for the reference alone.
    pub reference_alone: u64,
    /// Loss 1 for this endpoint alone.
    pub this_alone: u64,
    /// Loss 0 for both.
    pub neither: u64,
}

/// How the risk of an endpoint compares with that of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Its risk is lower.
    Better,
    /// Its risk is higher.
    Worse,
    /// They are known to be equal.
    Equal,
    /// Neither was shown.
    #[default]
    Undecided,
}

/// Accuracy and robustness of one endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ComparedSummary {
    /// The endpoint.
    pub endpoint: String,
    /// Whether a clean answer is asked once and kept, or asked anew for each draw.
    pub clean_answers: CleanAnswers,
    /// Its risk without noise.
    pub clean: Clean,
    /// Its robustness index, as in a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Bounded>,
}

/// How a run went. Nothing in here is a function of what was asked alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparisonRun {
    /// The version of noisebound.
    pub tool: String,
    /// Its id, which every request carries in the header `noisebound-run`; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it started, RFC 3339, UTC.
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// What each endpoint was sent.
    pub endpoints: Vec<EndpointRun>,
    /// Why the run was cut, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<String>,
    /// The exit code of the command.
    pub exit_code: u8,
}

/// What one endpoint was sent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct EndpointRun {
    /// The endpoint.
    pub endpoint: String,
    /// Charged queries: rows, clean ones included.
    pub queries: u64,
    /// Requests sent, of any kind.
    pub requests: u64,
    /// Requests that asked for predictions.
    pub predictions: u64,
    /// Rows in these, those that were sent again included.
    #[serde(default)]
    pub rows: u64,
    /// Requests sent again after a failure.
    pub retries: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Failures by kind.
    pub failure_kinds: std::collections::BTreeMap<String, u64>,
    /// Draws that were sent ahead, answered and never charged.
    pub surplus: u64,
    /// Answers that do not count, because another model may have given them.
    #[serde(default, skip_serializing_if = "crate::results::is_zero")]
    pub model_unknown: u64,
    /// Whether the model stayed the same, by clean rows that were asked again and are not charged; absent where clean
    /// answers do not repeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<crate::results::Identity>,
    /// What all rows that were sent cost; absent where the cost of one was not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}
