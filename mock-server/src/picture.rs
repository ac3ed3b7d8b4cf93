//! Pictures in PNG files, as everything in here that takes files opens them.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

/// The value of the brightest pixel of the digits, which a picture stores as 255.
pub(crate) const BRIGHTEST: f64 = 16.0;

/// The widest and highest picture that is opened.
const LARGEST: usize = 4096;

/// A picture of 8 bits for each sample.
#[derive(Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// How many samples a pixel has, the last of them its opacity where that is 2 or 4.
    pub(crate) channels: usize,
    /// Row by row.
    pub(crate) samples: Vec<u8>,
}

impl Picture {
    /// The picture in a file; `None` where it is no PNG, or a large one.
    pub(crate) fn open(file: &[u8]) -> Option<Self> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: 1 << 26 });
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let (width, height) = (reader.info().width as usize, reader.info().height as usize);
        if width.max(height) > LARGEST {
            return None;
        }
        let mut samples = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut samples).ok()?;
        let channels = match frame.color_type {
            ColorType::Grayscale => 1,
            ColorType::GrayscaleAlpha => 2,
            ColorType::Rgb => 3,
            ColorType::Rgba => 4,
            ColorType::Indexed => return None,
        };
        samples.truncate(width * height * channels);
        Some(Self { width, height, channels, samples })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A file of these samples.
    pub(crate) fn png(size: (u32, u32), colour: ColorType, samples: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size.0, size.1);
        encoder.set_color(colour);
        encoder.write_header().unwrap().write_image_data(samples).unwrap();
        file
    }

    #[test]
    fn a_file_is_its_samples() {
        for (colour, channels) in [(ColorType::Grayscale, 1), (ColorType::Rgb, 3), (ColorType::Rgba, 4)] {
            let samples: Vec<u8> = (0..6 * channels as u8).collect();
            let file = png((3, 2), colour, &samples);
            assert_eq!(Picture::open(&file), Some(Picture { width: 3, height: 2, channels, samples }));
            assert_eq!(Picture::open(&file[..file.len() / 2]), None);
        }
        assert_eq!((Picture::open(b""), Picture::open(b"\xff\xd8\xff")), (None, None));
    }
}
