//! One request's access to the upstreams: the caller's credentials, its loaders and its deadline.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::HeaderValue;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::{
    Call, Class, Error, Loaded, Policies, Reply, Resource, Transport, Validated,
    batch::{Loads, Marked},
    readings::{Readings, Sum},
    shared::Shared,
    transport::Body,
    walk::{self, Part, Plan},
};
use crate::{
    attachments::{Attachment, Attachments, Unreadable},
    cache::{Cache, Demand, Group, Partition, Primer},
    identity::{Credentials, Scope, Service},
    ids::TenantId,
    ledger::Ledger,
    metric::Meters,
};

/// What all requests share: the transport, the cache and the configuration of both.
pub struct Upstreams {
    /// Sends calls.
    pub transport: Transport,
    /// Keeps answers.
    pub cache: Arc<Cache<Arc<Error>>>,
    /// Measures.
    pub meters: Arc<Meters>,
    /// Looks for answers that depart from their documentation.
    pub drift: super::drift::Watch,
    /// What is known of the sizes of lists.
    pub sizes: walk::ListSizes,
    /// How large pages CRO gives.
    pub cro_page_limit: super::cro::page::PageLimit,
    /// Whether customers may be created.
    pub cro_creates_customers: bool,
    /// Keeps answers for all gateways, if the operator wants that.
    pub shared: Option<Arc<Shared>>,
    /// Bodies of which upstreams can say whether they still hold.
    pub validated: Validated,
    /// How long answers are kept.
    pub policies: Policies,
    /// The page size for walks of Trans.eu's lists.
    pub trans_eu_page: usize,
    /// Whether Trans.eu wants `POST`, and not `PUT`, for a contract in the place of another.
    pub trans_eu_replaces_by_post: bool,
    /// The names under which Crux's requests are written.
    pub crux_names: super::crux::request::WriteNames,
    /// How long a fetch may take. It belongs to all who wait for it, so the deadline of the caller
    /// that happened to begin it does not end it.
    pub fetch_time: Duration,
    /// Links that join two upstreams, each switched on by the operator.
    pub cross_links: CrossLinks,
}

/// Which links across upstreams are switched on.
#[derive(Debug, Clone, Copy, Default)]
pub struct CrossLinks {
    /// A route's spot names a CRO yard in its `foreign_id`.
    pub route_spot_location: bool,
    /// A trading connection's account number is a customer's reference number.
    pub trading_connection_customer: bool,
}

/// What the edge knows of a request.
pub struct Caller {
    /// The caller's credentials.
    pub credentials: Credentials,
    /// The request's id: the caller's, or one made at the edge.
    pub request_id: Arc<str>,
    /// W3C trace context to pass on.
    pub trace_parent: Option<HeaderValue>,
    /// What tracing systems have noted of it.
    pub trace_state: Option<HeaderValue>,
    /// What the caller's `Cache-Control` wants of the age of answers.
    pub demand: Demand,
    /// When the answer is due.
    pub deadline: std::time::Instant,
    /// The record of the operation.
    pub ledger: Arc<Ledger>,
    /// The files that come with the request, by the numbers that its variables carry.
    pub attachments: Attachments,
}

/// Access to the upstreams in the name of a caller, until a moment: that of a request until its
/// answer is due, or that of a fetch that the request began, which others may wait for longer.
///
/// Every fetch has a session of its own also because it notes what it has read: what is made of
/// several answers is as fresh as the least fresh of them, for everybody who shares it.
pub struct Session {
    request: Arc<Request>,
    due: Instant,
    /// What is fetched, if this is the session of a fetch.
    fetched: Option<Group>,
    readings: Readings,
}

/// What a request's session and the sessions of its fetches share.
pub(super) struct Request {
    upstreams: Arc<Upstreams>,
    caller: Caller,
    loaders: Mutex<HashMap<TypeId, Arc<dyn AnyLoads>>>,
}

trait AnyLoads: Send + Sync {
    fn forget(&self) -> BoxFuture<'_, ()>;
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<R: Resource> AnyLoads for Loads<R> {
    fn forget(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.forget())
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl Request {
    /// How `R` is read through the cache in `scope`.
    pub(super) fn group<R: Resource>(&self, scope: Scope) -> Group {
        let policy = self.upstreams.policies.of(R::KEEP);
        Group::new(R::NAME, scope, policy, self.caller.demand)
    }
}

impl Session {
    /// A session for one request.
    pub fn new(upstreams: Arc<Upstreams>, caller: Caller) -> Arc<Self> {
        let due = Instant::from_std(caller.deadline);
        let request = Request {
            upstreams,
            caller,
            loaders: Mutex::default(),
        };
        Self::until(due, Arc::new(request), None)
    }

    /// A session for a fetch that begins now, of this group.
    pub(super) fn of_fetch(request: Arc<Request>, fetched: Option<Group>) -> Arc<Self> {
        let due = Instant::now() + request.upstreams.fetch_time;
        Self::until(due, request, fetched)
    }

    fn until(due: Instant, request: Arc<Request>, fetched: Option<Group>) -> Arc<Self> {
        Arc::new(Self {
            request,
            due,
            fetched,
            readings: Readings::default(),
        })
    }

    /// What was read so far in this session.
    pub fn readings(&self) -> &Readings {
        &self.readings
    }

    /// The values of `keys`, in their order. Duplicates cost nothing.
    pub async fn load_many<R: Resource>(
        self: &Arc<Self>,
        keys: &[R::Key],
    ) -> Vec<Loaded<R::Value>> {
        self.load_marked::<R>(keys).await.0
    }

    /// The values of `keys`, in their order, and which of them are stale.
    pub async fn load_marked<R: Resource>(self: &Arc<Self>, keys: &[R::Key]) -> Marked<R::Value> {
        if keys.is_empty() {
            return (Vec::new(), Vec::new());
        }
        match self.loads::<R>() {
            Some(loads) => loads.load(self, keys).await,
            None => (Vec::new(), Vec::new()),
        }
    }

    /// The value of one key.
    ///
    /// # Errors
    /// The read failed; an unknown key is `None`.
    pub async fn load<R: Resource>(self: &Arc<Self>, key: R::Key) -> Loaded<R::Value> {
        self.load_many::<R>(&[key]).await.pop().unwrap_or(Ok(None))
    }

    /// What this request or the cache already holds for `key`, without a call. `None` if a call would
    /// be needed.
    pub fn find_kept<R: Resource>(&self, key: &R::Key) -> Option<Option<Arc<R::Value>>> {
        let begun = self.begun::<R>().and_then(|loads| loads.find(key));
        let kept = begun.or_else(|| {
            let group = self.request.group::<R>(self.scope::<R>(key).ok()?);
            self.cache().kept(&group, &key.to_string())
        })?;
        let mut sum = Sum::default();
        sum.add(R::NAME, kept.freshness, Instant::now());
        self.readings.add(sum);
        Some(kept.value.and_then(|value| value.downcast().ok()))
    }

    /// Makes the reads of `R` by key find what a list tells that is about to be read. `key` is any
    /// key of the same scope. `None` if the caller has no credential: then there is no list either.
    pub fn primer<R: Resource>(&self, key: &R::Key) -> Option<Primer<Arc<Error>>> {
        let group = self.request.group::<R>(self.scope::<R>(key).ok()?);
        Some(self.cache().primer(group))
    }

    /// How many pages the list `R` had when it was last read in the scope of `key`.
    pub fn find_size<R: Resource>(&self, key: &R::Key) -> Option<usize> {
        self.request
            .upstreams
            .sizes
            .find(R::NAME, &self.scope::<R>(key).ok()?)
    }

    /// Notes how many pages the list `R` has in the scope of `key`.
    pub fn note_size<R: Resource>(&self, key: &R::Key, pages: usize) {
        if let Ok(scope) = self.scope::<R>(key) {
            self.request.upstreams.sizes.note(R::NAME, scope, pages);
        }
    }

    /// The parts of the list `R` that were read lately in the scope of `key`, the latest first.
    pub fn find_parts<R: Resource>(&self, key: &R::Key) -> Arc<[Part]> {
        let scope = self.scope::<R>(key);
        scope.map_or_else(
            |_| Arc::from([]),
            |scope| self.request.upstreams.sizes.find_parts(R::NAME, &scope),
        )
    }

    /// Notes that a part of the list `R` was read in the scope of `key`.
    pub fn note_part<R: Resource>(&self, key: &R::Key, part: Part) {
        if let Ok(scope) = self.scope::<R>(key) {
            self.request.upstreams.sizes.note_part(R::NAME, scope, part);
        }
    }

    /// Chooses how to read `keys` of what the list `R` holds: by counting calls, where
    /// `unread_pages` is what a walk of the list would still cost, if that is known.
    pub fn plan<R: Resource>(&self, keys: usize, unread_pages: Option<usize>) -> Plan {
        let plan = walk::plan(keys, unread_pages);
        let name = match plan {
            Plan::ById => "BY_ID",
            Plan::Walk => "WALK",
        };
        self.ledger()
            .note_plan(R::NAME, name, keys, || match unread_pages {
                Some(pages) => format!("calls by id: {keys}, unread pages of the list: {pages}"),
                None => format!("calls by id: {keys}, the size of the list is unknown"),
            });
        plan
    }

    /// Sends a call for this caller.
    ///
    /// # Errors
    /// See [`Transport::send`].
    pub async fn send<T: DeserializeOwned>(&self, call: Call) -> Result<Reply<T>, Arc<Error>> {
        match (&self.fetched, &self.request.upstreams.shared) {
            (Some(group), Some(shared)) if group.is_shared() && call.is_get() => {
                shared.send(self, group, call).await
            }
            _ => self.call(call).await?.read(),
        }
    }

    /// Sends a call past all that is kept.
    pub(super) async fn call(&self, call: Call) -> Result<Body, Arc<Error>> {
        if self.request.caller.demand.only_kept && call.is_read() {
            return Err(Error::not_kept(call.endpoint.service));
        }
        self.readings.note_call();
        let upstreams = &self.request.upstreams;
        // In boxes, because the way to an upstream takes much room, and a fetch is moved before it begins.
        match call.is_get() {
            true => Box::pin(upstreams.validated.send(self, call)).await,
            false => Box::pin(upstreams.transport.send(self, call)).await,
        }
    }

    /// Sends a read by id, for which "not found" is an answer and not an error.
    ///
    /// # Errors
    /// See [`Transport::send`].
    pub async fn find<T: DeserializeOwned>(
        &self,
        call: Call,
    ) -> Result<Option<Reply<T>>, Arc<Error>> {
        match self.send(call).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Drops what was read of `R` in `tenant`, for every caller: a mutation has changed it.
    pub fn forget<R: Resource>(&self, tenant: Option<TenantId>) {
        let partition = Partition::new(R::NAME, R::SERVICE, tenant);
        // In this order: nobody may find, in the new epoch, what others have kept of the old one.
        if let Some(shared) = &self.request.upstreams.shared {
            shared.note_write(partition);
        }
        self.cache().begin_epoch(partition);
    }

    /// Tells other gateways what was written.
    pub async fn tell_writes(&self) {
        if let Some(shared) = &self.request.upstreams.shared {
            shared.tell().await;
        }
    }

    /// Drops what this request has read so far; called after every mutation.
    pub async fn forget_loaded(&self) {
        let loaders: Vec<_> = self.lock().values().cloned().collect();
        for loads in loaders {
            loads.forget().await;
        }
    }

    /// The tenant of the caller's header.
    ///
    /// # Errors
    /// The header is missing or malformed.
    pub fn tenant(&self) -> Result<TenantId, Arc<Error>> {
        self.tenant_if_any()?.ok_or_else(|| {
            let header = self.request.caller.credentials.tenant_header();
            Error::missing_header(Service::Cro, crate::identity::MissingHeader(header))
        })
    }

    /// The tenant of the caller's header, if it was sent.
    ///
    /// # Errors
    /// The header is malformed.
    pub fn tenant_if_any(&self) -> Result<Option<TenantId>, Arc<Error>> {
        match self.request.caller.credentials.tenant() {
            None => Ok(None),
            Some(Ok(tenant)) => Ok(Some(*tenant)),
            Some(Err(why)) => {
                let header = self.request.caller.credentials.tenant_header();
                Err(Error::malformed_header(
                    Service::Cro,
                    header,
                    &why.to_string(),
                ))
            }
        }
    }

    /// The scope in which `key` is read.
    ///
    /// # Errors
    /// A credential is missing.
    pub fn scope<R: Resource>(&self, key: &R::Key) -> Result<Scope, Arc<Error>> {
        self.scope_in(R::SERVICE, R::tenant(self, key)?)
    }

    /// The scope of what `service` answers in `tenant`.
    ///
    /// # Errors
    /// A credential is missing.
    pub(super) fn scope_in(
        &self,
        service: Service,
        tenant: Option<TenantId>,
    ) -> Result<Scope, Arc<Error>> {
        let version = self.request.upstreams.transport.api_version(service);
        self.request
            .caller
            .credentials
            .scope(service, tenant, &version)
            .map_err(|header| Error::missing_header(service, header))
    }

    /// The caller's credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.request.caller.credentials
    }

    /// Waits for the file that comes with the request under this number.
    ///
    /// # Errors
    /// It does not come, or cannot be read.
    pub async fn attachment(&self, number: usize) -> Result<Attachment, Unreadable> {
        let opened = self.request.caller.attachments.open(number);
        let opened = timeout_at(self.due, opened).await;
        opened.unwrap_or(Err(Unreadable::Late))
    }

    /// The record of the operation.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.request.caller.ledger
    }

    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.request.caller.request_id
    }

    /// Trace context to pass on.
    pub fn trace_parent(&self) -> Option<&HeaderValue> {
        self.request.caller.trace_parent.as_ref()
    }

    /// Notes of tracing systems to pass on.
    pub fn trace_state(&self) -> Option<&HeaderValue> {
        self.request.caller.trace_state.as_ref()
    }

    /// When all that this session does must have ended.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// The operator's configuration of what is shared.
    pub fn upstreams(&self) -> &Upstreams {
        &self.request.upstreams
    }

    pub(super) fn cache(&self) -> &Arc<Cache<Arc<Error>>> {
        &self.request.upstreams.cache
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TypeId, Arc<dyn AnyLoads>>> {
        let loaders = self.request.loaders.lock();
        loaders.unwrap_or_else(PoisonError::into_inner)
    }

    /// The loader of `R`, if something of it was read.
    fn begun<R: Resource>(&self) -> Option<Arc<Loads<R>>> {
        let loads = self.lock().get(&TypeId::of::<R>()).map(Arc::clone)?;
        loads.as_any().downcast().ok()
    }

    fn loads<R: Resource>(&self) -> Option<Arc<Loads<R>>> {
        let loads = Arc::clone(
            self.lock()
                .entry(TypeId::of::<R>())
                .or_insert_with(|| Arc::new(Loads::<R>::new(Arc::downgrade(&self.request)))),
        );
        // The map is keyed by the type, so this always fits.
        loads.as_any().downcast().ok()
    }
}
