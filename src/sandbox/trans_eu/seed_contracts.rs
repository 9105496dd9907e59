//! Five contracts on every route, in every state and of every kind.

use serde_json::{Number, Value, json};

use super::super::clock::Moment;
use super::super::random::{Random, stable_uuid};
use super::seed::carrier;
use super::state::{Contract, State};

const PER_ROUTE: usize = 5;

/// The last one is in no list of the vendor's: clients must survive it.
const STATUSES: [&str; 12] = [
    "accepted",
    "waiting_for_acceptance",
    "registered",
    "accepted",
    "finished",
    "refused",
    "waiting_for_initial_carrier_offer",
    "waiting_for_shipper_offer",
    "waiting_for_carrier_offer",
    "active",
    "accepted",
    "suspended_by_shipper",
];
/// A flexible contract has always been sent.
const FLEXIBLE_STATUSES: [&str; 5] = [
    "accepted",
    "waiting_for_acceptance",
    "accepted",
    "refused",
    "finished",
];

pub(super) fn fill(state: &mut State, seed: u64) {
    let mut random = Random::new(seed, "contracts");
    for route in 0..state.routes.len() {
        for place in 0..PER_ROUTE {
            let n = route * PER_ROUTE + place;
            // Every third route has one flexible contract, every ninth two.
            let is_flexible = (place == 1 && route % 3 == 0) || (place == 2 && route % 9 == 0);
            let mut contract = contract(state, seed, &mut random, n, is_flexible);
            if place == 4 && route % 4 == 0 && !is_flexible {
                amend(state, &mut contract, n);
            }
            state.add_contract(contract);
        }
    }
}

fn contract(
    state: &State,
    seed: u64,
    random: &mut Random,
    n: usize,
    is_flexible: bool,
) -> Contract {
    let route = n / PER_ROUTE;
    let shipper_id = state.routes[route].shipper;
    let company = carrier(n * 7 + route);
    let status = if is_flexible {
        FLEXIBLE_STATUSES[n % FLEXIBLE_STATUSES.len()]
    } else {
        STATUSES[n % STATUSES.len()]
    };
    let id = stable_uuid(seed, "contract", n).to_string();
    let carrier = match n % 6 {
        // Nobody was invited; and one party does not say how the cooperation stands.
        5 => without_status(state.party(company, &[], shipper_id)),
        k => state.party(company, &accounts(state, company, 1 + k % 2), shipper_id),
    };
    let modified = Moment::on(2026, 5, 5)
        .plus_days(-random.between(0, 300))
        .plus_seconds(random.between(0, 86_399));
    Contract {
        base_id: id.clone(),
        is_flexible,
        route,
        shipper_id,
        position: (n % 3 != 2).then(|| i64::try_from(n % PER_ROUTE).unwrap_or(0) + 1),
        percentage_share: share(n),
        period: period(n, is_flexible),
        pricing: pricing(state, n, is_flexible),
        negotiable: n.is_multiple_of(2),
        status: status.to_owned(),
        carrier,
        shipper: state.party(shipper_id, &accounts(state, shipper_id, 1), shipper_id),
        order_terms: if is_flexible {
            Value::Null
        } else {
            order_terms(n)
        },
        planned_shipments: if is_flexible { Value::Null } else { planned(n) },
        reference_number: (!is_flexible && n % 4 != 3).then(|| format!("REF-{n:04}")),
        refusal_reason: refusal_reason(status),
        surcharges: surcharges(seed, n),
        is_sent: status != "registered",
        modified: modified.zoned(),
        id,
    }
}

fn refusal_reason(status: &str) -> Option<String> {
    match status {
        "refused" => Some("Price too low".to_owned()),
        "finished" => Some(String::new()),
        _ => None,
    }
}

/// An annex: it amends the contract before it and waits for the carrier.
fn amend(state: &State, contract: &mut Contract, n: usize) {
    let Some(base) = state.contracts.get(n - 1).filter(|base| !base.is_flexible) else {
        return;
    };
    contract.base_id.clone_from(&base.id);
    contract.carrier.clone_from(&base.carrier);
    "waiting_for_acceptance".clone_into(&mut contract.status);
    contract.refusal_reason = None;
    contract.is_sent = true;
    contract.reference_number = Some(format!("REF-{:04}/A1", n - 1));
}

fn accounts(state: &State, company: i64, count: usize) -> Vec<i64> {
    let employees = state
        .companies
        .get(&company)
        .map(|company| company.employees.as_slice());
    employees
        .unwrap_or_default()
        .iter()
        .take(count)
        .map(|one| one.account_id)
        .collect()
}

fn without_status(mut party: Value) -> Value {
    if let Some(members) = party.as_object_mut() {
        members.remove("cooperation_status");
    }
    party
}

fn share(n: usize) -> Number {
    match n % 4 {
        0 => Number::from(40),
        1 => Number::from_f64(33.5).unwrap_or_else(|| Number::from(33)),
        _ => Number::from(0),
    }
}

fn period(n: usize, is_flexible: bool) -> Value {
    if is_flexible && n % 2 == 1 {
        return json!({ "from": null, "to": null });
    }
    let from = Moment::on(2025, 2, 1).plus_days(i64::try_from(n * 13 % 700).unwrap_or(0));
    let to = from.plus_days(364).plus_seconds(86_399);
    let to = if n.is_multiple_of(3) {
        Value::Null
    } else {
        json!(to.zoned())
    };
    json!({ "from": from.zoned(), "to": to })
}

fn pricing(state: &State, n: usize, is_flexible: bool) -> Value {
    if is_flexible {
        let currency = if n.is_multiple_of(2) {
            json!("eur")
        } else {
            Value::Null
        };
        return json!({ "type": "no_rate", "price": { "currency": currency } });
    }
    let route = &state.routes[n / PER_ROUTE];
    let currency = if n.is_multiple_of(5) { "pln" } else { "eur" };
    let money = |value: Value| json!({ "value": value, "currency": currency });
    let negotiable = n.is_multiple_of(2);
    let fuel = money(if n.is_multiple_of(4) {
        json!(1.42)
    } else {
        Value::Null
    });
    let is_bulk = route.requirements["required_truck_bodies"][0] == "dump-truck";
    let on_pallets = !route.loads[0]["type_of_load"].is_null();
    match n % PER_ROUTE {
        0 if is_bulk => json!({
            "negotiable": negotiable, "type": "ton", "settlement_basis": "unloading",
            "price": money(json!(31.2)), "fuel_base_price": fuel,
        }),
        0 | 3 if on_pallets => json!({
            "negotiable": negotiable, "type": "pallets",
            "price_list": [
                { "range": { "from": 1, "to": 10 }, "price": money(json!(22.5)),
                  "fuel_base_price": money(Value::Null) },
                { "range": { "from": 11, "to": 33 }, "price": money(json!(19)),
                  "fuel_base_price": money(Value::Null) },
            ],
        }),
        1 => json!({
            "negotiable": negotiable, "type": "km",
            "settlement_basis": if n.is_multiple_of(2) { "distance_from_gps" } else { "5_distance_declared_by_carrier" },
            "price": money(json!(1.35)), "fuel_base_price": fuel,
        }),
        4 if n.is_multiple_of(2) => json!({
            "negotiable": negotiable, "type": "linear",
            "price": money(json!(2.05)), "fuel_base_price": fuel,
        }),
        _ => json!({
            "negotiable": negotiable, "type": "route",
            "price": money(json!(480 + n)), "fuel_base_price": fuel,
        }),
    }
}

fn order_terms(n: usize) -> Value {
    let insured = n.is_multiple_of(3);
    let money = |value: i64| {
        if insured {
            json!({ "value": value, "currency": "eur" })
        } else {
            Value::Null
        }
    };
    let hour = json!({ "value": 3600, "unit_code": "s", "user_unit_code": "h" });
    json!({
        "monitoring": { "required": n.is_multiple_of(2) },
        "additional_terms": if insured { json!("CMR copy within 7 days") } else { Value::Null },
        "insurance": { "load": money(40_000), "third_party": money(600_000) },
        "automatic_order_sending": n.is_multiple_of(4),
        "payment_period": { "value": if n % 8 == 7 { Value::Null } else { json!(30) } },
        "silent_confirmation": {
            "enabled": insured, "time": if insured { hour } else { Value::Null },
        },
        "autoresponder": { "enabled": false, "time": null },
    })
}

fn planned(n: usize) -> Value {
    if n % 3 == 1 {
        return json!({ "periods": [], "type": null, "unit": null, "value": null });
    }
    let kind = ["required", "expected", "no_more_than"][n / 3 % 3];
    json!({
        "periods": [{
            "value": 48,
            "from": "2027-01-01T00:00:00+00:00", "to": "2027-12-31T23:59:59+00:00",
        }],
        "type": kind, "unit": "shipment", "value": 48,
    })
}

fn surcharges(seed: u64, n: usize) -> Value {
    if n % 10 != 4 {
        return json!([]);
    }
    let id = |step: usize| stable_uuid(seed, "surcharge", n * 2 + step).to_string();
    json!([
        {
            "id": id(0), "currency": "eur", "description": "Fuel correction",
            "kind": "linear", "type": "baf", "is_global": true, "is_active": true,
            "schedules": [{
                "timespan": {
                    "from": "2026-06-01T00:00:00+02:00", "to": "2026-08-31T23:59:59+02:00"
                },
                "data": { "matrix": [{ "unit": "percentage", "value": 4 }] },
            }],
        },
        {
            "id": id(1), "currency": "eur", "description": null,
            "kind": "grid", "type": "week_day", "is_global": false, "is_active": true,
            "schedules": [{
                "timespan": {
                    "from": "2026-06-01T00:00:00+02:00", "to": "2026-12-31T23:59:59+01:00"
                },
                "data": {
                    "unit": "value", "currency": "eur",
                    "week_days": [{ "id": "6_saturday", "operations": [
                        { "type": "loading", "value": 60 }, { "type": "unloading", "value": 75 },
                    ]}],
                },
            }],
        },
    ])
}
