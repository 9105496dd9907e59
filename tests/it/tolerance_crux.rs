//! The gaps and contradictions of Crux's documentation, by their numbers in the reference: whatever
//! the upstream makes of them, the graph answers sensibly.

use haulgraph::config::CruxNames;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{Api, Caller, World};

/// A request that the sandbox knows; it has neither integrations nor an account number.
const KNOWN: &str = "245952cb-366b-43c3-ac0f-9e29f20df799";

const CREATE: &str = r#"mutation { requestTradingConnection(input: {
    organizationName: "Invented Kettles", primaryContactName: "Ada Example", integrations: [{ type: ITEM }]
}) { requestId requestedAt warnings tradingConnectionRequest { upstreamId } } }"#;

/// A world in which calls of `method` and `path` are answered with `status` and `body`.
async fn world(method: &str, path: &str, status: u16, body: &Value) -> World {
    let world = World::new().await;
    let matches = json!({ "method": method, "path": path });
    let fault = json!({ "match": matches, "status": status, "body": body });
    world.fault(Api::Crux, fault).await;
    world
}

/// What the query's only field says where `path` answers `body`.
async fn read(path: &str, body: Value, query: &str) -> Value {
    let method = if path.contains("discovery") {
        "POST"
    } else {
        "GET"
    };
    let world = world(method, path, 200, &body).await;
    only(&world.ask(&Caller::dispatcher(), query).await)
}

/// The value of the only field, without errors.
fn only(answer: &Value) -> Value {
    assert_eq!(answer["errors"], Value::Null);
    let data = answer["data"].as_object().unwrap();
    assert_eq!(data.len(), 1);
    data.values().next().unwrap().clone()
}

/// What a request's fields say where its read answers these members.
async fn request(members: Value, fields: &str) -> Value {
    let mut body = json!({ "record_uuid": KNOWN });
    let all = body.as_object_mut().unwrap();
    all.extend(members.as_object().cloned().unwrap());
    let query = format!("{{ tradingConnectionRequest(id: \"{KNOWN}\") {{ {fields} }} }}");
    read("*/request/*", body, &query).await
}

/// What a connection's fields say where the list has one with these members.
async fn connection(members: Value, fields: &str) -> Value {
    let organization = json!({ "uuid": "o", "name": "Invented Kettles" });
    let side = |uuid: &str| json!({ "uuid": uuid, "organization": organization });
    let mut body = json!({ "uuid": KNOWN, "retailer": side("r"), "supplier": side("s") });
    let all = body.as_object_mut().unwrap();
    all.extend(members.as_object().cloned().unwrap());
    let query = format!("{{ tradingConnections {{ {fields} }} }}");
    read("/organizations/connections/", json!([body]), &query).await[0].clone()
}

/// What `requestTradingConnection` says of this answer, and the calls that it made.
async fn create(status: u16, body: Value) -> (Value, Vec<String>) {
    let world = world("POST", "*", status, &body).await;
    let answer = world.ask(&Caller::dispatcher(), CREATE).await;
    (only(&answer), world.calls(Api::Crux).await)
}

#[rstest]
#[case("request_uuid")]
#[case("uuid")]
#[case("record_uuid")]
#[tokio::test]
async fn g1_the_id_of_a_new_request_has_three_names(#[case] name: &str) {
    let (payload, calls) = create(201, json!({ name: KNOWN })).await;
    assert_eq!(payload["tradingConnectionRequest"]["upstreamId"], KNOWN);
    assert_eq!(calls.len(), 2);
    assert!(
        calls[1].contains(&format!("/request/{KNOWN}/")),
        "never among the connections"
    );
}

#[rstest]
#[case(201, json!({}))]
#[case(201, json!([KNOWN]))]
#[case(201, json!("created"))]
#[case(200, json!({ "message": "ok" }))]
#[case(204, Value::Null)]
#[tokio::test]
async fn g1_a_new_request_without_an_id_is_made_all_the_same_and_once(
    #[case] status: u16,
    #[case] body: Value,
) {
    let (payload, calls) = create(status, body).await;
    assert_eq!(payload["requestId"], Value::Null);
    assert_eq!(payload["warnings"].as_array().unwrap().len(), 1);
    // What cannot be read at all is looked for, but never sent again.
    let writes = calls.iter().filter(|call| call.starts_with("POST"));
    assert_eq!(writes.count(), 1, "{calls:?}");
}

#[tokio::test]
async fn g2_integrations_that_were_dropped_are_a_warning() {
    let (payload, _) = create(201, json!({ "request_uuid": KNOWN })).await;
    let warning = payload["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("did not store all integrations"),
        "{warning}"
    );
}

#[tokio::test]
async fn g2_g6_requests_are_written_under_the_names_that_the_operator_says() {
    for (names, list, kind, number) in [
        (
            CruxNames::Samples,
            "integrations",
            "integration_type",
            "retailer_account_number",
        ),
        (
            CruxNames::Text,
            "requested_integrations",
            "type",
            "organization_account_number",
        ),
    ] {
        let world = World::with(|config| config.crux.write_names = names).await;
        let caller = Caller::dispatcher();
        let create = "mutation { requestTradingConnection(input: { organizationName: \"A\", primaryContactName: \"B\", integrations: [{ type: ITEM }] }) { requestId } }";
        let answer = world.ask(&caller, create).await;
        let id = &answer["data"]["requestTradingConnection"]["requestId"];
        let change = format!(
            "mutation {{ updateTradingConnectionRequest(input: {{ requestId: {id}, organizationAccountNumber: \"7\", integrations: [{{ type: ORDER }}] }}) {{ warnings }} }}"
        );
        world.ask(&caller, &change).await;
        let sent = world.logged_bodies(Api::Crux).await;
        let sent: Vec<_> = sent.iter().filter(|body| body.is_object()).collect();
        assert_eq!(sent[0][list][0]["type"], "item");
        let (changed, members) = (sent[1], sent[1][list].as_array().unwrap());
        assert_eq!(changed[number], "7");
        assert!(members.iter().any(|one| one[kind] == "order"), "{changed}");
    }
}

#[tokio::test]
async fn g3_kinds_of_integrations_are_read_in_singular_plural_and_unknown() {
    let words = [
        "item",
        "Items",
        "ORDERS",
        "allocation",
        "trackings",
        "other",
        "invoices",
        "",
    ];
    let integrations: Vec<Value> = words
        .iter()
        .map(|word| json!({ "record_uuid": "i", "integration_type": word }))
        .collect();
    let read = request(
        json!({ "integrations": integrations }),
        "integrations { type rawType }",
    )
    .await;
    let kinds: Vec<&Value> = read["integrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["type"])
        .collect();
    let expected = json!([
        "ITEM",
        "ITEM",
        "ORDER",
        "ALLOCATION",
        "TRACKING",
        "OTHER",
        "OTHER",
        null
    ]);
    assert_eq!(json!(kinds), expected);
    assert_eq!(read["integrations"][6]["rawType"], "invoices");
}

#[tokio::test]
async fn g4_an_update_frequency_is_an_opaque_text() {
    let texts = [
        json!("15 6 * * 1"),
        json!("* 15 6 * * 1"),
        json!("ftp://host/in"),
        json!(null),
    ];
    let integrations: Vec<Value> = texts
        .iter()
        .map(|text| json!({ "record_uuid": "i", "update_frequency": text }))
        .collect();
    let read = request(
        json!({ "integrations": integrations }),
        "integrations { updateFrequency }",
    )
    .await;
    let shown: Vec<&Value> = read["integrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["updateFrequency"])
        .collect();
    assert_eq!(json!(shown), json!(texts));
}

#[rstest]
#[case("2024-03-05 14:07:09.123456+00:00", json!("2024-03-05T14:07:09.123456Z"))]
#[case("2024-03-05T14:07:09Z", json!("2024-03-05T14:07:09Z"))]
#[case("2024-03-05 14:07:09", json!("2024-03-05T14:07:09Z"))]
#[case("2024-03-05", Value::Null)]
#[case("just now", Value::Null)]
#[tokio::test]
async fn g7_the_moment_of_a_new_request_is_read_in_every_form(
    #[case] text: &str,
    #[case] shown: Value,
) {
    let (payload, _) = create(201, json!({ "request_uuid": KNOWN, "request_date": text })).await;
    assert_eq!(payload["requestedAt"], shown);
}

#[rstest]
#[case("2024-03-05", json!("2024-03-05"))]
#[case("2024-03-05 23:07:09.123456+00:00", json!("2024-03-05"))]
#[case("some day", Value::Null)]
#[tokio::test]
async fn g7_the_day_of_a_request_is_read_in_every_form(#[case] text: &str, #[case] shown: Value) {
    let read = request(json!({ "request_date": text }), "requestDate").await;
    assert_eq!(read["requestDate"], shown);
}

#[tokio::test]
async fn g8_another_page_than_the_one_asked_for_is_an_error_and_not_shown_twice() {
    let page = json!({ "requests": [{ "record_uuid": KNOWN }], "pagination": { "total_count": 9, "start": 0, "limit": 1 } });
    let world = world("GET", "*/request/", 200, &page).await;
    let query = r#"{ tradingConnectionRequests(first: 1, after: "YWZ0ZXI6Mw") { nodes { id } } }"#;
    let answer = world.ask(&Caller::dispatcher(), query).await;
    let code = &answer["errors"][0]["extensions"]["code"];
    assert_eq!(code, "UPSTREAM_INVALID_RESPONSE");
    let calls = world.calls(Api::Crux).await;
    assert_eq!(
        calls,
        ["GET /organizations/connections/request/?start=4&limit=1 200"]
    );
}

#[rstest]
#[case(json!({ "total_count": 3, "start": null, "limit": null }), json!(3), true)]
#[case(json!({ "total_count": "2", "start": "0", "limit": "100" }), json!(2), false)]
#[case(json!({ "total_count": 2, "next_start_index": null }), json!(2), false)]
#[case(Value::Null, Value::Null, true)]
#[tokio::test]
async fn g9_the_numbers_of_a_page_may_be_missing(
    #[case] pagination: Value,
    #[case] total: Value,
    #[case] more: bool,
) {
    let fields = "totalCount pageInfo { hasNextPage } nodes { __typename }";
    for (path, list, field) in [
        ("*/request/", "requests", "tradingConnectionRequests"),
        ("/discovery/suppliers/", "suppliers", "discoverySuppliers"),
    ] {
        let item = |uuid: &str| json!({ "uuid": uuid, "record_uuid": uuid });
        let body = json!({ list: [item("a"), item("b")], "pagination": pagination });
        let page = read(
            path,
            body,
            &format!("{{ {field}(first: 2) {{ {fields} }} }}"),
        )
        .await;
        assert_eq!(page["totalCount"], total, "{field}");
        assert_eq!(page["pageInfo"]["hasNextPage"], more, "{field}");
        assert_eq!(page["nodes"].as_array().unwrap().len(), 2, "{field}");
    }
}

#[tokio::test]
async fn g11_a_party_and_its_organization_keep_their_own_ids() {
    let read = connection(
        json!({}),
        "retailer { upstreamId organization { upstreamId } } supplier { upstreamId }",
    )
    .await;
    assert_eq!(read["retailer"]["upstreamId"], "r");
    assert_eq!(read["retailer"]["organization"]["upstreamId"], "o");
    assert_eq!(read["supplier"]["upstreamId"], "s");
}

#[tokio::test]
async fn g12_what_one_release_lacks_is_null_and_what_nobody_knows_is_ignored() {
    let body = json!({ "uuid": "o", "logo": { "href": "x" }, "tags": [1, 2] });
    let fields =
        "name website type status createdAt retailerId supplierId accountManager { upstreamId }";
    let read = read(
        "/organizations/",
        body,
        &format!("{{ ownOrganization {{ {fields} }} }}"),
    )
    .await;
    let values = read.as_object().unwrap().values();
    assert!(values.into_iter().all(Value::is_null), "{read}");
}

#[rstest]
#[case(200)]
#[case(201)]
#[case(202)]
#[tokio::test]
async fn g13_every_success_of_a_create_is_one(#[case] status: u16) {
    let (payload, _) = create(status, json!({ "request_uuid": KNOWN })).await;
    assert_eq!(payload["tradingConnectionRequest"]["upstreamId"], KNOWN);
}

#[rstest]
#[case(json!({ "detail": "Said so." }), "Said so.")]
#[case(json!({ "organization_name": ["Said so."] }), "organization_name: Said so.")]
#[case(json!({ "non_field_errors": ["Said so."] }), "Said so.")]
#[case(json!({ "message": "Said so." }), "Said so.")]
#[case(json!("Said so."), "Said so.")]
#[case(json!("<html><body>Said so.</body></html>"), "crux answered with status 400.")]
#[case(json!(""), "crux answered with status 400.")]
#[case(json!([[[]]]), "crux answered with status 400.")]
#[tokio::test]
async fn g14_an_error_is_mapped_by_its_status_and_shown_by_its_body(
    #[case] body: Value,
    #[case] message: &str,
) {
    let world = world("POST", "*", 400, &body).await;
    let answer = world.ask(&Caller::dispatcher(), CREATE).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(error["message"], message);
    assert_eq!(
        world.calls(Api::Crux).await.len(),
        1,
        "a write is never repeated"
    );
}

#[rstest]
#[case(json!({ "uuid": "m", "person": { "uuid": "p", "first_name": "Ada ", "last_name": "Example" } }), json!("Ada Example"), json!("m"))]
#[case(json!("Ada Example"), json!("Ada Example"), Value::Null)]
#[case(Value::Null, Value::Null, Value::Null)]
#[tokio::test]
async fn g15_an_approver_is_an_employee_a_name_or_nobody(
    #[case] approver: Value,
    #[case] name: Value,
    #[case] id: Value,
) {
    let read = request(
        json!({ "approved_by": approver }),
        "approvedByName approvedBy { upstreamId }",
    )
    .await;
    assert_eq!(read["approvedByName"], name);
    assert_eq!(
        read["approvedBy"]
            .get("upstreamId")
            .cloned()
            .unwrap_or_default(),
        id
    );
}

#[tokio::test]
async fn g15_a_switch_may_be_a_word() {
    let channels: Vec<Value> = [json!("True"), json!("false"), json!(1), json!(null)]
        .into_iter()
        .map(|enabled| json!({ "notification_via": "Email", "enabled": enabled }))
        .collect();
    let body = json!([{ "uuid": "n", "notification_type": channels }]);
    let query = "{ notificationSettings { channels { medium isEnabled } } }";
    let read = read("*/notification-settings/", body, query).await;
    let channel = |at: usize| &read[0]["channels"][at];
    let shown: Vec<_> = (0..4).map(|at| channel(at)["isEnabled"].clone()).collect();
    assert_eq!(json!(shown), json!([true, false, true, null]));
    assert_eq!(channel(0)["medium"], "EMAIL");
}

#[rstest]
#[case(json!(null))]
#[case(json!(""))]
#[case(json!("  "))]
#[tokio::test]
async fn g17_empty_is_absent(#[case] empty: Value) {
    let members = json!({ "retailer_account_number": empty, "supplier_account_number": empty, "additional_information": empty });
    let read = request(
        members,
        "retailerAccountNumber supplierAccountNumber additionalInformation",
    )
    .await;
    assert!(
        read.as_object().unwrap().values().all(Value::is_null),
        "{read}"
    );
}

#[rstest]
#[case(json!("CONFIRMATION WAITING"), json!("CONFIRMATION_WAITING"))]
#[case(json!("active"), json!("ACTIVE"))]
#[case(json!("ARCHIVED"), json!("OTHER"))]
#[case(json!(""), Value::Null)]
#[tokio::test]
async fn g18_a_status_with_a_space_and_an_unknown_one_are_shown(
    #[case] word: Value,
    #[case] status: Value,
) {
    let read = connection(json!({ "status": word }), "status rawStatus").await;
    assert_eq!(read["status"], status);
    let raw = if status.is_null() { Value::Null } else { word };
    assert_eq!(read["rawStatus"], raw);
}

#[rstest]
#[case(json!({ "is_approved": true }), "APPROVED")]
#[case(json!({ "is_approved": false }), "PENDING")]
#[case(json!({ "is_approved": "True" }), "APPROVED")]
#[case(json!({}), "PENDING")]
#[tokio::test]
async fn g18_a_request_is_approved_or_pending(#[case] members: Value, #[case] status: &str) {
    assert_eq!(request(members, "status").await["status"], status);
}

#[tokio::test]
async fn g20_account_numbers_are_passed_on_under_their_own_names() {
    let members = json!({ "suppliers_retailer_account_number": 17, "retailers_supplier_account_number": "RS-1" });
    let fields = "suppliersRetailerAccountNumber retailersSupplierAccountNumber";
    let read = connection(members, fields).await;
    let expected =
        json!({ "suppliersRetailerAccountNumber": "17", "retailersSupplierAccountNumber": "RS-1" });
    assert_eq!(read, expected);
}

#[rstest]
#[case(404)]
#[case(422)]
#[tokio::test]
async fn g21_a_request_that_is_not_known_is_null(#[case] status: u16) {
    let world = world(
        "GET",
        "*/request/*",
        status,
        &json!({ "detail": "Not found." }),
    )
    .await;
    let query = format!("{{ tradingConnectionRequest(id: \"{KNOWN}\") {{ id }} }}");
    let answer = world.ask(&Caller::dispatcher(), &query).await;
    assert_eq!(only(&answer), Value::Null);
}

#[rstest]
#[case(401, "UNAUTHENTICATED")]
#[case(403, "FORBIDDEN")]
#[tokio::test]
async fn g21_a_refused_token_is_told_and_the_call_is_not_repeated(
    #[case] status: u16,
    #[case] code: &str,
) {
    let world = world("GET", "*", status, &json!({ "detail": "Invalid token." })).await;
    let answer = world
        .ask(&Caller::dispatcher(), "{ ownOrganization { name } }")
        .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], code);
    assert_eq!(world.calls(Api::Crux).await.len(), 1);
}

#[tokio::test]
async fn g22_no_cookie_is_sent_or_kept() {
    let world = World::new().await;
    let cookie = json!({ "headers": { "set-cookie": "sessionid=0123456789abcdef; Path=/" } });
    world.fault(Api::Crux, cookie).await;
    let caller = Caller::dispatcher().header("cookie", "sessionid=caller");
    for query in [
        "{ ownOrganization { name } }",
        "{ notifications { title } }",
    ] {
        let answer = world.ask(&caller, query).await;
        assert_eq!(answer["errors"], Value::Null);
    }
    for headers in world.logged_headers(Api::Crux).await {
        assert_eq!(headers["cookie"], Value::Null);
        assert!(headers["authorization"].is_string());
    }
}

#[tokio::test]
async fn a_list_in_place_of_an_object_is_no_answer() {
    for (path, body, query) in [
        (
            "/organizations/",
            json!(["o"]),
            "{ ownOrganization { name } }",
        ),
        (
            "/notifications/",
            json!([["n"]]),
            "{ notifications { title } }",
        ),
        (
            "*/request/",
            json!([[]]),
            "{ tradingConnectionRequests { totalCount } }",
        ),
    ] {
        let world = world("GET", path, 200, &body).await;
        let answer = world.ask(&Caller::dispatcher(), query).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "UPSTREAM_INVALID_RESPONSE", "{path}");
    }
}
