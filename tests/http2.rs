//! A server over HTTP/2 that says what it is told, resets streams and ends connections, for answers that no mock model
//! gives; and a way to have a question answered by another server.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::BoxFuture;
pub use h2::Reason;
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// One request.
#[derive(Clone)]
pub struct Asked {
    /// How many came before it, over every connection.
    pub number: usize,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What becomes of it.
pub enum Said {
    Answer(Box<Reply>),
    /// Its stream is reset.
    Reset(Reason),
    /// The connection ends: at once, or after what is under way where the reason is `NO_ERROR`. Not answered then.
    GoAway(Reason),
    /// Nothing, for ever.
    Nothing,
}

/// A whole answer.
#[derive(Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub trailers: Option<HeaderMap>,
}

impl Reply {
    /// An answer of gRPC with these bytes, and these headers behind them.
    pub fn grpc(body: Vec<u8>, trailers: &[(&'static str, &str)]) -> Self {
        let headers = fields(&[("content-type", "application/grpc")]);
        Self { status: 200, headers, body, trailers: Some(fields(trailers)) }
    }
}

/// Headers with these values.
pub fn fields(told: &[(&'static str, &str)]) -> HeaderMap {
    let field = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    told.iter().map(field).collect()
}

type Say = dyn Fn(Asked) -> BoxFuture<'static, Said> + Send + Sync;

/// A server, until it is dropped.
pub struct Http2 {
    runtime: Option<tokio::runtime::Runtime>,
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
}

impl Http2 {
    /// Says the same to the same request.
    pub fn new(say: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Self {
        Self::thinking(move |asked| {
            let said = say(&asked);
            Box::pin(std::future::ready(said))
        })
    }

    /// Says what comes of it.
    pub fn thinking(say: impl Fn(Asked) -> BoxFuture<'static, Said> + Send + Sync + 'static) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, connections) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicUsize>::default());
        let (say, ears, counted): (Arc<Say>, _, _) = (Arc::new(say), heard.clone(), connections.clone());
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, ears.clone(), say.clone()));
            }
        });
        Self { runtime: Some(runtime), address, heard, connections }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far.
    pub fn heard(&self) -> Vec<Asked> {
        self.heard.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One connection.
async fn serve(stream: TcpStream, heard: Arc<Mutex<Vec<Asked>>>, say: Arc<Say>) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let (end, mut ends) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            next = connection.accept() => {
                let Some(Ok((request, respond))) = next else { return };
                tokio::spawn(answer(request, respond, heard.clone(), say.clone(), end.clone()));
            }
            Some(reason) = ends.recv() => match reason {
                Reason::NO_ERROR => connection.graceful_shutdown(),
                reason => connection.abrupt_shutdown(reason),
            }
        }
    }
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    heard: Arc<Mutex<Vec<Asked>>>,
    say: Arc<Say>,
    end: mpsc::UnboundedSender<Reason>,
) {
    let (head, mut body) = request.into_parts();
    let Some(body) = whole(&mut body).await else { return };
    let asked = {
        let mut heard = heard.lock().unwrap();
        let number = heard.len();
        let asked = Asked { number, path: head.uri.path().to_owned(), headers: head.headers, body };
        heard.push(asked.clone());
        asked
    };
    match say(asked).await {
        // A client that has gone away misses its answer.
        Said::Answer(reply) => drop(send(&mut respond, *reply)),
        Said::Reset(reason) => respond.send_reset(reason),
        Said::GoAway(reason) => {
            end.send(reason).unwrap_or_default();
            if reason == Reason::NO_ERROR {
                respond.send_reset(Reason::REFUSED_STREAM);
            } else {
                std::future::pending::<()>().await;
            }
        }
        Said::Nothing => std::future::pending().await,
    }
}

fn send(respond: &mut SendResponse<Bytes>, reply: Reply) -> Result<(), h2::Error> {
    let mut head = Response::new(());
    *head.status_mut() = reply.status.try_into().unwrap();
    *head.headers_mut() = reply.headers;
    let alone = reply.body.is_empty() && reply.trailers.is_none();
    let mut stream: SendStream<Bytes> = respond.send_response(head, alone)?;
    if !alone {
        stream.send_data(reply.body.into(), reply.trailers.is_none())?;
    }
    reply.trailers.map_or(Ok(()), |trailers| stream.send_trailers(trailers))
}

/// The body of a request or of an answer; none where it broke off.
async fn whole(body: &mut RecvStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.ok()?;
        body.flow_control().release_capacity(chunk.len()).ok()?;
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

/// What another server answers, over a connection of its own.
pub async fn forward(to: SocketAddr, asked: Asked) -> Said {
    let stream = TcpStream::connect(to).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = format!("http://{to}{}", asked.path).parse().unwrap();
    *request.headers_mut() = asked.headers;
    let (response, mut stream) = client.send_request(request, false).unwrap();
    stream.send_data(asked.body.into(), true).unwrap();
    let (head, mut body) = response.await.unwrap().into_parts();
    let bytes = whole(&mut body).await.unwrap();
    let trailers = body.trailers().await.unwrap();
    let reply = Reply { status: head.status.as_u16(), headers: head.headers, body: bytes, trailers };
    Said::Answer(Box::new(reply))
}
