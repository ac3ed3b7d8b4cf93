//! Writes the answer to a request for predictions, in JSON or with raw tensors behind it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::encoding::compressed;
use super::refusal::reply;
use super::request::{JSON_LENGTH, Wanted};
use crate::app::Answers;
use crate::models::{Element, Output, Signature};
use crate::protocols::classes::best;
use crate::protocols::json::{push_list, push_number, push_text};
use crate::protocols::raw::{self, label, write_text};

/// The answers, each output in the form that was wanted.
pub(super) fn write(
    signature: &Signature,
    version: &str,
    id: Option<&str>,
    wanted: &[Wanted],
    answers: &Answers,
    headers: &HeaderMap,
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
    let length = wanted.iter().any(|wanted| wanted.binary).then_some(text.len());
    text.extend_from_slice(&tail);
    let packed = compressed(headers, &text);
    let encoding = packed.as_ref().map(|(encoding, _)| *encoding);
    let kind = if length.is_some() { "application/octet-stream" } else { "application/json" };
    let mut response = reply(StatusCode::OK, kind, packed.map_or(text, |(_, packed)| packed));
    if let Some(length) = length {
        response.headers_mut().insert(JSON_LENGTH, length.into());
    }
    if let Some(encoding) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
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
        push_text(text, Element::Bytes.name());
        let classes: Vec<String> = match signature.max_batch {
            Some(_) => rows.flat_map(|row| best(output, row, wanted.classes)).collect(),
            None => best(output, &rows.flatten().copied().collect::<Vec<_>>(), wanted.classes),
        };
        push_shape(text, signature, answers.rows, wanted.classes.min(output.size));
        if wanted.binary {
            push_binary(text, tail, |tail| {
                for class in &classes {
                    write_text(class.as_bytes(), tail);
                }
            });
        } else {
            text.extend_from_slice(b",\"data\":");
            push_list(text, &classes, |text, class| push_text(text, class));
        }
    } else {
        push_text(text, output.element.name());
        push_shape(text, signature, answers.rows, output.size);
        let values = rows.flatten().copied();
        if wanted.binary {
            push_binary(text, tail, |tail| raw::write(output, values, tail));
        } else {
            text.extend_from_slice(b",\"data\":");
            push_list(text, values, |text, value| push_value(text, output, value));
        }
    }
    text.push(b'}');
}

/// Appends one value as JSON of its type.
fn push_value(text: &mut Vec<u8>, output: &Output, value: f64) {
    match output.element {
        Element::Bytes => push_text(text, &label(output, value)),
        Element::Bool => text.extend_from_slice(if value == 0.0 { b"false" } else { b"true" }),
        element if element.range().is_some() => {
            text.extend_from_slice((value as i128).to_string().as_bytes());
        }
        _ => push_number(text, value),
    }
}

fn push_shape(text: &mut Vec<u8>, signature: &Signature, rows: usize, size: usize) {
    let shape = match signature.max_batch {
        Some(_) => format!(",\"shape\":[{rows},{size}]"),
        None => format!(",\"shape\":[{size}]"),
    };
    text.extend_from_slice(shape.as_bytes());
}

/// Appends bytes to the tail, and their number to the text.
fn push_binary(text: &mut Vec<u8>, tail: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let before = tail.len();
    write(tail);
    let parameters = format!(",\"parameters\":{{\"binary_data_size\":{}}}", tail.len() - before);
    text.extend_from_slice(parameters.as_bytes());
}
