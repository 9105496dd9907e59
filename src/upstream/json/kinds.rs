//! The kinds of members that records have.

use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny};

use super::{Misfit, Place, Reader, Source, Span, Text, Unread, UnreadIn, number, span};
use crate::upstream::lenient;

/// How a member of a record is read.
pub trait Kind {
    /// What it is read as.
    type Value;

    /// What it is if there is no such member. None: there has to be one.
    fn missing(source: &Source) -> Option<Self::Value>;

    /// Reads a value of any spelling.
    ///
    /// # Errors
    /// It is something else.
    fn read<'de, D: Deserializer<'de>>(value: D) -> Result<Self::Value, D::Error>;

    /// What stands at a place of the `source`, if it is spelled as most are.
    fn quick(place: Place, source: &Source) -> Option<Self::Value>;

    /// What stands at a place of the `source`.
    ///
    /// # Errors
    /// It is something else, or is missing.
    #[inline(always)]
    fn at<E: Error>(place: Place, source: &Source) -> Result<Self::Value, E> {
        match place {
            Place::ABSENT => Self::missing(source).ok_or_else(|| E::custom("a member is missing")),
            _ => match Self::quick(place, source) {
                Some(value) => Ok(value),
                None => reread::<Self>(place, source).map_err(E::custom),
            },
        }
    }
}

/// Reads what is not spelled as most are.
#[cold]
fn reread<K: Kind + ?Sized>(place: Place, source: &Source) -> Result<K::Value, Misfit> {
    let printed = match (place, place.words()) {
        (Place::NULL, _) => return K::read(&mut Reader::new("null")),
        (_, Some(words)) => words.with_quotes(),
        (_, None) => place.other().ok_or(Misfit)?,
    };
    let mut reader = Reader::new(source.get(printed));
    // The source begins before the value does.
    reader.base = 0_usize.wrapping_sub(printed.start());
    let value = K::read(&mut reader)?;
    reader.end().map(|()| value)
}

/// Reads a member where it stands.
pub struct Reread<K>(PhantomData<K>);

impl<K> Default for Reread<K> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, K: Kind> DeserializeSeed<'de> for Reread<K> {
    type Value = K::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<K::Value, D::Error> {
        K::read(value)
    }
}

/// Kinds of members that may be missing or `null`, how they are read, and how quickly.
macro_rules! nullable {
    ($(
        $(#[doc = $doc:literal])*
        $kind:ident: $value:ty = $read:path, $quick:expr;
    )*) => {$(
        $(#[doc = $doc])*
        pub struct $kind;

        impl Kind for $kind {
            type Value = Option<$value>;

            fn missing(_: &Source) -> Option<Self::Value> {
                Some(None)
            }

            fn read<'de, D: Deserializer<'de>>(value: D) -> Result<Self::Value, D::Error> {
                $read(value)
            }

            #[inline(always)]
            fn quick(place: Place, source: &Source) -> Option<Self::Value> {
                let quick: fn(Place, &Source) -> Option<$value> = $quick;
                match place {
                    Place::NULL => Some(None),
                    _ => quick(place, source).map(Some),
                }
            }
        }
    )*};
}

nullable! {
    /// [`lenient::integer`].
    Integer: i64 = lenient::integer, integer;
    /// [`lenient::decimal`].
    Decimal: f64 = lenient::decimal, |_, _| None;
    /// [`lenient::flag`].
    Flag: bool = lenient::flag, flag;
    /// A text.
    Words: Text = Option::deserialize, |place, source| source.text(place.words());
    /// A text, as its place in the record's source.
    WordsIn: Span = Option::deserialize, |place, _| place.words();
    /// A text, or a number where one was promised, as its place in the record's source: see [`span`].
    AnyWordsIn: Span = span, |place, _| place.words();
}

#[inline(always)]
fn integer(place: Place, source: &Source) -> Option<i64> {
    let digits = source.bytes(place.other()?);
    i64::try_from(number::whole(digits)?).ok()
}

#[inline(always)]
fn flag(place: Place, source: &Source) -> Option<bool> {
    match source.bytes(place.other()?) {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// The number that names a record: see [`lenient::key`].
pub struct Key;

impl Kind for Key {
    type Value = i64;

    fn missing(_: &Source) -> Option<i64> {
        None
    }

    fn read<'de, D: Deserializer<'de>>(value: D) -> Result<i64, D::Error> {
        lenient::key(value)
    }

    fn quick(place: Place, source: &Source) -> Option<i64> {
        integer(place, source)
    }
}

/// What is read by itself; it may be missing or `null`.
pub struct Part<T>(PhantomData<T>);

impl<T: DeserializeOwned> Kind for Part<T> {
    type Value = Option<T>;

    fn missing(_: &Source) -> Option<Option<T>> {
        Some(None)
    }

    fn read<'de, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
        Deserialize::deserialize(value)
    }

    fn quick(place: Place, _: &Source) -> Option<Option<T>> {
        (place == Place::NULL).then_some(None)
    }
}

/// What is read when somebody asks for it.
pub struct Later<T>(PhantomData<T>);

impl<T: DeserializeOwned> Kind for Later<T> {
    type Value = Unread<T>;

    fn missing(source: &Source) -> Option<Unread<T>> {
        Some(Unread::new(source.clone(), UnreadIn::default()))
    }

    fn read<'de, D: Deserializer<'de>>(value: D) -> Result<Unread<T>, D::Error> {
        LaterIn::read(value).map(|part| Unread::new(Source::current(), part))
    }

    fn quick(place: Place, source: &Source) -> Option<Unread<T>> {
        LaterIn::quick(place, source).map(|part| Unread::new(source.clone(), part))
    }
}

/// What is read when somebody asks for it, as its place in the record's source.
pub struct LaterIn<T>(PhantomData<T>);

impl<T: DeserializeOwned> Kind for LaterIn<T> {
    type Value = UnreadIn<T>;

    fn missing(_: &Source) -> Option<UnreadIn<T>> {
        Some(UnreadIn::default())
    }

    fn read<'de, D: Deserializer<'de>>(value: D) -> Result<UnreadIn<T>, D::Error> {
        Deserialize::deserialize(value)
    }

    #[inline(always)]
    fn quick(place: Place, _: &Source) -> Option<UnreadIn<T>> {
        match place {
            Place::NULL => Some(UnreadIn::default()),
            _ => place.other().map(UnreadIn::at),
        }
    }
}

/// Not a member, but something that whoever reads the record fills in.
pub struct Elsewhere<T>(PhantomData<T>);

impl<T: Default> Kind for Elsewhere<T> {
    type Value = T;

    fn missing(_: &Source) -> Option<T> {
        Some(T::default())
    }

    fn read<'de, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
        IgnoredAny::deserialize(value).map(|_| T::default())
    }

    fn quick(_: Place, _: &Source) -> Option<T> {
        Some(T::default())
    }
}
