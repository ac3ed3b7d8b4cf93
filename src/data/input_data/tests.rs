//! Rows of perf_analyzer, and files that are none.

use noisebound_adapters::Values;
use proptest::prelude::*;

use crate::data::tests::{assert_says, read, source};
use crate::data::{DataError, Dataset, load_bytes};
use crate::loss::Target;

fn rows(text: &str) -> Result<Dataset, DataError> {
    read("d.json", format!(r#"{{"data":{text}}}"#).as_bytes())
}

#[test]
fn each_input_is_a_field() {
    let dataset = rows(
        r#"[{"x":[0.5,1,2,3],"id":{"content":[9007199254740993],"shape":[1]},"word":["a"]},
            {"x":{"content":[[4,5],[6,7]],"shape":[4]},"id":[2],"word":["b"]}]"#,
    )
    .unwrap();
    let told: Vec<_> = dataset.fields.iter().map(|field| &*field.name).collect();
    assert_eq!((told, dataset.rows), (vec!["x", "id", "word"], 2));
    assert_eq!(dataset.fields[0].values, Values::F64(vec![0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]));
    assert_eq!(dataset.fields[1].values, Values::I64(vec![9_007_199_254_740_993, 2]));
    assert_eq!(dataset.fields[2].values, Values::Bytes(vec![b"a".to_vec(), b"b".to_vec()]));
    let large = rows(r#"[{"x":[18446744073709551615]}]"#).unwrap();
    assert_eq!(large.fields[0].values, Values::U64(vec![u64::MAX]));
}

/// As in the examples of perf_analyzer, whose server says that the model takes floats.
#[test]
fn whole_numbers_are_floats_where_nothing_else_could_be_meant() {
    let dataset =
        rows(r#"[{"x":[1,2],"word":["a"]},{"x":{"content":[3,-4],"shape":[2]},"word":["b"]}]"#).unwrap();
    assert_eq!(dataset.fields[0].values, Values::F64(vec![1.0, 2.0, 3.0, -4.0]));
    let id = rows(r#"[{"id":[9007199254740993]}]"#).unwrap();
    assert_eq!(id.fields[0].values, Values::I64(vec![9_007_199_254_740_993]), "not exact as a float");
    // Which of several are measurements nobody can tell.
    let mut dataset = rows(r#"[{"x":[1,2],"id":[7]},{"x":[3,4],"id":[8]}]"#).unwrap();
    assert_eq!(dataset.fields[0].values, Values::I64(vec![1, 2, 3, 4]));
    assert_eq!(dataset.fields[1].values, Values::I64(vec![7, 8]));
    dataset.loosen(&["x".to_owned()]);
    assert_eq!(dataset.fields[0].values, Values::F64(vec![1.0, 2.0, 3.0, 4.0]));
    assert_eq!(dataset.fields[1].values, Values::I64(vec![7, 8]));
    let dataset = rows(r#"[{"x":[1.5],"id":[7]}]"#).unwrap();
    assert_eq!(dataset.fields[1].values, Values::I64(vec![7]));
}

#[test]
fn streams_follow_each_other() {
    let dataset = rows(r#"[[{"x":[1.5]},{"x":[2.5]}],[{"x":[3.5]}]]"#).unwrap();
    assert_eq!(dataset.fields[0].values, Values::F64(vec![1.5, 2.5, 3.5]));
}

#[test]
fn validation_data_are_targets() {
    let text =
        br#"{"data":[{"x":[1.5]},{"x":[2.5]}],"validation_data":[{"y":[3],"z":[0]},{"y":[4],"z":[0]}]}"#;
    let with = |targets: &str| load_bytes(&source("d.json:x"), text, Some((&source(targets), text)), None);
    let targets = with("d.json:y").unwrap().targets.unwrap();
    assert_eq!(targets, [Target::Number(3.0), Target::Number(4.0)]);
    assert_says(with("d.json"), &["y, z", "`d.json:y`"]);
    assert_says(with("d.json:q"), &["`q`", "is not there"]);
}

#[test]
fn what_does_not_fit_is_named_with_its_row() {
    assert_says(rows("[]"), &["d.json", "holds no row in `data`"]);
    assert_says(rows("3"), &["has no list `data`", "--input-data"]);
    assert_says(read("d.json", b"{"), &["is not JSON"]);
    assert_says(rows("[{}]"), &["row 0", "is not an object"]);
    assert_says(rows(r#"[{"x":[1.5]},{"y":[1.5]}]"#), &["row 1 (counted from 0), `x`", "is not there"]);
    assert_says(rows(r#"[{"x":[1.5]},{"x":[1.5,2]}]"#), &["row 1", "the shape [2], and row 0 has [1]"]);
    assert_says(
        rows(r#"[{"x":{"content":[1.5],"shape":[2]}}]"#),
        &["row 0", "holds 1 values, its shape [2]"],
    );
    assert_says(
        rows(r#"[{"x":{"b64":"AAAA"}}]"#),
        &["row 0, `x`".replace(", `", " (counted from 0), `").as_str(), "base64"],
    );
    assert_says(rows(r#"[{"x":{"content":{"b64":"AAAA"},"shape":[1]}}]"#), &["base64"]);
    assert_says(rows(r#"[{"x":[1.5]},{"x":["a"]}]"#), &["row 1", "holds \"a\", where a number was expected"]);
    assert_says(rows(r#"[{"x":[null]}]"#), &["holds null"]);
    assert_says(rows(r#"[{"x":["a"]}]"#), &["holds texts"]);
}

proptest! {
    #[test]
    fn no_json_makes_the_reader_panic(text in r#"[\[\]{}",:a-c0-9.eE+-]{0,60}"#) {
        let _ = rows(&text);
        let _ = rows(&format!(r#"[{{"x":{text}}},{{"x":{text}}}]"#));
    }
}
