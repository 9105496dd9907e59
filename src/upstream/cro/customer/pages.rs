//! Pages of customers, each customer once.
//!
//! Rows of one filter are read from the beginning, until the page is full. Where a request wants
//! the lists of many parents (the children of customers, the customers of yards), all rows may be
//! fewer calls than a filtered list each; then the lists are picked from them.

use std::{collections::HashSet, fmt, sync::Arc};

use futures_util::future::join_all;

use super::{
    Customer, CustomerKeys, CustomerRow,
    reading::{CustomerFilter, CustomerRows, Rows, RowsKey, walk_if_cheaper},
};
use crate::{
    identity::Service,
    ids::{CustomerKey, TenantId},
    upstream::{
        Error, FetchResult, Fetched, Keep, Resource, Session,
        walk::{Cursors, Page},
    },
};

/// Pages of customers, each customer once.
pub struct CustomerPages;

/// Which page of customers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CustomerPageKey {
    /// The tenant.
    pub tenant: TenantId,
    /// Which customers.
    pub filter: CustomerFilter,
    /// How many.
    pub first: usize,
    /// The customer before the first one.
    pub after: Option<i64>,
}

impl fmt::Display for CustomerPageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tenant,
            filter,
            first,
            after,
        } = self;
        write!(f, "{tenant} {first} {after:?}{filter}")
    }
}

impl Resource for CustomerPages {
    type Key = CustomerPageKey;
    type Value = Page<Customer>;
    const NAME: &'static str = "customer_pages";
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Never;

    fn tenant(_: &Session, key: &CustomerPageKey) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.tenant))
    }

    async fn fetch(
        session: Arc<Session>,
        keys: Vec<CustomerPageKey>,
    ) -> Vec<FetchResult<Page<Customer>>> {
        let all = all_rows_if_cheaper(&session, &keys).await;
        let all = all.as_deref();
        join_all(keys.iter().map(|key| page(&session, key, all))).await
    }
}

async fn page(
    session: &Arc<Session>,
    key: &CustomerPageKey,
    all: Option<&[Arc<Rows>]>,
) -> FetchResult<Page<Customer>> {
    let list = match all {
        Some(all) if key.filter.is_of_relatives() => List::picked(all, &key.filter),
        _ => List::read(session, key).await?,
    };
    Ok(list.page(key).map(|page| Fetched::new(page, 0)))
}

/// All rows of the tenant, if they are fewer calls than the lists of relatives that `keys` want.
async fn all_rows_if_cheaper(
    session: &Arc<Session>,
    keys: &[CustomerPageKey],
) -> Option<Vec<Arc<Rows>>> {
    let lists = keys.iter().filter(|key| key.filter.is_of_relatives());
    let is_unread =
        |key: &&CustomerPageKey| session.find_kept::<CustomerRows>(&key.rows(1)).is_none();
    let unread: HashSet<&CustomerFilter> = lists.filter(is_unread).map(|key| &key.filter).collect();
    match unread.len() {
        0 => None,
        lists => walk_if_cheaper(session, keys.first()?.tenant, lists).await,
    }
}

impl CustomerPageKey {
    /// The page `number` of the rows that the filter lets pass.
    fn rows(&self, number: usize) -> RowsKey {
        RowsKey {
            tenant: self.tenant,
            filter: self.filter.clone(),
            number,
        }
    }
}

impl CustomerFilter {
    /// Whether the filter asks for the relatives of one thing, and for nothing that only the API
    /// can judge.
    fn is_of_relatives(&self) -> bool {
        let known_to_rows = Self {
            is_parent: self.is_parent,
            parent_id: self.parent_id,
            location_id: self.location_id,
            ..Self::default()
        };
        *self == known_to_rows && (self.parent_id.is_some() || self.location_id.is_some())
    }

    /// Whether a row is one of the relatives.
    fn passes(&self, row: &CustomerRow) -> bool {
        let parent = row.customer.parent_id;
        let is_served_at = |yard: i64| {
            let links = row.customer.links.iter().flatten().chain(&row.link);
            links.into_iter().any(|link| link.location_id == yard)
        };
        self.is_parent.is_none_or(|top| parent.is_none() == top)
            && (self.parent_id.is_none() || self.parent_id == parent)
            && self.location_id.is_none_or(is_served_at)
    }
}

/// A list of customers, as far as it was read.
struct List {
    rows: Vec<Arc<Rows>>,
    /// The customers, each once, in the order in which pages show them.
    customers: CustomerKeys,
    /// Whether that is all of the list.
    whole: bool,
    /// Whether the rows tell all yards of the customers.
    all_yards: bool,
}

impl List {
    /// Reads rows from the beginning until the page is full. Only from the beginning can it be
    /// known which customers earlier pages have shown; rows that were read before cost no call.
    async fn read(session: &Arc<Session>, key: &CustomerPageKey) -> Result<Self, Arc<Error>> {
        let mut list = Self {
            rows: Vec::new(),
            customers: CustomerKeys::default(),
            whole: true,
            all_yards: false,
        };
        while let Some(rows) = session
            .load::<CustomerRows>(key.rows(list.rows.len() + 1))
            .await?
        {
            list.customers
                .extend(rows.rows.iter().map(CustomerRow::key));
            list.whole = list.rows.len() + 1 >= rows.pages || rows.rows.is_empty();
            list.rows.push(rows);
            let is_full = list
                .start(key)
                .is_some_and(|start| list.customers.len() > start + key.first);
            if list.whole || is_full {
                break;
            }
        }
        list.all_yards = list.whole && key.filter.keeps_all_yards();
        Ok(list)
    }

    /// Picks a list from all rows.
    fn picked(all: &[Arc<Rows>], filter: &CustomerFilter) -> Self {
        let rows = all.iter().flat_map(|page| &page.rows);
        let passing = rows.filter(|row| filter.passes(row));
        Self {
            customers: passing.map(CustomerRow::key).collect(),
            rows: all.to_vec(),
            whole: true,
            all_yards: true,
        }
    }

    /// How many customers come before the page; `None` if the one before it is not in the list.
    fn start(&self, key: &CustomerPageKey) -> Option<usize> {
        let Some(after) = key.after else {
            return Some(0);
        };
        let before = CustomerKey {
            tenant: key.tenant,
            id: after,
        };
        Some(self.customers.get_index_of(&before)? + 1)
    }

    fn page(&self, key: &CustomerPageKey) -> Option<Page<Customer>> {
        let start = self.start(key)?;
        let count = key.first.min(self.customers.len() - start);
        let place = |customer: &CustomerKey| {
            let place = self.customers.get_index_of(customer)?.checked_sub(start);
            place.filter(|place| *place < count)
        };
        let rows = self.rows.iter().flat_map(|page| &page.rows);
        let customers = CustomerRow::grouped(rows, (count, place), self.all_yards);
        let of_one_yard = key
            .filter
            .location_id
            .and_then(|_| self.rows.first()?.count);
        Some(Page {
            cursors: Cursors::Keys(|customer| customer.id.to_string()),
            has_next: !self.whole || self.customers.len() > start + count,
            has_previous: start > 0,
            total: self.whole.then_some(self.customers.len()).or(of_one_yard),
            items: customers,
        })
    }
}
