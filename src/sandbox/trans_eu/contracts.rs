//! Reading contracts: the list, one, and those of a route in the first version's shape.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::access::Shipper;
use super::check::uuid;
use super::paging::Slice;
use super::refusal::Refusal;
use super::state::Contract;
use super::views::ContractView;
use super::{Pairs, TransEu, embedded};

pub(super) async fn list(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let slice = Slice::new(&pairs, 10)?;
    let state = api.store.read();
    let (page, has_more) = slice.of(state.contracts_of(shipper.company));
    let rows: Vec<ContractView> = page
        .iter()
        .map(|index| ContractView::read(&state, *index))
        .collect();
    Ok(answer::ok(&embedded("contracts", &rows, has_more)))
}

pub(super) async fn get(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let state = api.store.read();
    let index = state
        .contract(&id, shipper.company)
        .ok_or_else(|| Refusal::no_contract(&id))?;
    Ok(answer::ok(&ContractView::read(&state, index)))
}

/// What a carrier does to a contract: any status at all. The API has no endpoint for it; this
/// one is part of the sandbox alone.
#[derive(Deserialize)]
pub(super) struct Decision {
    status: String,
}

pub(super) async fn decide(
    State(api): State<Arc<TransEu>>,
    Path(id): Path<String>,
    Json(decision): Json<Decision>,
) -> Result<Response, Refusal> {
    let mut state = api.store.write();
    let found = state
        .contracts
        .iter_mut()
        .find(|contract| contract.id == id);
    let contract = found.ok_or_else(|| Refusal::no_contract(&id))?;
    contract.status = decision.status;
    contract.modified = Moment::now().zoned();
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `total_items` is the number of items in the answer, as the field table says.
pub(super) async fn of_route(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let slice = Slice::new(&pairs, 25)?;
    let state = api.store.read();
    let route = state
        .route(&id, shipper.company)
        .ok_or_else(|| Refusal::no_contracted_route(&id))?;
    let (page, _) = slice.of(state.contracts_on(route));
    let rows: Vec<Value> = page
        .iter()
        .map(|index| first_version(&state.contracts[*index], &id))
        .collect();
    Ok(answer::ok(
        &json!({ "contracts": rows, "total_items": rows.len() }),
    ))
}

/// No type, no status, no base contract, no shipper; unset objects have null members.
fn first_version(contract: &Contract, route: &str) -> Value {
    let persons: Vec<Value> = contract.carrier["contact_persons"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(|person| {
            let employee = &person["employee"];
            json!({ "employee": {
                "account_id": employee["account_id"],
                "given_name": employee["given_name"],
                "family_name": employee["family_name"],
                "trans_id": employee["trans_id"],
            }})
        })
        .collect();
    let period = if contract.period["from"].is_null() {
        json!({})
    } else {
        contract.period.clone()
    };
    let planned = if contract.planned_shipments.is_null() {
        json!({ "periods": [], "type": null, "unit": null, "value": null })
    } else {
        contract.planned_shipments.clone()
    };
    json!({
        "id": contract.id,
        "route": { "id": route },
        "surcharges": contract.surcharges,
        "period": period,
        "carrier": { "company": contract.carrier["company"], "contact_persons": persons },
        "order_terms": first_version_terms(&contract.order_terms),
        "planned_shipments": planned,
        "pricing": first_version_pricing(contract),
        "reference_number": contract.reference_number,
    })
}

fn first_version_pricing(contract: &Contract) -> Value {
    let mut pricing = contract.pricing.clone();
    pricing["negotiable"] = Value::from(contract.negotiable);
    if let Some(members) = pricing.as_object_mut() {
        members.remove("fuel_base_price");
    }
    if contract.is_flexible {
        pricing["price"]["value"] = Value::Null;
    }
    pricing
}

fn first_version_terms(terms: &Value) -> Value {
    let money = |value: &Value| {
        if value.is_null() {
            json!({ "currency": null, "value": null })
        } else {
            value.clone()
        }
    };
    let flag = |value: &Value| value.as_bool().unwrap_or(false);
    let silent = &terms["silent_confirmation"];
    json!({
        "automatic_order_sending": flag(&terms["automatic_order_sending"]),
        "payment_period": { "value": terms["payment_period"]["value"] },
        "additional_terms": terms["additional_terms"],
        "insurance": {
            "load": money(&terms["insurance"]["load"]),
            "third_party": money(&terms["insurance"]["third_party"]),
        },
        "monitoring": { "required": flag(&terms["monitoring"]["required"]) },
        "silent_confirmation": {
            "enabled": flag(&silent["enabled"]),
            "time": if silent["time"].is_null() {
                json!({ "unit_code": null, "user_unit_code": null, "value": null })
            } else {
                silent["time"].clone()
            },
        },
    })
}
