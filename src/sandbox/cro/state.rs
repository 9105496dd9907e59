//! What the stand-in remembers. Integer ids are unique only inside a tenant, as in the real one.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Number, Value, json};

use super::access::User;
use super::refusal::Refusal;

pub(super) struct State {
    /// In the order of `GET /tenants`.
    pub(super) tenants: Vec<Tenant>,
    pub(super) haulers: Vec<Hauler>,
    pub(super) connections: Vec<Connection>,
}

pub(super) struct Tenant {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) record: Value,
    pub(super) yards: BTreeMap<i64, Yard>,
    pub(super) customers: BTreeMap<i64, Customer>,
    /// In order of creation: the rows of one customer are not adjacent.
    pub(super) links: Vec<Link>,
    pub(super) links_of: HashMap<i64, Vec<usize>>,
    pub(super) users: Vec<Value>,
    pub(super) drivers: Vec<Value>,
    pub(super) trucks: Vec<Value>,
    pub(super) assets: Vec<Value>,
    pub(super) jobs: Vec<Value>,
    pub(super) next_address: i64,
    pub(super) next_contact: i64,
}

pub(super) struct Yard {
    pub(super) name: String,
    pub(super) record: Value,
}

#[derive(Serialize)]
pub(super) struct Hauler {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Serialize)]
pub(super) struct Connection {
    pub(super) approved_by: Option<i64>,
    pub(super) approved_on: Option<String>,
    pub(super) denied_on: Option<String>,
    /// Mostly a boolean; older rows have `"False"`, `"0"` or `1`.
    pub(super) is_approved: Value,
    pub(super) location_id: i64,
    pub(super) provider_id: i64,
    pub(super) provider_name: String,
    pub(super) requested_on: String,
    pub(super) third_party_hauler_id: String,
}

pub(super) struct Customer {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) parent_id: Option<i64>,
    pub(super) created_on: String,
    pub(super) last_updated_on: String,
    pub(super) addresses: Vec<Address>,
    pub(super) contacts: Vec<Contact>,
}

#[derive(Clone, Serialize)]
pub(super) struct Address {
    pub(super) country: Option<String>,
    pub(super) id: i64,
    pub(super) is_active: bool,
    pub(super) is_billing: bool,
    pub(super) is_physical: bool,
    pub(super) is_shipping: bool,
    pub(super) latitude: Option<Number>,
    pub(super) line_1: Option<String>,
    pub(super) line_2: Option<String>,
    pub(super) line_3: Option<String>,
    pub(super) line_4: Option<String>,
    pub(super) locality: Option<String>,
    pub(super) longitude: Option<Number>,
    pub(super) postcode: Option<String>,
    pub(super) region: Option<String>,
}

#[derive(Clone, Default, Serialize)]
pub(super) struct Contact {
    pub(super) email: Option<String>,
    pub(super) fax: Option<String>,
    pub(super) id: i64,
    pub(super) name: Option<String>,
    pub(super) notify_on_acknowledged_request: bool,
    pub(super) notify_on_completed_request: bool,
    pub(super) notify_on_dispatched_request: bool,
    pub(super) notify_on_failed_request: bool,
    pub(super) notify_on_new_request: bool,
    pub(super) number: Option<String>,
}

/// That one yard serves one customer, and on which terms. It has no id of its own.
#[derive(Clone, Default)]
pub(super) struct Link {
    pub(super) customer_id: i64,
    pub(super) location_id: i64,
    pub(super) is_active: bool,
    pub(super) is_commercial: Option<bool>,
    pub(super) note: Option<String>,
    pub(super) reference_number: Option<String>,
    pub(super) renewal_date: Option<String>,
    pub(super) sales_rep: Option<String>,
    /// A text by the documents, a number in some rows.
    pub(super) sales_rep_id: Value,
    pub(super) suspension_id: Option<i64>,
    pub(super) account_number_1: Option<String>,
    pub(super) account_number_2: Option<String>,
    pub(super) created_on: String,
    pub(super) last_updated_on: String,
}

/// Which yards a user may see: their customers and everything else of them follow.
pub(super) enum Sight {
    Everything,
    Yards(Vec<i64>),
}

impl Sight {
    pub(super) fn includes(&self, yard: i64) -> bool {
        match self {
            Self::Everything => true,
            Self::Yards(yards) => yards.contains(&yard),
        }
    }
}

impl State {
    pub(super) fn tenant(&self, id: i64) -> Result<&Tenant, Refusal> {
        self.tenants
            .iter()
            .find(|tenant| tenant.id == id)
            .ok_or_else(no_tenant)
    }

    pub(super) fn tenant_mut(&mut self, id: i64) -> Result<&mut Tenant, Refusal> {
        self.tenants
            .iter_mut()
            .find(|tenant| tenant.id == id)
            .ok_or_else(no_tenant)
    }

    /// Third-party users see the yards that approved their hauler; everybody else sees all.
    pub(super) fn sight(&self, user: &User, tenant: i64) -> Sight {
        let Some(hauler) = user.hauler.and_then(|number| self.haulers.get(number)) else {
            return Sight::Everything;
        };
        let approved = self.connections.iter().filter(|row| {
            row.third_party_hauler_id == hauler.id
                && row.provider_id == tenant
                && row.approved_on.is_some()
                && row.denied_on.is_none()
        });
        Sight::Yards(approved.map(|row| row.location_id).collect())
    }
}

fn no_tenant() -> Refusal {
    Refusal::forbidden("The tenant is not assigned to this user.")
}

impl Tenant {
    /// A tenant without yards and customers.
    pub(super) fn new(id: i64, code: &str, name: &str, record: Value) -> Self {
        Self {
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            record,
            yards: BTreeMap::new(),
            customers: BTreeMap::new(),
            links: Vec::new(),
            links_of: HashMap::new(),
            users: Vec::new(),
            drivers: Vec::new(),
            trucks: Vec::new(),
            assets: Vec::new(),
            jobs: Vec::new(),
            next_address: 1,
            next_contact: 1,
        }
    }

    pub(super) fn yard(&self, id: i64, sight: &Sight) -> Result<&Yard, Refusal> {
        self.yards
            .get(&id)
            .filter(|_| sight.includes(id))
            .ok_or_else(|| Refusal::not_found("location_id"))
    }

    /// A customer that at least one visible yard serves.
    pub(super) fn customer(&self, id: i64, sight: &Sight) -> Result<&Customer, Refusal> {
        self.customers
            .get(&id)
            .filter(|_| match sight {
                Sight::Everything => true,
                Sight::Yards(_) => self
                    .links_at(id)
                    .any(|link| sight.includes(link.location_id)),
            })
            .ok_or_else(|| Refusal::not_found("customer_id"))
    }

    pub(super) fn customer_mut(&mut self, id: i64) -> Result<&mut Customer, Refusal> {
        self.customers
            .get_mut(&id)
            .ok_or_else(|| Refusal::not_found("customer_id"))
    }

    pub(super) fn links_at(&self, customer: i64) -> impl Iterator<Item = &Link> {
        let indices = self
            .links_of
            .get(&customer)
            .map(Vec::as_slice)
            .unwrap_or_default();
        indices.iter().map(|index| &self.links[*index])
    }

    pub(super) fn link(&self, customer: i64, yard: i64) -> Result<&Link, Refusal> {
        self.links_at(customer)
            .find(|link| link.location_id == yard)
            .ok_or_else(|| Refusal::not_found("customer_location_id"))
    }

    pub(super) fn link_mut(&mut self, customer: i64, yard: i64) -> Result<&mut Link, Refusal> {
        let indices = self
            .links_of
            .get(&customer)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let index = indices
            .iter()
            .copied()
            .find(|at| self.links[*at].location_id == yard);
        match index {
            Some(index) => Ok(&mut self.links[index]),
            None => Err(Refusal::not_found("customer_location_id")),
        }
    }

    pub(super) fn add_link(&mut self, link: Link) {
        self.links_of
            .entry(link.customer_id)
            .or_default()
            .push(self.links.len());
        self.links.push(link);
    }

    pub(super) fn new_address_id(&mut self) -> i64 {
        self.next_address += 1;
        self.next_address - 1
    }

    pub(super) fn new_contact_id(&mut self) -> i64 {
        self.next_contact += 1;
        self.next_contact - 1
    }
}

impl Yard {
    /// The short shape that is embedded in assets.
    pub(super) fn short(&self) -> Value {
        json!({
            "driver_self_assignment": self.record["driver_self_assignment"],
            "id": self.record["id"],
            "is_active": self.record["is_active"],
            "name": self.name,
            "use_additional_items": self.record["use_additional_items"],
        })
    }
}
