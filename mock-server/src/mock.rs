//! A server in the background, for tests.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::arrivals::{Arrival, Counts, Recorder};
use crate::options::Options;
use crate::server::Server;

/// A server in the background on free ports of 127.0.0.1, one of them for gRPC. Dropped, it ends without waiting.
#[derive(Debug)]
pub struct Mock {
    address: SocketAddr,
    grpc: SocketAddr,
    recorder: Arc<Recorder>,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Mock {
    /// Binds free ports and answers from then on, on the runtime of the caller.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let grpc_listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, grpc) = (listener.local_addr()?, grpc_listener.local_addr()?);
        let server = Server::new(options)?;
        let recorder = server.recorder();
        let (shutdown, signal) = oneshot::channel();
        let task = tokio::spawn(server.run(listener, Some(grpc_listener), signal));
        Ok(Self { address, grpc, recorder, shutdown, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for gRPC.
    pub fn grpc_address(&self) -> SocketAddr {
        self.grpc
    }

    /// The target for a model: `triton://127.0.0.1:PORT/digits`, `json://127.0.0.1:PORT/v1/models/digits:predict`;
    /// any scheme but json is put before the model's name.
    pub fn url(&self, scheme: &str, model: &str) -> String {
        let address = if scheme.contains("+grpc") { self.grpc } else { self.address };
        target(address, scheme, model)
    }

    /// Every request so far, in order of arrival.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.recorder.arrivals()
    }

    /// How much arrived so far.
    pub fn counts(&self) -> Counts {
        self.recorder.counts()
    }

    /// Ends it: requests under way are answered, connections closed.
    pub async fn stop(self) -> io::Result<()> {
        // The server may have ended already; then there is nobody to tell.
        let _ = self.shutdown.send(());
        self.task.await.map_err(io::Error::other)?
    }
}

/// The target for a model on a server at this address.
pub(crate) fn target(address: SocketAddr, scheme: &str, model: &str) -> String {
    match scheme {
        "json" => format!("json://{address}/v1/models/{model}:predict"),
        _ => format!("{scheme}://{address}/{model}"),
    }
}
