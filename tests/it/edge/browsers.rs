//! Pages of other sites, and what every answer tells a browser.

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode, header};

use crate::edge::{
    call::{Answer, JSON, send},
    yard::yard,
};

const ALLOWED: &str = "https://app.example.com";
const FOREIGN: &str = "https://app.example.net";

fn open() -> Router {
    yard(|edge| edge.origins = vec![header::HeaderValue::from_static(ALLOWED)])
}

async fn ask(router: Router, method: Method, origin: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri("/graphql?query=%7Bhello%7D")
        .header(header::ORIGIN, origin);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(
        router,
        request.body(Body::from(r#"{"query":"{hello}"}"#)).unwrap(),
    )
    .await
}

async fn preflight(router: Router, origin: &str) -> Answer {
    let wanted = [
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,x-tenant-id",
        ),
    ];
    ask(router, Method::OPTIONS, origin, &wanted).await
}

#[tokio::test]
async fn no_other_site_is_allowed_by_default() {
    let refused = preflight(yard(|_| {}), ALLOWED).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    let posted = ask(
        yard(|_| {}),
        Method::POST,
        ALLOWED,
        &[("content-type", JSON)],
    )
    .await;
    for answer in [refused, posted] {
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_site_may_ask_with_its_credentials() {
    let answer = preflight(open(), ALLOWED).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), Some(ALLOWED));
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("GET,POST")
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("authorization,x-tenant-id")
    );
    assert_eq!(answer.header("access-control-max-age"), Some("7200"));
    // No cookie is read, so none has to be sent.
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn a_page_of_an_allowed_site_may_read_answers_and_errors() {
    let post = [("content-type", JSON)];
    let answer = ask(open(), Method::POST, ALLOWED, &post).await;
    assert_eq!(answer.status, StatusCode::OK);
    let refused = ask(
        open(),
        Method::POST,
        ALLOWED,
        &[("content-type", "text/plain")],
    )
    .await;
    assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for answer in [answer, refused] {
        assert_eq!(answer.header("access-control-allow-origin"), Some(ALLOWED));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["x-request-id", "etag", "retry-after"] {
            assert!(exposed.contains(name), "{exposed}");
        }
        assert!(varies_by(&answer, "origin"));
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_site_may_get_without_a_proof() {
    let cross_site = [("sec-fetch-site", "cross-site")];
    let allowed = ask(open(), Method::GET, ALLOWED, &cross_site).await;
    assert_eq!(allowed.status, StatusCode::OK);
    let foreign = ask(open(), Method::GET, FOREIGN, &cross_site).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_page_of_a_site_that_is_not_allowed_reads_nothing() {
    let post = [("content-type", JSON)];
    let cases = [
        preflight(open(), FOREIGN).await,
        preflight(open(), "null").await,
        preflight(open(), "https://app.example.com.evil.example").await,
        preflight(open(), "http://app.example.com").await,
        ask(open(), Method::POST, FOREIGN, &post).await,
    ];
    for answer in cases {
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert!(varies_by(&answer, "origin"));
    }
}

fn varies_by(answer: &Answer, name: &str) -> bool {
    let values = answer.headers.get_all(header::VARY).iter();
    values
        .flat_map(|value| value.to_str().unwrap().split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(name))
}

#[tokio::test]
async fn no_answer_is_taken_for_a_page_or_shown_in_one() {
    for path in ["/graphql", "/health/live", "/schema.graphql", "/absent"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = send(yard(|_| {}), request).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
    }
}
