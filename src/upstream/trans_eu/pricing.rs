//! What a contract pays for.

use serde::Deserialize;

use super::code::Code;
use super::measure::Money;
use crate::upstream::lenient;

/// The rate of a contract. Which members are set depends on the kind:
/// `no_rate` (flexible contracts), `route`, `km`, `ton`, `pallets`, `linear`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Pricing {
    #[serde(rename = "type")]
    pub kind: Option<Code>,
    /// Absent means unknown, not false.
    #[serde(deserialize_with = "lenient::flag")]
    pub negotiable: Option<bool>,
    #[serde(deserialize_with = "lenient::object")]
    pub price: Option<Money>,
    #[serde(deserialize_with = "lenient::object")]
    pub fuel_base_price: Option<Money>,
    /// Of `km` and `ton`.
    pub settlement_basis: Option<Code>,
    /// Of `pallets`.
    #[serde(deserialize_with = "lenient::list")]
    pub price_list: Vec<PalletPrice>,
}

/// The price of a number of pallets.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PalletPrice {
    #[serde(deserialize_with = "lenient::object")]
    pub range: Option<PalletRange>,
    #[serde(deserialize_with = "lenient::object")]
    pub price: Option<Money>,
    #[serde(deserialize_with = "lenient::object")]
    pub fuel_base_price: Option<Money>,
}

/// From how many to how many pallets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PalletRange {
    #[serde(deserialize_with = "lenient::integer")]
    pub from: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub to: Option<i64>,
}
