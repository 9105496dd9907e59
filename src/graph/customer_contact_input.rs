//! The writes of a customer's contacts.

use async_graphql::MaybeUndefined;

use super::{
    check::Check,
    customer_part::{WrittenPart, declare_payloads},
    declare::{Blame, Graph},
    error::Error,
    input::change,
    leaf::Id,
};
use crate::{
    input_object,
    upstream::{
        Session,
        cro::customer::{Contact, ContactChange, add_contact, update_contact},
    },
};

input_object! {
    /// Somebody to reach at a customer.
    pub struct CustomerContactInput {
        /// The person's name: 1 to 128 characters.
        name: MaybeUndefined<String>,
        /// E-mail addresses, several with commas between: at most 256 characters.
        email: MaybeUndefined<String>,
        /// Fax number: 7 to 15 characters.
        fax: MaybeUndefined<String>,
        /// Telephone number: 1 to 90 characters.
        number: MaybeUndefined<String>,
        /// Whether to send a message for a new request.
        notify_on_new_request: Option<bool>,
        /// Whether to send a message when a request is dispatched.
        notify_on_dispatched_request: Option<bool>,
        /// Whether to send a message when a driver has acknowledged a request.
        notify_on_acknowledged_request: Option<bool>,
        /// Whether to send a message when a request is completed.
        notify_on_completed_request: Option<bool>,
        /// Whether to send a message when a request fails.
        notify_on_failed_request: Option<bool>,
    }
}

input_object! {
    /// Somebody to reach at a customer from now on.
    pub struct AddCustomerContactInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        ..contact: CustomerContactInput,
    }
}

input_object! {
    /// A change of a contact. What is left out stays as it is; null clears a text.
    pub struct UpdateCustomerContactInput {
        /// The customer: global id, or CRO's customer id in the caller's tenant.
        customer_id: Id,
        /// The contact: its `upstreamId`.
        contact_id: Id,
        ..contact: CustomerContactInput,
    }
}

const BLAME: Blame = &[("customer_contact_id", &["input", "contactId"])];

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    declare_payloads::<Contact>(
        graph,
        "contact",
        ["CustomerContact", "The contact after the write."],
        &[
            [
                "AddCustomerContactPayload",
                "The answer to `addCustomerContact`.",
            ],
            [
                "UpdateCustomerContactPayload",
                "The answer to `updateCustomerContact`.",
            ],
        ],
    );
    graph.write(
        "addCustomerContact",
        "Adds a contact to a customer. CRO allows it to dispatchers, and has no way to remove a contact. Source: CRO `POST /customers/{customer_id}/contacts`.",
        "AddCustomerContactPayload",
        BLAME,
        |session, input: AddCustomerContactInput| Box::pin(add(session, input)),
    );
    graph.write(
        "updateCustomerContact",
        "Changes a contact of a customer. CRO allows it to dispatchers. Source: CRO `PATCH /customers/{customer_id}/contacts/{customer_contact_id}`.",
        "UpdateCustomerContactPayload",
        BLAME,
        |session, input: UpdateCustomerContactInput| Box::pin(update(session, input)),
    );
}

async fn add(
    session: &Session,
    input: AddCustomerContactInput,
) -> Result<WrittenPart<Contact>, Error> {
    let mut check = Check::new("input");
    let customer = check.key(session, "customerId", &input.customer_id, "Customer");
    let contact = contact_change(&mut check, input.contact);
    let customer = check.finish(customer)?;
    let part = add_contact(session, customer, &contact).await?;
    Ok(WrittenPart { customer, part })
}

async fn update(
    session: &Session,
    input: UpdateCustomerContactInput,
) -> Result<WrittenPart<Contact>, Error> {
    let mut check = Check::new("input");
    let customer = check.key(session, "customerId", &input.customer_id, "Customer");
    let contact = check.integer("contactId", &input.contact_id);
    let change = contact_change(&mut check, input.contact);
    if change == ContactChange::default() {
        check.refuse_all("Nothing to change: give at least one field of the contact.");
    }
    let (customer, contact) = check.finish(customer.zip(contact))?;
    let part = update_contact(session, customer, contact, &change).await?;
    Ok(WrittenPart { customer, part })
}

/// The contact to send, if nothing is wrong with it.
pub fn contact_change(check: &mut Check, input: CustomerContactInput) -> ContactChange {
    let contact = ContactChange {
        name: change(input.name),
        email: change(input.email),
        fax: change(input.fax),
        number: change(input.number),
        notify_on_new_request: input.notify_on_new_request,
        notify_on_dispatched_request: input.notify_on_dispatched_request,
        notify_on_acknowledged_request: input.notify_on_acknowledged_request,
        notify_on_completed_request: input.notify_on_completed_request,
        notify_on_failed_request: input.notify_on_failed_request,
    };
    for (name, text, length) in [
        ("name", &contact.name, 1..=128),
        ("email", &contact.email, 0..=256),
        ("fax", &contact.fax, 7..=15),
        ("number", &contact.number, 1..=90),
    ] {
        check.text(name, text.iter().flatten().next(), length);
    }
    contact
}
