//! The requests of a look: places where the server tells, its description, and one clean row, twice.

use std::sync::Arc;

use noisebound_adapters::{Description, Endpoint, Row, Sight};

use super::facts::Problem;
use super::told::flags;
use crate::audit::{Audit, AuditError, advice, limits};
use crate::client::{Client, Shown, Stop};
use crate::config::settings::Settings;

/// How often the row is asked: whether a model answers the same twice decides how it is audited.
pub const ASKS: usize = 2;

/// The row that is asked.
pub const ROW: u64 = 0;

/// All that came back.
#[derive(Debug, Default)]
pub struct Look {
    /// What was seen at places where the server may tell more than it must.
    pub sights: Vec<Sight>,
    /// What it tells of the model.
    pub description: Option<Description>,
    /// The row, asked.
    pub shown: Vec<Shown>,
    /// Why it went no further.
    pub problem: Option<Problem>,
}

/// Looks at the endpoint; with an audit, asks for its first row.
pub async fn look(settings: &Settings, endpoint: Arc<dyn Endpoint>, audit: Option<&Audit>) -> Look {
    let client = Client::new(endpoint, limits(&settings.conduct), 0);
    let mut seen = Look::default();
    let (sights, stop) = client.survey().await;
    seen.sights = sights;
    if let Some(stop) = stop {
        return seen.stopped(stop);
    }
    let target = &settings.place.target;
    if target.names_model() && target.model().is_none() {
        let models =
            seen.sights.iter().filter_map(|sight| sight.told.as_ref()).any(|told| !told.models.is_empty());
        if !models {
            let said = format!("the server at {} does not say which models it has", target.host());
            seen.problem = Some(Problem::new(2, said, Some("name one as the last segment of the target")));
        }
        return seen;
    }
    match client.describe().await {
        Ok(description) => seen.description = Some(description),
        Err(stop) => return seen.stopped(stop),
    }
    let Some(audit) = audit else { return seen };
    if let Some(Err(misfit)) = seen.description.as_ref().map(|description| audit.fits(description)) {
        seen.problem = Some(Problem::new(2, misfit.to_string(), None::<&str>));
        return seen;
    }
    seen.ask(&client, &audit.clean_row(ROW)).await;
    seen
}

impl Look {
    fn stopped(mut self, stop: Stop) -> Self {
        let error = AuditError::from(stop);
        self.problem = Some(Problem::new(error.exit_code(), error.to_string(), error.hint()));
        self
    }

    /// The flags that would read the last answer.
    fn would_fit(&self) -> Option<String> {
        let pointers = &self.shown.last()?.wire.as_ref()?.would_fit;
        (!pointers.is_empty()).then(|| format!("what would fit: {}", flags(pointers)))
    }

    /// Asks until it was asked often enough, or there is no answer.
    async fn ask(&mut self, client: &Client, row: &Row) {
        for _ in 0..ASKS {
            let shown = client.show(row).await;
            let failure = shown.answer.as_ref().err().cloned();
            let stop = shown.stop.clone();
            self.shown.push(shown);
            if let Some(failure) = failure {
                let code = stop.map_or(3, |stop| AuditError::from(stop).exit_code());
                let unsent = self.shown.last().and_then(|shown| shown.wire.as_ref());
                let unsent = unsent.is_some_and(|wire| wire.request.headers.is_empty());
                let what = if unsent { "the row cannot be sent" } else { "no answer that can be used" };
                let (at, why, kind) = (&failure.at, failure.reason(), failure.kind.name());
                let hint = self.would_fit().or_else(|| advice(kind).map(str::to_owned));
                self.problem = Some(Problem::new(code, format!("{what}: {at}: {why} ({kind})"), hint));
                return;
            }
        }
    }
}
