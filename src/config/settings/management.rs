//! The control port of a server, where it is asked what it tells of the model, and the key for it.
//!
//! The invariant: no credential of the predictions goes there, and none of its own anywhere else.

use noisebound_adapters::setup::secret_parameter;
use noisebound_adapters::{Header, SecretSource};
use url::Url;

use super::connection::source;
use crate::config::problem::{Misfit, Problems};
use crate::config::typed::Typed;

/// The control port.
#[derive(Debug, Clone, PartialEq)]
pub struct Management {
    /// `http://host:8081`, with a path prefix where there is one, without credentials.
    pub url: Url,
    /// The headers to send there, and there alone.
    pub headers: Vec<Header>,
}

pub(super) fn management(typed: &Typed, problems: &mut Problems) -> Option<Management> {
    let url = problems.one("management-url", typed.management_url.as_ref(), address);
    let variable = source("management-token-env", typed.management_token_env.as_ref(), problems);
    let file = source("management-token-file", typed.management_token_file.as_ref(), problems);
    let given = [
        ("management-token-env", &typed.management_token_env),
        ("management-token-file", &typed.management_token_file),
    ];
    let mut given = given.into_iter().filter(|(_, given)| given.is_some());
    if let Some((key, value)) = given.next()
        && typed.management_url.is_none()
    {
        let misfit = Misfit::unshown("a management address for the token").found("none");
        problems.note(key, value.as_ref(), misfit.hint("add --management-url http://host:8081"));
    }
    if let Some((key, value)) = given.next() {
        let misfit = Misfit::unshown("one token for the management address").found("two");
        problems.note(key, value.as_ref(), misfit.hint("leave one of the two out"));
    }
    let token = variable.or(file.map(for_management));
    Some(Management { url: url?, headers: token.map(Header::bearer).into_iter().collect() })
}

/// Of a key file as TorchServe writes it, another key is meant than for predictions.
fn for_management(place: SecretSource) -> SecretSource {
    match place {
        SecretSource::File(path) => SecretSource::ManagementFile(path),
        place => place,
    }
}

/// An address without credentials; none is repeated.
fn address(value: &str) -> Result<Url, Misfit> {
    let expected = "an address such as http://host:8081";
    let unshown = || Misfit::unshown(expected);
    let shown = || if value.contains(['@', '?']) { unshown() } else { Misfit::new(expected, value) };
    let url = Url::parse(value.trim()).map_err(|error| shown().hint(format!("it is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(shown().hint("begin with http:// or https://"));
    }
    if secret_parameter(&url).is_some() || !url.username().is_empty() || url.password().is_some() {
        let hint = "take it out and name it with --management-token-env or --management-token-file";
        return Err(unshown().found("a credential in it").hint(hint));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(unshown().found("a ? or a #").hint("drop it and the rest"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_credential() {
        for text in ["http://h:8081", "https://gateway/manage/", "http://[::1]:8081"] {
            assert!(address(text).is_ok(), "{text}");
        }
        let secret = "hunter2hunter2";
        for text in [
            format!("http://ann:{secret}@h:8081"),
            format!("http://{secret}@h"),
            format!("http://h?token={secret}"),
            format!("http://h/?x={secret}"),
            format!("h?key={secret}"),
        ] {
            let misfit = address(&text).unwrap_err();
            assert!(!format!("{misfit:?}").contains(secret), "{misfit:?}");
        }
        for text in ["h:8081", "", "ftp://h", "torchserve://h:8081", "http://h#a"] {
            assert!(address(text).is_err(), "{text}");
        }
    }
}
