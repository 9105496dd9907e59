//! Batches: several requests in one body, as a JSON array, each answered on its own and in its place.
//!
//! A batch is worth to the gateway what its requests are worth one by one: each is within the limits,
//! pays, waits for its turn, and has a record. A few are executed at a time. A mutation waits for all
//! before it, and all after it wait for it, so that a batch does what its requests would do one by one.

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use axum::body::Bytes;
use futures_util::{StreamExt, stream::FuturesOrdered};
use http::{Method, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    Answer, CallerParts, Execute,
    answer::{self, Outcome},
    graphql::{Endpoint, Ready},
    rate::Bill,
    record::Record,
    refusal::Refusal,
    request::Parameters,
};

/// Operations of a batch that are executed at once.
const AT_ONCE: u32 = 4;
/// Answers of one batch that are held in memory until all are there, in bytes; what is being executed
/// then is still answered.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// One request of a batch that it is time to execute.
struct Begun<'a, P> {
    record: Record,
    caller: CallerParts,
    ready: Result<(Ready<P>, [SemaphorePermit<'a>; 2]), Refusal>,
}

impl<E: Execute> Endpoint<E> {
    /// Answers a batch. Its coming is paid for, and each of its requests pays for itself.
    pub(super) async fn run_batch(
        &self,
        requests: Vec<Result<Parameters, Refusal>>,
        caller: CallerParts,
        bill: Bill,
    ) -> Answer {
        let room = Semaphore::new(AT_ONCE as usize);
        let size = AtomicUsize::new(0);
        let mut answers = Vec::with_capacity(requests.len());
        let mut running = FuturesOrdered::new();
        // They begin one after another, so that their turns come in the order of the batch.
        for parameters in requests {
            let mut beginning = pin!(self.begin_in_batch(parameters, &caller, &bill, &room));
            let begun = loop {
                tokio::select! {
                    begun = beginning.as_mut() => break begun,
                    Some(answer) = running.next() => answers.push(answer),
                }
            };
            running.push_back(self.finish_in_batch(begun, &size));
        }
        while let Some(answer) = running.next().await {
            answers.push(answer);
        }
        join(&answers)
    }

    async fn begin_in_batch<'a>(
        &'a self,
        parameters: Result<Parameters, Refusal>,
        caller: &CallerParts,
        bill: &Bill,
        room: &'a Semaphore,
    ) -> Begun<'a, E::Prepared> {
        let mut record = Record::start(&self.edge, &caller.headers, &caller.request_id);
        let caller = CallerParts {
            ledger: record.ledger.clone(),
            ..caller.clone()
        };
        let ready = async {
            let bill = bill.again()?;
            let parameters = parameters?;
            let place = self.admission.enter().await?;
            let ready = self
                .begin(
                    &Method::POST,
                    &caller,
                    (parameters, None),
                    bill,
                    &mut record,
                )
                .await?;
            let needs = if ready.is_query { 1 } else { AT_ONCE };
            let turn = room.acquire_many(needs).await.expect("nobody closes it");
            Ok((ready, [place, turn]))
        };
        let ready = ready.await;
        Begun {
            record,
            caller,
            ready,
        }
    }

    async fn finish_in_batch(&self, begun: Begun<'_, E::Prepared>, size: &AtomicUsize) -> Answer {
        let Begun {
            mut record,
            caller,
            ready,
        } = begun;
        let outcome: Outcome = match ready {
            Ok(_) if size.load(Relaxed) > MOST_BYTES => Err(Refusal::too_large(
                "The answers before this one are as much as a batch can hold: ask again, alone.",
            )),
            Ok((ready, _turn)) => Ok(self.finish(ready, caller).await),
            Err(refusal) => Err(refusal),
        };
        record.finish(&outcome, StatusCode::OK);
        let answer = outcome.unwrap_or_else(|refusal| Answer {
            body: answer::body(&refusal, self.edge.max_errors),
            errors: refusal.errors.len(),
            fresh_for: None,
        });
        size.fetch_add(answer.body.len(), Relaxed);
        answer
    }
}

/// All answers as one, which is fresh for as long as each of them.
fn join(answers: &[Answer]) -> Answer {
    let sizes = answers.iter().map(|answer| answer.body.len() + 1);
    let mut body = Vec::with_capacity(sizes.sum::<usize>() + 1);
    for answer in answers {
        body.push(if body.is_empty() { b'[' } else { b',' });
        body.extend_from_slice(&answer.body);
    }
    body.push(b']');
    let fresh_for = |answer: &Answer| answer.fresh_for.filter(|_| answer.errors == 0);
    Answer {
        body: Bytes::from(body),
        errors: answers.iter().map(|answer| answer.errors).sum(),
        fresh_for: answers.iter().map(fresh_for).min().flatten(),
    }
}
