use serde_json::{Value, json};

use super::Contract;

fn contract(mut members: Value) -> Contract {
    members["id"] = json!("16c1cdef-c92d-54ab-af51-0b9a0ef90536");
    members["route"] = json!({ "id": "ecdc9461-27c0-5b0c-8f40-b60e0566c346" });
    members["carrier"] = json!({ "company": { "id": 9_000_202 } });
    serde_json::from_value(members).unwrap()
}

#[test]
fn a_flexible_contract_lacks_what_only_fixed_ones_have() {
    let contract = contract(json!({ "type": "flexible" }));
    assert!(contract.is_flexible());
    assert_eq!(contract.order_terms, None);
    assert_eq!(contract.planned_shipments, None);
    assert_eq!(contract.reference_number, None);
    assert!(contract.surcharges.is_empty());
}

#[test]
fn the_type_of_a_contract_shows_in_its_pricing_where_it_is_not_printed() {
    assert!(contract(json!({ "pricing": { "type": "no_rate" } })).is_flexible());
    assert!(!contract(json!({ "pricing": { "type": "route" } })).is_flexible());
    assert!(!contract(json!({ "type": "fixed", "pricing": { "type": "no_rate" } })).is_flexible());
    assert!(!contract(json!({})).is_flexible());
}

#[test]
fn an_unset_period_is_absent_in_both_versions() {
    for unset in [json!({}), json!({ "from": null, "to": null }), json!(null)] {
        assert_eq!(contract(json!({ "period": unset })).period, None);
    }
    let open = contract(json!({ "period": { "from": "2027-03-01T00:00:00+01:00", "to": null } }));
    assert_eq!(open.period.unwrap().to, None);
}

#[test]
fn order_terms_of_nulls_keep_only_what_they_say() {
    let contract = contract(json!({
        "order_terms": {
            "automatic_order_sending": false, "payment_period": { "value": null },
            "insurance": { "load": { "currency": null, "value": null }, "third_party": {} },
            "silent_confirmation": { "enabled": false, "time": { "unit_code": null, "value": null } },
        },
        "planned_shipments": { "periods": [], "type": null, "unit": null, "value": null },
    }));
    let terms = contract.order_terms.unwrap();
    assert_eq!(terms.automatic_order_sending, Some(false));
    assert_eq!((terms.payment_period, terms.insurance), (None, None));
    let silent = terms.silent_confirmation.unwrap();
    assert_eq!((silent.enabled, silent.time), (Some(false), None));
    assert_eq!(contract.planned_shipments, None);
}

#[test]
fn a_share_and_a_plan_are_numbers_or_their_digits() {
    for share in [json!(40), json!(40.0), json!("40")] {
        assert_eq!(
            contract(json!({ "percentage_share": share })).percentage_share,
            Some(40.0)
        );
    }
    let plan = contract(json!({ "planned_shipments": { "value": "48" } })).planned_shipments;
    assert_eq!(plan.unwrap().value, Some(48.0));
}

#[test]
fn an_empty_refusal_reason_is_no_reason() {
    assert_eq!(
        contract(json!({ "refusal_reason": "" })).refusal_reason,
        None
    );
}

#[test]
fn a_price_of_a_flexible_contract_is_only_a_currency_or_nothing() {
    let price = |price: Value| {
        contract(json!({ "pricing": { "type": "no_rate", "price": price } }))
            .pricing
            .unwrap()
            .price
    };
    assert_eq!(price(json!({ "currency": null })), None);
    let known = price(json!({ "currency": "eur" })).unwrap();
    assert_eq!(
        (known.amount, known.currency.as_deref()),
        (None, Some("EUR"))
    );
}

#[test]
fn a_settlement_basis_loses_its_prefix() {
    let pricing = json!({ "pricing": { "type": "3_km", "settlement_basis": "5_distance_declared_by_carrier" } });
    let pricing = contract(pricing).pricing.unwrap();
    assert_eq!(pricing.kind.unwrap().as_str(), "km");
    assert_eq!(
        pricing.settlement_basis.unwrap().as_str(),
        "distance_declared_by_carrier"
    );
}

#[test]
fn a_contract_without_its_carrier_is_an_error() {
    let contract = json!({
        "id": "16c1cdef-c92d-54ab-af51-0b9a0ef90536",
        "route": { "id": "ecdc9461-27c0-5b0c-8f40-b60e0566c346" },
        "carrier": {},
    });
    assert!(serde_json::from_value::<Contract>(contract).is_err());
}

#[test]
fn a_contract_is_in_force_if_it_was_accepted_and_its_period_runs() {
    let now = "2026-05-05T12:00:00Z".parse().unwrap();
    let in_force = |status: &str, period: Value| {
        contract(json!({ "status": status, "period": period })).is_in_force(now)
    };
    let running = json!({ "from": "2026-01-01T00:00:00+01:00", "to": null });
    assert_eq!(in_force("accepted", running.clone()), Some(true));
    assert_eq!(in_force("ACTIVE", running.clone()), Some(true));
    assert_eq!(in_force("registered", running.clone()), Some(false));
    assert_eq!(in_force("finished", running.clone()), Some(false));
    assert_eq!(in_force("suspended_by_shipper", running), None);
    let unset = json!({ "from": null, "to": null });
    assert_eq!(in_force("accepted", unset), Some(true));
    let later = json!({ "from": "2026-05-05T12:00:01+00:00", "to": null });
    assert_eq!(in_force("accepted", later), Some(false));
    let over = json!({ "from": "2025-01-01T00:00:00+00:00", "to": "2026-05-05T12:00:00+00:00" });
    assert_eq!(in_force("accepted", over), Some(false));
    let unclear = json!({ "from": "next week", "to": null });
    assert_eq!(in_force("accepted", unclear), None);
    let suspended = json!({ "status": "accepted", "deactivations": [{ "reason": "holidays" }] });
    assert_eq!(contract(suspended).is_in_force(now), None);
}
