//! Trucks of a yard.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::yard::{self, YardItem};
use crate::{
    identity::Service,
    ids::{AtLocation, LocationKey},
    upstream::{Endpoint, Error, Keep, Session, lenient},
};

static LIST_TRUCKS: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/trucks");
static GET_TRUCK: Endpoint =
    Endpoint::get(Service::Cro, "/locations/{location_id}/trucks/{truck_id}");
static UPDATE_TRUCK: Endpoint =
    Endpoint::patch(Service::Cro, "/locations/{location_id}/trucks/{truck_id}");

/// A truck.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Truck {
    #[serde(skip)]
    pub tenant: i64,
    /// Where it was read, which the record itself need not say.
    #[serde(skip)]
    pub yard: i64,
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

impl YardItem for Truck {
    type Filter = ();
    const NAMES: [&'static str; 3] = ["truck_rows", "trucks", "truck_pages"];
    const KEEP: Keep = Keep::Assets;
    const LIST: &'static Endpoint = &LIST_TRUCKS;
    const GET: Option<&'static Endpoint> = Some(&GET_TRUCK);
    const TAKES_PAGES: bool = true;

    fn key(&self) -> AtLocation {
        AtLocation::new(self.tenant, self.yard, self.id)
    }

    fn at(self, yard: LocationKey) -> Self {
        Self {
            tenant: yard.tenant.0,
            yard: yard.id,
            ..self
        }
    }
}

/// The API version from which a truck's driver is set in the body; older ones read the query.
const DRIVER_IN_BODY: &str = "2021/05/07";

/// Puts a driver on a truck, or takes the driver away, and gives the truck back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn assign_driver(
    session: &Session,
    key: AtLocation,
    driver: Option<i64>,
) -> Result<Truck, Arc<Error>> {
    let tenant = key.location.tenant;
    let call = UPDATE_TRUCK
        .call(&[&key.location.id, &key.id])
        .tenant(tenant);
    // Versions are dates with the year first: they compare as texts.
    let version = session.upstreams().transport.api_version(Service::Cro);
    let call = if &*version < DRIVER_IN_BODY {
        let driver = driver.map_or_else(String::new, |driver| driver.to_string());
        call.query("driver_id", driver)
    } else {
        call.json(json!({ "driver_id": driver }))
    };
    let reply = session.send::<Truck>(call).await;
    yard::forget::<Truck>(session, tenant);
    Ok(reply?.value.at(key.location))
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
