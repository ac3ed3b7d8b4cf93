//! The JSON Schema of `compare.json`, made from the types.
//!
//! The invariant: a reader that follows it takes any comparison of this format, later ones with more fields too.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::super::schema::open;
use crate::comparison::Comparison;

/// The schema, draft 2020-12; committed as `docs/schemas/comparison.schema.json`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Comparison>().to_value();
    open(&mut schema);
    schema["title"] = json!(Comparison::FORMAT);
    schema["properties"]["format"]["const"] = json!(Comparison::FORMAT);
    schema
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// `NOISEBOUND_BLESS=1` writes the file anew.
    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/comparison.schema.json");
        let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("NOISEBOUND_BLESS").is_some_and(|v| v == "1") {
            std::fs::write(&file, &fresh).unwrap();
        }
        let old = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(old == fresh, "docs/schemas/comparison.schema.json differs: run with NOISEBOUND_BLESS=1");
    }
}
