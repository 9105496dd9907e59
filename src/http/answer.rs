//! Answers: a GraphQL response or a refusal as an HTTP response.

use async_graphql::ServerError;
use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{
    StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, VARY},
};
use serde::Serialize;

use super::{
    Answer,
    negotiation::MediaType,
    refusal::{Refusal, Refused},
};

/// What becomes of a request: the answer of an execution, or none.
pub(super) type Outcome = Result<Answer, Refusal>;

/// The HTTP response to a request. At most `max_errors` errors of a refusal are listed.
pub(super) fn answer(media: MediaType, outcome: &Outcome, max_errors: usize) -> Response {
    match outcome {
        // Also with errors in it: the operation was executed.
        Ok(answer) => respond(media, StatusCode::OK, answer.body.clone()),
        Err(refusal) => refuse(media, refusal, max_errors),
    }
}

/// A refusal as an HTTP response.
pub(super) fn refuse(media: MediaType, refusal: &Refusal, max_errors: usize) -> Response {
    // Not a `Response` of async-graphql: that says `"data": null`, which means that execution began.
    #[derive(Serialize)]
    struct Body<'a> {
        errors: &'a [ServerError],
    }

    let status = match (refusal.refused, media) {
        (Refused::Http(status), _) => status,
        (Refused::Graphql, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (Refused::Graphql, MediaType::Json) => StatusCode::OK,
    };
    let listed = refusal.errors.len().min(max_errors.max(1));
    let body = Body {
        errors: &refusal.errors[..listed],
    };
    let body = serde_json::to_vec(&body).expect("errors have string keys");
    let mut response = respond(media, status, body.into());
    if let Some(allow) = &refusal.allow {
        response.headers_mut().insert(ALLOW, allow.clone());
    }
    response
}

fn respond(media: MediaType, status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media.content_type());
    headers.insert(VARY, HeaderValue::from_static("accept"));
    // An answer belongs to the credentials that it was fetched with.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
