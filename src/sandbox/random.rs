//! Chance that repeats: the same seed draws the same numbers and the same ids.

use uuid::{Builder, Uuid};

/// A splitmix64 stream: tiny, well mixed, and nothing of it is secret.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self(seed ^ hash(purpose))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `0` to `limit - 1`; `0` when there is nothing to choose from.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit.max(1)).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(width)).unwrap_or(0)
    }

    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// The id of the `number`th thing of a kind: it does not move when other data is added.
pub(crate) fn stable_uuid(seed: u64, kind: &str, number: usize) -> Uuid {
    let mut random = Random::new(seed, &format!("{kind}/{number}"));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&random.next().to_be_bytes());
    bytes[8..].copy_from_slice(&random.next().to_be_bytes());
    Builder::from_random_bytes(bytes).into_uuid()
}

/// FNV-1a, because the standard hasher promises no stable values between releases.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_seed_kind_and_number_only() {
        assert_eq!(stable_uuid(1, "hauler", 3), stable_uuid(1, "hauler", 3));
        assert_ne!(stable_uuid(1, "hauler", 3), stable_uuid(2, "hauler", 3));
        assert_ne!(stable_uuid(1, "hauler", 3), stable_uuid(1, "route", 3));
        assert_ne!(stable_uuid(1, "hauler", 3), stable_uuid(1, "hauler", 4));
    }

    #[test]
    fn numbers_stay_inside_their_bounds() {
        let mut random = Random::new(7, "bounds");
        for _ in 0..1000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!(random.below(4) < 4);
        }
        assert_eq!(random.below(0), 0);
    }
}
