//! An audit from a program: start the mock server, load the digits, ask, print the table.
//!
//! `cargo run --example library`
#![expect(clippy::print_stdout, reason = "the table is what the example is for")]

use std::error::Error;
use std::future::pending;
use std::path::Path;

use noisebound::audit::{Audit, Silent};
use noisebound::config::{Settings, file};
use noisebound::report::table;
use noisebound_mock_server::{Mock, Options};

/// The same keys as in an audit file, but for the target.
const ASKED: &str = r#"
    data = "data/digits.npz:x"
    targets = "data/digits.npz:y"
    levels = [1, 2, 4]
    clip = [0, 16]
    rate = "none"
    batch = 8
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mock = Mock::start(Options::default()).await?;
    let asked = format!("target = '{}'\n{ASKED}", mock.url("triton", "digits"));
    // Paths are relative to the folder of the file that this text would stand in.
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let settings = Settings::new(file::parse(&asked, &examples.join("asked.toml"))?)?;

    let dataset = settings.load()?;
    let (question, conduct) = settings.question(&settings.facts(&dataset))?;
    let endpoint = settings.connect("library-example", &dataset.columns())?;
    let audit = Audit::new(question, conduct, dataset, endpoint)?;

    // The run folder is made by the audit; the third argument hears of progress, the fourth ends the run early.
    let folder = tempfile::tempdir()?;
    let report = audit.run(&folder.path().join("run"), "", &mut Silent, pending()).await?;
    print!("{}", table::render(&report));
    mock.stop().await?;
    Ok(())
}
