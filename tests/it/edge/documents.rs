//! Documents that clients name instead of sending them, over a socket.

pub mod list;
mod persisted;
mod trusted;

use axum::Router;
use http::{HeaderMap, StatusCode};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::edge::{
    call::Answer,
    port::{Served, generous},
};

/// A gateway on a port, and somebody who asks it.
struct Desk {
    url: String,
    client: reqwest::Client,
    _port: Served,
}

impl Desk {
    async fn new(router: Router) -> Self {
        let port = Served::new(router, generous(), None).await;
        Self {
            url: format!("{}/graphql", port.url),
            client: reqwest::Client::new(),
            _port: port,
        }
    }

    async fn post(&self, parameters: Value) -> Answer {
        send(self.client.post(&self.url).json(&parameters)).await
    }

    /// Asks as another caller.
    async fn post_as(&self, name: &str, parameters: Value) -> Answer {
        let request = self.client.post(&self.url).header("authorization", name);
        send(request.json(&parameters)).await
    }

    async fn get(&self, parameters: &[(&str, &str)], headers: HeaderMap) -> Answer {
        send(
            self.client
                .get(&self.url)
                .query(parameters)
                .headers(headers),
        )
        .await
    }
}

async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Answer {
        status,
        headers,
        body,
    }
}

fn hash(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

/// What stands for a document of this hash in `extensions`.
fn by_hash(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// Expects an answer of the field `hello`.
fn greeted(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.body,
        json!({ "data": { "hello": "hello " } }),
        "{}",
        answer.body
    );
}
