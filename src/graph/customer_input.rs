//! The writes of customers.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{
    declare::{Entity, Graph},
    error::Error,
    leaf::Id,
    node,
};
use crate::{
    ids::{CustomerKey, in_tenant, integer},
    input_object,
    upstream::{
        Session,
        cro::customer::{Customer, CustomerChange, update_customer},
    },
};

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
    graph.write(
        "updateCustomer",
        "Renames a customer or gives it another parent. CRO allows it to dispatchers. Source: CRO `PATCH /customers/{customer_id}`.",
        "UpdateCustomerPayload",
        &[],
        |session, input: UpdateCustomerInput| Box::pin(update(session, input)),
    );
}

async fn update(session: &Session, input: UpdateCustomerInput) -> Result<UpdatedCustomer, Error> {
    let own = |id: &str| {
        Ok(CustomerKey {
            tenant: node::own_tenant(session)?,
            id: integer(id)?,
        })
    };
    let customer = node::read_id(
        &input.customer_id,
        &["input", "customerId"],
        &["Customer"],
        in_tenant,
        own,
    )?;
    let parent = |id: &Id| {
        let path = ["input", "parentId"];
        let parent = node::read_id(id, &path, &["Customer"], in_tenant, own)?;
        match (parent.tenant == customer.tenant, parent.id == customer.id) {
            (false, _) => Err(Error::argument(
                &path,
                "The parent belongs to another tenant.",
            )),
            (true, true) => Err(Error::argument(
                &path,
                "A customer cannot be its own parent.",
            )),
            (true, false) => Ok(parent.id),
        }
    };
    let change = CustomerChange {
        parent_id: match &input.parent_id {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(id) => Some(Some(parent(id)?)),
        },
        name: input.name,
    };
    if let Some(name) = change
        .name
        .as_ref()
        .filter(|name| name.trim().is_empty() || name.chars().count() > 64)
    {
        let length = name.chars().count();
        return Err(Error::argument(
            &["input", "name"],
            format!("A name has 1 to 64 characters, not {length}."),
        ));
    }
    if change.name.is_none() && change.parent_id.is_none() {
        return Err(Error::argument(
            &["input"],
            "Nothing to change: give a `name` or a `parentId`.",
        ));
    }
    Ok(UpdatedCustomer(Arc::new(
        update_customer(session, customer, &change).await?,
    )))
}
