//! A request header whose value may name secrets: `x-api-key: ${NAME}`.

use std::fmt;
use std::path::Path;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, PROXY_AUTHORIZATION};

use super::masker::{Masker, base64};
use super::{SecretError, SecretSource, is_token};

/// A header to send: its name, and a value made of literal text and secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    name: HeaderName,
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Secret(SecretSource),
    /// A secret of the form `user:password`, sent in base64.
    Basic(SecretSource),
}

/// Why a header cannot be sent. No variant holds a value.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// There is no colon.
    #[error("a header is written `Name: value`, this one has no colon")]
    NoColon,
    /// The name is not a header name.
    #[error("`{0}` is not a header name: letters, digits and `-` were expected before the colon")]
    BadName(String),
    /// The client sets this header itself.
    #[error("header `{0}` is set by the client and cannot be given")]
    Reserved(String),
    /// A secret stands in the argument itself.
    #[error(
        "header `{name}` holds a literal secret: put it in an environment variable and write \
         `{name}: {scheme}${{NAME}}`"
    )]
    LiteralSecret {
        /// The name of the header.
        name: String,
        /// `Bearer ` or `Basic ` where the value began so, else empty.
        scheme: &'static str,
    },
    /// A `${` without a name and a closing brace.
    #[error(
        "header `{0}`: a secret is written `${{NAME}}`, with letters, digits and `_` in the braces, or `${{file:/PATH}}`, \
         with a path from the root; a variable whose name is not in capitals must be set"
    )]
    BadVariable(String),
    /// The variable or file has no usable secret.
    #[error("header `{name}`: {source}")]
    Secret {
        /// The name of the header.
        name: String,
        /// What is wrong.
        source: SecretError,
    },
    /// It is so short that it cannot be hidden where it comes back.
    #[error(
        "header `{0}`: the {1} holds fewer than {least} characters that are secret, too few to hide them wherever they come \
         back",
        least = Masker::SHORTEST
    )]
    TooShort(String, SecretSource),
    /// What is no user with a password.
    #[error("the {0} does not hold `user:password`")]
    NoPassword(SecretSource),
    /// The value has characters that no header may have.
    #[error("header `{0}`: its value holds a line break or another control character")]
    BadValue(String),
}

/// The header that names the run.
pub(crate) const RUN: &str = "noisebound-run";

/// The fewest characters that are hidden of a header that is no credential: `http` or `v1.2` say nothing.
const SHORTEST_PLAIN: usize = 6;

/// What may stand before a credential, in capitals or not.
const SCHEMES: [&str; 16] = [
    "Bearer",
    "Basic",
    "Token",
    "ApiKey",
    "Api-Key",
    "Key",
    "OAuth",
    "JWT",
    "Bot",
    "DPoP",
    "Digest",
    "Negotiate",
    "SSWS",
    "GenieKey",
    "Splunk",
    "Snowflake",
];

/// Headers that describe the body or the connection, which the client decides.
const RESERVED: [&str; 7] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "inference-header-content-length",
    "transfer-encoding",
];

impl Header {
    /// Reads `Name: value`; `${NAME}` in the value stands for the environment variable of that name, which
    /// is read when the header is sent.
    ///
    /// # Errors
    /// When it is not a header, when the name is one that the client sets, or when the value looks like a
    /// secret written out.
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        let (name, value) = text.split_once(':').ok_or(HeaderError::NoColon)?;
        let (name, value) = (name.trim(), value.trim());
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderError::BadName(name.to_owned()))?;
        if RESERVED.contains(&name.as_str()) {
            return Err(HeaderError::Reserved(name.to_string()));
        }
        let parts = split(value).ok_or_else(|| HeaderError::BadVariable(name.to_string()))?;
        let literal = !parts.iter().any(|part| matches!(part, Part::Secret(_)));
        let scheme = ["Bearer ", "Basic "]
            .into_iter()
            .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        let named = literal && !value.is_empty() && (scheme.is_some() || smells(name.as_str()));
        // Beside a secret that is named there may stand one that is not.
        let shaped = || parts.iter().any(|part| matches!(part, Part::Literal(text) if is_token(text)));
        if named || shaped() {
            let scheme = scheme.unwrap_or_default();
            return Err(HeaderError::LiteralSecret { name: name.to_string(), scheme });
        }
        let header = Self { name, parts };
        if header.is_credential() && header.has_literal() {
            let scheme = scheme.unwrap_or_default();
            return Err(HeaderError::LiteralSecret { name: header.name.to_string(), scheme });
        }
        Ok(header)
    }

    /// Whether what it holds lets in: its name says so, or it begins as a credential does.
    fn is_credential(&self) -> bool {
        let scheme = |text: &str| {
            let word = text.split_once(' ').map(|(word, _)| word);
            word.is_some_and(|word| {
                ["Bearer", "Basic"].iter().any(|scheme| scheme.eq_ignore_ascii_case(word))
            })
        };
        smells(self.name.as_str()) || matches!(self.parts.first(), Some(Part::Literal(text)) if scheme(text))
    }

    /// Whether part of a credential is typed: more than a scheme before it, `name=` before a variable, as in cookies, and
    /// what stands between such pairs.
    fn has_literal(&self) -> bool {
        let variables = self.parts.iter().any(|part| !matches!(part, Part::Literal(_)));
        variables
            && self.parts.iter().enumerate().any(|(at, part)| match part {
                Part::Literal(text) => {
                    let text = if at == 0 { self.without_scheme(text) } else { text.as_str() };
                    let last = at + 1 == self.parts.len();
                    let mut words = text.split([' ', ',', ';', '"']).rev();
                    let before = words.next().unwrap_or_default();
                    // `session="${NAME}"`
                    let before = if before.is_empty() { words.next().unwrap_or_default() } else { before };
                    let pair = before.is_empty() || !last && is_key(before);
                    !pair || words.any(|word| !word.is_empty())
                }
                Part::Secret(_) | Part::Basic(_) => false,
            })
    }

    /// What stands behind the scheme with which a credential begins.
    fn without_scheme<'a>(&self, text: &'a str) -> &'a str {
        let letters = |word: &str| word.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        match text.split_once(' ') {
            Some((word, rest)) if SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word)) => rest,
            // Services have schemes of their own; a word that stands alone before the secret is one.
            Some((word, "")) if self.is_authorization() && letters(word) => "",
            _ => text,
        }
    }

    fn is_authorization(&self) -> bool {
        [AUTHORIZATION, PROXY_AUTHORIZATION].contains(&self.name)
    }

    /// `Authorization: Bearer SECRET`.
    pub fn bearer(secret: SecretSource) -> Self {
        let parts = vec![Part::Literal("Bearer ".to_owned()), Part::Secret(secret)];
        Self { name: AUTHORIZATION, parts }
    }

    /// `authorization: Basic` with a secret of the form `user:password` (RFC 7617).
    pub fn basic(secret: SecretSource) -> Self {
        let parts = vec![Part::Literal("Basic ".to_owned()), Part::Basic(secret)];
        Self { name: AUTHORIZATION, parts }
    }

    /// The header that names the run to those who read the logs of the endpoint; a user's own takes its place.
    ///
    /// # Errors
    /// When the name is more than letters, digits, `-` and `_`.
    pub fn run(id: &str) -> Result<Self, HeaderError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || !id.chars().all(plain) {
            return Err(HeaderError::BadValue(RUN.to_owned()));
        }
        Ok(Self { name: HeaderName::from_static(RUN), parts: vec![Part::Literal(id.to_owned())] })
    }

    /// The name, in lower case.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Whether the header can be sent now: every variable and file it names has a usable secret.
    pub fn check(&self) -> Result<(), HeaderError> {
        self.render().map(|_| ())
    }

    /// The value with every secret shown as `***`.
    pub fn masked(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.as_str(),
                Part::Secret(_) | Part::Basic(_) => "***",
            })
            .collect()
    }

    /// The name and value to send, and the secrets in them that are to be hidden.
    pub(crate) fn render(&self) -> Result<(HeaderName, HeaderValue, Vec<String>), HeaderError> {
        let mut value = String::new();
        let mut secrets = Vec::new();
        let read = |place: &SecretSource| {
            place.read().map_err(|source| HeaderError::Secret { name: self.name.to_string(), source })
        };
        let lets_in = self.is_authorization();
        let long_enough = |place: &SecretSource, secret: &str| {
            if lets_in && secret.chars().count() < Masker::SHORTEST {
                return Err(HeaderError::TooShort(self.name.to_string(), place.clone()));
            }
            Ok(())
        };
        for part in &self.parts {
            match part {
                Part::Literal(text) => value.push_str(text),
                Part::Secret(place) => {
                    let secret = read(place)?;
                    long_enough(place, &secret)?;
                    value.push_str(&secret);
                    secrets.push(secret);
                }
                Part::Basic(place) => {
                    let secret = read(place)?;
                    let Some((user, password)) = secret.split_once(':') else {
                        return Err(HeaderError::NoPassword(place.clone()));
                    };
                    // A server may repeat it alone. Without a password the user is what lets in.
                    let alone = if password.is_empty() { user } else { password };
                    long_enough(place, alone)?;
                    secrets.push(alone.to_owned());
                    value.push_str(&base64(secret.as_bytes()));
                    value.push_str(&"=".repeat((3 - secret.len() % 3) % 3));
                    secrets.push(secret);
                }
            }
        }
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| HeaderError::BadValue(self.name.to_string()))?;
        value.set_sensitive(!secrets.is_empty());
        let least = if self.is_credential() { Masker::SHORTEST } else { SHORTEST_PLAIN };
        secrets.retain(|secret| secret.chars().count() >= least);
        Ok((self.name.clone(), value, secrets))
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({self})")
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ***", self.name)
    }
}

/// Whether a header or query parameter of this name is likely to carry a credential: `x-api-key`,
/// `ocp-apim-subscription-key`, `X-Amz-Signature`.
pub(crate) fn smells(name: &str) -> bool {
    const ANYWHERE: [&str; 10] = [
        "auth",
        "cookie",
        "apikey",
        "token",
        "secret",
        "passw",
        "passphrase",
        "credential",
        "signature",
        "bearer",
    ];
    const WORDS: [&str; 7] = ["key", "keys", "sig", "pw", "pwd", "pass", "jwt"];
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    ANYWHERE.iter().any(|part| name.contains(part)) || words.any(|word| WORDS.contains(&word))
}

/// Whether a text under this name is likely to be a credential, of a parameter or a member of a body, by the name or by
/// itself. Nothing else could be written in its place, so that a `tokenizer`, a `token_type` or an `author` must not be
/// taken for one.
pub(crate) fn is_literal_secret(name: &str, text: &str) -> bool {
    const SHORTEST: usize = 8;
    const SECRETS: [&str; 17] = [
        "token",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "pw",
        "pwd",
        "credential",
        "credentials",
        "apikey",
        "auth",
        "authorization",
        "authentication",
        "bearer",
        "jwt",
        "signature",
        "cookie",
    ];
    const KEYS: [&str; 8] =
        ["api", "access", "secret", "private", "subscription", "auth", "account", "license"];
    // `accessToken` is two words as `access_token` is.
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && small {
            spaced.push('_');
        }
        small = c.is_ascii_lowercase();
        spaced.push(c.to_ascii_lowercase());
    }
    let mut words = spaced.rsplit(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let (last, before) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let named = SECRETS.contains(&last) || (last == "key" && KEYS.contains(&before));
    (named && text.len() >= SHORTEST && !text.contains(char::is_whitespace)) || is_token(text)
}

/// Whether this is `name=`, where the name is a short word.
fn is_key(text: &str) -> bool {
    const LONGEST: usize = 24;
    let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.');
    text.strip_suffix('=')
        .is_some_and(|name| !name.is_empty() && name.len() <= LONGEST && name.chars().all(letter))
}

/// Literal text and variables of a value; `None` when a `${` is not followed by a name and `}`.
fn split(value: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, left) = after.split_once('}')?;
        if !before.is_empty() {
            parts.push(Part::Literal(before.to_owned()));
        }
        parts.push(Part::Secret(place(name)?));
        rest = left;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    Some(parts)
}

/// What stands in the braces of `${NAME}` or `${file:/PATH}`.
pub(crate) fn place(name: &str) -> Option<SecretSource> {
    match name.strip_prefix("file:").map(Path::new) {
        Some(path) if path.is_absolute() => SecretSource::file(path.to_owned()),
        Some(_) => None,
        None => SecretSource::variable(name),
    }
}
