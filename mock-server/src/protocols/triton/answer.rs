//! Writes the answer to a request for predictions, in JSON or with raw tensors behind it.

use axum::http::StatusCode;
use axum::response::Response;

use super::describe::datatype;
use super::refusal::reply;
use super::request::{JSON_LENGTH, Wanted};
use crate::app::Answers;
use crate::models::{Precision, Signature};
use crate::protocols::json::{push_list, push_number, push_text};

/// The answers, each output in the form that was wanted.
pub(super) fn write(
    signature: &Signature,
    version: &str,
    id: Option<&str>,
    wanted: &[Wanted],
    answers: &Answers,
) -> Response {
    let mut text = Vec::with_capacity(160 + 20 * answers.values.len());
    let mut tail = Vec::new();
    text.push(b'{');
    if let Some(id) = id {
        text.extend_from_slice(b"\"id\":");
        push_text(&mut text, id);
        text.push(b',');
    }
    text.extend_from_slice(b"\"model_name\":");
    push_text(&mut text, &signature.name);
    text.extend_from_slice(b",\"model_version\":");
    push_text(&mut text, version);
    text.extend_from_slice(b",\"outputs\":[");
    for (place, wanted) in wanted.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        push_output(&mut text, &mut tail, signature, *wanted, answers);
    }
    text.extend_from_slice(b"]}");
    if !wanted.iter().any(|wanted| wanted.binary) {
        return reply(StatusCode::OK, "application/json", text);
    }
    let length = text.len();
    text.extend_from_slice(&tail);
    let mut response = reply(StatusCode::OK, "application/octet-stream", text);
    response.headers_mut().insert(JSON_LENGTH, length.into());
    response
}

/// Appends one output: its head to the text, its values to the text or to the tail.
fn push_output(
    text: &mut Vec<u8>,
    tail: &mut Vec<u8>,
    signature: &Signature,
    wanted: Wanted,
    answers: &Answers,
) {
    let output = &signature.outputs[wanted.output];
    let before: usize = signature.outputs[..wanted.output].iter().map(|output| output.size).sum();
    let rows = answers.values.chunks_exact(signature.answer_width().max(1));
    let rows = rows.map(|row| &row[before..before + output.size]);
    text.extend_from_slice(b"{\"name\":");
    push_text(text, &output.name);
    text.extend_from_slice(b",\"datatype\":");
    if wanted.classes > 0 {
        push_text(text, "BYTES");
        let classes: Vec<String> = rows.flat_map(|row| best(row, wanted.classes)).collect();
        push_shape(text, answers.rows, wanted.classes.min(output.size));
        if wanted.binary {
            let raw = classes.iter().flat_map(|class| {
                let length = (class.len() as u32).to_le_bytes();
                length.into_iter().chain(class.bytes())
            });
            push_binary(text, tail, raw);
        } else {
            text.extend_from_slice(b",\"data\":");
            push_list(text, &classes, |text, class| push_text(text, class));
        }
    } else {
        push_text(text, datatype(signature.precision));
        push_shape(text, answers.rows, output.size);
        let values = rows.flatten().copied();
        match (wanted.binary, signature.precision) {
            (true, Precision::Single) => {
                push_binary(text, tail, values.flat_map(|value| (value as f32).to_le_bytes()));
            }
            (true, Precision::Double) => push_binary(text, tail, values.flat_map(f64::to_le_bytes)),
            (false, _) => {
                text.extend_from_slice(b",\"data\":");
                push_list(text, values, push_number);
            }
        }
    }
    text.push(b'}');
}

fn push_shape(text: &mut Vec<u8>, rows: usize, size: usize) {
    text.extend_from_slice(format!(",\"shape\":[{rows},{size}]").as_bytes());
}

/// Appends bytes to the tail, and their number to the text.
fn push_binary(text: &mut Vec<u8>, tail: &mut Vec<u8>, bytes: impl Iterator<Item = u8>) {
    let before = tail.len();
    tail.extend(bytes);
    let parameters = format!(",\"parameters\":{{\"binary_data_size\":{}}}", tail.len() - before);
    text.extend_from_slice(parameters.as_bytes());
}

/// The best `count` classes of a row, each as `value:class`; of equal values the first class is better.
fn best(row: &[f64], count: usize) -> Vec<String> {
    let mut classes: Vec<usize> = (0..row.len()).collect();
    classes.sort_by(|a, b| row[*b].total_cmp(&row[*a]));
    classes.iter().take(count).map(|class| format!("{:.6}:{class}", row[*class])).collect()
}
