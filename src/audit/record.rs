//! What is known about one row that was sent and settled.

use std::fmt;
use std::str::FromStr;

use noisebound_adapters::Prediction;

/// Which draw of the audit: the level and its place in the level's order. The index alone fixes the row
/// and the standardized noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DrawId {
    /// The place of the level in the grid; 0 is clean.
    pub level: u32,
    /// The place of the draw within the level, from 0.
    pub index: u64,
}

impl fmt::Display for DrawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.index)
    }
}

/// One row to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Query {
    /// A row of the check at the start, as it is, in a request of its own.
    Alone(u64),
    /// A row of the check at the start, as it is, in a full batch.
    Together(u64),
    /// A row as it is, whose answer is kept.
    Clean(u64),
    /// The clean twin of a draw, where clean answers are not kept.
    Twin(DrawId),
    /// A draw.
    Draw(DrawId),
    /// A row as it is, for the noise floor: the place of the query.
    Floor(u64),
    /// A row of the check as it is, asked again to see whether the model is still the same: the place of the query.
    Sentinel(u64),
    /// The same beside the count, before a run that was resumed goes on and after the last draw: the place of the query.
    Guard(u64),
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone(row) => write!(f, "alone:{row}"),
            Self::Together(row) => write!(f, "together:{row}"),
            Self::Clean(row) => write!(f, "clean:{row}"),
            Self::Twin(draw) => write!(f, "twin:{draw}"),
            Self::Draw(draw) => write!(f, "draw:{draw}"),
            Self::Floor(place) => write!(f, "floor:{place}"),
            Self::Sentinel(place) => write!(f, "sentinel:{place}"),
            Self::Guard(place) => write!(f, "guard:{place}"),
        }
    }
}

impl FromStr for Query {
    type Err = String;

    /// Reads a query as it is displayed; the error says what was expected.
    fn from_str(text: &str) -> Result<Self, String> {
        let place = |text: &str| text.parse().ok();
        let draw = |text: &str| {
            let (level, index) = text.split_once(':')?;
            Some(DrawId { level: level.parse().ok()?, index: index.parse().ok()? })
        };
        let query = text.split_once(':').and_then(|(kind, which)| match kind {
            "alone" => place(which).map(Self::Alone),
            "together" => place(which).map(Self::Together),
            "clean" => place(which).map(Self::Clean),
            "twin" => draw(which).map(Self::Twin),
            "draw" => draw(which).map(Self::Draw),
            "floor" => place(which).map(Self::Floor),
            "sentinel" => place(which).map(Self::Sentinel),
            "guard" => place(which).map(Self::Guard),
            _ => None,
        });
        query.ok_or_else(|| format!("expected a query such as \"draw:1:0\" or \"clean:17\", found {text:?}"))
    }
}

/// How a query ended, for good.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It was answered. The loss is absent where it has none: a clean answer under a loss against the
    /// clean answer.
    Answered {
        /// The loss, in its own units.
        loss: Option<f64>,
        /// The numbers measured beside the loss of a draw, in the order of the plan.
        measured: Box<[f64]>,
        /// The prediction, in small.
        seen: Seen,
    },
    /// It was not answered, and will not be asked again.
    Unanswered,
}

impl Ending {
    /// The same without the prediction, where that is of a noisy row: clean ones are needed by those that follow.
    #[must_use]
    pub fn private(self, query: Query) -> Self {
        match (self, query) {
            (Self::Answered { loss, measured, .. }, Query::Draw(_)) => {
                Self::Answered { loss, measured, seen: Seen::Nothing }
            }
            (ending, _) => ending,
        }
    }
}

/// A prediction as the journal keeps it.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// The whole prediction; clean answers are kept so.
    Whole(Prediction),
    /// The class, as it would be printed.
    Class(Box<str>),
    /// Up to 16 values.
    Values(Vec<f64>),
    /// BLAKE3 of the values, 16 hexadecimal digits.
    Hash(Box<str>),
    /// Nothing, as was asked for the sake of privacy.
    Nothing,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(prediction) => match Self::small(prediction) {
                Self::Nothing => f.write_str("a prediction"),
                small => small.fmt(f),
            },
            Self::Class(class) => write!(f, "class {class}"),
            Self::Values(values) => write!(f, "{values:?}"),
            Self::Hash(hash) => write!(f, "values with the hash {hash}"),
            Self::Nothing => f.write_str("not kept"),
        }
    }
}

impl Seen {
    /// The most values that are kept as they are.
    pub const VALUES: usize = 16;

    /// A prediction in small: up to 16 values as they are, else a hash over their bits.
    pub fn small(prediction: &Prediction) -> Self {
        let values: Option<Vec<f64>> = match prediction {
            Prediction::Labels(labels) => return Self::hash(labels.iter().map(|(_, score)| *score)),
            Prediction::Tensors(tensors) => tensors
                .iter()
                .flat_map(|tensor| (0..tensor.values.len()).map(|i| tensor.values.number(i)))
                .collect(),
        };
        match values {
            Some(values) if values.len() <= Self::VALUES => Self::Values(values),
            Some(values) => Self::hash(values.into_iter()),
            None => Self::Nothing,
        }
    }

    fn hash(values: impl Iterator<Item = f64>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for value in values {
            hasher.update(&value.to_le_bytes());
        }
        Self::Hash(hasher.finalize().to_hex()[..16].into())
    }
}

/// A query and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What was sent.
    pub query: Query,
    /// How it ended.
    pub ending: Ending,
}
