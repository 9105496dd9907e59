//! Too many requests: at once, and from one caller.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use haulgraph::http::{Crowd, FieldCost, Items, Rate, Readiness};
use http::{Request, StatusCode, header};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    edge::{
        call::{Answer, JSON, send},
        port::{Served, generous},
        yard::{Gate, yard, yard_with_gate},
    },
    harness::{Caller, World},
};

fn request(authorization: &str, document: &str) -> Request<Body> {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, JSON);
    if !authorization.is_empty() {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let body = json!({ "query": document }).to_string();
    request.body(Body::from(body)).unwrap()
}

/// An edge with one place and a gate in it, and how ready it says it is.
fn narrow(wait: Duration) -> (Router, Arc<Gate>, Readiness) {
    let readiness = Readiness::new();
    let (router, gate) = yard_with_gate(|edge| {
        edge.crowd = Crowd { most: 1, wait };
        edge.readiness = readiness.clone();
    });
    (router, gate, readiness)
}

fn ask(router: &Router) -> JoinHandle<Answer> {
    tokio::spawn(send(router.clone(), request("", "{ gated }")))
}

fn assert_turned_away(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED")
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
    let extensions = &answer.body["errors"][0]["extensions"];
    assert_eq!(extensions["retryable"], true);
    assert_eq!(extensions["retryAfterMs"], 1001);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_finds_no_place_in_time_is_told_to_come_back() {
    let (router, gate, readiness) = narrow(Duration::from_secs(1));
    let first = ask(&router);
    gate.entered.notified().await;
    assert!(readiness.get());
    assert_turned_away(&ask(&router).await.unwrap());

    // Whoever sends the requests is told, too, for a while; and who is in is answered.
    assert!(!readiness.get());
    let ready = Request::get("/health/ready").body(Body::empty()).unwrap();
    let report = send(router.clone(), ready).await;
    assert_eq!(report.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(report.body, json!({ "status": "overloaded" }));
    tokio::time::advance(Duration::from_secs(5)).await;
    assert!(readiness.get());
    gate.may_leave.notify_one();
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_its_turn_and_no_more_than_there_are_places_do() {
    let (router, gate, readiness) = narrow(Duration::from_secs(3600));
    let first = ask(&router);
    gate.entered.notified().await;
    let mut others = [ask(&router), ask(&router)];
    // One of them waits; the other one is over the bound.
    let (turned_away, _, waiting) = futures_util::future::select_all(&mut others).await;
    assert_turned_away(&turned_away.unwrap());
    assert!(!readiness.get());
    gate.may_leave.notify_one();
    assert_eq!(first.await.unwrap().status, StatusCode::OK);
    gate.may_leave.notify_one();
    for answer in waiting {
        assert_eq!(answer.await.unwrap().status, StatusCode::OK);
    }
}

/// One point comes back each second.
fn rate(burst: u32) -> Rate {
    Rate {
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::new(burst).unwrap(),
        tenants: NonZeroU32::MIN,
        callers_per_address: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_asks_for_too_much_is_limited_and_others_are_not() {
    let router = yard(|edge| {
        edge.rate = Some(rate(2));
    });
    for caller in ["one", "two", ""] {
        for _ in 0..2 {
            let answer = send(router.clone(), request(caller, "{ hello }")).await;
            assert_eq!(answer.status, StatusCode::OK, "{caller}");
        }
        let answer = send(router.clone(), request(caller, "{ hello }")).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED")
        );
        assert_eq!(answer.header("retry-after"), Some("1"));
        let wait = &answer.body["errors"][0]["extensions"]["retryAfterMs"];
        assert_eq!(wait, 1001);
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    let again = send(router, request("one", "{ hello }")).await;
    assert_eq!(again.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_counts_too() {
    let router = yard(|edge| {
        edge.rate = Some(rate(1));
    });
    let refused = send(router.clone(), request("one", "{")).await;
    assert_eq!(refused.code(), "GRAPHQL_PARSE_FAILED");
    let limited = send(router, request("one", "{")).await;
    assert_eq!(limited.code(), "RATE_LIMITED");
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_more_calls_pays_for_them_and_is_told_when_there_is_enough() {
    let five = FieldCost {
        each: 5,
        most: 5,
        completes: false,
        items: Items::One,
    };
    let router = yard(|edge| {
        edge.rate = Some(rate(8));
        edge.costs = [("Query", "hello", five)].into_iter().collect();
    });
    let ask = |document| send(router.clone(), request("one", document));
    assert_eq!(ask("{ hello }").await.status, StatusCode::OK);
    let limited = ask("{ hello }").await;
    assert_eq!(
        (limited.status, limited.code()),
        (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED")
    );
    // What it costs to be read is gone: 2 of 8 points are left, and the next try pays for that, too.
    let extensions = &limited.body["errors"][0]["extensions"];
    assert_eq!(extensions["retryAfterMs"], 3001);
    assert_eq!(limited.header("retry-after"), Some("3"));
    assert_eq!(ask("{ day: __typename }").await.status, StatusCode::OK);
    tokio::time::advance(Duration::from_secs(4)).await;
    assert_eq!(ask("{ hello }").await.status, StatusCode::OK);
}

#[tokio::test]
async fn predicted_calls_are_paid_for_whatever_tenants_a_caller_makes_up() {
    let world = World::with(|config| {
        config.rate_limit.per_second = 1;
        config.rate_limit.burst = 10;
        config.rate_limit.tenants = 2;
    })
    .await;
    let router = world.gateway.router(&world.config, Readiness::new());
    let served = Served::new(router.unwrap(), generous(), None).await;
    let client = reqwest::Client::new();
    let ask = async |tenant: &str| {
        let document = "{ customers(first: 7) { nodes { createdAt } } }";
        let request = client
            .post(format!("{}/graphql", served.url))
            .json(&json!({ "query": document }))
            .headers(
                Caller::dispatcher()
                    .header("x-tenant-id", tenant)
                    .headers()
                    .clone(),
            );
        let answer = request.send().await.unwrap();
        (
            answer.status(),
            answer.json::<serde_json::Value>().await.unwrap(),
        )
    };
    // It costs 8 points, and each tenant has 10, but all of them 20.
    assert_eq!(ask("34").await.0, StatusCode::OK);
    let (status, body) = ask("34").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "RATE_LIMITED");
    assert!(
        extensions["retryAfterMs"].as_u64().unwrap() > 5000,
        "{extensions}"
    );
    assert_eq!(ask("35").await.0, StatusCode::OK);
    assert_eq!(ask("36").await.0, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn nobody_is_limited_by_default() {
    let router = yard(|_| {});
    for _ in 0..100 {
        let answer = send(router.clone(), request("one", "{ hello }")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
}
