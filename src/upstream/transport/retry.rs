//! Trying again: only reads, only failures that pass, and never so often that an outage grows by it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use crate::upstream::{Class, Endpoint, Error, error::Progress};

/// How reads are tried again.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// How often a read is sent at most, the first time included.
    pub attempts: u32,
    /// The first pause; each further one is twice as long. A random part is added to each.
    pub pause: Duration,
    /// Retries are at most this share of all calls, in percent, and a few besides.
    pub budget_percent: u32,
}

/// The longest pause that we choose ourselves.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Decides for one upstream what is tried again.
pub(super) struct Retry {
    policy: RetryPolicy,
    budget: Budget,
}

impl Retry {
    pub(super) fn new(policy: RetryPolicy) -> Self {
        Self {
            budget: Budget::new(policy.budget_percent),
            policy,
        }
    }

    /// A call begins.
    pub(super) fn begin(&self, endpoint: &Endpoint) -> Attempts<'_> {
        self.budget.earn();
        Attempts {
            retry: self,
            is_read: endpoint.is_read,
            pauses: None,
        }
    }
}

/// What comes after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The failure stands.
    GiveUp,
    /// It would be tried again, but the budget is spent.
    NoBudget,
    /// Another attempt after this pause.
    After(Duration),
}

/// The attempts of one call.
pub(super) struct Attempts<'a> {
    retry: &'a Retry,
    is_read: bool,
    /// Made by the first failure.
    pauses: Option<ExponentialBackoff>,
}

impl Attempts<'_> {
    pub(super) fn next(&mut self, error: &Error, due: Instant) -> Next {
        if !self.is_read || !passes(error) {
            return Next::GiveUp;
        }
        let policy = &self.retry.policy;
        let pauses = self.pauses.get_or_insert_with(|| {
            let times = policy.attempts.saturating_sub(1);
            ExponentialBuilder::new()
                .with_min_delay(policy.pause)
                .with_max_delay(LONGEST_PAUSE)
                .with_max_times(usize::try_from(times).unwrap_or_default())
                .with_jitter()
                .build()
        });
        let Some(pause) = pauses.next() else {
            return Next::GiveUp;
        };
        let pause = pause.max(error.retry_after.unwrap_or_default());
        let now = Instant::now();
        if now.checked_add(pause).is_none_or(|at| at >= due) {
            return Next::GiveUp;
        }
        match self.retry.budget.spend(now) {
            true => Next::After(pause),
            false => Next::NoBudget,
        }
    }
}

/// Whether a failure may be gone a moment later. One that took all its time is not tried again:
/// that would take as long once more.
fn passes(error: &Error) -> bool {
    match error.status {
        Some(429 | 502 | 503 | 504) => true,
        // A success that broke off.
        Some(200..=299) => error.class == Class::Unavailable,
        Some(_) => false,
        None => error.class == Class::Unavailable && error.progress != Progress::Held,
    }
}

/// What a retry costs; a call earns `budget_percent` of it.
const RETRY: u64 = 100;
/// Retries that can be saved up.
const SAVINGS: u64 = 20 * RETRY;
/// So many retries a second are free, so that an upstream that is rarely called has some.
const FREE_A_SECOND: u64 = 1;

/// The retry budget of an upstream.
struct Budget {
    income: u64,
    account: Mutex<Account>,
}

struct Account {
    balance: u64,
    /// Until when the free retries are in the balance.
    credited: Instant,
}

impl Budget {
    fn new(percent: u32) -> Self {
        let account = Account {
            balance: SAVINGS / 2,
            credited: Instant::now(),
        };
        Self {
            income: u64::from(percent),
            account: Mutex::new(account),
        }
    }

    fn earn(&self) {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        account.balance = SAVINGS.min(account.balance + self.income);
    }

    fn spend(&self, now: Instant) -> bool {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = now.saturating_duration_since(account.credited).as_secs();
        account.credited += Duration::from_secs(seconds);
        let free = seconds.saturating_mul(FREE_A_SECOND * RETRY);
        account.balance = SAVINGS.min(account.balance.saturating_add(free));
        match account.balance.checked_sub(RETRY) {
            Some(rest) => {
                account.balance = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::advance;

    use super::*;
    use crate::{identity::Service, upstream::error_body::ErrorBody};

    static READ: Endpoint = Endpoint::get(Service::Cro, "/tenants");
    static SEARCH: Endpoint = Endpoint::search(Service::Crux, "/discovery/suppliers/");
    static WRITE: Endpoint = Endpoint::post(Service::Cro, "/customers");

    fn retry(attempts: u32, budget_percent: u32) -> Retry {
        Retry::new(RetryPolicy {
            attempts,
            pause: Duration::from_millis(100),
            budget_percent,
        })
    }

    fn status(status: u16) -> Arc<Error> {
        Error::from_answer(Service::Cro, status, None, None, ErrorBody::default())
    }

    fn broken(progress: Progress) -> Arc<Error> {
        Error::new(Service::Cro, Class::Unavailable, "broken").at(progress)
    }

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_tried_again_with_longer_pauses() {
        let retry = retry(3, 20);
        let mut attempts = retry.begin(&READ);
        let mut pauses = Vec::new();
        while let Next::After(pause) = attempts.next(&status(503), in_a_minute()) {
            pauses.push(pause.as_millis());
        }
        assert_eq!(pauses.len(), 2);
        assert!((100..=200).contains(&pauses[0]), "{pauses:?}");
        assert!((200..=400).contains(&pauses[1]), "{pauses:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn only_failures_that_pass_are_worth_it() {
        let retry = retry(2, 100);
        for (error, again) in [
            (status(429), true),
            (status(500), false),
            (status(501), false),
            (status(502), true),
            (status(503), true),
            (status(504), true),
            (status(404), false),
            (broken(Progress::Unconnected), true),
            (broken(Progress::Sent), true),
            (broken(Progress::Held), false),
            (broken(Progress::Sent).answered(200), true),
            (
                Error::new(Service::Cro, Class::Timeout, "late").at(Progress::Sent),
                false,
            ),
            (
                Error::new(Service::Cro, Class::InvalidResponse, "html").answered(200),
                false,
            ),
        ] {
            for endpoint in [&READ, &SEARCH] {
                let next = retry.begin(endpoint).next(&error, in_a_minute());
                assert_eq!(matches!(next, Next::After(_)), again, "{error}");
            }
            let next = retry.begin(&WRITE).next(&error, in_a_minute());
            assert_eq!(next, Next::GiveUp, "a write: {error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_upstreams_own_pause_is_kept_if_there_is_time_for_it() {
        let retry = retry(2, 20);
        let error = status(503).retry_after(Duration::from_secs(5));
        let next = |due: u64| {
            let due = Instant::now() + Duration::from_secs(due);
            retry.begin(&READ).next(&error, due)
        };
        assert_eq!(next(6), Next::After(Duration::from_secs(5)));
        assert_eq!(next(5), Next::GiveUp);
        let endless = status(503).retry_after(Duration::MAX);
        assert_eq!(
            retry.begin(&READ).next(&endless, in_a_minute()),
            Next::GiveUp
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_multiplied_by_no_more_than_the_budget() {
        let retry = retry(3, 20);
        let mut again = 0;
        for _ in 0..1000 {
            let mut attempts = retry.begin(&READ);
            while let Next::After(_) = attempts.next(&status(503), in_a_minute()) {
                again += 1;
            }
        }
        assert!(
            (200..=210).contains(&again),
            "{again} retries of 1000 calls"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_fills_with_time_but_not_without_end() {
        let retry = retry(2, 0);
        let spend = || {
            let tries = (0..100).map(|_| retry.begin(&READ).next(&status(503), in_a_minute()));
            tries.filter(|next| matches!(next, Next::After(_))).count()
        };
        assert_eq!(spend(), 10);
        advance(Duration::from_secs(3)).await;
        assert_eq!(spend(), 3);
        advance(Duration::from_secs(3600)).await;
        assert_eq!(spend(), 20);
    }
}
