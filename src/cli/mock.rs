//! `noisebound mock`: the mock server.

use noisebound_mock_server::cli::{Args, Error, run};

use super::failed::{Failed, chain};

/// Serves until a signal.
pub async fn mock(args: Args) -> Result<u8, Failed> {
    run(args).await.map(|()| 0).map_err(|error| {
        let code = if matches!(error, Error::Serve(_)) { 1 } else { 2 };
        Failed::with_code(code, chain(&error))
    })
}
