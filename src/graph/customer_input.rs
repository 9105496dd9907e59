//! The writes of customers themselves.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{
    check::Check,
    customer_address_input::{CustomerAddressInput, new_address},
    customer_contact_input::{CustomerContactInput, contact_change},
    customer_location_input::{CustomerLocationTerms, LINK_BLAME, WrittenLink, link_payload},
    declare::{Entity, Graph},
    error::Error,
    input::change,
    leaf::Id,
};
use crate::{
    ids::{CustomerKey, LocationKey},
    input_object,
    upstream::{
        Session,
        cro::customer::{Customer, CustomerChange, NewCustomer, create_customer, update_customer},
    },
};

/// The longest name of a customer.
const MAX_NAME: usize = 64;

input_object! {
    /// A change of a customer. What is left out stays as it is.
    pub struct UpdateCustomerInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The new name: 1 to 64 characters.
        name: Option<String>,
        /// The new parent: global id, or CRO's customer id. Null asks CRO to clear the parent.
        parent_id: MaybeUndefined<Id>,
    }
}

input_object! {
    /// A new customer of a yard.
    pub struct CreateCustomerInput {
        /// The yard that will serve the customer: global id, or CRO's location id in the caller's tenant.
        location_id: Id,
        /// The customer's name: 1 to 64 characters.
        name: String,
        /// The customer's addresses. There must be one for billing and one for shipping, or one for both.
        addresses: Vec<CustomerAddressInput>,
        /// The people to call; may be empty.
        contacts: Vec<CustomerContactInput>,
        /// The customer that this one belongs to: global id, or CRO's customer id.
        parent_id: Option<Id>,
        /// By how many letters an address may differ from that of a customer of the same name for CRO to call the new customer a duplicate, which it refuses (`CONFLICT`).
        max_address_edit_distance: Option<i32>,
        ..terms: CustomerLocationTerms,
    }
}

/// What `updateCustomer` gives back.
struct UpdatedCustomer(Arc<Customer>);

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<UpdatedCustomer>::new("UpdateCustomerPayload", "The answer to `updateCustomer`.")
            .shared_object(
                "customer",
                "Customer",
                "The customer after the change.",
                |payload| Some(&payload.0),
            ),
    );
    graph.entity(link_payload(
        "CreateCustomerPayload",
        "The answer to `createCustomer`.",
    ));
    graph.write(
        "createCustomer",
        "Creates a customer at a yard, with its addresses and contacts. CRO refuses a customer whose name and address it has already (`CONFLICT`). Source: CRO `POST /locations/{location_id}/customers`.",
        "CreateCustomerPayload",
        LINK_BLAME,
        |session, input: CreateCustomerInput| Box::pin(create(session, input)),
    );
    graph.write(
        "updateCustomer",
        "Renames a customer or gives it another parent. CRO allows it to dispatchers. Source: CRO `PATCH /customers/{customer_id}`.",
        "UpdateCustomerPayload",
        &[],
        |session, input: UpdateCustomerInput| Box::pin(update(session, input)),
    );
}

async fn update(session: &Session, input: UpdateCustomerInput) -> Result<UpdatedCustomer, Error> {
    let (customer, change) = checked_change(session, input)?;
    let customer = update_customer(session, customer, &change).await?;
    Ok(UpdatedCustomer(Arc::new(customer)))
}

fn checked_change(
    session: &Session,
    input: UpdateCustomerInput,
) -> Result<(CustomerKey, CustomerChange), Error> {
    let mut check = Check::new("input");
    let customer = check.key(session, "customerId", &input.customer_id, "Customer");
    let parent = change(input.parent_id).map(|id| {
        let parent = check.key_beside(session, "parentId", &id?, "Customer", customer)?;
        if customer == Some(parent) {
            check.refuse("parentId", "A customer cannot be its own parent.");
        }
        Some(parent.id)
    });
    check.text("name", input.name.as_ref(), 1..=MAX_NAME);
    if input.name.is_none() && parent.is_none() {
        check.refuse_all("Nothing to change: give a `name` or a `parentId`.");
    }
    let change = CustomerChange {
        name: input.name,
        parent_id: parent,
    };
    check.finish(customer.map(|customer| (customer, change)))
}

async fn create(session: &Session, input: CreateCustomerInput) -> Result<WrittenLink, Error> {
    let edit_distance = input.max_address_edit_distance;
    let (yard, customer) = checked_customer(session, input)?;
    let row = create_customer(session, yard, &customer, edit_distance).await?;
    Ok(WrittenLink::of(row))
}

fn checked_customer(
    session: &Session,
    input: CreateCustomerInput,
) -> Result<(LocationKey, NewCustomer), Error> {
    let mut check = Check::new("input");
    let yard = check.key(session, "locationId", &input.location_id, "Location");
    let parent = input
        .parent_id
        .and_then(|id| check.key_beside(session, "parentId", &id, "Customer", yard));
    check.text("name", Some(&input.name), 1..=MAX_NAME);
    check_flags(&mut check, &input.addresses);
    if input
        .max_address_edit_distance
        .is_some_and(|distance| distance < 0)
    {
        check.refuse("maxAddressEditDistance", "This cannot be negative.");
    }
    let customer = NewCustomer {
        name: input.name,
        addresses: check.each("addresses", input.addresses, new_address),
        contacts: check.each("contacts", input.contacts, contact_change),
        parent_id: parent.map(|parent| parent.id),
        terms: input.terms.checked(&mut check).without_nulls(),
    };
    check.finish(yard.map(|yard| (yard, customer)))
}

/// CRO needs to know where to bill and where to serve.
fn check_flags(check: &mut Check, addresses: &[CustomerAddressInput]) {
    let billing = addresses.iter().any(|one| one.is_billing == Some(true));
    let shipping = addresses.iter().any(|one| one.is_shipping == Some(true));
    let missing = match (billing, shipping) {
        (true, true) => return,
        (false, true) => "No address is for billing",
        (true, false) => "No address is for shipping",
        (false, false) => "No address is for billing, and none for shipping",
    };
    let message =
        format!("{missing}: set `isBilling` on one and `isShipping` on one, or both on the same.");
    check.refuse("addresses", message);
}
