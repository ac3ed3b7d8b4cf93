//! Where data come from: a path, and for an npz the member, as they are typed.

use std::fmt;
use std::path::PathBuf;

use super::DataError;

/// The format of a file, told by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array, as `numpy.save` writes it.
    Npy,
    /// Named arrays in a zip archive, as `numpy.savez` writes them.
    Npz,
    /// A table with a header row, separated by commas.
    Csv,
}

/// A file of data, and which of its arrays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSource {
    /// The file.
    pub path: PathBuf,
    /// The array in an npz, without `.npy`; `None` for the only one that there is.
    pub member: Option<String>,
    /// The format of the file.
    pub format: Format,
}

/// Where targets come from: an npy, or an array of an npz. Targets in a column of a table are named by the
/// column alone.
pub type TargetSource = DataSource;

impl DataSource {
    /// Reads `x.npy`, `x.npz`, `x.npz:member` or `t.csv`; the case of the extension does not matter.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let lower = text.to_ascii_lowercase();
        let (path, member) = match lower.rfind(".npz:") {
            Some(dot) => {
                let colon = dot + ".npz".len();
                (&text[..colon], Some(&text[colon + 1..]))
            }
            None => (text, None),
        };
        if member.is_some_and(str::is_empty) {
            let why = "an array was expected after the colon, as in `data.npz:x`";
            return Err(DataError::source(text, why));
        }
        let path = PathBuf::from(path);
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        let format = match extension.as_deref() {
            Some("npy") => Format::Npy,
            Some("npz") => Format::Npz,
            Some("csv") => Format::Csv,
            _ if lower.contains(".npy:") || lower.contains(".csv:") => {
                let why = "only an npz holds named arrays; drop the colon and what follows";
                return Err(DataError::source(text, why));
            }
            _ => {
                let why =
                    "the extension names no format; expected `x.npy`, `x.npz`, `x.npz:member` or `t.csv`";
                return Err(DataError::source(text, why));
            }
        };
        Ok(Self { path, member: member.map(str::to_owned), format })
    }
}

impl fmt::Display for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.member.as_ref().map_or(Ok(()), |member| write!(f, ":{member}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_read_back() {
        for (text, format, member) in [
            ("a/x.npy", Format::Npy, None),
            ("a/X.NPZ", Format::Npz, None),
            ("a.npz/x.npz:train/x", Format::Npz, Some("train/x")),
            ("x.npz:a:b", Format::Npz, Some("a:b")),
            ("t.csv", Format::Csv, None),
        ] {
            let source = DataSource::parse(text).unwrap();
            assert_eq!((source.format, source.member.as_deref()), (format, member), "{text}");
            assert_eq!(source.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_source_says_what_was_expected() {
        for (text, said) in [
            ("x.parquet", "expected `x.npy`"),
            ("x.npz:", "after the colon"),
            ("x.npy:a", "only an npz"),
            ("", "expected `x.npy`"),
        ] {
            let error = DataSource::parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
