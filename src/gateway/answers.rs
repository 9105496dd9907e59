//! Whole answers: identical concurrent queries of one caller are one execution, and an answer is
//! given again while everything that it was made from is fresh.
//!
//! Both are kept apart by the whole [`Question`], compared in full: nobody sees an answer that was
//! made for other credentials or another tenant. An answer is forgotten when something is written that
//! it was made from, and nobody joins an execution that began before the last write.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use metrics::Counter;
use tokio::time::Instant;

use crate::{
    cache::{Store, Touched},
    http::Answer,
    identity::CallerDigest,
};

/// All that an answer depends on, but for what the upstreams say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// Who asks.
    pub(super) caller: CallerDigest,
    /// Number of the prepared document.
    pub(super) document: u64,
    pub(super) operation: Option<String>,
    /// The coerced variables as JSON.
    pub(super) variables: Vec<u8>,
}

/// What came of an execution.
#[derive(Clone)]
pub(super) struct Executed {
    pub(super) answer: Answer,
    /// Which writes would make it old; none if that cannot be said.
    pub(super) touched: Option<Touched>,
}

/// The answers that are kept, and those on their way.
pub(super) struct Answers {
    kept: Store<Arc<Question>, Kept>,
    running: Mutex<HashMap<Arc<Question>, Running>>,
    max_bytes: usize,
    shared: LazyLock<Counter>,
}

#[derive(Clone)]
struct Kept {
    answer: Answer,
    touched: Touched,
    /// How many writes there had been when its execution began.
    writes: u64,
    fresh_until: Instant,
}

struct Running {
    execution: WeakShared<BoxFuture<'static, Answer>>,
    writes: u64,
}

/// Memory that an answer needs beside its text: the question and the bookkeeping.
const OVERHEAD: usize = 512;

impl Answers {
    /// Room for about `max_bytes` of answers; zero keeps none.
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            kept: Store::new(max_bytes as u64),
            running: Mutex::default(),
            max_bytes,
            shared: LazyLock::new(|| metrics::counter!("haulgraph_operations_shared_total")),
        }
    }

    /// The answer that is kept, if it is still fresh.
    pub(super) fn find(&self, question: &Question, writes: &impl Writes) -> Option<Answer> {
        if self.max_bytes == 0 {
            return None;
        }
        let kept = self.kept.get(question)?;
        let left = kept.fresh_until.checked_duration_since(Instant::now())?;
        writes.spared(kept.touched, kept.writes).then_some(Answer {
            fresh_for: Some(left),
            ..kept.answer
        })
    }

    /// The answer of the execution that is under way for this question, or of `execution`. It goes on
    /// as long as anybody waits for it.
    pub(super) fn share(
        self: &Arc<Self>,
        question: Question,
        writes: &Arc<impl Writes>,
        execution: impl Future<Output = Executed> + Send + 'static,
    ) -> Shared<BoxFuture<'static, Answer>> {
        let known = writes.count();
        let mut running = self.lock();
        let under_way = running
            .get(&question)
            .filter(|under_way| under_way.writes == known)
            .and_then(|under_way| under_way.execution.upgrade());
        if let Some(shared) = under_way {
            self.shared.increment(1);
            return shared;
        }
        let question = Arc::new(question);
        let end = End {
            answers: Arc::clone(self),
            question: Arc::clone(&question),
            began: known,
        };
        let writes = Arc::clone(writes);
        let execution = async move {
            let executed = execution.await;
            end.keep(&executed, &*writes);
            executed.answer
        };
        let shared = execution.boxed().shared();
        if let Some(execution) = shared.downgrade() {
            let under_way = Running {
                execution,
                writes: known,
            };
            running.insert(question, under_way);
        }
        shared
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<Question>, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writes that make answers old.
pub(super) trait Writes: Send + Sync + 'static {
    /// How many there have been.
    fn count(&self) -> u64;
    /// Whether none has concerned what was touched since there were `since`.
    fn spared(&self, touched: Touched, since: u64) -> bool;
}

impl<E: Clone + Send + Sync + 'static> Writes for crate::cache::Cache<E> {
    fn count(&self) -> u64 {
        self.writes()
    }

    fn spared(&self, touched: Touched, since: u64) -> bool {
        self.is_unchanged(touched, since)
    }
}

/// The end of an execution: it can be joined no more, whether it came to an answer or not.
struct End {
    answers: Arc<Answers>,
    question: Arc<Question>,
    began: u64,
}

impl End {
    fn keep(&self, executed: &Executed, writes: &impl Writes) {
        let answer = &executed.answer;
        let fresh_for = answer.fresh_for.filter(|fresh_for| !fresh_for.is_zero());
        let (Some(fresh_for), Some(touched)) = (fresh_for, executed.touched) else {
            return;
        };
        // One answer must not push out all others.
        let fits = answer.body.len() <= self.answers.max_bytes / 8;
        if answer.errors > 0 || !fits || !writes.spared(touched, self.began) {
            return;
        }
        let kept = Kept {
            answer: answer.clone(),
            touched,
            writes: self.began,
            fresh_until: Instant::now() + fresh_for,
        };
        let bytes = OVERHEAD + self.question.variables.len() + answer.body.len();
        let question = Arc::clone(&self.question);
        self.answers.kept.insert(question, kept, bytes, fresh_for);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let mut running = self.answers.lock();
        let is_own = |under_way: &Running| under_way.writes == self.began;
        if running.get(&self.question).is_some_and(is_own) {
            running.remove(&self.question);
        }
    }
}

#[cfg(test)]
mod tests;
