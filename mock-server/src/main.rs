//! The mock server as a command of its own.

fn main() {}
