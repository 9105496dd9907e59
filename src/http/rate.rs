//! How much one caller may ask for in a time. Off unless somebody configures it.

use std::{
    iter,
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

/// What callers may spend, in points.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Points that come back to one caller each second.
    pub per_second: NonZeroU32,
    /// Points that one caller can save up. A request that costs more than all of them costs all.
    pub burst: NonZeroU32,
    /// One credential spends as much as so many callers at most, whatever stands beside it.
    pub tenants: NonZeroU32,
    /// One address spends as much as so many callers at most, whoever they say they are.
    pub callers_per_address: Option<NonZeroU32>,
}

/// Whose requests count together.
#[derive(Clone, Debug)]
pub struct Identity {
    /// A digest of all that makes a caller: credentials and tenant.
    pub caller: [u8; 32],
    /// A digest of each credential alone. A client can make up tenants and further credentials, and
    /// be another caller with each of them; but one of its credentials has to be good.
    pub credentials: Vec<[u8; 32]>,
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Payer {
    /// Who has these credentials, in this tenant.
    Caller([u8; 32]),
    /// Who has this credential.
    Credential([u8; 32]),
    /// Who has none, by address.
    Stranger(IpAddr),
    /// All who come from there.
    Address(IpAddr),
    /// Nothing is known.
    Anybody,
}

impl Payer {
    /// All who pay for one request, each in full: whoever has spent too much stops it.
    fn of(identity: Option<Identity>, address: Option<IpAddr>) -> Vec<Self> {
        let address = address.map(network);
        let mut payers = match identity {
            Some(Identity {
                caller,
                credentials,
            }) => {
                let credentials = credentials.into_iter().map(Self::Credential);
                iter::once(Self::Caller(caller))
                    .chain(credentials)
                    .collect()
            }
            None => vec![address.map_or(Self::Anybody, Self::Stranger)],
        };
        payers.extend(address.map(Self::Address));
        payers
    }
}

/// A network of IPv6 addresses is one: everybody has as many of its addresses as they like.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        IpAddr::V4(_) => address,
    }
}

/// Most payers whose spending is known. Made-up credentials must not fill the memory; whoever is
/// forgotten begins anew, and those who come often are forgotten last.
const MOST_PAYERS: u64 = 100_000;

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>;

/// What one payer has left.
struct Purse {
    left: Limiter,
    holds: u32,
    clock: Ticks,
    /// The time in which one point comes back.
    point: Duration,
}

impl Purse {
    /// Pays what is missing for a request that costs `points` altogether and has paid `paid` of them.
    ///
    /// # Errors
    /// There is not enough left: when the whole request could be paid for.
    fn pay(&self, points: u64, paid: u32) -> Result<(), Duration> {
        // Nobody has to pay more than a purse can hold.
        let points = u32::try_from(points).unwrap_or(u32::MAX).min(self.holds);
        let Some(due) = NonZeroU32::new(points.saturating_sub(paid)) else {
            return Ok(());
        };
        match self.left.check_n(due) {
            Ok(Err(until)) => Err(until.wait_time_from(self.clock.now()) + self.point * paid),
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }
}

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
                .max_capacity(MOST_PAYERS)
                .time_to_idle(full_again)
                .build(),
            clock: Ticks(Instant::now()),
        }
    }

    /// The bill of a request that begins, and costs at least a point.
    ///
    /// # Errors
    /// There is not enough left for that.
    pub(super) fn open(
        &self,
        identity: Option<Identity>,
        address: Option<IpAddr>,
    ) -> Result<Bill, Refusal> {
        let purses = Payer::of(identity, address)
            .into_iter()
            .filter_map(|payer| self.purse(payer));
        let purses = purses.collect();
        Bill { purses, paid: 0 }.again()
    }

    fn purse(&self, payer: Payer) -> Option<Arc<Purse>> {
        let callers = match payer {
            Payer::Caller(_) | Payer::Stranger(_) | Payer::Anybody => NonZeroU32::MIN,
            Payer::Credential(_) => self.rate.tenants,
            Payer::Address(_) => self.rate.callers_per_address?,
        };
        let fill = || {
            let per_second = self.rate.per_second.saturating_mul(callers);
            let burst = self.rate.burst.saturating_mul(callers);
            let quota = Quota::per_second(per_second).allow_burst(burst);
            Arc::new(Purse {
                left: RateLimiter::direct_with_clock(quota, self.clock.clone()),
                holds: burst.get(),
                clock: self.clock.clone(),
                point: quota.replenish_interval(),
            })
        };
        Some(self.purses.get_with(payer, fill))
    }
}

/// What one request has to pay and has paid. Nobody pays the default.
#[derive(Default)]
pub(super) struct Bill {
    purses: Vec<Arc<Purse>>,
    paid: u32,
}

impl Bill {
    /// The bill of a further request of the same payers.
    ///
    /// # Errors
    /// There is not enough left for it to begin.
    pub(super) fn again(&self) -> Result<Self, Refusal> {
        let mut bill = Self {
            purses: self.purses.clone(),
            paid: 0,
        };
        bill.pay(1)?;
        Ok(bill)
    }

    /// Pays what is missing for a request that costs `points` altogether.
    ///
    /// # Errors
    /// There is not enough left; the refusal says when there will be. What was paid is gone.
    pub(super) fn pay(&mut self, points: u64) -> Result<(), Refusal> {
        for purse in &self.purses {
            purse.pay(points, self.paid).map_err(refuse)?;
        }
        let points = u32::try_from(points).unwrap_or(u32::MAX);
        self.paid = self.paid.max(points);
        Ok(())
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
            tenants: NonZeroU32::new(2).unwrap(),
            callers_per_address: NonZeroU32::new(3),
        })
    }

    /// The caller with this credential in this tenant.
    fn caller(credential: u8, tenant: u8) -> Option<Identity> {
        let mut caller = [credential; 32];
        caller[0] = tenant;
        Some(Identity {
            caller,
            credentials: vec![[credential; 32]],
        })
    }

    /// Whether a request of this cost is paid for, or for how many milliseconds it has to wait.
    fn pay(
        purses: &Purses,
        identity: Option<Identity>,
        address: &str,
        points: u64,
    ) -> Result<(), u128> {
        purses
            .open(identity, address.parse().ok())
            .and_then(|mut bill| bill.pay(points))
            .map_err(|refusal| refusal.retry_after.unwrap().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn points_are_spent_and_come_back() {
        let purses = purses(2, 10);
        assert_eq!(pay(&purses, caller(1, 1), "", 10), Ok(()));
        assert_eq!(pay(&purses, caller(1, 1), "", 1), Err(500));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(pay(&purses, caller(1, 1), "", 1), Ok(()));
        assert_eq!(pay(&purses, caller(1, 1), "", 1), Err(500));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_pays_for_another() {
        let purses = purses(1, 1);
        for (identity, address) in [
            (caller(1, 1), ""),
            (caller(2, 1), ""),
            (None, "192.0.2.1"),
            (None, "192.0.2.2"),
            (None, "2001:db8::1"),
        ] {
            let pay = || pay(&purses, identity.clone(), address, 1);
            assert_eq!(pay(), Ok(()), "{identity:?} {address}");
            assert_eq!(pay(), Err(1000), "{identity:?} {address}");
        }
        assert_eq!(
            pay(&purses, None, "2001:db8::2", 1),
            Err(1000),
            "the same network"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_costs_more_than_a_purse_holds_costs_all_of_it() {
        let purses = purses(1, 5);
        assert_eq!(pay(&purses, caller(1, 1), "", 1000), Ok(()));
        assert_eq!(pay(&purses, caller(1, 1), "", 1), Err(1000));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(pay(&purses, caller(1, 1), "", 1000), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_back_when_told_is_let_in() {
        let purses = purses(1, 5);
        assert_eq!(pay(&purses, caller(1, 1), "", 3), Ok(()));
        let wait = pay(&purses, caller(1, 1), "", 4).unwrap_err();
        tokio::time::advance(Duration::from_millis(u64::try_from(wait).unwrap())).await;
        assert_eq!(pay(&purses, caller(1, 1), "", 4), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_tenants_are_bounded_by_the_credential_that_has_to_be_good() {
        let purses = purses(1, 2);
        let tenants = |name| pay(&purses, caller(1, name), "", 2);
        assert_eq!((tenants(1), tenants(2)), (Ok(()), Ok(())));
        assert_eq!(tenants(3), Err(500));
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_credentials_are_bounded_by_the_address() {
        let purses = purses(1, 2);
        let credentials = |name| pay(&purses, caller(name, 1), "192.0.2.1", 2);
        for name in 1..=3 {
            assert_eq!(credentials(name), Ok(()));
        }
        assert!(credentials(4).is_err());
        assert_eq!(pay(&purses, caller(4, 2), "192.0.2.2", 2), Ok(()));
    }
}
