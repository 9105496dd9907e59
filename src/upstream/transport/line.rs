//! The way to one upstream: what a call passes on it, in order.
//!
//! ```text
//!   retry ─► breaker ─► quota ─► bulkhead ─► breaker ─► exchange
//!     ▲      open?      a token   a place     the pass      │
//!     └─────────────── a read, a failure that passes ◄──────┘
//! ```
//!
//! Each attempt passes everything again: a retry is a call like any other for the upstream's limits,
//! and ends early if the breaker opened meanwhile. The breaker is asked twice, so that nobody waits
//! for a place at an upstream that is known to fail, and nobody uses one who waited while it became
//! known.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    Reach,
    breaker::{Breaker, Position, Verdict},
    bulkhead::{Bulkhead, NoPlace, Place},
    exchange::{Answer, Exchange},
    meters::{Guard, Meters},
    quota::{Application, Exhausted, Quota},
    request::Outgoing,
    retry::{Next, Retry},
    turn::Turn,
};
use crate::{
    identity::{Digest, Service},
    upstream::{Class, Error},
};

pub(super) struct Line {
    service: Service,
    pub(super) exchange: Exchange,
    retry: Retry,
    breaker: Breaker,
    quota: Option<Quota>,
    bulkhead: Arc<Bulkhead>,
    meters: Meters,
}

/// For whom a call is made, and until when. The queues ask for the turn only if there is one.
pub(super) trait Asker: Sync {
    /// Whose quota the call uses.
    fn application(&self) -> Application;
    /// Whose credential the call is sent with.
    fn credential(&self) -> Option<Digest>;
    /// What a queue has to know of the call.
    fn turn(&self) -> Turn;
    /// When the call must have ended.
    fn due(&self) -> Instant;
}

impl Line {
    pub(super) fn new(service: Service, reach: Reach) -> Result<Self, reqwest::Error> {
        let meters = Meters::new(service);
        let quota = Quota::new(reach.requests_per_second);
        if let Some(quota) = &quota {
            meters.quota_limit(quota.limit());
        }
        Ok(Self {
            service,
            retry: Retry::new(reach.retry.clone()),
            breaker: Breaker::new(reach.breaker.clone()),
            quota,
            bulkhead: Bulkhead::new(reach.concurrency, reach.queue),
            meters,
            exchange: Exchange::new(service, reach)?,
        })
    }

    /// Sends the request, a read perhaps several times, and brings the answer.
    pub(super) async fn carry(
        &self,
        request: &mut Outgoing,
        asker: &impl Asker,
    ) -> Result<Answer, Arc<Error>> {
        let mut attempts = self.retry.begin(request.endpoint);
        loop {
            let error = match self.attempt(request, asker).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match attempts.next(&error, asker.due()) {
                Next::After(pause) => {
                    self.meters.retried();
                    pause_for(pause).await;
                }
                Next::NoBudget => {
                    self.meters.over_budget();
                    return Err(error);
                }
                Next::GiveUp => return Err(error),
            }
        }
    }

    async fn attempt(
        &self,
        request: &mut Outgoing,
        asker: &impl Asker,
    ) -> Result<Answer, Arc<Error>> {
        self.breaker.check().map_err(|wait| self.is_open(wait))?;
        let waiting = self.meters.waiting();
        self.take_quota(asker).await?;
        let _place = self.take_place(asker).await?;
        drop(waiting);
        let pass = self.breaker.admit().map_err(|wait| self.is_open(wait))?;
        if pass.is_probe() {
            self.meters.breaker(Position::HalfOpen);
        }
        let in_flight = self.meters.in_flight();
        let outcome = self.exchange.run(request, asker.due()).await;
        drop(in_flight);
        if let Some(position) = pass.settle(verdict(&outcome, asker.due()), asker.credential()) {
            self.moved(position);
        }
        if let (Some(quota), Err(error)) = (&self.quota, &outcome)
            && error.status == Some(429)
        {
            self.meters.throttled();
            quota.throttled(asker.application(), error.retry_after);
            self.meters.quota_limit(quota.limit());
        }
        outcome
    }

    fn moved(&self, position: Position) {
        self.meters.breaker(position);
        let service = self.service;
        match position {
            Position::Open => {
                tracing::warn!(%service, "most calls fail: the upstream is left alone for a while");
            }
            Position::Closed => tracing::info!(%service, "the upstream is back"),
            Position::HalfOpen => {}
        }
    }

    async fn take_quota(&self, asker: &impl Asker) -> Result<(), Arc<Error>> {
        let Some(quota) = &self.quota else {
            return Ok(());
        };
        let taken = quota.take(asker.application(), || asker.turn(), asker.due());
        match taken.await {
            Ok(time) => {
                self.meters.waited_for_quota(time);
                if quota.is_lowered() {
                    self.meters.quota_limit(quota.limit());
                }
                Ok(())
            }
            Err(Exhausted(wait)) => {
                self.meters.refused(Guard::Quota);
                let reason = format!("The calls that {} grants are used up.", self.service);
                Err(Error::new(self.service, Class::RateLimited, reason).retry_after(wait))
            }
        }
    }

    async fn take_place(&self, asker: &impl Asker) -> Result<Place, Arc<Error>> {
        let place = self.bulkhead.enter(|| asker.turn(), asker.due()).await;
        place.map_err(|why| {
            self.meters.refused(Guard::Bulkhead);
            let service = self.service;
            match why {
                NoPlace::Full => {
                    let reason = format!("Too many calls wait for {service} already.");
                    let after = Duration::from_secs(1);
                    Error::new(service, Class::Unavailable, reason).retry_after(after)
                }
                NoPlace::Late => {
                    let reason = format!("{service} is busy: the call got no turn in time.");
                    Error::new(service, Class::Timeout, reason)
                }
            }
        })
    }

    fn is_open(&self, wait: Duration) -> Arc<Error> {
        self.meters.refused(Guard::Breaker);
        let reason = format!(
            "{} failed most calls lately and is left alone.",
            self.service
        );
        Error::new(self.service, Class::Unavailable, reason).retry_after(wait)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the pause before a read is tried again"
)]
async fn pause_for(time: Duration) {
    tokio::time::sleep(time).await;
}

/// What an outcome says of the upstream's health. That it refuses a request says nothing against it,
/// and neither does a caller who had no time for it, or whose file broke off.
fn verdict(outcome: &Result<Answer, Arc<Error>>, due: Instant) -> Verdict {
    let Err(error) = outcome else {
        return Verdict::Healthy;
    };
    match (error.status, error.class) {
        (Some(400..=499), _) => Verdict::Healthy,
        (Some(500..), Class::Timeout | Class::Unavailable) => Verdict::Erring,
        (None, Class::Timeout) if Instant::now() >= due => Verdict::Unknown,
        (None, Class::BadUserInput) => Verdict::Unknown,
        (_, Class::Timeout | Class::Unavailable) => Verdict::Failing,
        _ => Verdict::Healthy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::{error::Progress, error_body::ErrorBody};

    fn judged(error: Arc<Error>) -> Verdict {
        verdict(&Err(error), Instant::now() + Duration::from_secs(1))
    }

    fn silent(class: Class) -> Arc<Error> {
        Error::new(Service::Cro, class, "silent").at(Progress::Sent)
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_an_upstream_fails_at_speaks_against_it() {
        for (status, verdict) in [
            (400, Verdict::Healthy),
            (408, Verdict::Healthy),
            (429, Verdict::Healthy),
            (307, Verdict::Healthy),
            (500, Verdict::Erring),
            (503, Verdict::Erring),
            (504, Verdict::Erring),
        ] {
            let body = ErrorBody::default();
            let error = Error::from_answer(Service::Cro, status, None, None, body);
            assert_eq!(judged(error), verdict, "{status}");
        }
        assert_eq!(judged(silent(Class::Unavailable)), Verdict::Failing);
        assert_eq!(judged(silent(Class::Timeout)), Verdict::Failing);
        assert_eq!(
            judged(silent(Class::Unavailable).answered(200)),
            Verdict::Failing
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_without_time_or_with_half_a_file_says_nothing_about_the_upstream() {
        let late = Err(silent(Class::Timeout));
        assert_eq!(verdict(&late, Instant::now()), Verdict::Unknown);
        assert_eq!(judged(silent(Class::BadUserInput)), Verdict::Unknown);
    }
}
