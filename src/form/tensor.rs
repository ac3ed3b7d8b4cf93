//! `tensor`: the pixels as they are.

use noisebound_adapters::{Dtype, Shape, Values};

use super::{Form, Size};

/// Bytes in the dimensions that the data have.
pub(super) struct Whole;

impl Form for Whole {
    fn becomes(&self, shape: &Shape, _size: Size) -> (Shape, Dtype) {
        (Shape::clone(shape), Dtype::U8)
    }

    fn form(&self, pixels: &[u8], _size: Size) -> Values {
        Values::U8(pixels.to_vec())
    }
}
