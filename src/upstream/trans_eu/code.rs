//! Words of the vendor's dictionaries.

use serde::{Deserialize, Deserializer};

use crate::upstream::lenient;

/// A dictionary value that may carry the number of its entry: `2_europalette`. Both forms are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// The value without the number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        lenient::without_prefix(&self.0)
    }

    /// The value as the upstream printed it. Never to be sent back.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// The words of an upstream that a filter lets pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Words {
    /// This one.
    Only(&'static str),
    /// Any that is none of these.
    AllBut(Vec<&'static str>),
}

impl Words {
    /// The word that is wanted; where there is none, any that is not `known`.
    #[must_use]
    pub fn of(wanted: Option<&'static str>, known: Vec<&'static str>) -> Self {
        wanted.map_or(Self::AllBut(known), Self::Only)
    }

    /// Whether `word` passes. No word is no known word.
    #[must_use]
    pub fn pass(&self, word: Option<&str>) -> bool {
        let word = word.map(lenient::without_prefix);
        let is = |known: &&str| word.is_some_and(|word| word.eq_ignore_ascii_case(known));
        match self {
            Self::Only(wanted) => is(wanted),
            Self::AllBut(known) => !known.iter().any(is),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Words};

    #[test]
    fn the_number_of_an_entry_is_taken_off_and_the_raw_value_kept() {
        let code: Code = serde_json::from_str("\"2_europalette\"").unwrap();
        assert_eq!(
            (code.as_str(), code.raw()),
            ("europalette", "2_europalette")
        );
        let code: Code = serde_json::from_str("\"20gp_dry_van\"").unwrap();
        assert_eq!(
            (code.as_str(), code.raw()),
            ("20gp_dry_van", "20gp_dry_van")
        );
    }

    #[test]
    fn a_filter_by_a_rest_lets_only_unknown_words_pass() {
        let known = Words::Only("active");
        assert!(known.pass(Some("ACTIVE")) && known.pass(Some("1_active")));
        assert!(!known.pass(Some("archival")) && !known.pass(None));
        let rest = Words::of(None, vec!["active", "archival"]);
        assert!(rest.pass(Some("draft")) && rest.pass(None));
        assert!(!rest.pass(Some("Active")));
    }
}
