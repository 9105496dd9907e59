//! How requests are read: in pages, and by id.
//!
//! The list has no filter and gives at most 100 requests at once; a page's rows have the shape of
//! single reads. What several ids cost is therefore counted: one call each, or the list's pages.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_util::future::join_all;
use uuid::Uuid;

use super::ConnectionRequest;
use crate::{
    identity::Service,
    upstream::{
        Endpoint, Error, FetchResult, Fetched, Keep, Resource, Session,
        crux::page,
        walk::{Page, Plan},
    },
};

static LIST_REQUESTS: Endpoint =
    Endpoint::get(Service::Crux, "/organizations/connections/request/");
pub(super) static GET_REQUEST: Endpoint =
    Endpoint::get(Service::Crux, "/organizations/connections/request/{uuid}/");

/// The largest page that the API gives.
const PAGE_LIMIT: usize = 100;

/// Pages of the requests that the caller's account has made.
pub struct RequestPages;

/// Which page of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestPageKey {
    /// The offset of the first request.
    pub start: usize,
    /// How many, at most 100.
    pub limit: usize,
}

impl RequestPageKey {
    /// The page `number`, from 0, of a walk through the whole list.
    pub(super) fn of_walk(number: usize) -> Self {
        Self {
            start: number * PAGE_LIMIT,
            limit: PAGE_LIMIT,
        }
    }
}

impl fmt::Display for RequestPageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Resource for RequestPages {
    type Key = RequestPageKey;
    type Value = Page<ConnectionRequest>;
    const NAME: &'static str = "trading_connection_request_pages";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::TradingConnectionRequests;

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<RequestPageKey>,
    ) -> Vec<FetchResult<Page<ConnectionRequest>>> {
        join_all(keys.iter().map(|key| page(&session, *key))).await
    }
}

async fn page(session: &Session, key: RequestPageKey) -> FetchResult<Page<ConnectionRequest>> {
    let call = LIST_REQUESTS
        .call(&[])
        .query("start", key.start)
        .query("limit", key.limit);
    let primer = session.primer::<RequestRecords>(&Uuid::nil());
    let reply = session.send::<page::Page<ConnectionRequest>>(call).await?;
    let page = reply.value.at(key.start, key.limit)?;
    for request in &page.items {
        if let (Some(primer), Ok(id)) = (&primer, Uuid::try_parse(&request.record_uuid)) {
            // Rows have the shape of single reads.
            primer.keep(&id.to_string(), Arc::clone(request) as _, ROW_BYTES);
        }
    }
    if let Some(total) = page.total {
        session.note_size::<RequestPages>(&key, total.div_ceil(PAGE_LIMIT).max(1));
    }
    Ok(Some(Fetched::new(page, reply.bytes)))
}

/// Requests by id, by whichever way costs fewer calls: one by one, or in pages of the list.
pub struct RequestRecords;

impl Resource for RequestRecords {
    type Key = Uuid;
    type Value = ConnectionRequest;
    const NAME: &'static str = "trading_connection_requests";
    const SERVICE: Service = Service::Crux;
    const KEEP: Keep = Keep::TradingConnectionRequests;

    async fn fetch(session: Arc<Session>, keys: Vec<Uuid>) -> Vec<FetchResult<ConnectionRequest>> {
        let listed = match walk_if_cheaper(&session, keys.len()).await {
            Ok(pages) => by_id(&pages),
            Err(error) => return keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        };
        // A list that moves during the walk can hide a request.
        join_all(keys.iter().map(|key| async {
            match listed.get(key) {
                Some(request) => Ok(Some(Fetched::picked(Arc::clone(request)))),
                None => one(&session, *key).await,
            }
        }))
        .await
    }
}

/// What a request from a page weighs in the cache, roughly.
const ROW_BYTES: usize = 1000;

fn by_id(pages: &[Arc<Page<ConnectionRequest>>]) -> HashMap<Uuid, Arc<ConnectionRequest>> {
    let requests = pages.iter().flat_map(|page| &page.items);
    requests
        .filter_map(|request| {
            let id = Uuid::try_parse(&request.record_uuid).ok()?;
            Some((id, Arc::clone(request)))
        })
        .collect()
}

/// An unknown request is a 404 or a 422: the documentation gives both the meaning.
async fn one(session: &Session, key: Uuid) -> FetchResult<ConnectionRequest> {
    let call = GET_REQUEST.call(&[&key]);
    match session.find(call).await {
        Ok(reply) => Ok(reply.map(|reply| Fetched::new(reply.value, reply.bytes))),
        Err(error) if error.status == Some(422) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The pages of the list, if reading them costs fewer calls than reading `wanted` requests by id.
async fn walk_if_cheaper(
    session: &Arc<Session>,
    wanted: usize,
) -> Result<Vec<Arc<Page<ConnectionRequest>>>, Arc<Error>> {
    let unread = |pages: usize| {
        let kept = |number| {
            session
                .find_kept::<RequestPages>(&RequestPageKey::of_walk(number))
                .is_some()
        };
        (0..pages).filter(|number| !kept(*number)).count()
    };
    let first = RequestPageKey::of_walk(0);
    let mut pages = session.find_size::<RequestPages>(&first);
    if session.plan::<RequestPages>(wanted, pages.map(unread)) == Plan::ById {
        return Ok(Vec::new());
    }
    if pages.is_none() {
        let page = session.load::<RequestPages>(first).await?;
        let read = page.into_iter().collect();
        pages = session.find_size::<RequestPages>(&first);
        match pages {
            Some(pages)
                if session.plan::<RequestPages>(wanted, Some(unread(pages).min(pages - 1)))
                    == Plan::Walk => {}
            // The others are dearer, or nobody knows how many there are.
            _ => return Ok(read),
        }
    }
    let keys: Vec<_> = (0..pages.unwrap_or_default())
        .map(RequestPageKey::of_walk)
        .collect();
    let loaded = session.load_many::<RequestPages>(&keys).await;
    loaded.into_iter().filter_map(Result::transpose).collect()
}
