//! Texts that stay part of the answer they were read from.
//!
//! A page of a list has hundreds of records with a dozen texts each. As `String`s they would be thousands of
//! small allocations that live as long as the cache keeps the page. So a body is kept as it came
//! ([`Source`]), and what was read of it knows where its texts stand ([`Span`]).
//!
//! Who keeps one record of a body keeps all of the body. Where records outlive the list they came with,
//! they are read as [`Apart`].

use std::{
    cell::RefCell,
    fmt,
    num::NonZeroU32,
    ops::Range,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::{Misfit, Text};

/// The text of an answer, for as long as anything that was read from it is there.
#[derive(Clone, Default)]
pub struct Source(Arc<Answer>);

#[derive(Default)]
struct Answer {
    /// Valid UTF-8.
    body: Bytes,
    /// What texts with escapes stand for, one after another.
    unescaped: OnceLock<String>,
}

/// Where a text stands in its source: in the body, or behind it if its escapes had to be resolved.
#[derive(Clone, Copy)]
pub struct Span {
    start: u32,
    /// No text of JSON ends where its source begins: there is a quote before it.
    end: NonZeroU32,
}

impl Span {
    /// Where `text` stands, which was just read. `None` if nothing is being read here.
    pub(super) fn of(text: &str) -> Option<Self> {
        READING.with_borrow_mut(|reading| reading.as_mut()?.span(text))
    }

    /// Both ends as a number: so a reader hands over where something stands.
    pub(super) fn place(text: Range<usize>) -> Result<u64, Misfit> {
        let half = |end: usize| u32::try_from(end).map(u64::from).map_err(|_| Misfit);
        Ok(half(text.start)? << 32 | half(text.end)?)
    }

    #[expect(clippy::cast_possible_truncation, reason = "both halves are wanted")]
    pub(super) fn of_place(place: u64) -> Option<Self> {
        Some(Self {
            start: (place >> 32) as u32,
            end: NonZeroU32::new(place as u32)?,
        })
    }
}

impl Span {
    /// A text without escapes and the quotes around it.
    pub(super) fn with_quotes(self) -> Self {
        Self {
            start: self.start - 1,
            end: self.end.saturating_add(1),
        }
    }

    pub(super) fn start(self) -> usize {
        self.start as usize
    }
}

impl Source {
    /// The source of what is being read at this moment.
    pub fn current() -> Self {
        let source = READING.with_borrow(|reading| Some(reading.as_ref()?.source.clone()));
        source.unwrap_or_default()
    }

    /// The text at `span`.
    pub fn get(&self, span: Span) -> &str {
        let (start, end) = (span.start as usize, span.end.get() as usize);
        let Answer { body, unescaped } = &*self.0;
        let text = match start.checked_sub(body.len()) {
            None => str::from_utf8(body.get(start..end).unwrap_or_default()).ok(),
            Some(start) => unescaped
                .get()
                .and_then(|texts| texts.get(start..end.checked_sub(body.len())?)),
        };
        text.unwrap_or_default()
    }

    /// What stands at `span` in the body, as it is printed.
    #[inline(always)]
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        let printed = self
            .0
            .body
            .get(span.start as usize..span.end.get() as usize);
        printed.unwrap_or_default()
    }

    /// The bytes of the text at `span`, which may be the source of others.
    pub(super) fn part(&self, span: Span) -> Bytes {
        match self.is_literal(span) {
            true => self
                .0
                .body
                .slice(span.start as usize..span.end.get() as usize),
            false => Bytes::copy_from_slice(self.get(span).as_bytes()),
        }
    }

    /// The text at `span`, by itself; none if there is none.
    pub fn text(&self, span: Option<Span>) -> Option<Text> {
        span.map(|span| Text::new(self.clone(), span))
    }

    /// The text at `span` with the quotes around it, if it is spelled like this in JSON, too.
    pub(super) fn spelling(&self, span: Span) -> Option<&[u8]> {
        let (start, end) = (span.start as usize, span.end.get() as usize);
        let spelling = self.0.body.get(start.checked_sub(1)?..=end)?;
        (spelling.first() == Some(&b'"') && spelling.last() == Some(&b'"')).then_some(spelling)
    }

    /// Whether the text at `span` is spelled like this in JSON, too: it has no escapes.
    pub(super) fn is_literal(&self, span: Span) -> bool {
        (span.start as usize) < self.0.body.len()
    }

    fn new(body: Bytes) -> Self {
        Self(Arc::new(Answer {
            body,
            unescaped: OnceLock::new(),
        }))
    }
}

thread_local! {
    /// What is being read. Reading is one synchronous call, so nobody else ever sees it.
    static READING: RefCell<Option<Reading>> = const { RefCell::new(None) };
}

struct Reading {
    source: Source,
    /// The address of the text that is being read, which the source says, too.
    origin: usize,
    unescaped: String,
}

impl Reading {
    fn end(self) {
        if !self.unescaped.is_empty() {
            // Nobody else sets it.
            let _ = self.source.0.unescaped.set(self.unescaped);
        }
    }

    fn span(&mut self, text: &str) -> Option<Span> {
        let body = &self.source.0.body;
        let inside = text.as_ptr().addr().checked_sub(self.origin);
        let start = inside
            .filter(|start| start + text.len() <= body.len())
            .unwrap_or_else(|| {
                self.unescaped.push_str(text);
                body.len() + self.unescaped.len() - text.len()
            });
        Some(Span {
            start: start.try_into().ok()?,
            end: NonZeroU32::new((start + text.len()).try_into().ok()?)?,
        })
    }
}

/// Reads `body` as the source of the texts in it.
pub(super) fn read_within<T>(
    body: Bytes,
    read: impl FnOnce(&str) -> Result<T, Misfit>,
) -> Result<T, Misfit> {
    let json = simdutf8::basic::from_utf8(&body).map_err(|_| Misfit)?;
    read_from(body.clone(), json, || read(json))
}

/// Reads a part of what is being read; a copy of its `text` becomes the source of the texts in it.
pub(super) fn read_apart<T>(text: &str, read: impl FnOnce() -> T) -> T {
    read_from(Bytes::copy_from_slice(text.as_bytes()), text, read)
}

/// Reads `text`, of which `body` becomes the source.
fn read_from<T>(body: Bytes, text: &str, read: impl FnOnce() -> T) -> T {
    /// Ends the reading, also when it panics.
    struct Within {
        outer: Option<Reading>,
    }

    impl Drop for Within {
        fn drop(&mut self) {
            if let Some(reading) = READING.replace(self.outer.take()) {
                reading.end();
            }
        }
    }

    let reading = Reading {
        source: Source::new(body),
        origin: text.as_ptr().addr(),
        unescaped: String::new(),
    };
    let _within = Within {
        outer: READING.replace(Some(reading)),
    };
    read()
}

/// By this name a value asks where it stands, see [`Span::place`]. It is passed over.
pub(super) const PLACE: &str = "$place";

/// By this name a text asks where it stands. If it has escapes, it is told what they stand for.
pub(super) const TEXT_PLACE: &str = "$text";

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TEXT_PLACE, Places { of_texts: true })
    }
}

/// Takes the place of a value; other formats than ours give the value instead.
pub(super) struct Places {
    /// Whether the value is a text.
    pub(super) of_texts: bool,
}

impl<'de> Visitor<'de> for Places {
    type Value = Span;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_u64<E: Error>(self, place: u64) -> Result<Span, E> {
        Span::of_place(place).ok_or_else(|| E::custom("a value without a place"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
        Span::of(text).ok_or_else(|| E::custom("a value without a source"))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<Span, D::Error> {
        match self.of_texts {
            true => {
                let span = value.deserialize_str(Spans { numbers: false })?;
                span.ok_or_else(|| D::Error::custom("expected a string"))
            }
            false => self.visit_str(&serde_json::Value::deserialize(value)?.to_string()),
        }
    }
}

/// A string, or a number where a string was promised: see [`lenient::text`](crate::upstream::lenient::text).
///
/// # Errors
/// It is something else.
pub fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    deserializer.deserialize_any(Spans { numbers: true })
}

/// Finds the place of a text.
struct Spans {
    /// Whether numbers are texts, too.
    numbers: bool,
}

impl Spans {
    fn number<E: Error>(self, number: impl fmt::Display) -> Result<Option<Span>, E> {
        match self.numbers {
            true => self.visit_str(&number.to_string()),
            false => Err(E::custom("a number in place of a string")),
        }
    }
}

impl<'de> Visitor<'de> for Spans {
    type Value = Option<Span>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Span>, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<Span>, E> {
        self.number(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<Span>, E> {
        self.number(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<Span>, E> {
        self.number(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Span>, E> {
        let span = Span::of(text).ok_or_else(|| E::custom("a text without a source"))?;
        Ok(Some(span))
    }
}

#[cfg(test)]
impl Source {
    /// The source of a body that was read before.
    pub(super) fn of(body: &str) -> Self {
        Self::new(Bytes::copy_from_slice(body.as_bytes()))
    }

    /// How many bytes it holds in memory.
    pub(super) fn len(&self) -> usize {
        self.0.body.len()
    }
}
