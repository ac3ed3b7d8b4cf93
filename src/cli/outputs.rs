//! The further files of `-o`: that they can be written is found out before anything is sent, and what cannot be written
//! after all hides no result.

use std::path::{Path, PathBuf};

use super::failed::{Failed, chain};
use crate::report::{check_writable, write_whole};

/// A report in one of its forms: the name that it has in the run folder, and its text.
pub type Rendered = (&'static str, String);

/// Files that exist are not overwritten, and their folders are there and take them. Those that are made with the run
/// folder, if that is named, are there by the time they are needed.
///
/// # Errors
/// Bad usage, at the first file that cannot be written.
pub fn check_outputs(files: &[PathBuf], run_folder: Option<&Path>) -> Result<(), Failed> {
    for file in files {
        if file.exists() {
            return Err(Failed::usage(format!("{} exists already, and stays as it is", file.display()))
                .hint("choose another file for -o, or move it away"));
        }
        if run_folder.is_some_and(|run_folder| comes_with(run_folder, file)) {
            continue;
        }
        check_writable(file)
            .map_err(|error| Failed::usage(format!("-o: {error}")).hint("choose another file for -o"))?;
    }
    Ok(())
}

/// Whether the folder of a file is not there yet, and is made with the run folder.
fn comes_with(run_folder: &Path, file: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (run_folder, file) = (whole(run_folder), whole(file));
    file.parent().is_some_and(|folder| !folder.exists() && run_folder.starts_with(folder))
}

/// Writes a report to further files, each in the form that its name asks for: every one that can be written, and why
/// the others cannot be.
pub fn save(files: &[PathBuf], render: impl Fn(&Path) -> Option<Rendered>) -> Unsaved {
    let mut unsaved = Unsaved::default();
    for file in files {
        let Some((name, text)) = render(file) else { continue };
        if let Err(error) = write_whole(file, &text) {
            unsaved.0.push((name, chain(&error)));
        }
    }
    unsaved
}

/// The files that could not be written: the name of the same in the run folder, and why.
#[derive(Debug, Default)]
pub struct Unsaved(Vec<(&'static str, String)>);

impl Unsaved {
    /// The exit code of a run: its own, if every file was written.
    ///
    /// # Errors
    /// When one was not, with what the exit code was and where the same stands.
    pub fn exit_code(self, run_folder: &Path, exit_code: u8) -> Result<u8, Failed> {
        if self.0.is_empty() {
            return Ok(exit_code);
        }
        let (names, whys): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
        let mut kept: Vec<String> =
            names.iter().map(|name| run_folder.join(name).display().to_string()).collect();
        kept.dedup();
        let code = match exit_code {
            0 => String::new(),
            code => format!("; without this the exit code would be {code}"),
        };
        Err(Failed::with_code(1, whys.join("; "))
            .hint(format!("the same stands in {}{code}", kept.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_made_with_the_run_folder_need_not_be_there() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let run = at("out/run");
        for (file, run_folder, fits) in [
            ("x.json", None, true),
            ("out/x.json", None, false),
            ("out/x.json", Some(&run), true),
            ("out/run/x.json", Some(&run), true),
            ("out/run/deeper/x.json", Some(&run), false),
            ("out/other/x.json", Some(&run), false),
        ] {
            let found = check_outputs(&[at(file)], run_folder.map(PathBuf::as_path));
            assert_eq!(found.is_ok(), fits, "{file} {run_folder:?}: {found:?}");
            assert!(found.map_or_else(|failed| failed.exit_code() == 2, |()| true));
        }
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_not_written_is_told_with_where_the_same_stands() {
        let place = tempfile::tempdir().unwrap();
        let files = ["gone/x.json", "y.json", "gone/z.json"].map(|name| place.path().join(name));
        let saved = |files: &[PathBuf]| save(files, |_| Some(("report.json", "text".to_owned())));
        let failed = saved(&files).exit_code(Path::new("run"), 99).unwrap_err();
        let told = failed.to_string();
        assert_eq!(failed.exit_code(), 1, "{told}");
        assert!(told.contains("x.json") && told.contains("z.json") && !told.contains("y.json"), "{told}");
        assert!(told.ends_with("run/report.json; without this the exit code would be 99"), "{told}");
        assert_eq!(std::fs::read_to_string(&files[1]).unwrap(), "text");
        assert_eq!(saved(&files[1..2]).exit_code(Path::new("run"), 99).unwrap(), 99);
    }
}
