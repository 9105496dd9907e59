//! Users: those who may log in at a yard.

use super::{
    declare::{Entity, Graph, Link},
    hauler,
    leaf::Id,
    node::NODE,
    pagination::{PageNames, with_ids},
    yard,
};
use crate::{
    ids::GlobalId,
    upstream::cro::{
        hauler::Haulers,
        location::Location,
        staff::User,
        yard::{YardItem, YardPages},
    },
};

/// The link from a yard to its users.
pub fn of_location() -> Link<Location, YardPages<User>> {
    yard::pages("UserConnection", |_, _| Ok(()))
}

/// Declares the type.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    let names = PageNames {
        connection: "UserConnection",
        edge: "UserEdge",
        plural: "users",
        total: "The number of users of the yard that the caller sees.",
    };
    yard::declare::<User>(graph, names, "User");
}

fn entity() -> Entity<User> {
    let entity = Entity::<User>::new("User", "Somebody who may log in to CRO and act at a yard. Source: CRO `GET /locations/{location_id}/users`.").implements(NODE);
    with_ids(
        entity,
        |user| GlobalId::encode("User", user.key()),
        |user| user.id.to_string(),
        "CRO's user id, unique at its yard.",
    )
    .field("username", "The login name. Personal data.", |user| {
        user.username.clone()
    })
    .field("uid", "CRO's other id of the user, a UUID.", |user| {
        user.uid.clone().map(Id)
    })
    .field(
        "roles",
        "What the user may do, in CRO's words, such as `Dispatcher`.",
        |user| user.roles.clone(),
    )
    .field(
        "dispatcherId",
        "CRO's id of the user as a dispatcher; null for others.",
        |user| user.dispatcher_id.map(Id::of),
    )
    .link(
        "hauler",
        "The third-party hauler that the user works for; null for the company's own people.",
        Link::<_, Haulers>::to("Hauler", |user: &User, _| {
            Ok(hauler::key(user.third_party_hauler_id.as_ref()))
        }),
    )
}
