//! Names, time, panics, health and the log.

use std::{
    io,
    sync::{Mutex, Once},
    time::Duration,
};

use axum::body::Body;
use haulgraph::http::Readiness;
use http::{Request, StatusCode, header};
use serde_json::json;

use crate::edge::{
    call::{Answer, GRAPHQL, JSON, post, query, send},
    yard::yard,
};

async fn named(id: &str) -> Answer {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .header("user-agent", "tester")
        .header("x-request-id", id)
        .body(Body::from(r#"{"query": "{ caller }"}"#))
        .unwrap();
    send(yard(|_| {}), request).await
}

#[tokio::test]
async fn the_callers_request_id_is_kept_and_handed_on() {
    let answer = named("my-id_1").await;
    assert_eq!(answer.header("x-request-id"), Some("my-id_1"));
    assert_eq!(
        answer.body,
        json!({ "data": { "caller": "my-id_1 tester" } })
    );
}

#[tokio::test]
async fn a_request_without_a_usable_id_gets_one() {
    for bad in ["", "two words", &"x".repeat(129)] {
        let answer = named(bad).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(
            answer.body,
            json!({ "data": { "caller": format!("{id} tester") } })
        );
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_that_tells_nothing() {
    for accept in [JSON, GRAPHQL] {
        let answer = post(yard(|_| {}), accept, r#"{"query": "{ broken }"}"#).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR")
        );
        assert!(answer.header("content-type").unwrap().starts_with(accept));
        assert_eq!(
            answer.body["errors"][0]["extensions"]["errorId"]
                .as_str()
                .unwrap()
                .len(),
            36
        );
        assert!(
            !answer.body.to_string().contains("index"),
            "{}",
            answer.body
        );
        assert!(answer.header("x-request-id").is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_given_up() {
    for accept in [JSON, GRAPHQL] {
        let router = yard(|edge| edge.request_timeout = Duration::from_secs(60));
        let answer = post(router, accept, r#"{"query": "{ endless }"}"#).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::GATEWAY_TIMEOUT, "UPSTREAM_TIMEOUT")
        );
        assert!(!answer.has_data());
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    for accept in [JSON, GRAPHQL] {
        let stream = futures_util::stream::pending::<Result<Vec<u8>, io::Error>>();
        let router = yard(|edge| edge.body_timeout = Duration::from_secs(4));
        let answer = post(router, accept, Body::from_stream(stream)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::REQUEST_TIMEOUT, "BAD_REQUEST")
        );
    }
}

#[tokio::test]
async fn the_gateway_is_live_always_and_ready_until_it_is_told_otherwise() {
    let readiness = Readiness::new();
    let router = yard(|edge| edge.readiness = readiness.clone());
    let check = |path: &str| {
        send(
            router.clone(),
            Request::get(path).body(Body::empty()).unwrap(),
        )
    };
    assert_eq!(check("/health/live").await.status, StatusCode::OK);
    assert_eq!(
        check("/health/ready").await.body,
        json!({ "status": "ready" })
    );
    readiness.set(false);
    assert_eq!(
        check("/health/ready").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(check("/health/live").await.status, StatusCode::OK);
    assert_eq!(
        query(router.clone(), "{ hello }").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_schema_is_served_as_text_unless_introspection_is_off() {
    for (path, media_type) in [
        ("/schema.graphql", "text/plain; charset=utf-8"),
        ("/schema.graphqls", "application/graphql; charset=utf-8"),
    ] {
        let ask_schema = || Request::get(path).body(Body::empty()).unwrap();
        let answer = send(yard(|_| {}), ask_schema()).await;
        assert_eq!(answer.header("content-type"), Some(media_type));
        assert!(answer.body.as_str().unwrap().contains("type Query"));
        let off = send(yard(|edge| edge.introspection = false), ask_schema()).await;
        assert_eq!(off.status, StatusCode::NOT_FOUND);
    }
}

#[test]
fn a_schema_that_is_none_is_refused_at_the_start() {
    let outcome = std::panic::catch_unwind(|| yard(|edge| edge.sdl = "type".to_owned()));
    assert!(outcome.is_err());
}

/// What this process has logged. The subscriber is global: one per thread would miss lines whose
/// call site another thread has met before.
struct Log;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends a request and gives the lines that carry its id.
async fn logged(id: &str, parameters: serde_json::Value) -> (Answer, Vec<String>) {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .header("x-request-id", id)
        .body(Body::from(parameters.to_string()))
        .unwrap();
    let answer = send(yard(|_| {}), request).await;
    let lines = String::from_utf8(LINES.lock().unwrap().clone()).unwrap();
    let span = format!("request{{id=\"{id}\"}}");
    (
        answer,
        lines
            .lines()
            .filter(|line| line.contains(&span))
            .map(str::to_owned)
            .collect(),
    )
}

#[tokio::test]
async fn an_operation_leaves_one_line_without_variables() {
    let document = "query Greet($name: String) { hello(name: $name) missing }";
    let (_, lines) = logged(
        "greeting",
        json!({ "query": document, "variables": { "name": "hidden" } }),
    )
    .await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in [
        "INFO",
        "operation",
        "name=\"Greet\"",
        "kind=query",
        "ms=",
        "errors=1",
        "status=200",
    ] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    assert!(!lines[0].contains("hidden"));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_given_up_leaves_its_line_too() {
    let (_, lines) = logged("waiting", json!({ "query": "query Wait { endless }" })).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].contains("operation abandoned") && lines[0].contains("name=\"Wait\""),
        "{}",
        lines[0]
    );
}

#[tokio::test]
async fn the_log_of_a_panic_has_the_error_id_that_the_caller_got() {
    let (answer, lines) = logged("breaking", json!({ "query": "{ broken }" })).await;
    let id = answer.body["errors"][0]["extensions"]["errorId"]
        .as_str()
        .unwrap();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("ERROR") && line.contains(id)),
        "{lines:?}"
    );
}
