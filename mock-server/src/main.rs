//! The mock server as a command of its own.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use noisebound_mock_server::cli;

#[derive(Parser)]
#[command(name = "noisebound-mock-server", version)]
struct Command {
    #[command(flatten)]
    args: cli::Args,
}

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(Command::parse().args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            // With no standard error left there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "error: {error}{cause}");
            ExitCode::from(2)
        }
    }
}
