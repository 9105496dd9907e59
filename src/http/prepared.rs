//! Prepared documents: what a text asks for is judged once, and its repetitions are only executed.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, OperationDefinition},
};
use moka::sync::Cache;

use super::{
    CostTable, Execute, Limits,
    cost::Estimate,
    document, fields, guard, overlaps, positions,
    refusal::{Code, Refusal},
    scan,
    schema::PublishedSchema,
};

/// A document that passed all phases which depend on nothing but its text.
pub(super) struct Document<P> {
    pub(super) parsed: Arc<ExecutableDocument>,
    pub(super) prepared: P,
    estimates: HashMap<Option<Name>, Estimate>,
}

impl<P> Document<P> {
    /// What is known of an operation's cost.
    pub(super) fn estimate(&self, operation: Option<&Name>) -> Option<&Estimate> {
        self.estimates.get(&operation.cloned())
    }
}

/// What documents are judged by.
pub(super) struct Rules<'a> {
    pub(super) schema: &'a PublishedSchema,
    pub(super) limits: &'a Limits,
    pub(super) costs: &'a CostTable,
    /// Whether the schema may be asked about itself.
    pub(super) introspection: bool,
}

impl Rules<'_> {
    /// Judges all that depends on nothing but the text, in time that grows with its length.
    fn check(&self, text: &str) -> Result<ExecutableDocument, Refusal> {
        scan::check(text, self.limits)?;
        let parsed = document::parse(text)?;
        document::require_more_than_subscriptions(&parsed)?;
        guard::check(&parsed, self.limits, self.introspection)?;
        fields::check(&parsed, self.schema)?;
        positions::check(&parsed, self.schema)?;
        overlaps::check(&parsed, self.schema, self.limits)?;
        Ok(parsed)
    }

    fn estimates(&self, document: &ExecutableDocument) -> HashMap<Option<Name>, Estimate> {
        let operations = document.operations.iter();
        let estimate = |(name, operation): (Option<&Name>, &Positioned<OperationDefinition>)| {
            let estimate = Estimate::of(&operation.node, document, self.schema, self.costs);
            (name.cloned(), estimate)
        };
        operations.map(estimate).collect()
    }
}

/// The documents that were sent lately, by their full text.
pub(super) struct Documents<P>(Cache<Arc<str>, Arc<Document<P>>>);

/// What a prepared document takes in memory for each byte of its text (measured: 15 to 25), and at
/// least.
const BYTES_PER_BYTE: usize = 25;
const LEAST_BYTES: usize = 2048;

impl<P: Send + Sync + 'static> Documents<P> {
    /// Room for about `max_bytes` of prepared documents.
    pub(super) fn new(max_bytes: usize) -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Document<P>>| {
            let bytes = text.len().saturating_mul(BYTES_PER_BYTE) + LEAST_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(
            Cache::builder()
                .max_capacity(max_bytes as u64)
                .weigher(weigh)
                .build(),
        )
    }

    /// The document of this text. What is refused is not kept.
    ///
    /// # Errors
    /// It is too large, no GraphQL, or does not fit the schema.
    pub(super) async fn prepare<E: Execute<Prepared = P>>(
        &self,
        text: &str,
        execute: &E,
        rules: &Rules<'_>,
    ) -> Result<Arc<Document<P>>, Refusal> {
        if let Some(document) = self.0.get(text) {
            return Ok(document);
        }
        let parsed = Arc::new(rules.check(text)?);
        let prepared = execute
            .prepare(Arc::clone(&parsed))
            .await
            .map_err(|errors| Refusal::graphql(Code::ValidationFailed, errors))?;
        let estimates = rules.estimates(&parsed);
        let document = Arc::new(Document {
            parsed,
            prepared,
            estimates,
        });
        self.0.insert(text.into(), Arc::clone(&document));
        Ok(document)
    }
}
