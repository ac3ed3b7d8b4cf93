//! Values of an input in JSON, as strictly as Triton takes them.

use serde_json::Value;

use super::refusal::Refusal;
use super::request::unparsable;
use crate::models::{Element, Input, Values};

/// The values, however they are nested; there must be `count` of them.
pub(super) fn from_json(input: &Input, data: &Value, count: usize) -> Result<Values, Refusal> {
    if matches!(input.element, Element::Fp16 | Element::Bf16) {
        let message = format!(
            "sending {} data via JSON is not supported. Please use the binary data format for input '{}'",
            input.element.name(),
            input.name
        );
        return Err(Refusal::new(400, message));
    }
    let mut values = Values::none(input.element);
    append(input.element, data, &mut values).map_err(|why| unparsable("data", why))?;
    if values.len() == count {
        Ok(values)
    } else {
        Err(unparsable("data", "Shape does not match true shape of 'data' field"))
    }
}

fn append(element: Element, value: &Value, values: &mut Values) -> Result<(), &'static str> {
    if let Value::Array(items) = value {
        return items.iter().try_for_each(|item| append(element, item, values));
    }
    match values {
        Values::Floats(values) => {
            let number = value.as_f64().ok_or("attempt to access JSON non-number as double")?;
            values.push(element.round(number));
        }
        Values::Texts(values) => {
            let text = value.as_str().ok_or("attempt to access JSON non-string as string")?;
            values.push(text.as_bytes().to_vec());
        }
        Values::Wholes(values) if element == Element::Bool => {
            let truth = value.as_bool().ok_or("attempt to access JSON non-boolean as boolean")?;
            values.push(truth.into());
        }
        Values::Wholes(values) => values.push(whole(element, value)?),
    }
    Ok(())
}

/// A whole number. One that does not fit wraps around without a word, as C++ has it; but a negative one is no
/// unsigned one.
fn whole(element: Element, value: &Value) -> Result<i128, &'static str> {
    let (least, greatest) = element.range().unwrap_or_default();
    let number = match (value.as_i64(), value.as_u64()) {
        (Some(number), _) => i128::from(number),
        (None, Some(number)) => i128::from(number),
        (None, None) => return Err("attempt to access JSON non-integer as integer"),
    };
    if least == 0 && number < 0 {
        return Err("attempt to access JSON non-unsigned-integer as unsigned-integer");
    }
    Ok((number - least).rem_euclid(greatest - least + 1) + least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(element: Element, text: &str) -> Result<Values, String> {
        let input = Input::new("x", element, &[1]);
        let data: Value = serde_json::from_str(text).unwrap();
        from_json(&input, &data, 1).map_err(|refusal| refusal.message)
    }

    #[test]
    fn types_are_taken_as_strictly_as_by_the_server() {
        assert_eq!(
            read(Element::Int64, "[9007199254740993]"),
            Ok(Values::Wholes(vec![9_007_199_254_740_993]))
        );
        assert_eq!(
            read(Element::Uint64, "[18446744073709551615]"),
            Ok(Values::Wholes(vec![u64::MAX.into()]))
        );
        assert_eq!(read(Element::Int8, "[300]"), Ok(Values::Wholes(vec![44])));
        assert_eq!(read(Element::Bool, "[true]"), Ok(Values::Wholes(vec![1])));
        assert_eq!(read(Element::Bytes, r#"["a"]"#), Ok(Values::Texts(vec![b"a".to_vec()])));
        for (element, text) in [
            (Element::Bool, "[1]"),
            (Element::Int32, "[2.0]"),
            (Element::Uint8, "[-1]"),
            (Element::Fp32, "[null]"),
            (Element::Fp32, r#"["1"]"#),
            (Element::Bytes, "[1]"),
            (Element::Fp64, "[1, 2]"),
            (Element::Fp16, "[1]"),
        ] {
            assert!(read(element, text).is_err(), "{} {text}", element.name());
        }
    }
}
