use http::Method;
use serde_json::json;

use super::{first_hauler, probe};

#[tokio::test]
async fn a_reset_forgets_every_write() {
    let probe = probe();
    let before = probe.get("/customers/7").await.body;
    probe
        .json(Method::PATCH, "/customers/7", json!({ "name": "Changed" }))
        .await;
    assert_eq!(probe.post("/__sandbox/reset", json!({})).await.status, 200);
    assert_eq!(probe.get("/customers/7").await.body, before);
}

#[tokio::test]
async fn calls_are_logged_with_the_callers_name_and_control_calls_are_not() {
    let probe = probe();
    probe.get("/customers?page_index=1").await;
    probe
        .json(Method::PATCH, "/customers/7", json!({ "name": "Changed" }))
        .await;
    let calls = probe.get("/__sandbox/calls").await.body;
    assert_eq!(
        calls[0],
        json!({
            "n": 1, "method": "GET", "path": "/customers", "query": "page_index=1", "status": 200,
            "headers": { "authorization": "dispatcher", "x-tenant-id": "34" },
        })
    );
    assert_eq!(calls[1]["body"], json!({ "name": "Changed" }));
    assert_eq!(calls.as_array().unwrap().len(), 2);
    probe
        .json(Method::DELETE, "/__sandbox/calls", json!({}))
        .await;
    assert_eq!(probe.get("/__sandbox/calls").await.body, json!([]));
}

#[tokio::test]
async fn a_fault_answers_instead_and_then_goes_away() {
    let probe = probe();
    let rule = json!({
        "match": { "method": "GET", "path": "/customers/*" }, "times": 1,
        "status": 503, "body": { "message": "later" }, "headers": { "retry-after": "2" },
    });
    assert_eq!(probe.post("/__sandbox/faults", rule).await.status, 204);
    assert_eq!(probe.get("/tenants").await.status, 200);
    let failed = probe.get("/customers/1").await;
    assert_eq!(
        (failed.status, &failed.body["message"]),
        (503, &json!("later"))
    );
    assert_eq!(failed.headers["retry-after"], "2");
    assert_eq!(probe.get("/customers/1").await.status, 200);
    assert_eq!(probe.get("/__sandbox/calls").await.body[1]["status"], 503);
    let refused = probe
        .post("/__sandbox/faults", json!({ "statu": 503 }))
        .await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_provider_decides_through_the_sandbox_alone() {
    let probe = probe();
    let hauler = first_hauler(&probe).await;
    let path = format!("/haulers/{hauler}/connections");
    let row = probe.get(&path).await.body["results"][0].clone();
    let decision = |approve: bool| {
        json!({
            "hauler": hauler, "provider_id": row["provider_id"],
            "location_id": row["location_id"], "approve": approve,
        })
    };
    assert_eq!(
        probe
            .post("/__sandbox/connections", decision(false))
            .await
            .status,
        200
    );
    let denied = probe.get(&path).await.body["results"][0].clone();
    assert!(denied["denied_on"].is_string() && denied["approved_on"].is_null());
    probe.post("/__sandbox/connections", decision(true)).await;
    let approved = probe.get(&path).await.body["results"][0].clone();
    assert!(approved["denied_on"].is_null() && approved["approved_on"].is_string());
    assert_eq!(approved["is_approved"], true);
}
