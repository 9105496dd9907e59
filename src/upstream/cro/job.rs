//! Jobs of a yard: what links them to other things, and how far they are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    customer::CustomerRow,
    yard::{self, YardItem},
};
use crate::{
    identity::Service,
    ids::{AtLocation, LocationKey},
    upstream::{Call, Class, Endpoint, Error, Keep, Session, lenient},
};

static LIST_JOBS: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/jobs");
static GET_JOB: Endpoint = Endpoint::get(Service::Cro, "/locations/{location_id}/jobs/{job_id}");
static UPDATE_JOB: Endpoint =
    Endpoint::patch(Service::Cro, "/locations/{location_id}/jobs/{job_id}");

/// Which jobs a list shows. (The documentation of two more filters, on deleted and on failed jobs,
/// contradicts itself.)
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct JobFilter {
    /// Scheduled after this moment, without a zone.
    pub scheduled_after: Option<String>,
    /// Scheduled before this moment, without a zone.
    pub scheduled_before: Option<String>,
    /// Only completed jobs, or only others.
    pub completed: Option<bool>,
    /// Only jobs that a driver has completed, or only others.
    pub completed_by_driver: Option<bool>,
    /// Only dispatched jobs, or only others.
    pub dispatched: Option<bool>,
    /// Only jobs of this driver.
    pub driver_id: Option<i64>,
    /// Only jobs of this truck.
    pub truck_id: Option<i64>,
    /// Updated since this moment, naive UTC.
    pub updated_since: Option<String>,
    /// Created at or after this moment, naive UTC.
    pub created_since: Option<String>,
}

/// A job. Several members were renamed over the API versions; both names are read.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    #[serde(skip)]
    pub tenant: i64,
    /// Where it was read, which the record itself need not say.
    #[serde(skip)]
    pub yard: i64,
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
    pub customer_notes: Option<String>,
    pub dispatcher_notes: Option<String>,
    pub driver_notes: Option<String>,
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

impl YardItem for Job {
    type Filter = JobFilter;
    const NAMES: [&'static str; 3] = ["job_rows", "jobs", "job_pages"];
    const KEEP: Keep = Keep::Jobs;
    const LIST: &'static Endpoint = &LIST_JOBS;
    const GET: Option<&'static Endpoint> = Some(&GET_JOB);
    const TAKES_PAGES: bool = true;
    // A yard's jobs grow without end.
    const USUAL_PAGES: Option<usize> = None;

    fn key(&self) -> AtLocation {
        AtLocation::new(self.tenant, self.yard, self.id)
    }

    fn at(self, yard: LocationKey) -> Self {
        Self {
            yard: yard.id,
            ..self.in_tenant(yard.tenant.0)
        }
    }

    fn filtered(call: Call, filter: &JobFilter) -> Call {
        call.maybe("schedule_gt", filter.scheduled_after.as_ref())
            .maybe("schedule_lt", filter.scheduled_before.as_ref())
            .maybe("completed", filter.completed)
            .maybe("completed_by_driver", filter.completed_by_driver)
            .maybe("is_dispatched", filter.dispatched)
            .maybe("driver_id", filter.driver_id)
            .maybe("truck_id", filter.truck_id)
            .maybe("last_updated_gte", filter.updated_since.as_ref())
            .maybe("created_on_gte", filter.created_since.as_ref())
    }
}

/// A change of a job. What is `None` stays as it is; an inner `None` clears.
#[derive(Default, PartialEq, Serialize)]
pub struct JobChange {
    /// Without a zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_date: Option<Option<String>>,
    /// The truck to send; none takes the job back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truck_id: Option<Option<i64>>,
    /// A letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatch_priority: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatcher_notes: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_notes: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_notes: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<Option<String>>,
}

/// Changes a job and gives it back.
///
/// # Errors
/// The upstream refused, or its answer was lost.
pub async fn update_job(
    session: &Session,
    key: AtLocation,
    change: &JobChange,
) -> Result<Job, Arc<Error>> {
    let tenant = key.location.tenant;
    let body = serde_json::to_value(change).map_err(|_| {
        let reason = "The input could not be written as JSON.";
        Error::new(Service::Cro, Class::Internal, reason)
    })?;
    let call = UPDATE_JOB
        .call(&[&key.location.id, &key.id])
        .tenant(tenant)
        .json(body);
    let reply = session.send::<Job>(call).await;
    yard::forget::<Job>(session, tenant);
    Ok(reply?.value.at(key.location))
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
