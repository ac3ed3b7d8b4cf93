//! How a connection is made: which certificates are trusted, which is shown, and through which proxy.
//!
//! Files and secrets are read once, when the client is made; what is wrong with one is told with its name and never
//! with its content.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use reqwest::{Certificate, ClientBuilder, Identity, Proxy, Url};

use crate::secret::place;
use crate::{SecretSource, SetupError};

/// Certificates, in files of PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The only authorities that are trusted; those of the system where absent.
    pub ca: Option<PathBuf>,
    /// The client's own certificate, with those that lead to its authority, where servers ask for one.
    pub cert: Option<PathBuf>,
    /// The private key of it; in the same file where absent.
    pub key: Option<PathBuf>,
}

/// Through which proxy requests go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// None.
    #[default]
    Direct,
    /// Those that the environment names in `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    Environment,
    /// This one, for everything.
    At(ProxyPlace),
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyPlace {
    url: Url,
    user: Option<SecretSource>,
}

impl ProxyPlace {
    /// Reads `http://host:3128`, or `http://${NAME}@host:3128` where NAME holds `user:password`.
    ///
    /// # Errors
    /// What was expected. The text is not repeated, as it may hold a secret.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "http://host:port, with ${NAME}@ before the host where it wants `user:password`";
        let (user, plain) = match text.split_once("${") {
            None => (None, text.to_owned()),
            Some((scheme, rest)) => {
                let (name, rest) = rest.split_once("}@").ok_or(EXPECTED)?;
                (Some(place(name).ok_or(EXPECTED)?), format!("{scheme}{rest}"))
            }
        };
        let url = Url::parse(&plain).map_err(|_| EXPECTED)?;
        let fits = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let bare = url.username().is_empty() && url.password().is_none();
        if fits && bare && matches!(url.path(), "" | "/") { Ok(Self { url, user }) } else { Err(EXPECTED) }
    }

    /// The same text, as it was read.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// Puts the certificates into the client.
pub(super) fn certificates(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, SetupError> {
    if let Some(path) = &tls.ca {
        let pem = pem("ca", path)?;
        let found = Certificate::from_pem_bundle(&pem).unwrap_or_default();
        if found.is_empty() {
            return Err(bad("ca", path, "it holds no certificate in PEM"));
        }
        builder = builder.tls_certs_only(found);
    }
    let Some(path) = &tls.cert else { return Ok(builder) };
    let mut pem_of_both = pem("client-cert", path)?;
    if let Some(key) = &tls.key {
        pem_of_both.push(b'\n');
        pem_of_both.extend(pem("client-key", key)?);
    }
    let what = if tls.key.is_some() { "client-key" } else { "client-cert" };
    let why = "expected a certificate and its private key in PEM, without a password";
    let identity =
        Identity::from_pem(&pem_of_both).map_err(|_| bad(what, tls.key.as_ref().unwrap_or(path), why))?;
    Ok(builder.identity(identity))
}

/// Puts the proxy into the client; beside it, the secrets that it knows then.
pub(super) fn proxied(
    builder: ClientBuilder,
    choice: &ProxyChoice,
) -> Result<(ClientBuilder, Vec<String>), SetupError> {
    match choice {
        ProxyChoice::Direct => Ok((builder.no_proxy(), Vec::new())),
        ProxyChoice::Environment => Ok((builder, in_environment())),
        ProxyChoice::At(at) => {
            let mut proxy = Proxy::all(at.url.clone())
                .map_err(|error| SetupError::Client(error.without_url().to_string()))?;
            let mut secrets = Vec::new();
            if let Some(place) = &at.user {
                let secret = place.read().map_err(SetupError::Proxy)?;
                let (user, password) = secret.split_once(':').unwrap_or((&secret, ""));
                proxy = proxy.basic_auth(user, password);
                // Without a password the user is what lets in.
                let alone = if password.is_empty() { user } else { password };
                secrets.extend([alone.to_owned(), secret.clone()]);
            }
            Ok((builder.no_proxy().proxy(proxy), secrets))
        }
    }
}

/// The passwords of proxies that the environment names.
fn in_environment() -> Vec<String> {
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    let both = names.iter().flat_map(|name| [(*name).to_owned(), name.to_lowercase()]);
    both.filter_map(|name| std::env::var(name).ok()).flat_map(|proxy| passwords(&proxy)).collect()
}

/// The password in the URL of a proxy, as it stands there and as it is sent; the user where there is none, as that is
/// then what lets in. The scheme may be left out.
fn passwords(proxy: &str) -> Vec<String> {
    let whole = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let Ok(url) = Url::parse(&whole) else { return Vec::new() };
    let secret = url.password().unwrap_or(url.username());
    let sent = percent_decode_str(secret).decode_utf8_lossy().into_owned();
    let mut secrets = vec![secret.to_owned(), sent];
    secrets.dedup();
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

fn pem(what: &'static str, path: &Path) -> Result<Vec<u8>, SetupError> {
    std::fs::read(path).map_err(|error| bad(what, path, error.to_string()))
}

fn bad(what: &'static str, path: &Path, why: impl Into<String>) -> SetupError {
    SetupError::Pem { what, path: path.to_owned(), why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_proxy_in_the_environment_is_known_as_it_is_sent() {
        for (proxy, secrets) in [
            ("http://ann:hunter2@h:3128", &["hunter2"][..]),
            ("http://ann:p%40ss@h", &["p%40ss", "p@ss"]),
            ("ann:hunter2@h:3128", &["hunter2"]),
            ("http://t0ken@h", &["t0ken"]),
            ("http://h:3128", &[]),
            ("h:3128", &[]),
            ("http://", &[]),
        ] {
            assert_eq!(passwords(proxy), secrets, "{proxy}");
        }
    }

    #[test]
    fn a_proxy_is_a_url_without_a_literal_secret() {
        let of = |text| ProxyPlace::parse(text).map(|place| (place.url.to_string(), place.user));
        assert_eq!(of("http://h:3128"), Ok(("http://h:3128/".to_owned(), None)));
        let user = Some(SecretSource::Env("USER_1".to_owned()));
        assert_eq!(of("http://${USER_1}@h:3128"), Ok(("http://h:3128/".to_owned(), user)));
        for text in [
            "h:3128",
            "",
            "http://",
            "socks5://h",
            "http://u:p@h",
            "http://${}@h",
            "http://${A@h",
            "http://h/p",
        ] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
