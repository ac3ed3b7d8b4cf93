//! A server that says the same to everyone, for answers that no mock model gives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What it says, given the head and body of a request.
type Say = dyn Fn(&str) -> Vec<u8> + Send + Sync;

/// A server in a thread, until it is dropped.
pub struct Stub {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    /// Answers each request with `status` (`200 OK`), further headers (each with its line end) and a body.
    pub fn new<A: Into<Vec<u8>>>(say: impl Fn(&str) -> A + Send + Sync + 'static) -> Self {
        Self::start(None, say)
    }

    /// The same over TLS.
    pub fn tls<A: Into<Vec<u8>>>(
        config: ServerConfig,
        say: impl Fn(&str) -> A + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(Arc::new(config)), say)
    }

    fn start<A: Into<Vec<u8>>>(
        tls: Option<Arc<ServerConfig>>,
        say: impl Fn(&str) -> A + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, ended) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let say: Arc<Say> = Arc::new(move |request| say(request).into());
        let (ears, end) = (Arc::clone(&heard), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                // A client that has gone away misses its answer.
                let _ = match &tls {
                    None => serve(stream, &ears, &*say),
                    Some(config) => {
                        let session = ServerConnection::new(Arc::clone(config)).unwrap();
                        serve(StreamOwned::new(session, stream), &ears, &*say)
                    }
                };
            }
        });
        Self { address, heard, ended, thread: Some(thread) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, head and body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread, which then sees that it is to end.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Reads one request, answers it and closes.
fn serve(stream: impl Read + Write, heard: &Mutex<Vec<String>>, say: &Say) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    while reader.read_line(&mut request)? > 2 {}
    let length = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    request.push_str(&String::from_utf8_lossy(&body));
    let answer = say(&request);
    heard.lock().unwrap().push(request);
    let mut stream = reader.into_inner();
    stream.write_all(&answer)?;
    stream.flush()
}

/// A whole answer with a body; `head` is the status (`200 OK`), and further header lines after it.
pub fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}
