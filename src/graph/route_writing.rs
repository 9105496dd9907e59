//! The writes of routes.

use std::sync::Arc;

use super::{
    check::Check,
    declare::{Blame, Entity, Graph, Link},
    error::Error,
    input::camel,
    leaf::Id,
    notation::MeasureUnit,
    quantity_input::{Limits, MeasureInput},
    route,
    route_input::{
        LaneInput, PublicationScenarioInput, RouteLoadInput, RouteRequirementsInput,
        RouteSpotInput, scenario,
    },
};
use crate::{
    ids::{GlobalId, RouteId},
    input_object,
    upstream::{
        self, Class, Session,
        trans_eu::route::{
            Route, Routes,
            writing::{
                NewDistance, NewLane, NewRoute, NewScenario, create_route, replace_route,
                set_publication_scenario,
            },
        },
    },
};

input_object! {
    /// A route to be made.
    pub struct CreateRouteInput {
        /// The route's name.
        name: String,
        /// The route's key in the shipper's own system. If the answer to a create is lost, the route is looked for by it.
        unique_key: Option<String>,
        /// Where goods are loaded.
        loading: RouteSpotInput,
        /// Where goods are unloaded.
        unloading: RouteSpotInput,
        /// What a person says about the length, in `KM`. Trans.eu computes one of its own some time later.
        declared_distance: Option<MeasureInput>,
        /// Whether the vehicle returns to where it began.
        is_roundtrip: Option<bool>,
        /// In which order a freight is offered to the carriers; to all at once if left out.
        publication_scenario: Option<PublicationScenarioInput>,
        /// What a vehicle must be and be able to do.
        requirements: Option<RouteRequirementsInput>,
        /// The loads that the route usually carries.
        loads: Option<Vec<RouteLoadInput>>,
    }
}

input_object! {
    /// A route as it is to be from now on. Everything that is left out is cleared.
    pub struct ReplaceRouteInput {
        /// The route, an active one of the caller's company: global id, or Trans.eu's route UUID.
        route_id: Id,
        /// Whether carriers who have got terms on the route are sent the change. On Trans.eu's platform that makes a new route, ends running negotiations and opens annexes with all its carriers. There is no default: say it.
        notify_carriers: bool,
        /// The route's name.
        name: String,
        /// Where goods are loaded.
        loading: RouteSpotInput,
        /// Where goods are unloaded.
        unloading: RouteSpotInput,
        /// What a vehicle must be and be able to do; cleared if left out.
        requirements: Option<RouteRequirementsInput>,
        /// The loads that the route usually carries; cleared if left out.
        loads: Option<Vec<RouteLoadInput>>,
    }
}

input_object! {
    /// In which order a freight is offered to the carriers of a route.
    pub struct SetPublicationScenarioInput {
        /// The route: global id, or Trans.eu's route UUID.
        route_id: Id,
        /// The order.
        publication_scenario: PublicationScenarioInput,
    }
}

/// Where Trans.eu's members of a scenario come from. Its own endpoint names them without a prefix.
const MEMBERS: Blame = &[
    ("type", SCENARIO),
    ("data", SCENARIO),
    ("data.order", ORDER),
    ("data.publication_time", TIME),
    ("data.publication_time.value", TIME),
    ("publication_scenario.type", SCENARIO),
    ("publication_scenario.data", SCENARIO),
    ("publication_scenario.data.order", ORDER),
    ("publication_scenario.data.publication_time", TIME),
    ("publication_scenario.data.publication_time.value", TIME),
    ("distance.declared", &["input", "declaredDistance"]),
    (
        "distance.declared.value",
        &["input", "declaredDistance", "value"],
    ),
    ("if_send_to_carrier", &["input", "notifyCarriers"]),
];
const SCENARIO: &[&str] = &["input", "publicationScenario"];
const ORDER: &[&str] = &["input", "publicationScenario", "inOrder", "order"];
const TIME: &[&str] = &[
    "input",
    "publicationScenario",
    "inOrder",
    "publicationTimeSeconds",
];

/// What `createRoute` and `setPublicationScenario` give back.
struct WrittenRoute(Arc<Route>);

/// What `replaceRoute` gives back.
struct ReplacedRoute {
    asked: RouteId,
    answered: RouteId,
}

/// Declares the mutations.
pub fn declare(graph: &mut Graph) {
    for (payload, description, route) in [
        (
            "CreateRoutePayload",
            "The answer to `createRoute`.",
            "The route, in use at once.",
        ),
        (
            "SetPublicationScenarioPayload",
            "The answer to `setPublicationScenario`.",
            "The route with its new scenario.",
        ),
    ] {
        graph.entity(
            Entity::<WrittenRoute>::new(payload, description).shared_object(
                "route",
                "Route",
                route,
                |payload| Some(&payload.0),
            ),
        );
    }
    graph.entity(replaced());
    graph.write(
        "createRoute",
        "Makes a freight route of the caller's company. How freight is shared among its carriers is set by `balanceRoute`. There is no way to delete a route. Source: Trans.eu `POST /ext/contracts-api/v2/routes`.",
        "CreateRoutePayload",
        MEMBERS,
        |session, input: CreateRouteInput| Box::pin(create(session, input)),
    );
    graph.write(
        "replaceRoute",
        "Replaces the name, the places, the requirements and the loads of an active route as a whole: what is left out is cleared. Its key, distance, scenario and balancing stay. Trans.eu knows no conditional write: an edit that somebody made meanwhile is lost. Source: Trans.eu `POST /ext/contracts-api/v1/routes/{route-id}`.",
        "ReplaceRoutePayload",
        MEMBERS,
        |session, input: ReplaceRouteInput| Box::pin(replace(session, input)),
    );
    graph.write(
        "setPublicationScenario",
        "Sets in which order a freight is offered to the carriers of a route. Source: Trans.eu `POST /ext/contracts-api/v2/routes/{route-id}/publication-scenario`.",
        "SetPublicationScenarioPayload",
        MEMBERS,
        |session, input: SetPublicationScenarioInput| Box::pin(set_scenario(session, input)),
    );
}

fn replaced() -> Entity<ReplacedRoute> {
    Entity::<ReplacedRoute>::new("ReplaceRoutePayload", "The answer to `replaceRoute`.")
        .field("routeId", "Global id of the route that Trans.eu names in its answer.", |payload| Id(GlobalId::encode("Route", payload.answered)))
        .field("isNewRoute", "Whether that is another route than the one that was to be replaced, as the platform does with changes that are sent to carriers.", |payload| payload.answered != payload.asked)
        .link(
            "route",
            "The route that Trans.eu names in its answer, read anew by one call, because the answer knows little of it. If that read fails, the replacement still took place.",
            Link::<_, Routes>::to("Route", |payload: &ReplacedRoute, _| Ok(Some(payload.answered))),
        )
}

async fn create(session: &Arc<Session>, input: CreateRouteInput) -> Result<WrittenRoute, Error> {
    let route = new_route(input)?;
    let created = create_route(session, &route).await.map_err(blamed)?;
    Ok(WrittenRoute(created))
}

async fn replace(session: &Session, input: ReplaceRouteInput) -> Result<ReplacedRoute, Error> {
    let (asked, lane, notify) = replacement(input)?;
    let written = replace_route(session, asked, &lane, notify).await;
    let answered = written.map_err(blamed)?;
    Ok(ReplacedRoute { asked, answered })
}

async fn set_scenario(
    session: &Session,
    input: SetPublicationScenarioInput,
) -> Result<WrittenRoute, Error> {
    let (route, scenario) = new_scenario(input)?;
    let written = set_publication_scenario(session, route, &scenario).await;
    Ok(WrittenRoute(Arc::new(written.map_err(blamed)?)))
}

fn new_route(input: CreateRouteInput) -> Result<NewRoute, Error> {
    let mut check = Check::new("input");
    let lane = LaneInput {
        name: input.name,
        loading: input.loading,
        unloading: input.unloading,
        requirements: input.requirements,
        loads: input.loads,
    };
    let kilometres = Limits::positive(MeasureUnit::Km);
    let declared = input.declared_distance.as_ref();
    let declared = kilometres.optional(&mut check, "declaredDistance", declared);
    let chosen = input.publication_scenario;
    let route = NewRoute {
        lane: lane.read(&mut check),
        unique_key: check.optional_line("uniqueKey", input.unique_key),
        distance: declared.map(|declared| NewDistance { declared }),
        is_roundtrip: input.is_roundtrip,
        publication_scenario: check.part("publicationScenario", chosen, scenario),
    };
    check.finish(Some(route))
}

fn replacement(input: ReplaceRouteInput) -> Result<(RouteId, NewLane, bool), Error> {
    let mut check = Check::new("input");
    let route = check.take("routeId", |path| route::read_id(&input.route_id, path));
    let lane = LaneInput {
        name: input.name,
        loading: input.loading,
        unloading: input.unloading,
        requirements: input.requirements,
        loads: input.loads,
    };
    let lane = lane.read(&mut check);
    check.finish(route.map(|route| (route, lane, input.notify_carriers)))
}

fn new_scenario(input: SetPublicationScenarioInput) -> Result<(RouteId, NewScenario), Error> {
    let mut check = Check::new("input");
    let route = check.take("routeId", |path| route::read_id(&input.route_id, path));
    let chosen = input.publication_scenario;
    let scenario = check.within(&["publicationScenario"], |check| scenario(check, chosen));
    check.finish(route.map(|route| (route, scenario)))
}

/// Leads what the general way cannot back to its argument: the only thing that an answer can miss
/// is the route, and a spot goes by its number in a list that the graph does not have.
fn blamed(error: Arc<upstream::Error>) -> Error {
    let spot = error.input_paths().iter().find_map(|path| spot_path(path));
    let is_missing = error.class == Class::NotFound;
    let error = Error::from(error);
    match spot {
        _ if is_missing => error.about(&["input", "routeId"]),
        Some(path) => error.about(&path.iter().map(String::as_str).collect::<Vec<_>>()),
        None => error,
    }
}

/// `spots.1.place.address.country` is `input.unloading.address.country` here.
fn spot_path(path: &[String]) -> Option<Vec<String>> {
    let (list, rest) = path.split_first().filter(|(list, _)| *list == "spots")?;
    let (number, rest) = rest.split_first()?;
    debug_assert_eq!(list, "spots");
    let side = match number.as_str() {
        "0" => "loading",
        "1" => "unloading",
        _ => return None,
    };
    let members = rest.iter().filter(|part| *part != "place");
    let path = ["input".to_owned(), side.to_owned()]
        .into_iter()
        .chain(members.map(|part| camel(part)));
    Some(path.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spots_complaint_leads_to_its_side() {
        let path = |text: &str| -> Vec<String> { text.split('.').map(str::to_owned).collect() };
        let led = |text| spot_path(&path(text)).map(|path| path.join("."));
        assert_eq!(led("spots.0.type").as_deref(), Some("input.loading.type"));
        assert_eq!(
            led("spots.1.place.address.postal_code").as_deref(),
            Some("input.unloading.address.postalCode")
        );
        assert_eq!(led("spots.2.type"), None);
        assert_eq!(led("spots"), None);
        assert_eq!(led("loads.0.width"), None);
    }
}
