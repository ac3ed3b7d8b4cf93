use std::collections::BTreeSet;

use clap::{Command, CommandFactory, Parser};

use super::*;
use crate::config::typed::{Arity, KEYS, Typed};

#[derive(Parser)]
struct Audit {
    #[command(flatten)]
    args: AuditArgs,
}

fn parse(line: &[&str]) -> AuditArgs {
    Audit::parse_from([&["audit"], line].concat()).args
}

fn flags(command: &Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
}

/// The long name, or the key that a positional stands for.
fn name(arg: &clap::Arg) -> String {
    arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned()
}

#[test]
fn clap_accepts_the_declaration() {
    Audit::command().debug_assert();
}

#[test]
fn every_flag_is_a_key_and_every_key_a_flag() {
    let command = Audit::command();
    let flags: BTreeSet<String> = flags(&command).map(name).collect();
    let keys: BTreeSet<String> = KEYS.iter().map(|key| key.name).chain(RUN_ONLY).map(Into::into).collect();
    assert_eq!(flags, keys);
}

#[test]
fn every_flag_reaches_its_key_and_no_other() {
    let command = Audit::command();
    for arg in flags(&command).filter(|arg| !RUN_ONLY.contains(&name(arg).as_str())) {
        let name = name(arg);
        let flag = format!("--{name}=VALUE");
        let args = if arg.is_positional() { parse(&["VALUE"]) } else { parse(&["a.toml", &flag]) };
        let mut typed = Typed::from_flags(&args);
        let given: Vec<_> = KEYS
            .iter()
            .zip(typed.slots())
            .filter_map(|(key, slot)| slot.clone().map(|given| (key.name, given.values)))
            .collect();
        assert_eq!(given, [(name.as_str(), vec!["VALUE".to_owned()])]);
    }
}

#[test]
fn help_shows_the_defaults_that_hold() {
    let command = Audit::command();
    for arg in flags(&command).filter(|arg| !arg.is_positional()) {
        let help = arg.get_help().expect("each flag is explained").to_string();
        let shown = help.split_once("[default: ").map(|(_, rest)| rest.trim_end_matches(']'));
        let default = KEYS.iter().find(|key| key.name == name(arg)).and_then(|key| key.default);
        if default.is_some() {
            assert_eq!(shown, default, "--{}", name(arg));
        }
        assert!(arg.get_help_heading().is_some(), "--{} has no heading", name(arg));
    }
}

#[test]
fn repeated_flags_are_those_that_take_many() {
    let command = Audit::command();
    for arg in flags(&command) {
        let many = matches!(arg.get_action(), ArgAction::Append);
        let key = KEYS.iter().find(|key| key.name == name(arg));
        assert_eq!(many, key.is_some_and(|key| key.arity == Arity::Many), "--{}", name(arg));
    }
}

#[test]
fn a_switch_alone_is_on_and_takes_no_word_that_follows() {
    let args = parse(&["--noise-floor", "triton://h/m", "--asymptotic=false"]);
    assert_eq!((args.noise_floor.as_deref(), args.asymptotic.as_deref()), (Some("true"), Some("false")));
    assert_eq!(args.target, "triton://h/m");
    let command = Audit::command();
    for key in KEYS.iter().filter(|key| key.arity == Arity::Switch) {
        let flag = flags(&command).find(|arg| name(arg) == key.name).unwrap();
        assert!(flag.is_require_equals_set(), "--{}", key.name);
    }
}

#[test]
fn short_flags_and_negative_numbers_are_read() {
    let args = parse(&[
        "triton://h/m",
        "-c",
        "8",
        "-b",
        "4",
        "-n",
        "2k",
        "-m",
        "other",
        "-x",
        "2",
        "-H",
        "a: b",
        "-H",
        "c: d",
        "-o",
        "r.json",
        "-vv",
        "--clip",
        "-1,1",
        "--threshold",
        "-0.5",
        "--yes",
    ]);
    assert_eq!(args.concurrency.as_deref(), Some("8"));
    assert_eq!(args.queries.as_deref(), Some("2k"));
    assert_eq!(args.model_version.as_deref(), Some("2"));
    assert_eq!(args.header, ["a: b", "c: d"]);
    assert_eq!(args.clip.as_deref(), Some("-1,1"));
    assert_eq!((args.verbose, args.yes, args.json), (2, true, false));
    assert_eq!(args.given()["save"], ["r.json"]);
}

#[test]
fn a_name_that_ends_in_toml_is_a_file_and_a_url_is_not() {
    assert_eq!(parse(&["runs/plan.TOML"]).audit_file(), Some("runs/plan.TOML"));
    assert!(!parse(&["runs/plan.toml"]).given().contains_key("target"));
    assert_eq!(parse(&["json://host/score.toml"]).audit_file(), None);
    assert_eq!(parse(&["plan"]).given()["target"], ["plan"]);
}
