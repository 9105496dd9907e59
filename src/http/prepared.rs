//! Prepared documents: what a text asks for is judged once, and its repetitions are only executed.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use moka::sync::Cache;

use super::{
    Execute, Limits, document, guard, positions,
    refusal::{Code, Refusal},
    scan,
    schema::PublishedSchema,
};

/// A document that passed all phases which depend on nothing but its text.
pub(super) struct Document<P> {
    pub(super) parsed: Arc<ExecutableDocument>,
    pub(super) prepared: P,
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
        schema: &PublishedSchema,
        limits: &Limits,
        introspection: bool,
    ) -> Result<Arc<Document<P>>, Refusal> {
        if let Some(document) = self.0.get(text) {
            return Ok(document);
        }
        scan::check(text, limits)?;
        let parsed = document::parse(text)?;
        document::require_more_than_subscriptions(&parsed)?;
        guard::check(&parsed, limits, introspection)?;
        positions::check(&parsed, schema)?;
        let parsed = Arc::new(parsed);
        let prepared = execute
            .prepare(Arc::clone(&parsed))
            .await
            .map_err(|errors| Refusal::graphql(Code::ValidationFailed, errors))?;
        let document = Arc::new(Document { parsed, prepared });
        self.0.insert(text.into(), Arc::clone(&document));
        Ok(document)
    }
}
