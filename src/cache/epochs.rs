//! The writes that this process knows of, and what they made old.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{identity::Service, ids::TenantId};

/// What a write makes old at once: the answers of one resource in one tenant, for every caller.
///
/// It is a digest that every gateway computes alike. Should two partitions ever share one, a write
/// to either makes both old: that costs calls, and is never wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Partition(u64);

impl Partition {
    /// The partition of `resource` in `tenant`.
    pub fn new(resource: &str, service: Service, tenant: Option<TenantId>) -> Self {
        let mut digest = blake3::Hasher::new();
        for part in [resource, service.name()] {
            digest.update(part.as_bytes()).update(&[0]);
        }
        if let Some(TenantId(tenant)) = tenant {
            digest.update(&tenant.to_le_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&digest.finalize().as_bytes()[..8]);
        Self(u64::from_le_bytes(first))
    }

    /// Reads back what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().map(Self)
    }

    fn bucket(self) -> usize {
        usize::try_from(self.0 % BUCKETS as u64).unwrap_or_default()
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

const BUCKETS: usize = 128;

/// Counts writes: each of a partition begins a new *epoch* of it.
pub(super) struct Epochs {
    of: Mutex<HashMap<Partition, u64>>,
    /// How often everything was forgotten at once; part of every epoch.
    base: AtomicU64,
    /// All writes so far.
    writes: AtomicU64,
    /// How many writes there had been after the last one of each bucket of partitions.
    last: [AtomicU64; BUCKETS],
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            of: Mutex::default(),
            base: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            last: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Epochs {
    /// The epoch of a partition.
    pub(super) fn of(&self, partition: Partition) -> u64 {
        let epochs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let own = epochs.get(&partition).copied().unwrap_or_default();
        own + self.base.load(Ordering::Acquire)
    }

    /// The number of all writes: the epoch of what may be made of anything.
    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Acquire)
    }

    /// Begins a new epoch of a partition.
    pub(super) fn begin(&self, partition: Partition) {
        // Under the lock, so that whoever sees the new epoch sees the rest, too.
        let mut epochs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        *epochs.entry(partition).or_default() += 1;
        let writes = self.writes.fetch_add(1, Ordering::AcqRel) + 1;
        self.last[partition.bucket()].store(writes, Ordering::Release);
    }

    /// Begins a new epoch of everything.
    pub(super) fn begin_all(&self) {
        let _epochs = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        self.base.fetch_add(1, Ordering::AcqRel);
        let writes = self.writes.fetch_add(1, Ordering::AcqRel) + 1;
        for last in &self.last {
            last.store(writes, Ordering::Release);
        }
    }

    /// Whether no write has concerned what was touched since there were `writes` of them.
    pub(super) fn is_unchanged(&self, touched: Touched, writes: u64) -> bool {
        let mut left = touched.0;
        while left != 0 {
            let bucket = left.trailing_zeros() as usize;
            if self.last[bucket].load(Ordering::Acquire) > writes {
                return false;
            }
            left &= left - 1;
        }
        true
    }
}

/// Which partitions an answer was made from. Partitions share buckets, so a write may seem to
/// concern an answer that it does not concern, and never the other way round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Touched(u128);

impl Touched {
    pub(super) fn of(partition: Partition) -> Self {
        Self(1 << partition.bucket())
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_concerns_only_what_was_made_of_its_partition() {
        let things = Partition::new("things", Service::Cro, Some(TenantId(1)));
        let others = Partition::new("others", Service::Crux, None);
        let epochs = Epochs::default();
        let (of_things, of_others) = (Touched::of(things), Touched::of(others));
        assert_ne!(of_things, of_others, "the names are chosen so");
        let before = epochs.writes();
        epochs.begin(things);
        assert!(!epochs.is_unchanged(of_things, before));
        assert!(!epochs.is_unchanged(of_things.and(of_others), before));
        assert!(epochs.is_unchanged(of_others, before));
        assert!(epochs.is_unchanged(Touched::default(), before));
        assert!(epochs.is_unchanged(of_things, epochs.writes()));
        assert_eq!((epochs.of(things), epochs.of(others)), (1, 0));
    }

    #[test]
    fn forgetting_everything_concerns_every_partition() {
        let things = Partition::new("things", Service::Cro, None);
        let epochs = Epochs::default();
        epochs.begin(things);
        let (epoch, before) = (epochs.of(things), epochs.writes());
        epochs.begin_all();
        assert_ne!(epochs.of(things), epoch);
        assert!(!epochs.is_unchanged(Touched::of(things), before));
    }

    #[test]
    fn partitions_differ_in_every_part_and_are_read_back() {
        let partition = Partition::new("things", Service::Cro, Some(TenantId(1)));
        for other in [
            Partition::new("thing", Service::Cro, Some(TenantId(1))),
            Partition::new("things", Service::Crux, Some(TenantId(1))),
            Partition::new("things", Service::Cro, Some(TenantId(2))),
            Partition::new("things", Service::Cro, None),
        ] {
            assert_ne!(partition, other);
        }
        assert_eq!(Partition::parse(&partition.to_string()), Some(partition));
        assert_eq!(Partition::parse("no digest"), None);
    }
}
