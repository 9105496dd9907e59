//! The application's key and the user's token: both on every call.

use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use serde_json::json;

use super::super::answer;
use super::super::callers::{API_KEY, credential};
use super::TransEu;
use super::refusal::Refusal;

/// The two companies that have users: token and company.
const USERS: [(&str, i64); 2] = [
    ("sandbox-shipper", 9_000_101),
    ("sandbox-other-shipper", 9_000_102),
];

/// A user of a shipping company; what a call sees is what that company owns.
#[derive(Clone, Copy)]
pub(super) struct Shipper {
    pub(super) company: i64,
}

impl FromRequestParts<Arc<TransEu>> for Shipper {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<TransEu>) -> Result<Self, Refusal> {
        if text(&parts.headers, "api-key") != Some(API_KEY) {
            return Err(Refusal::unauthenticated("Api-key is missing or not valid"));
        }
        let token =
            text(&parts.headers, "authorization").and_then(|value| credential("bearer", value));
        USERS
            .iter()
            .find(|(known, _)| Some(*known) == token)
            .map(|(_, company)| Self { company: *company })
            .ok_or_else(|| Refusal::unauthenticated("Access token is missing or not valid"))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// So many requests in each second, for the application as a whole.
pub(super) struct Quota {
    per_second: u32,
    window: Mutex<Window>,
}

struct Window {
    began: Instant,
    used: u32,
    refused: u32,
}

impl Quota {
    pub(super) fn new(per_second: u32) -> Self {
        let window = Window {
            began: Instant::now(),
            used: 0,
            refused: 0,
        };
        Self {
            per_second,
            window: Mutex::new(window),
        }
    }

    /// `None` when the request may pass, else how many were refused so far.
    fn take(&self, now: Instant) -> Option<u32> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(window.began) >= Duration::from_secs(1) {
            window.began = now;
            window.used = 0;
        }
        if window.used < self.per_second {
            window.used += 1;
            return None;
        }
        window.refused += 1;
        Some(window.refused)
    }
}

/// 429 beyond the quota. Whether it names a time to wait is not documented: every other one does.
pub(super) async fn limit(
    State(api): State<Arc<TransEu>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(refused) = api
        .quota
        .as_ref()
        .and_then(|quota| quota.take(Instant::now()))
    else {
        return next.run(request).await;
    };
    let body = json!({ "message": "API rate limit exceeded" });
    let mut response = answer::json(http::StatusCode::TOO_MANY_REQUESTS, &body).into_response();
    if refused % 2 == 1 {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_refuses_what_exceeds_it_until_the_next_second() {
        let quota = Quota::new(2);
        let start = Instant::now();
        assert_eq!(quota.take(start), None);
        assert_eq!(quota.take(start), None);
        assert_eq!(quota.take(start), Some(1));
        assert_eq!(quota.take(start), Some(2));
        assert_eq!(quota.take(start + Duration::from_secs(2)), None);
    }
}
