//! Settings of several endpoints that are to be compared: one for each, alike but for the endpoint.
//!
//! Tells what a comparison cannot be asked; what one endpoint can be asked is left to [`Settings`]. The invariant: no
//! credential goes to a second host unless that was said in so many words.

use super::{
    DataFacts, Question,
    problem::{Misfit, Origin, Problems},
    question::{Route, SideSpec},
    range::OR_PASSES,
    settings::Settings,
    target::Target,
    typed::{Given, Typed},
};
use crate::cli::args::AuditArgs;

/// The most endpoints: each has a letter.
pub const MOST: usize = 26;

/// The settings of the endpoint that `args` name, which is the reference, and of `others`. With `shared` every host may
/// see every credential.
///
/// # Errors
/// Everything that is wrong with what was typed.
pub fn several(
    args: &AuditArgs,
    others: &[String],
    shared: bool,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Settings>, Problems> {
    let mut problems = Problems::default();
    let count = 1 + others.len();
    if !(2..=MOST).contains(&count) {
        let misfit = Misfit::unshown(format!("2 to {MOST} targets")).found(count.to_string());
        problems.note(
            "target",
            None,
            misfit.hint("the first is the reference, with which the others are compared"),
        );
    }
    if let Some(folder) = &args.resume {
        let misfit = Misfit::new("nothing with a comparison", folder);
        problems.note("resume", None, misfit.hint("only an audit can be resumed: start the comparison anew"));
    }
    problems.check()?;
    let (first, mut problems) = Settings::layers(args, environment)?;
    named_alike(&first, &mut problems);
    let tokens = tokens(&first, count, &mut problems);
    let mut typed = each(&first, others);
    if let Some(tokens) = &tokens {
        typed.iter_mut().zip(tokens).for_each(|(one, token)| one.token_env.clone_from(token));
    }
    leave_to_those_who_take(&mut typed);
    let mut typed = typed.into_iter();
    // What is wrong for all is told once.
    let first = typed.next().map(|first| Settings::checked(first, problems)).transpose()?;
    let mut settings: Vec<Settings> = first.into_iter().collect();
    let mut problems = Problems::default();
    for one in typed {
        match Settings::new(one) {
            Ok(one) => settings.push(one),
            Err(found) => problems.0.extend(found.0),
        }
    }
    problems.check()?;
    let mut problems = Problems::default();
    no_audit_alone(&settings[0], &mut problems);
    different(&settings, &mut problems);
    if !shared {
        no_secret_elsewhere(&settings, tokens.is_some(), &mut problems);
    }
    problems.check().map(|()| settings)
}

/// The question for these data, as that of an audit of the reference.
///
/// # Errors
/// As [`Settings::question`], with mends that a comparison can take.
pub fn question(reference: &Settings, data: &DataFacts) -> Result<Question, Problems> {
    let asked = reference.question(data).map(|(question, _)| question);
    asked.map_err(|mut problems| {
        for hint in problems.0.iter_mut().filter_map(|problem| problem.misfit.hint.as_mut()) {
            if let Some(rest) = hint.strip_suffix(OR_PASSES) {
                *hint = rest.to_owned();
            }
        }
        problems
    })
}

/// A model in a flag would be that of every endpoint.
fn named_alike(typed: &Typed, problems: &mut Problems) {
    let hints = [
        ("model", &typed.model, "name each model in its target, as in triton://host:8000/model"),
        (
            "model-version",
            &typed.model_version,
            "name each version in its target, as in http://host:8000/v2/models/model/versions/2/infer",
        ),
    ];
    for (key, given, hint) in hints {
        if given.as_ref().is_some_and(|given| matches!(given.origin, Origin::Flag | Origin::Environment)) {
            problems.note(key, given.as_ref(), Misfit::unshown("nothing with several targets").hint(hint));
        }
    }
}

/// The variables of a list of tokens, one for each endpoint; nothing where there is no list.
fn tokens(typed: &Typed, count: usize, problems: &mut Problems) -> Option<Vec<Option<Given>>> {
    let given =
        typed.token_env.as_ref().filter(|given| given.values.iter().any(|value| value.contains(',')))?;
    let names: Vec<&str> = given.values.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
    if names.len() != count {
        let misfit = Misfit::unshown(format!("one variable, or {count}: one for each endpoint"));
        problems.note("token-env", Some(given), misfit.found(format!("{}", names.len())));
    }
    let one = |name: &str| Given { values: vec![name.to_owned()], origin: given.origin.clone() };
    Some(names.iter().map(|name| (!name.is_empty()).then(|| one(name))).collect())
}

/// What was typed, for each endpoint. A model that an audit file names is that of its target.
fn each(first: &Typed, others: &[String]) -> Vec<Typed> {
    let other = |target: &String| Typed {
        target: Some(Given { values: vec![target.clone()], origin: Origin::Flag }),
        model: None,
        model_version: None,
        // A control port is that of the target that it was named for.
        management_url: None,
        management_token_env: None,
        management_token_file: None,
        ..first.clone()
    };
    std::iter::once(first.clone()).chain(others.iter().map(other)).collect()
}

/// Where a value stands.
type Slot = fn(&mut Typed) -> &mut Option<Given>;

/// Takes what is about the protocol of some endpoints away from the others.
fn leave_to_those_who_take(typed: &mut [Typed]) {
    let target = |one: &Typed| Target::parse(one.target.as_ref()?.values.first()?).ok();
    let targets: Vec<Option<Target>> = typed.iter().map(target).collect();
    let keys: [(&str, Slot); 10] = [
        ("output", |typed| &mut typed.output),
        ("input", |typed| &mut typed.input),
        ("parameter", |typed| &mut typed.parameter),
        ("classes", |typed| &mut typed.classes),
        ("tensors", |typed| &mut typed.tensors),
        ("compress", |typed| &mut typed.compress),
        ("preset", |typed| &mut typed.preset),
        ("body", |typed| &mut typed.body),
        ("answer", |typed| &mut typed.answer),
        ("envelope", |typed| &mut typed.envelope),
    ];
    for (key, slot) in keys {
        let takes = |target: &Option<Target>| target.as_ref().is_some_and(|target| target.takes(key));
        // Where nobody takes it, each endpoint says so.
        if targets.iter().any(takes) {
            let without = typed.iter_mut().zip(&targets).filter(|(_, target)| !takes(target));
            without.for_each(|(one, _)| *slot(one) = None);
        }
    }
}

/// A comparison is about the limits of risks and of their differences, and about nothing else.
fn no_audit_alone(settings: &Settings, problems: &mut Problems) {
    let (stated, typed) = (&settings.asked.stated, &settings.typed);
    let asked = [
        ("gate", !stated.gates.is_empty(), &typed.gate),
        ("critical", stated.critical.is_some(), &typed.critical),
        ("quantiles", !stated.quantiles.is_empty(), &typed.quantiles),
        ("replicates", stated.replicates.is_some(), &typed.replicates),
        ("slice", stated.slice.is_some(), &typed.slice),
        ("noise-floor", stated.noise_floor, &typed.noise_floor),
        ("asymptotic", stated.asymptotic, &typed.asymptotic),
        ("route", stated.route != Route::Direct, &typed.route),
        ("side", stated.side != SideSpec::Both, &typed.side),
    ];
    for (key, _, given) in asked.into_iter().filter(|(_, asked, _)| *asked) {
        let hint = match key {
            "gate" => {
                "leave it out; --margin decides by how much an endpoint may be worse than the reference"
            }
            _ => "leave it out; `noisebound audit` takes it, for one endpoint",
        };
        problems.note(key, given.as_ref(), Misfit::unshown("nothing with a comparison").hint(hint));
    }
}

fn different(settings: &[Settings], problems: &mut Problems) {
    for (at, one) in settings.iter().enumerate() {
        if settings[..at].iter().any(|earlier| earlier.place.target == one.place.target) {
            let misfit = Misfit::new("each endpoint once", one.place.target.url());
            let hint = "how often an endpoint contradicts itself, `noisebound audit --noise-floor` tells";
            problems.note("target", one.typed.target.as_ref(), misfit.found("one twice").hint(hint));
        }
    }
}

/// Headers and tokens that are not one for each endpoint go to one host only. A header without a variable may be private as
/// well.
fn no_secret_elsewhere(settings: &[Settings], one_each: bool, problems: &mut Problems) {
    let origin = |one: &Settings| (one.place.target.base().scheme().to_owned(), one.place.target.host());
    let (first, typed) = (&settings[0], &settings[0].typed);
    let Some(other) = settings.iter().find(|other| origin(other) != origin(first)) else { return };
    let given = [
        ("header", &typed.header, ""),
        (
            "token-file",
            &typed.token_file,
            "name a variable for each endpoint, as in --token-env NAME_A,NAME_B, or ",
        ),
        ("token-env", &typed.token_env, "name one for each endpoint, as in --token-env NAME_A,NAME_B, or "),
        ("basic-env", &typed.basic_env, ""),
        ("basic-file", &typed.basic_file, ""),
    ];
    let shared = |(key, given, _): &(&str, &Option<Given>, &str)| {
        given.is_some() && !(one_each && *key == "token-env")
    };
    for (key, given, or) in given.into_iter().filter(shared) {
        let (here, there) = (first.place.target.url(), other.place.target.url());
        let misfit = Misfit::unshown("one host for it").found(format!("{here} and {there}"));
        let hint = format!("{or}say --share-credentials if every endpoint may see it");
        problems.note(key, given.as_ref(), misfit.hint(hint));
    }
}

#[cfg(test)]
#[path = "several/tests.rs"]
mod tests;
