//! The custom scalars.

use async_graphql::{Number, Value, registry::MetaType};

use super::leaf::{Definitions, Leaf, TypeName, json};

macro_rules! scalars {
    ($( $(#[doc = $doc:literal])* $name:ident($inner:ty), $url:literal, $valid:expr, $into:expr, $write:expr; )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name(pub $inner);

        impl TypeName for $name {
            fn reference() -> String {
                concat!(stringify!($name), "!").to_owned()
            }

            fn define(definitions: &mut Definitions) {
                definitions.add(stringify!($name), || {
                    scalar(stringify!($name), concat!($($doc,)*), $url, $valid)
                });
            }
        }

        impl Leaf for $name {
            fn into_value(self) -> Option<Value> {
                let into: fn($inner) -> Option<Value> = $into;
                into(self.0)
            }

            fn write(&self, out: &mut Vec<u8>) -> bool {
                let write: fn(&$inner, &mut Vec<u8>) -> bool = $write;
                write(&self.0, out)
            }
        }
    )*};
}

scalars! {
    /// A date and a time of day without a time zone, in ISO 8601, such as `2024-05-17T08:30:00.250`. CRO Software prints its timestamps so and does not say which zone it means (very likely UTC).
    LocalDateTime(String), "https://www.w3.org/TR/xmlschema11-2/#dateTime", |value| is_text(value, is_local_date_time), |text| Some(Value::String(text)), |text, out| json(text, out);
    /// An instant with its offset, in RFC 3339, such as `2024-05-17T08:30:00+00:00`.
    DateTime(String), "https://www.rfc-editor.org/rfc/rfc3339", |value| is_text(value, |text| text.parse::<jiff::Timestamp>().is_ok()), |text| Some(Value::String(text)), |text, out| json(text, out);
    /// A calendar date in ISO 8601, such as `2024-05-17`.
    Date(String), "https://www.rfc-editor.org/rfc/rfc3339#section-5.6", |value| is_text(value, |text| text.parse::<jiff::civil::Date>().is_ok()), |text| Some(Value::String(text)), |text, out| json(text, out);
    /// A file, sent beside the operation as `multipart/form-data`, as the GraphQL multipart request specification says: the variable is null, and `map` names it. It cannot be written into a document. Files go on while they arrive: send them in the order of the fields that take them, and one for each field.
    Upload(usize), "https://github.com/jaydenseric/graphql-multipart-request-spec", |value| Upload::number(value).is_some(), |_| None, |_, _| false;
    /// A decimal number, such as an amount of money. Whole amounts have no decimal point.
    Decimal(f64), "https://www.rfc-editor.org/rfc/rfc8259#section-6", |value| matches!(value, Value::Number(_)), decimal, write_decimal;
}

impl LocalDateTime {
    /// The moment that an upstream prints so.
    pub fn of(text: impl ToString) -> Self {
        Self(text.to_string())
    }
}

/// The shortest form of a number; JSON's whole numbers are exact up to 2^53.
fn decimal(number: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is whole and within the bounds"
    )]
    let number = match number.fract() == 0.0 && number.abs() < EXACT {
        true => Number::from(number as i64),
        false => Number::from_f64(number)?,
    };
    Some(Value::Number(number))
}

fn write_decimal(number: &f64, out: &mut Vec<u8>) -> bool {
    decimal(*number).is_some_and(|number| json(&number, out))
}

impl Upload {
    /// The number of the file that a variable stands for; async-graphql puts this mark in its place.
    pub fn number(value: &Value) -> Option<usize> {
        match value {
            Value::String(text) => text.strip_prefix("#__graphql_file__:")?.parse().ok(),
            _ => None,
        }
    }
}

fn scalar(name: &str, doc: &str, url: &str, is_valid: fn(&Value) -> bool) -> MetaType {
    MetaType::Scalar {
        name: name.to_owned(),
        description: Some(doc.trim().to_owned()),
        is_valid: Some(std::sync::Arc::new(is_valid)),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: Some(url.to_owned()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn is_text(value: &Value, test: impl Fn(&str) -> bool) -> bool {
    matches!(value, Value::String(text) if test(text))
}

/// A civil time without an offset; a zone would be dropped silently, so it is refused.
fn is_local_date_time(text: &str) -> bool {
    let zoned = text.parse::<jiff::Timestamp>().is_ok();
    !zoned && text.contains('T') && text.parse::<jiff::civil::DateTime>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_date_time_has_a_time_and_no_zone() {
        assert!(is_local_date_time("2020-10-19T04:06:50.733000"));
        for bad in [
            "2020-10-19",
            "2020-10-19T04:06:50Z",
            "2020-10-19T04:06:50+02:00",
            "yesterday",
        ] {
            assert!(!is_local_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn whole_amounts_have_no_decimal_point() {
        let printed = |number| Decimal(number).into_value().unwrap().to_string();
        assert_eq!(printed(560.0), "560");
        assert_eq!(printed(-0.5), "-0.5");
        assert_eq!(printed(1234.56), "1234.56");
        assert_eq!(Decimal(f64::NAN).into_value(), None);
    }
}
