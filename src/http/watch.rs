//! Files that may change while the gateway runs.

use std::{
    fmt::{self, Display},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_secs(10);

/// What was last made of files, with a digest of what they held: it tells a change from none, and gives
/// nothing away.
pub(super) struct Current<T>(RwLock<(blake3::Hash, Arc<T>)>);

impl<T> Current<T> {
    pub(super) fn new(digest: blake3::Hash, made: T) -> Self {
        Self(RwLock::new((digest, Arc::new(made))))
    }

    pub(super) fn get(&self) -> Arc<T> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current.1)
    }

    /// Takes what `make` makes of the files, if they hold something else now; whether they do.
    pub(super) fn refresh<E>(
        &self,
        digest: blake3::Hash,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<bool, E> {
        if self.0.read().unwrap_or_else(PoisonError::into_inner).0 == digest {
            return Ok(false);
        }
        let made = Arc::new(make()?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (digest, made);
        Ok(true)
    }
}

impl<T> fmt::Debug for Current<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current(..)")
    }
}

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
