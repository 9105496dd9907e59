//! The names under which requests are written.

use serde_json::{Map, Value};

/// Which of the documentation's names are sent. Its text and its samples, which were sent for real,
/// differ; reads know only those of the samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WriteNames {
    /// Those of the samples.
    #[default]
    Samples,
    /// Those of the text.
    Text,
}

/// The names of the samples, and what the text calls the same.
const NAMES: [(&str, &str); 4] = [
    ("integrations", "requested_integrations"),
    ("retailer_account_number", "organization_account_number"),
    ("integration_type", "type"),
    ("feed_source_file_locations", "file_locations"),
];

impl WriteNames {
    /// A body in the names of the samples, in these names.
    pub(super) fn of(self, body: Value) -> Value {
        match (self, body) {
            (Self::Text, Value::Object(members)) => {
                let renamed = members
                    .into_iter()
                    .map(|(name, value)| (in_text(name), self.of(value)));
                Value::Object(renamed.collect::<Map<_, _>>())
            }
            (Self::Text, Value::Array(items)) => {
                Value::Array(items.into_iter().map(|item| self.of(item)).collect())
            }
            (_, body) => body,
        }
    }
}

fn in_text(name: String) -> String {
    let known = NAMES.iter().find(|(sample, _)| *sample == name);
    known.map_or(name, |(_, text)| (*text).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_names_of_the_text_reach_into_lists() {
        let body = json!({
            "organization_name": "A", "retailer_account_number": "1",
            "integrations": [{ "record_uuid": "i", "integration_type": "item", "feed_source_file_locations": "x" }],
            "uploaded_files": [{ "name": "integrations", "uuid": "u" }],
        });
        assert_eq!(WriteNames::Samples.of(body.clone()), body);
        let text = json!({
            "organization_name": "A", "organization_account_number": "1",
            "requested_integrations": [{ "record_uuid": "i", "type": "item", "file_locations": "x" }],
            "uploaded_files": [{ "name": "integrations", "uuid": "u" }],
        });
        assert_eq!(WriteNames::Text.of(body), text);
    }
}
