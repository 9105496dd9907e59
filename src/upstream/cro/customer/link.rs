//! How the links between customers and yards are read: in rows that tell more of them than the
//! list of customers and the customers' own records do.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_util::future::join_all;
use indexmap::IndexMap;

use super::{CustomerRow, LinkSettings};
use crate::{
    identity::Service,
    ids::{CustomerKey, LocationKey, TenantId},
    upstream::{
        Endpoint, Error, FetchResult, Fetched, Keep, Resource, Session,
        cro::page,
        walk::{self, Plan},
    },
};

static GET_LINK: Endpoint = Endpoint::get(
    Service::Cro,
    "/customers/{customer_id}/locations/{customer_location_id}",
);
static LIST_AT_YARD: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/customers");

/// What names a link: it has no id of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkKey {
    /// The customer.
    pub customer: CustomerKey,
    /// The yard's id, in the customer's tenant.
    pub location: i64,
}

impl LinkKey {
    fn yard(&self) -> LocationKey {
        LocationKey {
            tenant: self.customer.tenant,
            id: self.location,
        }
    }
}

impl fmt::Display for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.customer, self.location)
    }
}

/// The links of all customers of a yard, by the customer's id.
struct LinksOfYard;

impl Resource for LinksOfYard {
    type Key = LocationKey;
    type Value = HashMap<i64, Arc<LinkSettings>>;
    const NAME: &'static str = "links_of_yard";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Customers;

    fn tenant(_: &Session, key: &LocationKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<LocationKey>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|yard| of_yard(&session, *yard))).await
    }
}

async fn of_yard(
    session: &Session,
    yard: LocationKey,
) -> FetchResult<HashMap<i64, Arc<LinkSettings>>> {
    let call = || LIST_AT_YARD.call(&[&yard.id]).tenant(yard.tenant);
    let reply = page::walk::<CustomerRow>(session, call).await?;
    let rows = reply.value.into_iter();
    let links = rows.filter_map(|row| row.in_tenant(yard.tenant.0).telling_all().link);
    let links = links.map(|link| (link.customer_id, link));
    Ok(Some(Fetched::new(links.collect(), reply.bytes)))
}

/// Links by their key, by whichever way costs fewer calls: one by one, or from the list of a yard.
pub struct CustomerLinks;

impl Resource for CustomerLinks {
    type Key = LinkKey;
    type Value = LinkSettings;
    const NAME: &'static str = "customer_links";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Customers;

    fn tenant(_: &Session, key: &LinkKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.customer.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<LinkKey>) -> Vec<FetchResult<LinkSettings>> {
        let mut yards: IndexMap<LocationKey, usize> = IndexMap::new();
        for key in &keys {
            *yards.entry(key.yard()).or_default() += 1;
        }
        // Most yards have a page of customers or two.
        let is_cheaper = |(yard, wanted): &(&LocationKey, &usize)| {
            let unread = usize::from(session.find_kept::<LinksOfYard>(yard).is_none());
            walk::plan(**wanted, Some(unread)) == Plan::Walk
        };
        let walked: Vec<LocationKey> = yards
            .iter()
            .filter(is_cheaper)
            .map(|(yard, _)| *yard)
            .collect();
        let lists = session.load_many::<LinksOfYard>(&walked).await;
        let lists: HashMap<LocationKey, _> = walked.into_iter().zip(lists).collect();
        join_all(keys.iter().map(|key| async {
            let listed = match lists.get(&key.yard()) {
                Some(Ok(Some(list))) => list.get(&key.customer.id),
                Some(Err(error)) => return Err(Arc::clone(error)),
                Some(Ok(None)) | None => None,
            };
            match listed {
                Some(link) => Ok(Some(Fetched::picked(Arc::clone(link)))),
                // A list that moves during the walk can hide a row.
                None => one(&session, key).await,
            }
        }))
        .await
    }
}

async fn one(session: &Session, key: &LinkKey) -> FetchResult<LinkSettings> {
    let tenant = key.customer.tenant;
    let call = GET_LINK.call(&[&key.customer.id, &key.location]);
    let Some(reply) = session.find::<CustomerRow>(call.tenant(tenant)).await? else {
        return Ok(None);
    };
    let link = reply.value.in_tenant(tenant.0).telling_all().link;
    Ok(link.map(|value| Fetched {
        value,
        bytes: Some(reply.bytes),
    }))
}

/// Drops what was read of the links of a tenant.
pub(super) fn forget(session: &Session, tenant: TenantId) {
    session.forget::<LinksOfYard>(Some(tenant));
    session.forget::<CustomerLinks>(Some(tenant));
}
