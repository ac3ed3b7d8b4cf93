//! The client against a scripted endpoint, in paused time.

#![expect(clippy::unchecked_time_subtraction, reason = "a test may panic")]

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use futures::{FutureExt, StreamExt};
use noisebound_adapters::{
    Answer, Described, Description, Endpoint, Exchange, Failure, FailureKind, Prediction, Row, Tensor,
    Values, WireRequest,
};
use tokio::time::{Instant, sleep};

use super::breaker::{NEVER_REACHED, OPENINGS, OPENS_AT, PROBES};
use super::{Asked, Baseline, Client, Counts, Health, Limits, Open, Stop, Tolerance};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// One request as the endpoint sees it: how many came before, and the numbers of its rows.
struct Seen<'a> {
    nth: usize,
    rows: &'a [i64],
}

type Script = Box<dyn Fn(&Seen<'_>) -> Result<(), Failure> + Send + Sync>;

/// An endpoint that does what the script says, after a latency, and answers each row with its own number.
struct Scripted {
    script: Script,
    latency: Duration,
    started: Instant,
    times: Mutex<Vec<Duration>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    /// How many were in flight when each was sent, itself included.
    crowds: Mutex<Vec<usize>>,
    describe_steps: AtomicU32,
    /// From which request on answers take how much longer.
    slower: Option<(usize, Duration)>,
    /// What every answer asks for.
    answered_pushback: Option<Duration>,
    renewals: AtomicUsize,
}

impl Scripted {
    fn new(script: impl Fn(&Seen<'_>) -> Result<(), Failure> + Send + Sync + 'static) -> Self {
        Self {
            script: Box::new(script),
            latency: Duration::ZERO,
            started: Instant::now(),
            times: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            crowds: Mutex::default(),
            describe_steps: AtomicU32::new(0),
            slower: None,
            answered_pushback: None,
            renewals: AtomicUsize::new(0),
        }
    }

    fn slow(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    fn times(&self) -> Vec<Duration> {
        self.times.lock().unwrap().clone()
    }

    async fn request(&self, rows: &[i64]) -> Result<(), Failure> {
        let nth = {
            let mut times = self.times.lock().unwrap();
            times.push(self.started.elapsed());
            times.len() - 1
        };
        let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
        self.crowds.lock().unwrap().push(in_flight);
        sleep(self.slower.filter(|(from, _)| nth >= *from).map_or(self.latency, |(_, slow)| slow)).await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        (self.script)(&Seen { nth, rows })
    }
}

impl Endpoint for Scripted {
    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>> {
        async {
            self.request(&[]).await?;
            let more =
                self.describe_steps.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            let pushback = self.answered_pushback;
            Ok(match more {
                Ok(_) => Described::More { pushback },
                Err(_) => Described::Done { description: Description::default(), pushback },
            })
        }
        .boxed()
    }

    fn ask<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>> {
        async move {
            let numbers: Vec<i64> = rows.iter().map(number).collect();
            self.request(&numbers).await?;
            let predictions = rows.iter().map(|row| Prediction::Tensors(row.tensors.clone())).collect();
            Ok(Answer { predictions, version: Some("7".into()), pushback: self.answered_pushback })
        }
        .boxed()
    }

    fn exchange<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Exchange> {
        async move {
            Exchange {
                request: wire(),
                response: None,
                answer: self.ask(rows).await,
                would_fit: vec![],
                tried: None,
            }
        }
        .boxed()
    }

    fn preview(&self, _: &[Row]) -> Result<WireRequest, Failure> {
        Ok(wire())
    }

    fn renew(&self) {
        self.renewals.fetch_add(1, Ordering::SeqCst);
    }
}

fn wire() -> WireRequest {
    WireRequest { method: String::new(), url: "fake://model".into(), headers: vec![], body: vec![] }
}

fn number(row: &Row) -> i64 {
    match &row.tensors[0].values {
        Values::I64(values) => values[0],
        other => panic!("{other:?}"),
    }
}

fn rows(numbers: impl IntoIterator<Item = i64>) -> Vec<Row> {
    let row = |n| Row { tensors: vec![Tensor::new("x", [1], Values::I64(vec![n])).unwrap()] };
    numbers.into_iter().map(row).collect()
}

fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "as scripted", "fake://model")
}

fn pushback(seconds: u64) -> Failure {
    Failure { pushback: Some(Duration::from_secs(seconds)), ..failure(FailureKind::Overloaded) }
}

const LIMITS: Limits = Limits {
    rate: None,
    concurrency: 4,
    max_requests: None,
    max_rows: None,
    retries: 3,
    timeout: Duration::from_secs(10),
    tolerance: Tolerance { failures: None, latency: None },
};

fn client(endpoint: Scripted, limits: Limits) -> (Arc<Scripted>, Client) {
    let endpoint = Arc::new(endpoint);
    (Arc::clone(&endpoint), Client::new(endpoint, limits, 1))
}

/// The same, where a variable has the name.
fn client_of(endpoint: Scripted, limits: Limits) -> (Arc<Scripted>, Client) {
    client(endpoint, limits)
}

/// Asks for `n` rows at once, each in a request of its own.
async fn ask_each(client: &Client, n: i64) -> Vec<Asked> {
    join_all((0..n).map(|i| client.ask(rows([i])))).await
}

/// The numbers that were answered, ascending; panics when an answer stands at the wrong row.
fn answered(asked: &[Asked], sent: &[Vec<i64>]) -> Vec<i64> {
    let mut numbers = Vec::new();
    for (asked, sent) in asked.iter().zip(sent) {
        for exchange in &asked.exchanges {
            let Ok(predictions) = &exchange.outcome else { continue };
            assert_eq!(predictions.len(), exchange.rows.len());
            for (row, prediction) in exchange.rows.clone().zip(predictions) {
                let Prediction::Tensors(tensors) = prediction else { panic!("{prediction:?}") };
                assert_eq!(tensors[0].values, Values::I64(vec![sent[row]]));
                numbers.push(sent[row]);
            }
        }
    }
    numbers.sort_unstable();
    numbers
}

#[tokio::test(start_paused = true)]
async fn every_request_keeps_to_the_rate_retries_and_description_included() {
    let script = |seen: &Seen<'_>| match seen.nth {
        1 | 7 | 20 => Err(failure(FailureKind::Transient)),
        _ => Ok(()),
    };
    let (endpoint, client) = client(Scripted::new(script), Limits { rate: Some(10.0), ..LIMITS });
    endpoint.describe_steps.store(2, Ordering::SeqCst);
    client.describe().await.unwrap();
    assert!(ask_each(&client, 60).await.iter().all(|asked| asked.stop.is_none()));
    let times = endpoint.times();
    assert_eq!(times.len(), 3 + 60 + 3);
    for (nth, time) in times.iter().enumerate() {
        // A delay before a retry may leave a slot of the description empty, never add one.
        assert!(*time + MS >= 100 * MS * nth as u32, "request {nth} left at {time:?}");
    }
    assert!(times[65] < 65 * 100 * MS + SECOND, "{:?}", times[65]);
    let counts = client.counts();
    assert_eq!((counts.requests, counts.predictions, counts.retries, counts.failures), (66, 62, 3, 3));
    assert_eq!(counts.kinds.get("transient"), Some(&3));
}

#[tokio::test(start_paused = true)]
async fn a_busy_client_uses_the_whole_rate() {
    for rate in [7.0, 30.0, 300.0] {
        let (endpoint, client) =
            client(Scripted::new(|_| Ok(())).slow(3 * MS), Limits { rate: Some(rate), ..LIMITS });
        let n = rate as i64 + 1;
        ask_each(&client, n).await;
        let last = endpoint.times().last().copied().unwrap();
        assert!(last.abs_diff(SECOND) <= 6 * MS, "{n} requests at {rate}/s took {last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_concurrency_are_in_flight() {
    let (endpoint, client) =
        client(Scripted::new(|_| Ok(())).slow(50 * MS), Limits { concurrency: 3, ..LIMITS });
    ask_each(&client, 20).await;
    assert_eq!(endpoint.most_in_flight.load(Ordering::SeqCst), 3);
    assert_eq!(endpoint.started.elapsed(), 7 * 50 * MS);
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_requests_is_never_exceeded_and_no_answer_lost() {
    let script =
        |seen: &Seen<'_>| if seen.nth % 3 == 2 { Err(failure(FailureKind::Transient)) } else { Ok(()) };
    let limits = Limits { max_requests: Some(25), concurrency: 8, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(script).slow(10 * MS), limits);
    client.describe().await.unwrap();
    let asked = ask_each(&client, 60).await;
    assert_eq!(endpoint.times().len(), 25);
    let settled = answered(&asked, &(0..60).map(|i| vec![i]).collect::<Vec<_>>());
    assert_eq!(settled.len(), 24 - 8);
    for asked in &asked {
        let stop = asked.stop.as_ref();
        assert_eq!(stop, asked.exchanges.is_empty().then_some(&Stop::MaxRequests));
    }
    assert_eq!(client.ask(rows([1])).await.stop, Some(Stop::MaxRequests));
    assert_eq!(client.counts().requests, 25);
}

#[tokio::test(start_paused = true)]
async fn an_overloaded_server_gets_half_the_rate_and_later_the_whole_again() {
    let script =
        |seen: &Seen<'_>| if seen.nth == 10 { Err(failure(FailureKind::Overloaded)) } else { Ok(()) };
    let (endpoint, client) =
        client(Scripted::new(script), Limits { rate: Some(10.0), concurrency: 1, ..LIMITS });
    ask_each(&client, 80).await;
    let times = endpoint.times();
    let gap = |nth: usize| times[nth + 1] - times[nth];
    assert_eq!(gap(8), 100 * MS);
    assert!(gap(11) >= 180 * MS && gap(11) <= 205 * MS, "{:?}", gap(11));
    assert!(gap(20) < gap(12) && gap(30) < gap(20), "{times:?}");
    assert!((12..80).all(|nth| gap(nth) + 7 * MS >= 100 * MS));
    assert!(gap(78).abs_diff(100 * MS) <= 6 * MS, "{:?}", gap(78));
}

/// What is sent again is paid for again; a request that would cost more than is left is not sent.
#[tokio::test(start_paused = true)]
async fn no_more_rows_are_sent_than_are_paid_for() {
    for (most, batches) in [(0, 0), (2, 0), (3, 1), (8, 2), (9, 3)] {
        let script =
            |seen: &Seen<'_>| if seen.nth == 1 { Err(failure(FailureKind::Transient)) } else { Ok(()) };
        let limits = Limits { concurrency: 1, max_rows: Some(most), ..LIMITS };
        let (endpoint, client) = client(Scripted::new(script), limits);
        let mut stop = None;
        while stop.is_none() {
            stop = client.ask(rows([1, 2, 3])).await.stop;
        }
        assert_eq!(stop, Some(Stop::MaxCost));
        assert_eq!((endpoint.times().len(), client.counts().rows), (batches, 3 * batches as u64), "{most}");
    }
}

#[tokio::test(start_paused = true)]
async fn everyone_waits_as_long_as_the_server_asks_and_no_retry_is_used() {
    let script = |seen: &Seen<'_>| if seen.nth < 6 { Err(pushback(5)) } else { Ok(()) };
    let limits = Limits { retries: 0, concurrency: 2, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(script).slow(MS), limits);
    let asked = ask_each(&client, 4).await;
    assert_eq!(answered(&asked, &[vec![0], vec![1], vec![2], vec![3]]), [0, 1, 2, 3]);
    let times = endpoint.times();
    for pair in [(1, 2), (3, 4), (5, 6)] {
        assert!(times[pair.1] - times[pair.0] >= 5 * SECOND, "{times:?}");
    }
    assert_eq!(client.counts().kinds.get("overloaded"), Some(&6));
}

/// Ten minutes of requests of all kinds, with failures, in which the rate changes: never more than it in any second,
/// and hardly less in all.
#[tokio::test(start_paused = true)]
async fn the_rate_is_kept_for_ten_minutes() {
    let script =
        |seen: &Seen<'_>| if seen.nth % 50 == 7 { Err(failure(FailureKind::Transient)) } else { Ok(()) };
    let limits = Limits { rate: Some(20.0), concurrency: 8, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(script).slow(150 * MS), limits);
    client.describe().await.unwrap();
    let most = |times: &[Duration], rate: usize| {
        for (first, at) in times.iter().enumerate() {
            let within = times[first..].iter().take_while(|other| **other < *at + SECOND).count();
            assert!(within <= rate + 1, "{within} from {at:?}");
        }
    };
    let works = |asks: i64| {
        let client = &client;
        futures::stream::iter(0..asks).for_each_concurrent(8, move |n: i64| async move {
            assert_eq!(client.ask(rows([n])).await.stop, None);
        })
    };
    works(6000).await;
    let half = endpoint.times();
    most(&half, 20);
    let took = half[half.len() - 1];
    assert!(half.len() as f64 > 0.98 * 20.0 * took.as_secs_f64(), "{} in {took:?}", half.len());
    client.set_rate(5.0);
    works(1500).await;
    let times = endpoint.times();
    // The first two may have been on their way when the rate changed.
    let after = &times[half.len() + 2..];
    most(after, 5);
    let took = after[after.len() - 1] - after[0];
    assert!(after.len() as f64 > 0.98 * 5.0 * took.as_secs_f64(), "{} in {took:?}", after.len());
    assert!(times[times.len() - 1] >= 599 * SECOND);
}

const WARY: Limits = Limits {
    concurrency: 1,
    retries: 0,
    tolerance: Tolerance { failures: Some(0.2), latency: Some(3.0) },
    ..LIMITS
};

/// One that fails more than at the start is left alone, probed, and asked on once it is well.
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_fails_more_than_at_the_start_is_left_alone_for_a_while() {
    for (each, openings) in [(6, 0), (2, 1)] {
        let script = move |seen: &Seen<'_>| {
            let fails = (50..100).contains(&seen.nth) && seen.nth.is_multiple_of(each);
            if fails { Err(failure(FailureKind::Transient)) } else { Ok(()) }
        };
        let (endpoint, client) = client_of(Scripted::new(script).slow(10 * MS), WARY);
        let asked = ask_each(&client, 300).await;
        assert!(asked.iter().all(|asked| asked.stop.is_none()));
        let health = client.health();
        assert_eq!(health.baseline(), Some(Baseline { failures: 0.0, rows: 1, latency: 10 * MS }));
        assert_eq!(health.openings, openings);
        let times = endpoint.times();
        let pauses: Vec<usize> =
            (1..times.len()).filter(|nth| times[*nth] - times[nth - 1] >= SECOND).collect();
        // It is the probe that comes late.
        assert_eq!(pauses, if openings == 0 { vec![] } else { vec![100] });
    }
}

/// One that stays slow is left alone a few times, and then for good; what it answered is kept.
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_stays_slow_ends_it() {
    let script = |_: &Seen<'_>| Ok(());
    let mut endpoint = Scripted::new(script).slow(20 * MS);
    endpoint.slower = Some((50, 200 * MS));
    let (endpoint, client) = client_of(endpoint, WARY);
    let asked = ask_each(&client, 2000).await;
    let stop = asked.iter().find_map(|asked| asked.stop.clone()).unwrap();
    let Stop::Worse(why) = stop else { panic!("{stop:?}") };
    assert!(why.said.contains("took 200.0ms in the median, 20.0ms at the start"), "{why}");
    assert_eq!(client.health().openings, OPENINGS - 1, "the last time it is not left alone");
    let answered = asked.iter().filter(|asked| asked.exchanges.len() == 1).count();
    assert_eq!(answered, endpoint.times().len(), "every answer is handed out");
    let pauses = endpoint.times().windows(2).filter(|pair| pair[1] - pair[0] >= SECOND).count();
    assert_eq!(pauses, OPENINGS as usize - 1);
    let mut endpoint = Scripted::new(script).slow(20 * MS);
    endpoint.slower = Some((50, 200 * MS));
    let (endpoint, client) = client_of(endpoint, Limits { tolerance: Tolerance::default(), ..WARY });
    ask_each(&client, 500).await;
    assert_eq!((client.health().openings, endpoint.times().len()), (0, 500));
}

/// Once those that were in flight when it ended each counted as an opening.
#[tokio::test(start_paused = true)]
async fn what_is_in_flight_when_a_slow_endpoint_ends_it_is_no_opening() {
    let mut endpoint = Scripted::new(|_: &Seen<'_>| Ok(())).slow(20 * MS);
    endpoint.slower = Some((50, 200 * MS));
    let (_, client) = client_of(endpoint, Limits { concurrency: 4, ..WARY });
    let asked = ask_each(&client, 2000).await;
    assert!(asked.iter().any(|asked| matches!(asked.stop, Some(Stop::Worse(_)))));
    assert_eq!(client.health().openings, OPENINGS - 1);
}

/// Whoever goes on with an audit gives a slow endpoint another chance, and does not take it for well.
#[tokio::test(start_paused = true)]
async fn a_later_run_holds_an_endpoint_against_the_first() {
    let mut endpoint = Scripted::new(|_| Ok(())).slow(20 * MS);
    endpoint.slower = Some((50, 200 * MS));
    let (endpoint, first) = client_of(endpoint, WARY);
    ask_each(&first, 2000).await;
    let before = first.health();
    for (runs, limits) in [(2, WARY), (3, Limits { rate: Some(100.0), ..WARY })] {
        let endpoint = Arc::clone(&endpoint);
        let health = if runs == 2 {
            before.clone()
        } else {
            Health { openings: 2 * (OPENINGS - 1), ..before.clone() }
        };
        let later = Client::after(endpoint, limits, 1, Counts::default(), &health);
        assert!(!later.health().adds_to(&health));
        let asked = ask_each(&later, 2000).await;
        let Some(Stop::Worse(why)) = asked.iter().find_map(|asked| asked.stop.clone()) else {
            panic!("well")
        };
        assert!(why.said.contains("took 200.0ms in the median, 20.0ms at the start"), "{why}");
        assert!(later.health().adds_to(&health));
        assert_eq!(later.health().openings, runs * (OPENINGS - 1), "those of all runs");
        assert_eq!(later.health().baseline(), before.baseline());
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_rate_an_overloaded_server_gets_fewer_at_a_time_and_later_all_again() {
    let script = |seen: &Seen<'_>| {
        let overloaded = (20..100).contains(&seen.nth) && seen.nth.is_multiple_of(4);
        if overloaded { Err(failure(FailureKind::Overloaded)) } else { Ok(()) }
    };
    let limits = Limits { concurrency: 8, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(script).slow(10 * MS), limits);
    assert!(ask_each(&client, 300).await.iter().all(|asked| asked.stop.is_none()));
    let crowds = endpoint.crowds.lock().unwrap().clone();
    // Those that end together are replaced one by one.
    let whole = |crowds: &[usize]| crowds.chunks(20).all(|chunk| chunk.iter().max() == Some(&8));
    assert!(whole(&crowds[..20]));
    assert!(crowds[50..100].iter().all(|crowd| *crowd <= 2), "{crowds:?}");
    assert!(crowds[100..150].iter().any(|crowd| (3..8).contains(crowd)), "little by little: {crowds:?}");
    assert!(whole(&crowds[160..280]), "{crowds:?}");
    // Other failures are no wish to get less.
    let script = |seen: &Seen<'_>| {
        if seen.nth.is_multiple_of(4) { Err(failure(FailureKind::Transient)) } else { Ok(()) }
    };
    let (endpoint, client) = client_of(Scripted::new(script).slow(10 * MS), limits);
    ask_each(&client, 100).await;
    assert!(whole(&endpoint.crowds.lock().unwrap()[..80]));
}

/// A limit that is used up is told with the last answer that it allowed.
#[tokio::test(start_paused = true)]
async fn an_answer_that_asks_to_wait_holds_the_next_request() {
    let script = |_: &Seen<'_>| Ok(());
    let mut endpoint = Scripted::new(script);
    endpoint.answered_pushback = Some(3 * SECOND);
    let (endpoint, client) = client(endpoint, Limits { concurrency: 1, ..LIMITS });
    ask_each(&client, 3).await;
    let times = endpoint.times();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 3 * SECOND), "{times:?}");
}

/// So it is with what a description is learnt from.
#[tokio::test(start_paused = true)]
async fn a_description_that_asks_to_wait_holds_the_next_request() {
    let script = |_: &Seen<'_>| Ok(());
    let mut endpoint = Scripted::new(script);
    endpoint.answered_pushback = Some(3 * SECOND);
    endpoint.describe_steps = 2.into();
    let (endpoint, client) = client(endpoint, LIMITS);
    client.describe().await.unwrap();
    client.ask(rows([1])).await;
    let times = endpoint.times();
    assert_eq!(times.len(), 4);
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 3 * SECOND), "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_wait_is_obeyed_up_to_an_hour() {
    for (wished, obeyed) in [(1800, 1800), (86_400, 3600)] {
        let script = move |seen: &Seen<'_>| if seen.nth == 0 { Err(pushback(wished)) } else { Ok(()) };
        let (endpoint, client) = client(Scripted::new(script), LIMITS);
        assert_eq!(client.ask(rows([1])).await.stop, None);
        let waited = endpoint.times()[1];
        assert!(waited >= obeyed * SECOND && waited <= (obeyed + 2) * SECOND, "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_for_good_is_sent_again_row_by_row() {
    let script = |seen: &Seen<'_>| {
        if seen.rows.contains(&12) { Err(failure(FailureKind::Rejected)) } else { Ok(()) }
    };
    let (endpoint, client) = client(Scripted::new(script), LIMITS);
    let asked = client.ask(rows(10..14)).await;
    assert_eq!(asked.stop, None);
    let ranges: Vec<_> = asked.exchanges.iter().map(|exchange| exchange.rows.clone()).collect();
    assert_eq!(ranges, [0..1, 1..2, 2..3, 3..4]);
    assert_eq!(asked.exchanges[2].outcome.as_ref().unwrap_err().kind, FailureKind::Rejected);
    assert_eq!(answered(std::slice::from_ref(&asked), &[vec![10, 11, 12, 13]]), [10, 11, 13]);
    assert_eq!(endpoint.times().len(), 5);
    assert_eq!(client.counts().retries, 0);
}

#[tokio::test(start_paused = true)]
async fn several_rows_that_are_answered_are_one_exchange() {
    let (endpoint, client) = client(Scripted::new(|_| Ok(())).slow(20 * MS), LIMITS);
    sleep(SECOND).await;
    let asked = client.ask(rows(0..5)).await;
    let exchange = &asked.exchanges[0];
    assert_eq!((asked.exchanges.len(), exchange.rows.clone(), exchange.attempts), (1, 0..5, 1));
    assert_eq!((exchange.sent, exchange.took), (SECOND, 20 * MS));
    assert_eq!(exchange.version.as_deref(), Some("7"));
    assert_eq!(client.ask(Vec::new()).await, Asked::default());
    assert_eq!(endpoint.times().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_row_is_unanswered_after_its_retries_while_others_are_answered() {
    let script =
        |seen: &Seen<'_>| if seen.rows == [3] { Err(failure(FailureKind::Transient)) } else { Ok(()) };
    let (_, client) = client(Scripted::new(script), Limits { concurrency: 1, ..LIMITS });
    let asked = ask_each(&client, 6).await;
    let settled = &asked[3].exchanges[0];
    assert_eq!(settled.attempts, 4);
    assert_eq!(settled.outcome.as_ref().unwrap_err().kind, FailureKind::Transient);
    assert_eq!(asked[3].stop, None);
    assert_eq!(client.counts().retries, 3);
}

#[tokio::test(start_paused = true)]
async fn slow_answers_time_out_one_by_one() {
    let (endpoint, client) =
        client(Scripted::new(|_| Ok(())).slow(60 * SECOND), Limits { retries: 1, ..LIMITS });
    let asked = client.ask(rows([1])).await;
    let failure = asked.exchanges[0].outcome.clone().unwrap_err();
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert_eq!((&*failure.said, &*failure.at), ("no answer within 10s", "fake://model"));
    assert_eq!(endpoint.times().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_read_again_once_for_each_time_they_expire() {
    // They expire twice, each time with several requests in flight.
    let script = |seen: &Seen<'_>| match seen.nth {
        4..8 | 20..24 => Err(failure(FailureKind::Auth)),
        _ => Ok(()),
    };
    let limits = Limits { retries: 0, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(script).slow(MS), limits);
    let asked = ask_each(&client, 40).await;
    assert!(asked.iter().all(|asked| asked.stop.is_none()));
    assert_eq!(endpoint.renewals.load(Ordering::SeqCst), 2);
}

/// Where a key is exchanged, the new one may stand in its file a moment after the old one has died.
#[tokio::test(start_paused = true)]
async fn credentials_that_come_a_moment_late_are_read() {
    let script =
        |seen: &Seen<'_>| if (10..12).contains(&seen.nth) { Err(failure(FailureKind::Auth)) } else { Ok(()) };
    let (endpoint, client) = client(Scripted::new(script), Limits { concurrency: 1, retries: 0, ..LIMITS });
    for row in 0..40 {
        assert_eq!(client.ask(rows([row])).await.stop, None, "{row}");
    }
    assert_eq!(endpoint.renewals.load(Ordering::SeqCst), 2);
    let times = endpoint.times();
    assert!(times[11] - times[10] >= 100 * MS, "there is time to write it");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_stay_wrong_end_it_after_two_renewals() {
    let (endpoint, client) = client(Scripted::new(|_| Err(failure(FailureKind::Auth))), LIMITS);
    assert_eq!(client.ask(rows(0..3)).await.stop, Some(Stop::Endpoint(failure(FailureKind::Auth))));
    assert_eq!(endpoint.renewals.load(Ordering::SeqCst), 2);
    assert_eq!(endpoint.times().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_stop_working_for_good_end_it_after_two_renewals() {
    let script = |seen: &Seen<'_>| if seen.nth < 2 { Ok(()) } else { Err(failure(FailureKind::Auth)) };
    let (endpoint, client) = client(Scripted::new(script), Limits { concurrency: 1, ..LIMITS });
    let asked = ask_each(&client, 5).await;
    assert_eq!(asked[4].stop, Some(Stop::Endpoint(failure(FailureKind::Auth))));
    assert_eq!(endpoint.renewals.load(Ordering::SeqCst), 2);
    assert!(endpoint.times().len() <= 8, "{}", endpoint.times().len());
}

#[tokio::test(start_paused = true)]
async fn retries_come_after_growing_delays_even_without_a_rate() {
    let (endpoint, client) = client(Scripted::new(|_| Err(failure(FailureKind::Transient))), LIMITS);
    client.ask(rows([1])).await;
    let times = endpoint.times();
    let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, whole) in gaps.iter().zip([250, 500, 1000]) {
        assert!(*gap >= MS * whole / 2 && *gap <= MS * (whole + 2), "{gaps:?}");
    }
    assert_eq!(gaps.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_address_ends_it_for_everyone_at_once() {
    let script = |seen: &Seen<'_>| if seen.nth >= 10 { Err(failure(FailureKind::NotFound)) } else { Ok(()) };
    let (endpoint, client) = client(Scripted::new(script).slow(MS), LIMITS);
    let asked = ask_each(&client, 100).await;
    assert!(asked[99].exchanges.is_empty());
    assert_eq!(asked[99].stop, Some(Stop::Endpoint(failure(FailureKind::NotFound))));
    assert!(endpoint.times().len() <= 13, "{}", endpoint.times().len());
    assert_eq!(asked.iter().filter(|asked| asked.stop.is_none()).count(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_goes_away_for_a_while_costs_no_row() {
    let started = Instant::now();
    let script = move |seen: &Seen<'_>| {
        let away = started.elapsed() > SECOND && started.elapsed() < 20 * SECOND;
        if away && seen.nth > 0 { Err(failure(FailureKind::Unreachable)) } else { Ok(()) }
    };
    let limits = Limits { rate: Some(20.0), retries: 0, ..LIMITS };
    let (_, client) = client(Scripted::new(script).slow(10 * MS), limits);
    let asked = ask_each(&client, 100).await;
    assert_eq!(answered(&asked, &(0..100).map(|i| vec![i]).collect::<Vec<_>>()).len(), 100);
    assert!(client.counts().failures >= u64::from(OPENS_AT));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_keeps_failing_ends_it_after_a_few_probes() {
    let script = |seen: &Seen<'_>| if seen.nth < 5 { Ok(()) } else { Err(failure(FailureKind::Transient)) };
    let (endpoint, client) = client(Scripted::new(script).slow(MS), LIMITS);
    let asked = ask_each(&client, 50).await;
    let failed = OPENS_AT + PROBES;
    // Those in flight when the breaker opened come on top, and so do those in flight when the last answer came.
    match &asked[49].stop {
        Some(Stop::Failing { consecutive, .. }) => assert!((failed..failed + 4).contains(consecutive)),
        other => panic!("{other:?}"),
    }
    assert!(asked[49].exchanges.is_empty());
    assert!(endpoint.times().len() <= 5 + failed as usize + 3 + 3, "{}", endpoint.times().len());
    assert_eq!(asked.iter().filter(|asked| asked.stop.is_none()).count(), 5);
    assert!(endpoint.started.elapsed() < Duration::from_secs(180));
}

#[tokio::test(start_paused = true)]
async fn probes_go_one_at_a_time_and_one_answer_lets_everyone_through() {
    let script = |seen: &Seen<'_>| {
        if (1..13).contains(&seen.nth) { Err(failure(FailureKind::Transient)) } else { Ok(()) }
    };
    let limits = Limits { retries: 9, concurrency: 2, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(script).slow(100 * MS), limits);
    let asked = ask_each(&client, 30).await;
    assert!(asked.iter().all(|asked| asked.stop.is_none() && asked.exchanges[0].outcome.is_ok()));
    let times = endpoint.times();
    for probe in 12..14 {
        assert!(times[probe] - times[probe - 1] >= SECOND, "{times:?}");
    }
    assert!(*times.last().unwrap() - times[14] < 2 * SECOND, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_given_up_makes_way_for_the_next() {
    let script = |seen: &Seen<'_>| {
        if (1..11).contains(&seen.nth) { Err(failure(FailureKind::Transient)) } else { Ok(()) }
    };
    let (endpoint, client) = client(Scripted::new(script).slow(SECOND), Limits { retries: 20, ..LIMITS });
    client.ask(rows([0])).await;
    let client = Arc::new(client);
    let task = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.ask(rows([1])).await }
    });
    while endpoint.times().len() < 12 {
        sleep(10 * MS).await;
    }
    task.abort();
    assert_eq!(client.ask(rows([2])).await.stop, None);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_never_there_is_noticed_within_seconds() {
    let (endpoint, client) = client(Scripted::new(|_| Err(failure(FailureKind::Unreachable))), LIMITS);
    let stop = Stop::Failing { last: failure(FailureKind::Unreachable), consecutive: NEVER_REACHED };
    assert_eq!(client.describe().await, Err(stop.clone()));
    assert_eq!(client.ask(rows([1])).await.stop, Some(stop));
    assert_eq!(endpoint.times().len(), 3);
    assert!(endpoint.started.elapsed() < SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_waiting_at_once_and_keeps_what_is_in_flight() {
    let limits = Limits { rate: Some(0.1), concurrency: 4, ..LIMITS };
    let (endpoint, client) = client(Scripted::new(|_| Ok(())).slow(3 * SECOND), limits);
    let asking = ask_each(&client, 10);
    let stopping = async {
        sleep(2 * SECOND).await;
        client.stop();
    };
    let (asked, ()) = tokio::join!(asking, stopping);
    assert_eq!(endpoint.started.elapsed(), 3 * SECOND);
    assert_eq!(endpoint.times().len(), 1);
    assert_eq!((asked[0].exchanges.len(), &asked[0].stop), (1, &None));
    for asked in &asked[1..] {
        assert_eq!((asked.exchanges.len(), &asked.stop), (0, &Some(Stop::Interrupted)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_row_by_row_survives_a_stop() {
    let script =
        |seen: &Seen<'_>| if seen.rows.len() > 1 { Err(failure(FailureKind::Rejected)) } else { Ok(()) };
    let (_, client) = client(Scripted::new(script), Limits { max_requests: Some(3), ..LIMITS });
    let asked = client.ask(rows(0..4)).await;
    assert_eq!(answered(std::slice::from_ref(&asked), &[vec![0, 1, 2, 3]]), [0, 1]);
    assert_eq!(asked.stop, Some(Stop::MaxRequests));
}

#[tokio::test(start_paused = true)]
async fn descriptions_without_end_are_refused() {
    let (endpoint, client) = client(Scripted::new(|_| Ok(())), LIMITS);
    endpoint.describe_steps.store(u32::MAX, Ordering::SeqCst);
    assert!(matches!(client.describe().await, Err(Stop::Endpoint(_))));
    assert_eq!(endpoint.times().len(), 32);
}

/// An endpoint that tells of itself without a request, and answers fewer rows than it was asked.
struct Short;

impl Endpoint for Short {
    fn known(&self) -> Option<Description> {
        Some(Description::default())
    }

    fn describe(&self) -> BoxFuture<'_, Result<Described, Failure>> {
        async { Ok(Described::Done { description: Description::default(), pushback: None }) }.boxed()
    }

    fn ask<'a>(&'a self, _: &'a [Row]) -> BoxFuture<'a, Result<Answer, Failure>> {
        async { Ok(Answer { predictions: vec![], version: None, pushback: None }) }.boxed()
    }

    fn exchange<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Exchange> {
        async move {
            Exchange {
                request: wire(),
                response: None,
                answer: self.ask(rows).await,
                would_fit: vec![],
                tried: None,
            }
        }
        .boxed()
    }

    fn preview(&self, _: &[Row]) -> Result<WireRequest, Failure> {
        Err(failure(FailureKind::Unsupported))
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_rows_missing_is_malformed() {
    let client = Client::new(Arc::new(Short), Limits { retries: 0, ..LIMITS }, 1);
    let asked = client.ask(rows([1])).await;
    let failure = asked.exchanges[0].outcome.clone().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert_eq!(&*failure.said, "expected one prediction for each of 1 rows, found 0");
}

/// Once it counted as a request, and as a sign of life: an endpoint that was down was waited for.
#[tokio::test(start_paused = true)]
async fn a_description_without_a_request_is_not_counted() {
    let client = Client::new(Arc::new(Short), LIMITS, 1);
    client.describe().await.unwrap();
    assert_eq!(client.counts(), super::Counts::default());
}

/// Neither in what is settled, nor in why there is nothing more.
#[tokio::test(start_paused = true)]
async fn no_failure_of_a_private_question_quotes_an_answer() {
    for (private, said) in [
        (true, "a list of 1 was expected"),
        (false, "a list of 1 was expected, found a list of 0; it begins: {\"p\":[0.25"),
    ] {
        let misfit = "a list of 1 was expected, found a list of 0; it begins: {\"p\":[0.25";
        let script = move |_: &Seen<'_>| Err(Failure::new(FailureKind::Malformed, misfit, "at"));
        let (_, client) = client(Scripted::new(script), Limits { retries: 0, ..LIMITS });
        let stop = loop {
            let (asked, _) = client.go_on(Open::new(rows([1])).private(private)).await;
            match asked.stop {
                Some(stop) => break stop,
                None => assert_eq!(&*asked.exchanges[0].outcome.clone().unwrap_err().said, said),
            }
        };
        let (Stop::Failing { last, .. } | Stop::Worse(last) | Stop::Endpoint(last)) = &stop else {
            panic!("{stop:?}")
        };
        assert_eq!(&*last.said, said);
    }
}
