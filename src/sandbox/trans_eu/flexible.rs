//! Creating a flexible contract.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Number, Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::TransEu;
use super::access::Shipper;
use super::check::{Check, at, parse, text};
use super::refusal::Refusal;
use super::state::{Contract, State as World};
use super::views::ContractView;

pub(super) async fn create(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = parse(&body)?;
    check(&body)?;
    let mut state = api.store.write();
    let route = route_of(&state, shipper, &body)?;
    let (carrier_id, accounts) = carrier_of(&state, &body)?;
    let id = state.new_id("contract");
    let contract = Contract {
        base_id: id.clone(),
        id,
        is_flexible: true,
        route,
        shipper_id: shipper.company,
        position: None,
        percentage_share: Number::from(0),
        period: json!({ "from": null, "to": null }),
        // The answer says `eur` whatever was asked for, as in the vendor's own example.
        pricing: json!({ "type": "no_rate", "price": { "currency": "eur" } }),
        negotiable: at(&body, "pricing.negotiable")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        status: "waiting_for_acceptance".to_owned(),
        carrier: state.party(carrier_id, &accounts, shipper.company),
        shipper: state.party(
            shipper.company,
            &[own_account(&state, shipper)],
            shipper.company,
        ),
        order_terms: Value::Null,
        planned_shipments: Value::Null,
        reference_number: None,
        refusal_reason: None,
        surcharges: json!([]),
        is_sent: true,
        modified: Moment::now().zoned(),
    };
    let index = state.add_contract(contract);
    Ok(answer::json(
        StatusCode::CREATED,
        &ContractView::written(&state, index),
    ))
}

fn check(body: &Value) -> Result<(), Refusal> {
    let mut check = Check::new(body);
    check_parties(&mut check);
    check.optional_boolean("pricing.negotiable");
    check.optional_string("pricing.price.currency");
    check.done()?;
    if at(body, "config.send_to_carrier") != Some(&Value::Bool(true)) {
        let rule = json!({ "equals": "send_to_carrier must be equal to true" });
        return Err(Refusal::invalid(
            json!({ "config": { "send_to_carrier": rule } }),
        ));
    }
    Ok(())
}

/// The members that both kinds of contract require.
pub(super) fn check_parties(check: &mut Check<'_>) {
    check.object("carrier");
    check.object("carrier.company");
    check.integer("carrier.company.id");
    check.optional_array("carrier.contact_persons");
    for n in 0..check.len("carrier.contact_persons") {
        check.integer(&format!("carrier.contact_persons.{n}.employee.account_id"));
    }
    check.object("config");
    check.boolean("config.send_to_carrier");
    check.object("route");
    check.uuid("route.id");
}

/// The route that a body names: 400 when there is none.
pub(super) fn route_of(state: &World, shipper: Shipper, body: &Value) -> Result<usize, Refusal> {
    let id = text(body, "route.id").unwrap_or_default().to_lowercase();
    state
        .route(&id, shipper.company)
        .ok_or_else(|| Refusal::unknown_route(&id))
}

/// The carrier company that a body names, and the invited persons.
pub(super) fn carrier_of(state: &World, body: &Value) -> Result<(i64, Vec<i64>), Refusal> {
    let company = at(body, "carrier.company.id")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    if !state.companies.contains_key(&company) {
        return Err(Refusal::bad(format!(
            "Company with ID: {company} not found!"
        )));
    }
    let persons = at(body, "carrier.contact_persons").and_then(Value::as_array);
    let accounts: Vec<i64> = persons
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|person| at(person, "employee.account_id").and_then(Value::as_i64))
        .collect();
    match accounts
        .iter()
        .find(|account| state.employee(company, **account).is_none())
    {
        Some(unknown) => Err(Refusal::bad(format!(
            "Employee with account ID: {unknown} not found!"
        ))),
        None => Ok((company, accounts)),
    }
}

/// The account of the user who asks: the first of the company.
pub(super) fn own_account(state: &World, shipper: Shipper) -> i64 {
    let company = state.companies.get(&shipper.company);
    company
        .and_then(|company| company.employees.first())
        .map_or(0, |first| first.account_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Value {
        json!({
            "route": { "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6" },
            "carrier": { "company": { "id": 1 } },
            "config": { "send_to_carrier": true },
        })
    }

    #[test]
    fn a_contract_that_is_not_sent_fails_with_a_nested_message() {
        let mut body = body();
        body["config"]["send_to_carrier"] = json!(false);
        let refusal = check(&body).unwrap_err();
        assert_eq!(refusal.status, 422);
        assert_eq!(
            refusal.body["validation_messages"]["config"]["send_to_carrier"]["equals"],
            "send_to_carrier must be equal to true"
        );
    }

    #[test]
    fn missing_members_fail_in_the_framework_shape() {
        assert!(check(&body()).is_ok());
        let refusal = check(&json!({ "route": { "id": 7 } })).unwrap_err();
        let texts = refusal.body["message"].as_array().unwrap();
        assert!(texts.contains(&json!("carrier should not be empty")));
        assert!(texts.contains(&json!("route.id must be a UUID")));
        assert!(texts.contains(&json!("config.send_to_carrier must be a boolean value")));
    }
}
