//! Endpoints over HTTP: one generic [`HttpEndpoint`] does the input and output, an [`HttpProtocol`] says
//! what the bytes mean.
//!
//! Left to the client of the endpoint: when to ask, how long to wait for the whole answer, and whether to
//! try again. The invariant: one call is one request. Nothing in here retries, follows a redirect or waits.

mod complaint;
mod connection;
mod credentials;
mod endpoint;
mod hide;
mod probe;
mod protocol;
mod rate_limit;
mod retry_after;
mod status;
#[cfg(test)]
mod tests;
mod transport;
mod wire;

pub(crate) use complaint::{complaint, quote};
pub use connection::{ProxyChoice, ProxyPlace, Tls};
pub use endpoint::{HttpEndpoint, HttpOptions};
pub use protocol::{HttpProtocol, Realm, RequestHead, ResponseHead};
pub(crate) use status::{refused, status_kind};
pub(crate) use transport::LARGEST_ANSWER;
