//! Answers, as the handlers give them and the envelopes wrap them.

use std::io::Write as _;

use super::Handler;
use super::request::Form;
use crate::app::Answers;
use crate::models::Signature;
use crate::protocols::json::{push_list, push_number, push_numbers, push_text};
use crate::protocols::rows::push_row;

/// How many classes `image_classifier` tells.
const TOP: usize = 5;

/// The body of an answer.
pub(super) fn write(
    signature: &Signature,
    handler: Handler,
    form: &Form,
    version: &str,
    answers: &Answers,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(20 * answers.values.len() + 20);
    let rows = answers.values.chunks_exact(signature.answer_width().max(1));
    let push = |out: &mut Vec<u8>, row: &[f64]| match handler {
        Handler::Plain => push_row(out, signature, row),
        Handler::Image => push_best(out, signature, row),
    };
    match form {
        Form::One => rows.for_each(|row| push(&mut out, row)),
        Form::Several => push_list(&mut out, rows, push),
        Form::Instances => {
            out.extend_from_slice(b"{\"predictions\":");
            push_list(&mut out, rows, push);
            out.push(b'}');
        }
        Form::Inputs(names) => {
            out.extend_from_slice(b"{\"id\":\"1\",\"model_name\":");
            push_text(&mut out, &signature.name);
            out.extend_from_slice(b",\"model_version\":");
            push_text(&mut out, version);
            out.extend_from_slice(b",\"outputs\":");
            push_list(&mut out, names.iter().zip(rows), |out, (name, row)| {
                push_output(out, handler, signature, name, row);
            });
            out.push(b'}');
        }
    }
    out
}

/// One output, flat; numpy makes one object of a map.
fn push_output(out: &mut Vec<u8>, handler: Handler, signature: &Signature, name: &str, row: &[f64]) {
    out.extend_from_slice(b"{\"name\":");
    push_text(out, name);
    if handler == Handler::Image {
        out.extend_from_slice(b",\"datatype\":\"BYTES\",\"data\":[");
        push_best(out, signature, row);
        out.extend_from_slice(b"],\"shape\":[1]}");
        return;
    }
    out.extend_from_slice(b",\"datatype\":\"FP64\",\"data\":");
    push_numbers(out, row);
    // Writing to memory cannot fail.
    let _ = write!(out, ",\"shape\":[{}]}}", row.len());
}

/// The best classes and their scores, best first, as Python writes them with an indent of two.
fn push_best(out: &mut Vec<u8>, signature: &Signature, row: &[f64]) {
    let mut ranked: Vec<(usize, f64)> = row.iter().copied().enumerate().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let labels = signature.outputs.first().map_or(&[][..], |output| &output.labels);
    out.extend_from_slice(b"{");
    for (place, (class, score)) in ranked.into_iter().take(TOP).enumerate() {
        out.extend_from_slice(if place > 0 { b",\n  " } else { b"\n  " });
        push_text(out, labels.get(class).unwrap_or(&class.to_string()));
        out.extend_from_slice(b": ");
        push_number(out, score);
    }
    out.extend_from_slice(b"\n}");
}
