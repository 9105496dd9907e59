//! The stand-in for Crux Connect: connections between retailers and suppliers, and the requests
//! for them. Both releases are served: the first without a prefix, the second under `/timp`.

mod access;
mod files;
mod notifications;
mod organizations;
mod refusal;
mod requests;
mod seed;
mod state;
#[cfg(test)]
mod tests;
mod views;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderValue, Method, StatusCode, header};

use super::answer;
use super::callers;
use super::control::Control;
use super::prepared::Prepared;
use super::store::Store;
use refusal::Refusal;
use state::State as World;
use views::Release;

type Pairs = Vec<(String, String)>;

pub(crate) struct Crux {
    store: Store<World>,
    prepared: Prepared,
}

pub(crate) fn router(seed: u64, delay: Duration) -> Router {
    let api = Arc::new(Crux {
        store: Store::new(move || seed::state(seed)),
        prepared: Prepared::default(),
    });
    let for_reset = Arc::clone(&api);
    let control = Control::new(delay, callers::name_of, move || for_reset.store.reset());
    let decisions = Router::new()
        .route("/__sandbox/requests/{id}/approve", post(requests::approve))
        .with_state(Arc::clone(&api));
    control.around(endpoints(api), decisions)
}

fn endpoints(api: Arc<Crux>) -> Router {
    let mut router = Router::new();
    for release in [Release::First, Release::Timpanogos] {
        let prefix = release.prefix();
        let at = |path: &str| format!("{prefix}{path}");
        router = router
            .route(
                &at("/organizations/connections/request/"),
                get(requests::list).post(requests::create),
            )
            .route(
                &at("/organizations/connections/request/{id}/"),
                get(requests::get).patch(requests::update),
            )
            .route(
                &at("/organizations/connections/"),
                get(async move |api, account| {
                    organizations::connections(api, account, release).await
                }),
            )
            .route(
                &at("/organizations/"),
                get(async move |api, account| organizations::own(api, account, release).await),
            )
            .route(
                &at("/organizations/files/upload/"),
                post(files::upload).layer(DefaultBodyLimit::max(files::LARGEST)),
            )
            .route(&at("/organizations/user-login/"), post(access::login))
            .route(&at("/discovery/suppliers/"), post(organizations::discover))
            .route(&at("/notifications/"), get(notifications::list))
            .route(
                &at("/notifications/notification-settings/"),
                get(async move |api, account| notifications::settings(api, account, release).await)
                    .put(notifications::change),
            );
    }
    router
        .fallback(async || Refusal::not_found())
        .layer(middleware::from_fn_with_state(Arc::clone(&api), prepared))
        .layer(middleware::from_fn(final_slash))
        .with_state(api)
}

async fn prepared(State(api): State<Arc<Crux>>, request: Request, next: Next) -> Response {
    let writes = api.store.writes();
    api.prepared.answer(writes, request, next).await
}

/// Every path ends in a slash. Without it a read is redirected and a write breaks, as a
/// Django application does.
async fn final_slash(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.ends_with('/') {
        return next.run(request).await;
    }
    if request.method() != Method::GET {
        let page = "<!DOCTYPE html><html><body><h1>Server Error (500)</h1></body></html>";
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        return answer::typed(status, "text/html", Body::from(page));
    }
    let target = match request.uri().query() {
        Some(query) => format!("{path}/?{query}"),
        None => format!("{path}/"),
    };
    let mut response = answer::empty(StatusCode::MOVED_PERMANENTLY);
    if let Ok(target) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}
