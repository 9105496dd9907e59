//! The stand-in for CRO Software: customers, yards, haulers and their connections.

mod access;
mod addresses;
mod contacts;
mod customers;
mod enrolment;
mod haulers;
mod jobs;
mod links;
mod model;
mod query;
mod refusal;
mod seed;
mod seed_customers;
mod seed_yards;
mod state;
#[cfg(test)]
mod tests;
mod views;
mod yards;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, get, patch, post};
use http::{HeaderName, HeaderValue};

use super::callers;
use super::control::Control;
use super::prepared::Prepared;
use super::random::stable_uuid;
use super::store::Store;
use super::validators;
use access::{Seat, Version};
use refusal::Refusal;
use state::State as World;
use yards::Thing;

type Pairs = Vec<(String, String)>;

pub(crate) struct Cro {
    store: Store<World>,
    prepared: Prepared,
    /// The version asked for last: what a call without a version gets.
    last_version: AtomicUsize,
    answers: AtomicUsize,
}

pub(crate) fn router(seed: u64, delay: Duration, customers: u32) -> Router {
    let api = Arc::new(Cro {
        store: Store::new(move || seed::state(seed, customers)),
        prepared: Prepared::default(),
        last_version: AtomicUsize::new(Version::FIRST.0),
        answers: AtomicUsize::new(0),
    });
    let for_reset = Arc::clone(&api);
    let control = Control::new(delay, callers::name_of, move || for_reset.reset());
    let decisions = Router::new()
        .route("/__sandbox/connections", post(haulers::decide))
        .with_state(Arc::clone(&api));
    control.around(endpoints(api), decisions)
}

impl Cro {
    fn reset(&self) {
        self.store.reset();
        self.last_version
            .store(Version::FIRST.0, std::sync::atomic::Ordering::Relaxed);
    }
}

fn endpoints(api: Arc<Cro>) -> Router {
    let paths = Paths(Router::new()).at("/tenants", get(yards::tenants));
    haulers_at(yards_at(customers_at(paths)))
        .0
        .fallback(async || Refusal::not_found("path"))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), prepared))
        .layer(middleware::from_fn(validators::tagged))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&api),
            response_headers,
        ))
        .with_state(api)
}

fn customers_at(paths: Paths) -> Paths {
    paths
        .at("/customers", get(customers::list))
        .at(
            "/customers/{customer}",
            get(customers::get).patch(customers::update),
        )
        .at(
            "/customers/{customer}/addresses",
            get(addresses::list).post(addresses::create),
        )
        .at(
            "/customers/{customer}/addresses/{address}",
            get(addresses::get)
                .patch(addresses::update)
                .delete(addresses::deactivate),
        )
        .at(
            "/customers/{customer}/contacts",
            get(contacts::list).post(contacts::create),
        )
        .at(
            "/customers/{customer}/contacts/{contact}",
            get(contacts::get).patch(contacts::update),
        )
        .at("/customers/{customer}/locations", get(links::list))
        .at(
            "/customers/{customer}/locations/{yard}",
            get(links::get)
                .post(links::create)
                .patch(links::update)
                .delete(links::deactivate),
        )
}

fn yards_at(paths: Paths) -> Paths {
    paths
        .at("/locations", get(yards::list))
        .at("/locations/{yard}", get(yards::get))
        .at(
            "/locations/{yard}/customers",
            get(customers::list_at_yard).post(enrolment::create),
        )
        .at(
            "/locations/{yard}/customers/{customer}",
            get(links::get_at_yard),
        )
        .at("/locations/{yard}/users", things(Thing::User))
        .at("/locations/{yard}/users/{id}", thing(Thing::User))
        .at("/locations/{yard}/drivers", things(Thing::Driver))
        .at("/locations/{yard}/drivers/{id}", thing(Thing::Driver))
        .at("/locations/{yard}/trucks", things(Thing::Truck))
        .at(
            "/locations/{yard}/trucks/{id}",
            thing(Thing::Truck).merge(patch(yards::update_truck)),
        )
        .at("/locations/{yard}/assets", things(Thing::Asset))
        .at("/locations/{yard}/jobs", get(jobs::list))
        .at(
            "/locations/{yard}/jobs/{job}",
            get(jobs::get).patch(jobs::update),
        )
}

fn haulers_at(paths: Paths) -> Paths {
    paths
        .at("/haulers", get(haulers::list))
        .at("/haulers/{hauler}", get(haulers::get))
        .at(
            "/haulers/{hauler}/connections",
            get(haulers::connections).post(haulers::connect),
        )
}

/// Collects paths that answer with and without a final slash.
struct Paths(Router<Arc<Cro>>);

impl Paths {
    fn at(self, path: &str, methods: MethodRouter<Arc<Cro>>) -> Self {
        Self(
            self.0
                .route(&format!("{path}/"), methods.clone())
                .route(path, methods),
        )
    }
}

fn things(thing: Thing) -> MethodRouter<Arc<Cro>> {
    get(
        async move |State(api): State<Arc<Cro>>,
                    seat: Seat,
                    Path(yard): Path<String>,
                    Query(pairs): Query<Pairs>| {
            yards::things(api, seat, yard, pairs, thing).await
        },
    )
}

fn thing(thing: Thing) -> MethodRouter<Arc<Cro>> {
    get(
        async move |State(api): State<Arc<Cro>>, seat: Seat, Path(ids): Path<(String, String)>| {
            yards::thing(api, seat, ids, thing).await
        },
    )
}

/// Answers from what was prepared. A call without a version gets the last one's: only the handlers know it.
async fn prepared(State(api): State<Arc<Cro>>, request: Request, next: Next) -> Response {
    use std::sync::atomic::Ordering::Relaxed;

    let asked = request.headers().get("x-api-version");
    let Some(version) = asked
        .and_then(|value| value.to_str().ok())
        .and_then(Version::parse)
    else {
        return next.run(request).await;
    };
    let writes = api.store.writes();
    let response = api.prepared.answer(writes, request, next).await;
    if response.status().is_success() {
        api.last_version.store(version.0, Relaxed);
    }
    response
}

/// `x-request-id` (the caller's, else a new one) and the version that was applied, on every answer.
async fn response_headers(State(api): State<Arc<Cro>>, request: Request, next: Next) -> Response {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    const API_VERSION: HeaderName = HeaderName::from_static("x-api-version");
    use std::sync::atomic::Ordering::Relaxed;

    let id = request.headers().get(REQUEST_ID).cloned().or_else(|| {
        let number = api.answers.fetch_add(1, Relaxed);
        HeaderValue::from_str(&stable_uuid(0, "answer", number).to_string()).ok()
    });
    let asked = request
        .headers()
        .get(API_VERSION)
        .and_then(|value| value.to_str().ok());
    let version = asked
        .and_then(Version::parse)
        .unwrap_or_else(|| Version(api.last_version.load(Relaxed)));
    let mut response = next.run(request).await;
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
        .headers_mut()
        .insert(API_VERSION, HeaderValue::from_static(version.text()));
    response
}
