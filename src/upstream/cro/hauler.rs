//! Third-party haulers and their connections to yards.

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    ids::{LocationKey, TenantId},
    upstream::{json::Text, lenient},
};

/// A hauler that works for others. Its id is a UUID and the same in every tenant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hauler {
    pub id: Uuid,
    pub name: Option<Text>,
}

/// A hauler's connection to a yard, asked for, approved or denied.
///
/// It has no id of its own: hauler, provider and yard together name it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HaulerConnection {
    pub third_party_hauler_id: Uuid,
    /// The yard asked for; its id is one of the provider's tenant.
    #[serde(deserialize_with = "lenient::key")]
    pub location_id: i64,
    /// The tenant that owns the yard.
    #[serde(deserialize_with = "lenient::key")]
    pub provider_id: i64,
    pub provider_name: Option<Text>,
    pub requested_on: Option<Text>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_approved: Option<bool>,
    pub approved_on: Option<Text>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub approved_by: Option<i64>,
    pub denied_on: Option<Text>,
}

/// What became of the request for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    Pending,
    Approved,
    Denied,
}

impl HaulerConnection {
    /// The yard, in the tenant that owns it.
    #[must_use]
    pub fn location(&self) -> LocationKey {
        LocationKey::new(self.provider_id, self.location_id)
    }

    /// The tenant that owns the yard.
    #[must_use]
    pub fn provider(&self) -> TenantId {
        TenantId(self.provider_id)
    }

    /// The state that the upstream spreads over a flag and two moments. Of an approval and a denial the later
    /// one counts, and the denial when that cannot be told.
    #[must_use]
    pub fn status(&self) -> ConnectionState {
        let approved_on = moment(self.approved_on.as_deref());
        let denied_on = moment(self.denied_on.as_deref());
        let approved = self.is_approved.unwrap_or(approved_on.is_some());
        match (approved, denied_on) {
            (true, Some(denied)) if approved_on.is_some_and(|approved| approved > denied) => {
                ConnectionState::Approved
            }
            (_, Some(_)) => ConnectionState::Denied,
            (true, None) => ConnectionState::Approved,
            (false, None) => ConnectionState::Pending,
        }
    }
}

/// A timestamp in a form that compares as text: the fraction comes with three or six digits.
fn moment(timestamp: Option<&str>) -> Option<&str> {
    let timestamp = timestamp?.trim();
    let moment = match timestamp.rsplit_once('.') {
        Some(_) => timestamp.trim_end_matches('0').trim_end_matches('.'),
        None => timestamp,
    };
    Some(moment).filter(|moment| !moment.is_empty())
}

mod reading;

pub use reading::{
    ConnectionKey, ConnectionsOfHauler, ConnectionsOfLocation, HaulerConnections, HaulerLists,
    HaulerPages, Haulers, create_connection,
};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ConnectionState, HaulerConnection};
    use crate::upstream::json::read_value;

    fn state(mut members: Value) -> ConnectionState {
        members["third_party_hauler_id"] = json!("3d0f3a52-6c1e-4d0c-9c39-6b1f0a7d2e11");
        members["location_id"] = json!(7);
        members["provider_id"] = json!(41);
        read_value::<HaulerConnection>(&members).unwrap().status()
    }

    #[test]
    fn a_new_connection_is_pending() {
        assert_eq!(
            state(json!({ "is_approved": false, "approved_on": null, "denied_on": null })),
            ConnectionState::Pending
        );
        assert_eq!(state(json!({})), ConnectionState::Pending);
        assert_eq!(
            state(json!({ "is_approved": false, "denied_on": "" })),
            ConnectionState::Pending
        );
    }

    #[test]
    fn odd_booleans_do_not_approve_a_connection_by_mistake() {
        for no in [json!("False"), json!("0"), json!(0)] {
            assert_eq!(
                state(json!({ "is_approved": no })),
                ConnectionState::Pending
            );
        }
        for yes in [json!("True"), json!("1"), json!(1), json!(true)] {
            assert_eq!(
                state(json!({ "is_approved": yes })),
                ConnectionState::Approved
            );
        }
    }

    #[test]
    fn a_moment_of_approval_without_the_flag_is_an_approval() {
        assert_eq!(
            state(json!({ "approved_on": "2022-05-04T09:15:30.120000" })),
            ConnectionState::Approved
        );
    }

    #[test]
    fn a_denied_connection_is_denied() {
        assert_eq!(
            state(json!({ "is_approved": false, "denied_on": "2022-04-02T08:00:00.000000" })),
            ConnectionState::Denied
        );
        assert_eq!(
            state(
                json!({ "is_approved": true, "approved_on": null, "denied_on": "2022-04-02T08:00:00.000000" })
            ),
            ConnectionState::Denied
        );
    }

    #[test]
    fn of_an_approval_and_a_denial_the_later_counts() {
        let both = |approved: &str, denied: &str| {
            state(json!({ "is_approved": true, "approved_on": approved, "denied_on": denied }))
        };
        assert_eq!(
            both("2022-04-03T08:00:00.000000", "2022-04-02T08:00:00.000000"),
            ConnectionState::Approved
        );
        assert_eq!(
            both("2022-04-01T08:00:00.000000", "2022-04-02T08:00:00.000000"),
            ConnectionState::Denied
        );
    }

    #[test]
    fn fractions_of_different_lengths_are_compared_by_value() {
        let both = |approved: &str, denied: &str| {
            state(json!({ "is_approved": true, "approved_on": approved, "denied_on": denied }))
        };
        // The same moment: the denial counts.
        assert_eq!(
            both("2022-04-02T08:00:00.500000", "2022-04-02T08:00:00.500"),
            ConnectionState::Denied
        );
        assert_eq!(
            both("2022-04-02T08:00:00.000000", "2022-04-02T08:00:00"),
            ConnectionState::Denied
        );
        assert_eq!(
            both("2022-04-02T08:00:00.5001", "2022-04-02T08:00:00.500"),
            ConnectionState::Approved
        );
        assert_eq!(
            both("2022-04-02T08:00:10", "2022-04-02T08:00:01.9"),
            ConnectionState::Approved
        );
    }
}
