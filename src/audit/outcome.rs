//! From the state of the fold to the results that are reported.

mod clean;
mod summary;

use super::core::Core;
use super::level::LevelState;
use super::plan::Statement;
use super::track::Kind;
use crate::bound::Quantity;
use crate::bound::gate::GateReading;
use crate::config::question::{Route, Scope};
use crate::results::{
    Bounded, Clean, CleanAnswers, CriticalResult, GateResult, LevelResult, QuantileResult, Results,
    SliceResult, Stopped, Tail, Verdict,
};

impl Core {
    /// What was found; complete once [`Core::done`]. After a breach no limit is shown.
    pub fn results(&self) -> Results {
        let clean = self.clean_result();
        let question = &self.plan.question;
        let levels: Vec<LevelResult> = self
            .levels
            .iter()
            .filter(|level| level.plan.id > 0)
            .map(|level| self.level(level, &clean))
            .collect();
        Results {
            confidence: question.confidence,
            loss: question.loss.name.clone(),
            range: self.plan.bounded().then_some(self.plan.range),
            cap: question.loss.cap,
            asymptotic: question.asymptotic,
            scope: match question.scope {
                Scope::DataSet => "data-set".to_owned(),
                Scope::Population => "population".to_owned(),
            },
            clean_answers: self.answers.unwrap_or(CleanAnswers::Recorded),
            claims: self.plan.claims.clone(),
            index: summary::index(&clean, &levels, self.plan.binary),
            levels,
            clean,
            gates: question
                .gates
                .iter()
                .zip(&self.verdicts)
                .enumerate()
                .map(|(i, (gate, state))| GateResult {
                    claim: gate.text.clone(),
                    verdict: self.shown(Statement::Gate(i), state.verdict),
                })
                .collect(),
            critical: self.critical_result(),
            noise_floor: self.floor.as_ref().map(|floor| floor.result(self.breach.is_none())),
            sentinels: self.sentinels.as_ref().and_then(super::sentinel::Sentinels::found),
        }
    }

    /// Whether everything that was asked was answered: each level reached its precision, each gate is
    /// decided.
    pub fn answered(&self) -> bool {
        let limits = self.plan.question.precision.is_some() || self.plan.question.replicates.is_some();
        let precise = |stopped| match stopped {
            Some(Stopped::Precision | Stopped::Gate) => true,
            _ => !limits && stopped != Some(Stopped::Inconsistent),
        };
        let critical = self.critical_result().is_none_or(|found| found.verdict != Verdict::Undecided);
        critical
            && self.levels.iter().all(|level| precise(level.stopped))
            && !self.floor.as_ref().is_some_and(super::floor::Floor::contradicts)
            && self
                .verdicts
                .iter()
                .enumerate()
                .all(|(i, state)| self.shown(Statement::Gate(i), state.verdict) != Verdict::Undecided)
    }

    /// After a breach, and where a level of the statement contradicts itself, nothing is decided.
    fn shown(&self, statement: Statement, verdict: Verdict) -> Verdict {
        let contradicts = self.levels.iter().any(|level| {
            level.stopped == Some(Stopped::Inconsistent)
                && level.plan.gates.iter().any(|part| part.statement == statement)
        });
        if self.breach.is_some() || contradicts { Verdict::Undecided } else { verdict }
    }

    /// The largest level up to which the statement of the critical level holds at all, and what is next.
    fn critical_result(&self) -> Option<CriticalResult> {
        let critical = self.plan.question.critical.as_ref()?;
        let claim = format!("critical {}", critical.text);
        let mut found = CriticalResult { claim, level: None, next: None, verdict: Verdict::Holds };
        for level in self.levels.iter().filter(|level| level.plan.id > 0) {
            let verdict = match self.critical.get(&level.plan.id) {
                Some(GateReading::Holds) => Verdict::Holds,
                Some(GateReading::Fails) => Verdict::Fails,
                Some(GateReading::Hopeless | GateReading::Open) | None => Verdict::Undecided,
            };
            let verdict = self.shown(Statement::Critical, verdict);
            if verdict == Verdict::Holds {
                found.level = Some(level.plan.level);
            } else {
                (found.next, found.verdict) = (Some(level.plan.level), verdict);
                break;
            }
        }
        Some(found)
    }

    fn level(&self, level: &LevelState, clean: &Clean) -> LevelResult {
        let limits = self.breach.is_none();
        let known = clean.risk.estimate.filter(|_| clean.exact && !self.plan.needs.clean);
        let (risk, degradation) = self.risk(level, known, limits);
        let value = |place: u32| {
            let values = self.plan.question.slice.as_ref().map(|slice| slice.values.as_slice());
            values.and_then(|values| values.get(place as usize)).cloned().unwrap_or_default()
        };
        let cap = self.plan.question.loss.cap;
        let tail = |slice: Option<u32>| {
            let track = level.tracks(Quantity::Tail).find(|track| track.plan.slice == slice);
            cap.zip(track).map(|(above, track)| Tail { above, probability: track.bounded(limits) })
        };
        let slices = level.tracks(Quantity::Risk).filter_map(|track| {
            let place = track.plan.slice?;
            let known = clean.slices.get(place as usize).filter(|_| clean.exact);
            let known = known.and_then(|slice| slice.risk.estimate);
            let risk = track.bounded(limits);
            Some(SliceResult {
                value: value(place),
                draws: track.draws(),
                unanswered: track.unanswered(),
                degradation: known
                    .filter(|_| !self.plan.needs.clean)
                    .map(|clean| summary::less(&risk, clean)),
                tail: tail(Some(place)),
                risk,
            })
        });
        LevelResult {
            level: level.plan.level,
            draws: level.committed,
            unanswered: level.unanswered(),
            relative: degradation.and_then(|d| summary::relative(&d, &clean.risk, clean.exact)),
            degradation,
            risk,
            tail: tail(None),
            quantiles: self.quantiles(level, limits),
            split: level.split,
            slices: slices.collect(),
            data_set: level.passes.as_ref().map(|passes| passes.result(limits)),
            method: self.plan.method(&level.plan),
            stopped: level.stopped.unwrap_or(Stopped::Cut),
        }
    }

    /// Risk and degradation: one from the other where the clean risk is known, else each by its own claims.
    fn risk(&self, level: &LevelState, known: Option<f64>, limits: bool) -> (Bounded, Option<Bounded>) {
        let first = level.risk(limits);
        match (self.plan.route, known) {
            (Route::Differences, Some(clean)) => (summary::less(&first, -clean), Some(first)),
            // Without the clean risk there is none at all, however the differences are.
            (Route::Differences, None) => (Bounded::default(), Some(first)),
            (Route::Direct, Some(clean)) => (first, Some(summary::less(&first, clean))),
            (Route::Direct, None) => {
                (first, level.tracks(Quantity::Degradation).next().map(|track| track.bounded(limits)))
            }
        }
    }

    fn quantiles(&self, level: &LevelState, limits: bool) -> Vec<QuantileResult> {
        let tracks = level.tracks(Quantity::Quantile).zip(&self.plan.question.quantiles);
        tracks
            .filter(|(track, _)| matches!(track.plan.kind, Kind::Quantile(..)))
            .map(|(track, asked)| QuantileResult {
                of: asked.of,
                percent: asked.percent,
                value: track.bounded(limits),
            })
            .collect()
    }
}
