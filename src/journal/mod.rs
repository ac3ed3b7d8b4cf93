//! The append-only record of every settled request, from which an audit resumes.
//!
//! A journal is a file of JSON lines: a [`Header`], then a [`Line`] for each request that was settled. Each
//! line ends in a hash over itself and the hash of the line before it, so that nothing can be changed,
//! lost or exchanged in the middle unnoticed. What the records mean is left to the audit. The one
//! invariant: when [`Journal::append`] has returned, the whole line is with the operating system; within
//! about 100 ms, or when [`Journal::sync`] has returned, it is on the disk.
//!
//! - `line` and `seen`: how a record is written as JSON and read back;
//! - `chain`: the hash at the end of each line;
//! - `writer`, over a `sink`; `reader`; `fingerprint` of the question.

mod chain;
mod error;
mod fingerprint;
mod line;
mod reader;
mod seen;
mod sink;
#[cfg(test)]
mod tests;
mod writer;

pub use error::JournalError;
pub use fingerprint::fingerprint;
pub use reader::{Reader, read};
pub use sink::Sink;
pub use writer::{Journal, Reopened};

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::Record;
use crate::client::{Counts, Health};
use crate::config::{Conduct, Question};
use crate::results::{EndpointFacts, FieldFacts, RealisedNoise};

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// `noisebound.journal/1`.
    pub format: String,
    /// The version of noisebound.
    pub tool: String,
    /// The id of the run, which every request carries; absent where none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When the audit started, RFC 3339, UTC.
    pub started: String,
    /// The [`fingerprint`] of the question.
    pub fingerprint: String,
    /// What is asked.
    pub question: Question,
    /// How it is asked, at the start.
    pub conduct: Conduct,
    /// The slice of each row, by its place in the question; absent where there are no slices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<u32>,
    /// What the endpoint told about itself at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<EndpointFacts>,
    /// The fields of a row, as in the report; absent in journals of before they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldFacts>,
    /// What the model receives of the noise of each level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub realised: Vec<RealisedNoise>,
}

impl Header {
    /// The format of this version.
    pub const FORMAT: &str = "noisebound.journal/1";

    /// The header of an audit that starts now.
    pub fn new(question: Question, conduct: Conduct, started: impl Into<String>) -> Self {
        Self {
            format: Self::FORMAT.into(),
            tool: env!("CARGO_PKG_VERSION").into(),
            id: None,
            started: started.into(),
            fingerprint: fingerprint(&question),
            question,
            conduct,
            slices: Vec::new(),
            told: None,
            fields: Vec::new(),
            realised: Vec::new(),
        }
    }
}

/// A line after the first.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A request was settled.
    Settled(Settled),
    /// The audit goes on in a new run; [`Settled::sent`] counts anew from here.
    Resumed(Box<Resumed>),
    /// What was sent up to here, in all runs.
    Counted(Counted),
}

impl Line {
    /// Reads a line from its JSON; what stands beside it, such as its hash, is not looked at.
    ///
    /// # Errors
    /// What was expected, and what was found.
    pub fn from_json(text: &[u8]) -> Result<Self, String> {
        line::read(text)
    }

    /// The line as JSON, without its hash.
    ///
    /// # Panics
    /// Never: a line is text, numbers and lists of them.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = Vec::new();
        line::write(self, &mut text).expect("a line has only text as keys");
        text
    }
}

/// A request that was settled: answered, or without an answer for good.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// What it carried, and how each query ended.
    pub records: Vec<Record>,
    /// Why queries of it stay unanswered.
    pub unanswered: Option<Why>,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was sent the last time, since the run started; kept to the microsecond.
    pub sent: Duration,
    /// How long the last answer took; kept to the microsecond.
    pub took: Duration,
    /// The model version that answered, where the answer tells.
    pub version: Option<Box<str>>,
}

/// Why queries stay unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// The name of the kind of the failure.
    pub kind: Box<str>,
    /// The words of the server or the transport.
    pub said: Box<str>,
}

/// The start of a later run, or of one that asked nothing more and wrote the report again in another way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resumed {
    /// When it started, RFC 3339, UTC.
    pub resumed: String,
    /// The version of noisebound.
    pub tool: String,
    /// How it is asked from here on.
    pub conduct: Conduct,
    /// What the endpoint told about itself then; absent in journals of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<EndpointFacts>,
}

/// Everything that was sent so far, and what is known of the endpoint: written at the start of a run, once the endpoint was
/// described, and at its end; and on the way when more becomes known of the endpoint, or much is sent again that ends no
/// query, so that it counts even if the run is killed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// The counts.
    pub counted: Counts,
    /// The run goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
    /// How the endpoint did at the start, and how often it was left alone; absent in journals that do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
}

/// Where the whole lines of a journal end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tail {
    /// Bytes of whole lines.
    pub whole: u64,
    /// Bytes after them: what was not wholly written when the run or the machine ended. It never counted.
    pub torn: u64,
}
