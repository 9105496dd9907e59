//! What the stand-in remembers: companies, routes, contracts, partner records.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Number, Value, json};

use super::super::random::stable_uuid;

pub(super) struct State {
    pub(super) seed: u64,
    created: usize,
    pub(super) companies: BTreeMap<i64, Company>,
    pub(super) routes: Vec<Route>,
    route_at: HashMap<String, usize>,
    pub(super) contracts: Vec<Contract>,
    contract_at: HashMap<String, usize>,
    /// Contracts by the contract they amend: an annex counts with its base.
    families: HashMap<String, Vec<usize>>,
    /// Contracts by route.
    of_route: HashMap<usize, Vec<usize>>,
    /// Contracts by the shipping company.
    of_shipper: HashMap<i64, Vec<usize>>,
    pub(super) partners: Vec<Partner>,
}

pub(super) struct Company {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) country: &'static str,
    pub(super) vat_id: String,
    pub(super) employees: Vec<Employee>,
}

pub(super) struct Employee {
    /// The id under which a contract lists the person.
    pub(super) contact_id: String,
    pub(super) id: i64,
    pub(super) account_id: i64,
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
    pub(super) trans_id: String,
    pub(super) email: String,
    pub(super) telephone: Option<String>,
}

pub(super) struct Route {
    pub(super) id: String,
    pub(super) shipper: i64,
    pub(super) unique_key: Option<String>,
    pub(super) name: String,
    pub(super) publication_scenario: Value,
    pub(super) spots: Value,
    pub(super) distance: Value,
    pub(super) suggested: Option<String>,
    pub(super) distance_match: Value,
    pub(super) is_roundtrip: bool,
    pub(super) requirements: Value,
    pub(super) loads: Value,
    pub(super) balancing: &'static str,
    pub(super) freight_limit: (Option<i64>, Option<i64>),
    pub(super) is_active: bool,
    pub(super) summary: Value,
    pub(super) position: Option<i64>,
    pub(super) transports: Value,
    pub(super) modified: String,
}

pub(super) struct Contract {
    pub(super) id: String,
    pub(super) base_id: String,
    pub(super) is_flexible: bool,
    pub(super) route: usize,
    pub(super) shipper_id: i64,
    pub(super) position: Option<i64>,
    pub(super) percentage_share: Number,
    pub(super) period: Value,
    pub(super) pricing: Value,
    /// Sent on create; a flexible contract does not echo it.
    pub(super) negotiable: bool,
    pub(super) status: String,
    pub(super) carrier: Value,
    pub(super) shipper: Value,
    pub(super) order_terms: Value,
    pub(super) planned_shipments: Value,
    pub(super) reference_number: Option<String>,
    pub(super) refusal_reason: Option<String>,
    pub(super) surcharges: Value,
    pub(super) is_sent: bool,
    pub(super) modified: String,
}

pub(super) struct Partner {
    pub(super) owner: i64,
    pub(super) id: String,
    pub(super) company: i64,
    /// `ACTIVE` or `SUSPENDED`.
    pub(super) status: &'static str,
    pub(super) record: Value,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            created: 0,
            companies: BTreeMap::new(),
            routes: Vec::new(),
            route_at: HashMap::new(),
            contracts: Vec::new(),
            contract_at: HashMap::new(),
            families: HashMap::new(),
            of_route: HashMap::new(),
            of_shipper: HashMap::new(),
            partners: Vec::new(),
        }
    }

    /// An id for something a request creates: the same sequence after every start.
    pub(super) fn new_id(&mut self, kind: &str) -> String {
        self.created += 1;
        stable_uuid(self.seed, kind, self.created + 100_000).to_string()
    }

    pub(super) fn add_route(&mut self, route: Route) -> usize {
        self.route_at.insert(route.id.clone(), self.routes.len());
        self.routes.push(route);
        self.routes.len() - 1
    }

    pub(super) fn add_contract(&mut self, contract: Contract) -> usize {
        let index = self.contracts.len();
        self.contract_at.insert(contract.id.clone(), index);
        self.families
            .entry(contract.base_id.clone())
            .or_default()
            .push(index);
        self.of_route.entry(contract.route).or_default().push(index);
        self.of_shipper
            .entry(contract.shipper_id)
            .or_default()
            .push(index);
        self.contracts.push(contract);
        index
    }

    /// A route of the asking company; a foreign one is as good as missing.
    pub(super) fn route(&self, id: &str, shipper: i64) -> Option<usize> {
        let index = *self.route_at.get(id)?;
        (self.routes[index].shipper == shipper).then_some(index)
    }

    pub(super) fn contract(&self, id: &str, shipper: i64) -> Option<usize> {
        let index = *self.contract_at.get(id)?;
        (self.contracts[index].shipper_id == shipper).then_some(index)
    }

    pub(super) fn contracts_of(&self, shipper: i64) -> &[usize] {
        self.of_shipper
            .get(&shipper)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn contracts_on(&self, route: usize) -> &[usize] {
        self.of_route
            .get(&route)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn family(&self, base: &str) -> impl Iterator<Item = &Contract> {
        let members = self
            .families
            .get(base)
            .map(Vec::as_slice)
            .unwrap_or_default();
        members.iter().map(|index| &self.contracts[*index])
    }

    pub(super) fn employee(&self, company: i64, account: i64) -> Option<&Employee> {
        let company = self.companies.get(&company)?;
        company
            .employees
            .iter()
            .find(|employee| employee.account_id == account)
    }

    /// A company with its persons as a contract shows them.
    pub(super) fn party(&self, company: i64, accounts: &[i64], reporter: i64) -> Value {
        let name = self
            .companies
            .get(&company)
            .map(|company| company.name.as_str());
        let persons: Vec<Value> = accounts
            .iter()
            .filter_map(|account| self.employee(company, *account))
            .map(|employee| person(employee, reporter))
            .collect();
        json!({
            "company": { "id": company, "name": name },
            "contact_persons": persons,
            "cooperation_status": "active",
        })
    }
}

fn person(employee: &Employee, reporter: i64) -> Value {
    json!({
        "id": employee.contact_id,
        "employee": {
            "id": employee.id,
            "account_id": employee.account_id,
            "given_name": employee.given_name,
            "family_name": employee.family_name,
            "trans_id": employee.trans_id,
            "email": employee.email,
            "telephone": employee.telephone,
        },
        "channels": ["email", "push", "web-push", "messenger"],
        "reported_by": { "company": { "id": reporter } },
    })
}
