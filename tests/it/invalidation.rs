//! What each write makes old: a table of mutations, and of the reads that then ask the upstream
//! again, for a caller who has not written anything. Whatever is not listed stays in memory.

use rstest::rstest;

use crate::harness::{Api, Caller, World};

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
];

const CUSTOMERS: &[&str] = &["customer", "customers", "jobs"];
const FREIGHT: &[&str] = &["route", "routes", "contracts", "contract"];
const REQUESTS: &[&str] = &["request", "requests"];

/// Somebody who sees the same as the dispatcher, by credentials of their own.
fn colleague() -> Caller {
    Caller::named("admin")
        .header("x-trans-eu-authorization", "Bearer sandbox-shipper.2")
        .header("x-crux-authorization", "Token sandbox-retailer.2")
}

#[rstest]
#[case::update_customer(
    "updateCustomer(input: {customerId: 3, name: \"Newer Works\"}) { customer { name } }",
    CUSTOMERS
)]
#[case::create_customer(
    "createCustomer(input: {locationId: 3, name: \"Invented Demolition\", addresses: [{isBilling: true, isShipping: true, line1: \"345 Fabricated Ave\"}], contacts: []}) { customer { name } }",
    CUSTOMERS
)]
#[case::add_address(
    "addCustomerAddress(input: {customerId: 3, line1: \"9 Made-up Row\", isShipping: true}) { address { line1 } }",
    CUSTOMERS
)]
#[case::add_contact(
    "addCustomerContact(input: {customerId: 3, name: \"New Sample Contact\", email: \"one@example.com\"}) { contact { name } }",
    CUSTOMERS
)]
#[case::attach_to_location(
    "attachCustomerToLocation(input: {customerId: 3, locationId: 7, note: \"Second yard\"}) { customerLocation { note } }",
    CUSTOMERS
)]
#[case::update_link(
    "updateCustomerLocation(input: {customerId: 3, locationId: 4, note: \"Gate\"}) { customerLocation { note } }",
    CUSTOMERS
)]
#[case::deactivate_link(
    "deactivateCustomerLocation(input: {customerId: 3, locationId: 4}) { customerLocation { isActive } }",
    CUSTOMERS
)]
#[case::assign_driver(
    "assignTruckDriver(input: {truckId: 111, locationId: 3, driverId: null}) { truck { driverId } }",
    &["trucks"]
)]
#[case::update_job(
    "updateJob(input: {jobId: 77304, locationId: 3, driverNotes: \"Ring twice\"}) { job { driverNotes } }",
    &["jobs"]
)]
#[case::connect_hauler(
    "createHaulerConnection(input: {haulerId: \"60509b37-17d4-49d8-8107-d69188a08355\", tenantCode: \"JUNIPER+3\"}) { haulerConnection { status } }",
    &["connections"]
)]
#[case::create_flexible_contract(
    "createFlexibleContract(input: {routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", carrierCompanyId: 9000202, contactAccountIds: [802021], currency: \"PLN\", negotiable: true}) { flexibleContract { status } }",
    FREIGHT
)]
#[case::create_route(
    "createRoute(input: {name: \"Bare lane\", loading: {address: {country: \"pl\"}}, unloading: {address: {country: \"de\"}}}) { route { name } }",
    FREIGHT
)]
#[case::set_scenario(
    "setPublicationScenario(input: {routeId: \"cf65d42f-2bd0-4a24-8431-e59389a7b497\", publicationScenario: {parallel: true}}) { route { name } }",
    FREIGHT
)]
#[case::balance_route(
    "balanceRoute(input: {routeId: \"79fec1b7-ea24-44ea-b9c9-0a6294b19e1c\", balancing: {percentageShare: [{contractId: \"803f8cc0-7ab1-4f2b-b4ad-cadd77063ac2\", percentageShare: 33.5}, {contractId: \"15d8e004-99f9-434b-8a87-fca5b0777a11\", percentageShare: 66.5}]}}) { type }",
    FREIGHT
)]
#[case::request_connection(
    "requestTradingConnection(input: {organizationName: \"Invented Kettles\", primaryContactName: \"Ada Example\", integrations: [{type: ORDER}]}) { requestId }",
    REQUESTS
)]
#[case::update_request(
    "updateTradingConnectionRequest(input: {requestId: \"VHJhZGluZ0Nvbm5lY3Rpb25SZXF1ZXN0OmU0NWRhMGU2LTBmOGEtNDUwNS04Yjc0LWY4NTExNDNkODA4Mg\", primaryContactEmail: \"ada@example.com\"}) { warnings }",
    REQUESTS
)]
#[tokio::test]
async fn a_write_makes_old_what_it_touches_and_nothing_else(
    #[case] mutation: &str,
    #[case] touched: &[&str],
) {
    let world = World::new().await;
    for (name, _, query) in READS {
        let answer = world.ask(&colleague(), query).await;
        assert_eq!(answer.get("errors"), None, "{name}: {answer}");
    }
    let written = world
        .ask(&Caller::dispatcher(), &format!("mutation {{ {mutation} }}"))
        .await;
    assert_eq!(written.get("errors"), None, "{written}");
    let mut old = Vec::new();
    for (name, api, query) in READS {
        world.calls(*api).await;
        world.ask(&colleague(), query).await;
        if !world.calls(*api).await.is_empty() {
            old.push(*name);
        }
    }
    assert_eq!(old, touched);
}
