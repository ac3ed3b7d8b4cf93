//! Puts reports into a run folder, each whole or not at all.
//!
//! A file is written under another name in the same folder, synced, and renamed over the old one. What
//! stands in it is left to [`OUTPUTS`].

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::OUTPUTS;
use crate::results::Report;

/// A file that could not be written. What stood there before is unharmed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}{}", path.display(), hint(source))]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// What to do about it, where that is plain.
fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "; free some space and write the report again",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "; make the folder writable or choose another one"
        }
        ErrorKind::NotFound | ErrorKind::NotADirectory => "; the folder must exist",
        _ => "",
    }
}

/// Writes every output of `report` into the folder `dir`, which must exist. Files of an earlier run that
/// was resumed are replaced.
///
/// # Errors
/// At the first file that cannot be written; those before it are complete.
pub fn write_all(report: &Report, dir: &Path) -> Result<(), WriteError> {
    OUTPUTS.iter().try_for_each(|output| write_whole(&dir.join(output.file), &(output.render)(report)))
}

/// Writes `text` to `path`: afterwards the file holds all of it, or what it held before.
///
/// # Errors
/// When the folder is missing, full or not writable.
pub fn write_whole(path: &Path, text: &str) -> Result<(), WriteError> {
    replace(path, text).map_err(|source| WriteError { path: path.to_owned(), source })
}

/// Finds out whether [`write_whole`] can write `path`: the folder exists and takes a new file. Nothing is left there.
///
/// # Errors
/// When the folder is missing or not writable.
pub fn check_writable(path: &Path) -> Result<(), WriteError> {
    try_partial(path).map_err(|source| WriteError { path: path.to_owned(), source })
}

fn try_partial(path: &Path) -> io::Result<()> {
    let partial = partial(path)?;
    match OpenOptions::new().write(true).create_new(true).open(&partial) {
        Ok(_) => std::fs::remove_file(&partial),
        // A leftover is overwritten, if it can be.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            OpenOptions::new().write(true).open(&partial).map(drop)
        }
        Err(error) => Err(error),
    }
}

/// The name under which a file is written at first.
fn partial(path: &Path) -> io::Result<PathBuf> {
    let name =
        path.file_name().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "not the name of a file"))?;
    let mut partial = name.to_owned();
    partial.push(".partial");
    Ok(path.with_file_name(partial))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let partial = partial(path)?;
    let outcome = fill(&partial, text).and_then(|()| std::fs::rename(&partial, path));
    if outcome.is_err() {
        // The first error is the one to tell; a leftover is overwritten the next time.
        let _ = std::fs::remove_file(&partial);
    }
    outcome?;
    sync_folder(path);
    Ok(())
}

fn fill(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the new name itself durable. Not every system can sync a folder, and the content is safe already.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, samples};

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_output_is_written_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let report = samples::precise();
        std::fs::write(dir.path().join("report.json"), "of an earlier run, and much longer ".repeat(9999))
            .unwrap();
        write_all(&report, dir.path()).unwrap();
        let mut expected: Vec<&str> = OUTPUTS.iter().map(|o| o.file).collect();
        expected.sort_unstable();
        assert_eq!(names(dir.path()), expected);
        assert_eq!(json::read(&dir.path().join("report.json")).unwrap(), report);
    }

    #[test]
    fn a_missing_folder_is_named_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let said = write_all(&samples::precise(), &dir.path().join("gone")).unwrap_err().to_string();
        assert!(said.contains("report.json") && said.ends_with("the folder must exist"), "{said}");
    }

    #[test]
    fn a_file_that_cannot_be_replaced_leaves_nothing_half_written() {
        let dir = tempfile::tempdir().unwrap();
        // A folder stands where the file should go, so the rename fails, for root too.
        std::fs::create_dir(dir.path().join("curve.svg")).unwrap();
        let said = write_all(&samples::precise(), dir.path()).unwrap_err().to_string();
        assert!(said.starts_with("cannot write") && said.contains("curve.svg"), "{said}");
        assert_eq!(names(dir.path()), ["curve.svg", "report.json"]);
        assert!(dir.path().join("curve.svg").is_dir());
    }

    #[test]
    fn whether_a_file_can_be_written_is_found_without_a_trace() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("report.json");
        check_writable(&file).unwrap();
        assert!(names(dir.path()).is_empty());
        std::fs::write(dir.path().join("report.json.partial"), "of a run that was killed").unwrap();
        check_writable(&file).unwrap();
        assert_eq!(names(dir.path()), ["report.json.partial"]);
        let said = check_writable(&dir.path().join("gone/report.json")).unwrap_err().to_string();
        assert!(said.contains("gone") && said.ends_with("the folder must exist"), "{said}");
        let below = dir.path().join("report.json.partial/report.json");
        let said = check_writable(&below).unwrap_err().to_string();
        assert!(said.ends_with("the folder must exist"), "{said}");
        assert!(check_writable(Path::new("/")).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_as_such() {
        let error = fill(Path::new("/dev/full"), "x").unwrap_err();
        let said = WriteError { path: "report.json".into(), source: error }.to_string();
        assert!(said.contains("free some space"), "{said}");
    }

    #[test]
    fn a_path_without_a_name_is_refused() {
        assert!(write_whole(Path::new("/"), "x").is_err());
    }
}
