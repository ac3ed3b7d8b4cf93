//! One message as gRPC carries it: a byte that tells whether it is compressed, its length, then its bytes.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use prost::Message;

use crate::http::{LARGEST_ANSWER, quote};
use crate::oip::{Compression, compress};
use crate::{Failure, FailureKind};

/// What stands before a message.
const PREFIX: usize = 5;

/// How answers may be compressed.
pub(super) const ENCODINGS: &str = "identity,deflate,gzip";

/// How many bytes are shown of what is no text.
const SHOWN: usize = 24;

/// Appends a message, compressed where that is wanted.
pub(super) fn write(
    message: &impl Message,
    compression: Option<Compression>,
    body: &mut Vec<u8>,
) -> Result<(), Failure> {
    let mut bytes = message.encode_to_vec();
    if let Some(how) = compression {
        compress(how, &mut bytes)?;
    }
    let length = bytes.len();
    let Ok(told) = u32::try_from(length) else {
        let said = format!("a message of {length} bytes is more than gRPC can carry; ask for fewer rows");
        return Err(Failure::unplaced(FailureKind::Rejected, said));
    };
    body.reserve(PREFIX + length);
    body.push(u8::from(compression.is_some()));
    body.extend_from_slice(&told.to_be_bytes());
    body.append(&mut bytes);
    Ok(())
}

/// The one message of a body; `encoding` is what a header says of how messages are compressed.
pub(super) fn read<M: Message + Default>(encoding: Option<&str>, body: &[u8]) -> Result<M, Failure> {
    let malformed = |said: String| Failure::showing(FailureKind::Malformed, said, shown(body).as_bytes());
    let Some(([compressed, length @ ..], rest)) = body.split_first_chunk::<PREFIX>() else {
        let found = body.len();
        return Err(malformed(format!("one message was expected, found {found} bytes")));
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length != rest.len() {
        let found = rest.len();
        return Err(malformed(format!("one message of {length} bytes was announced, found {found} bytes")));
    }
    let bytes = match *compressed {
        0 => Cow::Borrowed(rest),
        1 => Cow::Owned(unpacked(encoding, rest).map_err(malformed)?),
        other => {
            return Err(malformed(format!("a message begins with {other}, and 0 or 1 was expected")));
        }
    };
    M::decode(&*bytes).map_err(|error| malformed(format!("the answer is not the message expected: {error}")))
}

/// A compressed message as it was before.
fn unpacked(encoding: Option<&str>, packed: &[u8]) -> Result<Vec<u8>, String> {
    let reader: &mut dyn Read = match encoding {
        Some("gzip") => &mut GzDecoder::new(packed),
        Some("deflate") => &mut ZlibDecoder::new(packed),
        None => return Err("the message is compressed, and no `grpc-encoding` says how".to_owned()),
        Some(other) => {
            return Err(format!("the message is compressed by `{other}`, expected one of {ENCODINGS}"));
        }
    };
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST_ANSWER as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("the message does not unpack: {error}"))?;
    if bytes.len() > LARGEST_ANSWER {
        return Err("the message is larger than 64 MiB once it is unpacked, ask for fewer rows".to_owned());
    }
    Ok(bytes)
}

/// The first bytes as people read them: text where they are some, else in hexadecimal.
fn shown(body: &[u8]) -> String {
    let first = &body[..body.len().min(SHOWN)];
    let text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if first.iter().all(text) {
        return quote(body);
    }
    let more = if body.len() > SHOWN { " …" } else { "" };
    let bytes: Vec<_> = first.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ") + more
}
