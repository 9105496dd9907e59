//! The log of what a stand-in was asked, in order of arrival. It names callers and never
//! holds a token, so that it can be printed in a test report.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde::Serialize;
use serde_json::Value;

/// The headers of a call as the log shows them.
pub(crate) type ShownHeaders = Vec<(HeaderName, HeaderValue)>;

/// A load test sends millions of calls; only the latest are of interest.
const KEPT: usize = 20_000;

/// Headers whose value is logged as it came. Everything else that is not listed in `QUIET` is
/// logged as `present`, so that a test notices a header that should not have been forwarded.
const VERBATIM: [&str; 5] = [
    "x-tenant-id",
    "x-api-version",
    "x-request-id",
    "traceparent",
    "tracestate",
];
/// Headers that say nothing about the caller.
const QUIET: [&str; 8] = [
    "host",
    "accept",
    "accept-encoding",
    "content-type",
    "content-length",
    "user-agent",
    "connection",
    "transfer-encoding",
];

/// Noting a call costs next to nothing, because a load test makes so many; what is costly is done
/// when somebody looks.
struct Call {
    n: u64,
    method: Method,
    uri: Uri,
    /// None while no answer was given: the connection was dropped, or the call still runs.
    status: Option<StatusCode>,
    headers: ShownHeaders,
    /// What a write sent, when it was JSON.
    body: Option<Value>,
}

#[derive(Serialize)]
struct ShownCall<'a> {
    n: u64,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    status: Option<u16>,
    headers: serde_json::Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a Value>,
}

impl Call {
    fn shown(&self) -> ShownCall<'_> {
        let headers = self.headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            (name.as_str().to_owned(), Value::from(value))
        });
        ShownCall {
            n: self.n,
            method: self.method.as_str(),
            path: self.uri.path(),
            query: self.uri.query().unwrap_or_default(),
            status: self.status.map(|status| status.as_u16()),
            headers: headers.collect(),
            body: self.body.as_ref(),
        }
    }
}

#[derive(Default)]
struct Log {
    next: u64,
    calls: VecDeque<Call>,
}

#[derive(Default)]
pub(crate) struct Calls(Mutex<Log>);

impl Calls {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an arrival and gives its number.
    pub(crate) fn begin(
        &self,
        method: &Method,
        uri: &Uri,
        headers: ShownHeaders,
        body: Option<Value>,
    ) -> u64 {
        let (method, uri) = (method.clone(), uri.clone());
        let mut log = self.log();
        log.next += 1;
        let n = log.next;
        if log.calls.len() == KEPT {
            log.calls.pop_front();
        }
        log.calls.push_back(Call {
            n,
            method,
            uri,
            status: None,
            headers,
            body,
        });
        n
    }

    /// Notes the answer to call `n`, if that call is still in the log.
    pub(crate) fn end(&self, n: u64, status: StatusCode) {
        let mut log = self.log();
        let first = log.calls.front().map_or(u64::MAX, |call| call.n);
        let Some(index) = n.checked_sub(first).and_then(|at| usize::try_from(at).ok()) else {
            return;
        };
        if let Some(call) = log.calls.get_mut(index) {
            call.status = Some(status);
        }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        let log = self.log();
        let calls: Vec<ShownCall> = log.calls.iter().map(Call::shown).collect();
        serde_json::to_vec(&calls).unwrap_or_default()
    }

    /// How many calls arrived since the log was cleared, those that it no longer lists included.
    pub(crate) fn count(&self) -> u64 {
        self.log().next
    }

    /// Numbering begins at 1 again: a test compares numbers.
    pub(crate) fn clear(&self) {
        *self.log() = Log::default();
    }
}

/// What the log may keep of the headers of a call. `name_of` turns a credential into a name.
pub(crate) fn shown_headers(
    headers: &HeaderMap,
    name_of: fn(header: &str, value: &str) -> &'static str,
) -> ShownHeaders {
    let mut shown = ShownHeaders::new();
    for (name, value) in headers {
        let value = match name.as_str() {
            header @ ("authorization" | "api-key") => {
                HeaderValue::from_static(name_of(header, value.to_str().unwrap_or_default()))
            }
            header if VERBATIM.contains(&header) => value.clone(),
            header if QUIET.contains(&header) => continue,
            _ => HeaderValue::from_static("present"),
        };
        shown.push((name.clone(), value));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn begin(calls: &Calls, uri: &'static str) -> u64 {
        calls.begin(
            &Method::GET,
            &Uri::from_static(uri),
            ShownHeaders::new(),
            None,
        )
    }

    fn shown(calls: &Calls) -> Value {
        serde_json::from_slice(&calls.to_json()).unwrap()
    }

    #[test]
    fn calls_are_listed_in_order_of_arrival_with_their_status() {
        let calls = Calls::default();
        let first = begin(&calls, "/customers?page_index=1");
        let second = begin(&calls, "/tenants");
        calls.end(second, StatusCode::OK);
        calls.end(first, StatusCode::NOT_FOUND);
        let log = shown(&calls);
        assert_eq!(log[0]["path"], "/customers");
        assert_eq!(log[0]["query"], "page_index=1");
        assert_eq!(log[0]["status"], 404);
        assert_eq!(log[1]["n"], 2);
        assert_eq!(log[1]["status"], 200);
    }

    #[test]
    fn an_answer_that_comes_after_the_log_was_cleared_is_ignored() {
        let calls = Calls::default();
        let n = begin(&calls, "/tenants");
        calls.clear();
        calls.end(n, StatusCode::OK);
        assert_eq!(shown(&calls), serde_json::json!([]));
    }

    #[test]
    fn the_log_keeps_only_the_latest_calls() {
        let calls = Calls::default();
        for _ in 0..KEPT + 5 {
            begin(&calls, "/tenants");
        }
        let last = begin(&calls, "/haulers");
        calls.end(last, StatusCode::OK);
        let log = shown(&calls);
        assert_eq!(log.as_array().unwrap().len(), KEPT);
        assert_eq!(log[KEPT - 1]["status"], 200);
        assert_eq!(calls.count(), KEPT as u64 + 6);
    }

    #[test]
    fn a_credential_is_logged_as_the_name_of_its_owner() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer secret"));
        headers.insert("x-tenant-id", HeaderValue::from_static("34"));
        headers.insert("cookie", HeaderValue::from_static("sessionid=secret"));
        headers.insert("accept", HeaderValue::from_static("application/json"));
        let calls = Calls::default();
        let headers = shown_headers(&headers, |_, _| "dispatcher");
        calls.begin(&Method::GET, &Uri::from_static("/tenants"), headers, None);
        assert_eq!(
            shown(&calls)[0]["headers"],
            serde_json::json!({
                "authorization": "dispatcher", "x-tenant-id": "34", "cookie": "present"
            })
        );
    }
}
