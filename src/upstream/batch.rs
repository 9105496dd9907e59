//! The request's loaders: one `dataloader` per resource, which gathers the keys of one moment.
//!
//! The `dataloader` crate holds its lock while its batch function runs, and a batch is lost if the
//! caller that runs it goes away. Neither matters here: the batch function only *starts* the
//! fetches, in the cache's own tasks, and hands out what is pending.

use std::{
    borrow::Borrow,
    collections::HashMap,
    fmt::{self, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use dataloader::{BatchFn, cached::Loader};
use indexmap::IndexMap;
use tokio::time::Instant;

use super::{
    Error, FetchResult, Key, Loaded, Resource, Session,
    readings::{StaleReading, Sum},
    session::Request,
};
use crate::{
    cache::{Answer, Found, Freshness, Group, Origin, Pending, Policy, Value},
    identity::Scope,
    ids::TenantId,
    ledger::Source,
};

/// How often a batch yields to let further keys arrive. A list's links arrive as one batch
/// anyway; this gathers the same resource across sibling fields, which are polled together. Each
/// yield lets everything else that is ready go first.
const YIELDS: usize = 1;

/// Bounds the keys of one fetch; larger lists are fetched in several.
const MAX_BATCH: usize = 1000;

/// A read that is under way. (A named type, so that the trait bounds of the loader stay simple.)
#[derive(Clone)]
struct Handle {
    batch: Arc<Batch>,
    /// Its number in the batch.
    at: usize,
}

impl Handle {
    fn pending(&self) -> &Pending<Arc<Error>> {
        &self.batch.reads[self.at].pending
    }
}

/// What was begun together.
struct Batch {
    began: std::time::Instant,
    reads: Vec<Read>,
}

struct Read {
    pending: Pending<Arc<Error>>,
    /// Whether the record of the request knows of it: each key is told once.
    told: AtomicBool,
}

impl Batch {
    /// The handles of reads that begin now.
    fn begin(pending: Vec<Pending<Arc<Error>>>) -> impl Iterator<Item = Handle> {
        let read = |pending| Read {
            pending,
            told: AtomicBool::default(),
        };
        let batch = Arc::new(Self {
            began: std::time::Instant::now(),
            reads: pending.into_iter().map(read).collect(),
        });
        let keys = 0..batch.reads.len();
        keys.map(move |at| Handle {
            batch: Arc::clone(&batch),
            at,
        })
    }
}

/// The answers of one load that the record does not know yet.
#[derive(Default)]
struct Untold {
    since: Option<std::time::Instant>,
    keys: [usize; Source::ALL.len()],
}

impl Untold {
    fn add(&mut self, handle: &Handle, freshness: &Freshness) {
        let told = &handle.batch.reads[handle.at].told;
        if told.swap(true, Ordering::Relaxed) {
            return;
        }
        let began = handle.batch.began;
        self.since = Some(self.since.map_or(began, |since| since.min(began)));
        let source = match (freshness.stale, freshness.origin) {
            (Some(_), _) => Source::Stale,
            (None, Origin::Memory) => Source::Memory,
            (None, Origin::Shared) => Source::Redis,
            (None, Origin::Flight) => Source::Shared,
            (None, Origin::Network) => Source::Network,
        };
        self.keys[source as usize] += 1;
    }

    fn tell(&self, session: &Session, resource: &'static str) {
        let Some(since) = self.since else { return };
        let time = (since, std::time::Instant::now());
        for (source, keys) in Source::ALL.into_iter().zip(self.keys) {
            if keys > 0 {
                session.ledger().note_read(resource, source, keys, time);
                let meters = &session.upstreams().meters;
                meters.count_reads(resource, source.name(), keys);
            }
        }
    }
}

/// A key as the loader wants it. It prints as nothing, because the loader prints each into an error that
/// it then drops.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Wanted<K>(K);

impl<K> fmt::Debug for Wanted<K> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<K> Borrow<K> for Wanted<K> {
    fn borrow(&self) -> &K {
        &self.0
    }
}

/// What was loaded, key by key, and which of it is stale.
pub type Marked<V> = (Vec<Loaded<V>>, Vec<(usize, StaleReading)>);

/// The loader of one resource for one request.
pub struct Loads<R: Resource> {
    loader: Loader<Wanted<R::Key>, Handle, Start<R>>,
    /// What the loader knows, which it does not show.
    begun: Mutex<HashMap<R::Key, Handle>>,
}

impl<R: Resource> Loads<R> {
    /// A loader for the caller of `request`.
    pub(super) fn new(request: Weak<Request>) -> Self {
        let start = Start {
            request,
            resource: std::marker::PhantomData,
        };
        Self {
            loader: Loader::new(start)
                .with_yield_count(YIELDS)
                .with_max_batch_size(MAX_BATCH),
            begun: Mutex::default(),
        }
    }

    /// What this request has read of `key`, if it has. The cache may have dropped it by now.
    pub fn find(&self, key: &R::Key) -> Option<Answer> {
        self.begun().get(key)?.pending().answer()
    }

    fn begun(&self) -> MutexGuard<'_, HashMap<R::Key, Handle>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The values of `keys`, in their order; what is not there when the session is due failed for
    /// now. How fresh they are is added to the session's readings.
    pub async fn load(&self, session: &Session, keys: &[R::Key]) -> Marked<R::Value> {
        let wanted = || keys.iter().cloned().map(Wanted).collect();
        let mut handles = self.loader.try_load_many(wanted()).await;
        // `NotFound` only means that the caller that ran the batch went away before it started.
        if handles.is_err() {
            handles = self.loader.try_load_many(wanted()).await;
        }
        let handles = handles.unwrap_or_default();
        let is_joined = |handle: &Handle| handle.pending().is_joined();
        let wait = handles
            .values()
            .any(is_joined)
            .then(|| session.ledger().wait());
        let mut untold = Untold::default();
        let mut sum = Sum::default();
        let mut loaded = Vec::with_capacity(keys.len());
        let mut stale = Vec::new();
        // One after another: the fetches run by themselves, and all of them are waited for.
        for key in keys {
            let Some(handle) = handles.get(key) else {
                sum.failed = true;
                loaded.push(Err(lost::<R>()));
                continue;
            };
            let landed = handle.pending().landed(session.due(), late::<R>);
            loaded.push(match landed.await {
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
        let handles = handles.into_iter();
        self.begun()
            .extend(handles.map(|(Wanted(key), handle)| (key, handle)));
        (loaded, stale)
    }

    /// Forgets everything, so that what a mutation changed is read again.
    pub async fn forget(&self) {
        self.loader.clear_all().await;
        self.begun().clear();
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

struct Start<R> {
    request: Weak<Request>,
    resource: std::marker::PhantomData<fn() -> R>,
}

impl<R: Resource> BatchFn<Wanted<R::Key>, Handle> for Start<R> {
    async fn load(&mut self, keys: &[Wanted<R::Key>]) -> HashMap<Wanted<R::Key>, Handle> {
        let Some(request) = self.request.upgrade() else {
            return HashMap::new();
        };
        let session = Session::of_fetch(Arc::clone(&request), None);
        let mut handles = HashMap::with_capacity(keys.len());
        let mut groups: IndexMap<Option<TenantId>, Printed<R::Key>> = IndexMap::new();
        // The loader hands keys over in no order; calls go out in one that can be repeated.
        let mut text = String::new();
        let mut keys: Vec<(Arc<str>, &R::Key)> = keys
            .iter()
            .map(|Wanted(key)| (printed(key, &mut text), key))
            .collect();
        keys.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (text, key) in keys {
            match R::tenant(&session, key) {
                Ok(tenant) => {
                    let (texts, keys) = groups.entry(tenant).or_default();
                    texts.push(text);
                    keys.push(key.clone());
                }
                Err(error) => handles.extend(failed(vec![key.clone()], &error)),
            }
        }
        for (tenant, (texts, keys)) in groups {
            match session.scope_in(R::SERVICE, tenant) {
                Ok(scope) => {
                    let begun = start::<R>(&request, scope, &texts, &keys);
                    handles.extend(keys.into_iter().map(Wanted).zip(begun));
                }
                Err(error) => handles.extend(failed(keys, &error)),
            }
        }
        handles
    }
}

/// The text of a key, which is written into `text` before.
fn printed(key: &impl Key, text: &mut String) -> Arc<str> {
    text.clear();
    // Writing to a string cannot fail.
    let _ = write!(text, "{key}");
    Arc::from(text.as_str())
}

/// Reads that failed before they began.
fn failed<K: Key>(keys: Vec<K>, error: &Arc<Error>) -> impl Iterator<Item = (Wanted<K>, Handle)> {
    let failure = Pending::Landed(Err(Arc::clone(error)));
    let handles = Batch::begin(vec![failure; keys.len()]);
    keys.into_iter().map(Wanted).zip(handles)
}

/// Reads the keys of one scope, which print as `texts`, through the cache.
fn start<R: Resource>(
    request: &Arc<Request>,
    scope: Scope,
    texts: &[Arc<str>],
    keys: &[R::Key],
) -> impl Iterator<Item = Handle> + use<R> {
    let group = request.group::<R>(scope);
    let session = Session::of_fetch(Arc::clone(request), Some(group.clone()));
    let cache = Arc::clone(session.cache());
    let pending = cache.read(&group, texts, |missing| {
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
    });
    Batch::begin(pending)
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
