//! The audit itself: the fold from answers to results, and the loop that feeds it.
//!
//! [`Core`] decides what is asked and what follows; it knows no clock, no network and no file. [`Audit`]
//! runs it against an endpoint, journals every answer before it counts, and gives the report.

mod clean;
mod columns;
pub mod compare;
pub mod core;

mod fit;
mod floor;
mod folder;
pub mod forecast;
mod inspect;
mod later;
mod led;
mod level;
mod making;
mod mismatch;
mod order;
mod outcome;
mod passes;
pub mod plan;
mod prepare;
mod realised;
pub mod record;
pub mod refold;
pub mod replay;
mod resume;
mod run;
mod send;
mod sentinel;
pub mod simulate;
mod strangers;
mod subject;
mod survive;
#[cfg(test)]
pub(crate) mod tests;
mod track;

pub use clean::CleanAnswer;
pub use core::{Breach, Core};
pub use fit::Misfit;
pub use inspect::limits;
pub use prepare::{Audit, AuditError, Silent, Watch, advice, exit_code};
pub use run::Cut;

pub use forecast::Forecast;
pub use plan::Plan;
pub use record::{DrawId, Ending, Query, Record, Seen};
pub use sentinel::Changed;
pub use strangers::strangers;
