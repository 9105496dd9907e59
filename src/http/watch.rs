//! Files that may change while the gateway runs.

use std::{fmt::Display, time::Duration};

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_secs(10);

/// Somebody who looks at files again and again. What becomes of them is in the log.
pub(super) struct Watch {
    what: &'static str,
    ticks: Interval,
    problem: Option<String>,
}

impl Watch {
    /// Over files that hold `what`.
    pub(super) fn over(what: &'static str) -> Self {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self {
            what,
            ticks,
            problem: None,
        }
    }

    /// Waits until it is time, and then looks by `refresh`, which says whether something was replaced.
    /// A problem that lasts is told once.
    pub(super) async fn look<E: Display>(
        &mut self,
        refresh: impl FnOnce() -> Result<bool, E>,
    ) -> bool {
        self.ticks.tick().await;
        let (is_replaced, problem) = match refresh() {
            Ok(is_replaced) => (is_replaced, None),
            Err(error) => (false, Some(error.to_string())),
        };
        if is_replaced {
            tracing::info!("{} was replaced", self.what);
        }
        if let Some(error) = problem.as_ref().filter(|_| problem != self.problem) {
            tracing::error!(%error, "{} stays as it was", self.what);
        }
        self.problem = problem;
        is_replaced
    }
}
