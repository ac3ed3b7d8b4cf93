//! `noisebound demo`: a whole audit in one process, with everything embedded.

use std::path::PathBuf;

use clap::Args;
use noisebound_mock_server::{Mock, Options};

use super::audit::{Ready, run_folder, run_id};
use super::failed::Failed;
use super::print::tell;
use crate::config::settings::Settings;
use crate::data::{DataSource, TargetSource, load_bytes};

/// Held-out handwritten digits with their labels, 64 pixels from 0 to 16.
const DIGITS: &[u8] = include_bytes!("../../examples/data/digits.npz");

/// What is asked in the demo; the target is put in when the server listens.
const PLAN: &str = include_str!("demo.toml");

/// Flags of the demo.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where the run folder is made [default: from the model and the time]
    #[arg(long, value_name = "DIR")]
    run_dir: Option<String>,
    /// The seed [default: a new one]
    #[arg(long, value_name = "N")]
    seed: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Starts the mock server on a free port of loopback, and audits its digits model over Triton's protocol.
pub async fn demo(args: DemoArgs) -> Result<u8, Failed> {
    let options = Options { keep_arrivals: false, ..Options::default() };
    let mock = Mock::start(options).await.map_err(|error| {
        Failed::with_code(1, format!("the mock server cannot listen on loopback: {error}"))
    })?;
    tell(&format!("a mock server answers on {}", mock.url("triton", "digits")));
    // The data go into the run folder, so that the plan in it can be run again.
    let folder = args.run_dir.map_or_else(|| run_folder("digits"), PathBuf::from);
    let mut plan = format!("target = \"{}\"\n{PLAN}", mock.url("triton", "digits"));
    if let Some(seed) = args.seed {
        plan = format!("seed = {}\n{plan}", toml::Value::String(seed));
    }
    let mut settings = Settings::from_text(&plan, &folder.join("demo.toml"))?;
    settings.run_dir = Some(folder.clone());
    let dataset = load_bytes(
        &DataSource::parse("digits.npz:x")?,
        DIGITS,
        Some((&TargetSource::parse("digits.npz:y")?, DIGITS)),
        None,
    )?;
    let (question, conduct) = settings.question(&settings.facts(&dataset))?;
    let id = run_id(None);
    let endpoint = settings.connect(&id, &dataset.columns())?;
    let ready = Ready { settings, question, conduct, dataset, endpoint, id, resume: None };
    let code = Box::pin(ready.run(true, args.json)).await?;
    let data = folder.join("digits.npz");
    std::fs::write(&data, DIGITS)
        .map_err(|error| Failed::with_code(1, format!("{} cannot be written: {error}", data.display())))?;
    mock.stop()
        .await
        .map_err(|error| Failed::with_code(1, format!("the mock server did not stop: {error}")))?;
    Ok(code)
}
