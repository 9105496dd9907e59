//! When an execution begins: as soon as those that have begun leave the processor a moment.
//!
//! A hundred executions that advance side by side on one core are each as slow as the last, and what
//! they hold in the meantime fills the processor's caches many times over: all of them together take
//! longer than one after another. So an execution begins when a pass through everything that is ready
//! is short. While upstreams are what everybody waits for, it is, and all begin at once.

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, task::yield_now};

/// So many executions begin after a short pass, before there is another look.
const AT_ONCE: usize = 4;

/// The moments in which executions begin.
pub(super) struct Lulls {
    /// A pass is short if it takes no longer than that.
    short: Duration,
    /// After so much time an execution begins in any case.
    patience: Duration,
    /// So many need not look for a moment.
    few: usize,
    /// How many have begun.
    begun: AtomicUsize,
    /// How many may still begin after the last short pass. Who holds it looks for the next.
    granted: Mutex<usize>,
}

impl Default for Lulls {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            short: Duration::from_micros(300),
            patience: Duration::from_millis(100),
            few: 2 * cores,
            begun: AtomicUsize::new(0),
            granted: Mutex::new(0),
        }
    }
}

impl Lulls {
    /// Waits for a moment to begin. The execution lasts until the guard is dropped.
    pub(super) async fn begin(&self) -> Begun<'_> {
        if self.begun.load(Relaxed) >= self.few {
            self.wait().await;
        }
        self.begun.fetch_add(1, Relaxed);
        Begun(self)
    }

    async fn wait(&self) {
        let came = Instant::now();
        let mut granted = self.granted.lock().await;
        while *granted == 0 && came.elapsed() < self.patience {
            let pass = Instant::now();
            // Those who yield go on in turn from the first and from the last: after two yields
            // everybody was there.
            yield_now().await;
            yield_now().await;
            if pass.elapsed() <= self.short {
                *granted = AT_ONCE;
            }
        }
        *granted = granted.saturating_sub(1);
    }
}

/// An execution that has begun.
pub(super) struct Begun<'a>(&'a Lulls);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.begun.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicBool};

    use futures_util::FutureExt;

    use super::*;

    fn lulls(few: usize, patience: Duration) -> Arc<Lulls> {
        Arc::new(Lulls {
            few,
            patience,
            ..Lulls::default()
        })
    }

    /// Something that keeps the processor busy until it is told not to.
    fn busy(goes_on: &Arc<AtomicBool>) {
        let goes_on = Arc::clone(goes_on);
        tokio::spawn(async move {
            while goes_on.load(Relaxed) {
                let began = Instant::now();
                while began.elapsed() < Duration::from_millis(1) {
                    std::hint::spin_loop();
                }
                yield_now().await;
            }
        });
    }

    const LONG: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn who_finds_few_begins_at_once() {
        let lulls = lulls(2, LONG);
        let one = lulls.begin().now_or_never();
        let two = lulls.begin().now_or_never();
        assert!(one.is_some() && two.is_some());
        assert!(lulls.begin().now_or_never().is_none());
        drop(one);
        assert!(lulls.begin().now_or_never().is_some());
    }

    #[tokio::test]
    async fn many_begin_when_there_is_a_moment_and_in_the_order_in_which_they_came() {
        let goes_on = Arc::new(AtomicBool::new(true));
        busy(&goes_on);
        let lulls = lulls(0, LONG);
        let number = Arc::new(AtomicUsize::new(0));
        let executions: Vec<_> = (0..20)
            .map(|expected| {
                let (lulls, number) = (Arc::clone(&lulls), Arc::clone(&number));
                tokio::spawn(async move {
                    let _begun = lulls.begin().await;
                    assert_eq!(number.fetch_add(1, Relaxed), expected);
                })
            })
            .collect();
        for _ in 0..5 {
            yield_now().await;
        }
        assert_eq!(number.load(Relaxed), 0);
        goes_on.store(false, Relaxed);
        for execution in executions {
            execution.await.unwrap();
        }
        assert_eq!(lulls.begun.load(Relaxed), 0);
    }

    #[tokio::test]
    async fn nobody_waits_without_end() {
        let goes_on = Arc::new(AtomicBool::new(true));
        busy(&goes_on);
        lulls(0, Duration::from_millis(10)).begin().await;
        goes_on.store(false, Relaxed);
    }
}
