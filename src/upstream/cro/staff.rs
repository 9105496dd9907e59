//! The people of a yard: users and drivers.

use serde::Deserialize;

use super::yard::YardItem;
use crate::{
    identity::Service,
    ids::{AtLocation, LocationKey},
    upstream::{Endpoint, Keep, lenient},
};

static LIST_USERS: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/users");
static GET_USER: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/users/{user_id}");
static LIST_DRIVERS: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/drivers");
static GET_DRIVER: Endpoint =
    Endpoint::get(Service::Cro, "/locations/{location_id}/drivers/{driver_id}");

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    #[serde(skip)]
    pub tenant: i64,
    /// Where it was read, which the record itself need not say.
    #[serde(skip)]
    pub yard: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub username: Option<String>,
    /// A UUID.
    pub uid: Option<String>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub roles: Vec<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub dispatcher_id: Option<i64>,
    pub third_party_hauler_id: Option<String>,
}

impl YardItem for User {
    type Filter = ();
    const NAMES: [&'static str; 3] = ["user_rows", "users", "user_pages"];
    const KEEP: Keep = Keep::Staff;
    const LIST: &'static Endpoint = &LIST_USERS;
    const GET: Option<&'static Endpoint> = Some(&GET_USER);
    const TAKES_PAGES: bool = false;

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

/// Somebody who drives a truck.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Driver {
    #[serde(skip)]
    pub tenant: i64,
    /// Where it was read, which the record itself need not say.
    #[serde(skip)]
    pub yard: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    pub name: Option<String>,
    pub username: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub location_id: Option<i64>,
    pub third_party_hauler_id: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub email: Option<String>,
    pub license_number: Option<String>,
    pub phone_number: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_deactivated: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub can_convert_to_group: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub can_create_requests: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub can_edit_requests: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub can_reposition_asset: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub disable_shift_tracking: Option<bool>,
}

impl YardItem for Driver {
    type Filter = ();
    const NAMES: [&'static str; 3] = ["driver_rows", "drivers", "driver_pages"];
    const KEEP: Keep = Keep::Staff;
    const LIST: &'static Endpoint = &LIST_DRIVERS;
    const GET: Option<&'static Endpoint> = Some(&GET_DRIVER);
    const TAKES_PAGES: bool = false;

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
