//! End-to-end tests: the library and the real binary against the mock server, over HTTP.
//!
//! One binary, one module for each behaviour.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

mod determinism;
mod inputs;
mod support;
mod truth;
mod walls;
