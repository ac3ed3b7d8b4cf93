//! `nhwc`: normalized numbers, height by width by channels.

use noisebound_adapters::{Dtype, Shape, Values};

use super::{Form, Size, floats, normalize};
use crate::config::question::Normalize;

/// FP32, channels last.
pub(super) struct Nhwc(pub Normalize);

impl Form for Nhwc {
    fn takes(&self, size: Size) -> Result<(), String> {
        normalize::check(&self.0, size.channels)
    }

    fn becomes(&self, _shape: &Shape, size: Size) -> (Shape, Dtype) {
        ([size.height, size.width, size.channels].into(), Dtype::F32)
    }

    fn form(&self, pixels: &[u8], size: Size) -> Values {
        floats::channels_last(&self.0, pixels, size)
    }

    fn numbers(&self, channels: usize) -> Option<Vec<[f32; 256]>> {
        Some(normalize::tables(&self.0, channels))
    }
}
