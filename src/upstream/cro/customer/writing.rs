//! How customers are written: themselves, their addresses and contacts, and their yards.

mod address;
mod contact;
mod link;

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{Customer, CustomerPages, CustomerRecords, CustomerRow, CustomerRows, Customers};
use crate::{
    identity::Service,
    ids::{CustomerKey, LocationKey, TenantId},
    upstream::{
        Call, Class, Endpoint, Error, Session,
        cro::{job::Job, yard},
    },
};

pub use address::{
    AddressReplacement, NewAddress, add_address, deactivate_address, replace_address,
};
pub use contact::{ContactChange, add_contact, update_contact};
pub use link::{LinkChange, LinkTerms, attach_to_location, deactivate_link, update_link};

static UPDATE_CUSTOMER: Endpoint = Endpoint::patch(Service::Cro, "/customers/{customer_id}");
static CREATE_CUSTOMER: Endpoint =
    Endpoint::post(Service::Cro, "/locations/{location_id}/customers");

/// A change of a customer; what is `None` stays as it is.
#[derive(Default, Serialize)]
pub struct CustomerChange {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new parent; the inner `None` clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Option<i64>>,
}

/// A customer to be created at a yard.
#[derive(Serialize)]
pub struct NewCustomer {
    /// 1 to 64 characters.
    pub name: String,
    /// One for billing and one for shipping, or one for both.
    pub addresses: Vec<NewAddress>,
    /// May be empty.
    pub contacts: Vec<ContactChange>,
    /// The customer that this one belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<i64>,
    /// How the yard serves the customer.
    #[serde(flatten)]
    pub terms: LinkTerms,
}

/// Changes a customer and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn update_customer(
    session: &Session,
    key: CustomerKey,
    change: &CustomerChange,
) -> Result<Customer, Arc<Error>> {
    let call = UPDATE_CUSTOMER.call(&[&key.id]).json(body(change)?);
    let customer: Customer = write(session, key.tenant, call).await?;
    Ok(customer.in_tenant(key.tenant.0))
}

/// Creates a customer at a yard and gives back how the yard sees it.
///
/// A customer of the same name with an address that differs by at most `edit_distance` letters is
/// a duplicate, which is refused as a conflict.
///
/// # Errors
/// The upstream refused, its answer was lost, or the operator wants none to be created.
pub async fn create_customer(
    session: &Session,
    yard: LocationKey,
    customer: &NewCustomer,
    edit_distance: Option<i32>,
) -> Result<CustomerRow, Arc<Error>> {
    if !session.upstreams().cro_creates_customers {
        let reason = "Creating customers is switched off on this gateway (cro.create_customers).";
        return Err(Error::new(Service::Cro, Class::NotConfigured, reason));
    }
    let call = CREATE_CUSTOMER
        .call(&[&yard.id])
        .maybe("max_address_edit_distance", edit_distance)
        .json(body(customer)?);
    let row: CustomerRow = write(session, yard.tenant, call).await?;
    Ok(row.in_tenant(yard.tenant.0).telling_all())
}

/// Sends a write, and drops what was read of the tenant's customers whether it came through or
/// not.
async fn write<T: DeserializeOwned>(
    session: &Session,
    tenant: TenantId,
    call: Call,
) -> Result<T, Arc<Error>> {
    let reply = session.send::<T>(call.tenant(tenant)).await;
    session.forget::<CustomerRecords>(Some(tenant));
    session.forget::<Customers>(Some(tenant));
    session.forget::<CustomerRows>(Some(tenant));
    session.forget::<CustomerPages>(Some(tenant));
    super::link::forget(session, tenant);
    // Jobs have their customers inside.
    yard::forget::<Job>(session, tenant);
    Ok(reply?.value)
}

fn body(value: &impl Serialize) -> Result<serde_json::Value, Arc<Error>> {
    serde_json::to_value(value).map_err(|_| {
        let reason = "The input could not be written as JSON.";
        Error::new(Service::Cro, Class::Internal, reason)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_customer_is_sent_as_documented_and_without_what_was_not_said() {
        let customer = NewCustomer {
            name: "Invented Demolition".to_owned(),
            addresses: vec![NewAddress {
                country: Some("US".to_owned()),
                is_billing: Some(true),
                line_1: Some("345 Fabricated Ave".to_owned()),
                ..NewAddress::default()
            }],
            contacts: vec![ContactChange {
                name: Some(Some("New Sample Contact".to_owned())),
                ..ContactChange::default()
            }],
            parent_id: None,
            terms: LinkTerms {
                is_commercial: Some(Some(true)),
                ..LinkTerms::default()
            },
        };
        let expected = json!({
            "name": "Invented Demolition",
            "addresses": [{ "country": "US", "is_billing": true, "line_1": "345 Fabricated Ave" }],
            "contacts": [{ "name": "New Sample Contact" }],
            "is_commercial": true,
        });
        assert_eq!(body(&customer).unwrap(), expected);
    }

    #[test]
    fn a_cleared_parent_is_sent_as_null_and_an_untouched_one_not_at_all() {
        let change = |parent_id| {
            body(&CustomerChange {
                name: None,
                parent_id,
            })
            .unwrap()
        };
        assert_eq!(change(Some(None)), json!({ "parent_id": null }));
        assert_eq!(change(Some(Some(7))), json!({ "parent_id": 7 }));
        assert_eq!(change(None), json!({}));
    }
}
