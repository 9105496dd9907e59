//! A write is sent once, whatever happens to it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    relay::{Cut, nowhere, relay},
    with_retries,
};
use crate::harness::{Api, Caller, World};

const RENAME: &str =
    "mutation { updateCustomer(input: { customerId: 7, name: \"Once\" }) { customer { name } } }";

/// A world in which a write fails soon, and reads are tried again.
async fn world() -> World {
    World::with(|config| {
        with_retries(config);
        config.cro.timeout = Duration::from_secs(1);
    })
    .await
}

/// The writes that arrived.
async fn writes(world: &World) -> usize {
    let calls = world.calls(Api::Cro).await;
    calls
        .iter()
        .filter(|call| call.starts_with("PATCH"))
        .count()
}

fn end(answer: &Value) -> (&str, bool, bool) {
    let extensions = &answer["errors"][0]["extensions"];
    (
        extensions["code"].as_str().unwrap_or("none"),
        extensions["outcome"] == json!("unknown"),
        extensions["retryable"] == json!(true),
    )
}

const DOUBT: (bool, bool) = (true, false);
const REFUSED: (bool, bool) = (false, true);

#[tokio::test]
async fn a_write_arrives_once_under_every_fault() {
    for (fault, code, (is_unknown, retryable)) in [
        (json!({ "drop": true }), "UPSTREAM_UNAVAILABLE", DOUBT),
        (
            json!({ "drop": true, "handled": true }),
            "UPSTREAM_UNAVAILABLE",
            DOUBT,
        ),
        (json!({ "status": 500 }), "UPSTREAM_UNAVAILABLE", DOUBT),
        (json!({ "status": 502 }), "UPSTREAM_UNAVAILABLE", DOUBT),
        (json!({ "status": 503 }), "UPSTREAM_UNAVAILABLE", DOUBT),
        (
            json!({ "status": 503, "headers": { "retry-after": "0" } }),
            "UPSTREAM_UNAVAILABLE",
            DOUBT,
        ),
        (
            json!({ "status": 504, "handled": true }),
            "UPSTREAM_TIMEOUT",
            DOUBT,
        ),
        (json!({ "status": 408 }), "UPSTREAM_TIMEOUT", DOUBT),
        (json!({ "status": 429 }), "RATE_LIMITED", REFUSED),
        (
            json!({ "status": 429, "headers": { "retry-after": "0" } }),
            "RATE_LIMITED",
            REFUSED,
        ),
        (
            json!({ "status": 307, "headers": { "location": "/customers/7/" } }),
            "UPSTREAM_INVALID_RESPONSE",
            DOUBT,
        ),
        (json!({ "delay_ms": 5000 }), "UPSTREAM_TIMEOUT", DOUBT),
        (json!({ "truncate": true }), "UPSTREAM_UNAVAILABLE", DOUBT),
        (json!({ "stall": true }), "UPSTREAM_TIMEOUT", DOUBT),
        (
            json!({ "status": 200, "body": "<html>" }),
            "UPSTREAM_INVALID_RESPONSE",
            DOUBT,
        ),
    ] {
        let world = world().await;
        let mut rule = fault.clone();
        rule["match"] = json!({ "method": "PATCH" });
        world.fault(Api::Cro, rule).await;
        let answer = world.ask(&Caller::dispatcher(), RENAME).await;
        assert_eq!(end(&answer), (code, is_unknown, retryable), "{fault}");
        assert_eq!(writes(&world).await, 1, "{fault}");
    }
}

#[tokio::test]
async fn a_write_over_a_wire_that_is_cut_arrives_once_at_most() {
    for (cut, arrived) in [
        (Cut::BeforeTheRequest, 0),
        (Cut::BeforeTheAnswer, 1),
        (Cut::InTheAnswer, 1),
    ] {
        let mut world = world().await;
        let wire = relay(&world.url(Api::Cro), cut).await;
        world.change(|config| config.cro.base_url = Some(wire.parse().unwrap()));
        let answer = world.ask(&Caller::dispatcher(), RENAME).await;
        assert_eq!(
            end(&answer),
            ("UPSTREAM_UNAVAILABLE", true, false),
            "{cut:?}"
        );
        assert_eq!(writes(&world).await, arrived, "{cut:?}");
    }
}

#[tokio::test]
async fn a_write_that_never_left_may_be_sent_again_by_the_caller() {
    let mut world = world().await;
    let gone = nowhere().await;
    world.change(|config| config.cro.base_url = Some(gone.parse().unwrap()));
    let answer = world.ask(&Caller::dispatcher(), RENAME).await;
    assert_eq!(end(&answer), ("UPSTREAM_UNAVAILABLE", false, true));
}
