//! The custom scalars.

use async_graphql::{Number, Value, registry::MetaType};

use super::leaf::{Definitions, Leaf, TypeName};

macro_rules! scalars {
    ($( $(#[doc = $doc:literal])* $name:ident($inner:ty), $url:literal, $valid:expr, $into:expr; )*) => {$(
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
        }
    )*};
}

scalars! {
    /// A date and a time of day without a time zone, in ISO 8601, such as `2024-05-17T08:30:00.250`. CRO Software prints its timestamps so and does not say which zone it means (very likely UTC).
    LocalDateTime(String), "https://www.rfc-editor.org/rfc/rfc9557", |value| is_text(value, is_local_date_time), |text| Some(Value::String(text));
    /// An instant with its offset, in RFC 3339, such as `2024-05-17T08:30:00+00:00`.
    DateTime(String), "https://www.rfc-editor.org/rfc/rfc3339", |value| is_text(value, |text| text.parse::<jiff::Timestamp>().is_ok()), |text| Some(Value::String(text));
    /// A calendar date in ISO 8601, such as `2024-05-17`.
    Date(String), "https://www.rfc-editor.org/rfc/rfc3339#section-5.6", |value| is_text(value, |text| text.parse::<jiff::civil::Date>().is_ok()), |text| Some(Value::String(text));
    /// A decimal number, such as an amount of money, with the digits that the upstream printed.
    Decimal(f64), "https://www.rfc-editor.org/rfc/rfc8259#section-6", |value| matches!(value, Value::Number(_)), |number| Number::from_f64(number).map(Value::Number);
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
}
