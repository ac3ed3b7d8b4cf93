//! The JSON Schema of `report.json`, and of what else is printed as JSON, made from the types.
//!
//! It describes what is written. The invariant: a reader that follows it takes any report of this format,
//! later ones with more fields too, so no object is closed.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::results::Report;

/// The schema, draft 2020-12; committed as `docs/schemas/report.schema.json`.
pub fn schema() -> Value {
    of::<Report>(Report::FORMAT)
}

/// The schema of a document whose field `format` names its format.
pub(crate) fn of<T: JsonSchema>(format: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    open(&mut schema);
    schema["title"] = json!(format);
    schema["properties"]["format"]["const"] = json!(format);
    schema
}

/// Fields may be added within a format, so unknown ones are no mistake of the writer.
pub(super) fn open(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("additionalProperties") == Some(&Value::Bool(false)) {
                fields.shift_remove("additionalProperties");
            }
            fields.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

#[cfg(test)]
pub(crate) mod tests;
