//! How contracts are read.

use std::{collections::HashMap, sync::Arc};

use super::Contract;
use crate::{
    identity::Service,
    ids::{CompanyId, ContractId, RouteId},
    upstream::{
        Endpoint, FetchResult, Fetched, Keep, Resource, Session,
        trans_eu::{
            code::Words,
            list::{ById, Listed, Lists, Names, Pages},
        },
        walk::Whole,
    },
};

static LIST_CONTRACTS: Endpoint =
    Endpoint::get(Service::TransEu, "/ext/contracts-api/v2/contracts");
static GET_CONTRACT: Endpoint = Endpoint::get(
    Service::TransEu,
    "/ext/contracts-api/v2/contracts/{contract-id}",
);

/// Contracts by id.
pub type Contracts = ById<Contract>;
/// Pages of the contracts on all of the own company's routes.
pub type ContractPages = Pages<Contract>;

/// Which contracts a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContractFilter {
    /// By status.
    pub status: Option<Words>,
    /// By kind: fixed or flexible.
    pub kind: Option<Words>,
    /// Only contracts on this route.
    pub route: Option<RouteId>,
    /// Only contracts with this carrier.
    pub carrier: Option<CompanyId>,
}

impl Listed for Contract {
    type Id = ContractId;
    type Filter = ContractFilter;
    const LIST: &'static Endpoint = &LIST_CONTRACTS;
    const RECORD: &'static Endpoint = &GET_CONTRACT;
    const NAMES: Names = Names {
        slices: "contract_slices",
        lists: "contract_lists",
        pages: "contract_pages",
        records: "contract_records",
        by_id: "contracts",
    };
    const KEEP: Keep = Keep::Contracts;

    fn id(&self) -> ContractId {
        self.id
    }

    fn passes(&self, filter: &ContractFilter) -> bool {
        let status = filter.status.as_ref();
        let kind = filter.kind.as_ref();
        status.is_none_or(|words| words.pass(self.status.as_deref()))
            && kind.is_none_or(|words| words.pass(Some(self.kind())))
            && filter.route.is_none_or(|route| route == self.route.id)
            && filter
                .carrier
                .is_none_or(|carrier| carrier == self.carrier.company_id())
    }
}

/// The contracts of a route. The API has a list per route too, but that one tells neither the
/// status nor the kind; so the list of all contracts is read once, for however many routes.
pub struct ContractsOfRoute;

impl Resource for ContractsOfRoute {
    type Key = RouteId;
    type Value = Vec<Arc<Contract>>;
    const NAME: &'static str = "contracts_of_route";
    const SERVICE: Service = Service::TransEu;
    const KEEP: Keep = Keep::Never;

    async fn fetch(session: Arc<Session>, keys: Vec<RouteId>) -> Vec<FetchResult<Self::Value>> {
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
}
