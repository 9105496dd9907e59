//! The two sides of a contract: a company and the people who answer for it.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use crate::{ids::CompanyId, upstream::lenient};

/// One side of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Party {
    pub company: Company,
    #[serde(default, deserialize_with = "lenient::list")]
    pub contact_persons: Vec<ContactPerson>,
    pub cooperation_status: Option<String>,
}

impl Party {
    /// The company's id.
    #[must_use]
    pub fn company_id(&self) -> CompanyId {
        CompanyId(self.company.id)
    }
}

/// A company on the platform. Its id is a number, other than the UUID of the partner record about it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Company {
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub name: Option<String>,
}

/// A person named in a contract.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ContactPerson {
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub employee: Option<Employee>,
    /// How the person is told: `email`, `push`, `web-push`, `messenger`.
    #[serde(deserialize_with = "lenient::texts")]
    pub channels: Vec<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub reported_by: Option<ReportedBy>,
}

/// An employee. Contracts are made with the account id, not with the id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Employee {
    #[serde(deserialize_with = "lenient::integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub account_id: Option<i64>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub trans_id: Option<String>,
    pub email: Option<String>,
    pub telephone: Option<String>,
}

/// Who named the person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ReportedBy {
    #[serde(deserialize_with = "company")]
    pub company: Option<Company>,
}

/// For `deserialize_with`: a side that may be absent in any of the forms of "not set".
pub fn party<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arc<Party>>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Raw {
        #[serde(deserialize_with = "company")]
        company: Option<Company>,
        #[serde(deserialize_with = "lenient::list")]
        contact_persons: Vec<ContactPerson>,
        cooperation_status: Option<String>,
    }

    let raw = Option::<Raw>::deserialize(deserializer)?.unwrap_or_default();
    Ok(raw.company.map(|company| {
        Arc::new(Party {
            company,
            contact_persons: raw.contact_persons,
            cooperation_status: raw.cooperation_status,
        })
    }))
}

/// A company, `None` if it has no id.
fn company<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Company>, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Raw {
        #[serde(deserialize_with = "lenient::integer")]
        id: Option<i64>,
        name: Option<String>,
    }

    let raw = Option::<Raw>::deserialize(deserializer)?.unwrap_or_default();
    Ok(raw.id.map(|id| Company { id, name: raw.name }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_side_without_a_company_is_absent() {
        for absent in [
            json!(null),
            json!({}),
            json!({ "company": { "id": null, "name": null } }),
        ] {
            assert_eq!(party(absent).unwrap(), None);
        }
        let present = party(json!({ "company": { "id": "9000101" } }))
            .unwrap()
            .unwrap();
        assert_eq!(present.company.id, 9_000_101);
    }

    #[test]
    fn a_person_of_the_older_version_has_only_an_account() {
        let person: ContactPerson = serde_json::from_value(
            json!({ "employee": { "account_id": 810_001, "trans_id": "9000202-3" } }),
        )
        .unwrap();
        assert_eq!(person.id, None);
        assert_eq!(person.employee.unwrap().account_id, Some(810_001));
        assert!(person.channels.is_empty());
    }
}
