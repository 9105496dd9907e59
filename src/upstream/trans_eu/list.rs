//! The lists of routes and contracts: slices of them, walks through them, and their items by id.
//!
//! Both are read by `limit` and `offset`, neither says how long it is, neither has a filter, and
//! nothing can be read by many ids at once. Rows are complete. So a list is read once, in large
//! slices that are kept, and everything else is picked from it: filtered pages, items by id (when
//! that is fewer calls), contracts of routes.

use std::{fmt, hash::Hash, marker::PhantomData, sync::Arc};

use futures_util::future::join_all;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::page::OffsetPage;
use crate::{
    identity::Service,
    upstream::{
        Endpoint, Error, FetchResult, Fetched, Keep, Key, Resource, Session,
        walk::{Cursors, Page, Whole},
    },
};

/// What is read from a list by offset.
pub trait Listed: DeserializeOwned + Send + Sync + 'static {
    /// What names one item.
    type Id: Key + Copy;
    /// Which items a page shows. The API cannot filter, so this is done here.
    type Filter: Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static;
    /// The call that lists.
    const LIST: &'static Endpoint;
    /// The call that reads one by id.
    const RECORD: &'static Endpoint;
    /// The names of the resources.
    const NAMES: Names;
    /// How long answers are kept.
    const KEEP: Keep;

    /// The item's id.
    fn id(&self) -> Self::Id;
    /// Whether a filter lets the item pass.
    fn passes(&self, filter: &Self::Filter) -> bool;
}

/// What the resources of a list are called in the cache, in logs and metrics.
pub struct Names {
    /// [`Slices`].
    pub slices: &'static str,
    /// [`Lists`].
    pub lists: &'static str,
    /// [`Pages`].
    pub pages: &'static str,
    /// [`Records`].
    pub records: &'static str,
    /// [`ById`].
    pub by_id: &'static str,
}

/// A part of a list, as the API gives it.
pub struct Slices<T>(PhantomData<fn() -> T>);

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SliceKey {
    offset: usize,
    limit: usize,
}

impl SliceKey {
    /// The `number`th part of a walk, from 0.
    fn of_walk(session: &Session, number: usize) -> Self {
        let limit = session.upstreams().trans_eu_page;
        Self {
            offset: number * limit,
            limit,
        }
    }
}

impl fmt::Display for SliceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.offset, self.limit)
    }
}

impl<T: Listed> Resource for Slices<T> {
    type Key = SliceKey;
    type Value = OffsetPage<Arc<T>>;
    const NAME: &'static str = T::NAMES.slices;
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = T::KEEP;

    async fn fetch(session: Arc<Session>, keys: Vec<SliceKey>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|key| slice(&session, key))).await
    }
}

async fn slice<T: Listed>(session: &Session, key: &SliceKey) -> FetchResult<OffsetPage<Arc<T>>> {
    let call = T::LIST
        .call(&[])
        .query("limit", key.limit)
        .query("offset", key.offset);
    let reply = session.send::<OffsetPage<Arc<T>>>(call).await?;
    let count = reply.value.items().len();
    session.note_part::<Slices<T>>(key, (key.offset, key.limit));
    // An empty slice far behind the end says nothing of where the end is.
    if !reply.value.has_more() && (count > 0 || key.offset == 0) {
        let pages = (key.offset + count).div_ceil(session.upstreams().trans_eu_page);
        session.note_size::<Slices<T>>(key, pages.max(1));
    }
    Ok(Some(Fetched::new(reply.value, reply.bytes)))
}

/// A whole list, each item once.
pub struct Lists<T>(PhantomData<fn() -> T>);

impl<T: Listed> Resource for Lists<T> {
    type Key = Whole;
    type Value = Vec<Arc<T>>;
    const NAME: &'static str = T::NAMES.lists;
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;

    async fn fetch(session: Arc<Session>, keys: Vec<Whole>) -> Vec<FetchResult<Vec<Arc<T>>>> {
        let all = walk(&session).await.map(|all| Some(Fetched::new(all, 0)));
        keys.iter().zip([all]).map(|(_, all)| all).collect()
    }
}

/// Reads a whole list: side by side as far as it is known to go, then on while there is more.
async fn walk<T: Listed>(session: &Arc<Session>) -> Result<Vec<Arc<T>>, Arc<Error>> {
    let first = SliceKey::of_walk(session, 0);
    let known = session.find_size::<Slices<T>>(&first).unwrap_or(1);
    let keys: Vec<_> = (0..known)
        .map(|number| SliceKey::of_walk(session, number))
        .collect();
    let mut ahead = session.load_many::<Slices<T>>(&keys).await.into_iter();
    let mut all = IndexMap::new();
    let mut offset = 0;
    loop {
        let next = match ahead.next() {
            Some(next) => next,
            None => {
                let key = SliceKey { offset, ..first };
                session.load::<Slices<T>>(key).await
            }
        };
        let Some(slice) = next? else { break };
        let before = all.len();
        all.extend(
            slice
                .items()
                .iter()
                .map(|item| (item.id(), Arc::clone(item))),
        );
        offset += slice.items().len();
        // A list that brings nothing new is not being walked, whatever it says.
        if !slice.has_more() || all.len() == before {
            break;
        }
        if slice.items().len() < first.limit {
            // The API gives less than it is asked for: what was read ahead has gaps before it.
            ahead = Vec::new().into_iter();
        }
    }
    Ok(all.into_values().collect())
}

/// Whether a walk of the list would cost more than so many calls, counting only what is not at
/// hand. A list of which nothing is known is read so far as that costs no more.
pub async fn costs_more_than<T: Listed>(
    session: &Arc<Session>,
    calls: usize,
) -> Result<bool, Arc<Error>> {
    let first = SliceKey::of_walk(session, 0);
    if let Some(pages) = session.find_size::<Slices<T>>(&first) {
        return Ok(unread::<T>(session, pages) > calls);
    }
    for number in 0..calls {
        let key = SliceKey::of_walk(session, number);
        let slice = session.load::<Slices<T>>(key).await?;
        if slice.is_none_or(|slice| !slice.has_more()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How many of the first `pages` parts of a walk are not at hand.
fn unread<T: Listed>(session: &Session, pages: usize) -> usize {
    let is_unread = |number: &usize| {
        let key = SliceKey::of_walk(session, *number);
        session.find_kept::<Slices<T>>(&key).is_none()
    };
    (0..pages).filter(is_unread).count()
}

/// Items read by themselves, one call each.
pub struct Records<T>(PhantomData<fn() -> T>);

impl<T: Listed> Resource for Records<T> {
    type Key = T::Id;
    type Value = T;
    const NAME: &'static str = T::NAMES.records;
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = T::KEEP;

    async fn fetch(session: Arc<Session>, keys: Vec<T::Id>) -> Vec<FetchResult<T>> {
        join_all(keys.iter().map(|id| record(&session, id))).await
    }
}

async fn record<T: Listed>(session: &Session, id: &T::Id) -> FetchResult<T> {
    let call = T::RECORD.call(&[id]);
    let reply = session.find::<T>(call).await?;
    Ok(reply.map(|reply| Fetched::new(reply.value, reply.bytes)))
}

/// Pages of a list, as the graph shows them.
pub struct Pages<T>(PhantomData<fn() -> T>);

/// Which page. Without a filter one call reads it; with one, the whole list is looked through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageKey<F> {
    /// Which items.
    pub filter: Option<F>,
    /// How many items come before the page.
    pub offset: usize,
    /// How many items at most.
    pub first: usize,
}

impl<F: fmt::Debug> fmt::Display for PageKey<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl<T: Listed> Resource for Pages<T> {
    type Key = PageKey<T::Filter>;
    type Value = Page<T>;
    const NAME: &'static str = T::NAMES.pages;
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;

    async fn fetch(session: Arc<Session>, keys: Vec<Self::Key>) -> Vec<FetchResult<Page<T>>> {
        join_all(keys.iter().map(|key| page(&session, key))).await
    }
}

async fn page<T: Listed>(session: &Arc<Session>, key: &PageKey<T::Filter>) -> FetchResult<Page<T>> {
    let page = match &key.filter {
        None => {
            let slice = SliceKey {
                offset: key.offset,
                limit: key.first,
            };
            let slice = session.load::<Slices<T>>(slice).await?;
            slice.map(|slice| of_slice(&slice, key.offset))
        }
        Some(filter) => {
            let all = session.load::<Lists<T>>(Whole).await?.unwrap_or_default();
            let passing: Vec<_> = all
                .iter()
                .filter(|item| item.passes(filter))
                .cloned()
                .collect();
            Some(of_all(&passing, key.offset, key.first))
        }
    };
    Ok(page.map(|page| Fetched::new(page, 0)))
}

/// Cursors are places in the list: the API offers nothing that would last longer.
fn of_slice<T>(slice: &OffsetPage<Arc<T>>, offset: usize) -> Page<T> {
    let items = slice.items().to_vec();
    let is_last = !slice.has_more() && (offset == 0 || !items.is_empty());
    Page {
        cursors: Cursors::Places(offset),
        has_next: slice.has_more(),
        has_previous: offset > 0,
        total: is_last.then_some(offset + items.len()),
        items,
    }
}

fn of_all<T>(all: &[Arc<T>], offset: usize, first: usize) -> Page<T> {
    let items: Vec<_> = all.iter().skip(offset).take(first).cloned().collect();
    Page {
        cursors: Cursors::Places(offset),
        has_next: offset + items.len() < all.len(),
        has_previous: offset > 0,
        total: Some(all.len()),
        items,
    }
}

/// Drops what was read of a list and its items: a write has changed them.
pub fn forget<T: Listed>(session: &Session) {
    session.forget::<Slices<T>>(None);
    session.forget::<Lists<T>>(None);
    session.forget::<Records<T>>(None);
    session.forget::<ById<T>>(None);
    session.forget::<Pages<T>>(None);
}

mod items;

pub use items::ById;

#[cfg(test)]
mod tests;
