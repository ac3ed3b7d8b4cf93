//! `noisebound verify`: whatever of a run folder is changed afterwards is found, or named as not checked.

use noisebound::journal::Line;
use serde_json::Value;

use crate::bench::{Bench, Ran};

/// A report as it is written, a leaf of its JSON to a line.
struct Leaves {
    lines: Vec<String>,
    /// The path of each leaf, and its line.
    leaves: Vec<(String, usize)>,
}

impl Leaves {
    fn of(text: &str) -> Self {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (mut path, mut leaves) = (Vec::new(), Vec::new());
        for (at, line) in lines.iter().enumerate() {
            let line = line.trim().trim_end_matches(',');
            let (key, value) = match line.split_once("\": ") {
                Some((key, value)) if line.starts_with('"') => (key.trim_start_matches('"'), value),
                _ => ("", line),
            };
            match value {
                "{" | "[" => path.push(key),
                "}" | "]" => {
                    path.pop();
                }
                "{}" | "[]" => {}
                _ => {
                    let whole = path.iter().copied().chain([key]).filter(|key| !key.is_empty());
                    leaves.push((whole.collect::<Vec<_>>().join("."), at));
                }
            }
        }
        let found = Self { lines, leaves };
        let whole: Value = serde_json::from_str(text).unwrap();
        assert_eq!(found.leaves.len(), count(&whole), "a leaf is missed");
        found
    }

    /// The text with the leaf of this line changed to another one of its kind.
    fn changed(&self, at: usize) -> String {
        let line = &self.lines[at];
        let comma = if line.ends_with(',') { "," } else { "" };
        let bare = line.trim_end_matches(',');
        let value = bare.trim_start();
        let value = match value.split_once("\": ") {
            Some((_, value)) if bare.trim_start().starts_with('"') => value,
            _ => value,
        };
        let other = match serde_json::from_str(value).unwrap() {
            Value::Bool(it) => (!it).to_string(),
            Value::String(it) => serde_json::to_string(&format!("{it}x")).unwrap(),
            Value::Number(it) if it.is_f64() => {
                serde_json::to_string(&(it.as_f64().unwrap() + 0.25)).unwrap()
            }
            Value::Number(it) => (it.as_u64().unwrap() + 1).to_string(),
            other => panic!("{other}"),
        };
        let mut lines = self.lines.clone();
        lines[at] = format!("{}{other}{comma}", bare.strip_suffix(value).unwrap());
        lines.join("\n") + "\n"
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 1,
    }
}

fn verify(bench: &Bench) -> Ran {
    bench.command(["verify", "run"], &[])
}

/// Changes each leaf of a report in turn; all that `verify` does not find is in `except`, and it names them.
fn assert_every_leaf_counts(bench: &Bench, report: &str, picture: &str, except: &[&str]) {
    // What is wrong is to be seen by the journal, and not by the picture.
    std::fs::remove_file(bench.path(picture)).unwrap();
    let plain = verify(bench);
    assert_eq!(plain.code, 0, "{plain:?}");
    assert!(plain.out.contains("which is not there"), "{plain:?}");
    let text = std::fs::read_to_string(bench.path(report)).unwrap();
    let leaves = Leaves::of(&text);
    let mut unseen = Vec::new();
    for (path, at) in &leaves.leaves {
        bench.write(report, leaves.changed(*at));
        let ran = verify(bench);
        assert!([0, 2, 4].contains(&ran.code), "{path}: {ran:?}");
        if ran.code == 0 {
            unseen.push(path.as_str());
        }
    }
    bench.write(report, text);
    let missed: Vec<_> = unseen.iter().filter(|path| !except.contains(path)).collect();
    assert!(missed.is_empty(), "{missed:?} of {}", leaves.leaves.len());
    for path in unseen {
        assert!(plain.out.contains(path), "{path} is not named in {}", plain.out);
    }
}

#[test]
fn every_leaf_of_a_report_is_held_against_the_journal() {
    let bench = Bench::new();
    let flags = [
        ("--gate", "error@0.4 <= 0.6"),
        ("--cost-per-query", "0.5"),
        ("--max-cost", "5000"),
        ("--max-time", "1h"),
        ("-b", "4"),
        ("-n", "100"),
    ];
    let ran = bench.audit(&bench.triton(), &flags);
    assert_eq!(ran.code, 98, "{ran:?}");
    let ran = bench.command(["audit", "--resume", "run", "-n", "10000"], &[]);
    assert!(bench.report("run").run.cut.is_none() && !bench.report("run").run.resumed.is_empty(), "{ran:?}");
    assert_every_leaf_counts(&bench, "run/report.json", "run/curve.svg", &["run.finished"]);
}

#[test]
fn every_leaf_of_a_comparison_is_held_against_the_journals() {
    let bench = Bench::new();
    let mut words = Bench::words(&bench.json(), &[("--cost-per-query", "0.5"), ("--margin", "0.3")]);
    "compare".clone_into(&mut words[0]);
    words.push(bench.mock().url("json", "linear-classifier-b"));
    let ran = bench.command(words, &[]);
    assert!(bench.path("run/compare.json").exists(), "{ran:?}");
    assert_every_leaf_counts(&bench, "run/compare.json", "run/trade-off.svg", &["run.finished"]);
    // A part that asks something else than its journal says.
    let plan = std::fs::read_to_string(bench.path("run/b/plan.toml")).unwrap();
    bench.write("run/b/plan.toml", plan.replacen("precision = 0.15", "precision = 0.25", 1));
    let ran = verify(&bench);
    assert!(ran.code == 4 && ran.out.contains("run, B: plan.toml asks another question"), "{ran:?}");
}

#[test]
fn what_is_made_from_a_report_is_made_again() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.triton(), &[]).code, 0);
    for (file, from, to, code, said) in [
        ("curve.svg", "</text>", "9</text>", 4, "curve.svg is not what is written of report.json"),
        ("report.json", "\n", "\n\n", 4, "report.json is not what is written of report.json"),
        ("report.json", "{", "{\"more\": 1,", 4, "report.json is not what is written of report.json"),
        ("plan.toml", "levels = [0.4]", "levels = [2.0]", 4, "levels [2.0] against [0.4]"),
        ("plan.toml", "precision = 0.15", "precision = 0.001", 4, "precision 0.001 against 0.15"),
        ("plan.toml", "seed = 7", "seed = 8", 4, "seed 8 against 7"),
        ("plan.toml", "scope = ", "slice = \"target\"\nscope = ", 4, "plan.toml asks another question"),
        ("plan.toml", "retries = 3", "retries = 4", 4, "plan.toml states another conduct"),
        ("plan.toml", "retries = 3", "retires = 3", 4, "plan.toml is no audit file"),
        // It says so itself.
        ("plan.toml", "x.npy", "moved.npy", 0, "not checked: "),
    ] {
        let whole = std::fs::read_to_string(bench.path("run").join(file)).unwrap();
        let changed = whole.replacen(from, to, 1);
        assert_ne!(whole, changed, "{file}: {from}");
        bench.write(&format!("run/{file}"), changed);
        let ran = verify(&bench);
        assert!(ran.code == code && ran.out.contains(said), "{file}: {from}: {ran:?}");
        assert_eq!(ran.out.contains("agrees: "), code == 0, "{ran:?}");
        bench.write(&format!("run/{file}"), whole);
    }
    bench.assert_verified("run");
}

/// How a report was asked follows from the journal even where it was written again in another way.
#[test]
fn a_report_that_is_written_again_in_another_way_is_journalled() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.triton(), &[]).code, 0);
    let before = bench.journal("run").len();
    let again = |flags: &[&str]| {
        let ran = bench.command([&["audit", "--resume", "run"][..], flags].concat(), &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        bench.assert_verified("run");
        bench.report("run")
    };
    let first = bench.report("run");
    let same = again(&[]);
    assert_eq!((bench.journal("run").len(), &same.run.resumed), (before, &Vec::new()));
    let other = again(&["--rate", "5/s", "--cost-per-query", "2"]);
    assert_eq!((bench.journal("run").len(), other.run.resumed.len()), (before + 3, 1));
    assert!(matches!(&bench.journal("run")[before], Line::Resumed(it) if it.conduct == other.conduct));
    assert_eq!((other.conduct.rate, other.run.cost), (Some(5.0), Some(2.0 * first.run.rows as f64)));
    assert_eq!((other.results, other.run.requests), (first.results, first.run.requests));
    // That is how it is asked from now on.
    assert_eq!(again(&[]).conduct, other.conduct);
    assert_eq!(bench.journal("run").len(), before + 3);
}

/// Zeros at the end of a journal, as after a power cut, are cut off when it is gone on with.
#[test]
fn a_hole_at_the_end_of_a_journal_is_gone_on_from() {
    let bench = Bench::new();
    assert_eq!(bench.audit(&bench.triton(), &[("--run-dir", "whole")]).code, 0);
    assert_eq!(bench.audit(&bench.triton(), &[]).code, 0);
    let file = "run/journal.jsonl";
    let journal = std::fs::read(bench.path(file)).unwrap();
    let kept: usize = journal.split_inclusive(|byte| *byte == b'\n').take(60).map(<[u8]>::len).sum();
    let mut damaged = journal.clone();
    damaged[kept + 7..].iter_mut().for_each(|byte| *byte = if *byte == b'\n' { b'\n' } else { 0 });
    bench.write(file, &damaged);
    let lost = journal.len() - kept;
    let ran = verify(&bench);
    let said = format!("the last {lost} bytes of the journal were not wholly written, and do not count");
    assert!(ran.code == 4 && ran.out.contains(&said), "{ran:?}");
    let ran = bench.command(["audit", "--resume", "run"], &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains(&format!("warning: run/journal.jsonl: the last {lost} bytes")), "{ran:?}");
    assert_eq!(bench.report("run").results, bench.report("whole").results);
    bench.assert_verified("run");
    // Where a line follows, what can be done is told, and helps.
    let journal = std::fs::read_to_string(bench.path(file)).unwrap();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    let holed = lines[..50].concat() + "\0\0\0\n" + &lines[51..].concat();
    bench.write(file, holed);
    let ran = bench.command(["audit", "--resume", "run"], &[]);
    assert!(ran.code == 2 && ran.err.contains("`head -n 50 run/journal.jsonl >"), "{ran:?}");
    bench.write(file, lines[..50].concat());
    assert_eq!(bench.command(["audit", "--resume", "run"], &[]).code, 0);
    assert_eq!(bench.report("run").results, bench.report("whole").results);
    bench.assert_verified("run");
}

/// Whoever verifies has not the credentials of the audit.
#[test]
fn where_credentials_are_is_not_looked_at() {
    let bench = Bench::new();
    let ran =
        bench.audit_with(&bench.json(), &[("--token-env", "my_token")], &[("my_token", "s3cr3t-t0ken")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = verify(&bench);
    assert_eq!(ran.code, 0, "{ran:?}");
}
