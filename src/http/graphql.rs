//! `/graphql`: GraphQL over HTTP, phase by phase.

use std::{collections::BTreeMap, pin::pin, sync::Arc, time::Duration};

use async_graphql::{Name, parser::types::OperationType, value};
use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderName, Method, Uri};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Answer, CallerParts, Edge, Execute, Operation,
    admission::Admission,
    answer::{self, Outcome, Style, Wishes},
    discretion::{self, Discretion},
    document,
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
    request::{Asked, Body, Parameters},
    variables,
};
use crate::ledger::Ledger;

/// Everything that serves `/graphql`.
pub(super) struct Endpoint<E: Execute> {
    pub(super) execute: E,
    pub(super) discretion: Option<Discretion>,
    pub(super) documents: Arc<Documents<E>>,
    pub(super) library: Library,
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
                    Ok((body, bill)) => {
                        let run = self.run(&method, caller, body, bill, &mut wishes, &mut record);
                        run.await
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
    ) -> Result<(Body, Bill), Refusal> {
        let bill = self.bill(peer, headers)?;
        if *method != Method::POST {
            preflight::require_own_site(headers, &self.edge.origins)?;
            return Ok((Body::One(Parameters::from_uri(uri)?), bill));
        }
        let reading = pin!(self.read_body(body, headers));
        let body = layers::within(self.edge.body_timeout, reading).await;
        Ok((body.unwrap_or_else(|| Err(Refusal::slow_body()))?, bill))
    }

    async fn run(
        &self,
        method: &Method,
        caller: CallerParts,
        body: Body,
        bill: Bill,
        wishes: &mut Wishes,
        record: &mut Record,
    ) -> Outcome {
        match body {
            Body::One(parameters) => {
                let attachments = parameters.attachments.clone();
                let outcome = self.run_one(method, caller, parameters, bill, record);
                let outcome = outcome.await;
                attachments.discard();
                outcome
            }
            Body::Batch(requests) => {
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
        parameters: Parameters,
        bill: Bill,
        record: &mut Record,
    ) -> Outcome {
        // A file keeps its place at the upstream, and here, for as long as its sender takes.
        let _upload = match parameters.attachments.is_empty() {
            true => None,
            false => Some(self.uploads.enter().await?),
        };
        let _place = self.admission.enter().await?;
        let ready = self
            .begin(method, &caller, parameters, bill, record)
            .await?;
        Ok(self.finish(ready, caller).await)
    }

    /// All that comes before execution.
    pub(super) async fn begin(
        &self,
        method: &Method,
        caller: &CallerParts,
        parameters: Parameters,
        mut bill: Bill,
        record: &mut Record,
    ) -> Result<Ready<E::Prepared>, Refusal> {
        let document = self.document(&parameters.document, &caller.headers).await?;
        let keys = match self.discretion {
            Some(_) => discretion::keys(&parameters.variables),
            None => Vec::new(),
        };
        let (operation, calls) = self
            .operation(method, &caller.headers, &document, parameters, record)
            .map_err(|refusal| self.discreet(refusal, &document.text, &keys))?;
        bill.pay(calls)?;
        Ok(Ready {
            document,
            operation,
            is_query: record.kind == Some(OperationType::Query),
            keys,
        })
    }

    /// The document that the caller sends, or names.
    async fn document(
        &self,
        asked: &Asked,
        headers: &HeaderMap,
    ) -> Result<Arc<Document<E::Prepared>>, Refusal> {
        let text = self.library.find(asked, headers)?;
        let document = self.documents.prepare(&text).await;
        let document = document.map_err(|refusal| self.discreet(refusal, &text, &[]))?;
        self.library.learn(asked, &text)?;
        Ok(document)
    }

    /// Without names that the caller did not send, where the schema may not be asked about itself.
    fn discreet(&self, refusal: Refusal, document: &str, keys: &[Name]) -> Refusal {
        match &self.discretion {
            Some(discretion) => discretion.redact(refusal, document, keys),
            None => refusal,
        }
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
    ) -> Result<Body, Refusal> {
        match BodyType::of(headers)? {
            BodyType::Json => Body::read(body, self.edge.body_limit, &self.edge.limits).await,
            BodyType::Form(boundary) => {
                preflight::require_proof(headers)?;
                let form = multipart::read(body, boundary, self.form_limits());
                Box::pin(form).await.map(Body::One)
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

    /// The operation that the caller means, with all that depends on more than the document's text, and
    /// the calls that it is predicted to cause.
    fn operation(
        &self,
        method: &Method,
        headers: &HeaderMap,
        document: &Document<E::Prepared>,
        parameters: Parameters,
        record: &mut Record,
    ) -> Result<(Operation, u64), Refusal> {
        let (name, operation) =
            document::choose(&document.parsed, parameters.operation_name.as_deref())?;
        record.operation(name.map(Name::as_str), operation.node.ty);
        if *method != Method::POST && operation.node.ty != OperationType::Query {
            return Err(Refusal::method(
                "POST",
                "Only queries may be sent by GET: use POST.",
            ));
        }
        let limits = &self.edge.limits;
        let schema = self.documents.schema();
        let variables = parameters.variables;
        let variables = variables::coerce(&operation.node, variables, schema, limits)?;
        let mut extensions = BTreeMap::new();
        let estimate = document.estimate(name);
        let calls = estimate.map_or(Ok(0), |estimate| estimate.check(&variables, limits))?;
        if wants_cost(headers) {
            let cost = value!({ "calls": calls, "max": limits.cost });
            extensions.insert("cost".to_owned(), cost);
        }
        let operation = Operation {
            name: name.map(ToString::to_string),
            variables,
            attachments: parameters.attachments,
            extensions,
        };
        Ok((operation, calls))
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
