//! The requests of a look: places where the server tells, its description, and one clean row, twice.

use std::sync::Arc;

use noisebound_adapters::{Description, Endpoint, FailureKind, Listed, PRESETS, Row, Sight, Taken};
use url::Url;

use super::facts::Problem;
use super::told::flags;
use crate::audit::{Audit, AuditError, advice, limits};
use crate::client::{Client, Shown, Stop};
use crate::config::settings::Settings;
use crate::config::target::Target;
use crate::nearest::nearest;
use crate::report::text::shorten;

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
    /// What it told before something stood in the way.
    pub learned: Option<Description>,
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
    let target = &settings.place.target;
    if let Some(stop) = stop {
        return seen.stopped(target, &client, stop);
    }
    if target.names_model() && target.model().is_none() {
        if seen.models().next().is_none() {
            let said = format!("the server at {} does not say which models it has", target.host());
            let elsewhere = target.takes("management-url") && settings.place.management.is_none();
            let more = if elsewhere {
                ", or give --management-url http://HOST:8081, where such a server lists them"
            } else {
                ""
            };
            let hint = format!("name one as the last segment of the target{more}");
            seen.problem = Some(Problem::new(2, said, Some(hint)));
        }
        return seen;
    }
    match client.describe().await {
        Ok(description) => seen.description = Some(description),
        Err(stop) => return seen.stopped(target, &client, stop),
    }
    let Some(audit) = audit else { return seen };
    if let Some(Err(misfit)) = seen.description.as_ref().map(|description| audit.fits(description)) {
        seen.problem = Some(Problem::new(2, misfit.to_string(), None::<&str>));
        return seen;
    }
    seen.ask(settings, &client, &audit.clean_row(ROW)).await;
    seen
}

impl Look {
    /// The models that the server lists.
    fn listed(&self) -> impl Iterator<Item = &Listed> {
        let told = self.sights.iter().filter_map(|sight| sight.told.as_ref());
        told.flat_map(|told| &told.models)
    }

    /// Their names.
    fn models(&self) -> impl Iterator<Item = &str> {
        self.listed().map(|model| model.name.as_str())
    }

    fn stopped(mut self, target: &Target, client: &Client, stop: Stop) -> Self {
        self.learned = Some(client.learned());
        let unknown = matches!(&stop, Stop::Endpoint(failure) if failure.kind == FailureKind::NotFound);
        let wanted = target.model().filter(|_| unknown);
        let near = wanted.filter(|model| !self.models().any(|name| name == *model));
        let near = near.and_then(|model| nearest(model, self.models()));
        let near = near.map(|name| format!("did you mean `{name}`?"));
        // The model itself is there.
        let version = || {
            let versions: Vec<&str> = self
                .listed()
                .filter(|it| Some(it.name.as_str()) == wanted)
                .filter_map(|it| it.version.as_deref())
                .collect();
            let listed =
                || format!("the model is there; the server lists of it: version {}", versions.join(", "));
            (!versions.is_empty()).then(listed)
        };
        let error = AuditError::from(stop);
        let meant = || target.meant_version().filter(|_| unknown);
        let hint = near.or_else(version).or_else(meant).or_else(|| error.hint().map(str::to_owned));
        self.problem = Some(Problem::new(error.exit_code(), error.to_string(), hint));
        self
    }

    /// Asks until it was asked often enough, or there is no answer.
    async fn ask(&mut self, settings: &Settings, client: &Client, row: &Row) {
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
                let about_form = is_about_form(failure.kind);
                let described = || described(&self.sights, &failure.at).filter(|_| about_form);
                let form = || form(settings).or_else(|| other_form(settings)).filter(|_| about_form);
                let usual = || advice(kind).map(str::to_owned);
                let hint = would_fit(&self.shown).or_else(described).or_else(form).or_else(usual);
                self.problem = Some(Problem::new(code, format!("{what}: {at}: {why} ({kind})"), hint));
                return;
            }
        }
    }
}

/// The flags that would read the last answer as one output, where it was not read or holds several.
pub fn would_fit(shown: &[Shown]) -> Option<String> {
    let pointers = &shown.last()?.wire.as_ref()?.would_fit;
    (!pointers.is_empty()).then(|| format!("what would fit: {}", flags(pointers)))
}

/// How to say what a service takes and gives, where neither a flag nor the URL says it.
pub fn form(settings: &Settings) -> Option<String> {
    let place = &settings.place;
    let open = place.target.takes("preset") && place.preset.is_none() && place.body.is_none();
    open.then(|| {
        let presets = PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
        format!(
            "say what the service takes: --preset NAME ({presets}), or --body '{{\"rows\": {{{{ rows }}}}}}' and \
             --answer /scores; without them it is sent {{\"instances\": [...]}}, and /predictions is read"
        )
    })
}

/// What to do where the form that was typed is not the one that the service takes.
fn other_form(settings: &Settings) -> Option<String> {
    let place = &settings.place;
    let typed = place.preset.as_ref().map(|preset| format!("--preset {}", preset.name));
    let typed = typed.or_else(|| place.body.as_ref().map(|_| "--body".to_owned()))?;
    let presets = PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", ");
    Some(format!("is {typed} what the service takes? There are --preset {presets}, and --body with --answer"))
}

/// What the description of the service says that this place takes, where it takes an object.
fn described(sights: &[Sight], at: &str) -> Option<String> {
    let path = Url::parse(at).ok()?.path().to_owned();
    let routes = sights.iter().filter_map(|sight| sight.told.as_ref()).flat_map(|told| &told.routes);
    let route = routes.filter(|route| !route.fields.is_empty()).find(|route| route.path == path)?;
    let told = |field: &Taken| {
        let (name, kind) = (shorten(&field.name, 40), shorten(&field.kind, 40));
        let kind = if kind.is_empty() { kind } else { format!(" ({kind})") };
        format!("`{name}`{kind}")
    };
    let fields: Vec<String> = route.fields.iter().take(FIELDS).map(told).collect();
    let first = route.fields.iter().find(|field| field.required).or(route.fields.first())?;
    let name = shorten(&first.name, 40);
    Some(format!(
        "the service describes {path} as taking an object with {}: --body '{{\"{name}\": {{{{ rows }}}}}}' or {{{{ row }}}}",
        fields.join(", ")
    ))
}

/// So many fields of a request are told.
const FIELDS: usize = 6;

/// Whether another form of the request may be what is wanted. Some services stumble over what they do not know.
fn is_about_form(kind: FailureKind) -> bool {
    use FailureKind::{Malformed, ModelFailed, NotFound, Rejected};
    matches!(kind, Malformed | Rejected | NotFound | ModelFailed)
}
