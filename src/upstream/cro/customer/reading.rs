//! How customers are read: by id, and in rows.
//!
//! The list has a row per customer *and yard*, in no documented order, and no way to ask for many
//! customers by id. A row tells a customer's name, parent, addresses and contacts, and one of its
//! yards. All rows together tell all yards; only the customer's own record tells when it was made.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_util::future::join_all;
use indexmap::IndexMap;

use super::{Customer, CustomerKeys, CustomerRow};
use crate::{
    identity::Service,
    ids::{CustomerKey, TenantId},
    upstream::{
        Calls, Endpoint, Error, FetchResult, Fetched, Keep, Resource, Session, cro::page,
        walk::Plan,
    },
};

static GET_CUSTOMER: Endpoint = Endpoint::get(Service::Cro, "/customers/{customer_id}");
static LIST_CUSTOMERS: Endpoint = Endpoint::get(Service::Cro, "/customers");

/// Customers' own records, which are complete. One call each.
pub struct CustomerRecords;

impl Resource for CustomerRecords {
    type Key = CustomerKey;
    type Value = Customer;
    const NAME: &'static str = "customer_records";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Customers;

    fn tenant(_: &Session, key: &CustomerKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<CustomerKey>) -> Vec<FetchResult<Customer>> {
        let one = |key: CustomerKey| {
            let session = &session;
            async move {
                let call = GET_CUSTOMER.call(&[&key.id]).tenant(key.tenant);
                let reply = session.find::<Customer>(call).await?;
                Ok(reply
                    .map(|reply| Fetched::new(reply.value.in_tenant(key.tenant.0), reply.bytes)))
            }
        };
        join_all(keys.into_iter().map(one)).await
    }
}

/// Customers with all their yards, by whichever way costs fewer calls: their own records, or a
/// walk of all rows.
pub struct Customers;

impl Resource for Customers {
    type Key = CustomerKey;
    type Value = Customer;
    const NAME: &'static str = "customers";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Customers;
    const CALLS: Calls = Calls::KEYS_OR_LIST;

    fn tenant(_: &Session, key: &CustomerKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<CustomerKey>) -> Vec<FetchResult<Customer>> {
        let walked = match keys.first() {
            Some(key) => all_rows_for(&session, key.tenant, &keys).await,
            None => None,
        };
        let known = walked.map(|pages| group(&pages, &keys)).unwrap_or_default();
        // Rows depend on what the caller may see, and nothing says that each customer has one. So
        // whom no row names is asked for by id; that there is nobody is kept like any answer.
        let others: Vec<CustomerKey> = keys
            .iter()
            .filter(|key| !known.contains_key(&key.id))
            .copied()
            .collect();
        let records = session.load_many::<CustomerRecords>(&others).await;
        let mut records: IndexMap<CustomerKey, _> = others.into_iter().zip(records).collect();
        keys.iter()
            .map(|key| match (known.get(&key.id), records.swap_remove(key)) {
                (Some(customer), _) => Ok(Some(Fetched::picked(Arc::clone(customer)))),
                (None, Some(record)) => record.map(|found| found.map(Fetched::picked)),
                (None, None) => Ok(None),
            })
            .collect()
    }
}

/// Which customers a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct CustomerFilter {
    /// Only customers with active, or only those with inactive yards.
    pub active: Option<bool>,
    /// By name; `*` stands for any text.
    pub name: Option<String>,
    /// Only customers without a parent, or only those with one.
    pub is_parent: Option<bool>,
    /// Only children of this customer.
    pub parent_id: Option<i64>,
    /// Only customers of this yard.
    pub location_id: Option<i64>,
    /// Created at or after this moment, naive UTC.
    pub created_since: Option<String>,
    /// Updated at or after this moment, naive UTC.
    pub updated_since: Option<String>,
}

impl CustomerFilter {
    /// Whether the filter picks customers and not rows, so that a customer's rows come together.
    pub(super) fn keeps_all_yards(&self) -> bool {
        self.active.is_none()
            && self.location_id.is_none()
            && self.created_since.is_none()
            && self.updated_since.is_none()
    }
}

impl fmt::Display for CustomerFilter {
    /// Only what it asks for: most filters ask for nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn part(
            f: &mut fmt::Formatter<'_>,
            name: &str,
            value: Option<&impl fmt::Debug>,
        ) -> fmt::Result {
            value.map_or(Ok(()), |value| write!(f, " {name}={value:?}"))
        }

        let Self {
            active,
            name,
            is_parent,
            parent_id,
            location_id,
            created_since,
            updated_since,
        } = self;
        part(f, "active", active.as_ref())?;
        part(f, "name", name.as_ref())?;
        part(f, "is_parent", is_parent.as_ref())?;
        part(f, "parent_id", parent_id.as_ref())?;
        part(f, "location_id", location_id.as_ref())?;
        part(f, "created_since", created_since.as_ref())?;
        part(f, "updated_since", updated_since.as_ref())
    }
}

/// A page of rows, as the API gives it.
pub struct CustomerRows;

/// Which page of rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowsKey {
    pub(super) tenant: TenantId,
    pub(super) filter: CustomerFilter,
    pub(super) number: usize,
}

impl fmt::Display for RowsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tenant,
            filter,
            number,
        } = self;
        write!(f, "{tenant} {number}{filter}")
    }
}

/// The rows of one page, and what the envelope says of all.
pub struct Rows {
    pub(super) rows: Vec<CustomerRow>,
    pub(super) pages: usize,
    pub(super) count: Option<usize>,
}

impl Resource for CustomerRows {
    type Key = RowsKey;
    type Value = Rows;
    const NAME: &'static str = "customer_rows";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Customers;

    fn tenant(_: &Session, key: &RowsKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<RowsKey>) -> Vec<FetchResult<Rows>> {
        join_all(keys.iter().map(|key| rows(&session, key))).await
    }
}

async fn rows(session: &Session, key: &RowsKey) -> FetchResult<Rows> {
    let filter = &key.filter;
    let call = || {
        LIST_CUSTOMERS
            .call(&[])
            .tenant(key.tenant)
            .maybe("active", filter.active)
            .maybe("name", filter.name.as_ref())
            .maybe("is_parent", filter.is_parent)
            .maybe("parent_id", filter.parent_id)
            .maybe("location_id", filter.location_id)
            .maybe("created_on_gte", filter.created_since.as_ref())
            .maybe("last_updated_gte", filter.updated_since.as_ref())
    };
    let reply = page::page::<CustomerRow>(session, call, key.number).await?;
    let mut envelope = reply.value;
    for row in &mut envelope.results {
        row.set_tenant(key.tenant.0);
    }
    let pages = envelope.pages();
    if *filter == CustomerFilter::default() {
        session.note_size::<CustomerRows>(key, pages);
    }
    let rows = Rows {
        pages,
        count: envelope.count(),
        rows: envelope.results,
    };
    let bytes = reply.bytes + rows.rows.len() * CustomerRow::BYTES;
    Ok(Some(Fetched::new(rows, bytes)))
}

/// The page `number` of all rows of the tenant.
pub(super) fn all_rows(tenant: TenantId, number: usize) -> RowsKey {
    RowsKey {
        tenant,
        filter: CustomerFilter::default(),
        number,
    }
}

/// All pages of rows, if they are at hand, or if reading them costs fewer calls than the customers do one
/// by one. Rows at hand come first, so that what a customer says does not depend on what else was read.
async fn all_rows_for(
    session: &Arc<Session>,
    tenant: TenantId,
    keys: &[CustomerKey],
) -> Option<Vec<Arc<Rows>>> {
    if let Some(at_hand) = rows_at_hand(session, tenant) {
        return Some(at_hand);
    }
    let is_unread = |key: &&CustomerKey| session.find_kept::<CustomerRecords>(key).is_none();
    match keys.iter().filter(is_unread).count() {
        0 => None,
        unread => walk_if_cheaper(session, tenant, unread).await,
    }
}

/// All pages of rows, if all of them are kept.
fn rows_at_hand(session: &Session, tenant: TenantId) -> Option<Vec<Arc<Rows>>> {
    let page = |number| session.find_kept::<CustomerRows>(&all_rows(tenant, number))?;
    let mut pages = vec![page(1)?];
    for number in 2..=pages[0].pages {
        pages.push(page(number)?);
    }
    // The list may have grown since its first page was read.
    let is_whole = pages.iter().all(|page| page.pages <= pages.len());
    is_whole.then_some(pages)
}

/// All pages of rows, if reading them costs fewer calls than `wanted` calls for parts of them.
pub(super) async fn walk_if_cheaper(
    session: &Arc<Session>,
    tenant: TenantId,
    wanted: usize,
) -> Option<Vec<Arc<Rows>>> {
    let unread = |pages: usize| {
        (1..=pages)
            .filter(|number| {
                session
                    .find_kept::<CustomerRows>(&all_rows(tenant, *number))
                    .is_none()
            })
            .count()
    };
    let first = all_rows(tenant, 1);
    let mut pages = session.find_size::<CustomerRows>(&first);
    if session.plan::<CustomerRows>(wanted, pages.map(unread)) == Plan::ById {
        return None;
    }
    if pages.is_none() {
        let page = session.load::<CustomerRows>(first).await.ok()??;
        pages = Some(page.pages);
        if session.plan::<CustomerRows>(wanted, pages.map(|pages| pages - 1)) == Plan::ById {
            return None;
        }
    }
    let keys: Vec<RowsKey> = (1..=pages?)
        .map(|number| all_rows(tenant, number))
        .collect();
    let loaded = session.load_many::<CustomerRows>(&keys).await;
    let read: Vec<Arc<Rows>> = loaded
        .into_iter()
        .map(|page| page.ok().flatten())
        .collect::<Option<_>>()?;
    // The list may have grown since its size was noted; then the walk is not the whole of it.
    read.iter()
        .all(|page| page.pages <= read.len())
        .then_some(read)
}

/// Puts the wanted customers together from all rows.
fn group(pages: &[Arc<Rows>], wanted: &[CustomerKey]) -> HashMap<i64, Arc<Customer>> {
    let wanted: CustomerKeys = wanted.iter().copied().collect();
    let rows = pages.iter().flat_map(|page| &page.rows);
    let place = |key: &CustomerKey| wanted.get_index_of(key);
    CustomerRow::grouped(rows, (wanted.len(), place), true)
        .into_iter()
        .map(|customer| (customer.id, customer))
        .collect()
}
