//! Reads are tried again, within their time and their budget.

use std::time::{Duration, Instant};

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    relay::{Cut, nowhere, relay},
    with_retries,
};
use crate::harness::{Api, Caller, World};

const TENANTS: &str = "{ tenants { name } }";

async fn world() -> World {
    World::with(|config| {
        with_retries(config);
        config.cro.timeout = Duration::from_secs(1);
    })
    .await
}

fn code(answer: &Value) -> &str {
    let code = &answer["errors"][0]["extensions"]["code"];
    code.as_str().unwrap_or("none")
}

#[tokio::test]
async fn a_failure_that_passes_is_not_seen() {
    for fault in [
        json!({ "drop": true }),
        json!({ "truncate": true }),
        json!({ "status": 502 }),
        json!({ "status": 503, "headers": { "retry-after": "0" } }),
        json!({ "status": 504 }),
        json!({ "status": 429 }),
    ] {
        let world = world().await;
        let mut rule = fault.clone();
        rule["times"] = json!(2);
        world.fault(Api::Cro, rule).await;
        let answer = world.ask(&Caller::dispatcher(), TENANTS).await;
        assert!(
            answer["data"]["tenants"][0]["name"].is_string(),
            "{fault}: {answer}"
        );
        assert_eq!(world.calls(Api::Cro).await.len(), 3, "{fault}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_tried_no_more_often_than_configured() {
    for (fault, calls) in [
        (json!({ "status": 503 }), 3),
        (json!({ "drop": true }), 3),
        // Another try would say, or take, the same.
        (json!({ "status": 500 }), 1),
        (json!({ "status": 404 }), 1),
        (json!({ "status": 200, "body": "<html>" }), 1),
        (json!({ "delay_ms": 5000 }), 1),
        (json!({ "stall": true }), 1),
        // There is no time for the pause that the upstream asks for.
        (
            json!({ "status": 503, "headers": { "retry-after": "3600" } }),
            1,
        ),
    ] {
        let world = world().await;
        world.fault(Api::Cro, fault.clone()).await;
        let answer = world.ask(&Caller::dispatcher(), TENANTS).await;
        assert_ne!(code(&answer), "none", "{fault}");
        assert_eq!(world.calls(Api::Cro).await.len(), calls, "{fault}");
    }
}

#[tokio::test]
async fn a_search_by_post_is_a_read() {
    let world = world().await;
    let fault = json!({ "match": { "path": "*/discovery/suppliers/" }, "status": 503, "times": 1 });
    world.fault(Api::Crux, fault).await;
    let query = "{ discoverySuppliers(first: 1) { nodes { name } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(code(&answer), "none", "{answer}");
    assert_eq!(world.calls(Api::Crux).await.len(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_or_cannot_be_opened_is_tried_again() {
    for (cut, arrived) in [(Cut::BeforeTheRequest, 0), (Cut::BeforeTheAnswer, 3)] {
        let mut world = world().await;
        let wire = relay(&world.url(Api::Cro), cut).await;
        world.change(|config| config.cro.base_url = Some(wire.parse().unwrap()));
        let answer = world.ask(&Caller::dispatcher(), TENANTS).await;
        assert_eq!(code(&answer), "UPSTREAM_UNAVAILABLE");
        assert_eq!(world.calls(Api::Cro).await.len(), arrived, "{cut:?}");
    }
    let mut world = world().await;
    let gone = nowhere().await;
    world.change(|config| config.cro.base_url = Some(gone.parse().unwrap()));
    let answer = world.ask(&Caller::dispatcher(), TENANTS).await;
    assert_eq!(code(&answer), "UPSTREAM_UNAVAILABLE");
}

#[tokio::test]
async fn an_outage_of_one_upstream_costs_its_own_fields_only() {
    let mixed =
        "{ tenants { name } routes(first: 1) { nodes { name } } tradingConnections { status } }";
    for fault in [
        json!({ "status": 503 }),
        json!({ "drop": true }),
        json!({ "delay_ms": 60_000 }),
        json!({ "stall": true }),
    ] {
        let world = World::with(|config| {
            with_retries(config);
            config.crux.timeout = Duration::from_millis(500);
            config.crux.first_byte_timeout = Duration::from_millis(300);
        })
        .await;
        world.fault(Api::Crux, fault.clone()).await;
        let started = Instant::now();
        let (status, answer) = world.post(&Caller::dispatcher(), mixed).await;
        assert!(started.elapsed() < Duration::from_secs(10), "{fault}");
        assert_eq!(status, StatusCode::OK);
        assert!(answer["data"]["tenants"][0]["name"].is_string(), "{fault}");
        assert!(
            answer["data"]["routes"]["nodes"][0]["name"].is_string(),
            "{fault}"
        );
        assert_eq!(answer["data"]["tradingConnections"], Value::Null);
        let errors = answer["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{fault}");
        assert!(code(&answer).starts_with("UPSTREAM_"), "{fault}");
        let health = world.get("/health/ready").await;
        assert_eq!(health, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_fetch_outlives_the_caller_who_began_it() {
    let world = World::with(|config| {
        config.cro.timeout = Duration::from_secs(60);
        config.cro.first_byte_timeout = Duration::from_secs(60);
    })
    .await;
    let fault = json!({ "match": { "path": "/tenants" }, "delay_ms": 2000, "times": 1 });
    world.fault(Api::Cro, fault).await;
    let caller = Caller::dispatcher();
    let in_a_hurry = world.within(Duration::from_secs(1));
    let hasty = in_a_hurry.ask(&caller, "{ hasty: tenants { name } }");
    let patient = world.ask(&caller, TENANTS);
    let (hasty, patient) = tokio::join!(hasty, patient);
    assert_eq!(code(&hasty), "UPSTREAM_TIMEOUT");
    assert!(
        patient["data"]["tenants"][0]["name"].is_string(),
        "{patient}"
    );
    assert_eq!(world.calls(Api::Cro).await.len(), 1);
}
