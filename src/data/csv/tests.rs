//! Tables, and cells that are no numbers.

use noisebound_adapters::Values;
use proptest::prelude::*;

use crate::data::tests::{assert_says, read, table};
use crate::loss::Target;

#[test]
fn a_table_is_one_field_of_its_columns_of_numbers() {
    let dataset = table("age,label,\"in, come\"\n1, b ,-2.5\n\n3,a,4e1\n", Some("label")).unwrap();
    let field = &dataset.fields[0];
    assert_eq!((&*field.name, &field.shape, dataset.rows), ("x", &[2].into(), 2));
    assert_eq!(field.values, Values::F64(vec![1.0, -2.5, 3.0, 40.0]));
    assert_eq!(field.columns.as_deref().unwrap(), ["age", "in, come"]);
    assert_eq!(dataset.targets.as_deref().unwrap(), [Target::Name("b".into()), Target::Name("a".into())]);
    assert!(dataset.is_table());
    assert_eq!(dataset.target(1), Some(&Target::Name("a".into())));
    assert_eq!(dataset.target(2), None);
}

#[test]
fn columns_of_texts_and_of_large_ids_are_passed_on() {
    let text = "job,age,id,label\nclerk,41,9007199254740993,a\n7,40.5,-1,b\n";
    let dataset = table(text, Some("label")).unwrap();
    let told: Vec<_> = dataset.fields.iter().map(|field| (&*field.name, field.width())).collect();
    assert_eq!(told, [("x", 1), ("job", 1), ("id", 1)]);
    assert_eq!(dataset.fields[0].columns.as_deref().unwrap(), ["age"]);
    assert_eq!(dataset.fields[1].values, Values::Bytes(vec![b"clerk".to_vec(), b"7".to_vec()]));
    assert_eq!(dataset.fields[2].values, Values::I64(vec![9_007_199_254_740_993, -1]));
    assert_says(table("id\n9007199254740993\nx\n", None), &["line 3, column `id`", "`x`", "64 bits"]);
    assert_says(table("job,id\na,9007199254740993\n", None), &["no column of numbers"]);
}

#[test]
fn targets_of_a_table_are_numbers_if_all_of_them_are() {
    let targets = |cells: [&str; 2]| {
        table(&format!("x,y\n1,{}\n2,{}\n", cells[0], cells[1]), Some("y")).map(|d| d.targets.unwrap())
    };
    assert_eq!(targets(["1", "2.5"]).unwrap(), [Target::Number(1.0), Target::Number(2.5)]);
    assert_eq!(targets(["1", "two"]).unwrap(), [Target::Name("1".into()), Target::Name("two".into())]);
    assert_eq!(targets(["nan", "cat"]).unwrap(), [Target::Name("nan".into()), Target::Name("cat".into())]);
    assert_says(targets(["1", "nan"]), &["line 3, column `y`", "`nan`"]);
    assert_says(targets(["", "1"]), &["line 2, column `y`", "empty"]);
}

#[test]
fn a_cell_that_is_no_number_is_named() {
    let cell = |cell: &str| table(&format!("a,b\n1,2\n3,{cell}\n"), None);
    assert_says(cell(""), &["t.csv: line 3, column `b`", "empty cell"]);
    assert_says(cell("  "), &["line 3, column `b`", "empty cell"]);
    assert_says(cell("red"), &["line 3, column `b`", "the text `red`", "drop the row"]);
    assert_says(cell("NaN"), &["line 3, column `b`", "`NaN`", "finite"]);
    assert_says(cell("-inf"), &["finite"]);
    assert_says(cell("1e999"), &["`1e999`", "finite"]);
    assert_says(cell("9007199254740993"), &["`9007199254740993`", "2^53"]);
    assert_says(cell("4,5"), &["line 3", "found 3 cells, expected 2"]);
    assert_says(table("a,b\n1\n", None), &["line 2", "found 1 cells, expected 2"]);
    assert!(cell("-9007199254740992").is_ok());
    assert!(cell("1e300").is_ok());
    for text in ["a\n1\n\n\nx\n", "\n\na\n1\nx\n", "a\r\n1\r\n\r\n2\r\nx\r\n", "a,b\n\"1\",2\n\n\n3,x"] {
        assert_says(table(text, None), &["line 5", "`x`"]);
    }
}

#[test]
fn a_table_needs_names_and_rows() {
    assert_says(table("", None), &["no column names"]);
    assert_says(table("1,2\n3,4\n", None), &["no column names", "header row"]);
    assert_says(table("a,b\n", None), &["no rows"]);
    assert_says(table("a,,c\n1,2,3\n", None), &["column 1", "no name"]);
    assert_says(table("a,b,a\n1,2,3\n", None), &["two columns", "`a`"]);
    assert_says(table("a;b\n1;2\n", None), &["commas"]);
    assert_says(table("age,b\n1,2\n", Some("Age_")), &["no column `Age_`", "did you mean `age`?"]);
    assert_says(table("a\n1\n", Some("a")), &["no column but the targets"]);
    assert_says(read("t.csv", b"a,b\n1,\xff\n"), &["t.csv", "not a table of text"]);
    assert_eq!(read("t.csv", b"\xef\xbb\xbfa\n1\n").unwrap().fields[0].columns.as_deref().unwrap(), ["a"]);
}

proptest! {
    #[test]
    fn no_table_makes_a_reader_panic(text in "[a-c0-9.,;\"\n\r eEn+-]{0,80}") {
        for target in [None, Some("a"), Some("1")] {
            if let Ok(dataset) = table(&text, target) {
                prop_assert_eq!(dataset.fields[0].values.len(), dataset.rows * dataset.fields[0].width());
                prop_assert!(dataset.targets.is_none_or(|targets| targets.len() == dataset.rows));
            }
        }
    }
}
