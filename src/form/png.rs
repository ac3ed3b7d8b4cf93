//! `png`: one file for each image, whose pixels are exactly those that were noisy.
//!
//! Compressed lightly: noise does not compress, and the time is the auditor's.

use noisebound_adapters::{Dtype, Shape, Values};
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

use super::{Form, Size};

/// A png file, grey or of three colours, 8 bits for each.
pub(super) struct Png;

impl Form for Png {
    fn becomes(&self, _shape: &Shape, _size: Size) -> (Shape, Dtype) {
        (Shape::default(), Dtype::Bytes)
    }

    fn form(&self, pixels: &[u8], size: Size) -> Values {
        // Writing into memory what fits its size cannot fail.
        Values::Bytes(vec![encode(pixels, size).unwrap_or_default()])
    }
}

fn encode(pixels: &[u8], size: Size) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::with_capacity(pixels.len() + 1024);
    let mut encoder = Encoder::new(&mut file, size.width as u32, size.height as u32);
    encoder.set_color(if size.channels == 1 { ColorType::Grayscale } else { ColorType::Rgb });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}
