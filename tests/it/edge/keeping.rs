//! What clients may keep, how they ask for it again, and compressed answers.

use std::time::Duration;

use axum::{Router, body::Body};
use http::{HeaderName, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::edge::{
    call::{Answer, JSON, get, query, send},
    yard::{fresh_yard, yard},
};

const MINUTE: Duration = Duration::from_secs(60);
const HELLO: &str = "query=%7Bhello%7D";

async fn ask(router: Router, parameters: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = get(parameters);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    send(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_answer_may_be_kept_for_as_long_as_all_of_it_is_fresh() {
    for (fresh_for, expected) in [
        (MINUTE, "private, max-age=60"),
        (Duration::from_millis(1999), "private, max-age=1"),
        (Duration::from_millis(999), "private, no-cache"),
        (Duration::ZERO, "private, no-cache"),
    ] {
        let router = fresh_yard(Some(fresh_for), |_| {});
        for answer in [
            ask(router.clone(), HELLO, &[]).await,
            query(router, "{ hello }").await,
        ] {
            assert_eq!(answer.header("cache-control"), Some(expected));
        }
    }
}

#[tokio::test]
async fn what_must_not_be_kept_is_not_to_be_stored() {
    let fresh = || fresh_yard(Some(MINUTE), |_| {});
    for answer in [
        query(yard(|_| {}), "{ hello }").await,
        query(fresh(), "{ missing }").await,
        query(fresh(), "mutation { build }").await,
        query(fresh(), "{ nothing }").await,
        query(fresh(), "{").await,
        ask(fresh(), "query=%7Bmissing%7D", &[]).await,
        ask(fresh(), "", &[]).await,
    ] {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("etag"), None);
    }
}

#[tokio::test]
async fn answers_vary_by_what_they_were_made_for() {
    let mapped = || {
        fresh_yard(Some(MINUTE), |edge| {
            edge.vary = vec![
                header::AUTHORIZATION,
                HeaderName::from_static("x-tenant-id"),
            ];
        })
    };
    let expected = Some("accept, accept-encoding, authorization, x-tenant-id");
    for document in ["{ hello }", "{ nothing }", "{"] {
        assert_eq!(query(mapped(), document).await.header("vary"), expected);
    }
    let plain = yard(|edge| edge.compress_from = None);
    assert_eq!(
        query(plain, "{ hello }").await.header("vary"),
        Some("accept")
    );
}

#[tokio::test]
async fn who_holds_the_answer_is_told_so_and_who_holds_another_gets_it() {
    let router = fresh_yard(Some(MINUTE), |_| {});
    let first = ask(router.clone(), HELLO, &[]).await;
    let tag = first.header("etag").unwrap();
    assert!(tag.starts_with('"') && tag.len() == 66, "{tag}");

    let again = ask(router.clone(), HELLO, &[(header::IF_NONE_MATCH, tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(again.body, "");
    for name in ["etag", "cache-control", "vary"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(again.header("content-type"), None);

    let other = "query=%7Bhello(name:%22you%22)%7D";
    let changed = ask(router, other, &[(header::IF_NONE_MATCH, tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), Some(tag));
}

#[tokio::test]
async fn a_post_has_no_tag_and_is_always_answered() {
    let answer = query(fresh_yard(Some(MINUTE), |_| {}), "{ hello }").await;
    assert_eq!(answer.header("etag"), None);
}

/// An answer of some size, in the bytes that go over the wire.
async fn encoded(accepted: &str, from: Option<usize>) -> (Response<()>, Vec<u8>) {
    let router = fresh_yard(Some(MINUTE), |edge| edge.compress_from = from);
    let name = "haul".repeat(100);
    let request = get(&format!("query=%7Bhello(name:%22{name}%22)%7D"))
        .header(header::ACCEPT, JSON)
        .header(header::ACCEPT_ENCODING, accepted);
    let answer = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), body.to_vec())
}

#[tokio::test]
async fn an_answer_worth_it_is_compressed_as_the_client_likes_it_best() {
    let (plain, text) = encoded("identity", Some(1)).await;
    assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
    let mut tags = vec![plain.headers()[header::ETAG].clone()];
    for (accepted, expected) in [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
    ] {
        let (answer, body) = encoded(accepted, Some(text.len())).await;
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], expected);
        assert!(body.len() < text.len() / 2, "{expected}: {}", body.len());
        // Another body, so another name; the client that holds it is told so.
        let tag = answer.headers()[header::ETAG].clone();
        assert!(!tags.contains(&tag));
        tags.push(tag);
    }
}

#[tokio::test]
async fn a_small_answer_is_sent_as_it_is_and_all_are_if_compression_is_off() {
    let (_, text) = encoded("identity", Some(1)).await;
    for from in [None, Some(text.len() + 1)] {
        let (answer, body) = encoded("gzip", from).await;
        assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(body, text);
    }
}

#[tokio::test]
async fn a_compressed_answer_is_read_back_by_a_client_over_a_socket() {
    use crate::edge::port::{Served, generous};
    let router = yard(|edge| edge.compress_from = Some(1));
    let port = Served::new(router, generous(), None).await;
    let answer = reqwest::Client::new()
        .get(format!("{}/graphql?{HELLO}", port.url))
        .header(header::ACCEPT_ENCODING, "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip");
    let length = answer.headers()[header::CONTENT_LENGTH].clone();
    let body = answer.bytes().await.unwrap();
    assert_eq!(length.to_str().unwrap(), body.len().to_string());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut text).unwrap();
    assert_eq!(text, r#"{"data":{"hello":"hello "}}"#);
}
