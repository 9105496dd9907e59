//! Jobs of a yard.

use std::{borrow::Cow, sync::Arc};

use super::{
    declare::{ArgumentDecl, Call, Entity, Graph, Link},
    error::Error,
    hauler,
    leaf::Id,
    node::NODE,
    pagination::{PageNames, with_ids},
    scalars::LocalDateTime,
    yard,
};
use crate::{
    ids::{AtLocation, CustomerKey, GlobalId, LocationKey},
    input_object, open_enum,
    upstream::cro::{
        customer::{Customer, Customers},
        hauler::Haulers,
        job::{Job, JobFilter as Filter},
        location::{Location, Locations},
        truck::Truck,
        yard::{YardItem, YardItems, YardPages},
    },
};

open_enum! {
    /// How soon a job has to be done.
    pub enum DispatchPriority {
        /// At once.
        High = "H",
        /// As usual.
        Medium = "M",
        /// When there is time.
        Low = "L",
        .. /// Something else; on reads `rawDispatchPriority` has CRO's letter for it.
        Other
    }
}

input_object! {
    /// Which jobs a list shows. Conditions are joined by "and". CRO cannot tell the jobs of one customer.
    pub struct JobFilter {
        /// Only jobs scheduled after this moment.
        scheduled_after: Option<LocalDateTime>,
        /// Only jobs scheduled before this moment.
        scheduled_before: Option<LocalDateTime>,
        /// True: only completed jobs; false: only others.
        completed: Option<bool>,
        /// True: only jobs that their driver has completed; false: only others.
        completed_by_driver: Option<bool>,
        /// True: only dispatched jobs; false: only others.
        dispatched: Option<bool>,
        /// Only jobs of this driver: global id, or CRO's driver id.
        driver_id: Option<Id>,
        /// Only jobs of this truck: global id, or CRO's truck id.
        truck_id: Option<Id>,
        /// Only jobs updated since this moment, in UTC.
        updated_since: Option<LocalDateTime>,
        /// Only jobs created at or after this moment, in UTC.
        created_since: Option<LocalDateTime>,
    }
}

/// The link from a yard to its jobs.
pub fn of_location() -> Link<Location, YardPages<Job>> {
    let filter = ArgumentDecl::new::<Option<JobFilter>>("filter", "Which jobs to show.");
    yard::pages("JobConnection", wire_filter).argument(filter)
}

fn wire_filter(call: &Call<'_>, yard: LocationKey) -> Result<Filter, Error> {
    let Some(filter) = call.arguments.find::<JobFilter>("filter") else {
        return Ok(Filter::default());
    };
    let id = |id: Option<Id>, name: &str, kind: &str| {
        id.map(|id| yard::own_id(&id, &["filter", name], kind, yard))
            .transpose()
    };
    let moment = |moment: Option<LocalDateTime>| moment.map(|LocalDateTime(moment)| moment);
    Ok(Filter {
        scheduled_after: moment(filter.scheduled_after),
        scheduled_before: moment(filter.scheduled_before),
        completed: filter.completed,
        completed_by_driver: filter.completed_by_driver,
        dispatched: filter.dispatched,
        driver_id: id(filter.driver_id, "driverId", "Driver")?,
        truck_id: id(filter.truck_id, "truckId", "Truck")?,
        updated_since: moment(filter.updated_since),
        created_since: moment(filter.created_since),
    })
}

/// Declares the type.
pub fn declare(graph: &mut Graph) {
    graph.entity(links(ids(moments(state(entity())))));
    let names = PageNames {
        connection: "JobConnection",
        edge: "JobEdge",
        plural: "jobs",
        total: "The number of jobs of the yard that the filter picks and the caller sees.",
    };
    yard::declare::<Job>(graph, names, "Job");
}

fn entity() -> Entity<Job> {
    let entity = Entity::<Job>::new("Job", "Something to do for a customer: bring, swap or fetch a bin, and the like. Source: CRO `GET /locations/{location_id}/jobs`.").implements(NODE);
    with_ids(
        entity,
        |job| GlobalId::encode("Job", job.key()),
        |job| job.id.to_string(),
        "CRO's job id, unique at its yard.",
    )
    .field(
        "type",
        "What is to be done, in CRO's letter; D, E, L, P and R appear.",
        |job| job.kind.clone(),
    )
    .field(
        "referenceNumber",
        "The customer's number for the job.",
        |job| job.reference_number.clone(),
    )
    .field("dispatchPriority", "How soon it has to be done.", |job| {
        job.dispatch_priority
            .as_deref()
            .map(DispatchPriority::parse)
    })
    .field(
        "rawDispatchPriority",
        "How soon it has to be done, in CRO's letter.",
        |job| job.dispatch_priority.clone(),
    )
    .field(
        "priority",
        "The job's place among others, as CRO counts; may be negative.",
        |job| {
            job.priority
                .and_then(|priority| i32::try_from(priority).ok())
        },
    )
    .field("dispatcherNotes", "Notes for dispatchers.", |job| {
        job.dispatcher_notes.clone()
    })
    .field("driverNotes", "Notes for the driver.", |job| {
        job.driver_notes.clone()
    })
    .field("customerNotes", "Notes of the customer.", |job| {
        job.customer_notes.clone()
    })
    .field("failReason", "Why the job failed.", |job| {
        job.fail_reason.clone()
    })
}

fn state(entity: Entity<Job>) -> Entity<Job> {
    entity
        .field(
            "isAcknowledged",
            "Whether the driver has seen the job.",
            |job| job.is_acknowledged,
        )
        .field("isCompleted", "Whether the job is done.", |job| {
            job.is_completed
        })
        .field("isDeclined", "Whether the job was declined.", |job| {
            job.is_declined
        })
        .field("isFailed", "Whether the job could not be done.", |job| {
            job.is_failed
        })
        .field("isDeleted", "Whether the job was removed.", |job| {
            job.is_deleted
        })
        .field("isPaid", "Whether the job is paid.", |job| job.is_paid)
}

fn moments(entity: Entity<Job>) -> Entity<Job> {
    let moment = |moment: &Option<String>| moment.clone().map(LocalDateTime);
    entity
        .field("scheduleDate", "When the job is to be done.", move |job| {
            moment(&job.schedule_date)
        })
        .field(
            "originalScheduleDate",
            "When the job was to be done at first.",
            move |job| moment(&job.original_schedule_date),
        )
        .field(
            "desiredStartTime",
            "From when on the customer wants it done, as CRO prints it.",
            |job| job.desired_start_time.clone(),
        )
        .field(
            "desiredEndTime",
            "Until when the customer wants it done, as CRO prints it.",
            |job| job.desired_end_time.clone(),
        )
        .field("requestedAt", "When the job was asked for.", move |job| {
            moment(&job.requested_on)
        })
        .field(
            "dispatchedAt",
            "When the job was given to a truck; null if it was not.",
            move |job| moment(&job.dispatched_on),
        )
        .field("arrivedAt", "When the truck arrived.", move |job| {
            moment(&job.arrived_on)
        })
        .field(
            "arrivedAtDestinationAt",
            "When the truck arrived where it takes the bin.",
            move |job| moment(&job.arrived_at_destination_on),
        )
        .field("departedAt", "When the truck left.", move |job| {
            moment(&job.departed_on)
        })
        .field("weighedAt", "When the load was weighed.", move |job| {
            moment(&job.weighed_on)
        })
        .field("dumpedAt", "When the load was dumped.", move |job| {
            moment(&job.dumped_on)
        })
        .field(
            "completedAt",
            "When the job was done; null if it is not.",
            move |job| moment(&job.completed_on),
        )
        .field(
            "lastUpdatedAt",
            "When the job was last changed.",
            move |job| moment(&job.last_updated_on),
        )
}

/// Ids of what CRO has no read for, and those behind the links.
fn ids(entity: Entity<Job>) -> Entity<Job> {
    entity
        .field("customerId", "CRO's id of the customer.", |job| job.customer_id.map(Id::of))
        .field("locationId", "CRO's id of the yard.", |job| job.location_id.map(Id::of))
        .field("truckId", "CRO's id of the truck.", |job| job.truck_id.map(Id::of))
        .field("assetId", "CRO's id of the bin.", |job| job.asset_id.map(Id::of))
        .field("assetTypeId", "CRO's id of the kind of bin.", |job| job.asset_type_id.map(Id::of))
        .field("jobGroupId", "CRO's id of the group of jobs that it belongs to.", |job| job.job_group_id.map(Id::of))
        .field("startLocationId", "CRO's id of where the truck starts.", |job| job.start_location_id.map(Id::of))
        .field("dumpLocationId", "CRO's id of the dump.", |job| job.dump_location_id.map(Id::of))
        .field("finalLocationId", "CRO's id of where the truck ends.", |job| job.final_location_id.map(Id::of))
        .field("createdBy", "CRO's id of whoever created the job.", |job| job.created_by.map(Id::of))
        .field("dispatchedByRoute", "CRO's id of the dispatch route that gave the job to its truck. CRO has no way to read dispatch routes.", |job| job.dispatched_by_route.map(Id::of))
        .field("mergedWithRoute", "CRO's id of the dispatch route that the job was merged with.", |job| job.merged_with_route.map(Id::of))
}

fn links(entity: Entity<Job>) -> Entity<Job> {
    entity
        .link(
            "customer",
            "The customer. CRO sends it along with the job.",
            Link::<_, Customers>::to("Customer", |job: &Job, _| {
                Ok(job.customer_id.map(|id| CustomerKey::new(job.tenant, id)))
            })
            .or_embedded(embedded),
        )
        .link(
            "truck",
            "The truck that does the job; null while it waits.",
            Link::<_, YardItems<Truck>>::to("Truck", |job: &Job, _| {
                Ok(job
                    .truck_id
                    .map(|id| AtLocation::new(job.tenant, job.yard, id)))
            }),
        )
        .link(
            "location",
            "The yard whose job it is.",
            Link::<_, Locations>::to("Location", |job: &Job, _| {
                Ok(Some(LocationKey::new(
                    job.tenant,
                    job.location_id.unwrap_or(job.yard),
                )))
            }),
        )
        .link(
            "hauler",
            "The third-party hauler that does the job; null for the company itself.",
            Link::<_, Haulers>::to("Hauler", |job: &Job, _| {
                Ok(hauler::key(job.third_party_hauler_id.as_ref()))
            }),
        )
}

/// The customer inside the job. Since version 2021/11/04 it is the yard's view, which does not know
/// all yards.
fn embedded(job: &Job) -> Option<Cow<'_, [Arc<Customer>]>> {
    let customer = job.customer.as_ref()?.customer();
    Some(Cow::Owned(vec![Arc::new(customer)]))
}
