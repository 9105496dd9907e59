//! Leaves: the Rust types that stand for GraphQL scalars, enums and their lists, and the registry
//! of the types that declarations use.

use std::collections::BTreeMap;

use async_graphql::{
    Name, Number, Value,
    registry::{MetaEnumValue, MetaType},
};
use serde::Serialize;

use crate::upstream::json::Text;

/// Types that declarations have used so far, by name.
#[derive(Default)]
pub struct Definitions(pub(super) BTreeMap<String, MetaType>);

impl Definitions {
    /// Adds a type unless it is there.
    pub fn add(&mut self, name: &str, define: impl FnOnce() -> MetaType) {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), define());
        }
    }
}

/// A Rust type with a GraphQL name, for outputs, arguments and inputs alike.
pub trait TypeName {
    /// The type reference: `String!`, `[ID!]!`, `Float`.
    fn reference() -> String;
    /// Adds the type's definition if it has one of its own.
    fn define(_: &mut Definitions) {}
}

/// A Rust type that can be the value of a leaf field.
pub trait Leaf: TypeName + 'static {
    /// Whether the type reference allows null.
    const NULLABLE: bool = false;

    /// The value; `None` is null.
    fn into_value(self) -> Option<Value>;

    /// Writes the value as JSON. False: it is null, and `out` holds nothing that counts.
    fn write(&self, out: &mut Vec<u8>) -> bool;
}

impl<T: TypeName> TypeName for Option<T> {
    fn reference() -> String {
        T::reference().trim_end_matches('!').to_owned()
    }

    fn define(definitions: &mut Definitions) {
        T::define(definitions);
    }
}

impl<T: Leaf> Leaf for Option<T> {
    const NULLABLE: bool = true;

    fn into_value(self) -> Option<Value> {
        self.and_then(T::into_value)
    }

    fn write(&self, out: &mut Vec<u8>) -> bool {
        self.as_ref().is_some_and(|value| value.write(out))
    }
}

impl<T: TypeName> TypeName for Vec<T> {
    fn reference() -> String {
        format!("[{}]!", T::reference())
    }

    fn define(definitions: &mut Definitions) {
        T::define(definitions);
    }
}

impl<T: Leaf> Leaf for Vec<T> {
    fn into_value(self) -> Option<Value> {
        let items = self
            .into_iter()
            .map(|item| item.into_value().unwrap_or_default());
        Some(Value::List(items.collect()))
    }

    fn write(&self, out: &mut Vec<u8>) -> bool {
        out.push(b'[');
        for (at, item) in self.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let start = out.len();
            if !item.write(out) {
                if !T::NULLABLE {
                    return false;
                }
                out.truncate(start);
                out.extend_from_slice(b"null");
            }
        }
        out.push(b']');
        true
    }
}

macro_rules! built_in {
    ($($rust:ty => $graphql:literal, $into:expr, $write:expr;)*) => {$(
        impl TypeName for $rust {
            fn reference() -> String {
                concat!($graphql, "!").to_owned()
            }
        }

        impl Leaf for $rust {
            fn into_value(self) -> Option<Value> {
                let into: fn($rust) -> Option<Value> = $into;
                into(self)
            }

            fn write(&self, out: &mut Vec<u8>) -> bool {
                let write: fn(&$rust, &mut Vec<u8>) -> bool = $write;
                write(self, out)
            }
        }
    )*};
}

built_in! {
    String => "String", |text| Some(Value::String(text)), |text, out| json(text, out);
    Text => "String", |text| Some(Value::String(text.to_string())), write_text;
    bool => "Boolean", |flag| Some(Value::Boolean(flag)), |flag, out| json(flag, out);
    i32 => "Int", |number| Some(Value::Number(number.into())), |number, out| json(number, out);
    f64 => "Float", |number| Number::from_f64(number).map(Value::Number), |number, out| number.is_finite() && json(number, out);
    Id => "ID", |Id(id)| Some(Value::String(id)), |Id(id), out| json(id, out);
}

/// A text that has no escapes in the upstream's JSON needs none in ours.
fn write_text(text: &Text, out: &mut Vec<u8>) -> bool {
    match text.spelling() {
        Some(spelling) => out.extend_from_slice(spelling),
        None => return json(&**text, out),
    }
    true
}

/// Writes what is no map with strange keys, so that it cannot fail.
pub(super) fn json(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> bool {
    serde_json::to_writer(out, value).is_ok()
}

/// Writes an enum item given in Rust's spelling.
pub fn write_enum_value(item: &str, out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    for (at, letter) in item.bytes().enumerate() {
        if at > 0 && letter.is_ascii_uppercase() {
            out.push(b'_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out.push(b'"');
    true
}

/// A GraphQL `ID`: 64-bit keys and UUIDs alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id(pub String);

impl Id {
    /// The id with this text.
    pub fn of(key: impl ToString) -> Self {
        Self(key.to_string())
    }
}

/// Declares an open enum of an upstream: listed words get names, any other word is `$rest`.
///
/// The doc comments are the schema's descriptions. Parsing ignores case and a numeric prefix.
#[macro_export]
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident {
            $( $(#[doc = $item_doc:literal])* $item:ident = $text:literal, )*
            .. $(#[doc = $rest_doc:literal])* $rest:ident $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name {
            $( $(#[doc = $item_doc])* $item, )*
            $(#[doc = $rest_doc])* $rest,
        }

        impl $name {
            /// Reads the upstream's word.
            $vis fn parse(word: &str) -> Self {
                $( if word.eq_ignore_ascii_case($text) { return Self::$item; } )*
                Self::$rest
            }

            /// The upstream's word; none for what has no word of its own.
            $vis fn word(self) -> Option<&'static str> {
                match self {
                    $( Self::$item => Some($text), )*
                    Self::$rest => None,
                }
            }

            /// The upstream's words for all items that have one.
            $vis fn words() -> Vec<&'static str> {
                vec![$( $text, )*]
            }

            const ITEMS: &'static [(Self, &'static str, &'static str)] = &[
                $( (Self::$item, stringify!($item), concat!($($item_doc,)*)), )*
                (Self::$rest, stringify!($rest), concat!($($rest_doc,)*)),
            ];
        }

        // Some enums are only read and some only written.
        const _: (fn(&str) -> $name, fn($name) -> Option<&'static str>, fn() -> Vec<&'static str>) =
            ($name::parse, $name::word, $name::words);

        impl $crate::graph::leaf::TypeName for $name {
            fn reference() -> String {
                concat!(stringify!($name), "!").to_owned()
            }

            fn define(definitions: &mut $crate::graph::leaf::Definitions) {
                definitions.add(stringify!($name), || {
                    let items = Self::ITEMS.iter().map(|(_, item, doc)| (*item, *doc));
                    $crate::graph::leaf::enum_type(stringify!($name), concat!($($doc,)*), items)
                });
            }
        }

        impl $crate::graph::leaf::Leaf for $name {
            fn into_value(self) -> Option<async_graphql::Value> {
                let (_, item, _) = Self::ITEMS.iter().find(|(value, ..)| *value == self)?;
                Some($crate::graph::leaf::enum_value(item))
            }

            fn write(&self, out: &mut Vec<u8>) -> bool {
                let item = Self::ITEMS.iter().find(|(value, ..)| value == self);
                item.is_some_and(|(_, item, _)| $crate::graph::leaf::write_enum_value(item, out))
            }
        }

        impl $crate::graph::input::Input for $name {
            fn read(value: Option<&async_graphql::Value>) -> Option<Self> {
                let name = match value? {
                    async_graphql::Value::Enum(name) => name.as_str(),
                    async_graphql::Value::String(name) => name.as_str(),
                    _ => return None,
                };
                Self::ITEMS
                    .iter()
                    .find(|(_, item, _)| $crate::graph::leaf::screaming(item) == name)
                    .map(|(value, ..)| *value)
            }
        }
    };
}

/// The GraphQL definition of an enum whose items are given in Rust's spelling.
pub fn enum_type<'a>(
    name: &str,
    doc: &str,
    items: impl Iterator<Item = (&'a str, &'a str)>,
) -> MetaType {
    MetaType::Enum {
        name: name.to_owned(),
        description: Some(doc.trim().to_owned()),
        enum_values: items
            .map(|(item, doc)| {
                let mut value = MetaEnumValue::new(screaming(item));
                value.description = Some(doc.trim().to_owned());
                (value.name.clone(), value)
            })
            .collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// The value of an enum item given in Rust's spelling.
pub fn enum_value(item: &str) -> Value {
    Value::Enum(Name::new(screaming(item)))
}

/// `WaitingForAcceptance` as GraphQL spells enum values: `WAITING_FOR_ACCEPTANCE`.
pub fn screaming(item: &str) -> String {
    let mut name = String::with_capacity(item.len() + 4);
    for (at, letter) in item.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::open_enum! {
        /// A colour.
        enum Colour {
            /// Like blood.
            DarkRed = "dark_red",
            .. /// Any other.
            Other
        }
    }

    #[test]
    fn references_follow_the_rust_type() {
        assert_eq!(String::reference(), "String!");
        assert_eq!(Option::<f64>::reference(), "Float");
        assert_eq!(Vec::<Id>::reference(), "[ID!]!");
        assert_eq!(Option::<Vec<Colour>>::reference(), "[Colour!]");
    }

    #[test]
    fn an_unknown_word_is_the_open_enums_rest() {
        assert_eq!(Colour::parse("DARK_RED"), Colour::DarkRed);
        assert_eq!(Colour::parse("mauve"), Colour::Other);
        assert_eq!(Colour::DarkRed.into_value(), Some(enum_value("DarkRed")));
        assert_eq!(Colour::Other.word(), None);
    }

    #[test]
    fn enum_items_are_upper_snake_case() {
        assert_eq!(screaming("WaitingForAcceptance"), "WAITING_FOR_ACCEPTANCE");
        assert_eq!(screaming("Km"), "KM");
    }
}
