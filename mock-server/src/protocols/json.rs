//! Numbers to and from JSON text.
//!
//! Written by hand because real servers write what JSON does not have: the bare words NaN and Infinity.

use std::io::Write as _;

use serde_json::Value;

/// Appends a number in the shortest form that reads back to the same 64 bits.
pub(crate) fn push_number(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"Infinity" } else { b"-Infinity" });
    } else {
        // Writing to memory cannot fail.
        let _ = write!(out, "{value:?}");
    }
}

/// Appends a list of numbers.
pub(crate) fn push_numbers(out: &mut Vec<u8>, values: &[f64]) {
    push_list(out, values, |out, value| push_number(out, *value));
}

/// Appends a list, each item as `push` writes it.
pub(crate) fn push_list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    push: impl Fn(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push(out, item);
    }
    out.push(b']');
}

/// Appends a text in quotes.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    // A text can always be written as JSON, and memory takes it.
    let _ = serde_json::to_writer(out, text);
}

/// Appends all numbers of nested lists, in their order. `None` where something else stands among them.
pub(crate) fn flatten(value: &Value, out: &mut Vec<f64>) -> Option<()> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| flatten(item, out)),
        Value::Number(number) => {
            out.push(number.as_f64()?);
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(values: &[f64]) -> String {
        let mut out = Vec::new();
        push_numbers(&mut out, values);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_read_back_to_the_same_bits() {
        let values = [0.1, f64::from(0.1f32), -0.0, 1e300, 5e-324, 1e16, 3.0, 1.0 / 3.0];
        let read: Vec<f64> = serde_json::from_str(&written(&values)).unwrap();
        assert_eq!(read.map_bits(), values.map_bits());
        assert_eq!(written(&[f64::from(0.1f32), 3.0]), "[0.10000000149011612,3.0]");
    }

    trait Bits {
        fn map_bits(&self) -> Vec<u64>;
    }

    impl Bits for [f64] {
        fn map_bits(&self) -> Vec<u64> {
            self.iter().map(|value| value.to_bits()).collect()
        }
    }

    #[test]
    fn what_json_lacks_is_a_bare_word() {
        assert_eq!(written(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), "[NaN,Infinity,-Infinity]");
    }

    #[test]
    fn nested_lists_are_read_in_order_and_nothing_else() {
        let read = |text: &str| {
            let mut out = Vec::new();
            flatten(&serde_json::from_str(text).unwrap(), &mut out).map(|()| out)
        };
        assert_eq!(read("[[1,2.5],[[3]]]"), Some(vec![1.0, 2.5, 3.0]));
        assert_eq!(read("[1,null]"), None);
        assert_eq!(read(r#"["1"]"#), None);
    }
}
