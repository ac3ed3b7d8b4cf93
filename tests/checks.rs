//! The heavy checks: one that cannot be made here says so in the words that `.ci/run` gathers, and lists at its end.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// The folder of the repository.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, format!("#!/usr/bin/env bash\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a script with these commands in place of the real ones; what it prints, once it has succeeded.
fn run(path: &Path, commands: &[(&str, &str)]) -> String {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in commands {
        script(&place.path().join(name), text);
    }
    let found = std::env::var("PATH").unwrap();
    let mut command = Command::new("bash");
    command.arg(path).env("PATH", format!("{}:{found}", place.path().display())).env_remove("NOISEBOUND");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_check_that_cannot_be_made_says_so_in_one_form() {
    for (check, missing, why) in [("fuzz", "cargo", "nightly toolchain"), ("disk", "mount", "needs root")] {
        let said = run(&Path::new(ROOT).join("tests").join(check).join("run"), &[(missing, "exit 1")]);
        let told = said.strip_prefix(&format!("SKIPPED {check}: ")).unwrap_or_else(|| panic!("{said}"));
        assert!(told.contains(why) && told.lines().count() == 1, "{said}");
    }
    // No other check ends well without having checked anything.
    for entry in std::fs::read_dir(Path::new(ROOT).join("tests")).unwrap() {
        let run = entry.unwrap().path().join("run");
        let text = std::fs::read_to_string(&run).unwrap_or_default();
        assert!(!text.contains("exit 0"), "{}: use skip of tests/support/lib.sh", run.display());
    }
}

#[test]
fn the_end_of_ci_lists_what_was_skipped() {
    let place = tempfile::tempdir().unwrap();
    let ci = place.path().join(".ci/run");
    let ended = |skipped: &[(&str, &str)]| {
        for check in ["coverage", "rate", "disk", "memory", "fuzz", "live", "simulation"] {
            let says = skipped.iter().find(|(name, _)| *name == check).map_or("fine", |(_, says)| *says);
            script(&place.path().join("tests").join(check).join("run"), &format!("echo '{says}'"));
        }
        std::fs::create_dir_all(ci.parent().unwrap()).unwrap();
        std::fs::copy(Path::new(ROOT).join(".ci/run"), &ci).unwrap();
        let said = run(&ci, &[("cargo", "exit 0"), ("git", "exit 0")]);
        said.lines().last().unwrap().to_owned()
    };
    assert_eq!(ended(&[]), "nothing was skipped");
    let skipped = [("fuzz", "SKIPPED fuzz: no nightly"), ("live", "SKIPPED triton: no apt-get")];
    assert_eq!(ended(&skipped), "SKIPPED fuzz: no nightly; live: triton: no apt-get");
}
