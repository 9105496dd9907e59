//! How the link between a customer and a yard is written. The id of the link in its path is the
//! yard's.

use std::sync::Arc;

use http::Method;
use serde::Serialize;

use super::{body, write};
use crate::{
    identity::Service,
    ids::CustomerKey,
    upstream::{Call, Endpoint, Error, Session, cro::customer::CustomerRow},
};

static ATTACH: Endpoint = Endpoint::post(
    Service::Cro,
    "/customers/{customer_id}/locations/{customer_location_id}",
);
static UPDATE: Endpoint = Endpoint::patch(
    Service::Cro,
    "/customers/{customer_id}/locations/{customer_location_id}",
);
static DEACTIVATE: Endpoint = Endpoint::of(
    Service::Cro,
    Method::DELETE,
    "/customers/{customer_id}/locations/{customer_location_id}",
);

/// How a yard serves a customer. What is `None` is not said; an inner `None` clears.
#[derive(Default, PartialEq, Serialize)]
pub struct LinkTerms {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number_1: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number_2: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_commercial: Option<Option<bool>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<Option<String>>,
    /// Without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_date: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sales_rep: Option<Option<String>>,
    /// A number, a UUID or a user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sales_rep_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspension_id: Option<Option<i64>>,
}

impl LinkTerms {
    /// The terms of a new link, which has nothing to clear.
    #[must_use]
    pub fn without_nulls(self) -> Self {
        fn set<T>(term: Option<Option<T>>) -> Option<Option<T>> {
            term.flatten().map(Some)
        }
        Self {
            account_number_1: set(self.account_number_1),
            account_number_2: set(self.account_number_2),
            is_commercial: set(self.is_commercial),
            note: set(self.note),
            reference_number: set(self.reference_number),
            renewal_date: set(self.renewal_date),
            sales_rep: set(self.sales_rep),
            sales_rep_id: set(self.sales_rep_id),
            suspension_id: set(self.suspension_id),
        }
    }
}

/// A change of how a yard serves a customer.
#[derive(Default, PartialEq, Serialize)]
pub struct LinkChange {
    /// True brings a removed link back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// The new terms.
    #[serde(flatten)]
    pub terms: LinkTerms,
}

/// Lets a yard of the customer's tenant serve the customer.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn attach_to_location(
    session: &Session,
    customer: CustomerKey,
    location: i64,
    terms: &LinkTerms,
) -> Result<CustomerRow, Arc<Error>> {
    let call = ATTACH.call(&[&customer.id, &location]).json(body(terms)?);
    send(session, customer, call).await
}

/// Changes how a yard serves a customer.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn update_link(
    session: &Session,
    customer: CustomerKey,
    location: i64,
    change: &LinkChange,
) -> Result<CustomerRow, Arc<Error>> {
    let call = UPDATE.call(&[&customer.id, &location]).json(body(change)?);
    send(session, customer, call).await
}

/// Makes a link inactive: the yard serves the customer no longer.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn deactivate_link(
    session: &Session,
    customer: CustomerKey,
    location: i64,
) -> Result<CustomerRow, Arc<Error>> {
    let call = DEACTIVATE.call(&[&customer.id, &location]);
    send(session, customer, call).await
}

async fn send(
    session: &Session,
    customer: CustomerKey,
    call: Call,
) -> Result<CustomerRow, Arc<Error>> {
    let row: CustomerRow = write(session, customer.tenant, call).await?;
    Ok(row.in_tenant(customer.tenant.0).telling_all())
}
