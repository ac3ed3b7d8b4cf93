//! Folds a journal again, and compares two of them draw for draw.

use std::collections::BTreeMap;

use super::core::{Breach, Core};
use super::later::{Later, ROUNDED};
use super::record::{DrawId, Ending, Query, Record, Seen};
use super::sentinel::Changed;
use crate::journal::{Line, Settled};
use crate::loss::class_of;

/// The charged losses of a run: what its results rest on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The charged clean answers by row, those of the check among them: their loss, or their class where
    /// the loss is against them; none where a row stayed unanswered.
    pub clean: BTreeMap<u64, Option<String>>,
    /// The losses of the charged draws; none where a draw stayed unanswered.
    pub draws: BTreeMap<DrawId, Option<f64>>,
    /// For each level of the grid, how many draws its last checkpoint or cut was at.
    pub ends: BTreeMap<u32, u64>,
}

/// Another model answers than at the start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Exchanged {
    /// Its answers tell another version.
    #[error("another model answers in mid-audit: version {now}, after version {before}")]
    Version {
        /// The version at the start.
        before: Box<str>,
        /// The version of the first answer that differs.
        now: Box<str>,
    },
    /// A row that was answered before is answered otherwise.
    #[error(transparent)]
    Row(#[from] Changed),
}

/// What a journal holds of one and the same model.
#[derive(Debug, Clone, PartialEq)]
pub struct OneModel {
    /// The records that results may rest on.
    pub records: Vec<Record>,
    /// Why there are others, where there are.
    pub exchanged: Option<Exchanged>,
    /// How many queries were answered by a model that is unknown.
    pub unknown: u64,
    /// Those of the records that were answered after the last clean row that was answered as at the start.
    pub later: Vec<Query>,
}

/// Takes the lines of a journal apart: what the model of the start has surely answered, and what not. `core` is the
/// fold before the first query.
///
/// Where answers tell a version, those of another one do not count. Where a sentinel or a guard was answered otherwise
/// than at the start, only those count that had arrived before the last good one was sent.
pub fn of_one_model(mut core: Core, mut lines: Vec<Line>) -> OneModel {
    let all = answered(&lines);
    let mut exchanged = drop_other_versions(&mut lines);
    let mut later = Later::default();
    for line in &lines {
        for record in settled(line).iter().flat_map(|settled| &settled.records) {
            // A breach is found again by those who fold what is left.
            let _ = core.commit(record);
        }
        later.take(line, &core);
    }
    if let Some(changed) = core.changed() {
        keep_before(&mut lines, changed);
        later = Later::default();
        exchanged.get_or_insert_with(|| changed.clone().into());
    }
    let unknown = all - answered(&lines);
    let records = lines.into_iter().filter_map(|line| match line {
        Line::Settled(settled) => Some(settled.records),
        Line::Resumed(_) | Line::Counted(_) => None,
    });
    OneModel { records: records.flatten().collect(), exchanged, unknown, later: later.queries().collect() }
}

fn settled(line: &Line) -> Option<&Settled> {
    match line {
        Line::Settled(settled) => Some(settled),
        Line::Resumed(_) | Line::Counted(_) => None,
    }
}

/// How many queries were answered.
fn answered(lines: &[Line]) -> u64 {
    let records = lines.iter().filter_map(settled).flat_map(|settled| &settled.records);
    records.filter(|record| record.ending != Ending::Unanswered).count() as u64
}

/// Drops what follows the first answer of another version, unless it tells the version of the start.
fn drop_other_versions(lines: &mut Vec<Line>) -> Option<Exchanged> {
    let before = lines.iter().filter_map(settled).find_map(|settled| settled.version.clone())?;
    let mut exchanged = None;
    lines.retain(|line| {
        let Some(settled) = settled(line) else { return true };
        match &settled.version {
            Some(version) if *version == before => true,
            Some(now) => {
                let (before, now) = (before.clone(), now.clone());
                exchanged.get_or_insert(Exchanged::Version { before, now });
                false
            }
            None => exchanged.is_none(),
        }
    });
    exchanged
}

/// Keeps what had arrived before the last good sentinel or guard was sent; without one, the check alone.
fn keep_before(lines: &mut Vec<Line>, changed: &Changed) {
    let mut run = 0;
    // Times are those of a run; an earlier run ended before the next began.
    let mut timed: Vec<(usize, Line)> = Vec::with_capacity(lines.len());
    for line in lines.drain(..) {
        run += usize::from(matches!(line, Line::Resumed(_)));
        timed.push((run, line));
    }
    let sent = |wanted: Query| {
        timed.iter().find_map(|(run, line)| {
            let settled = settled(line)?;
            let asked = settled.records.iter().any(|record| record.query == wanted);
            asked.then_some((*run, settled.sent))
        })
    };
    let bad = sent(changed.query);
    let good = changed.good.iter().filter_map(|query| sent(*query)).filter(|good| Some(*good) < bad).max();
    let of_the_check = |record: &Record| matches!(record.query, Query::Alone(_) | Query::Together(_));
    let sure = |run: usize, settled: &Settled| match good {
        Some((last, at)) => run < last || run == last && settled.sent + settled.took + ROUNDED <= at,
        None => settled.records.iter().all(of_the_check),
    };
    lines.extend(
        timed
            .into_iter()
            .filter(|(run, line)| settled(line).is_none_or(|s| sure(*run, s)))
            .map(|(_, line)| line),
    );
}

/// Folds records in the order in which they were journalled. `cut` ends the fold as a cut run was ended.
/// A breach is one of the things that a fold can find; records after it are counted, as in the run, and change nothing else.
pub fn refold(mut core: Core, records: &[Record], cut: bool) -> (Core, Trace, Option<Breach>) {
    let mut breach = None;
    for record in records {
        breach = breach.or(core.commit(record).err());
    }
    if breach.is_none() && cut && !core.done() {
        breach = core.cut().err();
    }
    let trace = trace(&core, records);
    (core, trace, breach)
}

fn trace(core: &Core, records: &[Record]) -> Trace {
    let ends: BTreeMap<u32, u64> = core.levels.iter().map(|level| (level.plan.id, level.committed)).collect();
    let mut trace = Trace { ends, ..Trace::default() };
    for record in records {
        let loss = match &record.ending {
            Ending::Answered { loss, .. } => *loss,
            Ending::Unanswered => None,
        };
        match record.query {
            Query::Draw(id) if trace.ends.get(&id.level).is_some_and(|end| id.index < *end) => {
                trace.draws.insert(id, loss);
            }
            Query::Alone(row) | Query::Clean(row) if core.charges(record.query, row) => {
                trace.clean.insert(row, told(core, &record.ending));
            }
            _ => {}
        }
    }
    trace
}

/// A clean answer as it is compared.
fn told(core: &Core, ending: &Ending) -> Option<String> {
    match ending {
        Ending::Answered { loss: Some(loss), .. } => Some(format!("loss {loss}")),
        Ending::Answered { seen: Seen::Whole(prediction), .. } => {
            class_of(prediction, core.plan().question.loss.threshold)
                .ok()
                .map(|class| format!("class {class}"))
        }
        _ => None,
    }
}

impl Trace {
    /// What differs between two runs of the same question, in words; empty when nothing does.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (level, end) in &self.ends {
            let theirs = other.ends.get(level).copied().unwrap_or(0);
            if *end != theirs {
                found.push(format!("level {level}: {end} draws against {theirs}"));
            }
        }
        let loss = |loss: &Option<f64>| loss.map(|loss| format!("loss {loss}"));
        found.extend(differ("clean row", &self.clean, &other.clean, Clone::clone));
        found.extend(differ("draw", &self.draws, &other.draws, loss));
        found
    }
}

fn differ<K: Ord + Copy + std::fmt::Display, V: PartialEq>(
    what: &str,
    ours: &BTreeMap<K, V>,
    theirs: &BTreeMap<K, V>,
    told: impl Fn(&V) -> Option<String>,
) -> Vec<String> {
    let told = |answer: Option<&V>| match answer {
        None => "not asked".to_owned(),
        Some(answer) => told(answer).unwrap_or_else(|| "unanswered".to_owned()),
    };
    let keys: std::collections::BTreeSet<K> = ours.keys().chain(theirs.keys()).copied().collect();
    keys.into_iter()
        .map(|key| (key, ours.get(&key), theirs.get(&key)))
        .filter(|(_, one, two)| one != two)
        .map(|(key, one, two)| format!("{what} {key}: {} against {}", told(one), told(two)))
        .collect()
}
