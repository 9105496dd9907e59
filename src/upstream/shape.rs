//! Objects are read from objects only.
//!
//! serde's derived structs read their members from the elements of a list, too. A struct made only of
//! defaults would so be read from `[1]` or from any other list, and a wrong answer would pass for an
//! empty one. [`Exact`] stands between a format and what is read from it, on every level, and lets a
//! struct begin with an object only.

use std::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// Reads JSON text as a `T`.
///
/// # Errors
/// The text is not JSON, or has another shape.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = T::deserialize(Exact(&mut reader))?;
    reader.end().map(|()| value)
}

/// Whatever takes part in reading, with lists kept away from structs.
pub struct Exact<T>(pub T);

/// A visitor that wants an object.
struct Members<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Exact(members))
    }
}

macro_rules! pass_on {
    ($( $method:ident ( $( $argument:ident : $ty:ty ),* ) )*) => {$(
        fn $method<V: Visitor<'de>>(self, $( $argument: $ty, )* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($( $argument, )* Exact(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Exact<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Members(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }

    pass_on! {
        deserialize_any()
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_i128()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_u128()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
        deserialize_ignored_any()
    }
}

macro_rules! pass_on_plain {
    ($( $method:ident ( $( $argument:ident : $ty:ty )? ) )*) => {$(
        fn $method<E: Error>(self, $( $argument: $ty )?) -> Result<V::Value, E> {
            self.0.$method($( $argument )?)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Exact<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    pass_on_plain! {
        visit_unit()
        visit_none()
        visit_bool(value: bool)
        visit_i64(value: i64)
        visit_i128(value: i128)
        visit_u64(value: u64)
        visit_u128(value: u128)
        visit_f64(value: f64)
        visit_str(value: &str)
        visit_borrowed_str(value: &'de str)
        visit_string(value: String)
        visit_bytes(value: &[u8])
        visit_borrowed_bytes(value: &'de [u8])
        visit_byte_buf(value: Vec<u8>)
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Exact(value))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Exact(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Exact(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Exact(members))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Exact(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Exact<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Exact(value))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Exact<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Exact(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Exact<A> {
    type Error = A::Error;

    // A key is a text, and no struct.
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Exact(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Exact<A> {
    type Error = A::Error;
    type Variant = Exact<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, variant) = self.0.variant_seed(seed)?;
        Ok((name, Exact(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Exact<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Exact(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Exact(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Members(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Record {
        number: Option<i64>,
        inner: Option<Box<Record>>,
        many: Vec<Record>,
        named: HashMap<String, Record>,
        kind: Option<Kind>,
        pair: Option<(i64, i64)>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Plain,
        Sized { size: i64 },
        Boxed(Box<Record>),
    }

    fn reads(json: &str) -> bool {
        read::<Record>(json.as_bytes()).is_ok()
    }

    #[test]
    fn a_list_is_no_struct_on_any_level() {
        for json in [
            "[]",
            "[1]",
            r#"{"inner":[1]}"#,
            r#"{"many":[[1]]}"#,
            r#"{"many":[{"inner":{"inner":[]}}]}"#,
            r#"{"named":{"a":[]}}"#,
            r#"{"kind":{"boxed":[1]}}"#,
            r#"{"kind":{"sized":[1]}}"#,
        ] {
            assert!(serde_json::from_str::<Record>(json).is_ok(), "{json}");
            assert!(!reads(json), "{json}");
        }
    }

    #[test]
    fn everything_else_is_read_as_before() {
        for json in [
            "{}",
            r#"{"number":7,"unknown":[1,{"a":null}],"pair":[1,2]}"#,
            r#"{"inner":{"number":1},"many":[{},{"kind":"plain"}],"named":{"a":{"number":2}}}"#,
            r#"{"kind":{"sized":{"size":3}}}"#,
            r#"{"kind":{"boxed":{"number":4}}}"#,
            r#"{"inner":null,"kind":null}"#,
        ] {
            let plain = serde_json::from_str::<Record>(json).unwrap();
            assert_eq!(read::<Record>(json.as_bytes()).unwrap(), plain, "{json}");
        }
    }

    #[test]
    fn half_a_text_and_two_texts_are_no_text() {
        assert!(!reads(r#"{"number":7"#));
        assert!(!reads("{} {}"));
        assert!(!reads(""));
    }
}
