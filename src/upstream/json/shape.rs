//! Members that are expected, because the object before had them.
//!
//! The objects of a list have the same members in the same order. So what comes next is compared with what
//! came then, and need not be scanned, unescaped and looked up among the fields of a struct.

use std::mem::{self, discriminant};

use serde::de::{Deserialize, IntoDeserializer};
use wide::u8x16;

use super::Misfit;

/// So many structs are remembered.
const MAX_SHAPES: usize = 16;

/// So many members of a struct are remembered.
const MAX_MEMBERS: usize = 64;

/// So many objects of a struct are read before one is remembered: in a short list that is not repaid.
pub(super) const MIN_OBJECTS: usize = 3;

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

pub(super) struct Member<'de> {
    /// Its name as it is printed, from the end of the member before to the colon.
    spelling: &'de [u8],
    /// Whether it is its object's first: then there is no comma.
    is_first: bool,
    /// The first bytes of the spelling.
    start: [u8x16; 2],
    /// A bit for each of them.
    bits: u32,
    field: Field,
}

/// So many bytes are compared at once.
const STEP: usize = 32;

impl<'de> Member<'de> {
    fn new((spelling, is_first): (&'de [u8], bool), field: Field) -> Self {
        let length = spelling.len().min(STEP);
        let mut start = [0; STEP];
        start[..length].copy_from_slice(&spelling[..length]);
        Self {
            spelling,
            is_first,
            start: halves(&start),
            bits: u32::try_from((1_u64 << length) - 1).unwrap_or(u32::MAX),
            field,
        }
    }

    /// Whether it comes next, where `json` begins with the member that is the first or is not.
    #[inline]
    fn comes_next(&self, is_first: bool, json: &[u8]) -> bool {
        self.is_first == is_first && self.begins(json)
    }

    /// The length of its spelling, if that begins `at` a place in the text.
    #[inline(always)]
    pub(super) fn length_at(&self, is_first: bool, text: &[u8], at: usize) -> Option<usize> {
        let is_it = self.comes_next(is_first, text.get(at..)?);
        is_it.then_some(self.spelling.len())
    }

    #[inline(always)]
    pub(super) fn field(&self) -> Field {
        self.field
    }

    #[inline]
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

/// The members that an object is expected to have, taken out of its shape while it is read.
pub(super) struct Expected<'de> {
    /// The number of its shape.
    shape: usize,
    /// How many fields its struct has, by all their names.
    fields: usize,
    /// Whether it is worth remembering.
    learns: bool,
    members: Vec<Member<'de>>,
    /// The number of the member that should come next.
    next: usize,
}

impl<'de> Shapes<'de> {
    /// What is expected of an object that `V` reads, for a struct with these names of fields of which it is
    /// worth remembering one once there were so many.
    pub(super) fn begin<V>(
        &mut self,
        fields: &'static [&'static str],
        min_objects: usize,
    ) -> Expected<'de> {
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
        let mut expected = Expected {
            shape,
            fields: fields.len(),
            learns: false,
            members: Vec::new(),
            next: 0,
        };
        if let Some(shape) = self.0.get_mut(shape) {
            shape.objects += 1;
            expected.learns = shape.objects >= min_objects;
            expected.members = mem::take(&mut shape.members);
        }
        expected
    }

    /// Remembers for the next object what was expected of one, and what was learned.
    pub(super) fn end(&mut self, expected: Expected<'de>) {
        if let Some(shape) = self.0.get_mut(expected.shape) {
            shape.members = expected.members;
        }
    }
}

impl<'de> Expected<'de> {
    /// The member that `json` begins with, and the length of its spelling, if it came before.
    #[inline(always)]
    pub(super) fn find(&mut self, is_first: bool, json: &[u8]) -> Option<(Field, usize)> {
        let member = match self.members.get(self.next) {
            Some(member) if member.comes_next(is_first, json) => member,
            _ if json.first() == Some(&b'}') => return None,
            _ => self.search(is_first, json)?,
        };
        let found = (member.field, member.spelling.len());
        self.next += 1;
        Some(found)
    }

    /// The members that are expected next, one after another.
    pub(super) fn rest(&self) -> &[Member<'de>] {
        self.members.get(self.next..).unwrap_or_default()
    }

    /// So many of them came.
    pub(super) fn skip(&mut self, count: usize) {
        self.next += count;
    }

    /// The member that comes next, and is not the one that is expected.
    #[cold]
    fn search(&mut self, is_first: bool, json: &[u8]) -> Option<&Member<'de>> {
        let mut members = self.members.iter();
        self.next = members.position(|member| member.comes_next(is_first, json))?;
        self.members.get(self.next)
    }

    /// Remembers that a member of this `spelling` was read as `key`.
    pub(super) fn learn<K: Deserialize<'de>>(&mut self, spelling: (&'de [u8], bool), key: &K) {
        if self.learns
            && let Some(field) = Field::of(key, self.fields)
        {
            self.remember(spelling, field);
        }
    }

    /// Remembers that a member of this `spelling` is the `field`.
    pub(super) fn remember(&mut self, spelling: (&'de [u8], bool), field: Field) {
        if !self.learns || self.members.len() == MAX_MEMBERS {
            return;
        }
        if self.members.is_empty() {
            self.members.reserve(self.fields);
        }
        self.next = self.next.min(self.members.len());
        self.members.insert(self.next, Member::new(spelling, field));
        self.next += 1;
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
