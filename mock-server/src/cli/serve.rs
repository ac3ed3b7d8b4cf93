//! The command from its first line to the signal that ends it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;

use super::Args;
use crate::mock::target;
use crate::options::{KeyFile, Options};
use crate::server;

/// Why the command cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The variable that should hold the token does not.
    #[error("environment variable {0}: expected a token, found nothing; set it or leave out --token-env")]
    Token(String),
    /// The address is taken, or not of this machine.
    #[error("cannot listen on {address}; choose another {flag}")]
    Listen {
        /// The flag that named it.
        flag: &'static str,
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The log cannot be made.
    #[error("cannot write the log {}; choose another --log", path.display())]
    Log {
        /// The file asked for.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A signal cannot be heard, the first line not printed, or the listener broke.
    #[error("cannot serve")]
    Serve(#[from] io::Error),
}

/// Serves until SIGTERM or Ctrl-C, after one line on standard output.
pub async fn run(args: Args) -> Result<(), Error> {
    if let Some(path) = &args.log {
        let told = |source| Error::Log { path: path.clone(), source };
        std::fs::File::create(path).map_err(told)?;
    }
    let options = Options {
        faults: args.faults(),
        seed: args.seed,
        token: token(args.token_env.as_deref())?,
        keys: args.key_file.map(|path| KeyFile { path, lasts: args.key_lasts }),
        log: args.log,
        keep_arrivals: false,
        ..Options::default()
    };
    let listener = listen("--listen", args.listen).await?;
    let grpc = match args.grpc_listen {
        Some(address) => Some(listen("--grpc-listen", address).await?),
        None => None,
    };
    let signal = Signal::listen()?;
    announce(listener.local_addr()?, grpc.as_ref().map(TcpListener::local_addr).transpose()?)?;
    Ok(server::run(listener, grpc, options, signal.wait()).await?)
}

async fn listen(flag: &'static str, address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Listen { flag, address, source })
}

fn token(name: Option<&str>) -> Result<Option<String>, Error> {
    let Some(name) = name else { return Ok(None) };
    match std::env::var(name) {
        Ok(token) if !token.is_empty() => Ok(Some(token)),
        _ => Err(Error::Token(name.to_owned())),
    }
}

/// Prints where to find the first model, which tells a parent process that the server listens.
fn announce(address: SocketAddr, grpc: Option<SocketAddr>) -> io::Result<()> {
    let targets = ["triton", "torchserve", "json"].map(|scheme| target(address, scheme, "digits"));
    let over_grpc = grpc.map(|address| target(address, "triton+grpc", "digits"));
    let targets: Vec<String> = targets.into_iter().chain(over_grpc).collect();
    let mut out = io::stdout();
    writeln!(out, "ready {}", targets.join(" "))?;
    out.flush()
}

/// The signals that end the command. They are heard from before the first line on, so that a parent that has
/// read it may send one at once.
#[cfg(unix)]
struct Signal {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signal {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The signal that ends the command.
#[cfg(not(unix))]
struct Signal;

#[cfg(not(unix))]
impl Signal {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self) {
        // Without a signal to hear, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
