//! One statement that the audit will make, with its share of the error budget.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// The expected loss at a level.
    Risk,
    /// The risk minus the clean risk, row by row.
    Degradation,
    /// The probability of a loss above the cap.
    Tail,
    /// A quantile of the absolute error or of the shift.
    Quantile,
    /// A quantile, over fresh draws of all noise, of the mean loss of the whole data set.
    DataSet,
    /// How often the endpoint, asked the same row twice without noise, contradicts itself.
    NoiseFloor,
    /// The largest level up to which a statement holds.
    Critical,
    /// A statement that is to be decided, not estimated.
    Gate,
}

/// Which side of the quantity a claim limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// A lower limit.
    Lower,
    /// An upper limit.
    Upper,
    /// A verdict: holds or fails.
    Verdict,
}

/// One statement that the audit will make; all of them are listed before the first query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// A name for it, unique within the audit: `risk@0.1:upper`, or the text of a gate.
    pub id: String,
    /// What it is about.
    pub quantity: Quantity,
    /// The slice; absent for all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// The noise level; 0 is clean. Absent for what is about all levels, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Which side it limits.
    pub side: Side,
    /// The probability with which it may be wrong.
    pub alpha: f64,
    /// The method: `aim` or `aim-d` for losses that are 0 or 1, `aim-bets` for those in a range, `differences` for
    /// the risk by way of differences from the clean losses, `quantile`, `replicates`, `gate`, `asymptotic`.
    pub method: String,
}
