//! What an operation leaves behind, also if nobody waits for its end: a line in the log, its
//! metrics, and its trace. None of them holds variables or headers.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use http::{HeaderMap, HeaderName, StatusCode};

use super::{Edge, answer::Outcome};
use crate::{
    ledger::{Ended, Ledger, Tracer},
    metric::{self, InFlight, Meters},
};

const EXPLAIN: HeaderName = HeaderName::from_static("haulgraph-explain");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The record of one operation.
pub(super) struct Record {
    pub(super) ledger: Arc<Ledger>,
    request_id: Arc<str>,
    name: Option<String>,
    pub(super) kind: Option<OperationType>,
    is_operation: bool,
    errors: usize,
    refused: bool,
    status: Option<u16>,
    meters: Arc<Meters>,
    tracer: Option<Arc<dyn Tracer>>,
    _in_flight: InFlight,
}

impl Record {
    pub(super) fn start(edge: &Edge, headers: &HeaderMap, request_id: &Arc<str>) -> Self {
        let tracer = edge.tracer.clone();
        let position = tracer
            .as_ref()
            .map(|tracer| tracer.position(headers.get(TRACEPARENT)));
        Self {
            ledger: Ledger::open(edge.explain && wants_explanation(headers), position),
            request_id: Arc::clone(request_id),
            is_operation: true,
            name: None,
            kind: None,
            errors: 0,
            refused: false,
            status: None,
            _in_flight: edge.meters.begin_operation(),
            meters: Arc::clone(&edge.meters),
            tracer,
        }
    }

    pub(super) fn operation(&mut self, name: Option<&str>, kind: OperationType) {
        const LONGEST: usize = 100;
        self.name = name.map(|name| name.chars().take(LONGEST).collect());
        self.kind = Some(kind);
    }

    /// The request is a batch: each operation in it has a record of its own.
    pub(super) fn dissolve(&mut self) {
        self.is_operation = false;
    }

    pub(super) fn finish(&mut self, outcome: &Outcome, status: StatusCode) {
        (self.errors, self.refused) = match outcome {
            Ok(answer) => (answer.errors, false),
            Err(refusal) => (refusal.errors.len(), true),
        };
        self.status = Some(status.as_u16());
    }

    fn outcome(&self) -> metric::Outcome {
        match self.status {
            None => metric::Outcome::Abandoned,
            Some(_) if self.refused => metric::Outcome::Refused,
            Some(_) if self.errors > 0 => metric::Outcome::Errors,
            Some(_) => metric::Outcome::Ok,
        }
    }
}

fn wants_explanation(headers: &HeaderMap) -> bool {
    headers.get(EXPLAIN).is_some_and(|value| value == "1")
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.is_operation {
            return;
        }
        let (took, sum) = (self.ledger.started().elapsed(), self.ledger.sum());
        let ty = match self.kind {
            Some(OperationType::Query) => metric::OperationType::Query,
            Some(OperationType::Mutation) => metric::OperationType::Mutation,
            Some(OperationType::Subscription) | None => metric::OperationType::Unknown,
        };
        self.meters
            .count_operation(ty, self.outcome(), took, sum.waited);
        tracing::info!(
            name = self.name.as_deref(),
            kind = self.kind.map(tracing::field::display),
            caller = self.ledger.caller().map(tracing::field::display),
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            calls = sum.calls,
            hits = sum.hits,
            misses = sum.misses,
            stale = sum.stale,
            errors = self.errors,
            status = self.status,
            "{}",
            if self.status.is_some() {
                "operation"
            } else {
                "operation abandoned"
            },
        );
        if let Some(tracer) = &self.tracer {
            let ended = Ended {
                name: self.name.as_deref(),
                ty: ty.name(),
                request_id: &self.request_id,
                status: self.status,
                errors: self.errors,
            };
            tracer.record(&self.ledger, &ended);
        }
    }
}
