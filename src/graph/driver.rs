//! Drivers of a yard.

use super::{
    declare::{Entity, Graph, Link},
    hauler,
    leaf::Id,
    node::NODE,
    pagination::{PageNames, with_ids},
    yard,
};
use crate::{
    ids::{GlobalId, LocationKey},
    upstream::cro::{
        hauler::Haulers,
        location::{Location, Locations},
        staff::Driver,
        yard::{YardItem, YardPages},
    },
};

/// The link from a yard to its drivers.
pub fn of_location() -> Link<Location, YardPages<Driver>> {
    yard::pages("DriverConnection", |_, _| Ok(()))
}

/// Declares the type.
pub fn declare(graph: &mut Graph) {
    graph.entity(permissions(person(entity())));
    let names = PageNames {
        connection: "DriverConnection",
        edge: "DriverEdge",
        plural: "drivers",
        total: "The number of drivers of the yard that the caller sees.",
    };
    yard::declare::<Driver>(graph, names, "Driver");
}

fn entity() -> Entity<Driver> {
    let entity = Entity::<Driver>::new("Driver", "Somebody who drives a truck. Names, addresses and numbers are personal data: ask only for what is shown. Source: CRO `GET /locations/{location_id}/drivers`.").implements(NODE);
    with_ids(
        entity,
        |driver| GlobalId::encode("Driver", driver.key()),
        |driver| driver.id.to_string(),
        "CRO's driver id, unique at its yard.",
    )
    .field(
        "isDeactivated",
        "Whether the driver may no longer drive.",
        |driver| driver.is_deactivated,
    )
    .field(
        "locationId",
        "CRO's id of the yard that the driver belongs to; yards may share drivers.",
        |driver| driver.location_id.map(Id::of),
    )
    .link(
        "location",
        "The yard that the driver belongs to.",
        Link::<_, Locations>::to("Location", |driver: &Driver, _| {
            Ok(driver
                .location_id
                .map(|yard| LocationKey::new(driver.tenant, yard)))
        }),
    )
    .link(
        "hauler",
        "The third-party hauler that the driver works for; null for the company's own people.",
        Link::<_, Haulers>::to("Hauler", |driver: &Driver, _| {
            Ok(hauler::key(driver.third_party_hauler_id.as_ref()))
        }),
    )
}

fn person(entity: Entity<Driver>) -> Entity<Driver> {
    entity
        .field("name", "The driver's name. Personal data.", |driver| {
            driver.name.clone()
        })
        .field("username", "The login name. Personal data.", |driver| {
            driver.username.clone()
        })
        .field(
            "phoneNumber",
            "Telephone number. Personal data.",
            |driver| driver.phone_number.clone(),
        )
        .field("email", "E-mail address. Personal data.", |driver| {
            driver.email.clone()
        })
        .field(
            "licenseNumber",
            "Number of the driving licence. Personal data.",
            |driver| driver.license_number.clone(),
        )
        .field("address", "Home address. Personal data.", |driver| {
            driver.address.clone()
        })
        .field(
            "city",
            "Town of the home address. Personal data.",
            |driver| driver.city.clone(),
        )
        .field(
            "state",
            "State or province of the home address. Personal data.",
            |driver| driver.state.clone(),
        )
        .field(
            "zip",
            "Postal code of the home address. Personal data.",
            |driver| driver.zip.clone(),
        )
}

fn permissions(entity: Entity<Driver>) -> Entity<Driver> {
    entity
        .field(
            "canConvertToGroup",
            "Whether the driver may turn a job into a group of jobs.",
            |driver| driver.can_convert_to_group,
        )
        .field(
            "canCreateRequests",
            "Whether the driver may create requests.",
            |driver| driver.can_create_requests,
        )
        .field(
            "canEditRequests",
            "Whether the driver may change requests.",
            |driver| driver.can_edit_requests,
        )
        .field(
            "canRepositionAsset",
            "Whether the driver may note that a bin stands elsewhere.",
            |driver| driver.can_reposition_asset,
        )
        .field(
            "disableShiftTracking",
            "Whether the driver's shifts are not recorded.",
            |driver| driver.disable_shift_tracking,
        )
}
