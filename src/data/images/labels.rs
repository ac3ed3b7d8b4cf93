//! The labels of images: the names of the sub-folders that they are in, or a table.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::data::DataError;
use crate::loss::Target;
use crate::nearest::nearest;

/// The label of each image is the first part of its path: none where all lie in the folder itself.
pub(super) fn from_folders(files: &[&str], at: &str) -> Result<Option<Vec<String>>, DataError> {
    let label = |file: &&str| file.split_once('/').map(|(label, _)| label.to_owned());
    let labels: Vec<Option<String>> = files.iter().map(label).collect();
    let bare = labels.iter().position(Option::is_none);
    match bare {
        None => Ok(labels.into_iter().collect()),
        Some(_) if labels.iter().all(Option::is_none) => Ok(None),
        Some(bare) => {
            let what = format!(
                "`{}` lies in no sub-folder, and others do, whose names would be labels; move it into one, or give the \
                 labels with --targets labels.csv",
                files[bare]
            );
            Err(DataError::unsupported(at, what))
        }
    }
}

/// The label of each image by a table with the columns `file`, relative to the folder, and `label`. It names every
/// image and nothing else.
pub(super) fn from_table(bytes: &[u8], files: &[&str], at: &str) -> Result<Vec<String>, DataError> {
    let mut labels = read(bytes, at)?;
    let label = |file: &&str| {
        let labelled = labels.remove(*file).map(|(_, label)| label);
        labelled.ok_or_else(|| {
            let what = format!("names no label for `{file}`; add a line for it, or move the image away");
            DataError::unsupported(at, what)
        })
    };
    let found = files.iter().map(label).collect::<Result<Vec<_>, _>>()?;
    if let Some((file, (line, _))) = labels.iter().min_by_key(|(_, (line, _))| *line) {
        let hint = nearest(file, files.iter().copied())
            .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        let what = format!("found `{file}`, which is no image in the folder of the data{hint}");
        return Err(DataError::value(at, format!("line {line}, column `file`"), what));
    }
    Ok(found)
}

/// From file to line and label.
fn read(bytes: &[u8], at: &str) -> Result<HashMap<String, (u64, String)>, DataError> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
    let unreadable =
        |error: &csv::Error| DataError::malformed(at, format!("is not a table of text ({error})"));
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let column = |name: &str| {
        header.iter().position(|column| column == name).ok_or_else(|| {
            let found = header.iter().collect::<Vec<_>>().join(", ");
            let what = format!("has no column `{name}`, only {found}; expected the header `file,label`");
            DataError::unsupported(at, what)
        })
    };
    let (file, label) = (column("file")?, column("label")?);
    let mut labels = HashMap::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable(&error))? {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize, name: &str| match record.get(column) {
            None | Some("") => {
                let what = "found an empty cell, expected a value; fill it, or drop the row";
                Err(DataError::value(at, format!("line {line}, column `{name}`"), what))
            }
            Some(cell) => Ok(cell.to_owned()),
        };
        let name = cell(file, "file")?;
        let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
        if let Some((before, _)) = labels.insert(name.clone(), (line, cell(label, "label")?)) {
            let what = format!("found `{name}`, which line {before} names already; drop one of the two");
            return Err(DataError::value(at, format!("line {line}, column `file`"), what));
        }
    }
    Ok(labels)
}

/// Numbers if every label is a finite one, else names.
pub(super) fn targets(labels: &[String]) -> Vec<Target> {
    let number = |label: &String| label.parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers = labels.iter().map(|label| number(label).map(Target::Number));
    numbers
        .collect::<Option<Vec<_>>>()
        .unwrap_or_else(|| labels.iter().map(|label| Target::Name(label.as_str().into())).collect())
}
