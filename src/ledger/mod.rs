//! The one record of an operation: what it cost, where its answers came from, and in which order.
//!
//! The edge opens a ledger for every operation, whoever reads or calls for it writes into it, and
//! the edge closes it: the line in the log, the metrics, the trace and `extensions.explain` are all
//! made of it. It holds names from the code only: no path with values, no argument, no credential.

mod event;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use tracing::level_filters::LevelFilter;

use self::event::milliseconds;
pub use self::event::{CallEvent, Event, Source};
use crate::trace::{Position, SpanId};

/// What an operation cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Calls to upstreams.
    pub calls: usize,
    /// Keys that were answered from memory, by whichever gateway.
    pub hits: usize,
    /// Keys that were answered by a call, its own or another's.
    pub misses: usize,
    /// Keys whose answers were stale.
    pub stale: usize,
    /// How long it waited for upstreams.
    pub waited: Duration,
}

/// `extensions.explain`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The time from the beginning until now.
    #[serde(rename = "ms", serialize_with = "milliseconds")]
    took: Duration,
    /// The part of it that was spent waiting for upstreams.
    #[serde(rename = "waitedMs", serialize_with = "milliseconds")]
    waited: Duration,
    events: Vec<Event>,
    /// How many more events there were.
    events_left_out: usize,
}

/// What became of an operation, for its trace.
#[derive(Debug)]
pub struct Ended<'a> {
    /// The operation's name, as the caller wrote it, cut to a sane length.
    pub name: Option<&'a str>,
    /// Query or mutation.
    pub ty: &'static str,
    /// The request's id.
    pub request_id: &'a str,
    /// HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// How many errors the answer lists.
    pub errors: usize,
}

/// Makes spans of ledgers.
pub trait Tracer: fmt::Debug + Send + Sync {
    /// Where an operation that begins now stands, given the caller's `traceparent`.
    fn position(&self, traceparent: Option<&http::HeaderValue>) -> Position;

    /// Hands on the spans of an operation that has ended. It must not wait.
    fn record(&self, ledger: &Ledger, ended: &Ended<'_>);
}

/// So many events are told; the rest is counted.
const MOST_EVENTS: usize = 1000;

/// The record of one operation.
#[derive(Debug)]
pub struct Ledger {
    started: Instant,
    explains: bool,
    position: Option<Position>,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    sum: Sum,
    caller: Option<String>,
    /// How many wait for upstreams, and since when somebody does.
    waiting: usize,
    waiting_since: Option<Instant>,
    events: Vec<Event>,
    left_out: usize,
}

impl Book {
    fn note(&mut self, event: Event) {
        if self.events.len() < MOST_EVENTS {
            self.events.push(event);
        } else {
            self.left_out += 1;
        }
    }
}

impl Ledger {
    /// A ledger that begins now. Events are kept if they are to be told, to the caller (`explains`)
    /// or in a trace.
    pub fn open(explains: bool, position: Option<Position>) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            explains,
            position,
            book: Mutex::default(),
        })
    }

    /// When the operation began.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Whether the caller asked for an explanation.
    pub fn explains(&self) -> bool {
        self.explains
    }

    /// The operation's place in a trace, if it is traced.
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// Whether anybody will read whose operation it is: in the log or in a trace.
    pub fn is_read(&self) -> bool {
        self.position.is_some() || LevelFilter::current() >= LevelFilter::INFO
    }

    /// Notes whose operation it is: a digest, never a credential.
    pub fn note_caller(&self, digest: String) {
        self.lock().caller = Some(digest);
    }

    /// The digest of the caller, if anything was read for somebody.
    pub fn caller(&self) -> Option<String> {
        self.lock().caller.clone()
    }

    /// Somebody begins to wait for an upstream, until the guard is dropped.
    pub fn wait(self: &Arc<Self>) -> Wait {
        let mut book = self.lock();
        book.waiting += 1;
        book.waiting_since.get_or_insert_with(Instant::now);
        drop(book);
        Wait(Arc::clone(self))
    }

    /// A call begins. It is noted when the guard is closed, or dropped: then it was given up.
    pub fn call(
        self: &Arc<Self>,
        service: &'static str,
        method: &http::Method,
        path: &'static str,
    ) -> OpenCall {
        self.lock().sum.calls += 1;
        let traced = self.position.as_ref().filter(|position| position.sampled);
        let event = CallEvent {
            start: self.started.elapsed(),
            took: Duration::ZERO,
            service,
            method: if self.keeps_events() {
                method.to_string()
            } else {
                String::new()
            },
            path,
            status: None,
            outcome: "given_up",
            source: Source::Network,
            span: traced.map(|_| SpanId::random()),
        };
        OpenCall {
            _wait: self.wait(),
            ledger: Arc::clone(self),
            event,
        }
    }

    /// Notes that `keys` of a resource were answered from `source`.
    pub fn note_read(
        &self,
        resource: &'static str,
        source: Source,
        keys: usize,
        (began, ended): (Instant, Instant),
    ) {
        let mut book = self.lock();
        *match source {
            Source::Network | Source::Shared => &mut book.sum.misses,
            Source::Memory | Source::Redis => &mut book.sum.hits,
            Source::Stale => &mut book.sum.stale,
        } += keys;
        if self.keeps_events() {
            book.note(Event::Read {
                start: began.saturating_duration_since(self.started),
                took: ended.saturating_duration_since(began),
                resource,
                source,
                keys,
            });
        }
    }

    /// Notes how the missing keys of a list are read, and why.
    pub fn note_plan(
        &self,
        resource: &'static str,
        plan: &'static str,
        keys: usize,
        why: impl FnOnce() -> String,
    ) {
        if self.keeps_events() {
            let start = self.started.elapsed();
            self.lock().note(Event::Plan {
                start,
                resource,
                plan,
                keys,
                why: why(),
            });
        }
    }

    /// What the operation has cost so far.
    pub fn sum(&self) -> Sum {
        let book = self.lock();
        let open = book.waiting_since.map_or(Duration::ZERO, |it| it.elapsed());
        Sum {
            waited: book.sum.waited + open,
            ..book.sum
        }
    }

    /// The events so far, in the order in which they began.
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.lock().events.clone();
        events.sort_by_key(|event| match event {
            Event::Call(call) => call.start,
            Event::Read { start, .. } | Event::Plan { start, .. } => *start,
        });
        events
    }

    /// What the caller is told, if it has asked.
    pub fn explanation(&self) -> Option<Explanation> {
        self.explains.then(|| Explanation {
            took: self.started.elapsed(),
            waited: self.sum().waited,
            events: self.events(),
            events_left_out: self.lock().left_out,
        })
    }

    fn keeps_events(&self) -> bool {
        self.explains || self.position.as_ref().is_some_and(|it| it.sampled)
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits for an upstream.
#[derive(Debug)]
pub struct Wait(Arc<Ledger>);

impl Drop for Wait {
    fn drop(&mut self) {
        let mut book = self.0.lock();
        book.waiting -= 1;
        if book.waiting == 0
            && let Some(since) = book.waiting_since.take()
        {
            book.sum.waited += since.elapsed();
        }
    }
}

/// A call that is under way.
#[derive(Debug)]
pub struct OpenCall {
    ledger: Arc<Ledger>,
    event: CallEvent,
    _wait: Wait,
}

impl OpenCall {
    /// The call's place in the trace, to be sent with it; `None` if the operation is not traced.
    pub fn position(&self) -> Option<Position> {
        let position = self.ledger.position.as_ref()?;
        let span = self.event.span.unwrap_or(position.span);
        Some(Position { span, ..*position })
    }

    /// The call has ended so.
    pub fn close(mut self, status: Option<u16>, outcome: &'static str) {
        self.event.status = status;
        self.event.outcome = outcome;
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        if self.ledger.keeps_events() {
            let start = self.event.start;
            self.event.took = self.ledger.started.elapsed().saturating_sub(start);
            self.ledger.lock().note(Event::Call(self.event.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn call(ledger: &Arc<Ledger>) -> OpenCall {
        ledger.call("cro", &Method::GET, "/customers/{customer_id}")
    }

    #[test]
    fn waiting_at_the_same_time_is_waiting_once() {
        let ledger = Ledger::open(false, None);
        let (one, other) = (ledger.wait(), ledger.wait());
        drop(one);
        assert!(ledger.lock().waiting_since.is_some());
        drop(other);
        let (waiting, since) = {
            let book = ledger.lock();
            (book.waiting, book.waiting_since)
        };
        assert_eq!((waiting, since), (0, None));
        assert!(ledger.sum().waited <= ledger.started().elapsed());
    }

    #[test]
    fn costs_are_counted_and_events_kept_only_for_who_asked() {
        let now = Instant::now();
        let quiet = Ledger::open(false, None);
        let telling = Ledger::open(true, None);
        for ledger in [&quiet, &telling] {
            call(ledger).close(Some(200), "ok");
            ledger.note_read("customers", Source::Memory, 3, (now, now));
            ledger.note_read("customers", Source::Stale, 1, (now, now));
            ledger.note_plan("customers", "WALK", 5, || "because".to_owned());
            let sum = ledger.sum();
            assert_eq!((sum.calls, sum.hits, sum.stale), (1, 3, 1));
        }
        assert!(quiet.events().is_empty());
        assert!(quiet.explanation().is_none());
        assert_eq!(telling.events().len(), 4);
    }

    #[test]
    fn a_call_that_nobody_closed_was_given_up() {
        let ledger = Ledger::open(true, None);
        drop(call(&ledger));
        let told = serde_json::to_value(ledger.explanation().unwrap()).unwrap();
        let event = &told["events"][0];
        assert_eq!(event["outcome"], "given_up");
        assert_eq!(event["path"], "/customers/{customer_id}");
        assert_eq!(event["status"], serde_json::Value::Null);
        assert!(event["ms"].is_f64() && event["startMs"].is_f64());
    }

    #[test]
    fn events_are_told_up_to_a_bound_and_counted_beyond() {
        let ledger = Ledger::open(true, None);
        for _ in 0..MOST_EVENTS + 3 {
            call(&ledger).close(Some(200), "ok");
        }
        let told = serde_json::to_value(ledger.explanation().unwrap()).unwrap();
        assert_eq!(told["events"].as_array().unwrap().len(), MOST_EVENTS);
        assert_eq!(told["eventsLeftOut"], 3);
    }
}
