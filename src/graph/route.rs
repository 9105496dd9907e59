//! Routes.

use std::{borrow::Cow, sync::Arc};

use super::{
    contract,
    declare::{ArgumentDecl, Call, Entity, Graph, Link},
    error::Error,
    leaf::Id,
    node::{self, NODE},
    pagination::{self, Connection, PageNames, declare_page, offset_request, with_ids},
};
use crate::{
    ids::{GlobalId, RouteId},
    input_object, open_enum,
    upstream::trans_eu::{
        code::Words,
        contract::ContractsOfRoute,
        list::PageKey,
        route::{Route, RouteFilter as Filter, RoutePages, Routes},
    },
};

open_enum! {
    /// Whether a route is in use.
    pub enum RouteStatus {
        /// In use: freights are matched with it.
        Active = "active",
        /// Put away.
        Archival = "archival",
        .. /// A status that this schema does not know; see `rawStatus`.
        Other,
    }
}

input_object! {
    /// Which routes a list shows. Conditions are joined by "and". Trans.eu cannot filter: the gateway reads the whole list and looks through it.
    pub struct RouteFilter {
        /// Only routes of this status; `OTHER` means any that this schema does not know.
        status: Option<RouteStatus>,
        /// Only the route with this key in the shipper's own system.
        unique_key: Option<String>,
    }
}

fn page_key(call: &Call<'_>) -> Result<Option<PageKey<Filter>>, Error> {
    let (first, offset) = offset_request(call)?;
    let filter = call.arguments.find::<RouteFilter>("filter");
    Ok(Some(PageKey {
        first,
        offset,
        filter: filter
            .map(|filter| Filter {
                status: filter
                    .status
                    .map(|status| Words::of(status.word(), RouteStatus::words())),
                unique_key: filter.unique_key,
            })
            .filter(|filter| filter.status.is_some() || filter.unique_key.is_some()),
    }))
}

/// The route that the id at `path` names.
pub fn read_id(id: &Id, path: &[&str]) -> Result<RouteId, Error> {
    node::read_id(id, path, &["Route"], str::parse, |own| Ok(own.parse()?))
}

/// Declares the types and their root fields.
pub fn declare(graph: &mut Graph) {
    graph.entity(entity());
    declare_page::<Route>(
        graph,
        PageNames {
            connection: "RouteConnection",
            edge: "RouteEdge",
            plural: "routes",
            total: "The number of routes in the list. Trans.eu does not count: null until the last page, unless there is a filter.",
        },
        "Route",
    );
    graph.node::<Routes>("Route", str::parse, |_| true);
    let filter = ArgumentDecl::new::<Option<RouteFilter>>("filter", "Which routes to show.");
    graph.query(|query| {
        query
            .link(
                "route",
                "A route by global id or by its Trans.eu id; null if there is none, or if it is another company's.",
                Link::<_, Routes>::to("Route", |(), call| read_id(&call.arguments.get("id")?, &["id"]).map(Some))
                    .argument(ArgumentDecl::new::<Id>("id", "Global id, or Trans.eu's route UUID.")),
            )
            .link(
                "routes",
                "The routes of the caller's company, archival ones included. Cursors are places in the list: a list that changes meanwhile may show an item twice, or not.",
                Link::<_, RoutePages>::to("RouteConnection", |(), call| page_key(call))
                    .showing(|page| Some(Connection::of(page)) as Option<Arc<_>>)
                    .arguments(pagination::page_arguments())
                    .argument(filter),
            )
    });
}

fn entity() -> Entity<Route> {
    let entity = Entity::<Route>::new("Route", "A freight route of the caller's company: a lane from a place of loading to a place of unloading, for which contracts are made with carriers. Source: Trans.eu `GET /ext/contracts-api/v2/routes`; the route of a contract is a snapshot inside the contract.")
        .implements(NODE)
        .completed_by::<Routes>(Route::is_complete, |route| route.id);
    let entity = with_ids(
        entity,
        |route| GlobalId::encode("Route", route.id),
        |route| route.id.to_string(),
        "Trans.eu's route id, a UUID.",
    );
    links(settings(entity))
}

fn settings(entity: Entity<Route>) -> Entity<Route> {
    entity
        .text("uniqueKey", "The route's key in the shipper's own system; null if it has none.", |route| route.unique_key.as_ref())
        .text("name", "The route's name.", |route| route.name.as_ref())
        .word(["status", "rawStatus"], "Whether the route is in use.", |route| route.status.as_deref(), RouteStatus::parse)
        .field("isRoundtrip", "Whether the vehicle returns to where it began.", |route| route.is_roundtrip)
        .count("position", "The place among the routes when a freight is matched; archival routes have none.", |route| route.position)
        .optional("publicationScenario", "PublicationScenario", "In which order a freight is offered to the carriers of the route; null if nothing was chosen.", |route| route.publication_scenario.as_ref())
        .objects("spots", "RouteSpot", "Where the route begins and where it ends: one place of loading and one of unloading.", |route| &route.spots)
        .optional("distance", "RouteDistance", "The length of the route; null while nobody has declared one and none was computed.", |route| route.distance.as_ref())
        .optional("distanceMatch", "MeasureRange", "The distances that a freight may have to be matched with this route; null if there is no limit.", |route| route.distance_match.as_ref())
        .field("suggestedCalculatedRouteId", "An id of Trans.eu's route calculation. It is never the id of a route.", |route| route.suggested_calculated_route_id.clone().map(Id))
        .optional("requirements", "RouteRequirements", "What a vehicle must be and be able to do.", |route| route.requirements.as_ref())
        .objects("loads", "RouteLoad", "The loads that the route usually carries.", |route| &route.loads)
        .optional("balancing", "RouteBalancing", "How freight is shared among the carriers of the route.", |route| route.balancing.as_ref())
        .optional("shipmentsSummary", "ShipmentsSummary", "What was carried on the route so far.", |route| route.shipments_summary.as_ref())
        .complete_field("shipperId", "Trans.eu's id of the company that the route belongs to: the caller's. On the route of a contract it costs a call, because the snapshot lacks it.", |route| route.shipper_id.map(Id::of))
        .complete_field("lastModificationDate", "When the route was last changed. On the route of a contract it costs a call, because the snapshot lacks it.", |route| route.last_modification_date.clone().map(super::scalars::DateTime))
}

fn links(entity: Entity<Route>) -> Entity<Route> {
    entity
        .link(
            "stats",
            "Counters of the route; they lag behind. On the route of a contract they cost a call, because those of the snapshot are wrong.",
            Link::<_, Routes>::to("RouteStats", |route: &Route, _| Ok(Some(route.id)))
                .showing(|route| route.stats.clone())
                .or_embedded(|route: &Route| route.is_complete().then_some(Cow::Borrowed(route.stats.as_slice()))),
        )
        .link(
            "contracts",
            "The contracts on the route. The list of all contracts is read once, for however many routes.",
            Link::<_, ContractsOfRoute>::to(contract::interface(), |route: &Route, _| Ok(Some(route.id))).each(Vec::clone),
        )
        .link(
            "flexibleContracts",
            "The flexible contracts on the route, which have no rate.",
            Link::<_, ContractsOfRoute>::to("FlexibleContract", |route: &Route, _| Ok(Some(route.id)))
                .each(|contracts| contracts.iter().filter(|contract| contract.is_flexible()).cloned().collect()),
        )
}
