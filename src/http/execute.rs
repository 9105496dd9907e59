//! The boundary between the edge and what answers: a document is prepared once and executed often.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{ServerError, Value, Variables, parser::types::ExecutableDocument};
use axum::body::Bytes;
use http::HeaderMap;

use super::rate::Identity;
use crate::{attachments::Attachments, ledger::Ledger};

/// Executes operations for whoever the caller's headers describe.
pub trait Execute: Clone + Send + Sync + 'static {
    /// What is made of a document once, for all its executions by all callers.
    type Prepared: Send + Sync + 'static;

    /// Validates a document that is parsed and within the limits. It may be kept and executed at
    /// any later time, so nothing in it may depend on variables or on the caller.
    ///
    /// # Errors
    /// All that the schema says is wrong with it.
    fn prepare(
        &self,
        document: Arc<ExecutableDocument>,
    ) -> impl Future<Output = Result<Self::Prepared, Vec<ServerError>>> + Send;

    /// Executes one operation of a document.
    fn execute(
        &self,
        document: &Self::Prepared,
        operation: Operation,
        caller: CallerParts,
    ) -> impl Future<Output = Answer> + Send;

    /// Who is behind the credentials in these headers, if there are any.
    fn identify(&self, headers: &HeaderMap) -> Option<Identity>;
}

/// One operation of a prepared document, and what it is executed with.
pub struct Operation {
    /// Which operation, where the document gives them names.
    pub name: Option<String>,
    /// Its variables, coerced to their types.
    pub variables: Variables,
    /// The files that variables stand for, by the numbers that these carry. They arrive meanwhile.
    pub attachments: Attachments,
    /// What the answer's `extensions` say of the request itself.
    pub extensions: BTreeMap<String, Value>,
}

/// What came of an execution.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The response, `extensions` included, as JSON.
    pub body: Bytes,
    /// How many errors the response lists.
    pub errors: usize,
    /// How long all that the answer was made from is still fresh; `None` if that is unknown or the
    /// answer must not be used again.
    pub fresh_for: Option<Duration>,
}

/// What is known of a caller.
#[derive(Clone, Debug)]
pub struct CallerParts {
    /// All headers of the request.
    pub headers: HeaderMap,
    /// The request's name in logs and at the upstreams.
    pub request_id: Arc<str>,
    /// The record of the operation.
    pub ledger: Arc<Ledger>,
    /// When work for the request should end, so that an answer still gets through.
    pub deadline: Instant,
}
