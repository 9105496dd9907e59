//! The members of an object that is read as a struct.

use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, IntoDeserializer, MapAccess};

use super::{
    Misfit, Nested,
    shape::{Field, Place},
};

/// The members of an object that is read as a struct.
pub(super) struct Members<'r, 'de> {
    pub(super) members: Nested<'r, 'de>,
    /// Where the next one is expected.
    pub(super) place: Place,
}

impl<'de> Members<'_, 'de> {
    /// Passes a name that came before, if one comes next.
    fn expected(&mut self) -> Option<Field> {
        let reader = &mut *self.members.reader;
        reader.peek();
        let (field, length) = reader.shapes.find(&mut self.place, reader.rest())?;
        reader.at += length;
        Some(field)
    }

    /// Passes a name that will be expected again.
    fn learn<K: Deserialize<'de>>(&mut self) -> Result<K, Misfit> {
        let start = self.members.reader.at;
        let key = self.members.name(PhantomData)?;
        let reader = &mut *self.members.reader;
        let spelling = &reader.text.as_bytes()[start..reader.at];
        reader.shapes.learn(&mut self.place, spelling, &key);
        Ok(key)
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Misfit;

    /// Names that somebody wants to keep come from [`Self::next_key_seed`]; this is for what is derived.
    fn next_key<K: Deserialize<'de>>(&mut self) -> Result<Option<K>, Misfit> {
        while self.members.goes_on()? {
            match self.expected() {
                Some(Field::Known(number)) => {
                    return K::deserialize(number.into_deserializer()).map(Some);
                }
                Some(Field::Unknown) => self.members.reader.skip().map(drop)?,
                None => return self.learn().map(Some),
            }
        }
        Ok(None)
    }

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        self.members.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        self.members.next_value_seed(seed)
    }
}
