//! What is wrong with what was typed: every problem at once, each with its place and its mend.
//!
//! A [`Misfit`] is a value that does not fit; a [`Problem`] is a misfit with its place. No message holds a
//! value that could be a secret: whoever makes a misfit of one leaves `found` out.

use std::{fmt, path::Path, sync::Arc};

use super::typed::Given;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The environment, `NOISEBOUND_` and the name of the flag.
    Environment,
    /// A file, and the line in it, counted from 1.
    File(Arc<Path>, usize),
    /// Nobody typed it.
    Default,
}

/// A value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What was expected, as a noun: `a rate such as 20/s`.
    pub expected: String,
    /// What was found; `None` when it could be a secret.
    pub found: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// For what makes an audit no more than pointless: an audit is refused, a plan is made and says this.
    pub in_vain: Option<String>,
}

impl Misfit {
    /// A misfit that shows what was found.
    pub fn new(expected: impl Into<String>, found: impl fmt::Display) -> Self {
        Self { expected: expected.into(), found: Some(format!("`{found}`")), hint: None, in_vain: None }
    }

    /// A misfit that keeps what was found to itself, or that is about what is not there.
    pub fn unshown(expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: None, hint: None, in_vain: None }
    }

    /// What was found, in words and without quotes.
    #[must_use]
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// What a plan says of it, a sentence without a full stop; an audit is refused.
    #[must_use]
    pub fn in_vain(mut self, sentence: impl Into<String>) -> Self {
        self.in_vain = Some(sentence.into());
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A value that does not fit, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key: the long name of the flag.
    pub key: String,
    /// Where the value came from.
    pub origin: Origin,
    /// What is wrong with it.
    pub misfit: Misfit,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Flag | Origin::Default if self.key == "target" => write!(f, "TARGET")?,
            Origin::Flag | Origin::Default => write!(f, "--{}", self.key)?,
            Origin::Environment => write!(f, "{}", environment_name(&self.key))?,
            Origin::File(path, line) => write!(f, "{}:{line}: {}", path.display(), self.key)?,
        }
        write!(f, ": expected {}", self.misfit.expected)?;
        if let Some(found) = &self.misfit.found {
            write!(f, ", found {found}")?;
        }
        if let Some(hint) = &self.misfit.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

/// The variable of the environment that stands for a flag: `NOISEBOUND_MAX_TIME` for `max-time`.
pub fn environment_name(key: &str) -> String {
    format!("NOISEBOUND_{}", key.to_uppercase().replace('-', "_"))
}

/// Everything that is wrong with what was typed; at least one problem when it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Bad usage, plan or input.
    pub fn exit_code(&self) -> u8 {
        2
    }

    /// What the user can do next, besides the mend that each problem names.
    pub fn hint(&self) -> &'static str {
        "nothing was sent; `noisebound audit --help` tells what each flag takes"
    }

    /// Notes a misfit of a key, at the place of what was given.
    pub(crate) fn note(&mut self, key: &str, given: Option<&Given>, misfit: Misfit) {
        let origin = given.map_or(Origin::Default, |given| given.origin.clone());
        self.0.push(Problem { key: key.to_owned(), origin, misfit });
    }

    /// Reads what was given with `parse`; a misfit is noted, and then there is no value.
    pub(crate) fn read<T>(
        &mut self,
        key: &str,
        given: Option<&Given>,
        parse: impl FnOnce(&[String]) -> Result<T, Misfit>,
    ) -> Option<T> {
        match parse(&given?.values) {
            Ok(value) => Some(value),
            Err(misfit) => {
                self.note(key, given, misfit);
                None
            }
        }
    }

    /// As [`Problems::read`], for keys with a single value.
    pub(crate) fn one<T>(
        &mut self,
        key: &str,
        given: Option<&Given>,
        parse: impl FnOnce(&str) -> Result<T, Misfit>,
    ) -> Option<T> {
        self.read(key, given, |values| match values {
            [value] => parse(value),
            _ => Err(Misfit::unshown("one value").found(format!("{} values", values.len()))),
        })
    }

    /// Takes out what an audit is refused for and a plan is not.
    pub(crate) fn take_in_vain(&mut self) -> Self {
        let (in_vain, rest) =
            std::mem::take(&mut self.0).into_iter().partition(|problem| problem.misfit.in_vain.is_some());
        self.0 = rest;
        Self(in_vain)
    }

    /// The problems, if there are any.
    pub(crate) fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::{Misfit, Origin, Problem, Problems};

    fn problem(key: &str, origin: Origin) -> Problem {
        let misfit = Misfit::new("a rate such as 20/s", "20").hint("write 20/s");
        Problem { key: key.into(), origin, misfit }
    }

    #[test]
    fn a_problem_says_where_what_and_how_to_mend_it() {
        let tail = ": expected a rate such as 20/s, found `20`; write 20/s";
        for (key, origin, place) in [
            ("rate", Origin::Flag, "--rate"),
            ("rate", Origin::Default, "--rate"),
            ("target", Origin::Flag, "TARGET"),
            ("max-time", Origin::Environment, "NOISEBOUND_MAX_TIME"),
            ("rate", Origin::File(std::path::Path::new("a.toml").into(), 7), "a.toml:7: rate"),
        ] {
            assert_eq!(problem(key, origin).to_string(), format!("{place}{tail}"));
        }
    }

    #[test]
    fn all_problems_are_told_one_a_line() {
        let all = Problems(vec![problem("rate", Origin::Flag), problem("batch", Origin::Flag)]);
        assert_eq!(all.to_string().lines().count(), 2);
        assert_eq!(all.exit_code(), 2);
        assert!(all.check().is_err());
        assert!(Problems::default().check().is_ok());
    }
}
