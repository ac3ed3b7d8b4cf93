//! The one fold from records to results. The live run and every recomputation go through it.
//!
//! No async, no clock, no input or output: what is asked next, what is charged and when a level stops are
//! functions of the plan, the budget and the committed losses, whatever the order of arrival.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use noisebound_adapters::Prediction;

use super::clean::{CleanBook, Sameness};
use super::level::LevelState;
use super::plan::{CHECK_ROWS, CleanPlan, Plan};
use super::record::{DrawId, Ending, Query, Record};
use crate::bound::engine::Engines;
use crate::bound::gate::GateReading;
use crate::noise::{Seed, row_of, stream};
use crate::results::{CleanAnswers, Stopped, Verdict};

/// The answers contradict the plan: a loss lies outside its promised range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "draw {draw} (row {row}) has the loss {loss}, outside the promised range {low} to {high}; \
     promise a wider one with --loss-range"
)]
pub struct Breach {
    /// The draw, or `clean` for a clean answer.
    pub draw: String,
    /// The row of the data set, from 0.
    pub row: u64,
    /// The loss.
    pub loss: f64,
    /// The promised range.
    pub low: f64,
    /// See `low`.
    pub high: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Check,
    Pass,
    Rounds,
    Done,
}

/// The state of an audit.
pub struct Core {
    pub(super) plan: Plan,
    pub(super) budget: u64,
    pub(super) ahead: u64,
    phase: Phase,
    pub(super) clean: CleanBook,
    pub(super) answers: Option<CleanAnswers>,
    pub(super) levels: Vec<LevelState>,
    pub(super) verdicts: Vec<GateState>,
    pub(super) turn: usize,
    pub(super) charged: u64,
    pub(super) charged_rows: HashSet<u64>,
    pub(super) ready: VecDeque<Query>,
    pub(super) waiting: HashMap<u64, Vec<DrawId>>,
    twins: HashMap<DrawId, Option<Prediction>>,
    pub(super) breach: Option<Breach>,
}

/// How far a gate is decided.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GateState {
    pub verdict: Verdict,
    levels: usize,
    holding: BTreeSet<u32>,
}

impl Core {
    /// The state before the first query. `budget` is the most queries that are charged; `ahead` is how
    /// many draws of a level may be handed out beyond its round.
    pub fn new(plan: Plan, budget: u64, ahead: u64, engines: &dyn Engines) -> Self {
        let question = &plan.question;
        let check = check_rows(Seed(question.seed), question.data.rows);
        let sameness = if plan.binary {
            Sameness::Class(question.loss.threshold)
        } else {
            Sameness::Values(question.same_tolerance)
        };
        let verdicts = (0..question.gates.len())
            .map(|gate| GateState {
                verdict: Verdict::Undecided,
                levels: plan.levels.iter().flat_map(|l| &l.gates).filter(|part| part.gate == gate).count(),
                holding: BTreeSet::new(),
            })
            .collect();
        let mut core = Self {
            clean: CleanBook::new(check, sameness),
            levels: plan.levels.iter().map(|level| LevelState::new(level.clone(), &plan, engines)).collect(),
            plan,
            budget,
            ahead,
            phase: Phase::Check,
            answers: None,
            verdicts,
            turn: 0,
            charged: 0,
            charged_rows: HashSet::new(),
            ready: VecDeque::new(),
            waiting: HashMap::new(),
            twins: HashMap::new(),
            breach: None,
        };
        if core.clean_queries() > budget {
            core.close(Stopped::Budget);
        }
        core
    }

    /// The fewest queries that come before the first noisy one: the check, and the pass where it is planned.
    fn clean_queries(&self) -> u64 {
        let rest = self.plan.question.data.rows - self.clean.check_rows().len() as u64;
        self.clean.check_queries() + if self.plan.clean == CleanPlan::Pass { rest } else { 0 }
    }

    /// The next query to be sent; `None` while there is nothing to send before more has ended.
    #[expect(clippy::should_implement_trait, reason = "None means wait, not the end")]
    pub fn next(&mut self) -> Option<Query> {
        match self.phase {
            Phase::Check => self.clean.next_check(),
            Phase::Pass => self.clean.next_pass(self.plan.question.data.rows),
            Phase::Rounds => self.next_draw(),
            Phase::Done => None,
        }
    }

    /// Takes how a query ended, and commits every draw whose turn has come.
    ///
    /// Each query ends once; an ending of a query that was never handed out is taken too, which is how a
    /// journal is folded.
    pub fn commit(&mut self, record: &Record) -> Result<(), Breach> {
        match record.query {
            Query::Alone(_) | Query::Together(_) => self.clean.settle(record.query, &record.ending),
            Query::Clean(row) => {
                self.clean.settle(record.query, &record.ending);
                for id in self.waiting.remove(&row).unwrap_or_default() {
                    self.release(id);
                }
            }
            Query::Twin(id) => {
                let prediction = match &record.ending {
                    Ending::Answered { seen: super::Seen::Whole(prediction), .. } => Some(prediction.clone()),
                    _ => None,
                };
                self.twins.insert(id, prediction);
                self.release(id);
            }
            Query::Draw(id) => {
                let loss = match record.ending {
                    Ending::Answered { loss, .. } => loss,
                    Ending::Unanswered => None,
                };
                let level = self.levels.iter_mut().find(|level| level.plan.id == id.level);
                if let Some(level) = level.filter(|level| id.index >= level.committed) {
                    level.pending.insert(id.index, loss);
                }
            }
        }
        self.advance()
    }

    /// Whether nothing more is to be asked.
    pub fn done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Whether noisy draws have begun.
    pub fn noisy(&self) -> bool {
        matches!(self.phase, Phase::Rounds | Phase::Done)
    }

    /// The row of a query.
    pub fn row(&self, query: Query) -> u64 {
        match query {
            Query::Alone(row) | Query::Together(row) | Query::Clean(row) => row,
            Query::Twin(id) | Query::Draw(id) => self.row_of(id.index),
        }
    }

    /// The clean prediction that the loss of a draw is against.
    pub fn clean_of(&self, id: DrawId) -> Option<&Prediction> {
        match self.answers? {
            CleanAnswers::Recorded => self.clean.kept(self.row_of(id.index))?.prediction.as_ref(),
            CleanAnswers::Fresh => self.twins.get(&id)?.as_ref(),
        }
    }

    /// Whether a clean query of this row is charged: one of the check always, others once a draw or the
    /// pass needed them.
    pub(super) fn charges(&self, query: Query, row: u64) -> bool {
        matches!(query, Query::Alone(_)) || self.charged_rows.contains(&row)
    }

    /// How many queries were charged.
    pub fn charged(&self) -> u64 {
        self.charged
    }

    /// How many queries ended and are not charged.
    pub fn surplus(&self) -> u64 {
        let draws: u64 = self.levels.iter().map(|level| level.pending.len() as u64).sum();
        let clean = match self.phase {
            Phase::Rounds | Phase::Done => self.clean.len().saturating_sub(self.charged_rows.len() as u64),
            Phase::Check | Phase::Pass => 0,
        };
        draws + self.twins.len() as u64 + clean
    }

    /// The levels with their draws so far, for progress alone.
    pub fn levels(&self) -> impl Iterator<Item = (f64, u64, Option<f64>)> {
        self.levels
            .iter()
            .map(|level| (level.plan.level, level.committed, level.risk(&self.plan, false).estimate))
    }

    /// The losses of the clean answers that are known, in the order of the rows or of the check.
    pub(super) fn clean_losses(&self) -> Vec<f64> {
        let rows = self.plan.question.data.rows;
        if self.plan.clean == CleanPlan::Pass && self.clean.len() == rows {
            return (0..rows).filter_map(|row| self.clean.kept(row)?.loss).collect();
        }
        self.clean.alone().filter_map(|answer| answer.loss).collect()
    }

    /// What is planned.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Ends a run that was cut: every level keeps its longest prefix of draws that have ended, and reads
    /// its bounds once on that.
    pub fn cut(&mut self) -> Result<(), Breach> {
        if self.phase == Phase::Rounds {
            for at in 0..self.levels.len() {
                while self.levels[at].stopped.is_none()
                    && self.levels[at].committed < self.levels[at].target()
                {
                    if !self.commit_next(at)? {
                        break;
                    }
                }
            }
        }
        self.close(Stopped::Cut);
        Ok(())
    }

    pub(super) fn row_of(&self, index: u64) -> u64 {
        row_at(Seed(self.plan.question.seed), index, self.plan.question.data.rows)
    }

    /// A draw whose clean answer has ended may be sent; when that is missing, the draw is unanswered, and
    /// the endpoint is not troubled with it.
    fn release(&mut self, id: DrawId) {
        if self.clean_of(id).is_some() {
            self.ready.push_back(Query::Draw(id));
        }
    }

    /// A draw of the clean level whose answer is kept, and not asked again.
    pub(super) fn is_clean_level(&self, id: DrawId) -> bool {
        id.level == 0 && self.answers == Some(CleanAnswers::Recorded)
    }

    fn advance(&mut self) -> Result<(), Breach> {
        if self.phase == Phase::Check && self.clean.checked() {
            self.finish_check();
        }
        if self.phase == Phase::Pass && self.clean.len() == self.plan.question.data.rows {
            self.finish_pass()?;
        }
        while self.phase == Phase::Rounds {
            if !self.advance_round()? {
                break;
            }
        }
        Ok(())
    }

    fn finish_check(&mut self) {
        let answers = self.clean.choose();
        self.answers = Some(answers);
        self.charged += self.clean.check_queries();
        let pass = self.plan.clean == CleanPlan::Pass && answers == CleanAnswers::Recorded;
        if answers == CleanAnswers::Recorded {
            self.charged_rows.extend(self.clean.check_rows());
        }
        self.phase = if pass { Phase::Pass } else { Phase::Rounds };
        if self.charged >= self.budget {
            self.close(Stopped::Budget);
        }
    }

    /// The clean losses are checked in the order of the rows, so that the same one is named every time.
    fn finish_pass(&mut self) -> Result<(), Breach> {
        let rows = self.plan.question.data.rows;
        self.charged += rows - self.charged_rows.len() as u64;
        self.charged_rows.extend(0..rows);
        for row in 0..rows {
            if let Some(loss) = self.clean.kept(row).and_then(|answer| answer.loss) {
                self.in_range("clean".to_owned(), row, loss)?;
            }
        }
        self.phase = Phase::Rounds;
        if self.charged >= self.budget {
            self.close(Stopped::Budget);
        }
        Ok(())
    }

    /// Commits what has ended of the round whose turn it is; false when it has to wait.
    fn advance_round(&mut self) -> Result<bool, Breach> {
        if self.levels.iter().all(|level| level.stopped.is_some()) {
            self.close(Stopped::Gate);
            return Ok(false);
        }
        let at = self.turn;
        if self.levels[at].stopped.is_none() {
            while self.levels[at].committed < self.levels[at].target() {
                if !self.commit_next(at)? {
                    return Ok(false);
                }
            }
            self.read(at);
        }
        self.turn = (at + 1) % self.levels.len();
        Ok(true)
    }

    /// Commits a level's next draw; false when it has not ended, or does not fit the budget, which ends
    /// the audit.
    fn commit_next(&mut self, at: usize) -> Result<bool, Breach> {
        let level = &self.levels[at];
        let index = level.committed;
        let id = DrawId { level: level.plan.id, index };
        let cost = self.cost(id, |_| false);
        if self.charged + cost > self.budget {
            self.close(Stopped::Budget);
            return Ok(false);
        }
        let Some(loss) = self.ended(at, id) else {
            return Ok(false);
        };
        if let Some(loss) = loss {
            self.in_range(id.to_string(), self.row_of(index), loss)?;
        }
        self.charged += cost;
        if self.waits_for_clean(id) && self.answers == Some(CleanAnswers::Recorded) {
            self.charged_rows.insert(self.row_of(index));
        }
        self.levels[at].commit(&self.plan, loss);
        Ok(true)
    }

    /// The loss of a draw that has ended, or none when it is unanswered; `None` while it has not ended.
    #[expect(clippy::option_option, reason = "the outer one is whether, the inner one how it ended")]
    fn ended(&mut self, at: usize, id: DrawId) -> Option<Option<f64>> {
        if self.is_clean_level(id) {
            return self.clean.kept(self.row_of(id.index)).map(|answer| answer.loss);
        }
        let twin = self.twins.get(&id).is_some_and(Option::is_none);
        let kept =
            || self.clean.kept(self.row_of(id.index)).is_some_and(|answer| answer.prediction.is_none());
        let never_sent =
            self.plan.needs.clean && (twin || self.answers == Some(CleanAnswers::Recorded) && kept());
        let loss = self.levels[at].pending.remove(&id.index);
        let loss = if never_sent { Some(None) } else { loss };
        if loss.is_some() {
            self.twins.remove(&id);
        }
        loss
    }

    /// Reads a level at its checkpoint, and stops it if it is done.
    fn read(&mut self, at: usize) {
        let readings = self.levels[at].read();
        let mut open = false;
        for (part, reading) in readings {
            self.note(at, part.gate, reading);
            let decided = self.verdicts[part.gate].verdict != Verdict::Undecided;
            open |= !decided && reading == GateReading::Open;
        }
        self.levels[at].checkpoint += 1;
        self.levels[at].stopped = self.levels[at].decide(&self.plan, open);
    }

    /// A gate at all levels holds when each of them does, and fails with the first that fails.
    fn note(&mut self, at: usize, gate: usize, reading: GateReading) {
        let id = self.levels[at].plan.id;
        let state = &mut self.verdicts[gate];
        if state.verdict != Verdict::Undecided {
            return;
        }
        match reading {
            GateReading::Fails => state.verdict = Verdict::Fails,
            GateReading::Holds => {
                state.holding.insert(id);
                if state.holding.len() == state.levels {
                    state.verdict = Verdict::Holds;
                }
            }
            GateReading::Hopeless | GateReading::Open => {}
        }
    }

    /// Ends the audit: open levels are read once more and say what stopped them.
    fn close(&mut self, why: Stopped) {
        self.phase = Phase::Done;
        for at in 0..self.levels.len() {
            if self.levels[at].stopped.is_none() {
                for (part, reading) in self.levels[at].read() {
                    self.note(at, part.gate, reading);
                }
                let contradicts = self.levels[at].decide(&self.plan, true) == Some(Stopped::Inconsistent);
                self.levels[at].stopped = Some(if contradicts { Stopped::Inconsistent } else { why });
            }
        }
    }

    fn in_range(&mut self, draw: String, row: u64, loss: f64) -> Result<(), Breach> {
        let (low, high) = self.plan.range;
        if (low..=high).contains(&loss) {
            return Ok(());
        }
        let breach = Breach { draw, row, loss, low, high };
        self.breach = Some(breach.clone());
        self.close(Stopped::Cut);
        Err(breach)
    }
}

/// The row that the draws with this index are of.
fn row_at(seed: Seed, index: u64, rows: u64) -> u64 {
    row_of(&mut stream(seed, index), rows as usize) as u64
}

/// The rows of the check: the first distinct ones of the draw order, at most 64.
fn check_rows(seed: Seed, rows: u64) -> Vec<u64> {
    if rows <= CHECK_ROWS {
        return (0..rows).collect();
    }
    let mut seen = HashSet::new();
    (0..)
        .map(|index| row_at(seed, index, rows))
        .filter(|row| seen.insert(*row))
        .take(CHECK_ROWS as usize)
        .collect()
}
