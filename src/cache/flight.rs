//! Fetches on their way: who sees to them, who waits for them, and how they end.
//!
//! A fetch goes on where somebody waits for it, so that who asked goes on in the same breath with what has
//! come, while the processor's caches hold it: as a task of its own it would come last of everything that is
//! ready. If everybody goes away, it gets a task.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::{
    runtime::Handle,
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

/// The outcomes of all keys of a fetch, which it tells at once; none if it panicked.
type Outcomes<E> = Option<Arc<[Outcome<E>]>>;

/// A fetch on its way.
pub struct Fetch<E: Clone> {
    /// It is there before anybody else can see the fetch.
    work: OnceLock<Shared<BoxFuture<'static, Outcomes<E>>>>,
    /// How many see to it.
    attendants: AtomicUsize,
}

impl<E: Clone + Send + Sync + 'static> Fetch<E> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            work: OnceLock::new(),
            attendants: AtomicUsize::new(0),
        })
    }

    /// How it ended, if it has; an end without outcomes has none for any key.
    fn outcomes(&self) -> Option<&[Outcome<E>]> {
        let outcomes = self.work.get()?.peek()?;
        Some(outcomes.as_deref().unwrap_or_default())
    }

    /// Sees to it until it is over, or `due`.
    pub async fn over(self: Arc<Self>, due: Instant) {
        let Some(work) = self.work.get().cloned() else {
            return;
        };
        let _attendant = Attendant::of(&self);
        // What is late is seen by what is not there.
        let _ = timeout_at(due, work).await;
    }
}

/// Somebody who sees to a fetch. When the last one goes away, the fetch goes on in a task.
pub struct Attendant<E: Clone + Send + Sync + 'static>(Arc<Fetch<E>>);

impl<E: Clone + Send + Sync + 'static> Attendant<E> {
    fn of(fetch: &Arc<Fetch<E>>) -> Self {
        fetch.attendants.fetch_add(1, SeqCst);
        Self(Arc::clone(fetch))
    }

    /// Lets the fetch go on until it waits.
    pub(super) fn begin(&self) {
        let work = self.0.work.get().cloned();
        let _ = work.and_then(FutureExt::now_or_never);
    }
}

impl<E: Clone + Send + Sync + 'static> Drop for Attendant<E> {
    fn drop(&mut self) {
        let is_last = self.0.attendants.fetch_sub(1, SeqCst) == 1;
        if !is_last || self.0.outcomes().is_some() {
            return;
        }
        // Without a runtime nothing goes on.
        if let (Some(work), Ok(runtime)) = (self.0.work.get(), Handle::try_current()) {
            runtime.spawn(work.clone());
        }
    }
}

/// One key of a fetch on its way.
#[derive(Clone)]
pub(super) struct Flight<E: Clone> {
    fetch: Arc<Fetch<E>>,
    /// The number of the key.
    at: usize,
}

impl<E: Clone + Send + Sync + 'static> Flight<E> {
    /// The outcome, if it is there. None as well if the fetch ended without one.
    fn peek(&self) -> Option<&Outcome<E>> {
        self.fetch.outcomes()?.get(self.at)
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

impl<E: Clone + Send + Sync + 'static> Pending<E> {
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

    /// The fetch that has to be waited for.
    pub fn fetch(&self) -> Option<&Arc<Fetch<E>>> {
        match self {
            Self::Flying(flying) if flying.flight.fetch.outcomes().is_none() => {
                Some(&flying.flight.fetch)
            }
            _ => None,
        }
    }

    /// The outcome, as it is; `late` is the error of what is not there.
    ///
    /// # Errors
    /// The fetch failed, and there is no older answer to serve.
    pub fn outcome(&self, late: impl FnOnce() -> E) -> Outcome<E> {
        let flying = match self {
            Self::Landed(outcome) => return outcome.clone(),
            Self::Flying(flying) => flying,
        };
        let Flight { fetch, at } = &flying.flight;
        let abandoned = || Err((flying.failures.abandoned)());
        let outcome = match fetch.outcomes() {
            Some(outcomes) => outcomes.get(*at).cloned().unwrap_or_else(abandoned),
            None => Err(late()),
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
    /// The fetch that they will be part of.
    fetch: Option<Arc<Fetch<E>>>,
}

impl<E: Clone> Default for Missing<E> {
    fn default() -> Self {
        Self {
            positions: Vec::new(),
            keys: Vec::new(),
            fetch: None,
        }
    }
}

impl<E: Clone + Send + Sync + 'static> Missing<E> {
    /// Adds the key at this position of the read.
    pub(super) fn add(&mut self, key: EntryKey, position: usize) -> Flight<E> {
        self.keys.push(key);
        self.positions.push(position);
        Flight {
            fetch: Arc::clone(self.fetch.get_or_insert_with(Fetch::new)),
            at: self.keys.len() - 1,
        }
    }

    /// Makes the fetch by `work`, which is told the positions and has to tell its results to the landing.
    /// It has not begun.
    pub(super) fn fetch(
        self,
        cache: &Arc<Cache<E>>,
        policy: Policy,
        writes: u64,
        work: impl FnOnce(Vec<usize>, Landing<E>) -> BoxFuture<'static, Outcomes<E>>,
    ) -> Option<Attendant<E>> {
        let fetch = self.fetch?;
        let landing = Landing {
            cache: Arc::clone(cache),
            policy,
            writes,
            keys: self.keys,
        };
        let work = work(self.positions, landing).shared();
        // Nobody else sets it.
        let _ = fetch.work.set(work);
        Some(Attendant::of(&fetch))
    }
}

/// The end of a fetch: keeps what was found, and clears the flights even if the fetch panicked.
pub(super) struct Landing<E: Clone + Send + Sync + 'static> {
    cache: Arc<Cache<E>>,
    policy: Policy,
    /// How many writes there were before the fetch.
    writes: u64,
    keys: Vec<EntryKey>,
}

impl<E: Clone + Send + Sync + 'static> Landing<E> {
    pub(super) fn land(self, results: Vec<Result<Found, E>>) -> Arc<[Outcome<E>]> {
        let outcomes = self.keys.iter().zip(results);
        let outcomes = outcomes.map(|(key, result)| Ok(self.keep(key, result?)));
        outcomes.collect()
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
        let mut flights = self.cache.flights();
        for key in &self.keys {
            flights.remove(key);
        }
    }
}
