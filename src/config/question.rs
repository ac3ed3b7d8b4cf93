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
    /// What images are sent as; absent where rows are sent as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormSpec>,
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
    /// Quantiles that are bounded beside the risk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<QuantileSpec>,
    /// The gates, in the order given.
    #[serde(default)]
    pub gates: Vec<GateSpec>,
    /// The statement of which the largest level is sought up to which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<CriticalSpec>,
    /// Within what distance of its threshold a gate stops undecided, in units of the loss; absent for the
    /// default, `max(threshold / 20, 0.002 x range)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate_resolution: Option<f64>,
    /// What the risk is an average over.
    pub scope: Scope,
    /// How the risk is come by.
    #[serde(default, skip_serializing_if = "Route::is_direct")]
    pub route: Route,
    /// The column by which the rows are told apart, for a risk of each part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<SliceSpec>,
    /// Instead of drawing rows at random, the whole data set is sent again and again with fresh noise; this is
    /// the share of such passes, in (0, 1), whose mean loss the limit is to hold for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicates: Option<f64>,
    /// Whether it is measured how often the endpoint contradicts itself without noise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noise_floor: bool,
    /// Whether limits may be asymptotic, for losses without a range; they are then not sure to hold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asymptotic: bool,
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
    /// The inputs that are the same in every request, each as `NAME=VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// What every request tells the model beside its inputs, each as `NAME=VALUE`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// How many of the best classes the server answers in place of the output's values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<u32>,
    /// What is known of such services, for JSON services: `mlflow`; absent for the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The template of the request, for JSON services; absent for that of the preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where the answer holds the predictions, for JSON services and TorchServe; absent for the default or that of the preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// How rows travel, where the protocol has several ways; absent for the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<String>,
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

/// What images are sent as, once the noise has been added to their pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormSpec {
    /// `png`, `jpeg`, `tensor`, `nhwc` or `nchw`.
    pub name: String,
    /// The quality of a jpeg, from 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// How pixels become numbers, for `nhwc` and `nchw`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalize: Option<Normalize>,
}

/// As it is typed: `jpeg:90`.
impl std::fmt::Display for FormSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.quality.map_or(Ok(()), |quality| write!(f, ":{quality}"))
    }
}

/// How the value of a pixel, 0 to 255, becomes a number of 32 bits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Normalize {
    /// As it is, 0 to 255.
    #[default]
    None,
    /// Divided by 255: 0 to 1.
    Unit,
    /// Divided by 255, less the mean, divided by the standard deviation: one of each for all channels, or for each
    /// channel.
    MeanStd {
        /// Of values from 0 to 1.
        mean: Vec<f64>,
        /// Of values from 0 to 1; above 0.
        std: Vec<f64>,
    },
}

/// As it is typed: `0.5,0.4,0.4/0.2,0.2,0.2`.
impl std::fmt::Display for Normalize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |values: &[f64]| values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        match self {
            Self::None => f.write_str("none"),
            Self::Unit => f.write_str("unit"),
            Self::MeanStd { mean, std } => write!(f, "{}/{}", list(mean), list(std)),
        }
    }
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
    /// What larger losses count as, for losses that have no range; how often they are larger is bounded too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<f64>,
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
    /// The population that the rows were drawn from: each row is drawn at most once at a level.
    Population,
}

/// How the risk is come by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// As the mean of the losses.
    #[default]
    Direct,
    /// As the known clean risk and the mean of the differences from it, row by row.
    Differences,
}

impl Route {
    /// Whether it is the mean of the losses.
    pub fn is_direct(&self) -> bool {
        *self == Self::Direct
    }
}

/// A quantile that is bounded at each level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantileSpec {
    /// Of what.
    pub of: Measured,
    /// Which: 90 for the value that nine of ten draws stay below; above 0 and below 100.
    pub percent: f64,
}

impl std::fmt::Display for QuantileSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "q{}({})", self.percent, self.of)
    }
}

/// A number that a draw has beside its loss; at least 0, without an upper end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// The absolute difference of the prediction and the target, in units of the target.
    AbsoluteError,
    /// The absolute difference of the prediction and the clean prediction of the same row.
    Shift,
}

impl Measured {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::AbsoluteError, Self::Shift];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AbsoluteError => "absolute-error",
            Self::Shift => "shift",
        }
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The column by which rows are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SliceSpec {
    /// The name of the column, or `target`.
    pub column: String,
    /// The values in it, as they are printed; each names a slice.
    pub values: Vec<String>,
}

/// The statement of which the critical level is sought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriticalSpec {
    /// As it was typed, white space made even: `error <= 0.05`.
    pub text: String,
    /// Whether the risk must be at most or at least the threshold.
    pub relation: Relation,
    /// The threshold, in units of the loss.
    pub threshold: f64,
}

/// A claim that the user wants decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// As it was typed, white space made even: `error@0.1 <= 0.2`.
    pub text: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "GateQuantity::is_risk")]
    pub quantity: GateQuantity,
    /// The level; absent for all levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<f64>,
    /// Whether the quantity must be at most or at least the threshold.
    pub relation: Relation,
    /// The threshold, in units of the quantity.
    pub threshold: f64,
}

/// What a gate is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GateQuantity {
    /// The risk.
    #[default]
    Risk,
    /// The risk minus the clean risk.
    Degradation,
    /// A quantile.
    Quantile(QuantileSpec),
    /// The mean loss of the whole data set under one fresh draw of the noise: the share of such passes, in
    /// (0, 1), that must keep to the threshold.
    DataSet(f64),
}

impl GateQuantity {
    /// Whether it is the risk.
    pub fn is_risk(&self) -> bool {
        *self == Self::Risk
    }
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
