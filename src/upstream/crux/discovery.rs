//! Suppliers that a retailer may find.

use serde::Deserialize;

use super::connection::Person;
use crate::upstream::lenient;

/// A supplier in the public directory. Its id is probably that of the supplier and not of its organization.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DiscoverySupplier {
    pub uuid: String,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub website: Option<String>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub fulfillment_percentage: Option<f64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub number_of_skus: Option<i64>,
    pub contact: Option<Person>,
    #[serde(default, deserialize_with = "lenient::filled")]
    pub shipping_origin_country_name: Option<String>,
}

mod reading;

pub use reading::{DiscoveryPageKey, DiscoveryPages, SkuOrder};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::DiscoverySupplier;

    #[test]
    fn numbers_may_be_whole_decimal_or_strings() {
        for (number, read) in [
            (json!(0), 0.0),
            (json!(97.25), 97.25),
            (json!("97.25"), 97.25),
        ] {
            let supplier: DiscoverySupplier = serde_json::from_value(
                json!({ "uuid": "s", "fulfillment_percentage": number, "number_of_skus": "42" }),
            )
            .unwrap();
            assert_eq!(supplier.fulfillment_percentage, Some(read));
            assert_eq!(supplier.number_of_skus, Some(42));
        }
    }
}
