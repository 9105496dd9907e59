//! How a customer's contacts are written. The API cannot remove one.

use std::sync::Arc;

use serde::Serialize;

use super::{body, write};
use crate::{
    identity::Service,
    ids::CustomerKey,
    upstream::{Endpoint, Error, Session, cro::customer::Contact},
};

static ADD: Endpoint = Endpoint::post(Service::Cro, "/customers/{customer_id}/contacts");
static UPDATE: Endpoint = Endpoint::patch(
    Service::Cro,
    "/customers/{customer_id}/contacts/{customer_contact_id}",
);

/// A contact to be added, or what of one changes. What is `None` is not said; an inner `None`
/// clears.
#[derive(Default, PartialEq, Serialize)]
pub struct ContactChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Option<String>>,
    /// One or more mail addresses with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_on_new_request: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_on_dispatched_request: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_on_acknowledged_request: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_on_completed_request: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_on_failed_request: Option<bool>,
}

/// Adds a contact and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn add_contact(
    session: &Session,
    customer: CustomerKey,
    contact: &ContactChange,
) -> Result<Contact, Arc<Error>> {
    let call = ADD.call(&[&customer.id]).json(body(contact)?);
    write(session, customer.tenant, call).await
}

/// Changes the contact with this id and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn update_contact(
    session: &Session,
    customer: CustomerKey,
    contact: i64,
    change: &ContactChange,
) -> Result<Contact, Arc<Error>> {
    let call = UPDATE.call(&[&customer.id, &contact]).json(body(change)?);
    write(session, customer.tenant, call).await
}
