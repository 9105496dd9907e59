//! The contracts of routes, by whichever way costs fewer calls.
//!
//! The list of all contracts serves any number of routes. The API has a list per route, too, but
//! that one tells neither the status nor the kind, so that each of its contracts has to be read by
//! id. It pays where the list of all is long and the routes are few.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::join_all;
use serde::Deserialize;

use super::{Contract, Contracts};
use crate::{
    identity::Service,
    ids::{ContractId, RouteId},
    upstream::{
        Calls, Endpoint, FetchResult, Fetched, Keep, Loaded, Resource, Session,
        trans_eu::{
            list::{self, Lists},
            page::RouteContractsPage,
        },
        walk::Whole,
    },
};

static LIST_OF_ROUTE: Endpoint = Endpoint::get(
    Service::TransEu,
    "/ext/contracts-api/v1/routes/{route-id}/contracts",
);

/// The page size that is documented as the default. How many more the API would give is not said,
/// and the end of the list is told by nothing but a page that is not full.
const PAGE: usize = 25;

/// So many slices of the list of all contracts are read rather than one route's own list. What the
/// contracts of a route cost by id is only known after its list was read: were that too many, the
/// lists were read in vain, and this bounds how much that is of the whole.
const SLICES_PER_ROUTE: usize = 4;

/// The contracts of a route.
pub struct ContractsOfRoute;

impl Resource for ContractsOfRoute {
    type Key = RouteId;
    type Value = Vec<Arc<Contract>>;
    const NAME: &'static str = "contracts_of_route";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;
    const CALLS: Calls = Calls::LIST;

    async fn fetch(session: Arc<Session>, keys: Vec<RouteId>) -> Vec<FetchResult<Self::Value>> {
        let calls = keys.len().saturating_mul(SLICES_PER_ROUTE);
        match list::costs_more_than::<Contract>(&session, calls).await {
            Ok(true) => by_route(&session, &keys).await,
            Ok(false) => from_all(&session, &keys).await,
            Err(error) => keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
        }
    }
}

async fn from_all(
    session: &Arc<Session>,
    keys: &[RouteId],
) -> Vec<FetchResult<Vec<Arc<Contract>>>> {
    let all = match session.load::<Lists<Contract>>(Whole).await {
        Ok(all) => all.unwrap_or_default(),
        Err(error) => return keys.iter().map(|_| Err(Arc::clone(&error))).collect(),
    };
    let mut routes: HashMap<RouteId, Vec<Arc<Contract>>> =
        keys.iter().map(|route| (*route, Vec::new())).collect();
    for contract in all.iter() {
        if let Some(own) = routes.get_mut(&contract.route.id) {
            own.push(Arc::clone(contract));
        }
    }
    keys.iter()
        .map(|route| {
            let own = routes.remove(route).unwrap_or_default();
            Ok(Some(Fetched::new(own, 0)))
        })
        .collect()
}

/// Reads the list of each route, and then the contracts that are in them: those of all routes at
/// once, which may still be a walk.
async fn by_route(
    session: &Arc<Session>,
    keys: &[RouteId],
) -> Vec<FetchResult<Vec<Arc<Contract>>>> {
    let lists = session.load_many::<ContractIdsOfRoute>(keys).await;
    let known = lists.iter().flatten().flatten();
    let ids: HashSet<ContractId> = known.flat_map(|ids| ids.iter().copied()).collect();
    let ids: Vec<ContractId> = ids.into_iter().collect();
    let contracts = session.load_many::<Contracts>(&ids).await;
    let contracts: HashMap<ContractId, Loaded<Contract>> = ids.into_iter().zip(contracts).collect();
    let of_route = |ids: Loaded<Vec<ContractId>>| {
        let ids = ids?.unwrap_or_default();
        let own = ids
            .iter()
            .filter_map(|id| contracts.get(id)?.clone().transpose());
        Ok(Some(Fetched::new(own.collect::<Result<_, _>>()?, 0)))
    };
    lists.into_iter().map(of_route).collect()
}

/// Which contracts a route has.
pub(super) struct ContractIdsOfRoute;

/// What a route's list is read for.
#[derive(Deserialize)]
struct ContractRow {
    id: ContractId,
}

impl Resource for ContractIdsOfRoute {
    type Key = RouteId;
    type Value = Vec<ContractId>;
    const NAME: &'static str = "contract_ids_of_route";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Contracts;

    async fn fetch(session: Arc<Session>, keys: Vec<RouteId>) -> Vec<FetchResult<Self::Value>> {
        join_all(keys.iter().map(|route| ids(&session, *route))).await
    }
}

async fn ids(session: &Session, route: RouteId) -> FetchResult<Vec<ContractId>> {
    let (mut ids, mut bytes, mut met) = (Vec::new(), 0, HashSet::new());
    loop {
        let call = LIST_OF_ROUTE.call(&[&route]).query("limit", PAGE);
        let call = call.query("offset", ids.len());
        let Some(reply) = session
            .find::<RouteContractsPage<ContractRow>>(call)
            .await?
        else {
            return Ok(None);
        };
        bytes += reply.bytes;
        let before = ids.len();
        let rows = reply.value.contracts.iter().map(|row| row.id);
        ids.extend(rows.filter(|id| met.insert(*id)));
        // A list that brings nothing new is not being walked.
        if !reply.value.has_more(PAGE) || ids.len() == before {
            return Ok(Some(Fetched::new(ids, bytes)));
        }
    }
}

/// Drops what was read of the contracts of routes: a write has changed them.
pub fn forget(session: &Session) {
    session.forget::<ContractsOfRoute>(None);
    session.forget::<ContractIdsOfRoute>(None);
}
