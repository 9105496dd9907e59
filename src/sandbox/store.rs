//! The state of one stand-in: many readers or one writer, and a way back to the seed.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(crate) struct Store<S> {
    state: RwLock<S>,
    seed: Box<dyn Fn() -> S + Send + Sync>,
}

impl<S> Store<S> {
    pub(crate) fn new(seed: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self {
            state: RwLock::new(seed()),
            seed: Box::new(seed),
        }
    }

    // A handler that panicked mid-write has failed its own test already; the others may go on.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, S> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, S> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets every write since the start.
    pub(crate) fn reset(&self) {
        *self.write() = (self.seed)();
    }
}
