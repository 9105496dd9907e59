//! Third-party haulers and their connections to yards, across tenants.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::super::answer;
use super::super::clock::Moment;
use super::access::{Asker, Role, User};
use super::model::{Kind, Model, required};
use super::query::Params;
use super::refusal::Refusal;
use super::state::{Connection, Hauler, State as World};
use super::{Cro, Pairs};

const CREATE: Model = Model {
    name: "CreateHaulerConnectionRequestModel",
    fields: &[required("tenant_code", Kind::Text(1, 128))],
};
const TENANT_CODE: &str = "CreateHaulerConnectionRequestModel.tenant_code";

/// Third-party users know only the hauler they work for.
fn may_see(user: &User, number: usize) -> bool {
    user.hauler.is_none_or(|own| own == number)
}

fn find<'s>(state: &'s World, user: &User, id: &str) -> Result<&'s Hauler, Refusal> {
    let id = Uuid::parse_str(id)
        .map_err(|_| Refusal::invalid("hauler_uuid", "Not a valid UUID."))?
        .to_string();
    let found = state
        .haulers
        .iter()
        .enumerate()
        .find(|(_, hauler)| hauler.id == id);
    let (number, hauler) = found.ok_or_else(|| Refusal::not_found("hauler_uuid"))?;
    if may_see(user, number) {
        Ok(hauler)
    } else {
        Err(Refusal::forbidden("This user works for another hauler."))
    }
}

pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    asker: Asker,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListHaulersQueryParamsModel", pairs, &[])?;
    let state = api.store.read();
    let seen = state
        .haulers
        .iter()
        .enumerate()
        .filter(|(at, _)| may_see(asker.user, *at));
    Ok(answer::ok(
        &params.page()?.of(seen.map(|(_, hauler)| hauler)),
    ))
}

pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    // Unlike the list, one hauler is not for drivers.
    if asker.user.role == Role::Driver {
        return Err(Refusal::forbidden("The role of this user may not do this."));
    }
    Ok(answer::ok(find(&api.store.read(), asker.user, &id)?))
}

pub(super) async fn connections(
    State(api): State<Arc<Cro>>,
    asker: Asker,
    Path(id): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListHaulerConnectionsQueryParamsModel", pairs, &[])?;
    let state = api.store.read();
    let hauler = find(&state, asker.user, &id)?;
    let rows = state
        .connections
        .iter()
        .filter(|row| row.third_party_hauler_id == hauler.id);
    Ok(answer::ok(&params.page()?.of(rows)))
}

/// Makes sure that a connection has been requested: an existing one is returned as it is.
pub(super) async fn connect(
    State(api): State<Arc<Cro>>,
    asker: Asker,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let body = CREATE.read(&body)?;
    let code = body
        .get("tenant_code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut state = api.store.write();
    let hauler = find(&state, asker.user, &id)?.id.clone();
    let (provider_id, location_id, provider_name) = resolve(&state, code)?;
    let known = state.connections.iter().position(|row| {
        row.third_party_hauler_id == hauler
            && row.provider_id == provider_id
            && row.location_id == location_id
    });
    let at = known.unwrap_or_else(|| {
        state.connections.push(Connection {
            approved_by: None,
            approved_on: None,
            denied_on: None,
            is_approved: Value::Bool(false),
            location_id,
            provider_id,
            provider_name,
            requested_on: Moment::now().naive(),
            third_party_hauler_id: hauler,
        });
        state.connections.len() - 1
    });
    Ok(answer::ok(&state.connections[at]))
}

/// What a provider decides about a connection. The API has no endpoint for it; this one is
/// part of the sandbox alone.
#[derive(Deserialize)]
pub(super) struct Decision {
    hauler: String,
    provider_id: i64,
    location_id: i64,
    approve: bool,
}

pub(super) async fn decide(
    State(api): State<Arc<Cro>>,
    Json(decision): Json<Decision>,
) -> Result<Response, Refusal> {
    let mut state = api.store.write();
    let found = state.connections.iter_mut().find(|row| {
        row.third_party_hauler_id == decision.hauler
            && row.provider_id == decision.provider_id
            && row.location_id == decision.location_id
    });
    let row = found.ok_or_else(|| Refusal::not_found("connection"))?;
    let now = Some(Moment::now().naive());
    row.is_approved = Value::Bool(decision.approve);
    row.approved_by = decision.approve.then_some(300);
    (row.approved_on, row.denied_on) = if decision.approve {
        (now, None)
    } else {
        (None, now)
    };
    Ok(answer::ok(row))
}

/// A tenant code is the tenant's `code`, a plus sign, and the id of one of its yards.
fn resolve(state: &World, code: &str) -> Result<(i64, i64, String), Refusal> {
    let malformed = || Refusal::invalid(TENANT_CODE, "Must be a tenant code, + and a location id.");
    let (tenant, yard) = code.rsplit_once('+').ok_or_else(malformed)?;
    let digits = (1..=10).contains(&yard.len()) && yard.bytes().all(|byte| byte.is_ascii_digit());
    if tenant.is_empty() || !digits {
        return Err(malformed());
    }
    let unknown = || Refusal::invalid(TENANT_CODE, "No such tenant or location.");
    let yard = yard.parse::<i64>().map_err(|_| malformed())?;
    let tenant = state
        .tenants
        .iter()
        .find(|one| one.code == tenant)
        .ok_or_else(unknown)?;
    let name = provider_name(
        &tenant.name,
        &tenant.yards.get(&yard).ok_or_else(unknown)?.name,
    );
    Ok((tenant.id, yard, name))
}

/// Tenant, hyphen, yard: as in the vendor's sample.
pub(super) fn provider_name(tenant: &str, yard: &str) -> String {
    format!("{tenant} - {yard}")
}
