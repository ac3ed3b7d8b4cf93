//! A ready audit file: what was typed, what is advised, and what may be thought about, as comments.
//!
//! Pure. The invariant: it reads back through [`config::file`](crate::config::file), and every key that was typed has
//! the value that was typed.

use std::fmt::Write;
use std::path::Path;

use toml::Value;

use super::advice::{Advice, Idea};
use crate::config::plan::LEFT_OUT;
use crate::config::problem::Origin;
use crate::config::settings::Settings;
use crate::config::typed::{Arity, Given, KEYS, Key};
use crate::report::text::wrap_to;

/// How wide a comment is.
const WIDTH: usize = 98;

/// The text of the file. `to` is where it will stand: paths in it are relative to its folder.
pub fn render(settings: &Settings, advice: &Advice, to: Option<&Path>) -> String {
    let name = to.map_or_else(|| "audit.toml".to_owned(), |to| to.display().to_string());
    let target = settings.place.target.url();
    let mut text = String::new();
    comment(&mut text, &format!("An audit of {target}, as `noisebound inspect` would begin it."));
    let _ = writeln!(text, "#\n#     noisebound audit {name}\n#");
    comment(
        &mut text,
        "Each key is a flag of `noisebound audit`; lines that begin with # are ideas, or defaults.",
    );
    let mut typed = settings.typed.clone();
    let mut section = "";
    for (key, slot) in KEYS.iter().zip(typed.slots()) {
        let mut entry = String::new();
        if key.name == "target" {
            line(&mut entry, key.name, &Value::from(target.as_str()), true);
        } else if let Some(given) = slot.as_ref().filter(|given| kept(key, given)) {
            line(&mut entry, key.name, &value(key, given, to), true);
        } else if let Some(version) = settings.place.target.version().filter(|_| key.name == "model-version")
        {
            // It may have stood in the URL that was typed, and does not in that of the target.
            line(&mut entry, key.name, &Value::from(version), true);
        } else if let Some(idea) = advice.ideas.iter().find(|idea| idea.key == key.name) {
            told(&mut entry, idea);
        } else if let Some((_, value, why)) = DEFAULTS.iter().find(|(name, ..)| *name == key.name) {
            let gate = format!("[\"{}@all <= 0.1\"]", advice.loss);
            let value = if value.is_empty() { &gate } else { *value };
            comment(&mut entry, why);
            let _ = writeln!(entry, "# {} = {value}", key.name);
        }
        if entry.is_empty() {
            continue;
        }
        if section != key.section {
            section = key.section;
            let _ = writeln!(text, "\n# {section}");
        }
        text.push_str(&entry);
    }
    text
}

/// What a first audit is often changed in, with what holds when it is not.
const DEFAULTS: [(&str, &str, &str); 4] = [
    (
        "precision",
        "0.05",
        "The half-width at which a level stops, in units of the loss; finer ones cost more queries.",
    ),
    ("gate", "", "A claim to decide; the exit code is 99 where it fails."),
    ("rate", r#""20/s""#, "The most requests in a second."),
    ("queries", "10000", "The most rows to ask, clean ones included."),
];

fn kept(key: &Key, given: &Given) -> bool {
    given.origin != Origin::Default && !LEFT_OUT.contains(&key.name)
}

fn told(text: &mut String, idea: &Idea) {
    comment(text, &idea.why);
    line(text, idea.key, &idea.value, idea.holds);
}

fn line(text: &mut String, key: &str, value: &Value, holds: bool) {
    let _ = writeln!(text, "{}{key} = {value}", if holds { "" } else { "# " });
}

fn comment(text: &mut String, words: &str) {
    for line in wrap_to(words, WIDTH - 2, 0) {
        let _ = writeln!(text, "# {line}");
    }
}

/// What was typed, as TOML. Paths are relative to where the command runs, which a file in another folder is not.
fn value(key: &Key, given: &Given, to: Option<&Path>) -> Value {
    let elsewhere = to.and_then(Path::parent).is_some_and(|folder| !folder.as_os_str().is_empty());
    let one = |text: &String| {
        if key.path && elsewhere {
            let absolute = std::path::absolute(text).map(|path| path.to_string_lossy().into_owned());
            return Value::from(absolute.unwrap_or_else(|_| text.clone()));
        }
        scalar(text)
    };
    match (key.arity, given.values.as_slice()) {
        (Arity::Switch, [only]) => only.parse().map_or_else(|_| scalar(only), Value::Boolean),
        (Arity::One, [only]) => one(only),
        (_, several) => Value::Array(several.iter().map(one).collect()),
    }
}

/// A number where that reads back as the same text.
fn scalar(text: &str) -> Value {
    let whole = text.parse::<i64>().ok().filter(|v| v.to_string() == text).map(Value::from);
    let real =
        || text.parse::<f64>().ok().filter(|v| v.is_finite() && format!("{v:?}") == text).map(Value::from);
    whole.or_else(real).unwrap_or_else(|| Value::from(text))
}
