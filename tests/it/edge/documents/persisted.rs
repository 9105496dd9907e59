//! Automatic persisted queries.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{Desk, by_hash, greeted, hash};
use crate::edge::{
    call::{Answer, GRAPHQL, JSON},
    yard::{fresh_yard, yard},
};

const HELLO: &str = "{ hello }";

fn missed(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(answer.message(), "PersistedQueryNotFound");
    assert!(!answer.has_data());
    assert_eq!(
        answer.header("cache-control"),
        Some("private, no-cache, must-revalidate")
    );
}

#[tokio::test]
async fn a_text_that_came_with_its_hash_is_known_by_it_from_then_on_to_all_callers() {
    let desk = Desk::new(yard(|_| {})).await;
    let named = json!({ "extensions": by_hash(&hash(HELLO)) });
    missed(&desk.post_as("first", named.clone()).await);
    let taught = json!({ "query": HELLO, "extensions": by_hash(&hash(HELLO)) });
    greeted(&desk.post_as("first", taught).await);
    greeted(&desk.post_as("second", named).await);
    let by_id = format!("sha256:{}", hash(HELLO));
    greeted(&desk.post(json!({ "documentId": by_id })).await);
}

#[tokio::test]
async fn a_miss_is_a_step_of_the_protocol_in_both_media_types() {
    let desk = Desk::new(yard(|_| {})).await;
    for accept in [JSON, GRAPHQL] {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
        let extensions = by_hash(&hash(HELLO)).to_string();
        missed(&desk.get(&[("extensions", &extensions)], headers).await);
    }
}

#[tokio::test]
async fn a_text_that_came_without_its_hash_is_not_known_by_it() {
    let desk = Desk::new(yard(|_| {})).await;
    greeted(&desk.post(json!({ "query": HELLO })).await);
    missed(
        &desk
            .post(json!({ "extensions": by_hash(&hash(HELLO)) }))
            .await,
    );
}

#[tokio::test]
async fn a_document_that_is_refused_is_not_kept() {
    let desk = Desk::new(yard(|edge| edge.limits.depth = 2)).await;
    for text in ["{", "{ nothing }", "{ again { again { hello } } }"] {
        let extensions = by_hash(&hash(text));
        let refused = desk
            .post(json!({ "query": text, "extensions": extensions }))
            .await;
        assert_ne!(refused.code(), "PERSISTED_QUERY_NOT_FOUND", "{text}");
        missed(&desk.post(json!({ "extensions": extensions })).await);
    }
}

#[tokio::test]
async fn a_hash_of_another_text_is_refused_and_not_kept() {
    let desk = Desk::new(yard(|_| {})).await;
    let wrong = [
        hash("{ again { hello } }"),
        hash(HELLO).to_uppercase(),
        "short".to_owned(),
    ];
    for wrong in wrong {
        let taught = json!({ "query": HELLO, "extensions": by_hash(&wrong) });
        let refused = desk.post(taught).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused.code(), "BAD_REQUEST");
        missed(&desk.post(json!({ "extensions": by_hash(&wrong) })).await);
    }
    missed(
        &desk
            .post(json!({ "extensions": by_hash(&hash(HELLO)) }))
            .await,
    );
}

#[tokio::test]
async fn what_no_client_sends_is_refused_with_the_reason() {
    let desk = Desk::new(yard(|_| {})).await;
    let known = hash(HELLO);
    for (extension, reason) in [
        (
            json!({ "version": 2, "sha256Hash": known }),
            "version` must be 1",
        ),
        (json!({ "sha256Hash": known }), "version` must be 1"),
        (
            json!({ "version": "1", "sha256Hash": known }),
            "version` must be 1",
        ),
        (json!({ "version": 1 }), "has no `sha256Hash`"),
        (
            json!({ "version": 1, "sha256Hash": 7 }),
            "`sha256Hash` must be a string",
        ),
        (json!("sha"), "`persistedQuery` must be an object"),
    ] {
        for query in [Value::Null, json!(HELLO)] {
            let parameters =
                json!({ "query": query, "extensions": { "persistedQuery": extension } });
            let refused = desk.post(parameters).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{extension}");
            assert_eq!(refused.code(), "BAD_REQUEST", "{extension}");
            assert!(refused.message().contains(reason), "{}", refused.message());
        }
    }
    let both = json!({ "query": HELLO, "documentId": format!("sha256:{known}") });
    assert_eq!(desk.post(both).await.code(), "BAD_REQUEST");
}

#[tokio::test]
async fn clients_that_send_hashes_where_none_are_taken_are_told_to_send_texts() {
    let desk = Desk::new(yard(|edge| edge.persisted_bytes = 0)).await;
    let extensions = by_hash(&hash(HELLO));
    let taught = json!({ "query": HELLO, "extensions": extensions });
    greeted(&desk.post(taught).await);
    let refused = desk.post(json!({ "extensions": extensions })).await;
    assert_eq!(refused.status, StatusCode::OK);
    assert_eq!(refused.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(refused.message(), "PersistedQueryNotSupported");
}

#[tokio::test]
async fn a_get_by_hash_may_be_kept_and_asked_for_again() {
    let desk = Desk::new(fresh_yard(Some(Duration::from_secs(60)), |_| {})).await;
    let extensions = by_hash(&hash(HELLO)).to_string();
    let parameters = [("extensions", extensions.as_str())];
    missed(&desk.get(&parameters, HeaderMap::new()).await);
    let taught = json!({ "query": HELLO, "extensions": by_hash(&hash(HELLO)) });
    greeted(&desk.post(taught).await);

    let first = desk.get(&parameters, HeaderMap::new()).await;
    greeted(&first);
    assert_eq!(first.header("cache-control"), Some("private, max-age=60"));
    assert_eq!(first.header("vary"), Some("accept, accept-encoding"));
    let tag = first.headers[header::ETAG].clone();
    let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
    let again = desk.get(&parameters, known).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn variables_and_the_operation_are_those_of_the_request() {
    let desk = Desk::new(yard(|_| {})).await;
    let text = "query A { a: hello } query B($name: String!) { b: hello(name: $name) }";
    let extensions = by_hash(&hash(text));
    let taught = json!({ "query": text, "operationName": "A", "extensions": extensions });
    let answer = desk.post(taught).await;
    assert_eq!(answer.body, json!({ "data": { "a": "hello " } }));
    let extensions = extensions.to_string();
    let parameters = [
        ("operationName", "B"),
        ("variables", r#"{"name":"you"}"#),
        ("extensions", &extensions),
    ];
    let answer = desk.get(&parameters, HeaderMap::new()).await;
    assert_eq!(answer.body, json!({ "data": { "b": "hello you" } }));
    let nameless = [parameters[0], parameters[2]];
    let refused = desk.get(&nameless, HeaderMap::new()).await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_mutation_by_hash_is_not_run_by_get() {
    let desk = Desk::new(yard(|_| {})).await;
    let text = "mutation { build }";
    let extensions = by_hash(&hash(text));
    let taught = json!({ "query": text, "extensions": extensions });
    assert_eq!(desk.post(taught).await.status, StatusCode::OK);
    let named = extensions.to_string();
    let refused = desk.get(&[("extensions", &named)], HeaderMap::new()).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.header("allow"), Some("POST"));
    let answer = desk.post(json!({ "extensions": extensions })).await;
    assert_eq!(answer.body, json!({ "data": { "build": 1 } }));
}

#[tokio::test]
async fn a_get_by_hash_from_another_site_needs_a_proof_as_any_other() {
    let desk = Desk::new(yard(|_| {})).await;
    let taught = json!({ "query": HELLO, "extensions": by_hash(&hash(HELLO)) });
    greeted(&desk.post(taught).await);
    let extensions = by_hash(&hash(HELLO)).to_string();
    for (site, expected) in [
        ("cross-site", StatusCode::BAD_REQUEST),
        ("same-site", StatusCode::BAD_REQUEST),
        ("same-origin", StatusCode::OK),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", HeaderValue::from_static(site));
        let answer = desk.get(&[("extensions", &extensions)], headers).await;
        assert_eq!(answer.status, expected, "{site}");
    }
}
