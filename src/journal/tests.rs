//! Journals from end to end: what is written reads back, and damage is noticed.

use std::io::{self, Cursor};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use half::{bf16, f16};
use noisebound_adapters::{Prediction, Tensor, Values};
use proptest::collection::vec;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde_json::json;

use super::line::SettledJson;
use super::{Counted, Header, Journal, JournalError, Line, Reader, Resumed, Settled, Sink, Tail, Why, read};
use crate::audit::{DrawId, Ending, Query, Record, Seen};
use crate::client::{Counts, Health, Latency};
use crate::config::{Conduct, Question};

/// Some question.
pub(super) fn question() -> Question {
    serde_json::from_str(
        r#"{
            "seed": 18446744073709551615,
            "endpoint": { "protocol": "triton", "url": "triton://h:8000/m", "model": "m" },
            "data": { "rows": 1797, "blake3": "00" },
            "noise": { "family": "gaussian", "scale": "absolute", "clip": [0.0, 16.0] },
            "loss": { "name": "error", "threshold": 0.5 },
            "levels": [0.1, 0.30000000000000004],
            "side": "both",
            "confidence": 0.95,
            "gates": [{ "text": "error@0.1 <= 0.2", "level": 0.1, "relation": "<=", "threshold": 0.2 }],
            "scope": "data-set",
            "clean_pass": 5000,
            "same_tolerance": 1e-6
        }"#,
    )
    .unwrap()
}

fn conduct() -> Conduct {
    Conduct {
        rate: Some(20.0),
        concurrency: 4,
        batch: 1,
        queries: 10_000,
        max_requests: None,
        max_cost: None,
        breaker_failures: None,
        breaker_latency: None,
        cost_per_query: None,
        max_time: None,
        retries: 3,
        timeout: Duration::from_secs(10),
        ahead: 0,
        privacy: false,
    }
}

fn header() -> Header {
    Header::new(question(), conduct(), "2026-01-02T03:04:05Z")
}

/// A disk of a certain size in memory.
struct Disk {
    kept: Mutex<Vec<u8>>,
    size: usize,
    /// Told at each sync how many bytes were there.
    synced: Option<mpsc::Sender<usize>>,
    /// Syncs fail in the thread of the journal.
    background_sync_fails: bool,
    /// Every sync fails.
    gone: AtomicBool,
}

impl Disk {
    fn new(size: usize) -> Self {
        Self {
            kept: Mutex::default(),
            size,
            synced: None,
            background_sync_fails: false,
            gone: AtomicBool::new(false),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        self.kept.lock().unwrap().clone()
    }
}

impl Sink for Disk {
    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap();
        let room = self.size.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync_data(&self) -> io::Result<()> {
        let background = std::thread::current().name() == Some("journal");
        if self.gone.load(Ordering::SeqCst) || (self.background_sync_fails && background) {
            return Err(io::Error::other("the disk is gone"));
        }
        let there = self.kept.lock().unwrap().len();
        if let Some(synced) = &self.synced {
            // Nobody may be listening any more.
            let _ = synced.send(there);
        }
        Ok(())
    }
}

fn written(lines: &[Line]) -> Vec<u8> {
    let disk = Arc::new(Disk::new(usize::MAX));
    let mut journal = Journal::begin(Path::new("j"), disk.clone(), &header()).unwrap();
    for line in lines {
        journal.append(line).unwrap();
    }
    journal.close().unwrap();
    disk.bytes()
}

fn read_bytes(bytes: &[u8]) -> Result<(Vec<Line>, Tail), JournalError> {
    let mut reader = Reader::new(Cursor::new(bytes), Path::new("j"))?;
    let lines = reader.by_ref().collect::<Result<_, _>>()?;
    Ok((lines, reader.tail()))
}

fn settled(records: Vec<Record>) -> Line {
    Line::Settled(Settled {
        records,
        unanswered: None,
        attempts: 1,
        sent: Duration::from_micros(12_345_678),
        took: Duration::from_micros(2100),
        version: Some("1".into()),
    })
}

fn draw(index: u64, loss: f64, class: &str) -> Record {
    let seen = Seen::Class(class.into());
    Record {
        query: Query::Draw(DrawId { level: 1, index }),
        ending: Ending::Answered { loss: Some(loss), measured: Box::default(), seen },
    }
}

fn some_lines() -> Vec<Line> {
    let unanswered = Settled {
        records: vec![Record { query: Query::Clean(17), ending: Ending::Unanswered }],
        unanswered: Some(Why { kind: "rejected".into(), said: "no \"such\" shape\u{1F980}".into() }),
        attempts: 2,
        sent: Duration::ZERO,
        took: Duration::from_secs(1),
        version: None,
    };
    vec![
        settled(vec![draw(0, 0.0, "3"), draw(1, 1.0, "5")]),
        Line::Settled(unanswered),
        Line::Resumed(Box::new(Resumed {
            resumed: "2026-01-02T04:00:00Z".into(),
            tool: "0.1.0".into(),
            conduct: conduct(),
            told: None,
        })),
        settled(vec![draw(2, 0.1, "3")]),
    ]
}

fn any_float() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("NaN is not equal to itself", |v| !v.is_nan()),
        (-100_i32..100).prop_map(f64::from),
        Just(-0.0),
        Just(f64::INFINITY),
    ]
}

/// Finite floats of a smaller type, of any bits.
fn any_values() -> impl Strategy<Value = Values> {
    fn some<T: Arbitrary>() -> impl Strategy<Value = Vec<T>> {
        vec(any::<T>(), 0..5)
    }
    prop_oneof![
        some().prop_map(Values::Bool),
        some().prop_map(Values::I8),
        some().prop_map(Values::I16),
        some().prop_map(Values::I32),
        some().prop_map(Values::I64),
        some().prop_map(Values::U8),
        some().prop_map(Values::U16),
        some().prop_map(Values::U32),
        some().prop_map(Values::U64),
        vec(any::<u16>().prop_map(f16::from_bits).prop_filter("NaN", |v| !v.is_nan()), 0..5)
            .prop_map(Values::F16),
        vec(any::<u16>().prop_map(bf16::from_bits).prop_filter("NaN", |v| !v.is_nan()), 0..5)
            .prop_map(Values::Bf16),
        vec(any::<f32>().prop_filter("NaN", |v| !v.is_nan()), 0..5).prop_map(Values::F32),
        vec(any_float(), 0..5).prop_map(Values::F64),
        vec(vec(any::<u8>(), 0..4), 0..4).prop_map(Values::Bytes),
        vec("[a-zé]{0,3}".prop_map(String::into_bytes), 0..4).prop_map(Values::Bytes),
    ]
}

fn any_tensor() -> impl Strategy<Value = Tensor> {
    ("\\PC{0,4}", any_values())
        .prop_map(|(name, values)| Tensor::new(name, [1, values.len()], values).unwrap())
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let text = || "\\PC{0,6}".prop_map(Box::<str>::from);
    prop_oneof![
        vec(any_tensor(), 0..3).prop_map(|tensors| Seen::Whole(Prediction::Tensors(tensors))),
        vec((text(), any_float()), 0..3).prop_map(|labels| Seen::Whole(Prediction::Labels(labels))),
        text().prop_map(Seen::Class),
        vec(any_float(), 0..16).prop_map(Seen::Values),
        text().prop_map(Seen::Hash),
        Just(Seen::Nothing),
    ]
}

fn any_record() -> impl Strategy<Value = Record> {
    let draw = || (any::<u32>(), any::<u64>()).prop_map(|(level, index)| DrawId { level, index });
    let query = prop_oneof![
        any::<u64>().prop_map(Query::Alone),
        any::<u64>().prop_map(Query::Together),
        any::<u64>().prop_map(Query::Clean),
        draw().prop_map(Query::Twin),
        draw().prop_map(Query::Draw),
        any::<u64>().prop_map(Query::Floor),
        any::<u64>().prop_map(Query::Sentinel),
        any::<u64>().prop_map(Query::Guard),
    ];
    let ending = prop_oneof![
        4 => (proptest::option::of(any_float()), proptest::collection::vec(any_float(), 0..3), any_seen())
            .prop_map(|(loss, measured, seen)| Ending::Answered { loss, measured: measured.into(), seen }),
        1 => Just(Ending::Unanswered),
    ];
    (query, ending).prop_map(|(query, ending)| Record { query, ending })
}

fn any_settled() -> impl Strategy<Value = Line> {
    let why =
        ("[a-z-]{1,8}", "\\PC{0,8}").prop_map(|(kind, said)| Why { kind: kind.into(), said: said.into() });
    let micros = || (0..4_000_000_000_000_u64).prop_map(Duration::from_micros);
    let version = proptest::option::of("\\PC{0,4}".prop_map(Box::<str>::from));
    (vec(any_record(), 0..4), proptest::option::of(why), any::<u32>(), micros(), micros(), version).prop_map(
        |(records, unanswered, attempts, sent, took, version)| {
            Line::Settled(Settled { records, unanswered, attempts, sent, took, version })
        },
    )
}

/// Equality that tells 0.0 from -0.0.
fn same(a: &[Line], b: &[Line]) -> bool {
    a == b && format!("{a:?}") == format!("{b:?}")
}

proptest! {
    #[test]
    fn every_line_reads_back_to_the_bit(lines in vec(any_settled(), 0..4)) {
        let bytes = written(&lines);
        let (found, tail) = read_bytes(&bytes).unwrap();
        prop_assert!(same(&found, &lines), "{found:?}\n{lines:?}");
        prop_assert_eq!(tail, Tail { whole: bytes.len() as u64, torn: 0 });
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        let _ = read_bytes(&bytes);
    }

    #[test]
    fn any_bytes_after_the_header_are_refused_or_torn(rest in vec(any::<u8>(), 0..300)) {
        let mut bytes = written(&[]);
        bytes.extend(&rest);
        if let Ok((lines, tail)) = read_bytes(&bytes) {
            prop_assert!(lines.is_empty());
            prop_assert_eq!(tail.torn, rest.len() as u64);
        }
    }

    #[test]
    fn any_json_with_a_right_hash_is_understood_or_refused(text in "\\{[\\[\\]{}\":,a-z0-9.-]{0,60}\\}") {
        let _ = super::line::read(text.as_bytes());
    }
}

#[test]
fn lines_are_plain_to_read() {
    let bytes = written(&some_lines());
    let text: Vec<_> = str::from_utf8(&bytes).unwrap().lines().collect();
    assert!(text[0].starts_with(r#"{"format":"noisebound.journal/1","tool":""#), "{}", text[0]);
    let line = |nth: usize| text[nth].split(",\"hash\":\"").next().unwrap().to_owned();
    assert_eq!(
        line(1),
        r#"{"asked":["draw:1:0","draw:1:1"],"losses":[0,1],"seen":["3","5"],"attempts":1,"sent":12.345678,"took":0.0021,"version":"1""#
    );
    assert_eq!(
        line(2),
        "{\"asked\":[\"clean:17\"],\"unanswered\":{\"kind\":\"rejected\",\"said\":\"no \\\"such\\\" shape\u{1F980}\"},\
         \"attempts\":2,\"sent\":0.0,\"took\":1.0"
    );
    assert!(line(3).starts_with(r#"{"resumed":"2026-01-02T04:00:00Z","tool":"0.1.0","conduct":{"#));
}

#[test]
fn what_is_known_of_the_endpoint_reads_back_and_may_be_absent() {
    let latency =
        Latency { rows: 32, median: Duration::from_nanos(50_812_345), concurrency: 4, requests: 150 };
    let health = Health { openings: 2, failures: Some(0.34), latencies: vec![latency] };
    for health in [health, Health::default()] {
        let line = Line::Counted(Counted { counted: Counts::default(), running: true, health: Some(health) });
        assert_eq!(Line::from_json(&line.to_json()), Ok(line));
    }
    let older = r#"{"counted":{"requests":3,"predictions":0,"retries":0,"failures":0,"kinds":{}}}"#;
    let Ok(Line::Counted(counted)) = Line::from_json(older.as_bytes()) else { panic!("{older}") };
    assert_eq!((counted.counted.requests, counted.running, counted.health), (3, false, None));
}

#[test]
fn a_journal_torn_anywhere_keeps_every_whole_line() {
    let lines = some_lines();
    let bytes = written(&lines);
    let ends: Vec<_> = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
    for cut in 0..bytes.len() {
        let whole = ends.iter().copied().filter(|end| *end <= cut).max();
        match (read_bytes(&bytes[..cut]), whole) {
            (Err(JournalError::Empty { .. }), None) => {}
            (Ok((found, tail)), Some(whole)) => {
                let count = ends.iter().filter(|end| **end <= cut).count() - 1;
                assert!(same(&found, &lines[..count]));
                assert_eq!(tail, Tail { whole: whole as u64, torn: (cut - whole) as u64 });
            }
            (other, _) => panic!("cut at {cut}: {other:?}"),
        }
    }
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_is() {
    let lines = some_lines();
    let bytes = written(&lines);
    for place in 0..bytes.len() - 1 {
        for flip in [0x01, 0x20, bytes[place] ^ b'\n'] {
            let mut damaged = bytes.clone();
            damaged[place] ^= flip;
            if damaged == bytes {
                continue;
            }
            let line = bytes[..place].split(|b| *b == b'\n').count() as u64;
            match read_bytes(&damaged) {
                // The last line, or the last two without what parts them, are then no text of a journal at all, as if they
                // had never got to the disk.
                Ok((found, tail)) => {
                    assert!(line as usize >= lines.len(), "byte {place}");
                    assert_eq!(found.len() as u64, line - 2, "byte {place}");
                    assert!(tail.torn > 0 && tail.whole + tail.torn == bytes.len() as u64, "byte {place}");
                }
                Err(JournalError::Chain { line: found, .. }) => assert_eq!(found, line, "byte {place}"),
                Err(JournalError::Format { .. }) => assert_eq!(line, 1, "byte {place}"),
                other => panic!("byte {place}: {other:?}"),
            }
        }
    }
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() = b' ';
    assert!(read_bytes(&damaged).unwrap().1.torn > 0);
}

/// A machine that stops before the disk has everything leaves zeros, or what was there before, for what was not synced.
#[test]
fn a_hole_at_the_end_is_torn_wherever_it_begins() {
    let lines = some_lines();
    let bytes = written(&lines);
    let ends: Vec<_> = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i + 1).collect();
    for begin in ends[0]..bytes.len() {
        for stale in [&b"\0"[..], b"\0\0\n", b"old\n{\"half\": [\n\xff}\n"] {
            let mut damaged = bytes.clone();
            damaged.truncate(begin);
            damaged.extend(stale.iter().cycle().take(bytes.len() - begin + 7));
            let (found, tail) = read_bytes(&damaged).unwrap_or_else(|error| panic!("{begin}: {error}"));
            let whole = ends.iter().copied().filter(|end| *end <= begin).max().unwrap();
            assert!(same(&found, &lines[..found.len()]), "{begin}");
            assert_eq!(tail, Tail { whole: whole as u64, torn: (damaged.len() - whole) as u64 }, "{begin}");
        }
    }
}

/// Where a line follows, something else has happened, and what can be done about it is said.
#[test]
fn a_hole_before_a_line_is_damage_and_the_way_back_is_told() {
    let bytes = written(&some_lines());
    let lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let mut damaged = [lines[0], lines[1]].concat();
    damaged.extend(vec![0; lines[2].len()]);
    damaged.extend(lines[3..].concat());
    // The hole goes on to the end of a line, and one follows.
    let error = read_bytes(&damaged).unwrap_err().to_string();
    assert!(error.starts_with("j:3: this line was changed or damaged"), "{error}");
    assert!(error.contains("`head -n 2 j >j.whole`") && error.contains("--resume"), "{error}");
    let mended: Vec<u8> = damaged.split_inclusive(|b| *b == b'\n').take(2).flatten().copied().collect();
    assert_eq!(read_bytes(&mended).unwrap().0.len(), 1);
    // Nothing comes before the first line that could be gone on with.
    let mut damaged = bytes.clone();
    damaged[bytes.iter().position(|b| *b == b'7').unwrap()] = b'8';
    let error = read_bytes(&damaged).unwrap_err().to_string();
    assert!(error.starts_with("j:1: this line") && !error.contains("head"), "{error}");
}

#[test]
fn a_line_that_is_missing_or_doubled_is_noticed() {
    let bytes = written(&some_lines());
    let lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').collect();
    for (changed, at) in [([0, 2, 3], 2), ([0, 1, 1], 3), ([0, 2, 1], 2)] {
        let text: Vec<u8> = changed.iter().flat_map(|i| lines[*i].iter().copied()).collect();
        let error = read_bytes(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("j:{at}: this line was changed or damaged")), "{error}");
    }
}

#[test]
fn another_format_is_refused_before_its_hash_is_looked_at() {
    let later = b"{\"format\":\"noisebound.journal/2\",\"hash\":\"?\"}\n";
    assert_eq!(
        read_bytes(later).unwrap_err().to_string(),
        "j:1: expected a journal of the format noisebound.journal/1, found noisebound.journal/2; \
         read it with the version of noisebound that wrote it"
    );
    assert!(matches!(read_bytes(b"a,b,c\n1,2,3\n"), Err(JournalError::Format { .. })));
    let empty = read_bytes(b"").unwrap_err();
    assert!(matches!(empty, JournalError::Empty { .. }));
    assert!(empty.to_string().ends_with("start a new audit in another folder"), "{empty}");
}

#[test]
fn a_full_disk_is_one_error_and_loses_no_earlier_line() {
    let lines = some_lines();
    let sizes = written(&lines[..2]).len()..written(&lines[..3]).len();
    for size in sizes.step_by(7) {
        let disk = Arc::new(Disk::new(size));
        let mut journal = Journal::begin(Path::new("j"), disk.clone(), &header()).unwrap();
        journal.append(&lines[0]).unwrap();
        journal.append(&lines[1]).unwrap();
        let error = anyhow::Error::from(journal.append(&lines[2]).unwrap_err());
        assert_eq!(
            format!("{error:#}"),
            "j: cannot write to the journal; its lines before are whole: no storage space"
        );
        assert!(matches!(journal.append(&lines[3]), Err(JournalError::Closed { .. })));
        assert!(matches!(journal.sync(), Err(JournalError::Closed { .. })));
        assert!(same(&read_bytes(&disk.bytes()).unwrap().0, &lines[..2]));
    }
}

#[test]
fn a_line_reaches_the_disk_without_being_asked_to() {
    let (synced, syncs) = mpsc::channel();
    let disk = Arc::new(Disk { synced: Some(synced), ..Disk::new(usize::MAX) });
    let mut journal = Journal::begin(Path::new("j"), disk.clone(), &header()).unwrap();
    for line in some_lines() {
        journal.append(&line).unwrap();
        let written = disk.bytes().len();
        while syncs.recv_timeout(Duration::from_secs(60)).unwrap() < written {}
    }
}

#[test]
fn a_sync_that_fails_in_the_background_is_told_at_the_next_line() {
    let disk = Arc::new(Disk { background_sync_fails: true, ..Disk::new(usize::MAX) });
    let mut journal = None;
    // The thread needs a moment; the header may be faster or slower than it.
    let error = loop {
        let done = match &mut journal {
            None => {
                Journal::begin(Path::new("j"), disk.clone(), &header()).map(|begun| journal = Some(begun))
            }
            Some(journal) => journal.append(&some_lines()[0]),
        };
        match done {
            Ok(()) => std::thread::yield_now(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, JournalError::Write { doing: "sync", .. }), "{error}");
    if let Some(mut journal) = journal {
        assert!(matches!(journal.append(&some_lines()[0]), Err(JournalError::Closed { .. })));
    }
}

#[test]
fn a_sync_that_fails_is_told_and_nothing_is_written_after_it() {
    let disk = Arc::new(Disk::new(usize::MAX));
    let mut journal = Journal::begin(Path::new("j"), disk.clone(), &header()).unwrap();
    disk.gone.store(true, Ordering::SeqCst);
    assert!(matches!(journal.sync(), Err(JournalError::Write { doing: "sync", .. })));
    let before = disk.bytes();
    assert!(matches!(journal.append(&some_lines()[0]), Err(JournalError::Closed { .. })));
    assert_eq!(disk.bytes(), before);
    assert!(matches!(journal.close(), Err(JournalError::Closed { .. })));
}

/// A disk that loses lines when the thread of the journal syncs, and tells that sync alone, as Linux does.
#[derive(Default)]
struct Forgetful {
    state: Mutex<Forgot>,
    overtaken: Condvar,
}

#[derive(Default)]
struct Forgot {
    lost: bool,
    /// Another sync said that all is well, though lines were lost.
    overtaken: bool,
}

impl Sink for Forgetful {
    fn write_all(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        if std::thread::current().name() != Some("journal") {
            state.overtaken |= state.lost;
            self.overtaken.notify_all();
            return Ok(());
        }
        state.lost = true;
        // Another sync has all the time to begin, if it may.
        let late = Duration::from_millis(300);
        drop(self.overtaken.wait_timeout_while(state, late, |state| !state.overtaken).unwrap());
        Err(io::Error::other("lines were lost"))
    }
}

#[test]
fn no_sync_overtakes_one_that_fails() {
    let disk = Arc::new(Forgetful::default());
    let begun = Journal::begin(Path::new("j"), disk.clone(), &header());
    let lines = some_lines();
    let goes_on = |journal: &mut Journal| journal.append(&lines[0]).and_then(|()| journal.sync()).is_ok();
    if let Ok(mut journal) = begun {
        while goes_on(&mut journal) {}
    }
    let state = disk.state.lock().unwrap();
    assert!(state.lost && !state.overtaken, "what was lost was told to be on the disk");
}

#[test]
fn a_journal_file_is_never_overwritten_and_has_one_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let mut journal = Journal::create(&path, &header()).unwrap();
    journal.append(&some_lines()[0]).unwrap();
    assert!(matches!(Journal::create(&path, &header()), Err(JournalError::Exists { .. })));
    let Err(locked) = Journal::reopen(&path) else { panic!("two writers") };
    assert!(locked.to_string().ends_with("another run of noisebound is writing it; wait for its end"));
    assert_eq!(read(&path).unwrap().1.len(), 1, "a reader needs no lock");
    journal.close().unwrap();
    assert!(matches!(Journal::create(&path, &header()), Err(JournalError::Exists { .. })));
    assert!(Journal::reopen(&path).is_ok());
}

#[test]
fn a_torn_journal_is_resumed_as_if_the_torn_line_had_never_been() {
    let lines = some_lines();
    let whole = written(&lines);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    for cut in [whole.len() - 1, whole.len() - 40, whole.len()] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let mut reopened = Journal::reopen(&path).unwrap();
        assert_eq!(*reopened.header(), header());
        let kept = reopened.lines().map(Result::unwrap).count();
        let (mut journal, tail) = reopened.go_on().unwrap();
        assert_eq!((kept, tail.torn > 0), if cut == whole.len() { (4, false) } else { (3, true) });
        for line in &lines[kept..] {
            journal.append(line).unwrap();
        }
        journal.close().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}

#[test]
fn a_journal_that_is_not_there_is_named() {
    let error = anyhow::Error::from(read("no/such/journal.jsonl").unwrap_err());
    assert!(format!("{error:#}").starts_with("no/such/journal.jsonl: cannot open the journal: "));
}

/// Any line of a journal.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is of interest")]
enum AnyLine {
    Header(Box<Header>),
    Settled(SettledJson),
    Resumed(Box<Resumed>),
    Counted(Counted),
}

#[test]
fn the_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/journal.schema.json");
    let mut schema = schemars::schema_for!(AnyLine);
    schema.insert("title".into(), "A line of a noisebound journal".into());
    let hash = json!({ "description": "BLAKE3 over the hash of the line before and this line up to here, 16 bytes.", "type": "string" });
    schema.insert("properties".into(), json!({ "hash": hash }));
    schema.insert("required".into(), json!(["hash"]));
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("NOISEBOUND_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/schemas/journal.schema.json is out of date; run the test with NOISEBOUND_BLESS=1"
    );
}
