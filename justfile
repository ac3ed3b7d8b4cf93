# The names are those of the stages of .ci/run.

# What the README calls the tests.
test:
    cargo test --workspace

format:
    cargo fmt --all --check

clippy:
    cargo clippy --workspace --all-targets -- -D warnings

docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Writes the JSON schemas anew; CI fails when they differ from what is committed.
schemas:
    NOISEBOUND_BLESS=1 cargo test --workspace schema

# Writes the Rust code of the proto files anew; a test fails when it differs from what is committed.
generated:
    NOISEBOUND_BLESS=1 cargo test -p noisebound --test main generated::

# Writes the demo's output into README.md and its curve to docs/curve.svg anew; a test fails when they differ.
readme:
    NOISEBOUND_BLESS=1 cargo test --test main readme::the_output

# 1,000 whole audits over HTTP, then the same with a bound that does not hold.
coverage:
    tests/coverage/run

# How many queries are needed, against other methods; writes docs/queries.md anew, and fails when they are more than
# they were. Minutes on two cores; `cargo test --bench queries -- --quick` takes seconds and writes nothing.
queries:
    cargo bench --bench queries -- --write

# 2,000 whole paths of draws in each made-up world, and the methods that must be caught; writes docs/simulation.md.
simulation:
    tests/simulation/run --write

# Everything that reads bytes from outside, five minutes for each target; needs a nightly toolchain.
fuzz *ARGUMENTS:
    tests/fuzz/run {{ARGUMENTS}}

# 30 seconds at 50/s, by the log of the server.
rate:
    tests/rate/run

# A full disk and an unwritable folder; needs root, for a small tmpfs.
disk:
    tests/disk/run

# The memory of audits of 10^4 and 10^6 draws.
memory:
    tests/memory/run

# The real servers.
live *STAGES:
    tests/live/run {{STAGES}}

ci:
    bash .ci/run
