//! Parts of an answer that are read when somebody asks for them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

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
    source: Source,
    part: UnreadIn<T>,
}

/// The same where somebody else knows the source.
pub struct UnreadIn<T> {
    json: Option<Span>,
    value: OnceLock<Result<T, Misfit>>,
}

impl<T> Unread<T> {
    pub(super) fn new(source: Source, part: UnreadIn<T>) -> Self {
        Self { source, part }
    }
}

impl<T: DeserializeOwned> Unread<T> {
    /// Reads it, if nobody has done so before; a part that is missing is read as `null`.
    ///
    /// # Errors
    /// It has another shape. `service` is to blame, and the log names the path below `name`.
    pub fn get(&self, service: Service, name: &'static str) -> Result<&T, Arc<Error>> {
        self.part.get(&self.source, service, name)
    }
}

/// As it would be read.
impl<T: DeserializeOwned + fmt::Debug> fmt::Debug for Unread<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = self.part.json(&self.source);
        read::<T>(&json).fmt(formatter)
    }
}

impl<T> UnreadIn<T> {
    /// The part that stands there.
    pub(super) fn at(json: Span) -> Self {
        Self {
            json: Some(json),
            value: OnceLock::new(),
        }
    }

    fn json(&self, source: &Source) -> Bytes {
        let json = self.json.map(|json| source.part(json));
        json.unwrap_or(Bytes::from_static(b"null"))
    }
}

impl<T: DeserializeOwned> UnreadIn<T> {
    /// See [`Unread::get`]; `source` is what it came with.
    ///
    /// # Errors
    /// See there.
    pub fn get(
        &self,
        source: &Source,
        service: Service,
        name: &'static str,
    ) -> Result<&T, Arc<Error>> {
        let value = self.value.get_or_init(|| {
            let json = self.json(source);
            read(&json).inspect_err(|_| {
                let path = find_misfit::<T>(&json);
                tracing::warn!(%service, part = name, path, "a part of an upstream body does not fit the documented shape");
            })
        });
        value.as_ref().map_err(|Misfit| Error::unreadable(service))
    }
}

impl<T> Default for UnreadIn<T> {
    fn default() -> Self {
        Self {
            json: None,
            value: OnceLock::new(),
        }
    }
}

/// What was read of the original is not copied.
impl<T> Clone for Unread<T> {
    fn clone(&self) -> Self {
        Self::new(self.source.clone(), self.part.clone())
    }
}

/// What was read of the original is not copied: a clone is as light as a span.
impl<T> Clone for UnreadIn<T> {
    fn clone(&self) -> Self {
        Self {
            json: self.json,
            value: OnceLock::new(),
        }
    }
}

impl<'de, T> Deserialize<'de> for UnreadIn<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = deserializer.deserialize_newtype_struct(PLACE, Places { of_texts: false })?;
        Ok(Self::at(json))
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

/// An object that may be missing: see [`lenient::object`].
#[derive(Debug, Clone, PartialEq)]
pub struct Object<T>(pub Option<T>);

impl<'de, T: Deserialize<'de> + Default + PartialEq> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::object(deserializer).map(Self)
    }
}
