//! Which files of a folder are its images.
//!
//! Files whose names end in `.png`, `.jpg` or `.jpeg`, in this folder or below it. Names that begin with a point are
//! passed over, and so are files that are no images; images of another format are refused, so that no row is left
//! out unsaid.

use std::fs;
use std::path::{Path, PathBuf};

use crate::data::DataError;

/// A folder that is deeper than this holds itself, by a link.
const DEEPEST: usize = 16;

/// What images of other formats end in.
const OTHERS: [&str; 13] =
    ["apng", "avif", "bmp", "gif", "heic", "heif", "jfif", "jp2", "jxl", "ppm", "tif", "tiff", "webp"];

/// An image that was found.
pub(super) struct File {
    /// Its path below the folder, with `/` between the parts.
    pub name: String,
    /// Its whole path.
    pub path: PathBuf,
}

/// The images in the order of their names, byte by byte; at least one. `at` names the folder in errors.
pub(super) fn walk(folder: &Path, at: &str) -> Result<Vec<File>, DataError> {
    let mut files = Vec::new();
    enter(folder, "", 0, &mut files)?;
    if files.is_empty() {
        let what = "holds no file that ends in .png, .jpg or .jpeg; expected images, or one sub-folder of them for each \
                    label";
        return Err(DataError::unsupported(at, what));
    }
    files.sort_by(|a: &File, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    Ok(files)
}

fn enter(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<File>) -> Result<(), DataError> {
    let shown = || folder.display().to_string();
    if depth > DEEPEST {
        let what = format!("lies more than {DEEPEST} folders deep; does a link lead back to where it is?");
        return Err(DataError::unsupported(shown(), what));
    }
    let unreadable = |why| DataError::Unreadable { at: shown(), why };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name() else { continue };
        let Some(name) = name.to_str() else {
            let what = "has a name that is not UTF-8; rename it";
            return Err(DataError::unsupported(path.display().to_string(), what));
        };
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        // Links are followed.
        if path.is_dir() {
            enter(&path, &format!("{name}/"), depth + 1, files)?;
        } else if is_image(&path)? {
            files.push(File { name, path });
        }
    }
    Ok(())
}

fn is_image(path: &Path) -> Result<bool, DataError> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("png" | "jpg" | "jpeg") => Ok(true),
        Some(other) if OTHERS.contains(&other) => {
            let what = format!(
                "is an image of the format {other}; expected png or jpeg: convert it, or move it away"
            );
            Err(DataError::unsupported(path.display().to_string(), what))
        }
        _ => Ok(false),
    }
}
