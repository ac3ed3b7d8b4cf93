//! What a report states of the run itself, against what the journal and `plan.toml` hold of it.
//!
//! Pure. The invariant: a number of the run is left out only where nothing else in the folder holds it: times, and what
//! was sent by a run that was killed before it counted.

use std::fmt::Debug;

use crate::bound::Claim;
use crate::client::{Counts, Health};
use crate::config::Conduct;
use crate::config::plan::listed;
use crate::journal::{Header, Line};
use crate::results::{BaselineFacts, Run};

/// What a journal holds of the run itself.
pub struct Journalled {
    /// What was sent until the end; absent where the last run did not come to its end.
    pub counts: Option<Counts>,
    /// What is known of the endpoint, with the same exception; absent, too, in journals that do not tell it.
    pub health: Option<Health>,
    /// When the run was resumed.
    pub resumed: Vec<String>,
    /// How the last run asked.
    pub conduct: Conduct,
}

impl Journalled {
    /// Of a journal with this header and these lines.
    pub fn of(header: &Header, lines: &[Line]) -> Self {
        let last = match lines.last() {
            Some(Line::Counted(counted)) if !counted.running => Some(counted),
            _ => None,
        };
        let resumed =
            || lines.iter().filter_map(|line| if let Line::Resumed(it) = line { Some(it) } else { None });
        Self {
            counts: last.map(|last| last.counted.clone()),
            health: last.and_then(|last| last.health.clone()),
            resumed: resumed().map(|resumed| resumed.resumed.clone()).collect(),
            conduct: resumed()
                .next_back()
                .map_or_else(|| header.conduct.clone(), |resumed| resumed.conduct.clone()),
        }
    }
}

/// Collects what a report states otherwise than the rest of the folder.
pub struct Stated<'a> {
    /// Where, for people: the folder, and the part of a comparison.
    pub place: String,
    /// The name of the report.
    pub report: &'a str,
    /// What was found.
    pub found: Vec<String>,
}

impl Stated<'_> {
    /// Holds what the report states of something against what the journal gives.
    pub fn check<T: PartialEq + Debug>(&mut self, what: &str, stated: &T, given: &T) {
        if stated != given {
            let Self { place, report, found } = self;
            found.push(format!("{place}: {report} states {what} {stated:?}, the journal gives {given:?}"));
        }
    }

    /// Holds how the report says that it was asked against how the last run asked.
    pub fn check_conduct(&mut self, stated: &Conduct, given: &Conduct) {
        if stated != given {
            let Self { place, report, found } = self;
            found.push(format!("{place}: {report} states another conduct than the journal"));
        }
    }

    /// Holds the counts of what was sent against those of the journal, and what they cost.
    pub fn check_counts(
        &mut self,
        stated: &Counts,
        journalled: &Journalled,
        (cost, each): (Option<f64>, Option<f64>),
    ) {
        let Some(given) = &journalled.counts else { return };
        self.check("requests", &stated.requests, &given.requests);
        self.check("predictions", &stated.predictions, &given.predictions);
        self.check("rows", &stated.rows, &given.rows);
        self.check("retries", &stated.retries, &given.retries);
        self.check("failures", &stated.failures, &given.failures);
        self.check("failures by kind", &stated.kinds, &given.kinds);
        self.check("a cost of", &cost, &each.map(|each| each * given.rows as f64));
    }

    /// Holds how the endpoint is said to have done against what the journal tells of it.
    pub fn check_health(&mut self, run: &Run, journalled: &Journalled) {
        let Some(given) = &journalled.health else { return };
        self.check("openings", &run.openings, &given.openings);
        self.check("a baseline of", &run.baseline, &given.baseline().map(BaselineFacts::from));
    }

    /// Holds what `plan.toml` lists against what follows from the question.
    pub fn check_plan(&mut self, plan: std::io::Result<String>, follows: impl Fn(&str) -> bool) {
        let place = &self.place;
        self.found.extend(match plan {
            Err(error) => Some(format!("{place}: plan.toml cannot be read: {error}")),
            Ok(plan) if follows(&plan) => None,
            Ok(_) => Some(format!("{place}: plan.toml lists other claims than follow from the question")),
        });
    }
}

/// Whether a plan lists these claims.
pub fn lists(plan: &str, claims: &[Claim]) -> bool {
    // Where there are none, none are listed.
    let none = || toml::Value::Array(Vec::new());
    let claims_in =
        |text: &str| Some(text.parse::<toml::Table>().ok()?.remove("claims").unwrap_or_else(none));
    let stated = claims_in(plan);
    stated.is_some() && stated == claims_in(&listed(claims))
}
