//! What a request asks for, as far as its text says: nothing in it depends on the caller or on the moment.
//!
//! Programs that poll send the same bytes again and again. So what is found out about a body is kept, and
//! found by all of the body.

use std::sync::Arc;

use async_graphql::{Name, Variables, parser::types::OperationType};
use axum::body::Bytes;
use http::{HeaderMap, Method};
use moka::sync::Cache;

use super::{
    Edge, Execute, discretion, document,
    graphql::Endpoint,
    prepared::Document,
    record::Record,
    refusal::Refusal,
    request::{Asked, Parameters},
    variables,
};
use crate::visits::Visits;

/// An operation that fits its document, the schema and the limits.
pub(super) struct Resolved<P> {
    pub(super) document: Arc<Document<P>>,
    /// Which operation, where the document gives them names.
    pub(super) name: Option<String>,
    pub(super) kind: OperationType,
    /// Coerced to their types.
    pub(super) variables: Variables,
    /// The names in its variables, if anybody wants to know.
    pub(super) keys: Vec<Name>,
    /// The calls that it is predicted to cause.
    pub(super) calls: u64,
}

impl<P> Clone for Resolved<P> {
    fn clone(&self) -> Self {
        Self {
            document: Arc::clone(&self.document),
            name: self.name.clone(),
            kind: self.kind,
            variables: self.variables.clone(),
            keys: self.keys.clone(),
            calls: self.calls,
        }
    }
}

/// Bodies that came again, and what each asks for.
pub(super) struct Repetitions<P> {
    kept: Cache<Vec<u8>, Arc<Resolved<P>>>,
    visits: Visits,
}

/// Larger bodies are not looked for: to find one takes a hash of all of it, and what repeats is small.
const LARGEST: usize = 16 * 1024;
/// What variables take in memory for each byte of their text: 72 for a number of one digit and its comma.
const BYTES_PER_BYTE: usize = 36;
/// Memory beside the body, the variables and the document.
const OVERHEAD: usize = 1024;

impl<P: Send + Sync + 'static> Repetitions<P> {
    /// Room for as much as documents may take.
    pub(super) fn new(edge: &Edge) -> Self {
        let weigh = |body: &Vec<u8>, resolved: &Arc<Resolved<P>>| {
            let document = &resolved.document;
            let variables = body.len().saturating_sub(document.text.len());
            // The document may be held by nobody else.
            let bytes = OVERHEAD + body.len() + BYTES_PER_BYTE * variables + document.weight();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder()
                .max_capacity(edge.document_bytes as u64)
                .weigher(weigh)
                .build(),
            visits: Visits::default(),
        }
    }

    /// What a body asks for that came again.
    pub(super) fn find(&self, body: &[u8]) -> Option<Resolved<P>> {
        if body.len() > LARGEST {
            return None;
        }
        let resolved = self.kept.get(body)?;
        Some(Resolved::clone(&resolved))
    }

    fn note(&self, body: &[u8], resolved: &Resolved<P>) {
        if body.len() <= LARGEST && self.visits.again(body) {
            self.kept.insert(body.into(), Arc::new(resolved.clone()));
        }
    }
}

impl<E: Execute> Endpoint<E> {
    /// Finds out what is asked for, and notes it for the `body` if it will mean the same when it comes again.
    ///
    /// # Errors
    /// The document, the choice of an operation or the variables are refused.
    pub(super) async fn resolve(
        &self,
        method: &Method,
        headers: &HeaderMap,
        parameters: Parameters,
        body: Option<Bytes>,
        record: &mut Record,
    ) -> Result<Resolved<E::Prepared>, Refusal> {
        let says_all = matches!(parameters.document, Asked::Text { hash: None, .. })
            && parameters.attachments.is_empty()
            && self.library.is_open();
        let document = self.document(&parameters.document, headers).await?;
        let keys = match self.discretion {
            Some(_) => discretion::keys(&parameters.variables),
            None => Vec::new(),
        };
        let chosen = self.choose(method, &document, parameters, record);
        let mut resolved =
            chosen.map_err(|refusal| self.discreet(refusal, &document.text, &keys))?;
        resolved.keys = keys;
        if let Some(body) = body
            && says_all
            && resolved.kind == OperationType::Query
        {
            self.repetitions.note(&body, &resolved);
        }
        Ok(resolved)
    }

    /// Notes what else is noted when an operation is resolved, of one whose body came before.
    pub(super) fn note_again(&self, resolved: &Resolved<E::Prepared>, record: &mut Record) {
        self.library.count_sent();
        record.operation(resolved.name.as_deref(), resolved.kind);
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

    /// The operation that the caller means, with all that depends on more than the document's text.
    fn choose(
        &self,
        method: &Method,
        document: &Arc<Document<E::Prepared>>,
        parameters: Parameters,
        record: &mut Record,
    ) -> Result<Resolved<E::Prepared>, Refusal> {
        let (name, operation) =
            document::choose(&document.parsed, parameters.operation_name.as_deref())?;
        let kind = operation.node.ty;
        record.operation(name.map(Name::as_str), kind);
        if *method != Method::POST && kind != OperationType::Query {
            return Err(Refusal::method(
                "POST",
                "Only queries may be sent by GET: use POST.",
            ));
        }
        let limits = &self.edge.limits;
        let schema = self.documents.schema();
        let variables = parameters.variables;
        let variables = variables::coerce(&operation.node, variables, schema, limits)?;
        let estimate = document.estimate(name);
        let calls = estimate.map_or(Ok(0), |estimate| estimate.check(&variables, limits))?;
        Ok(Resolved {
            document: Arc::clone(document),
            name: name.map(ToString::to_string),
            kind,
            variables,
            keys: Vec::new(),
            calls,
        })
    }

    /// Without names that the caller did not send, where the schema may not be asked about itself.
    fn discreet(&self, refusal: Refusal, document: &str, keys: &[Name]) -> Refusal {
        match &self.discretion {
            Some(discretion) => discretion.redact(refusal, document, keys),
            None => refusal,
        }
    }
}
