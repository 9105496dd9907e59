//! The error bodies. CRO has two shapes: `field`, `detail`, `explanation` for what is wrong with
//! the input, and the older `title`, `detail`, `explanation` for who may do it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::super::answer;

const EXPLANATION: &str = "The resource could not be accessed.";

#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Refusal {
    /// 400: `field` is `Model.field`, a header or a path parameter.
    pub(super) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: json!({
                "field": field.into(), "detail": detail.into(), "explanation": EXPLANATION
            }),
        }
    }

    pub(super) fn not_found(field: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::invalid(field, "Not found.")
        }
    }

    pub(super) fn unauthenticated() -> Self {
        Self::titled(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "The access token is not valid.",
        )
    }

    pub(super) fn forbidden(detail: &str) -> Self {
        Self::titled(StatusCode::FORBIDDEN, "Forbidden", detail)
    }

    pub(super) fn conflict(detail: &str) -> Self {
        Self::titled(StatusCode::CONFLICT, "Conflict", detail)
    }

    fn titled(status: StatusCode, title: &str, detail: &str) -> Self {
        let body = json!({ "title": title, "detail": detail, "explanation": EXPLANATION });
        Self { status, body }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer::json(self.status, &self.body)
    }
}
