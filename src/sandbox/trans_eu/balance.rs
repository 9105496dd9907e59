//! How the freights of a route are shared among its carriers.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::TransEu;
use super::access::Shipper;
use super::check::{Check, at, parse, text, uuid};
use super::refusal::Refusal;
use super::state::State as World;
use super::views::allowed_types;

/// As the request and its answer spell a type, and as a route spells it.
const TYPES: [(&str, &str); 5] = [
    ("MANUAL", "manual"),
    ("CONTRACT_CONDITION", "contract_condition"),
    ("PERCENTAGE_SHARE", "percentage_share"),
    ("PRICE_ASCENDING", "price_ascending"),
    ("FREIGHT_LIMIT", "freight_limit"),
];

pub(super) async fn balance(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let body = parse(&body)?;
    check(&body)?;
    let asked = text(&body, "balancing_type").unwrap_or_default();
    let mut state = api.store.write();
    let route = state
        .route(&id, shipper.company)
        .ok_or_else(|| Refusal::unknown_route(&id))?;
    let has_flexible = state
        .contracts_on(route)
        .iter()
        .any(|index| state.contracts[*index].is_flexible);
    let kind = TYPES
        .iter()
        .find(|(upper, _)| *upper == asked)
        .map_or("manual", |(_, it)| it);
    if !allowed_types(has_flexible).contains(&kind) {
        let detail = "Chosen balancing type is not allowed for this contracted-route.";
        return Err(Refusal::problem(420, "BalancingTypeException", detail));
    }
    if kind == "percentage_share" {
        share(&mut state, route, &body)?;
    }
    let limit = |name: &str| at(&body, &format!("freight_limit.{name}")).and_then(Value::as_i64);
    let load_id = state.new_id("load");
    let route = &mut state.routes[route];
    route.balancing = kind;
    route.modified = Moment::now().zoned();
    let mut answer = json!({
        "contracted_route_id": route.id, "load_id": load_id,
        "balancing_type": asked, "name": route.name,
    });
    if kind == "freight_limit" {
        route.freight_limit = (limit("min"), limit("max"));
        answer["freight_limit"] = json!({ "min": limit("min"), "max": limit("max") });
    }
    Ok(answer::ok(&answer))
}

fn check(body: &Value) -> Result<(), Refusal> {
    let mut check = Check::new(body);
    check.one_of("balancing_type", &TYPES.map(|(upper, _)| upper));
    match text(body, "balancing_type") {
        Some("PERCENTAGE_SHARE") => {
            check.array("contracts");
            for n in 0..check.len("contracts") {
                check.uuid(&format!("contracts.{n}.contract_id"));
                check.number(&format!("contracts.{n}.percentage_share"));
            }
        }
        Some("FREIGHT_LIMIT") => {
            check.integer("freight_limit.min");
            check.integer("freight_limit.max");
        }
        _ => {}
    }
    check.done()
}

/// Shares make 100 together, no contract has two, and all contracts are on this route.
fn share(state: &mut World, route: usize, body: &Value) -> Result<(), Refusal> {
    let shares: Vec<(String, &Value)> = at(body, "contracts")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(|one| {
            (
                text(one, "contract_id").unwrap_or_default().to_lowercase(),
                &one["percentage_share"],
            )
        })
        .collect();
    let total: f64 = shares.iter().filter_map(|(_, share)| share.as_f64()).sum();
    let repeated = (1..shares.len()).any(|n| shares[..n].iter().any(|one| one.0 == shares[n].0));
    if (total - 100.0).abs() > 0.001 || repeated {
        let text = "shares must sum up to 100 and contracts must not repeat";
        let rule = json!({ "contractsPercentageShare": text });
        return Err(Refusal::invalid(json!({ "contracts": rule })));
    }
    let on_route = state.contracts_on(route).to_vec();
    let mut found = Vec::new();
    for (id, share) in shares {
        let index = on_route
            .iter()
            .find(|index| state.contracts[**index].id == id);
        let conflict = || Refusal::problem(409, "Conflict", "Contracts are not compatible");
        found.push((*index.ok_or_else(conflict)?, share));
    }
    for (index, share) in found {
        if let Some(share) = share.as_number() {
            state.contracts[index].percentage_share = share.clone();
        }
    }
    Ok(())
}
