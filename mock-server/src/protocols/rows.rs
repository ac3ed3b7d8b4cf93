//! The answer for one row, as the JSON protocols write it.

use super::json::{push_number, push_numbers, push_text};
use crate::models::Signature;

/// Appends the answer for one row: a bare number where the model has one value, a list of values where it has
/// several, an object by name where it has several outputs.
pub(super) fn push_row(out: &mut Vec<u8>, signature: &Signature, row: &[f64]) {
    let [output] = signature.outputs.as_slice() else {
        return push_outputs(out, signature, row);
    };
    match row {
        [value] if output.size == 1 => push_number(out, *value),
        values => push_numbers(out, values),
    }
}

fn push_outputs(out: &mut Vec<u8>, signature: &Signature, mut row: &[f64]) {
    out.push(b'{');
    for (place, output) in signature.outputs.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let (values, rest) = row.split_at(output.size.min(row.len()));
        row = rest;
        push_text(out, &output.name);
        out.push(b':');
        match values {
            [value] => push_number(out, *value),
            values => push_numbers(out, values),
        }
    }
    out.push(b'}');
}
