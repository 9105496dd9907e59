//! Tolerant decoding: what the three upstreams print for one and the same value.
//!
//! Each function is meant for `#[serde(deserialize_with = "…")]`. Unless it says otherwise it gives an `Option`
//! and reads `null` as `None`; together with `#[serde(default)]` a missing member is `None` too.
//! A value that cannot be understood is an error, never a silent default. The error names the place and the
//! kind of the value but not the value, because upstream bodies hold personal data.

mod credentials;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};

pub use credentials::without_credentials;

/// A flag: a JSON boolean, 0 or 1, or one of those (or `true`, `false`) as a string in any case.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    scalar(deserializer, |scalar| {
        let known = match &scalar {
            Scalar::Null => return Ok(None),
            Scalar::Bool(flag) => Some(*flag),
            Scalar::Integer(0) => Some(false),
            Scalar::Integer(1) => Some(true),
            Scalar::Text(text) if is_blank(text) => return Ok(None),
            Scalar::Text(text) => flag_in(text),
            Scalar::Integer(_) | Scalar::Decimal(_) => None,
        };
        known.map(Some).ok_or_else(|| scalar.unlike("a flag"))
    })
}

#[cold]
fn flag_in(text: &str) -> Option<bool> {
    match text.trim() {
        "0" => Some(false),
        "1" => Some(true),
        word if word.eq_ignore_ascii_case("true") => Some(true),
        word if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A flag on which something depends, so that its absence is an error.
pub fn required_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    flag(deserializer)?.ok_or_else(|| Scalar::Null.unlike("a flag").error())
}

/// A whole number, or its digits as a string. A decimal without a fraction (`12.0`) is a whole number.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    scalar(deserializer, |scalar| {
        let known = match &scalar {
            Scalar::Null => return Ok(None),
            Scalar::Integer(number) => Some(*number),
            Scalar::Decimal(number) => whole(*number),
            Scalar::Text(text) if is_blank(text) => return Ok(None),
            Scalar::Text(text) => integer_in(text),
            Scalar::Bool(_) => None,
        };
        known
            .map(Some)
            .ok_or_else(|| scalar.unlike("a whole number"))
    })
}

#[cold]
fn integer_in(text: &str) -> Option<i64> {
    let digits = text.trim();
    digits.parse().ok().or_else(|| whole(digits.parse().ok()?))
}

#[cold]
fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// A numeric primary key: like [`integer`], but its absence is an error.
pub fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    integer(deserializer)?.ok_or_else(|| Scalar::Null.unlike("a whole number").error())
}

/// A finite number, or its digits as a string.
pub fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    scalar(deserializer, |scalar| {
        let known = match &scalar {
            Scalar::Null => return Ok(None),
            #[expect(
                clippy::cast_precision_loss,
                reason = "as exact as the JSON number read as f64"
            )]
            Scalar::Integer(number) => Some(*number as f64),
            Scalar::Decimal(number) => Some(*number),
            Scalar::Text(text) if is_blank(text) => return Ok(None),
            Scalar::Text(text) => decimal_in(text),
            Scalar::Bool(_) => None,
        };
        known.map(Some).ok_or_else(|| scalar.unlike("a number"))
    })
}

#[cold]
fn decimal_in(text: &str) -> Option<f64> {
    let digits = text.trim().parse().ok();
    digits.filter(|number: &f64| number.is_finite())
}

/// A string, or a number where a string was promised (ids, house numbers). An empty string stays an empty string.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    scalar(deserializer, |scalar| match scalar {
        Scalar::Null => Ok(None),
        Scalar::Integer(number) => Ok(Some(number.to_string())),
        Scalar::Decimal(number) => Ok(Some(number.to_string())),
        Scalar::Text(text) => Ok(Some(text.into_owned())),
        Scalar::Bool(_) => Err(scalar.unlike("a string or a number")),
    })
}

/// Like [`text`], for an upstream that writes "absent" as an empty or blank string as well.
pub fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(text(deserializer)?.filter(|text| !text.trim().is_empty()))
}

/// Like [`filled`], for free text in which people leave URLs with a user name and a password: those are
/// taken out here, so that no later code can log, cache or show them.
pub fn redacted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(filled(deserializer)?.map(|text| without_credentials(&text)))
}

/// A list, where `null` is an empty list and a `null` among the elements is no element.
pub fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Elements<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list or null")
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = elements.next_element::<Option<T>>()? {
                list.extend(element);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_any(Elements(PhantomData))
}

/// A list of strings, or one string where the list was promised.
pub fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Texts {
        Many(#[serde(deserialize_with = "list")] Vec<String>),
        One(#[serde(deserialize_with = "text")] Option<String>),
    }

    Ok(match Texts::deserialize(deserializer)? {
        Texts::Many(texts) => texts,
        Texts::One(text) => text.into_iter().collect(),
    })
}

/// An optional object. "Not set" is printed as `null`, as `{}` or as an object whose members are all not set,
/// and all of them are `None`.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    let object = Option::<T>::deserialize(deserializer)?;
    Ok(object.filter(|object| *object != T::default()))
}

/// The value without a leaked dictionary key: `1_eur` is `eur`. `20gp_dry_van` and `20-standard` stay as they are.
#[must_use]
pub fn without_prefix(value: &str) -> &str {
    match value.split_once('_') {
        Some((digits, rest))
            if !rest.is_empty()
                && !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            rest
        }
        _ => value,
    }
}

/// The whole number that a decimal stands for, if it is one and every digit of it is certain.
fn whole(number: f64) -> Option<i64> {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked: no fraction, and inside 2^53"
    )]
    (number.fract() == 0.0 && number.abs() <= LARGEST_EXACT).then_some(number as i64)
}

/// Any JSON scalar, before it is known what it was meant to be.
enum Scalar<'de> {
    Null,
    Bool(bool),
    Integer(i64),
    Decimal(f64),
    Text(Cow<'de, str>),
}

impl Scalar<'_> {
    #[cold]
    fn unlike(&self, expected: &'static str) -> Unlike {
        let found = match self {
            Scalar::Null => Unexpected::Unit,
            Scalar::Bool(flag) => Unexpected::Bool(*flag),
            Scalar::Integer(_) | Scalar::Decimal(_) => Unexpected::Other("another number"),
            Scalar::Text(_) => Unexpected::Other("another string"),
        };
        Unlike { found, expected }
    }
}

/// A scalar is not what was expected.
struct Unlike {
    found: Unexpected<'static>,
    expected: &'static str,
}

impl Unlike {
    fn error<E: Error>(self) -> E {
        E::invalid_value(self.found, &self.expected)
    }
}

/// A scalar as `read` understands it.
fn scalar<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(Scalar<'de>) -> Result<T, Unlike>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(ScalarVisitor(read))
}

struct ScalarVisitor<F>(F);

impl<F> ScalarVisitor<F> {
    #[inline(always)]
    fn read<'de, T, E: Error>(self, scalar: Scalar<'de>) -> Result<T, E>
    where
        F: FnOnce(Scalar<'de>) -> Result<T, Unlike>,
    {
        (self.0)(scalar).map_err(Unlike::error)
    }
}

impl<'de, T, F: FnOnce(Scalar<'de>) -> Result<T, Unlike>> Visitor<'de> for ScalarVisitor<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a single value")
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        self.read(Scalar::Null)
    }

    #[inline]
    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.read(Scalar::Bool(value))
    }

    #[inline]
    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.read(Scalar::Integer(value))
    }

    #[inline]
    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        match i64::try_from(value) {
            Ok(value) => self.read(Scalar::Integer(value)),
            // Too large for a key, yet every digit counts where the number stands for a string.
            Err(_) => self.visit_string(value.to_string()),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.read(Scalar::Decimal(value))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<T, E> {
        self.read(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<T, E> {
        self.read(Scalar::Text(Cow::Owned(value)))
    }
}

#[cfg(test)]
mod tests;
