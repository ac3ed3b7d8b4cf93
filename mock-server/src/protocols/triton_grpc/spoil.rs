//! Answers that are about something else, for the faults that spoil them.

use prost::Message;

use super::generated::ModelInferResponse;

/// What stands before a message: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// The answer with the first size of each shape made smaller.
pub(crate) fn one_row_less(whole: &[u8]) -> Vec<u8> {
    let message = whole.get(PREFIX..).and_then(|message| ModelInferResponse::decode(message).ok());
    let mut message = message.unwrap_or_default();
    for output in &mut message.outputs {
        if let Some(rows) = output.shape.first_mut() {
            *rows -= 1;
        }
    }
    framed(&message)
}

/// An answer without outputs.
pub(crate) fn nothing() -> Vec<u8> {
    framed(&ModelInferResponse::default())
}

fn framed(message: &ModelInferResponse) -> Vec<u8> {
    let mut body = vec![0];
    body.extend_from_slice(&(message.encoded_len() as u32).to_be_bytes());
    body.extend_from_slice(&message.encode_to_vec());
    body
}
