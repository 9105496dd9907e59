//! `extensions.explain`, as a caller sees it.

use serde_json::Value;

use crate::harness::{Caller, World};

const YARDS: &str = "{ locations(first: 2) { nodes { name } } }";

fn curious() -> Caller {
    Caller::dispatcher().header("haulgraph-explain", "1")
}

async fn events(world: &World, caller: &Caller, query: &str) -> Vec<Value> {
    let (_, answer) = world.post(caller, query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    let events = &answer["extensions"]["explain"]["events"];
    events.as_array().unwrap().clone()
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let is_kind = |event: &&Value| event["event"] == kind;
    events.iter().filter(is_kind).collect()
}

#[tokio::test]
async fn a_call_is_told_with_its_template_its_time_and_its_status() {
    let world = World::new().await;
    let events = events(&world, &curious(), YARDS).await;
    let calls = of(&events, "call");
    assert_eq!(calls.len(), 1, "{events:?}");
    assert_eq!(calls[0]["service"], "cro");
    assert_eq!(calls[0]["method"], "GET");
    assert_eq!(calls[0]["path"], "/locations");
    assert_eq!(calls[0]["status"], 200);
    assert_eq!(calls[0]["outcome"], "ok");
    assert_eq!(calls[0]["source"], "network");
    assert!(calls[0]["ms"].as_f64().unwrap() > 0.0, "{events:?}");
    let starts: Vec<f64> = events
        .iter()
        .map(|it| it["startMs"].as_f64().unwrap())
        .collect();
    assert!(starts.is_sorted(), "{starts:?}");
}

#[tokio::test]
async fn a_second_look_is_answered_from_memory() {
    let world = World::new().await;
    events(&world, &curious(), YARDS).await;
    let events = events(&world, &curious(), YARDS).await;
    assert!(of(&events, "call").is_empty(), "{events:?}");
    let reads = of(&events, "read");
    assert!(!reads.is_empty());
    assert!(
        reads.iter().all(|read| read["source"] == "memory"),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_plan_is_told_with_what_it_rests_on() {
    let query = "{ customers(first: 5) { nodes { locations { location { name } } } } }";
    let events = events(&World::new().await, &curious(), query).await;
    let plans = of(&events, "plan");
    assert!(!plans.is_empty(), "{events:?}");
    for plan in plans {
        assert!(["WALK", "BY_ID"].contains(&plan["plan"].as_str().unwrap()));
        assert!(
            plan["why"].as_str().unwrap().contains("calls by id"),
            "{plan}"
        );
        assert!(plan["keys"].as_u64().unwrap() > 0);
    }
}

#[tokio::test]
async fn nothing_secret_and_no_value_is_told() {
    let world = World::new().await;
    let query = "{ customers(first: 3) { nodes { upstreamId name parent { name } } } }";
    let (_, answer) = world.post(&curious(), query).await;
    let told = answer["extensions"]["explain"].to_string();
    for (name, value) in Caller::dispatcher().headers() {
        let value = value.to_str().unwrap();
        let token = value.split(' ').next_back().unwrap();
        assert!(token.len() < 6 || !told.contains(token), "{name} is told");
    }
    for customer in answer["data"]["customers"]["nodes"].as_array().unwrap() {
        assert!(!told.contains(customer["name"].as_str().unwrap()), "{told}");
    }
}

#[tokio::test]
async fn who_does_not_ask_is_told_nothing() {
    let world = World::new().await;
    for caller in [
        Caller::dispatcher(),
        Caller::dispatcher().header("haulgraph-explain", "0"),
    ] {
        let (_, answer) = world.post(&caller, YARDS).await;
        assert_eq!(answer["extensions"]["explain"], Value::Null);
    }
}

#[tokio::test]
async fn a_gateway_that_does_not_explain_hears_no_header() {
    let world = World::with(|config| config.explain.enabled = false).await;
    let (_, answer) = world.post(&curious(), YARDS).await;
    assert_eq!(answer["extensions"]["explain"], Value::Null);
}
