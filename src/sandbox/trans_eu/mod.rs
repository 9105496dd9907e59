//! The stand-in for Trans.eu: routes, contracts, partners.

mod access;
mod balance;
mod check;
mod contracts;
mod fixed;
mod flexible;
mod paging;
mod partners;
mod refusal;
mod routes;
mod seed;
mod seed_contracts;
mod seed_routes;
mod state;
#[cfg(test)]
mod tests;
mod views;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post, put};
use serde::Serialize;

use super::callers;
use super::control::Control;
use super::prepared::Prepared;
use super::store::Store;
use access::Quota;
use refusal::Refusal;
use state::State as World;

type Pairs = Vec<(String, String)>;

pub(crate) struct TransEu {
    store: Store<World>,
    prepared: Prepared,
    quota: Option<Quota>,
}

pub(crate) fn router(seed: u64, delay: Duration, quota: Option<u32>) -> Router {
    let api = Arc::new(TransEu {
        store: Store::new(move || seed::state(seed)),
        prepared: Prepared::default(),
        quota: quota.map(Quota::new),
    });
    let for_reset = Arc::clone(&api);
    let control = Control::new(delay, callers::name_of, move || for_reset.store.reset());
    let decisions = Router::new()
        .route("/__sandbox/contracts/{id}", post(contracts::decide))
        .with_state(Arc::clone(&api));
    control.around(endpoints(api), decisions)
}

fn endpoints(api: Arc<TransEu>) -> Router {
    const V1: &str = "/ext/contracts-api/v1";
    const V2: &str = "/ext/contracts-api/v2";
    const PARTNERS: &str = "/ext/partners-api/v1/partners";
    Router::new()
        .route(&format!("{V2}/contracts"), get(contracts::list))
        .route(&format!("{V2}/contracts/{{id}}"), get(contracts::get))
        .route(&format!("{V2}/contracts/flexible"), post(flexible::create))
        .route(&format!("{V2}/contracts/fixed"), post(fixed::create))
        .route(&format!("{V2}/contracts/fixed/{{id}}"), put(fixed::replace))
        .route(
            &format!("{V1}/routes/{{id}}/contracts"),
            get(contracts::of_route),
        )
        .route(
            &format!("{V2}/routes"),
            get(routes::list).post(routes::create),
        )
        .route(&format!("{V2}/routes/{{id}}"), get(routes::get))
        .route(&format!("{V1}/routes/{{id}}"), post(routes::replace))
        .route(
            &format!("{V2}/routes/{{id}}/publication-scenario"),
            post(routes::publish),
        )
        .route(
            &format!("{V2}/routes/{{id}}/balance"),
            post(balance::balance),
        )
        .route(PARTNERS, get(partners::list).post(partners::add))
        .route(&format!("{PARTNERS}/{{id}}"), get(partners::get))
        .route(
            &format!("{PARTNERS}/{{id}}/employees"),
            get(partners::employees),
        )
        .route(&format!("{PARTNERS}/{{id}}/fleet"), get(partners::fleet))
        .route(&format!("{PARTNERS}/{{id}}/block"), post(partners::block))
        .route(
            &format!("{PARTNERS}/{{id}}/active"),
            post(partners::activate),
        )
        .route(
            "/ext/companies-api/v1/companies/employees",
            get(partners::own_employees),
        )
        .fallback(async || Refusal::problem(404, "Not Found", "Page not found."))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), prepared))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&api),
            access::limit,
        ))
        .with_state(api)
}

async fn prepared(State(api): State<Arc<TransEu>>, request: Request, next: Next) -> Response {
    let writes = api.store.writes();
    api.prepared.answer(writes, request, next).await
}

/// The envelope of the second version's lists.
#[derive(Serialize)]
struct Embedded<'a, T> {
    _embedded: std::collections::BTreeMap<&'static str, &'a [T]>,
    has_more: bool,
}

fn embedded<'a, T>(name: &'static str, rows: &'a [T], has_more: bool) -> Embedded<'a, T> {
    Embedded {
        _embedded: [(name, rows)].into(),
        has_more,
    }
}
