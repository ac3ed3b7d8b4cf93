//! Services that take and give JSON, each as it does: MLflow, BentoML, LitServe, FastAPI, Ray Serve, Seldon Core, Azure
//! ML, Databricks, Vertex AI, Hugging Face.
//!
//! What real servers answered is told in the docs of each form. All serve the first model; the layout of a request tells
//! which service is meant where two have the same path.

mod forms;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router};

use super::Number;
use super::json::flatten;
use crate::app::{App, Served};
use crate::faults::{Outcome, befall};
use forms::{Asked, Form, Refusal};

/// Every path of a service, and who answers there.
const PATHS: [(&str, Form); 7] = [
    ("/invocations", forms::MLFLOW),
    ("/serving-endpoints/{model}/invocations", forms::MLFLOW),
    ("/predict", forms::PREDICT),
    ("/", forms::ROOT),
    ("/score", forms::AZURE),
    ("/api/v1.0/predictions", forms::SELDON),
    ("/v1/projects/{project}/locations/{location}/endpoints/{endpoint}", forms::VERTEX),
];

/// The paths of all services.
pub(super) fn router(app: &Arc<App>) -> Router {
    let routes = PATHS.into_iter().fold(Router::new(), |router, (path, form)| {
        let answer = async move |state, number, body: Bytes| predict(form, state, number, &body);
        router.route(path, post(answer).route_layer(from_fn_with_state(Arc::clone(app), befall)))
    });
    routes.route_layer(from_fn_with_state(Arc::clone(app), guard)).with_state(Arc::clone(app))
}

async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if super::authorized(app.token.as_deref(), request.headers().get(header::AUTHORIZATION)) {
        return next.run(request).await;
    }
    // What stands before such services is a proxy of its own.
    reply(401, "text/html", "<html><head><title>Sign in</title></head></html>".to_owned(), &[])
}

fn predict(
    form: Form,
    State(app): State<Arc<App>>,
    Extension(Number(number)): Extension<Number>,
    body: &Bytes,
) -> Response {
    let Some(served) = app.models().first() else {
        return reply(404, "text/plain", "Not Found".to_owned(), &[]);
    };
    let asked = match rows_of(form, served, body) {
        Ok(asked) => asked,
        Err(refusal) => return (form.refuse)(&refusal).reply(),
    };
    let Ok(answers) = app.predict(served, asked.values, number) else {
        return (form.refuse)(&Refusal::Raised).reply();
    };
    let width = served.signature().answer_width().max(1);
    let rows: Vec<&[f64]> = answers.values.chunks_exact(width).collect();
    let mut response = reply(200, "application/json", (asked.write)(served.signature(), &rows), &[]);
    response.extensions_mut().insert(Outcome { rows: answers.rows, delay: answers.delay });
    response
}

/// The rows of a request as values, and how to answer them.
struct Read {
    values: Vec<f64>,
    write: forms::Write,
}

fn rows_of(form: Form, served: &Served, body: &[u8]) -> Result<Read, Refusal> {
    let json = serde_json::from_slice(body).map_err(|error| Refusal::Json(error.to_string()))?;
    let Asked { rows, write } = (form.read)(&json)?;
    let width = served.signature().width();
    let mut values = Vec::with_capacity(rows.len() * width);
    for (place, row) in rows.iter().enumerate() {
        let numbers = flatten(row, &mut values);
        if numbers.is_none() || values.len() != (place + 1) * width {
            return Err(Refusal::Row(format!("row {place} does not have {width} numbers")));
        }
    }
    Ok(Read { values, write })
}

/// What a service says of a refusal: the status, the type, the body, more headers.
struct Told {
    status: u16,
    content_type: &'static str,
    body: String,
    headers: Vec<(&'static str, &'static str)>,
}

impl Told {
    fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, content_type: "application/json", body: body.to_string(), headers: Vec::new() }
    }

    fn text(status: u16, body: &str) -> Self {
        Self { status, content_type: "text/plain", body: body.to_owned(), headers: Vec::new() }
    }

    fn reply(self) -> Response {
        reply(self.status, self.content_type, self.body, &self.headers)
    }
}

fn reply(
    status: u16,
    kind: &'static str,
    body: String,
    headers: &[(&'static str, &'static str)],
) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = super::triton::reply(status, kind, body);
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
