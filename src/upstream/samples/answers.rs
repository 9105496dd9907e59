//! Which type reads which sample, and what is special about each upstream.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::upstream::cro::asset::Asset;
use crate::upstream::cro::customer::{Address, Contact, Customer, CustomerRow};
use crate::upstream::cro::hauler::{Hauler, HaulerConnection};
use crate::upstream::cro::job::Job;
use crate::upstream::cro::location::Location;
use crate::upstream::cro::page::Envelope;
use crate::upstream::cro::staff::{Driver, User};
use crate::upstream::cro::tenant::Tenant;
use crate::upstream::cro::truck::Truck;
use crate::upstream::crux::connection::{Connection, Organization};
use crate::upstream::crux::discovery::DiscoverySupplier;
use crate::upstream::crux::notification::{Notification, NotificationSetting};
use crate::upstream::crux::page::Page;
use crate::upstream::crux::request::{ConnectionRequest, CreatedRequest, File};
use crate::upstream::json;
use crate::upstream::trans_eu::balancing::BalanceResult;
use crate::upstream::trans_eu::contract::Contract;
use crate::upstream::trans_eu::page::{NumberedPage, OffsetPage, RouteContractsPage};
use crate::upstream::trans_eu::partner::{
    OwnEmployee, PartnerDetails, PartnerEmployee, PartnerItem, PartnerVehicle,
};
use crate::upstream::trans_eu::route::Route;

/// Decodes a body to its `Debug` form, or to the place and the reason of the failure.
pub(super) type Decoder = fn(&Value) -> Result<String, String>;

/// Decodes a body as the gateway does: from text.
pub(super) fn decode<T: DeserializeOwned>(body: &Value) -> Result<T, String> {
    let body = body.to_string().into();
    json::read(&body).map_err(|_| json::find_misfit::<T>(&body).unwrap_or_default())
}

fn debug<T: DeserializeOwned + Debug>(body: &Value) -> Result<String, String> {
    Ok(format!("{:?}", decode::<T>(body)?))
}

pub(super) struct Upstream {
    pub(super) samples: Map<String, Value>,
    /// The member of a sample that holds the answer.
    pub(super) body: &'static str,
    pub(super) decoders: &'static [(&'static str, Decoder)],
    /// Samples that no type here is for: what the gateway does not call, empty answers, and errors. A name that ends
    /// with a dot or an underscore stands for all that begin so.
    pub(super) others: &'static [&'static str],
    /// Members without which there is no object.
    pub(super) required: &'static [&'static str],
    /// What is printed for an absent member besides `null`, given what it holds when present.
    pub(super) empty: fn(&Value) -> Option<Value>,
}

const CRO: &[(&str, Decoder)] = &[
    ("customer_get", debug::<Customer>),
    ("customer_get_child", debug::<Customer>),
    ("customer_update", debug::<Customer>),
    ("customer_list_page1", debug::<Envelope<CustomerRow>>),
    ("customer_list_page2", debug::<Envelope<CustomerRow>>),
    ("customer_list_empty", debug::<Envelope<CustomerRow>>),
    (
        "customer_list_row_from_2021_04_07",
        debug::<Envelope<CustomerRow>>,
    ),
    ("location_customers_list", debug::<Envelope<CustomerRow>>),
    ("customer_locations_list", debug::<Envelope<CustomerRow>>),
    ("customer_create", debug::<CustomerRow>),
    ("location_customer_get", debug::<CustomerRow>),
    ("customer_location_get", debug::<CustomerRow>),
    ("customer_location_create", debug::<CustomerRow>),
    ("customer_location_update", debug::<CustomerRow>),
    ("customer_location_deactivate", debug::<CustomerRow>),
    ("address_list", debug::<Envelope<Address>>),
    ("address_get", debug::<Address>),
    ("address_all_null", debug::<Address>),
    ("address_create", debug::<Address>),
    ("address_update", debug::<Address>),
    ("address_deactivate", debug::<Address>),
    ("contact_list", debug::<Envelope<Contact>>),
    ("contact_get", debug::<Contact>),
    ("contact_create", debug::<Contact>),
    ("contact_update", debug::<Contact>),
    ("location_list", debug::<Envelope<Location>>),
    ("location_get", debug::<Location>),
    ("location_get_short_2021", debug::<Location>),
    ("hauler_list", debug::<Envelope<Hauler>>),
    ("hauler_get", debug::<Hauler>),
    (
        "hauler_connection_list",
        debug::<Envelope<HaulerConnection>>,
    ),
    ("hauler_connection_create", debug::<HaulerConnection>),
    ("tolerant_booleans", debug::<HaulerConnection>),
    ("tenant_list", debug::<Envelope<Tenant>>),
    ("user_list", debug::<Envelope<User>>),
    ("user_get", debug::<User>),
    ("driver_list", debug::<Envelope<Driver>>),
    ("driver_get", debug::<Driver>),
    ("truck_list", debug::<Envelope<Truck>>),
    ("truck_get", debug::<Truck>),
    ("truck_update", debug::<Truck>),
    ("asset_list", debug::<Envelope<Asset>>),
    ("job_get_2021_shape", debug::<Job>),
    ("job_get_from_2021_11_04", debug::<Job>),
    ("job_list_2021_shape", debug::<Envelope<Job>>),
];

const TRANS_EU: &[(&str, Decoder)] = &[
    ("contracts.createFlexible", debug::<Contract>),
    ("contracts.createFixed", debug::<Contract>),
    ("contracts.updateFixed", debug::<Contract>),
    ("contracts.get.pallets", debug::<Contract>),
    ("contracts.get.annexWithSurcharges", debug::<Contract>),
    ("contracts.get.flexibleAccepted", debug::<Contract>),
    ("contracts.list", debug::<OffsetPage<Contract>>),
    ("contracts.list.lastPage", debug::<OffsetPage<Contract>>),
    ("routes.contracts.v1", debug::<RouteContractsPage<Contract>>),
    ("routes.balance.freightLimit", debug::<BalanceResult>),
    ("routes.balance.percentageShare", debug::<BalanceResult>),
    ("routes.list", debug::<OffsetPage<Route>>),
    ("routes.get", debug::<Route>),
    ("routes.create", debug::<Route>),
    ("routes.update.v1", debug::<Route>),
    ("routes.publicationScenario", debug::<Route>),
    ("partners.list", debug::<NumberedPage<PartnerItem>>),
    ("partners.get", debug::<PartnerDetails>),
    ("partners.employees", debug::<NumberedPage<PartnerEmployee>>),
    ("partners.fleet", debug::<NumberedPage<PartnerVehicle>>),
    ("companies.employees", debug::<Vec<OwnEmployee>>),
];

const CRUX: &[(&str, Decoder)] = &[
    ("connection_request.create", debug::<CreatedRequest>),
    ("connection_request.create.minimal", debug::<CreatedRequest>),
    (
        "connection_request.create.documented_names",
        debug::<CreatedRequest>,
    ),
    ("connection_request.list", debug::<Page<ConnectionRequest>>),
    (
        "connection_request.list.empty",
        debug::<Page<ConnectionRequest>>,
    ),
    (
        "connection_request.detail.approved",
        debug::<ConnectionRequest>,
    ),
    (
        "connection_request.detail.pending",
        debug::<ConnectionRequest>,
    ),
    ("connection.list", debug::<Vec<Connection>>),
    ("connection.list.v1", debug::<Vec<Connection>>),
    ("organization.own", debug::<Organization>),
    ("organization.own.v1", debug::<Organization>),
    ("discovery.suppliers", debug::<Page<DiscoverySupplier>>),
    (
        "discovery.suppliers.documented_fields",
        debug::<Page<DiscoverySupplier>>,
    ),
    ("file.upload", debug::<File>),
    ("notification.list", debug::<Vec<Notification>>),
    ("notification.settings", debug::<Vec<NotificationSetting>>),
    (
        "notification.settings.v1",
        debug::<Vec<NotificationSetting>>,
    ),
];

fn samples_of(file: &str) -> Map<String, Value> {
    let mut file: Value = serde_json::from_str(file).unwrap();
    match file["samples"].take() {
        Value::Object(samples) => samples,
        other => panic!("samples are {other}"),
    }
}

pub(super) fn cro() -> Upstream {
    Upstream {
        samples: samples_of(include_str!("../../../tests/samples/cro.samples.json")),
        body: "response_body",
        decoders: CRO,
        others: &[
            "dump_destination_",
            "material_",
            "webhook_",
            "error_",
            "oauth_",
        ],
        required: &[
            "id",
            "customer_id",
            "location_id",
            "provider_id",
            "third_party_hauler_id",
            "results",
        ],
        empty: |_| None,
    }
}

pub(super) fn trans_eu() -> Upstream {
    Upstream {
        samples: samples_of(include_str!("../../../tests/samples/trans-eu.samples.json")),
        body: "body",
        decoders: TRANS_EU,
        others: &[
            "auth.",
            "errors.",
            "freights.",
            "proposals.",
            "exchanges.",
            "orders.",
            "transports.",
            "dock.",
            "fleet.",
            "events.",
            "partners.add",
            "partners.invite",
            "partners.block",
            "partners.activate",
            "companies.own",
        ],
        required: &[
            "id",
            "account_id",
            "route",
            "carrier",
            "company",
            "contracted_route_id",
            "_embedded",
            "contracts",
            "routes",
            "partners",
            "vehicles",
            "has_more",
        ],
        empty: |value| value.is_object().then(|| json!({})),
    }
}

pub(super) fn crux() -> Upstream {
    Upstream {
        samples: samples_of(include_str!("../../../tests/samples/crux.samples.json")),
        body: "response",
        decoders: CRUX,
        others: &[
            "connection_request.update",
            "discovery.participation",
            "discovery.participation.update",
            "file.export",
            "auth.",
            "user.",
            "permission.",
            "notification.settings.update",
            "paging.",
            "result.",
            "error.",
        ],
        required: &[
            "uuid",
            "record_uuid",
            "retailer",
            "supplier",
            "organization",
            "requests",
            "suppliers",
        ],
        empty: |value| value.is_string().then(|| json!("")),
    }
}

impl Upstream {
    pub(super) fn answers(&self) -> impl Iterator<Item = (&'static str, &Value, Decoder)> {
        self.decoders
            .iter()
            .map(|&(name, decoder)| (name, &self.samples[name][self.body], decoder))
    }
}
