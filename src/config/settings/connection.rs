//! Credentials, certificates and proxies: what a connection to the endpoint needs beside its address.
//!
//! Secrets are named here, and read when the endpoint is made; no problem repeats what was typed for one.

use noisebound_adapters::{Header, ProxyChoice, ProxyPlace, SecretSource, Tls};

use super::place::path;
use crate::config::problem::{Misfit, Problems};
use crate::config::target::Target;
use crate::config::typed::{Given, Typed};

/// How connections are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Which certificates are trusted and shown.
    pub tls: Tls,
    /// Through which proxy, where the endpoint is not on this machine or one is named.
    pub proxy: ProxyChoice,
}

pub(super) fn connection(typed: &Typed, problems: &mut Problems) -> Connection {
    let ca = problems.one("ca", typed.ca.as_ref(), path);
    let cert = problems.one("client-cert", typed.client_cert.as_ref(), path);
    let key = problems.one("client-key", typed.client_key.as_ref(), path);
    if key.is_some() && cert.is_none() {
        let misfit = Misfit::unshown("a certificate for the key").found("none");
        problems.note("client-key", typed.client_key.as_ref(), misfit.hint("add --client-cert"));
    }
    let proxy = problems.one("proxy", typed.proxy.as_ref(), |value| match value {
        "environment" => Ok(ProxyChoice::Environment),
        "none" => Ok(ProxyChoice::Direct),
        value => ProxyPlace::parse(value).map(ProxyChoice::At).map_err(|expected| {
            Misfit::unshown(format!("environment, none, or {expected}"))
                .hint("a proxy that wants a password gets it from a variable: http://${NAME}@host:3128")
        }),
    });
    Connection { tls: Tls { ca, cert, key }, proxy: proxy.unwrap_or(ProxyChoice::Environment) }
}

/// Certificates say nothing where nothing is encrypted.
pub(super) fn no_certificates_in_vain(typed: &Typed, target: &Target, problems: &mut Problems) {
    let given = [("ca", &typed.ca), ("client-cert", &typed.client_cert), ("client-key", &typed.client_key)];
    for (key, given) in given {
        if given.is_some() && target.base().scheme() != "https" {
            let misfit = Misfit::unshown("a target with TLS").found(target.url());
            problems.note(
                key,
                given.as_ref(),
                misfit.hint("write https://, or as in triton+https://host/model"),
            );
        }
    }
}

pub(super) fn headers(typed: &Typed, problems: &mut Problems) -> Vec<Header> {
    let mut headers = Vec::new();
    for value in typed.header.iter().flat_map(|given| &given.values) {
        match Header::parse(value) {
            Ok(header) => headers.push(header),
            // The value could be a secret; the error names the header alone.
            Err(error) => {
                let misfit = Misfit::unshown("a header to send").hint(error.to_string());
                problems.note("header", typed.header.as_ref(), misfit);
            }
        }
    }
    let given = [
        ("token-env", &typed.token_env, Header::bearer as fn(SecretSource) -> Header),
        ("token-file", &typed.token_file, Header::bearer),
        ("basic-env", &typed.basic_env, Header::basic),
        ("basic-file", &typed.basic_file, Header::basic),
    ];
    let mut one = headers.iter().any(|header| header.name() == "authorization").then_some("header");
    for (key, given, header) in given {
        let Some(source) = source(key, given.as_ref(), problems) else { continue };
        if let Some(other) = one {
            let misfit = Misfit::unshown("one authorization").found(format!("--{other} as well"));
            problems.note(key, given.as_ref(), misfit.hint("leave one of the two out"));
        }
        one.get_or_insert(key);
        headers.push(header(source));
    }
    headers
}

/// A variable or a file that holds a secret.
pub(super) fn source(
    key: &'static str,
    given: Option<&Given>,
    problems: &mut Problems,
) -> Option<SecretSource> {
    if key.ends_with("-file") {
        return problems.one(key, given, |value| {
            path(value).ok().and_then(SecretSource::file).ok_or_else(|| {
                Misfit::unshown("the path of a file that is there")
                    .hint("put the secret into a file and give the path of the file")
            })
        });
    }
    problems.one(key, given, |value| {
        SecretSource::variable(value).ok_or_else(|| {
            Misfit::unshown("the name of an environment variable, in capitals or of one that is set")
                .hint("put the secret into a variable and give the variable's name")
        })
    })
}
