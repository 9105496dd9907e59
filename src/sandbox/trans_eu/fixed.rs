//! Creating and replacing fixed contracts.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Number, Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::TransEu;
use super::access::Shipper;
use super::check::{Check, at, parse, text, uuid};
use super::flexible::{carrier_of, check_parties, own_account, route_of};
use super::refusal::Refusal;
use super::state::{Contract, Route, State as World};
use super::views::ContractView;

const TYPES: [&str; 6] = ["route", "km", "ton", "pallets", "linear", "no_rate"];
const BY_DISTANCE: [&str; 3] = [
    "distance_declared_in_order_terms",
    "distance_declared_by_carrier",
    "distance_from_gps",
];
const BY_WEIGHT: [&str; 2] = ["loading", "unloading"];
/// Vehicles for bulk material: only they are paid by the ton.
const BULK: [&str; 5] = ["dump-truck", "silos", "7_silos", "tanker", "walkingfloor"];

pub(super) async fn create(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = parse(&body)?;
    check(&body)?;
    let mut state = api.store.write();
    let id = state.new_id("contract");
    let contract = contract(&mut state, shipper, &body, id.clone(), id)?;
    let index = state.add_contract(contract);
    Ok(answer::json(
        StatusCode::CREATED,
        &ContractView::written(&state, index),
    ))
}

/// Replaces a contract that the carrier has not accepted yet.
pub(super) async fn replace(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let body = parse(&body)?;
    check(&body)?;
    let mut state = api.store.write();
    let index = state
        .contract(&id, shipper.company)
        .ok_or_else(|| Refusal::no_contract(&id))?;
    let old = &state.contracts[index];
    let open =
        old.status == "registered" || old.status == "refused" || old.status.starts_with("waiting_");
    if old.is_flexible || !open {
        return Err(Refusal::bad("Contract is not updatable"));
    }
    let (base_id, route, position) = (old.base_id.clone(), old.route, old.position);
    let contract = contract(&mut state, shipper, &body, id, base_id)?;
    if contract.route != route {
        return Err(Refusal::bad("Contract is not updatable"));
    }
    state.contracts[index] = Contract {
        position,
        ..contract
    };
    Ok(answer::ok(&ContractView::written(&state, index)))
}

fn check(body: &Value) -> Result<(), Refusal> {
    let mut check = Check::new(body);
    check_parties(&mut check);
    check.object("order_terms");
    check.integer("order_terms.payment_period.value");
    check.optional_string("order_terms.additional_terms");
    check.optional_boolean("order_terms.automatic_order_sending");
    check.optional_boolean("order_terms.monitoring.required");
    check.datetime("period.from");
    check.optional_datetime("period.to");
    check.string("period.timezone");
    check.one_of("pricing.type", &TYPES);
    check.optional_boolean("pricing.negotiable");
    match text(body, "pricing.type") {
        Some("pallets") => check.array("pricing.price_list"),
        Some("no_rate") => {}
        _ => {
            check.number("pricing.price.value");
            check.string("pricing.price.currency");
        }
    }
    if check.has("planned_shipments") {
        check.one_of(
            "planned_shipments.type",
            &["required", "expected", "no_more_than"],
        );
        check.one_of("planned_shipments.unit", &["shipment", "ton", "km"]);
        check.number("planned_shipments.value");
    }
    check.optional_string("reference_number");
    for n in 0..check.len("surcharges") {
        check.string(&format!("surcharges.{n}.currency"));
    }
    check.done()?;
    check_pricing(body)
}

fn check_pricing(body: &Value) -> Result<(), Refusal> {
    let basis = text(body, "pricing.settlement_basis");
    let fits = match text(body, "pricing.type").unwrap_or_default() {
        "no_rate" => {
            let rule = json!({ "type_excluded": "no_rate is not allowed on a fixed contract" });
            return Err(Refusal::invalid(json!({ "pricing": { "type": rule } })));
        }
        "km" => basis.is_some_and(|basis| BY_DISTANCE.contains(&basis)),
        "ton" => basis.is_some_and(|basis| BY_WEIGHT.contains(&basis)),
        _ => basis.is_none(),
    };
    if fits {
        return Ok(());
    }
    let text = "settlement_basis does not fit the pricing type";
    let rule = json!({ "isSettlementBasis": text });
    Err(Refusal::invalid(
        json!({ "pricing": { "settlement_basis": rule } }),
    ))
}

/// The contract that a checked body describes.
fn contract(
    state: &mut World,
    shipper: Shipper,
    body: &Value,
    id: String,
    base_id: String,
) -> Result<Contract, Refusal> {
    let route = route_of(state, shipper, body)?;
    let kind = text(body, "pricing.type").unwrap_or_default();
    if !supports(&state.routes[route], kind) {
        let route = &state.routes[route].id;
        return Err(Refusal::bad(format!(
            "Contracted route with id: '{route}' does not support pricing by: '{kind}'"
        )));
    }
    let (carrier, accounts) = carrier_of(state, body)?;
    let is_sent = at(body, "config.send_to_carrier") == Some(&json!(true));
    let status = if is_sent {
        "waiting_for_acceptance"
    } else {
        "registered"
    };
    Ok(Contract {
        id,
        base_id,
        is_flexible: false,
        route,
        shipper_id: shipper.company,
        position: None,
        percentage_share: Number::from(0),
        period: json!({
            "from": in_utc(text(body, "period.from")), "to": in_utc(text(body, "period.to")),
        }),
        pricing: pricing(body),
        negotiable: at(body, "pricing.negotiable") == Some(&json!(true)),
        status: status.to_owned(),
        carrier: state.party(carrier, &accounts, shipper.company),
        shipper: state.party(
            shipper.company,
            &[own_account(state, shipper)],
            shipper.company,
        ),
        order_terms: order_terms(body),
        planned_shipments: planned_shipments(body),
        reference_number: text(body, "reference_number").map(str::to_owned),
        refusal_reason: None,
        surcharges: surcharges(state, body),
        is_sent,
        modified: Moment::now().zoned(),
    })
}

fn supports(route: &Route, kind: &str) -> bool {
    let names = |value: &Value, member: Option<&str>, fits: &dyn Fn(&str) -> bool| {
        value.as_array().is_some_and(|list| {
            list.iter().any(|one| {
                let name = member.map_or(one, |member| &one[member]);
                name.as_str().is_some_and(fits)
            })
        })
    };
    match kind {
        "ton" => names(&route.requirements["required_truck_bodies"], None, &|it| {
            BULK.contains(&it)
        }),
        "pallets" => names(&route.loads, Some("type_of_load"), &|it| {
            it.contains("palet")
        }),
        _ => true,
    }
}

fn pricing(body: &Value) -> Value {
    let kind = text(body, "pricing.type").unwrap_or_default();
    let negotiable = at(body, "pricing.negotiable") == Some(&json!(true));
    let money = |money: Option<&Value>| {
        let currency = money
            .and_then(|it| text(it, "currency"))
            .map(str::to_lowercase);
        (
            json!({ "value": money.map(|it| it["value"].clone()), "currency": currency }),
            currency,
        )
    };
    if kind == "pallets" {
        let list = at(body, "pricing.price_list").and_then(Value::as_array);
        let rows = list
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(|row| {
                let (price, currency) = money(at(row, "price"));
                json!({
                    "range": row["range"], "price": price,
                    "fuel_base_price": { "value": null, "currency": currency },
                })
            });
        let rows: Vec<Value> = rows.collect();
        return json!({ "negotiable": negotiable, "type": kind, "price_list": rows });
    }
    let (price, currency) = money(at(body, "pricing.price"));
    let mut pricing = json!({
        "negotiable": negotiable, "type": kind, "price": price,
        "fuel_base_price": { "value": null, "currency": currency },
    });
    if let Some(basis) = text(body, "pricing.settlement_basis") {
        pricing["settlement_basis"] = Value::from(basis);
    }
    pricing
}

/// The zone of the period and the kind of days are taken and never shown again.
fn order_terms(body: &Value) -> Value {
    let one = |path: &str| at(body, &format!("order_terms.{path}")).cloned();
    let flag = |path: &str| one(path) == Some(json!(true));
    let money = |path: &str| {
        let mut money = one(path).unwrap_or(Value::Null);
        if let Some(currency) = text(&money, "currency").map(str::to_lowercase) {
            money["currency"] = Value::from(currency);
        }
        money
    };
    json!({
        "monitoring": { "required": flag("monitoring.required") },
        "additional_terms": one("additional_terms"),
        "insurance": {
            "load": money("insurance.load"), "third_party": money("insurance.third_party"),
        },
        "automatic_order_sending": flag("automatic_order_sending"),
        "payment_period": { "value": one("payment_period.value") },
        "silent_confirmation": {
            "enabled": flag("silent_confirmation.enabled"),
            "time": one("silent_confirmation.time"),
        },
        "autoresponder": { "enabled": false, "time": null },
    })
}

fn planned_shipments(body: &Value) -> Value {
    let one = |name: &str| at(body, &format!("planned_shipments.{name}")).cloned();
    json!({
        "periods": one("periods").unwrap_or(json!([])),
        "type": one("type"), "unit": one("unit"), "value": one("value"),
    })
}

fn surcharges(state: &mut World, body: &Value) -> Value {
    let sent = at(body, "surcharges")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let stored = sent.into_iter().map(|mut surcharge| {
        if surcharge["id"].is_null() {
            surcharge["id"] = Value::from(state.new_id("surcharge"));
        }
        if let Some(currency) = text(&surcharge, "currency").map(str::to_lowercase) {
            surcharge["currency"] = Value::from(currency);
        }
        surcharge
    });
    Value::Array(stored.collect())
}

/// `.000Z` is answered as `+00:00`; another zone stays as it is.
fn in_utc(text: Option<&str>) -> Option<String> {
    let text = text?;
    let whole = text
        .strip_suffix('Z')
        .map(|naive| naive.split('.').next().unwrap_or(naive));
    Some(whole.map_or_else(|| text.to_owned(), |naive| format!("{naive}+00:00")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Value {
        json!({
            "route": { "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6" },
            "carrier": { "company": { "id": 1 } },
            "config": { "send_to_carrier": false },
            "order_terms": { "payment_period": { "value": 30, "days_type": "WORK" } },
            "period": { "from": "2027-01-01T00:00:00.000Z", "timezone": "Europe/Warsaw" },
            "pricing": { "type": "route", "price": { "value": 980, "currency": "EUR" } },
        })
    }

    #[test]
    fn a_settlement_basis_must_fit_the_pricing_type() {
        assert!(check(&body()).is_ok());
        for (kind, basis, fits) in [
            ("km", json!("distance_from_gps"), true),
            ("km", json!("loading"), false),
            ("km", Value::Null, false),
            ("ton", json!("unloading"), true),
            ("route", json!("loading"), false),
        ] {
            let mut body = body();
            body["pricing"]["type"] = json!(kind);
            body["pricing"]["settlement_basis"] = basis;
            assert_eq!(check(&body).is_ok(), fits, "{body}");
        }
    }

    #[test]
    fn a_fixed_contract_needs_a_rate() {
        let mut body = body();
        body["pricing"] = json!({ "type": "no_rate" });
        let refusal = check(&body).unwrap_err();
        assert_eq!(refusal.status, 422);
        assert!(
            refusal.body["validation_messages"]["pricing"]["type"]["type_excluded"].is_string()
        );
    }

    #[test]
    fn answers_spell_currency_and_zone_in_their_own_way() {
        assert_eq!(
            pricing(&body())["price"],
            json!({ "value": 980, "currency": "eur" })
        );
        assert_eq!(
            in_utc(Some("2027-01-01T00:00:00.000Z")).as_deref(),
            Some("2027-01-01T00:00:00+00:00")
        );
        assert_eq!(
            in_utc(Some("2027-03-01T00:00:00+01:00")).as_deref(),
            Some("2027-03-01T00:00:00+01:00")
        );
    }
}
