//! How contracts are read.

use super::Contract;
use crate::{
    identity::Service,
    ids::{CompanyId, ContractId, RouteId},
    upstream::{
        Endpoint, Keep,
        trans_eu::{
            code::Words,
            list::{ById, Listed, Names, Pages},
        },
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
