//! What surrounds every stand-in: the call log, the faults, the artificial delay, and the
//! `/__sandbox` endpoints that steer them. Control calls themselves are not logged.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::answer;
use super::calls::{Calls, shown_headers};
use super::faults::{Fault, Faults};

/// More than any documented request needs.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

pub(crate) struct Control {
    calls: Calls,
    faults: Faults,
    delay: Duration,
    name_of: fn(header: &str, value: &str) -> &'static str,
    reset: Box<dyn Fn() + Send + Sync>,
}

impl Control {
    pub(crate) fn new(
        delay: Duration,
        name_of: fn(&str, &str) -> &'static str,
        reset: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            calls: Calls::default(),
            faults: Faults::default(),
            delay,
            name_of,
            reset: Box::new(reset),
        }
    }

    /// Puts the log and the faults around an API, and beside it the control endpoints: the
    /// general ones and those that only this API has.
    pub(crate) fn around(self, api: Router, own_endpoints: Router) -> Router {
        let control = Arc::new(self);
        let endpoints = Router::new()
            .route("/__sandbox/faults", post(add_fault).delete(clear_faults))
            .route("/__sandbox/calls", get(list_calls).delete(clear_calls))
            .route("/__sandbox/calls/count", get(count_calls))
            .route("/__sandbox/reset", post(reset))
            .with_state(Arc::clone(&control));
        api.layer(middleware::from_fn_with_state(control, observe))
            .merge(endpoints)
            .merge(own_endpoints)
    }
}

async fn add_fault(State(control): State<Arc<Control>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Fault>(&body) {
        Ok(fault) => {
            control.faults.add(fault);
            answer::empty(StatusCode::NO_CONTENT)
        }
        Err(error) => answer::json(
            StatusCode::BAD_REQUEST,
            &json!({ "error": error.to_string() }),
        ),
    }
}

async fn clear_faults(State(control): State<Arc<Control>>) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

async fn list_calls(State(control): State<Arc<Control>>) -> Response {
    answer::typed(
        StatusCode::OK,
        "application/json",
        Body::from(control.calls.to_json()),
    )
}

async fn count_calls(State(control): State<Arc<Control>>) -> Json<Value> {
    Json(json!({ "count": control.calls.count() }))
}

async fn clear_calls(State(control): State<Arc<Control>>) -> StatusCode {
    control.calls.clear();
    StatusCode::NO_CONTENT
}

async fn reset(State(control): State<Arc<Control>>) -> Json<Value> {
    (control.reset)();
    Json(json!({ "reset": true }))
}

async fn observe(State(control): State<Arc<Control>>, request: Request, next: Next) -> Response {
    let (request, body) = match with_noted_body(request).await {
        Ok(pair) => pair,
        Err(response) => return response,
    };
    let headers = shown_headers(request.headers(), control.name_of);
    let n = control
        .calls
        .begin(request.method(), request.uri(), headers, body);
    if !control.delay.is_zero() {
        pause(control.delay).await;
    }
    let fault = control
        .faults
        .take(request.method().as_str(), request.uri());
    let response = match &fault {
        None => next.run(request).await,
        Some(fault) => {
            if !fault.delay().is_zero() {
                pause(fault.delay()).await;
            }
            let response = match fault.instead() {
                Some(response) => {
                    if fault.is_handled() {
                        drop(next.run(request).await);
                    }
                    response
                }
                None => next.run(request).await,
            };
            fault.spoil(response).await
        }
    };
    if !fault.is_some_and(|fault| fault.drops()) {
        control.calls.end(n, response.status());
    }
    response
}

/// Reads the JSON body of a write for the log and hands the request on with the same bytes.
async fn with_noted_body(request: Request) -> Result<(Request, Option<Value>), Response> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    // A login's body is a password: the log must not have it.
    let is_secret = request.uri().path().ends_with("/user-login/");
    if request.method() == Method::GET || !is_json || is_secret {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    match axum::body::to_bytes(body, LARGEST_BODY).await {
        Ok(bytes) => {
            let noted = serde_json::from_slice(&bytes).ok();
            Ok((Request::from_parts(parts, Body::from(bytes)), noted))
        }
        Err(_) => Err(answer::empty(StatusCode::PAYLOAD_TOO_LARGE)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a stand-in may be told to be slow"
)]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
