//! What the README shows is what happens: its commands run, its output and its curve are those of today, and
//! `docs/flags.md` has every flag.
//!
//! Blocks marked `sh` are run. Those marked `console` are not: the test command would run itself, installing
//! changes the machine, a server runs until it is stopped, and real hosts are not here.
//!
//! `NOISEBOUND_BLESS=1 cargo test readme` writes the output and the curve anew.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use clap::{Args, Command as Clap};
use noisebound::cli::args::AuditArgs;
use noisebound::config::typed::KEYS;
use noisebound::config::{Settings, file};

use crate::support::mock;

/// The address in the README, as in `noisebound mock --listen 127.0.0.1:8000`.
const ADDRESS: &str = "127.0.0.1:8000";

const BINARY: &str = env!("CARGO_BIN_EXE_noisebound");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap()
}

fn blessing() -> bool {
    std::env::var_os("NOISEBOUND_BLESS").is_some()
}

/// The README, for one test at a time, so that none writes over what another wrote.
fn readme() -> (MutexGuard<'static, ()>, String) {
    static WRITTEN: Mutex<()> = Mutex::new(());
    let alone = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    (alone, read("README.md"))
}

/// The text of each fenced block of this language, and where the text begins.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<(usize, &'a str)> {
    let open = format!("\n```{language}\n");
    let starts = text.match_indices(&open).map(|(at, _)| at + open.len());
    starts.map(|at| (at, text[at..].split("```").next().unwrap())).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, to).unwrap();
        }
    }
}

/// A folder like a clone, with another address in the audit files.
fn clone(address: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let examples = folder.path().join("examples");
    copy(&root().join("examples"), &examples);
    for entry in std::fs::read_dir(&examples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace(ADDRESS, address)).unwrap();
        }
    }
    folder
}

/// Runs a block as a shell does that stops at the first failure, as fast as the mock server answers.
fn run(block: &str, address: &str) -> Output {
    let folder = clone(address);
    let script = block.replace(ADDRESS, address).replace("cargo run --", "noisebound");
    let binaries = Path::new(BINARY).parent().unwrap().to_owned();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths: Vec<PathBuf> = std::iter::once(binaries).chain(std::env::split_paths(&paths)).collect();
    let mut command = Command::new("sh");
    command.args(["-euc", &script]).current_dir(folder.path());
    command.env("PATH", std::env::join_paths(paths).unwrap());
    // It would stand in the audit file that `inspect` prints.
    if !block.starts_with("noisebound inspect") {
        command.env("NOISEBOUND_RATE", "none");
    }
    command.output().unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn every_command_runs() {
    let mock = mock().await;
    let readme = read("README.md");
    let blocks = blocks(&readme, "sh");
    assert!(blocks.len() >= 6, "{blocks:?}");
    assert_eq!(blocks[0].1, "cargo run -- demo\n", "the demo is the first command");
    for (_, block) in blocks {
        // A block that starts its own server needs a port that nobody listens on.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let own = block.contains("noisebound mock");
        let address = if own { free.local_addr().unwrap() } else { mock.address() };
        drop(free);
        let output = run(block, &address.to_string());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{block}\n{said}");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(!printed.contains("there was no audit"), "{printed}");
    }
}

/// Without the number of requests: how many rows are ready when one leaves is a matter of time.
fn uncounted(text: &str) -> String {
    let (before, after) = text.split_once(" requests").unwrap();
    format!("{}{after}", before.trim_end_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn the_output_and_the_curve_are_those_of_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(BINARY)
        .args(["demo", "--seed", "1", "--run-dir", "run"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The port is another one each time.
    let printed = String::from_utf8(output.stdout).unwrap();
    let (before, after) = printed.split_once("127.0.0.1:").unwrap();
    let printed = format!("{before}{ADDRESS}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()));
    let curve = std::fs::read_to_string(folder.path().join("run/curve.svg")).unwrap();

    let (_alone, readme) = readme();
    let (at, shown) = blocks(&readme, "text")[0];
    if blessing() {
        let text = format!("{}{printed}{}", &readme[..at], &readme[at + shown.len()..]);
        std::fs::write(root().join("README.md"), text).unwrap();
        std::fs::write(root().join("docs/curve.svg"), &curve).unwrap();
        return;
    }
    assert_eq!(uncounted(shown), uncounted(&printed), "run NOISEBOUND_BLESS=1 cargo test readme");
    assert!(read("docs/curve.svg") == curve, "docs/curve.svg: run NOISEBOUND_BLESS=1 cargo test readme");
}

/// Without what differs from run to run: the address, the day, the times, the id of the run.
fn stripped(text: &str, address: &str) -> String {
    let mut lines = String::new();
    for line in text.replace(address, ADDRESS).lines() {
        let line = match line.trim_start().split_once(": ") {
            Some((name @ ("date" | "noisebound-run"), _)) => format!("  {name}: …"),
            _ => untimed(line),
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

/// With another time in the place of each.
fn untimed(line: &str) -> String {
    let parts: Vec<&str> = line.split(" ms").collect();
    let cut =
        |part: &&str| part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned() + "0.5";
    let (last, before) = parts.split_last().unwrap();
    before.iter().map(cut).chain([(*last).to_owned()]).collect::<Vec<_>>().join(" ms")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_output_of_inspect_is_that_of_today() {
    let mock = mock().await;
    let address = mock.address().to_string();
    let before = read("README.md");
    let command =
        blocks(&before, "sh").into_iter().find(|(_, block)| block.starts_with("noisebound inspect"));
    let output = run(command.unwrap().1, &address);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = stripped(&String::from_utf8(output.stdout).unwrap(), &address);
    let (_alone, readme) = readme();
    let marked = readme.find("<!-- inspect -->").unwrap();
    let (at, shown) = blocks(&readme, "text").into_iter().find(|(at, _)| *at > marked).unwrap();
    if blessing() {
        let text = format!("{}{printed}{}", &readme[..at], &readme[at + shown.len()..]);
        std::fs::write(root().join("README.md"), text).unwrap();
        return;
    }
    assert_eq!(shown, printed, "run NOISEBOUND_BLESS=1 cargo test readme");
}

/// What the README shows of real servers is the beginning of their pages, which tests/live keeps true.
#[test]
fn the_outputs_of_real_servers_are_those_of_their_pages() {
    let (_alone, mut readme) = readme();
    let mut shown = 0;
    let mut from = 0;
    while let Some(marked) = readme[from..].find("<!-- inspect docs/") {
        let marked = from + marked;
        let page = readme[marked..].split(' ').nth(2).unwrap().to_owned();
        let text = read(&page);
        let whole = blocks(&text, "text")[0].1;
        // Their audit files differ in the target alone.
        let part = whole.split("\nAUDIT FILE").next().unwrap();
        let (at, found) = blocks(&readme, "text").into_iter().find(|(at, _)| *at > marked).unwrap();
        if blessing() {
            let end = at + found.len();
            readme.replace_range(at..end, part);
        } else {
            assert_eq!(found, part, "{page}: run NOISEBOUND_BLESS=1 cargo test readme");
        }
        (shown, from) = (shown + 1, marked + 1);
    }
    assert!(shown >= 18, "{shown}");
    if blessing() {
        std::fs::write(root().join("README.md"), readme).unwrap();
    }
}

#[test]
fn every_audit_file_in_the_docs_is_valid() {
    for document in ["README.md", "docs/flags.md"] {
        let text = read(document);
        let blocks = blocks(&text, "toml");
        assert!(!blocks.is_empty(), "{document}");
        for (_, block) in blocks {
            let typed = file::parse(block, Path::new("examples/it.toml")).unwrap();
            Settings::new(typed).unwrap();
        }
    }
}

#[test]
fn every_flag_has_a_row_with_its_default() {
    let text = read("docs/flags.md");
    let flags = AuditArgs::augment_args(Clap::new("audit"));
    let mut rows = 0;
    for flag in flags.get_arguments().filter(|flag| flag.get_id() != "target" && flag.get_id() != "help") {
        let long = flag.get_long().unwrap();
        let head = match flag.get_short() {
            Some(short) => format!("| `--{long}`, `-{short}` |"),
            None => format!("| `--{long}` |"),
        };
        let row =
            text.lines().find(|line| line.starts_with(&head)).unwrap_or_else(|| panic!("no row {head}"));
        if let Some(default) = KEYS.iter().find(|key| key.name == long).and_then(|key| key.default) {
            assert!(row.split('|').nth(3).unwrap().contains(&format!("`{default}`")), "{row}");
        }
        rows += 1;
    }
    let listed = text.lines().filter(|line| line.starts_with("| `--")).count();
    assert_eq!(listed, rows, "a row of docs/flags.md has no flag");
}

/// Every file that a page of the project links to is there.
#[test]
fn no_link_is_dead() {
    let pages = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/flags.md",
        "docs/inspect.md",
        "docs/guarantees.md",
        "examples/README.md",
    ];
    for page in pages {
        let text = read(page);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file = link.split('#').next().unwrap();
            let target = root().join(page).parent().unwrap().join(file);
            assert!(target.exists(), "{page} links to {link}");
        }
    }
}
