//! The end of a run from outside: the first signal ends it with a report, the second at once.

use super::print::tell;

/// Resolves with the first Ctrl-C or SIGTERM. A second one then ends the process with exit code 130.
pub async fn interrupted() {
    first().await;
    tell("interrupted: waiting for what is in flight; once more to stop at once");
    tokio::spawn(async {
        first().await;
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn first() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            // Without a handler the signal ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

#[cfg(not(unix))]
async fn first() {
    let _ = tokio::signal::ctrl_c().await;
}
