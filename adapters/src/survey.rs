//! What a server tells about itself beside what a prediction needs: which models it has, which routes it takes.
//!
//! For people who look at an endpoint before they audit it; nothing here decides how a row is sent. Readers are
//! lenient: what is not understood is left out.

use std::time::Duration;

mod models;
mod routes;

pub(crate) use models::models;
pub(crate) use routes::routes;

/// What one place of a server tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// The server software and its version.
    pub server: Option<String>,
    /// The models that it has.
    pub models: Vec<Listed>,
    /// The paths that take predictions, as its OpenAPI description names them.
    pub routes: Vec<Route>,
}

/// A model in a list of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its version, where one is told.
    pub version: Option<String>,
    /// Whether it is ready, in the server's own words.
    pub state: Option<String>,
}

/// A path that takes a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The path.
    pub path: String,
    /// The fields of the request's object.
    pub fields: Vec<Taken>,
}

/// One field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// Its type, `array of number` for example; empty where none is told.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
}

/// What was seen at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// The request, `GET http://host/openapi.json`.
    pub at: String,
    /// `200 OK`, or what stood in the way.
    pub said: String,
    /// What it tells, where it tells anything.
    pub told: Option<Survey>,
    /// How long the server asks to wait before the next request.
    pub pushback: Option<Duration>,
}

/// The most models, routes and fields that are kept.
pub(crate) const MOST: usize = 64;

impl Survey {
    /// The survey, unless there is nothing in it.
    pub(crate) fn unless_empty(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}
