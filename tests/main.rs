//! End-to-end tests: the library and the real binary against the mock server, over HTTP.
//!
//! One binary, one module for each behaviour.
#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

mod bench;
#[cfg(unix)]
mod checks;
mod compare;
mod contract;
mod determinism;
mod endpoint;
mod examples;
mod faults;
mod foretold;
mod fuzz;
mod generated;
mod grpc;
mod http2;
mod identity;
mod images;
mod inputs;
mod inspect;
mod model_inputs;
mod presets;
mod readme;
mod realised;
mod replay;
mod resume;
mod rivals;
mod secrets;
mod simulation;
mod statistics;
mod stub;
mod support;
mod torchserve;
mod transport;
mod truth;
mod verify;
mod walls;
mod whole_runs;
