//! Values of the vendor's dictionaries.

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

#[cfg(test)]
mod tests {
    use super::Code;

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
}
