//! How freight is offered to the carriers of a route: in which order, and in which shares.

use serde::Deserialize;

use super::measure::{self, Duration};
use crate::upstream::lenient;

/// All carriers at once (`parallel`), or one after the other (`in_order`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PublicationScenario {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only of `in_order`.
    #[serde(deserialize_with = "lenient::object")]
    pub data: Option<PublicationOrder>,
}

/// When the next carrier is asked, and whether the ones before it stay in the game.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PublicationOrder {
    #[serde(deserialize_with = "measure::duration")]
    pub publication_time: Option<Duration>,
    pub order: Option<String>,
}

/// How freight is shared among the carriers. The kind is in lower case here and in upper case in
/// [`BalanceResult`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Balancing {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What may be chosen; a flexible contract on the route makes it less.
    #[serde(deserialize_with = "lenient::texts")]
    pub allowed_types: Vec<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub data: Option<BalancingData>,
}

/// The settings of the kinds of balancing that have some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct BalancingData {
    #[serde(deserialize_with = "lenient::object")]
    pub freight_limit: Option<FreightLimit>,
}

/// A share in percent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FreightLimit {
    #[serde(deserialize_with = "lenient::integer")]
    pub min: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    pub max: Option<i64>,
}

/// The answer to a change of the balancing: not the route, which is to be read again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BalanceResult {
    pub contracted_route_id: String,
    /// Unexplained.
    pub load_id: Option<String>,
    pub balancing_type: Option<String>,
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::object")]
    pub freight_limit: Option<FreightLimit>,
}
