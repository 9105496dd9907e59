//! Freight: what reads of routes, contracts and carriers cost upstream.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

#[tokio::test]
async fn thirty_routes_with_their_contracts_and_carriers_cost_at_most_six_calls() {
    let world = World::new().await;
    let query = "{ routes(first: 30) { nodes { name stats { contracts { fixed } }
        contracts { status carrier { company { name } } route { name } } } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(answer["errors"], Value::Null);
    let routes = answer["data"]["routes"]["nodes"].as_array().unwrap();
    assert_eq!(routes.len(), 30);
    assert!(
        routes
            .iter()
            .all(|route| route["contracts"].as_array().unwrap().len() == 5)
    );
    let calls = world.calls(Api::TransEu).await;
    assert!(calls.len() <= 4, "{calls:#?}");
}

async fn met_by_a_walk(list: &str, first: usize) -> (usize, Value, usize) {
    let world = World::new().await;
    let query = format!(
        "query($after: String) {{ {list}(first: {first}, after: $after) {{
            totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }} }}"
    );
    let (mut met, mut after, mut total) = (HashSet::new(), Value::Null, Value::Null);
    let mut more = true;
    while more {
        let variables = json!({ "after": after });
        let answer = world
            .ask_with(&Caller::dispatcher(), &query, variables)
            .await;
        let page = &answer["data"][list];
        for node in page["nodes"].as_array().unwrap() {
            let id = node["id"].as_str().unwrap().to_owned();
            assert!(met.insert(id), "met twice: {node}");
        }
        after = page["pageInfo"]["endCursor"].clone();
        more = page["pageInfo"]["hasNextPage"].as_bool().unwrap();
        total = page["totalCount"].clone();
    }
    (met.len(), total, world.calls(Api::TransEu).await.len())
}

#[tokio::test]
async fn a_full_walk_meets_every_contract_once() {
    assert_eq!(met_by_a_walk("contracts", 100).await, (300, json!(300), 3));
}

#[tokio::test]
async fn a_full_walk_in_small_pages_meets_every_route_once() {
    assert_eq!(met_by_a_walk("routes", 25).await, (60, json!(60), 3));
}

#[tokio::test]
async fn spots_and_yards_are_joined_only_if_the_operator_says_so() {
    let world = World::with(|config| config.links.route_spot_location = false).await;
    let query = "{ routes(first: 1) { nodes { spots { address { foreignId } location { name } } } }
        locations(first: 1) { nodes { routes { name } } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    let spot = &answer["data"]["routes"]["nodes"][0]["spots"][0];
    assert_eq!(
        spot,
        &json!({ "address": { "foreignId": "1" }, "location": null })
    );
    let yard = &answer["data"]["locations"]["nodes"][0];
    assert_eq!(yard, &json!({ "routes": null }));
    assert_eq!(world.calls(Api::Cro).await.len(), 1, "the yards alone");
}

/// The contracts of a route, and what they cost in a world whose lists come in parts of `limit`.
async fn contracts_of_a_route(limit: usize) -> (HashSet<String>, Vec<String>) {
    let world = World::with(|config| config.trans_eu.page_limit = limit).await;
    let query = "{ route(id: \"79fec1b7-ea24-44ea-b9c9-0a6294b19e1c\") { contracts { upstreamId status } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(answer["errors"], Value::Null);
    let contracts = answer["data"]["route"]["contracts"].as_array().unwrap();
    assert!(contracts.iter().all(|one| one["status"].is_string()));
    let ids = contracts.iter().map(|one| one["upstreamId"].to_string());
    (ids.collect(), world.calls(Api::TransEu).await)
}

#[tokio::test]
async fn few_routes_of_a_long_list_are_asked_for_their_own_contracts() {
    let (all, walk) = contracts_of_a_route(100).await;
    assert_eq!(
        walk.len(),
        4,
        "one read of the route, and the whole list: {walk:#?}"
    );
    let (own, calls) = contracts_of_a_route(5).await;
    assert_eq!(own, all);
    let lists = calls.iter().filter(|call| call.contains("/v2/contracts?"));
    assert_eq!(
        lists.count(),
        4,
        "the list turns out to be long: {calls:#?}"
    );
    let own_list = |call: &&String| call.contains("/v1/routes/");
    assert_eq!(calls.iter().filter(own_list).count(), 1, "{calls:#?}");
    assert!(calls.len() <= 1 + 4 + 1 + own.len(), "{calls:#?}");
}
