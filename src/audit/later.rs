//! Which answers came after the last clean row that showed the model to be that of the start.
//!
//! Invariant: what a run keeps of it is what its journal gives again, as times are taken to the microsecond in both.

use std::time::Duration;

use super::core::Core;
use super::record::{Ending, Query};
use crate::journal::Line;

/// Times in a journal are to the microsecond, so that two of them are this much apart to be sure of their order.
pub const ROUNDED: Duration = Duration::from_micros(2);

/// The answers of a journal that had not arrived before the last good sentinel or guard was sent.
#[derive(Debug, Default)]
pub struct Later {
    /// How often the audit was resumed: times are those of a run.
    run: usize,
    /// When the last good one was sent.
    good: Option<(usize, Duration)>,
    /// What arrived, and when.
    answers: Vec<(usize, Duration, Query)>,
}

impl Later {
    /// Takes the next line of a journal, which the fold has taken. Nothing is kept where no clean row can tell.
    pub fn take(&mut self, line: &Line, core: &Core) {
        let settled = match line {
            Line::Settled(settled) => settled,
            Line::Resumed(_) => {
                self.run += 1;
                return;
            }
            Line::Counted(_) => return,
        };
        let Some(sentinels) = core.sentinels.as_ref() else { return };
        let (run, sent) = (self.run, micros(settled.sent));
        if settled.records.iter().any(|record| sentinels.good(record.query)) && self.good < Some((run, sent))
        {
            self.good = Some((run, sent));
            self.answers.retain(|(then, arrived, _)| *then == run && *arrived + ROUNDED > sent);
        }
        let arrived = sent + micros(settled.took);
        if self.good.is_some_and(|(last, sent)| run == last && arrived + ROUNDED <= sent) {
            return;
        }
        let answered = settled.records.iter().filter(|record| record.ending != Ending::Unanswered);
        let counts = |query: &Query| matches!(query, Query::Draw(_) | Query::Clean(_) | Query::Floor(_));
        self.answers.extend(answered.map(|r| r.query).filter(counts).map(|query| (run, arrived, query)));
    }

    /// The queries that were answered then.
    pub fn queries(&self) -> impl Iterator<Item = Query> {
        self.answers.iter().map(|(.., query)| *query)
    }
}

/// As the journal rounds.
fn micros(duration: Duration) -> Duration {
    Duration::from_micros(u64::try_from((duration.as_nanos() + 500) / 1000).unwrap_or(u64::MAX))
}
