//! The quota broker: an upstream that grants an application so many calls a second gets no more.
//!
//! Each application (each key; where an upstream has none, the gateway as a whole) has a bucket of
//! tokens for one [`PERIOD`]. A call takes one, and it is back a period later, so that no period,
//! wherever it begins, sees more calls than are granted. Who finds the bucket empty waits for a turn
//! (see [`FairQueue`]) as long as its request has time, and is told at once if that cannot be enough.
//! So the queue is never longer than what can be served in the time of a request.
//!
//! The grant is what the documentation says; the upstream may think otherwise. A 429 halves what is
//! taken, and pauses everything as long as the upstream asks; what was given up comes back step by
//! step.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    fair_queue::FairQueue,
    turn::{Caller, Turn},
};
use crate::identity::Digest;

/// A second, and a little: calls that were sent a second apart may arrive closer together.
const PERIOD: Duration = Duration::from_millis(1050);

/// The longest pause that an upstream can ask for: a mistyped header must not end the service.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Applications that are told apart. Callers may bring keys of their own, as many as they like: those
/// beyond this number share one bucket.
const MOST_APPLICATIONS: usize = 1024;

/// The quota cannot be had in time; it may be after so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted(pub(super) Duration);

/// An application, without its key.
pub(super) type Application = Option<Digest>;

/// The quota of one upstream.
pub(super) struct Quota {
    per_second: usize,
    /// Whether less than is granted may be taken, by any application.
    is_lowered: AtomicBool,
    buckets: Mutex<HashMap<Application, Arc<Bucket>>>,
}

impl Quota {
    /// `None` if there is no limit.
    pub(super) fn new(per_second: u32) -> Option<Self> {
        let per_second = usize::try_from(per_second).ok().filter(|rate| *rate > 0)?;
        Some(Self {
            per_second,
            is_lowered: AtomicBool::new(false),
            buckets: Mutex::default(),
        })
    }

    /// Takes a token of the application's, as soon as it is this call's turn; gives the time that it
    /// took. `turn` is asked only if it has to wait.
    pub(super) async fn take(
        &self,
        application: Application,
        turn: impl FnOnce() -> Turn,
        due: Instant,
    ) -> Result<Duration, Exhausted> {
        self.bucket(application).take(turn, due).await
    }

    /// The upstream says that it was too much.
    pub(super) fn throttled(&self, application: Application, retry_after: Option<Duration>) {
        let bucket = self.bucket(application);
        bucket.lock().slow_down(Instant::now(), retry_after);
        self.is_lowered.store(true, Relaxed);
    }

    /// Whether [`Self::limit`] is, or was when it was last asked for, less than what is granted.
    pub(super) fn is_lowered(&self) -> bool {
        self.is_lowered.load(Relaxed)
    }

    /// How many calls an application may take in a period: what is granted, or less after a 429. If they
    /// differ, the least of them.
    pub(super) fn limit(&self) -> usize {
        // Before they are looked at, so that a 429 that comes meanwhile is not forgotten.
        self.is_lowered.store(false, Relaxed);
        let now = Instant::now();
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let limits = buckets.values().map(|bucket| bucket.lock().limit(now));
        let limit = limits.min().unwrap_or(self.per_second);
        if limit < self.per_second {
            self.is_lowered.store(true, Relaxed);
        }
        limit
    }

    fn bucket(&self, application: Application) -> Arc<Bucket> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get(&application) {
            return Arc::clone(bucket);
        }
        if buckets.len() >= MOST_APPLICATIONS {
            let now = Instant::now();
            buckets.retain(|_, bucket| !bucket.lock().is_like_new(now));
        }
        let application = match buckets.len() {
            MOST_APPLICATIONS.. => None,
            _ => application,
        };
        let new = || Arc::new(Bucket::new(self.per_second));
        Arc::clone(buckets.entry(application).or_insert_with(new))
    }
}

struct Bucket(Mutex<Tokens>);

struct Tokens {
    granted: usize,
    /// How many of what is granted are taken at present.
    allowed: usize,
    /// When that last changed.
    changed: Instant,
    /// When the tokens of the latest period were taken, the oldest first.
    taken: VecDeque<Instant>,
    /// No call before this.
    paused_until: Instant,
    queue: FairQueue<Caller, oneshot::Sender<()>>,
    /// Whether a task serves the queue.
    is_served: bool,
}

impl Bucket {
    fn new(granted: usize) -> Self {
        let now = Instant::now();
        Self(Mutex::new(Tokens {
            granted,
            allowed: granted,
            changed: now,
            taken: VecDeque::new(),
            paused_until: now,
            queue: FairQueue::new(),
            is_served: false,
        }))
    }

    async fn take(
        self: Arc<Self>,
        turn: impl FnOnce() -> Turn,
        due: Instant,
    ) -> Result<Duration, Exhausted> {
        let now = Instant::now();
        let waiting = {
            let mut tokens = self.lock();
            if tokens.queue.len() == 0 && tokens.next(now) <= now {
                tokens.taken.push_back(now);
                return Ok(Duration::ZERO);
            }
            let Turn { caller, urgency } = turn();
            let place = tokens.queue.place(urgency, &caller);
            let wait = tokens.wait(now, place);
            if now + wait > due {
                return Err(Exhausted(wait));
            }
            let (sender, receiver) = oneshot::channel();
            tokens.queue.push(urgency, caller, sender);
            if !tokens.is_served {
                tokens.is_served = true;
                tokio::spawn(Arc::clone(&self).serve());
            }
            receiver
        };
        match timeout_at(due, waiting).await {
            Ok(Ok(())) => Ok(now.elapsed()),
            Ok(Err(_)) | Err(_) => {
                let now = Instant::now();
                let mut tokens = self.lock();
                let place = tokens.queue.len() + 1;
                Err(Exhausted(tokens.wait(now, place)))
            }
        }
    }

    /// Serves those who wait until nobody does.
    async fn serve(self: Arc<Self>) {
        loop {
            let next = {
                let now = Instant::now();
                let mut tokens = self.lock();
                while tokens.next(now) <= now {
                    match tokens.queue.pop() {
                        None => break,
                        Some(sender) => {
                            // Who went away takes no token.
                            if sender.send(()).is_ok() {
                                tokens.taken.push_back(now);
                            }
                        }
                    }
                }
                if tokens.queue.len() == 0 {
                    tokens.is_served = false;
                    return;
                }
                tokens.next(now)
            };
            sleep_until(next).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tokens> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tokens {
    /// When the next token can be had.
    fn next(&mut self, now: Instant) -> Instant {
        self.recover(now);
        while self
            .taken
            .front()
            .is_some_and(|taken| *taken + PERIOD <= now)
        {
            self.taken.pop_front();
        }
        let free = match self.taken.len().checked_sub(self.allowed) {
            None => now,
            Some(surplus) => self.taken.get(surplus).map_or(now, |taken| *taken + PERIOD),
        };
        free.max(self.paused_until)
    }

    /// About how long the `place`th of those who wait has to.
    fn wait(&mut self, now: Instant, place: usize) -> Duration {
        let periods = u32::try_from(place.saturating_sub(1) / self.allowed).unwrap_or(u32::MAX);
        let first = self.next(now).saturating_duration_since(now);
        first.saturating_add(PERIOD.saturating_mul(periods))
    }

    /// Half of it, but only once for all the answers that were on their way together.
    fn slow_down(&mut self, now: Instant, retry_after: Option<Duration>) {
        self.recover(now);
        let pause = retry_after.unwrap_or(PERIOD).min(LONGEST_PAUSE);
        self.paused_until = self.paused_until.max(now + pause);
        if self.allowed == self.granted || now.duration_since(self.changed) >= PERIOD {
            self.allowed = (self.allowed / 2).max(1);
        }
        self.changed = self.paused_until;
    }

    /// A tenth of what is granted comes back in each period in which all went well.
    fn recover(&mut self, now: Instant) {
        let step = (self.granted / 10).max(1);
        while self.allowed < self.granted && self.changed + PERIOD <= now {
            self.allowed = (self.allowed + step).min(self.granted);
            self.changed += PERIOD;
        }
    }

    fn limit(&mut self, now: Instant) -> usize {
        self.recover(now);
        self.allowed
    }

    fn is_like_new(&mut self, now: Instant) -> bool {
        self.next(now) <= now
            && self.taken.is_empty()
            && self.allowed == self.granted
            && self.queue.len() == 0
    }
}

#[cfg(test)]
mod tests;
