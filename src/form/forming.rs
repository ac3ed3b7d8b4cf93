//! The form of a data set's images: checked for all of them, then given to row after row.

use noisebound_adapters::{Dtype, Row, Shape};

use super::registry::{Kind, kind};
use super::{Form, Size, reform};
use crate::config::question::FormSpec;
use crate::data::{Dataset, Field};

/// Why images cannot be sent so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// There is no such form.
    #[error("--send-as: there is no form `{0}`")]
    Unknown(String),
    /// The data hold no image.
    #[error(
        "--send-as: the data hold no image, but {0}; expected UINT8 of height by width, or height by width by 1 or 3 \
         channels"
    )]
    NoImage(String),
    /// Images of several sizes do not fit one tensor.
    #[error(
        "--send-as {form}: {first} has the dimensions {expected:?} and {odd} has {found:?}, and tensors are of one size; \
         make the images alike (mogrify -resize 224x224! FILES), or send files, --send-as png"
    )]
    Sizes {
        /// The form.
        form: &'static str,
        /// The first image.
        first: String,
        /// Its height, width and channels.
        expected: Vec<usize>,
        /// The first image that differs.
        odd: String,
        /// Its height, width and channels.
        found: Vec<usize>,
    },
    /// An image does not take the form.
    #[error("--send-as {form}: {image} {why}")]
    Image {
        /// The form.
        form: &'static str,
        /// The image.
        image: String,
        /// Why not, and what to do.
        why: String,
    },
}

/// A form, and which fields of a data set take it.
pub struct Forming {
    form: Box<dyn Form>,
    /// For each field, whether it holds images.
    images: Vec<bool>,
    kind: &'static Kind,
}

impl Forming {
    /// The form that was asked for, for the images of this data set.
    ///
    /// # Errors
    /// When there are none, or one of them cannot take the form.
    pub fn new(spec: &FormSpec, dataset: &Dataset) -> Result<Self, FormError> {
        let kind = kind(&spec.name).ok_or_else(|| FormError::Unknown(spec.name.clone()))?;
        let form = (kind.build)(spec);
        let mut images = Vec::with_capacity(dataset.fields.len());
        for field in &dataset.fields {
            let sizes = sizes(field);
            images.push(!sizes.is_empty());
            if let ([(shape, first, _), (other, odd, _), ..], false) = (&sizes[..], kind.file) {
                return Err(FormError::Sizes {
                    form: kind.name,
                    first: field.shape.name(*first),
                    expected: shape.to_vec(),
                    odd: field.shape.name(*odd),
                    found: other.to_vec(),
                });
            }
            for (_, row, size) in sizes {
                let image = || field.shape.name(row);
                form.takes(size).map_err(|why| FormError::Image { form: kind.name, image: image(), why })?;
            }
        }
        if !images.contains(&true) {
            let held = |field: &Field| {
                let shape = field.shape.same().map_or(&[][..], |shape| shape);
                format!("`{}`, {} of {shape:?}", field.name, field.dtype().name())
            };
            return Err(FormError::NoImage(dataset.fields.iter().map(held).collect::<Vec<_>>().join(", ")));
        }
        Ok(Self { form, images, kind })
    }

    /// Gives a row of the data set the form.
    pub fn give(&self, row: &mut Row) {
        for (tensor, _) in row.tensors.iter_mut().zip(&self.images).filter(|(_, is_image)| **is_image) {
            reform(self.form.as_ref(), tensor);
        }
    }

    /// The name of the form.
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// Whether the pixels that are read back of it may be other ones.
    pub fn is_lossy(&self) -> bool {
        self.kind.lossy
    }

    /// For each channel of field number `field`, the number that is sent for each value of a pixel; none where it holds no
    /// image, or is sent otherwise.
    pub fn numbers(&self, field: usize, shape: &Shape, dtype: Dtype) -> Option<Vec<[f32; 256]>> {
        let size = Size::of(shape, dtype).filter(|_| self.images.get(field) == Some(&true))?;
        self.form.numbers(size.channels)
    }

    /// What a row of field number `field`, of these dimensions and this type, is sent as.
    pub fn becomes(&self, field: usize, shape: &Shape, dtype: Dtype) -> (Shape, Dtype) {
        match Size::of(shape, dtype) {
            Some(size) if self.images.get(field) == Some(&true) => self.form.becomes(shape, size),
            _ => (Shape::clone(shape), dtype),
        }
    }
}

/// The different sizes of a field's images, each with the first row that has it; none where it holds no images.
fn sizes(field: &Field) -> Vec<(&Shape, usize, Size)> {
    let all = field.shape.each().into_iter();
    all.filter_map(|(shape, row)| Some((shape, row, Size::of(shape, field.dtype())?))).collect()
}
