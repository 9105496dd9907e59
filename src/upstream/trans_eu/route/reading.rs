//! How routes are read.

use super::Route;
use crate::{
    identity::Service,
    ids::RouteId,
    upstream::{
        Endpoint, Keep,
        trans_eu::{
            code::Words,
            list::{ById, Listed, Names, Pages},
        },
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
