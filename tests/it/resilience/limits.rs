//! Breaker, bulkhead and quota, as callers see them.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use haulgraph::sandbox;
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

const TENANTS: &str = "{ tenants { name } }";
const ROUTES: &str = "{ routes(first: 1) { nodes { name } } }";

/// Somebody to whom nothing is told from memory.
fn fresh() -> Caller {
    Caller::dispatcher().header("cache-control", "no-cache")
}

/// The query as one that no other request shares.
fn own(n: usize, query: &str) -> String {
    query.replacen("{ ", &format!("{{ own{n}: "), 1)
}

fn extensions(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]
}

fn is_answered(answer: &Value) -> bool {
    answer.get("errors").is_none()
}

#[tokio::test]
async fn an_upstream_that_fails_is_left_alone_until_a_probe_succeeds() {
    let world = World::with(|config| {
        config.cro.breaker.min_calls = 4;
        config.cro.breaker.open_for = Duration::from_secs(1);
    })
    .await;
    world
        .fault(Api::Cro, json!({ "status": 503, "times": 5 }))
        .await;
    for _ in 0..4 {
        world.ask(&fresh(), TENANTS).await;
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 4);
    let refused = world.ask(&fresh(), TENANTS).await;
    assert_eq!(extensions(&refused)["code"], json!("UPSTREAM_UNAVAILABLE"));
    assert_eq!(extensions(&refused)["retryable"], json!(true));
    let after = extensions(&refused)["retryAfterMs"].as_u64().unwrap();
    assert!((1..=1000).contains(&after), "{after}");
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
    assert!(
        is_answered(&world.ask(&fresh(), ROUTES).await),
        "the others are not concerned"
    );

    // The first probe meets the last fault, the second one closes the breaker.
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_answered(&world.ask(&fresh(), TENANTS).await) {
        assert!(Instant::now() < deadline);
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 2, "one probe at a time");
}

#[tokio::test]
async fn a_caller_who_makes_an_upstream_err_takes_it_away_from_nobody_else() {
    let world = World::with(|config| config.cro.breaker.min_calls = 4).await;
    let fault = json!({ "match": { "path": "/customers/*" }, "status": 500 });
    world.fault(Api::Cro, fault).await;
    let colleague = Caller::named("admin").header("cache-control", "no-cache");
    for _ in 0..10 {
        assert!(is_answered(&world.ask(&colleague, TENANTS).await));
        // Whatever tenant it says: what the upstream refuses is no failure, and what it errs at is its own.
        for tenant in ["34", "35"] {
            let somebody = fresh().header("x-tenant-id", tenant);
            let answer = world.ask(&somebody, "{ customer(id: 3) { name } }").await;
            assert_eq!(extensions(&answer)["upstream"]["status"], json!(500));
        }
    }
    assert!(is_answered(&world.ask(&fresh(), TENANTS).await));
    // Once it errs for the colleague, too, it is the upstream.
    world.ask(&colleague, "{ customer(id: 3) { name } }").await;
    let refused = world.ask(&fresh(), TENANTS).await;
    assert_eq!(extensions(&refused)["code"], json!("UPSTREAM_UNAVAILABLE"));
}

#[tokio::test]
async fn refusals_of_single_requests_do_not_open_the_breaker() {
    let world = World::with(|config| config.cro.breaker.min_calls = 2).await;
    for status in [400, 401, 403, 404, 409, 420, 422, 429] {
        let fault = json!({ "status": status, "times": 1 });
        world.fault(Api::Cro, fault).await;
        world.ask(&fresh(), TENANTS).await;
    }
    assert!(is_answered(&world.ask(&fresh(), TENANTS).await));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let world = World::with(|config| {
        config.cro.concurrency = 1;
        config.cro.queue = 1;
    })
    .await;
    let fault = json!({ "match": { "path": "/tenants" }, "delay_ms": 1000, "times": 1 });
    world.fault(Api::Cro, fault).await;
    let answers = join_all((0..4).map(async |n| {
        let started = Instant::now();
        let answer = world.ask(&fresh(), &own(n, TENANTS)).await;
        (answer, started.elapsed())
    }))
    .await;
    let (answered, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|(answer, _)| is_answered(answer));
    assert_eq!((answered.len(), refused.len()), (2, 2));
    for (answer, took) in refused {
        assert_eq!(extensions(answer)["code"], json!("UPSTREAM_UNAVAILABLE"));
        assert!(extensions(answer)["retryAfterMs"].is_number());
        assert!(*took < Duration::from_secs(1), "{took:?}");
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 2);
}

#[tokio::test]
async fn a_quota_is_used_up_to_its_limit_and_not_beyond() {
    let options = sandbox::Options {
        quota: Some(20),
        ..sandbox::Options::ephemeral()
    };
    let world = World::of(options, |config| {
        config.trans_eu.concurrency = 64;
        config.trans_eu.requests_per_second = 20;
    })
    .await;
    let started = Instant::now();
    let answers = join_all((0..30).map(async |n| world.ask(&fresh(), &own(n, ROUTES)).await)).await;
    assert!(answers.iter().all(is_answered));
    assert!(started.elapsed() >= Duration::from_secs(1));
    let calls = world.calls(Api::TransEu).await;
    assert_eq!(calls.len(), 30);
    assert!(calls.iter().all(|call| call.ends_with("200")), "{calls:?}");
}

#[tokio::test]
async fn a_greedy_caller_does_not_hold_up_another() {
    let world = World::with(|config| {
        config.trans_eu.concurrency = 64;
        config.trans_eu.requests_per_second = 10;
    })
    .await;
    let other = fresh().header("x-trans-eu-authorization", "Bearer sandbox-shipper.1");
    // Who is answered, in order: the greedy caller asks 25 times, and then the other one once.
    let answered = Mutex::new(Vec::new());
    join_all((0..26).map(async |n| {
        let caller = if n < 25 { fresh() } else { other.clone() };
        assert!(is_answered(&world.ask(&caller, &own(n, ROUTES)).await));
        answered.lock().unwrap().push(n);
    }))
    .await;
    let order = answered.into_inner().unwrap();
    let place = order.iter().position(|n| *n == 25).unwrap();
    assert!(place < 20, "{order:?}");
}

#[tokio::test]
async fn who_would_wait_too_long_for_the_quota_is_told_when_to_come_back() {
    let world = World::with(|config| {
        config.trans_eu.requests_per_second = 1;
        config.server.request_timeout = Duration::from_secs(2);
    })
    .await;
    let started = Instant::now();
    let answers = join_all((0..6).map(async |n| {
        let answer = world.ask(&fresh(), &own(n, ROUTES)).await;
        (answer, started.elapsed())
    }))
    .await;
    let is_refused = |answer: &Value| extensions(answer)["code"] == json!("RATE_LIMITED");
    let refused: Vec<_> = answers
        .iter()
        .filter(|(answer, _)| is_refused(answer))
        .collect();
    // Four seconds' worth of calls do not fit into two.
    assert!(refused.len() >= 3, "{answers:?}");
    for (answer, took) in &refused {
        let after = extensions(answer)["retryAfterMs"].as_u64().unwrap();
        assert!((1_000..=6_000).contains(&after), "{after}");
        assert!(*took < Duration::from_secs(1), "{took:?}");
    }
    assert!(world.calls(Api::TransEu).await.len() <= 3);
}

#[tokio::test]
async fn a_429_holds_back_the_calls_that_follow() {
    let world = World::with(|config| {
        config.trans_eu.requests_per_second = 100;
        config.server.request_timeout = Duration::from_secs(5);
    })
    .await;
    let fault = json!({ "status": 429, "headers": { "retry-after": "60" }, "times": 1 });
    world.fault(Api::TransEu, fault).await;
    for _ in 0..2 {
        let refused = world.ask(&fresh(), ROUTES).await;
        assert_eq!(extensions(&refused)["code"], json!("RATE_LIMITED"));
        let after = extensions(&refused)["retryAfterMs"].as_u64().unwrap();
        assert!((59_000..=60_000).contains(&after), "{after}");
    }
    assert_eq!(world.calls(Api::TransEu).await.len(), 1);
}
