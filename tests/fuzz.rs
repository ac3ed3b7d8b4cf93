//! What comes from outside, damaged: the seeds of the fuzz targets, whole, cut short and with bytes changed.
//!
//! `tests/fuzz/run` does the same with bytes that a fuzzer makes up.

use std::path::Path;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

#[path = "fuzz/harness.rs"]
pub mod harness;

#[test]
fn damaged_input_never_ends_in_a_panic() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (name, harness) in harness::ALL {
        let files = std::fs::read_dir(seeds.join(name)).unwrap_or_else(|_| panic!("{name} has no seeds"));
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has no seeds");
        for file in files {
            let seed = std::fs::read(file).unwrap();
            harness(&seed);
            for _ in 0..200 {
                let mut damaged = seed.clone();
                for _ in 0..rng.random_range(1..4) {
                    match (rng.random_range(0..3), damaged.len()) {
                        (_, 0) => {}
                        (0, length) => damaged.truncate(rng.random_range(0..length)),
                        (1, length) => damaged[rng.random_range(0..length)] = rng.random(),
                        (_, length) => damaged[rng.random_range(0..length)] ^= 1 << rng.random_range(0..8),
                    }
                }
                harness(&damaged);
            }
        }
    }
}

/// Every harness is a fuzz target.
#[test]
fn every_harness_has_its_target() {
    let manifest = include_str!("fuzz/Cargo.toml");
    let targets = manifest.matches("[[bin]]").count();
    assert_eq!(targets, harness::ALL.len());
    for (name, _) in harness::ALL {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}
