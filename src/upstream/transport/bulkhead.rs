//! The bulkhead: so many calls to one upstream at once, so many that wait, and no more.
//!
//! An upstream that has become slow must not collect all the memory and all the callers of the
//! gateway. Who waits is served by turns (see [`FairQueue`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{
    fair_queue::FairQueue,
    turn::{Caller, Turn},
};

/// Why there was no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// Too many wait already.
    Full,
    /// The turn did not come in time.
    Late,
}

pub(super) struct Bulkhead {
    state: Mutex<State>,
    queue_limit: usize,
}

struct State {
    /// As long as there is a free place, nobody waits.
    free: usize,
    queue: FairQueue<Caller, oneshot::Sender<Place>>,
}

/// A place among the calls in flight, given back when it is dropped.
#[must_use]
pub(super) struct Place(Option<Arc<Bulkhead>>);

impl Bulkhead {
    pub(super) fn new(places: usize, queue_limit: usize) -> Arc<Self> {
        let state = State {
            free: places,
            queue: FairQueue::new(),
        };
        Arc::new(Self {
            state: Mutex::new(state),
            queue_limit,
        })
    }

    /// A place, as soon as it is this call's turn. `turn` is asked only if it has to wait.
    pub(super) async fn enter(
        self: &Arc<Self>,
        turn: impl FnOnce() -> Turn,
        due: Instant,
    ) -> Result<Place, NoPlace> {
        let waiting = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Place(Some(Arc::clone(self))));
            }
            if state.queue.len() >= self.queue_limit {
                state.queue.retain(|sender| !sender.is_closed());
            }
            if state.queue.len() >= self.queue_limit {
                return Err(NoPlace::Full);
            }
            let (sender, receiver) = oneshot::channel();
            let Turn { caller, urgency } = turn();
            state.queue.push(urgency, caller, sender);
            receiver
        };
        match timeout_at(due, waiting).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(NoPlace::Late),
        }
    }

    /// Hands a place to the next who still waits.
    fn release(self: Arc<Self>) {
        loop {
            let next = {
                let mut state = self.lock();
                let next = state.queue.pop();
                if next.is_none() {
                    state.free += 1;
                }
                next
            };
            let Some(sender) = next else { return };
            match sender.send(Place(Some(Arc::clone(&self)))) {
                Ok(()) => return,
                // It went away; the place is not given back twice.
                Err(mut unwanted) => drop(unwanted.0.take()),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(bulkhead) = self.0.take() {
            bulkhead.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Free places, and calls that wait.
    fn state(bulkhead: &Bulkhead) -> (usize, usize) {
        let state = bulkhead.lock();
        (state.free, state.queue.len())
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[tokio::test(start_paused = true)]
    async fn a_free_place_is_taken_without_asking_who_it_is_for() {
        let bulkhead = Bulkhead::new(2, 1);
        let never = || unreachable!("nobody waits");
        let first = bulkhead.enter(never, soon()).await.unwrap();
        let second = bulkhead.enter(never, soon()).await.unwrap();
        assert_eq!(state(&bulkhead), (0, 0));
        drop((first, second));
        assert_eq!(state(&bulkhead), (2, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_refuses_at_once() {
        let bulkhead = Bulkhead::new(1, 1);
        let place = bulkhead.enter(Turn::any, soon()).await.unwrap();
        let mut waiting = Box::pin(bulkhead.enter(Turn::any, soon()));
        assert!(futures_util::poll!(&mut waiting).is_pending());
        let started = Instant::now();
        let refused = bulkhead.enter(Turn::any, soon()).await;
        assert_eq!(refused.err(), Some(NoPlace::Full));
        assert_eq!(started, Instant::now());
        drop(place);
        assert!(waiting.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_in_vain_is_told_when_it_is_due_and_leaves_no_trace() {
        let bulkhead = Bulkhead::new(1, 2);
        let place = bulkhead.enter(Turn::any, soon()).await.unwrap();
        for _ in 0..5 {
            let late = bulkhead.enter(Turn::any, soon()).await;
            assert_eq!(late.err(), Some(NoPlace::Late));
        }
        drop(place);
        assert_eq!(state(&bulkhead), (1, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_nobody_fetches_goes_to_the_next() {
        let bulkhead = Bulkhead::new(1, 8);
        let place = bulkhead.enter(Turn::any, soon()).await.unwrap();
        let mut gone = Box::pin(bulkhead.enter(Turn::any, soon()));
        let mut stays = Box::pin(bulkhead.enter(Turn::any, soon()));
        assert!(futures_util::poll!(&mut gone).is_pending());
        assert!(futures_util::poll!(&mut stays).is_pending());
        drop(place);
        // The place is on its way to the first, which goes away before it looks.
        drop(gone);
        let place = stays.await.unwrap();
        assert_eq!(state(&bulkhead), (0, 0));
        drop(place);
        assert_eq!(state(&bulkhead), (1, 0));
    }
}
