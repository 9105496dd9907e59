//! Parts of an answer that are read when somebody asks for them.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use super::{
    Misfit, find_misfit, read,
    source::{PLACE, Places, Source, Span},
};
use crate::{
    identity::Service,
    upstream::{Error, lenient},
};

/// A part of an answer of which only the text is known, until somebody asks for it.
///
/// An answer may hold much that a caller has not selected, and that costs no more than its bytes.
pub struct Unread<T> {
    json: Option<Span>,
    value: OnceLock<Result<T, Misfit>>,
}

impl<T: DeserializeOwned> Unread<T> {
    /// Reads it in the `source` that it came with, if nobody has done so before; a part that is missing
    /// is read as `null`.
    ///
    /// # Errors
    /// It has another shape. `service` is to blame, and the log names the path below `name`.
    pub fn get(
        &self,
        source: &Source,
        service: Service,
        name: &'static str,
    ) -> Result<&T, Arc<Error>> {
        let value = self.value.get_or_init(|| {
            let json = self
                .json
                .map_or(Bytes::from_static(b"null"), |json| source.part(json));
            read(&json).inspect_err(|_| {
                let path = find_misfit::<T>(&json);
                tracing::warn!(%service, part = name, path, "a part of an upstream body does not fit the documented shape");
            })
        });
        value.as_ref().map_err(|Misfit| Error::unreadable(service))
    }
}

impl<T> Default for Unread<T> {
    fn default() -> Self {
        Self {
            json: None,
            value: OnceLock::new(),
        }
    }
}

/// What was read of the original is not copied: a clone is as light as a span.
impl<T> Clone for Unread<T> {
    fn clone(&self) -> Self {
        Self {
            json: self.json,
            value: OnceLock::new(),
        }
    }
}

impl<'de, T> Deserialize<'de> for Unread<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = deserializer.deserialize_newtype_struct(PLACE, Places { of_texts: false })?;
        Ok(Self {
            json: Some(json),
            value: OnceLock::new(),
        })
    }
}

/// A list, read tolerantly: see [`lenient::list`].
#[derive(Debug, Clone, PartialEq)]
pub struct List<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::list(deserializer).map(Self)
    }
}
