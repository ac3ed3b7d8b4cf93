//! What arrived: counts, the list of requests, and the log file.
//!
//! A request is entered the moment its head is read and completed when its answer is ready, so that the list is
//! in order of arrival and holds requests that never got an answer.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When its head had been read, since the start of the server.
    pub at: Duration,
    /// The verb.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// How many rows it asked the model for; 0 where none were read.
    pub rows: usize,
    /// The status of the answer; `None` while it is open, and for ever where there was none.
    pub status: Option<u16>,
}

/// How much arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests of every kind.
    pub requests: u64,
    /// Requests for predictions.
    pub predictions: u64,
    /// Rows that the models were asked for.
    pub rows: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Requests that ended without an answer: dropped by the server or given up by the client.
    pub unanswered: u64,
    /// The most requests that were open at once.
    pub most_open: u64,
}

/// Takes note of every request.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Instant,
    keep: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    counts: Counts,
    open: u64,
    arrivals: Vec<Arrival>,
    log: Option<File>,
}

impl Recorder {
    /// Starts the clock; creates the log file.
    pub(crate) fn new(keep: bool, log: Option<&Path>) -> io::Result<Self> {
        let log = log.map(File::create).transpose()?;
        let state = State { counts: Counts::default(), open: 0, arrivals: Vec::new(), log };
        Ok(Self { start: Instant::now(), keep, state: Mutex::new(state) })
    }

    /// Enters a request.
    pub(crate) fn open(self: &Arc<Self>, method: &str, path: &str) -> Open {
        let at = self.start.elapsed();
        let arrival = Arrival { at, method: method.into(), path: path.into(), rows: 0, status: None };
        let mut state = self.lock();
        state.counts.requests += 1;
        state.open += 1;
        state.counts.most_open = state.counts.most_open.max(state.open);
        let place = state.arrivals.len();
        if self.keep {
            state.arrivals.push(arrival.clone());
        }
        drop(state);
        Open { recorder: Arc::clone(self), place, arrival }
    }

    /// Numbers a request for predictions, from 0.
    pub(crate) fn number_prediction(&self) -> u64 {
        let mut state = self.lock();
        state.counts.predictions += 1;
        state.counts.predictions - 1
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.lock().arrivals.clone()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts.clone()
    }

    /// The state is plain counts and lists, which a panic elsewhere leaves usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request whose answer is not ready. Dropped without [`Open::close`], it counts as unanswered.
#[derive(Debug)]
pub(crate) struct Open {
    recorder: Arc<Recorder>,
    place: usize,
    arrival: Arrival,
}

impl Open {
    /// Completes the request.
    pub(crate) fn close(mut self, rows: usize, status: Option<u16>) {
        self.arrival.rows = rows;
        self.arrival.status = status;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Arrival { rows, status, .. } = self.arrival;
        let mut state = self.recorder.lock();
        state.open -= 1;
        state.counts.rows += rows as u64;
        match status {
            Some(status) => *state.counts.statuses.entry(status).or_default() += 1,
            None => state.counts.unanswered += 1,
        }
        if let Some(arrival) = state.arrivals.get_mut(self.place) {
            arrival.rows = rows;
            arrival.status = status;
        }
        if let Some(log) = &mut state.log {
            // A full disk must not stop the answers: the log then misses lines.
            let _ = Line::of(&self.arrival).write(log);
        }
    }
}

/// A line of the log.
#[derive(serde::Serialize)]
struct Line<'a> {
    at: f64,
    method: &'a str,
    path: &'a str,
    rows: usize,
    status: Option<u16>,
}

impl<'a> Line<'a> {
    fn of(arrival: &'a Arrival) -> Self {
        let Arrival { at, method, path, rows, status } = arrival;
        Self { at: at.as_secs_f64(), method, path, rows: *rows, status: *status }
    }

    /// Writes the line in one piece, so that a reader sees whole lines.
    fn write(&self, log: &mut File) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        log.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_are_listed_as_they_arrive_and_completed_as_they_end() {
        let recorder = Arc::new(Recorder::new(true, None).unwrap());
        let first = recorder.open("POST", "/a");
        tokio::time::advance(Duration::from_millis(20)).await;
        let second = recorder.open("GET", "/b");
        assert_eq!(recorder.arrivals()[0].status, None);
        second.close(3, Some(200));
        drop(first);
        let arrivals = recorder.arrivals();
        assert_eq!((arrivals[0].path.as_str(), arrivals[0].status), ("/a", None));
        let expected = Arrival {
            at: Duration::from_millis(20),
            method: "GET".into(),
            path: "/b".into(),
            rows: 3,
            status: Some(200),
        };
        assert_eq!(arrivals[1], expected);
        let counts = recorder.counts();
        assert_eq!((counts.requests, counts.rows, counts.unanswered, counts.most_open), (2, 3, 1, 2));
        assert_eq!(counts.statuses, BTreeMap::from([(200, 1)]));
    }
}
