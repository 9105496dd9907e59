//! Methods, media types and statuses.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::json;

use crate::edge::{
    call::{GRAPHQL, JSON, get, post, query, send},
    yard::yard,
};

const HELLO: &str = "query=%7Bhello%7D";

#[tokio::test]
async fn a_post_is_answered_in_the_type_that_was_asked_for() {
    let body = r#"{"query": "{ hello }"}"#;
    for (accept, content_type) in [
        (JSON, "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        (GRAPHQL, "application/graphql-response+json; charset=utf-8"),
    ] {
        let answer = post(yard(|_| {}), accept, body).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert_eq!(answer.body, json!({ "data": { "hello": "hello " } }));
    }
}

#[tokio::test]
async fn a_type_that_cannot_be_served_is_not_acceptable() {
    let answer = post(yard(|_| {}), "text/html", r#"{"query": "{ hello }"}"#).await;
    assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(answer.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn only_json_and_forms_with_a_boundary_are_taken() {
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/mixed; boundary=x",
    ] {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(r#"{"query": "mutation { build }"}"#))
            .unwrap();
        let answer = send(yard(|_| {}), request).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(answer.code(), "BAD_REQUEST");
    }
}

#[tokio::test]
async fn what_is_no_graphql_request_is_a_bad_request_in_every_type() {
    let bodies = [
        "",
        "{",
        "null",
        "7",
        r#"[{"query": "{ hello }"}]"#,
        "[]",
        "{}",
        r#"{"query": null}"#,
        r#"{"query": ""}"#,
        r#"{"query": 1}"#,
        r#"{"query": "{ hello }", "variables": []}"#,
        r#"{"query": "{ hello }", "variables": "{}"}"#,
        r#"{"query": "{ hello }", "operationName": 1}"#,
        r#"{"query": "{ hello }", "extensions": true}"#,
    ];
    for body in bodies {
        for accept in [JSON, GRAPHQL] {
            let answer = post(yard(|_| {}), accept, body).await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::BAD_REQUEST, "BAD_REQUEST"),
                "{body}"
            );
            assert!(!answer.has_data());
        }
    }
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit() {
    let body = r#"{"query": "{ hello }"}"#;
    let fits = post(yard(|edge| edge.body_limit = body.len()), JSON, body).await;
    assert_eq!(fits.status, StatusCode::OK);
    let over = post(yard(|edge| edge.body_limit = body.len() - 1), JSON, body).await;
    assert_eq!(
        (over.status, over.code()),
        (StatusCode::PAYLOAD_TOO_LARGE, "BAD_REQUEST")
    );
}

#[tokio::test]
async fn a_query_may_be_sent_by_get() {
    let parameters = "query=query+A%7Bhello%7Dquery+B(%24n%3AString)%7Bhello(name%3A%24n)%7D\
        &operationName=B&variables=%7B%22n%22%3A%22you%22%7D&extensions=%7B%7D";
    let answer = send(yard(|_| {}), get(parameters).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.body, json!({ "data": { "hello": "hello you" } }));
}

#[tokio::test]
async fn a_get_is_read_as_strictly_as_a_post() {
    for parameters in [
        "",
        "query=",
        "query=%7Bhello%7D&query=%7Bhello%7D",
        "query=%7Bhello%7D&variables=%5B%5D",
        "query=%7Bhello%7D&variables=%7B",
        "query=%7Bhello%7D&extensions=1",
    ] {
        let answer = send(yard(|_| {}), get(parameters).body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            "{parameters}"
        );
    }
}

#[tokio::test]
async fn a_mutation_by_get_is_told_to_post() {
    for accept in [JSON, GRAPHQL] {
        let request = get("query=mutation%7Bbuild%7D").header(header::ACCEPT, accept);
        let answer = send(yard(|_| {}), request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some("POST"));
        assert!(!answer.has_data());
    }
    let posted = query(yard(|_| {}), "mutation { build }").await;
    assert_eq!(posted.body, json!({ "data": { "build": 1 } }));
}

#[tokio::test]
async fn other_methods_are_told_what_is_allowed() {
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let request = Request::builder()
            .method(method)
            .uri("/graphql")
            .body(Body::empty())
            .unwrap();
        let answer = send(yard(|_| {}), request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some("GET, POST"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_get_from_another_site_needs_a_proof_of_a_preflight() {
    let from = |site: &'static str| get(HELLO).header("sec-fetch-site", site);
    let refused = send(
        yard(|_| {}),
        from("cross-site").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::BAD_REQUEST, "BAD_REQUEST")
    );
    let proven = from("cross-site").header("apollo-require-preflight", "true");
    assert_eq!(
        send(yard(|_| {}), proven.body(Body::empty()).unwrap())
            .await
            .status,
        StatusCode::OK
    );
    let own = from("same-origin").body(Body::empty()).unwrap();
    assert_eq!(send(yard(|_| {}), own).await.status, StatusCode::OK);
}
