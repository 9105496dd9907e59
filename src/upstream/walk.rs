//! Lists: pages of them, walks through them, and the choice between a walk and reads by id.
//!
//! None of the three APIs reads many things by id. What is cheaper, `k` reads by id or a walk of
//! the whole list, is a matter of counting calls, and list sizes are known from the last page that
//! anybody of the same scope has read.

use std::{collections::HashMap, fmt, hash::Hash, marker::PhantomData, sync::Arc, time::Duration};

use super::{Error, FetchResult, Fetched, Keep, Loaded, Resource, Session};
use crate::{
    identity::{Scope, Service},
    ids::TenantId,
};

/// What is known of lists in each scope: how many pages each had when it was read, and which parts
/// of it were read lately.
///
/// A size only decides which way of reading is cheaper, so an old one is never wrong; and whether a
/// part is still kept, the cache says.
pub struct ListSizes {
    pages: moka::sync::Cache<(&'static str, Scope), usize>,
    parts: moka::sync::Cache<(&'static str, Scope), Arc<[Part]>>,
}

/// A part of a list: how many items come before it, and how many were asked for.
pub type Part = (usize, usize);

/// So many parts are looked through for an item before it is read by id.
const MAX_PARTS: usize = 32;

impl Default for ListSizes {
    fn default() -> Self {
        let idle = Duration::from_secs(600);
        let pages = moka::sync::Cache::builder().max_capacity(10_000);
        let parts = moka::sync::Cache::builder().max_capacity(10_000);
        Self {
            pages: pages.time_to_idle(idle).build(),
            parts: parts.time_to_idle(idle).build(),
        }
    }
}

impl ListSizes {
    /// Pages of the list, if it was read before.
    pub fn find(&self, list: &'static str, scope: &Scope) -> Option<usize> {
        self.pages.get(&(list, scope.clone()))
    }

    /// Notes the pages of the list.
    pub fn note(&self, list: &'static str, scope: Scope, pages: usize) {
        self.pages.insert((list, scope), pages);
    }

    /// The parts of the list that were read lately, the latest first.
    pub fn find_parts(&self, list: &'static str, scope: &Scope) -> Arc<[Part]> {
        let parts = self.parts.get(&(list, scope.clone()));
        parts.unwrap_or_else(|| Arc::from([]))
    }

    /// Notes that a part of the list was read.
    pub fn note_part(&self, list: &'static str, scope: Scope, part: Part) {
        self.parts.entry((list, scope)).and_upsert_with(|known| {
            let known = known.map_or_else(|| Arc::from([]), moka::Entry::into_value);
            let others = known.iter().copied().filter(|other| *other != part);
            [part].into_iter().chain(others).take(MAX_PARTS).collect()
        });
    }
}

/// The items of a list by their keys; of those that have one key, the first. Keys come from upstreams, so a
/// quick hash will do.
pub fn index<K: Hash + Eq, V>(
    list: &[Arc<V>],
    key: impl Fn(&V) -> K,
) -> HashMap<K, &Arc<V>, foldhash::fast::RandomState> {
    // Of the pairs with one key the last stays.
    let items = list.iter().rev();
    items.map(|item| (key(item), item)).collect()
}

/// The key of a list that is read as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Whole;

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all")
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<Arc<T>>,
    /// What names each item within the list.
    pub cursors: Cursors<T>,
    /// Whether items follow.
    pub has_next: bool,
    /// Whether items come before.
    pub has_previous: bool,
    /// The number of items of the whole list, where that is known for certain.
    pub total: Option<usize>,
}

/// What names the items of a page within their list. Most callers never ask.
#[derive(Debug)]
pub enum Cursors<T> {
    /// Every item has a key.
    Keys(fn(&T) -> String),
    /// Its place in the list, which counts from the first item's.
    Places(usize),
}

impl<T> Page<T> {
    /// The cursor of the item at this place of the page, if there is one.
    pub fn cursor(&self, at: usize) -> Option<String> {
        let item = self.items.get(at)?;
        Some(match self.cursors {
            Cursors::Keys(key) => key(item),
            Cursors::Places(first) => (first + at).to_string(),
        })
    }

    /// The cursor of each item.
    pub fn cursors(&self) -> impl Iterator<Item = String> {
        (0..self.items.len()).filter_map(|at| self.cursor(at))
    }

    /// The page after the item `after`, of a list that is known as a whole; `key` names items.
    /// `None` if no item is called `after`.
    pub fn of_all(
        all: &[Arc<T>],
        key: fn(&T) -> String,
        first: usize,
        after: Option<&str>,
    ) -> Option<Self> {
        let start = match after {
            None => 0,
            Some(after) => all.iter().position(|item| key(item) == after)? + 1,
        };
        let items: Vec<Arc<T>> = all.iter().skip(start).take(first).cloned().collect();
        Some(Self {
            cursors: Cursors::Keys(key),
            has_next: start + items.len() < all.len(),
            has_previous: start > 0,
            items,
            total: Some(all.len()),
        })
    }
}

/// A list that is read as a whole and shown in pages.
pub trait ShownInPages: Resource<Value = Vec<Arc<Self::Item>>> {
    /// What is in it.
    type Item: Send + Sync + 'static;
    /// The name of the pages in the cache, in logs and metrics.
    const PAGES: &'static str;

    /// What names an item within the list.
    fn cursor(item: &Self::Item) -> String;
}

/// Pages of a list that is read as a whole. They keep nothing themselves.
pub struct PagesOf<L>(PhantomData<fn() -> L>);

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageKey<K> {
    /// The list.
    pub list: K,
    /// How many items.
    pub first: usize,
    /// The cursor of the item before the first one.
    pub after: Option<String>,
}

impl<K: fmt::Debug> fmt::Display for PageKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl<L: ShownInPages> Resource for PagesOf<L> {
    type Key = PageKey<L::Key>;
    type Value = Page<L::Item>;
    const NAME: &'static str = L::PAGES;
    const SERVICE: Service = L::SERVICE;
    const KEEP: Keep = Keep::Never;

    fn tenant(session: &Session, key: &Self::Key) -> Result<Option<TenantId>, Arc<Error>> {
        L::tenant(session, &key.list)
    }

    async fn fetch(session: Arc<Session>, keys: Vec<Self::Key>) -> Vec<FetchResult<Page<L::Item>>> {
        let lists: Vec<L::Key> = keys.iter().map(|key| key.list.clone()).collect();
        let lists = session.load_many::<L>(&lists).await;
        let pages = keys.iter().zip(lists);
        pages.map(|(key, list)| page_of::<L>(key, list)).collect()
    }
}

fn page_of<L: ShownInPages>(
    key: &PageKey<L::Key>,
    list: Loaded<L::Value>,
) -> FetchResult<Page<L::Item>> {
    let list = list?.unwrap_or_default();
    let page = Page::of_all(&list, L::cursor, key.first, key.after.as_deref());
    Ok(page.map(|page| Fetched::new(page, 0)))
}

/// How many calls reading some keys of one scope takes, as a rule of thumb: predictions are made of
/// it before anything is known of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// For each key.
    pub each: u32,
    /// At most, however many keys there are.
    pub most: u32,
}

impl Calls {
    /// Nothing is read.
    pub const NONE: Self = Self { each: 0, most: 0 };
    /// One call tells all.
    pub const ONE: Self = Self { each: 1, most: 1 };
    /// Each key is read by itself.
    pub const PER_KEY: Self = Self {
        each: 1,
        most: u32::MAX,
    };
    /// Few keys are read by themselves, and many from a list.
    pub const KEYS_OR_LIST: Self = Self { each: 1, most: 10 };
    /// A list is walked.
    pub const LIST: Self = Self { each: 10, most: 10 };
    /// The items of a list are read, each with a list of its own.
    pub const LISTS: Self = Self { each: 50, most: 50 };
}

/// How to read several keys of a list that can be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// One call per key.
    ById,
    /// All pages of the list.
    Walk,
}

/// Up to this many keys are read by id when nothing is known of the list; a first page would cost
/// one call more.
const FEW: usize = 2;

/// Chooses by counting calls. `unread_pages` is what a walk would still cost, if that is known.
pub fn plan(keys: usize, unread_pages: Option<usize>) -> Plan {
    match unread_pages {
        Some(pages) if pages < keys || pages == 0 => Plan::Walk,
        None if keys > FEW => Plan::Walk,
        _ => Plan::ById,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_found_by_its_key_and_the_first_of_several() {
        let list = [(1, 'a'), (2, 'b'), (1, 'c')].map(Arc::new);
        let by_number = index(&list, |item| item.0);
        let letter = |number| by_number.get(&number).map(|item| item.1);
        assert_eq!([1, 2, 3].map(letter), [Some('a'), Some('b'), None]);
    }

    #[test]
    fn the_cheaper_plan_is_chosen_by_counted_calls() {
        assert_eq!(plan(1, Some(0)), Plan::Walk);
        assert_eq!(plan(1, Some(1)), Plan::ById);
        assert_eq!(plan(50, Some(2)), Plan::Walk);
        assert_eq!(plan(3, Some(40)), Plan::ById);
        assert_eq!(plan(2, None), Plan::ById);
        assert_eq!(plan(3, None), Plan::Walk);
    }

    #[test]
    fn pages_of_a_known_list_meet_every_item_once() {
        let all: Vec<_> = (1..=5).map(Arc::new).collect();
        let page = |after: Option<&str>| Page::of_all(&all, ToString::to_string, 2, after);
        let first = page(None).unwrap();
        assert_eq!(
            (
                first.cursors().collect::<Vec<_>>(),
                first.has_next,
                first.has_previous
            ),
            (vec!["1".to_owned(), "2".to_owned()], true, false)
        );
        let last = page(Some("4")).unwrap();
        assert_eq!(
            (
                last.cursors().collect::<Vec<_>>(),
                last.has_next,
                last.total
            ),
            (vec!["5".to_owned()], false, Some(5))
        );
        assert!(page(Some("9")).is_none());
    }
}
