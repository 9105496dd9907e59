//! How much a request may ask for, as callers meet it.

use std::{collections::BTreeMap, fs};

use axum::body::Body;
use haulgraph::{
    config::{self, Config},
    examples,
    http::{Limits, Readiness},
};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::{
    edge::{
        call::{JSON, ask, post, query, send},
        yard::yard,
    },
    harness::World,
};

/// A limit, how it is set and to what, and a document that has so much and one more.
type Over = (&'static str, fn(&mut Limits, usize), usize, &'static str);

const OVER: &[Over] = &[
    (
        "document_size",
        |limits, max| limits.document_size = max,
        8,
        "{ hello }",
    ),
    ("tokens", |limits, max| limits.tokens = max, 2, "{ hello }"),
    (
        "nesting",
        |limits, max| limits.nesting = max,
        1,
        "{ again { hello } }",
    ),
    (
        "depth",
        |limits, max| limits.depth = max,
        1,
        "{ again { hello } }",
    ),
    ("fields", |limits, max| limits.fields = max, 1, "{ hello }"),
    (
        "root_fields",
        |limits, max| limits.root_fields = max,
        1,
        "{ a: hello b: hello }",
    ),
    (
        "aliases",
        |limits, max| limits.aliases = max,
        1,
        "{ a: hello b: hello }",
    ),
    (
        "directives",
        |limits, max| limits.directives = max,
        0,
        "{ hello @skip(if: true) }",
    ),
    (
        "arguments",
        |limits, max| limits.arguments = max,
        2,
        "{ ids(ids: [1, 2]) }",
    ),
    (
        "list_length",
        |limits, max| limits.list_length = max,
        1,
        "{ ids(ids: [1, 2]) }",
    ),
    (
        "overlaps",
        |limits, max| limits.overlaps = max,
        1,
        "{ a: hello b: hello }",
    ),
    (
        "introspection_lists",
        |limits, max| limits.introspection_lists = max,
        1,
        "{ __schema { types { fields { args { type { fields { name } } } } } } }",
    ),
];

#[tokio::test]
async fn each_limit_is_told_with_its_setting_and_its_numbers() {
    for (name, set, max, document) in OVER {
        let answer = query(yard(|edge| set(&mut edge.limits, *max)), document).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, "GRAPHQL_VALIDATION_FAILED"),
            "{name}"
        );
        let key = format!("limits.{name}");
        assert!(
            answer.message().contains(&format!("({key})")),
            "{}",
            answer.message()
        );
        let limit = &answer.body["errors"][0]["extensions"]["limit"];
        assert_eq!(*limit, json!({ "key": key, "max": max, "actual": max + 1 }));
    }
}

#[tokio::test]
async fn a_long_list_in_a_variable_is_one_too() {
    let parameters = json!({ "query": "query($ids: [ID!]!) { ids(ids: $ids) }", "variables": { "ids": [1, 2, 3] } });
    let answer = ask(yard(|edge| edge.limits.list_length = 2), parameters.clone()).await;
    assert_eq!(answer.body["errors"][0]["extensions"]["limit"]["actual"], 3);
    let answer = ask(yard(|edge| edge.limits.list_length = 3), parameters).await;
    assert_eq!(answer.body, json!({ "data": { "ids": 3 } }));
}

#[tokio::test]
async fn pages_within_pages_cost_too_many_calls() {
    let world = World::new().await;
    let pages = "{ customers(first: 100) { nodes { children(first: 100) { nodes { children(first: 100) { nodes { name } } } } } } }";
    let router = world
        .gateway
        .router(&world.config, Readiness::new())
        .unwrap();
    let answer = query(router.clone(), pages).await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    let limit = &answer.body["errors"][0]["extensions"]["limit"];
    assert_eq!(
        *limit,
        json!({ "key": "limits.cost", "max": 2000, "actual": 10101 })
    );
    let answer = query(router, "{ customers(first: 101) { totalCount } }").await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["limit"]["key"],
        "limits.page_size"
    );
}

/// A quarter of each limit that depends on how much somebody writes.
fn quarter(limits: &mut config::Limits) {
    for limit in [
        &mut limits.document_size,
        &mut limits.tokens,
        &mut limits.nesting,
        &mut limits.fields,
        &mut limits.root_fields,
        &mut limits.aliases,
        &mut limits.directives,
        &mut limits.arguments,
        &mut limits.list_length,
        &mut limits.overlaps,
        &mut limits.cost,
    ] {
        *limit /= 4;
    }
    limits.depth = limits.depth * 2 / 3;
}

#[tokio::test]
async fn what_people_write_stays_far_below_the_limits() {
    let world = World::with(|config: &mut Config| quarter(&mut config.limits)).await;
    let router = world
        .gateway
        .router(&world.config, Readiness::new())
        .unwrap();
    let tabs = examples::page(&world.config, true).tabs;
    let tabs = tabs
        .into_iter()
        .map(|tab| (tab.query, tab.variables.unwrap_or_default()));
    let ids = json!({ "id": "1", "routeId": "1" });
    let operations = dispatcher_operations()
        .into_iter()
        .map(|text| (text, ids.clone()));
    for (text, variables) in tabs.chain(operations) {
        let body = json!({ "query": text, "variables": variables });
        let answer = post(router.clone(), JSON, body.to_string()).await;
        let errors = answer.body["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let refused = |error: &Value| error["extensions"]["limit"].is_object();
        assert!(!errors.iter().any(refused), "{text}: {errors:?}");
    }
}

/// The operations of a dispatcher app, each with the fragments that it spreads, and without the
/// directives that only a client's compiler reads.
fn dispatcher_operations() -> Vec<String> {
    let mut fragments = BTreeMap::new();
    let mut operations = Vec::new();
    for entry in fs::read_dir("tests/conformance/operations").unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let text = without_directives(&text);
        for definition in definitions(&text) {
            match definition
                .strip_prefix("fragment ")
                .and_then(|rest| rest.split(' ').next())
            {
                Some(name) => drop(fragments.insert(name.to_owned(), definition)),
                None => operations.push(definition),
            }
        }
    }
    assert!(operations.len() > 10, "{}", operations.len());
    for operation in &mut operations {
        loop {
            let missing = fragments.iter().find(|(name, text)| {
                operation.contains(&format!("...{name}\n")) && !operation.contains(text.as_str())
            });
            match missing {
                Some((_, text)) => operation.push_str(text),
                None => break,
            }
        }
    }
    operations
}

/// Top-level definitions; each ends with a brace at the beginning of a line.
fn definitions(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines
        .split_inclusive(|line| *line == "}")
        .map(|lines| lines.join("\n").trim().to_owned() + "\n")
        .filter(|definition| definition.len() > 1)
        .collect()
}

fn without_directives(text: &str) -> String {
    let mut parts = text.split(" @");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|letter: char| !letter.is_alphanumeric())
            .unwrap_or(part.len());
        let after = &part[end..];
        rest.push_str(match after.strip_prefix('(') {
            Some(arguments) => arguments.split_once(')').map_or("", |(_, after)| after),
            None => after,
        });
    }
    rest
}

#[tokio::test]
async fn a_caller_reads_the_predicted_cost_on_demand() {
    let world = World::new().await;
    let router = world
        .gateway
        .router(&world.config, Readiness::new())
        .unwrap();
    let request = |wanted: &str| {
        Request::post("/graphql")
            .header("content-type", JSON)
            .header("haulgraph-cost", wanted)
            .body(Body::from(
                json!({ "query": "{ customers(first: 7) { nodes { createdAt } } }" }).to_string(),
            ))
            .unwrap()
    };
    let answer = send(router.clone(), request("1")).await;
    let cost = &answer.body["extensions"]["cost"];
    assert_eq!(*cost, json!({ "calls": 8, "max": 2000 }));
    let answer = send(router, request("0")).await;
    assert_eq!(answer.body["extensions"], Value::Null);
}
