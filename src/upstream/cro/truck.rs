//! Trucks of a yard.

use serde::Deserialize;

use crate::upstream::lenient;

/// A truck.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Truck {
    #[serde(skip)]
    pub tenant: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub location_id: Option<i64>,
    /// Documented as a string and printed as a number.
    #[serde(default, deserialize_with = "lenient::text")]
    pub driver_id: Option<String>,
    pub third_party_hauler_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub trailer_id: Option<i64>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub notes: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub weight: Option<f64>,
    pub interface_color: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub out_of_service: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub require_odometer: Option<bool>,
}

impl Truck {
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Truck;

    #[test]
    fn a_driver_is_named_by_a_number_or_a_string() {
        for driver in [json!(1204), json!("1204")] {
            let truck: Truck =
                serde_json::from_value(json!({ "id": 88, "driver_id": driver })).unwrap();
            assert_eq!(truck.driver_id.as_deref(), Some("1204"));
        }
    }
}
