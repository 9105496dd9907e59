//! How a connection gets on, and when it has to go: slow clients, idle ones, and those that do not
//! wait for what they asked for.
//!
//! hyper limits what a head may be, but not, across both of its protocols, how long one may take:
//! not before it knows the protocol, and not while a client does not take its answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use http::Version;
use tokio::{sync::Notify, time::Instant};

/// How long a client may take, and do nothing.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// For the head of a request, and for a TLS handshake.
    pub head: Duration,
    /// Without a request.
    pub idle: Duration,
    /// Without taking anything of its answer.
    pub write: Duration,
    /// For a whole request.
    pub request: Duration,
}

/// How a connection ends that is not ended by the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Politely: what has begun is answered.
    Leave,
    /// At once.
    Cut,
}

/// More requests than this that were begun and not waited for, less those that were, end a
/// connection: a flood of HTTP/2 resets makes work that no limit on open streams sees. A page that
/// replaces its requests while somebody types stays below, or connects again without noticing.
const MOST_ABANDONED: u32 = 100;

/// What happens on one connection. Times are milliseconds since it began, and zero is none.
pub(super) struct Pace {
    began: Instant,
    /// Requests whose answers are not sent yet.
    open: AtomicU32,
    abandoned: AtomicU32,
    /// The last time that a request began, went on or ended.
    moved: AtomicU64,
    /// Since when part of a head is there.
    head: AtomicU64,
    /// Since when the client takes nothing.
    stuck: AtomicU64,
    flooded: Notify,
}

impl Pace {
    /// Of a connection that begins now: a head is awaited.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            open: AtomicU32::new(0),
            abandoned: AtomicU32::new(0),
            moved: AtomicU64::new(0),
            head: AtomicU64::new(1),
            stuck: AtomicU64::new(0),
            flooded: Notify::new(),
        })
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed()).max(1)
    }

    /// Bytes came in.
    pub(super) fn read(&self) {
        // While a request is open they are its body, or another HTTP/2 stream.
        if self.open.load(Relaxed) == 0 && self.head.load(Relaxed) == 0 {
            self.head.store(self.now(), Relaxed);
        }
    }

    /// The client took bytes.
    pub(super) fn wrote(&self) {
        if self.stuck.load(Relaxed) != 0 {
            self.stuck.store(0, Relaxed);
        }
    }

    /// The client takes nothing.
    pub(super) fn stuck(&self) {
        if self.stuck.load(Relaxed) == 0 {
            self.stuck.store(self.now(), Relaxed);
        }
    }

    /// A head is complete: a request begins, and lasts as long as its [`Passage`].
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Passage {
        self.open.fetch_add(1, Relaxed);
        // Between its requests, HTTP/2 sends frames that begin no head.
        let awaited = if version == Version::HTTP_2 { NEVER } else { 0 };
        self.head.store(awaited, Relaxed);
        self.moved.store(self.now(), Relaxed);
        Passage {
            pace: Arc::clone(self),
            answered: false,
        }
    }

    /// The connection was told to end: what it still does has its time once more.
    pub(super) fn leave(&self) {
        self.moved.store(self.now(), Relaxed);
    }

    /// Resolves when the connection has to end. It looks from time to time, because a notice for
    /// every byte would cost every request; so an end is late by up to half of the shortest time.
    pub(super) async fn end(&self, times: &Times) -> End {
        let nap = times.head.min(times.idle).min(times.write) / 2;
        loop {
            let (due, end) = self.due(times);
            let now = Instant::now();
            let due = self.began + Duration::from_millis(due);
            if due <= now {
                return end;
            }
            tokio::select! {
                () = tokio::time::sleep_until(due.min(now + nap)) => {}
                () = self.flooded.notified() => return End::Leave,
            }
        }
    }

    /// When the connection has to end if nothing happens until then.
    fn due(&self, times: &Times) -> (u64, End) {
        let moved = self.moved.load(Relaxed);
        let head = self.head.load(Relaxed);
        let usual = if self.open.load(Relaxed) > 0 {
            // HTTP/2 can hold back one stream while it reads on: that shows only here.
            (moved + millis(times.request + times.write), End::Cut)
        } else if head != 0 && head != NEVER {
            (head + millis(times.head), End::Cut)
        } else {
            (moved + millis(times.idle), End::Leave)
        };
        let stuck = match self.stuck.load(Relaxed) {
            0 => return usual,
            since => (since + millis(times.write), End::Cut),
        };
        if stuck.0 < usual.0 { stuck } else { usual }
    }
}

/// In place of a time: frames are no heads.
const NEVER: u64 = u64::MAX;

fn millis(time: Duration) -> u64 {
    // A u64 of milliseconds is half a billion years, of which a tenth is enough to add to.
    u64::try_from(time.as_millis())
        .unwrap_or(u64::MAX)
        .min(u64::MAX / 16)
}

/// One request on its way through; it ends with the last byte of its answer.
pub(super) struct Passage {
    pace: Arc<Pace>,
    answered: bool,
}

impl Passage {
    /// There is an answer: from here on an early end costs nobody anything.
    pub(super) fn answer(&mut self) {
        self.answered = true;
        let abandoned = &self.pace.abandoned;
        // Two that race may forgive one too few, which does not matter.
        abandoned.store(abandoned.load(Relaxed).saturating_sub(1), Relaxed);
    }

    /// A part of the answer goes out.
    pub(super) fn go_on(&self) {
        self.pace.moved.store(self.pace.now(), Relaxed);
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.go_on();
        self.pace.open.fetch_sub(1, Relaxed);
        if !self.answered && self.pace.abandoned.fetch_add(1, Relaxed) >= MOST_ABANDONED {
            self.pace.flooded.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(60),
        write: Duration::from_secs(20),
        request: Duration::from_secs(30),
    };

    async fn wait(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    /// How the connection ends, and after how many seconds from now at most.
    async fn end(pace: &Pace) -> (End, u64) {
        let asked = Instant::now();
        let end = pace.end(&TIMES).await;
        (end, asked.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_is_cut_off_when_a_head_should_be_there() {
        assert_eq!(end(&Pace::new()).await, (End::Cut, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_with_nothing_to_ask_is_left_politely() {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let pace = Pace::new();
            pace.begin(version).answer();
            wait(30).await;
            assert_eq!(end(&pace).await, (End::Leave, 30), "{version:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_head_has_its_time_as_well_from_its_first_byte() {
        let pace = Pace::new();
        pace.begin(Version::HTTP_11).answer();
        wait(30).await;
        pace.read();
        wait(4).await;
        pace.read();
        assert_eq!(end(&pace).await, (End::Cut, 6));
    }

    #[tokio::test(start_paused = true)]
    async fn frames_between_requests_are_no_head() {
        let pace = Pace::new();
        pace.begin(Version::HTTP_2).answer();
        wait(30).await;
        pace.read();
        assert_eq!(end(&pace).await, (End::Leave, 30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_cut_off_and_one_that_goes_on_is_not() {
        let pace = Pace::new();
        let _open = pace.begin(Version::HTTP_11);
        pace.stuck();
        wait(15).await;
        pace.wrote();
        pace.stuck();
        assert_eq!(end(&pace).await, (End::Cut, 20));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_is_held_back_is_cut_off_once_its_request_is_over_in_any_case() {
        let pace = Pace::new();
        let mut open = pace.begin(Version::HTTP_2);
        open.answer();
        wait(20).await;
        open.go_on();
        assert_eq!(end(&pace).await, (End::Cut, 50));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_requests_that_nobody_waits_for_ends_the_connection() {
        let pace = Pace::new();
        for _ in 0..MOST_ABANDONED {
            drop(pace.begin(Version::HTTP_2));
        }
        pace.begin(Version::HTTP_2).answer();
        drop(pace.begin(Version::HTTP_2));
        assert_eq!(end(&pace).await, (End::Leave, 60));
        drop(pace.begin(Version::HTTP_2));
        assert_eq!(end(&pace).await, (End::Leave, 0));
    }
}
