//! Error bodies. The vendor documents none: these are what a server of its kind answers.

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

use super::super::answer;

#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// `null` for no body at all.
    pub(super) body: Value,
}

impl Refusal {
    fn detail(status: StatusCode, text: &str) -> Self {
        Self {
            status,
            body: json!({ "detail": text }),
        }
    }

    pub(super) fn unauthenticated(text: &str) -> Self {
        Self::detail(StatusCode::UNAUTHORIZED, text)
    }

    pub(super) fn not_found() -> Self {
        Self::detail(StatusCode::NOT_FOUND, "Not found.")
    }

    /// 400: a list of texts per field.
    pub(super) fn fields(fields: Value) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: fields,
        }
    }

    /// 409: the account is of the wrong type. It has no body.
    pub(super) fn wrong_account() -> Self {
        Self {
            status: StatusCode::CONFLICT,
            body: Value::Null,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if self.body.is_null() {
            answer::empty(self.status)
        } else {
            answer::json(self.status, &self.body)
        }
    }
}

/// A JSON object from a request: 415 for another type, 400 for no JSON.
pub(super) fn object(headers: &HeaderMap, body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Refusal::detail(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            &format!("Unsupported media type \"{kind}\" in request."),
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Refusal::fields(json!({
            "non_field_errors": ["Invalid data. Expected a dictionary."]
        }))),
        Err(error) => Err(Refusal::detail(
            StatusCode::BAD_REQUEST,
            &format!("JSON parse error - {error}"),
        )),
    }
}
