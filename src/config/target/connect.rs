//! Makes the endpoint that a target names. Secrets are read here for the first time; nothing is sent.

use std::{sync::Arc, time::Duration};

use noisebound_adapters::{
    Endpoint, HttpEndpoint, HttpOptions, JsonOptions, JsonProtocol, SetupError, TorchServeOptions,
    TorchServeProtocol, TritonOptions, TritonProtocol,
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
    /// The endpoint, which has not been asked anything yet. Proxies that the environment names are used, but
    /// not for this machine.
    ///
    /// # Errors
    /// When a secret that a header names is not there, or the body template cannot be used.
    pub fn connect(&self) -> Result<Arc<dyn Endpoint>, Problems> {
        let place = &self.place;
        let options = HttpOptions {
            connect_timeout: self.conduct.timeout.min(CONNECT),
            headers: place.headers.clone(),
            max_idle: self.conduct.concurrency,
            proxy: !place.target.is_loopback(),
            ..HttpOptions::default()
        };
        (place.target.protocol.connect)(place, options).map_err(|error| self.misfit(&error))
    }

    fn misfit(&self, error: &SetupError) -> Problems {
        let typed = &self.typed;
        let token = [("token-env", &typed.token_env), ("token-file", &typed.token_file)];
        let token = token.into_iter().find(|(_, given)| given.is_some());
        let (key, given, expected) = match error {
            SetupError::Header(_) => match token {
                Some((key, given)) if typed.header.is_none() => (key, given, "a token to send"),
                _ => ("header", &typed.header, "headers to send"),
            },
            SetupError::Body(_) => ("body", &typed.body, "a body template"),
            SetupError::Pointer(_) => ("answer", &typed.answer, "a JSON Pointer"),
            _ => ("target", &typed.target, "a target that can be asked"),
        };
        let mut problems = Problems::default();
        problems.note(key, given.as_ref(), Misfit::unshown(expected).hint(error.to_string()));
        problems
    }
}

/// The model, which is there in every valid [`Place`] whose protocol names one.
fn model(place: &Place) -> String {
    place.target.model().unwrap_or_default().to_owned()
}

pub(super) fn triton(place: &Place, options: HttpOptions) -> Made {
    let protocol = TritonProtocol::new(TritonOptions {
        base: place.target.base().clone(),
        model: model(place),
        version: place.target.version().map(str::to_owned),
        output: place.output.clone(),
        binary: None,
    });
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

pub(super) fn torchserve(place: &Place, options: HttpOptions) -> Made {
    let protocol = TorchServeProtocol::new(TorchServeOptions {
        base: place.target.base().clone(),
        model: model(place),
        version: place.target.version().map(str::to_owned),
    });
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

pub(super) fn json(place: &Place, options: HttpOptions) -> Made {
    let protocol = JsonProtocol::new(JsonOptions {
        url: place.target.base().clone(),
        body: place.body.clone(),
        answer: place.answer.clone(),
    })?;
    Ok(Arc::new(HttpEndpoint::new(protocol, options)?))
}

#[cfg(test)]
#[path = "connect/tests.rs"]
mod tests;
