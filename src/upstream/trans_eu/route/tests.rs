use serde_json::{Value, json};

use super::Route;

fn route(mut members: Value) -> Route {
    members["id"] = json!("ecdc9461-27c0-5b0c-8f40-b60e0566c346");
    serde_json::from_value(members).unwrap()
}

#[test]
fn a_route_may_be_nothing_but_an_id() {
    let route = route(json!({}));
    assert_eq!(route.name, None);
    assert!(!route.is_complete());
}

#[test]
fn only_a_route_read_by_itself_is_complete() {
    assert!(
        route(json!({ "shipper_id": 9_000_101, "last_modification_date": "2026-05-04T08:15:30+00:00" }))
            .is_complete()
    );
    assert!(!route(json!({ "shipper_id": 9_000_101 })).is_complete());
    assert!(!route(json!({ "last_modification_date": "2026-05-04T08:15:30+00:00" })).is_complete());
}

#[test]
fn every_form_of_no_loads_is_an_empty_list() {
    let load_of_nulls = json!({
        "name": null, "type_of_load": null, "amount": null, "width": null,
        "height": { "value": null, "unit_code": null }, "length": {}, "volume": null,
        "weight": { "min": null, "max": null },
        "pallets": { "is_stackable": false, "is_exchangeable": false },
    });
    for none in [
        json!({}),
        json!({ "loads": null }),
        json!({ "loads": [] }),
        json!({ "loads": [load_of_nulls] }),
    ] {
        assert!(route(none).loads.is_empty());
    }
}

#[test]
fn a_load_that_says_something_is_kept() {
    for load in [
        json!({ "name": "Boxed parts" }),
        json!({ "amount": 33 }),
        json!({ "weight": { "min": { "value": 0.4, "unit_code": "t" } } }),
        json!({ "pallets": { "is_stackable": true, "is_exchangeable": false } }),
        json!({ "palletes": { "is_stackable": false, "is_exchangeable": true } }),
    ] {
        assert_eq!(route(json!({ "loads": [load] })).loads.len(), 1);
    }
}

#[test]
fn objects_that_are_not_set_are_absent_in_every_form() {
    for absent in [
        json!(null),
        json!({}),
        json!({ "min": null, "max": null }),
        json!({ "min": {}, "max": {} }),
    ] {
        let route = route(json!({ "distance_match": absent, "publication_scenario": {} }));
        assert_eq!(route.distance_match, None);
        assert_eq!(route.publication_scenario, None);
    }
}

#[test]
fn coordinates_of_nulls_are_no_coordinates() {
    let route = route(json!({
        "spots": [{ "type": "loading", "place": { "coordinates": { "latitude": null, "longitude": null } } }],
    }));
    assert_eq!(route.spots.len(), 1);
    assert_eq!(route.spots[0].place, None);
}

#[test]
fn dictionary_values_lose_their_prefix() {
    let route = route(json!({
        "requirements": { "required_truck_bodies": ["7_silos", "20-standard"], "vehicle_size": "1_bus" },
        "loads": [{ "type_of_load": "2_europalette" }],
    }));
    let requirements = route.requirements.unwrap();
    let bodies: Vec<_> = requirements
        .required_truck_bodies
        .iter()
        .map(super::Code::as_str)
        .collect();
    assert_eq!(bodies, ["silos", "20-standard"]);
    assert_eq!(requirements.vehicle_size.unwrap().as_str(), "bus");
    assert_eq!(
        route.loads[0].type_of_load.as_ref().unwrap().as_str(),
        "europalette"
    );
}

#[test]
fn numbers_may_be_strings_and_strings_numbers() {
    let route = route(json!({
        "position": "12", "shipper_id": "9000101",
        "spots": [{ "place": { "address": { "number": 4, "postal_code": 12345, "foreign_id": "7" } } }],
    }));
    assert_eq!(
        (route.position, route.shipper_id),
        (Some(12), Some(9_000_101))
    );
    let address = route.spots[0]
        .place
        .as_ref()
        .unwrap()
        .address
        .as_ref()
        .unwrap();
    assert_eq!(address.number.as_deref(), Some("4"));
    assert_eq!(address.postal_code.as_deref(), Some("12345"));
    assert_eq!(address.foreign_id, Some(7));
}

#[test]
fn prices_that_say_nothing_are_dropped_from_the_summary() {
    let route = route(json!({
        "shipments_summary": { "amount": 0, "price": [{ "amount": null, "currency": null }] },
    }));
    assert!(route.shipments_summary.unwrap().price.is_empty());
}
