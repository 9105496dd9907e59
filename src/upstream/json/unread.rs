//! Parts of an answer that are read when somebody asks for them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use super::{
    Misfit, find_misfit, read_text,
    text::{Text, raw},
};
use crate::{
    identity::Service,
    upstream::{Class, Error, lenient},
};

/// A part of an answer of which only the text is known, until somebody asks for it.
///
/// An answer may hold much that a caller has not selected, and that costs no more than its bytes.
pub struct Unread<T> {
    json: Option<Text>,
    value: OnceLock<Result<T, Misfit>>,
}

impl<T: DeserializeOwned> Unread<T> {
    /// Reads it, if nobody has done so before; a part that is missing is read as `null`.
    ///
    /// # Errors
    /// It has another shape. `service` is to blame, and the log names the path below `name`.
    pub fn get(&self, service: Service, name: &'static str) -> Result<&T, Arc<Error>> {
        let value = self.value.get_or_init(|| {
            read_text(self.json()).inspect_err(|_| {
                let path = find_misfit::<T>(self.json().as_bytes());
                tracing::warn!(%service, part = name, path, "a part of an upstream body does not fit the documented shape");
            })
        });
        value.as_ref().map_err(|Misfit| {
            let reason = format!("{service} sent an answer that could not be read.");
            Error::new(service, Class::InvalidResponse, reason)
        })
    }
}

impl<T> Unread<T> {
    fn json(&self) -> &str {
        self.json.as_deref().unwrap_or("null")
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

/// What was read of the original is not copied: a clone is as light as its text.
impl<T> Clone for Unread<T> {
    fn clone(&self) -> Self {
        Self {
            json: self.json.clone(),
            value: OnceLock::new(),
        }
    }
}

impl<T> PartialEq for Unread<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl<T: DeserializeOwned + fmt::Debug> fmt::Debug for Unread<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match read_text::<T>(self.json()) {
            Ok(value) => value.fmt(formatter),
            Err(misfit) => misfit.fmt(formatter),
        }
    }
}

impl<'de, T> Deserialize<'de> for Unread<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            json: Some(Text::of(&raw(deserializer)?)),
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
