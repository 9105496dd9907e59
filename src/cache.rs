//! The process-wide cache of upstream answers, and the single flight in front of it.
//!
//! An entry's key holds a [`Scope`] in full, so an answer is only ever seen by the caller whose
//! credential, tenant and API version fetched it. Concurrent reads of one key are one fetch,
//! which goes on without them: a caller who goes away takes nobody's answer along.
//!
//! Every answer says how fresh it is and where it came from. What is no longer fresh stays a while:
//! it is served while a newer answer is fetched, or if that fails, and says so.
//!
//! Writes do not search for what they made stale. Every key carries the *epoch* of its resource
//! in its tenant; a write begins a new epoch, and what was read before it is never found again,
//! not even by a fetch that was already on its way. Old entries leave by age or by size. What is
//! made of other answers and not kept begins a new epoch with every write: it has no entries to
//! lose, only a fetch that may have begun before the write.

mod demand;
mod epochs;
mod flight;
mod freshness;
mod primer;
mod store;

use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    panic::AssertUnwindSafe,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::time::Instant;

use crate::{identity::Scope, turns::Turns};

pub use demand::Demand;
use epochs::Epochs;
pub use epochs::{Partition, Touched};
pub use flight::{Attendant, Failures, Fetch, Found, Pending};
use flight::{Flight, Flying, Missing};
pub use freshness::{Freshness, Origin, Policy, Reason};
use freshness::{Use, judge};
pub use primer::Primer;
pub use store::Store;

/// A value of any resource.
pub type Value = Arc<dyn Any + Send + Sync>;

/// What a read found.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The value; `None` if the upstream does not know the key.
    pub value: Option<Value>,
    /// How fresh that is.
    pub freshness: Freshness,
}

impl Answer {
    fn stale(mut self, reason: Reason) -> Self {
        self.freshness.stale = self.freshness.stale.max(Some(reason));
        self
    }
}

/// What a read gives: an answer, or the error of the fetch.
pub type Outcome<E> = Result<Answer, E>;

/// The keys of one read: of one resource, in one scope.
#[derive(Debug, Clone)]
pub struct Group {
    resource: &'static str,
    scope: Scope,
    partition: Partition,
    policy: Policy,
    demand: Demand,
}

impl Group {
    /// Keys of `resource`, read in `scope`, kept by `policy` for a caller who has this `demand`.
    pub fn new(resource: &'static str, scope: Scope, policy: Policy, demand: Demand) -> Self {
        Self {
            partition: Partition::new(resource, scope.service(), scope.tenant()),
            resource,
            scope,
            policy,
            demand,
        }
    }

    /// What a write makes old together with these.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// Name of the resource.
    pub fn resource(&self) -> &'static str {
        self.resource
    }

    /// Whether other gateways' answers do as well, and this one's for them.
    pub fn is_shared(&self) -> bool {
        !self.policy.ttl.is_zero() && self.demand.joins()
    }

    /// How long answers are kept.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The freshness of an answer that was read upstream from `began` on.
    pub fn read_since(&self, began: Instant) -> Freshness {
        Freshness {
            read_at: began,
            fresh_until: began + self.policy.ttl,
            origin: Origin::Network,
            stale: None,
            touched: Touched::of(self.partition),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct EntryKey {
    owner: Arc<Owner>,
    key: Arc<str>,
}

/// What the keys of one read have in common. It is compared in full, but its hash is worked out once.
#[derive(Debug)]
struct Owner {
    resource: &'static str,
    scope: Scope,
    epoch: u64,
    hash: u64,
}

impl Owner {
    fn new(resource: &'static str, scope: Scope, epoch: u64) -> Arc<Self> {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Arc::new(Self {
            hash: HASHER.hash_one((resource, &scope, epoch)),
            resource,
            scope,
            epoch,
        })
    }

    fn key(self: &Arc<Self>, key: &Arc<str>) -> EntryKey {
        EntryKey {
            owner: Arc::clone(self),
            key: Arc::clone(key),
        }
    }
}

impl PartialEq for Owner {
    fn eq(&self, other: &Self) -> bool {
        self.resource == other.resource && self.scope == other.scope && self.epoch == other.epoch
    }
}

impl Eq for Owner {}

impl Hash for Owner {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Memory that an entry needs beside its value: key, scope and the cache's own bookkeeping.
const ENTRY_OVERHEAD: usize = 256;

/// The fetches of keys on their way. They are few at a time, so a quick hash will do.
type Flights<E> = HashMap<EntryKey, Flight<E>, foldhash::fast::RandomState>;

/// What is kept of a key, and whether it has to be fetched.
enum Look {
    Answer(Answer),
    /// It is the answer this time.
    Refresh(EntryKey, Answer),
    /// There may be something to say if that fails.
    Fetch(EntryKey, Option<Answer>),
}

/// What a read of some keys has begun.
pub struct Reads<E: Clone + Send + Sync + 'static> {
    /// For each key.
    pub pending: Vec<Pending<E>>,
    /// Sees to the fetch that the read has begun, until somebody waits for it.
    pub attendant: Option<Attendant<E>>,
}

/// The cache. `E` is the error of a fetch; errors are shared by those who waited and never kept.
pub struct Cache<E: Clone> {
    entries: Store<EntryKey, Answer>,
    flights: Mutex<Flights<E>>,
    epochs: Epochs,
    failures: Failures<E>,
}

impl<E: Clone + Send + Sync + 'static> Cache<E> {
    /// A cache of at most `max_bytes` of values.
    pub fn new(max_bytes: u64, failures: Failures<E>) -> Self {
        Self {
            entries: Store::new(max_bytes),
            flights: Mutex::default(),
            epochs: Epochs::default(),
            failures,
        }
    }

    /// What is kept for one key and fresh, without reading upstream.
    pub fn kept(&self, group: &Group, key: &str) -> Option<Answer> {
        let key = self.owner(group).key(&key.into());
        let answer = self.entries.get(&key)?;
        match self.judge(&answer, group, Instant::now()) {
            Use::Answer(None) => Some(from_memory(answer)),
            _ => None,
        }
    }

    /// Reads `keys`: each is kept, already on its way, or becomes part of one call of `fetch`, which begins
    /// at once.
    ///
    /// `fetch` receives the positions of the keys to fetch and answers them in the same order. It must bound
    /// its own time, because it goes on when nobody waits for it any more.
    pub fn read<F, T>(self: &Arc<Self>, group: &Group, keys: &[Arc<str>], fetch: F) -> Reads<E>
    where
        F: FnOnce(Vec<usize>) -> T,
        T: Future<Output = Vec<Result<Found, E>>> + Send + 'static,
    {
        let writes = self.epochs.writes();
        let owner = self.owner(group);
        let now = Instant::now();
        let looks = keys.iter().map(|key| self.look(group, owner.key(key), now));
        let looks: Vec<Look> = looks.collect();
        let mut missing = Missing::default();
        let mut flights = self.flights();
        let pending = looks.into_iter().enumerate();
        let pending = pending
            .map(|(position, look)| self.find(group, look, position, (&mut flights, &mut missing)))
            .collect();
        let attendant = missing.fetch(self, group.policy, writes, |positions, landing| {
            let work = Turns::of(fetch(positions));
            let work = async move { landing.land(work.await) };
            AssertUnwindSafe(work)
                .catch_unwind()
                .map(Result::ok)
                .boxed()
        });
        drop(flights);
        if let Some(attendant) = &attendant {
            attendant.begin();
        }
        Reads { pending, attendant }
    }

    /// Forgets all that was read of a partition, by whichever caller.
    pub fn begin_epoch(&self, partition: Partition) {
        self.epochs.begin(partition);
    }

    /// Forgets everything: writes may have happened that nobody has told of.
    pub fn distrust(&self) {
        self.epochs.begin_all();
    }

    /// How many writes there have been; see [`Cache::is_unchanged`].
    pub fn writes(&self) -> u64 {
        self.epochs.writes()
    }

    /// Whether something that was put together since there were `writes` of them, and that is made
    /// of what was `touched`, would still be put together in the same way.
    pub fn is_unchanged(&self, touched: Touched, writes: u64) -> bool {
        self.epochs.is_unchanged(touched, writes)
    }

    /// Whose the keys of the group are from now on, until a write.
    fn owner(&self, group: &Group) -> Arc<Owner> {
        let epoch = match group.policy.composed {
            true => self.epochs.writes(),
            false => self.epochs.of(group.partition),
        };
        Owner::new(group.resource, group.scope.clone(), epoch)
    }

    fn judge(&self, answer: &Answer, group: &Group, now: Instant) -> Use {
        let fallen = judge(&answer.freshness, &group.policy, &group.demand, now);
        // That something was unknown a while ago is no answer to whether it exists now.
        if answer.value.is_none() && fallen != Use::Answer(None) {
            return Use::Nothing;
        }
        fallen
    }

    /// What is kept of a key that is read.
    fn look(&self, group: &Group, key: EntryKey, now: Instant) -> Look {
        // What is composed is never kept.
        let kept = (!group.policy.composed).then(|| self.entries.get(&key));
        let Some(answer) = kept.flatten() else {
            return Look::Fetch(key, None);
        };
        let used = self.judge(&answer, group, now);
        let answer = from_memory(answer);
        match used {
            Use::Answer(None) => Look::Answer(answer),
            Use::Answer(Some(reason)) => Look::Answer(answer.stale(reason)),
            Use::AnswerAndRefresh => Look::Refresh(key, answer.stale(Reason::Revalidating)),
            Use::IfAllFails if !group.demand.only_kept => Look::Fetch(key, Some(answer)),
            Use::IfAllFails | Use::Nothing => Look::Fetch(key, None),
        }
    }

    fn find(
        &self,
        group: &Group,
        look: Look,
        position: usize,
        (flights, missing): (&mut Flights<E>, &mut Missing<E>),
    ) -> Pending<E> {
        match look {
            Look::Answer(answer) => Pending::Landed(Ok(answer)),
            Look::Refresh(key, answer) => {
                // Nobody here waits for it.
                let _ = join(group, key, position, (flights, missing));
                Pending::Landed(Ok(answer))
            }
            Look::Fetch(key, fallback) => {
                let (flight, joined) = join(group, key, position, (flights, missing));
                Pending::Flying(Flying {
                    flight,
                    joined,
                    fallback,
                    failures: self.failures,
                })
            }
        }
    }

    fn flights(&self) -> MutexGuard<'_, Flights<E>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an answer, unless it is stale already or a younger one is there.
    fn keep(&self, key: &EntryKey, answer: &Answer, bytes: usize, policy: &Policy) {
        let mut answer = answer.clone();
        let freshness = &mut answer.freshness;
        let mut grace = policy.grace();
        if answer.value.is_none() {
            let known = freshness.read_at + policy.negative_ttl;
            freshness.fresh_until = freshness.fresh_until.min(known);
            grace = Duration::ZERO;
        }
        let end = freshness.fresh_until + grace;
        let kept_for = end.saturating_duration_since(Instant::now());
        if policy.composed || kept_for.is_zero() || freshness.stale.is_some() {
            return;
        }
        let is_younger = |kept: &Answer| kept.freshness.read_at > freshness.read_at;
        if self.entries.get(key).is_some_and(|kept| is_younger(&kept)) {
            return;
        }
        let bytes = bytes + ENTRY_OVERHEAD + key.key.len();
        self.entries.insert(key.clone(), answer, bytes, kept_for);
    }
}

/// The running flight of a key, or a new one; and whether it was running.
fn join<E: Clone + Send + Sync + 'static>(
    group: &Group,
    key: EntryKey,
    position: usize,
    (flights, missing): (&mut Flights<E>, &mut Missing<E>),
) -> (Flight<E>, bool) {
    if let Some(running) = flights.get(&key).filter(|_| group.demand.joins()) {
        return (running.clone(), true);
    }
    let flight = missing.add(key.clone(), position);
    if group.demand.is_joined() {
        flights.insert(key, flight.clone());
    }
    (flight, false)
}

fn from_memory(mut answer: Answer) -> Answer {
    answer.freshness.origin = Origin::Memory;
    answer
}

#[cfg(test)]
mod tests;
