use clap::Parser;

use super::*;
use crate::config::settings::tests::facts;

#[derive(Parser)]
struct Typed {
    #[command(flatten)]
    args: AuditArgs,
    others: Vec<String>,
}

const A: &str = "triton://h:8000/a";
const B: &str = "triton://h:8000/b";

fn with(line: &[&str], shared: bool, variable: Option<(&str, &str)>) -> Result<Vec<Settings>, Vec<String>> {
    let typed = Typed::parse_from([&["compare"], line, &["--data", "x.npy"]].concat());
    let look_up =
        |name: &str| variable.filter(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    let found = several(&typed.args, &typed.others, shared, look_up);
    found.map_err(|problems| problems.0.iter().map(ToString::to_string).collect())
}

fn settings(line: &[&str]) -> Vec<Settings> {
    with(line, false, None).unwrap_or_else(|problems| panic!("{line:?}: {problems:?}"))
}

/// The only problem of a line.
fn problem(line: &[&str]) -> String {
    let found = with(line, false, None).map(|_| ()).unwrap_err();
    assert_eq!(found.len(), 1, "{line:?}: {found:#?}");
    found[0].clone()
}

fn urls(settings: &[Settings]) -> Vec<String> {
    settings.iter().map(|one| one.place.target.url()).collect()
}

#[test]
fn each_endpoint_has_the_same_settings_but_for_the_target() {
    let found = settings(&[A, B, "json://h/c", "--levels", "0.3", "-n", "70"]);
    assert_eq!(urls(&found), [A, B, "json://h:80/c"]);
    for one in &found {
        assert_eq!((one.asked.levels.as_slice(), one.conduct.queries), (&[0.3][..], 70));
    }
}

#[test]
fn a_reference_alone_and_too_many_are_refused() {
    assert!(problem(&[A]).starts_with("TARGET: expected 2 to 26 targets, found 1"), "{}", problem(&[A]));
    let names: Vec<String> = (0..27).map(|i| format!("triton://h/m{i}")).collect();
    let line: Vec<&str> = names.iter().map(String::as_str).collect();
    assert!(problem(&line).contains("found 27"));
    assert_eq!(settings(&line[..26]).len(), 26);
}

/// What is wrong with the rest is told once, what is wrong with a target at that target.
#[test]
fn problems_are_told_all_and_once() {
    let found = with(&[A, B, "--rate", "x", "--levels", "0"], false, None).map(|_| ()).unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
    let found = with(&[A, "host:8000/b", "http://h/c"], false, None).map(|_| ()).unwrap_err();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("`host:8000/b`") && found[1].contains("`http://h/c`"), "{found:?}");
}

#[test]
fn what_is_for_the_audit_of_one_endpoint_is_refused() {
    let cases: [&[&str]; 9] = [
        &["--gate", "error@0.1 <= 0.2", "--precision", "0.1"],
        &["--critical", "error <= 0.2"],
        &["--quantiles", "q90(shift)"],
        &["--replicates", "0.9", "--loss", "error"],
        &["--slice", "target"],
        &["--noise-floor"],
        &["--asymptotic", "--loss", "squared-error", "--precision", "1"],
        &["--route", "differences"],
        &["--side", "upper"],
    ];
    for case in cases {
        let said = problem(&[&[A, B], case].concat());
        assert!(said.starts_with(&format!("{}: expected nothing with a comparison", case[0])), "{said}");
        assert!(said.contains("; leave it out"), "{said}");
    }
}

#[test]
fn a_model_for_all_and_an_endpoint_twice_are_refused() {
    assert!(problem(&[A, B, "-m", "x"]).contains("name each model in its target"));
    assert!(problem(&[A, B, "-x", "2"]).contains("/versions/2/infer"));
    let said = problem(&[A, B, A]);
    assert!(said.contains("each endpoint once, found one twice") && said.contains("--noise-floor"), "{said}");
    // Two versions of one model are two endpoints.
    let version = |version| format!("http://h:8000/v2/models/a/versions/{version}/infer");
    assert_eq!(settings(&[&version(1), &version(2)]).len(), 2);
    let found = with(&[A, B], false, Some(("NOISEBOUND_MODEL", "x"))).map(|_| ()).unwrap_err();
    assert!(found[0].starts_with("NOISEBOUND_MODEL"), "{found:?}");
}

#[test]
fn what_one_protocol_takes_is_kept_from_the_others() {
    for line in [[A, "json://h/c"], ["json://h/c", A]] {
        let found = settings(&[&line[..], &["--answer", "/scores", "--output", "p"]].concat());
        for one in found {
            let json = one.place.target.protocol() == "json";
            assert_eq!((one.place.answer.is_some(), one.place.output.is_some()), (json, !json));
        }
    }
    assert!(problem(&[A, B, "--answer", "/x"]).contains("nothing with a triton target"));
}

#[test]
fn credentials_stay_on_one_host_unless_that_is_said() {
    let elsewhere = ["triton://other:8000/b", "triton://h:8001/b", "triton+https://h:8000/b"];
    for secret in
        [["-H", "x-api-key: ${KEY}"], ["--token-env", "KEY"], ["--token-file", "key"], ["-H", "x-tenant: me"]]
    {
        settings(&[&[A, B], &secret[..]].concat());
        for other in elsewhere {
            let line = [&[A, B, other], &secret[..]].concat();
            let said = problem(&line);
            assert!(said.contains("expected one host for it") && said.contains(other), "{said}");
            assert!(said.contains("say --share-credentials") && !said.contains("x-"), "{said}");
            assert_eq!(with(&line, true, None).unwrap().len(), 3);
        }
    }
    settings(&[A, elsewhere[0]]);
}

/// Each variable goes to its own endpoint, and to no other.
#[test]
fn a_list_of_tokens_is_one_for_each() {
    let line = |tokens| [A, "triton://other:8000/b", "json://h/c", "--token-env", tokens];
    let found = settings(&line("ONE,, THREE"));
    let names: Vec<Option<String>> =
        found.iter().map(|one| Some(one.typed.token_env.as_ref()?.values.concat())).collect();
    assert_eq!(names, [Some("ONE".to_owned()), None, Some("THREE".to_owned())]);
    let sent: Vec<usize> = found.iter().map(|one| one.place.headers.len()).collect();
    assert_eq!(sent, [1, 0, 1]);
    for tokens in ["ONE,TWO", "ONE,TWO,THREE,FOUR"] {
        let said = problem(&line(tokens));
        assert!(said.starts_with("--token-env: expected one variable, or 3"), "{said}");
    }
    // A header beside the list is still one for all.
    let said = problem(&[&line("ONE,TWO,THREE")[..], &["-H", "x-api-key: ${KEY}"]].concat());
    assert!(said.starts_with("--header: expected one host for it"), "{said}");
}

#[test]
fn an_audit_file_names_the_reference_and_its_model() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.toml");
    let text = "target = \"triton://h:8000/x\"\nmodel = \"a\"\nlevels = [0.3]\ntoken-env = \"KEY\"\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let found = settings(&[file, B]);
    assert_eq!(urls(&found), [A, B]);
    assert_eq!(found[1].asked.levels, [0.3]);
    assert!(problem(&[file, "triton://other:8000/b"]).contains("it.toml:4: token-env"));
}

#[test]
fn a_loss_without_a_range_is_refused_with_a_mend_that_comparisons_take() {
    let found = settings(&[A, B, "--loss", "squared-error"]);
    let problems = question(&found[0], &facts()).unwrap_err();
    let said = problems.to_string();
    assert!(said.contains("--loss-range 0,") && said.contains("--loss-cap"), "{said}");
    assert!(!said.contains("--replicates"), "{said}");
    let capped = settings(&[A, B, "--loss", "squared-error", "--loss-cap", "9"]);
    assert_eq!(question(&capped[0], &facts()).unwrap().loss.cap, Some(9.0));
}
