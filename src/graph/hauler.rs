//! Third-party haulers.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    declare::{ArgumentDecl, Call, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    node::{self, NODE},
    pagination::{self, Connection, PageNames, declare_page, keyed_request, with_ids},
};
use crate::{
    ids::{self, GlobalId},
    upstream::{
        cro::hauler::{ConnectionsOfHauler, Hauler, HaulerPages, Haulers},
        walk::{PageKey, Whole},
    },
};

fn page_key(call: &Call<'_>) -> Result<Option<PageKey<Whole>>, Error> {
    let (first, after) = keyed_request(call, ids::uuid)?;
    Ok(Some(PageKey {
        list: Whole,
        first,
        after: after.map(|id| id.to_string()),
    }))
}

/// The hauler that the id at `path` names.
pub fn read_id(id: &Id, path: &[&str]) -> Result<Uuid, Error> {
    node::read_id(id, path, &["Hauler"], ids::uuid, |id| Ok(ids::uuid(id)?))
}

/// The hauler that a record names; what is no UUID names none.
pub fn key(id: Option<&String>) -> Option<Uuid> {
    ids::uuid(id?).ok()
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    let entity = Entity::<Hauler>::new("Hauler", "A third-party hauler: a company that hauls for others, across tenants. Source: CRO `GET /haulers`.").implements(NODE);
    graph.entity(
        with_ids(
            entity,
            |hauler| GlobalId::encode("Hauler", hauler.id),
            |hauler| hauler.id.to_string(),
            "CRO's hauler id, a UUID that is the same in every tenant.",
        )
        .field("name", "The hauler's name.", |hauler| hauler.name.clone())
        .link(
            "connections",
            "The yards that the hauler is connected to, or has asked to be.",
            Link::<_, ConnectionsOfHauler>::to("HaulerConnection", |hauler: &Hauler, _| {
                Ok(Some(hauler.id))
            })
            .each(Vec::clone),
        ),
    );
    declare_page::<Hauler>(
        graph,
        PageNames {
            connection: "HaulerPage",
            edge: "HaulerEdge",
            plural: "haulers",
            total: "The number of haulers that the caller sees.",
        },
        "Hauler",
    );
    graph.node::<Haulers>("Hauler", ids::uuid, |_| true);
    graph.query(|query| {
        query
            .link(
                "hauler",
                "A hauler by global id or by its CRO id; null if there is none.",
                Link::<_, Haulers>::to("Hauler", |(), call| {
                    read_id(&call.arguments.get("id")?, &["id"]).map(Some)
                })
                .argument(ArgumentDecl::new::<Id>(
                    "id",
                    "Global id, or CRO's hauler UUID.",
                )),
            )
            .link(
                "haulers",
                "The third-party haulers that the caller sees.",
                Link::<_, HaulerPages>::to("HaulerPage", |(), call| page_key(call))
                    .showing(|page| Some(Connection::of(page)) as Option<Arc<_>>)
                    .arguments(pagination::page_arguments()),
            )
    });
}
