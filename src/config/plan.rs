//! Writes `plan.toml`: the audit that ran, every value resolved, as an audit file.
//!
//! Pure: values in, text out; [`file`](super::file) reads it back. The invariant: what is written reads back
//! to an equal question and conduct for the same data. Secrets are named and never written; what belongs to
//! one run alone ([`LEFT_OUT`]) is not written either.

use std::fmt::Write;

use serde::Serialize;
use toml::Value;

use super::{
    Conduct, Question, Settings,
    problem::{Origin, environment_name},
    question::{Route, Scale, Scope, SideSpec},
    settings::absolute,
    typed::{Given, KEYS},
    units,
};
use crate::{bound::Claim, data::DataSource};

/// Keys that a plan never has: a run folder belongs to one run.
pub const LEFT_OUT: [&str; 2] = ["run-dir", "save"];

/// The plan of these settings for this question, with the claims that the audit can make.
pub fn render(settings: &Settings, question: &Question, conduct: &Conduct, claims: &[Claim]) -> String {
    let mut text = format!(
        "# The plan of an audit, as it ran: `noisebound audit plan.toml` asks the same again, with the same seed.\n\
         # To ask something new, take the seed out: it must not have been used to choose what is asked.\n\
         # Data: {} rows, BLAKE3 {}\n",
        question.data.rows,
        question.data.blake3.escape_debug()
    );
    let mut typed = settings.typed.clone();
    let mut section = "";
    let mut values = values(settings, question, conduct);
    for (key, slot) in KEYS.iter().zip(typed.slots()) {
        let value = values.iter_mut().find(|(name, _)| *name == key.name).and_then(|(_, value)| value.take());
        let Some(value) = value else { continue };
        if section != key.section {
            section = key.section;
            push(&mut text, format_args!("\n# {section}\n"));
        }
        let origin = match key.name {
            "seed" if settings.asked.seed.is_none() => "new".to_owned(),
            name => origin(name, slot.as_ref()),
        };
        push(&mut text, format_args!("{} = {value}  # {origin}\n", key.name));
    }
    if claims.is_empty() {
        return text;
    }
    text.push_str("\n# What the audit can state, and the probability with which each may be wrong\n");
    text.push_str(&listed(claims));
    text
}

/// Appends to a text, which never fails.
fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}

/// The claims, as a plan lists them.
pub fn listed(claims: &[Claim]) -> String {
    #[derive(Serialize)]
    struct Table<'a> {
        claims: &'a [Claim],
    }
    // Claims are names and finite numbers, all of which TOML can say.
    toml::to_string(&Table { claims }).unwrap_or_default()
}

/// Where a value came from, on one line.
fn origin(key: &str, given: Option<&Given>) -> String {
    match given.map(|given| &given.origin) {
        Some(Origin::Flag) if key == "target" => "TARGET".to_owned(),
        Some(Origin::Flag) => format!("--{key}"),
        Some(Origin::Environment) => environment_name(key),
        Some(Origin::File(path, line)) => format!("{}:{line}", path.display().to_string().escape_debug()),
        Some(Origin::Default) => "default".to_owned(),
        None => "follows from the rest".to_owned(),
    }
}

type Entry = (&'static str, Option<Value>);

/// The value of each key but [`LEFT_OUT`]; none where there is nothing to say.
fn values(settings: &Settings, question: &Question, conduct: &Conduct) -> Vec<Entry> {
    [place(settings, question), asked(question), load(settings, conduct), credentials(settings)].concat()
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

/// A limit, or that there is none.
fn or_none(limit: Option<impl Into<Value>>) -> Value {
    limit.map_or_else(|| text("none"), Into::into)
}

/// Counts that are valid are below 2^53, so that none is cut short here.
fn count(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn numbers(values: &[f64]) -> Value {
    Value::Array(values.iter().copied().map(Value::Float).collect())
}

fn pair((low, high): (f64, f64)) -> Value {
    numbers(&[low, high])
}

fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> Option<Value> {
    let values: Vec<Value> = values.into_iter().cloned().map(Value::String).collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

fn source(source: &DataSource) -> Value {
    text(DataSource { path: absolute(&source.path), ..source.clone() }.to_string())
}

fn place(settings: &Settings, question: &Question) -> Vec<Entry> {
    let (place, data, endpoint) = (&settings.place, &settings.data, &question.endpoint);
    vec![
        ("target", Some(text(&endpoint.url))),
        // Where the protocol names models, the target holds it.
        ("model", endpoint.model.as_ref().filter(|_| !place.target.names_model()).map(text)),
        ("model-version", endpoint.version.as_ref().map(text)),
        ("output", endpoint.output.as_ref().map(text)),
        ("input", texts(&endpoint.inputs)),
        ("parameter", texts(&endpoint.parameters)),
        ("classes", endpoint.classes.map(|classes| count(classes.into()))),
        ("tensors", place.tensors.map(|binary| text(place.target.tensors()[usize::from(!binary)]))),
        ("compress", place.compression.map(|compression| text(compression.name()))),
        ("preset", endpoint.preset.as_ref().map(text)),
        ("body", place.body.as_ref().map(text)),
        ("answer", place.answer.as_ref().map(text)),
        ("envelope", endpoint.envelope.as_ref().map(text)),
        ("management-url", place.management.as_ref().map(|it| text(it.url.as_str()))),
        ("data", Some(source(&data.data))),
        ("targets", data.targets.as_ref().map(source)),
        ("target-column", data.target_column.as_ref().map(text)),
    ]
}

fn asked(question: &Question) -> Vec<Entry> {
    let (noise, loss) = (&question.noise, &question.loss);
    let normalize = question.form.as_ref().and_then(|form| form.normalize.as_ref());
    let scale = match noise.scale {
        Scale::Absolute => "absolute",
        Scale::Std => "std",
    };
    let side = match question.side {
        SideSpec::Both => "both",
        SideSpec::Upper => "upper",
    };
    let scope = match question.scope {
        Scope::DataSet => "data-set",
        Scope::Population => "population",
    };
    let route = match question.route {
        Route::Direct => "direct",
        Route::Differences => "differences",
    };
    let quantiles: Vec<String> = question.quantiles.iter().map(ToString::to_string).collect();
    vec![
        ("send-as", question.form.as_ref().map(|form| text(form.to_string()))),
        ("normalize", normalize.map(|normalize| text(normalize.to_string()))),
        ("noise", Some(text(&noise.family))),
        ("levels", Some(numbers(&question.levels))),
        ("scale", Some(text(scale))),
        ("clip", Some(or_none(noise.clip.map(pair)))),
        ("perturb", noise.perturb.as_ref().and_then(texts)),
        ("fix", noise.fix.as_ref().and_then(texts)),
        ("loss", Some(text(&loss.name))),
        ("loss-range", loss.range.map(pair)),
        ("loss-cap", loss.cap.map(Value::Float)),
        ("threshold", Some(Value::Float(loss.threshold))),
        ("precision", question.precision.map(Value::Float)),
        ("side", Some(text(side))),
        ("confidence", Some(Value::Float(question.confidence))),
        ("gate", texts(question.gates.iter().map(|gate| &gate.text))),
        ("gate-resolution", question.gate_resolution.map(Value::Float)),
        ("quantiles", texts(&quantiles)),
        ("critical", question.critical.as_ref().map(|critical| text(&critical.text))),
        ("scope", Some(text(scope))),
        ("route", Some(text(route))),
        ("slice", question.slice.as_ref().map(|slice| text(&slice.column))),
        ("replicates", question.replicates.map(Value::Float)),
        ("noise-floor", question.noise_floor.then_some(Value::Boolean(true))),
        ("asymptotic", question.asymptotic.then_some(Value::Boolean(true))),
        ("seed", Some(count(question.seed))),
        ("clean-pass", Some(count(question.clean_pass))),
        ("same-tolerance", Some(Value::Float(question.same_tolerance))),
    ]
}

fn load(settings: &Settings, conduct: &Conduct) -> Vec<Entry> {
    // What follows from the rate, the batch and the concurrency must not contradict others of them later.
    let ahead = settings.typed.ahead.is_some().then_some(conduct.ahead);
    vec![
        ("rate", Some(or_none(conduct.rate.map(units::show_rate)))),
        ("concurrency", Some(count(conduct.concurrency as u64))),
        ("batch", Some(count(conduct.batch as u64))),
        ("queries", Some(count(conduct.queries))),
        ("max-requests", Some(or_none(conduct.max_requests.map(count)))),
        ("max-cost", Some(or_none(conduct.max_cost.map(Value::Float)))),
        ("cost-per-query", conduct.cost_per_query.map(Value::Float)),
        ("max-time", Some(or_none(conduct.max_time.map(units::show_duration)))),
        ("retries", Some(count(conduct.retries.into()))),
        ("breaker-failures", Some(or_none(conduct.breaker_failures.map(Value::Float)))),
        ("breaker-latency", Some(or_none(conduct.breaker_latency.map(Value::Float)))),
        ("timeout", Some(text(units::show_duration(conduct.timeout)))),
        ("ahead", ahead.map(count)),
        ("privacy", conduct.privacy.then_some(Value::Boolean(true))),
    ]
}

fn credentials(settings: &Settings) -> Vec<Entry> {
    let typed = &settings.typed;
    let first = |given: &Option<Given>| given.as_ref().and_then(|given| given.values.first().cloned());
    let file = |given: &Option<Given>| {
        first(given).map(|path| text(absolute(path.as_ref()).to_string_lossy().into_owned()))
    };
    vec![
        ("header", texts(typed.header.iter().flat_map(|given| &given.values))),
        ("token-env", first(&typed.token_env).map(text)),
        ("token-file", file(&typed.token_file)),
        ("basic-env", first(&typed.basic_env).map(text)),
        ("basic-file", file(&typed.basic_file)),
        ("management-token-env", first(&typed.management_token_env).map(text)),
        ("management-token-file", file(&typed.management_token_file)),
        ("ca", file(&typed.ca)),
        ("client-cert", file(&typed.client_cert)),
        ("client-key", file(&typed.client_key)),
        ("proxy", first(&typed.proxy).map(text)),
    ]
}

#[cfg(test)]
#[path = "plan/tests.rs"]
mod tests;
