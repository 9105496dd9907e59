//! What each write makes old: a table of mutations, and of the reads that then ask the upstream
//! again, for a caller who has not written anything. Whatever is not listed stays in memory.

use std::collections::BTreeSet;

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use haulgraph::graph::schema;
use rstest::rstest;
use serde_json::Value;

use crate::{
    harness::{Api, Caller, World},
    uploads,
};

/// Reads that stand for what is kept: each is answered by resources of its own.
const READS: &[(&str, Api, &str)] = &[
    ("customer", Api::Cro, "{ customer(id: 3) { name } }"),
    (
        "customers",
        Api::Cro,
        "{ customers(first: 5) { nodes { name } } }",
    ),
    (
        "locations",
        Api::Cro,
        "{ locations(first: 5) { nodes { name } } }",
    ),
    ("tenants", Api::Cro, "{ tenants { name } }"),
    (
        "users",
        Api::Cro,
        "{ location(id: 3) { users { nodes { id } } } }",
    ),
    (
        "drivers",
        Api::Cro,
        "{ location(id: 3) { drivers { nodes { id } } } }",
    ),
    (
        "trucks",
        Api::Cro,
        "{ location(id: 3) { trucks { nodes { id } } } }",
    ),
    (
        "assets",
        Api::Cro,
        "{ location(id: 3) { assets { nodes { id } } } }",
    ),
    (
        "jobs",
        Api::Cro,
        "{ location(id: 3) { jobs { nodes { id } } } }",
    ),
    (
        "connections",
        Api::Cro,
        "{ hauler(id: \"60509b37-17d4-49d8-8107-d69188a08355\") { connections { status } } }",
    ),
    (
        "route",
        Api::TransEu,
        "{ route(id: \"79fec1b7-ea24-44ea-b9c9-0a6294b19e1c\") { name } }",
    ),
    (
        "routes",
        Api::TransEu,
        "{ routes(first: 2) { nodes { name } } }",
    ),
    (
        "contracts",
        Api::TransEu,
        "{ contracts(first: 2) { nodes { status } } }",
    ),
    (
        "contract",
        Api::TransEu,
        "{ contract(id: \"22266ddf-af6e-4939-9e5f-e25c3ca658a6\") { status } }",
    ),
    ("employees", Api::TransEu, "{ ownEmployees { givenName } }"),
    (
        "request",
        Api::Crux,
        "{ tradingConnectionRequest(id: \"VHJhZGluZ0Nvbm5lY3Rpb25SZXF1ZXN0OmU0NWRhMGU2LTBmOGEtNDUwNS04Yjc0LWY4NTExNDNkODA4Mg\") { primaryContactName } }",
    ),
    (
        "requests",
        Api::Crux,
        "{ tradingConnectionRequests(first: 2) { nodes { primaryContactName } } }",
    ),
    (
        "trading connections",
        Api::Crux,
        "{ tradingConnections { suppliersRetailerAccountNumber } }",
    ),
    ("organization", Api::Crux, "{ ownOrganization { name } }"),
    ("notifications", Api::Crux, "{ notifications { title } }"),
    (
        "notification settings",
        Api::Crux,
        "{ notificationSettings { name } }",
    ),
    (
        "partner",
        Api::TransEu,
        "{ contract(id: \"17b5a510-4474-4eaa-9ffc-b5e0796046e2\") { carrier { partner { company { status } } } } }",
    ),
];

const CUSTOMERS: &[&str] = &["customer", "customers", "jobs"];
const FREIGHT: &[&str] = &["route", "routes", "contracts", "contract"];
const PARTNERS: &[&str] = &["partner"];
const REQUESTS: &[&str] = &["request", "requests"];

/// What a write makes old. The only contact of a customer is added by the one who changes it.
const WRITES: &[(&str, &[&str])] = &[
    (
        "updateCustomer(input: {customerId: 3, name: \"Newer Works\"}) { customer { name } }",
        CUSTOMERS,
    ),
    (
        "createCustomer(input: {locationId: 3, name: \"Invented Demolition\", addresses: [{isBilling: true, isShipping: true, line1: \"345 Fabricated Ave\"}], contacts: []}) { customer { name } }",
        CUSTOMERS,
    ),
    (
        "addCustomerAddress(input: {customerId: 3, line1: \"9 Made-up Row\", isShipping: true}) { address { line1 } }",
        CUSTOMERS,
    ),
    (
        "addCustomerContact(input: {customerId: 3, name: \"New Sample Contact\", email: \"one@example.com\"}) { contact { name } }",
        CUSTOMERS,
    ),
    (
        "attachCustomerToLocation(input: {customerId: 3, locationId: 7, note: \"Second yard\"}) { customerLocation { note } }",
        CUSTOMERS,
    ),
    (
        "updateCustomerLocation(input: {customerId: 3, locationId: 4, note: \"Gate\"}) { customerLocation { note } }",
        CUSTOMERS,
    ),
    (
        "deactivateCustomerLocation(input: {customerId: 3, locationId: 4}) { customerLocation { isActive } }",
        CUSTOMERS,
    ),
    (
        "assignTruckDriver(input: {truckId: 111, locationId: 3, driverId: null}) { truck { driverId } }",
        &["trucks"],
    ),
    (
        "updateJob(input: {jobId: 77304, locationId: 3, driverNotes: \"Ring twice\"}) { job { driverNotes } }",
        &["jobs"],
    ),
    (
        "createHaulerConnection(input: {haulerId: \"60509b37-17d4-49d8-8107-d69188a08355\", tenantCode: \"JUNIPER+3\"}) { haulerConnection { status } }",
        &["connections"],
    ),
    (
        "createFlexibleContract(input: {routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", carrierCompanyId: 9000202, contactAccountIds: [802021], currency: \"PLN\", negotiable: true}) { flexibleContract { status } }",
        FREIGHT,
    ),
    (
        "createRoute(input: {name: \"Bare lane\", loading: {address: {country: \"pl\"}}, unloading: {address: {country: \"de\"}}}) { route { name } }",
        FREIGHT,
    ),
    (
        "setPublicationScenario(input: {routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", publicationScenario: {parallel: true}}) { route { name } }",
        FREIGHT,
    ),
    (
        "balanceRoute(input: {routeId: \"79fec1b7-ea24-44ea-b9c9-0a6294b19e1c\", balancing: {percentageShare: [{contractId: \"803f8cc0-7ab1-4f2b-b4ad-cadd77063ac2\", percentageShare: 33.5}, {contractId: \"15d8e004-99f9-434b-8a87-fca5b0777a11\", percentageShare: 66.5}]}}) { type }",
        FREIGHT,
    ),
    (
        "requestTradingConnection(input: {organizationName: \"Invented Kettles\", primaryContactName: \"Ada Example\", integrations: [{type: ORDER}]}) { requestId }",
        REQUESTS,
    ),
    (
        "updateTradingConnectionRequest(input: {requestId: \"VHJhZGluZ0Nvbm5lY3Rpb25SZXF1ZXN0OmU0NWRhMGU2LTBmOGEtNDUwNS04Yjc0LWY4NTExNDNkODA4Mg\", primaryContactEmail: \"ada@example.com\"}) { warnings }",
        REQUESTS,
    ),
    (
        "deactivateCustomerAddress(input: {customerId: 3, addressId: 6}) { address { isActive } }",
        CUSTOMERS,
    ),
    (
        "replaceCustomerAddress(input: {customerId: 3, addressId: 6, country: \"US\", isBilling: false, isShipping: true, line1: \"10 Made-up Row\", line2: null, line3: null, line4: null, locality: \"Mockton\", postcode: \"00502\", region: \"OR\", latitude: 44.13, longitude: -121.26}) { address { line1 } }",
        CUSTOMERS,
    ),
    (
        "updateCustomerContact(input: {customerId: 3, contactId: 502, number: \"555-0199\"}) { contact { number } }",
        CUSTOMERS,
    ),
    (
        "createFixedContract(input: {routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", carrierCompanyId: 9000202, sendToCarrier: false, pricing: {byRoute: {price: {amount: 980, currency: \"EUR\"}}}, orderTerms: {paymentPeriodDays: 30, paymentDaysType: WORK}, period: {from: \"2027-01-01T00:00:00+01:00\", timezone: \"Europe/Warsaw\"}}) { fixedContract { status } }",
        FREIGHT,
    ),
    (
        "replaceFixedContract(input: {contractId: \"22266ddf-af6e-4939-9e5f-e25c3ca658a6\", routeId: \"9deca51a-5576-481f-9f2e-a487c3837326\", carrierCompanyId: 9000221, sendToCarrier: true, pricing: {byRoute: {price: {amount: 980, currency: \"EUR\"}}}, orderTerms: {paymentPeriodDays: 30, paymentDaysType: WORK}, period: {from: \"2027-01-01T00:00:00+01:00\", timezone: \"Europe/Warsaw\"}}) { fixedContract { status } }",
        FREIGHT,
    ),
    (
        "replaceRoute(input: {routeId: \"79fec1b7-ea24-44ea-b9c9-0a6294b19e1c\", notifyCarriers: false, name: \"Renamed lane\", loading: {address: {country: \"PL\"}}, unloading: {address: {country: \"de\"}}}) { route { name } }",
        FREIGHT,
    ),
    (
        "addPartner(input: {companyId: 9000231}) { partner { upstreamId } }",
        PARTNERS,
    ),
    (
        "invitePartner(input: {companyName: \"Invented Haulage\", email: \"office@example.com\", givenName: \"Ada\", familyName: \"Example\"}) { email }",
        PARTNERS,
    ),
    (
        "blockPartner(input: {partnerId: \"ade93f2b-69a6-49ad-ae7e-8be7f82ccaad\", reasons: [LACK_OF_CARE_FOR_GOODS], remarks: \"Wet pallets\"}) { partnerId }",
        PARTNERS,
    ),
    (
        "activatePartner(input: {partnerId: \"ade93f2b-69a6-49ad-ae7e-8be7f82ccaad\"}) { partnerId }",
        PARTNERS,
    ),
    (
        "setNotificationChannel(input: {settingId: \"53da2dd0-fe07-4176-9cb5-99f38de47bff\", medium: EMAIL, frequency: DAILY, isEnabled: true}) { notificationSetting { name } }",
        &["notification settings"],
    ),
    (
        "uploadTradingFile(input: {file: $file}) { file { uuid } }",
        &[],
    ),
];

/// Somebody who sees the same as the dispatcher, by credentials of their own.
fn colleague() -> Caller {
    Caller::named("admin")
        .header("x-trans-eu-authorization", "Bearer sandbox-shipper.2")
        .header("x-crux-authorization", "Token sandbox-retailer.2")
}

/// The name of the field that a row writes.
fn field(mutation: &str) -> &str {
    mutation.split('(').next().unwrap()
}

async fn write(world: &World, mutation: &str) -> Value {
    if mutation.contains("$file") {
        return uploads::upload_one(world).await.body;
    }
    world
        .ask(&Caller::dispatcher(), &format!("mutation {{ {mutation} }}"))
        .await
}

/// The reads that ask their upstream again after the write, for somebody who has not written anything.
async fn made_old_by(mutation: &str) -> Vec<&'static str> {
    let world = World::new().await;
    if field(mutation) == "updateCustomerContact" {
        let contact = "addCustomerContact(input: {customerId: 3, name: \"New Sample Contact\"}) { contact { name } }";
        write(&world, contact).await;
    }
    for (name, _, query) in READS {
        let answer = world.ask(&colleague(), query).await;
        assert_eq!(answer.get("errors"), None, "{name}: {answer}");
    }
    let written = write(&world, mutation).await;
    assert_eq!(written.get("errors"), None, "{written}");
    let mut old = Vec::new();
    for (name, api, query) in READS {
        world.calls(*api).await;
        world.ask(&colleague(), query).await;
        if !world.calls(*api).await.is_empty() {
            old.push(*name);
        }
    }
    old
}

/// In parts, because each row has a world of its own.
#[rstest]
#[tokio::test]
async fn a_write_makes_old_what_it_touches_and_nothing_else(
    #[values(0, 1, 2, 3, 4, 5, 6)] part: usize,
) {
    for (mutation, touched) in WRITES.iter().skip(part).step_by(7) {
        assert_eq!(made_old_by(mutation).await, *touched, "{mutation}");
    }
}

#[test]
fn every_write_of_the_schema_has_a_row() {
    let rows: BTreeSet<String> = WRITES
        .iter()
        .map(|(mutation, _)| field(mutation).to_owned())
        .collect();
    let mut types = parse_schema(schema::sdl()).unwrap().definitions.into_iter();
    let mutations = types.find_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) if ty.node.name.node == "Mutation" => match ty.node.kind {
            TypeKind::Object(object) => Some(object.fields),
            _ => None,
        },
        _ => None,
    });
    let fields = mutations.unwrap().into_iter();
    let fields: BTreeSet<String> = fields
        .map(|field| field.node.name.node.to_string())
        .collect();
    assert_eq!(rows, fields);
}
