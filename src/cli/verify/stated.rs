//! What a report states of the run itself, against what the rest of the folder holds of it.
//!
//! The invariant: what a report states is held against something, or named as not checked.

use std::fmt::Debug;
use std::io::ErrorKind;
use std::path::Path;

use crate::bound::Claim;
use crate::client::{Counts, Health};
use crate::config::differences::differences;
use crate::config::question::{DataId, EndpointId};
use crate::config::{Conduct, Problems, Question, Settings};
use crate::journal::{Header, Line};
use crate::results::{BaselineFacts, DataFacts, EndpointFacts, FieldFacts, Identity, Run};

/// Where credentials are, as a plan names it.
const CREDENTIALS: [&str; 8] = [
    "token-env",
    "token-file",
    "basic-env",
    "basic-file",
    "management-token-env",
    "management-token-file",
    "header",
    "proxy",
];

/// What a journal holds of the run itself.
pub struct Journalled {
    /// What was sent until the end; absent where the last run did not come to its end.
    pub counts: Option<Counts>,
    /// What is known of the endpoint, with the same exception; absent, too, in journals that do not tell it.
    pub health: Option<Health>,
    /// When the run was resumed.
    pub resumed: Vec<String>,
    /// The version of noisebound of the last run.
    pub tool: String,
    /// How the last run asked.
    pub conduct: Conduct,
    /// What the endpoint told about itself in the last run; absent in journals of before it was kept.
    pub told: Option<EndpointFacts>,
    /// The fields of a row; absent in journals of before they were kept.
    pub fields: Vec<FieldFacts>,
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
        let (tool, conduct, told) = resumed().next_back().map_or_else(
            || (&header.tool, &header.conduct, &header.told),
            |resumed| (&resumed.tool, &resumed.conduct, &resumed.told),
        );
        Self {
            counts: last.map(|last| last.counted.clone()),
            health: last.and_then(|last| last.health.clone()),
            resumed: resumed().map(|resumed| resumed.resumed.clone()).collect(),
            tool: tool.clone(),
            conduct: conduct.clone(),
            told: told.clone(),
            fields: header.fields.clone(),
        }
    }
}

/// What came of a look at a folder.
#[derive(Default)]
pub struct Checked {
    /// What there is to say beforehand, in whole lines.
    pub told: String,
    /// What differs.
    pub differs: Vec<String>,
    /// What was held against nothing.
    pub unchecked: Vec<String>,
}

impl Checked {
    /// Takes up what came of another look.
    pub fn add(&mut self, other: Self) {
        self.told.push_str(&other.told);
        self.differs.extend(other.differs);
        other.unchecked.into_iter().for_each(|what| self.leave(what));
    }

    /// Names what is held against nothing.
    pub fn leave(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.unchecked.contains(&what) {
            self.unchecked.push(what);
        }
    }
}

/// Collects what a report states otherwise than the rest of the folder.
pub struct Stated<'a> {
    /// Where, for people: the folder, and the part of a comparison.
    pub place: String,
    /// The name of the report.
    pub report: &'a str,
    /// Where it is collected.
    pub to: &'a mut Checked,
}

impl Stated<'_> {
    /// Notes what differs.
    pub fn differs(&mut self, how: &str) {
        self.to.differs.push(format!("{}: {how}", self.place));
    }

    /// Holds what the report states of something against what the journal gives.
    pub fn check<T: PartialEq + Debug>(&mut self, what: &str, stated: &T, given: &T) {
        if stated != given {
            self.differs(&format!("{} states {what} {stated:?}, the journal gives {given:?}", self.report));
        }
    }

    /// Holds how the report says that it was asked against how the last run asked.
    pub fn check_conduct(&mut self, stated: &Conduct, given: &Conduct) {
        if stated != given {
            self.differs(&format!("{} states another conduct than the journal", self.report));
        }
    }

    /// Holds the counts of what was sent against those of the journal, and what they cost.
    pub fn check_counts(&mut self, stated: &Counts, cost: Option<f64>, journalled: &Journalled) {
        let given = journalled.counts.as_ref();
        let rows = given.map_or(stated.rows, |given| given.rows);
        let each = journalled.conduct.cost_per_query;
        self.check("a cost of", &cost, &each.map(|each| each * rows as f64));
        let Some(given) = given else {
            return self.to.leave(
                "what was sent (run.requests, predictions, rows, retries, failures and failure_kinds), as the last run \
                 did not come to its end",
            );
        };
        self.check("requests", &stated.requests, &given.requests);
        self.check("predictions", &stated.predictions, &given.predictions);
        self.check("rows", &stated.rows, &given.rows);
        self.check("retries", &stated.retries, &given.retries);
        self.check("failures", &stated.failures, &given.failures);
        self.check("failures by kind", &stated.kinds, &given.kinds);
    }

    /// Holds how the endpoint is said to have done against what the journal tells of it.
    pub fn check_health(&mut self, run: &Run, journalled: &Journalled) {
        let Some(given) = &journalled.health else {
            return self.to.leave(
                "how the endpoint did at the start (run.baseline, run.openings), which this journal does not tell",
            );
        };
        self.check("openings", &run.openings, &given.openings);
        self.check("a baseline of", &run.baseline, &given.baseline().map(BaselineFacts::from));
    }

    /// Holds what the report says that an endpoint told about itself against what was asked, and what the journal says.
    pub fn check_endpoint(
        &mut self,
        stated: &EndpointFacts,
        asked: &EndpointId,
        told: Option<&EndpointFacts>,
    ) {
        self.check("a target", &stated.url, &asked.url);
        self.check("a protocol", &stated.protocol, &asked.protocol);
        let Some(told) = told else {
            return self
                .to
                .leave("what the endpoint told about itself, which this journal does not keep (endpoint)");
        };
        self.check("a model", &stated.model, &told.model);
        self.check("a version", &stated.version, &told.version);
        self.check("a server", &stated.server, &told.server);
        self.check("a hint", &stated.hint, &told.hint);
    }

    /// Holds what the report says of the data against what was asked, and what the journal says of their fields.
    pub fn check_data(&mut self, stated: &DataFacts, asked: &DataId, fields: &[FieldFacts]) {
        self.check("rows of data", &stated.rows, &asked.rows);
        self.check("data of the hash", &stated.blake3, &asked.blake3);
        if fields.is_empty() {
            self.to.leave("the fields of the data (data.fields), which this journal does not keep");
        } else {
            self.check("fields", &stated.fields.as_slice(), &fields);
        }
    }

    /// Holds what the report says of the model's identity against the journal; a report of before it was told says nothing.
    pub fn check_identity(&mut self, stated: Option<&Identity>, given: Option<&Identity>) {
        if stated.is_none() && given.is_some_and(|given| given.asked == 0) {
            return self.to.leave("the model's identity (run.identity), which this report does not tell");
        }
        self.check("of the model's identity", &stated, &given);
    }

    /// Holds files that are made from the report against what this version of noisebound makes of it; `tool` is the one
    /// that wrote them.
    pub fn check_files(&mut self, folder: &Path, tool: &str, files: &[(&str, String)]) {
        if tool != env!("CARGO_PKG_VERSION") {
            let names: Vec<&str> = files.iter().map(|(file, _)| *file).collect();
            let names = names.join(" and ");
            return self.to.leave(format!("how {names} are written, which is the work of version {tool}"));
        }
        for (file, text) in files {
            match std::fs::read(folder.join(file)) {
                Ok(found) if found == text.as_bytes() => {}
                Ok(_) => self.differs(&format!("{file} is not what is written of {}", self.report)),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.to.leave(format!("{file}, which is not there"));
                }
                Err(error) => self.differs(&format!("{file} cannot be read: {error}")),
            }
        }
    }

    /// Holds the plan in a folder against the question and the conduct of its journal, and against the claims that
    /// follow from it.
    pub fn check_plan(&mut self, folder: &Path, question: &Question, conduct: &Conduct, claims: &[Claim]) {
        let file = folder.join("plan.toml");
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => return self.differs(&format!("plan.toml cannot be read: {error}")),
        };
        // Where credentials are is not looked at: whether their variables are set here is no matter.
        let mut table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => return self.differs(&format!("plan.toml is no audit file: {}", error.message())),
        };
        for key in CREDENTIALS {
            table.remove(key);
        }
        let text = toml::to_string(&table).unwrap_or(text);
        let read = || -> Result<(Settings, Question), Problems> {
            let settings = Settings::from_text(&text, &file)?;
            let asked = settings.question_like(question)?;
            Ok((settings, asked))
        };
        let (settings, asked) = match read() {
            Ok(read) => read,
            Err(problems) => {
                let said = problems.to_string().replace('\n', "; ");
                return self.differs(&format!("plan.toml is no audit file: {said}"));
            }
        };
        let apart = differences(&asked, question);
        if !apart.is_empty() {
            let apart = apart.join("; ");
            self.differs(&format!("plan.toml asks another question than the journal: {apart}"));
        }
        if settings.conduct != *conduct {
            self.differs("plan.toml states another conduct than the journal");
        }
        if settings.claims.unwrap_or_default() != claims {
            self.differs("plan.toml lists other claims than follow from the question");
        }
    }
}
