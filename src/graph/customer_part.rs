//! The answers to writes of a customer's parts: its addresses and contacts.

use super::declare::{Entity, Graph, Link};
use crate::{ids::CustomerKey, upstream::cro::customer::CustomerRecords};

/// A part of a customer that was written.
pub struct WrittenPart<T> {
    /// Whose part it is.
    pub customer: CustomerKey,
    /// The part after the write.
    pub part: T,
}

/// Declares the payload of each of the `mutations`: the part, shown under `field` as `target`, and
/// the customer.
pub fn declare_payloads<T: Send + Sync + 'static>(
    graph: &mut Graph,
    field: &'static str,
    [target, description]: [&'static str; 2],
    mutations: &[[&'static str; 2]],
) {
    for [payload, description_of_payload] in mutations {
        graph.entity(
            Entity::new(payload, description_of_payload)
                .object(field, target, description, |written: &WrittenPart<T>| {
                    &written.part
                })
                .link(
                    "customer",
                    "The customer after the write, read anew.",
                    Link::<_, CustomerRecords>::to("Customer", |written: &WrittenPart<T>, _| {
                        Ok(Some(written.customer))
                    }),
                ),
        );
    }
}
