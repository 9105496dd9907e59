//! The request's loaders: one `dataloader` per resource, which gathers the keys of one moment.
//!
//! The `dataloader` crate holds its lock while its batch function runs, and a batch is lost if the
//! caller that runs it goes away. Neither matters here: the batch function only *begins* the
//! fetches, and readers wait for them by themselves.

mod reads;

use std::{
    collections::HashMap,
    fmt::{self, Write},
    hash::{Hash, Hasher},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use dataloader::{BatchFn, cached::Loader};
use futures_util::future::join_all;
use indexmap::IndexMap;
use tokio::time::Instant;

use reads::{Batch, Handle, Untold};

use super::{
    Error, FetchResult, Key, Loaded, Resource, Session,
    readings::{StaleReading, Sum},
    session::Request,
};
use crate::{
    cache::{Answer, Attendant, Fetch, Found, Freshness, Group, Pending, Policy, Reads, Value},
    identity::Scope,
    ids::TenantId,
    turns::turn,
};

/// How often the loader yields to let further keys come: it has been waited for them already, a turn long. A
/// list's links come as one batch anyway; this gathers the same resource across sibling fields, which are
/// polled together.
const YIELDS: usize = 0;

/// Bounds the keys of one fetch; larger lists are fetched in several.
const MAX_BATCH: usize = 1000;

/// The keys that one reader asks for. The loader gathers such lists: handing it the keys themselves would
/// cost more than what is done with them.
#[derive(Clone)]
struct Asked<K>(Arc<[K]>);

/// Each list is itself only, whatever is in it.
impl<K> PartialEq for Asked<K> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<K> Eq for Asked<K> {}

impl<K> Hash for Asked<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_ptr().hash(state);
    }
}

/// It prints as nothing, because the loader prints it into an error that it then drops.
impl<K> fmt::Debug for Asked<K> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// The reads that a request has begun. Its own keys are few or come from upstreams, so a quick hash will do.
type Begun<K> = Mutex<HashMap<K, Handle, foldhash::fast::RandomState>>;

/// Who sees to fetches that have begun.
type Attendants = Vec<Attendant<Arc<Error>>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was loaded, key by key, and which of it is stale.
pub type Marked<V> = (Vec<Loaded<V>>, Vec<(usize, StaleReading)>);

/// The loader of one resource for one request.
pub struct Loads<R: Resource> {
    loader: Loader<Asked<R::Key>, (), Start<R>>,
    /// What is asked for in this turn.
    asked: Mutex<Vec<Asked<R::Key>>>,
    begun: Arc<Begun<R::Key>>,
    /// They are taken at once by whoever has begun the fetches.
    attendants: Arc<Mutex<Attendants>>,
}

impl<R: Resource> Loads<R> {
    /// A loader for the caller of `request`.
    pub(super) fn new(request: Weak<Request>) -> Self {
        let begun = Arc::<Begun<R::Key>>::default();
        let attendants = Arc::<Mutex<Attendants>>::default();
        let start = Start {
            request,
            begun: Arc::clone(&begun),
            attendants: Arc::clone(&attendants),
        };
        Self {
            loader: Loader::new(start).with_yield_count(YIELDS),
            asked: Mutex::default(),
            begun,
            attendants,
        }
    }

    /// What this request has read of `key`, if it has. The cache may have dropped it by now.
    pub fn find(&self, key: &R::Key) -> Option<Answer> {
        lock(&self.begun).get(key)?.pending().answer()
    }

    /// The reads of `keys`, in their order, as far as they have begun.
    fn handles(&self, keys: &[R::Key]) -> Vec<Option<Handle>> {
        let begun = lock(&self.begun);
        keys.iter().map(|key| begun.get(key).cloned()).collect()
    }

    /// The reads of `keys`, in their order; those that have not begun do so now. Who sees to what was begun
    /// has to stay until its readers wait for it.
    async fn begin(&self, keys: &[R::Key]) -> (Vec<Option<Handle>>, Attendants) {
        let known = self.handles(keys);
        if known.iter().all(Option::is_some) {
            return (known, Vec::new());
        }
        let list = Asked(Arc::from(keys));
        lock(&self.asked).push(list.clone());
        turn().await;
        // The first to go on begins what all have asked for. Whether that failed is seen by what has begun.
        let asked = mem::take(&mut *lock(&self.asked));
        let _ = self.loader.try_load_many(asked).await;
        let mut attendants = mem::take(&mut *lock(&self.attendants));
        let mut begun = self.handles(keys);
        if begun.iter().any(Option::is_none) {
            // Who was to begin them has gone away, or is about to.
            let _ = self.loader.try_load(list).await;
            attendants.append(&mut lock(&self.attendants));
            begun = self.handles(keys);
        }
        (begun, attendants)
    }

    /// The values of `keys`, in their order; what is not there when the session is due failed for
    /// now. How fresh they are is added to the session's readings.
    pub async fn load(&self, session: &Session, keys: &[R::Key]) -> Marked<R::Value> {
        let (handles, _attendants) = self.begin(keys).await;
        let reads = || handles.iter().flatten().map(Handle::pending);
        let wait = reads()
            .any(Pending::is_joined)
            .then(|| session.ledger().wait());
        let mut fetches: Vec<&Arc<Fetch<Arc<Error>>>> = Vec::new();
        for fetch in reads().filter_map(Pending::fetch) {
            if !fetches.iter().any(|known| Arc::ptr_eq(known, fetch)) {
                fetches.push(fetch);
            }
        }
        let due = session.due();
        let waits = fetches.into_iter().map(|fetch| Arc::clone(fetch).over(due));
        join_all(waits).await;
        let mut untold = Untold::default();
        let mut sum = Sum::default();
        let mut loaded = Vec::with_capacity(keys.len());
        let mut stale = Vec::new();
        for handle in &handles {
            let Some(handle) = handle else {
                sum.failed = true;
                loaded.push(Err(lost::<R>()));
                continue;
            };
            loaded.push(match handle.pending().outcome(late::<R>) {
                Ok(answer) => {
                    untold.add(handle, &answer.freshness);
                    let reading = sum.add(R::NAME, answer.freshness, Instant::now());
                    stale.extend(reading.map(|reading| (loaded.len(), reading)));
                    Ok(answer.value.and_then(typed::<R>))
                }
                Err(error) => {
                    sum.failed = true;
                    Err(error)
                }
            });
        }
        drop(wait);
        untold.tell(session, R::NAME);
        session.readings().add(sum);
        (loaded, stale)
    }

    /// Forgets everything, so that what a mutation changed is read again.
    pub async fn forget(&self) {
        self.loader.clear_all().await;
        lock(&self.begun).clear();
    }
}

fn typed<R: Resource>(value: Value) -> Option<Arc<R::Value>> {
    // The cache key names the resource, so the value is of its type.
    value.downcast::<R::Value>().ok()
}

fn lost<R: Resource>() -> Arc<Error> {
    Error::new(
        R::SERVICE,
        super::Class::Internal,
        "The request ended before the read began.",
    )
}

fn late<R: Resource>() -> Arc<Error> {
    let reason = format!("{} did not answer in time.", R::SERVICE);
    Error::new(R::SERVICE, super::Class::Timeout, reason)
}

/// Keys, and what each prints.
type Printed<K> = (Vec<Arc<str>>, Vec<K>);

struct Start<R: Resource> {
    request: Weak<Request>,
    begun: Arc<Begun<R::Key>>,
    attendants: Arc<Mutex<Attendants>>,
}

impl<R: Resource> BatchFn<Asked<R::Key>, ()> for Start<R> {
    async fn load(&mut self, asked: &[Asked<R::Key>]) -> HashMap<Asked<R::Key>, ()> {
        let Some(request) = self.request.upgrade() else {
            return HashMap::new();
        };
        let wanted = self.wanted(asked);
        for keys in wanted.chunks(MAX_BATCH) {
            let (handles, attendants) = begin::<R>(&request, keys);
            lock(&self.begun).extend(handles);
            lock(&self.attendants).extend(attendants);
        }
        asked.iter().map(|asked| (asked.clone(), ())).collect()
    }
}

impl<R: Resource> Start<R> {
    /// What is asked for and has not begun, each key once. Calls go out in an order that can be repeated:
    /// by what the keys print.
    fn wanted<'a>(&self, asked: &'a [Asked<R::Key>]) -> Vec<(Arc<str>, &'a R::Key)> {
        let mut text = String::new();
        let begun = lock(&self.begun);
        let asked = asked.iter().flat_map(|Asked(keys)| keys.iter());
        let new = asked.filter(|key| !begun.contains_key(key));
        let mut wanted: Vec<_> = new.map(|key| (printed(key, &mut text), key)).collect();
        wanted.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        wanted.dedup_by(|(_, one), (_, other)| one == other);
        wanted
    }
}

/// Begins the reads of `keys`, each with what it prints.
fn begin<R: Resource>(
    request: &Arc<Request>,
    keys: &[(Arc<str>, &R::Key)],
) -> (Vec<(R::Key, Handle)>, Attendants) {
    let session = Session::of_fetch(Arc::clone(request), None);
    let mut attendants = Vec::new();
    let mut handles = Vec::with_capacity(keys.len());
    let mut groups: IndexMap<Option<TenantId>, Printed<R::Key>, foldhash::fast::RandomState> =
        IndexMap::default();
    for (text, key) in keys {
        match R::tenant(&session, key) {
            Ok(tenant) => {
                let (texts, keys) = groups.entry(tenant).or_default();
                texts.push(Arc::clone(text));
                keys.push(R::Key::clone(key));
            }
            Err(error) => handles.extend(failed(vec![R::Key::clone(key)], &error)),
        }
    }
    for (tenant, (texts, keys)) in groups {
        match session.scope_in(R::SERVICE, tenant) {
            Ok(scope) => {
                let reads = start::<R>(request, scope, &texts, &keys);
                handles.extend(keys.into_iter().zip(Batch::begin(reads.pending)));
                attendants.extend(reads.attendant);
            }
            Err(error) => handles.extend(failed(keys, &error)),
        }
    }
    (handles, attendants)
}

/// The text of a key, which is written into `text` before.
fn printed(key: &impl Key, text: &mut String) -> Arc<str> {
    text.clear();
    // Writing to a string cannot fail.
    let _ = write!(text, "{key}");
    Arc::from(text.as_str())
}

/// Reads that failed before they began.
fn failed<K: Key>(keys: Vec<K>, error: &Arc<Error>) -> impl Iterator<Item = (K, Handle)> {
    let failure = Pending::Landed(Err(Arc::clone(error)));
    let handles = Batch::begin(vec![failure; keys.len()]);
    keys.into_iter().zip(handles)
}

/// Reads the keys of one scope, which print as `texts`, through the cache.
fn start<R: Resource>(
    request: &Arc<Request>,
    scope: Scope,
    texts: &[Arc<str>],
    keys: &[R::Key],
) -> Reads<Arc<Error>> {
    let group = request.group::<R>(scope);
    let session = Session::of_fetch(Arc::clone(request), Some(group.clone()));
    let cache = Arc::clone(session.cache());
    cache.read(&group, texts, |missing| {
        let group = group.clone();
        let wanted: Vec<R::Key> = missing
            .iter()
            .filter_map(|at| keys.get(*at))
            .cloned()
            .collect();
        async move {
            let began = Instant::now();
            let fetched = R::fetch(Arc::clone(&session), wanted).await;
            let freshness = freshness(&group, began, &session.readings().sum());
            let found = |result| found(result, freshness, group.policy());
            fetched.into_iter().map(found).collect()
        }
    })
}

/// The freshness of what a fetch of `group` found that began at `began` and has read `made_of`.
///
/// A fetch of several keys is as fresh as the least fresh answer that went into any of them.
fn freshness(group: &Group, began: Instant, made_of: &Sum) -> Freshness {
    let own = group.read_since(began);
    let Some(parts) = made_of.freshness else {
        return own;
    };
    let mut all = own.and(parts);
    if !made_of.called {
        all.origin = parts.origin;
    }
    // What is composed is not kept, but what it is made of is; unless it has made calls itself.
    if group.policy().composed && !made_of.called {
        all.fresh_until = parts.fresh_until;
    }
    all
}

fn found<V: Send + Sync + 'static>(
    result: FetchResult<V>,
    mut freshness: Freshness,
    policy: &Policy,
) -> Result<Found, Arc<Error>> {
    let fetched = result?;
    if fetched.is_none() && !policy.composed {
        let known = freshness.read_at + policy.negative_ttl;
        freshness.fresh_until = freshness.fresh_until.min(known);
    }
    Ok(Found {
        bytes: fetched.as_ref().map_or(Some(0), |fetched| fetched.bytes),
        value: fetched.map(|fetched| fetched.value as Value),
        freshness,
    })
}
