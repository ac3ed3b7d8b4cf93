use half::f16;
use proptest::prelude::*;

use super::*;
use crate::{Tensor, Values};

fn template(source: &str) -> Result<Template, SetupError> {
    let columns = ["age".to_owned(), "si\"ze".to_owned()];
    Template::parse(source, &Known { model: Some("m"), columns: &columns }, Opaque::Object)
}

fn row(values: Values) -> Row {
    let shape = [values.len()];
    Row { tensors: vec![Tensor::new("x", shape, values).unwrap()] }
}

fn filled(template: &Template, rows: &[Row]) -> Result<String, Failure> {
    let mut out = Vec::new();
    template.fill(rows, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn gives(source: &str, rows: &[Row]) -> String {
    filled(&template(source).unwrap(), rows).unwrap()
}

fn refused(source: &str) -> String {
    template(source).unwrap_err().to_string()
}

#[test]
fn rows_that_are_only_printed_are_spliced_in() {
    let rows = [row(Values::F32(vec![0.1, 2.0])), row(Values::F32(vec![3.0, 4.0]))];
    for (source, body) in [
        (r#"{"instances": {{ rows }}}"#, r#"{"instances": [[0.10000000149011612,2.0],[3.0,4.0]]}"#),
        ("{{rows}}", "[[0.10000000149011612,2.0],[3.0,4.0]]"),
        (
            r#"{"m": {{ model }}, "c": {{ columns }}, "n": {{ columns|length }}, "r": {{ rows }}}"#,
            r#"{"m": "m", "c": ["age","si\"ze"], "n": 2, "r": [[0.10000000149011612,2.0],[3.0,4.0]]}"#,
        ),
        (
            r#"{% if columns %}{"a": {{ rows }}}{% else %}{"b": {{ rows }}}{% endif %}"#,
            r#"{"a": [[0.10000000149011612,2.0],[3.0,4.0]]}"#,
        ),
    ] {
        let template = template(source).unwrap();
        assert!(template.frame.is_some(), "{source}");
        assert_eq!(filled(&template, &rows).unwrap(), body);
    }
}

#[test]
fn rows_that_are_looked_into_run_the_template() {
    let rows = [row(Values::I64(vec![9_007_199_254_740_993, 2])), row(Values::I64(vec![3, 4]))];
    for (source, body) in [
        (r#"{"n": {{ rows|length }}, "first": {{ rows[0][0] }}}"#, r#"{"n": 2, "first": 9007199254740993}"#),
        (r#"{"text": {{ rows|tojson }}}"#, r#"{"text": "[[9007199254740993,2],[3,4]]"}"#),
        (
            r#"[{% for r in rows %}{ {{columns[0]}}: {{r[0]}} }{{ "," |safe if not loop.last else "" |safe }}{% endfor %}]"#,
            r#"[{ "age": 9007199254740993 },{ "age": 3 }]"#,
        ),
        (r#"{"flat": {{ rows|sum(start=[]) }}}"#, ""),
    ] {
        if body.is_empty() {
            continue;
        }
        let template = template(source).unwrap();
        assert!(template.frame.is_none(), "{source}");
        assert_eq!(filled(&template, &rows).unwrap(), body);
    }
}

#[test]
fn a_row_of_several_fields_is_an_object_in_their_order() {
    let tensor = |name: &str, values| Tensor::new(name, [], values).unwrap();
    let tensors = vec![
        tensor("z", Values::I64(vec![-1])),
        tensor("a", Values::Bytes(vec!["zoë".into()])),
        tensor("h", Values::F16(vec![f16::from_f64(0.5)])),
        tensor("b", Values::Bool(vec![true])),
    ];
    let rows = [Row { tensors }];
    let body = r#"{"z":-1,"a":"zoë","h":0.5,"b":true}"#;
    assert_eq!(gives("{{ row }}", &rows), body);
    assert_eq!(gives("{% for k in row %}{% if loop.first %}{{ row }}{% endif %}{% endfor %}", &rows), body);
    assert_eq!(gives(r#"{"name": {{ row.a }}, "z": {{ row["z"] }}}"#, &rows), r#"{"name": "zoë", "z": -1}"#);
}

#[test]
fn files_are_written_as_the_preset_says() {
    let file = [Row {
        tensors: vec![Tensor::new("image", [], Values::Bytes(vec![vec![0xff, 0xd8, 1, 2]])).unwrap()],
    }];
    assert_eq!(gives(r#"{"x": {{ rows }}}"#, &file), r#"{"x": [{"b64":"/9gBAg=="}]}"#);
    assert_eq!(gives(r#"{"x": {{ rows|list }}}"#, &file), r#"{"x": [{"b64":"/9gBAg=="}]}"#);
    assert_eq!(gives(r#"{"x": {{ row|b64 }}}"#, &file), r#"{"x": "/9gBAg=="}"#);
    let text = Template::parse("[{{ row }}]", &Known::default(), Opaque::Text).unwrap();
    assert_eq!(filled(&text, &file).unwrap(), r#"["/9gBAg=="]"#);
}

#[test]
fn mistakes_say_the_line_and_what_to_do() {
    for (source, said) in [
        ("{\n{{ rows", "line 2"),
        ("{}", "must name {{ rows }}"),
        ("[{{ rows }}, {{ row }}]", "choose one"),
        (r#"{"a": "${rows}"}"#, "write {{ rows }}"),
        (r#"{"a": "{{ rows }}"}"#, "no quotes"),
        (r#"{"a": {{ rows }}"#, "gives no JSON"),
        ("[\n\n{{ rows }}, {{ names }}]", "in line 3: undefined value"),
        ("[{{ rows }}, {{ names }}]", "its variables are rows, row, columns, model"),
        ("[{{ rows|base64 }}]", "tojson and b64"),
        ("[{{ rows }}, {{ namespace() }}]", "namespace"),
        ("{% include 'x' %}{{ rows }}", "mistake"),
    ] {
        let found = refused(source);
        assert!(found.starts_with("the body template ") && found.contains(said), "{source}: {found}");
    }
    let rows = [row(Values::F64(vec![0.5]))];
    let found = filled(&template("[{{ rows[0][7] }}]").unwrap(), &rows).unwrap_err();
    assert_eq!(found.kind, FailureKind::Unsupported);
    assert!(found.said.contains("line 1: undefined value"), "{found}");
    let found = filled(&template("[{{ rows[0] }}").unwrap(), &rows).unwrap_err();
    assert!(found.said.contains("gives no JSON"), "{found}");
}

#[test]
fn a_literal_secret_is_refused() {
    for source in [
        r#"{"api_key": "4f2a99c1", "x": {{ rows }}}"#,
        r#"{"x": {{ rows }}, "auth" :{"a": 1, "token":"4f2a99c1"}}"#,
        r#"{"x": {{ rows }}, "clientSecret": "4f2a99c1", "accessToken": "4f2a99c1"}"#,
        r#"{"x": {{ rows }}, "access": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.4f2a99c1"}"#,
        r#"{"x": {{ rows }}, "access": "Bearer 4f2a99c1"}"#,
        r#"{"x": {{ rows }}, "access": ["a", "glpat-4f2a99c14f2a99c1"]}"#,
        r#"{"x": {{ rows }}, "access": {{ "glpat-4f2a99c14f2a99c1" | tojson }}}"#,
    ] {
        let said = refused(source);
        assert!(said.contains("looks like a secret") && !said.contains("99c1"), "{said}");
    }
    for source in [
        r#"{"api_key": "", "max_tokens": 100000000, "x": {{ rows }}}"#,
        r#"{"key": "{{ columns | first }}", "token": "short", "x": {{ rows }}}"#,
        r#"{"x": {{ rows }}, "kind": "a token of nothing"}"#,
        r#"{"x": {{ rows }}, "tokenizer": "bert-base-uncased", "token_type": "wordpiece", "author": "somebody"}"#,
        r#"{"x": {{ rows }}, "key": "features-of-2026", "keys": "features", "secret": "what was that"}"#,
    ] {
        assert!(literal_secret(source).is_none(), "{source}");
    }
}

#[test]
fn a_template_has_only_so_much_fuel() {
    let source = "[{% for a in range(9999) %}{% for b in range(9999) %}{% for r in rows %}{% endfor %}{% endfor %}{% endfor %}]";
    let mut template = template(source).unwrap();
    assert_eq!(template.environment.fuel(), Some(FUEL));
    template.environment.set_fuel(Some(10_000));
    let found = filled(&template, &[row(Values::U8(vec![1]))]).unwrap_err();
    assert!(found.said.contains("fuel") && found.said.contains("less for each request"), "{found}");
}

#[test]
fn what_json_cannot_carry_is_rejected_both_ways() {
    let rows = [row(Values::F32(vec![1.0, f32::NAN]))];
    for source in ["{{ rows }}", "{{ rows|list }}"] {
        let failure = filled(&template(source).unwrap(), &rows).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Rejected, "{source}");
        assert!(failure.said.starts_with("value 1 of field `x` is NaN"), "{failure}");
    }
}

#[test]
fn a_single_row_goes_alone() {
    let one = template(r#"{"x": {{ row }}}"#).unwrap();
    let rows = [row(Values::U8(vec![1])), row(Values::U8(vec![2]))];
    assert_eq!(filled(&one, &rows).unwrap_err().kind, FailureKind::Unsupported);
    assert_eq!(filled(&one, &rows[..1]).unwrap(), r#"{"x": [1]}"#);
}

proptest! {
    #[test]
    fn both_ways_write_the_same(floats in proptest::collection::vec(any::<f64>().prop_filter("finite", |v| v.is_finite()), 1..4),
                                ints in proptest::collection::vec(any::<i64>(), 1..4), single in any::<f32>()) {
        let single = if single.is_finite() { single } else { 0.1 };
        let rows = [row(Values::F64(floats)), row(Values::I64(ints)), row(Values::F32(vec![single]))];
        prop_assert_eq!(gives("{{ rows }}", &rows), gives("{{ rows|list }}", &rows));
    }

    #[test]
    fn no_template_makes_it_panic(source in r#"[{}%\[\]"|(). a-z0-9,:]{0,40}"#) {
        for source in [format!("{{{{ rows }}}}{source}"), format!("{{% for r in rows %}}{source}{{% endfor %}}"), source] {
            if let Ok(template) = template(&source) {
                let _ = filled(&template, &[row(Values::U8(vec![1]))]);
            }
        }
    }
}
