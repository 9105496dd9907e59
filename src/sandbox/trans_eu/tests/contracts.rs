use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};

use super::{CONTRACTS, NOWHERE, ROUTES, contracts, fixed, flexible, id, probe, routes};

#[tokio::test]
async fn a_walk_of_the_contracts_ends_when_there_are_no_more() {
    let probe = probe();
    let all = contracts(&probe).await;
    let ids: HashSet<&str> = all.iter().map(id).collect();
    assert_eq!((all.len(), ids.len()), (300, 300));
    let first = probe.get(CONTRACTS).await.body;
    assert_eq!(
        first["_embedded"]["contracts"].as_array().unwrap().len(),
        10
    );
    assert_eq!(first["has_more"], true);
    let read = probe
        .get(&format!("{CONTRACTS}/{}", id(&all[0])))
        .await
        .body;
    assert_eq!(read, all[0]);
}

#[tokio::test]
async fn the_route_inside_a_contract_is_a_partial_one() {
    let probe = probe();
    let contract = contracts(&probe).await.remove(0);
    let embedded = &contract["route"];
    assert!(embedded.get("shipper_id").is_none());
    assert!(embedded.get("last_modification_date").is_none());
    assert_eq!(
        embedded["_stats"]["contracts"],
        json!({ "fixed": 0, "flexible": 0 })
    );
    let full = probe.get(&format!("{ROUTES}/{}", id(embedded))).await.body;
    assert_eq!(full["shipper_id"], 9_000_101);
    assert_eq!(full["_stats"]["contracts"].as_object().unwrap().len(), 12);
    assert_eq!(full["spots"], embedded["spots"]);
}

#[tokio::test]
async fn contracts_of_a_route_come_in_the_first_versions_shape() {
    let probe = probe();
    let route = routes(&probe).await.remove(0);
    let path = format!("/ext/contracts-api/v1/routes/{}/contracts", id(&route));
    let list = probe.get(&path).await.body;
    assert_eq!(list["total_items"], 5);
    for contract in list["contracts"].as_array().unwrap() {
        assert!(contract.get("status").is_none() && contract.get("type").is_none());
        assert_eq!(contract["route"], json!({ "id": id(&route) }));
        assert!(contract["pricing"]["negotiable"].is_boolean());
    }
    let unknown = probe
        .get(&format!("/ext/contracts-api/v1/routes/{NOWHERE}/contracts"))
        .await;
    assert_eq!(
        (unknown.status, &unknown.body["service_code"]),
        (404, &json!(5404))
    );
}

#[tokio::test]
async fn a_flexible_contract_answers_in_euro_and_without_a_date() {
    let probe = probe();
    let route = routes(&probe).await.remove(0);
    let path = format!("{CONTRACTS}/flexible");
    let created = probe.post(&path, flexible(id(&route))).await;
    assert_eq!(created.status, 201);
    let body = &created.body;
    assert_eq!(
        body["pricing"],
        json!({ "type": "no_rate", "price": { "currency": "eur" } })
    );
    assert_eq!(body["status"], "waiting_for_acceptance");
    assert_eq!(body["_meta"], json!({ "has_been_sent_to_carrier": true }));
    assert_eq!(
        body["carrier"]["contact_persons"][0]["employee"]["account_id"],
        802_011
    );
    for absent in [
        "order_terms",
        "updated_at",
        "last_modification_date",
        "surcharges",
    ] {
        assert!(body.get(absent).is_none(), "{absent}");
    }
    assert!(body["route"]["_stats"]["contracts"]["flexible"].as_u64() >= Some(1));
    let read = probe.get(&format!("{CONTRACTS}/{}", id(body))).await.body;
    assert!(read["updated_at"].is_string());
    assert_eq!(read["surcharges"], json!([]));
    assert_eq!(contracts(&probe).await.len(), 301);
}

#[tokio::test]
async fn what_is_wrong_with_a_flexible_contract_decides_the_shape_of_the_error() {
    let probe = probe();
    let path = format!("{CONTRACTS}/flexible");
    let missing = probe.post(&path, flexible(NOWHERE)).await;
    assert_eq!(missing.status, 400);
    let detail = format!("Contracted route with ID: {NOWHERE} not found!");
    assert_eq!(
        (&missing.body["detail"], &missing.body["service_code"]),
        (&json!(detail), &json!(5404))
    );
    let dashed = flexible("3fa85f64-5717\u{2013}4562-b3fc-2c963f66afa6");
    let dashed = probe.post(&path, dashed).await;
    assert_eq!(dashed.body["message"], json!(["route.id must be a UUID"]));
    let mut unsent = flexible(NOWHERE);
    unsent["config"]["send_to_carrier"] = json!(false);
    let unsent = probe.post(&path, unsent).await;
    assert_eq!(unsent.status, 422);
    assert!(unsent.body["validation_messages"]["config"]["send_to_carrier"]["equals"].is_string());
}

#[tokio::test]
async fn a_fixed_contract_is_replaced_until_it_is_accepted() {
    let probe = probe();
    let all = routes(&probe).await;
    let path = format!("{CONTRACTS}/fixed");
    let created = probe.post(&path, fixed(id(&all[0]), "route")).await;
    assert_eq!(
        (created.status, &created.body["status"]),
        (201, &json!("registered"))
    );
    assert_eq!(created.body["period"]["from"], "2027-01-01T00:00:00+00:00");
    let own = format!("{path}/{}", id(&created.body));
    let mut body = fixed(id(&all[0]), "route");
    body["config"]["send_to_carrier"] = json!(true);
    body["reference_number"] = json!("REF-X");
    let replaced = probe.json(Method::PUT, &own, body.clone()).await;
    assert_eq!(
        (replaced.status, &replaced.body["status"]),
        (200, &json!("waiting_for_acceptance"))
    );
    assert_eq!(replaced.body["id"], created.body["id"]);
    assert_eq!(replaced.body["reference_number"], "REF-X");
    assert_eq!(probe.post(&own, body.clone()).await.status, 405);

    let accepted = contracts(&probe).await;
    let accepted = accepted
        .iter()
        .find(|it| it["status"] == "accepted" && it["type"] == "fixed")
        .unwrap();
    body["route"]["id"] = accepted["route"]["id"].clone();
    let refused = probe
        .json(Method::PUT, &format!("{path}/{}", id(accepted)), body)
        .await;
    assert_eq!(
        (refused.status, &refused.body["detail"]),
        (400, &json!("Contract is not updatable"))
    );
}

#[tokio::test]
async fn only_routes_for_bulk_are_paid_by_the_ton() {
    let probe = probe();
    let all = routes(&probe).await;
    let path = format!("{CONTRACTS}/fixed");
    let is_bulk =
        |route: &&Value| route["requirements"]["required_truck_bodies"][0] == "dump-truck";
    let by_ton = async |route: &Value| {
        let mut body = fixed(id(route), "ton");
        body["pricing"]["settlement_basis"] = json!("loading");
        probe.post(&path, body).await
    };
    assert_eq!(by_ton(all.iter().find(is_bulk).unwrap()).await.status, 201);
    let refused = by_ton(all.iter().find(|route| !is_bulk(route)).unwrap()).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body["detail"]
            .as_str()
            .unwrap()
            .ends_with("does not support pricing by: 'ton'")
    );
}

#[tokio::test]
async fn a_carrier_decides_through_the_sandbox_alone() {
    let probe = probe();
    let waiting = contracts(&probe).await;
    let waiting = waiting
        .iter()
        .find(|it| it["status"] == "waiting_for_acceptance")
        .unwrap();
    let path = format!("/__sandbox/contracts/{}", id(waiting));
    assert_eq!(
        probe
            .post(&path, json!({ "status": "accepted" }))
            .await
            .status,
        204
    );
    let read = probe
        .get(&format!("{CONTRACTS}/{}", id(waiting)))
        .await
        .body;
    assert_eq!(read["status"], "accepted");
    assert_ne!(read["updated_at"], waiting["updated_at"]);
}
