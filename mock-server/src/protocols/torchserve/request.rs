//! Bodies: how TorchServe hands them to a handler, and what the handlers here make of them.

use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::Handler;
use crate::models::{Element, Signature};
use crate::protocols::json::flatten;
use crate::protocols::picture::{self, decode};

/// How the rows were sent, which is how the answers are sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    One,
    Several,
    /// `{"instances": [...]}`
    Instances,
    /// `{"inputs": [...]}`, whose entries have these names.
    Inputs(Vec<String>),
}

/// The rows of a body, one after the other. `None` where the handler raises.
pub(super) fn read(
    signature: &Signature,
    handler: Handler,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<(Form, Vec<f64>)> {
    let reader = Reader { signature, handler };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    // Only a body that is labelled as JSON reaches a handler as anything but bytes.
    let json =
        kind.eq_ignore_ascii_case("application/json").then(|| serde_json::from_slice(body).ok()).flatten();
    let Some(json) = json else {
        return Some((Form::One, reader.bytes(body)?));
    };
    let (form, rows) = match &json {
        Value::Object(envelope) if envelope.contains_key("inputs") => {
            let inputs = envelope.get("inputs")?.as_array()?;
            let name = |input: &Value| Some(input.get("name")?.as_str()?.to_owned());
            (Form::Inputs(inputs.iter().map(name).collect::<Option<_>>()?), inputs)
        }
        Value::Object(envelope) => (Form::Instances, envelope.get("instances")?.as_array()?),
        Value::Array(items) if handler == Handler::Plain && items.iter().any(|item| !item.is_number()) => {
            (Form::Several, items)
        }
        value => return Some((Form::One, reader.value(value)?)),
    };
    let mut values = Vec::new();
    for row in rows {
        values.extend(reader.row(&form, row)?);
    }
    (!rows.is_empty()).then_some((form, values))
}

struct Reader<'a> {
    signature: &'a Signature,
    handler: Handler,
}

impl Reader<'_> {
    /// One row out of a list of them.
    fn row(&self, form: &Form, row: &Value) -> Option<Vec<f64>> {
        match (form, row) {
            (Form::Inputs(_), input) => {
                let data = input.get("data")?.as_array()?;
                // The envelope hands on the first text alone.
                let text = input.get("datatype")?.as_str()? == Element::Bytes.name();
                if text { self.value(data.first()?) } else { self.value(&Value::Array(data.clone())) }
            }
            // The envelope decodes it, in the row or in its columns.
            (Form::Instances, Value::Object(fields)) => match (fields.get("b64"), fields.get("data")) {
                // `image_classifier` looks for a column, which bytes do not have.
                (Some(text), _) if self.handler == Handler::Plain => self.bytes(&decode(text)?),
                (_, Some(Value::Object(data))) => self.bytes(&decode(data.get("b64")?)?),
                (_, Some(data)) => self.value(data),
                _ => None,
            },
            (Form::Instances, _) if self.handler == Handler::Image => None,
            (_, row) => self.value(row),
        }
    }

    /// A list of numbers, or bytes in base64.
    fn value(&self, value: &Value) -> Option<Vec<f64>> {
        if value.is_string() {
            return self.bytes(&decode(value)?);
        }
        value.as_array()?;
        let mut values = Vec::new();
        flatten(value, &mut values)?;
        (values.len() == self.signature.width()).then_some(values)
    }

    /// A picture, or the little-endian numbers whose width their count tells.
    fn bytes(&self, bytes: &[u8]) -> Option<Vec<f64>> {
        let width = self.signature.width();
        if let Some(pixels) = picture::read(bytes, width) {
            return Some(pixels);
        }
        if self.handler == Handler::Image || width == 0 || !bytes.len().is_multiple_of(width) {
            return None;
        }
        match bytes.len() / width {
            1 => Some(bytes.iter().map(|byte| f64::from(*byte)).collect()),
            4 => Some(bytes.as_chunks().0.iter().map(|item| f64::from(f32::from_le_bytes(*item))).collect()),
            8 => Some(bytes.as_chunks().0.iter().map(|item| f64::from_le_bytes(*item)).collect()),
            _ => None,
        }
    }
}
