//! Connections, and the organizations and people on both sides of them.
//!
//! Two kinds of id name one and the same party: that of the organization, and that of the retailer or supplier.

use std::sync::Arc;

use serde::Deserialize;

use crate::upstream::lenient;

/// A connection between a retailer and a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Connection {
    pub uuid: String,
    pub retailer: Arc<Party>,
    pub supplier: Arc<Party>,
    /// `CONFIRMATION WAITING` (with the space), `ACTIVE` or `DEACTIVATED`.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub status: Option<String>,
    pub account_manager: Option<Arc<AccountManager>>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub suppliers_retailer_account_number: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub retailers_supplier_account_number: Option<String>,
    /// Only ever seen null, as is the date; neither exists in the previous release.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub allocation_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub deactivated_date: Option<String>,
}

/// One side of a connection: a retailer or a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Party {
    /// The id of the retailer or supplier, not of its organization.
    pub uuid: String,
    pub organization: Arc<Organization>,
    pub contact: Option<Person>,
}

/// An organization. The previous release leaves out the website and the two ids at the end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Organization {
    pub uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub name: Option<String>,
    /// Not always with a scheme.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub website: Option<String>,
    /// `RETAILER` or `SUPPLIER`.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub org_type: Option<String>,
    /// `PENDING`, `ACTIVE` or `DEACTIVATED`; independent of the status of its connections.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub created_date: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub active_date: Option<String>,
    pub account_manager: Option<Arc<AccountManager>>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub retailer_uuid: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub supplier_uuid: Option<String>,
}

/// The vendor's employee who looks after an organization or a connection.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccountManager {
    pub uuid: String,
    pub person: Option<Person>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    pub uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub first_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub last_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub email: Option<String>,
    /// Free text: `555-0100 x12`.
    #[serde(default, deserialize_with = "lenient::filled")]
    pub phone: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub job_title: Option<String>,
}

mod reading;

pub use reading::{
    ConnectionsOfOrganization, ConnectionsOfParty, OwnOrganizations, TradingConnectionLists,
    TradingConnections,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_string_is_absent() {
        let organization: Organization = serde_json::from_value(json!({
            "uuid": "a", "name": "Northwind Kettles, Ltd", "retailer_uuid": "", "supplier_uuid": "b", "active_date": null,
        }))
        .unwrap();
        assert_eq!(organization.retailer_uuid, None);
        assert_eq!(organization.supplier_uuid.as_deref(), Some("b"));
        assert_eq!(organization.active_date, None);
    }

    #[test]
    fn an_account_number_is_a_text_a_number_or_absent() {
        let side = json!({ "uuid": "r", "organization": { "uuid": "o" } });
        for (number, read) in [
            (json!("NK-99"), Some("NK-99")),
            (json!(99), Some("99")),
            (json!(""), None),
        ] {
            let connection: Connection = serde_json::from_value(json!({
                "uuid": "c", "retailer": side, "supplier": side, "retailers_supplier_account_number": number,
            }))
            .unwrap();
            assert_eq!(
                connection.retailers_supplier_account_number.as_deref(),
                read
            );
        }
    }

    #[test]
    fn a_person_may_have_no_name() {
        let person: Person =
            serde_json::from_value(json!({ "uuid": "p", "first_name": "", "last_name": " " }))
                .unwrap();
        assert_eq!((person.first_name, person.last_name), (None, None));
    }

    #[test]
    fn a_connection_without_its_sides_is_an_error() {
        assert!(serde_json::from_value::<Connection>(json!({ "uuid": "c" })).is_err());
    }
}
