//! The body of a request: a template of minijinja over the rows of the request.
//!
//! Whatever a template prints is JSON: text comes in quotes, integers are exact, floats read back to the same number.
//! Where the rows are only printed, which is nearly always, the template runs once, at the start, and the rows are
//! spliced into what it gave; else it runs for each request. Either way it has fuel for so many steps and no more, and
//! what it gives is checked to be JSON.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

use super::layout::Asked;
use super::mark::{MARK, Mark};
use super::value::{of_row, print, to_base64};
use crate::secret::{is_literal_secret, is_token};
use crate::text::{Opaque, write_row_as};
use crate::{Failure, FailureKind, Row, SetupError};

/// The first key whose text is likely to be a credential.
fn literal_secret(source: &str) -> Option<&str> {
    // What stands in quotes, and between them.
    let parts: Vec<&str> = source.split('"').collect();
    let mut keys = parts.windows(4).skip(1).step_by(2);
    let is_literal = |text: &str| !text.contains("{{") && !text.contains("{%");
    let found =
        keys.find(|it| it[1].trim() == ":" && is_literal(it[2]) && is_literal_secret(it[0], it[2]))?;
    found.first().copied()
}

/// How many steps a template may take for one request: a second of work, about.
const FUEL: u64 = 20_000_000;
/// What the template is called inside minijinja.
const NAME: &str = "body";
/// How the rows are printed.
const ROWS: &str = "{{ rows }}";
/// Variables of templates.
const VARIABLES: [&str; 4] = ["rows", "row", "columns", "model"];

/// What is known before the first row.
#[derive(Debug, Clone, Default)]
pub(super) struct Known<'a> {
    /// The model, if one is named.
    pub(super) model: Option<&'a str>,
    /// The names of the elements of a row; empty where they have none.
    pub(super) columns: &'a [String],
}

/// A template that was read.
#[derive(Debug)]
pub(super) struct Template {
    environment: Environment<'static>,
    /// Whether it takes a single row.
    single: bool,
    /// The text around the rows, where they are only printed.
    frame: Option<Vec<String>>,
    model: Value,
    columns: Value,
    opaque: Opaque,
    /// Whether what it gives was found to be JSON.
    checked: AtomicBool,
}

impl Template {
    /// Reads a template. It must name `rows`, all rows of a request, or `row`, the only one.
    pub(super) fn parse(source: &str, known: &Known<'_>, opaque: Opaque) -> Result<Self, SetupError> {
        if source.contains("${row") {
            return Err(SetupError::Body("holds `${`: write {{ rows }} or {{ row }}, without quotes".into()));
        }
        let key = literal_secret(source);
        if key.is_some() || is_token(source) {
            let under = key.map_or_else(String::new, |key| format!(" under `{key}`"));
            return Err(SetupError::Body(format!(
                "holds what looks like a secret{under}, which the run folder would keep; send it as a header, \
                 -H 'Name: ${{VARIABLE}}'"
            )));
        }
        let mut environment = environment(opaque);
        let added = environment.add_template_owned(NAME, source.to_owned());
        added.map_err(|error| SetupError::Body(explain(&error)))?;
        let names = environment.get_template(NAME).map_err(|error| SetupError::Body(explain(&error)))?;
        let names = names.undeclared_variables(false);
        let single = match (names.contains("rows"), names.contains("row")) {
            (true, false) => false,
            (false, true) => true,
            (true, true) => return Err(SetupError::Body("names both rows and row: choose one".into())),
            (false, false) => {
                let said = "must name {{ rows }} (the list of all rows of a request) or {{ row }} (one row a request)";
                return Err(SetupError::Body(said.into()));
            }
        };
        let mut template = Self {
            environment,
            single,
            frame: None,
            model: known.model.map_or(Value::from(()), Value::from),
            columns: known.columns.iter().map(|name| Value::from(name.as_str())).collect(),
            opaque,
            checked: AtomicBool::new(false),
        };
        template.frame = template.framed()?;
        Ok(template)
    }

    /// How rows are asked with it.
    pub(super) fn asked(&self, rows: usize) -> Asked {
        if self.single { Asked::One } else { Asked::List(rows) }
    }

    /// How to ask one row a request with it, where it takes lists: the body for `--body`, or what to change in it.
    pub(super) fn of_one_row(&self) -> Option<String> {
        let template = self.environment.get_template(NAME).ok().filter(|_| !self.single)?;
        let body = template.source().replace("{{rows}}", ROWS).replace(ROWS, "[{{ row }}]");
        // A body with statements is long, and one of a preset nobody typed.
        let plain = !body.contains("{%") && !body.contains('\'') && body.contains("{{ row }}");
        Some(if plain {
            format!("--body '{body}'")
        } else {
            "[{{ row }}] in the place of {{ rows }} in --body".to_owned()
        })
    }

    /// Whether it names the model.
    pub(super) fn names_model(&self) -> bool {
        let template = self.environment.get_template(NAME);
        template.is_ok_and(|template| template.undeclared_variables(false).contains("model"))
    }

    /// The text around the rows; none where the template does more with them than to print them.
    fn framed(&self) -> Result<Option<Vec<String>>, SetupError> {
        let touched = Arc::new(AtomicBool::new(false));
        let text = self.run(Value::from_object(Mark(Arc::clone(&touched))));
        if touched.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let text = match text {
            // A filter that takes a text, say: whether the rows are such is known when they come.
            Err(error) if error.kind() == ErrorKind::InvalidOperation => return Ok(None),
            text => text.map_err(|error| SetupError::Body(explain(&error)))?,
        };
        // A string in the place of the rows shows quotes around them.
        check(text.replace(MARK, "\"\"").as_bytes()).map_err(SetupError::Body)?;
        Ok(Some(text.split(MARK).map(str::to_owned).collect()))
    }

    fn run(&self, rows: Value) -> Result<String, Error> {
        let (model, columns) = (self.model.clone(), self.columns.clone());
        let template = self.environment.get_template(NAME)?;
        if self.single {
            template.render(context! { row => rows, model, columns })
        } else {
            template.render(context! { rows, model, columns })
        }
    }

    /// Writes the body for these rows.
    pub(super) fn fill(&self, rows: &[Row], out: &mut Vec<u8>) -> Result<(), Failure> {
        if self.single && rows.len() != 1 {
            let said = format!("the body takes one row a request, found {}: use {{{{ rows }}}}", rows.len());
            return Err(Failure::unplaced(FailureKind::Unsupported, said));
        }
        let Some(frame) = &self.frame else { return self.render(rows, out) };
        for (i, text) in frame.iter().enumerate() {
            if i > 0 {
                self.write(rows, out)?;
            }
            out.extend_from_slice(text.as_bytes());
        }
        Ok(())
    }

    /// The rows as the template would print them.
    fn write(&self, rows: &[Row], out: &mut Vec<u8>) -> Result<(), Failure> {
        if let (true, [row]) = (self.single, rows) {
            return write_row_as(row, Some(self.opaque), out);
        }
        out.push(b'[');
        for (i, row) in rows.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            write_row_as(row, Some(self.opaque), out)?;
        }
        out.push(b']');
        Ok(())
    }

    /// Runs the template for these rows.
    fn render(&self, rows: &[Row], out: &mut Vec<u8>) -> Result<(), Failure> {
        let mut values = rows.iter().map(of_row).collect::<Result<Vec<Value>, _>>()?;
        let rows = if self.single { values.pop().unwrap_or_default() } else { Value::from(values) };
        let unusable =
            |said: String| Failure::unplaced(FailureKind::Unsupported, format!("the body template {said}"));
        let text = self.run(rows).map_err(|error| unusable(explain(&error)))?;
        if !self.checked.load(Ordering::Relaxed) {
            check(text.as_bytes()).map_err(unusable)?;
            self.checked.store(true, Ordering::Relaxed);
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn environment(opaque: Opaque) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // Without it nothing can grow from one turn of a loop to the next.
    environment.remove_global("namespace");
    for html in ["escape", "e"] {
        environment.remove_filter(html);
    }
    environment.set_formatter(move |out, _, value| {
        if value.downcast_object_ref::<Mark>().is_some() {
            return out.write_str(MARK).map_err(Error::from);
        }
        let mut text = String::new();
        print(value, opaque, 0, &mut text)?;
        out.write_str(&text).map_err(Error::from)
    });
    environment.add_filter("tojson", move |value: Value| -> Result<Value, Error> {
        let mut text = String::new();
        print(&value, opaque, 0, &mut text)?;
        Ok(Value::from(text))
    });
    environment.add_filter("b64", |value: Value| to_base64(&value));
    environment
}

/// What a template gave must be JSON.
fn check(text: &[u8]) -> Result<(), String> {
    let read = serde_json::from_slice::<serde_json::Value>(text);
    read.map(drop).map_err(|error| {
        format!(
            "gives no JSON: {error}; what it prints is JSON already, so no quotes stand around {{{{ rows }}}}"
        )
    })
}

/// What is wrong with a template, where, and what to do.
fn explain(error: &Error) -> String {
    let line = error.line().map_or_else(String::new, |line| format!(" in line {line}"));
    let detail = error.detail().map_or_else(String::new, |detail| format!(" ({detail})"));
    let hint = match error.kind() {
        ErrorKind::UndefinedError => format!("; its variables are {}", VARIABLES.join(", ")),
        ErrorKind::UnknownFilter => "; beside the usual filters there are tojson and b64".to_owned(),
        ErrorKind::OutOfFuel => "; let it do less for each request".to_owned(),
        ErrorKind::SyntaxError => "; {{ rows }} prints the rows, {% ... %} is a statement".to_owned(),
        _ => String::new(),
    };
    format!("has a mistake{line}: {}{detail}{hint}", error.kind())
}

#[cfg(test)]
#[path = "template/tests.rs"]
mod tests;
