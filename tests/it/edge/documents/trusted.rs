//! Trusted documents.

use std::time::Duration;

use axum::Router;
use haulgraph::http::{ManifestError, Others, TrustedDocuments};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::{Desk, by_hash, greeted, hash, list::List};
use crate::edge::{
    call::{Answer, ask},
    yard::yard,
};

const HELLO: &str = "query Hello { hello }";
const BUILD: &str = "mutation Build { build }";
const LISTED: [(&str, &str); 2] = [("hello-1", HELLO), ("build-1", BUILD)];
const OTHER: &str = "{ again { hello } }";
const KEY: &str = "a-key-of-32-characters-for-tests";

fn only() -> Others {
    Others::None {
        operator_key: Some(KEY.into()),
    }
}

fn trusting(trusted: TrustedDocuments) -> Router {
    yard(|edge| edge.trusted = Some(trusted))
}

async fn desk(others: Others) -> Desk {
    Desk::new(trusting(List::apollo(&LISTED).read(others))).await
}

fn refused(answer: &Answer, code: &str) {
    assert!(!answer.has_data(), "{}", answer.body);
    assert_eq!(answer.code(), code, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn operator(key: &'static str) -> HeaderMap {
    let name = HeaderName::from_static("haulgraph-operator-key");
    HeaderMap::from_iter([(name, HeaderValue::from_static(key))])
}

async fn post_with(desk: &Desk, headers: HeaderMap, parameters: Value) -> Answer {
    let request = desk.client.post(&desk.url).headers(headers);
    super::send(request.json(&parameters)).await
}

#[tokio::test]
async fn a_document_of_the_list_is_known_by_its_id_and_its_hash_in_both_forms() {
    for (list, others) in [
        (List::apollo(&LISTED), Others::Any),
        (List::relay(&LISTED), only()),
    ] {
        let desk = Desk::new(trusting(list.read(others))).await;
        let prefixed = format!("sha256:{}", hash(HELLO));
        for id in ["hello-1", &hash(HELLO), &prefixed] {
            greeted(&desk.post(json!({ "documentId": id })).await);
            greeted(&desk.get(&[("documentId", id)], HeaderMap::new()).await);
        }
        // Apollo's clients send the ids of a list where they would send hashes.
        for name in ["hello-1", &hash(HELLO)] {
            let extensions = by_hash(name);
            greeted(&desk.post(json!({ "extensions": extensions })).await);
            let extensions = extensions.to_string();
            greeted(
                &desk
                    .get(&[("extensions", &extensions)], HeaderMap::new())
                    .await,
            );
        }
    }
}

#[tokio::test]
async fn a_list_that_is_preferred_changes_nothing_for_other_documents() {
    let desk = desk(Others::Any).await;
    assert_eq!(
        desk.post(json!({ "query": OTHER })).await.body,
        json!({ "data": { "again": { "hello": "hello " } } })
    );
    let named = json!({ "extensions": by_hash(&hash(OTHER)) });
    assert_eq!(
        desk.post(named.clone()).await.code(),
        "PERSISTED_QUERY_NOT_FOUND"
    );
    let taught = json!({ "query": OTHER, "extensions": by_hash(&hash(OTHER)) });
    assert_eq!(desk.post(taught).await.status, StatusCode::OK);
    assert!(desk.post(named).await.has_data());
    let unknown = desk.post(json!({ "documentId": "other-1" })).await;
    refused(&unknown, "PERSISTED_QUERY_NOT_IN_LIST");
}

#[tokio::test]
async fn an_id_is_known_to_nobody_where_there_is_no_list() {
    let desk = Desk::new(yard(|_| {})).await;
    let unknown = desk.post(json!({ "documentId": "hello-1" })).await;
    refused(&unknown, "PERSISTED_QUERY_NOT_IN_LIST");
}

#[tokio::test]
async fn nothing_but_the_list_is_executed_where_only_the_list_is_trusted() {
    let desk = desk(only()).await;
    greeted(&desk.post(json!({ "query": HELLO })).await);
    for text in [
        OTHER,
        "query Hello { hello } ",
        "{ __schema { queryType { name } } }",
        "{",
    ] {
        for extensions in [json!({}), by_hash(&hash(text)), by_hash("hello-1")] {
            let sent = json!({ "query": text, "extensions": extensions });
            refused(&desk.post(sent).await, "QUERY_NOT_IN_SAFELIST");
        }
        let by_get = desk.get(&[("query", text)], HeaderMap::new()).await;
        refused(&by_get, "QUERY_NOT_IN_SAFELIST");
        // Not the code that makes clients send the text.
        let named = json!({ "extensions": by_hash(&hash(text)) });
        refused(&desk.post(named).await, "PERSISTED_QUERY_NOT_IN_LIST");
        let id = json!({ "documentId": format!("sha256:{}", hash(text)) });
        refused(&desk.post(id).await, "PERSISTED_QUERY_NOT_IN_LIST");
    }
}

#[tokio::test]
async fn a_batch_is_no_way_around_the_list() {
    let trusted = List::apollo(&LISTED).read(only());
    let router = yard(|edge| {
        edge.trusted = Some(trusted);
        edge.limits.batch = 2;
    });
    let batch = json!([{ "query": OTHER }, { "documentId": "hello-1" }]);
    let answers = Desk::new(router).await.post(batch).await.body;
    let code = &answers[0]["errors"][0]["extensions"]["code"];
    assert_eq!(code, "QUERY_NOT_IN_SAFELIST", "{answers}");
    assert_eq!(answers[0]["data"], Value::Null);
    assert_eq!(answers[1], json!({ "data": { "hello": "hello " } }));
}

#[tokio::test]
async fn an_operator_may_ask_for_what_it_likes_and_teaches_nobody_else() {
    let desk = desk(only()).await;
    let taught = json!({ "query": OTHER, "extensions": by_hash(&hash(OTHER)) });
    let named = json!({ "extensions": by_hash(&hash(OTHER)) });
    let answer = post_with(&desk, operator(KEY), taught.clone()).await;
    assert!(answer.has_data(), "{}", answer.body);
    assert!(
        post_with(&desk, operator(KEY), named.clone())
            .await
            .has_data()
    );
    refused(&desk.post(named).await, "PERSISTED_QUERY_NOT_IN_LIST");
    refused(&desk.post(taught).await, "QUERY_NOT_IN_SAFELIST");
}

#[tokio::test]
async fn no_other_key_makes_an_operator() {
    let guarded = desk(only()).await;
    let keyless = desk(Others::None { operator_key: None }).await;
    let sent = json!({ "query": OTHER });
    for desk in [&guarded, &keyless] {
        for key in ["", "a-key-of-32-characters-for-test", "true"] {
            let answer = post_with(desk, operator(key), sent.clone()).await;
            refused(&answer, "QUERY_NOT_IN_SAFELIST");
        }
    }
    let answer = post_with(&keyless, operator(KEY), sent.clone()).await;
    refused(&answer, "QUERY_NOT_IN_SAFELIST");
    assert!(!format!("{:?}", List::relay(&LISTED).read(only())).contains(KEY));
}

#[tokio::test]
async fn trust_is_no_leave_to_write_by_get_or_to_ask_for_more_than_the_limits() {
    let deep = format!("{{ {}hello{} }}", "again { ".repeat(5), " }".repeat(5));
    let list = List::relay(&[("build", BUILD), ("deep", &deep), ("wrong", "{ nothing }")]);
    let trusted = list.read(only());
    let router = yard(|edge| {
        edge.trusted = Some(trusted);
        edge.limits.depth = 3;
    });
    let desk = Desk::new(router).await;
    let by_get = desk.get(&[("documentId", "build")], HeaderMap::new());
    assert_eq!(by_get.await.status, StatusCode::METHOD_NOT_ALLOWED);
    let built = desk.post(json!({ "documentId": "build" })).await;
    assert_eq!(built.body, json!({ "data": { "build": 1 } }));
    for id in ["deep", "wrong"] {
        let answer = desk.post(json!({ "documentId": id })).await;
        refused(&answer, "GRAPHQL_VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn a_list_that_changes_is_read_again_and_one_that_breaks_is_not() {
    let list = List::relay(&[("1", HELLO)]);
    let trusted = list.read(only());
    let desk = Desk::new(trusting(trusted.clone())).await;
    assert!(!trusted.refresh().unwrap());

    list.spoil();
    assert!(matches!(
        trusted.refresh(),
        Err(ManifestError::Malformed { .. })
    ));
    greeted(&desk.post(json!({ "documentId": "1" })).await);

    list.write(&[("2", HELLO)]);
    assert!(trusted.refresh().unwrap());
    greeted(&desk.post(json!({ "documentId": "2" })).await);
    let gone = desk.post(json!({ "documentId": "1" })).await;
    refused(&gone, "PERSISTED_QUERY_NOT_IN_LIST");

    std::fs::remove_file(list.path()).unwrap();
    let error = trusted.refresh().unwrap_err();
    assert!(matches!(error, ManifestError::Unreadable { .. }));
    assert!(error.to_string().starts_with(list.path().to_str().unwrap()));
    greeted(&desk.post(json!({ "documentId": "2" })).await);
}

#[tokio::test(start_paused = true)]
async fn the_file_is_looked_at_every_few_seconds() {
    let list = List::relay(&[("1", HELLO)]);
    let router = trusting(list.read(only()));
    list.write(&[("2", HELLO)]);
    let mut seconds = 0;
    while !ask(router.clone(), json!({ "documentId": "2" }))
        .await
        .has_data()
    {
        tokio::time::advance(Duration::from_secs(1)).await;
        seconds += 1;
        assert!(seconds < 60, "nobody looked");
    }
}
