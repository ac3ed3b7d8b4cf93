//! Folds a journal again, and compares two of them draw for draw.

use std::collections::BTreeMap;

use super::core::{Breach, Core};
use super::record::{DrawId, Ending, Query, Record};

/// The charged losses of a run: what its results rest on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The losses of the clean answers by row; none where a row stayed unanswered.
    pub clean: BTreeMap<u64, Option<f64>>,
    /// The losses of the charged draws; none where a draw stayed unanswered.
    pub draws: BTreeMap<DrawId, Option<f64>>,
    /// For each level of the grid, how many draws its last checkpoint or cut was at.
    pub ends: BTreeMap<u32, u64>,
}

/// Folds records in the order in which they were journalled. `cut` ends the fold as a cut run was ended.
pub fn refold(mut core: Core, records: &[Record], cut: bool) -> Result<(Core, Trace), Breach> {
    for record in records {
        core.commit(record)?;
    }
    if cut {
        core.cut()?;
    }
    let trace = trace(&core, records);
    Ok((core, trace))
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
            Query::Alone(row) | Query::Clean(row) => {
                trace.clean.insert(row, loss);
            }
            Query::Together(_) | Query::Twin(_) | Query::Draw(_) => {}
        }
    }
    trace
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
        found.extend(differ("clean row", &self.clean, &other.clean));
        found.extend(differ("draw", &self.draws, &other.draws));
        found
    }
}

fn differ<K: Ord + Copy + std::fmt::Display>(
    what: &str,
    ours: &BTreeMap<K, Option<f64>>,
    theirs: &BTreeMap<K, Option<f64>>,
) -> Vec<String> {
    let told = |loss: Option<Option<f64>>| match loss {
        None => "not asked".to_owned(),
        Some(None) => "unanswered or without a loss".to_owned(),
        Some(Some(loss)) => format!("loss {loss}"),
    };
    let keys: std::collections::BTreeSet<K> = ours.keys().chain(theirs.keys()).copied().collect();
    keys.into_iter()
        .map(|key| (key, ours.get(&key).copied(), theirs.get(&key).copied()))
        .filter(|(_, one, two)| one != two)
        .map(|(key, one, two)| format!("{what} {key}: {} against {}", told(one), told(two)))
        .collect()
}
