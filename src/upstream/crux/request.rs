//! Requests for a connection.
//!
//! Free text in a request tends to hold URLs with a user name and a password. They are taken out while decoding.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::connection::AccountManager;
use crate::upstream::lenient;

/// A request for a connection. It names the other organization in words and has no id of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConnectionRequest {
    pub record_uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub org_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub org_contact_full_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub primary_contact_phone: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub primary_contact_email: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub retailer_account_number: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub supplier_account_number: Option<String>,
    #[serde(default, deserialize_with = "lenient::redacted")]
    pub additional_information: Option<String>,
    /// A calendar date here, a moment in the answer to the create call.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub request_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_approved: Option<bool>,
    pub approved_by: Option<Approver>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub integrations: Vec<Integration>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub uploaded_files: Vec<File>,
}

/// Who approved a request: an employee of the vendor, in old texts only by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approver {
    AccountManager(AccountManager),
    Name(String),
}

// Not derived as untagged: that would take a list for an employee.
impl<'de> Deserialize<'de> for Approver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ApproverVisitor)
    }
}

struct ApproverVisitor;

impl<'de> Visitor<'de> for ApproverVisitor {
    type Value = Approver;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an employee or a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Approver, E> {
        Ok(Approver::Name(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Approver, A::Error> {
        AccountManager::deserialize(MapAccessDeserializer::new(members))
            .map(Approver::AccountManager)
    }
}

/// A data exchange that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Integration {
    pub record_uuid: String,
    /// `item`, `order`, `allocation`, `tracking` or `other`, also in the plural.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub integration_type: Option<String>,
    /// Meant to be a cron expression, with five or six fields. Has held URLs too.
    #[serde(default, deserialize_with = "lenient::redacted")]
    pub update_frequency: Option<String>,
    #[serde(default, deserialize_with = "lenient::redacted")]
    pub feed_source_file_locations: Option<String>,
    #[serde(default, deserialize_with = "lenient::redacted")]
    pub file_specs: Option<String>,
    #[serde(default, deserialize_with = "lenient::redacted")]
    pub rules: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub date_created: Option<String>,
}

/// An uploaded file. The answer to an upload has only the id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct File {
    pub uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub name: Option<String>,
}

/// The answer to the create call.
///
/// The documentation and its samples disagree about the name of the id. An answer without any still means that the
/// request was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CreatedRequest {
    #[serde(deserialize_with = "lenient::filled")]
    request_uuid: Option<String>,
    #[serde(deserialize_with = "lenient::filled")]
    uuid: Option<String>,
    #[serde(deserialize_with = "lenient::filled")]
    record_uuid: Option<String>,
    #[serde(deserialize_with = "lenient::filled")]
    pub request_date: Option<String>,
}

impl CreatedRequest {
    /// The id of the request; never that of a connection.
    #[must_use]
    pub fn uuid(&self) -> Option<&str> {
        self.request_uuid
            .as_deref()
            .or(self.uuid.as_deref())
            .or(self.record_uuid.as_deref())
    }
}

mod changing;
mod names;
mod reading;
mod writing;

pub use changing::{
    Changed, IntegrationChange, RequestChange, SentLists, TextChange, update_request,
};
pub use names::WriteNames;
pub use reading::{RequestPageKey, RequestPages, RequestRecords};
pub use writing::{NewFile, NewIntegration, NewRequest, create_request};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_of_a_new_request_is_the_first_of_three_names() {
        let id = |answer| {
            let created: CreatedRequest = serde_json::from_value(answer).unwrap();
            created.uuid().map(str::to_owned)
        };
        assert_eq!(id(json!({ "request_uuid": "a" })).as_deref(), Some("a"));
        assert_eq!(id(json!({ "uuid": "a" })).as_deref(), Some("a"));
        assert_eq!(id(json!({ "record_uuid": "a" })).as_deref(), Some("a"));
        assert_eq!(
            id(json!({ "record_uuid": "c", "uuid": "b", "request_uuid": "a" })).as_deref(),
            Some("a")
        );
        assert_eq!(
            id(json!({ "request_uuid": "", "uuid": "b" })).as_deref(),
            Some("b")
        );
        assert_eq!(id(json!({})), None);
    }

    #[test]
    fn no_credentials_survive_the_decoding_of_a_request() {
        let url = "see ftp://USER:PASSWORD@ftp.example.com/misc";
        let request: ConnectionRequest = serde_json::from_value(json!({
            "record_uuid": "r", "additional_information": url,
            "integrations": [{
                "record_uuid": "i", "update_frequency": url, "feed_source_file_locations": url,
                "file_specs": url, "rules": url,
            }],
        }))
        .unwrap();
        let printed = format!("{request:?}");
        assert!(!printed.contains("PASSWORD"), "{printed}");
        assert_eq!(printed.matches("see ftp://ftp.example.com/misc").count(), 5);
    }

    #[test]
    fn an_approver_is_an_employee_a_name_or_nobody() {
        let approver = |value| {
            let request: ConnectionRequest =
                serde_json::from_value(json!({ "record_uuid": "r", "approved_by": value }))
                    .unwrap();
            request.approved_by
        };
        assert_eq!(approver(json!(null)), None);
        assert_eq!(
            approver(json!("Mira Okafor")),
            Some(Approver::Name("Mira Okafor".to_owned()))
        );
        assert!(matches!(
            approver(json!({ "uuid": "m", "person": { "uuid": "p" } })),
            Some(Approver::AccountManager(manager)) if manager.uuid == "m"
        ));
        let list = json!({ "record_uuid": "r", "approved_by": ["m", null] });
        assert!(serde_json::from_value::<ConnectionRequest>(list).is_err());
    }

    #[test]
    fn an_account_number_that_is_empty_is_absent() {
        let request: ConnectionRequest =
            serde_json::from_value(json!({ "record_uuid": "r", "retailer_account_number": "" }))
                .unwrap();
        assert_eq!(request.retailer_account_number, None);
    }
}
