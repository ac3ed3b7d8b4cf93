//! A prediction server with known models, real protocols and faults on demand.
//!
//! The parts, in the order in which a request meets them:
//!
//! 1. [`run`] and [`Mock`]: a listener, its connections, a graceful end;
//! 2. the record of what arrived: [`Arrival`], [`Counts`];
//! 3. [`faults`]: what goes wrong, decided by a seed;
//! 4. the protocols: Open Inference Protocol as Triton speaks it, TorchServe, and plain JSON;
//! 5. [`models`]: what is asked in the end;
//! 6. [`examples`] and [`truth`]: models with data, and their exact risk under noise.
//!
//! The protocols were written down from what the real servers answer, and share no code with the client that
//! they test: a reading shared by both would pass every test.

mod app;
mod arrivals;
pub mod cli;
pub mod examples;
pub mod faults;
mod mock;
pub mod models;
mod options;
mod picture;
mod protocols;
mod server;
pub mod truth;

pub use arrivals::{Arrival, Counts};
pub use mock::Mock;
pub use options::{KeyFile, Options};
pub use server::run;
