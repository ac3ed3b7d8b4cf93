//! What can be wrong with the settings of an endpoint, found before anything is sent.

use std::path::PathBuf;

use url::Url;

use crate::secret::{is_token, smells};
use crate::{HeaderError, SecretError};

/// Why an endpoint cannot be made from its settings. No variant holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A header cannot be sent.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A header for the control port cannot be sent.
    #[error(transparent)]
    Management(HeaderError),
    /// The URL has another scheme than http and https.
    #[error("the URL of an endpoint begins with http:// or https://, found `{0}:`")]
    Scheme(String),
    /// The URL names a user or a password.
    #[error(
        "the URL holds credentials before the `@`: take them out and send them as \
         `authorization: Basic ${{NAME}}`"
    )]
    UrlCredentials,
    /// A query parameter looks like a credential.
    #[error("the URL holds a secret in `{0}`: take it out and send it as a header, `x-api-key: ${{NAME}}`")]
    UrlSecret(String),
    /// The body template cannot be used.
    #[error("the body template {0}")]
    Body(String),
    /// The pointer to the answer is not a JSON Pointer.
    #[error("the answer is pointed to by `/key/key` or by an empty text, found `{0}`")]
    Pointer(String),
    /// A model is needed and not named, or named in vain.
    #[error("{}", if *needed {
        format!("the model is needed for the path of `{preset}` or the body: name it, or give the whole path")
    } else {
        "neither the path nor the body names the model, so it would say nothing: leave it out".to_owned()
    })]
    Model {
        /// The preset.
        preset: &'static str,
        /// Whether it is needed.
        needed: bool,
    },
    /// A file of certificates or keys cannot be used.
    #[error("{}: {why}", path.display())]
    Pem {
        /// `ca`, `client-cert` or `client-key`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The secret for the proxy cannot be used.
    #[error("{0}")]
    Proxy(#[source] SecretError),
    /// A proxy for gRPC without TLS.
    #[error(
        "gRPC without TLS goes through no proxy: proxies pass on HTTP/1 alone unless they are asked for a tunnel, which is \
         for TLS; leave the proxy out, or ask over TLS"
    )]
    PlainProxy,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}

/// Refuses a URL that is not HTTP or that carries credentials.
pub(crate) fn check_url(url: &Url) -> Result<(), SetupError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SetupError::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SetupError::UrlCredentials);
    }
    secret_parameter(url).map_or(Ok(()), |name| Err(SetupError::UrlSecret(name)))
}

/// The first parameter in the query of a URL that is likely to hold a credential, by its name or by itself.
pub fn secret_parameter(url: &Url) -> Option<String> {
    let secret = url.query_pairs().find(|(name, value)| {
        let named = || smells(name) || name.eq_ignore_ascii_case("code");
        !value.is_empty() && (named() || is_token(value))
    });
    secret.map(|(name, _)| name.into_owned())
}

/// The URL with further path segments, each escaped; the query is kept.
pub(crate) fn below<'a>(base: &Url, segments: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str) -> Result<(), SetupError> {
        check_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn credentials_in_a_url_are_refused_unseen() {
        for url in [
            "http://ann:hunter2@h/",
            "http://hunter2@h/",
            "http://h/?api_key=hunter2",
            "http://h/?KEY=hunter2",
            "http://h/?subscription-key=hunter2",
            "http://h/?X-Amz-Signature=hunter2",
            "http://h/?pw=hunter2",
            "http://h/?access=Bearer%20hunter2",
            "http://h/?v=1&access=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hunter2",
        ] {
            let error = check(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
        assert!(check("http://h/?version=2&key=&trace=123e4567-e89b-12d3-a456-426614174000").is_ok());
        assert!(matches!(check("ftp://h/"), Err(SetupError::Scheme(_))));
    }

    #[test]
    fn segments_are_added_and_escaped() {
        let base = Url::parse("http://h:1/pre/?q=1").unwrap();
        assert_eq!(below(&base, ["v2", "a b/c"]).as_str(), "http://h:1/pre/v2/a%20b%2Fc?q=1");
        assert_eq!(below(&Url::parse("http://h").unwrap(), ["v2"]).as_str(), "http://h/v2");
    }
}
