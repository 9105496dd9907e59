//! Members that are expected, because the object before had them.
//!
//! The objects of a list have the same members in the same order. So what comes next is compared with what
//! came then, and need not be scanned, unescaped and looked up among the fields of a struct.

use std::mem::discriminant;

use serde::de::{Deserialize, IntoDeserializer};
use wide::u8x16;

use super::Misfit;

/// So many structs are remembered.
const MAX_SHAPES: usize = 16;

/// So many members of a struct are remembered.
const MAX_MEMBERS: usize = 64;

/// So many objects of a struct are read before one is remembered: in a short list that is not repaid.
const MIN_OBJECTS: usize = 3;

/// What the objects of each struct look like.
#[derive(Default)]
pub(super) struct Shapes<'de>(Vec<Shape<'de>>);

/// What the objects of a struct look like: their members, in the order in which they came.
struct Shape<'de> {
    /// The type that reads the struct, and the struct's names: no two structs have both in common.
    reader: &'static str,
    fields: &'static [&'static str],
    /// How many objects there were so far.
    objects: usize,
    members: Vec<Member<'de>>,
}

struct Member<'de> {
    /// Its name as it is printed, from the quote to the colon.
    spelling: &'de [u8],
    /// The first bytes of the spelling.
    start: [u8x16; 2],
    /// A bit for each of them.
    bits: u32,
    field: Field,
}

/// So many bytes are compared at once.
const STEP: usize = 32;

impl<'de> Member<'de> {
    fn new(spelling: &'de [u8], field: Field) -> Self {
        let length = spelling.len().min(STEP);
        let mut start = [0; STEP];
        start[..length].copy_from_slice(&spelling[..length]);
        Self {
            spelling,
            start: halves(&start),
            bits: u32::try_from((1_u64 << length) - 1).unwrap_or(u32::MAX),
            field,
        }
    }

    /// Whether `json` begins with it.
    fn begins(&self, json: &[u8]) -> bool {
        let Some(start) = json.first_chunk::<STEP>() else {
            return json.starts_with(self.spelling);
        };
        let [low, high] = halves(start);
        let equal = low.simd_eq(self.start[0]).to_bitmask()
            | high.simd_eq(self.start[1]).to_bitmask() << (STEP / 2);
        equal & self.bits == self.bits
            && (self.spelling.len() <= STEP || json.starts_with(self.spelling))
    }
}

fn halves(bytes: &[u8; STEP]) -> [u8x16; 2] {
    let (halves, _) = bytes.as_chunks::<{ STEP / 2 }>();
    [u8x16::new(halves[0]), u8x16::new(halves[1])]
}

/// What a struct makes of a member.
#[derive(Clone, Copy)]
pub(super) enum Field {
    /// It is the field of this number.
    Known(u64),
    /// It has no such field.
    Unknown,
}

/// A place in a shape.
#[derive(Clone, Copy)]
pub(super) struct Place {
    shape: usize,
    member: usize,
}

impl<'de> Shapes<'de> {
    /// The first member of an object that `V` reads, for a struct with these names of fields.
    pub(super) fn begin<V>(&mut self, fields: &'static [&'static str]) -> Place {
        let reader = std::any::type_name::<V>();
        let is_it = |shape: &Shape<'_>| {
            std::ptr::eq(shape.reader, reader) && std::ptr::eq(shape.fields, fields)
        };
        let known = self.0.iter().position(is_it);
        let shape = known.unwrap_or(self.0.len());
        if shape == self.0.len() && shape < MAX_SHAPES {
            self.0.push(Shape {
                reader,
                fields,
                objects: 0,
                members: Vec::new(),
            });
        }
        if let Some(shape) = self.0.get_mut(shape) {
            shape.objects += 1;
        }
        Place { shape, member: 0 }
    }

    /// The member that `json` begins with, and the length of its spelling, if it came before. The next one
    /// is expected at `place`.
    #[inline]
    pub(super) fn find(&self, place: &mut Place, json: &[u8]) -> Option<(Field, usize)> {
        let members = &*self.0.get(place.shape)?.members;
        let found = match members.get(place.member) {
            Some(member) if member.begins(json) => place.member,
            _ => members.iter().position(|member| member.begins(json))?,
        };
        place.member = found + 1;
        Some((members[found].field, members[found].spelling.len()))
    }

    /// Remembers that a member of this `spelling` was read as `key`.
    pub(super) fn learn<K: Deserialize<'de>>(
        &mut self,
        place: &mut Place,
        spelling: &'de [u8],
        key: &K,
    ) {
        let Some(shape) = self.0.get_mut(place.shape) else {
            return;
        };
        if shape.objects < MIN_OBJECTS || shape.members.len() == MAX_MEMBERS {
            return;
        }
        if let Some(field) = Field::of(key, shape.fields.len()) {
            let member = place.member.min(shape.members.len());
            shape.members.insert(member, Member::new(spelling, field));
            place.member = member + 1;
        }
    }
}

impl Field {
    /// What the struct makes of a member that was read as `key`, if that can be said without its name.
    ///
    /// Derived structs read a field's number as they read its name. Which number it is does not follow from
    /// the names of the fields, because some have several; so it is tried.
    fn of<'de, K: Deserialize<'de>>(key: &K, names: usize) -> Option<Self> {
        let is_read_from = |number: u64| {
            let read: Result<K, Misfit> = K::deserialize(number.into_deserializer());
            read.is_ok_and(|read| discriminant(&read) == discriminant(key))
        };
        if is_read_from(u64::MAX) {
            return Some(Self::Unknown);
        }
        // A field has one name or several.
        let mut numbers = 0..names as u64;
        numbers
            .find(|number| is_read_from(*number))
            .map(Self::Known)
    }
}
