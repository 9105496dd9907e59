//! Values within a bound of memory.

use std::{
    borrow::Borrow,
    hash::Hash,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use crate::visits::Visits;

/// A map that forgets: what is too old, and what is rarely asked for if there is no room for all.
///
/// moka bounds what stays, but it judges in rounds, and whatever comes in is there until the next one. So
/// judging begins before that: once there is no room, a value comes in when its key comes for the second
/// time. Most keys of a busy gateway never do, and their memory is better used for the next request.
pub struct Store<K, V> {
    entries: moka::sync::Cache<K, Entry<V>>,
    max_bytes: u64,
    /// Bytes that came in since the last round.
    unjudged: AtomicU64,
    /// By keys that there was no room for.
    refused: Visits,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    bytes: u32,
    kept_for: Duration,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Store<K, V> {
    /// Room for `max_bytes`.
    pub fn new(max_bytes: u64) -> Self {
        Self {
            entries: moka::sync::Cache::builder()
                .max_capacity(max_bytes)
                .weigher(|_, entry: &Entry<V>| entry.bytes)
                .expire_after(TimeToLive)
                .build(),
            max_bytes,
            unjudged: AtomicU64::new(0),
            refused: Visits::default(),
        }
    }

    /// The value of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).map(|entry| entry.value)
    }

    /// Keeps a value that takes `bytes` of memory for some time, if there is room or it is wanted often.
    pub fn insert(&self, key: K, value: V, bytes: usize, kept_for: Duration) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        if !self.has_room(bytes) && !self.entries.contains_key(&key) && !self.refused.again(&key) {
            return;
        }
        let entry = Entry {
            value,
            bytes,
            kept_for,
        };
        self.entries.insert(key, entry);
        let unjudged = self.unjudged.fetch_add(bytes.into(), Relaxed) + u64::from(bytes);
        if unjudged > self.max_bytes / 16 {
            self.unjudged.store(0, Relaxed);
            self.entries.run_pending_tasks();
        }
    }

    fn has_room(&self, bytes: u32) -> bool {
        let taken = self.entries.weighted_size() + self.unjudged.load(Relaxed);
        taken + u64::from(bytes) <= self.max_bytes
    }
}

struct TimeToLive;

impl<K, V> moka::Expiry<K, Entry<V>> for TimeToLive {
    fn expire_after_create(&self, _: &K, entry: &Entry<V>, _: Instant) -> Option<Duration> {
        Some(entry.kept_for)
    }

    fn expire_after_update(
        &self,
        _: &K,
        entry: &Entry<V>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.kept_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn store() -> Store<u32, u32> {
        Store::new(1000)
    }

    #[test]
    fn what_was_put_in_is_found_until_its_time_is_over() {
        let store = store();
        store.insert(1, 10, 100, LONG);
        store.insert(2, 20, 100, Duration::ZERO);
        assert_eq!(
            (store.get(&1), store.get(&2), store.get(&3)),
            (Some(10), None, None)
        );
    }

    #[test]
    fn a_full_store_takes_a_value_when_its_key_comes_again() {
        let store = store();
        for key in 0..10 {
            store.insert(key, key, 100, LONG);
        }
        store.insert(10, 10, 100, LONG);
        assert_eq!(store.get(&10), None);
        store.insert(10, 10, 100, LONG);
        assert_eq!(store.get(&10), Some(10));
    }

    #[test]
    fn a_full_store_takes_a_younger_value_of_what_it_holds() {
        let store = store();
        for key in 0..10 {
            store.insert(key, key, 100, LONG);
        }
        store.insert(3, 33, 100, LONG);
        assert_eq!(store.get(&3), Some(33));
    }

    #[test]
    fn a_flood_of_new_keys_takes_no_more_memory_than_there_is() {
        let store = store();
        for key in 0..10_000 {
            store.insert(key, key, 100, LONG);
            // Also those that come twice.
            store.insert(key, key, 100, LONG);
            let held = store.entries.iter().count();
            assert!(held <= 12, "{held}");
        }
    }
}
