//! How much worse does a deployed model get when its inputs are noisy, and how sure are we?
//!
//! The modules, in the order in which a draw passes them:
//!
//! 1. [`config`]: what was typed becomes a question and a conduct;
//! 2. [`data`]: the rows and their targets;
//! 3. [`noise`]: what is added to a row;
//! 4. `noisebound_adapters`: how it is sent and what came back;
//! 5. [`client`]: when it is sent, and again after a failure;
//! 6. [`loss`]: what the answer cost;
//! 7. [`journal`]: the record of it, before it counts;
//! 8. [`bound`]: what follows from all losses so far;
//! 9. [`audit`]: the loop that knows all of these;
//! 10. [`results`], [`comparison`] and [`report`]: what was found, and how it is told.

pub mod audit;
pub mod bound;
pub mod cli;
pub mod client;
pub mod comparison;
pub mod config;
pub mod data;
pub mod journal;
pub mod loss;
mod nearest;
pub mod noise;
pub mod report;
pub mod results;
