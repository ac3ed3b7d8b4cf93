//! From sources to a data set.

use std::fs;

use noisebound_adapters::Values;

use super::array::Array;
use super::{DataError, DataSource, Dataset, Field, Format, TargetSource, csv, npy, npz, targets};
use crate::loss::Target;

/// Reads a data set from files: the rows, and their targets from a file of their own or from a column of
/// the table.
pub fn load(
    data: &DataSource,
    targets: Option<&TargetSource>,
    target_column: Option<&str>,
) -> Result<Dataset, DataError> {
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
/// and the bytes of the npy, of the npy inside an npz, or of the table.
pub fn load_bytes(
    data: &DataSource,
    bytes: &[u8],
    targets: Option<(&TargetSource, &[u8])>,
    target_column: Option<&str>,
) -> Result<Dataset, DataError> {
    let mut hash = Hash(blake3::Hasher::new());
    let (field, rows, in_table) = if data.format == Format::Csv {
        hash.part("data", target_column.unwrap_or_default(), bytes);
        let table = csv::read(bytes, target_column, &data.to_string())?;
        (table.field, table.rows, table.targets)
    } else {
        if let Some(column) = target_column {
            let why = format!("{data} is no table; give the targets as an array, --targets y.npy");
            return Err(DataError::source(column, why));
        }
        let (array, name) = read_array(data, bytes, "data", &mut hash)?;
        let (field, rows) = to_field(array, &name, &data.to_string())?;
        (field, rows, None)
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
    Ok(Dataset { fields: vec![field], rows, targets, blake3: hash.0.finalize().to_hex().to_string() })
}

fn read(source: &DataSource) -> Result<Vec<u8>, DataError> {
    fs::read(&source.path).map_err(|why| DataError::Unreadable { at: source.path.display().to_string(), why })
}

/// Reads the array of an npy or npz, and gives its name.
fn read_array(
    source: &DataSource,
    bytes: &[u8],
    role: &str,
    hash: &mut Hash,
) -> Result<(Array, String), DataError> {
    if source.format == Format::Npz {
        let at = source.path.display().to_string();
        let (name, unpacked) = npz::unpack(bytes, source.member.as_deref(), &at)?;
        hash.part(role, &name, &unpacked);
        return Ok((npy::read(&unpacked, &format!("{at}:{name}"))?, name));
    }
    hash.part(role, "", bytes);
    let name = source.path.file_stem().map_or_else(|| "x".into(), |stem| stem.to_string_lossy().into_owned());
    Ok((npy::read(bytes, &source.to_string())?, name))
}

fn to_field(array: Array, name: &str, at: &str) -> Result<(Field, usize), DataError> {
    if matches!(array.values, Values::Bytes(_)) {
        return Err(DataError::unsupported(at, "holds texts; expected numbers, which can be perturbed"));
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
    let (array, _) = read_array(source, bytes, "targets", hash)?;
    targets::from_array(&array, rows, &source.to_string())
}

/// The hash of what was read, part by part.
struct Hash(blake3::Hasher);

impl Hash {
    fn part(&mut self, role: &str, selection: &str, bytes: &[u8]) {
        for piece in [role.as_bytes(), selection.as_bytes(), bytes] {
            self.0.update(&(piece.len() as u64).to_le_bytes());
            self.0.update(piece);
        }
    }
}
