//! What happens around every request, whatever it asks for.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use http::{HeaderMap, StatusCode, header::HeaderName};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    answer,
    negotiation::MediaType,
    refusal::{Code, Refusal},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request in logs, at the upstreams and in the answer.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

impl RequestId {
    const LONGEST: usize = 128;

    /// The caller's own id if it is fit for a log line, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(X_REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        match given {
            Some(id) if Self::is_sane(id) => Self(id.to_owned()),
            _ => Self(Uuid::new_v4().to_string()),
        }
    }

    fn is_sane(id: &str) -> bool {
        (1..=Self::LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

/// Names the request: for its logs, for the layers within, and for the caller.
pub(super) async fn name(mut request: Request, next: Next) -> Response {
    let RequestId(id) = RequestId::of(request.headers());
    let span = tracing::info_span!("request", id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = id.parse() {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// Answers a panic with an error that says nothing but where to look in the log.
pub(super) async fn catch_panic(request: Request, next: Next) -> Response {
    let media = media_type(&request);
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let error_id = Uuid::new_v4().to_string();
            tracing::error!(error_id, panic = describe(&*panic), "a request panicked");
            let refusal = Refusal::http(
                StatusCode::INTERNAL_SERVER_ERROR,
                Code::InternalServerError,
                "Something went wrong in the gateway.",
            );
            answer::refuse(media, &refusal.with("errorId", error_id), 1)
        }
    }
}

/// Gives up a request that takes longer than `limit`, its body and its upstream calls included.
pub(super) async fn time_limit(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let media = media_type(&request);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let refusal = Refusal::http(
                StatusCode::GATEWAY_TIMEOUT,
                Code::UpstreamTimeout,
                "The request took too long and was given up.",
            );
            answer::refuse(media, &refusal.with("retryable", true), 1)
        }
    }
}

fn media_type(request: &Request) -> MediaType {
    MediaType::negotiate(request.headers()).unwrap_or_default()
}

fn describe(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_tokens_are_taken_as_request_ids() {
        for good in ["a", "01HZX-9_:/=+", &"x".repeat(128)] {
            assert!(RequestId::is_sane(good), "{good}");
        }
        for bad in ["", "a b", "a\tb", "a\nb", "ä", &"x".repeat(129)] {
            assert!(!RequestId::is_sane(bad), "{bad}");
        }
    }
}
