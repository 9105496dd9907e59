//! The terms of a fixed contract: how orders are made from it, and how many shipments it is about.

use serde::Deserialize;

use super::measure::{self, Duration, Money};
use crate::upstream::lenient;

/// A time from which and until which something holds; `to` is absent where the end is open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Period {
    pub from: Option<String>,
    pub to: Option<String>,
}

/// What an order made under the contract says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct OrderTerms {
    #[serde(deserialize_with = "lenient::object")]
    pub monitoring: Option<Monitoring>,
    pub additional_terms: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub insurance: Option<Insurance>,
    /// Whether the carrier's acceptance of a freight makes a confirmed order.
    #[serde(deserialize_with = "lenient::flag")]
    pub automatic_order_sending: Option<bool>,
    #[serde(deserialize_with = "lenient::object")]
    pub payment_period: Option<PaymentPeriod>,
    #[serde(deserialize_with = "lenient::object")]
    pub silent_confirmation: Option<TimedSwitch>,
    #[serde(deserialize_with = "lenient::object")]
    pub autoresponder: Option<TimedSwitch>,
}

/// Whether the transport must be tracked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Monitoring {
    #[serde(deserialize_with = "lenient::flag")]
    pub required: Option<bool>,
}

/// The sums for which the carrier must be insured.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Insurance {
    #[serde(deserialize_with = "lenient::object")]
    pub load: Option<Money>,
    #[serde(deserialize_with = "lenient::object")]
    pub third_party: Option<Money>,
}

/// Days until the payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PaymentPeriod {
    #[serde(deserialize_with = "lenient::integer")]
    pub value: Option<i64>,
}

/// Something that happens by itself after a time, if it is switched on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TimedSwitch {
    #[serde(deserialize_with = "lenient::flag")]
    pub enabled: Option<bool>,
    #[serde(deserialize_with = "measure::duration")]
    pub time: Option<Duration>,
}

/// How much is to be carried under the contract.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PlannedShipments {
    /// `required`, `expected` or `no_more_than`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `shipment`, `ton` or `km`.
    pub unit: Option<String>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub value: Option<f64>,
    #[serde(deserialize_with = "lenient::list")]
    pub periods: Vec<PlannedPeriod>,
}

/// The part of the plan that falls into a period.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct PlannedPeriod {
    pub from: Option<String>,
    pub to: Option<String>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub value: Option<f64>,
}
