use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::{Router, extract::RawQuery, http::Uri, response::IntoResponse, routing::get};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::{
    attachments::Attachments,
    cache::{Cache, Demand, Failures, Policy},
    identity::{Credentials, HeaderMapping},
    upstream::{
        Class, Policies, Transport, Upstreams, Validated,
        cro::page::PageLimit,
        crux::request::WriteNames,
        session::{Caller, CrossLinks},
        transport::Reach,
        walk::ListSizes,
    },
};

static LIST_ROWS: Endpoint = Endpoint::get(Service::TransEu, "/rows");
static GET_ROW: Endpoint = Endpoint::get(Service::TransEu, "/rows/{id}");

#[derive(Debug, PartialEq, Deserialize)]
struct Row {
    id: usize,
}

impl Listed for Row {
    type Id = usize;
    type Filter = usize;
    const LIST: &'static Endpoint = &LIST_ROWS;
    const RECORD: &'static Endpoint = &GET_ROW;
    const NAMES: Names = Names {
        slices: "row_slices",
        lists: "row_lists",
        pages: "row_pages",
        records: "row_records",
        by_id: "rows",
    };
    const KEEP: Keep = Keep::Routes;

    fn id(&self) -> usize {
        self.id
    }

    /// Only multiples.
    fn passes(&self, filter: &usize) -> bool {
        self.id.is_multiple_of(*filter)
    }
}

/// An API with rows from 0 to `rows`, which gives at most `largest` of them at once.
struct Api {
    rows: usize,
    largest: usize,
    /// Whether it gives the same rows whatever the offset, and says that there are more.
    is_stuck: bool,
    calls: Mutex<Vec<String>>,
}

impl Api {
    fn new(rows: usize, largest: usize) -> Arc<Self> {
        Arc::new(Self {
            rows,
            largest,
            is_stuck: false,
            calls: Mutex::default(),
        })
    }

    fn list(&self, query: Option<String>) -> axum::Json<Value> {
        let query = query.unwrap_or_default();
        let number = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.into_iter().find(|(key, _)| *key == name);
            found.and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let limit = number("limit").unwrap_or(10).min(self.largest);
        let offset = number("offset").filter(|_| !self.is_stuck).unwrap_or(0);
        let end = (offset + limit).min(self.rows);
        let rows: Vec<Value> = (offset..end).map(|id| json!({ "id": id })).collect();
        let has_more = self.is_stuck || end < self.rows;
        axum::Json(json!({ "_embedded": { "routes": rows }, "has_more": has_more }))
    }

    fn note(&self, uri: &Uri) {
        self.calls.lock().unwrap().push(uri.to_string());
    }

    /// The calls since the last time, in any order.
    fn calls(&self) -> Vec<String> {
        let mut calls = std::mem::take(&mut *self.calls.lock().unwrap());
        calls.sort();
        calls
    }
}

/// Serves the API, and makes sessions of one caller.
async fn serve(api: &Arc<Api>) -> impl Fn() -> Arc<Session> {
    let (lists, records) = (Arc::clone(api), Arc::clone(api));
    let router = Router::new()
        .route(
            "/rows",
            get(async move |uri: Uri, RawQuery(query): RawQuery| {
                lists.note(&uri);
                lists.list(query)
            }),
        )
        .route(
            "/rows/{id}",
            get(async move |uri: Uri, path: axum::extract::Path<usize>| {
                records.note(&uri);
                match path.0 < records.rows {
                    true => axum::Json(json!({ "id": path.0 })).into_response(),
                    false => StatusCode::NOT_FOUND.into_response(),
                }
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let upstreams = Arc::new(upstreams(&base));
    move || Session::new(Arc::clone(&upstreams), caller())
}

fn upstreams(base: &str) -> Upstreams {
    let reach = |_| Reach {
        base_url: base.parse().ok(),
        concurrency: 4,
        ..Reach::for_tests()
    };
    let failures = Failures {
        abandoned: || Error::new(Service::TransEu, Class::Internal, "abandoned"),
        is_excused: |_| false,
    };
    let minute = Policy {
        ttl: Duration::from_secs(60),
        negative_ttl: Duration::from_secs(60),
        composed: false,
        ..Policy::COMPOSED
    };
    Upstreams {
        transport: Transport::new(reach, Arc::from("")).unwrap(),
        cache: Arc::new(Cache::new(1 << 20, failures)),
        meters: Arc::default(),
        drift: crate::upstream::drift::Watch::new(0),
        sizes: ListSizes::default(),
        cro_page_limit: PageLimit::default(),
        cro_creates_customers: true,
        shared: None,
        validated: Validated::new(1 << 20),
        policies: Policies::new(|_| minute),
        trans_eu_page: 3,
        trans_eu_replaces_by_post: false,
        crux_names: WriteNames::default(),
        fetch_time: Duration::from_secs(60),
        cross_links: CrossLinks::default(),
    }
}

fn caller() -> Caller {
    let name = HeaderName::from_static;
    let mapping = HeaderMapping {
        cro_authorization: name("authorization"),
        cro_tenant: name("x-tenant-id"),
        trans_eu_authorization: name("x-trans-eu-authorization"),
        trans_eu_api_key: name("api-key"),
        crux_authorization: name("x-crux-authorization"),
    };
    let mut headers = HeaderMap::new();
    for header in ["x-trans-eu-authorization", "api-key"] {
        headers.insert(header, HeaderValue::from_static("Bearer test"));
    }
    Caller {
        credentials: Credentials::read(&Arc::new(mapping), &headers, None),
        request_id: "test".into(),
        trace_parent: None,
        trace_state: None,
        demand: Demand::default(),
        deadline: Instant::now() + Duration::from_secs(10),
        ledger: crate::ledger::Ledger::open(false, None),
        attachments: Attachments::default(),
    }
}

async fn all(session: &Arc<Session>) -> Vec<usize> {
    let all = session.load::<Lists<Row>>(Whole).await.unwrap().unwrap();
    all.iter().map(|row| row.id).collect()
}

async fn found(session: &Arc<Session>, ids: &[usize]) -> Vec<Option<usize>> {
    let rows = session.load_many::<ById<Row>>(ids).await;
    rows.into_iter()
        .map(|row| row.unwrap().map(|row| row.id))
        .collect()
}

#[tokio::test]
async fn a_walk_reads_every_row_once_and_is_kept() {
    let api = Api::new(7, 100);
    let session = serve(&api).await;
    assert_eq!(all(&session()).await, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(
        api.calls(),
        [
            "/rows?limit=3&offset=0",
            "/rows?limit=3&offset=3",
            "/rows?limit=3&offset=6"
        ]
    );
    assert_eq!(all(&session()).await.len(), 7);
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn a_walk_leaves_no_gaps_where_the_api_gives_less_than_asked() {
    let api = Api::new(7, 2);
    let session = serve(&api).await;
    assert_eq!(all(&session()).await, [0, 1, 2, 3, 4, 5, 6]);
    // Now the length is known, and the walk reads ahead.
    let session = session();
    forget::<Row>(&session);
    assert_eq!(all(&session).await, [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_walk_ends_where_nothing_new_comes() {
    let api = Arc::new(Api {
        rows: 3,
        largest: 100,
        is_stuck: true,
        calls: Mutex::default(),
    });
    let session = serve(&api).await;
    assert_eq!(all(&session()).await, [0, 1, 2]);
    assert_eq!(api.calls().len(), 2);
}

#[tokio::test]
async fn few_items_are_read_one_by_one_and_many_from_the_list() {
    let api = Api::new(30, 100);
    let session = serve(&api).await;
    assert_eq!(found(&session(), &[4, 99]).await, [Some(4), None]);
    assert_eq!(api.calls(), ["/rows/4", "/rows/99"]);
    // Rows near the beginning: the search stops when it has them.
    assert_eq!(
        found(&session(), &[1, 2, 5]).await,
        [Some(1), Some(2), Some(5)]
    );
    assert_eq!(api.calls(), ["/rows/5", "/rows?limit=3&offset=0"]);
}

#[tokio::test]
async fn a_list_that_was_read_gives_its_items_without_a_call() {
    let api = Api::new(7, 100);
    let session = serve(&api).await;
    all(&session()).await;
    api.calls();
    assert_eq!(found(&session(), &[6, 0]).await, [Some(6), Some(0)]);
    assert!(api.calls().is_empty());
    // What is not in it may be new.
    assert_eq!(found(&session(), &[8]).await, [None]);
    assert_eq!(api.calls(), ["/rows/8"]);
}

#[tokio::test]
async fn a_page_that_was_read_gives_its_items_without_a_call_until_a_write() {
    let api = Api::new(30, 100);
    let session = serve(&api).await;
    let page = PageKey {
        filter: None,
        offset: 5,
        first: 2,
    };
    session().load::<Pages<Row>>(page).await.unwrap();
    assert_eq!(api.calls(), ["/rows?limit=2&offset=5"]);
    assert_eq!(
        found(&session(), &[6, 9, 5]).await,
        [Some(6), Some(9), Some(5)]
    );
    assert_eq!(api.calls(), ["/rows/9"]);
    forget::<Row>(&session());
    assert_eq!(found(&session(), &[6]).await, [Some(6)]);
    assert_eq!(api.calls(), ["/rows/6"]);
}

#[tokio::test]
async fn a_page_is_one_call_and_a_filtered_page_is_cut_from_the_list() {
    let api = Api::new(7, 100);
    let session = serve(&api).await;
    let page = |filter, offset| PageKey {
        filter,
        offset,
        first: 2,
    };
    let plain = session().load::<Pages<Row>>(page(None, 4)).await;
    let plain = plain.unwrap().unwrap();
    assert_eq!((plain.has_next, plain.total), (true, None));
    assert_eq!(plain.cursors().collect::<Vec<_>>(), ["4", "5"]);
    assert_eq!(api.calls(), ["/rows?limit=2&offset=4"]);
    let filtered = session().load::<Pages<Row>>(page(Some(2), 2)).await;
    let filtered = filtered.unwrap().unwrap();
    let ids: Vec<usize> = filtered.items.iter().map(|row| row.id).collect();
    assert_eq!((ids, filtered.total), (vec![4, 6], Some(4)));
    assert!(!filtered.has_next);
}

#[test]
fn the_length_of_a_list_is_known_on_its_last_page_only() {
    let slice = |items: Vec<i64>, has_more: bool| -> OffsetPage<Arc<i64>> {
        let page = json!({ "_embedded": { "routes": items }, "has_more": has_more });
        serde_json::from_value(page).unwrap()
    };
    let first = of_slice(&slice(vec![1, 2], true), 0);
    assert_eq!((first.has_next, first.total), (true, None));
    let last = of_slice(&slice(vec![3], false), 2);
    assert_eq!(
        (last.has_next, last.has_previous, last.total),
        (false, true, Some(3))
    );
    let behind = of_slice(&slice(Vec::new(), false), 9);
    assert_eq!((behind.has_next, behind.total), (false, None));
    assert_eq!(of_slice(&slice(Vec::new(), false), 0).total, Some(0));
}
