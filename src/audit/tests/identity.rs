//! A model that is exchanged, at whatever moment: sentinels and guards find it before results are published.

use std::time::Duration;

use super::*;
use crate::audit::later::Later;
use crate::audit::refold::of_one_model;
use crate::journal::{Line, Settled};

/// How a query ends that another model answers: clean rows have another class.
fn of_another(query: Query) -> Ending {
    match query {
        Query::Draw(_) => STEADY.ending(query),
        _ => STEADY.clean(1.0, 1),
    }
}

/// An audit of one request after the other that is answered by another model from this one on.
fn swapped(question: &Question, budget: u64, after: usize) -> Played {
    let core = Core::new(planned(question, STEADY), budget, 0, &Standard);
    let mut played = Played { core, records: Vec::new() };
    while played.core.changed().is_none()
        && let Some(query) = played.core.next()
    {
        let other = played.records.len() >= after;
        let record = Record { query, ending: if other { of_another(query) } else { STEADY.ending(query) } };
        played.core.commit(&record).unwrap();
        played.records.push(record);
    }
    played
}

/// The lines of a journal of these records, one request a second.
fn lines(records: &[Record]) -> Vec<Line> {
    let line = |(second, record): (u64, &Record)| {
        Line::Settled(Settled {
            records: vec![record.clone()],
            unanswered: None,
            attempts: 1,
            sent: Duration::from_secs(second),
            took: Duration::from_millis(10),
            version: None,
        })
    };
    (0..).zip(records).map(line).collect()
}

fn later(core: Core, lines: &[Line]) -> Later {
    let (mut core, mut later) = (core, Later::default());
    for line in lines {
        if let Line::Settled(settled) = line {
            settled.records.iter().for_each(|record| core.commit(record).unwrap());
        }
        later.take(line, &core);
    }
    later
}

/// Whenever it comes, from the first draw to the last, and just after the last sentinel above all.
#[test]
fn another_model_is_noticed_whenever_it_comes_before_the_last_draw() {
    let asked = question(90, &[1.0, 2.0]);
    for budget in [100_000, 170] {
        let whole = swapped(&asked, budget, usize::MAX);
        assert!(whole.core.done() && whole.core.changed().is_none());
        let last = whole.records.len() - 1;
        assert_eq!(whole.records[last].query, Query::Guard(0), "the last query of all is a clean row");
        let before = whole.records.iter().position(|record| matches!(record.query, Query::Draw(_))).unwrap();
        assert!(last > before + 10);
        let sentinel = whole.records.iter().rposition(|record| matches!(record.query, Query::Sentinel(_)));
        for after in
            (before..=last).step_by(13).chain(sentinel.map(|place| place + 1)).chain([last - 1, last])
        {
            let played = swapped(&asked, budget, after);
            let changed =
                played.core.changed().unwrap_or_else(|| panic!("{after} of {last} are of the first model"));
            assert_eq!(Some(changed.query), played.records.last().map(|record| record.query));
            let core = || Core::new(planned(&asked, STEADY), budget, 0, &Standard);
            let model = of_one_model(core(), lines(&played.records));
            assert!(model.exchanged.is_some() && model.later.is_empty());
            let first = model.records.len();
            assert!(
                first <= after && model.records[..] == played.records[..first],
                "{first} of {after} count"
            );
        }
        assert!(swapped(&asked, budget, last + 1).core.changed().is_none());
    }
}

/// A run that goes on asks a clean row before anything else, wherever the one before it had ended.
#[test]
fn a_resumption_begins_with_a_clean_row() {
    for (asked, world) in worlds() {
        let whole = play(&asked, world, 1000, 0, 1, 0);
        for most in (130..whole.records.len()).step_by(211) {
            let core = Core::new(planned(&asked, world), 1000, 0, &Standard);
            let mut played = Played { core, records: Vec::new() };
            played.go_on(world, 1, 0, most);
            let mut played = played.resumed(&asked, world, 1000, 0);
            let (repeats, before) = (played.core.sentinels.is_some(), played.records.len());
            played.go_on(world, 16, 1, usize::MAX);
            let first = played.records.get(before).map(|record| record.query);
            assert_eq!(matches!(first, Some(Query::Guard(_))), repeats, "{first:?} after {most}");
            assert_eq!(played.core.results(), whole.core.results());
            assert_eq!(played.core.charged(), whole.core.charged());
        }
    }
}

/// Where a run ends before a clean row could be asked, the answers that count are counted that came after the last one.
#[test]
fn answers_that_no_clean_row_speaks_for_are_counted() {
    let asked = question(90, &[1.0, 2.0]);
    let core = || Core::new(planned(&asked, STEADY), 100_000, 0, &Standard);
    let whole = play(&asked, STEADY, 100_000, 0, 1, 0);
    let mut seen = 0;
    for most in (155..whole.records.len()).step_by(17) {
        let records = &whole.records[..most];
        let (folded, ..) = refold(core(), records, true);
        let found = folded.identity(later(core(), &lines(records)).queries()).unwrap();
        let sentinel = |record: &Record| matches!(record.query, Query::Sentinel(_));
        let last = records.iter().rposition(sentinel).map_or(0, |place| place + 1);
        let counts = |record: &&Record| matches!(record.query, Query::Draw(_) | Query::Clean(_));
        // One request after the other: whatever was answered is committed, but for what follows a round.
        let most = records[last..].iter().filter(counts).count() as u64;
        assert_eq!((found.asked, found.unconfirmed), (0, most));
        seen += u64::from(last > 0 && most > 0);
    }
    assert!(seen > 3);
    let found = whole.core.identity(later(core(), &lines(&whole.records)).queries()).unwrap();
    assert_eq!((found.asked, found.unanswered, found.unconfirmed), (1, 0, 0));
}

/// A row that stays unanswered says nothing: another one is asked, and not for ever.
#[test]
fn a_guard_that_is_not_answered_is_followed_by_another() {
    let asked = question(90, &[1.0]);
    for silent in 0..5 {
        let mut core = Core::new(planned(&asked, STEADY), 100_000, 0, &Standard);
        let (mut rows, mut missing) = (HashSet::new(), 0);
        while let Some(query) = core.next() {
            let guard = matches!(query, Query::Guard(_));
            if guard {
                assert!(rows.insert(core.row(query)) && core.done());
            }
            let ending = if guard && missing < silent { Ending::Unanswered } else { STEADY.ending(query) };
            missing += u64::from(ending == Ending::Unanswered);
            core.commit(&Record { query, ending }).unwrap();
        }
        let found = core.identity(std::iter::empty()).unwrap();
        assert_eq!((found.asked, found.unanswered), ((silent + 1).min(3), silent.min(3)));
    }
}
