//! Makes the endpoint that a target names. Secrets are read here for the first time; nothing is sent.

use std::{sync::Arc, time::Duration};

use noisebound_adapters::{
    Endpoint, Header, HttpEndpoint, HttpOptions, JsonOptions, JsonProtocol, PRESETS, ProxyChoice, SetupError,
    TorchServeOptions, TorchServeProtocol, TritonGrpcProtocol, TritonOptions, TritonProtocol,
};

use crate::config::{
    problem::{Misfit, Problems},
    settings::{Place, Settings},
};

/// The longest that a connection may take to be made; the timeout of a request where that is shorter.
const CONNECT: Duration = Duration::from_secs(10);

/// An endpoint, or why it cannot be made.
pub(super) type Made = Result<Arc<dyn Endpoint>, SetupError>;

impl Settings {
    /// The endpoint, which has not been asked anything yet, and is told the run's id with every request, for rows whose
    /// elements have the names `columns`, which some JSON services want to be told. Proxies that the environment names are
    /// used, but not for this machine.
    ///
    /// # Errors
    /// When a secret that a header names is not there, a certificate or the body template cannot be used.
    pub fn connect(&self, run: &str, columns: &[String]) -> Result<Arc<dyn Endpoint>, Problems> {
        let place = &Place { columns: columns.to_vec(), ..self.place.clone() };
        let proxy = match &place.connection.proxy {
            ProxyChoice::Environment if place.target.is_loopback() => ProxyChoice::Direct,
            proxy => proxy.clone(),
        };
        let run = Header::run(run).ok();
        let with_run = |headers: &[Header]| {
            let named = |run: &&Header| headers.iter().all(|header| header.name() != run.name());
            headers.iter().chain(run.as_ref().filter(named)).cloned().collect::<Vec<_>>()
        };
        let options = HttpOptions {
            connect_timeout: self.conduct.timeout.min(CONNECT),
            deadline: Some(self.conduct.timeout),
            headers: with_run(&place.headers),
            management_headers: with_run(place.management.as_ref().map_or(&[], |it| &it.headers)),
            max_idle: self.conduct.concurrency,
            proxy,
            tls: place.connection.tls.clone(),
            ..HttpOptions::default()
        };
        (place.target.protocol.connect)(place, options).map_err(|error| self.misfit(&error))
    }

    fn misfit(&self, error: &SetupError) -> Problems {
        let typed = &self.typed;
        let authorization = [
            ("token-env", &typed.token_env, "a token to send"),
            ("token-file", &typed.token_file, "a token to send"),
            ("basic-env", &typed.basic_env, "a user and a password to send"),
            ("basic-file", &typed.basic_file, "a user and a password to send"),
        ];
        let authorization = authorization.into_iter().find(|(_, given, _)| given.is_some());
        let mut hint = error.to_string();
        let (key, given, expected) = match error {
            SetupError::Model { needed: true, .. }
                if self.place.preset.is_none() && self.place.body.is_none() =>
            {
                let presets = PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
                hint = format!(
                    "a host alone tells no service: name it with --preset ({presets}), or give the whole path, and --body \
                     and --answer where it takes and gives another form"
                );
                ("target", &typed.target, "the path of a service, as in json://host/score")
            }
            SetupError::Header(_) => match authorization {
                Some(given) if typed.header.is_none() => given,
                _ => ("header", &typed.header, "headers to send"),
            },
            SetupError::Management(_) if typed.management_token_file.is_some() => {
                ("management-token-file", &typed.management_token_file, "a token to send")
            }
            SetupError::Management(_) => {
                ("management-token-env", &typed.management_token_env, "a token to send")
            }
            SetupError::Pem { what: "ca", .. } => ("ca", &typed.ca, "certificates to trust"),
            SetupError::Pem { what: "client-key", .. } => ("client-key", &typed.client_key, "a private key"),
            SetupError::Pem { .. } => ("client-cert", &typed.client_cert, "a certificate to show"),
            SetupError::Proxy(_) | SetupError::PlainProxy => ("proxy", &typed.proxy, "a proxy to go through"),
            SetupError::Body(_) => ("body", &typed.body, "a body template"),
            SetupError::Pointer(_) => ("answer", &typed.answer, "a JSON Pointer"),
            SetupError::Model { .. } => ("model", &typed.model, "a model where one is named, and only there"),
            _ => ("target", &typed.target, "a target that can be asked"),
        };
        let mut problems = Problems::default();
        problems.note(key, given.as_ref(), Misfit::unshown(expected).hint(hint));
        problems
    }
}

/// The model, which is there in every valid [`Place`] whose protocol names one.
fn model(place: &Place) -> String {
    place.target.model().unwrap_or_default().to_owned()
}

pub(super) fn triton(place: &Place, options: HttpOptions) -> Made {
    let protocol = TritonProtocol::new(triton_options(place));
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

pub(super) fn triton_grpc(place: &Place, options: HttpOptions) -> Made {
    let protocol = TritonGrpcProtocol::new(triton_options(place), options.deadline);
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

fn triton_options(place: &Place) -> TritonOptions {
    TritonOptions {
        version: place.target.version().map(str::to_owned),
        output: place.output.clone(),
        binary: place.tensors,
        compression: place.compression,
        classes: place.classes,
        inputs: place.inputs.clone(),
        parameters: place.parameters.clone(),
        ..TritonOptions::new(place.target.base().clone(), model(place))
    }
}

pub(super) fn torchserve(place: &Place, options: HttpOptions) -> Made {
    let protocol = TorchServeProtocol::new(TorchServeOptions {
        base: place.target.base().clone(),
        model: model(place),
        version: place.target.version().map(str::to_owned),
        envelope: place.envelope,
        answer: place.answer.clone(),
        management: place.management.as_ref().map(|it| it.url.clone()),
    });
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

pub(super) fn json(place: &Place, options: HttpOptions) -> Made {
    let protocol = JsonProtocol::new(JsonOptions {
        url: place.target.base().clone(),
        preset: place.preset,
        model: place.target.model().map(str::to_owned),
        columns: place.columns.clone(),
        body: place.body.clone(),
        answer: place.answer.clone(),
    })?;
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

#[cfg(test)]
#[path = "connect/tests.rs"]
mod tests;
