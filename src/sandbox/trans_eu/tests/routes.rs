use std::time::Duration;

use serde_json::json;

use super::super::super::probe::Probe;
use super::super::router;
use super::{CONTRACTS, KEY, ROUTES, SHIPPER, contracts, id, probe, routes};

#[tokio::test]
async fn the_key_and_the_token_are_both_needed() {
    let probe = probe();
    let status = async |headers: &[(&'static str, &'static str)]| {
        probe.with(headers).get(ROUTES).await.status
    };
    assert_eq!(status(&[SHIPPER]).await, 401);
    assert_eq!(status(&[KEY]).await, 401);
    assert_eq!(
        status(&[KEY, ("authorization", "Bearer stolen")]).await,
        401
    );
    assert_eq!(status(&[KEY, SHIPPER]).await, 200);
}

#[tokio::test]
async fn each_shipper_sees_only_its_own() {
    let probe = probe();
    let other = probe.with(&[KEY, ("authorization", "Bearer sandbox-other-shipper")]);
    let (own, foreign) = (routes(&probe).await, routes(&other).await);
    assert_eq!((own.len(), foreign.len()), (60, 6));
    assert_eq!(
        other.get(&format!("{ROUTES}/{}", id(&own[0]))).await.status,
        404
    );
    let contract = contracts(&probe).await.remove(0);
    let reply = other.get(&format!("{CONTRACTS}/{}", id(&contract))).await;
    assert_eq!(reply.status, 404);
    assert_eq!(
        reply.body["detail"],
        format!("Contract with ID: {} not found!", id(&contract))
    );
}

#[tokio::test]
async fn balancing_has_three_ways_to_fail() {
    let probe = probe();
    let all = routes(&probe).await;
    let with_flexible = all
        .iter()
        .find(|it| it["_stats"]["contracts"]["flexible"] == 1)
        .unwrap();
    let path = format!("{ROUTES}/{}/balance", id(with_flexible));
    let refused = probe
        .post(&path, json!({ "balancing_type": "PRICE_ASCENDING" }))
        .await;
    assert_eq!(
        (refused.status, &refused.body["title"]),
        (420, &json!("BalancingTypeException"))
    );
    let shares = |one: &str, other: &str, share: u32| {
        json!({ "balancing_type": "PERCENTAGE_SHARE", "contracts": [
            { "contract_id": one, "percentage_share": 60 },
            { "contract_id": other, "percentage_share": share },
        ]})
    };
    let everything = contracts(&probe).await;
    let mut own = everything
        .iter()
        .filter(|it| it["route"]["id"] == with_flexible["id"]);
    let (one, other) = (id(own.next().unwrap()), id(own.next().unwrap()));
    let foreign = everything
        .iter()
        .find(|it| it["route"]["id"] != with_flexible["id"])
        .unwrap();
    assert_eq!(
        probe.post(&path, shares(one, id(foreign), 40)).await.status,
        409
    );
    assert_eq!(probe.post(&path, shares(one, other, 41)).await.status, 422);
    assert_eq!(probe.post(&path, shares(one, one, 40)).await.status, 422);
    assert_eq!(probe.post(&path, shares(one, other, 40)).await.status, 200);
    let read = probe.get(&format!("{CONTRACTS}/{other}")).await.body;
    assert_eq!(read["percentage_share"], 40);
    assert_eq!(read["route"]["balancing"]["type"], "percentage_share");
    assert_eq!(
        probe
            .post(&path, json!({ "balancing_type": "RANDOM" }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_route_is_created_and_replaced() {
    let probe = probe();
    let spot = |kind: &str| json!({ "type": kind, "place": { "address": { "country": "PL" } } });
    let mut body = json!({ "name": "New lane", "spots": [spot("loading"), spot("unloading")] });
    let created = probe.post(ROUTES, body.clone()).await;
    assert_eq!(created.status, 201);
    assert!(created.body.get("shipper_id").is_none());
    assert_eq!(
        created.body["spots"][0]["place"]["address"]["country"],
        "pl"
    );
    let path = format!("/ext/contracts-api/v1/routes/{}", id(&created.body));
    body["name"] = json!("New lane (rev. 2)");
    let unflagged = probe.post(&path, body.clone()).await;
    assert_eq!(unflagged.status, 422);
    assert!(unflagged.body["validation_messages"]["if_send_to_carrier"]["isBoolean"].is_string());
    body["if_send_to_carrier"] = json!(false);
    let replaced = probe.post(&path, body).await.body;
    assert!(replaced["spots"][0].get("id").is_none() && replaced.get("status").is_none());
    let read = probe
        .get(&format!("{ROUTES}/{}", id(&created.body)))
        .await
        .body;
    assert_eq!(read["name"], "New lane (rev. 2)");
    let broken = probe
        .post(ROUTES, json!({ "name": 1, "spots": [{}] }))
        .await;
    assert!(
        broken.body["message"]
            .as_array()
            .unwrap()
            .contains(&json!("spots.0.type must be a string"))
    );
}

#[tokio::test]
async fn partners_are_found_by_company_and_paged() {
    let probe = probe();
    let path = "/ext/partners-api/v1/partners";
    let first = probe.get(path).await.body;
    assert_eq!(
        (&first["page_count"], &first["total_items"]),
        (&json!(2), &json!(30))
    );
    let second = probe.get(&format!("{path}?page=2")).await.body;
    assert_eq!(second["partners"].as_array().unwrap().len(), 5);
    let one = "%7B%22company_id%22:%7B%22$eq%22:%229000203%22%7D%7D";
    let found = probe.get(&format!("{path}?filter={one}")).await.body;
    assert_eq!(found["total_items"], 1);
    assert_eq!(found["partners"][0]["company"]["id"], 9_000_203);
    let partner = format!("{path}/{}", id(&found["partners"][0]));
    assert_eq!(
        probe.get(&partner).await.body["company"]["type"],
        "STANDARD"
    );
    let people = probe.get(&format!("{partner}/employees")).await.body;
    assert_eq!(people["_embedded"].as_array().unwrap().len(), 3);
    assert!(probe.get(&format!("{partner}/fleet")).await.body["vehicles"].is_array());
    let own = probe
        .get("/ext/companies-api/v1/companies/employees")
        .await
        .body;
    assert_eq!(own.as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_quota_answers_429_beyond_it() {
    let probe = Probe::new(router(2026, Duration::ZERO, Some(2)), &[KEY, SHIPPER]);
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(probe.get(&format!("{ROUTES}?limit=1")).await.status);
    }
    assert_eq!(statuses[..2], [200, 200]);
    assert!(statuses.contains(&429));
}
