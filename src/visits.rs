//! Which keys came lately: what is kept for them is worth its memory if they come again.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The keys that came lately: a hash of each, in a table that is overwritten as more come. Keys that are
/// confused here count as one that came before.
pub struct Visits {
    hashes: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Default for Visits {
    fn default() -> Self {
        const KEYS: usize = 1 << 14;
        Self {
            hashes: std::iter::repeat_with(AtomicU64::default)
                .take(KEYS)
                .collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Visits {
    /// Whether the key came before; from now on it did.
    pub fn again(&self, key: &(impl Hash + ?Sized)) -> bool {
        // Zero is the hash of nobody.
        let hash = self.hasher.hash_one(key) | 1 << 63;
        let place = usize::try_from(hash % self.hashes.len() as u64);
        self.hashes[place.unwrap_or_default()].swap(hash, Relaxed) == hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_again_when_it_came_before() {
        let visits = Visits::default();
        for key in ["", "a", "b"] {
            assert_eq!(
                (visits.again(key), visits.again(key)),
                (false, true),
                "{key}"
            );
        }
    }
}
