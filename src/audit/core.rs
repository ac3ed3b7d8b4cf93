//! The one fold from records to results. The live run and every recomputation go through it.
//!
//! No async, no clock, no input or output: what is asked next, what is charged and when a level stops are
//! functions of the plan, the budget and the committed losses, whatever the order of arrival.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use noisebound_adapters::Prediction;

use super::clean::{CleanAnswer, CleanBook, Sameness};
use super::floor::{DRAWS, Floor};
use super::led::Led;
use super::level::{Ended, LevelState};
use super::order::Order;
use super::plan::{CHECK_ROWS, CleanPlan, Plan, Statement};
use super::record::{DrawId, Ending, Query, Record};
use super::sentinel::{Changed, Guards, QUERIES, Sentinels};
use super::subject::Settled;
use crate::bound::engine::Engines;
use crate::bound::gate::GateReading;
use crate::config::question::Route;
use crate::noise::Seed;
use crate::results::{CleanAnswers, Identity, Split, Stopped, Verdict};

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
    pub(super) twins: HashMap<DrawId, CleanAnswer>,
    order: Order,
    pub(super) floor: Option<Floor>,
    /// Only where clean answers are kept.
    pub(super) sentinels: Option<Sentinels>,
    sameness: Sameness,
    changed: Option<Changed>,
    /// Endings of sentinels and guards that came before the check had ended, as a journal in another order has them.
    early: Vec<(Query, Ending)>,
    /// Whether an earlier run asked some of the check, so that a guard is wanted once it has ended.
    reopened: bool,
    /// Where the statement of the critical level stood at each level when last read.
    pub(super) critical: BTreeMap<u32, GateReading>,
    /// Charged draws, without clean queries.
    drawn: u64,
    /// What takes the place of the plan where clean answers do not repeat.
    fresh: Option<Fresh>,
    pub(super) breach: Option<Breach>,
    /// What a fold keeps that is led.
    pub(super) led: Option<Led>,
}

/// The plan for clean answers that do not repeat, where it is another one.
struct Fresh {
    plan: Plan,
    levels: Vec<LevelState>,
}

impl Fresh {
    fn of(plan: &Plan, engines: &dyn Engines) -> Option<Self> {
        (plan.route == Route::Differences).then(|| {
            let plan = plan.clone().fresh(engines);
            Self { levels: level_states(&plan, engines), plan }
        })
    }
}

fn level_states(plan: &Plan, engines: &dyn Engines) -> Vec<LevelState> {
    plan.levels.iter().map(|level| LevelState::new(level.clone(), plan, engines)).collect()
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
        let order = Order::of(&plan);
        let check = check_rows(&order, question.data.rows);
        let sameness = if plan.binary {
            Sameness::Class(question.loss.threshold)
        } else {
            Sameness::Values(question.same_tolerance)
        };
        let verdicts = (0..question.gates.len())
            .map(|gate| GateState {
                verdict: Verdict::Undecided,
                levels: plan
                    .levels
                    .iter()
                    .flat_map(|level| &level.gates)
                    .filter(|part| part.statement == Statement::Gate(gate))
                    .count(),
                holding: BTreeSet::new(),
            })
            .collect();
        let mut core = Self {
            clean: CleanBook::new(check, sameness),
            sentinels: None,
            sameness,
            changed: None,
            early: Vec::new(),
            reopened: false,
            levels: level_states(&plan, engines),
            floor: Floor::new(&plan, sameness, engines),
            order,
            fresh: Fresh::of(&plan, engines),
            critical: BTreeMap::new(),
            drawn: 0,
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
            led: None,
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

    /// How many sentinels the pass has: those that are due by its end, as far as the budget allows.
    fn pass_sentinels(&self) -> u64 {
        let queries = self.clean_queries();
        let due = if self.sentinels.is_some() { queries / QUERIES } else { 0 };
        due.min(self.budget.saturating_sub(queries))
    }

    /// The next query of the pass: the sentinel that is due by then, or a row.
    fn next_pass(&mut self) -> Option<Query> {
        let most = self.pass_sentinels();
        let due = (self.clean.check_queries() + self.clean.passed()) / QUERIES;
        if let Some(query) = self.next_sentinel_of(due.min(most)) {
            return Some(query);
        }
        let row = self.clean.next_pass(self.plan.question.data.rows);
        row.or_else(|| self.next_sentinel_of(most))
    }

    /// The next query to be sent; `None` while there is nothing to send before more has ended.
    #[expect(clippy::should_implement_trait, reason = "None means wait, not the end")]
    pub fn next(&mut self) -> Option<Query> {
        if self.phase == Phase::Done
            && self.rests_on_more()
            && let Some(guards) = self.guards()
        {
            guards.close();
        }
        if let Some(guards) = self.guards().filter(|guards| guards.wanted()) {
            return guards.next();
        }
        match self.phase {
            Phase::Check => self.clean.next_check(),
            Phase::Pass => self.next_pass(),
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
                self.twins.insert(id, CleanAnswer::of(&record.ending));
                self.release(id);
            }
            Query::Draw(id) => {
                let ended = match &record.ending {
                    Ending::Answered { loss, measured, .. } => loss.map(|loss| (loss, measured.clone())),
                    Ending::Unanswered => None,
                };
                let level = self.levels.iter_mut().find(|level| level.plan.id == id.level);
                if let Some(level) = level.filter(|level| id.index >= level.committed) {
                    level.pending.insert(id.index, ended);
                }
            }
            Query::Floor(query) => {
                let answer = CleanAnswer::of(&record.ending).prediction;
                if let Some(floor) = &mut self.floor {
                    floor.settle(query, answer);
                }
            }
            Query::Sentinel(_) | Query::Guard(_) if self.phase == Phase::Check => {
                self.early.push((record.query, record.ending.clone()));
            }
            Query::Sentinel(_) | Query::Guard(_) => self.settle_sentinel(record.query, &record.ending),
        }
        // What another model answered must not count.
        if self.changed.is_some() { Ok(()) } else { self.advance() }
    }

    fn settle_sentinel(&mut self, query: Query, ending: &Ending) {
        if let Some(sentinels) = &mut self.sentinels
            && let Some(changed) = sentinels.settle(query, ending, &self.clean)
        {
            self.changed.get_or_insert(changed);
        }
    }

    /// What a sentinel showed, where the model is not that of the start. Results then rest on too much: they are
    /// those of [`of_one_model`](super::refold::of_one_model).
    pub fn changed(&self) -> Option<&Changed> {
        self.changed.as_ref()
    }

    /// Forgets what was to be sent: after a journal was folded nothing is under way, and what has not ended is
    /// handed out again, from the first. A guard comes before it, as another model may answer by now.
    pub fn reopen(&mut self) {
        self.ready.clear();
        self.waiting.clear();
        self.reopened = self.clean.alone().next().is_some();
        if let Some(guards) = self.guards() {
            guards.want();
        }
    }

    fn guards(&mut self) -> Option<&mut Guards> {
        self.sentinels.as_mut().map(|sentinels| &mut sentinels.guards)
    }

    /// Whether results rest on more than the check.
    fn rests_on_more(&self) -> bool {
        let sentinels = self.sentinels.as_ref().map_or(0, |sentinels| sentinels.charged);
        self.breach.is_none() && self.charged > self.clean.check_queries() + sentinels
    }

    /// Whether results rest on the answer to this query, and not as on one of the check.
    fn counts(&self, query: Query) -> bool {
        match query {
            Query::Draw(id) => {
                self.levels.iter().any(|level| level.plan.id == id.level && id.index < level.committed)
            }
            Query::Clean(row) => self.plan.clean == CleanPlan::Pass || self.charged_rows.contains(&row),
            Query::Floor(place) => self.floor.as_ref().is_some_and(|floor| place < floor.charged),
            _ => false,
        }
    }

    /// What is reported of the guards; `later` was answered after the last clean row that was as at the start. `None`
    /// where no clean row can tell.
    pub fn identity(&self, later: impl Iterator<Item = Query>) -> Option<Identity> {
        let sentinels = self.sentinels.as_ref()?;
        Some(sentinels.identity(later.filter(|query| self.counts(*query)).count() as u64))
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
            Query::Floor(query) => {
                Floor::row(Seed(self.plan.question.seed), query, self.plan.question.data.rows)
            }
            Query::Sentinel(_) | Query::Guard(_) => {
                self.sentinels.as_ref().map_or(0, |sentinels| sentinels.row(query))
            }
        }
    }

    /// The clean prediction that the loss of a draw is against.
    pub fn clean_of(&self, id: DrawId) -> Option<&Prediction> {
        match self.answers? {
            CleanAnswers::Recorded => self.clean.kept(self.row_of(id.index))?.prediction.as_ref(),
            CleanAnswers::Fresh => self.twins.get(&id)?.prediction.as_ref(),
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

    /// How many draws were charged, clean queries not counted.
    pub(super) fn drawn(&self) -> u64 {
        self.drawn
    }

    /// How many queries ended and are not charged, guards aside, which never are.
    pub fn surplus(&self) -> u64 {
        let draws: u64 = self.levels.iter().map(|level| level.pending.len() as u64).sum();
        let clean = match self.phase {
            Phase::Rounds | Phase::Done => self.clean.len().saturating_sub(self.charged_rows.len() as u64),
            Phase::Check | Phase::Pass => 0,
        };
        draws
            + self.twins.len() as u64
            + clean
            + self.floor.as_ref().map_or(0, Floor::surplus)
            + self.sentinels.as_ref().map_or(0, Sentinels::surplus)
    }

    /// The levels with their draws so far, for progress alone.
    pub fn levels(&self) -> impl Iterator<Item = (f64, u64, Option<f64>)> {
        self.levels.iter().map(|level| (level.plan.level, level.committed, level.risk(false).estimate))
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
        self.order.row(index)
    }

    /// A draw whose clean answer has ended may be sent; when that is missing, the draw is unanswered, and
    /// the endpoint is not troubled with it.
    fn release(&mut self, id: DrawId) {
        if !self.plan.predictions() || self.clean_of(id).is_some() {
            self.ready.push_back(Query::Draw(id));
        }
    }

    /// A draw of the clean level whose answer is kept, and not asked again.
    pub(super) fn is_clean_level(&self, id: DrawId) -> bool {
        id.level == 0 && self.answers == Some(CleanAnswers::Recorded)
    }

    pub(super) fn advance(&mut self) -> Result<(), Breach> {
        if self.phase == Phase::Check && self.clean.checked() {
            self.finish_check();
        }
        if self.phase == Phase::Pass
            && self.clean.len() == self.plan.question.data.rows
            && self.sentinels_ended(self.pass_sentinels())
        {
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
        if answers == CleanAnswers::Fresh
            && let Some(mut fresh) = self.fresh.take()
        {
            for (new, old) in fresh.levels.iter_mut().zip(&mut self.levels) {
                (new.pending, new.sent) = (std::mem::take(&mut old.pending), old.sent);
            }
            (self.plan, self.levels) = (fresh.plan, fresh.levels);
        }
        if self.plan.binary && !self.plan.needs.clean && (pass || self.plan.pairs) {
            self.levels.iter_mut().filter(|l| l.plan.id > 0).for_each(|l| l.split = Some(Split::default()));
        }
        if answers == CleanAnswers::Recorded {
            self.charged_rows.extend(self.clean.check_rows());
            self.sentinels = Sentinels::new(&self.clean, self.sameness);
            for (query, ending) in std::mem::take(&mut self.early) {
                self.settle_sentinel(query, &ending);
            }
            if self.reopened
                && let Some(guards) = self.guards()
            {
                guards.want();
            }
        }
        self.phase = if pass { Phase::Pass } else { Phase::Rounds };
        if self.charged >= self.budget {
            self.close(Stopped::Budget);
        }
    }

    /// The clean losses are checked in the order of the rows, so that the same one is named every time.
    fn finish_pass(&mut self) -> Result<(), Breach> {
        let rows = self.plan.question.data.rows;
        let sentinels = self.pass_sentinels();
        self.charged += rows - self.charged_rows.len() as u64;
        self.charged_rows.extend(0..rows);
        self.commit_sentinels(sentinels);
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
        if self.held() {
            return Ok(false);
        }
        if self.levels[at].stopped.is_none() && self.resting(at) {
            if !self.may_matter(at) {
                self.levels[at].stopped = Some(self.levels[at].decide(false).unwrap_or(Stopped::Gate));
            }
        } else if self.levels[at].stopped.is_none() {
            while self.levels[at].committed < self.levels[at].target() {
                if !self.commit_next(at)? {
                    return Ok(false);
                }
            }
            if self.hold() {
                return Ok(false);
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
        if self.charged + cost + self.due(0, 0) > self.budget {
            self.close(Stopped::Budget);
            return Ok(false);
        }
        if !self.commit_floor() {
            return Ok(false);
        }
        let sentinels = self.sentinels_due(0);
        if !self.sentinels_ended(sentinels) {
            return Ok(false);
        }
        self.commit_sentinels(sentinels);
        let clean = self.clean_loss(id);
        let Some(ended) = self.ended(at, id) else {
            return Ok(false);
        };
        if let Some((loss, _)) = ended {
            self.in_range(id.to_string(), self.row_of(index), loss)?;
        }
        self.charged += cost;
        self.drawn += 1;
        if self.waits_for_clean(id) && self.answers == Some(CleanAnswers::Recorded) {
            self.charged_rows.insert(self.row_of(index));
        }
        let whole = ended.as_ref().map(|(loss, _)| *loss);
        let draw = Settled {
            loss: whole.map(|loss| self.plan.capped(loss)),
            whole,
            measured: ended.as_ref().map_or(&[], |(_, measured)| measured),
            clean: clean.map(|loss| self.plan.capped(loss)),
            slice: self.plan.slices.get(self.row_of(index) as usize).copied(),
        };
        self.levels[at].commit(&self.plan, &draw);
        if let Some(led) = &mut self.led {
            led.note(at, draw.loss);
        }
        Ok(true)
    }

    /// Charges the queries of the noise floor that are due; false when one has not ended.
    fn commit_floor(&mut self) -> bool {
        let Some(floor) = &mut self.floor else { return true };
        while floor.charged < self.drawn / DRAWS {
            if !floor.ended() {
                return false;
            }
            floor.commit();
            self.charged += 1;
        }
        true
    }

    /// The loss of the row of a draw without noise, where the plan has every draw know it.
    fn clean_loss(&self, id: DrawId) -> Option<f64> {
        match self.answers? {
            _ if self.plan.needs.clean || id.level == 0 => None,
            CleanAnswers::Recorded if self.plan.pairs || self.plan.clean == CleanPlan::Pass => {
                self.clean.kept(self.row_of(id.index))?.loss
            }
            CleanAnswers::Fresh if self.plan.pairs => self.twins.get(&id)?.loss,
            CleanAnswers::Recorded | CleanAnswers::Fresh => None,
        }
    }

    /// How a draw ended, none when it is unanswered; `None` while it has not ended.
    fn ended(&mut self, at: usize, id: DrawId) -> Option<Ended> {
        if self.is_clean_level(id) {
            let answer = self.clean.kept(self.row_of(id.index))?;
            return Some(answer.loss.map(|loss| (loss, Box::default())));
        }
        let twin = self.twins.get(&id).is_some_and(|answer| answer.prediction.is_none());
        let kept =
            || self.clean.kept(self.row_of(id.index)).is_some_and(|answer| answer.prediction.is_none());
        let never_sent = self.plan.predictions()
            && id.level > 0
            && (twin || self.answers == Some(CleanAnswers::Recorded) && kept());
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
        for (statement, reading) in readings {
            self.note(at, statement, reading);
            open |= reading == GateReading::Open
                && match statement {
                    Statement::Gate(gate) => self.verdicts[gate].verdict == Verdict::Undecided,
                    Statement::Critical => self.may_matter(at),
                };
        }
        self.levels[at].checkpoint += 1;
        self.levels[at].stopped = self.levels[at].decide(open);
    }

    /// Whether the statement of the critical level may still have to be decided at a level: it holds at all lower
    /// ones, or may come to.
    fn may_matter(&self, at: usize) -> bool {
        self.levels[..at].iter().filter(|level| level.plan.id > 0).all(|level| {
            match self.critical.get(&level.plan.id) {
                Some(GateReading::Holds) => true,
                Some(GateReading::Fails | GateReading::Hopeless) => false,
                Some(GateReading::Open) | None => level.stopped.is_none(),
            }
        })
    }

    /// Whether a level is not asked for now: all that it has left to decide is the critical level, which is for
    /// lower levels to settle first.
    pub(super) fn resting(&self, at: usize) -> bool {
        let level = &self.levels[at];
        let mut critical = false;
        for (statement, reading) in level.readings() {
            match statement {
                Statement::Critical => critical = reading == GateReading::Open,
                Statement::Gate(gate) => {
                    if reading == GateReading::Open && self.verdicts[gate].verdict == Verdict::Undecided {
                        return false;
                    }
                }
            }
        }
        let settled =
            |level: &LevelState| self.critical.get(&level.plan.id).copied() == Some(GateReading::Holds);
        critical
            && level.precise() != Some(false)
            && !self.levels[..at].iter().filter(|level| level.plan.id > 0).all(settled)
    }

    /// A gate at all levels holds when each of them does, and fails with the first that fails.
    fn note(&mut self, at: usize, statement: Statement, reading: GateReading) {
        let id = self.levels[at].plan.id;
        let Statement::Gate(gate) = statement else {
            self.critical.insert(id, reading);
            return;
        };
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
    pub(super) fn close(&mut self, why: Stopped) {
        self.phase = Phase::Done;
        for at in 0..self.levels.len() {
            if self.levels[at].stopped.is_none() {
                for (statement, reading) in self.levels[at].read() {
                    self.note(at, statement, reading);
                }
                let contradicts = self.levels[at].decide(true) == Some(Stopped::Inconsistent);
                self.levels[at].stopped = Some(if contradicts { Stopped::Inconsistent } else { why });
            }
        }
    }

    fn in_range(&mut self, draw: String, row: u64, loss: f64) -> Result<(), Breach> {
        let (low, high) = self.plan.range;
        // What is above the cap counts as the cap, and in the tail.
        let high = if self.plan.question.loss.cap.is_some() { f64::INFINITY } else { high };
        if (low..=high).contains(&loss) {
            return Ok(());
        }
        let breach = Breach { draw, row, loss, low, high };
        self.breach = Some(breach.clone());
        self.close(Stopped::Cut);
        Err(breach)
    }
}

/// The rows of the check: the first distinct ones of the draw order, at most 64.
fn check_rows(order: &Order, rows: u64) -> Vec<u64> {
    if rows <= CHECK_ROWS {
        return (0..rows).collect();
    }
    let mut seen = HashSet::new();
    (0..).map(|index| order.row(index)).filter(|row| seen.insert(*row)).take(CHECK_ROWS as usize).collect()
}
