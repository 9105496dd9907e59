//! Answers: a GraphQL response or a refusal as an HTTP response.

use std::time::Duration;

use async_graphql::ServerError;
use axum::{
    body::{Body, Bytes},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, Method, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG,
        HeaderValue, IF_NONE_MATCH, RETRY_AFTER, VARY,
    },
};
use serde::Serialize;

use super::{
    Answer,
    compression::Coding,
    entity_tag::EntityTag,
    layers,
    negotiation::MediaType,
    refusal::{Refusal, Refused},
};

/// What becomes of a request: the answer of an execution, or none.
pub(super) type Outcome = Result<Answer, Refusal>;

/// How the answers of an edge are sent.
pub(super) struct Style {
    /// Most errors of a refusal that are listed.
    pub(super) max_errors: usize,
    /// The smallest body that is worth compressing, if any is.
    pub(super) compress_from: Option<usize>,
    vary: HeaderValue,
    /// The headers of nearly every answer, by its media type: a copy costs less than they do one by one.
    heads: [HeaderMap; 2],
}

/// How a client wants its answer.
#[derive(Default)]
pub(super) struct Wishes {
    pub(super) media: MediaType,
    coding: Option<Coding>,
    /// The headers with the representations that the client holds, if it may be told that it does.
    known: Option<HeaderMap>,
}

impl Wishes {
    /// The wishes of a request, whose answer is of this type.
    pub(super) fn of(media: MediaType, method: &Method, headers: &HeaderMap) -> Self {
        let known = (*method == Method::GET).then(|| {
            let tags = headers.get_all(IF_NONE_MATCH).iter();
            tags.map(|tags| (IF_NONE_MATCH, tags.clone())).collect()
        });
        Self {
            media,
            coding: Coding::choose(headers),
            known,
        }
    }
}

impl Style {
    /// Answers depend on these headers of a request, and on those of HTTP itself.
    pub(super) fn new(
        max_errors: usize,
        compress_from: Option<usize>,
        identity: &[HeaderName],
    ) -> Self {
        let coding = compress_from.map(|_| ACCEPT_ENCODING);
        let names: Vec<&str> = [&ACCEPT]
            .into_iter()
            .chain(&coding)
            .chain(identity)
            .map(HeaderName::as_str)
            .collect();
        let vary = HeaderValue::try_from(names.join(", "));
        let vary = vary.expect("names of headers are values, too");
        Self {
            max_errors,
            compress_from,
            heads: [MediaType::Json, MediaType::GraphqlResponse].map(|media| {
                let mut head = head(media);
                head.insert(VARY, vary.clone());
                layers::protect(&mut head);
                // There is a place for each request's own.
                head.insert(layers::X_REQUEST_ID, HeaderValue::from_static(""));
                head
            }),
            vary,
        }
    }

    /// The HTTP response to a request.
    pub(super) async fn answer(&self, wishes: &Wishes, outcome: &Outcome) -> Response {
        match outcome {
            // Also with errors in it: the operation was executed.
            Ok(answer) => self.deliver(wishes, answer).await,
            Err(refusal) => {
                let mut response = refuse(wishes.media, refusal, self.max_errors);
                response.headers_mut().insert(VARY, self.vary.clone());
                response
            }
        }
    }

    async fn deliver(&self, wishes: &Wishes, answer: &Answer) -> Response {
        let is_worth_it = |least| answer.body.len() >= least;
        let coding = wishes
            .coding
            .filter(|_| self.compress_from.is_some_and(is_worth_it));
        let fresh_for = answer.fresh_for.filter(|_| answer.errors == 0);
        let tag = match &wishes.known {
            Some(known) if fresh_for.is_some() => {
                let tag = EntityTag::of(&answer.body, coding);
                if tag.is_known(known) {
                    let mut response = keep(Response::new(Body::empty()), fresh_for, Some(&tag));
                    *response.status_mut() = StatusCode::NOT_MODIFIED;
                    response.headers_mut().insert(VARY, self.vary.clone());
                    return response;
                }
                Some(tag)
            }
            _ => None,
        };
        let body = match coding {
            Some(coding) => coding.compress(answer.body.clone()).await,
            None => answer.body.clone(),
        };
        let mut response = Response::new(Body::from(body));
        *response.headers_mut() = self.heads[wishes.media as usize].clone();
        if let Some(coding) = coding {
            let headers = response.headers_mut();
            headers.insert(CONTENT_ENCODING, coding.header());
        }
        keep(response, fresh_for, tag.as_ref())
    }
}

/// Says how long the client may keep the answer, and by which name it may ask for it again.
fn keep(mut response: Response, fresh_for: Option<Duration>, tag: Option<&EntityTag>) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, cache_control(fresh_for));
    if let Some(tag) = tag {
        headers.insert(ETAG, tag.header());
    }
    response
}

/// An answer belongs to the credentials that it was fetched with, so no cache may share it.
fn cache_control(fresh_for: Option<Duration>) -> HeaderValue {
    match fresh_for.map(|time| time.as_secs()) {
        None => HeaderValue::from_static("no-store"),
        Some(0) => HeaderValue::from_static("private, no-cache"),
        Some(seconds) => HeaderValue::try_from(format!("private, max-age={seconds}"))
            .expect("digits are printable"),
    }
}

/// A refusal as the JSON of a response, with at most so many errors.
pub(super) fn body(refusal: &Refusal, max_errors: usize) -> Bytes {
    // Not a `Response` of async-graphql: that says `"data": null`, which means that execution began.
    #[derive(Serialize)]
    struct Body<'a> {
        errors: &'a [ServerError],
    }

    let listed = refusal.errors.len().min(max_errors.max(1));
    let body = Body {
        errors: &refusal.errors[..listed],
    };
    let body = serde_json::to_vec(&body).expect("errors have string keys");
    body.into()
}

/// A refusal as an HTTP response.
pub(super) fn refuse(media: MediaType, refusal: &Refusal, max_errors: usize) -> Response {
    let status = match (refusal.refused, media) {
        (Refused::Http(status), _) => status,
        (Refused::Graphql, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (Refused::Graphql, MediaType::Json) | (Refused::Hash, _) => StatusCode::OK,
    };
    let mut response = respond(media, status, body(refusal, max_errors));
    if let Some(allow) = &refusal.allow {
        response.headers_mut().insert(ALLOW, allow.clone());
    }
    if refusal.refused == Refused::Hash {
        // What Apollo's own servers say: soon the text may be known.
        const ASK_AGAIN: HeaderValue =
            HeaderValue::from_static("private, no-cache, must-revalidate");
        response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    }
    if let Some(wait) = refusal.retry_after {
        // Whole seconds, and not too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

fn respond(media: MediaType, status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = head(media);
    response
}

/// The headers of an answer that nobody may keep.
fn head(media: MediaType) -> HeaderMap {
    /// For all headers of nearly every answer: a map that grows is a second map.
    const ROOM: usize = 12;
    let mut headers = HeaderMap::with_capacity(ROOM);
    headers.insert(CONTENT_TYPE, media.content_type());
    headers.insert(VARY, HeaderValue::from_static("accept"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers
}
