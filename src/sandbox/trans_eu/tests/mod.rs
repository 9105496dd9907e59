//! The stand-in as a client meets it.

mod contracts;
mod routes;

use std::time::Duration;

use serde_json::{Value, json};

use super::super::probe::Probe;
use super::router;

const KEY: (&str, &str) = ("api-key", "sandbox-api-key");
const SHIPPER: (&str, &str) = ("authorization", "Bearer sandbox-shipper");
const CONTRACTS: &str = "/ext/contracts-api/v2/contracts";
const ROUTES: &str = "/ext/contracts-api/v2/routes";
const NOWHERE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

fn probe() -> Probe {
    Probe::new(router(2026, Duration::ZERO, None), &[KEY, SHIPPER])
}

async fn routes(probe: &Probe) -> Vec<Value> {
    let page = probe.get(&format!("{ROUTES}?limit=100")).await.body;
    page["_embedded"]["routes"].as_array().unwrap().clone()
}

async fn contracts(probe: &Probe) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = probe
            .get(&format!("{CONTRACTS}?limit=100&offset={}", all.len()))
            .await
            .body;
        all.extend(page["_embedded"]["contracts"].as_array().unwrap().clone());
        if page["has_more"] == false {
            return all;
        }
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

fn flexible(route: &str) -> Value {
    json!({
        "route": { "id": route },
        "pricing": { "price": { "currency": "pln" }, "negotiable": false },
        "carrier": {
            "company": { "id": 9_000_201 },
            "contact_persons": [{ "employee": { "account_id": 802_011 } }],
        },
        "config": { "send_to_carrier": true },
    })
}

fn fixed(route: &str, kind: &str) -> Value {
    json!({
        "route": { "id": route },
        "carrier": { "company": { "id": 9_000_201 } },
        "config": { "send_to_carrier": false },
        "order_terms": { "payment_period": { "value": 30, "days_type": "WORK" } },
        "period": { "from": "2027-01-01T00:00:00.000Z", "timezone": "Europe/Warsaw" },
        "pricing": { "type": kind, "price": { "value": 980, "currency": "EUR" } },
    })
}
