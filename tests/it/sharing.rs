//! What is shared, with whom, and for how long.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

const YARDS: &str = "{ locations(first: 100) { nodes { name tenant { name } } } }";

#[tokio::test]
async fn concurrent_identical_reads_of_one_caller_are_one_call() {
    let world = World::with(|config| config.cache.ttl.locations = Duration::ZERO).await;
    let caller = Caller::dispatcher();
    let query = "{ locations(first: 1) { nodes { name } } }";
    let answers = futures_util::future::join_all((0..20).map(|_| world.ask(&caller, query))).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(world.calls(Api::Cro).await.len(), 1);
}

#[tokio::test]
async fn a_request_keeps_what_it_read_even_if_the_cache_cannot() {
    let world = World::with(|config| config.cache.max_bytes = 0).await;
    let query = "{ customers(first: 100) { nodes { name parent { name } locations { location { name } } } } }";
    world.ask(&Caller::dispatcher(), query).await;
    let mut calls = world.calls(Api::Cro).await;
    calls.sort_unstable();
    // All rows, because parents are rows, too, and the yards; nobody is read by id.
    assert_eq!(
        calls,
        [
            "GET /customers?page_index=1&page_limit=1000 200",
            "GET /customers?page_index=2&page_limit=1000 200",
            "GET /locations?page_index=1&page_limit=1000 200",
        ]
    );
}

#[tokio::test]
async fn two_callers_never_share_an_answer() {
    let world = World::new().await;
    let (one, other) = (Caller::dispatcher(), Caller::named("admin"));
    for caller in [&one, &other, &one, &other] {
        world.ask(caller, YARDS).await;
    }
    let callers: Vec<Value> = world
        .logged_headers(Api::Cro)
        .await
        .iter()
        .map(|headers| headers["authorization"].clone())
        .collect();
    assert_eq!(
        callers,
        ["dispatcher", "dispatcher", "admin", "admin"].map(Value::from)
    );
}

#[tokio::test]
async fn two_tenants_of_one_caller_never_share_an_answer() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    let query = "{ location(id: 1) { name tenant { name } } }";
    let here = world.ask(&caller, query).await;
    let there = world
        .ask(&caller.clone().header("x-tenant-id", "51"), query)
        .await;
    assert_ne!(here["data"], there["data"]);
    assert_eq!(here, world.ask(&caller, query).await);
}

#[tokio::test]
async fn no_cache_reads_past_what_is_kept_and_refreshes_it() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    world.ask(&caller, "{ tenants { name } }").await;
    world.ask(&caller, "{ tenants { name } }").await;
    assert_eq!(world.calls(Api::Cro).await.len(), 1);
    world
        .ask(
            &caller
                .clone()
                .header("cache-control", "max-age=0, no-cache"),
            "{ tenants { name } }",
        )
        .await;
    assert_eq!(world.calls(Api::Cro).await.len(), 1);
    world.ask(&caller, "{ tenants { name } }").await;
    assert_eq!(world.calls(Api::Cro).await.len(), 0);
}

#[tokio::test]
async fn a_time_to_live_of_zero_keeps_nothing() {
    let world = World::with(|config| config.cache.ttl.tenants = Duration::ZERO).await;
    for _ in 0..2 {
        world
            .ask(&Caller::dispatcher(), "{ tenants { name } }")
            .await;
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 2);
}

#[tokio::test]
async fn what_a_mutation_wrote_is_read_back_at_once_by_every_caller_of_the_tenant() {
    let world = World::new().await;
    let (one, other) = (Caller::dispatcher(), Caller::named("admin"));
    let read = "{ customer(id: 7) { name } customers(first: 100) { nodes { upstreamId name } } }";
    for caller in [&one, &other] {
        world.ask(caller, read).await;
    }
    let write = "mutation { updateCustomer(input: {customerId: 7, name: \"Renamed Works\"}) { customer { name } } }";
    let written = world.ask(&one, write).await;
    assert_eq!(
        written["data"]["updateCustomer"]["customer"]["name"],
        json!("Renamed Works")
    );
    for caller in [&one, &other] {
        let answer = world.ask(caller, read).await;
        assert_eq!(answer["data"]["customer"]["name"], json!("Renamed Works"));
        let nodes = answer["data"]["customers"]["nodes"].as_array().unwrap();
        let listed = nodes
            .iter()
            .find(|node| node["upstreamId"] == json!("7"))
            .unwrap();
        assert_eq!(listed["name"], json!("Renamed Works"));
    }
}

#[tokio::test]
async fn a_mutation_is_sent_once_even_if_its_field_is_written_twice() {
    let world = World::new().await;
    let query = "mutation {
        updateCustomer(input: {customerId: 7, name: \"Once\"}) { customer { name } }
        updateCustomer(input: {customerId: 7, name: \"Once\"}) { customer { upstreamId } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(
        answer["data"]["updateCustomer"]["customer"],
        json!({ "name": "Once", "upstreamId": "7" })
    );
    assert_eq!(world.calls(Api::Cro).await, ["PATCH /customers/7 200"]);
}

#[tokio::test]
async fn a_mutation_is_sent_once_even_if_its_fragment_is_spread_twice() {
    let world = World::new().await;
    let query = "mutation { ...Rename ...Rename ... { ...Rename } }
        fragment Rename on Mutation { updateCustomer(input: {customerId: 7, name: \"Once\"}) { customer { name } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(
        answer["data"]["updateCustomer"]["customer"]["name"],
        json!("Once")
    );
    assert_eq!(world.calls(Api::Cro).await, ["PATCH /customers/7 200"]);
}

#[tokio::test]
async fn mutations_of_one_request_run_one_after_another() {
    let world = World::new().await;
    let query = "mutation {
        a: updateCustomer(input: {customerId: 7, name: \"First\"}) { customer { name } }
        b: updateCustomer(input: {customerId: 7, name: \"Second\"}) { customer { name } } }";
    world.ask(&Caller::dispatcher(), query).await;
    let answer = world
        .ask(&Caller::dispatcher(), "{ customer(id: 7) { name } }")
        .await;
    assert_eq!(answer["data"]["customer"]["name"], json!("Second"));
}

#[tokio::test]
async fn each_upstream_gets_its_own_credential_and_no_other() {
    let world = World::new().await;
    let caller = Caller::dispatcher()
        .header("cookie", "session=1")
        .header("x-other", "1");
    world.ask(&caller, "{ tenants { name } routes(first: 1) { nodes { name } } tradingConnections { status } }").await;
    for (api, name) in [
        (Api::Cro, "dispatcher"),
        (Api::TransEu, "shipper"),
        (Api::Crux, "retailer"),
    ] {
        for headers in world.logged_headers(api).await {
            assert_eq!(headers["authorization"], json!(name));
            assert_eq!(
                (&headers["cookie"], &headers["x-other"]),
                (&Value::Null, &Value::Null)
            );
        }
    }
}

#[tokio::test]
async fn a_write_is_seen_through_even_if_its_caller_goes_away() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    let read = "{ customer(id: 7) { name } }";
    world.ask(&caller, read).await;
    world
        .fault(
            Api::Cro,
            json!({ "match": { "method": "PATCH" }, "delay_ms": 100, "times": 1 }),
        )
        .await;
    let write = "mutation { updateCustomer(input: {customerId: 7, name: \"Seen Through\"}) { customer { name } } }";
    let gone = tokio::time::timeout(Duration::from_millis(50), world.ask(&caller, write)).await;
    assert!(gone.is_err(), "the caller went away before the answer");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while world.ask(&caller, read).await["data"]["customer"]["name"] != json!("Seen Through") {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the write was lost, or its reader sees what was before"
        );
        // An answer that is kept comes at once, and the write needs a turn, too.
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nobody_ever_sees_an_answer_that_was_made_for_somebody_else() {
    const QUERIES: [&str; 5] = [
        "{ locations(first: 100) { nodes { name tenant { name } } } }",
        "{ customers(first: 20) { nodes { name locations { location { name } } } } }",
        "{ customer(id: 1) { name parent { name } } tenants { name } }",
        "{ routes(first: 5) { nodes { upstreamId contracts { id } } } }",
        "{ tradingConnections { id } notifications { title } }",
    ];
    let names = [
        "dispatcher",
        "admin",
        "driver",
        "third-party-dispatcher",
        "neighbour",
    ];
    let mut callers: Vec<Caller> = names.map(Caller::named).to_vec();
    callers.push(Caller::nobody());
    for changed in ["x-tenant-id", "authorization", "x-trans-eu-authorization"] {
        callers.push(Caller::dispatcher().header(changed, ""));
    }
    callers.push(Caller::dispatcher().header("x-tenant-id", "51"));

    let forgetful = World::with(|config| {
        config.answers.max_bytes = 0;
        config.cache.max_bytes = 0;
    });
    let (forgetful, world) = tokio::join!(forgetful, World::new());
    let mut expected = Vec::new();
    for caller in &callers {
        for query in QUERIES {
            expected.push(forgetful.ask(caller, query).await);
        }
    }
    // Three rounds at once: some join, some find what was kept.
    for round in 0..3 {
        let asked = (0..expected.len()).map(|at| {
            // In another order each time; 7 and 50 have no common divisor.
            let at = (at * 7 + round) % expected.len();
            let (caller, query) = (&callers[at / QUERIES.len()], QUERIES[at % QUERIES.len()]);
            let (world, expected) = (&world, &expected);
            async move {
                let (one, two) = tokio::join!(world.ask(caller, query), world.ask(caller, query));
                assert_eq!(one, expected[at], "{query}");
                assert_eq!(two, expected[at], "{query}");
            }
        });
        futures_util::future::join_all(asked).await;
    }
}
