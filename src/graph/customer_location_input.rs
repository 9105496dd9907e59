//! The writes of the link between a customer and a yard.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{
    check::Check,
    declare::{Blame, Entity, Graph},
    error::Error,
    input::change,
    leaf::Id,
    scalars::LocalDateTime,
};
use crate::{
    ids::CustomerKey,
    input_object,
    upstream::{
        Session,
        cro::customer::{
            Customer, CustomerRow, LinkChange, LinkSettings, LinkTerms, attach_to_location,
            deactivate_link, update_link,
        },
    },
};

input_object! {
    /// How a yard serves a customer.
    pub struct CustomerLocationTerms {
        /// First account number: at most 128 characters.
        account_number_1: MaybeUndefined<String>,
        /// Second account number: at most 128 characters.
        account_number_2: MaybeUndefined<String>,
        /// Whether the customer is a business (true) or private (false).
        is_commercial: MaybeUndefined<bool>,
        /// The yard's note on the customer: at most 2048 characters.
        note: MaybeUndefined<String>,
        /// The customer's number in the yard's books: 1 to 256 characters.
        reference_number: MaybeUndefined<String>,
        /// When the service agreement is up for renewal.
        renewal_date: MaybeUndefined<LocalDateTime>,
        /// Name of the sales representative: 1 to 64 characters.
        sales_rep: MaybeUndefined<String>,
        /// The sales representative in CRO: a number, a UUID or a user name, at most 64 characters.
        sales_rep_id: MaybeUndefined<Id>,
        /// CRO's id of a suspension of service.
        suspension_id: MaybeUndefined<Id>,
    }
}

input_object! {
    /// A yard that will serve a customer, and how.
    pub struct AttachCustomerToLocationInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The yard: global id, or CRO's location id.
        location_id: Id,
        ..terms: CustomerLocationTerms,
    }
}

input_object! {
    /// A change of how a yard serves a customer. What is left out stays as it is; null asks CRO to clear it.
    pub struct UpdateCustomerLocationInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The yard: global id, or CRO's location id.
        location_id: Id,
        /// Whether the yard serves the customer; true brings back a link that was removed.
        is_active: Option<bool>,
        ..terms: CustomerLocationTerms,
    }
}

input_object! {
    /// A yard that no longer serves a customer.
    pub struct DeactivateCustomerLocationInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The yard: global id, or CRO's location id.
        location_id: Id,
    }
}

/// CRO's id of a link is the yard's.
pub const LINK_BLAME: Blame = &[("customer_location_id", &["input", "locationId"])];

/// A customer as the yard sees it after a write.
pub struct WrittenLink {
    customer: Arc<Customer>,
    link: Option<Arc<LinkSettings>>,
}

impl WrittenLink {
    /// What the answer to the write says.
    pub fn of(row: CustomerRow) -> Self {
        let (customer, link) = row.into_parts();
        Self {
            customer: Arc::new(customer),
            link,
        }
    }
}

/// The payload of a write that answers with a customer as a yard sees it.
pub fn link_payload(name: &'static str, description: &'static str) -> Entity<WrittenLink> {
    Entity::<WrittenLink>::new(name, description)
        .shared_object(
            "customerLocation",
            "CustomerLocation",
            "How the yard serves the customer after the write.",
            |payload| payload.link.as_ref(),
        )
        .shared_object(
            "customer",
            "Customer",
            "The customer after the write.",
            |payload| Some(&payload.customer),
        )
}

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    graph.entity(link_payload(
        "AttachCustomerToLocationPayload",
        "The answer to `attachCustomerToLocation`.",
    ));
    graph.entity(link_payload(
        "UpdateCustomerLocationPayload",
        "The answer to `updateCustomerLocation`.",
    ));
    graph.entity(link_payload(
        "DeactivateCustomerLocationPayload",
        "The answer to `deactivateCustomerLocation`.",
    ));
    graph.write(
        "attachCustomerToLocation",
        "Lets one more yard serve a customer. Source: CRO `POST /customers/{customer_id}/locations/{customer_location_id}`.",
        "AttachCustomerToLocationPayload",
        LINK_BLAME,
        |session, input: AttachCustomerToLocationInput| Box::pin(attach(session, input)),
    );
    graph.write(
        "updateCustomerLocation",
        "Changes how a yard serves a customer. CRO allows it to dispatchers. Source: CRO `PATCH /customers/{customer_id}/locations/{customer_location_id}`.",
        "UpdateCustomerLocationPayload",
        LINK_BLAME,
        |session, input: UpdateCustomerLocationInput| Box::pin(update(session, input)),
    );
    graph.write(
        "deactivateCustomerLocation",
        "Ends the service of a yard for a customer: CRO keeps the link, but `isActive` is false. CRO allows it to dispatchers. Source: CRO `DELETE /customers/{customer_id}/locations/{customer_location_id}`.",
        "DeactivateCustomerLocationPayload",
        LINK_BLAME,
        |session, input: DeactivateCustomerLocationInput| Box::pin(deactivate(session, input)),
    );
}

async fn attach(
    session: &Session,
    input: AttachCustomerToLocationInput,
) -> Result<WrittenLink, Error> {
    let mut check = Check::new("input");
    let key = link_key(&mut check, session, &input.customer_id, &input.location_id);
    let terms = input.terms.checked(&mut check).without_nulls();
    let (customer, location) = check.finish(key)?;
    let row = attach_to_location(session, customer, location, &terms).await?;
    Ok(WrittenLink::of(row))
}

async fn update(
    session: &Session,
    input: UpdateCustomerLocationInput,
) -> Result<WrittenLink, Error> {
    let mut check = Check::new("input");
    let key = link_key(&mut check, session, &input.customer_id, &input.location_id);
    let change = LinkChange {
        is_active: input.is_active,
        terms: input.terms.checked(&mut check),
    };
    if change == LinkChange::default() {
        check.refuse_all("Nothing to change: give at least one of the yard's terms or `isActive`.");
    }
    let (customer, location) = check.finish(key)?;
    let row = update_link(session, customer, location, &change).await?;
    Ok(WrittenLink::of(row))
}

async fn deactivate(
    session: &Session,
    input: DeactivateCustomerLocationInput,
) -> Result<WrittenLink, Error> {
    let mut check = Check::new("input");
    let key = link_key(&mut check, session, &input.customer_id, &input.location_id);
    let (customer, location) = check.finish(key)?;
    let row = deactivate_link(session, customer, location).await?;
    Ok(WrittenLink::of(row))
}

fn link_key(
    check: &mut Check,
    session: &Session,
    customer: &Id,
    location: &Id,
) -> Option<(CustomerKey, i64)> {
    let customer = check.key(session, "customerId", customer, "Customer");
    let location = check.key_beside(session, "locationId", location, "Location", customer);
    customer.zip(location.map(|location| location.id))
}

impl CustomerLocationTerms {
    /// The terms to send, if nothing is wrong with them.
    pub fn checked(self, check: &mut Check) -> LinkTerms {
        let suspension = change(self.suspension_id).map(|id| {
            let id = id?;
            check.integer("suspensionId", &id)
        });
        let terms = LinkTerms {
            account_number_1: change(self.account_number_1),
            account_number_2: change(self.account_number_2),
            is_commercial: change(self.is_commercial),
            note: change(self.note),
            reference_number: change(self.reference_number),
            renewal_date: change(self.renewal_date).map(|at| at.map(|LocalDateTime(at)| at)),
            sales_rep: change(self.sales_rep),
            sales_rep_id: change(self.sales_rep_id).map(|id| id.map(|Id(id)| id)),
            suspension_id: suspension,
        };
        for (name, text, length) in [
            ("accountNumber1", &terms.account_number_1, 0..=128),
            ("accountNumber2", &terms.account_number_2, 0..=128),
            ("note", &terms.note, 0..=2048),
            ("referenceNumber", &terms.reference_number, 1..=256),
            ("salesRep", &terms.sales_rep, 1..=64),
            ("salesRepId", &terms.sales_rep_id, 0..=64),
        ] {
            check.text(name, text.iter().flatten().next(), length);
        }
        terms
    }
}
