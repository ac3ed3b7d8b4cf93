//! Pictures as a classifier of digits sees them: grey, and as dark as the digits of its data set.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits};

use super::Values;

/// The value of the brightest pixel of the digits, which a picture stores as 255.
const BRIGHTEST: f64 = 16.0;

/// How many pixels a digit has.
const PIXELS: usize = 64;

/// The pixels of a picture in 32 bits.
pub(super) fn of_pixels(values: &Values) -> Vec<f64> {
    values.numbers().iter().map(|pixel| f64::from((pixel * BRIGHTEST / 255.0) as f32)).collect()
}

/// The same of a picture in a PNG file; no numbers where it is none of that size.
pub(super) fn of_file(values: &Values) -> Vec<f64> {
    let pixels = values.text().and_then(read).map(|pixels| pixels.into_iter().map(i128::from).collect());
    pixels.map_or_else(|| vec![f64::NAN; PIXELS], |pixels| of_pixels(&Values::Wholes(pixels)))
}

fn read(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader =
        Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 1 << 20 }).read_info().ok()?;
    if reader.output_buffer_size() != Some(PIXELS) {
        return None;
    }
    let mut pixels = vec![0; PIXELS];
    let frame = reader.next_frame(&mut pixels).ok()?;
    (frame.color_type == ColorType::Grayscale).then_some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_pixels_and_anything_else_is_no_number() {
        let pixels: Vec<u8> = (0..64).map(|i| i * 4).collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 8, 8);
        encoder.set_color(ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        let wholes = Values::Wholes(pixels.iter().map(|pixel| i128::from(*pixel)).collect());
        assert_eq!(of_file(&Values::Texts(vec![file.clone()])), of_pixels(&wholes));
        for bytes in [&file[..40], b"", b"\xff\xd8\xff"] {
            let seen = of_file(&Values::Texts(vec![bytes.to_vec()]));
            assert!(seen.len() == 64 && seen.iter().all(|pixel| pixel.is_nan()));
        }
    }
}
