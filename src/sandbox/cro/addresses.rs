//! The addresses of a customer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Map, Number, Value};

use super::super::answer;
use super::access::Seat;
use super::customers::touch;
use super::model::{Kind, Model, as_bool, optional, present};
use super::query::{Params, path_id};
use super::refusal::Refusal;
use super::state::{Address, Customer, Sight, Tenant};
use super::{Cro, Pairs};

pub(super) const CREATE_ADDRESS: Model = Model {
    name: "CreateCustomerAddressModel",
    fields: &[
        optional("country", Kind::Text(2, 2)),
        optional("is_billing", Kind::Boolean),
        optional("is_shipping", Kind::Boolean),
        optional("latitude", Kind::Number(-90.0, 90.0)),
        optional("line_1", Kind::Text(0, 256)),
        optional("line_2", Kind::Text(0, 256)),
        optional("line_3", Kind::Text(0, 256)),
        optional("line_4", Kind::Text(0, 256)),
        optional("locality", Kind::Text(0, 86)),
        optional("longitude", Kind::Number(-180.0, 180.0)),
        optional("postcode", Kind::Text(0, 86)),
        optional("region", Kind::Text(0, 32)),
    ],
};

/// Marked required on a PATCH: what is not sent is not kept.
const UPDATE_ADDRESS: Model = Model {
    name: "UpdateCustomerAddressModel",
    fields: &[
        present("country", Kind::Text(2, 2)),
        present("is_billing", Kind::Boolean),
        optional("is_shipping", Kind::Boolean),
        optional("latitude", Kind::Number(-90.0, 90.0)),
        optional("line_1", Kind::Text(0, 256)),
        optional("line_2", Kind::Text(0, 256)),
        optional("line_3", Kind::Text(0, 256)),
        optional("line_4", Kind::Text(0, 256)),
        optional("locality", Kind::Text(0, 86)),
        optional("longitude", Kind::Number(-180.0, 180.0)),
        optional("postcode", Kind::Text(0, 86)),
        optional("region", Kind::Text(0, 32)),
    ],
};

pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(customer): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListAddressesQueryParamsModel", pairs, &[])?;
    let id = path_id("customer_id", &customer)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let customer = state.tenant(seat.tenant)?.customer(id, &sight)?;
    Ok(answer::ok(&params.page()?.of(customer.addresses.iter())))
}

pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, address)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let id = path_id("customer_id", &customer)?;
    let address = path_id("customer_address_id", &address)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let customer = state.tenant(seat.tenant)?.customer(id, &sight)?;
    let address = customer.addresses.iter().find(|one| one.id == address);
    Ok(answer::ok(address.ok_or_else(|| {
        Refusal::not_found("customer_address_id")
    })?))
}

pub(super) async fn create(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(customer): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let customer = path_id("customer_id", &customer)?;
    let body = CREATE_ADDRESS.read(&body)?;
    let mut state = api.store.write();
    let tenant = state.tenant_mut(seat.tenant)?;
    tenant.customer(customer, &Sight::Everything)?;
    let address = created(tenant.new_address_id(), &body);
    tenant
        .customer_mut(customer)?
        .addresses
        .push(address.clone());
    touch(tenant, customer)?;
    Ok(answer::ok(&address))
}

pub(super) async fn update(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(path): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let body = UPDATE_ADDRESS.read(&body)?;
    change(&api, seat, &path, |address| {
        let kept = Address { ..address.clone() };
        *address = Address {
            is_active: kept.is_active,
            is_physical: kept.is_physical,
            ..created(kept.id, &body)
        };
    })
}

pub(super) async fn deactivate(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(path): Path<(String, String)>,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    change(&api, seat, &path, |address| address.is_active = false)
}

fn change(
    api: &Cro,
    seat: Seat,
    (customer, address): &(String, String),
    edit: impl FnOnce(&mut Address),
) -> Result<Response, Refusal> {
    let customer = path_id("customer_id", customer)?;
    let address = path_id("customer_address_id", address)?;
    let mut state = api.store.write();
    let tenant: &mut Tenant = state.tenant_mut(seat.tenant)?;
    let owner: &mut Customer = tenant.customer_mut(customer)?;
    let found = owner.addresses.iter_mut().find(|one| one.id == address);
    let address = found.ok_or_else(|| Refusal::not_found("customer_address_id"))?;
    edit(address);
    let shown = address.clone();
    touch(tenant, customer)?;
    Ok(answer::ok(&shown))
}

/// A new address: the server itself calls it physical, as in the vendor's sample.
pub(super) fn created(id: i64, body: &Map<String, Value>) -> Address {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let number =
        |name: &str| -> Option<Number> { body.get(name).and_then(Value::as_number).cloned() };
    let flag = |name: &str| body.get(name).and_then(as_bool).unwrap_or(false);
    Address {
        country: text("country"),
        id,
        is_active: true,
        is_billing: flag("is_billing"),
        is_physical: true,
        is_shipping: flag("is_shipping"),
        latitude: number("latitude"),
        line_1: text("line_1"),
        line_2: text("line_2"),
        line_3: text("line_3"),
        line_4: text("line_4"),
        locality: text("locality"),
        longitude: number("longitude"),
        postcode: text("postcode"),
        region: text("region"),
    }
}
