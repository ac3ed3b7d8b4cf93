//! Targets: which protocol, where, which model. The table in here is the only place of the program that
//! names the protocols.
//!
//! Text in, [`Target`] out; nothing is sent. No URL with credentials gets through, and none is echoed.

mod connect;
mod pasted;

use noisebound_adapters::HttpOptions;
use noisebound_adapters::setup::secret_parameter;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::{problem::Misfit, question::EndpointId, settings::Place};

/// A protocol, as targets name it.
#[derive(Debug)]
pub struct Protocol {
    /// Its name, which is also its scheme in targets.
    pub name: &'static str,
    /// The scheme for TLS.
    tls: &'static str,
    /// Other schemes, each with that for TLS.
    aliases: &'static [(&'static str, &'static str)],
    /// The port without TLS; with TLS it is 443.
    port: u16,
    /// Whether the last segment of a target is the model.
    names_model: bool,
    /// The keys about the endpoint that it takes, of those that not every protocol takes.
    takes: &'static [&'static str],
    /// What raw elements are called, and what others.
    tensors: [&'static str; 2],
    /// Whether its servers commonly read images from files, so that images are sent so where nothing else is said.
    reads_files: bool,
    /// Makes the endpoint.
    connect: fn(&Place, HttpOptions) -> connect::Made,
    /// What a pasted URL with these path segments means, if it is of this protocol.
    pasted: fn(&[&str]) -> Option<pasted::Pasted>,
    /// What these path segments of a target mean, if they hold the protocol's own path and not only what stands before it.
    whole: fn(&[&str]) -> Option<pasted::Pasted>,
}

const TRITON: Protocol = Protocol {
    name: "triton",
    tls: "triton+https",
    aliases: &[("oip", "oip+https")],
    port: 8000,
    names_model: true,
    takes: &["model", "model-version", "output", "input", "parameter", "classes", "tensors", "compress"],
    tensors: ["binary", "json"],
    reads_files: false,
    connect: connect::triton,
    pasted: pasted::triton,
    whole: pasted::whole_triton,
};
const TRITON_GRPC: Protocol = Protocol {
    name: "triton+grpc",
    tls: "triton+grpcs",
    aliases: &[("oip+grpc", "oip+grpcs")],
    port: 8001,
    names_model: true,
    takes: TRITON.takes,
    tensors: ["binary", "typed"],
    reads_files: TRITON.reads_files,
    connect: connect::triton_grpc,
    pasted: |_| None,
    whole: TRITON.whole,
};
const TORCHSERVE: Protocol = Protocol {
    name: "torchserve",
    tls: "torchserve+https",
    aliases: &[],
    port: 8080,
    names_model: true,
    takes: &[
        "model",
        "model-version",
        "envelope",
        "answer",
        "management-url",
        "management-token-env",
        "management-token-file",
    ],
    tensors: ["binary", "json"],
    reads_files: true,
    connect: connect::torchserve,
    pasted: pasted::torchserve,
    whole: |_| None,
};
const JSON: Protocol = Protocol {
    name: "json",
    tls: "json+https",
    aliases: &[],
    port: 80,
    names_model: false,
    takes: &["model", "preset", "body", "answer"],
    tensors: ["binary", "json"],
    reads_files: true,
    connect: connect::json,
    pasted: pasted::json,
    whole: |_| None,
};

/// Every protocol; pasted URLs are tried in this order.
pub static PROTOCOLS: [Protocol; 4] = [TRITON, TRITON_GRPC, TORCHSERVE, JSON];

/// What a pasted URL is of whose host or path tells a service that takes JSON.
static JSON_SERVICE: Protocol = JSON;

/// A validated target, without credentials.
#[derive(Debug, Clone)]
pub struct Target {
    protocol: &'static Protocol,
    /// `http` or `https`; the whole URL of a JSON service, else what stands before the protocol's own path.
    base: Url,
    model: Option<String>,
    version: Option<String>,
}

impl PartialEq for Target {
    fn eq(&self, other: &Self) -> bool {
        (self.protocol.name, &self.base, &self.model, &self.version)
            == (other.protocol.name, &other.base, &other.model, &other.version)
    }
}

impl Protocol {
    /// Its schemes, each without and with TLS.
    fn schemes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        std::iter::once((self.name, self.tls)).chain(self.aliases.iter().copied())
    }
}

/// The host and port of a URL, for people.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the host of a URL is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// The protocol that a scheme names, and whether it is with TLS.
fn of_scheme(scheme: &str) -> Option<(&'static Protocol, bool)> {
    PROTOCOLS.iter().find_map(|protocol| {
        let tls = |(plain, tls)| (plain == scheme).then_some(false).or((tls == scheme).then_some(true));
        Some((protocol, protocol.schemes().find_map(tls)?))
    })
}

impl Target {
    /// Reads `triton://host:8000/prefix/model`, or a URL that was pasted.
    pub fn parse(text: &str) -> Result<Self, Misfit> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(
                misfit(text).hint(format!("begin with a protocol, as in triton://{}", unsecret(text)))
            );
        };
        let scheme = scheme.to_ascii_lowercase();
        if scheme == "http" || scheme == "https" {
            return Self::pasted(&url(&scheme, rest, text)?, text);
        }
        let (protocol, tls) = of_scheme(&scheme).ok_or_else(|| unknown_scheme(&scheme))?;
        let mut base = url(if tls { "https" } else { "http" }, rest, text)?;
        // An HTTP URL does not tell `:80` from no port.
        let typed_port = Url::parse(&format!("target://{rest}")).ok().and_then(|url| url.port());
        if typed_port.is_none() && !tls {
            // The URL has a host, so that it can have a port.
            let _ = base.set_port(Some(protocol.port));
        }
        if !protocol.names_model {
            return Ok(Self { protocol, base, model: None, version: None });
        }
        refuse_query(&base)?;
        let mut path: Vec<String> = segments(&base).iter().map(ToString::to_string).collect();
        let last = path.pop().unwrap_or_default();
        // Two slashes in a row are one.
        path.retain(|segment| !segment.is_empty());
        let whole: Vec<&str> = path.iter().chain([&last]).map(String::as_str).collect();
        if let Some(found) = (protocol.whole)(&whole) {
            return Self::found(protocol, base, &whole, found);
        }
        let model = (!last.is_empty()).then(|| decode(&last)).transpose()?;
        set_path(&mut base, &path);
        Ok(Self { protocol, base, model, version: None })
    }

    fn pasted(url: &Url, text: &str) -> Result<Self, Misfit> {
        let path = segments(url);
        for protocol in &PROTOCOLS {
            let Some(pasted) = (protocol.pasted)(&path) else { continue };
            if protocol.names_model {
                refuse_query(url)?;
            }
            return Self::found(protocol, url.clone(), &path, pasted);
        }
        if noisebound_adapters::json::recognise(url).is_some() {
            return Ok(Self { protocol: &JSON_SERVICE, base: url.clone(), model: None, version: None });
        }
        let tls = if url.scheme() == "https" { "+https" } else { "" };
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let host = format!("{}{port}", url.host_str().unwrap_or("host"));
        Err(misfit(text).hint(format!(
            "the path does not tell the protocol: write triton{tls}://{host}/..., torchserve{tls}://{host}/... \
             or json{tls}://{host}/..."
        )))
    }

    /// What was found in the path of this URL.
    fn found(
        protocol: &'static Protocol,
        mut base: Url,
        path: &[&str],
        found: pasted::Pasted,
    ) -> Result<Self, Misfit> {
        if protocol.names_model {
            set_path(&mut base, &path[..found.prefix]);
        }
        let part = |part: Option<String>| part.map(|part| decode(&part)).transpose();
        Ok(Self { protocol, base, model: part(found.model)?, version: part(found.version)? })
    }

    /// The same target with another model or version, where they are given.
    #[must_use]
    pub fn with(mut self, model: Option<String>, version: Option<String>) -> Self {
        self.model = model.or(self.model);
        self.version = version.or(self.version);
        self
    }

    /// `json`, `torchserve` or `triton`.
    pub fn protocol(&self) -> &'static str {
        self.protocol.name
    }

    /// Whether the protocol names models, so that a model is needed.
    pub fn names_model(&self) -> bool {
        self.protocol.names_model
    }

    /// Whether the protocol takes this key, of those that not every protocol takes.
    pub fn takes(&self, key: &str) -> bool {
        self.protocol.takes.contains(&key)
    }

    /// What raw elements are called as a form of tensors, and what others.
    pub fn tensors(&self) -> [&'static str; 2] {
        self.protocol.tensors
    }

    /// Whether its servers commonly read images from files.
    pub fn reads_files(&self) -> bool {
        self.protocol.reads_files
    }

    /// The URL over HTTP: that of the service (`json`), or what stands before the protocol's own path.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The model, if one is named.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The version, if one is asked for.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The host and port, for people.
    pub fn host(&self) -> String {
        host(&self.base)
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.base)
    }

    /// The target as it would be typed, `triton://host:8000/model`. Where the protocol needs a model and it
    /// has one, it reads back to the same target, but for the version, which no target names.
    pub fn url(&self) -> String {
        let scheme = if self.base.scheme() == "https" { self.protocol.tls } else { self.protocol.name };
        let mut url = self.base.clone();
        if let (true, Some(model), Ok(mut path)) =
            (self.protocol.names_model, &self.model, url.path_segments_mut())
        {
            path.pop_if_empty().push(model);
        }
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{scheme}://{}{}{query}", self.host(), url.path())
    }

    /// What to write where the server knows no such model: a number that stands last is probably meant as a version.
    pub fn meant_version(&self) -> Option<String> {
        let number = self.model.as_deref().filter(|model| model.bytes().all(|byte| byte.is_ascii_digit()))?;
        let mut path: Vec<String> = segments(&self.base).iter().map(ToString::to_string).collect();
        let model = path.pop().filter(|model| !model.is_empty() && self.takes("model-version"))?;
        let mut base = self.base.clone();
        set_path(&mut base, &path);
        let target = Self { base, model: Some(decode(&model).ok()?), ..self.clone() };
        Some(format!(
            "the last segment of the target is the model; for version {number} of `{}` write {} -x {number}",
            target.model.as_deref().unwrap_or_default(),
            target.url(),
        ))
    }

    /// How questions name it.
    pub fn id(&self) -> EndpointId {
        EndpointId {
            protocol: self.protocol.name.to_owned(),
            url: self.url(),
            model: self.model.clone(),
            version: self.version.clone(),
            ..EndpointId::default()
        }
    }
}

const EXPECTED: &str =
    "a target such as triton://host:8000/model, torchserve://host:8080/model or json://host/path";

/// A misfit that shows what was typed only if no secret can be in it.
fn misfit(text: &str) -> Misfit {
    if text.contains(['@', '?']) { Misfit::unshown(EXPECTED) } else { Misfit::new(EXPECTED, text) }
}

fn unsecret(text: &str) -> &str {
    if text.is_empty() || text.contains(['@', '?']) { "host:8000/model" } else { text }
}

fn unknown_scheme(scheme: &str) -> Misfit {
    let schemes: Vec<_> = PROTOCOLS.iter().flat_map(Protocol::schemes).collect();
    // What stands before the plus names the protocol, whatever carries it.
    let name = scheme.split('+').next().unwrap_or(scheme);
    let near: Vec<_> = schemes.iter().filter(|(plain, _)| plain.split('+').next() == Some(name)).collect();
    let hint = if near.is_empty() {
        let names = schemes.iter().map(|(plain, _)| *plain).filter(|plain| !plain.contains('+'));
        crate::nearest::suggest(name, names.collect::<Vec<_>>())
    } else {
        let written = near.iter().map(|(plain, tls)| format!("{plain}:// or, for TLS, {tls}://"));
        format!("write {}", written.collect::<Vec<_>>().join("; "))
    };
    Misfit::new(EXPECTED, format!("{scheme}://")).hint(hint)
}

/// The HTTP URL, checked: it has a host, and no credentials.
fn url(scheme: &str, rest: &str, text: &str) -> Result<Url, Misfit> {
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return Err(misfit(text).hint("name the host after ://"));
    }
    let url = Url::parse(&format!("{scheme}://{rest}"))
        .map_err(|error| misfit(text).hint(format!("it is no URL: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Misfit::unshown("a target without credentials")
            .found("a user or password before the @")
            .hint("take it out and send it with -H 'authorization: Basic ${NAME}'"));
    }
    if let Some(name) = secret_parameter(&url) {
        return Err(Misfit::unshown("a target without credentials")
            .found(format!("the query parameter `{name}`"))
            .hint("take it out and send it as a header, as in -H 'x-api-key: ${NAME}'"));
    }
    if url.fragment().is_some() {
        return Err(Misfit::unshown("a target without a fragment").found("a #").hint("drop it and the rest"));
    }
    Ok(url)
}

fn refuse_query(url: &Url) -> Result<(), Misfit> {
    match url.query() {
        None => Ok(()),
        Some(_) => Err(Misfit::unshown("a target without a query").found("a ?").hint("drop it and the rest")),
    }
}

fn segments(url: &Url) -> Vec<&str> {
    url.path_segments().map(Iterator::collect).unwrap_or_default()
}

/// Keeps these segments, which are escaped already, alone.
fn set_path(url: &mut Url, segments: &[impl AsRef<str>]) {
    let path: Vec<&str> = segments.iter().map(AsRef::as_ref).filter(|segment| !segment.is_empty()).collect();
    url.set_path(&path.join("/"));
    url.set_query(None);
}

fn decode(segment: &str) -> Result<String, Misfit> {
    let name = percent_decode_str(segment).decode_utf8();
    name.ok()
        .filter(|name| is_name(name))
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| Misfit::new("the name of a model or version", segment))
}

/// Whether it can be a model or version: it would be one segment of a path.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text != "." && text != ".." && !text.contains(char::is_control)
}

#[cfg(test)]
#[path = "target/tests.rs"]
mod tests;
