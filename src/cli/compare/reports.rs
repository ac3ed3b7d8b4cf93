//! Finished reports side by side: one picture, one table, and no claim about differences.

use std::path::{Path, PathBuf};

use super::super::failed::{Failed, chain};
use super::super::print::{out, tell};
use super::{CompareArgs, check_outputs, several};
use crate::report::sentence::level_unit;
use crate::report::{self, trade_off};
use crate::results::Report;

/// The picture, where no other file is named.
const PICTURE: &str = "curves.svg";

/// What may be given beside the reports.
const TAKEN: [&str; 2] = ["target", "save"];

/// Reads the reports, draws their curves into one picture, and prints them as a table.
pub fn side_by_side(args: &CompareArgs) -> Result<u8, Failed> {
    alone(args)?;
    let paths: Vec<&String> = args.audit.target.iter().chain(&args.others).collect();
    if !(2..=several::MOST).contains(&paths.len()) {
        let most = several::MOST;
        return Err(Failed::usage(format!("--reports: expected 2 to {most} reports, found {}", paths.len()))
            .hint("name report.json files, or run folders"));
    }
    let reports = paths.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let names = names(&paths);
    let sets: Vec<(&str, &Report)> = names.iter().map(String::as_str).zip(&reports).collect();
    alike(&sets)?;
    let file = picture(args)?;
    report::write_whole(&file, &trade_off::curves(&sets))
        .map_err(|error| Failed::with_code(1, chain(&error)))?;
    let text = report::comparison::reports::render(&sets);
    out(&text).map_err(|error| Failed::with_code(1, format!("the table cannot be printed: {error}")))?;
    tell(&format!("written to {}", file.display()));
    Ok(0)
}

/// Flags about an audit say nothing about reports that are there.
fn alone(args: &CompareArgs) -> Result<(), Failed> {
    let mut given: Vec<String> = args.audit.given().into_keys().map(str::to_owned).collect();
    given.retain(|key| !TAKEN.contains(&key.as_str()));
    let more = [
        ("margin", args.margin.is_some()),
        ("json", args.audit.json),
        ("resume", args.audit.resume.is_some()),
    ];
    given.extend(more.into_iter().filter(|(_, given)| *given).map(|(key, _)| key.to_owned()));
    match given.first() {
        Some(key) => Err(Failed::usage(format!("--{key}: expected nothing beside --reports but -o"))
            .hint("leave it out: finished reports are shown as they are")),
        None => Ok(()),
    }
}

fn picture(args: &CompareArgs) -> Result<PathBuf, Failed> {
    let file = match args.audit.save.as_slice() {
        [] => PathBuf::from(PICTURE),
        [file] if Path::new(file).extension().is_some_and(|extension| extension == "svg") => file.into(),
        _ => return Err(Failed::usage("-o: expected one file that ends in .svg beside --reports")),
    };
    check_outputs(std::slice::from_ref(&file), None)?;
    Ok(file)
}

fn read(path: &str) -> Result<Report, Failed> {
    let given = Path::new(path);
    let file = if given.is_dir() { given.join("report.json") } else { given.to_owned() };
    report::json::read(&file).map_err(|error| Failed::usage(chain(&error)))
}

/// What each report is called: its folder or, where the file has a name of its own, that; the whole path where two would
/// be called the same.
fn names(paths: &[&String]) -> Vec<String> {
    let short = |path: &String| {
        let of = Path::new(path);
        let name = match of.file_name() {
            Some(name) if name == "report.json" => of.parent().and_then(Path::file_name),
            _ if of.is_dir() => of.file_name(),
            _ => of.file_stem(),
        };
        name.map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned())
    };
    let all: Vec<String> = paths.iter().map(|path| short(path)).collect();
    let once = |name: &String| all.iter().filter(|other| *other == name).count() == 1;
    let named = paths.iter().zip(&all);
    named.map(|(path, name)| if once(name) { name.clone() } else { (*path).clone() }).collect()
}

/// One axis fits all only where the loss and the levels mean the same.
fn alike(sets: &[(&str, &Report)]) -> Result<(), Failed> {
    let about = |report: &Report| {
        let noise = &report.question.noise;
        let cap = report.results.cap.map_or_else(String::new, |cap| format!(" capped at {cap}"));
        format!("{}{cap} under {} noise ({})", report.results.loss, noise.family, level_unit(noise))
    };
    let first = &sets[0];
    match sets.iter().find(|(_, report)| about(report) != about(first.1)) {
        Some((name, report)) => {
            let (one, two) = (about(first.1), about(report));
            Err(Failed::usage(format!("{} is about {one}, and {name} about {two}", first.0))
                .hint("name reports of one loss and one kind of noise"))
        }
        None => Ok(()),
    }
}
