//! From sources to a data set.

use std::fs;

use noisebound_adapters::Values;

use super::array::Array;
use super::hash::Hash;
use super::input_data::{self, Part};
use super::{DataError, DataSource, Dataset, Field, Format, TargetSource, csv, images, npy, npz, targets};
use crate::loss::Target;

/// Reads a data set from files: the rows, and their targets from a file of their own or from a column of
/// the table.
pub fn load(
    data: &DataSource,
    targets: Option<&TargetSource>,
    target_column: Option<&str>,
) -> Result<Dataset, DataError> {
    if data.format == Format::Images {
        return load_images(data, targets, target_column);
    }
    let bytes = read(data)?;
    match targets {
        None => load_bytes(data, &bytes, None, target_column),
        Some(targets) if targets.path == data.path => {
            load_bytes(data, &bytes, Some((targets, &bytes)), target_column)
        }
        Some(targets) => {
            let answers = read(targets)?;
            load_bytes(data, &bytes, Some((targets, &answers)), target_column)
        }
    }
}

/// The same as [`load`], with the content of the files given; the sources say what it is and name it in
/// errors.
///
/// The hash of the data set is BLAKE3 over its parts, the data and then, where targets have a source of
/// their own, the targets. A part is three strings of bytes, each after its length (8 bytes, little-endian):
/// `data` or `targets`; the name of the array in an npz, the column of targets of a table, else nothing;
/// and the bytes of the npy, of the npy inside an npz, or of the table. Of several arrays of an npz each is a part, in
/// the order in which they are named. Of a JSON the part is the whole file, with the names that were chosen.
pub fn load_bytes(
    data: &DataSource,
    bytes: &[u8],
    targets: Option<(&TargetSource, &[u8])>,
    target_column: Option<&str>,
) -> Result<Dataset, DataError> {
    if data.format == Format::Images {
        let why = "is a folder of images, which has no bytes of its own";
        return Err(DataError::source(data.to_string(), why));
    }
    let mut hash = Hash::new();
    let (fields, rows, in_table) = if data.format == Format::Csv {
        hash.part("data", target_column.unwrap_or_default(), bytes);
        let table = csv::read(bytes, target_column, &data.to_string())?;
        (table.fields, table.rows, table.targets)
    } else {
        if let Some(column) = target_column {
            let why = format!("{data} is no table; give the targets as an array, --targets y.npy");
            return Err(DataError::source(column, why));
        }
        let (fields, rows) = fields(data, bytes, &mut hash)?;
        (fields, rows, None)
    };
    let targets = match targets {
        None => in_table,
        Some((source, _)) if in_table.is_some() => {
            let why =
                "a column of the table holds the targets already; give either --targets or --target-column";
            return Err(DataError::source(source.to_string(), why));
        }
        Some((source, bytes)) => Some(from_source(source, bytes, rows, &mut hash)?),
    };
    Ok(Dataset { fields, rows, targets, blake3: hash.hex() })
}

/// The images of a folder; `targets` is a table of their labels. What the hash is over, [`images::read`] says.
fn load_images(
    data: &DataSource,
    targets: Option<&TargetSource>,
    target_column: Option<&str>,
) -> Result<Dataset, DataError> {
    if let Some(column) = target_column {
        let why = format!("{data} is no table; give the labels of images as --targets labels.csv");
        return Err(DataError::source(column, why));
    }
    if let Some(other) = targets.filter(|targets| targets.format != Format::Csv) {
        let why = "the labels of images are read from a table with the columns `file` and `label`, --targets labels.csv";
        return Err(DataError::source(other.to_string(), why));
    }
    let mut hash = Hash::new();
    let folder = images::read(data, targets, &mut hash)?;
    Ok(Dataset { fields: vec![folder.field], rows: folder.rows, targets: folder.targets, blake3: hash.hex() })
}

fn read(source: &DataSource) -> Result<Vec<u8>, DataError> {
    fs::read(&source.path).map_err(|why| DataError::Unreadable { at: source.path.display().to_string(), why })
}

/// The fields of an npy or npz, one for each array, and the number of rows, which they share.
fn fields(source: &DataSource, bytes: &[u8], hash: &mut Hash) -> Result<(Vec<Field>, usize), DataError> {
    let mut fields = Vec::new();
    let mut first: Option<(String, usize)> = None;
    let arrays = arrays(source, bytes, hash)?;
    let alone = arrays.len() < 2;
    for (name, array, at) in arrays {
        let (field, rows) = to_field(array, &name, &at, alone)?;
        match &first {
            Some((other, expected)) if *expected != rows => {
                let what = format!(
                    "`{name}` has {rows} rows and `{other}` has {expected}; expected arrays with a row for each row"
                );
                return Err(DataError::unsupported(at, what));
            }
            Some(_) => {}
            None => first = Some((name, rows)),
        }
        fields.push(field);
    }
    Ok((fields, first.map_or(0, |(_, rows)| rows)))
}

/// The arrays of a source, each with its name and with what names it in errors.
fn arrays(
    source: &DataSource,
    bytes: &[u8],
    hash: &mut Hash,
) -> Result<Vec<(String, Array, String)>, DataError> {
    if source.format == Format::Json {
        hash.part("data", &source.members.join(","), bytes);
        let at = source.path.display().to_string();
        let arrays = input_data::read(bytes, Part::Data, &source.members, &at)?;
        return Ok(arrays.into_iter().map(|(name, array)| (name, array, at.clone())).collect());
    }
    let one = |source: DataSource| {
        let (array, name) = read_array(&source, bytes, "data", hash)?;
        Ok((name, array, source.to_string()))
    };
    each(source).into_iter().map(one).collect()
}

/// A source for each array that is named; the same where none is.
fn each(source: &DataSource) -> Vec<DataSource> {
    if source.members.is_empty() {
        return vec![source.clone()];
    }
    let one = |member: &String| DataSource { members: vec![member.clone()], ..source.clone() };
    source.members.iter().map(one).collect()
}

/// Reads the one array of an npy or npz, and gives its name.
fn read_array(
    source: &DataSource,
    bytes: &[u8],
    role: &str,
    hash: &mut Hash,
) -> Result<(Array, String), DataError> {
    if source.format == Format::Npz {
        let at = source.path.display().to_string();
        let (name, unpacked) = npz::unpack(bytes, source.members.first().map(String::as_str), &at)?;
        hash.part(role, &name, &unpacked);
        return Ok((npy::read(&unpacked, &format!("{at}:{name}"))?, name));
    }
    hash.part(role, "", bytes);
    let name = source.path.file_stem().map_or_else(|| "x".into(), |stem| stem.to_string_lossy().into_owned());
    Ok((npy::read(bytes, &source.to_string())?, name))
}

/// The field that an array makes. Texts are passed on as they are, so that they cannot be all that there is.
fn to_field(array: Array, name: &str, at: &str, alone: bool) -> Result<(Field, usize), DataError> {
    if alone && matches!(array.values, Values::Bytes(_)) {
        let what = "holds texts; expected numbers, which can be perturbed. Name an array of numbers as well, as in \
                    `x.npz:x,names`";
        return Err(DataError::unsupported(at, what));
    }
    let (rows, _) = array.checked(at)?;
    let field =
        Field { name: name.into(), shape: array.shape[1..].into(), values: array.values, columns: None };
    Ok((field, rows))
}

fn from_source(
    source: &TargetSource,
    bytes: &[u8],
    rows: usize,
    hash: &mut Hash,
) -> Result<Vec<Target>, DataError> {
    if source.format == Format::Csv {
        let why = "targets are read from an npy or npz; for a column of the table that holds the data, give --target-column";
        return Err(DataError::source(source.to_string(), why));
    }
    if source.members.len() > 1 {
        return Err(DataError::source(source.to_string(), "one array was expected as the targets"));
    }
    if source.format == Format::Json {
        hash.part("targets", &source.members.join(","), bytes);
        let at = source.path.display().to_string();
        let arrays = input_data::read(bytes, Part::Validation, &source.members, &at)?;
        let [(_, array)] = arrays.as_slice() else {
            let names: Vec<&str> = arrays.iter().map(|(name, _)| name.as_str()).collect();
            let first = names.first().copied().unwrap_or("y");
            let what =
                format!("holds several outputs ({}); say which, as in `{at}:{first}`", names.join(", "));
            return Err(DataError::unsupported(at, what));
        };
        return targets::from_array(array, rows, &source.to_string());
    }
    let (array, _) = read_array(source, bytes, "targets", hash)?;
    targets::from_array(&array, rows, &source.to_string())
}
