//! Single values that a list tells of.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Answer, Cache, Group, Owner, Value};

impl<E: Clone + Send + Sync + 'static> Cache<E> {
    /// Begins to keep what a list that is about to be read tells of single keys.
    pub fn primer(self: &Arc<Self>, group: Group) -> Primer<E> {
        Primer {
            owner: self.owner(&group),
            began: Instant::now(),
            cache: Arc::clone(self),
            group,
        }
    }
}

/// Keeps values that were read with a list, as if each had been read by its key.
///
/// It belongs to the epoch in which it was made, and its values are as old as it is: make it before
/// the list is read.
pub struct Primer<E: Clone> {
    cache: Arc<Cache<E>>,
    group: Group,
    owner: Arc<Owner>,
    began: Instant,
}

impl<E: Clone + Send + Sync + 'static> Primer<E> {
    /// Keeps the value of one key.
    pub fn keep(&self, key: &str, value: Value, bytes: usize) {
        let key = self.owner.key(&key.into());
        let answer = Answer {
            value: Some(value),
            freshness: self.group.read_since(self.began),
        };
        self.cache.keep(&key, &answer, bytes, &self.group.policy);
    }
}
