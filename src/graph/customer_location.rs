//! The link between a customer and a yard, with the yard's settings for that customer.

use super::{
    declare::{Entity, Graph, Link},
    leaf::Id,
    scalars::LocalDateTime,
};
use crate::{
    ids::{CustomerKey, LocationKey},
    upstream::cro::{
        customer::{CustomerLinks, CustomerRecords, Customers, LinkKey, LinkSettings},
        location::Locations,
    },
};

/// Declares the type.
pub fn declare(graph: &mut Graph) {
    let customer = |link: &LinkSettings| CustomerKey::new(link.tenant, link.customer_id);
    graph.entity(
        Entity::<LinkSettings>::new("CustomerLocation", "How one yard serves one customer. It has no id of its own: customer and location name it. Source: the rows of CRO `GET /customers`, and those inside `GET /customers/{customer_id}`.")
            .completed_by::<CustomerLinks>(|link| link.complete, |link| LinkKey {
                customer: CustomerKey::new(link.tenant, link.customer_id),
                location: link.location_id,
            })
            .link(
                "customer",
                "The customer.",
                Link::<_, Customers>::to("Customer", move |link: &LinkSettings, _| Ok(Some(customer(link))))
                    .or_complete::<CustomerRecords>(move |link: &LinkSettings, _| Ok(Some(customer(link)))),
            )
            .link(
                "location",
                "The yard.",
                Link::<_, Locations>::to("Location", |link: &LinkSettings, _| Ok(Some(LocationKey::new(link.tenant, link.location_id)))),
            )
            .field(
                "customerId",
                "CRO's id of the customer.",
                |link| Id::of(link.customer_id),
            )
            .field(
                "locationId",
                "CRO's id of the yard.",
                |link| Id::of(link.location_id),
            )
            .field("isActive", "Whether the yard still serves the customer; false after the link was removed.", |link| link.is_active)
            .field("isCommercial", "Whether the customer is a business (true) or private (false).", |link| link.is_commercial)
            .field("note", "The yard's note on the customer.", LinkSettings::note)
            .field("referenceNumber", "The customer's number in the yard's books.", LinkSettings::reference_number)
            .complete_field("accountNumber1", "First account number. Neither a customer's own record nor the list of customers need tell it: this may cost a call per link, or one per yard where that is fewer.", LinkSettings::account_number_1)
            .complete_field("accountNumber2", "Second account number. Neither a customer's own record nor the list of customers need tell it: this may cost a call per link, or one per yard where that is fewer.", LinkSettings::account_number_2)
            .field("renewalDate", "When the service agreement is up for renewal.", |link| link.renewal_date().map(LocalDateTime::of))
            .field("salesRep", "Name of the sales representative.", LinkSettings::sales_rep)
            .field("salesRepId", "The sales representative in CRO: a number, a UUID or a user name.", |link| link.sales_rep_id().map(|id| Id(id.to_string())))
            .field("suspensionId", "CRO's id of the suspension of service, if there is one. CRO has no way to read suspensions.", |link| link.suspension_id.map(Id::of))
            .field("createdAt", "When the yard began to serve the customer.", |link| link.created_on().map(LocalDateTime::of))
            .field("lastUpdatedAt", "When these settings were last changed; null where CRO does not tell.", |link| link.last_updated_on().map(LocalDateTime::of)),
    );
}
