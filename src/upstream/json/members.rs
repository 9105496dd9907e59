//! The members of an object that is read as a struct.

use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, IntoDeserializer, MapAccess};

use super::{
    Misfit, Nested,
    shape::{Expected, Field},
};

/// The members of an object that is read as a struct.
pub(super) struct Members<'r, 'de> {
    pub(super) members: Nested<'r, 'de>,
    pub(super) expected: &'r mut Expected<'de>,
}

impl<'de> Members<'_, 'de> {
    /// Passes a name that came before, if one comes next, and what divides it from the member before.
    #[inline(always)]
    fn take_expected(&mut self) -> Option<Field> {
        let reader = &mut *self.members.reader;
        let is_first = self.members.is_first;
        let (field, length) = self.expected.find(is_first, reader.rest())?;
        reader.at += length;
        self.members.is_first = false;
        Some(field)
    }

    /// Passes a name that will be expected again. `None`: there is no further member.
    fn learn<K: Deserialize<'de>>(&mut self) -> Result<Option<K>, Misfit> {
        let (start, is_first) = (self.members.reader.at, self.members.is_first);
        if !self.members.goes_on()? {
            return Ok(None);
        }
        let key = self.members.name(PhantomData)?;
        let reader = &mut *self.members.reader;
        let spelling = &reader.text.as_bytes()[start..reader.at];
        self.expected.learn((spelling, is_first), &key);
        Ok(Some(key))
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Misfit;

    /// Names that somebody wants to keep come from [`Self::next_key_seed`]; this is for what is derived.
    #[inline]
    fn next_key<K: Deserialize<'de>>(&mut self) -> Result<Option<K>, Misfit> {
        loop {
            match self.take_expected() {
                Some(Field::Known(number)) => {
                    return K::deserialize(number.into_deserializer()).map(Some);
                }
                Some(Field::Unknown) => self.members.reader.skip().map(drop)?,
                None => return self.learn(),
            }
        }
    }

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        self.members.next_key_seed(seed)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        self.members.next_value_seed(seed)
    }
}
