//! Fetches on their way: who waits for them, and how they end.

use std::sync::{Arc, PoisonError};

use futures_util::future::Shared;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{
    Answer, Cache, EntryKey, Outcome, Value,
    freshness::{Freshness, Origin, Policy, Reason},
};

/// What a fetch found for one key, and how much memory it stands for.
pub struct Found {
    /// The value; `None` if the upstream does not know the key.
    pub value: Option<Value>,
    /// Size in bytes, for the bound on the cache; `None` if it is not to be kept.
    pub bytes: Option<usize>,
    /// How fresh it is.
    pub freshness: Freshness,
}

pub(super) type Flight<E> = Shared<oneshot::Receiver<Outcome<E>>>;

/// An outcome that is there or on its way.
#[derive(Clone)]
pub enum Pending<E: Clone> {
    /// It is there.
    Landed(Outcome<E>),
    /// It is being fetched.
    Flying(Flying<E>),
}

/// An outcome on its way to one who waits for it.
#[derive(Clone)]
pub struct Flying<E: Clone> {
    pub(super) flight: Flight<E>,
    /// It is fetched for somebody else.
    pub(super) joined: bool,
    /// What to say if the fetch fails, at this reader's risk.
    pub(super) fallback: Option<Answer>,
    pub(super) failures: Failures<E>,
}

/// What the cache has to know of the errors of a fetch.
#[derive(Debug)]
pub struct Failures<E> {
    /// The error for those who wait on a fetch that ended without an answer (it panicked).
    pub abandoned: fn() -> E,
    /// Whether an older answer may be served in place of the error.
    pub is_excused: fn(&E) -> bool,
}

impl<E> Clone for Failures<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Failures<E> {}

impl<E: Clone> Pending<E> {
    /// Whether it is being fetched for somebody else.
    pub fn is_joined(&self) -> bool {
        matches!(self, Self::Flying(flying) if flying.joined)
    }

    /// The answer, if it is there.
    pub fn answer(&self) -> Option<Answer> {
        match self {
            Self::Landed(outcome) => outcome.as_ref().ok().cloned(),
            Self::Flying(flying) => flying.flight.peek()?.as_ref().ok()?.as_ref().ok().cloned(),
        }
    }

    /// Waits for the outcome until it is `due`; `late` is the error of what is not there by then.
    ///
    /// # Errors
    /// The fetch failed, and there is no older answer to serve.
    pub async fn landed(self, due: Instant, late: impl FnOnce() -> E) -> Outcome<E> {
        let flying = match self {
            Self::Landed(outcome) => return outcome,
            Self::Flying(flying) => flying,
        };
        let outcome = match timeout_at(due, flying.flight).await {
            Err(_) => Err(late()),
            Ok(Err(_)) => Err((flying.failures.abandoned)()),
            Ok(Ok(outcome)) => outcome,
        };
        match outcome {
            Ok(mut answer) => {
                if flying.joined {
                    answer.freshness.origin = Origin::Flight;
                }
                Ok(answer)
            }
            Err(error) => match flying.fallback {
                Some(answer) if (flying.failures.is_excused)(&error) => {
                    Ok(answer.stale(Reason::UpstreamFailed))
                }
                _ => Err(error),
            },
        }
    }
}

/// The keys of one read that nobody has fetched yet, and those who will be told.
pub(super) struct Missing<E> {
    pub(super) positions: Vec<usize>,
    pub(super) keys: Vec<EntryKey>,
    pub(super) senders: Vec<oneshot::Sender<Outcome<E>>>,
}

impl<E> Default for Missing<E> {
    fn default() -> Self {
        Self {
            positions: Vec::new(),
            keys: Vec::new(),
            senders: Vec::new(),
        }
    }
}

/// The end of a fetch: keeps what was found, tells those who wait, and clears the flights even
/// if the fetch panicked.
pub(super) struct Landing<E: Clone + Send + Sync + 'static> {
    pub(super) cache: Arc<Cache<E>>,
    pub(super) policy: Policy,
    /// How many writes there were before the fetch.
    pub(super) writes: u64,
    pub(super) keys: Vec<EntryKey>,
    pub(super) senders: Vec<oneshot::Sender<Outcome<E>>>,
}

impl<E: Clone + Send + Sync + 'static> Landing<E> {
    pub(super) fn land(mut self, results: Vec<Result<Found, E>>) {
        let senders = std::mem::take(&mut self.senders);
        for ((key, sender), result) in self.keys.iter().zip(senders).zip(results) {
            let outcome = result.map(|found| {
                let answer = Answer {
                    value: found.value,
                    freshness: found.freshness,
                };
                // A part of it may have been read before a write to that part, and the rest after.
                let touched = answer.freshness.touched;
                if let Some(bytes) = found.bytes
                    && self.cache.is_unchanged(touched, self.writes)
                {
                    self.cache.keep(key, &answer, bytes, &self.policy);
                }
                answer
            });
            // Nobody waits any more if every caller went away: that is fine.
            let _ = sender.send(outcome);
        }
    }
}

impl<E: Clone + Send + Sync + 'static> Drop for Landing<E> {
    fn drop(&mut self) {
        let mut flights = self
            .cache
            .flights
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            flights.remove(key);
        }
    }
}
