//! Reads that are under way, and what the record of the request is told of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use crate::{
    cache::{Freshness, Origin, Pending},
    ledger::Source,
    upstream::{Error, Session},
};

/// A read that is under way.
#[derive(Clone)]
pub(super) struct Handle {
    batch: Arc<Batch>,
    /// Its number in the batch.
    at: usize,
}

impl Handle {
    pub(super) fn pending(&self) -> &Pending<Arc<Error>> {
        &self.batch.reads[self.at].pending
    }
}

/// What was begun together.
pub(super) struct Batch {
    began: Instant,
    reads: Vec<Read>,
}

struct Read {
    pending: Pending<Arc<Error>>,
    /// Whether the record of the request knows of it: each key is told once.
    told: AtomicBool,
}

impl Batch {
    /// The handles of reads that begin now.
    pub(super) fn begin(pending: Vec<Pending<Arc<Error>>>) -> impl Iterator<Item = Handle> {
        let read = |pending| Read {
            pending,
            told: AtomicBool::default(),
        };
        let batch = Arc::new(Self {
            began: Instant::now(),
            reads: pending.into_iter().map(read).collect(),
        });
        let keys = 0..batch.reads.len();
        keys.map(move |at| Handle {
            batch: Arc::clone(&batch),
            at,
        })
    }
}

/// The answers of one load that the record does not know yet.
#[derive(Default)]
pub(super) struct Untold {
    since: Option<Instant>,
    keys: [usize; Source::ALL.len()],
}

impl Untold {
    pub(super) fn add(&mut self, handle: &Handle, freshness: &Freshness) {
        let told = &handle.batch.reads[handle.at].told;
        if told.swap(true, Ordering::Relaxed) {
            return;
        }
        let began = handle.batch.began;
        self.since = Some(self.since.map_or(began, |since| since.min(began)));
        let source = match (freshness.stale, freshness.origin) {
            (Some(_), _) => Source::Stale,
            (None, Origin::Memory) => Source::Memory,
            (None, Origin::Shared) => Source::Redis,
            (None, Origin::Flight) => Source::Shared,
            (None, Origin::Network) => Source::Network,
        };
        self.keys[source as usize] += 1;
    }

    pub(super) fn tell(&self, session: &Session, resource: &'static str) {
        let Some(since) = self.since else { return };
        let time = (since, Instant::now());
        for (source, keys) in Source::ALL.into_iter().zip(self.keys) {
            if keys > 0 {
                session.ledger().note_read(resource, source, keys, time);
                let meters = &session.upstreams().meters;
                meters.count_reads(resource, source.name(), keys);
            }
        }
    }
}
