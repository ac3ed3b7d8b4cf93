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
    /// The JSON that perf_analyzer takes as `--input-data`.
    Json,
    /// A folder of png and jpeg files.
    Images,
}

/// A file of data, and which of its arrays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSource {
    /// The file.
    pub path: PathBuf,
    /// The arrays in an npz, without `.npy`; none for the only one that there is. Or the names in a JSON; none for all.
    pub members: Vec<String>,
    /// The format of the file.
    pub format: Format,
}

/// Where targets come from: an npy, or an array of an npz. Targets in a column of a table are named by the
/// column alone.
pub type TargetSource = DataSource;

impl DataSource {
    /// Reads `x.npy`, `x.npz`, `x.npz:member`, `x.npz:one,other`, `t.csv`, `d.json` or `d.json:one`; the case of the
    /// extension does not matter. What ends in `/`, or has none of these extensions and is a folder, is a folder of
    /// images.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let lower = text.to_ascii_lowercase();
        let colon = [".npz:", ".json:"].iter().find_map(|end| Some(lower.rfind(end)? + end.len() - 1));
        let (path, named) = match colon {
            Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
            None => (text, None),
        };
        let members: Vec<String> = named
            .map(|named| named.split(',').map(|name| name.trim().to_owned()).collect())
            .unwrap_or_default();
        if members.iter().any(String::is_empty) {
            let why = "an array was expected after the colon, as in `data.npz:x`, or several, as in `data.npz:x,ids`";
            return Err(DataError::source(text, why));
        }
        if let Some(twice) = members.iter().enumerate().find(|(i, name)| members[..*i].contains(name)) {
            return Err(DataError::source(text, format!("`{}` is named twice", twice.1)));
        }
        let path = PathBuf::from(path);
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        let format = match extension.as_deref() {
            _ if text.ends_with('/') => Format::Images,
            Some("npy") => Format::Npy,
            Some("npz") => Format::Npz,
            Some("csv") => Format::Csv,
            Some("json") => Format::Json,
            _ if lower.contains(".npy:") || lower.contains(".csv:") => {
                let why = "only an npz holds named arrays; drop the colon and what follows";
                return Err(DataError::source(text, why));
            }
            _ if path.is_dir() => Format::Images,
            _ => {
                let why = "the extension names no format; expected `x.npy`, `x.npz`, `x.npz:member`, `t.csv`, `d.json`, or a folder of images";
                return Err(DataError::source(text, why));
            }
        };
        Ok(Self { path, members, format })
    }
}

impl fmt::Display for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        // So that it reads back as a folder where there is none.
        if self.format == Format::Images && !self.path.as_os_str().to_string_lossy().ends_with('/') {
            f.write_str("/")?;
        }
        if self.members.is_empty() { Ok(()) } else { write!(f, ":{}", self.members.join(",")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_read_back() {
        for (text, format, members) in [
            ("a/x.npy", Format::Npy, &[][..]),
            ("a/X.NPZ", Format::Npz, &[]),
            ("a.npz/x.npz:train/x", Format::Npz, &["train/x"]),
            ("x.npz:a:b", Format::Npz, &["a:b"]),
            ("x.npz:image,mask", Format::Npz, &["image", "mask"]),
            ("t.csv", Format::Csv, &[]),
            ("d.json", Format::Json, &[]),
            ("d.json:x,id", Format::Json, &["x", "id"]),
            ("images/", Format::Images, &[]),
            ("a.npz/", Format::Images, &[]),
        ] {
            let source = DataSource::parse(text).unwrap();
            assert_eq!(
                (source.format, &source.members[..]),
                (format, &members.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{text}"
            );
            assert_eq!(source.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_source_says_what_was_expected() {
        for (text, said) in [
            ("x.parquet", "expected `x.npy`"),
            ("x.npz:", "after the colon"),
            ("x.npz:a,", "after the colon"),
            ("x.npz:a,b,a", "`a` is named twice"),
            ("x.npy:a", "only an npz"),
            ("", "expected `x.npy`"),
        ] {
            let error = DataSource::parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
