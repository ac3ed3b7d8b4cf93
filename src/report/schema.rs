//! The JSON Schema of `report.json`, made from the types.
//!
//! It describes what is written. The invariant: a reader that follows it takes any report of this format,
//! later ones with more fields too, so no object is closed.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::results::Report;

/// The schema, draft 2020-12; committed as `docs/schemas/report.schema.json`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Report>().to_value();
    open(&mut schema);
    schema["title"] = json!(Report::FORMAT);
    schema["properties"]["format"]["const"] = json!(Report::FORMAT);
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
mod tests;
