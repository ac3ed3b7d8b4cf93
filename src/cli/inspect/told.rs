//! What was seen of an endpoint, for people: sections of aligned lines, at most 100 columns.
//!
//! Pure. The invariant: what came from elsewhere goes through [`clean`] or [`shorten`].

use std::fmt::Write;

use super::super::confirm::quoted;
use super::facts::{Inspection, Message, Misfit, ModelFacts, PortFacts, RouteFacts};
use super::understood::{Understood, number};
use crate::report::text::{WIDTH, clean, shorten, wrap_to};

/// How wide the names at the left are.
const NAMES: usize = 12;
/// How many models and routes are listed.
const MOST: usize = 20;

/// All of it; `file` says whether the audit file is printed too.
pub fn render(seen: &Inspection, file: bool) -> String {
    let mut text = format!("{}\n", clean(&seen.target));
    server(&mut text, seen);
    data(&mut text, seen);
    if let Some(request) = &seen.request {
        let row = seen.row.map_or_else(String::new, |row| format!("row {row}, clean"));
        section(&mut text, "request", &row);
        message(&mut text, request);
    }
    if let Some(answer) = &seen.answer {
        let took = seen.took_ms.last().filter(|took| **took > 0.0);
        section(
            &mut text,
            "answer",
            &took.map_or_else(String::new, |took| format!("after {}", milliseconds(*took))),
        );
        message(&mut text, answer);
    }
    if let Some(understood) = &seen.understood {
        section(&mut text, "understood", "");
        understanding(&mut text, understood, &seen.took_ms);
    }
    if let Some(misfit) = &seen.misfit {
        section(&mut text, "not understood", "");
        misunderstanding(&mut text, misfit, seen.answer.as_ref());
    }
    match &seen.audit_file {
        Some(audit) if file => {
            section(&mut text, "audit file", "--write FILE keeps it");
            let _ = write!(text, "\n{audit}");
        }
        Some(_) => {}
        None => next(&mut text, seen),
    }
    text
}

fn section(text: &mut String, title: &str, about: &str) {
    let about = if about.is_empty() { String::new() } else { format!(" ({about})") };
    let _ = writeln!(text, "\n{}{about}", title.to_uppercase());
}

/// A name and its words, broken at the width.
fn entry(text: &mut String, name: &str, words: &str) {
    let lines = wrap_to(words, WIDTH - NAMES - 2, 0);
    for (i, line) in lines.iter().enumerate() {
        let name = if i == 0 { name } else { "" };
        let _ = writeln!(text, "{}", format!("  {name:<NAMES$}{line}").trim_end());
    }
}

fn server(text: &mut String, seen: &Inspection) {
    section(text, "server", "");
    entry(text, "protocol", seen.protocol);
    // What stood in the way before a row could be sent.
    let stopped = seen.problem.as_ref().filter(|_| seen.answer.is_none());
    let silent = if seen.model.is_none() && stopped.is_some() { "not known" } else { "does not say" };
    entry(text, "server", &seen.server.as_deref().map_or_else(|| silent.to_owned(), clean));
    if !seen.models.is_empty() {
        let models: Vec<String> = seen.models.iter().take(MOST).map(listed).collect();
        let more = seen.models.len().saturating_sub(MOST);
        let more = if more > 0 { format!(", … {more} more") } else { String::new() };
        entry(text, "models", &format!("{}{more}", models.join(", ")));
    }
    if let Some(named) = &seen.model {
        entry(text, "model", &model(named));
    }
    ports(text, "inputs", &seen.inputs);
    ports(text, "outputs", &seen.outputs);
    if let Some(most) = seen.max_batch {
        let rows = if most == 1 {
            "one row in a request".to_owned()
        } else {
            format!("at most {most} rows in a request")
        };
        entry(text, "batch", &rows);
    }
    for (i, note) in seen.notes.iter().enumerate() {
        entry(text, if i == 0 { "notes" } else { "" }, &clean(note));
    }
    for (i, it) in seen.routes.iter().take(MOST).enumerate() {
        entry(text, if i == 0 { "routes" } else { "" }, &route(it));
    }
    if seen.routes.is_empty() && seen.models.is_empty() && !seen.looked.is_empty() {
        let looked: Vec<String> =
            seen.looked.iter().map(|(at, said)| format!("{}: {}", path(at), clean(said))).collect();
        entry(text, "looked at", &looked.join("; "));
    }
    if let Some(stopped) = stopped {
        entry(text, "stopped", &clean(&stopped.said));
    }
}

/// The path of a request that names a whole URL.
fn path(at: &str) -> String {
    let url = at.split(' ').next_back().unwrap_or(at);
    let path = url.split("://").nth(1).and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    clean(path.unwrap_or(url))
}

/// One of many: its state only where it is not the usual one.
fn listed(it: &ModelFacts) -> String {
    let version = it.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
    let state = it.state.as_ref().filter(|state| !state.eq_ignore_ascii_case("ready"));
    let state = state.map_or_else(String::new, |state| format!(" ({})", state.to_lowercase()));
    clean(&format!("{}{version}{state}", it.name.as_deref().unwrap_or_default()))
}

fn model(it: &ModelFacts) -> String {
    let version = it.version.as_ref().map_or_else(String::new, |version| format!(" version {version}"));
    clean(&format!("{}{version}", it.name.as_deref().unwrap_or_default()))
}

fn ports(text: &mut String, name: &str, ports: &[PortFacts]) {
    let width = ports.iter().map(|port| port.name.chars().count()).max().unwrap_or(0);
    for (i, port) in ports.iter().enumerate() {
        let shape =
            port.shape.as_ref().map_or_else(|| "shape not told".to_owned(), |shape| format!("{shape:?}"));
        let told =
            format!("{:<width$}  {} {shape}", clean(&port.name), port.dtype.unwrap_or("type not told"));
        // Not broken, so that columns stay aligned.
        let name = if i == 0 { name } else { "" };
        let _ = writeln!(text, "  {name:<NAMES$}{}", shorten(&told, WIDTH - NAMES - 2));
    }
}

fn route(it: &RouteFacts) -> String {
    let fields: Vec<String> = it
        .fields
        .iter()
        .map(|(name, kind, required)| {
            let kind = if kind.is_empty() { String::new() } else { format!(": {kind}") };
            format!("{name}{kind}{}", if *required { "" } else { " (optional)" })
        })
        .collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" takes {}", fields.join(", ")) };
    clean(&format!("POST {}{fields}", it.path))
}

fn data(text: &mut String, seen: &Inspection) {
    let Some(data) = &seen.data else { return };
    section(text, "data", "");
    entry(text, "rows", &format!("{} in {}", data.rows, clean(&data.source)));
    ports(text, "fields", &data.fields);
    if !data.columns.is_empty() {
        let more = data.columns.len().saturating_sub(MOST);
        let more = if more > 0 { format!(", … {more} more") } else { String::new() };
        let columns = data.columns.iter().take(MOST).map(|it| clean(it)).collect::<Vec<_>>().join(", ");
        entry(text, "columns", &format!("{columns}{more}"));
    }
    if let Some(spread) = &data.spread {
        entry(text, "values", &format!("from {} to {}", number(spread.low), number(spread.high)));
    }
    if let Some((low, high)) = data.targets {
        entry(text, "targets", &format!("from {} to {}", number(low), number(high)));
    }
    if let Some(noise) = &seen.noise {
        entry(text, "noise", noise);
    }
    for doubt in &seen.doubts {
        entry(text, "warning", &clean(doubt));
    }
}

fn message(text: &mut String, message: &Message) {
    let _ = writeln!(text, "  {}", shorten(&message.head, WIDTH - 2));
    for (name, value) in &message.headers {
        let _ = writeln!(text, "  {}", shorten(&format!("{name}: {value}"), WIDTH - 2));
    }
    let body = if message.body.is_empty() { "(no body)" } else { message.body.as_str() };
    text.push('\n');
    for line in body.lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
}

fn understanding(text: &mut String, it: &Understood, took: &[f64]) {
    for (i, line) in it.prediction.iter().enumerate() {
        entry(text, if i == 0 { "prediction" } else { "" }, &clean(line));
    }
    if let Some(class) = &it.class {
        let score = it.score.map_or_else(String::new, |score| format!(", score {}", number(score)));
        entry(text, "class", &format!("{}{score}", clean(class)));
    }
    if let Some(target) = &it.target {
        entry(text, "target", &clean(target));
    }
    let of_row = it.loss_of_row.map_or_else(String::new, |loss| format!(": {} for this row", number(loss)));
    entry(text, "loss", &format!("{}{of_row}", it.loss));
    if let Some(version) = &it.version {
        entry(text, "version", &clean(version));
    }
    let again = match (it.answers, it.same, it.apart) {
        (1, ..) => "only once".to_owned(),
        (_, true, _) => "the same answer, to the last bit".to_owned(),
        (_, _, Some(apart)) => format!("answers that lie up to {} apart", number(apart)),
        _ => "answers of different form".to_owned(),
    };
    entry(text, "asked twice", &again);
    if let Some(odd) = &it.odd {
        entry(text, "warning", &clean(odd));
    }
    let took: Vec<String> = took.iter().map(|took| milliseconds(*took)).collect();
    entry(text, "latency", &took.join(", "));
}

fn milliseconds(took: f64) -> String {
    format!("{took:.1} ms")
}

fn misunderstanding(text: &mut String, it: &Misfit, above: Option<&Message>) {
    entry(text, "why", &clean(&it.said));
    entry(text, "kind", it.kind);
    if let Some(tried) = &it.tried {
        let all = if tried.is_empty() { " (all of it)" } else { "" };
        entry(text, "tried", &clean(&format!("{}{all}", flag(tried))));
    }
    if !it.would_fit.is_empty() {
        entry(text, "would fit", &clean(&flags(&it.would_fit)));
    }
    // What stands above whole is not said again.
    if above.is_some_and(|it_was| squeezed(&it_was.body).starts_with(&squeezed(&it.begins))) {
        return;
    }
    let begins: Vec<char> =
        clean(&it.begins.split_whitespace().collect::<Vec<_>>().join(" ")).chars().collect();
    for (i, line) in begins.chunks(WIDTH - NAMES - 2).enumerate() {
        let line: String = line.iter().collect();
        let name = if i == 0 { "it begins" } else { "" };
        let _ = writeln!(text, "{}", format!("  {name:<NAMES$}{line}").trim_end());
    }
}

/// The text without the space in it, which is not the same in a body that was laid out.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// A pointer as it is typed.
fn flag(pointer: &str) -> String {
    format!("--answer {}", quoted(pointer))
}

/// Pointers to choose one of, as they are typed.
pub(super) fn flags(pointers: &[String]) -> String {
    pointers.iter().map(|pointer| flag(pointer)).collect::<Vec<_>>().join(" or ")
}

/// How to go on.
fn next(text: &mut String, seen: &Inspection) {
    if seen.problem.is_some() {
        return;
    }
    section(text, "next", "");
    if seen.model.is_none() && !seen.models.is_empty() {
        let name = seen.models.iter().find_map(|model| model.name.as_deref()).unwrap_or("MODEL");
        let base = seen.target.trim_end_matches('/');
        entry(text, "model", &format!("name one: noisebound inspect {}/{}", clean(base), clean(name)));
        return;
    }
    if let Some(form) = &seen.form {
        entry(text, "form", form);
    }
    let rows = "--data x.npy, x.npz:NAME, table.csv, a folder of images or the JSON of perf_analyzer's --input-data: one \
                row is sent, and an audit file is made";
    entry(text, "rows", rows);
    entry(text, "targets", "--targets y.npy or --target-column NAME: the right answers, to count errors");
}
