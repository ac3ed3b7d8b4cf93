//! Compressed bodies, both ways.

use std::borrow::Cow;
use std::io::{Read, Write};

use axum::http::{HeaderMap, HeaderValue, header};
use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use super::refusal::Refusal;

/// No body that is not a mistake is longer than this when it is unpacked.
const LONGEST: u64 = 1 << 28;

/// The body as it was before it was compressed. What does not unpack is empty, as it is for the server.
pub(super) fn decompressed<'a>(
    encoding: Option<&HeaderValue>,
    body: &'a [u8],
) -> Result<Cow<'a, [u8]>, Refusal> {
    let mut unpacked = Vec::new();
    let read = match encoding.map(HeaderValue::as_bytes) {
        None | Some(b"identity" | b"") => return Ok(Cow::Borrowed(body)),
        Some(b"gzip") => GzDecoder::new(body).take(LONGEST).read_to_end(&mut unpacked),
        Some(b"deflate") => ZlibDecoder::new(body).take(LONGEST).read_to_end(&mut unpacked),
        Some(_) => {
            return Err(Refusal::new(
                501,
                "Unsupported Content-Encoding, only gzip and deflate are supported",
            ));
        }
    };
    if read.is_err() {
        unpacked.clear();
    }
    Ok(Cow::Owned(unpacked))
}

/// The answer compressed as the request asks for it, and the name of how; gzip wins.
pub(super) fn compressed(headers: &HeaderMap, body: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |name: &str| {
        accepted.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == name))
    };
    if takes("gzip") {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).ok()?;
        Some(("gzip", encoder.finish().ok()?))
    } else if takes("deflate") {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).ok()?;
        Some(("deflate", encoder.finish().ok()?))
    } else {
        None
    }
}
