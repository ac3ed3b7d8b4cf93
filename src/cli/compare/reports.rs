//! Finished reports side by side: one picture, one table, and no claim about differences.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::super::failed::{Failed, chain};
use super::super::print::{out, tell};
use super::CompareArgs;
use crate::report::{self, trade_off};
use crate::results::Report;

/// The picture, where no other file is named.
const PICTURE: &str = "curves.svg";

/// Reads the reports, draws their curves into one picture, and prints them as a table.
pub fn side_by_side(args: &CompareArgs) -> Result<u8, Failed> {
    let paths = args.audit.target.iter().chain(&args.others);
    let sets = paths.map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    same_loss(&sets)?;
    let file = match args.audit.save.as_slice() {
        [] => PathBuf::from(PICTURE),
        [file] if Path::new(file).extension().is_some_and(|extension| extension == "svg") => file.into(),
        _ => return Err(Failed::usage("-o: expected one file that ends in .svg with --reports")),
    };
    if file.exists() {
        return Err(Failed::usage(format!("{} exists already, and stays as it is", file.display()))
            .hint("choose another file with -o"));
    }
    let shown: Vec<(&str, &Report)> = sets.iter().map(|(name, report)| (name.as_str(), report)).collect();
    let picture = trade_off::curves(&shown);
    report::write_whole(&file, &picture).map_err(crate::audit::AuditError::from)?;
    let text = report::comparison::reports::render(&shown);
    out(&text).map_err(|error| Failed::with_code(1, format!("the table cannot be printed: {error}")))?;
    tell(&format!("written to {}", file.display()));
    Ok(0)
}

/// A report with the name that it has in the picture: that of its folder.
fn read(path: &str) -> Result<(String, Report), Failed> {
    let given = Path::new(path);
    let file = if given.is_dir() { given.join("report.json") } else { given.to_owned() };
    let report = report::json::read(&file).map_err(|error| Failed::usage(chain(&error)))?;
    let folder = file.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let stem = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = if stem == "report" { folder.unwrap_or(stem) } else { stem };
    Ok((name, report))
}

fn same_loss(sets: &[(String, Report)]) -> Result<(), Failed> {
    let (first, of_first) = &sets[0];
    let unlike = sets.iter().find(|(_, report)| report.results.loss != of_first.results.loss);
    if let Some((name, report)) = unlike {
        let mut told = format!("{first} is about the loss {}", of_first.results.loss);
        let _ = write!(told, ", {name} about {}", report.results.loss);
        return Err(Failed::usage(told).hint("curves of one loss can be seen side by side"));
    }
    Ok(())
}
