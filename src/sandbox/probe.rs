//! For tests: asks a stand-in without a socket.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request};
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct Probe {
    router: Router,
    headers: Vec<(&'static str, &'static str)>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Probe {
    pub(crate) fn new(router: Router, headers: &[(&'static str, &'static str)]) -> Self {
        Self {
            router,
            headers: headers.to_vec(),
        }
    }

    /// The same stand-in, asked with other headers.
    pub(crate) fn with(&self, headers: &[(&'static str, &'static str)]) -> Self {
        Self::new(self.router.clone(), headers)
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(Method::GET, uri, "", Body::empty()).await
    }

    pub(crate) async fn post(&self, uri: &str, body: Value) -> Reply {
        self.json(Method::POST, uri, body).await
    }

    pub(crate) async fn json(&self, method: Method, uri: &str, body: Value) -> Reply {
        self.send(
            method,
            uri,
            "application/json",
            Body::from(body.to_string()),
        )
        .await
    }

    pub(crate) async fn send(&self, method: Method, uri: &str, kind: &str, body: Body) -> Reply {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let request = request.body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply {
            status,
            headers,
            body,
        }
    }
}
