//! The body of a request: JSON text with one gap for the rows.

use crate::text::write_row;
use crate::{Failure, FailureKind, Row, SetupError};

/// What goes into the gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// A list of all rows of the request.
    Rows,
    /// The only row of the request.
    Row,
}

/// The text before and after the gap.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) body: Body,
    before: String,
    after: String,
}

impl Template {
    /// Reads a template, which must be JSON and hold `"${rows}"` or `"${row}"` once as a value.
    pub(super) fn parse(text: &str) -> Result<Self, SetupError> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| SetupError::Body(format!("is not JSON: {error}")))?;
        let (rows, row) = (count(&value, "${rows}"), count(&value, "${row}"));
        let (body, gap) = match (rows, row) {
            (1, 0) => (Body::Rows, "\"${rows}\""),
            (0, 1) => (Body::Row, "\"${row}\""),
            _ => {
                let found = format!(
                    "must hold the string value \"${{rows}}\" (all rows) or \"${{row}}\" (one row a request) \
                     once, found {} of them",
                    rows + row
                );
                return Err(SetupError::Body(found));
            }
        };
        match text.split(gap).collect::<Vec<_>>().as_slice() {
            [before, after] => Ok(Self { body, before: (*before).to_owned(), after: (*after).to_owned() }),
            _ => Err(SetupError::Body(format!("must hold {gap} once, as a value and nowhere else"))),
        }
    }

    /// Writes the body for these rows.
    pub(super) fn fill(&self, rows: &[Row], out: &mut Vec<u8>) -> Result<(), Failure> {
        out.extend_from_slice(self.before.as_bytes());
        match (self.body, rows) {
            (Body::Row, [row]) => write_row(row, out)?,
            (Body::Row, _) => {
                let said =
                    format!("the body takes one row a request, found {}: use \"${{rows}}\"", rows.len());
                return Err(Failure::unplaced(FailureKind::Unsupported, said));
            }
            (Body::Rows, _) => {
                out.push(b'[');
                for (i, row) in rows.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    write_row(row, out)?;
                }
                out.push(b']');
            }
        }
        out.extend_from_slice(self.after.as_bytes());
        Ok(())
    }
}

/// How many string values equal `gap`.
fn count(value: &serde_json::Value, gap: &str) -> usize {
    match value {
        serde_json::Value::String(text) => usize::from(text == gap),
        serde_json::Value::Array(items) => items.iter().map(|item| count(item, gap)).sum(),
        serde_json::Value::Object(members) => members.values().map(|value| count(value, gap)).sum(),
        _ => 0,
    }
}
