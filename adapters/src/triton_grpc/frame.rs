//! One message as gRPC carries it: a byte that tells whether it is compressed, its length, then its bytes.

use prost::Message;

use crate::{Failure, FailureKind};

/// What stands before a message.
const PREFIX: usize = 5;

/// Appends a message.
pub(super) fn write(message: &impl Message, body: &mut Vec<u8>) -> Result<(), Failure> {
    let length = message.encoded_len();
    let Ok(told) = u32::try_from(length) else {
        let said = format!("a message of {length} bytes is more than gRPC can carry; ask for fewer rows");
        return Err(Failure::unplaced(FailureKind::Rejected, said));
    };
    body.reserve(PREFIX + length);
    body.push(0);
    body.extend_from_slice(&told.to_be_bytes());
    body.extend_from_slice(&message.encode_to_vec());
    Ok(())
}

/// The one message of a body.
pub(super) fn read<M: Message + Default>(body: &[u8]) -> Result<M, Failure> {
    let malformed = |said: String| Failure::unplaced(FailureKind::Malformed, said);
    let Some(([compressed, length @ ..], rest)) = body.split_first_chunk::<PREFIX>() else {
        return Err(malformed(format!("one message was expected, found {} bytes", body.len())));
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length != rest.len() {
        let found = rest.len();
        return Err(malformed(format!("one message of {length} bytes was announced, found {found} bytes")));
    }
    if *compressed != 0 {
        return Err(malformed("the message is compressed, which was not asked for".to_owned()));
    }
    M::decode(rest).map_err(|error| malformed(format!("the answer is not the message expected: {error}")))
}
