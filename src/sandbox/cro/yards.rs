//! Tenants and their yards ("locations"), with the users, drivers, trucks and assets of a yard.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::Value;

use super::super::answer;
use super::access::{Asker, Role, Seat, Version};
use super::model::{Kind, Model, optional};
use super::query::{Params, page_of, path_id};
use super::refusal::Refusal;
use super::state::Tenant;
use super::{Cro, Pairs};

const UPDATE_TRUCK: Model = Model {
    name: "UpdateTruckModel",
    fields: &[optional("driver_id", Kind::Integer)],
};

pub(super) async fn tenants(
    State(api): State<Arc<Cro>>,
    asker: Asker,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let state = api.store.read();
    let own = state
        .tenants
        .iter()
        .filter(|tenant| asker.user.tenants.contains(&tenant.id));
    Ok(answer::ok(&page_of(
        pairs,
        own.map(|tenant| &tenant.record),
    )?))
}

pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let yards = &state.tenant(seat.tenant)?.yards;
    let seen = yards.iter().filter(|(id, _)| sight.includes(**id));
    Ok(answer::ok(&page_of(
        pairs,
        seen.map(|(_, yard)| &yard.record),
    )?))
}

pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(yard): Path<String>,
) -> Result<Response, Refusal> {
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let yard = state
        .tenant(seat.tenant)?
        .yard(path_id("location_id", &yard)?, &sight)?;
    Ok(answer::ok(&yard.record))
}

/// Which of the things at a yard.
#[derive(Clone, Copy)]
pub(super) enum Thing {
    User,
    Driver,
    Truck,
    Asset,
}

impl Thing {
    fn of(self, tenant: &Tenant) -> &[Value] {
        match self {
            Self::User => &tenant.users,
            Self::Driver => &tenant.drivers,
            Self::Truck => &tenant.trucks,
            Self::Asset => &tenant.assets,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::User => "user_id",
            Self::Driver => "driver_id",
            Self::Truck => "truck_id",
            Self::Asset => "asset_id",
        }
    }

    fn is_at(self, record: &Value, yard: i64) -> bool {
        // A user has no location of its own in the answer: the seed keeps it beside the record.
        let at = if matches!(self, Self::User) {
            &record["_location"]
        } else {
            &record["location_id"]
        };
        at.as_i64() == Some(yard)
    }
}

/// `GET /locations/{location_id}/<things>`
pub(super) async fn things(
    api: Arc<Cro>,
    seat: Seat,
    yard: String,
    pairs: Pairs,
    thing: Thing,
) -> Result<Response, Refusal> {
    if matches!(thing, Thing::Asset) && seat.user.role == Role::ThirdPartyDispatcher {
        return Err(Refusal::forbidden("The role of this user may not do this."));
    }
    let yard = path_id("location_id", &yard)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant(seat.tenant)?;
    tenant.yard(yard, &sight)?;
    let rows = thing
        .of(tenant)
        .iter()
        .filter(|record| thing.is_at(record, yard));
    let rows = rows.map(|record| {
        if matches!(thing, Thing::User) {
            &record["user"]
        } else {
            record
        }
    });
    Ok(answer::ok(&page_of(pairs, rows)?))
}

/// `GET /locations/{location_id}/<things>/{id}`
pub(super) async fn thing(
    api: Arc<Cro>,
    seat: Seat,
    (yard, id): (String, String),
    thing: Thing,
) -> Result<Response, Refusal> {
    let (yard, id) = (path_id("location_id", &yard)?, path_id(thing.key(), &id)?);
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant(seat.tenant)?;
    tenant.yard(yard, &sight)?;
    let mut rows = thing
        .of(tenant)
        .iter()
        .filter(|record| thing.is_at(record, yard));
    let found = match thing {
        Thing::User => rows
            .map(|record| &record["user"])
            .find(|user| user["id"] == id),
        _ => rows.find(|record| record["id"] == id),
    };
    Ok(answer::ok(
        found.ok_or_else(|| Refusal::not_found(thing.key()))?,
    ))
}

/// Sets or clears a truck's driver: by query before 2021/05/07, by body since.
pub(super) async fn update_truck(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((yard, truck)): Path<(String, String)>,
    Query(pairs): Query<Pairs>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let (yard, truck) = (path_id("location_id", &yard)?, path_id("truck_id", &truck)?);
    let driver = if seat.version >= Version::TRUCK_BODY {
        let body = UPDATE_TRUCK.read(&body)?;
        body.get("driver_id").cloned()
    } else {
        let params = Params::new("UpdateTruckQueryParamsModel", pairs, &["driver_id"])?;
        // An empty parameter clears the driver, as null does in a body.
        match params.text("driver_id") {
            Some("") => Some(Value::Null),
            _ => params.integer("driver_id")?.map(Value::from),
        }
    };
    let mut state = api.store.write();
    let sight = state.sight(seat.user, seat.tenant);
    let tenant = state.tenant_mut(seat.tenant)?;
    tenant.yard(yard, &sight)?;
    if let Some(driver) = driver.as_ref().filter(|driver| !driver.is_null())
        && !tenant.drivers.iter().any(|one| one["id"] == *driver)
    {
        return Err(Refusal::invalid("UpdateTruckModel.driver_id", "Not found."));
    }
    let found = tenant
        .trucks
        .iter_mut()
        .find(|record| Thing::Truck.is_at(record, yard) && record["id"] == truck);
    let record = found.ok_or_else(|| Refusal::not_found("truck_id"))?;
    if let Some(driver) = driver {
        record["driver_id"] = driver;
    }
    Ok(answer::ok(&record))
}
