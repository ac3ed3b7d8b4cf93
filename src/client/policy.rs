//! What follows from a failure: a pure function of its kind and of what the request has been through.
//!
//! How long to wait, and whether the endpoint as a whole is failing, is left to the delays and the
//! breaker. The one invariant: every sequence of failures ends, in a settled request or in a stop.

use noisebound_adapters::{Failure, FailureKind};

/// How often a request waits out a server that said how long to wait, before the audit ends.
const PUSHED_BACK: u32 = 100;
/// How often a request waits out an endpoint that cannot be reached, before that uses up retries: a row
/// that makes the server drop the connection must not be asked for ever.
const UNREACHABLE: u32 = 10;
/// How often credentials are read again for one request: a server that takes them for every other request
/// and refuses this one must not be asked for ever.
const REFUSED: u32 = 3;

/// What to do with a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Send it again after a delay.
    Again,
    /// It is settled: no answer.
    Settle,
    /// Read the credentials again and send it once more, or end the audit.
    Renew,
    /// End the audit: no request can succeed.
    Stop,
    /// End the audit: the server never stops pushing back.
    GiveUp,
}

/// What one request has been through.
#[derive(Debug, Clone)]
pub(super) struct Tries {
    retries: u32,
    used: u32,
    model_failed: bool,
    unreachable: u32,
    pushed_back: u32,
    refused: u32,
}

impl Tries {
    /// A new request that may be sent again `retries` times.
    pub(super) fn new(retries: u32) -> Self {
        Self { retries, used: 0, model_failed: false, unreachable: 0, pushed_back: 0, refused: 0 }
    }

    /// What to do after `failure`. While the breaker is `open`, being sent again uses up no retry.
    pub(super) fn judge(&mut self, failure: &Failure, open: bool) -> Step {
        match failure.kind {
            FailureKind::Auth => {
                self.refused += 1;
                if self.refused > REFUSED { Step::Stop } else { Step::Renew }
            }
            FailureKind::NotFound
            | FailureKind::Redirected
            | FailureKind::Unsupported
            | FailureKind::Usage => Step::Stop,
            FailureKind::Rejected | FailureKind::NonFinite => Step::Settle,
            FailureKind::ModelFailed if self.model_failed => Step::Settle,
            FailureKind::ModelFailed => {
                self.model_failed = true;
                self.spend()
            }
            FailureKind::Overloaded if failure.pushback.is_some() => {
                self.pushed_back += 1;
                if self.pushed_back > PUSHED_BACK { Step::GiveUp } else { Step::Again }
            }
            _ if open => Step::Again,
            FailureKind::Unreachable if self.unreachable < UNREACHABLE => {
                self.unreachable += 1;
                Step::Again
            }
            FailureKind::Unreachable
            | FailureKind::TimedOut
            | FailureKind::Overloaded
            | FailureKind::Transient
            | FailureKind::Malformed => self.spend(),
        }
    }

    fn spend(&mut self) -> Step {
        if self.used == self.retries {
            return Step::Settle;
        }
        self.used += 1;
        Step::Again
    }
}

/// Whether a failure is an answer about the request itself, so that the endpoint is known to be alive.
pub(super) fn shows_life(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Rejected | FailureKind::NonFinite | FailureKind::ModelFailed)
}

/// Whether a failure counts towards the breaker: the endpoint did not do its work.
pub(super) fn shows_trouble(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Unreachable
        | FailureKind::TimedOut
        | FailureKind::Overloaded
        | FailureKind::Transient
        | FailureKind::Malformed => true,
        FailureKind::ModelFailed
        | FailureKind::Rejected
        | FailureKind::NonFinite
        | FailureKind::Auth
        | FailureKind::NotFound
        | FailureKind::Redirected
        | FailureKind::Unsupported
        | FailureKind::Usage => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "said", "at")
    }

    /// How often a failure of this kind leads to another try before anything else, and to what then.
    fn tries(kind: FailureKind, retries: u32) -> (u32, Step) {
        let mut tries = Tries::new(retries);
        let mut again = 0;
        loop {
            match tries.judge(&failure(kind), false) {
                Step::Again => again += 1,
                step => return (again, step),
            }
        }
    }

    #[test]
    fn each_kind_has_its_answer() {
        for kind in
            [FailureKind::TimedOut, FailureKind::Overloaded, FailureKind::Transient, FailureKind::Malformed]
        {
            assert_eq!(tries(kind, 3), (3, Step::Settle), "{kind:?}");
            assert_eq!(tries(kind, 0), (0, Step::Settle), "{kind:?}");
        }
        assert_eq!(tries(FailureKind::Unreachable, 3), (UNREACHABLE + 3, Step::Settle));
        assert_eq!(tries(FailureKind::ModelFailed, 3), (1, Step::Settle));
        assert_eq!(tries(FailureKind::ModelFailed, 0), (0, Step::Settle));
        assert_eq!(tries(FailureKind::Rejected, 3), (0, Step::Settle));
        assert_eq!(tries(FailureKind::NonFinite, 3), (0, Step::Settle));
        assert_eq!(tries(FailureKind::Auth, 3), (0, Step::Renew));
        for kind in
            [FailureKind::NotFound, FailureKind::Redirected, FailureKind::Unsupported, FailureKind::Usage]
        {
            assert_eq!(tries(kind, 3), (0, Step::Stop), "{kind:?}");
        }
    }

    #[test]
    fn a_server_that_says_how_long_to_wait_uses_no_retry() {
        let mut pushed = failure(FailureKind::Overloaded);
        pushed.pushback = Some(Duration::from_secs(1));
        let mut tries = Tries::new(0);
        for _ in 0..PUSHED_BACK {
            assert_eq!(tries.judge(&pushed, false), Step::Again);
        }
        assert_eq!(tries.judge(&pushed, false), Step::GiveUp);
    }

    #[test]
    fn a_request_whose_credentials_are_always_refused_ends_it() {
        let mut tries = Tries::new(3);
        for _ in 0..REFUSED {
            assert_eq!(tries.judge(&failure(FailureKind::Auth), false), Step::Renew);
        }
        assert_eq!(tries.judge(&failure(FailureKind::Auth), false), Step::Stop);
    }

    #[test]
    fn an_open_breaker_uses_no_retry() {
        let mut tries = Tries::new(1);
        for _ in 0..50 {
            assert_eq!(tries.judge(&failure(FailureKind::Transient), true), Step::Again);
        }
        assert_eq!(tries.judge(&failure(FailureKind::Transient), false), Step::Again);
        assert_eq!(tries.judge(&failure(FailureKind::Transient), false), Step::Settle);
    }
}
