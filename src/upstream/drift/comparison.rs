//! A body read against its documentation, without a tree of it in memory.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Departure, Kind,
    documented::{Documentation, Scalar, Shape},
};
use crate::upstream::json;

/// Most departures that one body is asked for.
const MOST: usize = 100;

/// How `body` departs from `shape`. A body that is not JSON has no shape to depart from.
pub(super) fn compare(
    documentation: &Documentation,
    shape: &Shape,
    body: &[u8],
) -> BTreeSet<Departure> {
    let mut found = BTreeSet::new();
    let place = Place {
        documentation,
        shape: Some(shape),
        path: Path::Root,
        found: &mut found,
    };
    // What cannot be read to its end is reported elsewhere; what was seen until there counts.
    let _ = json::show(body, place);
    found
}

/// Where in the body one is; it becomes a text only if there is something to say.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Element(&'a Path<'a>),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(shown(name)),
            Self::Member(parent, name) => write!(f, "{parent}.{}", shown(name)),
            Self::Element(parent) => write!(f, "{parent}[]"),
        }
    }
}

/// A member's name, if it looks like one. Some answers use data as names.
fn shown(name: &str) -> &str {
    const LONGEST: usize = 64;
    let is_name = name.len() <= LONGEST
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name { name } else { "*" }
}

/// The name of a member, which is mostly a part of the body.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// One place of the body, about to be read. Nothing is documented of it if there is no shape.
struct Place<'a> {
    documentation: &'a Documentation,
    shape: Option<&'a Shape>,
    path: Path<'a>,
    found: &'a mut BTreeSet<Departure>,
}

impl<'a> Place<'a> {
    fn note(&mut self, kind: Kind) {
        if self.found.len() < MOST {
            let path = self.path.to_string();
            self.found.insert(Departure { path, kind });
        }
    }

    fn see(mut self, scalar: Scalar<'_>) {
        let Some(shape) = self.shape else { return };
        if !shape.admits(scalar) {
            self.note(match scalar {
                Scalar::Null => Kind::Null,
                _ => Kind::Type,
            });
        } else if let Scalar::Text(word) = scalar
            && shape.excludes(word)
        {
            self.note(Kind::Value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.shape {
            Some(shape) if !shape.is_open() => deserializer.deserialize_any(self),
            _ => IgnoredAny::deserialize(deserializer).map(drop),
        }
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.see(Scalar::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.see(Scalar::Bool);
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.see(Scalar::Number(number <= 1));
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.see(Scalar::Number(false));
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.see(Scalar::Number(false));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.see(Scalar::Text(text));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let parts = self.shape.map(|shape| self.documentation.parts(shape));
        let element = parts.and_then(Shape::element);
        if parts.is_some() && element.is_none() {
            self.note(Kind::Type);
        }
        let path = self.path;
        while let Some(()) = elements.next_element_seed(Place {
            documentation: self.documentation,
            shape: element,
            path: Path::Element(&path),
            found: self.found,
        })? {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let parts = self.shape.map(|shape| self.documentation.parts(shape));
        let is_documented = parts.is_some_and(Shape::has_members);
        if !is_documented {
            self.note(Kind::Type);
        }
        let path = self.path;
        while let Some(Name(name)) = members.next_key()? {
            let shape = parts.and_then(|parts| parts.member(&name));
            let mut member = Place {
                documentation: self.documentation,
                shape,
                path: Path::Member(&path, &name),
                found: self.found,
            };
            if is_documented && shape.is_none() {
                member.note(Kind::Member);
            }
            members.next_value_seed(member)?;
        }
        Ok(())
    }
}
