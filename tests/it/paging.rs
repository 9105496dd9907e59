//! Walks through pages, and what they cost upstream.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

#[tokio::test]
async fn a_full_walk_meets_every_customer_once() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    let query = "query($after: String) { customers(first: 100, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id } } }";
    let (mut met, mut after, mut total) = (HashSet::new(), Value::Null, Value::Null);
    let mut more = true;
    while more {
        let answer = world
            .ask_with(&caller, query, json!({ "after": after }))
            .await;
        let page = &answer["data"]["customers"];
        for node in page["nodes"].as_array().unwrap() {
            assert!(
                met.insert(node["id"].as_str().unwrap().to_owned()),
                "met twice: {node}"
            );
        }
        after = page["pageInfo"]["endCursor"].clone();
        more = page["pageInfo"]["hasNextPage"].as_bool().unwrap();
        total = page["totalCount"].clone();
    }
    assert_eq!(met.len(), 500);
    assert_eq!(total, json!(500), "the last page knows the whole list");
    assert_eq!(
        world.calls(Api::Cro).await.len(),
        2,
        "rows that were read before cost no call"
    );
}

#[tokio::test]
async fn fifty_customers_with_yards_and_parents_cost_at_most_six_calls() {
    let world = World::new().await;
    let query = "{ customers(first: 50) { nodes { name parent { name } locations { note location { name } } } } }";
    let answer = world.ask(&Caller::dispatcher(), query).await;
    assert_eq!(answer["errors"], Value::Null);
    assert_eq!(
        answer["data"]["customers"]["nodes"]
            .as_array()
            .unwrap()
            .len(),
        50
    );
    let calls = world.calls(Api::Cro).await;
    assert_eq!(calls.len(), 3, "{calls:#?}");
}

#[tokio::test]
async fn page_sizes_and_cursors_are_checked_before_any_call() {
    let world = World::new().await;
    for arguments in [
        "first: 0",
        "first: 101",
        "first: -1",
        "after: \"x\"",
        "after: \"YWZ0ZXI6eA\"",
    ] {
        let answer = world
            .ask(
                &Caller::dispatcher(),
                &format!("{{ customers({arguments}) {{ nodes {{ id }} }} }}"),
            )
            .await;
        let extensions = &answer["errors"][0]["extensions"];
        let name = arguments.split(':').next().unwrap();
        assert_eq!(
            (&extensions["code"], &extensions["argument"]),
            (&json!("BAD_USER_INPUT"), &json!([name])),
            "{arguments}"
        );
    }
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn ids_cannot_steer_a_path() {
    let world = World::new().await;
    for id in ["../x", "a/b", "?x=1", "", " ", "1/..", "%2e%2e", "1e3", "١"] {
        for field in [
            "customer",
            "location",
            "hauler",
            "route",
            "contract",
            "tradingConnectionRequest",
            "node",
        ] {
            let query = format!("query($id: ID!) {{ {field}(id: $id) {{ __typename }} }}");
            let answer = world
                .ask_with(&Caller::dispatcher(), &query, json!({ "id": id }))
                .await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(
                (&extensions["code"], &extensions["argument"]),
                (&json!("BAD_USER_INPUT"), &json!(["id"])),
                "{field} {id}"
            );
        }
    }
    for api in [Api::Cro, Api::TransEu, Api::Crux] {
        assert_eq!(world.calls(api).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_cursor_of_something_that_is_gone_is_an_error_and_no_empty_answer() {
    let world = World::new().await;
    // The cursors of customer 999999, of yard 999999 and of a hauler that nobody knows.
    for (field, cursor) in [
        ("customers", "YWZ0ZXI6OTk5OTk5"),
        ("locations", "YWZ0ZXI6OTk5OTk5"),
        (
            "haulers",
            "YWZ0ZXI6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw",
        ),
    ] {
        let query = format!("{{ {field}(after: \"{cursor}\") {{ nodes {{ id }} }} }}");
        let answer = world.ask(&Caller::dispatcher(), &query).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["argument"]),
            (&json!("BAD_USER_INPUT"), &json!(["after"])),
            "{field}: {answer}"
        );
    }
}

#[tokio::test]
async fn whom_no_row_names_is_asked_for_by_id_and_only_once() {
    let world = World::new().await;
    let rows = json!([
        { "customer_id": 1, "location_id": 3, "name": "One", "parent_id": 2 },
        { "customer_id": 2, "location_id": 3, "name": "Two" },
        { "customer_id": 3, "location_id": 3, "name": "Three", "parent_id": 999_999 },
    ]);
    let list = json!({ "match": { "path": "/customers" }, "body": { "total_pages": 1, "total_count": 3, "results": rows } });
    world.fault(Api::Cro, list).await;
    let query = "{ customers { nodes { parent { name } } } }";
    for calls in [
        vec![
            "GET /customers?page_index=1&page_limit=1000 200",
            "GET /customers/999999 404",
        ],
        vec![],
    ] {
        let answer = world.ask(&Caller::dispatcher(), query).await;
        let expected =
            json!([{ "parent": { "name": "Two" } }, { "parent": null }, { "parent": null }]);
        assert_eq!(answer["data"]["customers"]["nodes"], expected);
        assert_eq!(world.calls(Api::Cro).await, calls);
    }
}
