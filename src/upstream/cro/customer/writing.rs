//! How customers are written.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Customer, CustomerPages, CustomerRecords, CustomerRows, Customers};
use crate::{
    identity::Service,
    ids::{CustomerKey, TenantId},
    upstream::{Endpoint, Error, Session},
};

static UPDATE_CUSTOMER: Endpoint = Endpoint::patch(Service::Cro, "/customers/{customer_id}");

/// A change of a customer; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CustomerChange {
    /// The new name.
    pub name: Option<String>,
    /// The new parent; the inner `None` clears it.
    pub parent_id: Option<Option<i64>>,
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
    let mut body = Map::new();
    if let Some(name) = &change.name {
        body.insert("name".to_owned(), Value::from(name.as_str()));
    }
    if let Some(parent) = change.parent_id {
        body.insert("parent_id".to_owned(), Value::from(parent));
    }
    let call = UPDATE_CUSTOMER
        .call(&[&key.id])
        .tenant(key.tenant)
        .json(Value::Object(body));
    let reply = session.send::<Customer>(call).await;
    forget(session, key.tenant);
    Ok(reply?.value.in_tenant(key.tenant.0))
}

/// Drops what was read of the tenant's customers, whether the write came through or not.
fn forget(session: &Session, tenant: TenantId) {
    session.forget::<CustomerRecords>(Some(tenant));
    session.forget::<Customers>(Some(tenant));
    session.forget::<CustomerRows>(Some(tenant));
    session.forget::<CustomerPages>(Some(tenant));
}
