//! Every file in `examples/` runs as it stands: audit files against the mock server, programs by themselves.
//!
//! The folder is listed, so that a new example is tested the moment it exists.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::mock;

/// The address in the audit files, as in `noisebound mock --listen 127.0.0.1:8000`.
const ADDRESS: &str = "127.0.0.1:8000";

/// The address for gRPC in the audit files.
const GRPC_ADDRESS: &str = "127.0.0.1:8001";

/// The files in `examples/` with this extension.
fn examples(extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    files
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs an audit file, but for its address and its rate as it stands.
fn audit(text: &str, folder: &Path) -> Output {
    let file = folder.join("examples/it.toml");
    std::fs::write(&file, text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_noisebound"))
        .args(["audit", file.to_str().unwrap(), "--run-dir", "run", "--rate", "none"])
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A folder with `examples/data` in it.
fn with_data() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data"), &folder.path().join("examples/data"));
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_audit_file_ends_with_what_it_asked_for() {
    let mock = mock().await;
    let files = examples("toml");
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let name = file.display();
        let text = std::fs::read_to_string(&file).unwrap();
        let known = [ADDRESS, GRPC_ADDRESS].iter().any(|address| text.contains(address));
        assert!(known, "{name} has another address");
        let text = text.replace(GRPC_ADDRESS, &mock.grpc_address().to_string());
        let folder = with_data();
        let output = audit(&text.replace(ADDRESS, &mock.address().to_string()), folder.path());
        assert_eq!(output.status.code(), Some(0), "{name}: {}", said(&output));
        for written in ["plan.toml", "journal.jsonl", "report.json", "curve.svg"] {
            assert!(folder.path().join("run").join(written).is_file(), "{name} left no {written}");
        }
    }
}

/// The comment in `diabetes.toml` says that the promise holds; one that does not would be found.
#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_does_not_hold_ends_the_audit() {
    let mock = mock().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/diabetes.toml");
    let text = std::fs::read_to_string(file).unwrap();
    let broken = text.replace(ADDRESS, &mock.address().to_string()).replace("[0, 27000]", "[0, 9000]");
    assert!(broken.contains("[0, 9000]"));
    let folder = with_data();
    let output = audit(&broken, folder.path());
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
}

/// The builds of a program in the folder where `cargo test` without a filter leaves them, the newest first:
/// `NAME-HASH`, or `NAME` after `cargo build`.
fn builds(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_BIN_EXE_noisebound")).with_file_name("examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_none_or(|found| found == std::env::consts::EXE_EXTENSION))
        .filter(|path| path.file_stem().unwrap().to_str().unwrap().split('-').next() == Some(name))
        .collect();
    files.sort_by_key(|path| std::cmp::Reverse(path.metadata().unwrap().modified().unwrap()));
    files
}

#[test]
fn every_program_runs() {
    let programs = examples("rs");
    assert!(!programs.is_empty());
    for program in programs {
        let name = program.file_stem().unwrap().to_str().unwrap();
        let output = builds(name).iter().map(|path| Command::new(path).output().unwrap()).find(|output| {
            // `cargo test --all-targets` leaves a test of the program, which has none.
            !String::from_utf8_lossy(&output.stdout).contains("running 0 tests")
        });
        let output = output.unwrap_or_else(|| panic!("{name} is not built: cargo build --example {name}"));
        assert!(output.status.success(), "{name}: {}", said(&output));
        let table = String::from_utf8_lossy(&output.stdout);
        assert!(table.contains("[lower, upper]"), "{name} printed no table: {table}");
    }
}
