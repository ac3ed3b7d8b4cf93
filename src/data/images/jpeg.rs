//! The pixels of a jpeg: grey stays grey, colours become red, green and blue.
//!
//! Decoded without vector instructions, so that every machine gives the same pixels. Another decoder may give a value
//! that lies one or two beside; what the model is sent are these.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::decode::{LONGEST, Pixels, check_orientation, check_size};

/// The marks before the pixels, and at the end.
const SCAN: [u8; 2] = [0xff, 0xda];
const END: [u8; 2] = [0xff, 0xd9];

pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    let broken = |error: DecodeErrors| format!("is not a whole jpeg ({error:?}); save it again");
    let options =
        DecoderOptions::new_safe().set_strict_mode(true).set_max_width(LONGEST).set_max_height(LONGEST);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().ok_or("does not tell its size; save it again")?;
    check_size(width, height)?;
    if let Some(exif) = decoder.exif() {
        check_orientation(exif)?;
    }
    let (colours, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        Some(ColorSpace::RGB | ColorSpace::YCbCr) => (ColorSpace::RGB, 3),
        other => {
            let found = other.map_or_else(|| "unknown".to_owned(), |colours| format!("{colours:?}"));
            return Err(format!(
                "has the colours {found}; expected grey, or red, green and blue: mogrify -colorspace sRGB FILE"
            ));
        }
    };
    decoder.set_options(options.jpeg_set_out_colorspace(colours));
    let values = decoder.decode().map_err(broken)?;
    // A file that is cut short in its last lines decodes all the same.
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|two| two == marker);
    if last(END) < last(SCAN) {
        return Err("is not a whole jpeg (it ends without a mark); save it again".to_owned());
    }
    if values.len() != width * height * channels {
        return Err("unpacks to another size than it says; save it again".to_owned());
    }
    Ok(Pixels { height, width, channels, values })
}
