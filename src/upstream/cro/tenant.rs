//! Tenants: the companies that a user may act for.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    identity::Service,
    ids::TenantId,
    upstream::{
        Calls, Endpoint, FetchResult, Fetched, Keep, Resource, Session,
        cro::{Whole, page},
        lenient,
    },
};

// The one call that takes no tenant: it tells which there are.
static LIST_TENANTS: Endpoint = Endpoint::get(Service::Cro, "/tenants");

/// A tenant. Its id is the value of the tenant header of every other call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tenant {
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    /// The first half of the code with which a hauler asks for a connection to a yard.
    pub code: Option<String>,
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_active: Option<bool>,
    pub created_on: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub truck_limit: Option<i64>,
}

/// The caller's tenants, all of them.
pub struct TenantLists;

impl Resource for TenantLists {
    type Key = Whole;
    type Value = Vec<Arc<Tenant>>;
    const NAME: &'static str = "tenant_lists";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Tenants;
    const CALLS: Calls = Calls::ONE;

    async fn fetch(session: Arc<Session>, keys: Vec<Whole>) -> Vec<FetchResult<Vec<Arc<Tenant>>>> {
        let result = page::walk::<Tenant>(&session, || LIST_TENANTS.call(&[]))
            .await
            .map(|reply| {
                let tenants = reply.value.into_iter().map(Arc::new).collect();
                Fetched::new(tenants, reply.bytes)
            });
        // The key has one value, so there is one key.
        keys.iter()
            .zip([result])
            .map(|(_, result)| result.map(Some))
            .collect()
    }
}

/// Tenants by id. There is no read of a single one.
pub struct Tenants;

impl Resource for Tenants {
    type Key = TenantId;
    type Value = Tenant;
    const NAME: &'static str = "tenants";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::ONE;

    async fn fetch(session: Arc<Session>, keys: Vec<TenantId>) -> Vec<FetchResult<Tenant>> {
        let all = session.load::<TenantLists>(Whole).await;
        let find = |key: &TenantId| {
            let all = all.clone()?.unwrap_or_default();
            let tenant = all.iter().find(|tenant| tenant.id == key.0);
            Ok(tenant.map(|tenant| Fetched::picked(Arc::clone(tenant))))
        };
        keys.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Tenant;

    #[test]
    fn a_truck_limit_is_a_number_or_its_digits() {
        for limit in [json!(25), json!("25")] {
            let tenant: Tenant =
                serde_json::from_value(json!({ "id": 42, "truck_limit": limit })).unwrap();
            assert_eq!(tenant.truck_limit, Some(25));
        }
    }
}
