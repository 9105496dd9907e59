//! How much one request may ask for.
//!
//! Each limit is a setting of the section `[limits]`. A refusal names the limit and its setting, so
//! that whoever meets it knows what to change, and whoever runs the gateway knows where.

use async_graphql::{Value, value};

use super::refusal::{Code, Refusal};

/// Bounds for one request. Fragments count wherever they are spread.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the document's text.
    pub document_size: usize,
    /// Words, strings and signs in the text.
    pub tokens: usize,
    /// Nesting of brackets in the text, and of selections with all fragments spread out.
    pub nesting: usize,
    /// Nesting of fields. Introspection does not count, so that tools work.
    pub depth: usize,
    /// Fields, spreads and inline fragments in all operations.
    pub fields: usize,
    /// Fields at the top of one operation.
    pub root_fields: usize,
    /// Aliases in all operations.
    pub aliases: usize,
    /// Directives in all operations.
    pub directives: usize,
    /// Arguments in all operations, and the values within them.
    pub arguments: usize,
    /// Items of one list, in an argument or in a variable.
    pub list_length: usize,
    /// Items of one page: the argument `first`.
    pub page_size: usize,
    /// Steps of comparing the fields that answer under the same name.
    pub overlaps: usize,
    /// Lists within lists of one introspection: the schema is a graph, and each such step multiplies.
    pub introspection_lists: usize,
    /// Calls of upstreams that one operation is predicted to cause.
    pub cost: usize,
    /// Requests in one body; 0 for no batches.
    pub batch: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_size: 100 * 1024,
            tokens: 10_000,
            nesting: 64,
            depth: 15,
            fields: 5_000,
            root_fields: 100,
            aliases: 500,
            directives: 500,
            arguments: 5_000,
            list_length: 1_000,
            page_size: 100,
            overlaps: 50_000,
            introspection_lists: 2,
            cost: 2_000,
            batch: 0,
        }
    }
}

/// One of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    DocumentSize,
    Tokens,
    Nesting,
    Depth,
    Fields,
    RootFields,
    Aliases,
    Directives,
    Arguments,
    ListLength,
    PageSize,
    Overlaps,
    IntrospectionLists,
    Cost,
    Batch,
}

impl Limit {
    /// What is counted, as a sentence goes on with it, and the setting.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::DocumentSize => ("the size of the document in bytes", "document_size"),
            Self::Tokens => ("the number of tokens", "tokens"),
            Self::Nesting => ("the nesting of brackets and selections", "nesting"),
            Self::Depth => ("the nesting of fields", "depth"),
            Self::Fields => ("the number of selections", "fields"),
            Self::RootFields => ("the number of fields at the top", "root_fields"),
            Self::Aliases => ("the number of aliases", "aliases"),
            Self::Directives => ("the number of directives", "directives"),
            Self::Arguments => ("the number of values in arguments", "arguments"),
            Self::ListLength => ("the length of a list", "list_length"),
            Self::PageSize => ("the page size `first`", "page_size"),
            Self::Overlaps => ("the work of comparing overlapping fields", "overlaps"),
            Self::IntrospectionLists => (
                "the nesting of lists in an introspection",
                "introspection_lists",
            ),
            Self::Cost => ("the number of predicted upstream calls", "cost"),
            Self::Batch => ("the number of requests in a batch", "batch"),
        }
    }
}

impl Limits {
    const fn max(&self, limit: Limit) -> usize {
        match limit {
            Limit::DocumentSize => self.document_size,
            Limit::Tokens => self.tokens,
            Limit::Nesting => self.nesting,
            Limit::Depth => self.depth,
            Limit::Fields => self.fields,
            Limit::RootFields => self.root_fields,
            Limit::Aliases => self.aliases,
            Limit::Directives => self.directives,
            Limit::Arguments => self.arguments,
            Limit::ListLength => self.list_length,
            Limit::PageSize => self.page_size,
            Limit::Overlaps => self.overlaps,
            Limit::IntrospectionLists => self.introspection_lists,
            Limit::Cost => self.cost,
            Limit::Batch => self.batch,
        }
    }

    /// Refuses what is over a limit.
    ///
    /// # Errors
    /// `actual` is more than allowed.
    pub(super) fn check(&self, limit: Limit, actual: impl TryInto<u64>) -> Result<(), Refusal> {
        let actual = actual.try_into().unwrap_or(u64::MAX);
        let max = u64::try_from(self.max(limit)).unwrap_or(u64::MAX);
        if actual <= max {
            return Ok(());
        }
        let (counted, key) = limit.names();
        let message = match (limit, max) {
            (Limit::Batch, 0) => {
                format!("Batches are switched off: send one request at a time (limits.{key}).")
            }
            _ => format!(
                "The request asks for too much: {counted} is {actual}, and at most {max} is allowed (limits.{key})."
            ),
        };
        let refusal = match limit {
            // An argument like others, so it is refused as the field itself refuses one.
            Limit::PageSize => {
                Refusal::at(Code::BadUserInput, None, message).with("argument", value!(["first"]))
            }
            // Before there is a document to be refused.
            Limit::Batch => Refusal::bad_request(message),
            _ => Refusal::at(Code::ValidationFailed, None, message),
        };
        let shown: Value = value!({ "key": format!("limits.{key}"), "max": max, "actual": actual });
        Err(refusal.with("limit", shown))
    }
}
