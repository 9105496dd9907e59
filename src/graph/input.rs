//! Input objects: Rust structs that are read from GraphQL values and declared to the schema by
//! the same words.

use async_graphql::{
    MaybeUndefined, Value,
    registry::{MetaInputValue, MetaType},
};

use super::{
    leaf::{Definitions, Id, TypeName},
    scalars::{Date, DateTime, Decimal, LocalDateTime, Upload},
};

/// A Rust type that can be read from an input value.
///
/// The schema has validated the value before, so a value that does not fit (`None`) can only mean
/// that it is absent or null.
pub trait Input: Sized {
    /// Reads the value; absent is `None`.
    fn read(value: Option<&Value>) -> Option<Self>;
}

impl<T: Input> Input for Option<T> {
    fn read(value: Option<&Value>) -> Option<Self> {
        Some(T::read(value))
    }
}

impl<T: Input> Input for Vec<T> {
    fn read(value: Option<&Value>) -> Option<Self> {
        match value? {
            Value::List(items) => items.iter().map(|item| T::read(Some(item))).collect(),
            Value::Null => None,
            // A single value stands for a list of one.
            single => Some(vec![T::read(Some(single))?]),
        }
    }
}

/// A field that may be left out (unchanged), null (cleared) or set.
impl<T: Input> Input for MaybeUndefined<T> {
    fn read(value: Option<&Value>) -> Option<Self> {
        Some(match value {
            None => Self::Undefined,
            Some(Value::Null) => Self::Null,
            some => T::read(some).map_or(Self::Undefined, Self::Value),
        })
    }
}

impl<T: TypeName> TypeName for MaybeUndefined<T> {
    fn reference() -> String {
        Option::<T>::reference()
    }

    fn define(definitions: &mut Definitions) {
        T::define(definitions);
    }
}

macro_rules! plain {
    ($($rust:ty: $pattern:pat => $read:expr;)*) => {$(
        impl Input for $rust {
            fn read(value: Option<&Value>) -> Option<Self> {
                match value? {
                    $pattern => $read,
                    _ => None,
                }
            }
        }
    )*};
}

plain! {
    String: Value::String(text) => Some(text.clone());
    bool: Value::Boolean(flag) => Some(*flag);
    i32: Value::Number(number) => number.as_i64().and_then(|number| number.try_into().ok());
    f64: Value::Number(number) => number.as_f64();
    LocalDateTime: Value::String(text) => Some(Self(text.clone()));
    DateTime: Value::String(text) => Some(Self(text.clone()));
    Date: Value::String(text) => Some(Self(text.clone()));
    Decimal: Value::Number(number) => number.as_f64().map(Self);
}

impl Input for Upload {
    fn read(value: Option<&Value>) -> Option<Self> {
        Self::number(value?).map(Self)
    }
}

impl Input for Id {
    fn read(value: Option<&Value>) -> Option<Self> {
        match value? {
            Value::String(text) => Some(Self(text.clone())),
            Value::Number(number) => Some(Self(number.to_string())),
            _ => None,
        }
    }
}

/// What a change does: leaves alone (`None`), clears (the inner `None`) or sets.
pub fn change<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// An input object whose fields can be a part of another's.
pub trait InputObject: Input {
    /// The fields in Rust's spelling, with their descriptions and types.
    fn fields() -> Vec<(&'static str, &'static str, String)>;
    /// Adds the definitions of the fields' types.
    fn define_fields(definitions: &mut Definitions);
}

/// Declares an input object: the struct, its GraphQL type and how it is read.
///
/// Doc comments are the schema's descriptions; fields are spelled in camelCase there. A last field
/// `..rest: Other` stands for the fields of another input object. An input has no `Debug`, because
/// some carry credentials.
#[macro_export]
macro_rules! input_object {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $field_doc:literal])* $field:ident: $ty:ty, )*
            $( ..$rest:ident: $rest_ty:ty, )?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone)]
        $vis struct $name {
            $( $(#[doc = $field_doc])* $vis $field: $ty, )*
            $( $vis $rest: $rest_ty, )?
        }

        impl $crate::graph::leaf::TypeName for $name {
            fn reference() -> String {
                concat!(stringify!($name), "!").to_owned()
            }

            fn define(definitions: &mut $crate::graph::leaf::Definitions) {
                use $crate::graph::input::{InputObject, input_type};
                Self::define_fields(definitions);
                definitions.add(stringify!($name), || {
                    input_type(stringify!($name), concat!($($doc,)*), false, &Self::fields())
                });
            }
        }

        impl $crate::graph::input::InputObject for $name {
            fn fields() -> Vec<(&'static str, &'static str, String)> {
                use $crate::graph::leaf::TypeName;
                let fields = [
                    $( (stringify!($field), concat!($($field_doc,)*), <$ty as TypeName>::reference()), )*
                ];
                fields.into_iter()$( .chain(<$rest_ty as $crate::graph::input::InputObject>::fields()) )?.collect()
            }

            fn define_fields(definitions: &mut $crate::graph::leaf::Definitions) {
                $( <$ty as $crate::graph::leaf::TypeName>::define(definitions); )*
                $( <$rest_ty as $crate::graph::input::InputObject>::define_fields(definitions); )?
            }
        }

        impl $crate::graph::input::Input for $name {
            fn read(value: Option<&async_graphql::Value>) -> Option<Self> {
                let async_graphql::Value::Object(object) = value? else {
                    return None;
                };
                Some(Self {
                    $( $field: $crate::graph::input::Input::read(
                        object.get($crate::graph::input::camel(stringify!($field)).as_str()),
                    )?, )*
                    $( $rest: $crate::graph::input::Input::read(value)?, )?
                })
            }
        }
    };
}

/// Declares an input object of which exactly one field is given: a Rust enum, a variant per field.
///
/// The schema marks it `@oneOf`. Doc comments are the schema's descriptions.
#[macro_export]
macro_rules! one_of_input {
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident {
            $( $(#[doc = $item_doc:literal])* $item:ident($ty:ty), )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone)]
        $vis enum $name {
            $( $(#[doc = $item_doc])* $item($ty), )*
        }

        impl $crate::graph::leaf::TypeName for $name {
            fn reference() -> String {
                concat!(stringify!($name), "!").to_owned()
            }

            fn define(definitions: &mut $crate::graph::leaf::Definitions) {
                use $crate::graph::leaf::TypeName;
                $( <$ty as TypeName>::define(definitions); )*
                definitions.add(stringify!($name), || {
                    $crate::graph::input::input_type(stringify!($name), concat!($($doc,)*), true, &[
                        $( (
                            $crate::graph::input::uncapitalized(stringify!($item)).as_str(),
                            concat!($($item_doc,)*),
                            <Option<$ty> as TypeName>::reference(),
                        ), )*
                    ])
                });
            }
        }

        impl $crate::graph::input::Input for $name {
            fn read(value: Option<&async_graphql::Value>) -> Option<Self> {
                let (field, value) = $crate::graph::input::only_field(value?)?;
                $( if field == $crate::graph::input::uncapitalized(stringify!($item)) {
                    return $crate::graph::input::Input::read(Some(value)).map(Self::$item);
                } )*
                None
            }
        }
    };
}

/// The one field of an object that has one, and its value.
pub fn only_field(value: &Value) -> Option<(&str, &Value)> {
    let Value::Object(object) = value else {
        return None;
    };
    match object.len() {
        1 => object
            .iter()
            .next()
            .map(|(name, value)| (name.as_str(), value)),
        _ => None,
    }
}

/// `ByRoute` as GraphQL spells fields: `byRoute`.
pub fn uncapitalized(item: &str) -> String {
    let (first, rest) = item.split_at(item.len().min(1));
    first.to_ascii_lowercase() + rest
}

/// The GraphQL definition of an input object whose fields are given in Rust's spelling; `one_of`
/// says that exactly one of them is given.
pub fn input_type(
    name: &str,
    doc: &str,
    one_of: bool,
    fields: &[(&str, &str, String)],
) -> MetaType {
    MetaType::InputObject {
        name: name.to_owned(),
        description: Some(doc.trim().to_owned()),
        input_fields: fields
            .iter()
            .map(|(field, doc, ty)| {
                let name = camel(field);
                (name.clone(), input_value(&name, doc, ty.clone(), None))
            })
            .collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: one_of,
        directive_invocations: Vec::new(),
    }
}

/// The GraphQL definition of an argument or of an input object's field.
pub fn input_value(
    name: &str,
    doc: &str,
    ty: String,
    default_value: Option<String>,
) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(doc.trim().to_owned()),
        ty,
        deprecation: async_graphql::registry::Deprecation::NoDeprecated,
        default_value,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// `primary_contact_name` as GraphQL spells it: `primaryContactName`.
pub fn camel(field: &str) -> String {
    let mut words = field.trim_start_matches("r#").split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}

#[cfg(test)]
mod tests;
