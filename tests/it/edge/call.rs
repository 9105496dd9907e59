//! One request and what came of it.

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub const GRAPHQL: &str = "application/graphql-response+json";
pub const JSON: &str = "application/json";

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of the only error.
    pub fn code(&self) -> &str {
        let errors = self.body["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{}", self.body);
        errors[0]["extensions"]["code"].as_str().unwrap_or("none")
    }

    pub fn message(&self) -> &str {
        self.body["errors"][0]["message"].as_str().unwrap()
    }

    pub fn has_data(&self) -> bool {
        self.body.as_object().unwrap().contains_key("data")
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body =
        serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into());
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// Sends a body as JSON.
pub async fn post(router: Router, accept: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .header(header::ACCEPT, accept)
        .body(body.into())
        .unwrap();
    send(router, request).await
}

/// Sends a document by POST, wanting the type that has statuses.
pub async fn query(router: Router, document: &str) -> Answer {
    ask(router, json!({ "query": document })).await
}

/// Sends parameters by POST, wanting the type that has statuses.
pub async fn ask(router: Router, parameters: Value) -> Answer {
    post(router, GRAPHQL, parameters.to_string()).await
}

pub fn get(query_string: &str) -> http::request::Builder {
    Request::get(format!("/graphql?{query_string}"))
}
