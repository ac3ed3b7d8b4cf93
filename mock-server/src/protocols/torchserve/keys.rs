//! Token authorization: a file with a key for management, one for inference, and one to renew them with.
//!
//! A key that is renewed dies at once, and the new one stands in the file alone. Keys are used up by predictions here, not
//! by time, so that tests need not wait.

use std::fs;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use serde_json::json;

use super::failure;
use crate::app::App;
use crate::faults::Dice;
use crate::options::KeyFile;

/// The keys as they are now.
pub(crate) struct Keys {
    file: KeyFile,
    dice: Dice,
    now: Mutex<Now>,
}

#[derive(Debug, Clone, Copy)]
enum Purpose {
    Management,
    Inference,
    Api,
}

/// How often each key was renewed, and how many predictions the one for inference has been good for.
#[derive(Debug, Default)]
struct Now {
    renewed: [u64; 3],
    used: u64,
}

impl Keys {
    /// Makes the keys and writes the file.
    pub(crate) fn new(file: KeyFile, dice: Dice) -> io::Result<Self> {
        let keys = Self { file, dice, now: Mutex::default() };
        keys.write(&keys.now())?;
        Ok(keys)
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that opens this path.
    pub(super) fn key(&self, path: &str) -> String {
        let purpose = match path.split('/').nth(1) {
            Some("token") => Purpose::Api,
            Some("models") => Purpose::Management,
            _ => Purpose::Inference,
        };
        self.spell(purpose, &self.now())
    }

    /// Eight characters that may stand in a URL.
    fn spell(&self, purpose: Purpose, now: &Now) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let key = now.renewed[purpose as usize] << 2 | purpose as u64;
        let sixes = (self.dice.roll("key", key) * (1u64 << 48) as f64) as u64;
        (0..8).map(|place| char::from(ALPHABET[(sixes >> (6 * place) & 63) as usize])).collect()
    }

    /// Counts a prediction.
    pub(super) fn count(&self) {
        let mut now = self.now();
        now.used += 1;
        if self.file.lasts.is_some_and(|lasts| now.used >= lasts) {
            now.used = 0;
            self.replace(Purpose::Inference, &mut now);
        }
    }

    fn replace(&self, purpose: Purpose, now: &mut Now) {
        now.renewed[purpose as usize] += 1;
        // Where the file cannot be written nobody learns the key, which is what the client then sees.
        let _ = self.write(now);
    }

    fn write(&self, now: &Now) -> io::Result<()> {
        let dated =
            |purpose| json!({ "key": self.spell(purpose, now), "expiration time": "2026-01-01T00:00:00Z" });
        let keys = json!({
            "management": dated(Purpose::Management),
            "inference": dated(Purpose::Inference),
            "API": { "key": self.spell(Purpose::Api, now) },
        });
        // Whole or not at all: a reader may come at any time.
        let new = self.file.path.with_extension("new");
        fs::write(&new, format!("{keys:#}\n"))?;
        fs::rename(new, &self.file.path)
    }
}

/// `GET /token?type=inference`: the answer is empty, and the new key is in the file.
pub(super) async fn renew(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let purpose = match uri.query() {
        Some("type=inference") => Purpose::Inference,
        Some("type=management") => Purpose::Management,
        _ => return failure(400, "BadRequestException", "Parameter type is required."),
    };
    match &app.keys {
        None => failure(404, "ResourceNotFoundException", "Requested resource is not found"),
        Some(keys) => {
            keys.replace(purpose, &mut keys.now());
            Response::new(Body::empty())
        }
    }
}
