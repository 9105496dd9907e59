//! CRO's documentation contradicts itself over its generations. What it leaves open is read in
//! every way; each test names the rule that it holds.

mod access;
mod calls;
mod writes;

use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

/// What the dispatcher gets for `query` if CRO answers `body` at `path`, and the calls.
async fn with(path: &str, body: Value, query: &str) -> (Value, Vec<String>) {
    let world = World::new().await;
    instead(&world, path, json!({ "body": body })).await;
    let answer = world.ask(&Caller::dispatcher(), query).await;
    (answer, world.calls(Api::Cro).await)
}

async fn instead(world: &World, path: &str, mut fault: Value) {
    fault["match"] = json!({ "path": path });
    world.fault(Api::Cro, fault).await;
}

fn page(rows: &[Value]) -> Value {
    json!({ "current_page": 1, "current_limit": 1000, "total_pages": 1, "total_count": rows.len(), "results": rows })
}

/// The data of an answer without errors.
fn data(answer: &Value) -> &Value {
    assert_eq!(answer["errors"], Value::Null);
    &answer["data"]
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap()
}

#[tokio::test]
async fn g1_a_row_names_its_customer_by_customer_id_or_by_id() {
    let rows = [
        json!({ "customer_id": 501, "location_id": 3, "name": "Old" }),
        json!({ "id": 502, "location_id": 3, "name": "New" }),
        json!({ "id": 501, "location_id": 4, "name": "Old" }),
    ];
    let query = "{ customers { nodes { upstreamId name locations { locationId customerId } } } }";
    let (answer, calls) = with("/customers", page(&rows), query).await;
    let yard =
        |customer: &str, location: &str| json!({ "customerId": customer, "locationId": location });
    let expected = json!([
        { "upstreamId": "501", "name": "Old", "locations": [yard("501", "3"), yard("501", "4")] },
        { "upstreamId": "502", "name": "New", "locations": [yard("502", "3")] },
    ]);
    assert_eq!(data(&answer)["customers"]["nodes"], expected);
    assert_eq!(calls.len(), 1);
}

#[tokio::test]
async fn g1_the_sandbox_rows_of_every_api_version_are_read() {
    for version in ["2019/02/08", "2021/04/07", "2023/04/19"] {
        let version = serde_json::from_value(json!(version)).unwrap();
        let world = World::with(|config| config.cro.api_version = version).await;
        let query = "{ customers(first: 1) { nodes { upstreamId } } location(id: 3) { jobs(first: 1) { nodes { customer { name } createdBy } } } }";
        let answer = world.ask(&Caller::dispatcher(), query).await;
        let data = data(&answer);
        assert!(data["customers"]["nodes"][0]["upstreamId"].is_string());
        let job = &data["location"]["jobs"]["nodes"][0];
        assert!(job["customer"]["name"].is_string() && job["createdBy"].is_string());
    }
}

#[tokio::test]
async fn g5_a_flag_is_a_boolean_a_number_or_a_word_in_any_case() {
    let spellings = [
        (json!(true), true),
        (json!("True"), true),
        (json!(1), true),
        (json!("1"), true),
        (json!(false), false),
        (json!("FALSE"), false),
        (json!(0), false),
        (json!("0"), false),
    ];
    for (spelling, meant) in spellings {
        let customer =
            json!({ "id": 7, "locations": [{ "location_id": 3, "is_active": spelling }] });
        let query = "{ customer(id: 7) { locations { isActive } } }";
        let (answer, _) = with("/customers/7", customer, query).await;
        let shown = &data(&answer)["customer"]["locations"][0]["isActive"];
        assert_eq!(shown, &json!(meant), "{spelling}");
    }
}

#[tokio::test]
async fn g5_a_word_that_is_no_flag_is_an_invalid_response_and_no_guess() {
    let customer = json!({ "id": 7, "locations": [{ "location_id": 3, "is_active": "maybe" }] });
    let query = "{ customer(id: 7) { locations { isActive } } }";
    let (answer, _) = with("/customers/7", customer, query).await;
    assert_eq!(code(&answer), "UPSTREAM_INVALID_RESPONSE");
}

#[tokio::test]
async fn g6_members_marked_required_may_be_null() {
    let hauler = "60509b37-17d4-49d8-8107-d69188a08355";
    let connection = json!({
        "third_party_hauler_id": hauler, "location_id": 3, "provider_id": 34, "provider_name": null,
        "requested_on": null, "is_approved": null, "approved_on": null, "approved_by": null, "denied_on": null,
    });
    let query = "{ hauler(id: \"60509b37-17d4-49d8-8107-d69188a08355\") { connections { status requestedAt approvedAt approvedBy deniedAt providerName } } }";
    let path = format!("/haulers/{hauler}/connections");
    let (answer, _) = with(&path, page(&[connection]), query).await;
    let expected = json!({
        "status": "PENDING", "requestedAt": null, "approvedAt": null, "approvedBy": null,
        "deniedAt": null, "providerName": null,
    });
    assert_eq!(data(&answer)["hauler"]["connections"][0], expected);

    let link =
        json!({ "location_id": 3, "renewal_date": null, "is_active": null, "created_on": null });
    let customer = json!({
        "id": 7, "name": null, "parent_id": null, "created_on": null, "contacts": null,
        "addresses": [{ "id": 1, "country": null, "is_billing": null, "line_1": null }], "locations": [link],
    });
    let query = "{ customer(id: 7) { name createdAt parent { name } contacts { name } addresses { country isBilling } locations { renewalDate isActive createdAt } } }";
    let (answer, _) = with("/customers/7", customer, query).await;
    let expected = json!({
        "name": null, "createdAt": null, "parent": null, "contacts": [],
        "addresses": [{ "country": null, "isBilling": null }],
        "locations": [{ "renewalDate": null, "isActive": null, "createdAt": null }],
    });
    assert_eq!(data(&answer)["customer"], expected);
}

#[tokio::test]
async fn g6_trucks_jobs_and_bins_need_nothing_but_an_id() {
    for (list, item) in [
        ("users", "username"),
        ("drivers", "name"),
        ("trucks", "driver { name }"),
        ("jobs", "truck { name } customer { name }"),
        ("assets", "customer { name } assetType { name }"),
    ] {
        let path = format!("/locations/3/{list}");
        let query = format!(
            "{{ location(id: 3) {{ {list} {{ nodes {{ upstreamId hidden: __typename {item} }} }} }} }}"
        );
        let (answer, calls) = with(&path, page(&[json!({ "id": 9 })]), &query).await;
        let nodes = &data(&answer)["location"][list]["nodes"];
        assert_eq!(nodes[0]["upstreamId"], json!("9"), "{list}");
        assert_eq!(calls.len(), 2, "{calls:?}");
    }
}

#[tokio::test]
async fn g7_the_moment_of_the_last_update_may_be_missing() {
    let customer = json!({ "id": 7, "name": "Dateless", "locations": [{ "location_id": 3 }] });
    let query = "{ customer(id: 7) { name lastUpdatedAt locations { lastUpdatedAt } } }";
    let (answer, calls) = with("/customers/7", customer, query).await;
    let expected = json!({ "name": "Dateless", "lastUpdatedAt": null, "locations": [{ "lastUpdatedAt": null }] });
    assert_eq!(data(&answer)["customer"], expected);
    assert_eq!(calls.len(), 1, "it is not looked for elsewhere");
}

#[tokio::test]
async fn g8_moments_are_shown_as_printed_even_those_to_come() {
    let customer = json!({ "id": 7, "created_on": "2999-10-19T04:06:50.733000", "locations": [] });
    let (answer, _) = with(
        "/customers/7",
        customer,
        "{ customer(id: 7) { createdAt } }",
    )
    .await;
    assert_eq!(
        data(&answer)["customer"]["createdAt"],
        json!("2999-10-19T04:06:50.733000")
    );
}

#[tokio::test]
async fn g11_an_error_has_a_field_a_title_or_is_bare_text() {
    for (body, detail) in [
        (
            json!({ "field": "ListModel.name", "detail": "Too long.", "explanation": "x" }),
            "Too long.",
        ),
        (
            json!({ "title": "Bad Request", "detail": "Too long.", "explanation": "x" }),
            "Too long.",
        ),
        (json!({ "title": "Too long." }), "Too long."),
        (json!("Too long."), "Too long."),
    ] {
        let world = World::new().await;
        instead(&world, "/customers", json!({ "status": 400, "body": body })).await;
        let answer = world
            .ask(&Caller::dispatcher(), "{ customers { totalCount } }")
            .await;
        assert_eq!(code(&answer), "BAD_USER_INPUT");
        assert_eq!(answer["errors"][0]["message"], json!(detail), "{body}");
    }
}

#[tokio::test]
async fn g14_the_list_of_customers_may_hold_plain_customers() {
    let rows = [
        json!({ "id": 7, "name": "Plain", "created_on": "2021-03-02T16:20:10", "locations": [{ "location_id": 3 }] }),
        json!({ "customer_id": 8, "location_id": 3, "name": "Linked", "created_on": "2021-03-02T16:20:10" }),
    ];
    let query = "{ customers { nodes { name locations { locationId } } } }";
    let (answer, calls) = with("/customers", page(&rows), query).await;
    let yards = json!([{ "locationId": "3" }]);
    let expected =
        json!([{ "name": "Plain", "locations": yards }, { "name": "Linked", "locations": yards }]);
    assert_eq!(data(&answer)["customers"]["nodes"], expected);
    assert_eq!(calls.len(), 1);

    let (answer, calls) = with(
        "/customers",
        page(&rows[..1]),
        "{ customers { nodes { createdAt } } }",
    )
    .await;
    assert_eq!(
        data(&answer)["customers"]["nodes"][0]["createdAt"],
        json!("2021-03-02T16:20:10")
    );
    assert_eq!(calls.len(), 1, "a plain customer is whole");
}

#[tokio::test]
async fn g17_the_driver_of_a_truck_is_a_number_or_a_text() {
    for id in [json!(1230), json!("1230")] {
        let trucks = page(&[json!({ "id": 9, "driver_id": id })]);
        let query = "{ location(id: 3) { trucks { nodes { driverId driver { upstreamId } } } } }";
        let (answer, _) = with("/locations/3/trucks", trucks, query).await;
        let expected = json!([{ "driverId": "1230", "driver": { "upstreamId": "1230" } }]);
        assert_eq!(data(&answer)["location"]["trucks"]["nodes"], expected);
    }
    let trucks = page(&[json!({ "id": 9, "driver_id": "nobody" })]);
    let query = "{ location(id: 3) { trucks { nodes { driverId driver { upstreamId } } } } }";
    let (answer, calls) = with("/locations/3/trucks", trucks, query).await;
    let expected = json!([{ "driverId": "nobody", "driver": null }]);
    assert_eq!(data(&answer)["location"]["trucks"]["nodes"], expected);
    assert_eq!(calls.len(), 2, "what is no id is not asked for");
}

#[tokio::test]
async fn g17_a_sales_representative_is_a_number_a_uuid_or_a_name() {
    for id in [
        json!(12),
        json!("12"),
        json!("3d0f3a52-6c1e-4d0c-9c39-6b1f0a7d2e11"),
        json!("b_placeholder"),
    ] {
        let customer = json!({ "id": 7, "locations": [{ "location_id": 3, "sales_rep_id": id }] });
        let query = "{ customer(id: 7) { locations { salesRepId } } }";
        let (answer, _) = with("/customers/7", customer, query).await;
        let text = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        assert_eq!(
            data(&answer)["customer"]["locations"][0]["salesRepId"],
            json!(text)
        );
    }
}

#[tokio::test]
async fn g23_a_creation_may_answer_with_any_success_and_an_older_request() {
    let hauler = "60509b37-17d4-49d8-8107-d69188a08355";
    let older = json!({
        "third_party_hauler_id": hauler, "location_id": 3, "provider_id": 34,
        "requested_on": "2021-02-01T10:00:00.691708", "is_approved": true, "approved_on": "2021-02-02T10:00:00.000",
    });
    for status in [200, 201] {
        let world = World::new().await;
        let path = format!("/haulers/{hauler}/connections");
        instead(&world, &path, json!({ "status": status, "body": older })).await;
        let write = "mutation { createHaulerConnection(input: { haulerId: \"60509b37-17d4-49d8-8107-d69188a08355\", tenantCode: \"JUNIPER+3\" }) { haulerConnection { status requestedAt } } }";
        let answer = world.ask(&Caller::dispatcher(), write).await;
        let expected = json!({ "status": "APPROVED", "requestedAt": "2021-02-01T10:00:00.691708" });
        assert_eq!(
            data(&answer)["createHaulerConnection"]["haulerConnection"],
            expected
        );
    }
}
