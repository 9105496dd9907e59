//! Futures that give way to each other within one task.
//!
//! Loads that begin side by side are one batch, so each lets the others come before it goes on. A task that
//! yields for that waits until everything else that is ready has gone on, and comes back to memory that is no
//! longer in the processor's caches. A turn is over when those who are polled together were polled.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::task::AtomicWaker;

/// After so many turns others go first.
const MAX_TURNS: usize = 32;

/// Lets all that is polled together with the caller go on until it waits. Outside of [`Turns`] it yields.
pub async fn turn() {
    let mut is_over = false;
    let wait = poll_fn(|context| {
        if std::mem::replace(&mut is_over, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    wait.await;
}

/// A future that is polled again at once if it was woken while it was polled.
pub struct Turns<F> {
    future: Pin<Box<F>>,
    woken: Arc<Woken>,
    waker: Waker,
}

impl<F: Future> Turns<F> {
    /// `future` with its turns.
    pub fn of(future: F) -> Self {
        let woken = Arc::<Woken>::default();
        Self {
            future: Box::pin(future),
            waker: Waker::from(Arc::clone(&woken)),
            woken,
        }
    }

    /// Goes on until it waits. Nobody is woken when it need no longer wait: it has to be polled.
    pub fn begin(&mut self) -> Option<F::Output> {
        match self.go_on() {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn go_on(&mut self) -> Poll<F::Output> {
        let mut context = Context::from_waker(&self.waker);
        for _ in 0..MAX_TURNS {
            self.woken.begin();
            let polled = self.future.as_mut().poll(&mut context);
            if !self.woken.end() || polled.is_ready() {
                return polled;
            }
        }
        self.woken.outer.wake();
        Poll::Pending
    }
}

impl<F: Future> Future for Turns<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.woken.outer.register(context.waker());
        self.go_on()
    }
}

/// Whether a future was woken, and whom that wakes.
#[derive(Default)]
struct Woken {
    outer: AtomicWaker,
    /// It is being polled: whoever polls it will see that it was woken.
    is_polled: AtomicBool,
    again: AtomicBool,
}

impl Woken {
    fn begin(&self) {
        self.is_polled.store(true, SeqCst);
        self.again.swap(false, SeqCst);
    }

    /// Whether it was woken since it began.
    fn end(&self) -> bool {
        self.is_polled.store(false, SeqCst);
        self.again.swap(false, SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.again.store(true, SeqCst);
        if !self.is_polled.load(SeqCst) {
            self.outer.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::{FutureExt, future::join_all};
    use tokio::{sync::oneshot, task::yield_now};

    use super::*;

    #[test]
    fn those_who_are_polled_together_come_before_anybody_goes_on() {
        let steps = Mutex::new(Vec::new());
        let note = |step: (usize, usize)| steps.lock().unwrap().push(step);
        let walks = (0..3).map(|number| async move {
            for step in 0..3 {
                note((step, number));
                turn().await;
            }
        });
        let end = Turns::of(join_all(walks)).begin();
        assert!(end.is_some());
        let steps = steps.into_inner().unwrap();
        assert_eq!(steps.len(), 9);
        assert!(steps.is_sorted());
    }

    #[test]
    fn what_waits_for_others_does_not_end_by_itself() {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = Turns::of(async {
            turn().await;
            receiver.await
        });
        assert_eq!(waiting.begin(), None);
        sender.send(7).unwrap();
        assert_eq!(waiting.now_or_never(), Some(Ok(7)));
    }

    #[test]
    fn many_turns_let_others_go_first() {
        let many = || async {
            for _ in 0..3 * MAX_TURNS {
                turn().await;
            }
        };
        assert!(Turns::of(many()).now_or_never().is_none());
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(Turns::of(many()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_wake_is_lost() {
        for _ in 0..200 {
            let waiting = (0..20).map(|_| {
                let (sender, receiver) = oneshot::channel();
                tokio::spawn(async move {
                    yield_now().await;
                    sender.send(())
                });
                async {
                    turn().await;
                    receiver.await
                }
            });
            let mut waiting = Turns::of(join_all(waiting));
            if waiting.begin().is_none() {
                let all = tokio::spawn(waiting).await.unwrap();
                assert!(all.iter().all(Result::is_ok));
            }
        }
    }
}
