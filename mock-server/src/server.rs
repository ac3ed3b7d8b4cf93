//! A listener, its connections, and their end.
//!
//! The listener and the signal to end come from outside. After the signal no connection is accepted, idle ones
//! are closed, and requests under way are answered; what waits on purpose is let go.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

use crate::app::App;
use crate::arrivals::Recorder;
use crate::faults::{Cut, Outcome};
use crate::options::Options;
use crate::protocols;

/// How long connections get to end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// Answers on the listener until `shutdown` is ready; over gRPC on a listener of its own, where there is one.
///
/// Fails where the options do not fit together, the log cannot be made, or the listener breaks.
pub async fn run(
    listener: TcpListener,
    grpc: Option<TcpListener>,
    options: Options,
    shutdown: impl Future,
) -> io::Result<()> {
    Server::new(options)?.run(listener, grpc, shutdown).await
}

/// A server before it has a listener.
pub(crate) struct Server {
    app: Arc<App>,
    closing: watch::Sender<bool>,
}

impl Server {
    pub(crate) fn new(options: Options) -> io::Result<Self> {
        let (closing, watched) = watch::channel(false);
        Ok(Self { app: Arc::new(App::new(options, watched)?), closing })
    }

    pub(crate) fn recorder(&self) -> Arc<Recorder> {
        Arc::clone(&self.app.recorder)
    }

    pub(crate) async fn run(
        self,
        listener: TcpListener,
        grpc: Option<TcpListener>,
        shutdown: impl Future,
    ) -> io::Result<()> {
        let (router, grpc_router) = (protocols::router(&self.app), protocols::grpc_router(&self.app));
        // Each connection holds a sender; when the last is gone, nothing comes any more.
        let (alive, mut ended) = mpsc::channel::<Infallible>(1);
        let mut shutdown = pin!(shutdown);
        loop {
            let (accepted, http2) = tokio::select! {
                accepted = listener.accept() => (accepted, false),
                accepted = accept(grpc.as_ref()) => (accepted, true),
                _ = &mut shutdown => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let connection = Connection {
                        app: Arc::clone(&self.app),
                        router: if http2 { grpc_router.clone() } else { router.clone() },
                        http2,
                        _alive: alive.clone(),
                    };
                    tokio::spawn(connection.serve(stream));
                }
                // Out of descriptors, or a connection that was gone before it was accepted: neither is the
                // end of the listener.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        drop((listener, grpc));
        drop(alive);
        self.closing.send_replace(true);
        // Whoever is not done by then is cut off with the runtime or by the client.
        let _ = tokio::time::timeout(GRACE, ended.recv()).await;
        Ok(())
    }
}

/// The next connection; never one where there is no listener.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// One connection.
struct Connection {
    app: Arc<App>,
    router: Router,
    /// Whether HTTP/2 is spoken from the first byte.
    http2: bool,
    /// Dropped with the connection, which tells the server that it ended.
    _alive: mpsc::Sender<Infallible>,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        // Small answers must not wait for more; a socket that refuses still works.
        let _ = stream.set_nodelay(true);
        let mut closing = self.app.closing.clone();
        let service = service_fn(|request| answer(Arc::clone(&self.app), self.router.clone(), request));
        let stream = TokioIo::new(stream);
        // The end of a connection is never news: clients hang up, and faults cut on purpose.
        if self.http2 {
            let builder = http2::Builder::new(TokioExecutor::new());
            let mut connection = pin!(builder.serve_connection(stream, service));
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = closing.wait_for(|closing| *closing) => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        } else {
            let mut connection = pin!(http1::Builder::new().serve_connection(stream, service));
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = closing.wait_for(|closing| *closing) => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        }
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed on demand")]
struct Closed;

/// Enters a request, has it answered, and completes the entry.
async fn answer(app: Arc<App>, router: Router, request: Request<Incoming>) -> Result<Response, Closed> {
    let open = app.recorder.open(request.method().as_str(), request.uri().path());
    let Ok(answer) = router.oneshot(request.map(Body::new)).await;
    if answer.extensions().get::<Cut>().is_some() {
        open.close(0, None);
        return Err(Closed);
    }
    let rows = answer.extensions().get::<Outcome>().map_or(0, |outcome| outcome.rows);
    open.close(rows, Some(answer.status().as_u16()));
    Ok(answer)
}
