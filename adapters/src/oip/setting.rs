//! What is typed as `NAME=VALUE`: inputs that never change, and parameters of requests.

use std::fmt;

use crate::secret::is_literal_secret;
use crate::text::{Json, flatten, parse};

/// Parameters that are ours, or that would tie requests together.
const NOT_PARAMETERS: [&str; 5] =
    ["binary_data_output", "sequence_id", "sequence_start", "sequence_end", "classification"];

/// Why a text is no setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no name, or no `=`.
    #[error("expected NAME=VALUE, found `{0}`")]
    Form(String),
    /// The value cannot be what it is to be.
    #[error("`{name}`: {why}")]
    Value {
        /// The name before the `=`.
        name: String,
        /// What was expected.
        why: &'static str,
    },
}

/// An input that is the same in every request.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedInput {
    name: String,
    text: String,
    value: Json,
}

impl FixedInput {
    /// Reads `NAME=VALUE`: a JSON list that gives the tensor of one row whole, or one value that fills it. What is no
    /// JSON is a text.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let (name, text) = split(text)?;
        let value = parse(text.as_bytes()).unwrap_or_else(|_| Json::Text(text.as_bytes().to_vec()));
        let fits = flatten(&value).is_ok_and(|(_, leaves)| {
            !leaves.is_empty() && leaves.iter().all(|leaf| !matches!(leaf, Json::Null | Json::Object(_)))
        });
        if !fits {
            let why = "expected a number, a text, true, false, or a JSON list of them that is not ragged";
            return Err(SettingError::Value { name: name.to_owned(), why });
        }
        Ok(Self { name: name.to_owned(), text: text.to_owned(), value })
    }

    /// The name of the input.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as it was typed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn value(&self) -> &Json {
        &self.value
    }
}

impl fmt::Display for FixedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.text)
    }
}

/// What a request tells the model beside its inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    name: String,
    text: String,
    value: ParameterValue,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another finite number.
    Double(f64),
    /// Anything else.
    Text(String),
}

impl Parameter {
    /// Reads `NAME=VALUE`; a value in double quotes is a text whatever stands in it.
    pub fn parse(text: &str) -> Result<Self, SettingError> {
        let (name, text) = split(text)?;
        let refuse = |why| Err(SettingError::Value { name: name.to_owned(), why });
        if NOT_PARAMETERS.contains(&name) {
            return refuse(
                "requests must not depend on each other, and how answers come back is settled already",
            );
        }
        let value = match parse(text.as_bytes()) {
            Ok(Json::Bool(v)) => ParameterValue::Bool(v),
            Ok(Json::Int(v)) => ParameterValue::Int(v),
            Ok(Json::Uint(_)) => return refuse("expected a whole number below 2^63"),
            Ok(Json::Float(v)) if v.is_finite() => ParameterValue::Double(v),
            Ok(Json::Text(bytes)) => ParameterValue::Text(String::from_utf8_lossy(&bytes).into_owned()),
            Ok(Json::Object(_) | Json::Array(_) | Json::Null) => {
                return refuse(
                    "expected true, false, a number or a text; put a text of this form in double quotes",
                );
            }
            Ok(Json::Float(_)) | Err(_) => ParameterValue::Text(text.to_owned()),
        };
        if let ParameterValue::Text(text) = &value
            && is_literal_secret(name, text)
        {
            return refuse(
                "the text looks like a secret, which the run folder would keep; send it as a header, \
                 -H 'Name: ${VARIABLE}'",
            );
        }
        Ok(Self { name: name.to_owned(), text: text.to_owned(), value })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    pub fn value(&self) -> &ParameterValue {
        &self.value
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.text)
    }
}

fn split(text: &str) -> Result<(&str, &str), SettingError> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim(), value)),
        _ => Err(SettingError::Form(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_the_type_that_they_look_like() {
        let value = |text: &str| Parameter::parse(text).unwrap().value().clone();
        assert_eq!(value("a=true"), ParameterValue::Bool(true));
        assert_eq!(value("a=-3"), ParameterValue::Int(-3));
        assert_eq!(value("a=0.5"), ParameterValue::Double(0.5));
        assert_eq!(value("a=tenant=b"), ParameterValue::Text("tenant=b".into()));
        assert_eq!(value("a=\"3\""), ParameterValue::Text("3".into()));
        assert_eq!(value("a="), ParameterValue::Text(String::new()));
        for text in ["a", "=3", "a={}", "a=[1]", "sequence_id=3", "a=18446744073709551615"] {
            assert!(Parameter::parse(text).is_err(), "{text}");
        }
        let shaped = "access=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.4f2a99c1";
        for text in ["api-key=4f2a99c1", "token=\"12345678\"", shaped, "note=Bearer 4f2a99c1", "pw=4f2a99c1"]
        {
            let said = Parameter::parse(text).unwrap_err().to_string();
            assert!(said.contains("looks like a secret") && !said.contains("99c1"), "{said}");
        }
        assert_eq!(value("max_tokens=100000000"), ParameterValue::Int(100_000_000));
        for text in ["short", "application/json", "123e4567-e89b-12d3-a456-426614174000", "sk-learn-forest-2"]
        {
            assert_eq!(value(&format!("key={text}")), ParameterValue::Text(text.into()));
        }
    }

    #[test]
    fn inputs_are_json_or_text() {
        assert_eq!(FixedInput::parse("a= 3").unwrap().value(), &Json::Int(3));
        assert_eq!(FixedInput::parse("a=b c").unwrap().value(), &Json::Text(b"b c".to_vec()));
        for text in ["a=[]", "a=[1,[2]]", "a={}", "a=null", "a=[null]"] {
            assert!(FixedInput::parse(text).is_err(), "{text}");
        }
    }
}
