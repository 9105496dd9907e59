//! Texts that stay part of the record they were read from.
//!
//! A page of a list has hundreds of records with a dozen texts each. As `String`s they would be thousands of
//! small allocations that live as long as the cache keeps the page. So a record ([`records`]) is copied out
//! of the body once, and its texts are ranges of that copy. Nothing smaller than a record holds the
//! memory of more than itself.

use std::{cell::RefCell, fmt, marker::PhantomData, ops::Deref, sync::Arc};

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};

use super::read_text;

/// By this name a value asks for its own JSON text; other formats than ours give the value instead.
pub(super) const RAW: &str = "$raw";

thread_local! {
    /// The record that is being read. Reading is one synchronous call, so nobody else ever sees it.
    static RECORD: RefCell<Option<Arc<str>>> = const { RefCell::new(None) };
}

/// The records of a list. The texts of each are ranges of one copy.
///
/// # Errors
/// A record has another shape, or it is no list.
pub fn records<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let records = Vec::<Record<T>>::deserialize(deserializer)?;
    Ok(records.into_iter().map(|Record(record)| record).collect())
}

/// A record of a list.
struct Record<T>(T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Record<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record: Arc<str> = raw(deserializer)?.into();
        let outer = RECORD.replace(Some(Arc::clone(&record)));
        let value = read_text(&record);
        RECORD.set(outer);
        value.map(Self).map_err(D::Error::custom)
    }
}

/// A text of an answer.
#[derive(Clone)]
pub struct Text {
    of: Arc<str>,
    start: u32,
    end: u32,
}

impl Text {
    /// A part of the record that is being read, or else a copy.
    pub(super) fn of(text: &str) -> Self {
        let range = |of: &Arc<str>| {
            let start = text.as_ptr().addr().checked_sub(of.as_ptr().addr())?;
            let end = start.checked_add(text.len())?;
            (end <= of.len()).then_some(())?;
            Some(Self {
                start: start.try_into().ok()?,
                end: end.try_into().ok()?,
                of: Arc::clone(of),
            })
        };
        RECORD
            .with_borrow(|record| record.as_ref().and_then(range))
            .unwrap_or_else(|| Self {
                of: text.into(),
                start: 0,
                // A longer text than that is more than a body may have.
                end: u32::try_from(text.len()).unwrap_or_default(),
            })
    }
}

#[cfg(test)]
impl Text {
    /// How many bytes it holds in memory.
    pub(super) fn held(&self) -> usize {
        self.of.len()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.of
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfRecord;

        impl Visitor<'_> for OfRecord {
            type Value = Text;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text::of(text))
            }
        }

        deserializer.deserialize_str(OfRecord)
    }
}

/// The JSON text of a value.
pub(super) fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Raw<'de>, D::Error> {
    struct Value<'de>(PhantomData<&'de ()>);

    impl<'de> Visitor<'de> for Value<'de> {
        type Value = Raw<'de>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value")
        }

        fn visit_borrowed_str<E>(self, json: &'de str) -> Result<Raw<'de>, E> {
            Ok(Raw::Borrowed(json))
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            value: D,
        ) -> Result<Raw<'de>, D::Error> {
            let value = serde_json::Value::deserialize(value)?;
            Ok(Raw::Owned(value.to_string()))
        }
    }

    deserializer.deserialize_newtype_struct(RAW, Value(PhantomData))
}

pub(super) type Raw<'de> = std::borrow::Cow<'de, str>;
