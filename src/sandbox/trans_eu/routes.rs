//! Routes: the list, one, creating, replacing, and the publication scenario.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::access::Shipper;
use super::check::{Check, at, parse, text, uuid};
use super::paging::Slice;
use super::refusal::Refusal;
use super::state::{Route, State as World};
use super::views::{RouteView, Where};
use super::{Pairs, TransEu, embedded};

pub(super) async fn list(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let slice = Slice::new(&pairs, 10)?;
    let state = api.store.read();
    let own: Vec<usize> = (0..state.routes.len())
        .filter(|index| state.routes[*index].shipper == shipper.company)
        .collect();
    let (page, has_more) = slice.of(&own);
    let rows: Vec<RouteView> = page
        .iter()
        .map(|index| RouteView::new(&state, *index, Where::Read))
        .collect();
    Ok(answer::ok(&embedded("routes", &rows, has_more)))
}

pub(super) async fn get(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let state = api.store.read();
    let index = state
        .route(&id, shipper.company)
        .ok_or_else(|| Refusal::no_route(&id))?;
    Ok(answer::ok(&RouteView::new(&state, index, Where::Read)))
}

pub(super) async fn create(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = parse(&body)?;
    let mut check = Check::new(&body);
    check_places(&mut check);
    check.optional_string("unique_key");
    check.optional_boolean("is_roundtrip");
    check.done()?;
    let scenario = match at(&body, "publication_scenario") {
        None | Some(Value::Null) => json!({ "type": "parallel" }),
        Some(scenario) => checked_scenario(scenario)?,
    };
    let mut state = api.store.write();
    let route = Route {
        id: state.new_id("route"),
        shipper: shipper.company,
        unique_key: text(&body, "unique_key").map(str::to_owned),
        name: text(&body, "name").unwrap_or_default().to_owned(),
        publication_scenario: scenario,
        spots: spots(&mut state, &body),
        distance: json!({ "declared": at(&body, "distance.declared"), "calculated": null }),
        suggested: None,
        distance_match: json!({ "min": null, "max": null }),
        is_roundtrip: at(&body, "is_roundtrip")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        requirements: requirements(at(&body, "requirements").unwrap_or(&Value::Null)),
        loads: loads(at(&body, "loads").unwrap_or(&Value::Null)),
        balancing: "manual",
        freight_limit: (None, None),
        is_active: true,
        summary: no_shipments(),
        position: Some(i64::try_from(state.routes.len()).unwrap_or(0) + 1),
        transports: no_transports(),
        modified: Moment::now().zoned(),
    };
    let index = state.add_route(route);
    Ok(answer::json(
        StatusCode::CREATED,
        &RouteView::new(&state, index, Where::Written),
    ))
}

/// Replaces an active route: what is not sent is gone.
pub(super) async fn replace(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let body = parse(&body)?;
    if !at(&body, "if_send_to_carrier").is_some_and(Value::is_boolean) {
        let rule = json!({ "isBoolean": "if_send_to_carrier must be a boolean value" });
        return Err(Refusal::invalid(json!({ "if_send_to_carrier": rule })));
    }
    let mut check = Check::new(&body);
    check_places(&mut check);
    check.done()?;
    let mut state = api.store.write();
    let index = state
        .route(&id, shipper.company)
        .ok_or_else(|| Refusal::no_contracted_route(&id))?;
    if !state.routes[index].is_active {
        return Err(Refusal::bad("Route is not updatable"));
    }
    let spots = spots(&mut state, &body);
    let route = &mut state.routes[index];
    text(&body, "name")
        .unwrap_or_default()
        .clone_into(&mut route.name);
    route.spots = spots;
    route.requirements = requirements(at(&body, "requirements").unwrap_or(&Value::Null));
    route.loads = loads(at(&body, "loads").unwrap_or(&Value::Null));
    route.modified = Moment::now().zoned();
    Ok(answer::ok(&first_version(route)))
}

pub(super) async fn publish(
    State(api): State<Arc<TransEu>>,
    shipper: Shipper,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let id = uuid("id", &id)?;
    let body = parse(&body)?;
    let mut check = Check::new(&body);
    check.one_of("type", &["parallel", "in_order"]);
    check.done()?;
    let scenario = checked_scenario(&body)?;
    let mut state = api.store.write();
    let index = state
        .route(&id, shipper.company)
        .ok_or_else(|| Refusal::unknown_route(&id))?;
    state.routes[index].publication_scenario = scenario;
    state.routes[index].modified = Moment::now().zoned();
    Ok(answer::ok(&RouteView::new(&state, index, Where::Written)))
}

fn check_places(check: &mut Check<'_>) {
    check.string("name");
    check.array("spots");
    for n in 0..check.len("spots") {
        let type_path = format!("spots.{n}.type");
        check.string(&type_path);
        if check.has(&type_path) {
            check.one_of(&type_path, &["loading", "unloading"]);
        }
        check.string(&format!("spots.{n}.place.address.country"));
        check.optional_integer(&format!("spots.{n}.place.address.foreign_id"));
    }
    check.optional_array("loads");
}

/// `in_order` needs its data; the order is one of two words and the time has bounds.
fn checked_scenario(scenario: &Value) -> Result<Value, Refusal> {
    let refuse = |path: &str, rule: &str, message: &str| {
        let mut messages = json!({ rule: message });
        for step in path.rsplit('.') {
            messages = json!({ step: messages });
        }
        Err(Refusal::invalid(
            json!({ "publication_scenario": messages }),
        ))
    };
    match text(scenario, "type") {
        Some("parallel") => return Ok(json!({ "type": "parallel" })),
        Some("in_order") => {}
        _ => {
            let message = "type must be one of the following values: parallel, in_order";
            return refuse("type", "isEnum", message);
        }
    }
    if !matches!(
        text(scenario, "data.order"),
        Some("gradually" | "next_recipient")
    ) {
        let message = "order must be one of the following values: next_recipient, gradually";
        return refuse("data.order", "isEnum", message);
    }
    let seconds = at(scenario, "data.publication_time.value").and_then(Value::as_i64);
    if !seconds.is_some_and(|seconds| (300..=432_000).contains(&seconds)) {
        let message = "value must be between 300 and 432000";
        return refuse("data.publication_time.value", "min", message);
    }
    Ok(json!({ "type": "in_order", "data": at(scenario, "data") }))
}

/// The spots of a body with everything that a read shows; new ids where none were sent.
fn spots(state: &mut World, body: &Value) -> Value {
    let sent = at(body, "spots")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let filled = sent.iter().map(|spot| {
        let address = |name: &str| {
            at(spot, &format!("place.address.{name}"))
                .cloned()
                .unwrap_or(Value::Null)
        };
        let coordinate = |name: &str| at(spot, &format!("place.coordinates.{name}"));
        let id = text(spot, "id").map_or_else(|| state.new_id("spot"), str::to_owned);
        let country = address("country")
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        json!({
            "id": id,
            "name": at(spot, "name"),
            "type": at(spot, "type"),
            "place": {
                "address": {
                    "locality": address("locality"),
                    "postal_code": address("postal_code"),
                    "country": country,
                    "street": address("street"),
                    "number": address("number"),
                    "location_id": address("location_id"),
                    "detailed_location_id": address("detailed_location_id"),
                    "foreign_id": address("foreign_id"),
                    "radius": address("radius"),
                },
                "coordinates": {
                    "latitude": coordinate("latitude"), "longitude": coordinate("longitude"),
                },
            },
        })
    });
    Value::Array(filled.collect())
}

pub(super) fn requirements(sent: &Value) -> Value {
    let list = |name: &str| {
        at(sent, name)
            .filter(|it| it.is_array())
            .cloned()
            .unwrap_or(json!([]))
    };
    let one = |name: &str| at(sent, name).cloned().unwrap_or(Value::Null);
    json!({
        "required_truck_bodies": list("required_truck_bodies"),
        "required_adr_classes": list("required_adr_classes"),
        "required_ways_of_loading": list("required_ways_of_loading"),
        "additional_requirements": list("additional_requirements"),
        "shipping_remarks": one("shipping_remarks"),
        "freight_type": one("freight_type"),
        "vehicle_size": one("vehicle_size"),
        "width": one("width"), "height": one("height"),
        "length": one("length"), "volume": one("volume"),
        "capacity": { "min": one("capacity.min"), "max": one("capacity.max") },
        "exemption_from_adr": at(sent, "exemption_from_adr") == Some(&json!(true)),
    })
}

/// No load at all is shown as one load whose members are all null.
pub(super) fn loads(sent: &Value) -> Value {
    let nothing = vec![Value::Null];
    let sent = sent
        .as_array()
        .filter(|list| !list.is_empty())
        .unwrap_or(&nothing);
    let filled = sent.iter().map(|load| {
        let one = |name: &str| at(load, name).cloned().unwrap_or(Value::Null);
        let flag = |name: &str| at(load, name) == Some(&json!(true));
        json!({
            "name": one("name"), "type_of_load": one("type_of_load"), "amount": one("amount"),
            "width": one("width"), "height": one("height"),
            "length": one("length"), "volume": one("volume"),
            "weight": { "min": one("weight.min"), "max": one("weight.max") },
            "pallets": {
                "is_stackable": flag("pallets.is_stackable"),
                "is_exchangeable": flag("pallets.is_exchangeable"),
            },
        })
    });
    Value::Array(filled.collect())
}

pub(super) fn no_shipments() -> Value {
    json!({
        "amount": 0,
        "weight": { "value": 0, "unit_code": "t" },
        "distance": { "value": 0, "unit_code": "km" },
        "price": [{ "amount": null, "currency": null }],
    })
}

pub(super) fn no_transports() -> Value {
    json!({
        "realized": { "average_price": null, "count": 0 },
        "awaiting": { "median_price": null, "count": null },
        "cheapest_carrier_offer": null,
    })
}

/// No status, no statistics, no spot ids; loads are empty and unset measures have null members.
fn first_version(route: &Route) -> Value {
    let mut requirements = route.requirements.clone();
    let measure = |value: &Value| {
        if value.is_null() {
            json!({ "value": null, "unit_code": null })
        } else {
            value.clone()
        }
    };
    for name in ["width", "height", "length", "volume"] {
        requirements[name] = measure(&route.requirements[name]);
    }
    requirements["capacity"] = json!({ "max": measure(&route.requirements["capacity"]["max"]) });
    if let Some(members) = requirements.as_object_mut() {
        members.remove("exemption_from_adr");
    }
    let mut spots = route.spots.clone();
    for spot in spots
        .as_array_mut()
        .map(Vec::as_mut_slice)
        .unwrap_or_default()
    {
        if let Some(members) = spot.as_object_mut() {
            members.remove("id");
        }
        if let Some(address) = spot["place"]["address"].as_object_mut() {
            for name in ["detailed_location_id", "foreign_id", "radius"] {
                address.remove(name);
            }
        }
    }
    json!({
        "id": route.id, "name": route.name, "loads": [],
        "requirements": requirements, "spots": spots,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_in_order_needs_an_order_and_a_time_within_bounds() {
        let scenario = |order: &str, seconds: i64| {
            json!({ "type": "in_order", "data": {
                "publication_time": { "value": seconds, "unit_code": "s", "user_unit_code": "min" },
                "order": order,
            }})
        };
        assert!(checked_scenario(&scenario("gradually", 300)).is_ok());
        let refusal = checked_scenario(&scenario("random", 300)).unwrap_err();
        assert!(
            refusal.body["validation_messages"]["publication_scenario"]["data"]["order"]["isEnum"]
                .is_string()
        );
        assert!(checked_scenario(&scenario("gradually", 299)).is_err());
        assert!(checked_scenario(&json!({ "type": "in_order" })).is_err());
        assert!(checked_scenario(&json!({ "type": "parallel" })).is_ok());
    }

    #[test]
    fn no_loads_are_one_load_of_nulls() {
        let loads = loads(&Value::Null);
        assert_eq!(loads.as_array().unwrap().len(), 1);
        assert_eq!(loads[0]["type_of_load"], Value::Null);
        assert_eq!(loads[0]["weight"], json!({ "min": null, "max": null }));
    }
}
