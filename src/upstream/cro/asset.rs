//! Bins and containers.

use serde::Deserialize;

use super::{location::Location, yard::YardItem};
use crate::{
    identity::Service,
    ids::{AtLocation, LocationKey},
    upstream::{Endpoint, Keep, lenient},
};

static LIST_ASSETS: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/assets");

/// A bin or container, at a customer's or in a yard.
#[derive(Debug, Clone, Deserialize)]
pub struct Asset {
    #[serde(skip)]
    pub tenant: i64,
    /// Where it was read, which the record itself need not say.
    #[serde(skip)]
    pub yard: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub customer_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub location_id: Option<i64>,
    /// The yard in its short form.
    pub location: Option<Location>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub asset_type_id: Option<i64>,
    pub asset_type: Option<AssetType>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub cluster: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub quantity: Option<i64>,
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub number: Option<String>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub latitude: Option<f64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub longitude: Option<f64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_returned: Option<bool>,
    pub dispatched_on: Option<String>,
    pub returned_on: Option<String>,
    pub last_activity_on: Option<String>,
    pub last_rental_invoice_on: Option<String>,
}

impl Asset {
    /// Sets the tenant here and in the yard.
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self.location = self.location.map(|location| location.in_tenant(tenant));
        self
    }
}

impl YardItem for Asset {
    type Filter = ();
    const NAMES: [&'static str; 3] = ["asset_rows", "assets", "asset_pages"];
    const KEEP: Keep = Keep::Assets;
    const LIST: &'static Endpoint = &LIST_ASSETS;
    const GET: Option<&'static Endpoint> = None;
    const TAKES_PAGES: bool = true;

    fn key(&self) -> AtLocation {
        AtLocation::new(self.tenant, self.yard, self.id)
    }

    fn at(self, yard: LocationKey) -> Self {
        Self {
            yard: yard.id,
            ..self.in_tenant(yard.tenant.0)
        }
    }
}

/// A kind of bin.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct AssetType {
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub location_id: Option<i64>,
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub quantity: Option<i64>,
    #[serde(default, deserialize_with = "lenient::decimal")]
    pub weight: Option<f64>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_default: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub require_numbers: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub deleted: Option<bool>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Asset;

    #[test]
    fn the_tenant_reaches_the_yard_inside_an_asset() {
        let asset: Asset =
            serde_json::from_value(json!({ "id": 3301, "location": { "id": 7 } })).unwrap();
        assert_eq!(asset.in_tenant(41).location.unwrap().tenant, 41);
    }
}
