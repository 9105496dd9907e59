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
        Class, Endpoint, Error, FetchResult, Fetched, Keep, Resource, Session,
        crux::page,
        walk::{self, Page, Plan},
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
    fn of_walk(number: usize) -> Self {
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
    let reply = session.send::<page::Page<ConnectionRequest>>(call).await?;
    let page = placed(reply.value, key).ok_or_else(|| {
        // Going on would show the same requests again and again.
        let reason = "crux answered with another page than the one asked for.";
        Error::new(Service::Crux, Class::InvalidResponse, reason)
    })?;
    if let Some(total) = page.total {
        session.note_size::<RequestPages>(&key, total.div_ceil(PAGE_LIMIT).max(1));
    }
    Ok(Some(Fetched::new(page, reply.bytes)))
}

/// The answer as the page `key` of its list; `None` if it says to be another.
///
/// Where a GET takes its offset is not documented beyond a sample, so the echo is compared.
fn placed(
    answer: page::Page<ConnectionRequest>,
    key: RequestPageKey,
) -> Option<Page<ConnectionRequest>> {
    let pagination = answer.pagination.clone().unwrap_or_default();
    let whole = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    let elsewhere = whole(pagination.start).is_some_and(|start| start != key.start);
    if elsewhere && !answer.items.is_empty() {
        return None;
    }
    let start = u64::try_from(key.start).ok()?;
    let has_next = answer.items.len() > key.limit || answer.next_start(start).is_some();
    let items: Vec<_> = answer
        .items
        .into_iter()
        .take(key.limit)
        .map(Arc::new)
        .collect();
    Some(Page {
        cursors: (key.start..)
            .take(items.len())
            .map(|offset| offset.to_string())
            .collect(),
        has_next,
        has_previous: key.start > 0,
        total: whole(pagination.total_count),
        items,
    })
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
                Some(request) => Ok(Some(Fetched::shared(Arc::clone(request), ROW_BYTES))),
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
    if walk::plan(wanted, pages.map(unread)) == Plan::ById {
        return Ok(Vec::new());
    }
    if pages.is_none() {
        let page = session.load::<RequestPages>(first).await?;
        let read = page.into_iter().collect();
        pages = session.find_size::<RequestPages>(&first);
        match pages {
            Some(pages) if walk::plan(wanted, Some(unread(pages).min(pages - 1))) == Plan::Walk => {
            }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(count: usize, pagination: &Value) -> page::Page<ConnectionRequest> {
        let requests: Vec<_> = (0..count)
            .map(|number| json!({ "record_uuid": number.to_string() }))
            .collect();
        serde_json::from_value(json!({ "requests": requests, "pagination": pagination })).unwrap()
    }

    const KEY: RequestPageKey = RequestPageKey { start: 4, limit: 2 };

    #[test]
    fn a_page_lies_where_it_was_asked_for() {
        let pagination = json!({ "total_count": 7, "start": 4, "limit": 2 });
        let page = placed(answer(2, &pagination), KEY).unwrap();
        assert_eq!(page.cursors, ["4", "5"]);
        assert_eq!((page.has_next, page.has_previous), (true, true));
        assert_eq!(page.total, Some(7));
        let last = RequestPageKey { start: 6, ..KEY };
        let pagination = json!({ "total_count": 7, "start": 6, "limit": 2 });
        assert!(!placed(answer(1, &pagination), last).unwrap().has_next);
    }

    #[test]
    fn another_page_than_the_one_asked_for_is_refused() {
        let pagination = json!({ "total_count": 7, "start": 0, "limit": 2 });
        assert!(placed(answer(2, &pagination), KEY).is_none());
        let beyond = json!({ "total_count": 3, "start": 3, "limit": 2 });
        assert!(placed(answer(0, &beyond), KEY).is_some_and(|page| !page.has_next));
    }

    #[test]
    fn more_than_was_asked_for_is_left_for_the_next_page() {
        let page = placed(answer(3, &json!({ "total_count": 7 })), KEY).unwrap();
        assert_eq!((page.items.len(), page.has_next), (2, true));
    }

    #[test]
    fn a_page_without_numbers_has_no_total() {
        let page = placed(answer(1, &Value::Null), KEY).unwrap();
        assert_eq!((page.total, page.has_next), (None, true));
    }
}
