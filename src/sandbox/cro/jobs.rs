//! The jobs of a yard. What a job embeds as its customer depends on the version.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::super::answer;
use super::super::clock::Moment;
use super::access::{Seat, Version};
use super::model::{Kind, Model, optional};
use super::query::{Params, path_id};
use super::refusal::Refusal;
use super::state::{Sight, Tenant};
use super::views::{CustomerView, Row};
use super::{Cro, Pairs};

/// Only the fields that a dispatcher's screen changes; the vendor's own table was not readable.
const UPDATE: Model = Model {
    name: "UpdateJobModel",
    fields: &[
        optional("schedule_date", Kind::Datetime),
        optional("truck_id", Kind::Integer),
        optional("dispatch_priority", Kind::Text(1, 1)),
        optional("dispatcher_notes", Kind::Text(0, 2048)),
        optional("driver_notes", Kind::Text(0, 2048)),
        optional("customer_notes", Kind::Text(0, 2048)),
        optional("reference_number", Kind::Text(0, 256)),
    ],
};

const FILTERS: [&str; 11] = [
    "schedule_gt",
    "schedule_lt",
    "deleted",
    "completed",
    "completed_by_driver",
    "failed",
    "driver_id",
    "truck_id",
    "last_updated_gte",
    "created_on_gte",
    "is_dispatched",
];

pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(yard): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListJobsQueryParamsModel", pairs, &FILTERS)?;
    let (completed, truck) = (params.boolean("completed")?, params.integer("truck_id")?);
    let dispatched = params.boolean("is_dispatched")?;
    let yard = path_id("location_id", &yard)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant(seat.tenant)?;
    tenant.yard(yard, &sight)?;
    let rows = tenant
        .jobs
        .iter()
        .filter(|job| job["location_id"] == yard)
        .filter(|job| completed.is_none_or(|wanted| job["is_completed"] == wanted))
        .filter(|job| truck.is_none_or(|wanted| job["truck_id"] == wanted))
        .filter(|job| dispatched.is_none_or(|wanted| job["dispatched_on"].is_null() != wanted))
        .map(|job| shown(tenant, job, seat.version));
    Ok(answer::ok(&params.page()?.of(rows)))
}

pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((yard, job)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (yard, id) = (path_id("location_id", &yard)?, path_id("job_id", &job)?);
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant(seat.tenant)?;
    tenant.yard(yard, &sight)?;
    let job = tenant
        .jobs
        .iter()
        .find(|job| job["location_id"] == yard && job["id"] == id);
    Ok(answer::ok(&shown(
        tenant,
        job.ok_or_else(|| Refusal::not_found("job_id"))?,
        seat.version,
    )))
}

pub(super) async fn update(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((yard, job)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let (yard, id) = (path_id("location_id", &yard)?, path_id("job_id", &job)?);
    let body = UPDATE.read(&body)?;
    let mut state = api.store.write();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant_mut(seat.tenant)?;
    tenant.yard(yard, &sight)?;
    if let Some(truck) = body.get("truck_id").filter(|truck| !truck.is_null())
        && !tenant
            .trucks
            .iter()
            .any(|one| one["location_id"] == yard && one["id"] == *truck)
    {
        return Err(Refusal::invalid("UpdateJobModel.truck_id", "Not found."));
    }
    let at = tenant
        .jobs
        .iter()
        .position(|job| job["location_id"] == yard && job["id"] == id)
        .ok_or_else(|| Refusal::not_found("job_id"))?;
    let job = &mut tenant.jobs[at];
    let now = Moment::now().naive();
    if let Some(truck) = body.get("truck_id") {
        // A job with a truck is dispatched; one without waits.
        job["dispatched_on"] = if truck.is_null() {
            Value::Null
        } else {
            Value::from(now.as_str())
        };
    }
    for (name, value) in body {
        job[name] = value;
    }
    job["last_updated_on"] = Value::from(now);
    Ok(answer::ok(&shown(tenant, &tenant.jobs[at], seat.version)))
}

/// A stored job with the names and the embedded customer of the version asked for.
fn shown(tenant: &Tenant, job: &Value, version: Version) -> Value {
    let mut shown = job.clone();
    let customer = job["customer_id"]
        .as_i64()
        .and_then(|id| tenant.customers.get(&id));
    let yard = job["location_id"].as_i64().unwrap_or_default();
    let embedded = customer.and_then(|customer| {
        if version < Version::JOB_ROW {
            let sight = &Sight::Everything;
            serde_json::to_value(CustomerView {
                tenant,
                customer,
                sight,
                version,
            })
            .ok()
        } else {
            let link = tenant.link(customer.id, yard).ok()?;
            serde_json::to_value(Row::new(customer, link, version)).ok()
        }
    });
    shown["customer"] = json!(embedded);
    let renamed: &[(&str, &str)] = if version < Version::JOB_ROW {
        &[]
    } else {
        &[
            ("created_by_id", "created_by"),
            ("arrived_at_dest", "arrived_at_destination_on"),
            ("asset_dropped", "asset_dropped_id"),
            ("start_time", "desired_start_time"),
            ("end_time", "desired_end_time"),
        ]
    };
    if let Value::Object(map) = &mut shown {
        for (old, new) in renamed {
            if let Some(value) = map.remove(*old) {
                map.insert((*new).to_owned(), value);
            }
        }
    }
    shown
}
