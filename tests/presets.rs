//! Every preset against the mock server, which answers as the service does: the same draws and losses as over Triton.

use noisebound_adapters::{PRESETS, Preset};

use crate::bench::{Bench, Ran};

const QUESTION: [(&str, &str); 6] = [
    ("--data", "digits.npz:x"),
    ("--targets", "digits.npz:y"),
    ("--levels", "2"),
    ("--clip", "0,16"),
    ("--precision", "0.12"),
    ("--clean-pass", "0"),
];

fn bench() -> Bench {
    let bench = Bench::new();
    let digits = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/digits.npz");
    bench.write("digits.npz", std::fs::read(digits).unwrap());
    bench
}

fn audit(bench: &Bench, target: &str, more: &[(&str, &str)]) -> Ran {
    let changes: Vec<(&str, &str)> = QUESTION.iter().chain(more).copied().collect();
    let ran = bench.audit(target, &changes);
    assert_eq!(ran.code, 0, "{target} {more:?}: {ran:?}");
    ran
}

/// A target of the service, and what else it needs.
fn target(bench: &Bench, preset: &Preset) -> (String, Vec<(&'static str, &'static str)>) {
    let address = bench.mock().address();
    // One row a request where the preset takes no more.
    let mut more =
        vec![("-b", if preset.body.contains("rows") { "8" } else { "1" }), ("--preset", preset.name)];
    if preset.path.contains("{model}") {
        more.push(("--model", "digits"));
    }
    let path = if preset.path.is_empty() { "/v1/projects/p/locations/l/endpoints/7:predict" } else { "" };
    (format!("json://{address}{path}"), more)
}

#[test]
fn every_preset_audits_the_digits_as_triton_does() {
    let bench = bench();
    audit(&bench, &bench.mock().url("triton", "digits"), &[("-b", "8"), ("--run-dir", "triton")]);
    for preset in &PRESETS {
        let (target, mut more) = target(&bench, preset);
        more.push(("--run-dir", preset.name));
        audit(&bench, &target, &more);
        let same = bench.command(["verify", preset.name, "--against", "triton"], &[]);
        assert_eq!(same.code, 0, "{}: {same:?}", preset.name);
    }
}

#[test]
fn a_pasted_url_that_tells_needs_no_preset() {
    let bench = bench();
    let address = bench.mock().address();
    for (i, path) in ["/invocations", "/api/v1.0/predictions", "/v1/models/digits:predict"].iter().enumerate()
    {
        let folder = format!("run-{i}");
        audit(&bench, &format!("http://{address}{path}"), &[("-b", "8"), ("--run-dir", &folder)]);
    }
    // What is not told is asked for, and nothing is sent.
    let ran = bench.audit(&format!("http://{address}/predict"), &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn an_answer_that_does_not_fit_is_quoted_with_what_would() {
    let bench = bench();
    let target = format!("json://{}/api/v1.0/predictions", bench.mock().address());
    let ran =
        bench.audit(&target, &[QUESTION[0], QUESTION[1], ("--answer", "/predictions"), ("--retries", "0")]);
    assert_eq!(ran.code, 3, "{ran:?}");
    for words in [
        "nothing stands at `/predictions`",
        "--answer /data/ndarray",
        "it begins: {\"data\":{\"names\":[\"t:0\"",
    ] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
}

#[test]
fn a_template_that_cannot_be_used_ends_it_before_a_request() {
    let bench = bench();
    for (flags, words) in [
        (&[("--body", "{\"a\": \"${rows}\"}")][..], "write {{ rows }}"),
        (&[("--body", "{\n  \"a\": {{ row }")], "line 2"),
        (&[("--preset", "tf-serving")], "the model is needed"),
        (&[("--model", "m"), ("--preset", "mlflow")], "leave it out"),
    ] {
        let ran = bench.audit(&format!("json://{}", bench.mock().address()), flags);
        assert_eq!(ran.code, 2, "{flags:?}: {ran:?}");
        assert!(ran.err.contains(words), "{flags:?}: {}", ran.err);
    }
    assert_eq!(bench.mock().counts().predictions, 0);
}

/// The table in the README has every preset, and says truly which were run.
#[test]
fn the_readme_lists_every_preset() {
    let readme = include_str!("../README.md");
    for preset in &PRESETS {
        let row =
            readme.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{}`", preset.name)));
        let row = row.unwrap_or_else(|| panic!("{} is not in the README", preset.name));
        match preset.run_here {
            Some(version) => assert!(row.contains(version.split(',').next().unwrap()), "{row}"),
            None => assert!(row.contains("| not run |"), "{row}"),
        }
    }
}
