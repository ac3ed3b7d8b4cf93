//! What will run, as far as it is known without the data: the first of two stages.
//!
//! Everything typed is validated here, every problem at once; the second stage, [`Settings::question`],
//! fills what depends on the data. Nothing is sent and no secret is read. The invariant: a value in
//! [`Settings`] is valid by itself and with its neighbours.

mod asked;
mod budget;
mod connection;
mod facts;
mod fit;
mod form;
mod given;
mod load;
mod management;
mod place;
mod question;
mod stated;
mod together;

#[cfg(test)]
pub(super) mod tests;

pub use asked::Asked;
pub use connection::Connection;
pub use facts::DataFacts;
pub(crate) use facts::targets_range;
pub use management::Management;
pub(super) use place::absolute;
pub use place::{DataPlace, Place};
pub use stated::Stated;

use std::path::{Path, PathBuf};

use super::{
    Conduct, Typed, file,
    problem::{Origin, Problems},
    typed::Given,
};
use crate::{bound::Claim, cli::args::AuditArgs};

/// Whether a model must be named where the protocol names models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    /// It must.
    Named,
    /// It need not: the server is asked which models it has.
    Open,
}

/// A validated audit, without its data.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What was typed, with the place of each value; for messages and for plans.
    pub typed: Typed,
    /// The endpoint and how to talk to it.
    pub place: Place,
    /// Where the data are.
    pub data: DataPlace,
    /// What is asked, as far as the data do not decide it.
    pub asked: Asked,
    /// How it is asked.
    pub conduct: Conduct,
    /// The run folder, if one was named.
    pub run_dir: Option<PathBuf>,
    /// Where else the report is to be written.
    pub save: Vec<PathBuf>,
    /// The claims that a plan lists, to be checked against those that follow from the rest.
    pub claims: Option<Vec<Claim>>,
    /// What makes an audit pointless, for which [`Settings::question`] refuses it and [`Settings::planned`] does
    /// not.
    pub in_vain: Problems,
}

impl Settings {
    /// What was typed in flags, the environment and the audit file, over the defaults. `environment` looks a
    /// variable up, as [`environment`] does.
    pub fn from_args(
        args: &AuditArgs,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Problems> {
        Self::from_args_over(args, environment, Typed::default())
    }

    /// The same for rows that are not there yet: neither data nor targets need to be named.
    pub fn from_args_without_data(
        args: &AuditArgs,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Problems> {
        let unread = Given { values: vec![facts::UNREAD.to_owned()], origin: Origin::Default };
        Self::from_args_over(args, environment, Typed { data: Some(unread), ..Typed::default() })
    }

    /// The same for a look at the endpoint: no model needs to be named either.
    pub fn from_args_to_look(
        args: &AuditArgs,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Problems> {
        let unread = Given { values: vec![facts::UNREAD.to_owned()], origin: Origin::Default };
        let (typed, problems) = Self::layers(args, environment)?;
        Self::checked_for(typed.over(Typed { data: Some(unread), ..Typed::default() }), problems, Model::Open)
    }

    /// Whether data were named.
    pub fn has_data(&self) -> bool {
        self.typed.data.as_ref().is_some_and(|given| given.origin != Origin::Default)
    }

    fn from_args_over(
        args: &AuditArgs,
        environment: impl Fn(&str) -> Option<String>,
        beneath: Typed,
    ) -> Result<Self, Problems> {
        let (typed, problems) = Self::layers(args, environment)?;
        Self::checked(typed.over(beneath), problems)
    }

    /// What was typed, the defaults not beneath it yet, and what is wrong with the text of the audit file.
    pub(super) fn layers(
        args: &AuditArgs,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<(Typed, Problems), Problems> {
        let typed = Typed::from_flags(args).over(Typed::from_environment(environment));
        let Some(path) = args.audit_file() else { return Ok((typed, Problems::default())) };
        let (file, problems) = file::read(&path)?;
        Ok((typed.over(file), problems))
    }

    /// Validates what was typed, beside problems that are known already.
    pub(super) fn checked(typed: Typed, problems: Problems) -> Result<Self, Problems> {
        Self::checked_for(typed, problems, Model::Named)
    }

    fn checked_for(typed: Typed, mut problems: Problems, model: Model) -> Result<Self, Problems> {
        let settings = Self::valid(typed, model);
        if problems.0.is_empty() {
            return settings;
        }
        // A key that the file says wrongly is not told to be missing as well.
        let known: Vec<String> = problems.0.iter().map(|problem| problem.key.clone()).collect();
        let more = settings.err().unwrap_or_default().0;
        problems.0.extend(more.into_iter().filter(|problem| !known.contains(&problem.key)));
        Err(problems)
    }

    /// The text of an audit file at `path`, over the defaults; relative paths in it are relative to its
    /// folder.
    pub fn from_text(text: &str, path: &Path) -> Result<Self, Problems> {
        Self::new(file::parse(text, path)?)
    }

    /// Validates what was typed, defaults beneath.
    pub fn new(typed: Typed) -> Result<Self, Problems> {
        Self::valid(typed, Model::Named)
    }

    fn valid(typed: Typed, model: Model) -> Result<Self, Problems> {
        let typed = typed.over(Typed::defaults());
        let mut problems = Problems::default();
        let place = place::place(&typed, model, &mut problems);
        let data = place::data(&typed, &mut problems);
        let images = data.as_ref().is_some_and(DataPlace::is_images);
        let asked = asked::asked(&typed, images, &mut problems);
        let conduct = load::conduct(&typed, &mut problems);
        let run_dir = problems.one("run-dir", typed.run_dir.as_ref(), place::path);
        let save = problems.read("save", typed.save.as_ref(), place::report_files).unwrap_or_default();
        let in_vain = problems.take_in_vain();
        match (place, data, asked, conduct) {
            (Some(place), Some(data), Some(asked), Some(conduct)) if problems.0.is_empty() => {
                let claims = typed.claims.clone();
                Ok(Self { typed, place, data, asked, conduct, run_dir, save, claims, in_vain })
            }
            _ => {
                problems.0.extend(in_vain.0);
                Err(problems)
            }
        }
    }
}

/// A variable of the environment of this process.
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
