//! The clean risk as it is reported.

use super::super::core::Core;
use super::super::plan::CleanPlan;
use crate::bound::Quantity;
use crate::results::{Bounded, Clean, CleanAnswers, SliceResult};

impl Core {
    pub(super) fn clean_result(&self) -> Clean {
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
        let unanswered = if recorded { self.clean.missing(&self.charged_rows) } else { 0 };
        let risk = Bounded { estimate, ..Bounded::default() };
        Clean { draws: draws as u64, unanswered, exact: recorded, risk, ..Clean::default() }
    }

    fn clean_level(&self) -> Clean {
        let Some(level) = self.levels.iter().find(|level| level.plan.id == 0) else {
            return self.clean_check();
        };
        let limits = self.breach.is_none();
        let values = self.plan.question.slice.iter().flat_map(|slice| &slice.values);
        let tracks = level.tracks(Quantity::Risk).filter(|track| track.plan.slice.is_some());
        Clean {
            draws: level.committed,
            unanswered: level.unanswered(),
            exact: false,
            risk: level.risk(limits),
            stopped: level.stopped,
            slices: values
                .zip(tracks)
                .map(|(value, track)| SliceResult {
                    value: value.clone(),
                    draws: track.draws(),
                    unanswered: track.unanswered(),
                    risk: track.bounded(limits),
                    degradation: None,
                    tail: None,
                })
                .collect(),
        }
    }

    fn clean_pass(&self) -> Clean {
        let rows = self.plan.question.data.rows;
        let loss = |row: u64| self.clean.kept(row).map(|answer| answer.loss);
        let mut clean = self.mean((0..rows).filter_map(loss));
        clean.exact = clean.draws == rows && clean.unanswered == 0;
        let values = self.plan.question.slice.iter().flat_map(|slice| &slice.values);
        clean.slices = (0_u32..)
            .zip(values)
            .map(|(at, value)| {
                let within = |row: &u64| self.plan.slices.get(*row as usize) == Some(&at);
                let part = self.mean((0..rows).filter(within).filter_map(loss));
                SliceResult {
                    value: value.clone(),
                    draws: part.draws,
                    unanswered: part.unanswered,
                    risk: part.risk,
                    degradation: None,
                    tail: None,
                }
            })
            .collect();
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
                Some(loss) => sum += self.plan.capped(loss),
                None => unanswered += 1,
            }
        }
        let with = |value: f64| (sum + unanswered as f64 * value) / draws as f64;
        let (low, high) = if unanswered == 0 {
            (sum / draws as f64, sum / draws as f64)
        } else {
            (with(self.plan.range.0), with(self.plan.range.1))
        };
        let middle = if unanswered == 0 { low } else { low + (high - low) / 2.0 };
        let risk = Bounded {
            estimate: (draws > 0 && middle.is_finite()).then_some(middle),
            estimate_range: (draws > 0 && unanswered > 0 && high.is_finite()).then_some((low, high)),
            ..Bounded::default()
        };
        Clean { draws, unanswered, exact: false, risk, ..Clean::default() }
    }
}
