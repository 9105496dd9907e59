//! The routes of both shippers.

use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::names;
use super::super::random::{Random, stable_uuid};
use super::routes::{loads, no_shipments, no_transports, requirements};
use super::seed::{OTHER_SHIPPER, SHIPPER};
use super::state::{Route, State};

const OWN: usize = 60;
const OTHERS: usize = 6;
/// Yards of the CRO stand-in's first tenant that are spots of routes.
const YARDS: usize = 12;

/// Town, country, postcode, latitude and longitude.
type Place = (&'static str, &'static str, &'static str, f64, f64);

const PLACES: [Place; 8] = [
    ("Testowo", "pl", "00-001", 52.1, 17.2),
    ("Musterstadt", "de", "00001", 52.5, 13.1),
    ("Przykladow", "pl", "00-002", 50.06, 19.94),
    ("Beispielhafen", "de", "00002", 53.55, 9.99),
    ("Ukazkov", "cz", "000 03", 49.19, 16.61),
    ("Pavyzdziai", "lt", "00004", 54.68, 25.28),
    ("Probnik", "pl", "00-005", 51.11, 17.03),
    ("Fiktivdorf", "de", "00006", 48.14, 11.58),
];

pub(super) fn fill(state: &mut State, seed: u64) {
    let mut random = Random::new(seed, "routes");
    for n in 0..OWN + OTHERS {
        let shipper = if n < OWN { SHIPPER } else { OTHER_SHIPPER };
        let route = route(seed, &mut random, n, shipper);
        state.add_route(route);
    }
}

fn route(seed: u64, random: &mut Random, n: usize, shipper: i64) -> Route {
    // Every sixth route is archival, and has no position therefore.
    let is_active = n % 6 != 5;
    let kilometres = random.between(120, 1400);
    let modified = Moment::on(2026, 5, 4)
        .plus_days(-random.between(0, 200))
        .plus_seconds(random.between(0, 86_399));
    let id = stable_uuid(seed, "route", n).to_string();
    Route {
        shipper,
        unique_key: n.is_multiple_of(4).then(|| format!("LANE-{n:03}")),
        name: format!("{} to {}, lane {}", place(n, 0).0, place(n, 1).0, n + 1),
        publication_scenario: scenario(n),
        spots: json!([spot(seed, n, 0), spot(seed, n, 1)]),
        distance: distance(n, kilometres),
        suggested: n
            .is_multiple_of(3)
            .then(|| stable_uuid(seed, "suggested", n).to_string()),
        distance_match: if n.is_multiple_of(5) {
            json!({ "min": kilometre(kilometres - 50), "max": kilometre(kilometres + 50) })
        } else {
            json!({ "min": null, "max": null })
        },
        is_roundtrip: n % 10 == 9,
        requirements: requirements(&wishes(n)),
        loads: loads(&load(n)),
        balancing: if n % 4 == 1 {
            "freight_limit"
        } else {
            "manual"
        },
        freight_limit: if n % 4 == 1 {
            (Some(20), Some(80))
        } else {
            (None, None)
        },
        is_active,
        summary: summary(n, kilometres),
        position: is_active.then(|| i64::try_from(n).unwrap_or(0) + 1),
        transports: no_transports(),
        modified: modified.zoned(),
        id,
    }
}

fn scenario(n: usize) -> Value {
    match n % 3 {
        0 => json!({ "type": "parallel" }),
        1 => json!({ "type": "in_order", "data": {
            "publication_time": { "value": 1800, "unit_code": "s", "user_unit_code": "min" },
            "order": if n.is_multiple_of(2) { "gradually" } else { "next_recipient" },
        }}),
        _ => Value::Null,
    }
}

/// Every fourth route begins and every sixth ends at a yard of the CRO stand-in.
fn yard(n: usize, side: usize) -> Option<usize> {
    match (side, n % 4, n % 6) {
        (0, 0, _) => Some(n / 4 % YARDS + 1),
        (1, _, 2) => Some((n / 6 + 6) % YARDS + 1),
        _ => None,
    }
}

/// Where a side of a route is: at its yard, else in a town of its own.
fn place(n: usize, side: usize) -> Place {
    match yard(n, side) {
        Some(yard) => {
            let (town, postcode, latitude, longitude) = names::TOWNS[(yard - 1) % 8];
            (
                town,
                "us",
                postcode,
                degrees(latitude + 3),
                degrees(longitude - 2),
            )
        }
        None if side == 0 => PLACES[n % PLACES.len()],
        None => PLACES[(n * 3 + 1) % PLACES.len()],
    }
}

fn spot(seed: u64, n: usize, side: usize) -> Value {
    let (locality, country, postcode, latitude, longitude) = place(n, side);
    let at = n * 2 + side;
    let has_street = n.is_multiple_of(2);
    json!({
        "id": stable_uuid(seed, "spot", at).to_string(),
        "name": if n.is_multiple_of(3) { Value::Null } else { json!(format!("Plant {}", n % 9 + 1)) },
        "type": if side == 0 { "loading" } else { "unloading" },
        "place": {
            "address": {
                "locality": locality,
                "postal_code": postcode,
                "country": country,
                "street": if has_street { json!("Przykladowa") } else { Value::Null },
                "number": if has_street { json!((n + 1).to_string()) } else { Value::Null },
                "location_id": 7_000_000 + at,
                "detailed_location_id": if n.is_multiple_of(5) { json!(77_000_000 + at) } else { Value::Null },
                "foreign_id": yard(n, side),
                "radius": if side == 1 && n.is_multiple_of(7) { json!(5000) } else { Value::Null },
            },
            "coordinates": { "latitude": latitude, "longitude": longitude },
        },
    })
}

fn degrees(hundredths: i64) -> f64 {
    // Hundredths of a degree are small enough for any float.
    f64::from(i32::try_from(hundredths).unwrap_or(0)) / 100.0
}

fn kilometre(value: i64) -> Value {
    json!({ "value": value, "unit_code": "km" })
}

fn distance(n: usize, kilometres: i64) -> Value {
    let calculated = match n % 4 {
        0 => json!({ "value": degrees(kilometres * 100 + 44), "unit_code": "km" }),
        3 => Value::Null,
        _ => kilometre(kilometres),
    };
    let declared = if n.is_multiple_of(2) {
        kilometre(kilometres - 10)
    } else {
        Value::Null
    };
    json!({ "declared": declared, "calculated": calculated })
}

/// Bulk vehicles, cooled ones with many wishes, or nothing at all.
fn wishes(n: usize) -> Value {
    match n % 4 {
        2 => json!({ "required_truck_bodies": ["dump-truck"], "freight_type": "FTL" }),
        3 => json!({
            "required_truck_bodies": ["cooler", "isotherm"],
            "required_adr_classes": ["adr_3"],
            "required_ways_of_loading": ["side", "back"],
            "additional_requirements": ["gps", "adr"],
            "shipping_remarks": "Driver reports at gate B",
            "freight_type": if n % 8 == 3 { "LTL" } else { "MULTI_FTL" },
            "vehicle_size": "lorry",
            "width": { "value": 2.4, "unit_code": "m" },
            "height": { "value": 2.6, "unit_code": "m" },
            "length": { "value": 13.6, "unit_code": "m" },
            "volume": { "value": 85, "unit_code": "m3" },
            "capacity": {
                "min": { "value": 20, "unit_code": "t" }, "max": { "value": 24, "unit_code": "t" }
            },
            "exemption_from_adr": true,
        }),
        _ => Value::Null,
    }
}

fn load(n: usize) -> Value {
    match n % 4 {
        1 => json!([{
            "name": "Boxed parts",
            "type_of_load": if n % 8 == 1 { "2_europalette" } else { "europalette" },
            "amount": 33,
            "width": { "value": 0.8, "unit_code": "m" },
            "height": { "value": 1.4, "unit_code": "m" },
            "length": { "value": 1.2, "unit_code": "m" },
            "volume": { "value": 1.34, "unit_code": "m3" },
            "weight": {
                "min": { "value": 0.4, "unit_code": "t" }, "max": { "value": 0.7, "unit_code": "t" }
            },
            "pallets": { "is_stackable": true, "is_exchangeable": n % 8 == 1 },
        }]),
        _ => Value::Null,
    }
}

/// Currencies come with the number of the internal dictionary, `1_eur`.
fn summary(n: usize, kilometres: i64) -> Value {
    if n % 5 == 4 {
        return no_shipments();
    }
    let currency = if n.is_multiple_of(7) {
        "2_pln"
    } else {
        "1_eur"
    };
    json!({
        "amount": n % 9 + 1,
        "weight": { "value": 22, "unit_code": "t" },
        "distance": kilometre(kilometres),
        "price": [{ "amount": 560 + n, "currency": currency }],
    })
}
