//! Items of a list by id, by whichever way costs fewer calls.

use std::{
    collections::{HashMap, HashSet},
    marker::PhantomData,
    sync::Arc,
};

use super::{Listed, Lists, Records, SliceKey, Slices, unread};
use crate::{
    identity::Service,
    upstream::{
        Error, FetchResult, Fetched, Keep, Resource, Session,
        walk::{Plan, Whole},
    },
};

/// Items by id, by whichever way costs fewer calls: from the list, or one by one.
pub struct ById<T>(PhantomData<fn() -> T>);

impl<T: Listed> Resource for ById<T> {
    type Key = T::Id;
    type Value = T;
    const NAME: &'static str = T::NAMES.by_id;
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;

    async fn fetch(session: Arc<Session>, keys: Vec<T::Id>) -> Vec<FetchResult<T>> {
        let mut found = match rows::<T>(&session, &keys).await {
            Ok(rows) => rows,
            Err(error) => return keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        };
        // A list that was read a while ago does not know what was made since.
        let others: Vec<T::Id> = keys
            .iter()
            .filter(|id| !found.contains_key(id))
            .copied()
            .collect();
        let records = session.load_many::<Records<T>>(&others).await;
        let mut records: HashMap<T::Id, _> = others.into_iter().zip(records).collect();
        keys.iter()
            .map(|id| match (found.remove(id), records.remove(id)) {
                (Some(item), _) => Ok(Some(Fetched::picked(item))),
                (None, Some(record)) => record.map(|item| item.map(|item| Fetched::picked(item))),
                (None, None) => Ok(None),
            })
            .collect()
    }
}

/// Those of the `wanted` items that are at hand in the list, or that are read with it because that
/// costs fewer calls. (An item that was read by itself is not looked for.)
async fn rows<T: Listed>(
    session: &Arc<Session>,
    wanted: &[T::Id],
) -> Result<HashMap<T::Id, Arc<T>>, Arc<Error>> {
    let unread: Vec<T::Id> = wanted
        .iter()
        .filter(|id| session.find_kept::<Records<T>>(id).is_none())
        .copied()
        .collect();
    let mut found = kept_rows::<T>(session, &unread);
    let missing: Vec<T::Id> = unread
        .into_iter()
        .filter(|id| !found.contains_key(id))
        .collect();
    if !missing.is_empty() {
        found.extend(unread_rows(session, &missing).await?);
    }
    Ok(found)
}

/// Those of the `wanted` items that are in a part of the list that was read lately and is kept.
fn kept_rows<T: Listed>(session: &Session, wanted: &[T::Id]) -> HashMap<T::Id, Arc<T>> {
    let mut missing: HashSet<_> = wanted.iter().copied().collect();
    let mut found = HashMap::new();
    for (offset, limit) in session
        .find_parts::<Slices<T>>(&SliceKey::of_walk(session, 0))
        .iter()
        .copied()
    {
        if missing.is_empty() {
            break;
        }
        let kept = session.find_kept::<Slices<T>>(&SliceKey { offset, limit });
        let Some(slice) = kept.flatten() else {
            continue;
        };
        let hits = slice
            .items()
            .iter()
            .filter(|item| missing.remove(&item.id()));
        found.extend(hits.map(|item| (item.id(), Arc::clone(item))));
    }
    found
}

/// Those of the `wanted` items, none of which is at hand, that are in the list, as far as reading
/// it costs fewer calls.
async fn unread_rows<T: Listed>(
    session: &Arc<Session>,
    wanted: &[T::Id],
) -> Result<HashMap<T::Id, Arc<T>>, Arc<Error>> {
    let pages = session.find_size::<Slices<T>>(&SliceKey::of_walk(session, 0));
    let unread_pages = pages.map(|pages| unread::<T>(session, pages));
    match (session.plan::<Slices<T>>(wanted.len(), unread_pages), pages) {
        (Plan::ById, _) => Ok(HashMap::new()),
        (Plan::Walk, None) => search(session, wanted).await,
        (Plan::Walk, Some(_)) => {
            let all = session.load::<Lists<T>>(Whole).await?.unwrap_or_default();
            let wanted: HashSet<_> = wanted.iter().copied().collect();
            let picked = all.iter().filter(|item| wanted.contains(&item.id()));
            Ok(picked.map(|item| (item.id(), Arc::clone(item))).collect())
        }
    }
}

/// Looks through a list of unknown length until too few are missing for another slice to pay.
async fn search<T: Listed>(
    session: &Arc<Session>,
    wanted: &[T::Id],
) -> Result<HashMap<T::Id, Arc<T>>, Arc<Error>> {
    let mut missing: HashSet<_> = wanted.iter().copied().collect();
    let mut found = HashMap::new();
    let mut key = SliceKey::of_walk(session, 0);
    for _ in 0..wanted.len() {
        let Some(slice) = session.load::<Slices<T>>(key).await? else {
            break;
        };
        let hits = slice
            .items()
            .iter()
            .filter(|item| missing.remove(&item.id()));
        found.extend(hits.map(|item| (item.id(), Arc::clone(item))));
        key.offset += slice.items().len();
        if !slice.has_more() || session.plan::<Slices<T>>(missing.len(), None) == Plan::ById {
            break;
        }
    }
    Ok(found)
}
