//! Partners: the own company's records about other companies; and the own employees.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::measure::{self, Measure, Money};
use crate::upstream::lenient;

/// A partner as the list prints it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PartnerItem {
    /// A UUID, other than the company's id.
    pub id: String,
    pub company: PartnerCompany,
    #[serde(default, deserialize_with = "lenient::list")]
    pub groups: Vec<PartnerGroup>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub notes: Vec<String>,
}

/// The company that a partner record is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PartnerCompany {
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub vat_id: Option<String>,
    pub email: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub telephone: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub fax: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub address: Option<PartnerAddress>,
    /// `CARRIER`, `SHIPPER`, `FORWARDER`.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub roles: Vec<String>,
    /// Of the cooperation: `ACTIVE` or `SUSPENDED`.
    pub status: Option<String>,
    pub financial_verification_status: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub permissions: Option<PartnerPermissions>,
    /// Only in the details.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// The address of a company.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PartnerAddress {
    pub country: Option<String>,
    pub locality: Option<String>,
    /// A string or a number.
    #[serde(deserialize_with = "lenient::text")]
    pub number: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub postal_code: Option<String>,
    pub street: Option<String>,
}

/// Whether the company may be worked with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PartnerPermissions {
    #[serde(deserialize_with = "lenient::flag")]
    pub is_authorized: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub is_blocked: Option<bool>,
    #[serde(deserialize_with = "lenient::flag")]
    pub was_authorized_at_least_once: Option<bool>,
}

/// A group that the own company made of its partners.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PartnerGroup {
    pub id: String,
    pub name: Option<String>,
    pub description: Option<String>,
}

/// A partner read by itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PartnerDetails {
    pub id: String,
    pub company: PartnerCompany,
    #[serde(default, deserialize_with = "lenient::list")]
    pub groups: Vec<PartnerGroup>,
    /// At most 5.
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub overall_rating: Option<f64>,
    #[serde(
        default,
        alias = "payment_status",
        deserialize_with = "lenient::object"
    )]
    pub payments_status: Option<PaymentsStatus>,
    /// Percentages by subject; the subjects depend on the company's role.
    #[serde(default, deserialize_with = "satisfaction")]
    pub contractors_satisfaction: Vec<Satisfaction>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub documents: Vec<PartnerDocument>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub trans_risk: Option<TransRisk>,
}

/// How content others are with the company in one respect.
#[derive(Debug, Clone, PartialEq)]
pub struct Satisfaction {
    /// What it is about: `communication`, `caring_for_goods`, …
    pub subject: String,
    /// From 0 to 100.
    pub percent: f64,
}

/// How many invoices the company paid when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PaymentsStatus {
    #[serde(deserialize_with = "lenient::integer")]
    pub paid_on_time: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub paid_with_delay: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub unpaid: Option<i64>,
}

/// A document that the company shows, such as an insurance.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PartnerDocument {
    pub issue_date: Option<String>,
    pub expire_date: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub insurance_value: Option<Money>,
    #[serde(deserialize_with = "lenient::object")]
    pub media: Option<DocumentMedia>,
}

/// Scans of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DocumentMedia {
    /// URLs, without the credentials that a URL can carry.
    #[serde(deserialize_with = "links")]
    pub pages: Vec<String>,
}

/// The platform's opinion of the company.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TransRisk {
    pub calculation_time: Option<String>,
    pub description: Option<String>,
}

/// Somebody who works for a partner. There is no account id: people of contracts are found by `trans_id`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PartnerEmployee {
    pub trans_id: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub job_title: Option<String>,
    pub telephone: Option<String>,
    pub mobile_telephone: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub department: Option<Department>,
    pub last_login_date: Option<String>,
    pub registration_date: Option<String>,
}

/// A department of a partner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Department {
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<String>,
    pub name: Option<String>,
    pub name_native: Option<String>,
}

/// A vehicle of a partner.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PartnerVehicle {
    pub kind: Option<String>,
    /// The body. The upstream calls it `type`.
    #[serde(rename = "type")]
    pub body: Option<String>,
    pub manufacturer: Option<String>,
    pub registration_plate_number: Option<String>,
    #[serde(deserialize_with = "lenient::flag")]
    pub gps: Option<bool>,
    #[serde(deserialize_with = "lenient::object")]
    pub specifications: Option<VehicleSpecifications>,
}

/// What a vehicle can carry and how clean it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct VehicleSpecifications {
    /// Some vehicles spell it `cargo_space_capacity`.
    #[serde(alias = "cargo_space_capacity", deserialize_with = "measure::measure")]
    pub cargo_capacity: Option<Measure>,
    pub combustion_norm: Option<String>,
}

/// Somebody who works for the own company.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OwnEmployee {
    #[serde(deserialize_with = "lenient::key")]
    pub account_id: i64,
    pub trans_id: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub job_title: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub hidden: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_driver: Option<bool>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub roles: Vec<EmployeeRole>,
}

/// What an employee may do in which product of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct EmployeeRole {
    pub name: Option<String>,
    pub product: Option<String>,
}

fn links<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let links = lenient::texts(deserializer)?;
    Ok(links
        .iter()
        .map(|link| lenient::without_credentials(link))
        .collect())
}

fn satisfaction<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Satisfaction>, D::Error> {
    #[derive(Deserialize)]
    struct Percent(#[serde(deserialize_with = "lenient::decimal")] Option<f64>);

    let subjects = Option::<BTreeMap<String, Percent>>::deserialize(deserializer)?;
    Ok(subjects
        .into_iter()
        .flatten()
        .filter_map(|(subject, Percent(percent))| {
            percent.map(|percent| Satisfaction { subject, percent })
        })
        .collect())
}

mod people;
mod reading;
mod writing;

pub use people::{
    OwnEmployeeLists, OwnEmployees, PartnerDetailsById, PartnerEmployees, PartnerFleets,
};
pub use reading::Partners;
pub use writing::{
    Blocking, Invitation, NewPartner, activate_partner, add_partner, block_partner, invite_partner,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_house_number_is_a_string_a_number_or_absent() {
        for (number, read) in [
            (json!("9a"), Some("9a")),
            (json!(9), Some("9")),
            (json!(null), None),
        ] {
            let address: PartnerAddress =
                serde_json::from_value(json!({ "number": number })).unwrap();
            assert_eq!(address.number.as_deref(), read);
        }
    }

    #[test]
    fn notes_are_a_list_or_one_string() {
        for notes in [json!(["prefers e-mail"]), json!("prefers e-mail")] {
            let partner: PartnerItem = serde_json::from_value(
                json!({ "id": "a", "company": { "id": "1" }, "notes": notes }),
            )
            .unwrap();
            assert_eq!(partner.notes, ["prefers e-mail"]);
            assert_eq!(partner.company.id, 1);
        }
    }

    #[test]
    fn payments_and_capacity_have_two_spellings() {
        for name in ["payments_status", "payment_status"] {
            let partner: PartnerDetails = serde_json::from_value(
                json!({ "id": "a", "company": { "id": 1 }, name: { "unpaid": 2 } }),
            )
            .unwrap();
            assert_eq!(partner.payments_status.unwrap().unpaid, Some(2));
        }
        for name in ["cargo_capacity", "cargo_space_capacity"] {
            let vehicle: VehicleSpecifications =
                serde_json::from_value(json!({ name: { "value": 24, "unit_code": "t" } })).unwrap();
            assert_eq!(vehicle.cargo_capacity.unwrap().value, 24.0);
        }
    }

    #[test]
    fn subjects_without_a_percentage_are_left_out() {
        let partner: PartnerDetails = serde_json::from_value(json!({
            "id": "a", "company": { "id": 1 },
            "contractors_satisfaction": { "communication": "81", "caring_for_goods": null },
        }))
        .unwrap();
        assert_eq!(
            partner.contractors_satisfaction,
            [Satisfaction {
                subject: "communication".to_owned(),
                percent: 81.0
            }]
        );
    }
}
