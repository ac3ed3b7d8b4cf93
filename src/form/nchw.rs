//! `nchw`: normalized numbers, channels by height by width.

use noisebound_adapters::{Dtype, Shape, Values};

use super::{Form, Size, floats, normalize};
use crate::config::question::Normalize;

/// FP32, channels first.
pub(super) struct Nchw(pub Normalize);

impl Form for Nchw {
    fn takes(&self, size: Size) -> Result<(), String> {
        normalize::check(&self.0, size.channels)
    }

    fn becomes(&self, _shape: &Shape, size: Size) -> (Shape, Dtype) {
        ([size.channels, size.height, size.width].into(), Dtype::F32)
    }

    fn form(&self, pixels: &[u8], size: Size) -> Values {
        floats::channels_first(&self.0, pixels, size)
    }

    fn numbers(&self, channels: usize) -> Option<Vec<[f32; 256]>> {
        Some(normalize::tables(&self.0, channels))
    }
}
