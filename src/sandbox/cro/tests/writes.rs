use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};

use super::{DISPATCHER, first_hauler, probe};

#[tokio::test]
async fn a_changed_customer_is_read_back_changed() {
    let probe = probe();
    let body = json!({ "name": "Renamed Quarry", "parent_id": 8 });
    let changed = probe.json(Method::PATCH, "/customers/7", body).await;
    assert_eq!(changed.status, 200);
    let read = probe.get("/customers/7").await.body;
    assert_eq!(read, changed.body);
    assert_eq!(
        (&read["name"], &read["parent_id"]),
        (&json!("Renamed Quarry"), &json!(8))
    );
    let cleared = probe
        .json(Method::PATCH, "/customers/7", json!({ "parent_id": null }))
        .await
        .body;
    assert_eq!(
        (&cleared["name"], &cleared["parent_id"]),
        (&read["name"], &Value::Null)
    );
    let unknown = probe
        .json(Method::PATCH, "/customers/7", json!({ "user_id": 1 }))
        .await;
    assert_eq!(unknown.status, 400);
    assert_eq!(unknown.body["field"], "UpdateCustomerModel.user_id");
    assert_eq!(unknown.body["detail"], "Unknown field.");
    let own = probe
        .json(Method::PATCH, "/customers/7", json!({ "parent_id": 7 }))
        .await;
    assert_eq!(own.body["field"], "UpdateCustomerModel.parent_id");
}

#[tokio::test]
async fn a_driver_reads_but_does_not_write() {
    let probe = probe().with(&[
        ("authorization", "Bearer sandbox-driver"),
        ("x-tenant-id", "34"),
    ]);
    assert_eq!(probe.get("/customers/1").await.status, 200);
    let write = probe
        .json(Method::PATCH, "/customers/1", json!({ "name": "x" }))
        .await;
    assert_eq!(write.status, 403);
    assert_eq!(write.body["title"], "Forbidden");
}

#[tokio::test]
async fn a_connection_is_requested_once() {
    let probe = probe();
    let hauler = first_hauler(&probe).await;
    let path = format!("/haulers/{hauler}/connections");
    let before = probe.get(&path).await.body["total_count"].as_u64().unwrap();
    let known: HashSet<i64> = probe.get(&path).await.body["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["provider_id"] == 34)
        .map(|row| row["location_id"].as_i64().unwrap())
        .collect();
    let free = (1..=12).find(|yard| !known.contains(yard)).unwrap();
    let body = json!({ "tenant_code": format!("JUNIPER+{free}") });
    let created = probe.post(&path, body.clone()).await;
    assert_eq!(created.status, 200);
    assert_eq!(created.body["is_approved"], false);
    assert_eq!(created.body["provider_id"], 34);
    assert_eq!(created.body["location_id"], free);
    assert_eq!(probe.post(&path, body).await.body, created.body);
    assert_eq!(probe.get(&path).await.body["total_count"], before + 1);
    for code in ["JUNIPER+99", "NOBODY+1", "JUNIPER", "+3", "JUNIPER+x"] {
        let refused = probe.post(&path, json!({ "tenant_code": code })).await;
        assert_eq!(refused.status, 400, "{code}");
        assert_eq!(
            refused.body["field"],
            "CreateHaulerConnectionRequestModel.tenant_code"
        );
    }
}

#[tokio::test]
async fn a_new_customer_is_a_row_and_a_second_one_like_it_a_conflict() {
    let probe = probe();
    let body = json!({
        "name": "Invented Demolition",
        "addresses": [{ "is_billing": true, "is_shipping": true, "line_1": "345 Fabricated Ave" }],
        "contacts": [{ "name": "New Sample Contact" }],
        "reference_number": "R-1",
    });
    let created = probe.post("/locations/3/customers", body.clone()).await;
    assert_eq!(created.status, 200);
    assert_eq!(created.body["customer_id"], 501);
    assert_eq!(created.body["reference_number"], "R-1");
    let read = probe.get("/customers/501").await.body;
    assert_eq!(read["locations"][0]["location_id"], 3);
    assert_eq!(read["contacts"][0]["name"], "New Sample Contact");
    let again = probe.post("/locations/4/customers", body.clone()).await;
    assert_eq!(again.status, 409);
    let mut near = body.clone();
    near["addresses"][0]["line_1"] = json!("346 Fabricated Ave");
    let path = "/locations/4/customers?max_address_edit_distance=1";
    assert_eq!(probe.post(path, near.clone()).await.status, 409);
    assert_eq!(probe.post("/locations/4/customers", near).await.status, 200);
    let mut unbilled = body;
    unbilled["addresses"][0]["is_billing"] = json!(false);
    let refused = probe.post("/locations/3/customers", unbilled).await;
    assert_eq!(refused.body["field"], "CreateCustomerModel.addresses");
}

#[tokio::test]
async fn a_link_is_added_changed_and_deactivated() {
    let probe = probe();
    let read = probe.get("/customers/1").await.body;
    let linked: Vec<i64> = read["locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["location_id"].as_i64().unwrap())
        .collect();
    let free = (1..=12).find(|yard| !linked.contains(yard)).unwrap();
    let path = format!("/customers/1/locations/{free}");
    assert_eq!(probe.get(&path).await.status, 404);
    assert_eq!(
        probe
            .post(&path, json!({ "note": "Second yard" }))
            .await
            .status,
        200
    );
    assert_eq!(probe.post(&path, json!({})).await.status, 409);
    let changed = probe
        .json(
            Method::PATCH,
            &path,
            json!({ "reference_number": "A140", "sales_rep": "C. P." }),
        )
        .await;
    assert_eq!(changed.body["reference_number"], "A140");
    assert_eq!(changed.body["note"], "Second yard");
    let gone = probe.json(Method::DELETE, &path, json!({})).await;
    assert_eq!((gone.status, &gone.body["is_active"]), (200, &json!(false)));
    let back = probe
        .json(Method::PATCH, &path, json!({ "is_active": true }))
        .await;
    assert_eq!(back.body["is_active"], true);
    assert_eq!(
        probe
            .get(&format!("/locations/{free}/customers/1"))
            .await
            .body,
        back.body
    );
}

#[tokio::test]
async fn an_address_is_replaced_as_a_whole_and_a_contact_in_parts() {
    let probe = probe();
    let added = probe
        .post(
            "/customers/1/addresses",
            json!({ "line_1": "1 Test", "region": "OR" }),
        )
        .await;
    let path = format!("/customers/1/addresses/{}", added.body["id"]);
    let partial = probe
        .json(Method::PATCH, &path, json!({ "line_1": "2 Test" }))
        .await;
    assert_eq!(partial.status, 400);
    let body = json!({ "country": "US", "is_billing": false, "line_1": "2 Test" });
    let replaced = probe.json(Method::PATCH, &path, body).await;
    assert_eq!(replaced.body["line_1"], "2 Test");
    assert_eq!(replaced.body["region"], Value::Null);
    let gone = probe.json(Method::DELETE, &path, json!({})).await;
    assert_eq!(gone.body["is_active"], false);
    assert_eq!(probe.get(&path).await.body, gone.body);

    let body = json!({ "name": "A", "number": "555-0100" });
    let added = probe.post("/customers/1/contacts", body).await;
    let path = format!("/customers/1/contacts/{}", added.body["id"]);
    let changed = probe
        .json(Method::PATCH, &path, json!({ "name": "B" }))
        .await;
    assert_eq!(
        (&changed.body["name"], &changed.body["number"]),
        (&json!("B"), &json!("555-0100"))
    );
    assert_eq!(
        probe.json(Method::DELETE, &path, json!({})).await.status,
        405
    );
}

#[tokio::test]
async fn a_trucks_driver_is_set_by_query_in_old_versions_and_by_body_in_new_ones() {
    let probe = probe();
    let newer = probe.with(&[
        DISPATCHER[0],
        DISPATCHER[1],
        ("x-api-version", "2021/05/07"),
    ]);
    let trucks = probe.get("/locations/1/trucks").await.body;
    let path = format!("/locations/1/trucks/{}", trucks["results"][0]["id"]);
    let driver = probe.get("/locations/1/drivers").await.body["results"][0]["id"].clone();
    let set = probe
        .json(
            Method::PATCH,
            &format!("{path}?driver_id={driver}"),
            json!({}),
        )
        .await;
    assert_eq!(set.body["driver_id"], driver);
    let cleared = newer
        .json(Method::PATCH, &path, json!({ "driver_id": null }))
        .await;
    assert_eq!(cleared.body["driver_id"], Value::Null);
    assert_eq!(newer.get(&path).await.body["driver_id"], Value::Null);
}
