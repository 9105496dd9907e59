//! Texts that know their source, and records that are one.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};

use super::{
    read_text,
    source::{Source, Span, read_within},
};

/// A text of an answer, by itself.
#[derive(Clone)]
pub struct Text {
    source: Source,
    span: Span,
}

impl Text {
    pub(super) fn new(source: Source, span: Span) -> Self {
        Self { source, span }
    }

    /// The text as its source spells it in JSON, in quotes; none if it had escapes, or was a number.
    pub fn spelling(&self) -> Option<&[u8]> {
        self.source.spelling(self.span)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.source.get(self.span)
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
        let span = Span::deserialize(deserializer)?;
        Ok(Self::new(Source::current(), span))
    }
}

/// A record that holds no more memory than its own text takes, of a list whose records may outlive it.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Apart<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Bytes::copy_from_slice(raw(deserializer)?.as_bytes());
        let value = read_within(record, read_text);
        value.map(Self).map_err(D::Error::custom)
    }
}

/// By this name a value asks for its own JSON text; other formats than ours give the value instead.
pub(super) const RAW: &str = "$raw";

/// The JSON text of a value.
pub(super) fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    struct Value<'de>(PhantomData<&'de ()>);

    impl<'de> Visitor<'de> for Value<'de> {
        type Value = Cow<'de, str>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value")
        }

        fn visit_borrowed_str<E>(self, json: &'de str) -> Result<Cow<'de, str>, E> {
            Ok(Cow::Borrowed(json))
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            value: D,
        ) -> Result<Cow<'de, str>, D::Error> {
            let value = serde_json::Value::deserialize(value)?;
            Ok(Cow::Owned(value.to_string()))
        }
    }

    deserializer.deserialize_newtype_struct(RAW, Value(PhantomData))
}
