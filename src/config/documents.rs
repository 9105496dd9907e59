//! Documents: how they are kept, named and trusted.

use std::path::PathBuf;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::notation::{OptionalText, Text};

/// Documents that callers send again and again.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Documents {
    /// Memory for documents that are ready for execution: parsed, validated and within the limits.
    /// As much again is for bodies that come again. "0" prepares each anew.
    #[serde(with = "Text::<usize>")]
    pub max_bytes: usize,
    pub persisted: Persisted,
    pub trusted: Trusted,
}

impl Default for Documents {
    fn default() -> Self {
        Self {
            max_bytes: 8 * 1024 * 1024,
            persisted: Persisted::default(),
            trusted: Trusted::default(),
        }
    }
}

/// Automatic persisted queries: a client sends the hash of a document, and its text only if the hash
/// is not known.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Persisted {
    /// Memory for texts that are known by their hash; "0" switches hashes off.
    #[serde(with = "Text::<usize>")]
    pub max_bytes: usize,
}

impl Default for Persisted {
    fn default() -> Self {
        Self {
            max_bytes: 4 * 1024 * 1024,
        }
    }
}

/// Documents that the operator trusts: a list that the build of a client has made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trusted {
    /// Whether clients may name documents of the list, and whether others are executed as well.
    pub mode: TrustedMode,
    /// File with the list: a persisted query manifest of Apollo's tools, or an object of ids and
    /// texts as relay-compiler and graphql-codegen write it. It is read again when it changes.
    #[serde(
        with = "OptionalText::<PathBuf>",
        skip_serializing_if = "Option::is_none"
    )]
    pub manifest: Option<PathBuf>,
    /// Whoever sends this in the header `haulgraph-operator-key` may ask for any document in mode
    /// "only": at least 32 characters that nobody can guess. A secret: better in the environment than
    /// in a file.
    #[serde(
        deserialize_with = "OptionalText::<SecretString>::deserialize",
        skip_serializing
    )]
    #[schemars(with = "OptionalText::<SecretString>")]
    pub operator_key: Option<SecretString>,
}

/// What the list of trusted documents is for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedMode {
    /// There is none.
    #[default]
    Off,
    /// Its documents may be asked for by id, and all others by their text.
    Prefer,
    /// Nothing else is executed.
    Only,
}
