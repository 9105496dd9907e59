//! How much one caller may ask for in a time. Off unless somebody configures it.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use http::StatusCode;
use moka::sync::Cache;
use tokio::time::Instant;

use super::refusal::{Code, Refusal};

/// What one caller may spend, in points.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Points that come back each second.
    pub per_second: NonZeroU32,
    /// Points that can be saved up. A request that costs more than all of them costs all.
    pub burst: NonZeroU32,
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Payer {
    /// Whoever has these credentials: a digest of them.
    Caller([u8; 32]),
    /// Whoever has none, by address.
    Peer(IpAddr),
    /// Nothing is known.
    Anybody,
}

impl Payer {
    /// A caller without credentials. A network of IPv6 addresses is one: everybody has as many of
    /// its addresses as they like.
    pub(super) fn peer(address: Option<IpAddr>) -> Self {
        match address {
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::Peer(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            Some(address) => Self::Peer(address),
            None => Self::Anybody,
        }
    }
}

/// Most callers whose spending is known. Made-up credentials must not fill the memory; whoever is
/// forgotten begins anew.
const MOST_CALLERS: u64 = 100_000;

type Purse = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>;

/// What everybody has left.
pub(super) struct Purses {
    rate: Rate,
    purses: Cache<Payer, Arc<Purse>>,
    clock: Ticks,
}

impl Purses {
    pub(super) fn new(rate: Rate) -> Self {
        // A purse that nobody touched for so long is full, which is what a new one is.
        let full_again = Duration::from_secs(1 + u64::from(rate.burst.get() / rate.per_second));
        Self {
            rate,
            purses: Cache::builder()
                .max_capacity(MOST_CALLERS)
                .time_to_idle(full_again)
                .build(),
            clock: Ticks(Instant::now()),
        }
    }

    /// Pays for a request that costs `points`.
    ///
    /// # Errors
    /// There is not enough left; the refusal says when there will be.
    pub(super) fn pay(&self, payer: Payer, points: u32) -> Result<(), Refusal> {
        let points = NonZeroU32::new(points)
            .unwrap_or(NonZeroU32::MIN)
            .min(self.rate.burst);
        let purse = self.purses.get_with(payer, || {
            let quota = Quota::per_second(self.rate.per_second).allow_burst(self.rate.burst);
            Arc::new(RateLimiter::direct_with_clock(quota, self.clock.clone()))
        });
        match purse.check_n(points) {
            Ok(Err(until)) => Err(refuse(until.wait_time_from(self.clock.now()))),
            // Nobody has to pay more than a purse can hold.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }
}

fn refuse(wait: Duration) -> Refusal {
    Refusal::http(
        StatusCode::TOO_MANY_REQUESTS,
        Code::RateLimited,
        "You have asked for too much in a short time.",
    )
    .retry_after(wait)
}

/// The runtime's clock, which tests can hold.
#[derive(Clone, Debug)]
struct Ticks(Instant);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purses(per_second: u32, burst: u32) -> Purses {
        Purses::new(Rate {
            per_second: NonZeroU32::new(per_second).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        })
    }

    fn caller(name: u8) -> Payer {
        Payer::Caller([name; 32])
    }

    #[tokio::test(start_paused = true)]
    async fn points_are_spent_and_come_back() {
        let purses = purses(2, 10);
        assert!(purses.pay(caller(1), 10).is_ok());
        assert!(purses.pay(caller(1), 1).is_err());
        tokio::time::advance(Duration::from_millis(500)).await;
        assert!(purses.pay(caller(1), 1).is_ok());
        assert!(purses.pay(caller(1), 1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_pays_for_another() {
        let purses = purses(1, 1);
        let peer = |text: &str| Payer::peer(text.parse().ok());
        for payer in [
            caller(1),
            caller(2),
            peer("192.0.2.1"),
            peer("192.0.2.2"),
            peer("2001:db8::1"),
        ] {
            assert!(purses.pay(payer.clone(), 1).is_ok(), "{payer:?}");
            assert!(purses.pay(payer.clone(), 1).is_err(), "{payer:?}");
        }
        assert!(
            purses.pay(peer("2001:db8::2"), 1).is_err(),
            "the same network"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_costs_more_than_a_purse_holds_costs_all_of_it() {
        let purses = purses(1, 5);
        assert!(purses.pay(caller(1), 1000).is_ok());
        assert!(purses.pay(caller(1), 1).is_err());
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(purses.pay(caller(1), 1000).is_err());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(purses.pay(caller(1), 1000).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_request_costs_nothing() {
        let purses = purses(1, 3);
        assert!(purses.pay(caller(1), 2).is_ok());
        assert!(purses.pay(caller(1), 2).is_err());
        assert!(purses.pay(caller(1), 1).is_ok());
    }
}
