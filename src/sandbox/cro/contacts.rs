//! The contacts of a customer. There is no DELETE.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Map, Value};

use super::super::answer;
use super::access::Seat;
use super::customers::touch;
use super::model::{Kind, Model, as_bool, optional};
use super::query::{Params, path_id};
use super::refusal::Refusal;
use super::state::{Contact, Sight};
use super::{Cro, Pairs};

const FIELDS: &[super::model::Field] = &[
    optional("name", Kind::Text(1, 128)),
    optional("email", Kind::Text(0, 256)),
    optional("fax", Kind::Text(7, 15)),
    optional("number", Kind::Text(1, 90)),
    optional("notify_on_new_request", Kind::Boolean),
    optional("notify_on_dispatched_request", Kind::Boolean),
    optional("notify_on_acknowledged_request", Kind::Boolean),
    optional("notify_on_completed_request", Kind::Boolean),
    optional("notify_on_failed_request", Kind::Boolean),
];

pub(super) const CREATE_CONTACT: Model = Model {
    name: "CreateCustomerContactModel",
    fields: FIELDS,
};
const UPDATE_CONTACT: Model = Model {
    name: "UpdateCustomerContactModel",
    fields: FIELDS,
};

pub(super) async fn list(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path(customer): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Refusal> {
    let params = Params::new("ListContactsQueryParamsModel", pairs, &[])?;
    let id = path_id("customer_id", &customer)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let customer = state.tenant(seat.tenant)?.customer(id, &sight)?;
    Ok(answer::ok(&params.page()?.of(customer.contacts.iter())))
}

pub(super) async fn get(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, contact)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let id = path_id("customer_id", &customer)?;
    let contact = path_id("customer_contact_id", &contact)?;
    let state = api.store.read();
    let sight = state.sight(seat.user, seat.tenant);
    let customer = state.tenant(seat.tenant)?.customer(id, &sight)?;
    let contact = customer.contacts.iter().find(|one| one.id == contact);
    Ok(answer::ok(contact.ok_or_else(|| {
        Refusal::not_found("customer_contact_id")
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
    let body = CREATE_CONTACT.read(&body)?;
    let mut state = api.store.write();
    let tenant = state.tenant_mut(seat.tenant)?;
    tenant.customer(customer, &Sight::Everything)?;
    let contact = created(tenant.new_contact_id(), &body);
    tenant
        .customer_mut(customer)?
        .contacts
        .push(contact.clone());
    touch(tenant, customer)?;
    Ok(answer::ok(&contact))
}

pub(super) async fn update(
    State(api): State<Arc<Cro>>,
    seat: Seat,
    Path((customer, contact)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    seat.as_dispatcher()?;
    let customer = path_id("customer_id", &customer)?;
    let contact = path_id("customer_contact_id", &contact)?;
    let body = UPDATE_CONTACT.read(&body)?;
    let mut state = api.store.write();
    let tenant = state.tenant_mut(seat.tenant)?;
    let owner = tenant.customer_mut(customer)?;
    let found = owner.contacts.iter_mut().find(|one| one.id == contact);
    let contact = found.ok_or_else(|| Refusal::not_found("customer_contact_id"))?;
    apply(contact, &body);
    let shown = contact.clone();
    touch(tenant, customer)?;
    Ok(answer::ok(&shown))
}

pub(super) fn created(id: i64, body: &Map<String, Value>) -> Contact {
    let mut contact = Contact {
        id,
        ..Contact::default()
    };
    apply(&mut contact, body);
    contact
}

/// Only what is sent changes.
fn apply(contact: &mut Contact, body: &Map<String, Value>) {
    let texts = [
        ("name", &mut contact.name),
        ("email", &mut contact.email),
        ("fax", &mut contact.fax),
        ("number", &mut contact.number),
    ];
    for (name, slot) in texts {
        if let Some(value) = body.get(name) {
            *slot = value.as_str().map(str::to_owned);
        }
    }
    let flags = [
        ("notify_on_new_request", &mut contact.notify_on_new_request),
        (
            "notify_on_dispatched_request",
            &mut contact.notify_on_dispatched_request,
        ),
        (
            "notify_on_acknowledged_request",
            &mut contact.notify_on_acknowledged_request,
        ),
        (
            "notify_on_completed_request",
            &mut contact.notify_on_completed_request,
        ),
        (
            "notify_on_failed_request",
            &mut contact.notify_on_failed_request,
        ),
    ];
    for (name, slot) in flags {
        if let Some(value) = body.get(name) {
            *slot = as_bool(value).unwrap_or(false);
        }
    }
}
