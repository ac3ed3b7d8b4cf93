//! Questions beyond the risk at a level: what each kind asks, needs and excludes.

use super::*;
use crate::{
    config::question::{GateQuantity, Measured, QuantileSpec, Route, Scope},
    data::{DataSource, Dataset, MOST_SLICES, load_bytes},
};

const SQUARED: [&str; 2] = ["--loss", "squared-error"];

fn with<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

fn ask(line: &[&str]) -> crate::config::Question {
    question(line, &facts()).0
}

/// The only problem of a line.
fn problem(line: &[&str]) -> String {
    let found = problems(line);
    assert_eq!(found.len(), 1, "{line:?}: {found:#?}");
    found[0].clone()
}

#[test]
fn what_is_typed_is_what_is_asked() {
    let plain = ask(&[]);
    assert_eq!((plain.scope, plain.route, plain.replicates), (Scope::DataSet, Route::Direct, None));
    assert!(plain.quantiles.is_empty() && !plain.noise_floor && !plain.asymptotic);
    assert!(plain.critical.is_none() && plain.slice.is_none() && plain.loss.cap.is_none());
    assert_eq!(ask(&["--scope", "population"]).scope, Scope::Population);
    assert_eq!(ask(&["--route", "differences"]).route, Route::Differences);
    assert!(ask(&["--noise-floor"]).noise_floor);
    assert!(!ask(&["--noise-floor=false"]).noise_floor);
    let quantiles = ask(&["--quantiles", "q50(absolute-error), q99.5(shift)"]).quantiles;
    let expected = [(Measured::AbsoluteError, 50.0), (Measured::Shift, 99.5)];
    assert_eq!(quantiles, expected.map(|(of, percent)| QuantileSpec { of, percent }));
    let critical = ask(&["--critical", "error<=0.05"]).critical.unwrap();
    assert_eq!((critical.text.as_str(), critical.threshold), ("error <= 0.05", 0.05));
    assert_eq!(ask(&["--replicates", "0.5", "-n", "100k"]).replicates, Some(0.5));
    let line = with(&[&SQUARED, &["--asymptotic", "--precision", "3"]]);
    assert_eq!((ask(&line).asymptotic, ask(&line).precision), (true, Some(3.0)));
    let line = with(&[&SQUARED, &["--loss-cap", "40"]]);
    assert_eq!((ask(&line).loss.cap, ask(&line).precision), (Some(40.0), Some(2.0)));
}

#[test]
fn what_is_decided_alone_has_no_limits_by_default() {
    for line in [
        &["--critical", "error <= 0.05"][..],
        &["--gate", "degradation@0.1 <= 0.05"],
        &["--gate", "q90(shift)@0.1 <= 5"],
        &["--gate", "dataset-risk@0.1 <= 0.5 with 0.5"],
        &["--replicates", "0.1"],
    ] {
        assert_eq!(ask(line).precision, None, "{line:?}");
    }
    assert_eq!(ask(&["--critical", "error <= 0.05", "--precision", "0.1"]).precision, Some(0.1));
    assert_eq!(ask(&["--quantiles", "q90(shift)"]).precision, Some(0.05));
    let levels = ["--gate", "error@1 <= 0.2", "--levels", "1,2"];
    for about_all in [["--critical", "error <= 0.05"], ["--quantiles", "q90(shift)"]] {
        assert_eq!(ask(&with(&[&levels, &about_all])).levels, [1.0, 2.0], "{about_all:?}");
    }
    let gate = ["--gate", "dataset-risk@0.1 <= 0.5 with 0.5"];
    assert_eq!(ask(&gate).levels, [0.1]);
    assert!(problem(&with(&[&gate, &["--levels", "0.1,0.2"]])).contains("add --replicates, a gate at all"));
    assert_eq!(ask(&with(&[&gate, &["--replicates", "0.1"]])).levels, [0.05, 0.1, 0.2]);
}

#[test]
fn gates_keep_their_quantity_and_threshold() {
    let gate = |line: &[&str]| ask(line).gates.remove(0);
    let degradation = gate(&["--gate", "degradation@0.1 >= -0.05"]);
    assert_eq!((degradation.quantity, degradation.threshold), (GateQuantity::Degradation, -0.05));
    let line = with(&[&SQUARED, &["--gate", "dataset-mse@0.1 <= 3000 with 0.5"]]);
    assert_eq!(gate(&line).quantity, GateQuantity::DataSet(0.5));
    for (line, words) in [
        (&["--gate", "degradation@0.1 <= 1.5"][..], "from -1 to 1"),
        (&["--gate", "degradation@0.1 <= -1.5"], "from -1 to 1"),
        (&["--loss", "flip", "--gate", "degradation@0.1 <= 0.5"], "write flip@"),
        (&["--gate", "q90(shift)@0.1 <= -1"], "shift is at least 0"),
        (&["--gate", "dataset-mse@0.1 <= 0.2 with 0.5"], "add --loss squared-error"),
        (&["--gate", "dataset-risk@0.1 <= 2 with 0.5"], "from 0 to 1"),
        (&["--loss", "squared-error", "--gate", "dataset-mse@0.1 <= -1 with 0.5"], "at least 0"),
        (
            &["--loss", "squared-error", "--loss-cap", "5", "--gate", "squared-error@0.1 <= 6"],
            "capped, lies in 0,5",
        ),
        (&["--gate", "q9(shift)@1 <= 1", "--gate", "q9.0(shift)@1 <= 1.0"], "each gate once"),
        (
            &[
                "--loss",
                "squared-error",
                "--gate",
                "dataset-mse@1 <= 1 with 0.5",
                "--gate",
                "dataset-risk@1 <= 1 with 0.5",
            ],
            "each gate once",
        ),
    ] {
        let found = problem(line);
        assert!(found.starts_with("--gate: ") && found.contains(words), "{found}");
    }
    let ranged = with(&[&SQUARED, &["--loss-range", "5,25", "--gate", "degradation@0.1 <= -20"]]);
    assert_eq!(gate(&ranged).threshold, -20.0);
}

#[test]
fn a_loss_without_a_range_is_asked_for_what_needs_none() {
    for line in [
        &["--loss-range", "0,9"][..],
        &["--loss-cap", "9"],
        &["--replicates", "0.1"],
        &["--gate", "dataset-mse@0.1 <= 30 with 0.5"],
        &["--gate", "q90(absolute-error)@0.1 <= 30", "--gate", "q50(shift)@all >= 1"],
        &["--asymptotic", "--precision", "1"],
        &["--quantiles", "q90(shift)"],
    ] {
        let asked = ask(&with(&[&SQUARED, line]));
        assert_eq!(asked.loss.range.is_some(), line[0] == "--loss-range", "{line:?}");
    }
    for line in [
        &["--precision", "1"][..],
        &["--quantiles", "q90(shift)", "--precision", "1"],
        &["--critical", "squared-error <= 3"],
        &["--gate", "degradation@0.1 <= 3"],
        &["--gate", "squared-error@0.1 <= 3"],
        &["--gate", "q90(shift)@0.1 <= 3", "--precision", "1"],
        &["--gate", "q90(shift)@0.1 <= 3", "--critical", "squared-error <= 3"],
        &["--gate", "q90(shift)@0.1 <= 3", "--gate", "squared-error@0.1 <= 3"],
    ] {
        let found = problem(&with(&[&SQUARED, line]));
        assert!(found.starts_with("--loss-range: "), "{line:?}: {found}");
    }
}

#[test]
fn the_targets_tell_a_range_that_would_hold() {
    let told = |loss: &str, targets_range| {
        let facts = DataFacts { targets_range, ..facts() };
        settings(&["--loss", loss]).question(&facts).unwrap_err().to_string()
    };
    for (loss, end) in [("squared-error", "103041"), ("absolute-error", "321")] {
        let found = told(loss, Some((25.0, 346.0)));
        let words = format!(
            "the targets lie in [25, 346]; if the model's outputs do too, --loss-range 0,{end} holds"
        );
        assert!(found.contains(&words), "{found}");
        let places = ["--loss-range 0,", "--loss-cap", "--replicates"].map(|flag| found.find(flag).unwrap());
        assert!(places.is_sorted(), "{found}");
    }
    for targets in [None, Some((7.0, 7.0)), Some((-1e300, 1e300))] {
        assert!(told("squared-error", targets).contains("as in --loss-range 0,60"), "{targets:?}");
    }
    assert!(told("absolute-error", Some((-0.5, 0.25))).contains("--loss-range 0,0.75 holds"));
}

#[test]
fn whole_passes_exclude_what_random_rows_are_for() {
    let gate = ["--gate", "dataset-risk@all <= 0.5 with 0.1"];
    for (mode, told) in [(&["--replicates", "0.1"][..], "--replicates"), (&gate, "gates on dataset-mse")] {
        for other in [
            &["--precision", "0.1"][..],
            &["--scope", "population"],
            &["--slice", "target"],
            &["--quantiles", "q90(shift)"],
            &["--critical", "error <= 0.1"],
            &["--route", "differences"],
            &["--noise-floor"],
            &["--gate", "error@0.1 <= 0.2"],
            &["--gate", "degradation@0.1 <= 0.2"],
            &["--gate", "q90(shift)@0.1 <= 0.2"],
        ] {
            let found = problem(&with(&[mode, other]));
            assert!(found.starts_with(&format!("{}: ", other[0])) && found.contains(told), "{found}");
            assert!(found.contains("whole passes over the data set"), "{found}");
        }
        let capped = with(&[&SQUARED, mode, &["--loss-cap", "9"]]);
        assert!(problem(&capped).starts_with("--loss-cap: "));
        ask(&with(&[mode, &["--noise-floor=false", "--scope", "data-set", "--route", "direct"]]));
    }
}

#[test]
fn asymptotic_limits_need_a_precision_and_decide_nothing() {
    let line = with(&[&SQUARED, &["--asymptotic"]]);
    let found = problem(&line);
    assert!(found.starts_with("--asymptotic: ") && found.contains("add --precision"), "{found}");
    for (other, key) in [
        (["--loss-range", "0,9"], "--loss-range: "),
        (["--loss-cap", "9"], "--loss-cap: "),
        (["--gate", "squared-error@0.1 <= 3"], "--gate: "),
        (["--gate", "q90(shift)@0.1 <= 3"], "--gate: "),
        (["--critical", "squared-error <= 3"], "--critical: "),
        (["--route", "differences"], "--route: "),
    ] {
        let found = problem(&with(&[&line, &["--precision", "1"], &other]));
        assert!(found.starts_with(key) && found.contains("--asymptotic"), "{found}");
    }
}

/// A limit that 95 of 100 passes keep to, at doubt 0.05, takes 59 passes; at a third of the doubt 80.
#[test]
fn whole_passes_must_fit_the_budget() {
    let exactly = |line: &[&str], needed: u64| {
        let fits = |queries: u64| {
            let queries = queries.to_string();
            let line = with(&[line, &["-n", &queries]]);
            settings(&line).question(&facts()).map_err(|problems| problems.to_string())
        };
        assert!(fits(needed).is_ok(), "{line:?}: {}", fits(needed).unwrap_err());
        let found = fits(needed - 1).unwrap_err();
        assert!(found.starts_with(&format!("--queries: expected at least {needed} queries")), "{found}");
        assert!(found.contains(&format!("give -n {needed}")), "{found}");
        found
    };
    let limit = ["--replicates", "0.95"];
    let one = with(&[&limit, &["--levels", "0.1"]]);
    let found = exactly(&one, 59 * 100 + 164);
    assert!(found.contains("59 passes over 100 rows at 1 level and 164 clean queries"), "{found}");
    assert!(exactly(&limit, 3 * 80 * 100 + 164).contains("80 passes over 100 rows at 3 levels"));
    exactly(&with(&[&one, &["--clean-pass", "0"]]), 59 * 100 + 128);
    exactly(&with(&[&one, &["--loss", "flip", "--clean-pass", "0"]]), 59 * 100 + 164);
    let gate = ["--gate", "dataset-risk@0.1 <= 0.5 with 0.5"];
    exactly(&gate, 5 * 100 + 164);
    let two = with(&[&gate, &["--gate", "dataset-risk@0.2 <= 0.5 with 0.25"]]);
    assert!(exactly(&two, (6 + 3) * 100 + 164).contains("9 passes over 100 rows, at 2 levels"));
    exactly(&with(&[&one, &gate]), 72 * 100 + 164);
    let huge = DataFacts { rows: u64::MAX, ..facts() };
    assert!(settings(&limit).question(&huge).is_err(), "the product is more than can be counted");
}

#[test]
fn quantiles_of_the_error_need_targets_that_are_numbers() {
    let none = DataFacts { targets: false, targets_range: None, ..facts() };
    let names = DataFacts { targets_range: None, ..facts() };
    for (key, line) in [
        ("--quantiles: ", ["--quantiles", "q50(shift),q90(absolute-error)"]),
        ("--gate: ", ["--gate", "q90(absolute-error)@0.1 <= 3"]),
    ] {
        for (facts, found) in [(&none, "found none"), (&names, "found names")] {
            let told = settings(&line).question(facts).unwrap_err().to_string();
            assert!(told.starts_with(key) && told.contains(found), "{told}");
        }
        assert!(settings(&line).question(&facts()).is_ok());
    }
    assert!(settings(&["--quantiles", "q50(shift)"]).question(&none).is_ok());
}

fn table(values: usize) -> Dataset {
    let rows: Vec<String> = (0..values).map(|row| format!("{row},{},{}\n", row % 2, row % 3)).collect();
    let source = DataSource::parse("t.csv").unwrap();
    load_bytes(&source, format!("id,sex,label\n{}", rows.concat()).as_bytes(), None, Some("label")).unwrap()
}

#[test]
fn slices_are_the_values_of_a_column() {
    let line = ["--data", "t.csv", "--target-column", "label", "--slice"];
    let ask = |column: &str, values: usize| {
        let settings = settings(&with(&[&line, &[column]]));
        settings.question(&settings.facts(&table(values))).map(|(question, _)| question.slice.unwrap())
    };
    let slice = ask("sex", 9).unwrap();
    assert_eq!((slice.column.as_str(), slice.values), ("sex", vec!["0".to_owned(), "1".to_owned()]));
    for name in ["target", "label"] {
        let slice = ask(name, 9).unwrap();
        assert_eq!((slice.column.as_str(), slice.values.len()), ("target", 3), "{name}");
    }
    assert_eq!(ask("id", MOST_SLICES).unwrap().values.len(), MOST_SLICES);
    for (column, words) in [("id", "it has 21 different values"), ("sxe", "did you mean `sex`?")] {
        let told = ask(column, MOST_SLICES + 1).unwrap_err().to_string();
        assert!(told.starts_with("--slice: ") && told.contains(words), "{told}");
    }
    let settings = settings(&with(&[&line, &["sex"]]));
    let told = settings.question(&facts()).unwrap_err().to_string();
    assert!(told.contains("Settings::facts"), "facts of other settings: {told}");
}

#[test]
fn the_facts_are_those_of_the_data() {
    let settings = settings(&["--data", "t.csv", "--target-column", "label"]);
    let found = settings.facts(&table(9));
    assert_eq!((found.rows, found.table, found.targets), (9, true, true));
    assert_eq!((found.targets_range, found.slices), (Some((0.0, 2.0)), None));
    let mut names = table(9);
    names.targets.as_mut().unwrap()[4] = crate::loss::Target::Name("x".into());
    assert_eq!(settings.facts(&names).targets_range, None);
    names.targets = Some(vec![crate::loss::Target::Values([3.0, -1.0].into()); 9]);
    assert_eq!(settings.facts(&names).targets_range, Some((-1.0, 3.0)));
}
