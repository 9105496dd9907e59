//! What is paid on top of the rate.

use serde::Deserialize;

use super::measure;
use super::terms::Period;
use crate::upstream::lenient;

/// A surcharge, for example on fuel or for a further stop.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Surcharge {
    pub id: String,
    #[serde(default, deserialize_with = "measure::currency")]
    pub currency: Option<String>,
    pub description: Option<String>,
    /// `grid`, `linear` or `value`.
    pub kind: Option<String>,
    /// The occasion: `additional_stop`, `baf`, `pallets_exchange` or `week_day`. The upstream calls it `type`.
    #[serde(rename = "type")]
    pub occasion: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_global: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub schedules: Vec<SurchargeSchedule>,
}

/// What is paid in which time.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SurchargeSchedule {
    #[serde(deserialize_with = "lenient::object")]
    pub timespan: Option<Period>,
    #[serde(deserialize_with = "lenient::object")]
    pub data: Option<SurchargeRates>,
}

/// The rates: a matrix, or for week days a unit and the rates of each day.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SurchargeRates {
    #[serde(deserialize_with = "lenient::list")]
    pub matrix: Vec<SurchargeRate>,
    #[serde(deserialize_with = "measure::currency")]
    pub currency: Option<String>,
    pub unit: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub week_days: Vec<WeekDayRates>,
}

/// A rate in percent or in money.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SurchargeRate {
    /// `percentage` or `value`.
    pub unit: Option<String>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub value: Option<f64>,
}

/// The rates of a day of the week.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct WeekDayRates {
    /// Keeps its number: `1_monday`.
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient::list")]
    pub operations: Vec<OperationRate>,
}

/// The rate of loading or unloading.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct OperationRate {
    /// `loading` or `unloading`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "lenient::decimal")]
    pub value: Option<f64>,
}
