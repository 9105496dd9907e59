//! Jobs of a yard: what links them to other things, and how far they are.

use serde::Deserialize;

use super::customer::CustomerRow;
use crate::upstream::lenient;

/// A job. Several members were renamed over the API versions; both names are read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Job {
    #[serde(skip)]
    pub tenant: i64,
    #[serde(deserialize_with = "lenient::key")]
    pub id: i64,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub location_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub customer_id: Option<i64>,
    /// The customer, or since version 2021/11/04 the customer as the job's yard sees it.
    pub customer: Option<CustomerRow>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub truck_id: Option<i64>,
    pub third_party_hauler_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub asset_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub asset_type_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub dump_location_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub final_location_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub start_location_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub job_group_id: Option<i64>,
    /// Dispatch routes have no endpoint: these ids lead nowhere.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub dispatched_by_route: Option<i64>,
    #[serde(
        default,
        alias = "merged_with_route_id",
        deserialize_with = "lenient::integer"
    )]
    pub merged_with_route: Option<i64>,
    /// Route ids with commas between.
    #[serde(default, deserialize_with = "lenient::text")]
    pub add_to_routes: Option<String>,
    #[serde(
        default,
        alias = "created_by_id",
        deserialize_with = "lenient::integer"
    )]
    pub created_by: Option<i64>,
    /// The letters D, E, L, P and R appear.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub dispatch_priority: Option<String>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub priority: Option<i64>,
    pub reference_number: Option<String>,
    pub schedule_date: Option<String>,
    pub original_schedule_date: Option<String>,
    pub requested_on: Option<String>,
    pub dispatched_on: Option<String>,
    pub arrived_on: Option<String>,
    #[serde(alias = "arrived_at_dest")]
    pub arrived_at_destination_on: Option<String>,
    #[serde(alias = "start_time")]
    pub desired_start_time: Option<String>,
    #[serde(alias = "end_time")]
    pub desired_end_time: Option<String>,
    pub departed_on: Option<String>,
    pub dumped_on: Option<String>,
    pub weighed_on: Option<String>,
    pub completed_on: Option<String>,
    pub last_updated_on: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_acknowledged: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_completed: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_declined: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_failed: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_deleted: Option<bool>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_paid: Option<bool>,
    pub fail_reason: Option<String>,
}

impl Job {
    /// Sets the tenant here and in the customer.
    #[must_use]
    pub fn in_tenant(mut self, tenant: i64) -> Self {
        self.tenant = tenant;
        self.customer = self.customer.map(|customer| customer.in_tenant(tenant));
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Job;

    #[test]
    fn renamed_members_are_read_under_both_names() {
        for name in ["created_by", "created_by_id"] {
            let job: Job = serde_json::from_value(json!({ "id": 1, name: 310 })).unwrap();
            assert_eq!(job.created_by, Some(310));
        }
        for name in ["arrived_at_destination_on", "arrived_at_dest"] {
            let job: Job =
                serde_json::from_value(json!({ "id": 1, name: "2022-08-19T07:30:00.000000" }))
                    .unwrap();
            assert!(job.arrived_at_destination_on.is_some());
        }
    }

    #[test]
    fn the_tenant_reaches_the_customer_inside_a_job_of_any_version() {
        let old = json!({ "id": 501, "locations": [{ "location_id": 7 }] });
        let new = json!({ "id": 501, "location_id": 7 });
        for (customer, location) in [(old, None), (new, Some(7))] {
            let job: Job =
                serde_json::from_value(json!({ "id": 1, "customer": customer })).unwrap();
            let customer = job.in_tenant(41).customer.unwrap();
            assert_eq!(customer.customer().tenant, 41);
            assert_eq!(customer.location_id(), location);
        }
    }
}
