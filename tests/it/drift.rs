//! The drift watch, as operators see it.

use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

/// The report of the admin port.
pub async fn report(world: &World) -> Value {
    let (status, body) = world.admin("/admin/drift").await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_str(&body).unwrap()
}

/// All departures that `world` has seen.
pub async fn departures(world: &World) -> Vec<String> {
    let report = report(world).await;
    let endpoints = report["endpoints"].as_array().unwrap();
    let lines = endpoints.iter().flat_map(|endpoint| {
        let departures = endpoint["departures"].as_array().unwrap();
        departures.iter().map(|it| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let (name, path) = (text(&endpoint["endpoint"]), text(&it["path"]));
            format!("{name} {path} {}", text(&it["kind"]))
        })
    });
    lines.collect()
}

fn drifting_tenants() -> Value {
    json!({ "match": { "path": "/tenants" }, "body": {
        "current_page": 1, "current_limit": 100, "total_pages": 1, "total_count": 1,
        "results": [{
            "id": 34, "code": "MRW", "name": null, "is_active": "True", "truck_limit": "7",
            "fleet": { "secret-value-1": 1 }, "ann@example.com": 2,
        }],
    } })
}

#[tokio::test]
async fn what_departs_is_listed_by_endpoint_and_place_without_a_value() {
    let world = World::new().await;
    world.fault(Api::Cro, drifting_tenants()).await;
    let answer = world
        .ask(&Caller::dispatcher(), "{ tenants { name } }")
        .await;
    assert_eq!(answer["data"], json!({ "tenants": [{ "name": null }] }));
    let seen = departures(&world).await;
    let at = |rest: &str| format!("GET /tenants results[].{rest}");
    let expected = ["* member", "fleet member", "name null", "truck_limit type"];
    assert_eq!(seen, expected.map(at));
    let report = report(&world).await.to_string();
    for value in ["secret-value-1", "ann@example.com", "MRW"] {
        assert!(!report.contains(value), "{report}");
    }
}

#[tokio::test]
async fn a_watch_that_is_off_lists_nothing() {
    let world = World::with(|config| config.drift.sample_every = 0).await;
    world.fault(Api::Cro, drifting_tenants()).await;
    world
        .ask(&Caller::dispatcher(), "{ tenants { name } }")
        .await;
    assert_eq!(
        report(&world).await,
        json!({ "sampleEvery": 0, "endpoints": [] })
    );
}
