//! Folds a journal again, and compares two of them draw for draw.

use std::collections::BTreeMap;

use super::core::{Breach, Core};
use super::record::{DrawId, Ending, Query, Record, Seen};
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

/// Folds records in the order in which they were journalled. `cut` ends the fold as a cut run was ended.
/// A breach is one of the things that a fold can find; records after it change nothing.
pub fn refold(mut core: Core, records: &[Record], cut: bool) -> (Core, Trace, Option<Breach>) {
    let mut breach = records.iter().find_map(|record| core.commit(record).err());
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
