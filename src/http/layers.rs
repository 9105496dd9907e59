//! What happens around every request, whatever it asks for.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::{FutureExt, poll};
use http::{
    HeaderMap, StatusCode,
    header::{
        CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    },
};
use tokio::time::timeout;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    answer,
    negotiation::MediaType,
    refusal::{Code, Refusal},
};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The header of a request's name.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of every request.
pub(super) struct Known {
    pub(super) id: RequestId,
    /// The type of its answer, if there is one that the caller accepts.
    pub(super) media: Result<MediaType, Refusal>,
}

/// The name of a request in logs, at the upstreams and in the answer.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) Arc<str>);

impl RequestId {
    const LONGEST: usize = 128;

    /// The caller's own id if it is fit for a log line, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(X_REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        match given {
            Some(id) if Self::is_sane(id) => Self(id.into()),
            _ => {
                let mut text = Uuid::encode_buffer();
                let id = Uuid::new_v4().hyphenated().encode_lower(&mut text);
                Self((&*id).into())
            }
        }
    }

    fn is_sane(id: &str) -> bool {
        (1..=Self::LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

/// [`surround`] as a layer of routes.
pub(super) async fn surround_route(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    surround(limit, request, |request, _| next.run(request)).await
}

/// Names the request, for its logs, for the work within, and for the caller; ends it when it takes
/// longer than `limit`, its body and its upstream calls included; and answers a panic with an error
/// that says nothing but where to look in the log.
pub(super) async fn surround<F: Future<Output = Response>>(
    limit: Duration,
    mut request: Request,
    work: impl FnOnce(Request, Known) -> F,
) -> Response {
    let id = RequestId::of(request.headers());
    let media = MediaType::negotiate(request.headers());
    // The request is gone when a refusal has to be told.
    let of_refusals = *media.as_ref().unwrap_or(&MediaType::default());
    drop_odd_trace(request.headers_mut());
    let span = tracing::info_span!("request", id = &*id.0);
    let known = Known {
        id: id.clone(),
        media,
    };
    let answer = async {
        let work = pin!(AssertUnwindSafe(work(request, known)).catch_unwind());
        match within(limit, work).await {
            Some(Ok(response)) => response,
            Some(Err(panic)) => answer::refuse(of_refusals, &panicked(&*panic), 1),
            // A request that nobody waits for must not hold on to upstreams and memory.
            None => answer::refuse(of_refusals, &too_slow(), 1),
        }
    };
    let mut response = answer.instrument(span).await;
    let headers = response.headers_mut();
    protect(headers);
    if let Ok(value) = id.0.parse() {
        headers.insert(X_REQUEST_ID, value);
    }
    response
}

/// Adds what keeps browsers from misunderstanding an answer, if it is not there.
pub(super) fn protect(headers: &mut HeaderMap) {
    let [(first, _), ..] = &PROTECTION;
    if !headers.contains_key(first) {
        headers.extend(PROTECTION);
    }
}

/// What comes of `work`, if that is within a time. What is ready at once needs no timer.
pub(super) async fn within<T>(
    limit: Duration,
    mut work: Pin<&mut impl Future<Output = T>>,
) -> Option<T> {
    if let Poll::Ready(done) = poll!(work.as_mut()) {
        return Some(done);
    }
    timeout(limit, work).await.ok()
}

/// What keeps a browser from taking an answer for a page, or from showing it to another site's page.
const PROTECTION: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

fn panicked(panic: &(dyn Any + Send)) -> Refusal {
    let error_id = Uuid::new_v4().to_string();
    tracing::error!(error_id, panic = describe(panic), "a request panicked");
    let refusal = Refusal::http(
        StatusCode::INTERNAL_SERVER_ERROR,
        Code::InternalServerError,
        "Something went wrong in the gateway.",
    );
    refusal.with("errorId", error_id)
}

fn too_slow() -> Refusal {
    let refusal = Refusal::http(
        StatusCode::GATEWAY_TIMEOUT,
        Code::UpstreamTimeout,
        "The request took too long and was given up.",
    );
    refusal.with("retryable", true)
}

/// Takes a trace context away that is none: it is handed on to the upstreams as it is.
fn drop_odd_trace(headers: &mut HeaderMap) {
    // A look at all names costs less than finding two of them.
    if !headers
        .keys()
        .any(|name| name.as_str().starts_with("trace"))
    {
        return;
    }
    let mut parents = headers.get_all(TRACEPARENT).iter();
    let is_sane = match (parents.next(), parents.next()) {
        (Some(parent), None) => is_trace_parent(parent.as_bytes()),
        _ => false,
    };
    // A state says more about a parent, and nothing without one.
    if !is_sane {
        headers.remove(TRACEPARENT);
        headers.remove(TRACESTATE);
        return;
    }
    match trace_state(headers) {
        Some(state) => drop(headers.insert(TRACESTATE, state)),
        None => drop(headers.remove(TRACESTATE)),
    }
}

/// What tracing systems on the way have noted, as one header, by the W3C's Trace Context: at most 32 notes
/// of the form `key=value`, and here no more bytes than everybody has to hand on.
fn trace_state(headers: &HeaderMap) -> Option<HeaderValue> {
    const LONGEST: usize = 512;
    const MOST: usize = 32;
    let states = headers.get_all(TRACESTATE).iter();
    let states: Vec<&str> = states
        .map(HeaderValue::to_str)
        .collect::<Result<_, _>>()
        .ok()?;
    let notes: Vec<&str> = states
        .iter()
        .flat_map(|state| state.split(','))
        .map(str::trim)
        .filter(|note| !note.is_empty())
        .collect();
    let is_note = |note: &&str| {
        let parts = note.split_once('=');
        parts.is_some_and(|(key, value)| is_trace_key(key) && !value.contains('='))
    };
    let state = notes.join(",");
    let is_sane = (1..=MOST).contains(&notes.len()) && state.len() <= LONGEST;
    (is_sane && notes.iter().all(is_note))
        .then(|| HeaderValue::try_from(state).ok())
        .flatten()
}

fn is_trace_key(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && key.bytes().all(
            |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@'),
        )
}

/// Version, trace, span and flags by the W3C's Trace Context; versions to come may add to its end.
fn is_trace_parent(text: &[u8]) -> bool {
    let fields: Vec<&[u8]> = text.splitn(5, |byte| *byte == b'-').collect();
    let [version, trace, span, flags, rest @ ..] = fields.as_slice() else {
        return false;
    };
    let is_hex = |field: &[u8], length| {
        field.len() == length
            && field
                .iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_set = |field: &[u8]| field.iter().any(|byte| *byte != b'0');
    is_hex(version, 2)
        && *version != b"ff"
        && (rest.is_empty() || *version != b"00")
        && (is_hex(trace, 32) && is_set(trace))
        && (is_hex(span, 16) && is_set(span))
        && is_hex(flags, 2)
        && text.len() <= RequestId::LONGEST
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
    fn only_what_the_standard_describes_is_taken_as_a_trace_context() {
        const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let later = format!("01{}-more", &PARENT[2..]);
        for good in [PARENT, later.as_str()] {
            assert!(is_trace_parent(good.as_bytes()), "{good}");
        }
        let bad = [
            String::new(),
            "x".repeat(55),
            PARENT[..54].to_owned(),
            format!("{PARENT}-more"),
            format!("ff{}", &PARENT[2..]),
            format!("{later}{}", "x".repeat(100)),
            PARENT.to_uppercase(),
            PARENT.replace("00f067aa0ba902b7", "0000000000000000"),
            PARENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
        ];
        for bad in bad {
            assert!(!is_trace_parent(bad.as_bytes()), "{bad}");
        }
    }

    fn states(states: &[&str]) -> Option<String> {
        let states = states.iter();
        let headers = states
            .map(|state| (TRACESTATE, state.parse().unwrap()))
            .collect();
        trace_state(&headers).map(|state| state.to_str().unwrap().to_owned())
    }

    #[test]
    fn notes_of_tracing_systems_are_one_header_and_none_if_one_is_odd() {
        let state = states(&["rojo=00f067, ,congo=t61 rcWk", "1@vendor=x"]);
        assert_eq!(
            state.as_deref(),
            Some("rojo=00f067,congo=t61 rcWk,1@vendor=x")
        );
        let many = vec!["a=b"; 33].join(",");
        let long = format!("a={}", "b".repeat(511));
        for odd in [
            "", ",", "a", "A=b", "=b", "a b=c", "a=b=c", "a=b,c", &many, &long,
        ] {
            assert_eq!(states(&[odd]), None, "{odd}");
        }
    }

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
