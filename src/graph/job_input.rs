//! The write of jobs.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{
    check::Check,
    declare::{Entity, Graph},
    error::Error,
    input::change,
    job::DispatchPriority,
    leaf::Id,
    scalars::LocalDateTime,
    yard,
};
use crate::{
    ids::AtLocation,
    input_object,
    upstream::{
        Session,
        cro::job::{Job, JobChange, update_job},
    },
};

input_object! {
    /// A change of a job. What is left out stays as it is; null asks CRO to clear it.
    pub struct UpdateJobInput {
        /// The job: global id, or CRO's job id together with `locationId`.
        job_id: Id,
        /// The yard of the job, if `jobId` is CRO's: global id, or CRO's location id in the caller's tenant.
        location_id: Option<Id>,
        /// When the job is to be done.
        schedule_date: MaybeUndefined<LocalDateTime>,
        /// The truck to dispatch: global id, or CRO's truck id. Null takes the job back.
        truck_id: MaybeUndefined<Id>,
        /// How soon it has to be done.
        dispatch_priority: MaybeUndefined<DispatchPriority>,
        /// Notes for dispatchers.
        dispatcher_notes: MaybeUndefined<String>,
        /// Notes for the driver.
        driver_notes: MaybeUndefined<String>,
        /// Notes of the customer.
        customer_notes: MaybeUndefined<String>,
        /// The customer's number for the job.
        reference_number: MaybeUndefined<String>,
    }
}

/// What `updateJob` gives back.
struct UpdatedJob(Arc<Job>);

/// Declares the mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(
        Entity::<UpdatedJob>::new("UpdateJobPayload", "The answer to `updateJob`.").shared_object(
            "job",
            "Job",
            "The job after the change.",
            |payload| Some(&payload.0),
        ),
    );
    graph.write(
        "updateJob",
        "Changes a job, dispatches it to a truck or takes it back. Source: CRO `PATCH /locations/{location_id}/jobs/{job_id}`.",
        "UpdateJobPayload",
        &[],
        |session, input: UpdateJobInput| Box::pin(update(session, input)),
    );
}

async fn update(session: &Session, input: UpdateJobInput) -> Result<UpdatedJob, Error> {
    let (key, change) = checked(session, input)?;
    let job = update_job(session, key, &change).await?;
    Ok(UpdatedJob(Arc::new(job)))
}

fn checked(session: &Session, input: UpdateJobInput) -> Result<(AtLocation, JobChange), Error> {
    let mut check = Check::new("input");
    let named = ("jobId", &input.job_id);
    let key = yard::item_key(
        &mut check,
        session,
        named,
        input.location_id.as_ref(),
        "Job",
    );
    let truck = change(input.truck_id).map(|id| {
        let (id, job) = (id?, key?);
        check.take("truckId", |path| {
            yard::own_id(&id, path, "Truck", job.location)
        })
    });
    let priority = change(input.dispatch_priority).map(|priority| {
        let letter = priority?.word().map(str::to_owned);
        if letter.is_none() {
            check.refuse("dispatchPriority", "`OTHER` cannot be written.");
        }
        letter
    });
    let change = JobChange {
        schedule_date: change(input.schedule_date).map(|date| date.map(|LocalDateTime(date)| date)),
        truck_id: truck,
        dispatch_priority: priority,
        dispatcher_notes: change(input.dispatcher_notes),
        driver_notes: change(input.driver_notes),
        customer_notes: change(input.customer_notes),
        reference_number: change(input.reference_number),
    };
    if change == JobChange::default() {
        check.refuse_all("Nothing to change: give at least one field beside `jobId`.");
    }
    check.finish(key.map(|key| (key, change)))
}
