//! How much worse does a deployed model get when its inputs are noisy, and how sure are we?
//!
//! The modules, in the order in which a draw passes them:
//!
//! 1. [`config`]: what was typed becomes a question and a conduct;
//! 2. [`data`]: the rows and their targets;
//! 3. [`noise`]: what is added to a row;
//! 4. [`form`]: what is sent for an image;
//! 5. `noisebound_adapters`: how it is sent and what came back;
//! 6. [`client`]: when it is sent, and again after a failure;
//! 7. [`loss`]: what the answer cost;
//! 8. [`journal`]: the record of it, before it counts;
//! 9. [`bound`]: what follows from all losses so far;
//! 10. [`audit`]: the loop that knows all of these;
//! 11. [`results`], [`comparison`] and [`report`]: what was found, and how it is told.

pub mod audit;
pub mod bound;
pub mod cli;
pub mod client;
pub mod comparison;
pub mod config;
pub mod data;
pub mod form;
pub mod journal;
pub mod loss;
pub mod noise;
pub mod report;
pub mod results;

// Every room may say what was probably meant.
use noisebound_adapters::nearest;
