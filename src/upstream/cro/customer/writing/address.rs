//! How a customer's addresses are written.

use std::sync::Arc;

use http::Method;
use serde::Serialize;

use super::{body, write};
use crate::{
    identity::Service,
    ids::CustomerKey,
    upstream::{Endpoint, Error, Session, cro::customer::Address},
};

static ADD: Endpoint = Endpoint::post(Service::Cro, "/customers/{customer_id}/addresses");
static REPLACE: Endpoint = Endpoint::patch(
    Service::Cro,
    "/customers/{customer_id}/addresses/{customer_address_id}",
);
static DEACTIVATE: Endpoint = Endpoint::of(
    Service::Cro,
    Method::DELETE,
    "/customers/{customer_id}/addresses/{customer_address_id}",
);

/// An address to be added.
#[derive(Default, Serialize)]
pub struct NewAddress {
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_billing: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_shipping: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_3: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What an address becomes. All of it is sent: the API keeps nothing that is left out.
#[derive(Serialize)]
pub struct AddressReplacement {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub is_billing: bool,
    pub is_shipping: bool,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub line_1: Option<String>,
    pub line_2: Option<String>,
    pub line_3: Option<String>,
    pub line_4: Option<String>,
    pub locality: Option<String>,
    pub postcode: Option<String>,
    pub region: Option<String>,
}

/// Adds an address and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn add_address(
    session: &Session,
    customer: CustomerKey,
    address: &NewAddress,
) -> Result<Address, Arc<Error>> {
    let call = ADD.call(&[&customer.id]).json(body(address)?);
    write(session, customer.tenant, call).await
}

/// Replaces the address with this id and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn replace_address(
    session: &Session,
    customer: CustomerKey,
    address: i64,
    replacement: &AddressReplacement,
) -> Result<Address, Arc<Error>> {
    let call = REPLACE
        .call(&[&customer.id, &address])
        .json(body(replacement)?);
    write(session, customer.tenant, call).await
}

/// Makes the address with this id inactive and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn deactivate_address(
    session: &Session,
    customer: CustomerKey,
    address: i64,
) -> Result<Address, Arc<Error>> {
    let call = DEACTIVATE.call(&[&customer.id, &address]);
    write(session, customer.tenant, call).await
}
