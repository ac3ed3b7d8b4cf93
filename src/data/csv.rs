//! The csv format: a header row, then rows of numbers separated by commas.
//!
//! The columns of numbers form one field `x` of 64-bit floats, in the order of the file; the column of
//! targets, where one is named, is not part of it. A column that begins with a text, or with a whole number that such a
//! float does not hold, is a field of its own after it, which is passed on as it is. White space around cells is
//! ignored.

use ::csv::{ReaderBuilder, StringRecord, Trim};
use noisebound_adapters::Values;

use super::targets::EXACT;
use super::{DataError, Field};
use crate::loss::Target;
use crate::nearest::nearest;

/// A table as it was read.
pub(super) struct Table {
    /// The field `x`, and the columns that are passed on.
    pub fields: Vec<Field>,
    /// How many rows; at least 1.
    pub rows: usize,
    /// One for each row, where a column of targets was named.
    pub targets: Option<Vec<Target>>,
}

/// Reads a table. `at` names it in errors.
pub(super) fn read(bytes: &[u8], target_column: Option<&str>, at: &str) -> Result<Table, DataError> {
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
    let unreadable =
        |error: &::csv::Error| DataError::malformed(at, format!("is not a table of text ({error})"));
    let columns: Vec<String> =
        reader.headers().map_err(|error| unreadable(&error))?.iter().map(str::to_owned).collect();
    check_header(&columns, at)?;
    let target = target_column.map(|name| find_target(&columns, name, at)).transpose()?;
    let mut numbers = Vec::new();
    let mut answers = Answers::default();
    let mut passed: Vec<Option<Passed>> = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable(&error))? {
        let line = line_of(&record, bytes);
        if record.len() != columns.len() {
            let what =
                format!("found {} cells, expected {}, one for each column", record.len(), columns.len());
            return Err(DataError::value(at, format!("line {line}"), what));
        }
        if passed.is_empty() {
            let kind = |(column, cell)| if Some(column) == target { None } else { Passed::told_by(cell) };
            passed = record.iter().enumerate().map(kind).collect();
        }
        for (column, cell) in record.iter().enumerate() {
            let place = || format!("line {line}, column `{}`", columns[column]);
            if cell.is_empty() {
                let what = "found an empty cell, expected a value; fill it, or drop the row";
                return Err(DataError::value(at, place(), what));
            }
            if Some(column) == target {
                answers.push(line, cell);
            } else if let Some(passed) = &mut passed[column] {
                passed.push(cell).map_err(|what| DataError::value(at, place(), what))?;
            } else {
                numbers.push(number(cell).map_err(|what| DataError::value(at, place(), what))?);
            }
        }
    }
    if passed.is_empty() {
        return Err(DataError::unsupported(at, "has a header and no rows; expected at least one"));
    }
    let is_number = |column: usize| Some(column) != target && passed[column].is_none();
    let names: Vec<String> =
        columns.iter().enumerate().filter(|(i, _)| is_number(*i)).map(|(_, name)| name.clone()).collect();
    let width = names.len();
    let Some(rows) = numbers.len().checked_div(width) else {
        let what = "has no column of numbers, which could be perturbed; encode one as numbers";
        return Err(DataError::unsupported(at, what));
    };
    let targets = match target {
        Some(column) => Some(answers.targets(&columns[column], at)?),
        None => None,
    };
    let x =
        Field { name: "x".into(), shape: [width].into(), values: Values::F64(numbers), columns: Some(names) };
    let own = columns.iter().zip(passed).filter_map(|(name, passed)| Some(passed?.field(name)));
    Ok(Table { fields: std::iter::once(x).chain(own).collect(), rows, targets })
}

/// A column that is passed on as it is.
enum Passed {
    Texts(Vec<Vec<u8>>),
    /// Whole numbers that a 64-bit float does not hold.
    Ids(Vec<i64>),
}

impl Passed {
    /// What the first cell of a column makes of it; none for a column of numbers, or of mistakes.
    fn told_by(cell: &str) -> Option<Self> {
        if let Ok(id) = cell.parse::<i64>() {
            return (id.unsigned_abs() > EXACT as u64).then(|| Self::Ids(Vec::new()));
        }
        (!cell.is_empty() && cell.parse::<f64>().is_err()).then(|| Self::Texts(Vec::new()))
    }

    fn push(&mut self, cell: &str) -> Result<(), String> {
        match self {
            Self::Texts(texts) => texts.push(cell.as_bytes().to_vec()),
            Self::Ids(ids) => ids.push(cell.parse().map_err(|_| {
                format!("found `{cell}`, expected a whole number of 64 bits, with which the column begins")
            })?),
        }
        Ok(())
    }

    /// One value for each row.
    fn field(self, name: &str) -> Field {
        let values = match self {
            Self::Texts(texts) => Values::Bytes(texts),
            Self::Ids(ids) => Values::I64(ids),
        };
        Field { name: name.into(), shape: [].into(), values, columns: None }
    }
}

/// The line that the record starts at. The reader passes over empty lines after it has noted its place.
fn line_of(record: &StringRecord, bytes: &[u8]) -> u64 {
    let Some(place) = record.position() else { return 0 };
    let from = usize::try_from(place.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(from..).unwrap_or_default();
    let passed_over = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    place.line() + passed_over.filter(|b| **b == b'\n').count() as u64
}

fn check_header(columns: &[String], at: &str) -> Result<(), DataError> {
    let header = |what: String| Err(DataError::value(at, "line 1", what));
    if let [only] = columns
        && only.contains([';', '\t'])
    {
        return header("found one column, expected columns separated by commas; save it with commas".into());
    }
    if columns.is_empty() || columns.iter().all(|name| name.parse::<f64>().is_ok()) {
        return header("found no column names, expected a header row; put one above the numbers".into());
    }
    for (i, name) in columns.iter().enumerate() {
        if name.is_empty() {
            return header(format!("column {i} (counted from 0) has no name; give it one"));
        }
        if columns[..i].contains(name) {
            return header(format!("two columns are named `{name}`; rename one"));
        }
    }
    Ok(())
}

fn find_target(columns: &[String], name: &str, at: &str) -> Result<usize, DataError> {
    let Some(target) = columns.iter().position(|column| column == name) else {
        let hint = nearest(name, columns.iter().map(String::as_str));
        let hint = hint.map_or_else(|| columns.join(", "), |name| format!("did you mean `{name}`?"));
        return Err(DataError::unsupported(at, format!("has no column `{name}` for the targets; {hint}")));
    };
    if columns.len() == 1 {
        return Err(DataError::unsupported(at, format!("has no column but the targets `{name}`")));
    }
    Ok(target)
}

/// A finite number that a 64-bit float holds as it is written; else what is wrong with it.
fn number(cell: &str) -> Result<f64, String> {
    let Ok(v) = cell.parse::<f64>() else {
        return Err(format!(
            "found the text `{cell}`, expected a number, with which the column begins; encode it, or drop the row"
        ));
    };
    if !v.is_finite() {
        return Err(format!("found `{cell}`, expected a finite number; fill it, or drop the row"));
    }
    // The integer after 2^53 is read as 2^53, so the float alone does not tell.
    let whole = cell.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
    if whole && (v.abs() > EXACT || cell.parse::<i64>().is_ok_and(|v| v.unsigned_abs() > EXACT as u64)) {
        return Err(format!(
            "found `{cell}`, an integer beyond 2^53, which a 64-bit float does not hold; drop the column if it is an id, or \
             put such a row first"
        ));
    }
    Ok(v)
}

/// The cells of the column of targets: numbers if every one is a number, else names.
#[derive(Default)]
struct Answers {
    cells: Vec<(u64, Box<str>)>,
}

impl Answers {
    fn push(&mut self, line: u64, cell: &str) {
        self.cells.push((line, cell.into()));
    }

    fn targets(self, column: &str, at: &str) -> Result<Vec<Target>, DataError> {
        if self.cells.iter().any(|(_, cell)| cell.parse::<f64>().is_err()) {
            return Ok(self.cells.into_iter().map(|(_, cell)| Target::Name(cell)).collect());
        }
        let target = |(line, cell): (u64, Box<str>)| {
            let place = || format!("line {line}, column `{column}`");
            number(&cell).map(Target::Number).map_err(|what| DataError::value(at, place(), what))
        };
        self.cells.into_iter().map(target).collect()
    }
}

#[cfg(test)]
mod tests;
