//! JSON as upstreams print it, read into the structs of the wire.
//!
//! Of most answers a caller wants a fraction, so what costs here is what is *not* wanted: unknown members,
//! and parts that nobody selected ([`Unread`]). They are passed over 64 bytes at a time ([`skip`]). That
//! makes reading several times as fast as it is with `serde_json`, which looks at each byte. What is
//! passed over is only known to end where its quotes and its own kind of brackets end; whatever is read is read
//! strictly.
//! The objects of a list have the same members in the same order, so these are expected ([`shape`]). What is
//! done for each member stands in line; a tenth of the time depends on that.
//!
//! Objects are read from objects only. serde's derived structs would read their members from the
//! elements of a list, too: a struct made only of defaults would so be read from `[1]`, and a wrong answer
//! would pass for an empty one.

mod kinds;
mod members;
mod number;
mod record;
mod shape;
mod skip;
mod source;
mod text;
mod unread;

use std::{fmt, mem, ops::Range};

use bytes::Bytes;
use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor,
        value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

pub use kinds::{
    AnyWordsIn, Decimal, Elsewhere, Flag, Integer, Key, Kind, Later, LaterIn, Part, Reread, Words,
    WordsIn,
};
use members::Members;
use number::Number;
pub use record::{MAX_MEMBERS, Place, RECORD};
use shape::Shapes;
pub use source::{Source, Span, span};
use source::{read_apart, read_within};
pub use text::{Apart, Text};
pub use unread::{List, Object, Unread, UnreadIn};

use crate::spelling::{self, Spelled};

/// Reads JSON text as a `T`.
///
/// # Errors
/// The text is not JSON, or has another shape.
pub fn read<T: DeserializeOwned>(json: &Bytes) -> Result<T, Misfit> {
    read_within(json.clone(), read_text)
}

fn read_text<T: DeserializeOwned>(json: &str) -> Result<T, Misfit> {
    let mut reader = Reader::new(json);
    let value = T::deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// Shows JSON text to `seed` as it is, up to its end or its first mistake.
///
/// # Errors
/// The text is not JSON, or the seed says so.
pub fn show<'de, S: DeserializeSeed<'de>>(json: &'de [u8], seed: S) -> Result<S::Value, Misfit> {
    let text = simdutf8::basic::from_utf8(json).map_err(|_| Misfit)?;
    seed.deserialize(&mut Reader::new(text))
}

/// The path of what does not fit, for the log: `results[3].id`. `None` if all of it fits.
pub fn find_misfit<T: DeserializeOwned>(json: &Bytes) -> Option<String> {
    let path = read_within(json.clone(), |text| {
        let mut reader = Reader::new(text);
        reader.explains = true;
        let misfit = serde_path_to_error::deserialize::<_, T>(&mut reader).err();
        Ok(misfit.map(|misfit| misfit.path().to_string()))
    });
    path.unwrap_or_else(|Misfit| Some(".".to_owned()))
}

/// The text is not JSON, or has another shape. It does not say what was found: that is somebody's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit;

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the text is not JSON, or has another shape")
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Values may be nested this deep where their types do not bound them.
const MAX_DEPTH: u8 = 128;

/// A list of rows is all of a body, or a member of its outermost object.
const MAX_PAGE_DEPTH: u8 = 2;

/// Rows that are worth room before they are read take this many bytes and more.
const MIN_ROW: usize = 1024;

/// A place in a text.
struct Reader<'de> {
    /// All of the source that is being read.
    text: &'de str,
    at: usize,
    /// Where the source begins that places are told in.
    base: usize,
    /// How many objects and lists are open here.
    depth: u8,
    /// Whether it matters more which member does not fit than how long it takes to tell.
    explains: bool,
    shapes: Shapes<'de>,
}

impl<'de> Reader<'de> {
    fn new(text: &'de str) -> Self {
        Self {
            text,
            at: 0,
            base: 0,
            depth: 0,
            explains: false,
            shapes: Shapes::default(),
        }
    }

    /// There is nothing but white space left.
    fn end(&mut self) -> Result<(), Misfit> {
        self.peek().map_or(Ok(()), |_| Err(Misfit))
    }

    fn rest(&self) -> &'de [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The first byte of what comes next, which is not passed.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if *byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Passes `byte`, if it comes next.
    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Misfit> {
        self.take(byte).then_some(()).ok_or(Misfit)
    }

    #[inline]
    fn word<const LENGTH: usize>(&mut self, word: &[u8; LENGTH]) -> Result<(), Misfit> {
        if self.rest().first_chunk() != Some(word) {
            return Err(Misfit);
        }
        self.at += LENGTH;
        Ok(())
    }

    /// Passes a text.
    fn text(&mut self) -> Result<Spelled<'de>, Misfit> {
        self.expect(b'"')?;
        let (text, length) = spelling::read(&self.text[self.at..]).ok_or(Misfit)?;
        self.at += length;
        Ok(text)
    }

    /// Passes a number.
    #[inline]
    fn number(&mut self) -> Result<Number, Misfit> {
        let (number, length) = number::read(&self.text[self.at..])?;
        self.at += length;
        Ok(number)
    }

    /// Passes a value without reading it, and gives its text.
    fn skip(&mut self) -> Result<&'de str, Misfit> {
        self.peek();
        let start = self.at;
        self.at += skip::length(self.rest())?;
        self.text.get(start..self.at).ok_or(Misfit)
    }

    /// Passes a list or an object, of which `read` passes the elements.
    fn nested<T>(
        &mut self,
        brackets: (u8, u8),
        read: impl FnOnce(Nested<'_, 'de>) -> Result<T, Misfit>,
    ) -> Result<T, Misfit> {
        self.expect(brackets.0)?;
        if self.depth == MAX_DEPTH {
            return Err(Misfit);
        }
        self.depth += 1;
        // One place for the value from here to the caller: structs are large, and are not moved this way.
        let mut value = read(Nested {
            reader: self,
            end: brackets.1,
            is_first: true,
        });
        self.depth -= 1;
        // A visitor may leave elements unread only by failing.
        if value.is_ok() && !self.take(brackets.1) {
            value = Err(Misfit);
        }
        value
    }

    fn str<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        match self.text()? {
            Spelled::Borrowed(text) => visitor.visit_borrowed_str(text),
            Spelled::Owned(text) => visitor.visit_string(text),
        }
    }

    /// Where in the source something stands that was passed.
    #[inline]
    fn place(&self, passed: Range<usize>) -> Result<u64, Misfit> {
        let from_base = |at: usize| at.wrapping_sub(self.base);
        Span::place(from_base(passed.start)..from_base(passed.end))
    }

    /// A value with a source of its own.
    fn apart<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        let text = self.skip()?;
        let end = self.at;
        self.at -= text.len();
        let outer = mem::replace(&mut self.base, self.at);
        let value = read_apart(text, || visitor.visit_newtype_struct(&mut *self));
        self.base = outer;
        value.and_then(|value| (self.at == end).then_some(value).ok_or(Misfit))
    }

    /// A text without escapes, as its place.
    #[inline(always)]
    fn text_place<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        if self.peek() == Some(b'"')
            && let Some(length) = spelling::plain_length(&self.rest()[1..])
        {
            let start = self.at + 1;
            self.at = start + length + 1;
            return visitor.visit_u64(self.place(start..start + length)?);
        }
        self.str(visitor)
    }

    fn seq<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        self.nested((b'[', b']'), |elements| visitor.visit_seq(elements))
    }

    fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        self.nested((b'{', b'}'), |members| visitor.visit_map(members))
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.peek().ok_or(Misfit)? {
            b'"' => self.str(visitor),
            b'{' => self.map(visitor),
            b'[' => self.seq(visitor),
            b'n' => self.word(b"null").and_then(|()| visitor.visit_unit()),
            b't' => self.word(b"true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.word(b"false").and_then(|()| visitor.visit_bool(false)),
            _ => match self.number()? {
                Number::Positive(number) => visitor.visit_u64(number),
                Number::Negative(number) => visitor.visit_i64(number),
                Number::Decimal(number) => visitor.visit_f64(number),
            },
        }
    }

    #[inline(always)]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.peek() {
            Some(b'n') => self.word(b"null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == RECORD {
            return self.record(fields, visitor);
        }
        let mut expected = self.shapes.begin::<V>(fields, shape::MIN_OBJECTS);
        let value = self.nested((b'{', b'}'), |members| {
            let expected = &mut expected;
            visitor.visit_map(Members { members, expected })
        });
        self.shapes.end(expected);
        value
    }

    #[inline(always)]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match name {
            text::APART => self.apart(visitor),
            source::PLACE => {
                let length = self.skip()?.len();
                visitor.visit_u64(self.place(self.at - length..self.at)?)
            }
            source::TEXT_PLACE => self.text_place(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    /// The words of a list of words; no upstream prints anything else that is an `enum` here.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.text()? {
            Spelled::Borrowed(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Spelled::Owned(_) => Err(Misfit),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.skip().and_then(|_| visitor.visit_unit())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier
    }
}

/// The elements of a list, or the members of an object.
struct Nested<'r, 'de> {
    reader: &'r mut Reader<'de>,
    /// What ends it.
    end: u8,
    is_first: bool,
}

impl Nested<'_, '_> {
    /// Whether there is another element; if so, the comma before it is passed.
    #[inline]
    fn goes_on(&mut self) -> Result<bool, Misfit> {
        match self.reader.peek() {
            Some(byte) if byte == self.end => return Ok(false),
            Some(b',') if !self.is_first => self.reader.at += 1,
            Some(_) if self.is_first => self.is_first = false,
            _ => return Err(Misfit),
        }
        Ok(true)
    }
}

impl<'de> Nested<'_, 'de> {
    /// Passes the name of a member, and the colon behind it.
    fn name<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let name = seed.deserialize(Name(self.reader))?;
        self.reader.expect(b':').map(|()| name)
    }
}

impl<'de> SeqAccess<'de> for Nested<'_, 'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        match self.goes_on()? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }

    /// Room for the rows of a page, which are most of what is left of it. For lists inside of rows there is
    /// nothing to go by.
    fn size_hint(&self) -> Option<usize> {
        (self.reader.depth <= MAX_PAGE_DEPTH).then(|| self.reader.rest().len() / MIN_ROW)
    }
}

impl<'de> MapAccess<'de> for Nested<'_, 'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        match self.goes_on()? {
            true => self.name(seed).map(Some),
            false => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(&mut *self.reader)
    }
}

/// The name of a member.
struct Name<'r, 'de>(&'r mut Reader<'de>);

impl<'de> Deserializer<'de> for Name<'_, 'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.0.str(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests;

/// What the text of a value spells.
#[cfg(test)]
pub fn read_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, Misfit> {
    read(&Bytes::from(value.to_string()))
}
