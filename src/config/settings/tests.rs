mod kinds;

use std::collections::HashMap;

use clap::Parser;

use super::*;
use crate::config::question::{Relation, Scale, SideSpec};

#[derive(Parser)]
struct Audit {
    #[command(flatten)]
    args: AuditArgs,
}

fn args(line: &[&str]) -> AuditArgs {
    Audit::parse_from([&["audit"], line].concat()).args
}

/// A whole command line, over a target and data that are there unless the line names others.
pub(in crate::config) fn flags(line: &[&str]) -> Typed {
    let has_target = line.first().is_some_and(|first| first.contains("://"));
    let target: &[&str] = if has_target { &[] } else { &["triton://h:8000/m"] };
    let has_data = line.iter().any(|flag| flag.starts_with("--data"));
    let data: &[&str] = if has_data { &[] } else { &["--data", "x.npy"] };
    Typed::from_flags(&args(&[target, line, data].concat()))
}

/// A small array with targets.
pub(in crate::config) fn facts() -> DataFacts {
    DataFacts {
        rows: 100,
        blake3: "b3".into(),
        table: false,
        targets: true,
        targets_range: Some((25.0, 346.0)),
        slices: None,
    }
}

fn settings(line: &[&str]) -> Settings {
    Settings::new(flags(line)).unwrap_or_else(|problems| panic!("{line:?}: {problems}"))
}

fn question(line: &[&str], facts: &DataFacts) -> (crate::config::Question, Conduct) {
    settings(line).question(facts).unwrap_or_else(|problems| panic!("{line:?}: {problems}"))
}

/// The problems of a line, in either stage.
fn problems(line: &[&str]) -> Vec<String> {
    let found = Settings::new(flags(line)).and_then(|settings| settings.question(&facts()));
    found.expect_err(&line.join(" ")).0.iter().map(ToString::to_string).collect()
}

#[test]
fn the_defaults_are_those_of_the_help() {
    let (question, conduct) = question(&[], &facts());
    assert_eq!(question.levels, [0.05, 0.1, 0.2]);
    assert_eq!(question.noise.family, "gaussian");
    assert_eq!((question.noise.clip, question.noise.scale), (None, Scale::Absolute));
    assert_eq!((question.loss.name.as_str(), question.loss.threshold), ("error", 0.5));
    assert_eq!((question.precision, question.confidence), (Some(0.05), 0.95));
    assert_eq!((question.side, question.clean_pass, question.same_tolerance), (SideSpec::Both, 5000, 1e-6));
    assert_eq!(question.endpoint.url, "triton://h:8000/m");
    let expected = Conduct {
        rate: Some(20.0),
        concurrency: 4,
        batch: 1,
        queries: 10_000,
        max_requests: None,
        max_cost: None,
        breaker_failures: Some(0.2),
        breaker_latency: Some(3.0),
        cost_per_query: None,
        max_time: None,
        retries: 3,
        timeout: std::time::Duration::from_secs(10),
        ahead: 0,

        privacy: false,
    };
    assert_eq!(conduct, expected);
}

#[test]
fn the_data_decide_loss_scale_and_precision_where_nobody_does() {
    let bare = DataFacts { targets: false, ..facts() };
    let table = DataFacts { table: true, ..facts() };
    assert_eq!(question(&[], &bare).0.loss.name, "flip");
    assert_eq!(question(&["--loss", "flip"], &facts()).0.loss.name, "flip");
    assert_eq!(question(&[], &table).0.noise.scale, Scale::Std);
    assert_eq!(question(&["--scale", "absolute"], &table).0.noise.scale, Scale::Absolute);
    let range = ["--loss", "squared-error", "--loss-range", "-10,50"];
    assert_eq!(question(&range, &facts()).0.precision, Some(0.05 * 60.0));
    assert_eq!(question(&["--gate", "error@0.1 <= 0.2"], &facts()).0.precision, None);
    let both = ["--gate", "error@0.1 <= 0.2", "--precision", "0.03"];
    assert_eq!(question(&both, &facts()).0.precision, Some(0.03));
}

#[test]
fn gates_add_their_levels_to_the_grid() {
    let levels = |line: &[&str]| question(line, &facts()).0.levels;
    let gate = ["--gate", "error@0.15 <= 0.2", "--gate", "error@0.1 >= 0.01"];
    assert_eq!(levels(&gate), [0.1, 0.15], "gates alone need no other levels");
    assert_eq!(levels(&[&gate[..], &["--levels", "0.1"]].concat()), [0.1, 0.15]);
    let limits = ["--levels", "0.3,0.1", "--precision", "0.1"];
    assert_eq!(levels(&[&gate[..], &limits].concat()), [0.1, 0.15, 0.3]);
    assert_eq!(levels(&[&gate[..], &["--precision", "0.1"]].concat()), [0.05, 0.1, 0.15, 0.2]);
    assert_eq!(levels(&["--gate", "error@all <= 0.2"]), [0.05, 0.1, 0.2]);
    let gates = question(&gate, &facts()).0.gates;
    assert_eq!((gates[0].level, gates[0].relation, gates[0].threshold), (Some(0.15), Relation::AtMost, 0.2));
    assert_eq!(gates[1].text, "error@0.1 >= 0.01");
}

#[test]
fn a_typed_level_about_which_nothing_would_be_said_is_refused() {
    let line = ["--gate", "error@1 <= 0.2", "--levels", "4,1,2"];
    let found = problems(&line);
    assert_eq!(
        found,
        ["--levels: expected levels that gates are about, found `2,4`; levels 2, 4 have no gate, and no \
          --precision asks for limits there; add --precision, a gate at all, or leave them out"]
    );
    let one = problems(&["--gate", "error@1 <= 0.2", "--levels", "1,2"]);
    assert!(one[0].contains("level 2 has no gate") && one[0].ends_with("leave it out"), "{one:?}");
    for mend in [["--precision", "0.1"], ["--gate", "error@all <= 0.5"]] {
        assert_eq!(question(&[&line[..], &mend].concat(), &facts()).0.levels, [1.0, 2.0, 4.0], "{mend:?}");
    }
    assert_eq!(question(&["--gate", "error@1 <= 0.2", "--levels", "1.0"], &facts()).0.levels, [1.0]);
    for (other, flag) in [(["--gate", "error@2 < 1"], "--gate: "), (["--precision", "x"], "--precision: ")] {
        let found = problems(&[&line[..], &other].concat());
        assert_eq!(found.len(), 1, "no second problem follows from the first: {found:?}");
        assert!(found[0].starts_with(flag), "{found:?}");
    }
}

#[test]
fn a_confidence_leaves_something_for_the_claims() {
    assert_eq!(question(&["--confidence", "0.999999998"], &facts()).0.confidence, 0.999_999_998);
    for confidence in ["0.9999999991", "0.9999999999999999"] {
        let found = problems(&["--confidence", confidence]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("--confidence: ") && found[0].ends_with("0.999999"), "{}", found[0]);
    }
}

/// The finest that the message names is taken, and nothing below it.
#[test]
fn a_precision_is_no_finer_than_bounds_aim() {
    let sixty: &[&str] = &["--loss", "squared-error", "--loss-range", "-10,50"];
    for (loss, finest, finer) in [(&[][..], "0.00001", "0.0000099"), (sixty, "0.0006", "0.00059")] {
        let with = |precision| [loss, &["--precision", precision]].concat();
        assert_eq!(question(&with(finest), &facts()).0.precision, finest.parse().ok());
        let found = problems(&with(finer));
        assert_eq!(found.len(), 1, "{found:?}");
        let start = format!("--precision: expected at least {finest}, found `{finer}`; ");
        assert!(found[0].starts_with(&start), "{}", found[0]);
    }
}

#[test]
fn a_seed_is_kept_or_new_and_every_json_reader_keeps_it() {
    assert_eq!(question(&["--seed", "7"], &facts()).0.seed, 7);
    let settings = settings(&[]);
    let seed = || settings.question(&facts()).unwrap().0.seed;
    let seeds = [seed(), seed(), seed()];
    assert!(seeds.iter().all(|seed| *seed < 1 << 53));
    assert!(seeds[0] != seeds[1] || seeds[1] != seeds[2], "{seeds:?}");
    assert_eq!(problems(&["--seed", "9007199254740992"]).len(), 1);
}

#[test]
fn sending_ahead_is_for_audits_without_a_rate() {
    let ahead = |line: &[&str]| question(line, &facts()).1.ahead;
    assert_eq!(ahead(&["--rate", "none", "-c", "3", "-b", "5"]), 30);
    assert_eq!(ahead(&["--rate", "none", "--ahead", "7"]), 7);
    assert_eq!(ahead(&["--ahead", "0"]), 0);
    assert!(problems(&["--ahead", "7"])[0].contains("--rate none"));
}

#[test]
fn every_problem_is_told_at_once_with_its_flag() {
    let line = "tirton://h/m --data x.parquet --levels 0,0.1 --noise gausian --loss eror --confidence 95 \
                --precision 0 --rate 0/s -b 0 -c 0 -n 0 --clip 1,0 --gate error@0.1<1 --timeout 10 \
                --side lower --scale stdd";
    let line: Vec<&str> = line.split_whitespace().collect();
    let found = problems(&line);
    let flags: Vec<&str> = found.iter().filter_map(|problem| problem.split(": ").next()).collect();
    let expected = "TARGET --data --noise --levels --scale --clip --loss --precision --side --confidence \
                    --gate --rate --concurrency --batch --queries --timeout";
    let expected: Vec<&str> = expected.split_whitespace().collect();
    assert_eq!(flags, expected, "{found:#?}");
    for (flag, hint) in [
        ("TARGET", "did you mean `triton`?"),
        ("--noise", "did you mean `gaussian`?"),
        ("--loss", "did you mean `error`?"),
        ("--scale", "did you mean `std`?"),
        ("--levels", "leave 0 out"),
        ("--confidence", "0.95"),
        ("--clip", "write 0,1"),
    ] {
        let problem = found.iter().find(|problem| problem.starts_with(flag)).unwrap();
        assert!(problem.contains(hint), "{problem}");
    }
}

#[test]
fn nothing_given_is_two_problems() {
    let found = Settings::new(Typed::default()).unwrap_err().0;
    let keys: Vec<&str> = found.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["target", "data"]);
}

/// Lines with one problem each, at this flag and with these words.
#[test]
fn each_single_problem_is_found() {
    for (line, flag, words) in [
        (&["--levels", "0.1,nan"][..], "--levels", "`nan`"),
        (&["--levels", "-0.1"], "--levels", "above 0"),
        (&["--levels", "0.1,0.10"], "--levels", "twice"),
        (&["--levels", "0.1,,0.2"], "--levels", "``"),
        (&["--clip", "0,0"], "--clip", "LOW below HIGH"),
        (&["--perturb", "a", "--fix", "b"], "--fix", "both"),
        (&["--perturb", "a,,b"], "--perturb", "names of columns"),
        (&["--loss", "squared-error"], "--loss-range", "--loss-range 0,103041 holds"),
        (&["--loss-range", "0,1"], "--loss-range", "0 or 1 by itself"),
        (&["--loss", "flip", "--loss-range", "0,1"], "--loss-range", "0 or 1 by itself"),
        (&["--gate", "flip@0.1 <= 0.2"], "--gate", "add --loss flip"),
        (&["--gate", "error@0.1 <= 20"], "--gate", "from 0 to 1"),
        (&["--gate", "error@0.1 <= 0.2", "--gate", "error@0.10<=0.20"], "--gate", "each gate once"),
        (&["--precision", "5"], "--precision", "below 1"),
        (&["--gate", "error@0.1 <= 0.2", "--gate-resolution", "1"], "--gate-resolution", "below 1"),
        (&["--gate-resolution", "0"], "--gate-resolution", "above 0"),
        (&["--same-tolerance", "-1"], "--same-tolerance", "at least 0"),
        (&["--confidence", "1"], "--confidence", "between 0 and 1"),
        (&["--retries", "101"], "--retries", "at most 100"),
        (&["--max-requests", "0"], "--max-requests", "at least 1"),
        (&["--max-time", "soon"], "--max-time", "or none"),
        (&["--targets", "y.csv"], "--targets", "--target-column"),
        (&["--target-column", "y"], "--target-column", "--targets"),
        (&["--targets", "y.npy", "--target-column", "y", "--data", "t.csv"], "--target-column", "one place"),
        (&["--body", "{}"], "--body", "triton"),
        (&["--preset", "mlflow"], "--preset", "triton"),
        (&["json://h/p", "--preset", "mlfow"], "--preset", "did you mean `mlflow`?"),
        (&["json://h/p", "--output", "o"], "--output", "json"),
        (&["torchserve://h/m", "--output", "o"], "--output", "torchserve"),
        (&["--envelope", "bytes"], "--envelope", "triton"),
        (&["torchserve://h/m", "--envelope", "byte"], "--envelope", "did you mean `bytes`?"),
        (&["--management-url", "http://h:8081"], "--management-url", "triton"),
        (&["torchserve://h/m", "--management-url", "h:8081"], "--management-url", "http://"),
        (&["torchserve://h/m", "--management-token-env", "A"], "--management-token-env", "--management-url"),
        (&["json://h/p", "--answer", "a"], "--answer", "JSON Pointer"),
        (&["triton://h:8000"], "TARGET", "--model"),
        (&["--model", ".."], "--model", "a name"),
        (&["-o", "r.html"], "--save", ".svg"),
        (&["--run-dir", ""], "--run-dir", "a path"),
        (&["--token-env", "A", "--token-file", "b"], "--token-file", "--token-env as well"),
        (&["--token-env", "A", "-H", "Authorization: ${B}"], "--token-env", "--header as well"),
        (&["-H", "no colon"], "--header", "no colon"),
        (&["--loss-cap", "5"], "--loss-cap", "0 or 1 by itself"),
        (&["--loss", "flip", "--loss-cap", "5"], "--loss-cap", "0 or 1 by itself"),
        (&["--loss", "squared-error", "--loss-cap", "0"], "--loss-cap", "above 0"),
        (&["--loss", "squared-error", "--loss-cap", "5", "--loss-range", "0,9"], "--loss-cap", "both"),
        (&["--scope", "dataset"], "--scope", "did you mean `data-set`?"),
        (&["--route", "diff"], "--route", "did you mean `differences`?"),
        (&["--route", "differences", "--scope", "population"], "--route", "--scope data-set"),
        (&["--route", "differences", "--loss", "flip"], "--route", "against targets"),
        (&["--route", "differences", "--clean-pass", "99"], "--route", "--clean-pass 100"),
        (&["--quantiles", "q90(shift),q90"], "--quantiles", "q90(absolute-error)"),
        (&["--quantiles", "q90(shift),q90.0(shift)"], "--quantiles", "each quantile once"),
        (&["--critical", "flip <= 0.1"], "--critical", "add --loss flip"),
        (&["--critical", "error <= 1.5"], "--critical", "from 0 to 1"),
        (&["--critical", "error@0.1 <= 0.5"], "--critical", "leave the @"),
        (&["--slice", " "], "--slice", "or target"),
        (&["--replicates", "95"], "--replicates", "write 0.95"),
        (&["--noise-floor=maybe"], "--noise-floor", "true or false"),
        (&["--asymptotic", "--precision", "0.1"], "--asymptotic", "0 or 1 by itself"),
        (&["-n", "164"], "--queries", "at least 165 queries, found `164`"),
        (&["-n", "164"], "--queries", "--clean-pass 0, which needs 129"),
        (&["-n", "128", "--clean-pass", "0"], "--queries", "64 rows are asked clean twice"),
    ] {
        let found = problems(line);
        assert_eq!(found.len(), 1, "{line:?}: {found:#?}");
        assert!(found[0].starts_with(&format!("{flag}: ")), "{line:?}: {}", found[0]);
        assert!(found[0].contains(words), "{line:?}: {}", found[0]);
    }
}

#[test]
fn literal_secrets_are_refused_and_not_echoed() {
    for line in [
        &["-H", "x-api-key: hunter2"][..],
        &["-H", "Authorization: Bearer hunter2"],
        &["--token-env", "sk-hunter2"],
        &["-H", "x-pw: hunter2"],
        &["-H", "x-access: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2"],
        &["--parameter", "access=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2"],
        &["json://h/p?api_key=hunter2"],
        &["json://h/p?access=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2"],
        &["triton://ann:hunter2@h/m"],
    ] {
        let found = problems(line);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(!found[0].contains("hunter2"), "{}", found[0]);
    }
    let headers = settings(&["-H", "x-api-key: ${KEY}", "--token-env", "TOKEN"]).place.headers;
    let names: Vec<&str> = headers.iter().map(noisebound_adapters::Header::name).collect();
    assert_eq!(names, ["x-api-key", "authorization"]);
}

/// The clean pass asks 100 rows, 64 of them twice; then there is one noisy draw.
#[test]
fn the_clean_pass_must_fit_the_budget() {
    let fits = |line: &[&str], facts: &DataFacts| settings(line).question(facts).is_ok();
    assert!(fits(&["-n", "165"], &facts()));
    assert!(!fits(&["-n", "164"], &facts()));
    assert!(fits(&["-n", "164", "--clean-pass", "0"], &facts()));
    assert!(fits(&["-n", "164", "--clean-pass", "99"], &facts()));
    assert!(!fits(&["-n", "164", "--clean-pass", "100"], &facts()));
    assert!(fits(&["-n", "164", "--loss", "flip"], &facts()), "flip asks clean rows as it needs them");
    let huge = DataFacts { rows: u64::MAX, ..facts() };
    assert!(fits(&[], &huge));
    assert!(!fits(
        &["--clean-pass", "9007199254740991", "-n", "9007199254740991"],
        &DataFacts { rows: (1 << 53) - 1, ..facts() }
    ));
}

#[test]
fn the_check_at_the_start_must_fit_the_budget_for_every_loss() {
    let fits = |line: &[&str], rows: u64| settings(line).question(&DataFacts { rows, ..facts() }).is_ok();
    let ranged = ["--loss", "absolute-error", "--loss-range", "0,9", "--clean-pass", "0"];
    for loss in [&["--loss", "flip"][..], &["--clean-pass", "0"], &ranged] {
        for (rows, needed) in [(1, 3), (10, 21), (64, 129), (65, 129), (1_000_000, 129)] {
            let with = |queries: u64| fits(&[loss, &["-n", &queries.to_string()]].concat(), rows);
            assert!(with(needed), "{loss:?}, {rows} rows");
            assert!(!with(needed - 1), "{loss:?}, {rows} rows");
        }
    }
    assert!(fits(&["-n", "21"], 10) && !fits(&["-n", "20"], 10), "a pass over few rows is the check itself");
    let found = settings(&["-n", "20"]).question(&DataFacts { rows: 10, ..facts() }).unwrap_err().to_string();
    assert!(!found.contains("--clean-pass"), "it would not help: {found}");
}

#[test]
fn targets_are_needed_by_losses_that_compare_with_them() {
    let bare = DataFacts { targets: false, ..facts() };
    for line in [&["--loss", "error"][..], &["--loss", "absolute-error", "--loss-range", "0,1"]] {
        let found = settings(line).question(&bare).unwrap_err().to_string();
        assert!(found.starts_with("--loss: ") && found.contains("--target-column"), "{found}");
    }
}

#[test]
fn flags_go_before_the_environment_before_the_file_before_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    let text = "target = 'torchserve://h/m'\ndata = 'x.npy'\nbatch = 2\nretries = 5\nrate = '5/s'\n\
                token-file = 'token'\n";
    std::fs::write(&path, text).unwrap();
    let variables = HashMap::from([("NOISEBOUND_RATE", "6/s"), ("NOISEBOUND_BATCH", "6")]);
    let args = args(&[path.to_str().unwrap(), "-b", "7", "--token-env", "T"]);
    let settings = Settings::from_args(&args, |name| variables.get(name).map(ToString::to_string)).unwrap();
    let conduct = &settings.conduct;
    assert_eq!((conduct.batch, conduct.rate, conduct.retries, conduct.concurrency), (7, Some(6.0), 5, 4));
    assert_eq!(settings.place.target.protocol(), "torchserve");
    assert_eq!(settings.data.data.path, folder.path().join("x.npy"));
    assert_eq!(settings.place.headers.len(), 1, "the flag's token shuts the file's out");
    let bad = Settings::from_args(&args, |name| (name == "NOISEBOUND_TIMEOUT").then(|| "soon".into()));
    assert!(bad.unwrap_err().to_string().starts_with("NOISEBOUND_TIMEOUT: "));
    std::fs::write(&path, "batch = 'x'\n\nrate = 20\n").unwrap();
    let found = Settings::from_args(&args, |_| None).unwrap_err().to_string();
    assert!(found.contains("a.toml:3: rate: ") && found.contains("20/s"), "{found}");
}

#[test]
fn problems_of_the_file_and_of_the_flags_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    std::fs::write(&path, "target = 'triton://h/m'\ndata = [1]\nlevls = [0.1]\nretries = -1\n").unwrap();
    let args = args(&[path.to_str().unwrap(), "-b", "0"]);
    let found = Settings::from_args(&args, |_| None).unwrap_err().0;
    let keys: Vec<&str> = found.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["data", "levls", "batch", "retries"]);
}
