//! A whole run over a disk that is watched: what a report rests on is on the disk before the report is written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use noisebound_adapters::{
    Answer, Described, Description, Endpoint, Exchange, Failure, Prediction, Row, Tensor, Values, WireRequest,
};

use super::super::prepare::{Audit, AuditError, Silent, Told};
use super::super::resume::{Begun, Past};
use super::{conduct, question};
use crate::client::{Counts, Health};
use crate::data::{Dataset, Field};
use crate::journal::{Header, Journal, Sink};
use crate::loss::Target;

/// A model that says class 0 to everything.
struct Steady;

impl Endpoint for Steady {
    fn known(&self) -> Option<Description> {
        Some(Description::default())
    }

    fn learned(&self) -> Description {
        Description::default()
    }

    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>> {
        async { Ok(Described::Done { description: Description::default(), pushback: None }) }.boxed()
    }

    fn ask<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>> {
        let tensor = || Tensor::new("p", [2], Values::F64(vec![0.9, 0.1])).unwrap();
        let predictions = rows.iter().map(|_| Prediction::Tensors(vec![tensor()])).collect();
        async { Ok(Answer { predictions, version: None, pushback: None }) }.boxed()
    }

    fn exchange<'a>(&'a self, _: &'a [Row]) -> BoxFuture<'a, Exchange> {
        unreachable!("nobody looks")
    }

    fn preview(&self, _: &[Row]) -> Result<WireRequest, Failure> {
        unreachable!("nobody looks")
    }
}

/// A disk that knows how much of it is safe, and whether a report was there before all of it was.
struct Watched {
    report: PathBuf,
    written: Mutex<Vec<u8>>,
    safe: AtomicUsize,
    early: AtomicBool,
    /// No sync succeeds once this is so of what was written.
    breaks: fn(&str) -> bool,
}

impl Sink for Watched {
    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        self.early.fetch_or(self.report.exists(), Ordering::SeqCst);
        self.written.lock().unwrap().extend_from_slice(bytes);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.early.fetch_or(self.report.exists(), Ordering::SeqCst);
        let written = self.written.lock().unwrap();
        if (self.breaks)(str::from_utf8(&written).unwrap()) {
            return Err(io::Error::other("the disk is gone"));
        }
        self.safe.fetch_max(written.len(), Ordering::SeqCst);
        Ok(())
    }
}

/// Runs an audit of forty rows whose journal is on this disk.
async fn run(folder: &Path, disk: &Arc<Watched>) -> Result<crate::results::Report, AuditError> {
    let values = Values::F64((0..40).map(f64::from).collect());
    let field = Field { name: "x".into(), shape: [1].as_slice().into(), values, columns: None };
    let targets = Some((0..40).map(|row| Target::Number(f64::from(row % 2))).collect());
    let dataset = Dataset { fields: vec![field], rows: 40, targets, blake3: String::new() };
    let audit = Audit::new(question(40, &[1.0]), conduct(), dataset, Arc::new(Steady)).unwrap();
    let header = Header::new(question(40, &[1.0]), conduct(), "2026-01-02T03:04:05Z");
    let journal = Journal::begin(Path::new("j"), disk.clone(), &header)?;
    let client = audit.client(Counts::default(), &Health::default());
    let told =
        Told { facts: crate::results::EndpointFacts::default(), realised: Vec::new(), doubts: Vec::new() };
    let begun =
        Begun { past: Past::new(audit.core()), journal, client, told, started: header.started, until: None };
    audit.go_on(begun, folder, &mut Silent, std::future::pending()).await
}

fn watched(folder: &Path, breaks: fn(&str) -> bool) -> Arc<Watched> {
    Arc::new(Watched {
        report: folder.join("report.json"),
        written: Mutex::default(),
        safe: AtomicUsize::new(0),
        early: AtomicBool::new(false),
        breaks,
    })
}

#[tokio::test]
async fn a_report_is_written_when_all_that_it_rests_on_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let disk = watched(folder.path(), |_| false);
    run(folder.path(), &disk).await.unwrap();
    assert!(disk.report.exists() && !disk.early.load(Ordering::SeqCst));
    let written = disk.written.lock().unwrap().len();
    assert_eq!(disk.safe.load(Ordering::SeqCst), written);
    // Where the end of it does not get there, no verdict is shown: the last count, the last answer, or all but the first.
    let breaks: [fn(&str) -> bool; 3] = [
        |written| written.matches("\"counted\":").count() > 1 + written.matches("\"running\":").count(),
        |written| written.contains("\"draw:1:"),
        |written| written.lines().count() > 1,
    ];
    for breaks in breaks {
        let folder = tempfile::tempdir().unwrap();
        let disk = watched(folder.path(), breaks);
        let error = run(folder.path(), &disk).await.unwrap_err();
        assert_eq!(error.exit_code(), 1, "{error}");
        assert!(!disk.report.exists(), "{error}");
    }
}
