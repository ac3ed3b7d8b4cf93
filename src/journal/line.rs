//! Lines as JSON.
//!
//! A settled request names its queries in `asked` (`draw:1:0` is level 1, index 0; `clean:17` is row 17)
//! and gives, in the same order, their `losses` and what was `seen`; both are absent when none of them was
//! answered. Hashes are left to the chain. The one invariant: what is written reads back equal.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::{self, Number, SeenJson};
use super::{Counted, Line, Resumed, Settled, Why};
use crate::audit::{Ending, Query, Record};

/// A settled request as JSON, all but its hash.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct SettledJson {
    /// The queries: `alone:ROW`, `together:ROW`, `clean:ROW`, `twin:LEVEL:INDEX`, `draw:LEVEL:INDEX`,
    /// `floor:PLACE`, `sentinel:PLACE` or `guard:PLACE`.
    asked: Vec<String>,
    /// Their losses, null where there is none; absent when no query was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    losses: Option<Vec<Option<Number>>>,
    /// The numbers measured beside the losses, for each query; absent where nothing is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    measured: Option<Vec<Vec<Number>>>,
    /// What was seen of their predictions; absent when no query was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Vec<Option<SeenJson>>>,
    /// Why queries stay unanswered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unanswered: Option<Why>,
    /// How often the request was sent.
    attempts: u32,
    /// When it was sent the last time, seconds since the run started.
    sent: f64,
    /// How long the last answer took, in seconds.
    took: f64,
    /// The model version that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Box<str>>,
}

/// Writes a line into `to`, without hash and line feed.
pub(super) fn write(line: &Line, to: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match line {
        Line::Settled(settled) => serde_json::to_writer(to, &SettledJson::from(settled)),
        Line::Resumed(resumed) => serde_json::to_writer(to, resumed),
        Line::Counted(counted) => serde_json::to_writer(to, counted),
    }
}

/// Reads a line; or what is wrong with it.
pub(super) fn read(text: &[u8]) -> Result<Line, String> {
    if text.starts_with(b"{\"resumed\":") {
        let resumed: Resumed = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        return Ok(Line::Resumed(Box::new(resumed)));
    }
    if text.starts_with(b"{\"counted\":") {
        let counted: Counted = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        return Ok(Line::Counted(counted));
    }
    let json: SettledJson = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    json.try_into().map(Line::Settled)
}

impl From<&Settled> for SettledJson {
    fn from(settled: &Settled) -> Self {
        let records = &settled.records;
        let answered = records.iter().any(|record| record.ending != Ending::Unanswered);
        let loss = |record: &Record| match record.ending {
            Ending::Answered { loss, .. } => loss.map(Number::from),
            Ending::Unanswered => None,
        };
        let seen = |record: &Record| match &record.ending {
            Ending::Answered { seen, .. } => seen::write(seen),
            Ending::Unanswered => Some(SeenJson::Unanswered { unanswered: true }),
        };
        let measured = |record: &Record| match &record.ending {
            Ending::Answered { measured, .. } => measured.iter().copied().map(Number::from).collect(),
            Ending::Unanswered => Vec::new(),
        };
        let measured: Vec<Vec<Number>> = records.iter().map(measured).collect();
        Self {
            measured: measured.iter().any(|numbers| !numbers.is_empty()).then_some(measured),
            asked: records.iter().map(|record| record.query.to_string()).collect(),
            losses: answered.then(|| records.iter().map(loss).collect()),
            seen: answered.then(|| records.iter().map(seen).collect()),
            unanswered: settled.unanswered.clone(),
            attempts: settled.attempts,
            sent: seconds(settled.sent),
            took: seconds(settled.took),
            version: settled.version.clone(),
        }
    }
}

impl TryFrom<SettledJson> for Settled {
    type Error = String;

    fn try_from(json: SettledJson) -> Result<Self, String> {
        let queries = json.asked.iter().map(|text| text.parse::<Query>()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            records: read_records(queries, json.losses, json.measured, json.seen)?,
            unanswered: json.unanswered,
            attempts: json.attempts,
            sent: duration(json.sent)?,
            took: duration(json.took)?,
            version: json.version,
        })
    }
}

fn read_records(
    queries: Vec<Query>,
    losses: Option<Vec<Option<Number>>>,
    measured: Option<Vec<Vec<Number>>>,
    seen: Option<Vec<Option<SeenJson>>>,
) -> Result<Vec<Record>, String> {
    let (losses, seen) = match (losses, seen) {
        (None, None) => {
            let unanswered = |query| Record { query, ending: Ending::Unanswered };
            return Ok(queries.into_iter().map(unanswered).collect());
        }
        (Some(losses), Some(seen)) if losses.len() == queries.len() && seen.len() == queries.len() => {
            (losses, seen)
        }
        _ => return Err(format!("expected a loss and what was seen for each of {} queries", queries.len())),
    };
    let measured = measured.unwrap_or_else(|| vec![Vec::new(); queries.len()]);
    if measured.len() != queries.len() {
        return Err(format!("expected measured numbers for each of {} queries", queries.len()));
    }
    let record = |((query, loss), (measured, seen)): ((Query, Option<Number>), (Vec<Number>, _))| {
        let ending = match seen::read(seen)? {
            Some(seen) => Ending::Answered {
                loss: loss.as_ref().map(seen::number).transpose()?,
                measured: measured.iter().map(seen::number).collect::<Result<_, _>>()?,
                seen,
            },
            None => Ending::Unanswered,
        };
        Ok(Record { query, ending })
    };
    queries.into_iter().zip(losses).zip(measured.into_iter().zip(seen)).map(record).collect()
}

/// Seconds, to the microsecond.
fn seconds(duration: Duration) -> f64 {
    (duration.as_nanos() as f64 / 1e3).round() / 1e6
}

/// The duration of so many seconds, to the microsecond.
fn duration(seconds: f64) -> Result<Duration, String> {
    let fits = (0.0..=1e12).contains(&seconds);
    fits.then(|| Duration::from_micros((seconds * 1e6).round() as u64))
        .ok_or_else(|| format!("expected a number of seconds, found {seconds}"))
}
