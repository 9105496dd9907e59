//! The stand-in as a client meets it.

use std::time::Duration;

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use super::super::probe::Probe;
use super::router;

const RETAILER: (&str, &str) = ("authorization", "Token sandbox-retailer");
const SUPPLIER: (&str, &str) = ("authorization", "Token sandbox-supplier");
const REQUESTS: &str = "/organizations/connections/request/";

fn probe() -> Probe {
    Probe::new(router(2026, Duration::ZERO), &[RETAILER])
}

#[tokio::test]
async fn a_token_is_needed_and_its_scheme_is_token() {
    let probe = probe();
    let missing = probe.with(&[]).get("/organizations/").await;
    assert_eq!(missing.status, 401);
    assert_eq!(
        missing.body["detail"],
        "Authentication credentials were not provided."
    );
    let bearer = probe.with(&[("authorization", "Bearer sandbox-retailer")]);
    assert_eq!(bearer.get("/organizations/").await.status, 401);
    let wrong = probe
        .with(&[("authorization", "Token stolen")])
        .get("/organizations/")
        .await;
    assert_eq!(wrong.body["detail"], "Invalid token.");
}

#[tokio::test]
async fn a_path_without_its_final_slash_redirects_reads_and_breaks_writes() {
    let probe = probe();
    let read = probe
        .get("/organizations/connections/request?start=5")
        .await;
    assert_eq!(read.status, 301);
    assert_eq!(
        read.headers["location"],
        "/organizations/connections/request/?start=5"
    );
    assert_eq!(
        probe
            .post("/organizations/connections/request", json!({}))
            .await
            .status,
        500
    );
}

#[tokio::test]
async fn requests_are_paged_and_read_one_by_one() {
    let probe = probe();
    let page = probe
        .get(&format!("{REQUESTS}?start=100&limit=500"))
        .await
        .body;
    assert_eq!(
        page["pagination"],
        json!({ "total_count": 160, "start": 100, "limit": 100 })
    );
    assert_eq!(page["requests"].as_array().unwrap().len(), 60);
    let default = probe.get(REQUESTS).await.body;
    assert_eq!(default["requests"].as_array().unwrap().len(), 50);
    let past = probe.get(&format!("{REQUESTS}?start=900")).await.body;
    assert_eq!(past["requests"], json!([]));
    let first = &default["requests"][0];
    let id = first["record_uuid"].as_str().unwrap();
    let one = probe.get(&format!("/timp{REQUESTS}{id}/")).await;
    assert_eq!(one.body, *first);
    assert_eq!(probe.get(&format!("{REQUESTS}unknown/")).await.status, 404);
    let supplier = probe.with(&[SUPPLIER]).get(REQUESTS).await.body;
    assert_eq!(supplier["pagination"]["total_count"], 6);
}

#[tokio::test]
async fn a_request_is_written_under_some_names_and_read_under_others() {
    let probe = probe();
    let secret = "ftp://USER:PASSWORD@ftp.example.com/items";
    let body = json!({
        "organization_name": "Cedar & Slate",
        "primary_contact_name": "Ada Sampleton",
        "organization_account_number": "JL-4711",
        "requested_integrations": [{ "type": "other" }],
        "integrations": [{ "type": "item", "update_frequency": "15 6 * * 1", "file_locations": secret }],
        "uploaded_files": [{ "name": "Layout", "uuid": "a90113b3-2647-4928-aeb4-a59fd7e34f58" }],
    });
    let created = probe.post(REQUESTS, body).await;
    assert_eq!(created.status, 201);
    let moment = created.body["request_date"].as_str().unwrap();
    assert_eq!((moment.len(), moment.as_bytes()[10]), (32, b' '));
    let path = format!(
        "{REQUESTS}{}/",
        created.body["request_uuid"].as_str().unwrap()
    );
    let read = probe.get(&path).await.body;
    assert_eq!(read["org_name"], "Cedar & Slate");
    assert_eq!(read["org_contact_full_name"], "Ada Sampleton");
    assert_eq!(read["retailer_account_number"], "JL-4711");
    assert_eq!(read["request_date"], moment[..10]);
    assert_eq!(read["is_approved"], false);
    assert_eq!(read["integrations"].as_array().unwrap().len(), 1);
    let integration = &read["integrations"][0];
    assert_eq!(integration["integration_type"], "items");
    assert_eq!(integration["update_frequency"], "* 15 6 * * 1");
    assert_eq!(integration["feed_source_file_locations"], secret);

    let change = json!({
        "retailer_account_number": "JL-0815",
        "integrations": [
            { "record_uuid": integration["record_uuid"], "rules": "None" }, { "type": "order" },
        ],
    });
    let changed = probe.json(Method::PATCH, &path, change).await;
    assert_eq!((changed.status, changed.body), (204, Value::Null));
    let read = probe.get(&path).await.body;
    assert_eq!(read["retailer_account_number"], "JL-0815");
    assert_eq!(read["integrations"][0]["rules"], "None");
    assert_eq!(
        read["integrations"][0]["feed_source_file_locations"],
        secret
    );
    assert_eq!(read["integrations"][1]["integration_type"], "orders");
}

#[tokio::test]
async fn a_write_must_be_json_and_whole() {
    let probe = probe();
    let empty = probe.post(REQUESTS, json!({})).await;
    assert_eq!(empty.status, 400);
    assert_eq!(
        empty.body["organization_name"],
        json!(["This field is required."])
    );
    let form = probe
        .send(Method::POST, REQUESTS, "text/plain", Body::from("a=b"))
        .await;
    assert_eq!(form.status, 415);
}

#[tokio::test]
async fn the_two_releases_show_different_members() {
    let probe = probe();
    let (old, new) = (
        probe.get("/organizations/").await.body,
        probe.get("/timp/organizations/").await.body,
    );
    assert_eq!(old["org_type"], "RETAILER");
    assert!(old.get("website").is_none() && old.get("retailer_uuid").is_none());
    assert_eq!(new["supplier_uuid"], "");
    let old = probe.get("/organizations/connections/").await.body;
    let new = probe.get("/timp/organizations/connections/").await.body;
    assert_eq!(old.as_array().unwrap().len(), 40);
    assert!(old[0].get("allocation_type").is_none());
    assert!(old[0]["supplier"]["organization"]["website"].is_string());
    assert_eq!(new[0]["allocation_type"], Value::Null);
    assert_eq!(
        new[0]["supplier"]["organization"]["supplier_uuid"],
        new[0]["supplier"]["uuid"]
    );
    assert_ne!(
        new[0]["supplier"]["organization"]["uuid"],
        new[0]["supplier"]["uuid"]
    );
    let supplier = probe
        .with(&[SUPPLIER])
        .get("/timp/organizations/connections/")
        .await
        .body;
    assert_eq!(supplier.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn suppliers_are_discovered_by_retailers_only() {
    let probe = probe();
    let path = "/timp/discovery/suppliers/";
    let all = probe.post(path, json!({})).await.body;
    assert_eq!(
        all["pagination"],
        json!({ "total_count": 120, "start": null, "limit": null })
    );
    assert_eq!(all["suppliers"].as_array().unwrap().len(), 50);
    let page = json!({ "pagination": { "start": 110, "limit": 500 } });
    let page = probe.post(path, page).await.body;
    assert_eq!(
        page["pagination"],
        json!({ "total_count": 120, "start": 110, "limit": 100 })
    );
    assert_eq!(page["suppliers"].as_array().unwrap().len(), 10);
    let digits = probe
        .post(path, json!({ "initial_character": "#" }))
        .await
        .body;
    let names = digits["suppliers"].as_array().unwrap();
    assert!(!names.is_empty());
    let sorted = json!({ "sort": { "key": "number_of_skus", "dir": "desc" } });
    let sorted = probe.post(path, sorted).await.body;
    let skus = |at: usize| sorted["suppliers"][at]["number_of_skus"].as_u64();
    assert!(skus(0) >= skus(1) && skus(1) >= skus(49));
    let refused = probe.with(&[SUPPLIER]).post(path, json!({})).await;
    assert_eq!((refused.status, refused.body), (409, Value::Null));
}

#[tokio::test]
async fn a_file_is_uploaded_and_gets_an_id() {
    let probe = probe();
    let path = "/timp/organizations/files/upload/";
    let kind = "multipart/form-data; boundary=b1";
    let part = |name: &str| {
        format!("--b1\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nx\r\n")
    };
    let whole = format!("{}{}--b1--\r\n", part("filename"), part("file"));
    let uploaded = probe
        .send(Method::POST, path, kind, Body::from(whole))
        .await;
    assert_eq!(uploaded.status, 201);
    assert_eq!(uploaded.body["uuid"].as_str().unwrap().len(), 36);
    let half = format!("{}--b1--\r\n", part("filename"));
    let refused = probe.send(Method::POST, path, kind, Body::from(half)).await;
    assert_eq!(refused.body, json!({ "file": ["This field is required."] }));
}

#[tokio::test]
async fn a_login_gives_a_token_that_works_and_leaves_no_password_in_the_log() {
    let probe = probe().with(&[]);
    let body = json!({ "username": "sales@example.com", "password": "sandbox-password" });
    let session = probe
        .post("/timp/organizations/user-login/", body)
        .await
        .body;
    assert_eq!(session["auth_token"], "sandbox-supplier");
    assert_eq!(
        (&session["org_type"], &session["retailer_uuid"]),
        (&json!("SUPPLIER"), &json!(""))
    );
    let body = json!({ "username": "sales@example.com", "password": "wrong" });
    assert_eq!(
        probe.post("/organizations/user-login/", body).await.status,
        400
    );
    let log = probe.get("/__sandbox/calls").await.body.to_string();
    assert!(!log.contains("sandbox-password"));
}

#[tokio::test]
async fn a_notification_setting_is_changed_by_a_text_boolean() {
    let probe = probe();
    let path = "/timp/notifications/notification-settings/";
    assert_eq!(
        probe
            .get("/notifications/")
            .await
            .body
            .as_array()
            .unwrap()
            .len(),
        12
    );
    let setting = probe.get(path).await.body[0].clone();
    let body = json!({
        "uuid": setting["uuid"], "notification_via": "Dashboard", "enabled": "True",
        "notification_frequency": "Daily",
    });
    assert_eq!(probe.json(Method::PUT, path, body).await.status, 204);
    assert_eq!(
        probe.get(path).await.body[0]["notification_type"],
        json!([{
            "notification_via": "Dashboard", "notification_frequency": "Daily", "enabled": true
        }])
    );
}

#[tokio::test]
async fn staff_approve_through_the_sandbox_alone() {
    let probe = probe();
    let body = json!({ "organization_name": "A", "primary_contact_name": "B" });
    let created = probe.post(REQUESTS, body).await.body;
    let id = created["request_uuid"].as_str().unwrap();
    let path = format!("/__sandbox/requests/{id}/approve");
    assert_eq!(probe.post(&path, json!({})).await.status, 204);
    let read = probe.get(&format!("{REQUESTS}{id}/")).await.body;
    assert_eq!(read["is_approved"], true);
    assert!(read["approved_by"]["person"]["email"].is_string());
}
