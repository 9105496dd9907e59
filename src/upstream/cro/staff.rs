//! The people of a yard: users and drivers.

use serde::Deserialize;

use crate::upstream::lenient;

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    #[serde(skip)]
    pub tenant: i64,
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

impl User {
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self
    }
}

/// Somebody who drives a truck.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Driver {
    #[serde(skip)]
    pub tenant: i64,
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

impl Driver {
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self
    }
}
