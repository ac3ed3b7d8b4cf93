//! How many requests may be in flight together, where no rate is given.
//!
//! The user's concurrency is the most. A server that is overloaded gets half as many, and each answer gives a little
//! back; where there is a rate, the [`limiter`](super::limiter) does the same with that. Waiting is left to the caller.
//! The one invariant: one request may always be in flight, and never more than the user's concurrency.

use tokio::time::Instant;

/// What an answered request gives back of the user's concurrency after a halving.
const RECOVERY: f64 = 0.02;

/// The requests in flight, and how many they may be.
pub(super) struct Crowd {
    /// The user's concurrency.
    most: f64,
    /// As many as may be in flight now, from 1 to the most; a part of one counts as none.
    allowed: f64,
    in_flight: usize,
    /// When it was last halved.
    halved: Option<Instant>,
}

impl Crowd {
    /// None is in flight yet, of at most so many; 0 counts as 1.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1) as f64;
        Self { most, allowed: most, in_flight: 0, halved: None }
    }

    /// Whether no other request may be sent before one has ended.
    pub(super) fn is_full(&self) -> bool {
        (self.in_flight + 1) as f64 > self.allowed
    }

    /// A request is sent.
    pub(super) fn enter(&mut self) {
        self.in_flight += 1;
    }

    /// A request has ended.
    pub(super) fn leave(&mut self) {
        self.in_flight -= 1;
    }

    /// Halves what is allowed, unless it was halved after the request that asks for it was sent.
    pub(super) fn thin_out(&mut self, sent: Instant, now: Instant) {
        if self.halved.is_none_or(|halved| sent >= halved) {
            self.allowed = (self.allowed / 2.0).max(1.0);
            self.halved = Some(now);
        }
    }

    /// Gives back a little of the user's concurrency.
    pub(super) fn recover(&mut self) {
        self.allowed = (self.allowed + self.most * RECOVERY).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// How many more may be sent now.
    fn room(crowd: &mut Crowd) -> usize {
        let before = crowd.in_flight;
        while !crowd.is_full() {
            crowd.enter();
        }
        let room = crowd.in_flight - before;
        (0..room).for_each(|_| crowd.leave());
        room
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_were_sent_together_halve_it_once() {
        let sent = Instant::now();
        let mut crowd = Crowd::new(16);
        assert_eq!(room(&mut crowd), 16);
        let later = sent + Duration::from_secs(1);
        (0..5).for_each(|_| crowd.thin_out(sent, later));
        assert_eq!(room(&mut crowd), 8);
        crowd.thin_out(later, later);
        assert_eq!(room(&mut crowd), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn one_is_always_allowed_and_fifty_answers_give_back_the_whole() {
        let now = Instant::now();
        for most in [0, 1, 3, 64] {
            let mut crowd = Crowd::new(most);
            (0..20).for_each(|_| crowd.thin_out(now, now + Duration::from_secs(1)));
            (0..20).for_each(|n| crowd.thin_out(now + Duration::from_secs(n), now + Duration::from_secs(n)));
            assert_eq!(room(&mut crowd), 1, "{most}");
            (0..50).for_each(|_| crowd.recover());
            assert_eq!(room(&mut crowd), most.max(1));
        }
    }
}
