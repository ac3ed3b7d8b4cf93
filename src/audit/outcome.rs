//! From the state of the fold to the results that are reported.

use super::core::Core;
use super::plan::CleanPlan;
use crate::config::question::Scope;
use crate::results::{Bounded, Clean, CleanAnswers, GateResult, LevelResult, Results, Stopped, Verdict};

impl Core {
    /// What was found; complete once [`Core::done`]. After a breach no limit is shown.
    pub fn results(&self) -> Results {
        let clean = self.clean_result();
        let question = &self.plan.question;
        Results {
            confidence: question.confidence,
            loss: question.loss.name.clone(),
            range: Some(self.plan.range),
            cap: None,
            asymptotic: false,
            scope: match question.scope {
                Scope::DataSet => "data-set".to_owned(),
                Scope::Population => "population".to_owned(),
            },
            clean_answers: self.answers.unwrap_or(CleanAnswers::Recorded),
            claims: self.plan.claims.clone(),
            levels: self
                .levels
                .iter()
                .filter(|level| level.plan.id > 0)
                .map(|level| self.level(level, &clean))
                .collect(),
            clean,
            gates: question
                .gates
                .iter()
                .zip(&self.verdicts)
                .enumerate()
                .map(|(i, (gate, state))| GateResult {
                    claim: gate.text.clone(),
                    verdict: self.shown(i, state.verdict),
                })
                .collect(),
            critical: None,
            index: None,
            noise_floor: None,
        }
    }

    /// Whether everything that was asked was answered: each level reached its precision, each gate is
    /// decided.
    pub fn answered(&self) -> bool {
        let precise = |stopped| match stopped {
            Some(Stopped::Precision | Stopped::Gate) => true,
            _ => self.plan.question.precision.is_none() && stopped != Some(Stopped::Inconsistent),
        };
        self.levels.iter().all(|level| precise(level.stopped))
            && self
                .verdicts
                .iter()
                .enumerate()
                .all(|(i, state)| self.shown(i, state.verdict) != Verdict::Undecided)
    }

    /// After a breach, and where a level of the gate contradicts itself, nothing is decided.
    fn shown(&self, gate: usize, verdict: Verdict) -> Verdict {
        let contradicts = self.levels.iter().any(|level| {
            level.stopped == Some(Stopped::Inconsistent)
                && level.plan.gates.iter().any(|part| part.gate == gate)
        });
        if self.breach.is_some() || contradicts { Verdict::Undecided } else { verdict }
    }

    fn level(&self, level: &super::level::LevelState, clean: &Clean) -> LevelResult {
        let risk = level.risk(&self.plan, self.breach.is_none());
        LevelResult {
            level: level.plan.level,
            draws: level.committed,
            unanswered: level.unanswered(),
            degradation: clean
                .risk
                .estimate
                .filter(|_| clean.exact && !self.plan.needs.clean)
                .map(|c| less(&risk, c)),
            risk,
            relative: None,
            tail: None,
            quantiles: Vec::new(),
            split: None,
            slices: Vec::new(),
            data_set: None,
            method: self.plan.method().to_owned(),
            stopped: level.stopped.unwrap_or(Stopped::Cut),
        }
    }

    fn clean_result(&self) -> Clean {
        match (self.plan.clean, self.answers) {
            (CleanPlan::OnDemand, answers) => self.clean_by_definition(answers),
            (CleanPlan::Level, Some(_)) => self.clean_level(),
            (CleanPlan::Pass, Some(CleanAnswers::Recorded)) => self.clean_pass(),
            (CleanPlan::Pass | CleanPlan::Level, _) => self.clean_check(),
        }
    }

    /// Against the clean answer itself the clean risk is 0 where that is kept; else it is how often two
    /// clean answers to the same row differ.
    fn clean_by_definition(&self, answers: Option<CleanAnswers>) -> Clean {
        let recorded = answers == Some(CleanAnswers::Recorded);
        let estimate = if recorded { Some(0.0) } else { self.clean.disagreement() };
        let draws = if recorded { self.charged_rows.len() } else { self.clean.alone().count() };
        let draws = draws as u64;
        let unanswered = if recorded { self.clean.missing(&self.charged_rows) } else { 0 };
        Clean {
            draws,
            unanswered,
            exact: recorded,
            risk: Bounded { estimate, ..Bounded::default() },
            stopped: None,
            slices: Vec::new(),
        }
    }

    fn clean_level(&self) -> Clean {
        match self.levels.iter().find(|level| level.plan.id == 0) {
            Some(level) => Clean {
                draws: level.committed,
                unanswered: level.unanswered(),
                exact: false,
                risk: level.risk(&self.plan, self.breach.is_none()),
                stopped: level.stopped,
                slices: Vec::new(),
            },
            None => self.clean_check(),
        }
    }

    fn clean_pass(&self) -> Clean {
        let rows = self.plan.question.data.rows;
        let losses = (0..rows).filter_map(|row| self.clean.kept(row)).map(|answer| answer.loss);
        let mut clean = self.mean(losses);
        clean.exact = clean.draws == rows && clean.unanswered == 0;
        clean
    }

    /// Nothing is claimed from the check: it is there for an estimate alone.
    fn clean_check(&self) -> Clean {
        self.mean(self.clean.alone().map(|answer| answer.loss))
    }

    fn mean(&self, losses: impl Iterator<Item = Option<f64>>) -> Clean {
        let (mut draws, mut unanswered, mut sum) = (0, 0, 0.0);
        for loss in losses {
            draws += 1;
            match loss {
                Some(loss) => sum += loss,
                None => unanswered += 1,
            }
        }
        let with = |value: f64| (sum + unanswered as f64 * value) / draws as f64;
        let (low, high) = (with(self.plan.range.0), with(self.plan.range.1));
        let risk = Bounded {
            estimate: (draws > 0).then(|| if unanswered == 0 { low } else { low + (high - low) / 2.0 }),
            estimate_range: (draws > 0 && unanswered > 0).then_some((low, high)),
            ..Bounded::default()
        };
        Clean { draws, unanswered, exact: false, risk, stopped: None, slices: Vec::new() }
    }
}

/// The risk less a known constant. The constant is a sum and a quotient, the difference rounds once more:
/// limits are moved outward by far more than all of that.
fn less(risk: &Bounded, clean: f64) -> Bounded {
    let slack = |limit: f64| (limit.abs() + clean.abs()) * 2f64.powi(-44);
    Bounded {
        estimate: risk.estimate.map(|estimate| estimate - clean),
        lower: risk.lower.map(|lower| lower - clean - slack(lower)),
        upper: risk.upper.map(|upper| upper - clean + slack(upper)),
        estimate_range: risk.estimate_range.map(|(low, high)| (low - clean, high - clean)),
    }
}
