//! The dimensions of the rows of a field: the same for all of them, or, for images, of each its own.

use noisebound_adapters::Shape;

/// The dimensions of each row, and where its values begin.
#[derive(Debug, Clone, PartialEq)]
pub enum Shapes {
    /// Every row has these.
    Same(Shape),
    /// Each row is an image.
    Images(Vec<Image>),
}

/// One image of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The file, relative to the folder, with `/` between its parts.
    pub file: Box<str>,
    /// Height, width and channels: 1 for grey, 3 for red, green and blue.
    pub shape: Shape,
    /// The place of its first value among those of the field.
    pub start: usize,
}

impl Shapes {
    /// The dimensions of a row, the place of its first value, and how many it has. A row beyond the end has none.
    pub(crate) fn row(&self, row: usize) -> Option<(&Shape, usize, usize)> {
        match self {
            Self::Same(shape) => {
                let width = shape.iter().product::<usize>();
                Some((shape, row.saturating_mul(width), width))
            }
            Self::Images(images) => {
                let image = images.get(row)?;
                Some((&image.shape, image.start, image.shape.iter().product()))
            }
        }
    }

    /// The dimensions that all rows have; none where they differ.
    pub fn same(&self) -> Option<&Shape> {
        match self {
            Self::Same(shape) => Some(shape),
            Self::Images(images) => {
                let first = &images.first()?.shape;
                images.iter().all(|image| image.shape == *first).then_some(first)
            }
        }
    }

    /// The images; none where the rows are of another kind.
    pub fn images(&self) -> Option<&[Image]> {
        match self {
            Self::Same(_) => None,
            Self::Images(images) => Some(images),
        }
    }

    /// The different dimensions that rows have, each with the first row that has them.
    pub fn each(&self) -> Vec<(&Shape, usize)> {
        match self {
            Self::Same(shape) => vec![(shape, 0)],
            Self::Images(images) => {
                let mut seen = std::collections::HashSet::new();
                let all = images.iter().enumerate().map(|(row, image)| (&image.shape, row));
                all.filter(|(shape, _)| seen.insert(*shape)).collect()
            }
        }
    }

    /// The name of a row in messages: the file of an image, or the number.
    pub fn name(&self, row: usize) -> String {
        match self.images().and_then(|images| images.get(row)) {
            Some(image) => format!("`{}`", image.file),
            None => format!("row {row}"),
        }
    }
}

impl From<Shape> for Shapes {
    fn from(shape: Shape) -> Self {
        Self::Same(shape)
    }
}

impl From<&[usize]> for Shapes {
    fn from(shape: &[usize]) -> Self {
        Self::Same(shape.into())
    }
}

impl<const N: usize> From<[usize; N]> for Shapes {
    fn from(shape: [usize; N]) -> Self {
        Self::Same(shape.into())
    }
}
