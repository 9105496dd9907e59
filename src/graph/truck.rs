//! Trucks of a yard, and who drives them.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{
    check::Check,
    declare::{Entity, Graph, Link},
    error::Error,
    hauler,
    input::change,
    leaf::Id,
    node::NODE,
    pagination::{PageNames, with_ids},
    yard,
};
use crate::{
    ids::{AtLocation, GlobalId, LocationKey},
    input_object,
    upstream::{
        Session,
        cro::{
            hauler::Haulers,
            location::{Location, Locations},
            staff::Driver,
            truck::{Truck, assign_driver},
            yard::{YardItem, YardItems, YardPages},
        },
    },
};

input_object! {
    /// Who drives a truck from now on.
    pub struct AssignTruckDriverInput {
        /// The truck: global id, or CRO's truck id together with `locationId`.
        truck_id: Id,
        /// The yard of the truck, if `truckId` is CRO's: global id, or CRO's location id in the caller's tenant.
        location_id: Option<Id>,
        /// The driver: global id, or CRO's driver id. Null takes the driver off the truck; it has to be said.
        driver_id: MaybeUndefined<Id>,
    }
}

/// What `assignTruckDriver` gives back.
struct AssignedTruck(Arc<Truck>);

/// The link from a yard to its trucks.
pub fn of_location() -> Link<Location, YardPages<Truck>> {
    yard::pages("TruckConnection", |_, _| Ok(()))
}

/// Declares the type and its mutation.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    let names = PageNames {
        connection: "TruckConnection",
        edge: "TruckEdge",
        plural: "trucks",
        total: "The number of trucks of the yard that the caller sees.",
    };
    yard::declare::<Truck>(graph, names, "Truck");
    graph.entity(
        Entity::<AssignedTruck>::new(
            "AssignTruckDriverPayload",
            "The answer to `assignTruckDriver`.",
        )
        .shared_object("truck", "Truck", "The truck after the change.", |payload| {
            Some(&payload.0)
        }),
    );
    graph.write(
        "assignTruckDriver",
        "Puts a driver on a truck, or takes the driver off. Source: CRO `PATCH /locations/{location_id}/trucks/{truck_id}`.",
        "AssignTruckDriverPayload",
        &[],
        |session, input: AssignTruckDriverInput| Box::pin(assign(session, input)),
    );
}

fn entity() -> Entity<Truck> {
    let entity = Entity::<Truck>::new(
        "Truck",
        "A truck of a yard. Source: CRO `GET /locations/{location_id}/trucks`.",
    )
    .implements(NODE);
    let entity = with_ids(
        entity,
        |truck| GlobalId::encode("Truck", truck.key()),
        |truck| truck.id.to_string(),
        "CRO's truck id, unique at its yard.",
    )
    .field("name", "What the truck is called.", |truck| {
        truck.name.clone()
    })
    .field(
        "type",
        "The kind of truck, in the company's words.",
        |truck| truck.kind.clone(),
    )
    .field("notes", "Notes on the truck.", |truck| truck.notes.clone())
    .field(
        "weight",
        "What the truck weighs. CRO does not say in which unit.",
        |truck| truck.weight,
    )
    .field(
        "interfaceColor",
        "The truck's colour on screens, such as `#3366cc`.",
        |truck| truck.interface_color.clone(),
    )
    .field(
        "outOfService",
        "Whether the truck cannot be used now.",
        |truck| truck.out_of_service,
    )
    .field(
        "requireOdometer",
        "Whether the driver has to note the odometer.",
        |truck| truck.require_odometer,
    )
    .field("trailerId", "CRO's id of the trailer.", |truck| {
        truck.trailer_id.map(Id::of)
    })
    .field("driverId", "CRO's id of the driver.", |truck| {
        truck.driver_id.clone().map(Id)
    });
    links(entity)
}

fn links(entity: Entity<Truck>) -> Entity<Truck> {
    entity
        .link(
            "driver",
            "Who drives the truck; null if nobody does.",
            Link::<_, YardItems<Driver>>::to("Driver", |truck: &Truck, _| Ok(driver(truck))),
        )
        .link(
            "location",
            "The yard of the truck.",
            Link::<_, Locations>::to("Location", |truck: &Truck, _| {
                let yard = truck.location_id.unwrap_or(truck.yard);
                Ok(Some(LocationKey::new(truck.tenant, yard)))
            }),
        )
        .link(
            "hauler",
            "The third-party hauler that owns the truck; null for the company's own.",
            Link::<_, Haulers>::to("Hauler", |truck: &Truck, _| {
                Ok(hauler::key(truck.third_party_hauler_id.as_ref()))
            }),
        )
}

fn driver(truck: &Truck) -> Option<AtLocation> {
    let id = truck.driver_id.as_ref()?.trim().parse().ok()?;
    Some(AtLocation::new(truck.tenant, truck.yard, id))
}

async fn assign(session: &Session, input: AssignTruckDriverInput) -> Result<AssignedTruck, Error> {
    let mut check = Check::new("input");
    let named = ("truckId", &input.truck_id);
    let truck = yard::item_key(
        &mut check,
        session,
        named,
        input.location_id.as_ref(),
        "Truck",
    );
    let driver = change(input.driver_id).map(|id| {
        let (id, truck) = (id?, truck?);
        check.take("driverId", |path| {
            yard::own_id(&id, path, "Driver", truck.location)
        })
    });
    if driver.is_none() {
        check.refuse("driverId", "Name a driver, or null to take the driver off.");
    }
    let (truck, driver) = check.finish(truck.zip(driver))?;
    let truck = assign_driver(session, truck, driver).await?;
    Ok(AssignedTruck(Arc::new(truck)))
}
