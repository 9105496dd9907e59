//! What is measured of the way to one upstream. The handles are made once: counting a call costs an
//! addition.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

use super::breaker::Position;
use crate::identity::Service;

pub(super) struct Meters {
    retries: Counter,
    retries_over_budget: Counter,
    refused_by_breaker: Counter,
    refused_by_bulkhead: Counter,
    refused_by_quota: Counter,
    breaker: Gauge,
    breaker_opened: Counter,
    in_flight: Gauge,
    queue: Gauge,
    quota_wait: Histogram,
    quota_limit: Gauge,
    throttled: Counter,
}

/// One of those that a gauge counts.
#[must_use]
pub(super) struct Counted<'a>(&'a Gauge);

impl<'a> Counted<'a> {
    fn new(gauge: &'a Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Which guard refused a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guard {
    Breaker,
    Bulkhead,
    Quota,
}

impl Meters {
    pub(super) fn new(service: Service) -> Self {
        let service = service.name();
        let refused = |guard: &'static str| metrics::counter!("haulgraph_upstream_refused_total", "service" => service, "guard" => guard);
        Self {
            retries: metrics::counter!("haulgraph_upstream_retries_total", "service" => service),
            retries_over_budget: metrics::counter!("haulgraph_upstream_retries_over_budget_total", "service" => service),
            refused_by_breaker: refused("breaker"),
            refused_by_bulkhead: refused("bulkhead"),
            refused_by_quota: refused("quota"),
            breaker: metrics::gauge!("haulgraph_upstream_breaker", "service" => service),
            breaker_opened: metrics::counter!("haulgraph_upstream_breaker_opened_total", "service" => service),
            in_flight: metrics::gauge!("haulgraph_upstream_in_flight", "service" => service),
            queue: metrics::gauge!("haulgraph_upstream_queue", "service" => service),
            quota_wait: metrics::histogram!(crate::metric::QUOTA_WAIT_SECONDS, "service" => service),
            quota_limit: metrics::gauge!("haulgraph_upstream_quota_limit", "service" => service),
            throttled: metrics::counter!("haulgraph_upstream_throttled_total", "service" => service),
        }
    }

    pub(super) fn retried(&self) {
        self.retries.increment(1);
    }

    pub(super) fn over_budget(&self) {
        self.retries_over_budget.increment(1);
    }

    pub(super) fn refused(&self, guard: Guard) {
        let counter = match guard {
            Guard::Breaker => &self.refused_by_breaker,
            Guard::Bulkhead => &self.refused_by_bulkhead,
            Guard::Quota => &self.refused_by_quota,
        };
        counter.increment(1);
    }

    /// The breaker has another position: 0 closed, 1 half open, 2 open.
    pub(super) fn breaker(&self, position: Position) {
        self.breaker.set(f64::from(position as u8));
        if position == Position::Open {
            self.breaker_opened.increment(1);
        }
    }

    /// A call waits for its turn, until this is dropped.
    pub(super) fn waiting(&self) -> Counted<'_> {
        Counted::new(&self.queue)
    }

    /// A call is in flight, until this is dropped.
    pub(super) fn in_flight(&self) -> Counted<'_> {
        Counted::new(&self.in_flight)
    }

    pub(super) fn waited_for_quota(&self, time: Duration) {
        self.quota_wait.record(time.as_secs_f64());
    }

    /// So many calls may be taken in a period, by an application that was throttled or by any.
    pub(super) fn quota_limit(&self, calls: usize) {
        self.quota_limit
            .set(f64::from(u32::try_from(calls).unwrap_or(u32::MAX)));
    }

    pub(super) fn throttled(&self) {
        self.throttled.increment(1);
    }
}
