//! The command: one file for each subcommand.
//!
//! What was typed becomes a question and a conduct in [`config`](crate::config); the audit itself is in
//! [`audit`](crate::audit). Results go to stdout, everything else to stderr.

pub mod args;
mod audit;
mod compare;
mod confirm;
mod demo;
mod failed;
mod inspect;
mod mock;
mod outputs;
mod plan;
mod print;
mod replay;
mod signal;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use failed::Failed;

/// How much worse does a deployed model get when its inputs are noisy, and how sure are we?
///
/// Exit codes, the first that applies: 1 internal error; 2 bad usage, plan or input; 4 the answers
/// contradict the plan; 99 a gate fails; 130 interrupted; 3 the endpoint is unusable; 98 it ended before it
/// could answer what was asked; 0 done.
#[derive(Debug, Parser)]
#[command(name = "noisebound", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Audit an endpoint: noisy rows in, bounds on the degradation out
    Audit(Box<args::AuditArgs>),
    /// Bound how much the risks of several endpoints differ, from the same draws
    Compare(Box<compare::CompareArgs>),
    /// Look at an endpoint: what the server tells, and one clean row as it goes over the wire
    Inspect(Box<inspect::InspectArgs>),
    /// Audit an embedded model in this process, to see what an audit is
    Demo(demo::DemoArgs),
    /// Say how many queries an audit will take, before it is made
    Plan(Box<plan::PlanArgs>),
    /// Serve known models over Triton's, TorchServe's and a JSON protocol, with faults on demand
    Mock(Box<noisebound_mock_server::cli::Args>),
    /// Recompute a report from its journal, and compare two runs draw for draw
    Verify(verify::VerifyArgs),
    /// Make one draw again, and compare the answer with the recorded one
    Replay(replay::ReplayArgs),
}

/// Parses the command line, runs the command, and gives its exit code.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    let done = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(command)),
        Err(error) => Err(Failed::with_code(1, format!("the runtime cannot start: {error}"))),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failed) => {
            print::tell(&failed.to_string());
            ExitCode::from(failed.exit_code())
        }
    }
}

/// Writes what happens to stderr: warnings, failures too, or every answer. Only our own events, whose words are
/// masked; what the HTTP library says is left out at every level.
fn log(verbose: u8) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let ours = tracing_subscriber::filter::Targets::new().with_target("noisebound", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    // Nobody may be there to read them any more.
    let lines = lines.log_internal_errors(false);
    let all = tracing_subscriber::registry().with(ours);
    // A second call in the same process leaves the first one in place.
    drop(match verbose {
        0 => all.with(lines.event_format(Warning)).try_init(),
        _ => all.with(lines).try_init(),
    });
}

/// A warning as every other one is written.
struct Warning;

impl<S, N> FormatEvent<S, N> for Warning
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> std::fmt::Result {
        to.write_str("warning: ")?;
        context.format_fields(to.by_ref(), event)?;
        to.write_char('\n')
    }
}

async fn run(command: Command) -> Result<u8, Failed> {
    match command {
        Command::Audit(args) => Box::pin(audit::audit(*args)).await,
        Command::Compare(args) => Box::pin(compare::compare(*args)).await,
        Command::Inspect(args) => Box::pin(inspect::inspect(*args)).await,
        Command::Demo(args) => Box::pin(demo::demo(args)).await,
        Command::Plan(args) => plan::plan(&args),
        Command::Mock(args) => mock::mock(*args).await,
        Command::Verify(args) => verify::verify(&args),
        Command::Replay(args) => Box::pin(replay::replay(args)).await,
    }
}
