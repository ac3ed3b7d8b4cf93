//! A folder of images: png and jpeg files, labelled by their sub-folders or by a table.
//!
//! The rows are the files in the order of their relative paths, byte by byte. All pixels are held in memory, 8 bits
//! for each channel of each, one image behind the other, so that any row is at hand; an image as it was in its file
//! is not kept. Sizes and numbers of channels may differ from file to file. What a file says beside its pixels (colour
//! profiles, gamma, thumbnails) is passed over, as PIL and torchvision do.

mod decode;
mod exif;
mod jpeg;
mod labels;
mod png;
mod walk;

use std::collections::HashSet;
use std::fs;

use noisebound_adapters::{Shape, Values};

use super::hash::Hash;
use super::{DataError, DataSource, Field, Image, Shapes, TargetSource};
use crate::loss::Target;

pub use decode::{Pixels, decode};

/// The most bytes that the pixels of a folder may take.
const MOST_BYTES: usize = 4 << 30;

/// The name of the field.
const NAME: &str = "image";

/// A folder as it was read.
pub(super) struct Folder {
    /// The field `image`, of bytes.
    pub field: Field,
    /// How many images; at least 1.
    pub rows: usize,
    /// One for each image, where sub-folders or a table name them.
    pub targets: Option<Vec<Target>>,
}

/// Reads the images of a folder, and their labels: from `targets`, a table with the columns `file` and `label`, else
/// from the names of the sub-folders, where there are any. What is read goes into `hash`: for each image
/// `image`, its path and the bytes of its file; then for each image that has a label `label`, its path and the label.
pub(super) fn read(
    source: &DataSource,
    targets: Option<&TargetSource>,
    hash: &mut Hash,
) -> Result<Folder, DataError> {
    let at = source.to_string();
    let files = walk::walk(&source.path, &at)?;
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let labels = match targets {
        Some(targets) => Some(labels::from_table(&unread(&targets.path)?, &names, &targets.to_string())?),
        None => labels::from_folders(&names, &at)?,
    };
    let mut rows = Rows::default();
    for file in &files {
        let bytes = unread(&file.path)?;
        hash.part(NAME, &file.name, &bytes);
        let pixels =
            decode(&bytes).map_err(|what| DataError::malformed(file.path.display().to_string(), what))?;
        rows.push(&file.name, &pixels, &at)?;
    }
    for (name, label) in names.iter().zip(labels.iter().flatten()) {
        hash.part("label", name, label.as_bytes());
    }
    let targets = labels.map(|labels| labels::targets(&labels));
    Ok(Folder { rows: files.len(), targets, field: rows.field() })
}

/// The targets of images by the bytes of a table with the columns `file` and `label`, in the order of `files`, which are
/// paths relative to the folder; `at` is the table in messages. Numbers where every label is one, else names.
///
/// # Errors
/// When it is no such table, or does not name each file once and nothing else.
pub fn image_labels(bytes: &[u8], files: &[&str], at: &str) -> Result<Vec<Target>, DataError> {
    Ok(labels::targets(&labels::from_table(bytes, files, at)?))
}

fn unread(path: &std::path::Path) -> Result<Vec<u8>, DataError> {
    fs::read(path).map_err(|why| DataError::Unreadable { at: path.display().to_string(), why })
}

/// Images, one behind the other.
#[derive(Default)]
struct Rows {
    images: Vec<Image>,
    pixels: Vec<u8>,
    /// Each once, as images of one size are many.
    shapes: HashSet<Shape>,
}

impl Rows {
    fn push(&mut self, name: &str, pixels: &Pixels, at: &str) -> Result<(), DataError> {
        let start = self.pixels.len();
        let whole = start.saturating_add(pixels.values.len());
        if whole > MOST_BYTES || self.pixels.try_reserve(pixels.values.len()).is_err() {
            let what = format!(
                "the pixels of {} images take more than {} GiB of memory; audit fewer images, or smaller ones",
                self.images.len(),
                MOST_BYTES >> 30
            );
            return Err(DataError::unsupported(at, what));
        }
        self.pixels.extend_from_slice(&pixels.values);
        let shape: Shape = [pixels.height, pixels.width, pixels.channels].into();
        let shape = self.shapes.get(&shape).cloned().unwrap_or(shape);
        self.shapes.insert(Shape::clone(&shape));
        self.images.push(Image { file: name.into(), shape, start });
        Ok(())
    }

    fn field(self) -> Field {
        Field {
            name: NAME.into(),
            shape: Shapes::Images(self.images),
            values: Values::U8(self.pixels),
            columns: None,
        }
    }
}

#[cfg(test)]
mod tests;
