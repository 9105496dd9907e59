//! How routes are read.

use std::{collections::HashMap, sync::Arc};

use super::{Route, Spot};
use crate::{
    identity::Service,
    ids::RouteId,
    upstream::{
        Calls, Endpoint, FetchResult, Fetched, Keep, Resource, Session,
        trans_eu::{
            code::Words,
            list::{ById, Listed, Lists, Names, Pages},
        },
        walk::Whole,
    },
};

static LIST_ROUTES: Endpoint = Endpoint::get(Service::TransEu, "/ext/contracts-api/v2/routes");
static GET_ROUTE: Endpoint =
    Endpoint::get(Service::TransEu, "/ext/contracts-api/v2/routes/{route-id}");

/// Routes by id, complete.
pub type Routes = ById<Route>;
/// Pages of the own company's routes.
pub type RoutePages = Pages<Route>;

/// Which routes a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RouteFilter {
    /// By status.
    pub status: Option<Words>,
    /// Only the route of this name in the shipper's own system.
    pub unique_key: Option<String>,
}

impl Listed for Route {
    type Id = RouteId;
    type Filter = RouteFilter;
    const LIST: &'static Endpoint = &LIST_ROUTES;
    const RECORD: &'static Endpoint = &GET_ROUTE;
    const NAMES: Names = Names {
        slices: "route_slices",
        lists: "route_lists",
        pages: "route_pages",
        records: "route_records",
        by_id: "routes",
    };
    const KEEP: Keep = Keep::Routes;

    fn id(&self) -> RouteId {
        self.id
    }

    fn passes(&self, filter: &RouteFilter) -> bool {
        let status = filter.status.as_ref();
        status.is_none_or(|words| words.pass(self.status.as_deref()))
            && (filter.unique_key.is_none() || filter.unique_key == self.unique_key)
    }
}

/// The routes that begin or end at a place, by its number in the shipper's own system. The API
/// cannot look for it: the list of all routes is read once, for however many places.
pub struct RoutesOfPlace;

impl Resource for RoutesOfPlace {
    type Key = i64;
    type Value = Vec<Arc<Route>>;
    const NAME: &'static str = "routes_of_place";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<i64>) -> Vec<FetchResult<Self::Value>> {
        let all = match session.load::<Lists<Route>>(Whole).await {
            Ok(all) => all.unwrap_or_default(),
            Err(error) => return keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        };
        let mut places: HashMap<i64, Vec<Arc<Route>>> = HashMap::new();
        for route in all.iter() {
            let mut numbers: Vec<i64> = route.spots.iter().filter_map(Spot::foreign_id).collect();
            // A round trip is one route of its place.
            numbers.dedup();
            for number in numbers {
                places.entry(number).or_default().push(Arc::clone(route));
            }
        }
        keys.iter()
            .map(|number| {
                let routes = places.remove(number).unwrap_or_default();
                Ok(Some(Fetched::new(routes, 0)))
            })
            .collect()
    }
}
