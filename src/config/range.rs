//! Losses without a range: where one is needed, and what to give.
//!
//! For what was typed and for a [`Question`] that a library caller made, in the same words. The invariant: where this
//! finds nothing, every limit and gate of the question can be computed.

use super::question::{GateQuantity, Question, Route};
use crate::loss::LOSSES;

/// A way around the range, which not every command has.
pub(super) const OR_PASSES: &str = ", or limit the mean loss of the whole data set with --replicates 0.95";

/// A question about the mean of a loss that must be known to lie in a range, and is not.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("expected {}, found none; {}", self.expected(), self.hint())]
pub struct NoRange {
    loss: String,
    /// The smallest and the largest number in the targets, where they are numbers.
    targets: Option<(f64, f64)>,
}

impl NoRange {
    /// Finds it; `targets` are the smallest and the largest of them, where they are numbers.
    pub fn find(question: &Question, targets: Option<(f64, f64)>) -> Option<Self> {
        let spec = &question.loss;
        let ranged = LOSSES.iter().any(|kind| kind.name == spec.name && kind.ranged);
        let lacks = ranged && spec.range.is_none() && spec.cap.is_none() && needed(question);
        lacks.then(|| Self { loss: spec.name.clone(), targets })
    }

    /// What was expected.
    pub fn expected(&self) -> String {
        format!("the range of {}", self.loss)
    }

    /// What to do about it: what would hold for these targets first.
    pub fn hint(&self) -> String {
        let others = format!("or cap the loss with --loss-cap{OR_PASSES}");
        let ends = self.targets.and_then(|(low, high)| {
            let distance = high - low;
            let end = if self.loss == "squared-error" { distance * distance } else { distance };
            (end > 0.0 && end.is_finite()).then_some((low, high, end))
        });
        match ends {
            Some((low, high, end)) => format!(
                "the targets lie in [{low}, {high}]; if the model's outputs do too, --loss-range 0,{end} holds (a loss \
                 outside of it ends the audit); {others}"
            ),
            None => format!(
                "it has none of its own: promise one, as in --loss-range 0,60 (a loss outside of it ends the audit), \
                 {others}"
            ),
        }
    }
}

/// Whether something is stated about the mean of single losses, and not asymptotically.
fn needed(question: &Question) -> bool {
    let gates = || question.gates.iter().map(|gate| gate.quantity);
    let data_set = |quantity| matches!(quantity, GateQuantity::DataSet(_));
    let quantile = |quantity| matches!(quantity, GateQuantity::Quantile(_));
    if question.replicates.is_some() || gates().any(data_set) {
        return false;
    }
    let decided = question.critical.is_some() || !gates().all(quantile);
    if question.asymptotic {
        return decided || question.route == Route::Differences;
    }
    let nothing = question.gates.is_empty() && question.quantiles.is_empty();
    decided || nothing || question.precision.is_some() || question.slice.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::tests::{facts, flags};
    use crate::config::{Problems, Settings};

    fn ask(line: &[&str]) -> Result<Question, Problems> {
        let settings = Settings::new(flags(&[&["--loss", "squared-error"], line].concat()))?;
        settings.question(&facts()).map(|(question, _)| question)
    }

    #[test]
    fn a_question_is_told_what_was_told_of_what_was_typed() {
        let told = ask(&["--precision", "1"]).unwrap_err().to_string();
        let mut question = ask(&["--precision", "1", "--loss-cap", "9"]).unwrap();
        assert_eq!(NoRange::find(&question, facts().targets_range), None);
        question.loss.cap = None;
        let found = NoRange::find(&question, facts().targets_range).unwrap();
        assert_eq!(told, format!("--loss-range: {found}"));
        assert!(NoRange::find(&question, None).unwrap().to_string().contains("it has none of its own"));
        question.loss.name = "error".to_owned();
        assert_eq!(NoRange::find(&question, None), None, "it is 0 or 1 by itself");
    }

    /// Settings refuse to decide anything asymptotically; a question that was made by hand is held to it too.
    #[test]
    fn asymptotic_limits_decide_nothing() {
        let asked = ask(&["--precision", "1", "--asymptotic"]).unwrap();
        assert_eq!(NoRange::find(&asked, None), None);
        let mut gated = asked.clone();
        gated.gates = ask(&["--loss-cap", "9", "--gate", "squared-error@0.1 <= 3"]).unwrap().gates;
        assert!(NoRange::find(&gated, None).is_some());
        let differences = Question { route: Route::Differences, ..asked };
        assert!(NoRange::find(&differences, None).is_some());
    }
}
