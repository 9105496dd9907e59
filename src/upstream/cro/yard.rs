//! What a yard has lists of: users, drivers, trucks, bins and jobs.
//!
//! They are all read alike: in pages of the yard's list, or one by one. Nothing says that their
//! ids are unique beyond a yard, so their keys name it; and since a record may leave its yard out,
//! or name another one (yards share drivers), whoever read it says where.

use std::{
    collections::HashMap,
    fmt::{self, Debug},
    hash::Hash,
    marker::PhantomData,
    sync::Arc,
};

use futures_util::future::join_all;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::page::{self, Envelope};
use crate::{
    identity::Service,
    ids::{AtLocation, LocationKey, TenantId},
    upstream::{
        Call, Class, Endpoint, Error, FetchResult, Fetched, Keep, Reply, Resource, Session,
        json::Apart,
        walk::{Cursors, Page, Plan},
    },
};

/// Something that a yard has a list of.
pub trait YardItem: DeserializeOwned + Send + Sync + 'static {
    /// Which of them a list shows; the default is all.
    type Filter: Clone + Debug + Default + Eq + Hash + Send + Sync + 'static;
    /// The names of rows, items and pages in the cache, in logs and metrics.
    const NAMES: [&'static str; 3];
    /// Which time to live of the configuration applies.
    const KEEP: Keep;
    /// The list.
    const LIST: &'static Endpoint;
    /// The read of one of them, if there is such a thing.
    const GET: Option<&'static Endpoint>;
    /// Whether the list is documented to take page parameters. If not, they are only sent for
    /// further pages.
    const TAKES_PAGES: bool;
    /// How many pages a yard's list usually has, if one can say.
    const USUAL_PAGES: Option<usize> = Some(1);

    /// What names it.
    fn key(&self) -> AtLocation;

    /// The same, known to have been read at this yard.
    #[must_use]
    fn at(self, yard: LocationKey) -> Self;

    /// Adds the filter to a call of the list; most lists have none.
    fn filtered(call: Call, _filter: &Self::Filter) -> Call {
        call
    }
}

/// Pages of a yard's list, as the API gives them.
pub struct YardRows<T>(PhantomData<fn() -> T>);

/// Which page of a yard's list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowsKey<F> {
    yard: LocationKey,
    filter: F,
    number: usize,
}

impl<F: Debug> fmt::Display for RowsKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// The items of one page, and what the envelope says of all.
pub struct Rows<T> {
    items: Vec<Arc<T>>,
    pages: usize,
    count: Option<usize>,
}

impl<T: YardItem> Resource for YardRows<T> {
    type Key = RowsKey<T::Filter>;
    type Value = Rows<T>;
    const NAME: &'static str = T::NAMES[0];
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = T::KEEP;

    fn tenant(_: &Session, key: &Self::Key) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.yard.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<Self::Key>) -> Vec<FetchResult<Rows<T>>> {
        join_all(keys.iter().map(|key| rows(&session, key))).await
    }
}

async fn rows<T: YardItem>(session: &Session, key: &RowsKey<T::Filter>) -> FetchResult<Rows<T>> {
    let call = || {
        let call = T::LIST.call(&[&key.yard.id]).tenant(key.yard.tenant);
        T::filtered(call, &key.filter)
    };
    let primer = session.primer::<YardItems<T>>(&AtLocation {
        location: key.yard,
        id: 0,
    });
    let reply: Reply<Envelope<Apart<T>>> = match (T::TAKES_PAGES, key.number) {
        (true, number) => page::page(session, call, number).await?,
        (false, 1) => session.send(call()).await?,
        // Page 1 said that there are more pages; a refusal means that they cannot be had.
        (false, number) => match session.send(call().query("page_index", number)).await {
            Err(error) if error.class == Class::BadUserInput => return Ok(None),
            reply => reply?,
        },
    };
    let rows = Rows {
        pages: reply.value.pages(),
        count: reply.value.count(),
        items: reply
            .value
            .results
            .into_iter()
            .map(|Apart(item)| Arc::new(item.at(key.yard)))
            .collect(),
    };
    if let Some(primer) = primer {
        // Rows have the shape of single reads, whatever the list was filtered by.
        for item in &rows.items {
            primer.keep(&item.key().to_string(), Arc::clone(item) as _, ITEM_BYTES);
        }
    }
    Ok(Some(Fetched::new(rows, reply.bytes)))
}

/// Items by id: from the yard's list where that costs fewer calls, else one by one.
pub struct YardItems<T>(PhantomData<fn() -> T>);

impl<T: YardItem> Resource for YardItems<T> {
    type Key = AtLocation;
    type Value = T;
    const NAME: &'static str = T::NAMES[1];
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = T::KEEP;

    fn tenant(_: &Session, key: &AtLocation) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.location.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<AtLocation>) -> Vec<FetchResult<T>> {
        let mut yards: IndexMap<LocationKey, Vec<AtLocation>> = IndexMap::new();
        for key in &keys {
            yards.entry(key.location).or_default().push(*key);
        }
        let yards = yards
            .iter()
            .map(|(yard, keys)| items_of_yard(&session, *yard, keys));
        let mut found: HashMap<AtLocation, FetchResult<T>> =
            join_all(yards).await.into_iter().flatten().collect();
        keys.iter()
            .map(|key| found.remove(key).unwrap_or(Ok(None)))
            .collect()
    }
}

/// What an item that others hold too weighs in the cache, roughly.
const ITEM_BYTES: usize = 500;

/// Reads items of one yard.
async fn items_of_yard<T: YardItem>(
    session: &Arc<Session>,
    yard: LocationKey,
    keys: &[AtLocation],
) -> Vec<(AtLocation, FetchResult<T>)> {
    let listed = match listed::<T>(session, yard, keys).await {
        Ok(listed) => listed,
        Err(error) => return keys.iter().map(|key| (*key, Err(error.clone()))).collect(),
    };
    let read = |key: AtLocation| {
        let listed = listed.get(&key.id).cloned();
        async move {
            let item = match listed {
                Some(item) => Ok(Some(Fetched::picked(item))),
                // Lists may leave out what still can be read by id.
                None => one(session, key).await,
            };
            (key, item)
        }
    };
    join_all(keys.iter().copied().map(read)).await
}

/// The items of those pages of the yard's list that are at hand or worth their calls.
async fn listed<T: YardItem>(
    session: &Arc<Session>,
    yard: LocationKey,
    keys: &[AtLocation],
) -> Result<HashMap<i64, Arc<T>>, Arc<Error>> {
    let page = |number| RowsKey {
        yard,
        filter: T::Filter::default(),
        number,
    };
    let is_kept = |number: &usize| session.find_kept::<YardRows<T>>(&page(*number)).is_some();
    let is_cheaper = |wanted: usize, unread: Option<usize>| {
        T::GET.is_none() || session.plan::<YardRows<T>>(wanted, unread) == Plan::Walk
    };
    if !is_kept(&1) && !is_cheaper(keys.len(), T::USUAL_PAGES) {
        return Ok(HashMap::new());
    }
    let Some(first) = session.load::<YardRows<T>>(page(1)).await? else {
        return Ok(HashMap::new());
    };
    let by_id = |rows: &Rows<T>| -> Vec<(i64, Arc<T>)> {
        let items = rows.items.iter();
        items
            .map(|item| (item.key().id, Arc::clone(item)))
            .collect()
    };
    let mut items: HashMap<i64, Arc<T>> = by_id(&first).into_iter().collect();
    let missing = keys
        .iter()
        .filter(|key| !items.contains_key(&key.id))
        .count();
    let unread = (2..=first.pages).filter(|number| !is_kept(number)).count();
    if missing > 0 && is_cheaper(missing, Some(unread)) {
        let others: Vec<_> = (2..=first.pages).map(page).collect();
        for rows in session.load_many::<YardRows<T>>(&others).await {
            items.extend(rows?.iter().flat_map(|rows| by_id(rows)));
        }
    }
    Ok(items)
}

async fn one<T: YardItem>(session: &Session, key: AtLocation) -> FetchResult<T> {
    let Some(endpoint) = T::GET else {
        return Ok(None);
    };
    let call = endpoint
        .call(&[&key.location.id, &key.id])
        .tenant(key.location.tenant);
    let reply = session.find::<T>(call).await?;
    Ok(reply.map(|reply| Fetched::new(reply.value.at(key.location), reply.bytes)))
}

/// Pages of a yard's items.
pub struct YardPages<T>(PhantomData<fn() -> T>);

/// Which page of a yard's items.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct YardPageKey<F> {
    /// The yard.
    pub yard: LocationKey,
    /// Which items.
    pub filter: F,
    /// How many.
    pub first: usize,
    /// The item before the first one.
    pub after: Option<i64>,
}

impl<F: Debug> fmt::Display for YardPageKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl<T: YardItem> Resource for YardPages<T> {
    type Key = YardPageKey<T::Filter>;
    type Value = Page<T>;
    const NAME: &'static str = T::NAMES[2];
    const SERVICE: Service = Service::Cro;
    const KEEP: Keep = Keep::Never;

    fn tenant(_: &Session, key: &Self::Key) -> Result<Option<TenantId>, Arc<Error>> {
        Ok(Some(key.yard.tenant))
    }

    async fn fetch(session: Arc<Session>, keys: Vec<Self::Key>) -> Vec<FetchResult<Page<T>>> {
        join_all(keys.iter().map(|key| items(&session, key))).await
    }
}

/// Reads the list from the beginning until the page is full: it has no documented order, so only
/// then is it known which items earlier pages have shown. Rows that are at hand cost no call.
async fn items<T: YardItem>(
    session: &Arc<Session>,
    key: &YardPageKey<T::Filter>,
) -> FetchResult<Page<T>> {
    let mut met: IndexMap<i64, Arc<T>> = IndexMap::new();
    let mut count = None;
    let mut number = 1;
    let whole = loop {
        let rows_key = RowsKey {
            yard: key.yard,
            filter: key.filter.clone(),
            number,
        };
        let Some(rows) = session.load::<YardRows<T>>(rows_key).await? else {
            break true;
        };
        count = count.or(rows.count);
        for item in &rows.items {
            met.entry(item.key().id).or_insert_with(|| Arc::clone(item));
        }
        let whole = number >= rows.pages || rows.items.is_empty();
        let full = start(&met, key.after).is_some_and(|start| met.len() > start + key.first);
        if whole || full {
            break whole;
        }
        number += 1;
    };
    Ok(assemble(&met, count, whole, key).map(|page| Fetched::new(page, 0)))
}

fn start<T>(met: &IndexMap<i64, T>, after: Option<i64>) -> Option<usize> {
    after.map_or(Some(0), |after| met.get_index_of(&after).map(|at| at + 1))
}

fn assemble<T: YardItem, F>(
    met: &IndexMap<i64, Arc<T>>,
    count: Option<usize>,
    whole: bool,
    key: &YardPageKey<F>,
) -> Option<Page<T>> {
    let start = start(met, key.after)?;
    let shown = met.values().skip(start).take(key.first);
    Some(Page {
        cursors: Cursors::Keys(|item| item.key().id.to_string()),
        items: shown.cloned().collect(),
        has_next: !whole || met.len() > start + key.first,
        has_previous: start > 0,
        // An item has one row.
        total: count.or(whole.then_some(met.len())),
    })
}

/// Drops what was read of the `T`s of a tenant.
pub fn forget<T: YardItem>(session: &Session, tenant: TenantId) {
    session.forget::<YardRows<T>>(Some(tenant));
    session.forget::<YardItems<T>>(Some(tenant));
    session.forget::<YardPages<T>>(Some(tenant));
}
