//! Fetches on their way: who waits for them, and how they end.

use std::sync::{Arc, PoisonError};

use futures_util::{FutureExt, future::Shared};
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

/// One key of a fetch on its way. The fetch tells the outcomes of all its keys at once.
#[derive(Clone)]
pub(super) struct Flight<E: Clone> {
    fetch: Shared<oneshot::Receiver<Arc<[Outcome<E>]>>>,
    /// The number of the key.
    at: usize,
}

impl<E: Clone> Flight<E> {
    /// The outcome, if it is there. None as well if the fetch ended without one.
    fn peek(&self) -> Option<&Outcome<E>> {
        self.fetch.peek()?.as_ref().ok()?.get(self.at)
    }
}

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
            Self::Flying(flying) => flying.flight.peek()?.as_ref().ok().cloned(),
        }
    }

    /// Waits for the outcome until it is `due`; `late` is the error of what is not there by then.
    ///
    /// # Errors
    /// The fetch failed, and there is no older answer to serve.
    pub async fn landed(&self, due: Instant, late: impl FnOnce() -> E) -> Outcome<E> {
        let flying = match self {
            Self::Landed(outcome) => return outcome.clone(),
            Self::Flying(flying) => flying,
        };
        let Flight { fetch, at } = &flying.flight;
        let outcome = match flying.flight.peek() {
            Some(outcome) => outcome.clone(),
            None => match timeout_at(due, fetch.clone()).await {
                Err(_) => Err(late()),
                Ok(Ok(outcomes)) if *at < outcomes.len() => outcomes[*at].clone(),
                Ok(_) => Err((flying.failures.abandoned)()),
            },
        };
        match outcome {
            Ok(mut answer) => {
                if flying.joined {
                    answer.freshness.origin = Origin::Flight;
                }
                Ok(answer)
            }
            Err(error) => match &flying.fallback {
                Some(answer) if (flying.failures.is_excused)(&error) => {
                    Ok(answer.clone().stale(Reason::UpstreamFailed))
                }
                _ => Err(error),
            },
        }
    }
}

/// The keys of one read that nobody has fetched yet.
pub(super) struct Missing<E: Clone> {
    positions: Vec<usize>,
    keys: Vec<EntryKey>,
    /// The fetch that they will be part of, and the way to tell how it ended.
    fetch: Option<Fetch<E>>,
}

type Fetch<E> = (
    oneshot::Sender<Arc<[Outcome<E>]>>,
    Shared<oneshot::Receiver<Arc<[Outcome<E>]>>>,
);

impl<E: Clone> Default for Missing<E> {
    fn default() -> Self {
        Self {
            positions: Vec::new(),
            keys: Vec::new(),
            fetch: None,
        }
    }
}

impl<E: Clone> Missing<E> {
    /// Adds the key at this position of the read.
    pub(super) fn add(&mut self, key: EntryKey, position: usize) -> Flight<E> {
        let (_, fetch) = self.fetch.get_or_insert_with(|| {
            let (sender, receiver) = oneshot::channel();
            (sender, receiver.shared())
        });
        self.keys.push(key);
        self.positions.push(position);
        Flight {
            fetch: fetch.clone(),
            at: self.keys.len() - 1,
        }
    }

    /// The positions of what has to be fetched, and what happens to the results. `None` if that is nothing.
    pub(super) fn landing(
        self,
        cache: &Arc<Cache<E>>,
        policy: Policy,
        writes: u64,
    ) -> Option<(Vec<usize>, Landing<E>)>
    where
        E: Send + Sync + 'static,
    {
        let (sender, _) = self.fetch?;
        let landing = Landing {
            cache: Arc::clone(cache),
            policy,
            writes,
            keys: self.keys,
            sender: Some(sender),
        };
        Some((self.positions, landing))
    }
}

/// The end of a fetch: keeps what was found, tells those who wait, and clears the flights even
/// if the fetch panicked.
pub(super) struct Landing<E: Clone + Send + Sync + 'static> {
    cache: Arc<Cache<E>>,
    policy: Policy,
    /// How many writes there were before the fetch.
    writes: u64,
    keys: Vec<EntryKey>,
    /// Taken when it has told.
    sender: Option<oneshot::Sender<Arc<[Outcome<E>]>>>,
}

impl<E: Clone + Send + Sync + 'static> Landing<E> {
    pub(super) fn land(mut self, results: Vec<Result<Found, E>>) {
        let outcomes = self.keys.iter().zip(results);
        let outcomes = outcomes.map(|(key, result)| Ok(self.keep(key, result?)));
        let outcomes = outcomes.collect();
        if let Some(sender) = self.sender.take() {
            // Nobody waits any more if every caller went away: that is fine.
            let _ = sender.send(outcomes);
        }
    }

    fn keep(&self, key: &EntryKey, found: Found) -> Answer {
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
