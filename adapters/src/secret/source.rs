//! Places a secret is read from, as often as asked.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;

use super::pasted;

/// Where a secret comes from. The value is read anew each time, so that a token which was renewed is
/// found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// The environment variable with this name.
    Env(String),
    /// The whole content of this file, without the newline at its end. Of a key file as TorchServe writes it, the key
    /// for inference.
    File(PathBuf),
    /// The same; of a key file as TorchServe writes it, the key for management.
    ManagementFile(PathBuf),
}

/// Why a secret cannot be used. No variant holds the value, and none is shown that was given in place of a name.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable does not exist.
    #[error("{}", missing(.0))]
    Missing(String),
    /// The secret is not UTF-8.
    #[error("the {0} does not hold UTF-8 text")]
    NotText(SecretSource),
    /// The file cannot be read.
    #[error("the {place} cannot be read: {source}")]
    Unreadable {
        /// The file.
        place: SecretSource,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is nothing in it.
    #[error("the {0} is empty, a secret was expected")]
    Empty(SecretSource),
    /// The file is no token.
    #[error("the {0} is larger than 64 KiB, a single token was expected")]
    TooLarge(SecretSource),
}

/// What is said of a variable that is not set.
fn missing(name: &str) -> String {
    let mend = if pasted::is_name(name) {
        "export it before the audit"
    } else {
        "the NAME of a variable was expected, which holds the secret"
    };
    format!("{} is not set: {mend}", SecretSource::Env(name.to_owned()))
}

/// The most bytes a secret may have.
const LARGEST: u64 = 64 * 1024;

impl SecretSource {
    /// The environment variable of this name. `None` for what is no name of letters, digits and `_`, and for what could be
    /// a secret in its place: a name that is not written in capitals is one only where such a variable is set.
    pub fn variable(name: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let named =
            !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(plain);
        let known = named && (pasted::is_name(name) || std::env::var_os(name).is_some());
        known.then(|| Self::Env(name.to_owned()))
    }

    /// The file at this path. `None` for what could be a secret in its place: nothing is there, and it holds what names of
    /// files seldom do.
    pub fn file(path: PathBuf) -> Option<Self> {
        (!pasted::is_pasted(&path)).then_some(Self::File(path))
    }

    /// The secret as it is now.
    ///
    /// # Errors
    /// When the variable or file is missing, unreadable, empty, not UTF-8, or larger than 64 KiB.
    pub fn read(&self) -> Result<String, SecretError> {
        let value = match self {
            Self::Env(name) => match std::env::var(name) {
                Ok(value) => value,
                Err(std::env::VarError::NotPresent) => return Err(SecretError::Missing(name.clone())),
                Err(std::env::VarError::NotUnicode(_)) => return Err(SecretError::NotText(self.clone())),
            },
            Self::File(path) | Self::ManagementFile(path) => {
                let unreadable = |source| SecretError::Unreadable { place: self.clone(), source };
                let mut bytes = Vec::new();
                let file = std::fs::File::open(path).map_err(unreadable)?;
                file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
                if bytes.len() as u64 > LARGEST {
                    return Err(SecretError::TooLarge(self.clone()));
                }
                let text = String::from_utf8(bytes).map_err(|_| SecretError::NotText(self.clone()))?;
                self.key_in(&text).unwrap_or_else(|| text.trim_end_matches(['\r', '\n']).to_owned())
            }
        };
        if value.is_empty() { Err(SecretError::Empty(self.clone())) } else { Ok(value) }
    }

    /// The key for this purpose in a `key_file.json` of TorchServe.
    fn key_in(&self, text: &str) -> Option<String> {
        let purpose = if matches!(self, Self::ManagementFile(_)) { "management" } else { "inference" };
        let keys: serde_json::Value = serde_json::from_str(text).ok()?;
        keys.get(purpose)?.get("key")?.as_str().map(str::to_owned)
    }
}

/// The name of the place, or its beginning where that could be a secret itself.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) if pasted::is_name(name) => write!(f, "environment variable `{name}`"),
            Self::Env(name) => write!(f, "environment variable `{}`", pasted::beginning(name)),
            Self::File(path) | Self::ManagementFile(path) if pasted::is_path(path) => {
                write!(f, "file `{}`", path.display())
            }
            Self::File(path) | Self::ManagementFile(path) => {
                write!(f, "file `{}`", pasted::beginning(&path.to_string_lossy()))
            }
        }
    }
}
