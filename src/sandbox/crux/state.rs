//! What the stand-in remembers. An organization and its retailer or supplier side have
//! different ids: two id spaces for one party.

use serde::Serialize;
use serde_json::Value;

use super::super::random::stable_uuid;

pub(super) struct State {
    pub(super) seed: u64,
    pub(super) created: usize,
    /// The first is the retailer account, the second the supplier account.
    pub(super) organizations: Vec<Organization>,
    pub(super) managers: Vec<Manager>,
    pub(super) connections: Vec<Connection>,
    pub(super) requests: Vec<Request>,
    pub(super) discovery: Vec<Value>,
    pub(super) notifications: Vec<Value>,
    pub(super) settings: Vec<Setting>,
    /// Ids of uploaded files; nothing reads the contents back.
    pub(super) uploads: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Retailer,
    Supplier,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Retailer => "RETAILER",
            Self::Supplier => "SUPPLIER",
        }
    }
}

pub(super) struct Organization {
    pub(super) id: String,
    /// The retailer's or supplier's id.
    pub(super) party: String,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) website: String,
    pub(super) status: &'static str,
    pub(super) created_date: String,
    pub(super) manager: Option<usize>,
    pub(super) contact: Person,
}

#[derive(Clone, Serialize)]
pub(super) struct Manager {
    pub(super) uuid: String,
    pub(super) person: Person,
}

#[derive(Clone, Serialize)]
pub(super) struct Person {
    pub(super) uuid: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone: Option<String>,
    pub(super) job_title: Option<&'static str>,
}

pub(super) struct Connection {
    pub(super) id: String,
    pub(super) retailer: usize,
    pub(super) supplier: usize,
    pub(super) status: &'static str,
    pub(super) manager: usize,
    pub(super) suppliers_retailer_account_number: Option<String>,
    pub(super) retailers_supplier_account_number: Option<String>,
}

pub(super) struct Request {
    pub(super) id: String,
    /// The organization whose account made it.
    pub(super) owner: usize,
    pub(super) org_name: String,
    pub(super) org_contact_full_name: String,
    pub(super) primary_contact_phone: Option<String>,
    pub(super) primary_contact_email: Option<String>,
    pub(super) account_number: Option<String>,
    pub(super) additional_information: Option<String>,
    /// A date only: the time is told once, when the request is made.
    pub(super) request_date: String,
    pub(super) approved_by: Option<usize>,
    pub(super) integrations: Vec<Integration>,
    pub(super) uploaded_files: Value,
}

#[derive(Clone, Default, Serialize)]
pub(super) struct Integration {
    pub(super) record_uuid: String,
    pub(super) integration_type: String,
    pub(super) update_frequency: Option<String>,
    /// May hold credentials: it is stored and shown as it was sent.
    pub(super) feed_source_file_locations: Option<String>,
    pub(super) file_specs: Option<String>,
    pub(super) rules: Option<String>,
    pub(super) date_created: String,
}

pub(super) struct Setting {
    pub(super) id: String,
    pub(super) name: &'static str,
    pub(super) display_name: &'static str,
    pub(super) domain: &'static str,
    /// `notification_via`, `notification_frequency`, `enabled`
    pub(super) ways: Vec<(String, String, bool)>,
}

impl State {
    /// An id for something a request creates: the same sequence after every start.
    pub(super) fn new_id(&mut self, kind: &str) -> String {
        self.created += 1;
        stable_uuid(self.seed, kind, self.created + 100_000).to_string()
    }
}
