//! Yards, and the people, trucks, bins and jobs at them.

use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::names;
use super::super::random::{Random, stable_uuid};
use super::seed::Plan;
use super::state::{Hauler, Tenant, Yard};

const DAY: Moment = Moment::on(2022, 8, 20);

pub(super) fn fill(tenant: &mut Tenant, plan: &Plan) {
    for (n, name) in plan.yards.iter().enumerate() {
        let id = i64::try_from(n).unwrap_or(0) + 1;
        let record = record(id, n, name);
        tenant.yards.insert(
            id,
            Yard {
                name: (*name).to_owned(),
                record,
            },
        );
    }
}

/// The booleans of a yard: what they mean does not matter here, that both values occur does.
const SWITCHES: [&str; 22] = [
    "allow_new_asset_numbers",
    "asset_number_required",
    "auto_billing_setup",
    "auto_complete_dumps",
    "auto_rollover_enabled",
    "billing_accounts_global",
    "do_share_drivers",
    "driver_self_assignment",
    "dtt_enabled",
    "require_reason_fail_delay",
    "require_reference_number",
    "require_signature",
    "use_additional_items",
    "delivery_hidden",
    "dropoff_hidden",
    "exchange_hidden",
    "pickup_hidden",
    "service_hidden",
    "notify_on_acknowledged_job",
    "notify_on_completed_job",
    "notify_on_dispatched_job",
    "notify_on_failed_job",
];

fn record(id: i64, n: usize, name: &str) -> Value {
    let (town, postcode, latitude, longitude) = names::TOWNS[n % names::TOWNS.len()];
    let mut record = json!({
        "address": {
            "id": null,
            "latitude": hundredths(latitude + 3),
            "line_1": names::street(n * 11),
            "line_2": null, "line_3": null, "line_4": null,
            "locality": town,
            "longitude": hundredths(longitude - 2),
            "postcode": postcode,
            "region": "OR",
        },
        "bar_code_type": if n.is_multiple_of(2) { json!("code_39") } else { Value::Null },
        "contact": {
            "email": format!("yard{id}@example.com"),
            "id": null, "name": null,
            "number": names::phone(n + 10),
        },
        "delivery_name": "Live Load",
        "distance_factor": 0.621_371,
        "distance_label": "mi",
        "dropoff_name": "Delivery",
        "exchange_name": "Swap",
        "id": id,
        "is_active": !name.starts_with("Closed"),
        "leed_enabled": if n.is_multiple_of(3) { Value::Null } else { json!(n % 3 == 1) },
        "main_inventory_name": format!("{name} main"),
        "name": name,
        "pickup_name": "Pickup",
        "service_disclaimer": if n % 4 == 1 { json!("Sample disclaimer text.") } else { Value::Null },
        "service_name": "Service",
    });
    for (at, switch) in SWITCHES.iter().enumerate() {
        record[*switch] = Value::Bool((at * 5 + n * 3).is_multiple_of(4));
    }
    record
}

fn hundredths(value: i64) -> Value {
    let text = format!(
        "{}{}.{:02}",
        if value < 0 { "-" } else { "" },
        value.abs() / 100,
        value.abs() % 100
    );
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Three users and drivers, two trucks, four bins and six jobs at every yard.
pub(super) fn fill_work(tenant: &mut Tenant, seed: u64, haulers: &[Hauler]) {
    let mut random = Random::new(seed, &format!("work {}", tenant.code));
    let yards: Vec<i64> = tenant.yards.keys().copied().collect();
    for yard in yards {
        for n in 0..3 {
            let id = 300 + yard * 10 + n;
            let number = usize::try_from(id + tenant.id * 1000).unwrap_or(0);
            let foreign = (n == 2).then(|| random.pick(haulers).id.clone());
            let user = user(seed, number, id, n, foreign.as_deref());
            tenant
                .users
                .push(json!({ "_location": yard, "user": user }));
            tenant.drivers.push(driver(
                number,
                yard,
                1200 + yard * 10 + n,
                foreign.as_deref(),
            ));
        }
        for n in 0..2 {
            tenant
                .trucks
                .push(truck(yard, 80 + yard * 10 + n, 1200 + yard * 10 + n));
        }
        for n in 0..4 {
            let customer = served(tenant, yard, &mut random);
            let asset = asset(tenant, yard, 3300 + yard * 10 + n, customer);
            tenant.assets.push(asset);
        }
        for n in 0..6 {
            let customer = served(tenant, yard, &mut random);
            let job = job(tenant, yard, 77_000 + yard * 100 + n, customer, n);
            tenant.jobs.push(job);
        }
    }
}

/// A customer of this yard.
fn served(tenant: &Tenant, yard: i64, random: &mut Random) -> i64 {
    let customers: Vec<i64> = tenant
        .links
        .iter()
        .filter(|link| link.location_id == yard)
        .map(|link| link.customer_id)
        .collect();
    if customers.is_empty() {
        1
    } else {
        *random.pick(&customers)
    }
}

fn user(seed: u64, number: usize, id: i64, n: i64, hauler: Option<&str>) -> Value {
    const ROLES: [&str; 3] = ["Dispatcher", "Driver", "ThirdPartyDriver"];
    json!({
        "dispatcher_id": if n == 0 { json!(9000 + id) } else { Value::Null },
        "id": id,
        "roles": [ROLES[usize::try_from(n).unwrap_or(0)]],
        "third_party_hauler_id": hauler,
        "uid": stable_uuid(seed, "user", number).to_string(),
        "username": format!("sample_{}_{id}", names::given(number).to_lowercase()),
    })
}

fn driver(number: usize, yard: i64, id: i64, hauler: Option<&str>) -> Value {
    json!({
        "address": null,
        "can_convert_to_group": true,
        "can_create_requests": true,
        "can_edit_requests": true,
        "can_reposition_asset": true,
        "city": "",
        "disable_shift_tracking": false,
        "email": if id % 2 == 0 { names::mail(number) } else { String::new() },
        "id": id,
        "is_deactivated": id % 7 == 0,
        "license_number": "",
        "location_id": yard,
        "name": names::person(number),
        "phone_number": if id % 3 == 0 { Value::Null } else { json!(names::phone(number)) },
        "state": "",
        "third_party_hauler_id": hauler,
        "username": format!("driver_{id}"),
        "zip": "",
    })
}

fn truck(yard: i64, id: i64, driver: i64) -> Value {
    json!({
        "driver_id": if id % 2 == 0 { json!(driver) } else { Value::Null },
        "id": id,
        "interface_color": if id % 3 == 0 { json!("#3366cc") } else { Value::Null },
        "location_id": yard,
        "name": format!("Truck {id}"),
        "notes": "General",
        "out_of_service": id % 9 == 0,
        "require_odometer": false,
        "third_party_hauler_id": null,
        "trailer_id": null,
        "type": "Rolloff",
        "weight": 2500.0,
    })
}

fn asset_type(yard: i64) -> Value {
    json!({
        "deleted": false, "id": 4, "is_default": true, "location_id": yard,
        "name": "20 yd open top", "quantity": 12, "require_numbers": true, "weight": 2200.0,
    })
}

fn asset(tenant: &Tenant, yard: i64, id: i64, customer: i64) -> Value {
    let returned = id % 4 == 3;
    json!({
        "asset_type": asset_type(yard),
        "asset_type_id": 4,
        "cluster": null,
        "customer_id": customer,
        "description": "Behind the shed",
        "dispatched_on": DAY.plus_days(-80).naive(),
        "id": id,
        "is_returned": returned,
        "last_activity_on": DAY.plus_days(-79).naive(),
        "last_rental_invoice_on": null,
        "latitude": 44.1251,
        "location": tenant.yards[&yard].short(),
        "location_id": yard,
        "longitude": -121.2501,
        "number": format!("B-{id:04}"),
        "quantity": 1,
        "returned_on": if returned { json!(DAY.plus_days(-9).naive()) } else { Value::Null },
    })
}

/// Fields of a job that nothing in the sandbox fills.
const UNSET: [&str; 26] = [
    "add_to_routes",
    "arrived_at_dest",
    "arrived_on",
    "asset_dropped",
    "completed_by",
    "confirmed_on",
    "customer_notes",
    "departed_on",
    "desired_asset_desc",
    "driver_notes",
    "dropped_number",
    "dump_location",
    "dumped_on",
    "end_time",
    "fail_reason",
    "final_location",
    "final_location_id",
    "flags",
    "invoice_notes",
    "job_group_id",
    "merged_with_route",
    "removed_number",
    "scale_ticket",
    "start_location_id",
    "start_time",
    "weighed_on",
];
const NO: [&str; 11] = [
    "completed_by_driver",
    "created_with_portal",
    "do_confirm",
    "is_declined",
    "is_deleted",
    "is_failed",
    "is_paid",
    "require_image",
    "require_material",
    "require_signature",
    "require_weights",
];

fn job(tenant: &Tenant, yard: i64, id: i64, customer: i64, n: i64) -> Value {
    const KINDS: [&str; 5] = ["D", "E", "L", "P", "R"];
    let day = DAY.plus_days(n - 3);
    let (completed, dispatched) = (n < 2, n < 4);
    let asset = tenant
        .assets
        .iter()
        .rev()
        .find(|one| one["location_id"] == yard);
    let mut job = json!({
        "add_to_routes_settings": [],
        "asset": asset,
        "asset_id": asset.map(|one| one["id"].clone()),
        "asset_quantity": 1,
        "asset_type": asset_type(yard),
        "asset_type_id": 4,
        "completed_on": completed.then(|| day.plus_seconds(39_600).naive()),
        "created_by_id": 300 + yard * 10,
        "customer_id": customer,
        "dispatch_priority": "H",
        "dispatched_by_route": (n == 1).then_some(12),
        "dispatched_on": dispatched.then(|| day.plus_seconds(27_000).naive()),
        "dispatcher_notes": "Call ahead",
        "dump_location_id": 15,
        "id": id,
        "is_acknowledged": dispatched,
        "is_completed": completed,
        "last_updated_on": day.plus_seconds(27_000).naive(),
        "location_id": yard,
        "materials": [],
        "original_schedule_date": day.naive(),
        "priority": -3,
        "reference_number": format!("PO-{id}"),
        "requested_on": day.plus_days(-2).plus_seconds(54_000).naive(),
        "schedule_date": day.naive(),
        "third_party_hauler_id": null,
        "times_failed": 0,
        "times_rolled_over": 0,
        "truck_id": dispatched.then_some(80 + yard * 10),
        "type": KINDS[usize::try_from(n).unwrap_or(0) % KINDS.len()],
    });
    for name in UNSET {
        job[name] = Value::Null;
    }
    for name in NO {
        job[name] = Value::Bool(false);
    }
    job
}
