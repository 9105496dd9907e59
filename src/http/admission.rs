//! How many requests are worked on at once: beyond that a few wait a little, and the rest is told
//! to come back, while those that are in are still answered in time.

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use http::StatusCode;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{
    Readiness,
    refusal::{Code, Refusal},
};

/// How many requests are worked on at once.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// Most requests at once; as many again may wait.
    pub most: usize,
    /// How long one may wait.
    pub wait: Duration,
}

/// When to come back. Requests are short, so places are free again soon.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The door to the work.
pub(super) struct Admission {
    crowd: Crowd,
    room: Semaphore,
    waiting: AtomicUsize,
    readiness: Readiness,
}

impl Admission {
    pub(super) fn new(crowd: Crowd, readiness: Readiness) -> Self {
        Self {
            crowd,
            room: Semaphore::new(crowd.most),
            waiting: AtomicUsize::new(0),
            readiness,
        }
    }

    /// A place for one request, until it is dropped.
    ///
    /// # Errors
    /// There is none, and none became free in time.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        // Places that become free go to those who wait, so nobody passes them here.
        if let Ok(place) = self.room.try_acquire() {
            return Ok(place);
        }
        let Some(_waiting) = Waiting::begin(&self.waiting, self.crowd.most) else {
            return Err(self.turn_away());
        };
        match timeout(self.crowd.wait, self.room.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(self.turn_away()),
        }
    }

    fn turn_away(&self) -> Refusal {
        self.readiness.overloaded();
        Refusal::http(
            StatusCode::SERVICE_UNAVAILABLE,
            Code::Overloaded,
            "The gateway has too much to do. Try again soon.",
        )
        .retry_after(RETRY_AFTER)
    }
}

/// One of those who wait, also if it gives up.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let one = Self(count);
        (count.fetch_add(1, Relaxed) < most).then_some(one)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
