//! Pictures as a classifier of digits sees them: grey, and as dark as the digits of its data set.

use super::Values;
use crate::picture::{BRIGHTEST, Picture};

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

fn read(file: &[u8]) -> Option<Vec<u8>> {
    let picture = Picture::open(file)?;
    (picture.channels == 1 && picture.samples.len() == PIXELS).then_some(picture.samples)
}

#[cfg(test)]
mod tests {
    use png::ColorType;

    use super::*;
    use crate::picture::tests::png;

    #[test]
    fn a_file_is_its_pixels_and_anything_else_is_no_number() {
        let pixels: Vec<u8> = (0..64).map(|i| i * 4).collect();
        let file = png((8, 8), ColorType::Grayscale, &pixels);
        let coloured = png((8, 8), ColorType::Rgb, &pixels.repeat(3));
        let wholes = Values::Wholes(pixels.iter().map(|pixel| i128::from(*pixel)).collect());
        assert_eq!(of_file(&Values::Texts(vec![file.clone()])), of_pixels(&wholes));
        for bytes in [&file[..40], &coloured, b""] {
            let seen = of_file(&Values::Texts(vec![bytes.to_vec()]));
            assert!(seen.len() == 64 && seen.iter().all(|pixel| pixel.is_nan()));
        }
    }
}
