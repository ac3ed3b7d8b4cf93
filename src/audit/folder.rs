//! The run folder, made before anything is sent, so that one that cannot be written costs nothing.
//!
//! What stands in it is left to others. The one invariant: a folder that is not kept leaves nothing behind, neither what
//! was written into it nor the folders above it that were made for it; what was there before stays.

use std::io;
use std::path::{Path, PathBuf};

use super::prepare::AuditError;
use crate::report::write_whole;

/// A run folder that was made just now. It is removed when it is dropped, unless it is kept.
#[derive(Debug)]
pub(super) struct RunFolder {
    path: PathBuf,
    /// Every folder that was made, outer ones first.
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl RunFolder {
    /// Makes the folder and those above it.
    ///
    /// # Errors
    /// When it exists already, or cannot be made.
    pub fn make(path: &Path) -> Result<Self, AuditError> {
        let mut made = Self { path: path.to_owned(), folders: Vec::new(), files: Vec::new() };
        let above = path.parent().map_or(Ok(()), |above| made.missing(above));
        above.and_then(|()| made.folder(path)).map_err(|error| AuditError::Folder(path.to_owned(), error))?;
        Ok(made)
    }

    /// Makes a folder in it.
    pub fn part(&mut self, name: &str) -> Result<(), AuditError> {
        let part = self.path.join(name);
        self.folder(&part).map_err(|error| AuditError::Folder(self.path.clone(), error))
    }

    /// Writes a file in it.
    pub fn write(&mut self, name: &str, text: &str) -> Result<(), AuditError> {
        let file = self.path.join(name);
        self.files.push(file.clone());
        write_whole(&file, text).map_err(|error| AuditError::Folder(self.path.clone(), error.source))
    }

    /// Leaves it where it is.
    pub fn keep(mut self) {
        self.folders.clear();
        self.files.clear();
    }

    fn missing(&mut self, folder: &Path) -> io::Result<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            self.missing(above)?;
        }
        match self.folder(folder) {
            // Somebody else has made it, or it leads back to one that was made.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(io::Error::other(format!("{} is no folder", folder.display())))
            }
            other => other,
        }
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir(folder)?;
        self.folders.push(folder.to_owned());
        Ok(())
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // Why it is dropped is what is told; a folder that somebody has put something into is not empty, and stays.
        for file in &self.files {
            let _ = std::fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_leaves_nothing_and_what_was_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let old = place.path().join("old");
        std::fs::create_dir(&old).unwrap();
        let run = old.join("new/run");
        let make = || {
            let mut made = RunFolder::make(&run).unwrap();
            made.write("plan.toml", "x").unwrap();
            made.part("a").unwrap();
            made.write("a/plan.toml", "y").unwrap();
            made
        };
        drop(make());
        assert_eq!(std::fs::read_dir(&old).unwrap().count(), 0);
        // What somebody else has put into it is not taken away.
        let made = make();
        std::fs::write(run.join("note"), "z").unwrap();
        drop(made);
        assert_eq!(std::fs::read_dir(&run).unwrap().count(), 1);
        std::fs::remove_dir_all(old.join("new")).unwrap();
        make().keep();
        assert_eq!(std::fs::read_to_string(run.join("a/plan.toml")).unwrap(), "y");
        let error = RunFolder::make(&run).unwrap_err();
        assert_eq!((error.exit_code(), run.join("plan.toml").exists()), (2, true), "{error}");
        std::fs::write(place.path().join("afile"), "").unwrap();
        let error = RunFolder::make(&place.path().join("afile/run")).unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().ends_with("afile is no folder"));
        let error = RunFolder::make(&place.path().join("more/../afile/run")).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(!place.path().join("more").exists(), "{error}");
    }
}
