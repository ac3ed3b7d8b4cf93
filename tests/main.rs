//! End-to-end tests: the library and the real binary against the mock server, over HTTP.
//!
//! One binary, one module for each behaviour.

mod determinism;
mod support;
mod truth;
