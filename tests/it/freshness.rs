//! How old answers may be: what callers demand, and what stands in for a failing upstream.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

const TENANTS: &str = "{ tenants { name } }";

fn demanding(demand: &str) -> Caller {
    Caller::dispatcher().header("cache-control", demand)
}

fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors
        .filter_map(|error| error["extensions"]["code"].as_str())
        .collect()
}

/// A world in which nothing stays fresh, but all may be served when an upstream fails.
async fn world_of_stale_answers() -> World {
    let instant = Duration::from_nanos(1);
    World::with(|config| {
        config.cache.ttl.tenants = instant;
        config.cache.ttl.customers = instant;
        config.cache.stale_while_revalidate.tenants = Duration::ZERO;
    })
    .await
}

async fn break_down(world: &World) {
    let fault = json!({ "match": { "path": "/*" }, "status": 503 });
    world.fault(Api::Cro, fault).await;
}

#[tokio::test]
async fn a_stale_answer_stands_in_for_a_failing_upstream() {
    let world = world_of_stale_answers().await;
    let fresh = world.ask(&Caller::dispatcher(), TENANTS).await;
    break_down(&world).await;
    let stale = world.ask(&Caller::dispatcher(), TENANTS).await;
    assert_eq!(stale["data"], fresh["data"]);
    assert_eq!(codes(&stale), Vec::<&str>::new());
    assert_eq!(fresh.get("extensions"), None);
    let label = json!({ "path": ["tenants"], "age": 0, "reason": "UPSTREAM_FAILED" });
    assert_eq!(stale["extensions"], json!({ "freshness": [label] }));
}

#[tokio::test]
async fn every_stale_part_is_labelled_where_it_stands() {
    let world = World::with(|config| config.cache.ttl.locations = Duration::from_nanos(1)).await;
    let query = "{ customers(first: 3) { nodes { name locations { location { name } } } } }";
    let caller = demanding("max-stale=600");
    let fresh = world.ask(&caller, query).await;
    let stale = world.ask(&caller, query).await;
    assert_eq!(stale["data"], fresh["data"]);
    let mut labelled: Vec<String> = stale["extensions"]["freshness"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| {
            assert_eq!(label["reason"], "ACCEPTED");
            let path = label["path"].as_array().unwrap().iter();
            path.map(|step| format!("/{step}").replace('"', ""))
                .collect()
        })
        .collect();
    labelled.sort();
    let mut yards = Vec::new();
    for (at, customer) in stale["data"]["customers"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let links = customer["locations"].as_array().unwrap().len();
        yards.extend(
            (0..links).map(|link| format!("/customers/nodes/{at}/locations/{link}/location")),
        );
    }
    assert!(!yards.is_empty());
    assert_eq!(labelled, yards);
}

#[tokio::test]
async fn a_caller_who_wants_nothing_old_is_told_of_the_failure() {
    let world = world_of_stale_answers().await;
    world.ask(&Caller::dispatcher(), TENANTS).await;
    break_down(&world).await;
    for demand in ["no-cache", "max-age=0"] {
        let answer = world.ask(&demanding(demand), TENANTS).await;
        assert_eq!(codes(&answer), ["UPSTREAM_UNAVAILABLE"], "{demand}");
    }
}

#[tokio::test]
async fn another_caller_gets_the_failure_and_not_somebody_elses_stale_answer() {
    let world = world_of_stale_answers().await;
    world.ask(&Caller::dispatcher(), TENANTS).await;
    break_down(&world).await;
    let answer = world.ask(&Caller::named("admin"), TENANTS).await;
    assert_eq!(answer["data"]["tenants"], Value::Null);
    assert_eq!(codes(&answer), ["UPSTREAM_UNAVAILABLE"]);
}

#[tokio::test]
async fn after_a_write_nothing_older_stands_in_for_a_failing_upstream() {
    let world = world_of_stale_answers().await;
    let read = "{ customer(id: 7) { name } }";
    world.ask(&Caller::dispatcher(), read).await;
    let write = "mutation { updateCustomer(input: {customerId: 7, name: \"Newer Works\"}) { customer { name } } }";
    world.ask(&Caller::dispatcher(), write).await;
    break_down(&world).await;
    let answer = world.ask(&Caller::dispatcher(), read).await;
    assert_eq!(answer["data"]["customer"], Value::Null);
    assert_eq!(codes(&answer), ["UPSTREAM_UNAVAILABLE"]);
}

#[tokio::test]
async fn one_who_accepts_older_answers_causes_no_call() {
    let world = world_of_stale_answers().await;
    let fresh = world.ask(&Caller::dispatcher(), TENANTS).await;
    world.calls(Api::Cro).await;
    let answer = world.ask(&demanding("max-stale=600"), TENANTS).await;
    assert_eq!(answer["data"], fresh["data"]);
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn only_if_cached_makes_no_call() {
    let world = World::new().await;
    let caller = demanding("only-if-cached");
    let answer = world.ask(&caller, TENANTS).await;
    assert_eq!(codes(&answer), ["UPSTREAM_UNAVAILABLE"]);
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
    let read = world.ask(&Caller::dispatcher(), TENANTS).await;
    world.calls(Api::Cro).await;
    assert_eq!(world.ask(&caller, TENANTS).await["data"], read["data"]);
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_upstream_that_knows_versions_is_asked_whether_its_answer_still_holds() {
    const LIST: &str = "GET /tenants?page_index=1&page_limit=1000";
    let world = World::new().await;
    let caller = demanding("no-cache");
    let first = world.ask(&caller, TENANTS).await;
    for _ in 0..2 {
        assert_eq!(world.ask(&caller, TENANTS).await, first);
    }
    assert_eq!(
        world.calls(Api::Cro).await,
        [200, 200, 304].map(|status| format!("{LIST} {status}"))
    );
    // What holds for one caller is not asked for another.
    let other = Caller::named("admin").header("cache-control", "no-cache");
    assert_eq!(world.ask(&other, TENANTS).await.get("errors"), None);
    assert_eq!(world.calls(Api::Cro).await, [format!("{LIST} 200")]);
}

#[tokio::test]
async fn an_unknown_id_is_asked_for_once() {
    let world = World::new().await;
    for _ in 0..2 {
        let answer = world
            .ask(&Caller::dispatcher(), "{ customer(id: 999999) { name } }")
            .await;
        assert_eq!(answer, json!({ "data": { "customer": null } }));
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 1);
}

#[tokio::test]
async fn without_a_negative_time_to_live_an_unknown_id_is_asked_for_again() {
    let world = World::with(|config| config.cache.negative_ttl = Duration::ZERO).await;
    for _ in 0..2 {
        world
            .ask(&Caller::dispatcher(), "{ customer(id: 999999) { name } }")
            .await;
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 2);
}
