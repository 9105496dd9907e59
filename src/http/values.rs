//! How much the values of arguments and variables amount to.

use async_graphql::{Name, Positioned, Value};
use async_graphql_value::Value as Literal;

/// What some values amount to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Volume {
    /// Values, those in lists and objects included. A text counts once for each piece of it.
    pub(super) values: u32,
    /// Items of the longest list.
    pub(super) longest_list: u32,
}

/// Comparing and copying a long text takes the time of many short ones.
const PIECE_OF_TEXT: usize = 64;

impl Volume {
    /// The volume of a field's or directive's arguments.
    pub(super) fn of_arguments(arguments: &[(Positioned<Name>, Positioned<Literal>)]) -> Self {
        let volumes = arguments
            .iter()
            .map(|(_, value)| Self::of_literal(&value.node));
        volumes.fold(Self::default(), Self::and)
    }

    /// Recurses as deep as the text nests, which the scan has bounded.
    fn of_literal(value: &Literal) -> Self {
        match value {
            Literal::List(items) => Self::of_list(items.iter().map(Self::of_literal)),
            Literal::Object(fields) => Self::of_object(fields.values().map(Self::of_literal)),
            Literal::String(text) => Self::of_text(text),
            _ => Self::of_text(""),
        }
    }

    /// The volume of a default or of a variable. Recurses as deep as the text or the JSON nests,
    /// which the scan and the JSON parser have bounded.
    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::List(items) => Self::of_list(items.iter().map(Self::of_value)),
            Value::Object(fields) => Self::of_object(fields.values().map(Self::of_value)),
            Value::String(text) => Self::of_text(text),
            _ => Self::of_text(""),
        }
    }

    fn of_text(text: &str) -> Self {
        Self {
            values: count(1 + text.len() / PIECE_OF_TEXT),
            longest_list: 0,
        }
    }

    fn of_list(items: impl ExactSizeIterator<Item = Self>) -> Self {
        let length = count(items.len());
        let volume = Self::of_object(items);
        Self {
            longest_list: volume.longest_list.max(length),
            ..volume
        }
    }

    fn of_object(fields: impl Iterator<Item = Self>) -> Self {
        fields.fold(Self::of_text(""), Self::and)
    }

    /// Two volumes together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_add(other.values),
            longest_list: self.longest_list.max(other.longest_list),
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn values_within_values_count_and_lists_are_measured() {
        let order = value!({ "ids": [1, 2, [3, 4, 5, 6]], "name": "x" });
        let volume = Volume::of_value(&order);
        assert_eq!((volume.values, volume.longest_list), (10, 4));
    }

    #[test]
    fn a_long_text_counts_by_its_length() {
        let text = Value::from("x".repeat(640));
        assert_eq!(Volume::of_value(&text).values, 11);
    }
}
