//! What hostile texts are thrown at: a gateway whose upstreams are off, so that all it does is read
//! documents and variables. The fuzz target includes this file, too.

use axum::{
    Router,
    body::{Body, Bytes},
};
use haulgraph::{
    config::{Config, Overrides},
    gateway::Gateway,
    http::Readiness,
};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::runtime::{self, Runtime};
use tower::ServiceExt;

/// The gateway, and the thread that it runs on: the one that asks.
pub struct Subject {
    router: Router,
    runtime: Runtime,
}

impl Subject {
    pub fn new() -> Self {
        let mut config = Config::load(None, [], &Overrides::default()).unwrap();
        // A document costs what it costs when it comes for the first time.
        config.documents.max_bytes = 0;
        let gateway = Gateway::new(&config).unwrap();
        let mut runtime = runtime::Builder::new_current_thread();
        Self {
            router: gateway.router(&config, Readiness::new()).unwrap(),
            runtime: runtime.enable_all().build().unwrap(),
        }
    }

    /// What is answered to a document. A comment in its first line may hold its variables, as JSON.
    pub fn answer(&self, document: &str) -> (StatusCode, Bytes) {
        let first = document.lines().next().unwrap_or_default();
        let variables = first
            .strip_prefix('#')
            .and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok());
        let body = serde_json::json!({ "query": document, "variables": variables });
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/graphql-response+json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.unwrap();
            let status = answer.status();
            let body = answer.into_body().collect().await.unwrap();
            (status, body.to_bytes())
        })
    }
}
