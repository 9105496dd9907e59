//! The state of one stand-in: many readers or one writer, and a way back to the seed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) struct Store<S> {
    state: RwLock<S>,
    writes: AtomicU64,
    seed: Box<dyn Fn() -> S + Send + Sync>,
}

impl<S> Store<S> {
    pub(crate) fn new(seed: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self {
            state: RwLock::new(seed()),
            writes: AtomicU64::new(0),
            seed: Box::new(seed),
        }
    }

    // A handler that panicked mid-write has failed its own test already; the others may go on.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, S> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, S> {
        let guard = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: whoever sees the new number and then reads, reads what was written.
        self.writes.fetch_add(1, Ordering::SeqCst);
        guard
    }

    /// How often the state was written; what was read under an older number may have changed.
    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// Forgets every write since the start.
    pub(crate) fn reset(&self) {
        *self.write() = (self.seed)();
    }
}
