//! `/graphql`: GraphQL over HTTP, phase by phase.

use std::{collections::BTreeMap, pin::pin, sync::Arc, time::Duration};

use async_graphql::{Name, parser::types::OperationType, value};
use axum::{body::Bytes, extract::Request, response::Response};
use http::{HeaderMap, HeaderName, Method, Uri};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Answer, CallerParts, Edge, Execute, Operation,
    admission::Admission,
    answer::{self, Outcome, Style, Wishes},
    discretion::Discretion,
    layers::{self, Known, RequestId},
    library::Library,
    listener::Peer,
    multipart::{self, FormLimits},
    negotiation::{BodyType, MediaType},
    preflight,
    prepared::{Document, Documents},
    rate::{Bill, Purses},
    record::Record,
    refusal::Refusal,
    request::{self, Body, Parameters},
    resolution::{Repetitions, Resolved},
};
use crate::{attachments::Attachments, ledger::Ledger};

/// Everything that serves `/graphql`.
pub(super) struct Endpoint<E: Execute> {
    pub(super) execute: E,
    pub(super) discretion: Option<Discretion>,
    pub(super) documents: Arc<Documents<E>>,
    pub(super) library: Library,
    pub(super) repetitions: Repetitions<E::Prepared>,
    pub(super) admission: Admission,
    pub(super) uploads: Admission,
    pub(super) purses: Option<Purses>,
    pub(super) style: Style,
    pub(super) edge: Edge,
    /// Ends with this.
    pub(super) _upkeep: Option<AbortOnDropHandle<()>>,
}

/// An operation that is ready for execution.
pub(super) struct Ready<P> {
    document: Arc<Document<P>>,
    operation: Operation,
    pub(super) is_query: bool,
    /// The names in its variables, if anybody wants to know.
    keys: Vec<Name>,
}

/// What a request holds.
enum Content<P> {
    /// A body that came before.
    Known(Resolved<P>),
    /// Parameters, and their text if that was all of the body.
    One(Parameters, Option<Bytes>),
    Batch(Vec<Result<Parameters, Refusal>>),
}

/// Refuses a method that is none of ours. OPTIONS too, where no other site's pages may read answers.
fn other_method(media: MediaType) -> Response {
    answer::refuse(
        media,
        &Refusal::method("GET, POST", "Use POST, or GET for queries."),
        1,
    )
}

impl<E: Execute> Endpoint<E> {
    /// Answers a request: operations by POST, and queries by GET.
    pub(super) async fn answer(self: Arc<Self>, request: Request, peer: Option<Peer>) -> Response {
        let limit = self.edge.request_timeout;
        let serve = |request, known| self.serve(request, known, peer);
        layers::surround(limit, request, serve).await
    }

    async fn serve(&self, request: Request, known: Known, peer: Option<Peer>) -> Response {
        let (parts, body) = request.into_parts();
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        if !matches!(method, Method::POST | Method::GET | Method::HEAD) {
            return other_method(known.media.unwrap_or_default());
        }
        let mut record = Record::start(&self.edge, &headers, &known.id.0);
        let (wishes, outcome) = match known.media {
            Ok(media) => {
                let mut wishes = Wishes::of(media, &method, &headers);
                let caller = self.caller(headers, known.id, &record.ledger);
                let asked = self.asked(&method, &uri, body, &caller.headers, peer).await;
                let outcome = match asked {
                    Ok((content, bill)) => {
                        let record = &mut record;
                        self.run(&method, caller, content, bill, &mut wishes, record)
                            .await
                    }
                    Err(refusal) => Err(refusal),
                };
                (wishes, outcome)
            }
            Err(refusal) => (Wishes::default(), Err(refusal)),
        };
        let response = self.style.answer(&wishes, &outcome).await;
        record.finish(&outcome, response.status());
        response
    }

    /// What a request asks for, and what it has to pay.
    async fn asked(
        &self,
        method: &Method,
        uri: &Uri,
        body: axum::body::Body,
        headers: &HeaderMap,
        peer: Option<Peer>,
    ) -> Result<(Content<E::Prepared>, Bill), Refusal> {
        let bill = self.bill(peer, headers)?;
        if *method != Method::POST {
            preflight::require_own_site(headers, &self.edge.origins)?;
            return Ok((Content::One(Parameters::from_uri(uri)?, None), bill));
        }
        let reading = pin!(self.read_body(body, headers));
        let body = layers::within(self.edge.body_timeout, reading).await;
        Ok((body.unwrap_or_else(|| Err(Refusal::slow_body()))?, bill))
    }

    async fn run(
        &self,
        method: &Method,
        caller: CallerParts,
        content: Content<E::Prepared>,
        bill: Bill,
        wishes: &mut Wishes,
        record: &mut Record,
    ) -> Outcome {
        match content {
            Content::Known(resolved) => {
                let _place = self.admission.enter().await?;
                self.note_again(&resolved, record);
                let ready = self.ready(resolved, Attachments::default(), &caller.headers, bill)?;
                Ok(self.finish(ready, caller).await)
            }
            Content::One(parameters, text) => {
                let attachments = parameters.attachments.clone();
                let outcome = self.run_one(method, caller, (parameters, text), bill, record);
                // What comes again needs less room.
                let outcome = Box::pin(outcome).await;
                attachments.discard();
                outcome
            }
            Content::Batch(requests) => {
                record.dissolve();
                // The newer media type is one of single responses.
                wishes.media = MediaType::Json;
                // Batches are rare, and what their work needs is large.
                Ok(Box::pin(self.run_batch(requests, caller, bill)).await)
            }
        }
    }

    async fn run_one(
        &self,
        method: &Method,
        caller: CallerParts,
        request: (Parameters, Option<Bytes>),
        bill: Bill,
        record: &mut Record,
    ) -> Outcome {
        // A file keeps its place at the upstream, and here, for as long as its sender takes.
        let _upload = match request.0.attachments.is_empty() {
            true => None,
            false => Some(self.uploads.enter().await?),
        };
        let _place = self.admission.enter().await?;
        let ready = self.begin(method, &caller, request, bill, record).await?;
        Ok(self.finish(ready, caller).await)
    }

    /// All that comes before execution, of a request and its text if that was all of a body.
    pub(super) async fn begin(
        &self,
        method: &Method,
        caller: &CallerParts,
        (parameters, text): (Parameters, Option<Bytes>),
        bill: Bill,
        record: &mut Record,
    ) -> Result<Ready<E::Prepared>, Refusal> {
        let attachments = parameters.attachments.clone();
        let resolved = self.resolve(method, &caller.headers, parameters, text, record);
        self.ready(resolved.await?, attachments, &caller.headers, bill)
    }

    /// An operation with all that depends on its caller, and paid for.
    fn ready(
        &self,
        resolved: Resolved<E::Prepared>,
        attachments: Attachments,
        headers: &HeaderMap,
        mut bill: Bill,
    ) -> Result<Ready<E::Prepared>, Refusal> {
        let mut extensions = BTreeMap::new();
        if wants_cost(headers) {
            let cost = value!({ "calls": resolved.calls, "max": self.edge.limits.cost });
            extensions.insert("cost".to_owned(), cost);
        }
        bill.pay(resolved.calls)?;
        Ok(Ready {
            document: resolved.document,
            operation: Operation {
                name: resolved.name,
                variables: resolved.variables,
                attachments,
                extensions,
            },
            is_query: resolved.kind == OperationType::Query,
            keys: resolved.keys,
        })
    }

    pub(super) async fn finish(&self, ready: Ready<E::Prepared>, caller: CallerParts) -> Answer {
        let prepared = &ready.document.prepared;
        let mut answer = self
            .execute
            .execute(prepared, ready.operation, caller)
            .await;
        if !ready.is_query {
            answer.fresh_for = None;
        }
        if let Some(discretion) = &self.discretion {
            discretion.redact_answer(&mut answer, &ready.document.text, &ready.keys);
        }
        answer
    }

    async fn read_body(
        &self,
        body: axum::body::Body,
        headers: &HeaderMap,
    ) -> Result<Content<E::Prepared>, Refusal> {
        match BodyType::of(headers)? {
            BodyType::Json => {
                let text = request::read_whole(body, self.edge.body_limit).await?;
                if let Some(resolved) = self.repetitions.find(&text) {
                    return Ok(Content::Known(resolved));
                }
                Ok(match Body::read(&text, &self.edge.limits)? {
                    Body::One(parameters) => Content::One(parameters, Some(text)),
                    Body::Batch(requests) => Content::Batch(requests),
                })
            }
            BodyType::Form(boundary) => {
                preflight::require_proof(headers)?;
                let form = multipart::read(body, boundary, self.form_limits());
                Ok(Content::One(Box::pin(form).await?, None))
            }
        }
    }

    /// What a request has to pay.
    fn bill(&self, peer: Option<Peer>, headers: &HeaderMap) -> Result<Bill, Refusal> {
        let Some(purses) = &self.purses else {
            return Ok(Bill::default());
        };
        let address = peer.map(|Peer(address)| address.ip());
        purses.open(self.execute.identify(headers), address)
    }

    fn form_limits(&self) -> FormLimits {
        FormLimits {
            operations: self.edge.body_limit,
            files: self.edge.upload_limit,
            time: self.edge.body_timeout,
        }
    }

    fn caller(&self, headers: HeaderMap, id: RequestId, ledger: &Arc<Ledger>) -> CallerParts {
        CallerParts {
            request_id: id.0,
            headers,
            ledger: Arc::clone(ledger),
            deadline: ledger.started() + execution_time(self.edge.request_timeout),
        }
    }
}

/// Whether the caller wants to read what the operation is predicted to cost.
fn wants_cost(headers: &HeaderMap) -> bool {
    const COST: HeaderName = HeaderName::from_static("haulgraph-cost");
    headers.get(COST).is_some_and(|value| value == "1")
}

/// The part of a request's time that is for executing it: what is left lets an answer through that
/// has lost some fields to slow upstreams, but not all.
fn execution_time(request_timeout: Duration) -> Duration {
    request_timeout.mul_f64(0.95)
}
