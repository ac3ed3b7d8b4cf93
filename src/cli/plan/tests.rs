use clap::Parser;
use serde_json::Value;

use super::*;
use crate::report::schema;
use crate::report::schema::tests::{assert_committed, misfits};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: PlanArgs,
}

/// A plan for 1000 rows that are not there; few audits, so that it is soon made.
fn try_plan(flags: &[&str]) -> Result<(PlanForecast, String), Failed> {
    let usual = ["plan", "triton://h:8000/m", "--paths", "20"];
    let rows: &[&str] = if flags.contains(&"--rows") { &[] } else { &["--rows", "1000"] };
    let args = Line::parse_from([&usual, rows, flags].concat()).args;
    let (foretold, conduct) = foretell(&args)?;
    let text = told::render(&foretold, &conduct, !args.guess.is_empty());
    Ok((foretold, text))
}

fn planned(flags: &[&str]) -> (PlanForecast, String) {
    let (foretold, text) = try_plan(flags).unwrap_or_else(|failed| panic!("{flags:?}: {failed}"));
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{flags:?}: {line}");
    }
    let value = serde_json::to_value(&foretold).unwrap();
    assert_eq!(misfits(&schema_of_plans(), &value), Vec::<String>::new(), "{flags:?}");
    (foretold, text)
}

fn schema_of_plans() -> Value {
    schema::of::<PlanForecast>(PlanForecast::FORMAT)
}

/// The warnings, joined again.
fn warned(flags: &[&str]) -> String {
    planned(flags).0.warnings.join("\n")
}

#[test]
fn a_guess_names_a_level_or_clean() {
    assert_eq!(guess("0.1=0.05").unwrap(), (0.1, 0.05));
    assert_eq!(guess(" clean = 3 ").unwrap(), (0.0, 3.0));
    for odd in ["", "0.1", "=0.1", "x=0.1", "-1=0.1", "0.1=nan", "inf=0.1"] {
        assert!(guess(odd).is_err(), "{odd}");
    }
}

#[test]
fn the_schema_of_plans_is_up_to_date() {
    assert_committed("plan-forecast.schema.json", &schema_of_plans());
}

#[test]
fn what_is_no_plan_does_not_fit_the_schema() {
    let (foretold, _) = planned(&["--gate", "error@0.1 <= 0.3", "--critical", "error <= 0.3"]);
    let good = serde_json::to_value(&foretold).unwrap();
    let breaks: [fn(&mut Value); 5] = [
        |v| v["format"] = "noisebound.plan/2".into(),
        |v| v["queries"]["p90"] = "many".into(),
        |v| v["levels"][0]["stopped"][0]["by"] = "boredom".into(),
        |v| v["gates"][0]["undecided"] = Value::Null,
        |v| drop(v.as_object_mut().unwrap().remove("warnings")),
    ];
    for (i, spoil) in breaks.into_iter().enumerate() {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert_ne!(misfits(&schema_of_plans(), &bad), Vec::<String>::new(), "{i}");
    }
}

/// Without a range and without a guess a quantile is planned for all the same, and it is said what was assumed.
#[test]
fn what_was_not_guessed_is_told_and_not_refused() {
    let quantile = ["--loss", "absolute-error", "--gate", "q90(absolute-error)@0.1 <= 3", "-n", "9000"];
    let (foretold, text) = planned(&quantile);
    assert!(foretold.guesses.iter().all(|guess| guess.risk.is_none()), "{:?}", foretold.guesses);
    assert_eq!(foretold.worst_queries, 9000);
    assert!(foretold.gates[0].chances.holds > 0.9, "{:?}", foretold.gates);
    let assumed =
        "no guess was given for absolute-error, so q90(absolute-error)@0.1 <= 3 is taken to hold with room";
    assert!(foretold.assumptions[0].starts_with(assumed), "{:?}", foretold.assumptions);
    assert!(foretold.assumptions[0].ends_with("; at worst it takes all of -n"), "{:?}", foretold.assumptions);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("no guess was given, and the loss has no range to take one from"), "{text}");
    assert!(words.contains(assumed), "{text}");
    // A guess tells how the gate goes, and nothing is assumed.
    let (told, _) = planned(&[&quantile[..], &["--guess", "0.1=9"]].concat());
    assert_eq!((told.gates[0].chances.fails, told.assumptions.len()), (1.0, 0));
    let (shift, _) = planned(&["--loss", "flip", "--gate", "q90(shift)@0.1 <= 3", "--guess", "0.1=0.1"]);
    assert!(shift.assumptions[0].starts_with("no guess was given for shift"), "{:?}", shift.assumptions);
}

#[test]
fn limits_without_a_guess_are_planned_to_take_all_there_is() {
    let asked = ["--loss", "squared-error", "--asymptotic", "--precision", "1", "-n", "5000"];
    let (foretold, _) = planned(&asked);
    assert_eq!((foretold.queries.median, foretold.worst_queries, foretold.answered), (5000.0, 5000, 0.0));
    assert!(
        foretold.assumptions[0]
            .starts_with("no guess was given for squared-error, so its limits are taken never to be"),
        "{:?}",
        foretold.assumptions
    );
    let (guessed, _) = planned(&[&asked[..], &["--guess", "clean=2", "--guess-sd", "2"]].concat());
    assert!(guessed.queries.median < 5000.0 && guessed.assumptions.is_empty(), "{guessed:?}");
    // How many draws a quantile takes does not depend on what is drawn.
    let (quantile, _) = planned(&["--loss", "absolute-error", "--quantiles", "q90(absolute-error)"]);
    assert_eq!((quantile.answered, quantile.assumptions.len()), (1.0, 0), "{quantile:?}");
}

/// What an audit is refused for is told, with the number that mends it; with that nothing is warned of.
#[test]
fn a_budget_below_what_is_asked_clean_is_told_and_not_refused() {
    for (flags, starts, ends, mend) in [
        (
            &["-n", "500"][..],
            "-n 500 is less than the clean pass of 1000 rows needs: no level gets a draw; ",
            "give -n 1065 or more, or --clean-pass 0, which needs 129",
            "1065",
        ),
        (
            &["-n", "100", "--clean-pass", "0"],
            "-n 100 is less than the check at the start needs, which asks 64 rows clean twice: no level gets a draw",
            "; give -n 129 or more",
            "129",
        ),
        (
            &["-n", "100", "--scope", "population"],
            "-n 100 is less than the check at the start needs",
            "; give -n 129 or more",
            "129",
        ),
        (
            &["-n", "20000", "--replicates", "0.95", "--levels", "0.1"],
            "-n 20000 is less than 59 passes over 1000 rows at 1 level need, with 1064 clean queries",
            "; give -n 60064, or ask for fewer levels or a smaller share",
            "60064",
        ),
    ] {
        let (foretold, text) = planned(flags);
        assert_eq!(foretold.warnings.len(), 1 + usize::from(flags.len() > 4), "{:?}", foretold.warnings);
        let sentence = &foretold.warnings[0];
        assert!(sentence.starts_with(starts) && sentence.ends_with(ends), "{sentence}");
        assert_eq!(foretold.answered, 0.0);
        assert!(text.contains("warning: -n "), "{text}");
        let enough = [&["-n", mend], &flags[2..]].concat();
        assert!(!warned(&enough).contains("is less than"), "{enough:?}");
    }
}

#[test]
fn what_no_audit_can_be_asked_is_told_and_the_nearest_planned() {
    let fine = warned(&["--precision", "0.000001", "-n", "2000"]);
    assert!(
        fine.starts_with("no level reaches --precision 0.000001: bounds aim no finer than 0.00001"),
        "{fine}"
    );
    assert!(fine.contains("-n 2000 is used up"), "{fine}");
    let (beyond, _) = planned(&["--gate", "error@0.1 <= 1.5"]);
    assert!(beyond.warnings[0].starts_with("error@0.1 <= 1.5 is settled without a draw"), "{beyond:?}");
    assert_eq!(beyond.gates[0].chances.holds, 1.0);
    let below = ["--loss", "squared-error", "--loss-range", "0,9", "--gate", "squared-error@0.1 <= -1"];
    assert!(warned(&below).contains("is settled without a draw, as it is in units of squared-error"));
    assert!(warned(&["--critical", "error <= 2"]).starts_with("error <= 2 is settled without a draw"));
}

#[test]
fn what_stays_undecided_is_told() {
    let at = ["--gate", "error@0.1 <= 0.1", "--guess", "0.1=0.1"];
    assert!(warned(&at).starts_with("this plan cannot decide error@0.1 <= 0.1: "), "{}", warned(&at));
    let never = warned(&["--gate", "error@0.1 <= 0", "--guess", "0.1=0"]);
    assert!(never.starts_with("error@0.1 <= 0 can never be shown to hold"), "{never}");
    let critical = warned(&["--critical", "error <= 0.1", "--guess", "0.05=0.1"]);
    assert!(critical.starts_with("this plan cannot tell up to which level error <= 0.1 holds"), "{critical}");
    let rows = warned(&["--scope", "population", "--rows", "200"]);
    assert!(rows.starts_with("the 200 rows are used up"), "{rows}");
    assert_eq!(warned(&["--gate", "error@0.1 <= 0.3", "--guess", "0.1=0.1"]), "");
}

#[test]
fn lines_are_narrow_whatever_is_asked() {
    let levels: Vec<String> = (1..40).map(|level| format!("{}", f64::from(level) / 700.0)).collect();
    let gate = format!("error@{} <= 0.123456789012345", levels[7]);
    let (_, text) = planned(&[
        "--levels",
        &levels.join(","),
        "--gate",
        &gate,
        "--rate",
        "1/min",
        "--cost-per-query",
        "1e300",
        "--precision",
        "0.2",
    ]);
    assert!(text.lines().count() > 40, "{text}");
}

#[test]
fn rows_that_are_not_there_have_the_targets_that_are_named() {
    let named = |flags: &[&str]| planned(flags).0;
    let clean = |foretold: &PlanForecast| foretold.guesses[0].risk.unwrap();
    assert_eq!(clean(&named(&[])), 0.1, "the loss is error");
    assert_eq!(clean(&named(&["--loss", "flip"])), 0.0);
    assert_eq!(clean(&named(&["--data", "x.npy"])), 0.0, "data without targets: the loss is flip");
    assert_eq!(clean(&named(&["--data", "x.npy", "--targets", "y.npy"])), 0.1);
    named(&["--quantiles", "q90(absolute-error)"]);
    let said = |flags: &[&str]| try_plan(flags).unwrap_err().to_string();
    assert!(said(&["--slice", "age"]).contains("--slice: expected the rows themselves"));
    assert!(said(&["--cost-per-query", "nan"]).contains("--cost-per-query: expected a number"));
    let regression = said(&["--loss", "squared-error"]);
    assert!(regression.contains("it has none of its own: promise one"), "{regression}");
}

#[test]
fn as_many_rows_as_a_table_holds_make_the_same_plan() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/digits.npz");
    let (x, y) = (format!("{data}:x"), format!("{data}:y"));
    let args =
        |more: &[&str]| Line::parse_from([&["plan", "triton://h:8000/m", "--paths", "20"], more].concat());
    let read = foretell(&args(&["--data", &x, "--targets", &y]).args).unwrap().0;
    let rows = crate::data::load(
        &crate::data::DataSource::parse(&x).unwrap(),
        Some(&crate::data::DataSource::parse(&y).unwrap()),
        None,
    );
    let rows = rows.unwrap().rows.to_string();
    assert_eq!(foretell(&args(&["--rows", &rows]).args).unwrap().0, read);
}
