//! What is written, and how the answers are read.

use serde_json::{Value, json};

use super::{code, data, instead};
use crate::harness::{Api, Caller, World};

fn connect(code: &str) -> String {
    format!(
        "mutation {{ createHaulerConnection(input: {{ haulerId: \"60509b37-17d4-49d8-8107-d69188a08355\", tenantCode: \"{code}\" }}) {{ haulerConnection {{ status }} }} }}"
    )
}

#[tokio::test]
async fn g2_a_code_is_the_tenants_letters_a_plus_and_a_number() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    data(&world.ask(&caller, &connect("JUNIPER+3")).await);
    assert_eq!(
        world.logged_bodies(Api::Cro).await,
        [json!({ "tenant_code": "JUNIPER+3" })],
        "though the printed pattern allows no letters"
    );
    world.calls(Api::Cro).await;
    for bad in [
        "JUNIPER",
        "+3",
        "JUNIPER+",
        "JUNIPER+12345678901",
        "JUNIPER+x",
    ] {
        let answer = world.ask(&caller, &connect(bad)).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{bad}");
    }
    assert_eq!(world.calls(Api::Cro).await.len(), 0);
}

#[tokio::test]
async fn g15_the_row_that_answers_a_change_of_a_link_has_both_spellings() {
    for spelling in ["customer_id", "id"] {
        let world = World::new().await;
        let row = json!({ spelling: 7, "location_id": 3, "name": "Linked", "note": "New" });
        instead(&world, "/customers/7/locations/3", json!({ "body": row })).await;
        let write = "mutation { updateCustomerLocation(input: { customerId: 7, locationId: 3, note: \"New\" }) { customerLocation { customerId locationId note } customer { upstreamId } } }";
        let answer = world.ask(&Caller::dispatcher(), write).await;
        let expected = json!({
            "customerLocation": { "customerId": "7", "locationId": "3", "note": "New" },
            "customer": { "upstreamId": "7" },
        });
        assert_eq!(
            data(&answer)["updateCustomerLocation"],
            expected,
            "{spelling}"
        );
    }
}

#[tokio::test]
async fn g22_an_address_is_replaced_as_a_whole_and_a_contact_in_parts() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    let replace = "mutation { replaceCustomerAddress(input: { customerId: 3, addressId: 5, country: \"US\", isBilling: true, isShipping: true, line1: \"1 Made-up Row\", line2: null, line3: null, line4: null, locality: null, postcode: null, region: null, latitude: null, longitude: null }) { address { line1 } } }";
    world.ask(&caller, replace).await;
    let update = "mutation { updateCustomerContact(input: { customerId: 3, contactId: 3, name: \"Sample\" }) { contact { name } } }";
    world.ask(&caller, update).await;
    let sent = world.logged_bodies(Api::Cro).await;
    let address = sent[0].as_object().unwrap();
    assert_eq!(address.len(), 12, "{address:?}");
    assert!(address["line_2"].is_null() && address["is_billing"] == true);
    assert_eq!(sent[1], json!({ "name": "Sample" }));
}

#[tokio::test]
async fn g24_a_write_is_sent_once_and_reads_are_kept_without_any_header_that_says_so() {
    let world = World::new().await;
    let caller = Caller::dispatcher();
    let failure = json!({ "match": { "method": "PATCH" }, "status": 503, "body": "" });
    world.fault(Api::Cro, failure).await;
    let write = "mutation { updateCustomer(input: { customerId: 7, name: \"Renamed\" }) { customer { name } } }";
    let answer = world.ask(&caller, write).await;
    assert_eq!(code(&answer), "UPSTREAM_UNAVAILABLE");
    assert_eq!(world.calls(Api::Cro).await, ["PATCH /customers/7 503"]);
    for calls in [1, 0] {
        data(&world.ask(&caller, "{ customer(id: 7) { name } }").await);
        assert_eq!(world.calls(Api::Cro).await.len(), calls);
    }
}

#[tokio::test]
async fn g26_creating_customers_can_be_switched_off() {
    let world = World::with(|config| config.cro.create_customers = false).await;
    let write = "mutation { createCustomer(input: { locationId: 3, name: \"Invented\", contacts: [], addresses: [{ isBilling: true, isShipping: true }] }) { customer { name } } }";
    let answer = world.ask(&Caller::dispatcher(), write).await;
    assert_eq!(code(&answer), "UPSTREAM_NOT_CONFIGURED");
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("cro.create_customers"), "{message}");
    assert_eq!(world.calls(Api::Cro).await, Vec::<String>::new());
}

#[tokio::test]
async fn g26_a_path_of_the_old_reference_that_is_gone_is_told() {
    let world = World::new().await;
    let gone =
        json!({ "status": 404, "body": { "title": "Not Found", "detail": "No such path." } });
    instead(&world, "/locations/3/customers", gone).await;
    let write = "mutation { createCustomer(input: { locationId: 3, name: \"Invented\", contacts: [], addresses: [{ isBilling: true, isShipping: true }] }) { customer { name } } }";
    let answer = world.ask(&Caller::dispatcher(), write).await;
    assert_eq!(answer["data"]["createCustomer"], Value::Null);
    assert_eq!(code(&answer), "NOT_FOUND");
    assert_eq!(answer["errors"][0]["message"], "No such path.");
    assert_eq!(
        world.calls(Api::Cro).await,
        ["POST /locations/3/customers 404"]
    );
}
