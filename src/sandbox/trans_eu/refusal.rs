//! The error bodies: problems with a status of their own, and the framework's shape for
//! requests whose members are missing or of the wrong type.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::super::answer;

const TYPE: &str = "http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html";
/// Names the service, not the error.
const SERVICE_CODE: u16 = 5404;

#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Refusal {
    /// A problem without a service code.
    pub(super) fn problem(status: u16, title: &str, detail: impl Into<String>) -> Self {
        let body = json!({
            "type": TYPE, "title": title, "status": status, "detail": detail.into()
        });
        Self { status, body }
    }

    fn coded(mut self) -> Self {
        self.body["service_code"] = Value::from(SERVICE_CODE);
        self
    }

    /// Writes that name an unknown route answer 400, not 404.
    pub(super) fn unknown_route(id: &str) -> Self {
        let detail = format!("Contracted route with ID: {id} not found!");
        Self::problem(400, "Bad Request", detail).coded()
    }

    pub(super) fn no_route(id: &str) -> Self {
        Self::problem(404, "Not Found", format!("Route with ID: {id} not found!"))
    }

    /// The older endpoints say it in other words and with a service code.
    pub(super) fn no_contracted_route(id: &str) -> Self {
        let detail = format!("Contracted route with ID: {id} not found!");
        Self::problem(404, "Not Found", detail).coded()
    }

    pub(super) fn no_contract(id: &str) -> Self {
        Self::problem(
            404,
            "Not Found",
            format!("Contract with ID: {id} not found!"),
        )
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::problem(400, "Bad Request", detail)
    }

    pub(super) fn unauthenticated(detail: &str) -> Self {
        Self::problem(401, "Unauthorized", detail)
    }

    /// 422: `messages` is nested by field path, its leaves are rules with their texts.
    pub(super) fn invalid(messages: Value) -> Self {
        let mut refusal = Self::problem(422, "Unprocessable Entity", "Failed Validation").coded();
        refusal.body["validation_messages"] = messages;
        refusal
    }

    /// 400 in the framework's shape.
    pub(super) fn malformed(messages: Vec<String>) -> Self {
        let body = json!({
            "message": messages, "error": "Bad Request", "statusCode": 400,
            "service_code": SERVICE_CODE
        });
        Self { status: 400, body }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // 420 has no name, but it is a well-formed status.
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        answer::json(status, &self.body)
    }
}
