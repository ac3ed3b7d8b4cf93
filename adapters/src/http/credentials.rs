//! The user's headers, rendered, and the secrets in them.

use std::sync::{Arc, PoisonError, RwLock};

use reqwest::header::HeaderMap;

use crate::{Header, HeaderError, Masker};

/// The headers that go with every request.
pub(super) struct Credentials {
    headers: Vec<Header>,
    now: RwLock<Arc<Rendered>>,
}

/// The headers as they are now.
#[derive(Default)]
pub(super) struct Rendered {
    pub(super) headers: HeaderMap,
    /// Knows the secrets of these headers and of all earlier ones.
    pub(super) masker: Masker,
}

impl Credentials {
    /// These headers; `others` are secrets that stand elsewhere.
    pub(super) fn new(headers: Vec<Header>, others: &[String]) -> Result<Self, HeaderError> {
        let mut masker = Masker::default();
        for secret in others {
            masker.add(secret);
        }
        let now = render(&headers, masker)?;
        Ok(Self { headers, now: RwLock::new(Arc::new(now)) })
    }

    pub(super) fn now(&self) -> Arc<Rendered> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads every secret again. Where one cannot be read now, all stay as they are.
    pub(super) fn renew(&self) {
        let masker = self.now().masker.clone();
        if let Ok(fresh) = render(&self.headers, masker) {
            *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
    }

    /// Names and values with secrets masked.
    pub(super) fn masked(&self) -> impl Iterator<Item = (&str, String)> {
        self.headers.iter().map(|header| (header.name(), header.masked()))
    }
}

fn render(headers: &[Header], mut masker: Masker) -> Result<Rendered, HeaderError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let (name, value, secrets) = header.render()?;
        for secret in &secrets {
            masker.add(secret);
        }
        map.append(name, value);
    }
    Ok(Rendered { headers: map, masker })
}
