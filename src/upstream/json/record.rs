//! Records: what long lists are made of.
//!
//! Code that is derived for a struct decides for each member which field it is, and reads it there and then.
//! A record is read in two steps: one short loop finds where the values of all members stand, and then each
//! field makes of its place what it needs ([`super::Kind`]). That takes a seventh to a third less time.

use std::slice;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor, value::U64Deserializer};

use super::{
    Misfit, Nested, Reader, Span, Spelled, number,
    shape::{Expected, Field},
    skip,
};
use crate::spelling;

/// By this name a struct asks where the values of its members stand.
pub const RECORD: &str = "$record";

/// So many records are read before one is remembered: there are always many.
const MIN_RECORDS: usize = 1;

/// A record has no more fields than this.
pub const MAX_MEMBERS: usize = 48;

/// Declares a struct for the records of a list, each field of which is of a [`Kind`]:
/// `name: Words`. Another one, named in parentheses, is what the record was read from. With `=> Target` it is what
/// the target is made of, by its `TryFrom`.
#[macro_export]
macro_rules! record {
    ($(#[$attribute:meta])* $vis:vis struct $name:ident $(($source:ident))? { $($fields:tt)* }) => {
        $crate::record! {
            $(#[$attribute])* $vis struct $name $(($source))? => $name { $($fields)* }
        }
    };
    (
        $(#[$attribute:meta])*
        $vis:vis struct $name:ident $(($source:ident))? => $target:ident {
            $( $(#[doc = $doc:literal])* $field_vis:vis $field:ident: $kind:ty, )*
        }
    ) => {
        $(#[$attribute])*
        $vis struct $name {
            $( $source: $crate::upstream::json::Source, )?
            $(
                $(#[doc = $doc])*
                $field_vis $field: <$kind as $crate::upstream::json::Kind>::Value,
            )*
        }

        impl<'de> serde::Deserialize<'de> for $target {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use $crate::upstream::json::{Kind, Place, RECORD, Reread, Source};

                struct Record;

                impl<'de> serde::de::Visitor<'de> for Record {
                    type Value = $target;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str("a record")
                    }

                    /// The places, in the order of the fields.
                    fn visit_seq<A: serde::de::SeqAccess<'de>>(
                        self,
                        mut places: A,
                    ) -> Result<$target, A::Error> {
                        let source = Source::current();
                        $( let $field = <$kind>::at(Place::next(&mut places)?, &source)?; )*
                        let record = $name { $( $source: source, )? $( $field, )* };
                        $target::try_from(record).map_err(serde::de::Error::custom)
                    }

                    /// The members one by one, by their names.
                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<$target, A::Error> {
                        let source = Source::current();
                        $( let mut $field = None; )*
                        while let Some(name) = members.next_key::<std::borrow::Cow<'de, str>>()? {
                            match &*name {
                                $( stringify!($field) if $field.is_some() => {
                                    return Err(serde::de::Error::duplicate_field(stringify!($field)));
                                } )*
                                $( stringify!($field) => {
                                    $field = Some(members.next_value_seed(Reread::<$kind>::default())?);
                                } )*
                                _ => drop(members.next_value::<serde::de::IgnoredAny>()?),
                            }
                        }
                        $(
                            let $field = match $field {
                                Some(value) => value,
                                None => <$kind>::at(Place::ABSENT, &source)?,
                            };
                        )*
                        let record = $name { $( $source: source, )? $( $field, )* };
                        $target::try_from(record).map_err(serde::de::Error::custom)
                    }
                }

                const NAMES: &[&str] = &[$( stringify!($field) ),*];
                const { assert!(NAMES.len() <= $crate::upstream::json::MAX_MEMBERS) };
                deserializer.deserialize_struct(RECORD, NAMES, Record)
            }
        }
    };
}

/// Where the value of a member stands in its source, and what can be seen of it from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(u64);

impl Place {
    /// There is no such member.
    pub const ABSENT: Self = Self(0);
    /// `null`.
    pub(super) const NULL: Self = Self(1);
    /// It is a text without escapes; the place is that of what is between the quotes.
    const WORDS: u64 = 1 << 63;

    /// The place of the next member.
    ///
    /// # Errors
    /// These are no places.
    #[inline(always)]
    pub fn next<'de, A: SeqAccess<'de>>(places: &mut A) -> Result<Self, A::Error> {
        let place = places.next_element::<u64>()?;
        place.map(Self).ok_or_else(|| A::Error::custom("no place"))
    }

    /// Both ends, seen from the base.
    #[inline(always)]
    fn new(start: usize, end: usize, base: usize, flag: u64) -> Result<Self, Misfit> {
        let (start, end) = (start.wrapping_sub(base), end.wrapping_sub(base));
        // Each has 31 bits.
        match (start | end) >> 31 {
            0 => Ok(Self((start as u64) << 32 | end as u64 | flag)),
            _ => Err(Misfit),
        }
    }

    #[inline(always)]
    fn span(self) -> Option<Span> {
        Span::of_place(self.0 & !Self::WORDS)
    }

    /// The text, if it is one without escapes.
    #[inline(always)]
    pub(super) fn words(self) -> Option<Span> {
        (self.0 & Self::WORDS != 0).then(|| self.span())?
    }

    /// The value as it is printed, if it is something else.
    #[inline(always)]
    pub(super) fn other(self) -> Option<Span> {
        (self.0 & Self::WORDS == 0).then(|| self.span())?
    }
}

/// The places of all members of a record, in the order of its fields.
struct Places<'p>(slice::Iter<'p, Place>);

impl<'de> SeqAccess<'de> for Places<'_> {
    type Error = Misfit;

    #[inline(always)]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some(Place(place)) = self.0.next() else {
            return Ok(None);
        };
        seed.deserialize(U64Deserializer::new(*place)).map(Some)
    }
}

impl<'de> Reader<'de> {
    /// A record whose fields have these names.
    pub(super) fn record<V: Visitor<'de>>(
        &mut self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if self.explains {
            return self.map(visitor);
        }
        let mut places = [Place::ABSENT; MAX_MEMBERS];
        let places = places.get_mut(..names.len()).ok_or(Misfit)?;
        let mut expected = self.shapes.begin::<V>(names, MIN_RECORDS);
        let found = self.nested((b'{', b'}'), |members| {
            find(members, &mut expected, names, places)
        });
        self.shapes.end(expected);
        found?;
        visitor.visit_seq(Places(places.iter()))
    }
}

/// Finds out where the members with these names stand, of which each comes once.
fn find<'de>(
    mut members: Nested<'_, 'de>,
    expected: &mut Expected<'de>,
    names: &[&str],
    places: &mut [Place],
) -> Result<(), Misfit> {
    loop {
        find_expected(&mut members, expected, places)?;
        // No member, or none that is expected here.
        let field = match expected.find(members.is_first, members.reader.rest()) {
            Some((field, length)) => {
                members.reader.at += length;
                members.is_first = false;
                field
            }
            None => match learn_name(&mut members, expected, names)? {
                Some(field) => field,
                None => return Ok(()),
            },
        };
        let reader = &mut *members.reader;
        let (place, end) = value(reader.text.as_bytes(), reader.at, reader.base)?;
        reader.at = end;
        field.put(place, places)?;
    }
}

/// Passes members as long as they are those that are expected.
#[inline(always)]
fn find_expected<'de>(
    members: &mut Nested<'_, 'de>,
    expected: &mut Expected<'de>,
    places: &mut [Place],
) -> Result<(), Misfit> {
    let reader = &mut *members.reader;
    let (text, base, mut at) = (reader.text.as_bytes(), reader.base, reader.at);
    let mut is_first = members.is_first;
    let mut count = 0;
    for member in expected.rest() {
        let Some(length) = member.length_at(is_first, text, at) else {
            break;
        };
        let (place, end) = value(text, at + length, base)?;
        at = end;
        is_first = false;
        count += 1;
        member.field().put(place, places)?;
    }
    expected.skip(count);
    reader.at = at;
    members.is_first = is_first;
    Ok(())
}

/// The place of the value that comes next `at` a place in the text, and its end.
#[inline(always)]
fn value(text: &[u8], mut at: usize, base: usize) -> Result<(Place, usize), Misfit> {
    let length = loop {
        let rest = text.get(at..).unwrap_or_default();
        break match rest.first() {
            Some(b'"') => match spelling::plain_length(&rest[1..]) {
                Some(length) => {
                    let (start, end) = (at + 1, at + 1 + length);
                    return Ok((Place::new(start, end, base, Place::WORDS)?, end + 1));
                }
                None => skip::length(rest)?,
            },
            Some(b'n') if rest.starts_with(b"null") => return Ok((Place::NULL, at + 4)),
            Some(b't') if rest.starts_with(b"true") => 4,
            Some(b'f') if rest.starts_with(b"false") => 5,
            Some(b'0'..=b'9') => number_length(rest)?,
            Some(b' ' | b'\n' | b'\r' | b'\t') => {
                at += 1;
                continue;
            }
            _ => skip::length(rest)?,
        };
    };
    Ok((Place::new(at, at + length, base, 0)?, at + length))
}

/// The length of the number that `json` begins with.
#[inline(always)]
fn number_length(json: &[u8]) -> Result<usize, Misfit> {
    let digits = number::digits(json);
    match json.get(digits) {
        Some(b',' | b'}') => Ok(digits),
        _ => skip::length(json),
    }
}

/// Passes a name that will be expected again. `None`: there is no further member.
#[cold]
fn learn_name<'de>(
    members: &mut Nested<'_, 'de>,
    expected: &mut Expected<'de>,
    names: &[&str],
) -> Result<Option<Field>, Misfit> {
    let (start, is_first) = (members.reader.at, members.is_first);
    if !members.goes_on()? {
        return Ok(None);
    }
    let reader = &mut *members.reader;
    let number = |name: &str| names.iter().position(|known| *known == name);
    let number = match reader.text()? {
        Spelled::Borrowed(name) => number(name),
        Spelled::Owned(name) => number(&name),
    };
    let field = number.map_or(Field::Unknown, |number| Field::Known(number as u64));
    reader.expect(b':')?;
    let spelling = &reader.text.as_bytes()[start..reader.at];
    expected.remember((spelling, is_first), field);
    Ok(Some(field))
}

impl Field {
    #[inline(always)]
    fn put(self, place: Place, places: &mut [Place]) -> Result<(), Misfit> {
        let Self::Known(number) = self else {
            return Ok(());
        };
        let number = usize::try_from(number).ok();
        match number.and_then(|number| places.get_mut(number)) {
            Some(known) if *known == Place::ABSENT => *known = place,
            _ => return Err(Misfit),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
