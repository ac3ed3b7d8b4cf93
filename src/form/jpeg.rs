//! `jpeg`: one file for each image, whose pixels are only near those that were noisy.
//!
//! Colours are stored at full resolution; vector instructions are not used, so that every machine writes the same
//! bytes.

use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};
use noisebound_adapters::{Dtype, Shape, Values};

use super::{Form, Size};

/// A baseline jpeg file.
pub(super) struct Jpeg {
    /// From 1 to 100.
    pub quality: u8,
}

/// The format counts width and height in 16 bits.
const LONGEST: usize = 65_535;

impl Form for Jpeg {
    fn takes(&self, size: Size) -> Result<(), String> {
        if size.height.max(size.width) > LONGEST {
            let (width, height) = (size.width, size.height);
            return Err(format!("is {width} pixels wide and {height} high, and a jpeg at most {LONGEST}"));
        }
        Ok(())
    }

    fn becomes(&self, _shape: &Shape, _size: Size) -> (Shape, Dtype) {
        (Shape::default(), Dtype::Bytes)
    }

    fn form(&self, pixels: &[u8], size: Size) -> Values {
        // Writing into memory what fits its size cannot fail.
        Values::Bytes(vec![self.encode(pixels, size).unwrap_or_default()])
    }
}

impl Jpeg {
    fn encode(&self, pixels: &[u8], size: Size) -> Result<Vec<u8>, EncodingError> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.quality);
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        let colours = if size.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
        encoder.encode(pixels, size.width as u16, size.height as u16, colours)?;
        Ok(file)
    }
}
