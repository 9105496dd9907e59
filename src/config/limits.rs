//! The section `[limits]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::notation::Text;

/// Bounds for what one request may ask for. Fragments count wherever they are spread.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Most errors in one response; the rest is counted, not listed.
    #[schemars(range(min = 1, max = 1000))]
    pub errors: usize,
    /// Largest text of a document.
    #[serde(with = "Text::<usize>")]
    pub document_size: usize,
    /// Most words, strings and signs in a document.
    #[schemars(range(min = 10, max = 1_000_000))]
    pub tokens: usize,
    /// Deepest nesting of brackets and of selections.
    #[schemars(range(min = 1, max = 100))]
    pub nesting: usize,
    /// Deepest nesting of a query's fields; introspection is exempt.
    #[schemars(range(min = 1, max = 100))]
    pub depth: usize,
    /// Most fields, spreads and inline fragments.
    #[schemars(range(min = 1, max = 100_000))]
    pub fields: usize,
    /// Most fields at the top of one operation.
    #[schemars(range(min = 1, max = 10_000))]
    pub root_fields: usize,
    /// Most aliases.
    #[schemars(range(min = 0, max = 100_000))]
    pub aliases: usize,
    /// Most directives.
    #[schemars(range(min = 0, max = 100_000))]
    pub directives: usize,
    /// Most values in arguments, those in lists and objects included; 64 bytes of text are one.
    #[schemars(range(min = 1, max = 100_000))]
    pub arguments: usize,
    /// Most items of one list in an argument or a variable.
    #[schemars(range(min = 1, max = 100_000))]
    pub list_length: usize,
    /// Largest `first` of a page.
    #[schemars(range(min = 1, max = 100))]
    pub page_size: usize,
    /// Most steps of comparing fields that answer under the same name.
    #[schemars(range(min = 100, max = 10_000_000))]
    pub overlaps: usize,
    /// Deepest nesting of lists within an introspection.
    #[schemars(range(min = 0, max = 10))]
    pub introspection_lists: usize,
    /// Most upstream calls that one operation is predicted to cause.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub cost: usize,
    /// Most requests in one body, as a JSON array; 0 for no batches.
    #[schemars(range(min = 0, max = 100))]
    pub batch: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            errors: 50,
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
