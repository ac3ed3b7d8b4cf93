//! Reads an audit file: TOML whose keys are the long names of the flags.
//!
//! Text in, [`Typed`] out, with the line of each key. Unknown keys are refused; values are kept as the text
//! that stands in the file and read where flags are read.

use std::{collections::HashMap, path::Path, sync::Arc};

use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{Misfit, Origin, Problem, Problems},
    typed::{Arity, Given, KEYS, Key, Typed},
};
use crate::{bound::Claim, cli::args::RUN_ONLY};

/// Reads the file at `path`: what is right in it, and the problems with the rest.
///
/// # Errors
/// When it cannot be read, or is no TOML.
pub fn read(path: &str) -> Result<(Typed, Problems), Problems> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let misfit = Misfit::new("an audit file", path).hint(format!("it cannot be read: {error}"));
        Problems(vec![Problem { key: "target".into(), origin: Origin::Flag, misfit }])
    })?;
    parse_partly(&text, Path::new(path))
}

/// Reads the text of a file at `path`, all of it right; relative paths in it are relative to its folder.
pub fn parse(text: &str, path: &Path) -> Result<Typed, Problems> {
    let (typed, problems) = parse_partly(text, path)?;
    problems.check().map(|()| typed)
}

fn parse_partly(text: &str, path: &Path) -> Result<(Typed, Problems), Problems> {
    let file = File { path: path.into(), text };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        Problems(vec![file.problem("toml", at, Misfit::unshown("valid TOML").found(error.message()))])
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut problems = Problems::default();
    let mut given = HashMap::new();
    let mut claims = None;
    for (name, value) in table.get_ref() {
        let at = name.span().start;
        let name: &str = name.get_ref();
        if name == "compare" && matches!(value.get_ref(), DeValue::Array(_)) {
            return Err(Problems(vec![file.problem(name, at, comparison())]));
        }
        if name == "claims" {
            match read_claims(value) {
                Ok(list) => claims = Some(list),
                Err(misfit) => problems.0.push(file.problem(name, at, misfit)),
            }
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            problems.0.push(file.problem(name, at, unknown(name)));
            continue;
        };
        match values(key, value.get_ref()) {
            Ok(values) => {
                let values = values.into_iter().map(|value| key.in_folder(folder, value)).collect();
                given.insert(key.name, Given { values, origin: file.origin(at) });
            }
            Err(misfit) => problems.0.push(file.problem(name, at, misfit)),
        }
    }
    let mut typed = Typed { claims, ..Typed::default() };
    for (key, slot) in KEYS.iter().zip(typed.slots()) {
        *slot = given.remove(key.name);
    }
    Ok((typed, problems))
}

/// A file while it is read.
struct File<'a> {
    path: Arc<Path>,
    text: &'a str,
}

impl File<'_> {
    fn origin(&self, at: usize) -> Origin {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        Origin::File(Arc::clone(&self.path), 1 + before.iter().filter(|byte| **byte == b'\n').count())
    }

    fn problem(&self, key: &str, at: usize, misfit: Misfit) -> Problem {
        Problem { key: key.to_owned(), origin: self.origin(at), misfit }
    }
}

/// What stands in the folder of a comparison is no audit, and none of its keys is one of an audit file.
fn comparison() -> Misfit {
    let misfit = Misfit::unshown("an audit file").found("the plan of a comparison");
    misfit.hint(
        "name that of one endpoint, as a/plan.toml beside it; a comparison is started anew from its targets",
    )
}

fn unknown(name: &str) -> Misfit {
    let misfit = Misfit::new("a known key", name);
    if RUN_ONLY.contains(&name) {
        return misfit.hint(format!("give --{name} on the command line; it is not kept in a file"));
    }
    misfit.hint(crate::nearest::suggest(name, KEYS.iter().map(|key| key.name)))
}

/// The parts of a value, each as the text that a flag would have.
fn values(key: &Key, value: &DeValue<'_>) -> Result<Vec<String>, Misfit> {
    match (key.arity, value) {
        (Arity::Switch, DeValue::Boolean(value)) => Ok(vec![value.to_string()]),
        (Arity::One | Arity::Switch, DeValue::Array(_)) => {
            Err(Misfit::unshown("one value").found("an array"))
        }
        (Arity::List | Arity::Many, DeValue::Array(items)) => {
            items.into_iter().map(|item| scalar(item.get_ref())).collect()
        }
        (Arity::List, DeValue::String(text)) => Ok(super::units::split_list(text)),
        (_, value) => Ok(vec![scalar(value)?]),
    }
}

fn scalar(value: &DeValue<'_>) -> Result<String, Misfit> {
    match value {
        DeValue::String(text) => Ok(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Integer(_) => Err(Misfit::unshown("a decimal number").found("another base")),
        other => {
            Err(Misfit::unshown("text or a number").found(format!("a value of type {}", other.type_str())))
        }
    }
}

fn read_claims(value: &Spanned<DeValue<'_>>) -> Result<Vec<Claim>, Misfit> {
    Vec::<Claim>::deserialize(toml::de::ValueDeserializer::from(value.clone())).map_err(|error| {
        Misfit::unshown("the claims as a plan lists them")
            .found(error.message())
            .hint("leave [[claims]] out; they follow from the rest")
    })
}

#[cfg(test)]
#[path = "file/tests.rs"]
mod tests;
