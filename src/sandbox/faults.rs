//! Faults on demand: a rule that makes matching calls fail, stall or break off.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream;
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use serde::Deserialize;
use serde_json::Value;

/// What `POST /__sandbox/faults` takes. Unknown members are refused: a misspelt rule that
/// silently matches everything would make a test lie.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fault {
    #[serde(rename = "match")]
    matches: Match,
    /// How many calls it hits; without it, every one until it is removed.
    times: Option<u32>,
    status: Option<u16>,
    body: Option<Value>,
    headers: BTreeMap<String, String>,
    delay_ms: u64,
    drop: bool,
    truncate: bool,
    /// The call is carried out before its answer is spoilt.
    handled: bool,
    /// The answer stops in the middle and never ends.
    stall: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Match {
    method: Option<String>,
    path: Option<String>,
    query: Option<String>,
}

impl Match {
    fn hits(&self, method: &str, uri: &Uri) -> bool {
        self.method
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_ref()
                .is_none_or(|pattern| glob(pattern, uri.path()))
            && self
                .query
                .as_ref()
                .is_none_or(|part| uri.query().unwrap_or_default().contains(part.as_str()))
    }
}

/// `*` stands for any run of characters, slashes included.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

impl Fault {
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// The answer to give instead of the real one, if the rule asks for that.
    pub(crate) fn instead(&self) -> Option<Response> {
        if self.drop {
            return Some(dropped());
        }
        if self.status.is_none() && self.body.is_none() {
            return None;
        }
        let status = self.status.and_then(|code| StatusCode::from_u16(code).ok());
        let (body, content_type) = match &self.body {
            None => (Body::empty(), None),
            Some(Value::String(text)) => (Body::from(text.clone()), Some("text/plain")),
            Some(json) => (Body::from(json.to_string()), Some("application/json")),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status.unwrap_or(StatusCode::OK);
        if let Some(content_type) = content_type {
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        Some(response)
    }

    /// Adds the rule's headers, and breaks the body off in the middle if it says so.
    pub(crate) async fn spoil(&self, mut response: Response) -> Response {
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name.as_str()),
                HeaderValue::from_str(value),
            ) {
                response.headers_mut().insert(name, value);
            }
        }
        if self.drop || !(self.truncate || self.stall) {
            return response;
        }
        halved(response, self.stall).await
    }

    /// Whether the call is carried out although its answer is another.
    pub(crate) fn is_handled(&self) -> bool {
        self.handled
    }

    pub(crate) fn drops(&self) -> bool {
        self.drop
    }
}

/// An answer whose body fails before its first byte: the server gives up the connection
/// without having sent even the status line.
fn dropped() -> Response {
    let nothing = stream::once(std::future::ready(Err::<Bytes, _>(cut())));
    Response::new(Body::from_stream(nothing))
}

/// Announces the whole length, sends half of it, and gives up the connection, or never ends.
async fn halved(response: Response, stalls: bool) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else {
        return dropped();
    };
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let mut half = Some(whole.slice(..whole.len() / 2));
    let mut flushed = false;
    let body = stream::poll_fn(move |context| {
        if let Some(half) = half.take() {
            return Poll::Ready(Some(Ok(half)));
        }
        if !flushed {
            // One pause lets the server send what it has before it sees the failure.
            flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if stalls {
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(cut())))
    });
    Response::from_parts(parts, Body::from_stream(body))
}

fn cut() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::ConnectionAborted,
        "a fault cut the connection",
    )
}

/// The rules in force. The oldest that matches wins.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Arc<Fault>>>);

impl Faults {
    fn rules(&self) -> MutexGuard<'_, Vec<Arc<Fault>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.rules().push(Arc::new(fault));
    }

    pub(crate) fn clear(&self) {
        self.rules().clear();
    }

    /// The rule for this call, used up by one.
    pub(crate) fn take(&self, method: &str, uri: &Uri) -> Option<Arc<Fault>> {
        let mut rules = self.rules();
        let index = rules
            .iter()
            .position(|rule| rule.matches.hits(method, uri))?;
        let fault = Arc::clone(&rules[index]);
        match fault.times {
            None => {}
            Some(0 | 1) => {
                rules.remove(index);
            }
            Some(times) => {
                rules[index] = Arc::new(Fault {
                    times: Some(times - 1),
                    ..(*fault).clone()
                });
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(rule: Value) -> Fault {
        serde_json::from_value(rule).unwrap()
    }

    #[test]
    fn a_star_in_a_path_stands_for_anything() {
        assert!(glob("/customers/*", "/customers/7/contacts"));
        assert!(glob("/customers/*/contacts", "/customers/7/contacts"));
        assert!(glob("*", "/anything"));
        assert!(glob("/tenants", "/tenants"));
        assert!(!glob("/customers/*", "/customers"));
        assert!(!glob("/customers/*/contacts", "/customers/7/addresses"));
        assert!(!glob("/tenants", "/tenants/"));
    }

    #[test]
    fn a_rule_is_used_up_after_its_number_of_times() {
        let faults = Faults::default();
        faults.add(fault(
            json!({"match": {"method": "get"}, "times": 2, "status": 503}),
        ));
        let uri = Uri::from_static("/customers");
        assert!(faults.take("POST", &uri).is_none());
        assert!(faults.take("GET", &uri).is_some());
        assert!(faults.take("GET", &uri).is_some());
        assert!(faults.take("GET", &uri).is_none());
    }

    #[test]
    fn the_query_is_matched_by_a_part_of_it() {
        let faults = Faults::default();
        faults.add(fault(json!({"match": {"query": "page_index=2"}})));
        assert!(
            faults
                .take("GET", &Uri::from_static("/customers?page_index=2"))
                .is_some()
        );
        assert!(
            faults
                .take("GET", &Uri::from_static("/customers?page_index=1"))
                .is_none()
        );
        assert!(
            faults
                .take("GET", &Uri::from_static("/customers"))
                .is_none()
        );
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        assert!(serde_json::from_value::<Fault>(json!({"matches": {}})).is_err());
        assert!(serde_json::from_value::<Fault>(json!({"match": {"url": "/"}})).is_err());
    }

    #[test]
    fn a_rule_with_only_a_delay_leaves_the_answer_alone() {
        let rule = fault(json!({"delay_ms": 5}));
        assert!(rule.instead().is_none());
        assert_eq!(rule.delay(), Duration::from_millis(5));
    }
}
