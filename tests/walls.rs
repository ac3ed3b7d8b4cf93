//! The walls between the rooms, read from the sources.

use std::path::{Path, PathBuf};

/// Every Rust file below a folder, or the file itself.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            found.extend(sources(&path));
        }
    }
    found
}

/// The lines of a file that name one of these, tests and comments aside.
fn crossings(root: &str, forbidden: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let files = sources(&root);
    assert!(!files.is_empty(), "{} is empty", root.display());
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if forbidden.iter().any(|name| line.contains(name)) {
                found.push(format!("{}: {line}", file.display()));
            }
        }
    }
    found
}

#[test]
fn the_statistics_and_the_data_know_nothing_of_runs() {
    let rooms = ["client", "audit", "report", "cli", "journal"].map(|room| format!("crate::{room}"));
    let mut forbidden: Vec<&str> = rooms.iter().map(String::as_str).collect();
    forbidden.extend([
        "noisebound_adapters::json",
        "noisebound_adapters::triton",
        "noisebound_adapters::triton_grpc",
        "noisebound_adapters::torchserve",
    ]);
    for room in ["src/bound", "src/noise", "src/loss", "src/data", "src/form"] {
        assert_eq!(crossings(room, &forbidden), Vec::<String>::new());
    }
}

#[test]
fn the_statistics_have_no_clock_and_no_network() {
    for room in ["src/bound", "src/noise", "src/loss"] {
        assert_eq!(
            crossings(room, &["tokio", "std::time", "std::fs", "std::net", "async "]),
            Vec::<String>::new()
        );
    }
    for file in [
        "src/audit/core.rs",
        "src/audit/send.rs",
        "src/audit/level.rs",
        "src/audit/plan.rs",
        "src/audit/outcome.rs",
    ] {
        assert_eq!(
            crossings(file, &["tokio", "std::time", "std::fs", "std::net", "async "]),
            Vec::<String>::new()
        );
    }
}

/// What the standard library leaves to the platform may differ in the last bit from one machine to the next. `libm` is
/// the same everywhere; square roots are exact.
#[test]
fn noise_losses_and_limits_are_the_same_on_every_machine() {
    let of_the_platform = [
        "ln()", "ln_1p()", "log2()", "log10()", "exp()", "exp2()", "exp_m1()", "powf(", "powi(", "sin()",
        "cos()", "tan()", "tanh()", "atan2(", "cbrt()", "hypot(",
    ]
    .map(|name| format!(".{name}"));
    let forbidden: Vec<&str> = of_the_platform.iter().map(String::as_str).collect();
    for room in ["src/bound", "src/noise", "src/loss"] {
        assert_eq!(crossings(room, &forbidden), Vec::<String>::new());
    }
    assert!(!crossings("src/config/settings/budget.rs", &forbidden).is_empty(), "one would be found");
}

#[test]
fn reports_see_results_alone() {
    assert_eq!(
        crossings("src/report", &["crate::journal", "crate::audit", "crate::client"]),
        Vec::<String>::new()
    );
}

#[test]
fn adapters_do_not_know_the_program() {
    assert_eq!(crossings("adapters/src", &["noisebound::"]), Vec::<String>::new());
}

#[test]
fn the_mock_server_shares_no_code_with_the_adapters() {
    assert_eq!(crossings("mock-server/src", &["noisebound_adapters"]), Vec::<String>::new());
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("mock-server/Cargo.toml"));
    assert!(!manifest.unwrap().contains("noisebound-adapters"));
}

#[test]
fn protocols_are_named_in_one_place_alone() {
    let names = ["TritonProtocol", "TritonGrpcProtocol", "TorchServeProtocol", "JsonProtocol"];
    for room in ["src/audit", "src/cli", "src/client", "src/report", "src/journal", "src/config/settings"] {
        assert_eq!(crossings(room, &names), Vec::<String>::new());
    }
}

#[test]
fn a_crossing_would_be_found() {
    assert!(!crossings("src/audit/run.rs", &["crate::client"]).is_empty());
}
