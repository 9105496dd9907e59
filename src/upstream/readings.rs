//! What one request, or one fetch, has read so far: how fresh it all is, and whether all came.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::cache::{Freshness, Origin, Reason};

/// A stale answer that was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaleReading {
    /// Name of the resource.
    pub resource: &'static str,
    /// How long ago the upstream was asked for the oldest part of it.
    pub age: Duration,
    /// Why it was served.
    pub reason: Reason,
}

/// So many stale answers are told one by one; the rest is counted.
const MAX_STALE: usize = 100;

/// All readings together.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    /// The freshness of everything that was read; `None` if nothing was.
    pub freshness: Option<Freshness>,
    /// Something could not be read.
    pub failed: bool,
    /// A call was made that no resource keeps the answer of: the whole must not be kept either.
    pub called: bool,
    /// The answers that were stale, up to a bound.
    pub stale: Vec<StaleReading>,
    /// How many answers were stale.
    pub stale_count: usize,
    /// How many answers came from memory, from another's flight and from the network.
    pub origins: Origins,
}

/// Numbers of answers by where they came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origins {
    /// [`Origin::Memory`].
    pub memory: usize,
    /// [`Origin::Shared`].
    pub shared: usize,
    /// [`Origin::Flight`].
    pub flight: usize,
    /// [`Origin::Network`].
    pub network: usize,
}

impl Origins {
    fn count(&mut self, origin: Origin) {
        *match origin {
            Origin::Memory => &mut self.memory,
            Origin::Shared => &mut self.shared,
            Origin::Flight => &mut self.flight,
            Origin::Network => &mut self.network,
        } += 1;
    }
}

impl Sum {
    /// For how long all of it stays fresh: zero if that cannot be said, `None` if nothing was read.
    pub fn fresh_for(&self, now: Instant) -> Option<Duration> {
        if self.failed || self.called {
            return Some(Duration::ZERO);
        }
        let until = self.freshness?.fresh_until;
        Some(until.saturating_duration_since(now))
    }

    /// How old the oldest part of it is.
    pub fn age(&self, now: Instant) -> Option<Duration> {
        Some(now.saturating_duration_since(self.freshness?.read_at))
    }

    /// Adds the answer to one key of `resource`; says so if it is stale.
    pub(super) fn add(
        &mut self,
        resource: &'static str,
        freshness: Freshness,
        now: Instant,
    ) -> Option<StaleReading> {
        self.origins.count(freshness.origin);
        self.freshness = Some(match self.freshness {
            Some(sum) => sum.and(freshness),
            None => freshness,
        });
        let reading = StaleReading {
            resource,
            age: now.saturating_duration_since(freshness.read_at),
            reason: freshness.stale?,
        };
        self.stale_count += 1;
        if self.stale.len() < MAX_STALE {
            self.stale.push(reading);
        }
        Some(reading)
    }

    fn extend(&mut self, other: Self) {
        self.freshness = match (self.freshness, other.freshness) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        self.failed |= other.failed;
        self.called |= other.called;
        self.stale_count += other.stale_count;
        let room = MAX_STALE.saturating_sub(self.stale.len());
        self.stale.extend(other.stale.into_iter().take(room));
        self.origins.memory += other.origins.memory;
        self.origins.shared += other.origins.shared;
        self.origins.flight += other.origins.flight;
        self.origins.network += other.origins.network;
    }
}

/// The readings of one request, or of one fetch.
#[derive(Debug, Default)]
pub struct Readings(Mutex<Sum>);

impl Readings {
    /// All readings so far.
    pub fn sum(&self) -> Sum {
        self.lock().clone()
    }

    /// Adds the readings of one load.
    pub(super) fn add(&self, sum: Sum) {
        self.lock().extend(sum);
    }

    /// Notes that a call was sent.
    pub(super) fn note_call(&self) {
        self.lock().called = true;
    }

    fn lock(&self) -> MutexGuard<'_, Sum> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Touched;

    fn reading(fresh_for: u64, now: Instant) -> Freshness {
        Freshness {
            read_at: now,
            fresh_until: now + Duration::from_secs(fresh_for),
            origin: Origin::Memory,
            stale: None,
            touched: Touched::default(),
        }
    }

    #[test]
    fn the_sum_is_as_fresh_as_its_least_fresh_part() {
        let (readings, now) = (Readings::default(), Instant::now());
        assert_eq!(readings.sum().fresh_for(now), None);
        for fresh_for in [30, 10, 20] {
            let mut sum = Sum::default();
            sum.add("things", reading(fresh_for, now), now);
            readings.add(sum);
        }
        let sum = readings.sum();
        assert_eq!(sum.fresh_for(now), Some(Duration::from_secs(10)));
        assert_eq!(sum.origins.memory, 3);
    }

    #[test]
    fn what_failed_or_was_never_kept_is_fresh_for_no_time() {
        let now = Instant::now();
        let mut sum = Sum::default();
        sum.add("things", reading(30, now), now);
        let (mut failed, readings) = (sum.clone(), Readings::default());
        failed.failed = true;
        assert_eq!(failed.fresh_for(now), Some(Duration::ZERO));
        readings.add(sum);
        readings.note_call();
        assert_eq!(readings.sum().fresh_for(now), Some(Duration::ZERO));
    }

    #[test]
    fn stale_answers_are_listed_up_to_a_bound_and_counted_beyond() {
        let (now, mut sum) = (Instant::now(), Sum::default());
        let stale = Freshness {
            stale: Some(Reason::UpstreamFailed),
            ..reading(0, now)
        };
        for _ in 0..MAX_STALE + 5 {
            sum.add("things", stale, now + Duration::from_secs(7));
        }
        assert_eq!(
            (sum.stale.len(), sum.stale_count),
            (MAX_STALE, MAX_STALE + 5)
        );
        assert_eq!(sum.stale[0].age, Duration::from_secs(7));
    }
}
