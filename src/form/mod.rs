//! Forms: what is sent for an image, made of its pixels once the noise has been added to them.
//!
//! Every row passes here, clean ones too, so that noise is all that a level adds. Rows without an image, and the fields
//! of a row that are none, are left as they are. Pure: the same pixels give the same bytes, whichever draw they are of.
//! That an image can take its form is found before the first row is sent ([`Forming::new`]), so that a row's way
//! through here has no failure.

mod floats;
mod forming;
mod jpeg;
mod nchw;
mod nhwc;
mod normalize;
mod png;
mod registry;
mod tensor;

#[cfg(test)]
mod tests;

pub use forming::{FormError, Forming};
pub use registry::{FORMS, Kind, QUALITY, kind};

use noisebound_adapters::{Dtype, Shape, Tensor, Values};

/// The size of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// In pixels.
    pub height: usize,
    /// In pixels.
    pub width: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub channels: usize,
}

impl Size {
    /// The size of the image that bytes of these dimensions are: height and width, or height, width and 1 or 3
    /// channels; none where they are no image.
    pub fn of(shape: &[usize], dtype: Dtype) -> Option<Self> {
        if dtype != Dtype::U8 || shape.contains(&0) {
            return None;
        }
        match *shape {
            [height, width] => Some(Self { height, width, channels: 1 }),
            [height, width, channels @ (1 | 3)] => Some(Self { height, width, channels }),
            _ => None,
        }
    }
}

/// What an image is sent as.
pub trait Form: Send + Sync {
    /// Whether an image of this size can take the form; else why it cannot, and what to do.
    fn takes(&self, _size: Size) -> Result<(), String> {
        Ok(())
    }

    /// The dimensions and the type of what is sent for an image of these dimensions.
    fn becomes(&self, shape: &Shape, size: Size) -> (Shape, Dtype);

    /// What is sent for these pixels, row by row, channels last, in the dimensions and the type that
    /// [`becomes`](Self::becomes) says.
    fn form(&self, pixels: &[u8], size: Size) -> Values;

    /// For each channel, the number that is sent for each value of a pixel; none where that is not how it is sent.
    fn numbers(&self, _channels: usize) -> Option<Vec<[f32; 256]>> {
        None
    }
}

/// Replaces the pixels of a tensor by what is sent for them. A tensor that is no image is left alone.
fn reform(form: &dyn Form, tensor: &mut Tensor) {
    let Some(size) = Size::of(&tensor.shape, tensor.values.dtype()) else { return };
    let Values::U8(pixels) = &tensor.values else { return };
    let values = form.form(pixels, size);
    (tensor.shape, _) = form.becomes(&tensor.shape, size);
    tensor.values = values;
}
