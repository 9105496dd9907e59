//! The process-wide cache of upstream answers, and the single flight in front of it.
//!
//! An entry's key holds a [`Scope`] in full, so an answer is only ever seen by the caller whose
//! credential, tenant and API version fetched it. Concurrent reads of one key are one fetch, run
//! in a task of its own: a caller who goes away takes nobody's answer along.
//!
//! Writes do not search for what they made stale. Every key carries the *epoch* of its resource
//! in its tenant; a write begins a new epoch, and what was read before it is never found again,
//! not even by a fetch that was already on its way. Old entries leave by age or by size.

use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::Shared};
use tokio::sync::oneshot;

use crate::{
    identity::{Scope, Service},
    ids::TenantId,
};

/// A value of any resource.
pub type Value = Arc<dyn Any + Send + Sync>;

/// What a fetch found for one key, and how much memory it stands for.
pub struct Found {
    /// The value; `None` if the upstream does not know the key.
    pub value: Option<Value>,
    /// Size in bytes, for the bound on the cache.
    pub bytes: usize,
}

/// What a read gives: a value, the knowledge that there is none, or the error of the fetch.
pub type Outcome<E> = Result<Option<Value>, E>;

/// An outcome that is there or on its way.
pub type Pending<E> = Shared<futures_util::future::BoxFuture<'static, Outcome<E>>>;

/// The keys of one read: of one resource, in one scope.
#[derive(Debug, Clone)]
pub struct Group {
    /// Name of the resource.
    pub resource: &'static str,
    /// Whose answer it is.
    pub scope: Scope,
    /// How long an answer stays fresh; zero keeps nothing.
    pub ttl: Duration,
    /// Read past what is kept and what is on its way (the caller said `no-cache`).
    pub fresh: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct EntryKey {
    resource: &'static str,
    scope: Scope,
    epoch: u64,
    key: Arc<str>,
}

#[derive(Clone)]
struct Entry {
    value: Option<Value>,
    bytes: u32,
    ttl: Duration,
}

type Flight<E> = Shared<oneshot::Receiver<Outcome<E>>>;
type Partition = (&'static str, Service, Option<TenantId>);

/// Memory that an entry needs beside its value: key, scope and the cache's own bookkeeping.
const ENTRY_OVERHEAD: usize = 256;

/// The cache. `E` is the error of a fetch; errors are shared by those who waited and never kept.
pub struct Cache<E> {
    entries: moka::sync::Cache<EntryKey, Entry>,
    flights: Mutex<HashMap<EntryKey, Flight<E>>>,
    epochs: Mutex<HashMap<Partition, u64>>,
    /// The error for those who wait on a fetch that ended without an answer (it panicked).
    abandoned: fn() -> E,
}

impl<E: Clone + Send + Sync + 'static> Cache<E> {
    /// A cache of at most `max_bytes` of values.
    pub fn new(max_bytes: u64, abandoned: fn() -> E) -> Self {
        Self {
            entries: moka::sync::Cache::builder()
                .max_capacity(max_bytes)
                .weigher(|key: &EntryKey, entry: &Entry| {
                    let own = ENTRY_OVERHEAD + key.key.len();
                    entry
                        .bytes
                        .saturating_add(u32::try_from(own).unwrap_or(u32::MAX))
                })
                .expire_after(TimeToLive)
                .build(),
            flights: Mutex::default(),
            epochs: Mutex::default(),
            abandoned,
        }
    }

    /// What is kept for one key, without reading upstream.
    pub fn kept(&self, group: &Group, key: &str) -> Option<Option<Value>> {
        let key = EntryKey {
            resource: group.resource,
            scope: group.scope.clone(),
            epoch: self.epoch(group),
            key: key.into(),
        };
        self.entries.get(&key).map(|entry| entry.value)
    }

    /// Reads `keys`: each is kept, already on its way, or becomes part of one call of `fetch`.
    ///
    /// `fetch` receives the positions of the keys to fetch and answers them in the same order. It
    /// runs in a task of its own and must bound its own time.
    pub fn read<F, T>(
        self: &Arc<Self>,
        group: &Group,
        keys: &[Arc<str>],
        fetch: F,
    ) -> Vec<Pending<E>>
    where
        F: FnOnce(Vec<usize>) -> T,
        T: Future<Output = Vec<Result<Found, E>>> + Send + 'static,
    {
        let epoch = self.epoch(group);
        let mut missing = Missing::default();
        let pending = keys
            .iter()
            .enumerate()
            .map(|(position, key)| {
                let key = EntryKey {
                    resource: group.resource,
                    scope: group.scope.clone(),
                    epoch,
                    key: Arc::clone(key),
                };
                self.join(group, key, position, &mut missing)
            })
            .collect();
        if !missing.positions.is_empty() {
            let work = fetch(missing.positions);
            let landing = Landing {
                cache: Arc::clone(self),
                ttl: group.ttl,
                keys: missing.keys,
                senders: missing.senders,
            };
            tokio::spawn(async move { landing.land(work.await) });
        }
        pending
    }

    /// Begins to keep what a list that is about to be read tells of single keys.
    pub fn primer(self: &Arc<Self>, group: Group) -> Primer<E> {
        Primer {
            epoch: self.epoch(&group),
            cache: Arc::clone(self),
            group,
        }
    }

    /// Forgets all that was read of `resource` in `tenant`, by whichever caller.
    pub fn begin_epoch(&self, resource: &'static str, service: Service, tenant: Option<TenantId>) {
        let mut epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        *epochs.entry((resource, service, tenant)).or_default() += 1;
    }

    fn epoch(&self, group: &Group) -> u64 {
        let partition = (group.resource, group.scope.service(), group.scope.tenant());
        let epochs = self.epochs.lock().unwrap_or_else(PoisonError::into_inner);
        epochs.get(&partition).copied().unwrap_or_default()
    }

    fn join(
        &self,
        group: &Group,
        key: EntryKey,
        position: usize,
        missing: &mut Missing<E>,
    ) -> Pending<E> {
        if !group.fresh
            && let Some(entry) = self.entries.get(&key)
        {
            return std::future::ready(Ok(entry.value)).boxed().shared();
        }
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        let running = flights.get(&key).filter(|_| !group.fresh).cloned();
        let flight = running.unwrap_or_else(|| {
            let (sender, receiver) = oneshot::channel();
            let flight = receiver.shared();
            flights.insert(key.clone(), flight.clone());
            missing.positions.push(position);
            missing.keys.push(key);
            missing.senders.push(sender);
            flight
        });
        let abandoned = self.abandoned;
        flight
            .map(move |landed| landed.unwrap_or_else(|_| Err(abandoned())))
            .boxed()
            .shared()
    }
}

/// Keeps values that were read with a list, as if each had been read by its key.
///
/// It belongs to the epoch in which it was made: make it before the list is read.
pub struct Primer<E> {
    cache: Arc<Cache<E>>,
    group: Group,
    epoch: u64,
}

impl<E> Primer<E> {
    /// Keeps the value of one key.
    pub fn keep(&self, key: &str, value: Value, bytes: usize) {
        if self.group.ttl.is_zero() {
            return;
        }
        let key = EntryKey {
            resource: self.group.resource,
            scope: self.group.scope.clone(),
            epoch: self.epoch,
            key: key.into(),
        };
        let entry = Entry {
            value: Some(value),
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            ttl: self.group.ttl,
        };
        self.cache.entries.insert(key, entry);
    }
}

/// The keys of one read that nobody has fetched yet, and those who will be told.
struct Missing<E> {
    positions: Vec<usize>,
    keys: Vec<EntryKey>,
    senders: Vec<oneshot::Sender<Outcome<E>>>,
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
struct Landing<E: Clone + Send + Sync + 'static> {
    cache: Arc<Cache<E>>,
    ttl: Duration,
    keys: Vec<EntryKey>,
    senders: Vec<oneshot::Sender<Outcome<E>>>,
}

impl<E: Clone + Send + Sync + 'static> Landing<E> {
    fn land(mut self, results: Vec<Result<Found, E>>) {
        let senders = std::mem::take(&mut self.senders);
        for ((key, sender), result) in self.keys.iter().zip(senders).zip(results) {
            let outcome = result.map(|found| {
                if !self.ttl.is_zero() {
                    let entry = Entry {
                        value: found.value.clone(),
                        bytes: u32::try_from(found.bytes).unwrap_or(u32::MAX),
                        ttl: self.ttl,
                    };
                    self.cache.entries.insert(key.clone(), entry);
                }
                found.value
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

struct TimeToLive;

impl moka::Expiry<EntryKey, Entry> for TimeToLive {
    fn expire_after_create(&self, _: &EntryKey, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &EntryKey,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}

#[cfg(test)]
mod tests;
