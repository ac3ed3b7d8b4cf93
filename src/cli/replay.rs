//! `noisebound replay`: one draw made again, beside what the journal holds of it.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use noisebound_adapters::{ProxyChoice, Tls, WireRequest};

use super::args::AuditArgs;
use super::audit::run_id;
use super::confirm::confirm;
use super::failed::{Failed, chain};
use super::inspect::{body, understood};
use super::print::out;
use crate::audit::replay::{Now, Recorded, Replay, ReplayError};
use crate::audit::{Audit, Ending, Query, Seen};
use crate::config::settings::{Connection, Settings, environment};
use crate::report::text::clean;

/// So much of a body is shown.
const SHOWN: usize = 2000;

/// Flags of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A run folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The draw, as the journal and messages name it: LEVEL:INDEX, such as 1:17 (0 is clean, 1 the lowest level), or
    /// any query of the journal, such as clean:ROW
    ///
    /// These are draw:LEVEL:INDEX and its clean twin:LEVEL:INDEX, clean:ROW, alone:ROW and together:ROW of the check at
    /// the start, floor:PLACE of the noise floor, and sentinel:PLACE and guard:PLACE, clean rows asked again on the way.
    #[arg(value_name = "DRAW", value_parser = draw)]
    draw: Query,
    /// Print the request as a curl command and do not send it; values of secrets are masked
    ///
    /// What the request looks like may depend on what the server tells of the model, which is asked for all the same.
    #[arg(long)]
    curl: bool,
    /// Do not ask before sending to a host that is not this machine
    #[arg(long)]
    yes: bool,
}

/// Exit code 0 when the answer is the recorded one, 4 when it is another, 3 when there is none.
pub async fn replay(args: ReplayArgs) -> Result<u8, Failed> {
    super::log(0);
    let folder = args.folder.display().to_string();
    for file in ["plan.toml", "journal.jsonl"] {
        if !args.folder.join(file).is_file() {
            let expected = format!("expected a run folder, which has a {file}");
            return Err(Failed::usage(format!("{folder}: {expected}; --run-dir of the audit names it")));
        }
    }
    let plan = AuditArgs { resume: Some(folder.clone()), ..AuditArgs::default() };
    let settings = Settings::from_args(&plan, environment)?;
    let dataset = settings.load()?;
    let (question, conduct) = settings.question(&settings.facts(&dataset))?;
    let endpoint = settings.connect(&run_id(Some(&args.folder)), &dataset.columns())?;
    // A description is asked for also where the row is only shown.
    if !args.curl || endpoint.known().is_none() {
        confirm(&[&settings.place], &conduct, args.yes)?;
    }
    let audit = Audit::new(question, conduct, dataset, endpoint)?;
    let replay = audit.replay(&args.folder, args.draw, !args.curl).await.map_err(failed)?;
    let (text, code) =
        if args.curl { (curl(&replay.request, &settings.place.connection), 0) } else { told(&replay) };
    out(&text).map_err(|error| Failed::with_code(1, format!("cannot print: {error}")))?;
    Ok(code)
}

fn failed(error: ReplayError) -> Failed {
    match error {
        ReplayError::Audit(error) => error.into(),
        ReplayError::Unfit(_) => Failed::with_code(4, chain(&error)),
        ReplayError::Unknown(..) | ReplayError::Request(_) => Failed::usage(chain(&error)),
    }
}

/// A query as it is typed.
fn draw(text: &str) -> Result<Query, String> {
    let query = text.parse::<Query>().or_else(|_| format!("draw:{text}").parse());
    query.map_err(|_| {
        "expected LEVEL:INDEX, such as 1:17, clean:ROW, or a query as the journal names it: draw:LEVEL:INDEX, \
         twin:LEVEL:INDEX, alone:ROW, together:ROW, floor:PLACE, sentinel:PLACE or guard:PLACE"
            .to_owned()
    })
}

/// What is printed, and the exit code.
fn told(replay: &Replay) -> (String, u8) {
    let mut text = format!("{}, row {} of the data, level {}\n\n", replay.query, replay.row, replay.level);
    text.push_str(&request(&replay.request));
    text.push('\n');
    let Some(now) = &replay.now else { return (text, 0) };
    let recorded = replay.recorded.as_ref();
    let rows = [
        ("answer", recorded.map(|it| answer(&it.ending)), answer(&now.ending)),
        ("loss", recorded.map(|it| loss(&it.ending)), loss(&now.ending)),
        ("model version", recorded.map(|it| version(it.version.as_deref())), version(now.version.as_deref())),
        ("sent", recorded.map(sent), format!("{}x alone", now.attempts)),
        ("took", recorded.map(|it| format!("{:.1?}", it.took)), format!("{:.1?}", now.took)),
    ];
    let width =
        rows.iter().filter_map(|row| row.1.as_ref()).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let width = width.max("in the journal".len());
    line(&mut text, "", "in the journal", "now", width);
    for (name, then, now) in &rows {
        line(&mut text, name, then.as_deref().unwrap_or("-"), now, width);
    }
    match &now.answer {
        Ok(prediction) => {
            text.push_str("\nthe answer now, as it is read\n");
            for line in understood::lines(prediction) {
                let _ = writeln!(text, "  {line}");
            }
        }
        Err(failure) => {
            let _ = writeln!(text, "\nno answer now: {}", clean(&failure.to_string()));
        }
    }
    if let Some(why) = recorded.and_then(|it| it.unanswered.as_ref()) {
        let _ = writeln!(text, "\nno answer then: {}: {}", clean(&why.kind), clean(&why.said));
    }
    let (verdict, code) = verdict(recorded, now);
    let _ = writeln!(text, "\n{verdict}");
    (text, code)
}

fn verdict(recorded: Option<&Recorded>, now: &Now) -> (&'static str, u8) {
    match recorded {
        _ if now.answer.is_err() => ("There is no answer now.", 3),
        None => ("The journal does not hold this draw; it was never answered, or never asked.", 0),
        Some(then) if private(&then.ending) && loss(&then.ending) == loss(&now.ending) => {
            ("The loss is the recorded one; the journal does not keep the answer (--privacy).", 0)
        }
        Some(then) if private(&then.ending) => ("The loss is another than the recorded one.", 4),
        Some(then) if then.ending == now.ending => ("The answer is the recorded one.", 0),
        Some(_) => ("The answer is another than the recorded one.", 4),
    }
}

fn private(ending: &Ending) -> bool {
    matches!(ending, Ending::Answered { seen: Seen::Nothing, .. })
}

fn line(text: &mut String, name: &str, then: &str, now: &str, width: usize) {
    let _ = writeln!(text, "{}", format!("{name:<14}{then:<width$}  {now}").trim_end());
}

fn answer(ending: &Ending) -> String {
    match ending {
        Ending::Unanswered => "none".to_owned(),
        Ending::Answered { seen, .. } => clean(&seen.to_string()),
    }
}

fn loss(ending: &Ending) -> String {
    match ending {
        Ending::Answered { loss: Some(loss), .. } => loss.to_string(),
        _ => "none".to_owned(),
    }
}

fn version(version: Option<&str>) -> String {
    clean(version.unwrap_or("not told"))
}

fn sent(recorded: &Recorded) -> String {
    match recorded.batch {
        1 => format!("{}x alone", recorded.attempts),
        batch => format!("{}x with {} more", recorded.attempts, batch - 1),
    }
}

/// The request as it goes over the wire.
fn request(request: &WireRequest) -> String {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    let Ok(body) = str::from_utf8(&request.body) else {
        let _ = write!(text, "\n{}\n", body::shown(&request.body, request.body.len()));
        return text;
    };
    let shown: String =
        body.chars().take(SHOWN).map(|c| if c.is_control() && c != '\n' { '.' } else { c }).collect();
    let _ = write!(text, "\n{shown}\n");
    if shown.len() < body.len() {
        let _ = writeln!(text, "(the first {SHOWN} characters of {} bytes)", request.body.len());
    }
    text
}

/// Bytes as `printf` writes them.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(4 * bytes.len());
    for byte in bytes {
        match byte {
            b' '..=b'~' if !b"%'\\".contains(byte) => text.push(char::from(*byte)),
            _ => drop(write!(text, "\\{byte:03o}")),
        }
    }
    text
}

/// The request as a command that a shell runs. A body that is no text is written by `printf`.
fn curl(request: &WireRequest, connection: &Connection) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut words = vec![format!("curl -sS -X {} {}", request.method, quoted(&request.url))];
    let Tls { ca, cert, key } = &connection.tls;
    for (flag, file) in [("--cacert", ca), ("--cert", cert), ("--key", key)] {
        words.extend(file.as_ref().map(|file| format!("{flag} {}", quoted(&file.to_string_lossy()))));
    }
    match &connection.proxy {
        ProxyChoice::At(place) => words.push(format!("--proxy {}", quoted(place.url().as_str()))),
        ProxyChoice::Direct => words.push("--noproxy '*'".to_owned()),
        ProxyChoice::Environment => {}
    }
    let kind = request.headers.iter().find(|(name, _)| name == "content-type");
    if kind.is_some_and(|(_, kind)| kind.starts_with("application/grpc")) {
        // The status stands in what comes behind the body.
        words.push("--http2-prior-knowledge --include --output -".to_owned());
    }
    words.extend(
        request.headers.iter().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))),
    );
    let mut before = String::new();
    match std::str::from_utf8(&request.body) {
        Ok("") => {}
        Ok(text) if !text.contains('\0') => words.push(format!("--data-raw {}", quoted(text))),
        _ => {
            before = format!("printf '{}' | ", escaped(&request.body));
            words.push("--data-binary @-".to_owned());
        }
    }
    format!("{before}{}\n", words.join(" \\\n  "))
}
