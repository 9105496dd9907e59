//! Upstreams that fail: what is tried again and what never is, who is left alone, and who waits.

mod doubt;
mod limits;
mod reads;
mod relay;
mod writes;

use std::time::Duration;

use haulgraph::config::{Config, Retry};

/// Reads are tried again, after the shortest of pauses.
fn with_retries(config: &mut Config) {
    let retry = Retry {
        attempts: 3,
        pause: Duration::from_millis(1),
        budget_percent: 100,
    };
    config.cro.retry = retry.clone();
    config.trans_eu.retry = retry.clone();
    config.crux.retry = retry;
}
