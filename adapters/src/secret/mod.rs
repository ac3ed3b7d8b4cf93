//! Credentials: where they come from, the headers that carry them, and keeping them out of everything
//! that is shown.
//!
//! A secret is named, never held in an argument: an environment variable or a file. When it is read and
//! sent is left to [`HttpEndpoint`](crate::HttpEndpoint). The invariant: no `Debug`, `Display` or error in
//! here shows a value.

mod escapes;
mod header;
mod masker;
mod pasted;
mod shape;
mod source;
#[cfg(test)]
mod tests;

pub use header::{Header, HeaderError};
pub(crate) use header::{is_literal_secret, place, smells};
pub use masker::Masker;
pub(crate) use masker::{CUT, base64};
pub(crate) use shape::from_base64;
pub use shape::is_token;
pub use source::{SecretError, SecretSource};
