use std::path::Path;

use proptest::{option, prelude::*, sample::select};

use super::*;
use crate::{
    bound::{Quantity, Side},
    config::{
        DataFacts, Typed, file,
        settings::tests::{facts, flags},
    },
};

fn question(settings: &Settings, facts: &DataFacts) -> (Question, Conduct) {
    settings.question(facts).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The settings, question and conduct that a plan reads back to.
fn read(plan: &str, facts: &DataFacts) -> (Settings, Question, Conduct) {
    let typed = file::parse(plan, Path::new("elsewhere/plan.toml")).unwrap_or_else(|p| panic!("{p}\n{plan}"));
    let settings = Settings::new(typed).unwrap_or_else(|problems| panic!("{problems}\n{plan}"));
    let (question, conduct) = question(&settings, facts);
    (settings, question, conduct)
}

/// The plan of these settings reads back to an equal question, conduct and endpoint.
fn reads_back(typed: Typed, facts: &DataFacts, claims: &[Claim]) {
    let settings = Settings::new(typed).unwrap_or_else(|problems| panic!("{problems}"));
    let (question, conduct) = question(&settings, facts);
    let plan = render(&settings, &question, &conduct, claims);
    let (again, question_again, conduct_again) = read(&plan, facts);
    assert_eq!(question_again, question, "{plan}");
    assert_eq!(conduct_again, conduct, "{plan}");
    let place = |settings: &Settings| {
        let place = settings.place.clone();
        // The path of a token file has become absolute, so that headers are only counted.
        let management = place.management.map(|it| (it.url, it.headers.len()));
        let sent = (place.inputs, place.parameters, place.tensors, place.compression);
        let asked = (place.target, place.output, place.body, place.answer, place.envelope);
        (asked, sent, place.headers.len(), management)
    };
    assert_eq!(place(&again), place(&settings));
    assert_eq!(again.claims.unwrap_or_default(), claims, "{plan}");
    assert!(again.data.data.path.is_absolute());
}

#[test]
fn every_key_has_its_place_in_a_plan() {
    let settings = Settings::new(flags(&[])).unwrap();
    let (question, conduct) = question(&settings, &facts());
    let mut written: Vec<&str> =
        values(&settings, &question, &conduct).iter().map(|(name, _)| *name).chain(LEFT_OUT).collect();
    let mut keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    written.sort_unstable();
    keys.sort_unstable();
    assert_eq!(written, keys);
}

#[test]
fn a_plan_says_each_value_and_where_it_came_from() {
    let typed =
        flags(&["--rate", "600/min", "--seed", "7", "--gate", "error@0.1<=0.2", "--token-env", "TOKEN"]);
    let settings = Settings::new(typed).unwrap();
    let (question, conduct) = question(&settings, &facts());
    let plan = render(&settings, &question, &conduct, &[]);
    for line in [
        "target = \"triton://h:8000/m\"  # TARGET",
        "levels = [0.1]  # follows from the rest",
        "loss = \"error\"  # follows from the rest",
        "gate = [\"error@0.1 <= 0.2\"]  # --gate",
        "seed = 7  # --seed",
        "rate = \"10/s\"  # --rate",
        "timeout = \"10s\"  # default",
        "token-env = \"TOKEN\"  # --token-env",
        "# Load on the endpoint",
    ] {
        assert!(plan.lines().any(|found| found == line), "{line}\n{plan}");
    }
    assert!(!plan.contains("precision"), "only gates are asked:\n{plan}");
    let settings = Settings::new(flags(&[])).unwrap();
    let (asked, conduct) = settings.question(&facts()).unwrap();
    let line = format!("seed = {}  # new", asked.seed);
    assert!(render(&settings, &asked, &conduct, &[]).lines().any(|found| found == line));
}

#[test]
fn texts_of_any_kind_read_back() {
    let body = "{\n\t\"rows\": \"\"\"{{rows}}\"\"\", 'x': \\u}\r\n# \u{1}";
    let line = ["--body", body, "--answer", "", "-H", "x-team: a \"b\" # c", "--perturb", "a b,\"c\",ü"];
    let mut typed = flags(&line);
    typed.target = flags(&["json+https://h/a?b=c%20d"]).target;
    reads_back(typed, &facts(), &[]);
}

#[test]
fn questions_of_every_kind_read_back() {
    let slices = Some(Ok(vec!["0".to_owned(), "1".to_owned()]));
    for line in [
        &["--scope", "population", "--noise-floor"][..],
        &["--route", "differences", "--quantiles", "q50(absolute-error),q99.9(shift)"],
        &["--critical", "error<=5e-2", "--slice", "sex", "--data", "t.csv"],
        &["--gate", "degradation@0.1 >= -0.05", "--gate", "q90(shift)@all<=3"],
        &["--replicates", "0.1", "--gate", "dataset-risk@0.3 <= 0.25 with 0.5"],
        &["--loss", "squared-error", "--gate", "dataset-mse@0.1<=30 with 0.5"],
        &["--loss", "squared-error", "--loss-cap", "25"],
        &["--loss", "absolute-error", "--asymptotic", "--precision", "2"],
        &["--loss", "absolute-error", "--gate", "q75(absolute-error)@0.1 >= 2"],
    ] {
        reads_back(flags(line), &DataFacts { slices: slices.clone(), ..facts() }, &[]);
    }
    let settings = Settings::new(flags(&["--noise-floor"])).unwrap();
    let (question, conduct) = question(&settings, &facts());
    let plan = render(&settings, &question, &conduct, &[]);
    for line in ["noise-floor = true  # --noise-floor", "scope = \"data-set\"  # default"] {
        assert!(plan.lines().any(|found| found == line), "{line}\n{plan}");
    }
    assert!(!plan.contains("asymptotic"), "what is not asked is not written:\n{plan}");
}

fn claim(alpha: f64, level: Option<f64>) -> Claim {
    let (id, method) = ("gate \"x\" <= 1".to_owned(), "aim".to_owned());
    Claim { id, quantity: Quantity::Gate, slice: None, level, side: Side::Verdict, alpha, method }
}

/// One flag with one of its values, or without it.
fn flag(name: &'static str, values: &[&str]) -> BoxedStrategy<Vec<String>> {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    option::of(select(values))
        .prop_map(move |value| value.map(|value| vec![format!("--{name}={value}")]).unwrap_or_default())
        .boxed()
}

/// One flag with a number of a range, or without it.
fn number(name: &'static str, range: std::ops::Range<f64>) -> BoxedStrategy<Vec<String>> {
    let flag = move |value| vec![format!("--{name}={value}")];
    option::of(range).prop_map(move |value| value.map(flag).unwrap_or_default()).boxed()
}

fn any_loss() -> BoxedStrategy<Vec<String>> {
    let ranged =
        (select(vec!["squared-error", "absolute-error"]), -1e3..0.0_f64, 2.0..1e9_f64, option::of(2e-5..0.9))
            .prop_map(|(loss, low, high, share)| {
                let range = vec![format!("--loss={loss}"), format!("--loss-range={low},{high}")];
                let precision = share.map(|share: f64| format!("--precision={}", share * (high - low)));
                range.into_iter().chain(precision).collect()
            });
    prop_oneof![number("precision", 1e-5..0.9), ranged].boxed()
}

fn any_levels() -> BoxedStrategy<Vec<String>> {
    let flag = |levels: std::collections::BTreeSet<u32>| {
        let levels: Vec<String> = levels.iter().rev().map(|l| (f64::from(*l) / 977.0).to_string()).collect();
        vec![format!("--levels={}", levels.join(","))]
    };
    let levels = prop::collection::btree_set(1..10_000_u32, 1..6);
    option::of(levels).prop_map(move |levels| levels.map(flag).unwrap_or_default()).boxed()
}

fn any_rate() -> BoxedStrategy<Vec<String>> {
    prop_oneof![
        (1.2e-5..1e6_f64).prop_map(|rate| vec![format!("--rate={rate}/s")]),
        (1..1000_u32).prop_map(|rate| vec![format!("--rate={rate}/min")]),
        (0..100_u32).prop_map(|ahead| vec!["--rate=none".to_owned(), format!("--ahead={ahead}")]),
        Just(vec!["--rate=none".to_owned()]),
        Just(Vec::new()),
    ]
    .boxed()
}

fn any_seed() -> BoxedStrategy<Vec<String>> {
    let text = |seed: Option<u64>| seed.map_or("new".to_owned(), |seed| seed.to_string());
    option::of(0..=units::LARGEST_EXACT).prop_map(move |seed| vec![format!("--seed={}", text(seed))]).boxed()
}

/// Flags that are valid together, whichever of them are given.
fn any_flags() -> impl Strategy<Value = Vec<String>> {
    let all: Vec<BoxedStrategy<Vec<String>>> = vec![
        any_loss(),
        any_levels(),
        any_rate(),
        any_seed(),
        flag("noise", &["gaussian", "uniform"]),
        flag("scale", &["absolute", "std"]),
        flag("clip", &["none", "0,16", "-0.1,1e-3"]),
        prop_oneof![flag("perturb", &["a,b"]), flag("fix", &["c d"])].boxed(),
        number("threshold", -5.0..5.0),
        flag("side", &["both", "upper"]),
        number("confidence", 1e-6..0.999_999),
        number("gate-resolution", 1e-9..0.9),
        flag("scope", &["data-set", "population"]),
        flag("quantiles", &["q50(shift)", "q12.5(absolute-error),q99(shift)"]),
        flag("slice", &["target"]),
        flag("noise-floor", &["true", "false"]),
        flag("clean-pass", &["0", "100", "5k"]),
        number("same-tolerance", 0.0..1.0),
        flag("concurrency", &["1", "17"]),
        flag("batch", &["1", "32"]),
        flag("queries", &["6k", "9007199254740991"]),
        flag("max-requests", &["none", "3"]),
        flag("max-time", &["none", "1.7h", "90s", "1ns"]),
        flag("retries", &["0", "9"]),
        flag("timeout", &["250ms", "1.0000001s"]),
        flag("model-version", &["2", "a \"b\""]),
        flag("output", &["probabilities"]),
        flag("header", &["x-team: é", "x-api-key: ${KEY}"]),
        prop_oneof![flag("token-env", &["TOKEN"]), flag("token-file", &["secrets/token", "/run/token"])]
            .boxed(),
        prop_oneof![flag("targets", &["y.npy", "d.npz:y"]), flag("target-column", &["y"])].boxed(),
    ];
    all.prop_map(|flags| flags.concat())
}

proptest! {
    #[test]
    fn every_plan_reads_back_to_an_equal_question_and_conduct(
        line in any_flags(),
        gates in prop::sample::subsequence(vec![("0.1", "<=", "0.3"), ("all", ">=", "1"), ("7e-3", "<=", "0.25")], 0..=3),
        table in any::<bool>(),
        rows in 1..5000_u64,
        alphas in prop::collection::vec((0.0..1.0_f64, option::of(1e-9..1e9_f64)), 0..3),
    ) {
        let loss = line.iter().find_map(|flag| flag.strip_prefix("--loss=")).unwrap_or("error");
        let gates = gates.iter().map(|(level, relation, at)| format!("--gate={loss}@{level} {relation}{at}"));
        let gates: Vec<String> = gates.collect();
        // Levels of their own need a gate at all beside gates at named levels, or a precision.
        let has = |flag: &str| line.iter().any(|typed| typed.starts_with(flag));
        let named_alone = !gates.is_empty() && !gates.iter().any(|gate| gate.contains("@all"));
        let silent = named_alone && has("--levels=") && !has("--precision=");
        let all = silent.then(|| format!("--gate={loss}@all <= 1"));
        let line: Vec<String> = line.iter().cloned().chain(gates).chain(all).collect();
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let mut typed = flags(&line);
        if typed.target_column.is_some() {
            typed.data = flags(&["--data", "t.csv"]).data;
        }
        let slices = typed.slice.is_some().then(|| Ok(vec!["a".to_owned(), "b".to_owned()]));
        let facts = DataFacts { rows, table, slices, ..facts() };
        let claims: Vec<Claim> = alphas.iter().map(|(alpha, level)| claim(*alpha, *level)).collect();
        reads_back(typed, &facts, &claims);
    }
}
