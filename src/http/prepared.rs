//! Prepared documents: what a text asks for is judged once, and its repetitions are only executed.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned,
    parser::{
        self,
        types::{ExecutableDocument, OperationDefinition},
    },
};
use moka::sync::Cache;

use super::{
    CostTable, Edge, Execute, Limits,
    cost::Estimate,
    document, fields, guard, overlaps, positions,
    refusal::{Code, Refusal},
    scan,
    schema::PublishedSchema,
};

/// A document that passed all phases which depend on nothing but its text.
pub(super) struct Document<P> {
    pub(super) text: Arc<str>,
    pub(super) parsed: Arc<ExecutableDocument>,
    pub(super) prepared: P,
    estimates: HashMap<Option<Name>, Estimate>,
}

impl<P> Document<P> {
    /// How much memory it takes, about.
    pub(super) fn weight(&self) -> usize {
        self.text.len().saturating_mul(BYTES_PER_BYTE) + LEAST_BYTES
    }

    /// What is known of an operation's cost.
    pub(super) fn estimate(&self, operation: Option<&Name>) -> Option<&Estimate> {
        self.estimates.get(&operation.cloned())
    }
}

/// What documents are judged by.
struct Rules {
    schema: PublishedSchema,
    limits: Limits,
    costs: CostTable,
    /// Whether the schema may be asked about itself.
    introspection: bool,
}

impl Rules {
    /// Judges all that depends on nothing but the text, in time that grows with its length.
    fn check(&self, text: &str) -> Result<ExecutableDocument, Refusal> {
        scan::check(text, &self.limits)?;
        let parsed = document::parse(text)?;
        document::require_more_than_subscriptions(&parsed)?;
        guard::check(&parsed, &self.limits, self.introspection)?;
        fields::check(&parsed, &self.schema)?;
        positions::check(&parsed, &self.schema)?;
        overlaps::check(&parsed, &self.schema, &self.limits)?;
        Ok(parsed)
    }

    fn estimates(&self, document: &ExecutableDocument) -> HashMap<Option<Name>, Estimate> {
        let operations = document.operations.iter();
        let estimate = |(name, operation): (Option<&Name>, &Positioned<OperationDefinition>)| {
            let estimate = Estimate::of(&operation.node, document, &self.schema, &self.costs);
            (name.cloned(), estimate)
        };
        operations.map(estimate).collect()
    }
}

/// Prepares documents, and keeps those that were sent lately by their full text.
pub(super) struct Documents<E: Execute> {
    execute: E,
    rules: Rules,
    kept: Cache<Arc<str>, Arc<Document<E::Prepared>>>,
}

/// What a prepared document takes in memory for each byte of its text (measured: 15 to 25), and at
/// least.
const BYTES_PER_BYTE: usize = 25;
const LEAST_BYTES: usize = 2048;

impl<E: Execute> Documents<E> {
    /// Documents for an edge of these settings, which `execute` executes.
    ///
    /// # Errors
    /// The schema's text cannot be parsed.
    pub(super) fn new(execute: E, edge: &Edge) -> Result<Self, parser::Error> {
        let weigh = |_: &Arc<str>, document: &Arc<Document<E::Prepared>>| {
            u32::try_from(document.weight()).unwrap_or(u32::MAX)
        };
        Ok(Self {
            execute,
            rules: Rules {
                schema: PublishedSchema::parse(&edge.sdl, edge.scalars)?,
                limits: edge.limits,
                costs: edge.costs.clone(),
                introspection: edge.introspection,
            },
            kept: Cache::builder()
                .max_capacity(edge.document_bytes as u64)
                .weigher(weigh)
                .build(),
        })
    }

    /// The schema that the documents fit.
    pub(super) fn schema(&self) -> &PublishedSchema {
        &self.rules.schema
    }

    /// The document of this text. What is refused is not kept.
    ///
    /// # Errors
    /// It is too large, no GraphQL, or does not fit the schema.
    pub(super) async fn prepare(&self, text: &str) -> Result<Arc<Document<E::Prepared>>, Refusal> {
        match self.kept.get(text) {
            Some(document) => Ok(document),
            // Documents at hand need less room.
            None => Box::pin(self.prepare_anew(text)).await,
        }
    }

    async fn prepare_anew(&self, text: &str) -> Result<Arc<Document<E::Prepared>>, Refusal> {
        let parsed = Arc::new(self.rules.check(text)?);
        let prepared = self
            .execute
            .prepare(Arc::clone(&parsed))
            .await
            .map_err(|errors| Refusal::graphql(Code::ValidationFailed, errors))?;
        let estimates = self.rules.estimates(&parsed);
        let text: Arc<str> = text.into();
        let document = Arc::new(Document {
            text: Arc::clone(&text),
            parsed,
            prepared,
            estimates,
        });
        self.kept.insert(text, Arc::clone(&document));
        Ok(document)
    }
}
