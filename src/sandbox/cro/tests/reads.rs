use std::collections::{HashMap, HashSet};

use http::Method;
use serde_json::{Value, json};

use super::{DISPATCHER, probe};

#[tokio::test]
async fn who_asks_and_where_is_checked_before_anything_else() {
    let probe = probe();
    let status = async |headers: &[(&'static str, &'static str)], path: &str| {
        probe.with(headers).get(path).await.status
    };
    let dispatcher = ("authorization", "bearer sandbox-dispatcher");
    assert_eq!(status(&[], "/tenants").await, 401);
    assert_eq!(
        status(&[("authorization", "Bearer stolen")], "/tenants").await,
        401
    );
    assert_eq!(status(&[dispatcher], "/tenants").await, 200);
    assert_eq!(status(&[dispatcher], "/haulers").await, 200);
    assert_eq!(status(&[dispatcher], "/customers").await, 400);
    assert_eq!(
        status(&[dispatcher, ("x-tenant-id", "x")], "/customers").await,
        400
    );
    assert_eq!(
        status(&[dispatcher, ("x-tenant-id", "77")], "/customers").await,
        403
    );
    assert_eq!(
        status(&[dispatcher, ("x-tenant-id", "34")], "/customers").await,
        200
    );
    assert_eq!(
        status(&[dispatcher, ("x-tenant-id", "34")], "/customers/").await,
        200
    );
    let missing = probe.with(&[dispatcher]).get("/customers").await;
    assert_eq!(
        missing.body,
        json!({
            "field": "StandardRequestHeadersModel.x-tenant-id", "detail": "Missing.",
            "explanation": "The resource could not be accessed."
        })
    );
}

#[tokio::test]
async fn a_walk_of_the_customer_rows_meets_every_customer() {
    let probe = probe();
    let first = probe.get("/customers?page_limit=1000").await.body;
    assert_eq!(first["total_pages"], 2);
    let second = probe
        .get("/customers?page_limit=1000&page_index=2")
        .await
        .body;
    let rows: Vec<&Value> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["results"].as_array().unwrap())
        .collect();
    assert_eq!(json!(rows.len()), first["total_count"]);
    let customers: HashSet<i64> = rows
        .iter()
        .map(|row| row["customer_id"].as_i64().unwrap())
        .collect();
    assert_eq!(customers.len(), 500);
    let mut last_seen: HashMap<i64, usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        let before = last_seen.insert(row["customer_id"].as_i64().unwrap(), at);
        assert!(before.is_none_or(|before| before + 1 < at));
    }
}

#[tokio::test]
async fn the_key_of_a_row_depends_on_the_version_and_the_version_sticks() {
    let probe = probe();
    let newer = probe.with(&[
        DISPATCHER[0],
        DISPATCHER[1],
        ("x-api-version", "2021/04/07"),
    ]);
    let row = |page: &Value| page["results"][0].clone();
    let old = probe.get("/customers?page_limit=1").await;
    assert_eq!(old.headers["x-api-version"], "2019/02/08");
    assert!(row(&old.body)["customer_id"].is_i64());
    assert!(row(&old.body).get("account_number_1").is_none());
    let new = newer.get("/customers?page_limit=1").await;
    assert_eq!(new.headers["x-api-version"], "2021/04/07");
    assert!(row(&new.body)["id"].is_i64());
    assert!(row(&new.body).get("customer_id").is_none());
    let without = probe.get("/customers?page_limit=1").await;
    assert_eq!(without.headers["x-api-version"], "2021/04/07");
    assert!(row(&without.body)["id"].is_i64());
}

#[tokio::test]
async fn filters_narrow_the_rows() {
    let probe = probe();
    let count = async |query: &str| {
        let page = probe
            .get(&format!("/customers?page_limit=1000&{query}"))
            .await
            .body;
        let rows = page["results"].as_array().unwrap().clone();
        (page["total_count"].as_u64().unwrap(), rows)
    };
    let (all, _) = count("").await;
    let (active, rows) = count("active=true").await;
    assert!(rows.iter().all(|row| row["is_active"] == true));
    let (inactive, _) = count("active=0").await;
    assert_eq!(active + inactive, all);
    let (children, rows) = count("parent_id=8").await;
    assert!(children > 0 && rows.iter().all(|row| row["parent_id"] == 8));
    let (_, rows) = count("is_parent=false&location_id=3").await;
    assert!(
        rows.iter()
            .all(|row| !row["parent_id"].is_null() && row["location_id"] == 3)
    );
    let (late, _) = count("created_on_gte=2021-01-01T00:00:00").await;
    assert!(late > 0 && late < all);
    let at_yard = probe.get("/locations/3/customers?page_limit=1").await.body;
    assert_eq!(at_yard["total_count"], count("location_id=3").await.0);
    assert_eq!(probe.get("/customers?ids=1,2").await.status, 400);
    assert_eq!(probe.get("/customers?page_limit=1001").await.status, 400);
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let probe = probe();
    for path in [
        "/customers/99999",
        "/locations/99",
        "/customers/1/addresses/999999",
        "/customers/1/contacts/999999",
        "/customers/1/locations/99",
        "/haulers/00000000-0000-4000-8000-000000000000",
        "/nowhere",
    ] {
        let reply = probe.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.body["detail"], "Not found.", "{path}");
    }
    assert_eq!(probe.get("/customers/abc").await.status, 400);
    assert_eq!(probe.get("/haulers/abc").await.status, 400);
}

#[tokio::test]
async fn the_same_id_means_another_customer_in_another_tenant() {
    let probe = probe();
    let other = probe.with(&[DISPATCHER[0], ("x-tenant-id", "51")]);
    let (here, there) = (
        probe.get("/customers/1").await,
        other.get("/customers/1").await,
    );
    assert_ne!(here.body["name"], there.body["name"]);
    assert_ne!(
        probe.get("/locations/1").await.body["name"],
        other.get("/locations/1").await.body["name"]
    );
}

#[tokio::test]
async fn a_third_party_dispatcher_sees_only_what_approved_its_hauler() {
    let all = probe();
    let own = all.with(&[
        ("authorization", "Bearer sandbox-third-party-dispatcher"),
        ("x-tenant-id", "34"),
    ]);
    let yards = own.get("/locations").await.body;
    let seen = yards["total_count"].as_u64().unwrap();
    assert!(seen > 0 && seen < 12, "{seen}");
    let yard = yards["results"][0]["id"].as_i64().unwrap();
    let rows = own.get("/customers").await.body;
    assert!(rows["total_count"].as_u64().unwrap() > 0);
    assert!(
        rows["total_count"].as_u64() < all.get("/customers").await.body["total_count"].as_u64()
    );
    assert_eq!(
        own.get(&format!("/locations/{yard}/customers"))
            .await
            .status,
        200
    );
    assert_eq!(own.get("/haulers").await.body["total_count"], 1);
    let other = all.get("/haulers").await.body["results"][1]["id"].clone();
    assert_eq!(
        own.get(&format!("/haulers/{}", other.as_str().unwrap()))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_job_embeds_its_customer_in_the_shape_of_the_version() {
    let probe = probe();
    let newer = probe.with(&[
        DISPATCHER[0],
        DISPATCHER[1],
        ("x-api-version", "2021/11/04"),
    ]);
    let list = probe.get("/locations/2/jobs").await.body;
    let path = format!("/locations/2/jobs/{}", list["results"][5]["id"]);
    let old = probe.get(&path).await.body;
    assert_eq!(old["customer"]["id"], old["customer_id"]);
    assert!(old["customer"]["locations"].is_array());
    assert!(old["created_by_id"].is_i64());
    let new = newer.get(&path).await.body;
    assert_eq!(new["customer"]["location_id"], 2);
    assert!(new["created_by"].is_i64() && new.get("created_by_id").is_none());
    let truck = probe.get("/locations/2/trucks").await.body["results"][0]["id"].clone();
    assert_eq!(new["dispatched_on"], Value::Null);
    let sent = newer
        .json(Method::PATCH, &path, json!({ "truck_id": truck }))
        .await;
    assert_eq!(sent.body["truck_id"], truck);
    assert!(sent.body["dispatched_on"].is_string());
}

#[tokio::test]
async fn every_token_stands_for_a_family_that_sees_the_same() {
    let version = ("x-api-version", "2019/02/08");
    let tenant = ("x-tenant-id", "34");
    let as_caller = |credential| probe().with(&[("authorization", credential), tenant, version]);
    let customers = async |credential| as_caller(credential).get("/customers?page_limit=2").await;
    let head = customers("Bearer sandbox-dispatcher").await;
    let member = customers("Bearer sandbox-dispatcher.42").await;
    assert_eq!(member.status, 200);
    assert_eq!(member.body, head.body);
    assert_eq!(customers("Bearer sandbox-dispatch.42").await.status, 401);
}

#[tokio::test]
async fn an_answer_that_was_prepared_is_for_the_same_question_of_the_same_caller() {
    let headers = |credential, tenant| {
        [
            ("authorization", credential),
            ("x-tenant-id", tenant),
            ("x-api-version", "2019/02/08"),
        ]
    };
    let dispatcher = probe().with(&headers("Bearer sandbox-dispatcher", "34"));
    let first = dispatcher.get("/customers/3").await;
    let again = dispatcher.get("/customers/3").await;
    assert_eq!(again.body, first.body);
    assert_ne!(again.headers["x-request-id"], first.headers["x-request-id"]);
    let with = async |credential, tenant| {
        let caller = dispatcher.with(&headers(credential, tenant));
        caller.get("/customers/3").await
    };
    assert_eq!(with("Token sandbox-dispatcher", "34").await.status, 401);
    assert_eq!(with("Bearer sandbox-neighbour", "34").await.status, 403);
    assert_ne!(
        with("Bearer sandbox-dispatcher", "51").await.body,
        first.body
    );
}

#[tokio::test]
async fn a_read_after_a_write_sees_it() {
    let version = ("x-api-version", "2019/02/08");
    let dispatcher = probe().with(&[DISPATCHER[0], DISPATCHER[1], version]);
    let name = async || dispatcher.get("/customers/3").await.body["name"].clone();
    let before = name().await;
    let change = json!({ "name": "Synthetic Gravel" });
    let written = dispatcher.json(Method::PATCH, "/customers/3", change).await;
    assert_eq!(written.status, 200);
    assert_eq!(name().await, "Synthetic Gravel");
    dispatcher.post("/__sandbox/reset", json!({})).await;
    assert_eq!(name().await, before);
}
