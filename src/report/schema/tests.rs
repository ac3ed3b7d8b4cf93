use std::path::PathBuf;

use super::*;
use crate::report::{json as report_json, samples};

/// Asserts that a file under `docs/schemas` is this schema; `NOISEBOUND_BLESS=1` writes it anew.
pub(crate) fn assert_committed(file: &str, schema: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schemas").join(file);
    let fresh = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("NOISEBOUND_BLESS").is_some_and(|v| v == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(old == fresh, "docs/schemas/{file} differs from the types: run with NOISEBOUND_BLESS=1");
}

#[test]
fn the_committed_schema_is_that_of_the_types() {
    assert_committed("report.schema.json", &schema());
}

#[test]
fn every_sample_fits_the_schema() {
    let schema = schema();
    for (name, report) in samples::all() {
        let value: Value = serde_json::from_str(&report_json::render(&report)).unwrap();
        assert_eq!(misfits(&schema, &value), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_no_report_does_not_fit() {
    let schema = schema();
    let good: Value = serde_json::from_str(&report_json::render(&samples::precise())).unwrap();
    let breaks: [fn(&mut Value); 7] = [
        |v| v["format"] = json!("noisebound.report/2"),
        |v| v["results"]["confidence"] = json!("0.95"),
        |v| v["results"]["gates"][0]["verdict"] = json!("maybe"),
        |v| v["results"]["levels"][0]["draws"] = json!(1.5),
        |v| v["results"]["range"] = json!([0.0, "one"]),
        |v| v["results"]["levels"][1]["risk"]["upper"] = json!("high"),
        |v| {
            v["results"].as_object_mut().unwrap().remove("levels");
        },
    ];
    for (i, spoil) in breaks.into_iter().enumerate() {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert_eq!(misfits(&schema, &bad).len(), 1, "{i}: {:?}", misfits(&schema, &bad));
    }
}

#[test]
fn a_later_report_with_more_fields_fits() {
    let schema = schema();
    let mut later: Value = serde_json::from_str(&report_json::render(&samples::precise())).unwrap();
    later["question"]["new"] = json!(1);
    later["results"]["claims"][0]["new"] = json!(1);
    assert_eq!(misfits(&schema, &later), Vec::<String>::new());
}

#[test]
fn absent_quantities_are_not_required() {
    let bounded = &schema()["$defs"]["Bounded"];
    assert!(bounded["required"].as_array().is_none_or(Vec::is_empty), "{bounded}");
}

/// Where `value` departs from `schema`: as many keywords as the generator uses. An unknown keyword is a
/// misfit too, so that the checker cannot fall behind in silence.
pub(crate) fn misfits(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(keywords) = schema.as_object() else { return };
    for (keyword, said) in keywords {
        let fits = match keyword.as_str() {
            "$ref" => {
                let to = root.pointer(said.as_str().unwrap().trim_start_matches('#')).unwrap();
                check(root, to, value, at, found);
                true
            }
            "type" => {
                let names = said.as_array().cloned().unwrap_or_else(|| vec![said.clone()]);
                names.iter().any(|name| is(value, name.as_str().unwrap()))
            }
            "const" => value == said,
            "enum" => said.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|v| v >= said.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|v| v <= said.as_f64().unwrap()),
            "minItems" => value.as_array().is_none_or(|v| v.len() as u64 >= said.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|v| v.len() as u64 <= said.as_u64().unwrap()),
            "required" => {
                said.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "properties" => {
                for (name, inner) in said.as_object().unwrap() {
                    if let Some(field) = value.get(name) {
                        check(root, inner, field, &format!("{at}/{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                for (name, field) in value.as_object().into_iter().flatten() {
                    check(root, said, field, &format!("{at}/{name}"), found);
                }
                true
            }
            "items" | "prefixItems" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    let inner = if keyword == "items" { said } else { &said[i] };
                    check(root, inner, item, &format!("{at}/{i}"), found);
                }
                true
            }
            "oneOf" | "anyOf" => {
                let fitting = |one: &&Value| {
                    let mut inside = Vec::new();
                    check(root, one, value, at, &mut inside);
                    inside.is_empty()
                };
                let count = said.as_array().unwrap().iter().filter(fitting).count();
                count == 1 || keyword == "anyOf" && count > 0
            }
            "$schema" | "$defs" | "title" | "description" | "format" | "default" => true,
            other => panic!("the checker does not know `{other}`"),
        };
        if !fits {
            found.push(format!("{at}: {keyword} {said}"));
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type `{other}`"),
    }
}
