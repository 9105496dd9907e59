//! Texts that know their source, and records that are one.

use std::{fmt, marker::PhantomData, ops::Deref};

use serde::de::{Deserialize, Deserializer, Visitor};

use super::source::{Source, Span};

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

/// By this name a value asks for a source of its own.
pub(super) const APART: &str = "$apart";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Apart<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Record<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Record<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<T, D::Error> {
                T::deserialize(value)
            }
        }

        let record = deserializer.deserialize_newtype_struct(APART, Record(PhantomData));
        record.map(Self)
    }
}
