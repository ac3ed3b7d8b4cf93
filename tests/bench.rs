//! The real command against a mock server, in a folder of its own.
//!
//! The folder holds `x.npy` and `y.npy`, rows and targets of the linear classifier. Each audit begins with a few
//! flags that keep it short; a test changes them or takes them out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use noisebound::journal::{self, Line};
use noisebound::results::Report;
use noisebound_mock_server::faults::Faults;
use noisebound_mock_server::{Mock, Options, examples};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// In place of a value: the flag takes none.
pub const NO_VALUE: &str = "";
/// In place of a value: the flag is taken out.
pub const TAKEN_OUT: &str = "\0";

/// No command may take longer.
const LONGEST: Duration = Duration::from_secs(120);

/// Rows in `x.npy`.
pub const ROWS: usize = 40;

/// A mock server and a folder for commands.
pub struct Bench {
    /// The server runs on it, as long as it lives.
    _runtime: Runtime,
    mock: Mock,
    folder: TempDir,
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it printed on stdout.
    pub out: String,
    /// What it printed on stderr.
    pub err: String,
    /// How long it took.
    pub took: Duration,
}

impl Bench {
    /// A server with the built-in models.
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// A server with faults.
    pub fn failing(faults: Faults) -> Self {
        Self::with(Options { faults, ..Options::default() })
    }

    /// A server that is set up otherwise.
    pub fn with(options: Options) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mock = runtime.block_on(Mock::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let example = examples::classification(ROWS);
        write_npy(&folder.path().join("x.npy"), &[ROWS, 4], &example.rows.concat());
        write_npy(&folder.path().join("y.npy"), &[ROWS], &example.targets);
        Self { _runtime: runtime, mock, folder }
    }

    /// The server.
    pub fn mock(&self) -> &Mock {
        &self.mock
    }

    /// The linear classifier over the JSON protocol, which asks for no metadata.
    pub fn json(&self) -> String {
        self.mock.url("json", "linear-classifier")
    }

    /// The linear classifier over Triton's protocol, which asks for metadata.
    pub fn triton(&self) -> String {
        self.mock.url("triton", "linear-classifier")
    }

    /// A path in the folder in which commands run.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// The words of an audit of `target`: the usual flags, changed.
    pub fn words(target: &str, changes: &[(&str, &str)]) -> Vec<String> {
        let usual = [
            ("--data", "x.npy"),
            ("--targets", "y.npy"),
            ("--levels", "0.4"),
            ("--precision", "0.15"),
            ("--rate", "none"),
            ("--seed", "7"),
            ("--run-dir", "run"),
        ];
        let kept = usual.iter().filter(|(flag, _)| !changes.iter().any(|(changed, _)| changed == flag));
        let flags = kept.chain(changes).filter(|(_, value)| *value != TAKEN_OUT);
        let flags = flags.flat_map(|(flag, value)| [*flag, *value]).filter(|word| *word != NO_VALUE);
        ["audit", target].into_iter().chain(flags).map(str::to_owned).collect()
    }

    /// Runs an audit.
    pub fn audit(&self, target: &str, changes: &[(&str, &str)]) -> Ran {
        self.command(Self::words(target, changes), &[])
    }

    /// Runs an audit with these variables in its environment.
    pub fn audit_with(&self, target: &str, changes: &[(&str, &str)], variables: &[(&str, &str)]) -> Ran {
        self.command(Self::words(target, changes), variables)
    }

    /// Runs any command.
    pub fn command(
        &self,
        words: impl IntoIterator<Item = impl AsRef<OsStr>>,
        variables: &[(&str, &str)],
    ) -> Ran {
        let mut command = assert_cmd::Command::from_std(self.prepare(words, variables));
        let started = Instant::now();
        let output = command.timeout(LONGEST).output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            took: started.elapsed(),
        }
    }

    /// A command that is not started, with nothing of our own environment that would change it.
    pub fn prepare(
        &self,
        words: impl IntoIterator<Item = impl AsRef<OsStr>>,
        variables: &[(&str, &str)],
    ) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_noisebound"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_uppercase();
            if text.starts_with("NOISEBOUND_") || text.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        command.args(words).envs(variables.iter().copied()).current_dir(self.folder.path());
        command
    }

    /// The report in a run folder.
    pub fn report(&self, run: &str) -> Report {
        noisebound::report::json::read(&self.path(run).join("report.json")).unwrap()
    }

    /// The lines of the journal in a run folder.
    pub fn journal(&self, run: &str) -> Vec<Line> {
        journal::read(self.path(run).join("journal.jsonl")).unwrap().1
    }

    /// Asserts that `verify` agrees with a run folder.
    pub fn assert_verified(&self, run: &str) {
        let ran = self.command(["verify", run], &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    /// Asserts that the report counts what the server counted.
    pub fn assert_counts_agree(&self, report: &Report) {
        let counts = self.mock.counts();
        assert_eq!((report.run.requests, report.run.predictions), (counts.requests, counts.predictions));
    }
}

/// Writes an npy of 64-bit floats.
pub fn write_npy(path: &Path, shape: &[usize], values: &[f64]) {
    assert_eq!(shape.iter().product::<usize>(), values.len());
    std::fs::write(path, npy(shape, values)).unwrap();
}

/// An npy of 64-bit floats, as `numpy.save` writes it.
pub fn npy(shape: &[usize], values: &[f64]) -> Vec<u8> {
    let shape = shape.iter().map(|size| format!("{size},")).collect::<Vec<_>>().concat();
    let mut head = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape}), }}");
    while (head.len() + 11) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}
